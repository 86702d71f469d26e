"""JSON: the record of each document as `kehoach extract` prints it, as a list or one a line; made from the tables, so linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from pipeline.corpus.tables import Tables, to_arrow

FACTS = ("plan_fields", "citations", "citation_mentions", "sections", "tasks", "deadlines", "recipients", "problems")


def as_json(tables: Tables) -> bytes:
    """A list of all records, indented."""
    return msgspec.json.format(msgspec.json.encode(list(records(tables))), indent=1) + b"\n"


def as_lines(tables: Tables) -> bytes:
    """One record a line (JSON Lines)."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records(tables))


def records(tables: Tables) -> Iterator[dict[str, Any]]:
    """`{"plan": {…}, "plan_fields": […], …}` of each document in the order of `plans`; absent is null, lists are lists."""
    by_plan: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name in FACTS:
        rows = defaultdict(list)
        for row in to_arrow(name, tables[name]).to_pylist():
            rows[row["plan_id"]].append(row)
        by_plan[name] = rows
    for plan in to_arrow("plans", tables.plans).to_pylist():
        yield {"plan": plan} | {name: by_plan[name].get(plan["plan_id"], []) for name in FACTS}
