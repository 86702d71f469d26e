"""Intervals by document: how far a measure could lie elsewhere had other documents of the same kind been drawn.

Documents, not facts, are drawn anew: facts of one document stand or fall together (Efron and Tibshirani 1993, percentile bootstrap).
Where every document is without error the interval has no width: read the counts beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20231107
LEVEL = 0.95

Counts = NDArray[np.float64]
Measure = Callable[[Counts], Counts]


def interval(rows: Sequence[Sequence[float]], measure: Measure, level: float = LEVEL) -> tuple[float, float] | None:
    """The `level` bootstrap interval of a measure of summed counts; None for fewer than two documents, or where it is never defined.

    `rows`: one row of counts for each document. `measure` takes sums of rows, shape (resamples, counts), and gives one value each, NaN
    where it is undefined. Seeded: the same rows give the same interval.
    """
    table = np.asarray(rows, dtype=np.float64)
    if len(table) < 2:
        return None
    drawn = np.random.default_rng(SEED).multinomial(len(table), np.full(len(table), 1 / len(table)), size=RESAMPLES)
    values = measure(drawn @ table)
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def ratio(sums: Counts) -> Counts:
    """Columns (part, whole) → part / whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)


def f1(sums: Counts) -> Counts:
    """Columns (right, made, there) → F1 = 2·right / (made + there)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sums[:, 1] + sums[:, 2] > 0, 2 * sums[:, 0] / (sums[:, 1] + sums[:, 2]), np.nan)


def macro_f1(sums: Counts) -> Counts:
    """Columns (right, made, there) for each component in turn → mean F1 of the components that are not empty."""
    each = np.stack([f1(sums[:, k : k + 3]) for k in range(0, sums.shape[1], 3)])
    there = ~np.isnan(each)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(there.any(axis=0), np.where(there, each, 0).sum(axis=0) / there.sum(axis=0), np.nan)
