"""Clean or garbled, line by line: how many words are none, how many bear a mark, how surprised the language model is.

Each line is judged with its neighbours and with the whole text behind it: a short line tells little by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline import settings
from pipeline.repair.grammar import CLASSES, WORD, analyse
from pipeline.repair.language import stretch_costs
from pipeline.repair.store import Model


@dataclass(frozen=True, slots=True)
class Signs:
    """What a line shows: words of letters, those that are no known word, those with a Vietnamese mark, surprise in nats over `units`."""

    words: int
    unknown: int
    marked: int
    units: int
    surprise: float


def signs(raws: Sequence[str], model: Model) -> list[Signs]:
    """The signs of each line; the language model reads on over line ends."""
    rows: list[tuple[int, int, int, int]] = []
    units: list[int] = []
    ends: list[int] = []
    plain = set(CLASSES)
    for raw in raws:
        words = unknown = marked = 0
        before = len(units)
        for token in raw.split():
            shape = analyse(token, model.index)
            for u in shape.units:
                units.append(model.index.get(u, model.index[WORD]))
                if u == WORD or u not in plain:
                    words += 1
                    unknown += u == WORD
            if not shape.body.isascii() and any(u not in plain for u in shape.units):
                marked += sum(not u.isascii() for u in shape.units if u not in plain)
        rows.append((words, unknown, marked, len(units) - before))
        ends.append(len(units))
    surprise: NDArray[np.float64] = stretch_costs(model.language.tuple(), np.array(units, np.int64), np.array(ends, np.int64))
    return [Signs(*r, float(s)) for r, s in zip(rows, surprise, strict=True)]


# Weights of evidence a word: clean official lines bear marks on 72 to 100 % of their words (5th and 99th percentile of held-out lines),
# lines read by the English model on 0 to 20 %, lines stripped of marks on none.
MARKED_EXPECTED, MARKED_WEIGHT = 0.45, 7.0
UNKNOWN_EXPECTED, UNKNOWN_WEIGHT = 0.2, 4.0
SURPRISE_EXPECTED, SURPRISE_WEIGHT = 5.3, 0.4
LINE_LIMIT = 8.0  # nats of evidence that one line can give
WHOLE_LIMIT = 6.0  # nats that the whole text can give
OCR_PRIOR = -4.0  # a line read by the Vietnamese model is clean unless it is plainly not


def evidence(s: Signs) -> float:
    """Nats for "garbled" that one line gives by itself; 0 for a line without words."""
    if not s.words:
        return 0.0
    each = (
        MARKED_WEIGHT * (MARKED_EXPECTED - s.marked / s.words)
        + UNKNOWN_WEIGHT * (s.unknown / s.words - UNKNOWN_EXPECTED)
        + SURPRISE_WEIGHT * (s.surprise / max(s.units, 1) - SURPRISE_EXPECTED)
    )
    return float(np.clip(each * min(s.words, 12) / 2, -LINE_LIMIT, LINE_LIMIT))


def garbled_probability(raws: Sequence[str], model: Model, prior: float = 0.0) -> list[float]:
    """For each line the probability that it is garbled: its own evidence, that of its neighbours, and that of the whole text."""
    own = np.array([evidence(s) for s in signs(raws, model)])
    if not len(own):
        return []
    near = np.convolve(np.pad(own, 2), [0.15, 0.3, 0, 0.3, 0.15], "valid")
    spoken = own[own != 0]
    whole = float(np.clip(spoken.mean() if len(spoken) else 0.0, -WHOLE_LIMIT, WHOLE_LIMIT))
    total = np.clip(own + near + whole + prior, -30, 30)
    return [float(x) for x in 1 / (1 + np.exp(-total))]


def garbled_lines(raws: Sequence[str], model: Model, options: settings.Repair, prior: float = 0.0) -> list[bool]:
    """Which lines are garbled. A blank line, or one without words, goes with the text around it."""
    return [p > options.garbled_above for p in garbled_probability(raws, model, prior)]
