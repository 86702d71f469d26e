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
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from pipeline.corpus import database
from pipeline.corpus.dictionary import datapackage
from pipeline.corpus.inferred import witness
from pipeline.corpus.tables import NAMES, TARGETS_ARROW, TEXTS_ARROW, Tables, arrow_schema, frame, to_arrow
from pipeline.errors import UsageError

# A full disk and the like, as SQLite says them; other codes are bugs.
DISK_FAULTS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
ROWS_A_GROUP = 100_000
SEPARATOR = " | "  # between the entries of a list in CSV
_WORK = ".tables.tmp"
_JSON = json.JSONEncoder(ensure_ascii=False).encode


def write(tables: Tables, out: Path) -> None:
    """Writes tables that are in memory to `out`; as `write_parts`."""
    write_parts([{name: to_arrow(name, tables[name]) for name in NAMES}], out)


def write_parts(parts: Iterable[Mapping[str, pa.Table]], out: Path) -> None:
    """Writes every table to `out`, part by part. The same rows give the same bytes, however they are parted.

    Raises UsageError `out_unwritable` where the disk is full or read-only, and whatever `parts` raises; the old tables then stand.
    """
    work = out / _WORK
    try:
        shutil.rmtree(work, ignore_errors=True)
        (work / "tables").mkdir(parents=True)
        (out / "tables").mkdir(exist_ok=True)
        (work / "datapackage.json").write_bytes(datapackage())
        _write_parts(parts, work)
        files = sorted(p.relative_to(work) for p in work.rglob("*") if p.is_file())
        for path in files:
            _flush(work / path)
        for path in files:
            if not _same(work / path, out / path):
                (work / path).replace(out / path)
        _flush(out / "tables")
        _flush(out)
    except OSError as e:
        reason = os.strerror(e.errno) if e.errno else e  # what Arrow raises says more of itself than of the disk
        raise UsageError("out_unwritable", path=e.filename or out, reason=reason) from e
    except sqlite3.OperationalError as e:
        if e.sqlite_errorcode & 0xFF not in DISK_FAULTS:
            raise
        raise UsageError("out_unwritable", path=out / database.FILE, reason=e) from e
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_parts(parts: Iterable[Mapping[str, pa.Table]], work: Path) -> None:
    """Parquet and CSV in one thread, the database in another: Arrow and SQLite let go of the interpreter while they work."""
    with ExitStack() as open_files, ThreadPoolExecutor(1) as beside, ThreadPoolExecutor(1) as database_beside:
        files = {name: open_files.enter_context(_Files(name, work / "tables")) for name in NAMES}
        writer = database_beside.submit(database.Writer, work / database.FILE).result()

        def add(part: Mapping[str, pa.Table]) -> None:
            for name, rows in part.items():
                files[name].add(rows)

        pending: list[Future[None]] = []
        try:
            for part in parts:
                part = {name: rows.cast(arrow_schema(name)) for name, rows in part.items()}
                _done(pending)
                pending = [database_beside.submit(writer.add, part), beside.submit(add, part)]
            _done(pending)
            database_beside.submit(writer.finish).result()
        finally:
            wait(pending)
            database_beside.submit(writer.close).result()


def _done(pending: Iterable[Future[None]]) -> None:
    """Waits for all, and raises what went wrong in the first that failed."""
    for future in pending:
        future.result()


class _Files:
    """The Parquet and CSV files of one table; Parquet in groups of `ROWS_A_GROUP` rows, however they come."""

    def __init__(self, name: str, folder: Path) -> None:
        self._schema = arrow_schema(name)
        self._waiting: list[pa.Table] = []
        self._rows = self._written = 0
        self._parquet = pa.parquet.ParquetWriter(folder / f"{name}.parquet", self._schema, compression="zstd", store_schema=False)
        options = pa.csv.WriteOptions(include_header=True, quoting_style="needed")
        self._csv = pa.csv.CSVWriter(folder / f"{name}.csv", flat(self._schema.empty_table()).schema, write_options=options)

    def __enter__(self) -> _Files:
        return self

    def add(self, rows: pa.Table) -> None:
        """Adds rows at the end."""
        self._csv.write(flat(rows))
        self._waiting.append(rows)
        self._rows += rows.num_rows
        while self._rows >= ROWS_A_GROUP:
            table = pa.concat_tables(self._waiting)
            self._group(table.slice(0, ROWS_A_GROUP))
            self._waiting = [table.slice(ROWS_A_GROUP)]
            self._rows -= ROWS_A_GROUP

    def _group(self, table: pa.Table) -> None:
        # How the rows came together must not show in the bytes.
        self._parquet.write_table(table.combine_chunks(), ROWS_A_GROUP)
        self._written += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and (self._rows or not self._written):
                self._group(pa.concat_tables([self._schema.empty_table(), *self._waiting]))
        finally:
            self._parquet.close()
            self._csv.close()


def read(out: Path, only: Collection[str] = NAMES) -> Tables:
    """The tables of a corpus; those that `only` does not name are left empty.

    Raises UsageError `no_corpus` where a table is missing or is no Parquet file of this schema.
    """
    return _read(out, {name: None if name in only else pc.scalar(False) for name in NAMES})


def read_around(out: Path, asked: str) -> Tables:
    """All plans, and of the other tables what stands in plans whose id begins with `asked` or says where they are cited. As `read`."""
    of_plan = pc.starts_with(pc.field("plan_id"), asked.lower())
    wanted: dict[str, pc.Expression | None] = {name: of_plan for name in NAMES}
    wanted |= {"plans": None, "citations": of_plan | pc.starts_with(pc.field("cited_plan_id"), asked.lower())}
    found = _read(out, wanted | {"lines": pc.scalar(False)})
    told_by = [told[0] for rule in found.plan_fields["rule"] if (told := witness(rule))]
    lines = _read(
        out, {name: pc.scalar(False) for name in NAMES} | {"lines": of_plan | pc.field("plan_id").isin(pa.array(told_by, pa.string()))}
    )
    return replace(found, lines=lines.lines)


def _read(out: Path, wanted: Mapping[str, pc.Expression | None]) -> Tables:
    try:
        return Tables(**{name: frame(name, _read_table(name, out, rows)) for name, rows in wanted.items()})
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
            table = table.set_column(k, pa.field(field.name, pa.string()), _joined(table.column(k).combine_chunks()))
    return table


def _joined(lists: pa.ListArray) -> pa.Array:
    """Every list as one text, null for an empty one."""
    if lists.type == TEXTS_ARROW and not lists.null_count and not lists.values.null_count:
        plain = pa.ListArray.from_arrays(lists.offsets, pc.replace_substring(lists.values, "|", "¦"))
        texts = pc.binary_join(plain, SEPARATOR)
        return pc.if_else(pc.equal(texts, ""), None, texts)
    return pa.array([None if v is None else SEPARATOR.join(map(entry, v)) or None for v in lists.to_pylist()], pa.string())


def unflat(text: Any, kind: pa.DataType) -> list[Any]:
    """A list back from its text in CSV (null: no entries); `kind` is the list's type in `arrow_schema`."""
    if kind not in (TEXTS_ARROW, TARGETS_ARROW):
        raise ValueError(f"no list: {kind}")
    entries = [] if pd.isna(text) else str(text).split(SEPARATOR)
    return [json.loads(e) for e in entries] if kind == TARGETS_ARROW else entries


def entry(value: Any) -> str:
    """One entry of a list in CSV. A `|` of its own becomes `¦` (in a target a JSON escape), so that the text can be parted again."""
    if isinstance(value, str):
        return value.replace("|", "¦")
    return _JSON(value).replace("|", "\\u007c")


def _read_table(name: str, out: Path, rows: pc.Expression | None) -> pa.Table:
    return pa.parquet.read_table(out / "tables" / f"{name}.parquet", filters=rows).cast(arrow_schema(name))


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
