"""Garbled lines into repaired lines: tokens to a lattice, the best path back to words with their raw spans; twice, with what the first
round taught about this document's own confusions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline import settings
from pipeline.document import Alternative, Box, Line, Word
from pipeline.repair.candidates import Candidate, Place, Reader, defined_abbreviations
from pipeline.repair.channel import SMOOTHING, Channel, Confusions
from pipeline.repair.lattice import UNITS, Lattice, best_path
from pipeline.repair.store import Model
from pipeline.repair.trie import Search

STRENGTH = 60.0  # sights that the general confusions of a glyph are worth against the document's own
SURE = 0.9  # words that the second round learns from
SHARPNESS = 0.6  # of the posterior: a nat of margin is worth this much
_TOKEN = re.compile(r"\S+")
_MARKER = re.compile(r"[-–—+•*·]|(?:[IVXivx]+|\d{1,2}(?:\.\d{1,2})*|[a-zđ])[.)/]?")
_ENDS = re.compile(r"[.!?:…][”\"’')]*$")


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a line: its text and where it stands in `line.raw`."""

    line: int
    text: str
    start: int
    end: int
    place: Place


@dataclass(frozen=True, slots=True)
class Edge:
    """A candidate over the tokens `begin` to `end - 1`."""

    begin: int
    end: int
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen edge, how sure it is, and the texts it beat."""

    edge: Edge
    confidence: float
    rivals: tuple[tuple[str, float], ...]


def tokens_of(raws: Sequence[str]) -> list[Token]:
    """The tokens of lines in order, each with its place; the lines are taken as one running text."""
    out: list[Token] = []
    ended = True
    for k, raw in enumerate(raws):
        found = list(_TOKEN.finditer(raw))
        letters = [c for c in raw if c.isalpha()]
        capitals = len(letters) > 2 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
        if not found or capitals:
            ended = True
        for j, m in enumerate(found):
            marker = j == 0 and bool(_MARKER.fullmatch(m.group()))
            out.append(Token(k, m.group(), m.start(), m.end(), Place(capitals, ended, j == 0)))
            ended = marker or bool(_ENDS.search(m.group()))
        if capitals:
            ended = True
    return out


class Restorer:
    """Restores running texts with one model; `settings` give beam and weight."""

    def __init__(self, model: Model, options: settings.Repair) -> None:
        self.model, self.options = model, options

    def choose(self, raws: Sequence[str], known: Sequence[str] = (), rounds: int = 2) -> tuple[list[Token], list[Choice]]:
        """The tokens of the lines, and the chosen edges that cover them in order."""
        tokens = tokens_of(raws)
        confusions = self.model.confusions
        choices: list[Choice] = []
        abbreviations = defined_abbreviations([t.text for t in tokens if not t.place.capitals], known)
        for k in range(rounds):
            channel = Channel(confusions, self.model.trie.glyphs, self.model.trie.doubles, self.options.channel_weight)
            reader = Reader(self.model, Search(self.model.trie, channel, len(self.model.units)), abbreviations)
            choices = self._decode(tokens, reader)
            if k + 1 < rounds:
                confusions = adapted(self.model.confusions, channel, choices)
        return tokens, choices

    def _decode(self, tokens: list[Token], reader: Reader) -> list[Choice]:
        edges: list[Edge] = []
        first = [0]
        for k, token in enumerate(tokens):
            single = reader.candidates(token.text, token.place)
            edges += [Edge(k, k + 1, c) for c in single]
            if k + 1 < len(tokens) and tokens[k + 1].line == token.line and len(token.text) + len(tokens[k + 1].text) <= 8:
                after = reader.candidates(tokens[k + 1].text, tokens[k + 1].place)
                if max(single[0].cost, after[0].cost) > 5.0:
                    edges += [Edge(k, k + 2, c) for c in reader.joined(token.text, tokens[k + 1].text, token.place)]
            first.append(len(edges))
        units = np.full((len(edges), UNITS), -1, np.int32)
        for row, e in enumerate(edges):
            units[row, : len(e.candidate.units)] = e.candidate.units[:UNITS]
        lattice = Lattice(
            np.array(first, np.int32),
            np.array([e.end for e in edges], np.int32),
            np.array([e.candidate.cost for e in edges], np.float32),
            units,
        )
        path, rival, worse = best_path(self.model.language.tuple(), lattice, self.options.beam)
        out = []
        for k, at in enumerate(path):
            text = " ".join(edges[at].candidate.words)
            weights: dict[str, float] = {}
            for r, w in zip(rival[k], worse[k], strict=True):
                if r >= 0:
                    other = " ".join(edges[r].candidate.words)
                    if other != text and edges[r].end == edges[at].end:
                        weights[other] = max(weights.get(other, 0.0), float(np.exp(-SHARPNESS * max(w, 0.0))))
            total = 1.0 + sum(weights.values())
            rivals = tuple(sorted(((t, x / total) for t, x in weights.items() if x / total >= 0.02), key=lambda p: (-p[1], p[0])))
            out.append(Choice(edges[at], 1.0 / total, rivals))
        return out


def adapted(general: Confusions, channel: Channel, choices: Sequence[Choice]) -> Confusions:
    """General confusions, each glyph's scaled down to `STRENGTH` sights, plus those of the sure words of this document."""
    own = Confusions()
    seen: dict[tuple[str, str], int] = {}
    for c in choices:
        if c.confidence >= SURE and c.edge.candidate.printed:
            key = (c.edge.candidate.printed, c.edge.candidate.read)
            seen[key] = seen.get(key, 0) + 1
    for (printed, read), n in sorted(seen.items()):
        _, parts = channel.align(printed, read)
        for k, (t, r) in enumerate(zip(printed, parts, strict=False)):
            own.single[t, r] += n
            if k and len(parts[k - 1] + r) <= 3:
                own.double[printed[k - 1] + t, parts[k - 1] + r] += n
    one, two = general.totals()
    out = Confusions()
    for (t, r), n in general.single.items():
        out.single[t, r] = n * min(1.0, STRENGTH / (one[t] + SMOOTHING))  # type: ignore[assignment]
    for (t, r), n in general.double.items():
        out.double[t, r] = n * min(1.0, STRENGTH / two[t])  # type: ignore[assignment]
    return out.add(own, 1.0)


def lines_of(lines: Sequence[Line], tokens: Sequence[Token], choices: Sequence[Choice]) -> list[Line]:
    """The repaired lines: words from the choices, blanks between tokens as they were read, raw spans and boxes from the raw words."""
    texts: list[list[str]] = [[] for _ in lines]
    words: list[list[Word]] = [[] for _ in lines]
    at = [0] * len(lines)
    length = [0] * len(lines)
    for choice in choices:
        e = choice.edge
        t0, t1 = tokens[e.begin], tokens[e.end - 1]
        k, raw = t0.line, lines[t0.line].raw
        gap = raw[at[k] : t0.start]
        texts[k].append(gap)
        length[k] += len(gap)
        box = Box.around([w.box for w in lines[k].words if w.box is not None and w.raw_start < t1.end and w.raw_end > t0.start])
        for j, text in enumerate(e.candidate.words):
            if j:
                texts[k].append(" ")
                length[k] += 1
            alternatives = tuple(Alternative(t, round(p, 4)) for t, p in choice.rivals) if len(e.candidate.words) == 1 else ()
            words[k].append(Word(text, length[k], t0.start, t1.end, box, round(choice.confidence, 4), alternatives))
            texts[k].append(text)
            length[k] += len(text)
        at[k] = t1.end
    out = []
    for k, line in enumerate(lines):
        text = "".join(texts[k]) + line.raw[at[k] :]
        out.append(replace(line, text=text, words=tuple(words[k])))
    return out
