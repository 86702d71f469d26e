"""The rows of the tables that one document gives by itself, made once by the worker that extracted it.

The tables are these rows of all documents one after another, but for what documents say of one another; so a build with one new plan
reads the others' rows from `rows.msgpack` beside their records and decodes no word of their readings.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import chain
from math import nan
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

import msgspec

from pipeline.atomic import write_atomic
from pipeline.document import EVIDENCE_COLUMNS, FACT_TABLES, Deadline, Evidence, Page, Plan, Problem, Record, Target, Task, Word

if TYPE_CHECKING:
    from pipeline.corpus.shelf import Leaf, Mark

FILE = "rows.msgpack"
CONFIDENCE_DIGITS = 4
Row = tuple[Any, ...]
Kind = Literal["text", "integer", "number", "flag", "texts", "targets"]
_NO_BOX: Row = (None,) * 4


def _own(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in ("evidence", "mention_evidence"))


TARGET = _own(Target)
_FACTS = {name: attrgetter(*_own(kind)) for name, kind in FACT_TABLES.items()}
_OF_PLAN = attrgetter(*_own(Plan)[1:])
_OF_TARGET = attrgetter(*TARGET)
# The columns of each table but `plan_id`, which leads them all.
COLUMNS: dict[str, tuple[str, ...]] = {
    "plans": _own(Plan)[1:],
    **{name: (*_own(kind), *EVIDENCE_COLUMNS) for name, kind in FACT_TABLES.items()},
    "citation_mentions": ("citation_no", "mention_no", *EVIDENCE_COLUMNS),
    "lines": ("page", "line", "raw", "text", "kind", "confidence", "left", "top", "right", "bottom"),
    "overview": (
        *("number", "issuing_authority", "issue_date", "task_no", "section", "text"),
        *("responsible", "next_deadline", "time_words", "page", "link"),
    ),
}
_KINDS: dict[str, Kind] = dict.fromkeys(
    ("page_first", "page_last", "pages", "words", "citation_no", "mention_no", "mentions", "level", "task_no", "deadline_no", "ordinal")
    + ("page", "line", "line_last", "left", "top", "right", "bottom"),
    "integer",
)
_KINDS |= dict.fromkeys(("text_confidence", "confidence", "quantity"), "number")
_KINDS |= dict.fromkeys(("is_plan", "needs_review", "from_table"), "flag")
_KINDS |= dict.fromkeys(("review_reasons", "responsible", "coordinating", "reports_to", "time_words"), "texts")
_KINDS |= {"targets": "targets"}


def kind(column: str) -> Kind:
    """What a column holds."""
    return _KINDS.get(column, "text")


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """What one document gives to each table: the number of its rows, and their cells column by column (`COLUMNS`) as bytes.

    Text: the UTF-8 of all cells, and their lengths (int32, -1 for null). Integer: int64, and a byte for each cell, 0 for null.
    Number: float64, NaN for null. Flag: a byte. Texts: how many each list has (int32), and all entries as text. Targets: how many, and all
    of them column by column (`TARGET`). Tables without a row are left out. `problems` are those of the record and of its pages.
    """

    plan_id: str
    source_path: str
    problems: tuple[Problem, ...]
    tables: dict[str, tuple[int, list[bytes]]]


class _File(msgspec.Struct, frozen=True, array_like=True):
    made_of: str
    documents: tuple[Rows, ...]


def rows(record: Record, pages: Iterable[Page | Leaf]) -> Rows:
    """The rows of one document, in order of print; links to other documents are left as the record has them."""
    plan = record.plan
    pages = tuple(pages)
    made: dict[str, list[Row]] = {"plans": [_OF_PLAN(plan)]}
    for name, own in _FACTS.items():
        made[name] = [(*own(fact), *_evidence(fact.evidence)) for fact in getattr(record, name)]
    made["citation_mentions"] = [
        (citation.citation_no, k, *_evidence(evidence))
        for citation in record.citations
        for k, evidence in enumerate(citation.mention_evidence or (citation.evidence,), 1)
    ]
    by_task: dict[int, list[Deadline]] = defaultdict(list)
    for deadline in record.deadlines:
        by_task[deadline.task_no].append(deadline)
    made["overview"] = [_overview(plan, task, by_task.get(task.task_no, ())) for task in record.tasks]
    made["lines"] = list(_lines(pages))
    problems = (*record.problems, *(p for page in pages for p in page.problems))
    return Rows(plan.plan_id, plan.source_path, problems, {name: (len(some), _cells(name, some)) for name, some in made.items() if some})


def keep(path: Path, documents: Sequence[Rows], code: str, made_of: Collection[Path], flush: bool = True) -> None:
    """Leaves the rows of one source in `path`. `code` is a hash of what makes them, `made_of` are the files that they were made of."""
    data = msgspec.msgpack.encode(_File(_key(code, made_of), tuple(documents)))
    write_atomic(path, crc32(data).to_bytes(4, "little") + data, flush)


def kept(path: Path, code: str, made_of: Collection[Path]) -> tuple[Rows, ...] | None:
    """The rows in `path`; None where there are none that this code made of these files as they stand now."""
    try:
        data = memoryview(path.read_bytes())
        if crc32(data[4:]) != int.from_bytes(data[:4], "little"):
            return None
        found = msgspec.msgpack.decode(data[4:], type=_File)
        return found.documents if found.made_of == _key(code, made_of) else None
    except (OSError, msgspec.DecodeError):
        return None


def _key(code: str, made_of: Iterable[Path]) -> str:
    """Files of the same size and time are taken to be the same, as those in RAW are."""
    states = (path.stat() for path in made_of)
    return " ".join((code, *(f"{s.st_size}:{s.st_mtime_ns}" for s in states)))


def _cells(name: str, table: Sequence[Row]) -> list[bytes]:
    return [part for column, cells in zip(COLUMNS[name], zip(*table, strict=True), strict=True) for part in _packed(kind(column), cells)]


def _packed(what: Kind, cells: Sequence[Any]) -> tuple[bytes, ...]:
    """The cells of one column as `Rows` tells."""
    if what == "text":
        return _texts(cells)
    if what == "integer":
        if None not in cells:
            return array("q", cells).tobytes(), b"\x01" * len(cells)
        return array("q", [c or 0 for c in cells]).tobytes(), bytes(c is not None for c in cells)
    if what == "number":
        return (array("d", [nan if c is None else c for c in cells]).tobytes(),)
    if what == "flag":
        return (bytes(cells),)
    if what == "texts":
        cells = [[text for text in some if text] for some in cells]
        return array("i", map(len, cells)).tobytes(), *_texts(list(chain.from_iterable(cells)))
    targets = list(zip(*(_OF_TARGET(target) for some in cells for target in some), strict=True)) or [()] * len(TARGET)
    parts = (part for name, values in zip(TARGET, targets, strict=True) for part in _packed(kind(name), values))
    return array("i", map(len, cells)).tobytes(), *parts


def storable(text: str) -> bytes:
    """The UTF-8 of a text as every format can hold it: NUL as U+FFFD, undecodable bytes of a file name as `\\udcff`."""
    return text.replace("\0", "\ufffd").encode("utf-8", "backslashreplace")


def _texts(cells: Sequence[str | None]) -> tuple[bytes, bytes]:
    """The texts one after another as `storable` makes them, and their lengths; an empty one is null."""
    try:
        coded = [cell.encode() if cell else None for cell in cells]
        data = b"".join(filter(None, coded))
    except UnicodeEncodeError:
        data = b"\0"
    if b"\0" in data:
        coded = [storable(cell) if cell else None for cell in cells]
        data = b"".join(filter(None, coded))
    return data, array("i", [-1 if cell is None else len(cell) for cell in coded]).tobytes()


def _evidence(e: Evidence) -> Row:
    box = e.box
    sides = (box.left, box.top, box.right, box.bottom) if box else _NO_BOX
    return e.page, e.line, e.line_last, *sides, e.raw, _rounded(e.confidence), e.rule


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, CONFIDENCE_DIGITS)


def _lines(pages: Iterable[Page | Leaf]) -> Iterator[Row]:
    for page in pages:
        for line in page.lines:
            if line.raw.strip() or line.text.strip():
                yield (page.number, line.number, line.raw, line.text, line.kind, *_measures(line.words))


def _measures(words: Iterable[Word | Mark]) -> Row:
    """Mean confidence and box of the words of a line. There are a thousand words a plan: a plain loop, twice as fast as `min` and `max`."""
    sure, sides = [], _NO_BOX
    left = top = right = bottom = 0
    for word in words:
        confidence, box = word.confidence, word.box
        if confidence is not None:
            sure.append(confidence)
        if box is None:
            continue
        if sides is _NO_BOX:
            left, top, right, bottom = sides = box.left, box.top, box.right, box.bottom
            continue
        if box.left < left:
            left = box.left
        if box.top < top:
            top = box.top
        if box.right > right:
            right = box.right
        if box.bottom > bottom:
            bottom = box.bottom
    mean = round(sum(sure) / len(sure), CONFIDENCE_DIGITS) if sure else None
    return (mean, left, top, right, bottom) if sides is not _NO_BOX else (mean, *_NO_BOX)


def _overview(plan: Plan, task: Task, deadlines: Sequence[Deadline]) -> Row:
    days = [day[:10] for d in deadlines if (day := d.end or d.start) and day[0].isdigit()]
    return (
        plan.number,
        plan.issuing_authority,
        plan.issue_date,
        task.task_no,
        task.section,
        task.text,
        task.responsible,
        min(days, default=None),
        tuple(d.evidence.raw for d in deadlines),
        task.evidence.page,
        f"plans/{plan.plan_id}/text.txt",
    )
