"""Garbled lines into repaired lines: tokens to a lattice, the best path back to words with their raw spans; twice, with what the first
round taught about this document's own confusions."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline import settings
from pipeline.document import Alternative, Box, Line, Word
from pipeline.repair.candidates import Reader, defined_abbreviations
from pipeline.repair.cases import cases, in_capitals
from pipeline.repair.channel import Channel
from pipeline.repair.engines import KNOWN_ENGINE, STRANGE_COST, STRANGE_ENGINE, STRIPPED, SURE, adapted, cost_of_words, doubted, is_stripped
from pipeline.repair.grammar import BREAK, CLASSES, NUMBER, ROMAN, SYMBOL
from pipeline.repair.language import Language
from pipeline.repair.lattice import Lattice, best_path
from pipeline.repair.markers import mended_markers, quarters, unsure_numerals
from pipeline.repair.own_words import OwnWords
from pipeline.repair.readings import Candidate, Options, Place
from pipeline.repair.readings import Choice as Choice
from pipeline.repair.readings import Edge as Edge
from pipeline.repair.readings import Token as Token
from pipeline.repair.shortened import middle_names
from pipeline.repair.store import Model
from pipeline.repair.symbols import find
from pipeline.repair.trie import LONGEST_TOKEN, WIDTHS, Search

# Share of right words among those without a close rival, by the channel's cost a character (nats): words it made, tokens left as they
# are. Measured on the development pages; a token that nothing explains is mostly what the reader made of a speck or a lost word.
COST_OF_WORDS, SHARE_OF_WORDS = (1.0, 2.0, 3.0, 5.0), (1.0, 0.97, 0.89, 0.7)
COST_OF_RAW, SHARE_OF_RAW = (2.0, 2.5, 3.0, 4.0), (1.0, 0.9, 0.5, 0.2)
LEARNED_FROM = 6000  # tokens that tell how a document was misread; more bring nothing
BLOCK = 3000  # tokens decoded at a time
LAST_RESORT = 12.0
UNSURE = 0.5  # nats between two readings of a heading's number that only the page can tell: such a word asks for review
MIDDLE_NAME = 3.0  # nats by which `Thị` and `Văn` are likelier between two words with capitals than texts of all kinds say
JOINED_LENGTH = 8  # characters of two tokens that may be one syllable
_NUMBER_WORD = re.compile(r"[sS5§][ob0O68§6ôốồổỏóé&]{0,2}(:?)")
_PLAIN_NAME = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]*")
_TOKEN = re.compile(r"\S+")
_MARKER = re.compile(r"[-–—+•*·]|(?:[IVXivx]+|\d{1,2}(?:\.\d{1,2})*|[a-zđ])[.)/]?")
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
MARKED, FEW = 0.2, 4  # share of words with such letters in a marked line; words of a line that tells little by itself
_QUOTES = '“"«'
_ENDS = re.compile(r"[.!?:…][”\"’')]*$")


def tokens_of(raws: Sequence[str]) -> list[Token]:
    """The tokens of lines in order, each with its place; the lines are taken as one running text."""
    out: list[Token] = []
    ended = True
    marked = _marked_lines(raws)
    for k, raw in enumerate(raws):
        found = list(_TOKEN.finditer(raw))
        capitals = in_capitals(raw)
        case = cases([m.group() for m in found])
        if not found or capitals:
            ended = True
        for j, m in enumerate(found):
            marker = j == 0 and bool(_MARKER.fullmatch(m.group()))
            out.append(
                Token(
                    k,
                    m.group(),
                    m.start(),
                    m.end(),
                    Place(bool(case[j]), ended or m.group()[0] in _QUOTES, j == 0, marked[k], case[j] == "only"),
                )
            )
            ended = marker or bool(_ENDS.search(m.group()))
        if capitals:
            ended = True
    return out


def _marked_lines(raws: Sequence[str]) -> list[bool]:
    """Which lines bear marks that only a Vietnamese reader writes; a line of few words goes with those around it."""
    words = np.array([sum(any(c.isalpha() for c in w) for w in raw.split()) for raw in raws])
    marked = np.array([sum(bool(_VIETNAMESE.search(w)) for w in raw.split()) for raw in raws])
    around = np.ones(5, int)
    near = np.convolve(marked, around, "same")[: len(raws)], np.convolve(words, around, "same")[: len(raws)]
    own = marked >= MARKED * np.maximum(words, 1)
    few = near[0] >= MARKED * np.maximum(near[1], 1)
    return [bool(f and (o or w < FEW)) for o, f, w in zip(own, few, words, strict=True)] if len(raws) > 4 else [bool(o) for o in own]


class Restorer:
    """Restores running texts with one model; `settings`: beam and weight; `near` is a language model of like documents to mix in."""

    right: float | None = None  # nats by which a word that is one stays; None: as the engine has it

    def __init__(self, model: Model, options: settings.Repair, near: Language | None = None) -> None:
        self.model, self.options, self.near = model, options, near

    def choose(self, raws: Sequence[str], known: Sequence[str] = (), rounds: int = 2) -> tuple[list[Token], list[Choice]]:
        """The tokens of the lines, and the chosen edges that cover them in order."""
        tokens = self.tokens(raws)
        fixed = self._fixed(raws, tokens)
        confusions = self.model.confusions
        choices: list[Choice] = []
        cost = 0.0
        own: OwnWords | None = None
        engine = STRIPPED if is_stripped(tokens) else KNOWN_ENGINE
        abbreviations = defined_abbreviations([t.text for t in tokens if not t.place.capitals], known)
        k = 0
        while k < rounds:
            weight = self.options.channel_weight * engine.weight
            channel = Channel(confusions, self.model.trie.glyphs, self.model.trie.doubles, weight)
            last = k + 1 == rounds
            read = tokens if last else tokens[:LEARNED_FROM]
            channel.prepare({t.text for t in read if len(t.text) <= LONGEST_TOKEN})
            search = Search(self.model.trie, channel, len(self.model.units), WIDTHS if last else WIDTHS[:1])
            reader = Reader(self.model, search, abbreviations, not last, engine.right if self.right is None else self.right)
            choices = self._decode(read, reader, fixed, own, engine.sharpness)
            if k == 0 and rounds > 1:
                cost = cost_of_words(choices)
                if cost > STRANGE_COST:
                    engine, rounds = STRANGE_ENGINE, rounds + 1
            if not last:
                confusions = adapted(self.model.confusions, channel, choices, engine)
                own = self._own_words(choices)
            k += 1
        return tokens, doubted(tokens, choices, cost) if engine is STRANGE_ENGINE else choices

    def tokens(self, raws: Sequence[str]) -> list[Token]:
        """The tokens of the lines with their places."""
        return tokens_of(raws)

    def _own_words(self, choices: Sequence[Choice]) -> OwnWords | None:
        """The sure words of letters of a round."""
        sure = (c.edge for c in choices if c.confidence >= SURE and len(c.edge.candidate.words) == 1 and c.edge.candidate.units)
        sights = ((e.candidate.units[0], e.begin) for e in sure if e.candidate.units[0] >= len(CLASSES))
        return OwnWords.of(sights, self.model.language.prob1)

    def _fixed(self, raws: Sequence[str], tokens: Sequence[Token]) -> dict[int, list[Edge]]:
        """Edges that a grammar settles beforehand, by the token they begin at: symbols of documents, marks that open a line."""
        index = self.model.index
        by_line: dict[int, list[int]] = {}
        for k, t in enumerate(tokens):
            by_line.setdefault(t.line, []).append(k)
        out: dict[int, list[Edge]] = {}
        for line, found in by_line.items():
            raw = raws[line]
            if tokens[found[0]].place.marked:
                continue
            for symbol in find(raw):
                inside = [k for k in found if tokens[k].start < symbol.end and tokens[k].end > symbol.start]
                first, last = tokens[inside[0]], tokens[inside[-1]]
                lead, trail = raw[first.start : symbol.start], raw[symbol.end : last.end]
                if len(inside) > 2 or any(c.isalnum() for c in lead + trail):
                    continue
                units = (index[SYMBOL], index[BREAK]) if any(c in ".;:" for c in trail) else (index[SYMBOL],)
                out[inside[0]] = [
                    Edge(inside[0], inside[-1] + 1, Candidate(tuple((lead + text + trail).split(" ")), units, cost))
                    for text, cost in ((symbol.text, 0.0), *((r, 1.5) for r in symbol.rivals))
                ]
        unsure = unsure_numerals(raws)
        for line, (start, end, text) in mended_markers(raws).items():
            k = by_line[line][0]
            t = tokens[k]
            if t.place.marked:
                continue
            if t.start <= start and end <= t.end:
                kind = NUMBER if text[0].isdigit() else ROMAN
                lead, trail = raws[line][t.start : start], raws[line][end : t.end]
                ways = ((text, 0.0), (text[:-1], UNSURE)) if line in unsure else ((text, 0.0),)
                out[k] = [Edge(k, k + 1, Candidate((lead + x + trail,), (index[kind], index[BREAK]), cost)) for x, cost in ways]
        for line, found in by_line.items():
            for start, end, text in quarters(raws[line]):
                (k,) = (k for k in found if tokens[k].start <= start and end <= tokens[k].end)
                t = tokens[k]
                if not t.place.marked:
                    out[k] = [
                        Edge(k, k + 1, Candidate((raws[line][t.start : start] + text + raws[line][end : t.end],), (index[ROMAN],), 0.0))
                    ]
        return out

    def _decode(
        self, tokens: list[Token], reader: Reader, fixed: dict[int, list[Edge]], own: OwnWords | None, sharpness: float
    ) -> list[Choice]:
        """The best path through all tokens, block by block so that memory stays bounded; blocks end where sentences do."""
        out: list[Choice] = []
        begin = 0
        while begin < len(tokens):
            end = begin + BLOCK
            while end < min(len(tokens), begin + 2 * BLOCK) and not (
                tokens[end].place.sentence and tokens[end].line != tokens[end - 1].line
            ):
                end += 1
            end = min(end, len(tokens))
            if end < len(tokens) and end - 1 in fixed and fixed[end - 1][0].end > end:
                end += 1
            out += self._decode_block(tokens, begin, end, reader, fixed, own, sharpness)
            begin = end
        return out

    def _decode_block(
        self,
        tokens: list[Token],
        begin: int,
        end: int,
        reader: Reader,
        fixed: dict[int, list[Edge]],
        own: OwnWords | None,
        sharpness: float,
    ) -> list[Choice]:
        groups: list[tuple[int, int, Options]] = []  # (first token, token after the last, ways to read them)
        first = [0]
        size = 0
        for k in range(begin, end):
            token = tokens[k]
            here = [(k, fixed[k][0].end, Options.of([e.candidate for e in fixed[k]]))] if k in fixed else []
            if not here or here[0][1] > k + 1:
                single = reader.options(token.text, token.place)
                if here:  # a symbol over two tokens: the token alone only keeps the lattice whole
                    single = replace(single, cost=single.cost + np.float32(LAST_RESORT))
                elif k + 1 in fixed and k + 1 < len(tokens):  # on the next line too
                    single = self._before_symbol(token, single)
                elif 0 < k < len(tokens) - 1 and self._is_middle(tokens[k - 1], token, tokens[k + 1]):
                    cheaper = np.isin(single.units[:, 0], [self.model.index[w] for w in middle_names() if w in self.model.index])
                    single = replace(single, cost=single.cost - cheaper.astype(np.float32) * np.float32(MIDDLE_NAME))
                here.append((k, k + 1, single))
            beside = k + 1 < end and tokens[k + 1].line == token.line and k not in fixed and k + 1 not in fixed
            if beside and not reader.alone and not token.place.marked:
                after = tokens[k + 1]
                if len(token.text) + len(after.text) <= JOINED_LENGTH:
                    worse = max(here[-1][2].least(), reader.options(after.text, after.place).least())
                    if worse > 4.0:
                        here.append((k, k + 2, reader.joined(token.text, after.text, token.place)))
            groups += here
            size += sum(len(o) for _, _, o in here)
            first.append(size)
        sizes = [len(o) for _, _, o in groups]
        cost, units = np.concatenate([o.cost for _, _, o in groups]), np.concatenate([o.units for _, _, o in groups])
        if own is not None:
            cost = cost - own.cheaper(units[:, 0], np.repeat([k for k, _, _ in groups], sizes))
        lattice = Lattice(np.array(first, np.int32), np.repeat([to - begin for _, to, _ in groups], sizes).astype(np.int32), cost, units)
        starts = np.cumsum([0, *sizes])

        def edge(at: int) -> Edge:
            g = int(np.searchsorted(starts, at, "right")) - 1
            left, right, options = groups[g]
            return Edge(left, right, options.at(at - int(starts[g])))

        path, rival, worse_by = best_path(self.model.language, lattice, self.options.beam, self.near)
        return [
            _choice(
                e, [(edge(int(r)), float(w)) for r, w in zip(rival[k], worse_by[k], strict=True) if r >= 0] + _alike(e, fixed), sharpness
            )
            for k, e in enumerate(map(edge, path))
        ]

    @staticmethod
    def _is_middle(before: Token, token: Token, after: Token) -> bool:
        """Whether a token with a capital stands between two others of its line, as the second word of a name does."""
        same = before.line == token.line == after.line
        return same and bool(_PLAIN_NAME.fullmatch(before.text) and _PLAIN_NAME.fullmatch(token.text)) and after.text[0].isupper()

    def _before_symbol(self, token: Token, options: Options) -> Options:
        """Before a document's symbol a short token that looks like `số` (`50`, `sb`, `s§`) may well be it."""
        m = _NUMBER_WORD.fullmatch(token.text)
        if not m or "số" not in self.model.index:
            return options
        word = ("Số" if token.text[0] == "S" and (m[1] or token.place.sentence) else "số") + m[1]
        found = Candidate((word,), (self.model.index["số"],), 0.0 if m[1] else 1.0)
        return Options.of([*(options.at(k) for k in range(len(options))), found])


def _alike(edge: Edge, fixed: dict[int, list[Edge]]) -> list[tuple[Edge, float]]:
    """Other readings that a grammar settled: to the language model they are the same, so the search keeps but one of them."""
    own = fixed.get(edge.begin, ())
    if edge.candidate.words not in (e.candidate.words for e in own):
        return []
    return [(e, e.candidate.cost - edge.candidate.cost) for e in own if e.end == edge.end and e.candidate.words != edge.candidate.words]


def _choice(edge: Edge, rivals: list[tuple[Edge, float]], sharpness: float) -> Choice:
    """A chosen edge with its confidence: the posterior against rivals of another text, margins in nats."""
    text = " ".join(edge.candidate.words)
    weights: dict[str, float] = {}
    for other, worse in rivals:
        their = " ".join(other.candidate.words)
        if their != text and other.end == edge.end:
            weights[their] = max(weights.get(their, 0.0), float(np.exp(-sharpness * max(worse, 0.0))))
    total = 1.0 + sum(weights.values())
    kept = tuple(sorted(((t, x / total) for t, x in weights.items() if x / total >= 0.02), key=lambda p: (-p[1], p[0])))
    c = edge.candidate
    each = c.cost / max(1, len(c.read or text))
    share = np.interp(each, COST_OF_WORDS, SHARE_OF_WORDS) if c.printed else np.interp(each, COST_OF_RAW, SHARE_OF_RAW)
    return Choice(edge, float(share) / total, kept)


def foreign_lines(count: int, tokens: Sequence[Token], choices: Sequence[Choice]) -> list[int]:
    """Of `count` lines those in which more than a third of the words found no better reading than themselves."""
    words, kept = [0] * count, [0] * count
    for c in choices:
        token = tokens[c.edge.begin]
        if any(x.isalpha() for x in token.text):
            words[token.line] += 1
            kept[token.line] += not c.edge.candidate.printed and c.edge.candidate.cost > COST_OF_RAW[0]
    return [k for k in range(count) if kept[k] > words[k] / 3]


def lines_of(lines: Sequence[Line], tokens: Sequence[Token], choices: Sequence[Choice]) -> list[Line]:
    """The repaired lines: words from the choices, blanks between tokens as they were read, raw spans and boxes from the words before."""
    texts: list[list[str]] = [[] for _ in lines]
    words: list[list[Word]] = [[] for _ in lines]
    at = [0] * len(lines)
    length = [0] * len(lines)
    for choice in choices:
        e = choice.edge
        t0, t1 = tokens[e.begin], tokens[e.end - 1]
        k = t0.line
        gap = lines[k].text[at[k] : t0.start]
        texts[k].append(gap)
        length[k] += len(gap)
        before = _words_at(lines[k], t0.start, t1.end)
        box = Box.around([w.box for w in before if w.box is not None])
        if lines[k].text == lines[k].raw or not before:
            start, end = t0.start, t1.end
        else:  # other damage was undone already, and the words know where they came from
            start, end = min(w.raw_start for w in before), max(w.raw_end for w in before)
        for j, text in enumerate(e.candidate.words):
            if j:
                texts[k].append(" ")
                length[k] += 1
            alternatives = tuple(Alternative(t, round(p, 4)) for t, p in choice.rivals) if len(e.candidate.words) == 1 else ()
            words[k].append(Word(text, length[k], start, end, box, round(choice.confidence, 4), alternatives))
            texts[k].append(text)
            length[k] += len(text)
        at[k] = t1.end
    out = []
    for k, line in enumerate(lines):
        text = "".join(texts[k]) + line.text[at[k] :]
        out.append(replace(line, text=text, words=tuple(words[k])))
    return out


def _words_at(line: Line, start: int, end: int) -> list[Word]:
    """The words of `line` that share characters with `text[start:end]`."""
    low = bisect_right(line.words, start, key=lambda w: w.end)
    high = bisect_left(line.words, end, key=lambda w: w.start)
    return list(line.words[low:high])
