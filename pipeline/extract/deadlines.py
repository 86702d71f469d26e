"""Deadlines: the time words inside the tasks of a document."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from spacy.tokens import Doc

from pipeline.document import Deadline, Evidence
from pipeline.extract import scanned
from pipeline.extract.calendar import add_months
from pipeline.extract.leaves import TimeSpan, leaves, together
from pipeline.extract.phrases import phrase
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
    prose, settings, longest = doc._.prose, doc._.settings, doc._.settings.longest_task
    cited = list({c.subject for c in doc._.citations or () if c.subject})
    for leaf in leaves(doc):
        subjects: list[tuple[int, int]] | None = None
        sides: dict[str, tuple[TimeExpression, Evidence]] = {}
        for span in leaf.time_spans:
            words = " ".join(doc.text[a:b] for a, b in span.spans)[:longest]
            for t in read(words, ref, period, span.due):
                places = _places(span, t)
                if subjects is None:
                    subjects = _subjects(doc.text, cited, leaf.start, min(leaf.end, leaf.start + longest))
                if any(a <= places[0][0] and places[-1][1] <= b for a, b in subjects):
                    continue
                if min(scanned.digits_confidence(prose, a, b) for a, b in places) < settings.review_below:
                    doc._.weak = (*doc._.weak, "deadlines")
                    continue
                sure = _strength(t, words[t.start : t.end])
                evidence = together([prose.evidence(a, b, t.rule, sure) for a, b in places])
                if span.side and t.kind in ("by", "exact", "window") and span.side not in sides:
                    sides[span.side] = (t, evidence)
                else:
                    out.append(_deadline(len(out) + 1, leaf.number, t, evidence))
        for t, evidence in _sides(sides):
            out.append(_deadline(len(out) + 1, leaf.number, t, evidence))
    return tuple(out)


def _deadline(number: int, task: int, t: TimeExpression, evidence: Evidence) -> Deadline:
    return Deadline(number, task, t.kind, t.first, t.last, t.end_op, t.rrule, t.anchor, evidence)


def _strength(t: TimeExpression, said: str) -> float:
    """How sure a time expression is: the strength of its rule, less where the year is not printed."""
    sure = phrase("deadlines", t.rule).strength
    dated = [d for d in (t.first, t.last) if d and d[:1].isdigit()]
    inferred = bool(dated) and t.kind != "relative" and not re.search(r"\d{4}", said)
    return round(sure * (0.9 if inferred else 1.0), 4)


def _places(span: TimeSpan, t: TimeExpression) -> list[tuple[int, int]]:
    """Where the words of a time expression stand in the document, one place for each span they touch."""
    out, at = [], 0
    for a, b in span.spans:
        lo, hi = max(t.start - at, 0), min(t.end - at, b - a)
        if lo < hi:
            out.append((a + lo, a + hi))
        at += b - a + 1
    return out


def _sides(sides: dict[str, tuple[TimeExpression, Evidence]]) -> list[tuple[TimeExpression, Evidence]]:
    """Columns `Bắt đầu` and `Kết thúc` of one row as one range; a side alone as it stands."""
    if len(sides) < 2:
        return [(replace(t, kind="range", last=None, end_op=None) if side == "start" else t, e) for side, (t, e) in sides.items()]
    (begin, one), (end, two) = sides["start"], sides["end"]
    if not begin.first or not end.last:
        return [(begin, one), (end, two)]
    return [(replace(begin, kind="range", last=end.last, end_op="<="), together([one, two]))]


def _subjects(text: str, cited: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """Where subjects of cited documents stand: `… về giảm nghèo bền vững đến năm 2030` is the cited document's own time."""
    words = text[start:end]
    out = []
    for subject in cited:
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
