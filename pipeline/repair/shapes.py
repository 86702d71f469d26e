"""What a glyph is read as by its shape alone, before anything was counted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.text import fold

ALPHABET = 150.0  # about how many characters a reader writes

NOTHING = 0.004  # of a glyph nothing is read
ITSELF, BODY, OTHER_CASE = 0.6, 0.3, 0.03  # as itself, as its letter without marks, as that in the other case
# Readings of two and three characters: those that hold the letter, and any others.
TWO, TWO_STRANGE = 0.02 / ALPHABET, 0.01 / ALPHABET**2
THREE, THREE_STRANGE = 0.004 / ALPHABET**2, 0.002 / ALPHABET**3
# A vowel under its marks is read as any vowel, or as a sign or digit of that shape; beyond that a glyph is read as anything.
VOWEL_LIKE, STRANGE = 0.003, 0.0005
STROKES = 0.01  # upright strokes are read as one another
_STROKES = frozenset("il1|!")
MARKED, MARK_LIKE = 0.004, frozenset("?’'`´^~*°")  # a letter under a mark is read as the letter and a sign (`sw?` for sử, `O'` for Ơ)
_VOWELS, _LIKE_VOWELS = frozenset("aeiouy"), frozenset("aeiouyd046895&@¢€§w")


@lru_cache(maxsize=1 << 18)
def prior(printed: str, read: str, vowels: bool = True) -> float:
    """P0(read | printed glyph), by shape alone. `vowels`: whether vowels are read as one another more than as anything else."""
    base = fold(printed)
    if not read:
        return NOTHING
    if len(read) == 1:
        if read == printed:
            return ITSELF
        if fold(read) == base:
            return BODY if read.isupper() == printed.isupper() else OTHER_CASE
        if vowels and base in _STROKES and fold(read) in _STROKES:
            return STROKES
        return VOWEL_LIKE if vowels and base in _VOWELS and fold(read) in _LIKE_VOWELS else STRANGE
    holds = base in fold(read)
    if len(read) == 2:
        if vowels and printed.lower() != base and read[1] in MARK_LIKE and fold(read[0]) in _bodies(base):
            return MARKED
        return TWO if holds else TWO_STRANGE
    return THREE if holds else THREE_STRANGE


def _bodies(base: str) -> str:
    """The letters that the body of a letter is read as: an u with a horn is a w."""
    return "uw" if base == "u" else base


@lru_cache(maxsize=8)
def prior_rows(glyphs: tuple[str, ...]) -> PriorRows:
    """`PriorRows` of these glyphs, kept."""
    return PriorRows(glyphs)


class PriorRows:
    """`prior` of many glyphs at once."""

    def __init__(self, glyphs: tuple[str, ...]) -> None:
        self.glyphs = np.array(glyphs)
        self.bases = np.array([fold(g) for g in glyphs])
        self.vowels = np.isin(self.bases, sorted(_VOWELS))
        self.marked = np.array([g.lower() != b for g, b in zip(glyphs, self.bases, strict=True)])
        self.strokes = np.isin(self.bases, sorted(_STROKES))
        self.large = np.array([g.isupper() for g in glyphs])
        self._rows: dict[str, NDArray[np.float64]] = {}

    def of(self, reads: Sequence[str]) -> NDArray[np.float64]:
        """P0(read | glyph) of every glyph, a row for each of some segments."""
        return np.stack([self._of(read) for read in reads])

    def _of(self, read: str) -> NDArray[np.float64]:
        row = self._rows.get(read)
        if row is None:
            row = self._row(read)
            if len(self._rows) < 20_000:
                self._rows[read] = row
        return row

    def _row(self, read: str) -> NDArray[np.float64]:
        if not read:
            return np.full(len(self.glyphs), NOTHING)
        low = fold(read)
        if len(read) == 1:
            alike = self.bases == low
            other = np.where(self.vowels, VOWEL_LIKE, STRANGE) if low in _LIKE_VOWELS else np.full(len(self.glyphs), STRANGE)
            other = np.where(self.strokes, STROKES, other) if low in _STROKES else other
            return np.where(self.glyphs == read, ITSELF, np.where(alike, np.where(self.large == read.isupper(), BODY, OTHER_CASE), other))
        holds = np.isin(self.bases, list(low))
        if len(read) == 2:
            row = np.where(holds, TWO, TWO_STRANGE)
            if read[1] not in MARK_LIKE:
                return row
            return np.where(self.marked & [low[0] in _bodies(b) for b in self.bases], MARKED, row)
        return np.where(holds, THREE, THREE_STRANGE)
