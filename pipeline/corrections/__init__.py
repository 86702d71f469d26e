"""What archivists corrected: rows of `data/corrections/*.csv`, append-only, one row a correction.

    id, plan_id, table, key, column, page, line, left, top, right, bottom, old, value, author, at, note

`old` and `value` are the cell as it stands in the CSV tables (entries of a list joined by ` | `; empty: null). A row is found again by
page, place and `old`, never by `key`, which only helps a reader: so it outlives new OCR, other line breaks and other numbering of
facts (`place.py`). The column `*` means a whole fact: `old` alone takes it out, `value` alone adds one (`corpus/added.py`). A row is
undone by a further row with `old` and `value` exchanged. Corrected lines are applied to the reading, before extraction (`lines.py`);
facts in the corpus stage (`corpus/corrections.py`). A build never writes these files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from pipeline.atomic import write_atomic
from pipeline.document import Box, Problem
from pipeline.errors import InputError, UsageError
from pipeline.text import nfc

_LEAD = ("id", "plan_id", "table", "key", "column")
_NUMBERS = ("page", "line", "left", "top", "right", "bottom")
COLUMNS = (*_LEAD, *_NUMBERS, "old", "value", "author", "at", "note")
TABLES = ("plans", "lines", "citations", "sections", "tasks", "deadlines", "recipients")
WHOLE = "*"  # the column of a fact that is added or taken out as a whole
FACTS = TABLES[2:]  # the tables of such facts
FILE = "corrections.csv"  # where `append` writes
_NEEDED = ("id", "plan_id", "table", "column", "page", "old", "value", "at")
_PLAN_ID = re.compile(r"[0-9a-f]{12}(-[1-9]\d*)?")


@dataclass(frozen=True, slots=True)
class Correction:
    """One row: the cell `table.column` that stands on `page`, `line` or in `box`, said `old` and should say `value`; `at` is ISO 8601."""

    id: str
    plan_id: str
    table: str
    column: str
    page: int
    old: str
    value: str
    at: str
    key: str = ""
    line: int | None = None
    box: Box | None = None
    author: str = ""
    note: str = ""

    @property
    def source_id(self) -> str:
        """The plan_id of the file, which further documents in it share: `0a1b2c3d4e5f-2` → `0a1b2c3d4e5f`."""
        return self.plan_id.partition("-")[0]

    @property
    def order(self) -> tuple[str, str]:
        """Sorts by time, then id; a time without a zone counts as UTC."""
        moment = datetime.fromisoformat(self.at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(), self.id


@dataclass(frozen=True, slots=True)
class Trouble:
    """A correction, or a file of them, that is not applied or not for certain. `plan_id` or, where none is known, `path` tells where."""

    plan_id: str | None
    path: str
    problem: Problem


@dataclass(frozen=True)
class Book:
    """All corrections in force in order, and what could not be read of the files. Which file holds which row does not matter."""

    rows: tuple[Correction, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    _by_source: dict[str, tuple[Correction, ...]] = field(default_factory=dict, repr=False)

    def lines(self, source_id: str) -> tuple[Correction, ...]:
        """The corrected lines of one file."""
        return tuple(c for c in self._by_source.get(source_id, ()) if c.table == "lines")

    def facts(self, source_id: str) -> tuple[Correction, ...]:
        """The corrected facts of one file."""
        return tuple(c for c in self._by_source.get(source_id, ()) if c.table != "lines")

    def digest(self) -> str:
        """A hash of all that is in force and all that is not; empty where there is neither."""
        return hashlib.sha256(msgspec.json.encode((self.rows, self.troubles))).hexdigest() if self.rows or self.troubles else ""


def lines_digest(rows: tuple[Correction, ...]) -> str:
    """A hash of what corrected lines change: equal digests, equal readings. Who wrote them and the key do not count. Empty for none."""
    said = [(c.id, c.page, c.line, c.box, c.old, c.value, c.order) for c in rows]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest() if said else ""


def read(folder: Path) -> Book:
    """All corrections below `folder` (`*.csv`), whatever the order of files and rows; a folder that is not there holds none.

    A row or file that cannot be read is a trouble (`correction_malformed`, `correction_file`), the rest goes on. Rows are UTF-8 with
    or without BOM, parted by `,` or, as Excel writes them in Vietnam, by `;`.
    """
    rows: list[Correction] = []
    troubles: list[Trouble] = []
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        if path.name.startswith((".", "~")):
            continue
        try:
            for number, cells in _cells(path.read_bytes()):
                try:
                    rows.append(_row(cells))
                except ValueError as e:
                    told = f"{path.name}, row {number}: {e}."
                    plan_id = cells.get("plan_id", "")
                    known = plan_id if _PLAN_ID.fullmatch(plan_id) else None
                    troubles.append(Trouble(known, path.name, Problem("warning", "corpus", "correction_malformed", told)))
        except (OSError, ValueError, csv.Error) as e:
            told = f"{path.name}: {e.strerror if isinstance(e, OSError) else e}."
            troubles.append(Trouble(None, path.name, Problem("error", "corpus", "correction_file", told)))
    distinct, clashes = _distinct(rows)
    in_force = _without_undone(distinct)
    by_source: dict[str, list[Correction]] = defaultdict(list)
    for row in in_force:
        by_source[row.source_id].append(row)
    return Book(tuple(in_force), (*troubles, *clashes), {k: tuple(v) for k, v in by_source.items()})


def append(
    folder: Path,
    *,
    plan_id: str,
    table: str,
    column: str,
    page: int,
    old: str,
    value: str,
    author: str,
    key: str = "",
    line: int | None = None,
    box: Box | None = None,
    at: str = "",
    note: str = "",
) -> Correction:
    """Adds one correction to `folder`/corrections.csv and gives it its id; several programs may do so at once.

    The file is replaced as a whole, so that a power cut leaves it with the row or without. `at` is now where it is empty. Raises
    InputError `correction_malformed` where `read` would not take the row, UsageError `out_unwritable` where the folder cannot be written.
    """
    at = at or datetime.now(UTC).isoformat(timespec="milliseconds")
    made = Correction("new", plan_id, table, column, page, old, value, at, key, line, box, author, note)
    path = folder / FILE
    try:
        _row(_texts(made))
    except ValueError as e:
        raise InputError("correction_malformed", path=path, detail=f"{e}.") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".corrections.lock"):
            before = path.read_bytes() if path.exists() else b""
            taken = {row.get("id", "") for other in folder.glob("*.csv") for _, row in _readable(other)}
            made = replace(made, id=next(new for _ in range(1000) if (new := secrets.token_hex(6)) not in taken))
            write_atomic(path, before + _line(made, before))
    except OSError as e:
        raise UsageError("out_unwritable", path=path, reason=e.strerror or e) from None
    return made


def _line(row: Correction, before: bytes) -> bytes:
    """The bytes that add `row` to a file: in its own delimiter and order of columns, under a header where there is none."""
    header, delimiter = list(COLUMNS), ","
    if before.strip():
        first = before.decode("utf-8-sig", "replace").splitlines()[0]
        delimiter = _delimiter(first)
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    out = io.StringIO()
    if before and not before.endswith(b"\n"):
        out.write("\n")
    writer = csv.DictWriter(out, header, delimiter=delimiter, lineterminator="\n", extrasaction="ignore")
    if not before.strip():
        writer.writeheader()
    writer.writerow(_texts(row))
    return out.getvalue().encode()


def _texts(row: Correction) -> dict[str, str]:
    sides = dict.fromkeys(("left", "top", "right", "bottom"), "")
    if row.box is not None:
        sides = {f.name: str(getattr(row.box, f.name)) for f in fields(Box)}
    rest = {name: getattr(row, name) for name in COLUMNS if name not in sides}
    return {name: "" if value is None else str(value) for name, value in (rest | sides).items()}


def _readable(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        return list(_cells(path.read_bytes()))
    except (OSError, ValueError, csv.Error):
        return ()


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


def _cells(data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    """The rows of a file by name of column, with their number in a spreadsheet. ValueError where it is no table of corrections."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if not text.strip():
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text.splitlines()[0]))
    header = [name.strip() for name in next(rows)]
    lacking = [name for name in _NEEDED if name not in header]
    if lacking:
        raise ValueError(f"no column {', '.join(lacking)}")
    for number, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            # A row of another length (a comma that nobody quoted, a half-written end) is no row: it must not be guessed at.
            yield number, dict(zip(header, row, strict=True)) if len(row) == len(header) else {}


def _row(cells: Mapping[str, str]) -> Correction:
    """One row checked as far as it can be without the tables. Raises ValueError with what is wrong."""
    if not cells:
        raise ValueError("another number of cells than the header")
    cell = {name: nfc(cells.get(name, "")).strip() for name in COLUMNS}
    for name in ("id", "plan_id", "table", "column", "page", "at"):
        if not cell[name]:
            raise ValueError(f"no {name}")
    if not _PLAN_ID.fullmatch(cell["plan_id"]):
        raise ValueError(f"no plan_id: “{cell['plan_id']}”")
    if cell["table"] not in TABLES or (cell["table"] == "lines" and cell["column"] != "text"):
        raise ValueError(f"nothing to correct: {cell['table']}.{cell['column']}")
    if cell["column"] == WHOLE and (cell["table"] not in FACTS or bool(cell["old"]) == bool(cell["value"])):
        raise ValueError("a whole fact is added (value alone) or taken out (old alone), and neither a document nor a line")
    number: dict[str, int | None] = {}
    for name in _NUMBERS:
        if cell[name] and not re.fullmatch(r"\d{1,9}", cell[name]):
            raise ValueError(f"no number: {name} “{cell[name]}”")
        number[name] = int(cell[name]) if cell[name] else None
    if not number["page"] or number["line"] == 0:
        raise ValueError("pages and lines count from 1")
    if cell["table"] == "lines" and re.search(r"[\n\r\f\v\x85\u2028\u2029]", cell["value"]):
        raise ValueError("a line stays one line")
    try:
        datetime.fromisoformat(cell["at"])
    except ValueError:
        raise ValueError(f"no ISO time: at “{cell['at']}”") from None
    sides = [number[side] for side in ("left", "top", "right", "bottom")]
    box = Box(*(s for s in sides if s is not None)) if None not in sides else None
    if box is None and any(s is not None for s in sides):
        raise ValueError("half a box")
    if box and (box.left >= box.right or box.top >= box.bottom):
        raise ValueError("an empty box")
    if box is None and number["line"] is None and cell["table"] != "plans":
        raise ValueError("neither line nor box")
    texts = {name: cell[name] for name in ("id", "plan_id", "table", "column", "old", "value", "at", "key", "author", "note")}
    return Correction(page=number["page"], line=number["line"], box=box, **texts)


def _distinct(rows: Iterable[Correction]) -> tuple[list[Correction], list[Trouble]]:
    """The rows in order of time, each once; two that bear one id and differ are both set aside."""
    by_id: dict[str, set[Correction]] = defaultdict(set)
    for row in rows:
        by_id[row.id].add(row)
    clashes = []
    for same, found in sorted(by_id.items()):
        if len(found) > 1:
            told = f"{len(found)} rows bear the id {same}; give each its own."
            clashes += [
                Trouble(i, "", Problem("warning", "corpus", "correction_conflict", told)) for i in sorted({c.plan_id for c in found})
            ]
    return sorted((row for found in by_id.values() if len(found) == 1 for row in found), key=lambda c: c.order), clashes


def _without_undone(rows: Iterable[Correction]) -> list[Correction]:
    """The rows less those that a further row undid, and less that row."""
    kept: list[Correction] = []
    latest: dict[tuple[object, ...], list[Correction]] = defaultdict(list)  # of each cell, as the rows themselves tell it
    for row in rows:
        cell = (row.plan_id, row.table, row.column, row.page)
        undone = next((r for r in reversed(latest[cell]) if _one_place(r, row)), None)
        if undone is not None and (undone.old, undone.value) == (row.value, row.old):
            latest[cell].remove(undone)
            kept.remove(undone)
        else:
            latest[cell].append(row)
            kept.append(row)
    return kept


def _one_place(a: Correction, b: Correction) -> bool:
    from pipeline.corrections.place import overlap

    return a.table == "plans" or overlap(a, b.line, b.line, b.box) > 0.5
