"""How sure a word of letters on a scan is: what the recogniser, the print of its marks, the lattice of rereadings and the language say.

A recogniser is often sure of a syllable that is a letter away from the one printed (`chỉ tiết`, `kinh phi`); the words around it tell.
The weights are a logistic regression in rules/word_confidence.toml; `python -m pipeline.train_confidence` fits them anew.
"""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from pipeline.document import Line
from pipeline.repair.grammar import cut
from pipeline.repair.language import Language, stretch_costs
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.restore import Choice
from pipeline.text import APART, old_tone

RULES = "rules/word_confidence.toml"
ODDS, POSTERIOR = 0.01, 0.001  # how near to 0 and 1 a confidence and a posterior are believed
KEPT_BELOW = 0.88  # confidence of the recogniser; settings: extract.written_digits_above
MOST = 12.0  # nats of the language model that count: a name nobody knows is no worse than a rare word


@dataclass(frozen=True, slots=True)
class Read:
    """What the recogniser said of a word: its confidence, the mean one of its line, and `Word.marks`."""

    confidence: float
    line: float
    marks: float | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """What speaks for a word that is none of letters: a number, a symbol, an abbreviation, a mark."""

    recogniser: float
    line: float
    mark: float  # 1 where it has no letter or digit
    letters: float  # 1 where it has no digit, but letters


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a word (log odds are natural): `here` and `after` are the language model's −ln P of it and of the word behind.

    `marks`: log odds that the print bears the marks of the word as delivered; 0 where nobody knows.
    """

    recogniser: float  # log odds
    line: float  # log odds of the mean confidence of its line
    posterior: float  # log odds of the word as delivered among the rereadings
    other: float  # 1 where the lattice would have another word
    broken: float  # 1 where something that is no letter stands inside the word
    here: float
    after: float
    marks: float


def signs(read: Read, text: str, posterior: float, other: bool, costs: tuple[float, float], before: str = "") -> Signs:
    """The signs of a word that was `read` so and is delivered as `text`, in place of the word `before` where they differ."""
    here, after = (min(c, MOST) for c in costs)
    broken = not cut(text)[1].isalpha()
    own, line = (_odds(c, ODDS) for c in (read.confidence, read.line))
    marks = 0.0 if read.marks is None else _odds(read.marks, ODDS)
    if before and before != text:  # what is not printed as read may be printed as mended
        marks = -marks if same_but_marks(before, text) else 0.0
    return Signs(own, line, _odds(posterior, POSTERIOR), float(other), float(broken), here, after, marks)


def same_but_marks(a: str, b: str) -> bool:
    """Whether two words differ in nothing but marks that `Word.marks` tells of: `câu` and `cầu`, not `dưng` and `dung`."""
    first, second = ("".join(c for c in unicodedata.normalize("NFD", x) if c not in APART) for x in (a, b))
    return first == second


def reads(line: Line) -> dict[int, Read]:
    """What the recogniser said of the words of a line, by where they start."""
    known = [w.confidence for w in line.words if w.confidence is not None]
    return {w.start: Read(w.confidence, fmean(known), w.marks) for w in line.words if w.confidence is not None}


def other_signs(read: Read, text: str) -> Other:
    """The signs of a word that is none of letters."""
    bare = not any(c.isalnum() for c in text)
    digits = any(c.isdigit() for c in text)
    own, line = (_odds(c, ODDS) for c in (read.confidence, read.line))
    return Other(own, line, float(bare), float(not bare and not digits))


def of_letters(text: str) -> bool:
    """Whether a word has letters and no digit, and is no abbreviation: of numbers and symbols a language model knows nothing."""
    letters = "".join(c for c in text if c.isalpha())
    abbreviated = letters.isupper() and not is_syllable(old_tone(letters.lower()))
    return bool(letters) and not abbreviated and not any(c.isdigit() for c in text)


def sure(found: Sequence[Signs] | Sequence[Other]) -> list[float]:
    """The confidence of words in 0..1, by their signs; all of one kind."""
    if not found:
        return []
    bias, weights = _weights(SECTIONS[type(found[0])])
    return [round(float(p), 4) for p in 1 / (1 + np.exp(-(bias + np.array([astuple(s) for s in found]) @ weights)))]


def others_sure(found: Sequence[tuple[Read, str]]) -> list[float]:
    """The confidence of words that are none of letters: never less than the recogniser's, nor other than it below `KEPT_BELOW`.

    What is read with less is mostly written by hand or torn, and the bounds of the extractor's settings speak of the recogniser's figure.
    """
    told = sure([other_signs(*x) for x in found])
    return [max(p, x.confidence) if x.confidence >= KEPT_BELOW else x.confidence for p, (x, _) in zip(told, found, strict=True)]


def context_costs(language: Language, choices: Sequence[Choice]) -> list[tuple[float, float]]:
    """For each chosen edge in order: −ln P of its units after those before it, and of the next edge's after it (0 at the end)."""
    units = [c.edge.candidate.units for c in choices]
    ends = np.cumsum([len(u) for u in units], dtype=np.int64)
    own = stretch_costs(language.tuple(), np.array([u for row in units for u in row], np.int64), ends)
    return list(zip(own.tolist(), [*own[1:].tolist(), 0.0], strict=True))


SECTIONS: dict[type[Signs] | type[Other], str] = {Signs: "letters", Other: "others"}


def _odds(p: float, least: float) -> float:
    return math.log(max(p, least) / max(1 - p, least))


@cache
def _weights(section: str) -> tuple[float, NDArray[np.float64]]:
    table = tomllib.loads(files("pipeline").joinpath(RULES).read_text(encoding="utf-8"))[section]
    kind = next(kind for kind, name in SECTIONS.items() if name == section)
    return table["bias"], np.array([table[f.name] for f in fields(kind)])
