"""corpus.sqlite: the tables, the overview as a view, and full text in two columns; opens in Datasette and DB Browser.

Lists are JSON arrays here, so that `json_each(responsible)` and Datasette's facets take them apart. `full_text` is a full-text index (FTS5,
contentless) with one document for each page: `exact` holds the repaired text in NFC, lower case, tone marks at their old place (`uỷ` →
`ủy`); `folded` the same without diacritics and đ, which no tokenizer of SQLite folds. `full_text.rowid` is `page_texts.id`.
The same tables give the same bytes for one version of SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.corpus.tables import BOOLEAN, INTEGER, NAMES, NUMBER, SCHEMAS, codes, dtype, key, links
from pipeline.text import fold, nfc, old_tone

FILE = "corpus.sqlite"
TABLES = tuple(name for name in NAMES if name != "overview")
ROWS_A_BATCH = 20_000
# Many rows in one statement: SQLite lets go of the interpreter once a statement, and then waits for it. Full text is written out by itself
# at every statement, so there they are more.
CELLS_A_STATEMENT, PAGES_A_STATEMENT = 3_000, 1_000
_TYPES: Mapping[Any, str] = {INTEGER: "INTEGER", NUMBER: "REAL", BOOLEAN: "INTEGER"}
_JSON = json.JSONEncoder(ensure_ascii=False).encode
_FULL_TEXT = (
    "CREATE TABLE page_texts (id INTEGER PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans (plan_id), page INTEGER NOT NULL)",
    """CREATE VIRTUAL TABLE full_text USING fts5 (exact, folded, content='', tokenize="unicode61 remove_diacritics 0")""",
)
# The same rows as overview.csv: one a task. `time_words` in the order of the deadlines.
_OVERVIEW = """
CREATE VIEW overview AS
SELECT t.plan_id, p.number, p.issuing_authority, p.issue_date, t.task_no, t.section, t.text,
  (SELECT group_concat(value, ' | ') FROM json_each(t.responsible)) AS responsible,
  (SELECT min(substr(coalesce(d."end", d.start), 1, 10)) FROM deadlines AS d
    WHERE d.plan_id = t.plan_id AND d.task_no = t.task_no AND coalesce(d."end", d.start) GLOB '[0-9]*') AS next_deadline,
  (SELECT group_concat(raw, ' | ') FROM (SELECT d.raw FROM deadlines AS d
    WHERE d.plan_id = t.plan_id AND d.task_no = t.task_no ORDER BY d.deadline_no)) AS time_words,
  t.page, 'plans/' || t.plan_id || '/text.txt' AS link
FROM tasks AS t JOIN plans AS p ON p.plan_id = t.plan_id
ORDER BY t.rowid
"""
_INDEXES = (
    "CREATE INDEX citations_cited_plan_id ON citations (cited_plan_id) WHERE cited_plan_id IS NOT NULL",
    "CREATE INDEX citations_cited_id ON citations (cited_id)",
    "CREATE INDEX deadlines_task ON deadlines (plan_id, task_no)",
    "CREATE INDEX sections_plan ON sections (plan_id)",
    "CREATE INDEX problems_plan ON problems (plan_id)",
)


class Writer:
    """A new database at `path`, which must not exist, filled part by part. The caller puts it in its place."""

    def __init__(self, path: Path) -> None:
        self._pages = 0
        self._db = db = sqlite3.connect(path, isolation_level=None)
        # A half-written file is thrown away as a whole: no journal, no waiting for the disk here.
        for statement in ("PRAGMA page_size = 4096", "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN"):
            db.execute(statement)
        for name in TABLES:
            db.execute(_create(name))
        for statement in _FULL_TEXT:
            db.execute(statement)

    def add(self, part: Mapping[str, pa.Table]) -> None:
        """Adds rows of some tables, each table in its order; a page of `lines` must be whole."""
        for name in TABLES:
            if name in part:
                for rows in _batches(part[name]):
                    self._insert(name, rows, CELLS_A_STATEMENT // len(SCHEMAS[name].columns))
        if "lines" in part:
            pages = [(k, *page) for k, page in enumerate(_pages(part["lines"]), self._pages + 1)]
            self._pages += len(pages)
            self._insert("page_texts", (page[:3] for page in pages), PAGES_A_STATEMENT)
            self._insert("full_text (rowid, exact, folded)", ((k, exact(text), folded(text)) for k, _, _, text in pages), PAGES_A_STATEMENT)

    def _insert(self, into: str, rows: Iterator[tuple[Any, ...]], at_a_time: int) -> None:
        while some := list(islice(rows, at_a_time)):
            marks = f"({', '.join('?' * len(some[0]))})"
            self._db.execute(f"INSERT INTO {into} VALUES {', '.join([marks] * len(some))}", list(chain.from_iterable(some)))

    def finish(self) -> None:
        """Views and indexes; the full text in one piece."""
        for statement in (_OVERVIEW, *_INDEXES):
            self._db.execute(statement)
        self._db.execute("INSERT INTO full_text (full_text) VALUES ('optimize')")
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()


def write(tables: Mapping[str, pa.Table], path: Path) -> None:
    """A new database of whole tables at `path`, which must not exist."""
    writer = Writer(path)
    try:
        writer.add(tables)
        writer.finish()
    finally:
        writer.close()


def exact(text: str) -> str:
    """A text as it is indexed with its diacritics: NFC, old place of the tone mark, lower case."""
    return old_tone(nfc(text)).lower()


def folded(text: str) -> str:
    """A text as it is indexed without diacritics: `Điều` → `dieu`."""
    return fold(nfc(text))


def _create(name: str) -> str:
    parts = []
    for column, rules in SCHEMAS[name].columns.items():
        part = f'"{column}" {_TYPES.get(dtype(rules), "TEXT")}' + ("" if rules.nullable else " NOT NULL")
        if codes(rules):
            part += f' CHECK ("{column}" IN ({", ".join(f"{code!r}" for code in codes(rules))}))'
        parts.append(part)
    if key(name):
        parts.append(f"PRIMARY KEY ({', '.join(key(name))})".replace("column", '"column"'))
    for here, target, there in links(name):
        parts.append(f"FOREIGN KEY ({', '.join(here)}) REFERENCES {target} ({', '.join(there)})")
    return f"CREATE TABLE {name} (\n  " + ",\n  ".join(parts) + "\n)"


def _batches(table: pa.Table) -> Iterator[Iterator[tuple[Any, ...]]]:
    for batch in table.to_batches(max_chunksize=ROWS_A_BATCH):
        columns = [_values(column, field) for column, field in zip(batch.columns, batch.schema, strict=True)]
        yield zip(*columns, strict=True)


def _values(column: pa.Array, field: pa.Field) -> list[Any]:
    if pa.types.is_list(field.type):
        entries = iter(map(_JSON, column.flatten().to_pylist()))
        return [f"[{', '.join(islice(entries, count or 0))}]" for count in column.value_lengths().to_pylist()]
    if pa.types.is_integer(field.type) and column.null_count:
        column = column.to_pandas(integer_object_nulls=True)
    else:  # a null number becomes NaN, which SQLite stores as NULL
        column = column.to_numpy(zero_copy_only=False)
    values: list[Any] = column.tolist()
    return values


def _pages(lines: pa.Table) -> Iterator[tuple[str, int, str]]:
    """Each page's text, its lines joined by line feeds, so that words on either side of a line's end stand together."""
    rows = zip(*(lines.column(c).to_pylist() for c in ("plan_id", "page", "text")), strict=True)
    for (plan_id, page), group in groupby(rows, key=lambda row: row[:2]):
        yield plan_id, page, "\n".join(text for _, _, text in group if text)
