"""How sure a word of letters on a scan is: what the recogniser says of it, and what the lattice of rereadings and the language model say.

A recogniser is often sure of a syllable that is a letter away from the one printed (`chỉ tiết`, `kinh phi`); the words around it tell.
The weights are a logistic regression in rules/word_confidence.toml; `python -m pipeline.train_confidence` fits them anew.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.grammar import cut
from pipeline.repair.language import Language, stretch_costs
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.restore import Choice
from pipeline.text import old_tone

RULES = "rules/word_confidence.toml"
ODDS, POSTERIOR = 0.01, 0.001  # how near to 0 and 1 a confidence and a posterior are believed
MOST = 12.0  # nats of the language model that count: a name nobody knows is no worse than a rare word


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a word (log odds are natural): `here` and `after` are the language model's −ln P of it and of the word behind."""

    recogniser: float  # log odds
    line: float  # log odds of the mean confidence of its line
    posterior: float  # log odds of the word as delivered among the rereadings
    other: float  # 1 where the lattice would have another word
    broken: float  # 1 where something that is no letter stands inside the word
    here: float
    after: float


def signs(text: str, confidence: float, line: float, posterior: float, other: bool, costs: tuple[float, float]) -> Signs:
    """The signs of a word `text` that the recogniser gives `confidence`, in a line of mean confidence `line`."""
    here, after = (min(c, MOST) for c in costs)
    broken = not cut(text)[1].isalpha()
    return Signs(_odds(confidence, ODDS), _odds(line, ODDS), _odds(posterior, POSTERIOR), float(other), float(broken), here, after)


def of_letters(text: str) -> bool:
    """Whether a word has letters and no digit, and is no abbreviation: of numbers and symbols a language model knows nothing."""
    letters = "".join(c for c in text if c.isalpha())
    abbreviated = letters.isupper() and not is_syllable(old_tone(letters.lower()))
    return bool(letters) and not abbreviated and not any(c.isdigit() for c in text)


def sure(found: Sequence[Signs]) -> list[float]:
    """The confidence of words in 0..1, by their signs."""
    if not found:
        return []
    bias, weights = _weights()
    return [round(float(p), 4) for p in 1 / (1 + np.exp(-(bias + np.array([astuple(s) for s in found]) @ weights)))]


def context_costs(language: Language, choices: Sequence[Choice]) -> list[tuple[float, float]]:
    """For each chosen edge in order: −ln P of its units after those before it, and of the next edge's after it (0 at the end)."""
    units = [c.edge.candidate.units for c in choices]
    ends = np.cumsum([len(u) for u in units], dtype=np.int64)
    own = stretch_costs(language.tuple(), np.array([u for row in units for u in row], np.int64), ends)
    return list(zip(own.tolist(), [*own[1:].tolist(), 0.0], strict=True))


def _odds(p: float, least: float) -> float:
    return math.log(max(p, least) / max(1 - p, least))


@cache
def _weights() -> tuple[float, NDArray[np.float64]]:
    table = tomllib.loads(files("pipeline").joinpath(RULES).read_text(encoding="utf-8"))
    return table["bias"], np.array([table["weights"][f.name] for f in fields(Signs)])
