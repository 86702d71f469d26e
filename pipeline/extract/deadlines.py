"""Deadlines: the time words inside the tasks of a document."""

from __future__ import annotations

from datetime import date, timedelta

from spacy.tokens import Doc

from pipeline.document import Deadline
from pipeline.extract.calendar import add_months
from pipeline.extract.leaves import leaves
from pipeline.extract.times import TimeExpression, read

__all__ = ["TimeExpression", "find", "read"]


def find(doc: Doc) -> tuple[Deadline, ...]:
    """Deadlines of the document's tasks, numbered in order of print.

    Uses `doc._.issue_date` and the period in `doc._.values`; without an issue date the period's first day is the reference date.
    """
    values = doc._.values or {}
    period = _period((values.get("period_start"), values.get("period_end")))
    issued = _full(doc._.issue_date)
    ref = issued or (period[0] if period else None)
    out: list[Deadline] = []
    for leaf in leaves(doc):
        subjects = _subjects(doc, leaf.start, leaf.end)
        for span in leaf.time_spans:
            for t in read(doc.text[span.start : span.end], ref, period, span.due):
                if any(a <= span.start + t.start and span.start + t.end <= b for a, b in subjects):
                    continue
                evidence = doc._.prose.evidence(span.start + t.start, span.start + t.end, t.rule)
                out.append(Deadline(len(out) + 1, leaf.number, t.kind, t.first, t.last, t.end_op, t.rrule, t.anchor, evidence))
    return tuple(out)


def _subjects(doc: Doc, start: int, end: int) -> list[tuple[int, int]]:
    """Where subjects of cited documents stand: `… về giảm nghèo bền vững đến năm 2030` is the cited document's own time."""
    words = doc.text[start:end]
    out = []
    for subject in {c.subject for c in doc._.citations or () if c.subject}:
        at = words.find(subject)
        while at >= 0:
            out.append((start + at, start + at + len(subject)))
            at = words.find(subject, at + 1)
    return out


def _full(text: str | None) -> date | None:
    """An ISO date; of a partial one the first day."""
    if not text:
        return None
    try:
        return date.fromisoformat((text + "-01-01")[:10]) if len(text) in (4, 7, 10) else None
    except ValueError:
        return None


def _period(value: tuple[str | None, str | None] | None) -> tuple[date, date] | None:
    if not value or not value[0] or not value[1]:
        return None
    first = _full(value[0])
    last = _full(value[1])
    if first is None or last is None:
        return None
    if len(value[1]) == 4:
        last = date(last.year, 12, 31)
    elif len(value[1]) == 7:
        last = add_months(last, 1) - timedelta(days=1)
    return first, last
