"""Records become tables: sorted, linked, checked against the schema; pure, and the same for any order of its inputs.

A shelf of stored documents is read part by part, and each part of some hundred plans becomes rows of every table: what is in memory at
one time does not grow with the corpus but for a card of each plan (`relations.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.corpus.checks import faults
from pipeline.corpus.relations import Relations
from pipeline.corpus.shelf import Held, Mark, Pages, Shelf
from pipeline.corpus.tables import NAMES, SCHEMAS, STAGES, TARGETS_ARROW, TEXTS_ARROW, Tables, arrow_schema, frame
from pipeline.document import Deadline, Evidence, Plan, Problem, Reading, Record, Task, Word, making_many
from pipeline.messages import problem

CONFIDENCE_DIGITS = 4
PLANS_A_PART = 200  # plans whose rows are in memory at one time
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL ends a text in SQLite and C; lone surrogates come from undecodable file names

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
    rows, paths = _no_rows(), dict[str, str]()
    for k in range(len(shelf)):
        for document in shelf.documents(k):
            plan_id, path = document.record.plan.plan_id, document.record.plan.source_path
            if plan_id in without:
                continue
            record = known.of(document.record)
            _add(rows, record, document.pages)
            paths[plan_id] = path
            own = (*record.problems, *(p for page in document.pages for p in page.problems))
            troubles.update(ProblemRow(plan_id, path, p) for p in own)
        if len(paths) >= PLANS_A_PART or k == len(shelf) - 1:
            part = {name: _arrow(name, rows[name]) for name in rows}
            bad |= {plan_id: (paths[plan_id], fault) for plan_id, fault in faults(part).items()}
            rows, paths = _no_rows(), {}
            if not bad:
                yield part
    if bad:
        raise BadRecords(bad)
    told = _arrow("problems", _problems(troubles))
    still = faults({"problems": told})
    if still:
        raise ValueError(f"problems break their schema: {still}")
    yield {name: told if name == "problems" else _arrow(name, []) for name in NAMES}


def _no_rows() -> dict[str, list[Row]]:
    return {name: [] for name in NAMES if name != "problems"}


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


_OWN = {name: attrgetter(*list(SCHEMAS[name].columns)[1:-10]) for name in ("citations", "sections", "tasks", "deadlines", "recipients")}
_OF_PLAN = attrgetter(*SCHEMAS["plans"].columns)
_NO_BOX: Row = (None,) * 4


def _add(rows: dict[str, list[Row]], record: Record, pages: Pages) -> None:
    """The rows of one document, in order of print."""
    plan, plan_id = record.plan, record.plan.plan_id
    rows["plans"].append(_OF_PLAN(plan))
    for field in record.plan_fields:
        rows["plan_fields"].append((plan_id, field.column, field.value, field.source, *_evidence(field.evidence)))
    for name, own in _OWN.items():  # between plan_id and the evidence
        rows[name] += [(plan_id, *own(fact), *_evidence(fact.evidence)) for fact in getattr(record, name)]
    for citation in record.citations:
        for k, evidence in enumerate(citation.mention_evidence or (citation.evidence,), 1):
            rows["citation_mentions"].append((plan_id, citation.citation_no, k, *_evidence(evidence)))
    by_task: dict[int, list[Deadline]] = defaultdict(list)
    for deadline in record.deadlines:
        by_task[deadline.task_no].append(deadline)
    rows["overview"] += [_overview(plan, task, by_task.get(task.task_no, ())) for task in record.tasks]
    rows["lines"] += _lines(plan_id, pages)


def _evidence(e: Evidence) -> Row:
    box = e.box
    sides = (box.left, box.top, box.right, box.bottom) if box else _NO_BOX
    return e.page, e.line, e.line_last, *sides, e.raw, _rounded(e.confidence), e.rule


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, CONFIDENCE_DIGITS)


def _lines(plan_id: str, pages: Pages) -> Iterator[Row]:
    for page in pages:
        for line in page.lines:
            if line.raw.strip() or line.text.strip():
                yield (plan_id, page.number, line.number, line.raw, line.text, line.kind, *_measures(line.words))


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
        plan.plan_id,
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


def _arrow(name: str, rows: list[Row]) -> pa.Table:
    schema = pa.schema([f.with_nullable(True) for f in arrow_schema(name)])
    columns: Sequence[Row] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.Table.from_arrays([_array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return _texts(values)
    if kind == TEXTS_ARROW:
        texts = _texts(list(chain.from_iterable(values)))
        if not texts.null_count:
            return _lists(values, texts)
        values = [[s for s in map(_storable, texts) if s] for texts in values]
        return pa.array(values, kind)
    if kind == TARGETS_ARROW:
        targets = list(chain.from_iterable(values))
        fields = list(kind.value_type)
        cells = [_array(list(map(attrgetter(field.name), targets)), field.type) for field in fields]
        return _lists(values, pa.StructArray.from_arrays(cells, fields=fields))
    return pa.array(values, kind, from_pandas=pa.types.is_floating(kind))  # NaN is null


def _lists(values: Sequence[Any], entries: pa.Array) -> pa.ListArray:
    """The entries of all lists, one after another, parted again."""
    return pa.ListArray.from_arrays(pa.array(accumulate(map(len, values), initial=0), pa.int32(), size=len(values) + 1), entries)


def _texts(values: Sequence[str | None]) -> pa.StringArray:
    try:
        made = pa.array(values, pa.string())
    except UnicodeEncodeError:
        made = pa.array(map(_storable, values), pa.string(), size=len(values))
    if pc.any(pc.match_substring(made, "\x00")).as_py():
        made = pa.array(map(_storable, values), pa.string(), size=len(values))
    empty = pc.equal(made, "")
    return pc.if_else(empty, None, made) if pc.any(empty).as_py() else made


def _storable(text: Any) -> Any:
    """A text as every format can hold it: null for an empty one, NUL as U+FFFD, undecodable bytes of a file name as `\\udcff`."""
    if not isinstance(text, str):
        return text
    if _UNSTORABLE.search(text):
        text = text.replace("\x00", "\ufffd").encode("utf-8", "backslashreplace").decode()
    return text or None
