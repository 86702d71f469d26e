"""One Excel workbook, a sheet for each table, in which nothing is live: no formula, no link, no number made of a text.

The printed lines stay out: they are a thousand rows for each task, past what Excel holds for a large corpus; csv and sqlite have them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import xlsxwriter

from pipeline.corpus.store import flat
from pipeline.corpus.tables import NAMES, Tables, to_arrow

MAX_ROWS = 1_048_576  # of a sheet, with its heading (Excel specifications and limits)
MAX_TEXT = 32_767  # characters of a cell
WIDEST, NARROWEST = 60, 8  # characters of a column
LOOKED_AT = 200  # rows that a column's width is taken from
CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # fixed: the same corpus, the same bytes
LEFT_OUT = ("lines",)
_INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LEAN = {"constant_memory": True}  # a row is written out before the next: cells must come row by row


def workbook(tables: Tables) -> bytes:
    """The workbook: overview first; a table longer than a sheet goes on in `tasks (2)`; a longer text than a cell takes ends in `…`."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _INERT | _LEAN)
    book.set_properties({"title": "kehoach", "created": CREATED})
    heading = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
    for name in ("overview", *(n for n in NAMES if n not in ("overview", *LEFT_OUT))):
        table = flat(to_arrow(name, tables[name]))
        for number, part in enumerate(_parts(table), 1):
            sheet = book.add_worksheet(name if number == 1 else f"{name} ({number})")
            _fill(sheet, part, heading)
    book.close()
    return out.getvalue()


def _parts(table: pa.Table) -> Iterator[pa.Table]:
    step = MAX_ROWS - 1
    for start in range(0, max(table.num_rows, 1), step):
        yield table.slice(start, step)


def _fill(sheet: Any, table: pa.Table, heading: Any) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.num_rows, table.num_columns - 1)
    names, columns = table.schema.names, [column.to_pylist() for column in table.columns]
    for k, (name, values) in enumerate(zip(names, columns, strict=True)):
        sheet.set_column(k, k, _width(name, values))
        sheet.write_string(0, k, name, heading)
    for row, cells in enumerate(zip(*columns, strict=True), 1):
        for k, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, k, value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…")
            elif isinstance(value, bool):
                sheet.write_boolean(row, k, value)
            elif value is not None:
                sheet.write_number(row, k, value)


def _width(name: str, values: Sequence[object]) -> int:
    """Characters: as wide as what stands there, within bounds; a heading has room for its filter button."""
    longest = max((len(str(v)) for v in values[:LOOKED_AT] if v is not None), default=0)
    return max(NARROWEST, len(name) + 3, min(WIDEST, longest + 1))
