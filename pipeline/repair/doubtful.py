"""Words that the Vietnamese recogniser misread: `thị trần` → `thị trấn`, `thẩm quyên` → `thẩm quyền`, `bố sung` → `bổ sung`.

The same lattice as for garbled text, with a channel counted from pages that the Vietnamese model read, says what else a word may be.
Stray marks and codes of symbols come first (`stray_marks`, `misread_codes`). Only a word of letters becomes another syllable, and the
less the recogniser doubted it, the surer the lattice must be. Where only marks would change, the print is asked first (`Word.marks`): what
it bears as read stays, be it a misprint. Names, digits and abbreviations are never touched; of words of letters the confidence takes in
what the lattice says.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from pipeline import settings
from pipeline.document import RUNNING, Alternative, Line, Word
from pipeline.repair.grammar import cut, form_of
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.misread_codes import mended_codes
from pipeline.repair.own_words import OwnWords
from pipeline.repair.restore import Choice, Restorer, Token, tokens_of
from pipeline.repair.store import Model
from pipeline.repair.stray_marks import without_stray_marks
from pipeline.repair.sureness import Read, Signs, context_costs, of_letters, others_sure, reads, same_but_marks, signs, sure
from pipeline.text import old_tone

# Chosen on the odd half of the pages of pipeline.evaluate.scanned; the even half is measured in docs/repair.md.
DOUBTFUL = 0.935  # confidence of the recogniser below which a word is doubted
SURE_OF_DOUBTED, SURE_OF_CAPITAL, SURE_OF_OTHERS = 0.7, 0.9, 0.95  # posterior from which another reading is taken
TORN = frozenset("!¡=¿+‹›ˆ|¬£)}]")  # what a piece of a letter is read as
PRINTED, READ = 0.8, 0.85  # `Word.marks` and confidence from which marks stay as read; chosen on documents of pipeline.evaluate.typeset
WEIGHT = 1.5  # of the channel against its weight for garbled text: a page in Vietnamese letters is mostly right


class _Rereader(Restorer):
    """A restorer of pages in Vietnamese letters: a known word may be a misread one."""

    right = 1.0

    def tokens(self, raws: Sequence[str]) -> list[Token]:
        return [replace(t, place=replace(t.place, marked=False)) for t in tokens_of(raws)]

    def _own_words(self, choices: Sequence[Choice]) -> OwnWords | None:
        return None  # a page that is mostly right as read needs no bias towards its own words


@dataclass(frozen=True, slots=True)
class Judged:
    """A word of letters of `lines[line]`, what it becomes (its own text where it stays), and what speaks for that."""

    line: int
    word: Word
    text: str
    signs: Signs


def prepared(lines: Sequence[Line]) -> list[Line]:
    """The lines without stray marks and with the codes of symbols put right, before single words are judged."""
    return mended_codes(without_stray_marks(lines))


def judged(lines: Sequence[Line], model: Model, options: settings.Repair) -> list[Judged]:
    """Every word of letters in running text that the recogniser gave a confidence. Empty for a model without a channel for it."""
    wanted = [k for k, line in enumerate(lines) if line.kind in RUNNING and line.words]
    if model.misread is None or not wanted:
        return []
    heavier = replace(options, channel_weight=WEIGHT * options.channel_weight)
    reader = _Rereader(replace(model, confusions=model.misread, whole=model.misread_words), heavier)
    tokens, choices = reader.choose([lines[k].text for k in wanted])
    words = [{(w.start, w.text): w for w in lines[k].words if w.confidence is not None and not lines[k].by_hand(w)} for k in wanted]
    told = [reads(lines[k]) for k in wanted]
    out: list[Judged] = []
    for choice, costs in zip(choices, context_costs(model.language, choices), strict=True):
        edge = choice.edge
        for token in tokens[edge.begin : edge.end]:
            word = words[token.line].get((token.start, token.text))
            if word is None or word.confidence is None or not of_letters(token.text):
                continue
            chosen = " ".join(edge.candidate.words)
            named = _may_be_named(tokens, edge.begin)
            text = chosen if _is_taken(token, choice, word, named) else word.text
            same = text == chosen and edge.end == edge.begin + 1
            posterior = choice.confidence if same else dict(choice.rivals).get(text, 0.0)
            found = signs(told[token.line][word.start], text, posterior, not same, costs, word.text)
            out.append(Judged(wanted[token.line], word, text, found))
    return out


def mended_lines(lines: Sequence[Line], model: Model, options: settings.Repair) -> list[Line]:
    """The lines with misread words mended and the confidence of words of letters told by what the language model makes of them too.

    `raw`, boxes and raw spans stay; what was read in place of a mended word stands among its alternatives.
    """
    lines = prepared(lines)
    found = judged(lines, model, options)
    changed: dict[int, dict[int, Word]] = {}
    for j, confidence in zip(found, sure([j.signs for j in found]), strict=True):
        new = replace(j.word, confidence=confidence)
        if j.text != j.word.text:
            new = replace(new, text=j.text, alternatives=(Alternative(j.word.text, round(1 - confidence, 4)),))
        changed.setdefault(j.line, {})[j.word.start] = new
    others = not_judged(lines, {(j.line, j.word.start) for j in found}) if found else []
    for (k, word, _), confidence in zip(others, others_sure([(x, w.text) for _, w, x in others]), strict=True):
        changed.setdefault(k, {})[word.start] = replace(word, confidence=confidence)
    return [_with(line, changed[k]) if k in changed else line for k, line in enumerate(lines)]


def not_judged(lines: Sequence[Line], found: Set[tuple[int, int]]) -> list[tuple[int, Word, Read]]:
    """The other words of running text with a confidence: (line, word, what the recogniser said). `found`: (line, start) of those judged."""
    out: list[tuple[int, Word, Read]] = []
    for k, line in enumerate(lines):
        if line.kind in RUNNING:
            told = reads(line)
            rest = (w for w in line.words if w.start in told and (k, w.start) not in found and not line.by_hand(w))
            out += [(k, w, told[w.start]) for w in rest]
    return out


def _is_taken(token: Token, choice: Choice, word: Word, named: bool) -> bool:
    """Whether the chosen word takes the place of a token, the `word` that the recogniser read and that may be `named`, part of a name."""
    confidence = word.confidence or 0.0
    doubted = confidence < DOUBTFUL
    if choice.confidence <= (SURE_OF_DOUBTED if doubted else SURE_OF_OTHERS) or not _is_other_word(token, choice, doubted, named):
        return False
    printed = word.marks is not None and word.marks >= PRINTED and confidence >= READ
    return not (printed and same_but_marks(token.text, choice.edge.candidate.words[0]))


def _is_other_word(token: Token, choice: Choice, doubted: bool, named: bool) -> bool:
    """Whether one word of letters became another syllable of the same form, between the same marks; or a torn word, if doubted, whole."""
    edge = choice.edge
    if edge.end - edge.begin > 1 or len(edge.candidate.words) > 1 or edge.candidate.words[0] == token.text:
        return False
    lead, body, trail = cut(token.text)
    left, new, right = cut(edge.candidate.words[0])
    if not is_syllable(new.lower()):
        return False
    if doubted and _is_torn(token.text, new):
        return True
    if (lead, trail) != (left, right) or len(body) < 2 or not body.isalpha():
        return False
    form = form_of(body)
    if form != form_of(new):
        return False
    if form == "title":  # inside a sentence a syllable with a capital may be a name
        known = not token.place.sentence and is_syllable(old_tone(body.lower()))
        return not known or (doubted and not named and choice.confidence > SURE_OF_CAPITAL)
    return form == "lower" or (form == "upper" and token.place.capitals and len(body) > 2)


def _may_be_named(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word may be of a name: capitals follow it or two go before it; `Bộ Xây dựng` and `Thủ tướng` are none."""
    before = [form_of(t.text) == "title" for t in tokens[max(0, at - 2) : at]]
    return at + 1 >= len(tokens) or form_of(tokens[at + 1].text) != "lower" or (len(before) == 2 and all(before))


def _is_torn(text: str, new: str) -> bool:
    """Whether a word in small letters was read with something else in place of a letter: `!ệ`, `¿hính`."""
    letters = [c for c in text if c.isalpha()]
    return new.islower() and len(new) > len(letters) and not TORN.isdisjoint(text) and not any(c.isdigit() or c.isupper() for c in text)


def _with(line: Line, changed: dict[int, Word]) -> Line:
    words: list[Word] = []
    pieces: list[str] = []
    at = length = 0
    for word in line.words:
        new = changed.get(word.start, word)
        gap = line.text[at : word.start]
        pieces += (gap, new.text)
        words.append(replace(new, start=length + len(gap)))
        length += len(gap) + len(new.text)
        at = word.end
    return replace(line, text="".join(pieces) + line.text[at:], words=tuple(words))
