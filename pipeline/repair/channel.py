"""The confusion channel: what a printed glyph, or two together, is read as (Brill and Moore 2000), learned from printed–read pairs.

A target segment is one or two printed glyphs, a read segment none to three characters. Counts are smoothed towards a prior by shape: a
glyph is most likely read as itself, then as its letter without marks, then in the other letter case, then as anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.shapes import prior, prior_rows

_TONE_MARKS = "\u0301\u0300\u0309\u0303\u0323"

LONGEST = 3  # characters that one segment may be read as
SMOOTHING = 25.0  # sights that the prior by shape is worth
PAIR_SMOOTHING = 15.0  # sights that the two glyphs' own readings are worth to a segment of two
FAMILY = 0.6  # how much of the prior comes from the glyph's family: the same letter with any tone

ALIKE = ("iltrf1|!j", "uv", "ceo")  # what a reader writes for pieces of one shape: where it wrote `ti` for a glyph it may write `tt`
SPREAD, SEEN = 0.05, 10  # share of the sights of a reading that its kin are worth, and sights from which a reading has kin

Counts = dict[tuple[str, str], float]  # (printed, read) → sights
Costs = NDArray[np.float32]


def add(counts: Counts, key: tuple[str, str], n: float) -> None:
    """Count `n` more sights."""
    counts[key] = counts.get(key, 0.0) + n


@lru_cache(maxsize=1024)
def family(glyph: str) -> str:
    """The letter without its tone: `ử` → `ư`. Tones are what a reader drops or mistakes alike for all of them."""
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", glyph) if c not in _TONE_MARKS))


@dataclass
class Confusions:
    """Counted readings of single glyphs and of glyphs in pairs; the channel's costs come from here."""

    single: Counts = field(default_factory=dict)
    double: Counts = field(default_factory=dict)

    def totals(self) -> tuple[dict[str, float], dict[str, float]]:
        """Sights of each glyph and of each pair of glyphs."""
        one: dict[str, float] = {}
        two: dict[str, float] = {}
        for counts, total in ((self.single, one), (self.double, two)):
            for (t, _), n in counts.items():
                total[t] = total.get(t, 0.0) + n
        return one, two

    def families(self) -> tuple[Counts, dict[str, float]]:
        """Readings of whole families, and their totals."""
        counts: Counts = {}
        total: dict[str, float] = {}
        for (t, r), n in self.single.items():
            f = family(t)
            add(counts, (f, r), n)
            total[f] = total.get(f, 0.0) + n
        return counts, total

    def plus(self, other: Confusions) -> Confusions:
        """The counts of both."""
        out = Confusions(dict(self.single), dict(self.double))
        for mine, theirs in ((out.single, other.single), (out.double, other.double)):
            for key, n in theirs.items():
                add(mine, key, n)
        return out


def spread(counts: Counts) -> Counts:
    """Counts of single glyphs with some sights for readings that differ from a known one by a character of like shape.

    Only readings of two or three characters: pieces of one glyph, of which there are too many to be seen all (`tt` for the ủ of `ctta`).
    """
    out = dict(counts)
    for (printed, read), n in counts.items():
        if len(read) < 2 or n < SEEN:
            continue
        kin = [read[:k] + x + read[k + 1 :] for k, c in enumerate(read) for like in ALIKE if c in like for x in like if x != c]
        for other in kin:
            add(out, (printed, other), SPREAD * n / len(kin))
    return out


class Aligner:
    """The best segmentation of a printed word against its reading, single glyphs only."""

    def __init__(self, counts: Confusions, learning: bool = False) -> None:
        self.learning = learning
        self.counts, (self.total, _) = counts.single, counts.totals()
        self.family, self.family_total = counts.families()
        self._cost: dict[tuple[str, str], float] = {}

    def cost(self, printed: str, read: str) -> float:
        """−ln P(read | printed glyph), smoothed."""
        key = (printed, read)
        c = self._cost.get(key)
        if c is None:
            p = (self.counts.get(key, 0) + SMOOTHING * self.expected(printed, read)) / (self.total.get(printed, 0) + SMOOTHING)
            c = self._cost[key] = -log(p)
        return c

    def expected(self, printed: str, read: str) -> float:
        """P(read | glyph) before the glyph's own counts: by its family and by its shape."""
        if self.learning:  # what kin and vowels share would blur what is being learned (3.1 → 3.7 % wrong words on the development pages)
            return prior(printed, read, False)
        f, shape = family(printed), prior(printed, read)
        kin = (self.family.get((f, read), 0) + SMOOTHING * prior(f, read)) / (self.family_total.get(f, 0) + SMOOTHING)
        return FAMILY * kin + (1 - FAMILY) * shape

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
        aligner, found = Aligner(known, learning=True), Confusions()
        for printed, read, n in data:
            cost, parts = aligner.align(printed, read)
            if not parts or cost > 3.5 * len(printed) + 2:
                continue
            for k, (t, r) in enumerate(zip(printed, parts, strict=True)):
                add(found.single, (t, r), n)
                if k:
                    both = parts[k - 1] + r
                    if len(both) <= LONGEST:
                        add(found.double, (printed[k - 1] + t, both), n)
        known = found
    return known


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of glyphs that a segment is a known reading of, side by side: pair, its glyphs, sights of the reading, all sights."""

    pair: NDArray[np.int64]
    one: NDArray[np.int64]
    two: NDArray[np.int64]
    sights: NDArray[np.float64]
    total: NDArray[np.float64]


class Channel:
    """Costs for the search: −ln P(read | printed) of every target glyph and pair, for each read segment that comes up."""

    def __init__(self, confusions: Confusions, glyphs: list[str], doubles: list[str], weight: float) -> None:
        self.glyphs, self.weight = glyphs, weight
        confusions = Confusions(spread(confusions.single), confusions.double)
        self._double_index = {d: k for k, d in enumerate(doubles)}
        self._aligner = Aligner(confusions)
        by_read: dict[str, list[tuple[int, int, int, float, float]]] = {}
        index = {g: k for k, g in enumerate(glyphs)}
        total = confusions.totals()[1]
        for (t, r), n in confusions.double.items():
            if n >= 2 and t in self._double_index:
                by_read.setdefault(r, []).append((self._double_index[t], index[t[0]], index[t[1]], n, total[t]))
        self._by_read = {r: _Pairs(*map(np.array, zip(*rows, strict=True))) for r, rows in by_read.items()}
        self._numbers: dict[str, int] = {}
        self._one = np.empty((256, len(glyphs)), np.float32)
        self._first = np.zeros((256, 2), np.int32)
        self._ids, self._costs, self._used = np.zeros(1024, np.int32), np.zeros(1024, np.float32), 0
        self._large = np.array([g.isupper() for g in glyphs])
        kin = sorted({family(g) for g in glyphs})
        self._kin = np.array([kin.index(family(g)) for g in glyphs])
        self._prior, self._kin_prior = prior_rows(tuple(glyphs)), prior_rows(tuple(kin))
        self._total = np.array([self._aligner.total.get(g, 0) for g in glyphs])
        self._kin_total = np.array([self._aligner.family_total.get(f, 0) for f in kin])
        self._seen = _by_reading(confusions.single, index)
        self._kin_seen = _by_reading(self._aligner.family, {f: k for k, f in enumerate(kin)})

    def _singles(self, reads: Sequence[str]) -> Costs:
        """`Aligner.cost` of all glyphs at once, a row for each of some segments."""
        kin = SMOOTHING * self._kin_prior.of(reads)
        for row, read in enumerate(reads):
            for k, n in self._kin_seen.get(read, ()):
                kin[row, k] += n
        kin /= self._kin_total + SMOOTHING
        p = SMOOTHING * (FAMILY * kin[:, self._kin] + (1 - FAMILY) * self._prior.of(reads))
        for row, read in enumerate(reads):
            for k, n in self._seen.get(read, ()):
                p[row, k] += n
        return (-self.weight * np.log(p / (self._total + SMOOTHING))).astype(np.float32)

    def prepare(self, tokens: Iterable[str]) -> None:
        """Work out the rows of all segments of some tokens together, which is faster than one by one when they come up."""
        segments = {t[i : i + length]: None for t in tokens for i in range(len(t) + 1) for length in range(min(LONGEST, len(t) - i) + 1)}
        self._add([s for s in segments if s not in self._numbers])

    def number(self, read: str) -> int:
        """The row of a read segment in `tables`, worked out when it first comes up."""
        got = self._numbers.get(read)
        return self._new(read) if got is None else got

    def tables(self) -> tuple[Costs, tuple[NDArray[np.int32], NDArray[np.int32], Costs]]:
        """Cost of each glyph by segment; and of the pairs that a segment is a known reading of: (first and last row, pair, cost)."""
        return self._one, (self._first, self._ids, self._costs)

    def _new(self, read: str) -> int:
        self.prepare((read,))
        return self._numbers[read]

    def _add(self, reads: Sequence[str]) -> None:
        """Append the rows of new segments; those that a segment is made of are among them or known."""
        at = len(self._numbers)
        while at + len(reads) > len(self._one):
            self._one, self._first = _longer(self._one), _longer(self._first)
        for begin in range(0, len(reads), 1024):  # bounds the memory of what is worked out at once
            self._one[at + begin : at + min(begin + 1024, len(reads))] = self._singles(reads[begin : begin + 1024])
        self._numbers |= {read: at + k for k, read in enumerate(reads)}
        for k, read in enumerate(reads):
            ids, costs = self._pairs(read)
            while self._used + len(ids) > len(self._ids):
                self._ids, self._costs = _longer(self._ids), _longer(self._costs)
            end = self._used + len(ids)
            self._ids[self._used : end], self._costs[self._used : end] = ids, costs
            self._first[at + k] = self._used, end
            self._used = end

    def _pairs(self, read: str) -> tuple[NDArray[np.int64], Costs]:
        """The pairs of glyphs that a segment is oftener read for than their own readings say, and what they cost."""
        known = self._by_read.get(read)
        if known is None:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows = [(self._numbers[read[:k]], self._numbers[read[k:]]) for k in range(len(read) + 1)]
        composed = np.min([self._one[a][known.one] + self._one[b][known.two] for a, b in rows], axis=0) / self.weight
        cost = -np.log((known.sights + PAIR_SMOOTHING * np.exp(-composed)) / (known.total + PAIR_SMOOTHING))
        better = cost < composed - 0.1
        return known.pair[better], (self.weight * cost[better]).astype(np.float32)

    def may_be_large(self, read: str) -> bool:
        """Whether a character may stand for a large letter: whether some large letter is read so once in 15 times."""
        row = self.number(read)
        return bool((self._one[row][self._large] < 2.7 * self.weight).any())

    def align(self, printed: str, read: str) -> tuple[float, list[str]]:
        """As `Aligner.align`, unweighted."""
        return self._aligner.align(printed, read)


def _by_reading(counts: Counts, index: dict[str, int]) -> dict[str, list[tuple[int, float]]]:
    out: dict[str, list[tuple[int, float]]] = {}
    for (t, r), n in counts.items():
        if t in index:
            out.setdefault(r, []).append((index[t], n))
    return out


def _longer(array: NDArray[Any]) -> NDArray[Any]:
    """The same rows with as many free ones behind them."""
    return np.concatenate([array, np.zeros_like(array)])
