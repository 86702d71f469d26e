"""The same paper in other pixels: pages rendered at another resolution than once, so that the boxes of corrections miss their words.

A row does not tell how large its page was. It is measured: rows with enough words lead to the lines that say the same now, and where
these all lie elsewhere in one proportion, every box is scaled by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from rapidfuzz import fuzz

from pipeline.corrections import Correction
from pipeline.corrections.place import LONG, SURE, likeness
from pipeline.document import Box, Line, Page
from pipeline.text import fold, one_blank

HEAD = 40  # characters of the old words that are looked for: a task runs over several lines, its first tells its top
FAR = 120  # pixels from the upper edge below which a top says little of a proportion
SAME = 0.03  # proportions that differ by less are one: other models draw other boxes
MOST = 2 / 3  # share of the measures that must agree


def fitted(rows: Sequence[Correction], pages: Sequence[Page], beside: Sequence[Correction] = ()) -> tuple[Correction, ...]:
    """The rows of a file, their boxes in the pixels of its `pages`; as they are where nothing tells that these are others.

    `beside` are further rows of the file that may tell.
    """
    by = proportion((*rows, *beside), pages)
    return tuple(rows) if by == 1.0 else tuple(replace(row, box=_scaled(row.box, by)) if row.box else row for row in rows)


def proportion(rows: Sequence[Correction], pages: Sequence[Page]) -> float:
    """By what the boxes of `rows` must be multiplied to lie on `pages`; 1.0 where two measures do not agree on another."""
    by_number = {page.number: page for page in pages}
    found: list[float] = []
    for row in rows:
        page = by_number.get(row.page)
        line = _line(page, row) if page and row.box and row.box.top >= FAR else None
        if line is not None and line.box is not None and row.box is not None:
            found.append(line.box.top / row.box.top)
            if max(likeness(line.text, row.old), likeness(line.text, row.value)) >= SURE:  # the whole line: its end tells, too
                found.append(line.box.right / row.box.right)
    middle = median(found) if found else 1.0
    agreeing = [by for by in found if abs(by - middle) <= SAME * middle]
    if abs(middle - 1) <= SAME or len(agreeing) < max(2, MOST * len(found)):
        return 1.0
    return median(agreeing)


def _line(page: Page, row: Correction) -> Line | None:
    """The one line of a page that says, or begins, what a row tells of its place; None where there is none or several."""
    for text in (row.old, row.value):
        head = fold(one_blank(text))[:HEAD]
        if len(head) >= LONG:
            said = ((line, fold(one_blank(line.text))) for line in page.lines if line.words)
            alike = [line for line, words in said if len(words) >= LONG and fuzz.partial_ratio(words, head) >= 100 * SURE]
            if len(alike) == 1:
                return alike[0]
    return None


def _scaled(box: Box, by: float) -> Box:
    return Box(*(round(side * by) for side in (box.left, box.top, box.right, box.bottom)))
