"""Time expressions: what a day or span means with the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pipeline.extract.moments import Span


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """One time expression `text[start:end]`; the columns of a deadline. `rule` names the pattern that found it."""

    start: int
    end: int
    kind: str
    rule: str
    first: str | None = None
    last: str | None = None
    end_op: str | None = None
    rrule: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A match of a `moment` rule with the words before it that say how it is meant (`lead`)."""

    start: int  # of the words that stand before it, if any
    at: int
    end: int
    means: str
    lead: str
    match: re.Match[str]
    rule: str
    span: Span | None = None
    to: bool = False  # `đến` stands between the one before and this one
    before: bool = False  # `đến trước` does
    listed: bool = False  # `và` or a comma does


def in_range(this: Moment, after: Moment, a: Span, b: Span) -> TimeExpression:
    """`từ ngày A đến ngày B`, `đến trước ngày B`."""
    last = b.first if after.before else b.last
    end = last.isoformat() + (b.clock or "")
    if this.lead == "before":
        return TimeExpression(this.start, after.end, "by", this.rule, None, end, "<")
    first = a.first.isoformat() + (a.clock or "")
    return TimeExpression(this.start, after.end, "range", this.rule, first, end, "<" if after.before else "<=")


def single(this: Moment, span: Span, lead: str, due: bool, ref: date | None = None) -> TimeExpression:
    """One day or span with the meaning of what stands before it (`lead`); `due`: a bare day is the last one; `ref`: what `từ nay` is."""
    first, last = span.first.isoformat(), span.last.isoformat()
    clock = span.clock or ""
    a, b = this.start, this.end
    one_day = span.unit in ("day", "part")
    if lead == "before":
        return TimeExpression(a, b, "by", this.rule, None, first + clock, "<")
    if lead == "now" and ref is not None and ref <= span.last:
        return TimeExpression(a, b, "range", this.rule, ref.isoformat(), last + clock, "<=")
    if lead in ("by", "now") or (one_day and (lead == "due" or (due and not lead))):
        return TimeExpression(a, b, "by", this.rule, None, last + clock, "<=")
    if lead == "from":
        return TimeExpression(a, b, "range", this.rule, first + clock)
    if one_day:
        return TimeExpression(a, b, "exact", this.rule, first + clock, last + clock, "<=")
    if span.unit == "days":
        return TimeExpression(a, b, "range", this.rule, first, last, "<=")
    return TimeExpression(a, b, "window", this.rule, first, last, "<=")


def yearly(a: int, b: int, span: Span, lead: str, rule: str) -> TimeExpression:
    """A day or span of each year: `trước ngày 15/11 hằng năm`."""
    op = "<" if lead == "before" else "<=" if lead in ("by", "due") else None
    parts = ["FREQ=YEARLY"]
    if span.months and len(span.months) < 12:
        parts.append("BYMONTH=" + ",".join(map(str, span.months)))
    if span.month_day is not None:
        parts.append(f"BYMONTHDAY={span.month_day}")
    return TimeExpression(a, b, "periodic", rule, end_op=op, rrule=";".join(parts))
