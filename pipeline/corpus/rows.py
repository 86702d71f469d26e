"""Records become tables: sorted, linked, checked against the schema; pure, and the same for any order of its inputs.

A shelf of stored documents is read part by part, and each part of some hundred plans becomes rows of every table: what is in memory at
one time does not grow with the corpus but for a card of each plan (`relations.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import packed
from pipeline.corpus.checks import faults
from pipeline.corpus.relations import Relations
from pipeline.corpus.shelf import Held, Shelf
from pipeline.corpus.tables import NAMES, STAGES, Tables, arrow_schema, frame
from pipeline.corpus.unpacked import unpacked
from pipeline.document import Problem, Reading, Record, making_many
from pipeline.messages import problem

PLANS_A_PART = 200  # plans whose rows are in memory at one time

Row = tuple[Any, ...]
Part = Mapping[str, pa.Table]  # some rows of some tables, each in `arrow_schema` but nullable


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem with the input it belongs to; `plan_id` is None where the input gave no plan."""

    plan_id: str | None
    source_path: str
    problem: Problem


class BadRecords(Exception):
    """Records that break the schema: plan_id → (source_path, the first fault in words)."""

    def __init__(self, found: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(str(found))
        self.found = found


def plan_key(plan_id: str) -> tuple[str, int]:
    """Sorts plans: `0a…`, `0a…-2`, `0a…-10`."""
    base, _, number = plan_id.partition("-")
    return base, int(number or 1)


def tabulate(records: Sequence[Record], readings: Mapping[str, Reading], problems: Sequence[ProblemRow]) -> Tables:
    """All tables of a corpus, with citations linked to the plans in it.

    `records` carry `plan_id` and `source_path` in `record.plan`; `readings` maps plan_id to its reading after repair, restricted to its
    pages (for `lines`; a plan without one has no lines); `problems` are those of whole inputs. What records and pages have in
    `problems` themselves is added; equal rows become one. The same plan_id twice is one plan (the first path), the copy a note.
    A record that breaks the schema is left out as a whole, and stands in `problems` as the error `bad_record`.
    """
    kept, copies = _distinct(records)
    gathered: dict[str, list[pa.Table]] = {}

    def gather(made: Iterable[Part]) -> None:
        gathered.clear()
        for part in made:
            for name, rows in part.items():
                gathered.setdefault(name, []).append(rows)

    without_bad(Held(kept, readings), [*problems, *copies], gather)
    return Tables(**{name: frame(name, pa.concat_tables(gathered[name])) for name in NAMES})


def without_bad(shelf: Shelf, problems: Sequence[ProblemRow], take: Callable[[Iterator[Part]], None]) -> None:
    """Gives `take` the parts of a corpus (`parts`); once more without the records that break the schema, where there are any."""
    bad: Mapping[str, tuple[str, str]] = {}
    with making_many():
        try:
            take(parts(shelf, problems))
        except BadRecords as e:
            bad = e.found
        if bad:  # what was linked to them must not be
            told = [ProblemRow(i, path, Problem("error", "corpus", "bad_record", fault)) for i, (path, fault) in bad.items()]
            take(parts(shelf, [*problems, *told], bad))


def parts(shelf: Shelf, problems: Sequence[ProblemRow], without: Collection[str] = ()) -> Iterator[Part]:
    """The rows of all tables, some hundred plans at a time in order, `problems` in the end.

    `without` are plans that are left out. Raises BadRecords once all are read, where any of the others breaks the schema.
    """
    known = Relations(shelf, without)
    troubles = set(problems)
    bad: dict[str, tuple[str, str]] = {}
    waiting = _Part()
    for k in range(len(shelf)):
        documents = shelf.rows(k)
        if any(d.plan_id in known.told for d in documents):  # its own cells are not all
            documents = [packed.rows(known.of(d.record), d.pages) for d in shelf.documents(k)]
        for document in documents:
            if document.plan_id not in without:
                waiting.add(document)
                own = (*document.problems, *known.notes.get(document.plan_id, ()))
                troubles.update(ProblemRow(document.plan_id, document.source_path, p) for p in own)
        if len(waiting.paths) >= PLANS_A_PART or k == len(shelf) - 1:
            part, paths = waiting.arrow(known), waiting.paths
            bad |= {plan_id: (paths[plan_id], fault) for plan_id, fault in faults(part).items()}
            waiting = _Part()
            if not bad:
                yield part
    if bad:
        raise BadRecords(bad)
    told = _table("problems", _problems(troubles))
    still = faults({"problems": told})
    if still:
        raise ValueError(f"problems break their schema: {still}")
    yield {name: told if name == "problems" else _table(name, ()) for name in NAMES}


class _Part:
    """The rows of some plans, table by table and column by column. `paths` has the source_path of each plan."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {}
        self._ids: dict[str, list[tuple[str, int]]] = {name: [] for name in packed.COLUMNS}
        self._cells: dict[str, list[list[bytes]]] = {name: [] for name in packed.COLUMNS}

    def add(self, document: packed.Rows) -> None:
        self.paths[document.plan_id] = document.source_path
        for name, (count, cells) in document.tables.items():
            self._ids[name].append((document.plan_id, count))
            self._cells[name].append(cells)

    def arrow(self, known: Relations) -> Part:
        """All rows as Arrow, the citations linked."""
        part = {name: self._table(name) for name in packed.COLUMNS}
        citations = part["citations"]
        at, links = citations.schema.get_field_index("cited_plan_id"), pa.array(known.links(citations), pa.string())
        return part | {"citations": citations.set_column(at, citations.schema.field(at), links)}

    def _table(self, name: str) -> pa.Table:
        if not self._ids[name]:
            return _table(name, ())
        plan_ids, counts = zip(*self._ids[name], strict=True)
        cells = map(b"".join, zip(*self._cells[name], strict=True))
        columns = [unpacked(packed.kind(column), cells) for column in packed.COLUMNS[name]]
        return pa.Table.from_arrays(
            [pa.array(plan_ids, pa.string()).take(np.repeat(np.arange(len(counts)), counts)), *columns], schema=_schema(name)
        )


def _distinct(records: Sequence[Record]) -> tuple[list[Record], list[ProblemRow]]:
    """One record for each plan_id in order, and a note for each further file with the same bytes."""
    first: dict[str, Record] = {}
    copies: dict[str, ProblemRow] = {}
    for record in sorted(records, key=lambda r: (plan_key(r.plan.plan_id), r.plan.source_path)):
        plan = record.plan
        kept = first.setdefault(plan.plan_id, record).plan
        if kept.source_path != plan.source_path and plan.source_path not in copies:
            note = Problem("note", "ingest", "duplicate_file", kept.source_path)
            copies[plan.source_path] = ProblemRow(plan.plan_id, plan.source_path, note)
    return list(first.values()), list(copies.values())


def _problems(rows: Iterable[ProblemRow]) -> list[Row]:
    """Distinct rows by input, plan, page and stage; messages in English whatever the screen speaks."""

    def order(row: ProblemRow) -> Row:
        p, plan = row.problem, plan_key(row.plan_id) if row.plan_id else ("", 0)
        return row.source_path, plan, p.page or 0, STAGES.index(p.stage), p.level, p.code, p.detail

    return [
        (
            r.plan_id,
            r.source_path,
            r.problem.level,
            r.problem.stage,
            r.problem.page,
            r.problem.code,
            problem(r.problem.code, r.problem.detail),
        )
        for r in sorted(rows, key=order)
    ]


def _schema(name: str) -> pa.Schema:
    return pa.schema([f.with_nullable(True) for f in arrow_schema(name)])


def _table(name: str, rows: Sequence[Row]) -> pa.Table:
    """A table of texts and integers; empty texts are null."""
    columns = zip(*rows, strict=True) if rows else [()] * len(_schema(name))
    arrays = [pa.array([_storable(cell) for cell in cells], field.type) for cells, field in zip(columns, _schema(name), strict=True)]
    return pa.Table.from_arrays(arrays, schema=_schema(name))


def _storable(text: Any) -> Any:
    """A text as `packed.storable` makes it, null for an empty one; anything else as it is."""
    return packed.storable(text).decode() or None if isinstance(text, str) else text
