"""Tables without any rule, told by a header that names columns and by numbers that run down under its first one.

Nothing else is taken for a table: columns of white alone are met in letterheads, signature blocks and lists, too.
"""

from __future__ import annotations

import re

import numpy as np

from pipeline.document import Box
from pipeline.layout.anchors import matches
from pipeline.layout.order import Row, Token
from pipeline.layout.tables import Table, between
from pipeline.text import fold

_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?[.)]?")
_HEADS = 2  # lines of print above and below the header's first word that may belong to it
_BLANK = 0.8  # of a line's height: white between two columns is wider
_BELOW = 2.2  # of a line's height: white wider than this under the last row ends the table


def open_tables(rows: list[Row], image: np.ndarray, unit: float) -> tuple[Table, ...]:
    """The tables without rules on a grey page whose words stand in `rows`; `unit` is the usual height of a word in pixels."""
    found: list[Table] = []
    k = 0
    while unit > 0 and k < len(rows):
        region = _region(rows, k, unit)
        if region is not None:
            box, last = region
            table = between(image, box, 1.15 * unit, np.zeros(image.shape, np.uint8))
            if table is not None:
                found.append(table)
                k = last
        k += 1
    return tuple(found)


def _region(rows: list[Row], k: int, unit: float) -> tuple[Box, int] | None:
    """The box of the table whose header stands in row `k`, and its last row; None where no header or no numbers are there."""
    first = next((t for t in rows[k].tokens if matches("ordinal-column", t.text)), None)
    if first is None or rows[k].tokens[0] is not first:
        return None
    high = [r for r in rows[max(0, k - _HEADS) : k + _HEADS + 1] if _near(r, first, unit)]
    named = {name for r in high for name in _column_names(r, unit)}
    if len(named) < 2:
        return None
    middle = (first.box.left + first.box.right) / 2
    reach = max(2 * unit, first.box.right - first.box.left)
    numbers: list[int] = []
    second: list[int] = []  # where what stands beside a number begins
    for n, r in enumerate(rows[k + 1 :], k + 1):
        lead = r.tokens[0]
        beside = r.tokens[1].box.left if len(r.tokens) > 1 else None
        if not _NUMBER.fullmatch(lead.text) or abs((lead.box.left + lead.box.right) / 2 - middle) > reach:
            continue
        if beside is not None and beside - lead.box.right < 0.6 * unit:
            break  # a numbered paragraph
        numbers.append(n)
        second += [] if beside is None else [beside]
    if len(numbers) < 2 or not second:
        return None
    last = numbers[-1]
    while last + 1 < len(rows):
        r = rows[last + 1]
        if r.box.top - rows[last].box.bottom > _BELOW * unit or r.box.left < min(second) - unit:
            break
        last += 1
    left_most = first.box.left - reach
    inside = rows[k : last + 1] + [r for r in high if r.box.top < rows[k].box.bottom]
    around = Box.around([r.box for r in inside])
    assert around is not None
    pad = round(0.4 * unit)
    left = max(0, min(around.left, round(left_most)) - pad)
    return Box(left, max(0, around.top - pad), around.right + pad, around.bottom + pad), last


def _near(row: Row, first: Token, unit: float) -> bool:
    return row.box.top < first.box.bottom + 1.5 * unit and row.box.bottom > first.box.top - 1.5 * unit


def _column_names(row: Row, unit: float) -> list[str]:
    """The runs of a header line that name a column."""
    texts = [" ".join(t.text for t in run) for run in _runs(row, unit)]
    return [fold(text) for text in texts if matches("column-name", text)]


def _runs(row: Row, unit: float) -> list[list[Token]]:
    """The words of a row parted where the white between them is wider than a blank."""
    runs: list[list[Token]] = []
    for token in row.tokens:
        if runs and token.box.left - runs[-1][-1].box.right < _BLANK * unit:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs
