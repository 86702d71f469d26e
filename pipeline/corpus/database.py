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
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.corpus.tables import BOOLEAN, INTEGER, NAMES, NUMBER, SCHEMAS, codes, dtype, key, links
from pipeline.text import fold, nfc, old_tone

FILE = "corpus.sqlite"
TABLES = tuple(name for name in NAMES if name != "overview")
ROWS_A_BATCH = 20_000
PAGES_A_BATCH = 3_000
CELLS_A_STATEMENT = 3_000  # many rows in one: SQLite lets go of the interpreter once a statement, and then waits for it
# Columns that say the same few things over and over: each becomes a Python text once.
_RECURRING = frozenset(("plan_id", "rule", "cited_type", "cited_issuer", "section"))
_TYPES: Mapping[Any, str] = {INTEGER: "INTEGER", NUMBER: "REAL", BOOLEAN: "INTEGER"}
_NO_TEXT = pa.array([], pa.string())
_JSON = json.JSONEncoder(ensure_ascii=False).encode
_FULL_TEXT = (
    "CREATE TABLE page_texts (id INTEGER PRIMARY KEY, plan_id TEXT NOT NULL REFERENCES plans (plan_id), page INTEGER NOT NULL)",
    """CREATE VIRTUAL TABLE full_text USING fts5 (exact, folded, content='', tokenize="unicode61 remove_diacritics 0")""",
    # Words are gathered in 64 MB of memory and merged once, in the end.
    "INSERT INTO full_text (full_text, rank) VALUES ('hashsize', 67108864), ('automerge', 0)",
)
# A half-written file is thrown away as a whole: no journal, no waiting for the disk here; what rows must keep to was asked before
# (`checks.py`). Larger pages hold long lines with less ado.
_SETUP = (
    "PRAGMA page_size = 16384",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA ignore_check_constraints = ON",
    "BEGIN",
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
        for statement in (*_SETUP, *map(_create, TABLES), *_FULL_TEXT):
            db.execute(statement)

    def add(self, part: Mapping[str, pa.Table]) -> None:
        """Adds rows of some tables, each table in its order; a page of `lines` must be whole."""
        for name in TABLES:
            for cells in _batches(part[name]) if name in part else ():
                self._insert(name, len(SCHEMAS[name].columns), cells)
        for pages in _pages(part["lines"]) if "lines" in part else ():
            first = self._pages + 1
            self._pages += len(pages)
            self._insert("page_texts", 3, [cell for k, (plan_id, page, _) in enumerate(pages, first) for cell in (k, plan_id, page)])
            texts = ((k, exact(text), folded(text)) for k, (*_, text) in enumerate(pages, first))
            # One by one: a statement of several would write out what full text has gathered.
            self._db.executemany("INSERT INTO full_text (rowid, exact, folded) VALUES (?, ?, ?)", texts)

    def _insert(self, into: str, width: int, cells: list[Any]) -> None:
        """Adds rows of `width` cells each, given one after another."""
        step = CELLS_A_STATEMENT // width * width
        for at in range(0, len(cells), step):
            some = cells[at : at + step]
            marks = f"({', '.join('?' * width)})"
            self._db.execute(f"INSERT INTO {into} VALUES {', '.join([marks] * (len(some) // width))}", some)

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


def _batches(table: pa.Table) -> Iterator[list[Any]]:
    """The cells of some thousand rows at a time, row after row."""
    for batch in table.to_batches(max_chunksize=ROWS_A_BATCH):
        cells = np.empty((batch.num_rows, batch.num_columns), object)
        for k, (column, field) in enumerate(zip(batch.columns, batch.schema, strict=True)):
            # A line that needed no repair is the same text twice.
            again = batch.schema.names.index("raw") if field.name == "text" and "raw" in batch.schema.names else k
            cells[:, k] = cells[:, again] if again < k and column.equals(batch.column(again)) else _values(column, field)
        yield cells.ravel().tolist()


def _values(column: pa.Array, field: pa.Field) -> Any:
    """The cells of a column as SQLite takes them."""
    if pa.types.is_list(field.type):
        entries = iter(map(_JSON, column.flatten().to_pylist()))
        return [f"[{', '.join(islice(entries, count or 0))}]" for count in column.value_lengths().to_pylist()]
    if field.name in _RECURRING:
        coded = column.dictionary_encode()
        words = np.array([*coded.dictionary.to_pylist(), None], object)
        return words[coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
    if pa.types.is_integer(field.type) and column.null_count:
        return column.to_pandas(integer_object_nulls=True)
    return column.to_numpy(zero_copy_only=False)  # a null number becomes NaN, which SQLite stores as NULL


def _pages(lines: pa.Table) -> Iterator[list[tuple[str, int, str]]]:
    """Each page's text, some thousand pages at a time; lines are joined by line feeds, so that words on either side of a line's end stand
    together."""
    lines = lines.select(["plan_id", "page", "text"]).combine_chunks()
    plan_ids, numbers = lines.column("plan_id"), lines.column("page").to_numpy()
    if not len(numbers):
        return
    other = pc.not_equal(plan_ids[1:], plan_ids[:-1]).to_numpy() | (numbers[1:] != numbers[:-1])
    starts = np.concatenate([[0], np.flatnonzero(other) + 1, [len(numbers)]])
    for at in range(0, len(starts) - 1, PAGES_A_BATCH):
        bounds = starts[at : at + PAGES_A_BATCH + 1]
        texts = lines.column("text").slice(bounds[0], bounds[-1] - bounds[0])
        held = np.concatenate([[0], np.cumsum(texts.is_valid().to_numpy())])[bounds - bounds[0]]
        pages = pa.ListArray.from_arrays(pa.array(held, pa.int32()), pa.concat_arrays(texts.drop_null().chunks or [_NO_TEXT]))
        first = bounds[:-1]
        yield list(zip(plan_ids.take(first).to_pylist(), numbers[first].tolist(), pc.binary_join(pages, "\n").to_pylist(), strict=True))
