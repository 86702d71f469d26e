"""The language model: interpolated modified Kneser–Ney 4-grams over syllables and classes, quantised, in a trie of plain arrays.

Discounts after Chen and Goodman 1999. Counts may be fractions, because official texts weigh more than general ones. An n-gram of order
3 or 4 with fewer than `LEAST` sights is not kept, and its mass goes to the shorter context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.repair.counts import BITS, Grams

Floats = NDArray[np.float64]
LEAST = 3.0  # sights, each text counted once: what stands in a text once or twice could be recognised
LEAST_PAIR = 0.12  # a pair of syllables that only general texts show needs two sights
PROB_STEP, BACKOFF_STEP = 16 / 255, 10 / 255  # natural logarithms a quantum is worth
MASK = np.uint64((1 << BITS) - 1)


def _low(order: int) -> np.uint64:
    """The bits of the last `order` units."""
    return np.uint64((1 << (BITS * order)) - 1)


def discounts(counts: Floats) -> tuple[float, float, float]:
    """D1, D2, D3+ of modified Kneser–Ney from the counts of counts (rounded up); the textbook's middle values where texts are too few."""
    n = [float((np.ceil(counts) == k).sum()) for k in range(1, 5)]
    if min(n) < 50:
        return 0.6, 1.0, 1.35
    y = n[0] / (n[0] + 2 * n[1])
    d = [1 - 2 * y * n[1] / n[0], 2 - 3 * y * n[2] / n[1], 3 - 4 * y * n[3] / n[2]]
    return tuple(float(np.clip(x, 0.2, k + 0.7)) for k, x in enumerate(d))  # type: ignore[return-value]


def _discount(counts: Floats, d: tuple[float, float, float]) -> Floats:
    return np.interp(counts, [0, 1, 2, 3], [0, *d])


class Builder:
    """Probabilities of one model from weighted counts of orders 1 to 4 (sorted packed keys, counts)."""

    def __init__(
        self, counts: Mapping[int, tuple[Grams, Floats]], size: int, stop: int, sights: Mapping[int, Floats] | None = None
    ) -> None:
        """`sights` beside `counts` for pruning; without them every n-gram is kept."""
        self.size, self.stop, self.top, self.sights = size, stop, max(counts), sights
        self.keys: dict[int, Grams] = {}
        self.prob: dict[int, Floats] = {}
        self.gamma: dict[int, Floats] = {}  # natural weight left to the shorter context, beside keys[n] as a context
        for order in range(1, self.top + 1):
            self._add(order, counts)

    def _used(self, order: int, counts: Mapping[int, tuple[Grams, Floats]]) -> Floats:
        """Counts at the top, numbers of different left neighbours below (counts again where nothing can stand to the left)."""
        keys, raw = counts[order]
        if order == self.top:
            return raw
        longer, weight = counts[order + 1]
        used = np.zeros(len(keys))
        at = np.searchsorted(keys, longer & _low(order))
        ok = (at < len(keys)) & (keys[np.minimum(at, len(keys) - 1)] == (longer & _low(order)))
        np.add.at(used, at[ok], np.minimum(weight[ok], 1.0))
        begins = (keys >> np.uint64(BITS * (order - 1))) == self.stop
        return np.where(begins & (order > 1), raw, np.maximum(used, np.minimum(raw, 1.0) * 0.5))

    def _add(self, order: int, counts: Mapping[int, tuple[Grams, Floats]]) -> None:
        keys, raw = counts[order]
        used = self._used(order, counts)
        shares = used - _discount(used, discounts(used))
        if order == 1:
            total = used.sum()
            p = np.full(self.size, (1 - shares.sum() / total) / self.size)
            p[keys.astype(np.int64)] += shares / total
            self.keys[1], self.prob[1] = np.arange(self.size, dtype=np.uint64), p
            return
        context = keys >> np.uint64(BITS)
        edge = np.flatnonzero(np.concatenate(([True], context[1:] != context[:-1])))
        total = np.add.reduceat(used, edge)
        group = np.cumsum(np.concatenate(([0], (context[1:] != context[:-1]).astype(np.int64))))
        share = shares / total[group]
        keep = raw >= LEAST_PAIR
        if order > 2 and self.sights is not None:
            keep = self.sights[order] >= LEAST
        spent = np.bincount(group, share * keep, len(edge))
        known, at = self.keys[order - 1], np.zeros(0, np.int64)
        gamma = np.ones(len(known))
        at = np.searchsorted(known, context[edge])
        ok = (at < len(known)) & (known[np.minimum(at, len(known) - 1)] == context[edge])
        gamma[at[ok]] = np.clip(1 - spent[ok], 1e-4, 1)
        self.gamma[order - 1] = gamma
        at = np.minimum(np.searchsorted(known, context), len(known) - 1)
        keep &= known[at] == context  # the trie needs every kept n-gram's beginning
        keys, share, at = keys[keep], share[keep], at[keep]
        self.keys[order] = keys
        self.prob[order] = share + gamma[at] * self.probability(keys & _low(order - 1), order - 1)

    def probability(self, keys: Grams, order: int) -> Floats:
        """P(last | others) of packed n-grams, backing off where one was not kept."""
        known = self.keys[order]
        at = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
        found = known[at] == keys if len(known) else np.zeros(len(keys), bool)
        out = np.zeros(len(keys))
        out[found] = self.prob[order][at[found]]
        rest = ~found
        if order > 1 and rest.any():
            context = keys[rest] >> np.uint64(BITS)
            shorter = self.keys[order - 1]
            at = np.minimum(np.searchsorted(shorter, context), len(shorter) - 1)
            weight = np.where(shorter[at] == context, self.gamma[order - 1][at], 1.0)
            out[rest] = weight * self.probability(keys[rest] & _low(order - 1), order - 1)
        return out

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The trie: for each order its last units, quantised −ln P and −ln γ, and where each node's children begin."""
        out: dict[str, NDArray[np.generic]] = {}
        for order in range(1, self.top + 1):
            keys = self.keys[order]
            out[f"word{order}"] = (keys & MASK).astype(np.uint16)
            out[f"prob{order}"] = _quantised(self.prob[order], PROB_STEP)
            if order < self.top:
                out[f"back{order}"] = _quantised(self.gamma[order], BACKOFF_STEP)
                out[f"child{order}"] = np.append(
                    np.searchsorted(self.keys[order + 1] >> np.uint64(BITS), keys), len(self.keys[order + 1])
                ).astype(np.uint32)
        return out


def _quantised(p: Floats, step: float) -> NDArray[np.uint8]:
    return np.clip(np.round(-np.log(np.maximum(p, 1e-12)) / step), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Language:
    """The arrays of a model in the order that `step` takes them."""

    word2: NDArray[np.uint16]
    word3: NDArray[np.uint16]
    word4: NDArray[np.uint16]
    prob1: NDArray[np.uint8]
    prob2: NDArray[np.uint8]
    prob3: NDArray[np.uint8]
    prob4: NDArray[np.uint8]
    back1: NDArray[np.uint8]
    back2: NDArray[np.uint8]
    back3: NDArray[np.uint8]
    child1: NDArray[np.uint32]
    child2: NDArray[np.uint32]
    child3: NDArray[np.uint32]

    def tuple(self) -> tuple[NDArray[np.generic], ...]:
        """All arrays, for numba."""
        return tuple(getattr(self, f) for f in self.__dataclass_fields__)


@numba.njit(cache=True)
def find(words: NDArray[np.uint16], low: int, high: int, w: int) -> Any:
    """Index of `w` in the sorted `words[low:high]`, or −1."""
    a, b = np.int64(low), np.int64(high)
    while a < b:
        mid = (a + b) >> 1
        x = np.int64(words[mid])
        if x < w:
            a = mid + 1
        elif x > w:
            b = mid
        else:
            return mid
    return -1


@numba.njit(cache=True)
def step(lm: Any, s1: int, s2: int, s3: int, w: Any) -> Any:
    """−ln P(w | state) and the next state. A state is (last unit, node of the last two, node of the last three), −1 for none."""
    w = np.int64(w)  # the arrays are of small unsigned numbers, which numba would mix with signed ones to floats
    word2, word3, word4, prob1, prob2, prob3, prob4, back1, back2, back3, child1, child2, child3 = lm
    cost, done, spent = 0.0, False, 0.0
    n2, n3 = np.int64(-1), np.int64(-1)
    if s3 >= 0:
        k = find(word4, child3[s3], child3[s3 + 1], w)
        if k >= 0:
            cost, done = prob4[k] * PROB_STEP, True
        else:
            spent += back3[s3] * BACKOFF_STEP
    if s2 >= 0:
        n3 = find(word3, child2[s2], child2[s2 + 1], w)
        if not done:
            if n3 >= 0:
                cost, done = spent + prob3[n3] * PROB_STEP, True
            else:
                spent += back2[s2] * BACKOFF_STEP
    n2 = find(word2, child1[s1], child1[s1 + 1], w)
    if not done:
        cost = spent + (prob2[n2] * PROB_STEP if n2 >= 0 else back1[s1] * BACKOFF_STEP + prob1[w] * PROB_STEP)
    if w == 0:  # nothing reaches over the end of a clause
        return cost, np.int64(0), np.int64(-1), np.int64(-1)
    return cost, w, n2, n3


@numba.njit(cache=True)
def stretch_costs(lm: Any, units: NDArray[np.int64], ends: NDArray[np.int64]) -> Any:
    """−ln P of each stretch of `units` after all before it, shape of `ends`: stretch k ends before unit `ends[k]`."""
    out = np.zeros(len(ends))
    a, b, c = np.int64(0), np.int64(-1), np.int64(-1)
    at = 0
    for k in range(len(ends)):
        while at < ends[k]:
            x, a, b, c = step(lm, a, b, c, units[at])
            out[k] += x
            at += 1
    return out
