"""Corrected facts: cells of the records that people set right. Pure; lines are corrected before extraction (`pipeline/corrections`).

A fact has no name that lasts (`tasks:4` is another task once a rule finds one more), so the fact that a correction means is looked for by
page, place and old words among all facts of its table; a cell of `plans` is what it is, wherever it was read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.corpus.added import NAMED, WHOLE, cells, made, named, numbered, task_of
from pipeline.corpus.addressed import Part, addressed
from pipeline.corpus.cells import text_of, typed
from pipeline.corpus.tables import BOOLEAN, INTEGER, NUMBER, SCHEMAS, codes, dtype
from pipeline.corrections import Book, Correction, Trouble, append, read
from pipeline.corrections.frame import fitted
from pipeline.corrections.lines import told
from pipeline.corrections.place import ALIKE, HERE, SPOT, SURE, Fit, fit, likeness, overlap
from pipeline.document import Deadline, Evidence, PlanField, Problem, Reading, Record
from pipeline.text import old_tone, one_blank

__all__ = ["append", "corrected", "read"]

# What is made of other cells no longer holds once one of these is corrected, unless it is corrected itself.
MADE_OF = {
    ("plans", "uri"): ("number", "issue_date", "doc_type", "issuing_authority"),
    ("plans", "number_source"): ("number",),
    ("plans", "issue_date_source"): ("issue_date",),
    ("citations", "cited_uri"): ("cited_id", "cited_type", "cited_date", "cited_issuer"),
}
TIE = 0.02  # two facts that answer so nearly equally well leave a doubt
TERSE = 5  # characters
_DATED = re.compile(r"[\d/.:-]+")


@dataclass
class _Cell:
    """A cell as corrections go over it: what was read, what it says now, and the corrections that set it."""

    read: str
    now: str
    by: list[Correction] = field(default_factory=list)


@dataclass
class _Sheet:
    """One record under correction. `cells` is keyed by table, index of the fact in it (0 for plans) and column."""

    read: Record
    record: Record  # the same, added facts behind those that were read
    reading: Reading | None
    cells: dict[tuple[str, int, str], _Cell] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    gone: set[tuple[str, int]] = field(default_factory=set)

    def doubt(self, row: Correction, code: str, why: str = "") -> None:
        self.troubles.append(
            Trouble(row.plan_id, self.record.plan.source_path, Problem("warning", "corpus", code, told(row, why), row.page))
        )


def corrected(records: Sequence[Record], readings: Mapping[str, Reading], book: Book) -> tuple[list[Record], list[Trouble]]:
    """The records with corrected facts, and every correction that was not applied, or not without a doubt.

    `readings` gives the verbatim words for a cell that nothing was read into.
    """
    by_source: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_source[record.plan.plan_id.partition("-")[0]].append(record)
    troubles = strays(book, {r.plan.plan_id: r.plan.source_path for r in records})
    done: dict[str, Record] = {}
    for source, mine in by_source.items():
        amends, unfit = amended_parts([(r, readings.get(r.plan.plan_id)) for r in mine], book.facts(source))
        done |= {r.plan.plan_id: r for r in amends}
        troubles += unfit
    return [done[r.plan.plan_id] for r in records], troubles


def strays(book: Book, paths: Mapping[str, str]) -> list[Trouble]:
    """What could not be read of the corrections, and those of files that there are not; `paths`: source_path of each plan_id."""
    troubles = [replace(t, path=paths.get(t.plan_id or "", t.path) or "corrections") for t in book.troubles]
    known = {plan_id.partition("-")[0] for plan_id in paths} if book.rows else set()
    return troubles + [_stray(row, "corrections") for row in book.rows if row.source_id not in known]


def _stray(row: Correction, path: str) -> Trouble:
    return Trouble(row.plan_id, path, Problem("warning", "corpus", "correction_orphan", told(row, "No such plan"), row.page))


def amended_parts(
    parts: Sequence[Part], rows: Sequence[Correction], lines: Sequence[Correction] = ()
) -> tuple[list[Record], list[Trouble]]:
    """The documents of one file with their corrected facts, and the corrections that no longer fit.

    `rows` are all corrected facts of the file, `lines` its corrected lines, which are in the readings already.
    """
    if not rows:
        return [record for record, _ in parts], []
    rows = fitted(rows, [page for _, reading in parts if reading for page in reading.pages], lines)
    given, lost = addressed(rows, parts)
    out, troubles = [], [_stray(row, parts[0][0].plan.source_path) for row in lost]
    for (record, reading), mine in zip(parts, given, strict=True):
        record, unfit = amended(record, reading, mine)
        out.append(record)
        troubles += unfit
    return out, troubles


def amended(record: Record, reading: Reading | None, rows: Sequence[Correction]) -> tuple[Record, list[Trouble]]:
    """One record with its corrected facts, and the corrections that no longer fit or leave a doubt.

    A corrected cell of `plans` has the source `correction` in `plan_fields` and keeps its evidence.
    """
    if not rows:
        return record, []
    sheet = _Sheet(record, record, reading)
    for row in rows:
        _apply(sheet, row)
    return _filled(sheet), sheet.troubles


def _apply(sheet: _Sheet, row: Correction) -> None:
    if row.column == WHOLE:
        _apply_whole(sheet, row)
        return
    try:
        value = text_of(typed(row.table, row.column, row.value))
        row = replace(row, old=_spelt(row))
    except ValueError as e:
        sheet.doubt(row, "correction_malformed", str(e))
        return
    if row.table == "plans":
        index = 0
        why = _misfit(sheet, row)
        if why:
            sheet.doubt(row, "correction_conflict", why)
            return
    else:
        found = _find(sheet, row)
        if found is None:
            return
        index = found
    cell = sheet.cells.setdefault((row.table, index, row.column), _new_cell(sheet.record, row, index))
    if cell.by and row.old != cell.now and value != cell.now:
        ids = ", ".join(c.id for c in cell.by)
        sheet.doubt(row, "correction_conflict", f"It does not know of {ids}, which corrected this cell before; the later stands")
    cell.by.append(row)
    cell.now = value


def _apply_whole(sheet: _Sheet, row: Correction) -> None:
    """Takes a whole fact out, or adds one; what is gone already or found by now needs nothing."""
    try:
        said = cells(row.table, row.old or row.value)
        name = next((said[column] for column in NAMED[row.table] if said.get(column)), "")
        if not name:
            raise ValueError(f"it tells no {' or '.join(NAMED[row.table])}")
        if row.old:
            gone = _find(sheet, replace(row, old=name, value=""))
            if gone is not None:
                sheet.gone.add((row.table, gone))
            return
        there = _alike(sheet, row, name)
        if there is None:
            fact = made(row, _evidence(sheet, row))
            if isinstance(fact, Deadline) and task_of(fact, sheet.record.tasks) is None:
                raise ValueError("no task stands on its line")
            more: dict[str, Any] = {row.table: (*getattr(sheet.record, row.table), fact)}
            sheet.record = replace(sheet.record, **more)
        elif there != name:
            sheet.doubt(row, "correction_conflict", f"There now stands “{there}”; it was not added")
    except ValueError as e:
        sheet.doubt(row, "correction_malformed", str(e))


def _alike(sheet: _Sheet, row: Correction, name: str) -> str | None:
    """What a fact says that was read in the place of one to be added and is, but for a letter, the same; None where there is none.

    Of facts that people added, only the very same counts: lists name bodies that differ in a letter (`xã Bình An`, `xã Bình Ân`).
    """
    read = len(getattr(sheet.read, row.table))
    found: list[tuple[float, int, str]] = []
    for index, fact in enumerate(getattr(sheet.record, row.table)):
        e: Evidence = fact.evidence
        said = named(row.table, fact)
        alike = 1.0 if _bare(said) == _bare(name) else likeness(said, name)
        here = e.page == row.page and overlap(row, e.line, e.line_last, e.box) >= HERE
        if (row.table, index) not in sheet.gone and here and alike >= (SURE if index < read else 1.0):
            found.append((-alike, index, name if alike == 1.0 else said))
    return min(found)[2] if found else None


def _bare(text: str) -> str:
    """A text as two are called the same: whatever ends it and however its tone marks are set."""
    return one_blank(old_tone(text)).strip(" .;,:")


def _new_cell(record: Record, row: Correction, index: int) -> _Cell:
    said = _said(record, row.table, index, row.column)
    return _Cell(said, said)


def _fact(record: Record, table: str, index: int) -> Any:
    return record.plan if table == "plans" else getattr(record, table)[index]


def _said(record: Record, table: str, index: int, column: str) -> str:
    return text_of(getattr(_fact(record, table, index), column))


def _now(sheet: _Sheet, table: str, index: int, column: str) -> str:
    cell = sheet.cells.get((table, index, column))
    return cell.now if cell else _said(sheet.record, table, index, column)


def _spelt(row: Correction) -> str:
    """The old cell as the tables write it: targets may come with other blanks between their parts."""
    try:
        return text_of(typed(row.table, row.column, row.old))
    except ValueError:  # what was read may be no proper value: that may be why it was corrected
        return row.old


def _misfit(sheet: _Sheet, row: Correction) -> str | None:
    """Why a correction of a cell of `plans` does not fit what was read now; None where it does."""
    said = _said(sheet.record, "plans", 0, row.column)
    cell = sheet.cells.get(("plans", 0, row.column))
    if cell or not said or said in (row.old, row.value):
        return None
    evidence = next((f.evidence for f in sheet.record.plan_fields if f.column == row.column), None)
    here = evidence is not None and evidence.page == row.page and overlap(row, evidence.line, evidence.line_last, evidence.box) >= HERE
    if here and not _exact(row.table, row.column):
        return None  # the same place, read otherwise
    alike = max(likeness(said, row.old), likeness(said, row.value))
    if not _exact(row.table, row.column) and not _terse(said) and alike >= ALIKE:
        return None
    return f"It now reads “{said}”"


def _find(sheet: _Sheet, row: Correction) -> int | None:
    """The fact that a correction means; None, and a doubt, where none or several answer to it."""
    facts: Sequence[Any] = getattr(sheet.record, row.table)
    exact = _terse(row.old) or (row.column != WHOLE and _exact(row.table, row.column))
    fits: list[tuple[Fit, int]] = []
    for index, fact in enumerate(facts):
        e: Evidence = fact.evidence
        if e.page != row.page or (row.table, index) in sheet.gone:
            continue
        said = {named(row.table, fact)}
        if row.column != WHOLE:
            said = {_said(sheet.record, row.table, index, row.column), _now(sheet, row.table, index, row.column)}
        best = max((fit(row, text, e.line, e.line_last, e.box, exact) for text in sorted(said)), key=lambda f: f.rank)
        fits.append((best, index))
    if exact or not row.old or row.column not in (WHOLE, *NAMED[row.table]):
        good = _on_spot(fits, exact)
    else:
        good = [(f, k) for f, k in fits if f.good(len(row.old))]
    good.sort(key=lambda item: (-item[0].rank, item[1]))
    if not good:
        there = "; ".join([f"“{_now(sheet, row.table, k, row.column)}”" for f, k in fits if f.place >= HERE and row.column != WHOLE][:3])
        if there:
            sheet.doubt(row, "correction_conflict", f"There now stands {there}")
        else:
            sheet.doubt(row, "correction_orphan")
        return None
    if len(good) > 1 and good[0][0].rank - good[1][0].rank < TIE:
        sheet.doubt(row, "correction_conflict", f"It fits {len(good)} facts; it was not applied")
        return None
    return good[0][1]


def _on_spot(fits: Sequence[tuple[Fit, int]], exact: bool) -> list[tuple[Fit, int]]:
    """Those that say what was corrected, of the facts that stand on the very spot.

    A code, a number, an empty cell or a body in charge is said by many facts of a page: were the one that is meant gone, its neighbour
    would answer in its stead. So the place alone tells which fact it is, and the words whether it still is.
    """
    best = max((f.spot for f, _ in fits), default=0.0)
    return [(f, k) for f, k in fits if f.spot >= max(SPOT, best - TIE) and f.words >= (1.0 if exact else ALIKE)]


def _exact(table: str, column: str) -> bool:
    rules = SCHEMAS[table].columns[column]
    return bool(codes(rules)) or dtype(rules) in (INTEGER, NUMBER, BOOLEAN)


def _terse(text: str) -> bool:
    """Whether likeness of letters says nothing of a text: a date, a number, `II.2` beside `II.3`."""
    return 0 < len(text) < TERSE or _DATED.fullmatch(text) is not None


def _filled(sheet: _Sheet) -> Record:
    """The record with what the cells say now."""
    record = sheet.record
    changed: dict[str, dict[int, dict[str, Any]]] = {}
    for (table, index, column), cell in sheet.cells.items():
        changed.setdefault(table, {}).setdefault(index, {})[column] = typed(table, column, cell.by[-1].value)
    for (table, column), sources in MADE_OF.items():
        for row in changed.get(table, {}).values():
            if column not in row and any(s in row and (row[s] is None or column.endswith("uri")) for s in sources):
                row[column] = None
    parts: dict[str, Any] = {}
    for table, by_index in changed.items():
        if table == "plans":
            parts["plan"] = replace(record.plan, **by_index[0])
            parts["plan_fields"] = _fields(sheet)
        else:
            facts = list(getattr(record, table))
            for index, cells in by_index.items():
                facts[index] = replace(facts[index], **cells)
            parts[table] = tuple(facts)
    record = replace(record, **parts)
    return numbered(record, sheet.gone, sheet.read) if sheet.gone or sheet.record is not sheet.read else record


def _fields(sheet: _Sheet) -> tuple[PlanField, ...]:
    """The rows of `plan_fields`: corrected ones with the evidence of what was read, or of the place that was corrected; none for null."""
    order = {column: k for k, column in enumerate(SCHEMAS["plans"].columns)}
    found = {f.column: f for f in sheet.record.plan_fields}
    for (table, _, column), cell in sheet.cells.items():
        if table != "plans":
            continue
        if not cell.now:
            found.pop(column, None)
            continue
        evidence = found[column].evidence if column in found else _evidence(sheet, cell.by[-1])
        found[column] = PlanField(column, cell.now, "correction", evidence)
    return tuple(sorted(found.values(), key=lambda f: order[f.column]))


def _evidence(sheet: _Sheet, row: Correction) -> Evidence:
    """Where a correction says that its cell stands, with the words read there."""
    there = [
        line
        for page, line in (sheet.reading.lines() if sheet.reading else ())
        if page.number == row.page and line.raw.strip() and overlap(row, line.number, line.number, line.box) >= HERE
    ]
    first, last = (there[0].number, there[-1].number) if there else (row.line or 1, row.line or 1)
    raw = " ".join(line.raw.strip() for line in there)
    return Evidence(row.page, first, max(first, last), row.box, raw, None, f"correction.{row.id}")
