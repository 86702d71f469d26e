"""Two pages on one sheet: told by the white down its middle, and read one after the other, the left page first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.document import Box, Line
from pipeline.layout.order import Row, Token, letter_height, lines_of, rows_of

_WIDE = 1.2  # a sheet with two pages is wider than high by this at least
_MIDDLE = (0.38, 0.62)  # of the width, where the white between the pages lies
_LEAST = 0.03  # of the width: narrower white parts columns, not pages
_LINES = 4  # printed lines that each page has at least
_PROSE = 0.6  # share of a page's lines that run on without wide gaps, as those of a table do not
_GAP = 1.6  # of a word's height: no blank between words is wider


def middle_of(tokens: Sequence[Token], width: int, height: int) -> int | None:
    """The x in pixels that parts the two pages of a sheet whose words are `tokens`; None where it holds one page.

    A landscape page with a table or with a letterhead over its whole width is one page: words lie in its middle, or its lines have gaps.
    """
    if width < _WIDE * height or not tokens:
        return None
    low, high = (int(share * width) for share in _MIDDLE)
    taken = sorted((max(t.box.left, low), min(t.box.right, high)) for t in tokens if t.box.right > low and t.box.left < high)
    best, at = (low, low), low
    for left, right in [*taken, (high, high)]:
        if left - at > best[1] - best[0]:
            best = (at, left)
        at = max(at, right)
    if best[1] - best[0] < _LEAST * width:
        return None
    middle = (best[0] + best[1]) // 2
    unit = letter_height(list(tokens))
    pages = (rows_of([t for t in tokens if t.box.right <= middle]), rows_of([t for t in tokens if t.box.left >= middle]))
    return middle if all(_is_page(rows, unit) for rows in pages) else None


def lines_between(rows: list[Row], left: int, right: int, height: int) -> list[Line]:
    """The rows of the page that lies from x = `left` to `right` of a sheet as lines in reading order, with boxes in pixels of the sheet."""
    moved = [Row(tuple(replace(t, box=shifted(t.box, -left)) for t in row.tokens)) for row in rows]
    lines = lines_of(moved, right - left, height)
    if not left:
        return lines
    return [replace(x, words=tuple(replace(w, box=shifted(w.box, left) if w.box else None) for w in x.words)) for x in lines]


def shifted(box: Box, by: int) -> Box:
    """The box moved `by` pixels to the right."""
    return Box(box.left + by, box.top, box.right + by, box.bottom)


def _is_page(rows: list[Row], unit: float) -> bool:
    """Whether rows are those of a page of running text."""
    long = [r for r in rows if len(r.tokens) >= 4]
    if len(long) < _LINES:
        return False
    whole = sum(all(b.box.left - a.box.right < _GAP * unit for a, b in zip(r.tokens, r.tokens[1:], strict=False)) for r in long)
    return whole >= _PROSE * len(long)
