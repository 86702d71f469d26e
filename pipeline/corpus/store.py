"""Tables on disk: Parquet and CSV, the same bytes for the same tables, each file replaced as a whole.

    OUT/tables/<table>.parquet, <table>.csv    OUT/datapackage.json (Frictionless, describes the CSV files)    OUT/corpus.sqlite

Everything is written to `OUT/.tables.tmp` and flushed to the disk first, then each file takes its place by one rename; a file whose
bytes stay the same is left alone. A killed write leaves the old tables or the new, and the next one sweeps up.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.corpus import database
from pipeline.corpus.dictionary import datapackage
from pipeline.corpus.tables import NAMES, TARGETS_ARROW, TEXTS_ARROW, Tables, arrow_schema, frame, to_arrow
from pipeline.errors import UsageError

# A full disk and the like, as SQLite says them; other codes are bugs.
DISK_FAULTS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
ROWS_A_GROUP = 100_000
SEPARATOR = " | "  # between the entries of a list in CSV
_WORK = ".tables.tmp"


def write(tables: Tables, out: Path) -> None:
    """Writes every table to `out`. Raises UsageError `out_unwritable` where the disk is full or read-only; the old tables then stand."""
    work = out / _WORK
    try:
        shutil.rmtree(work, ignore_errors=True)
        (work / "tables").mkdir(parents=True)
        (out / "tables").mkdir(exist_ok=True)
        for name in NAMES:
            _write_table(name, tables[name], work / "tables")
        (work / "datapackage.json").write_bytes(datapackage())
        database.write(tables, work / database.FILE)
        files = sorted(p.relative_to(work) for p in work.rglob("*") if p.is_file())
        for path in files:
            _flush(work / path)
        for path in files:
            if not _same(work / path, out / path):
                (work / path).replace(out / path)
        _flush(out / "tables")
        _flush(out)
    except OSError as e:
        raise UsageError("out_unwritable", path=e.filename or out, reason=e.strerror or e) from e
    except sqlite3.OperationalError as e:
        if e.sqlite_errorcode & 0xFF not in DISK_FAULTS:
            raise
        raise UsageError("out_unwritable", path=out / database.FILE, reason=e) from e
    finally:
        shutil.rmtree(work, ignore_errors=True)


def read(out: Path) -> Tables:
    """The tables of a corpus. Raises UsageError `no_corpus` where a table is missing or is no Parquet file of this schema."""
    try:
        return Tables(**{name: frame(name, _read_table(name, out)) for name in NAMES})
    except (OSError, pa.ArrowException) as e:
        raise UsageError("no_corpus", path=out) from e


def digest(out: Path) -> str:
    """SHA-256 (64 hex digits) over names and bytes of all table files: equal digests, equal tables."""
    total = hashlib.sha256()
    for path in [*sorted((out / "tables").iterdir()), out / "datapackage.json"]:
        with path.open("rb") as f:
            total.update(f"{path.name} {hashlib.file_digest(f, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def flat(table: pa.Table) -> pa.Table:
    """The table with every list as one text: entries joined by ` | `, targets as JSON objects."""
    for k, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            values = [None if v is None else SEPARATOR.join(map(_entry, v)) or None for v in table.column(k).to_pylist()]
            table = table.set_column(k, pa.field(field.name, pa.string()), pa.array(values, pa.string()))
    return table


def unflat(text: Any, kind: pa.DataType) -> list[Any]:
    """A list back from its text in CSV (null: no entries); `kind` is the list's type in `arrow_schema`."""
    if kind not in (TEXTS_ARROW, TARGETS_ARROW):
        raise ValueError(f"no list: {kind}")
    entries = [] if pd.isna(text) else str(text).split(SEPARATOR)
    return [json.loads(e) for e in entries] if kind == TARGETS_ARROW else entries


def _entry(value: Any) -> str:
    """One entry as it stands in CSV. A `|` of its own becomes `¦` (in a target a JSON escape), so that the text can be parted again."""
    if isinstance(value, str):
        return value.replace("|", "¦")
    return json.dumps(value, ensure_ascii=False).replace("|", "\\u007c")


def _write_table(name: str, rows: pd.DataFrame, folder: Path) -> None:
    table = to_arrow(name, rows)
    pa.parquet.write_table(table, folder / f"{name}.parquet", compression="zstd", row_group_size=ROWS_A_GROUP, store_schema=False)
    options = pa.csv.WriteOptions(include_header=True, quoting_style="needed")
    pa.csv.write_csv(flat(table), folder / f"{name}.csv", options)


def _read_table(name: str, out: Path) -> pa.Table:
    return pa.parquet.read_table(out / "tables" / f"{name}.parquet").cast(arrow_schema(name))


def _same(new: Path, old: Path) -> bool:
    if not old.is_file() or new.stat().st_size != old.stat().st_size:
        return False
    with new.open("rb") as a, old.open("rb") as b:
        return hashlib.file_digest(a, "sha256").digest() == hashlib.file_digest(b, "sha256").digest()


def _flush(path: Path) -> None:
    """Forces a file or folder to the disk, so that a power cut after the rename finds it whole."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
