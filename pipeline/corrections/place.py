"""How a correction is found again: by page, place and old words.

Another OCR model reads other letters and cuts lines elsewhere, other rules number facts anew; the paper stays the same, and with it the
page and roughly the place. So a thing answers to a correction where both lie in one place and its words are near those that were
corrected, or those they should be (the new model may have got them right).
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.corrections import Correction
from pipeline.document import Box
from pipeline.text import fold, old_tone, one_blank

HERE = 0.3  # share of the smaller box that must be common for two things to lie in one place
ALIKE = 0.6  # words in one place that are so alike are the same words, read otherwise
SURE = 0.9  # words so alike are the same on whatever place of the page (other resolution, other margins) …
LONG = 12  # … where they have so many characters and stand there once
SPOT = 0.4  # share of both boxes together that must be common where words do not tell which of several things is meant


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a thing answers to a correction, 0..1: `place`, the common share of the smaller box; `spot`, that of both boxes together;
    likeness of `words`. `rank` sorts by all three."""

    place: float
    spot: float
    words: float
    rank: float

    def good(self, length: int) -> bool:
        """Whether this is what was corrected, `length` being the characters of the old words."""
        return (self.place >= HERE and self.words >= ALIKE) or (self.words >= SURE and length >= LONG)


def overlap(row: Correction, first: int | None, last: int | None, box: Box | None) -> float:
    """The common share of the smaller of two boxes; where one has none, 1 if the line of the correction is among `first`..`last`."""
    if row.box is not None and box is not None:
        return common(row.box, box) / max(1, min(area(row.box), area(box)))
    if row.line is None or first is None or last is None:
        return 0.0
    return 1.0 if first <= row.line <= last else 0.0


def area(box: Box) -> int:
    """Pixels in a box."""
    return max(0, box.right - box.left) * max(0, box.bottom - box.top)


def common(a: Box, b: Box) -> int:
    """Pixels that two boxes share."""
    return area(Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)))


def likeness(a: str, b: str) -> float:
    """How alike two texts are, 0..1: mostly by letters without diacritics, a little by the exact characters. Two empty ones are alike."""
    a, b = one_blank(old_tone(a)), one_blank(old_tone(b))
    if a == b:
        return 1.0
    if not a or not b:
        return 0.0
    return 0.0099 * fuzz.ratio(fold(a), fold(b)) * 0.9 + 0.00099 * fuzz.ratio(a, b)


def fit(row: Correction, said: str, first: int | None, last: int | None, box: Box | None, exact: bool = False) -> Fit:
    """How well what says `said` on lines `first`..`last`, in `box`, answers to `row`; codes and numbers (`exact`) are alike or not.

    Without boxes the spot is the line on which a thing begins: one that only runs over it may be another.
    """
    words = float(said in (row.old, row.value)) if exact else max(likeness(said, row.old), likeness(said, row.value))
    place = overlap(row, first, last, box)
    spot = place if row.line == first else min(place, SPOT / 2)
    if row.box is not None and box is not None:
        spot = common(row.box, box) / max(1, area(row.box) + area(box) - common(row.box, box))
    return Fit(place, spot, words, round(words + place / 2 + spot / 2, 6))
