"""All that documents say of one another, worked out from stored records: links, inferred numbers, doubts, copies and later versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.corpus.doubts import doubts
from pipeline.corpus.inferred import inferred
from pipeline.corpus.links import linked, symbol
from pipeline.corpus.versions import versions
from pipeline.document import Reading, Record


def related(records: Sequence[Record], readings: Mapping[str, Reading]) -> list[Record]:
    """The records linked, with numbers and dates inferred where they print none, and with notes among their problems."""
    links = linked(records)
    told = inferred(links)
    changed = frozenset(symbol(b.plan.number) for a, b in zip(links, told, strict=True) if a is not b and b.plan.number)
    links = linked(told, changed) if changed else links  # those that told a number now lead to it
    found = (doubts(links), versions(links, readings))
    notes = {plan_id: [*found[0].get(plan_id, ()), *found[1].get(plan_id, ())] for plan_id in (*found[0], *found[1])}
    return [replace(r, problems=(*r.problems, *notes[r.plan.plan_id])) if r.plan.plan_id in notes else r for r in links]
