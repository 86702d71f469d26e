"""The confusion channel: what a printed glyph, or two together, is read as (Brill and Moore 2000), learned from printed–read pairs.

A target segment is one or two printed glyphs, a read segment none to three characters. Counts are smoothed towards a prior by shape: a
glyph is most likely read as itself, then as its letter without marks, then in the other letter case, then as anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from pipeline.text import bare, fold

LONGEST = 3  # characters that one segment may be read as
SMOOTHING = 25.0  # sights that the prior by shape is worth
PAIR_SMOOTHING = 15.0  # sights that the two glyphs' own readings are worth to a segment of two
ALPHABET = 150.0  # about how many characters a reader writes

Counts = Mapping[tuple[str, str], float]  # (printed, read) → sights
Costs = NDArray[np.float32]


@lru_cache(maxsize=1 << 18)
def prior(printed: str, read: str) -> float:
    """P0(read | printed glyph), by shape alone."""
    base = fold(printed)
    if not read:
        return 0.004
    if len(read) == 1:
        if read == printed:
            return 0.6
        if fold(read) == base:
            return 0.3 if read.isupper() == printed.isupper() else 0.03
        return 0.07 / ALPHABET
    holds = base in fold(read)
    if len(read) == 2:
        return 0.02 / ALPHABET if holds else 0.01 / ALPHABET**2
    return 0.004 / ALPHABET**2 if holds else 0.002 / ALPHABET**3


@dataclass
class Confusions:
    """Counted readings of single glyphs and of glyphs in pairs; the channel's costs come from here."""

    single: Counter[tuple[str, str]] = field(default_factory=Counter)
    double: Counter[tuple[str, str]] = field(default_factory=Counter)

    def totals(self) -> tuple[Counter[str], Counter[str]]:
        """Sights of each glyph and of each pair of glyphs."""
        one: Counter[str] = Counter()
        two: Counter[str] = Counter()
        for (t, _), n in self.single.items():
            one[t] += n
        for (t, _), n in self.double.items():
            two[t] += n
        return one, two

    def add(self, other: Confusions, weight: float) -> Confusions:
        """The counts of both, the other's times `weight`."""
        out = Confusions(Counter(self.single), Counter(self.double))
        for mine, theirs in ((out.single, other.single), (out.double, other.double)):
            for key, n in theirs.items():
                mine[key] += n * weight
        return out


class Aligner:
    """The best segmentation of a printed word against its reading, single glyphs only."""

    def __init__(self, counts: Confusions) -> None:
        self.counts, (self.total, _) = counts.single, counts.totals()
        self._cost: dict[tuple[str, str], float] = {}

    def cost(self, printed: str, read: str) -> float:
        """−ln P(read | printed glyph), smoothed."""
        key = (printed, read)
        c = self._cost.get(key)
        if c is None:
            p = (self.counts.get(key, 0) + SMOOTHING * prior(printed, read)) / (self.total.get(printed, 0) + SMOOTHING)
            c = self._cost[key] = -log(p)
        return c

    def align(self, printed: str, read: str) -> tuple[float, list[str]]:
        """(cost, what each printed glyph was read as); an infinite cost and no list where no alignment exists."""
        n, m = len(printed), len(read)
        inf = float("inf")
        best = [[inf] * (m + 1) for _ in range(n + 1)]
        back = [[0] * (m + 1) for _ in range(n + 1)]
        best[0][0] = 0.0
        for i in range(n):
            row, nxt, t = best[i], best[i + 1], printed[i]
            low = max(0, m - LONGEST * (n - i))
            for j in range(low, min(m, LONGEST * i) + 1):
                if row[j] == inf:
                    continue
                for k in range(min(LONGEST, m - j) + 1):
                    c = row[j] + self.cost(t, read[j : j + k])
                    if c < nxt[j + k]:
                        nxt[j + k], back[i + 1][j + k] = c, k
        if best[n][m] == inf:
            return inf, []
        out, j = [], m
        for i in range(n, 0, -1):
            k = back[i][j]
            out.append(read[j - k : j])
            j -= k
        return best[n][m], out[::-1]


def learn(pairs: Iterable[tuple[str, str, float]], rounds: int = 3, start: Confusions | None = None) -> Confusions:
    """Hard EM over (printed, read, sights): align with the counts so far, count anew.

    A pair whose cost is over 3.5 nats a glyph is a wrong alignment of the pages and teaches nothing.
    """
    known = start or Confusions()
    data = sorted((a, b, n) for a, b, n in pairs if " " not in a and " " not in b)
    for _ in range(rounds):
        aligner, found = Aligner(known), Confusions()
        for printed, read, n in data:
            cost, parts = aligner.align(printed, read)
            if not parts or cost > 3.5 * len(printed) + 2:
                continue
            for k, (t, r) in enumerate(zip(printed, parts, strict=True)):
                found.single[t, r] += n
                if k:
                    both = parts[k - 1] + r
                    if len(both) <= LONGEST:
                        found.double[printed[k - 1] + t, both] += n
        known = found
    return known


class Channel:
    """Costs for the search: −ln P(read | printed) of every target glyph and pair, for each read segment that comes up."""

    def __init__(self, confusions: Confusions, glyphs: list[str], doubles: list[str], weight: float) -> None:
        self.glyphs, self.weight = glyphs, weight
        self.index = {g: k for k, g in enumerate(glyphs)}
        self.double_index = {d: k for k, d in enumerate(doubles)}
        self._aligner = Aligner(confusions)
        self._double_total = confusions.totals()[1]
        self._by_read: dict[str, list[tuple[str, float]]] = {}
        for (t, r), n in confusions.double.items():
            if n >= 2 and t in self.double_index:
                self._by_read.setdefault(r, []).append((t, n))
        self._segments: dict[str, tuple[Costs, NDArray[np.int32], Costs]] = {}
        self._prior = _PriorRows(glyphs)
        self._n = np.array([self._aligner.total.get(g, 0) for g in glyphs], np.float64)
        self._singles: dict[str, list[tuple[int, float]]] = {}
        for (t, r), n in confusions.single.items():
            if t in self.index:
                self._singles.setdefault(r, []).append((self.index[t], n))

    def segment(self, read: str) -> tuple[Costs, NDArray[np.int32], Costs]:
        """(cost for each glyph, numbers of the pairs that this segment is a known reading of, their costs)."""
        got = self._segments.get(read)
        if got is None:
            p = SMOOTHING * self._prior.row(read)
            for k, n in self._singles.get(read, ()):
                p[k] += n
            one = (-self.weight * np.log(p / (self._n + SMOOTHING))).astype(np.float32)
            ids, costs = [], []
            for t, n in self._by_read.get(read, ()):
                composed = min(self._aligner.cost(t[0], read[:k]) + self._aligner.cost(t[1], read[k:]) for k in range(len(read) + 1))
                total = self._double_total[t]
                c = -log((n + PAIR_SMOOTHING * np.exp(-composed)) / (total + PAIR_SMOOTHING))
                if c < composed - 0.1:
                    ids.append(self.double_index[t])
                    costs.append(self.weight * c)
            got = self._segments[read] = (one, np.array(ids, np.int32), np.array(costs, np.float32))
        return got

    def align(self, printed: str, read: str) -> tuple[float, list[str]]:
        """As `Aligner.align`, unweighted."""
        return self._aligner.align(printed, read)


class _PriorRows:
    """`prior` of all glyphs at once."""

    def __init__(self, glyphs: list[str]) -> None:
        self.glyphs = glyphs
        self.bases = [bare(g).lower() for g in glyphs]

    def row(self, read: str) -> NDArray[np.float64]:
        return np.array([prior(g, read) for g in self.glyphs])
