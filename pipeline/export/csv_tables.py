"""CSV twice: the raw table for programs, and `.excel.csv` for Excel, in which no cell is a formula.

Excel runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end (OWASP, "CSV injection"), in some languages with a full-width
sign too; `- Chủ trì …` becomes an error. There a `'` stands before it. It has a byte order mark, without which Excel misreads Vietnamese.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.csv

from pipeline.corpus.store import flat
from pipeline.corpus.tables import NAMES, Tables, to_arrow

_LIVE = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")


def all_of(tables: Tables) -> Mapping[str, bytes]:
    """Every table as `<table>.csv` and `<table>.excel.csv`."""
    return {f"{name}{ending}": data for name in NAMES for ending, data in one(name, tables).items()}


def one(name: str, tables: Tables) -> Mapping[str, bytes]:
    """One table by ending: `.csv` with the same bytes as OUT/tables, and `.excel.csv`."""
    table = flat(to_arrow(name, tables[name]))
    raw = io.BytesIO()
    pa.csv.write_csv(table, raw, pa.csv.WriteOptions(include_header=True, quoting_style="needed"))
    columns = [column.to_pylist() for column in table.columns]
    rows = [[shown(v) for v in row] for row in zip(*columns, strict=True)]
    return {".csv": raw.getvalue(), ".excel.csv": excel(table.schema.names, rows)}


def shown(value: object) -> object:
    """A cell as it may stand in Excel: `-1 lần` → `'-1 lần`; true and false as in the raw table; a number unchanged."""
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + value if isinstance(value, str) and _LIVE.match(value) else value


def excel(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Rows as Excel reads them: byte order mark, CR LF, quotes where needed. Texts must have been through `shown`."""
    return b"\xef\xbb\xbf" + plain(columns, rows, "\r\n")


def plain(columns: Sequence[str], rows: Sequence[Sequence[object]], line_end: str = "\n") -> bytes:
    """Rows as UTF-8 CSV with a heading; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
