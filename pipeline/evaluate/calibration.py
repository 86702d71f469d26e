"""Whether a confidence means what it says: reliability bins and the expected calibration error.

Expected calibration error (Naeini, Cooper and Hauskrecht 2015): mean distance between confidence and share of right answers over bins
of equal width, weighted by the bins' sizes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.document import Reading
from pipeline.evaluate.text import normal, right_words, running

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in [low, high): how many, their mean confidence, how many were right."""

    low: float
    high: float
    count: int
    confidence: float
    right: int

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.count


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of `count` answers; `ece` None for none. Empty bins are left out."""

    count: int
    ece: float | None
    bins: tuple[Bin, ...]


def calibration(pairs: Iterable[tuple[float, bool]], bins: int = BINS) -> Calibration:
    """Reliability bins and ECE of (confidence in 0..1, right) pairs; a confidence of 1 belongs to the last bin.

    Raises ValueError for a confidence outside 0..1.
    """
    held: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in pairs:
        if not 0 <= confidence <= 1:
            raise ValueError(f"no confidence: {confidence}")
        held[min(int(confidence * bins), bins - 1)].append((confidence, right))
    count = sum(map(len, held))
    made = tuple(
        Bin(k / bins, (k + 1) / bins, len(h), sum(c for c, _ in h) / len(h), sum(r for _, r in h)) for k, h in enumerate(held) if h
    )
    ece = sum(b.count * abs(b.confidence - b.accuracy) for b in made) / count if count else None
    return Calibration(count, ece, made)


def flagged(pairs: Iterable[tuple[float, bool]], limit: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Words below a confidence, of all words; and the wrong words among them, of all wrong ones."""
    told = list(pairs)
    below = [right for confidence, right in told if confidence < limit]
    wrong = sum(not right for _, right in told)
    return (len(below), len(told)), (sum(not right for right in below), wrong)


def word_pairs(reading: Reading, gold: str) -> list[tuple[float, bool]]:
    """For each word of a reading that has a confidence: that confidence, and whether the word is right, by alignment with the gold text.

    A word that the alignment finds no partner for is wrong. Words of stamps and overlays, which the gold of running text leaves out, are
    not counted; nor can words be that the reader lost.
    """
    words = [w for line in running(line for _, line in reading.lines()) for w in line.words]
    right = {i for i, _ in right_words([normal(w.text) for w in words], normal(gold).split())}
    return [(w.confidence, i in right) for i, w in enumerate(words) if w.confidence is not None]
