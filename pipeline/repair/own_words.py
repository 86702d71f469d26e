"""A document's own words: what its sure words say of the words around them.

A text comes back to its words (`nho` in a tariff of wines, a commune's name), far oftener than a language model of all texts expects.
The second round knows the sure words of the first and makes a candidate cheaper that stands near, as a cache model does (Kuhn and De
Mori 1990); the token itself never counts for its own reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.language import PROB_STEP

NEAR = 300  # tokens to either side within which a sight counts
SHARE = 0.5  # weight of the words near by against the language model's share of the word
MOST = 4.0  # nats
RARE = 1e-4  # the least share that the language model is taken to give a word: sights of a rare one may be mistakes of the first round
_TOKENS = 1 << 40  # more than a text has


@dataclass(frozen=True)
class OwnWords:
    """Sights of units: sorted `unit · _TOKENS + token`; `share[unit]` is how often the language model has it by itself."""

    sights: NDArray[np.int64]
    share: NDArray[np.float64]

    @staticmethod
    def of(sights: Iterable[tuple[int, int]], prob1: NDArray[np.uint8]) -> OwnWords:
        """From (unit, token it stands at) and the language model's quantised −ln P of single units."""
        keys = np.array([u * _TOKENS + t for u, t in sights], np.int64)
        keys.sort()
        return OwnWords(keys, np.exp(-prob1.astype(np.float64) * PROB_STEP))

    def cheaper(self, unit: NDArray[np.int32], token: NDArray[np.int64]) -> NDArray[np.float32]:
        """By how many nats a candidate `unit` (−1: none) at `token` is cheaper; rows side by side."""
        row = unit.astype(np.int64) * _TOKENS
        first = np.searchsorted(self.sights, row + np.maximum(token - NEAR, 0))
        last = np.searchsorted(self.sights, row + token + NEAR, "right")
        found = np.flatnonzero((last > first) & (unit >= 0))
        here = row[found] + token[found]
        itself = np.searchsorted(self.sights, here, "right") - np.searchsorted(self.sights, here)
        out = np.zeros(len(unit), np.float32)
        count = (last - first)[found] - itself
        out[found] = np.minimum(np.log1p(SHARE * count / (2 * NEAR * np.maximum(self.share[unit[found]], RARE))), MOST)
        return out
