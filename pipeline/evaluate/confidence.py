"""How well a confidence tells wrong words from right ones, whatever its scale: for lists of words that a person is to look at.

AUROC: chance that a wrong word drawn at random is less sure than a right one drawn at random, ties half (Mann and Whitney 1947).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SHARES = (0.06, 0.12)  # of all words, the least sure ones


@dataclass(frozen=True, slots=True)
class Ranking:
    """Of `words`, `wrong` ones; `auroc` None where all or none are wrong; `caught`: (share of words, share of wrong ones in it)."""

    words: int
    wrong: int
    auroc: float | None
    caught: tuple[tuple[float, float], ...]

    def values(self) -> dict[str, Any]:
        """As plain values."""
        return {"words": self.words, "wrong": self.wrong, "auroc": self.auroc, "caught": [list(c) for c in self.caught]}


def ranking(pairs: Sequence[tuple[float, bool]], shares: Sequence[float] = SHARES) -> Ranking:
    """Of (confidence, right) pairs. At a share that cuts through words of one confidence, the expected number of wrong ones counts.

    `ranking([(0.2, False), (0.9, True)]).auroc` is 1.
    """
    confidence = np.array([c for c, _ in pairs], np.float64)
    wrong = np.array([not right for _, right in pairs], bool)
    bad, good = int(wrong.sum()), int((~wrong).sum())
    if not bad or not good:
        return Ranking(len(pairs), bad, None, ())
    _, group, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    below = np.cumsum(sizes) - sizes
    ranks = (below + (sizes + 1) / 2)[group]
    auroc = 1 - (ranks[wrong].sum() - bad * (bad + 1) / 2) / (bad * good)
    held = np.bincount(group, wrong, len(sizes))
    x, y = np.concatenate([[0], np.cumsum(sizes)]), np.concatenate([[0], np.cumsum(held)])
    caught = tuple((s, float(np.interp(s * len(pairs), x, y)) / bad) for s in shares)
    return Ranking(len(pairs), bad, float(auroc), caught)
