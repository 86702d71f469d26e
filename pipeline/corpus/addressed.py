"""To which document of a file a correction goes: they are numbered by their order, and another reading may part the file otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.corrections import Correction
from pipeline.corrections.place import HERE, overlap
from pipeline.document import Reading, Record

Part = tuple[Record, Reading | None]


def addressed(rows: Sequence[Correction], parts: Sequence[Part]) -> tuple[list[tuple[Correction, ...]], list[Correction]]:
    """The rows of one file by document, in their order, and those that none of the documents can answer for.

    A row belongs to the document that it names where that holds its page and place, else to the one that does. A cell of `plans` may
    stand anywhere: it leaves the document that it names only for one that has this cell from that very place.
    """
    given: list[list[Correction]] = [[] for _ in parts]
    stray: list[Correction] = []
    for row in rows:
        k = _owner(row, parts)
        (stray if k is None else given[k]).append(row)
    return [tuple(mine) for mine in given], stray


def _owner(row: Correction, parts: Sequence[Part]) -> int | None:
    own = next((k for k, (record, _) in enumerate(parts) if record.plan.plan_id == row.plan_id), None)
    here = [k for k, (_, reading) in enumerate(parts) if reading is None or any(p.number == row.page for p in reading.pages)]
    if row.table == "plans":
        return own if own in here else next((k for k in here if _read_there(row, parts[k][0])), own)
    if len(here) > 1:  # a page that two documents share
        here = [k for k in here if _holds(row, parts[k][1])] or here
    return own if own in here or not here else here[0]


def _holds(row: Correction, reading: Reading | None) -> bool:
    if reading is None:
        return True
    return any(page.number == row.page and overlap(row, line.number, line.number, line.box) >= HERE for page, line in reading.lines())


def _read_there(row: Correction, record: Record) -> bool:
    found = (f.evidence for f in record.plan_fields if f.column == row.column)
    return any(e.page == row.page and overlap(row, e.line, e.line_last, e.box) >= HERE for e in found)
