"""Words that the Vietnamese recogniser read with doubt: `thị trần` → `thị trấn`, `thẩm quyên` → `thẩm quyền`, `số điễu` → `số điều`.

Only a word of letters in a running text is mended, only into a syllable that differs by marks or one letter of like shape, and only where
the language model is overwhelmingly for it. Names, numbers, symbols and words that the recogniser was sure of are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.document import Alternative, Line, Word
from pipeline.repair.grammar import BREAK, WORD, Token, analyse, form_of
from pipeline.repair.language import step
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.store import Model
from pipeline.text import fold, old_tone

DOUBTFUL = 0.93  # confidence of the recogniser below which a word may be mended
OVERWHELMING = 5.0  # nats by which its neighbours must speak for another word
CONTEXT = 4  # units to either side
MENDED = 0.9  # confidence of a mended word at most
# Letters, without marks, that are taken for one another
ALIKE = tuple((x[0], x[1]) for x in ("il", "ce", "oe", "nu", "tf", "hb", "ao", "gq", "nm", "lt", "rt"))
KINDS = ("text", "footnote", "table")


@dataclass
class _Place:
    """A word of the running text: where it stands, what it is made of, and its units in the row of all units."""

    line: int
    word: Word
    shape: Token
    first: int
    sentence: bool
    capitals: bool


@numba.njit(cache=True)
def _costs(lm, before, candidates, after):  # type: ignore[no-untyped-def]
    """−ln P of the context with each of the candidates in the middle."""
    out = np.zeros(len(candidates))
    a, b, d = np.int64(0), np.int64(-1), np.int64(-1)
    for u in before:
        x, a, b, d = step(lm, a, b, d, u)
    for k in range(len(candidates)):
        y, f, g, h = step(lm, a, b, d, candidates[k])
        out[k] = y
        for u in after:
            y, f, g, h = step(lm, f, g, h, u)
            out[k] += y
    return out


@lru_cache(maxsize=2)
def _by_letters(units: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    found: dict[str, list[int]] = {}
    for k, u in enumerate(units):
        if is_syllable(u):
            found.setdefault(fold(u), []).append(k)
    return {f: np.array(ks, np.int64) for f, ks in found.items()}


def like_units(word: str, model: Model) -> NDArray[np.int64]:
    """Numbers of the syllables that differ from `word` by marks alone, or by marks and one letter of like shape."""
    known = _by_letters(tuple(model.units))
    letters = fold(word)
    spelt = {letters}
    for i, c in enumerate(letters):
        for a, b in ALIKE:
            if c in (a, b):
                spelt.add(letters[:i] + (b if c == a else a) + letters[i + 1 :])
    return np.concatenate([np.zeros(0, np.int64), *(known[s] for s in sorted(spelt) if s in known)])


def mended_lines(lines: Sequence[Line], model: Model) -> list[Line]:
    """The lines with doubtful words mended; `raw`, boxes and raw spans stay, what was read stands among the alternatives."""
    units, places = _running(lines, model)
    changed: dict[int, dict[int, Word]] = {}
    language = model.language.tuple()
    for p in places:
        if not _may_be_mended(p):
            continue
        own = units[p.first]
        near = like_units(old_tone(p.shape.body), model)
        near = near[near != own]
        if not len(near):
            continue
        before = np.array(units[max(0, p.first - CONTEXT) : p.first], np.int64)
        after = np.array(units[p.first + 1 : p.first + 1 + CONTEXT], np.int64)
        costs = _costs(language, before, np.append(near, own), after)
        best = int(np.argmin(costs[:-1]))
        if costs[-1] - costs[best] < OVERWHELMING:
            continue
        units[p.first] = int(near[best])
        text = p.shape.lead + _cased(model.units[int(near[best])], p.shape.body) + p.shape.trail
        sure = MENDED / (1 + float(np.exp(-0.6 * (costs[-1] - costs[best]))))
        was = Alternative(p.word.text, round(1 - sure, 4))
        changed.setdefault(p.line, {})[p.word.start] = replace(p.word, text=text, confidence=round(sure, 4), alternatives=(was,))
    return [_with(line, changed[k]) if k in changed else line for k, line in enumerate(lines)]


def _running(lines: Sequence[Line], model: Model) -> tuple[list[int], list[_Place]]:
    units: list[int] = []
    places: list[_Place] = []
    ended = True
    for k, line in enumerate(lines):
        letters = [c for c in line.text if c.isalpha()]
        capitals = len(letters) > 2 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
        if capitals or line.kind not in KINDS:
            units.append(model.index[BREAK])
            ended = True
        for word in line.words if line.kind in KINDS else ():
            shape = analyse(word.text, model.index)
            places.append(_Place(k, word, shape, len(units), ended, capitals))
            units += [model.index.get(u, model.index[WORD]) for u in shape.units]
            ended = BREAK in shape.units or not shape.units
    return units, places


def _may_be_mended(place: _Place) -> bool:
    word, shape = place.word, place.shape
    if word.confidence is None or word.confidence >= DOUBTFUL or len(shape.body) < 2 or not shape.body.isalpha():
        return False
    if shape.lead + shape.body + shape.trail != word.text or len(shape.units) - (BREAK in shape.units) != 1:
        return False
    form = form_of(shape.body)
    return form == "lower" or (form == "title" and place.sentence) or (form == "upper" and place.capitals and len(shape.body) > 2)


def _cased(unit: str, like: str) -> str:
    form = form_of(like)
    return unit.upper() if form == "upper" else unit[0].upper() + unit[1:] if form == "title" else unit


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
