"""Records become tables: sorted, linked, checked against the schema; pure, and the same for any order of its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from pipeline.corpus.relations import related
from pipeline.corpus.tables import NAMES, SCHEMAS, STAGES, TEXT, TEXTS, Tables, arrow_schema, dtype, faults, frame
from pipeline.document import Box, Deadline, Evidence, Plan, Problem, Reading, Record, Task
from pipeline.messages import problem

CONFIDENCE_DIGITS = 4
PLANS_A_PART = 500  # plans whose rows are Python objects at one time; the rest lie packed
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL ends a text in SQLite and C; lone surrogates come from undecodable file names


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem with the input it belongs to; `plan_id` is None where the input gave no plan."""

    plan_id: str | None
    source_path: str
    problem: Problem


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
    rows = [*problems, *copies]
    tables = _gather(kept, readings, rows)
    broken = faults(tables)
    if broken:
        paths = {r.plan.plan_id: r.plan.source_path for r in kept}
        rows += [ProblemRow(i, paths[i], Problem("error", "corpus", "bad_record", broken[i])) for i in broken if i in paths]
        tables = _gather([r for r in kept if r.plan.plan_id not in broken], readings, rows)
        still = faults(tables)
        if still:
            raise ValueError(f"tables break their schema: {still}")
    return tables


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


Row = tuple[Any, ...]


def _gather(records: list[Record], readings: Mapping[str, Reading], problems: Iterable[ProblemRow]) -> Tables:
    troubles = list(problems)
    parts: dict[str, list[pa.Table]] = {name: [] for name in NAMES}
    records = related(records, readings)
    for start in range(0, len(records), PLANS_A_PART):
        rows: dict[str, list[Row]] = {name: [] for name in NAMES}
        for record in records[start : start + PLANS_A_PART]:
            plan_id, path = record.plan.plan_id, record.plan.source_path
            reading = readings.get(plan_id)
            _add(rows, record, reading)
            pages = reading.pages if reading is not None else ()
            troubles += [ProblemRow(plan_id, path, p) for p in (*record.problems, *(p for page in pages for p in page.problems))]
        for name in NAMES:
            parts[name].append(_arrow(name, rows[name]))
    parts["problems"] = [_arrow("problems", _problems(troubles))]
    return Tables(**{name: frame(name, pa.concat_tables(parts[name] or [_arrow(name, [])])) for name in NAMES})


def _add(rows: dict[str, list[Row]], record: Record, reading: Reading | None) -> None:
    """The rows of one document, in order of print."""
    plan, plan_id = record.plan, record.plan.plan_id
    rows["plans"].append(tuple(getattr(plan, c) for c in SCHEMAS["plans"].columns))
    for field in record.plan_fields:
        rows["plan_fields"].append((plan_id, field.column, field.value, field.source, *_evidence(field.evidence)))
    for name in ("citations", "sections", "tasks", "deadlines", "recipients"):
        own = list(SCHEMAS[name].columns)[1:-10]  # between plan_id and the evidence
        for fact in getattr(record, name):
            rows[name].append((plan_id, *(getattr(fact, c) for c in own), *_evidence(fact.evidence)))
    for citation in record.citations:
        for k, evidence in enumerate(citation.mention_evidence or (citation.evidence,), 1):
            rows["citation_mentions"].append((plan_id, citation.citation_no, k, *_evidence(evidence)))
    rows["overview"].extend(_overview(plan, task, record.deadlines) for task in record.tasks)
    if reading is not None:
        rows["lines"].extend(_lines(plan_id, reading))


def _evidence(e: Evidence) -> Row:
    return e.page, e.line, e.line_last, *_sides(e.box), e.raw, _rounded(e.confidence), e.rule


def _sides(box: Box | None) -> Row:
    return (box.left, box.top, box.right, box.bottom) if box else (None,) * 4


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, CONFIDENCE_DIGITS)


def _lines(plan_id: str, reading: Reading) -> Iterable[Row]:
    for page, line in reading.lines():
        if line.raw.strip() or line.text.strip():
            yield (plan_id, page.number, line.number, line.raw, line.text, line.kind, _rounded(line.confidence), *_sides(line.box))


def _overview(plan: Plan, task: Task, deadlines: Sequence[Deadline]) -> Row:
    own = [d for d in deadlines if d.task_no == task.task_no]
    days = [day[:10] for d in own if (day := d.end or d.start) and day[0].isdigit()]
    return (
        plan.plan_id,
        plan.number,
        plan.issuing_authority,
        plan.issue_date,
        task.task_no,
        task.section,
        task.text,
        task.responsible,
        min(days, default=None),
        tuple(d.evidence.raw for d in own),
        task.evidence.page,
        f"plans/{plan.plan_id}/text.txt",
    )


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
        for r in sorted(set(rows), key=order)
    ]


def _arrow(name: str, rows: list[Row]) -> pa.Table:
    schema = arrow_schema(name)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = []
    for column, values, field in zip(SCHEMAS[name].columns.values(), columns, schema, strict=True):
        if dtype(column) == TEXT:
            values = tuple(map(_storable, values))
        elif dtype(column) == TEXTS:
            values = tuple([s for s in map(_storable, texts) if s] for texts in values)
        elif pa.types.is_list(field.type):
            values = tuple([{k: _storable(v) for k, v in msgspec.to_builtins(item).items()} for item in items] for items in values)
        arrays.append(pa.array(values, field.type, from_pandas=True))
    return pa.Table.from_arrays(arrays, schema=pa.schema([f.with_nullable(True) for f in schema]))


def _storable(text: Any) -> Any:
    """A text as every format can hold it: null for an empty one, NUL as U+FFFD, undecodable bytes of a file name as `\\udcff`."""
    if not isinstance(text, str):
        return text
    if _UNSTORABLE.search(text):
        text = text.replace("\x00", "\ufffd").encode("utf-8", "backslashreplace").decode()
    return text or None
