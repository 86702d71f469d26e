"""Whole facts that people added or took out: corrections with the column `*`.

    old                value                  says
    words of a fact    (empty)                the fact that stands there and says so is none
    (empty)            words, or {"…": "…"}   a fact stands there; a JSON object gives its cells, words alone the first of `NAMED`

One is the other's undoing. Nobody numbers facts: they are numbered anew in order of print, and the deadlines of a task go with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

import msgspec

from pipeline.corpus.cells import text_of, typed
from pipeline.corpus.tables import SCHEMAS
from pipeline.corrections import WHOLE, Correction
from pipeline.document import FACT_TABLES, Deadline, Evidence, Record, Task

__all__ = ["NAMED", "WHOLE", "cells", "made", "named", "numbered"]

# What a fact of each table is told by, the first that it has.
NAMED: Mapping[str, tuple[str, ...]] = {
    "tasks": ("text",),
    "citations": ("cited_id", "subject"),
    "sections": ("title", "section"),
    "deadlines": ("raw",),
    "recipients": ("name",),
}
_NUMBERED = {"tasks": "task_no", "citations": "citation_no", "deadlines": "deadline_no", "recipients": "ordinal"}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "tasks": {"task_no": 0, "responsible": (), "coordinating": (), "reports_to": (), "targets": (), "from_table": False},
    "citations": {"citation_no": 0, "relation": "dan_chieu", "relation_subject": "this", "mentions": 1},
    "sections": {"kind": "heading"},
    "deadlines": {"deadline_no": 0, "task_no": 0},
    "recipients": {"ordinal": 0, "kind": "recipient"},
}


def named(table: str, fact: Any) -> str:
    """What a fact is told by: the words of a task, the symbol of a citation, the time words of a deadline."""
    told = (getattr(fact, name) if name != "raw" else fact.evidence.raw for name in NAMED[table])
    return next((text for text in told if text), "")


def cells(table: str, text: str) -> dict[str, str]:
    """The cells that `old` or `value` of a whole fact gives, as they stand in the CSV tables. Raises ValueError with what is wrong."""
    if not text.startswith("{"):
        return {NAMED[table][0]: text}
    try:
        given = msgspec.json.decode(text, type=dict[str, str | float | bool | list[str | dict[str, Any]] | None])
    except msgspec.DecodeError as e:
        raise ValueError(f"no JSON object of cells: {e}") from None
    return {column: _plain(value) for column, value in given.items() if value is not None}


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else text_of(tuple(value) if isinstance(value, list) else value)


def made(row: Correction, evidence: Evidence) -> Any:
    """The fact that a correction adds, without a number yet. Raises ValueError."""
    given = cells(row.table, row.value)
    if row.table == "deadlines" and "raw" in given:
        evidence = replace(evidence, raw=given.pop("raw"))
    values = dict(_DEFAULTS[row.table]) | {column: typed(row.table, column, text) for column, text in given.items()}
    if row.table == "tasks" and values["responsible"]:
        values.setdefault("responsible_source", "own")
    if row.table == "sections":
        values.setdefault("level", str(values.get("section", "")).count(".") + 1)
    if row.table == "citations":
        values["mention_evidence"] = (evidence,)
    kind = FACT_TABLES[row.table]
    for f in fields(kind):
        if f.name not in values and f.name != "evidence":
            if not SCHEMAS[row.table].columns[f.name].nullable:
                raise ValueError(f"no {f.name}")
            values[f.name] = None
    return kind(**values, evidence=evidence)


def numbered(record: Record, gone: Collection[tuple[str, int]], read: Record) -> Record:
    """The record without the facts of `gone` (table and index), and with those that `read` lacks in their place, all numbered anew.

    A deadline whose task is gone goes too; a new one (task 0) belongs to the task of its line.
    """
    parts: dict[str, Any] = {}
    for table in NAMED:
        facts, known = getattr(record, table), len(getattr(read, table))
        parts[table] = [fact for k, fact in enumerate(facts[:known]) if (table, k) not in gone]
        for k, fact in enumerate(facts[known:], known):
            if (table, k) not in gone:
                after = (n for n, other in enumerate(parts[table]) if _printed(other) > _printed(fact))
                parts[table].insert(next(after, len(parts[table])), fact)
    renamed = {task.task_no: k for k, task in enumerate(parts["tasks"], 1) if task.task_no}
    tasks = [replace(task, task_no=k) for k, task in enumerate(parts["tasks"], 1)]
    owned = ((d, renamed.get(d.task_no) if d.task_no else task_of(d, tasks)) for d in parts["deadlines"])
    parts["deadlines"] = [replace(d, task_no=number) for d, number in owned if number]
    for table, column in _NUMBERED.items():
        parts[table] = [replace(fact, **{column: k}) for k, fact in enumerate(parts[table], 1)]
    whole: dict[str, Any] = {table: tuple(facts) for table, facts in parts.items()}
    return replace(record, **whole)


def _printed(fact: Any) -> tuple[int, int]:
    return fact.evidence.page, fact.evidence.line


def task_of(deadline: Deadline, tasks: Collection[Task]) -> int | None:
    """The number of the task that holds the line of a deadline."""
    e = deadline.evidence
    held = (t for t in tasks if t.evidence.page == e.page and t.evidence.line <= e.line <= t.evidence.line_last)
    return next((t.task_no for t in held), None)
