"""The deadlines as an iCalendar file (RFC 5545), for Outlook, Google Calendar, Thunderbird and telephones.

One event a deadline, on the day that is printed (`trước ngày 30/9` stands on 30/9 and says so); a window or range is an all-day event over
all its days. A periodic one starts at its own start, else at the issue date, else at the period's start, and ends with the period. What
has no day (`anchor+P30D`, `khi có yêu cầu`) is listed, not exported. Documents with a secrecy mark must have been taken out before.

The UID is made of plan, page and line, so that it stays when other deadlines are found or lost.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from pipeline.corpus.tables import Tables, to_arrow
from pipeline.export import ical
from pipeline.export.recurrence import Shown, shown
from pipeline.messages import Lang, say
from pipeline.text import one_blank

ICT = timezone(timedelta(hours=7))  # Vietnam, all year; times are written in UTC, which needs no VTIMEZONE
SUMMARY = 120  # characters of a summary
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}))?)?)?")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Calendar:
    """The file, and a line in words for each deadline that has no day of its own."""

    data: bytes
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Time:
    """When an event is: all days from `first` to `last`, or a moment, or a series."""

    first: date
    last: date
    moment: datetime | None = None
    series: Shown | None = None


def calendar(tables: Tables, lang: Lang) -> Calendar:
    """The deadlines of `tables`; summaries and field names in `lang`."""
    events: list[bytes] = []
    plans = {row["plan_id"]: row for row in to_arrow("plans", tables.plans).to_pylist()}
    tasks = {(row["plan_id"], row["task_no"]): row for row in to_arrow("tasks", tables.tasks).to_pylist()}
    left_out, places = [], Counter[tuple[str, int, int]]()
    for deadline in to_arrow("deadlines", tables.deadlines).to_pylist():
        plan, task = plans[deadline["plan_id"]], tasks[deadline["plan_id"], deadline["task_no"]]
        place = (deadline["plan_id"], deadline["page"], deadline["line"])
        places[place] += 1
        when = _time(deadline, plan)
        if when is None:
            left_out.append(_line(deadline, plan, task, lang))
        else:
            events.append(_event(deadline, plan, task, when, f"{place[0]}.p{place[1]}.l{place[2]}.{places[place]}@kehoach", lang))
    head = ("VERSION:2.0", "PRODID:-//kehoach//deadlines//VI", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
    first, end = ical.component("VCALENDAR", [*head, f"X-WR-CALNAME:{ical.text(say('export.calendar', lang))}"]).rsplit(b"END:", 1)
    return Calendar(b"".join((first, *events, b"END:", end)), tuple(left_out))


def _time(deadline: Row, plan: Row) -> _Time | None:
    """When a deadline is; None where the page names no day."""
    try:
        if deadline["rrule"]:
            return _series(deadline, plan)
        start, end = _days(deadline["start"]), _days(deadline["end"])
        if end and deadline["kind"] in ("by", "exact") and end[2] is not None:
            return _Time(end[0], end[0], end[2])
        if start and end and start[0] <= end[1]:
            last = end[0] - timedelta(1) if deadline["end_op"] == "<" and start[0] < end[0] else end[1]
            return _Time(start[0], last)
        whole = end or start
        if whole is None:
            return None
        return _Time(whole[1], whole[1]) if end else _Time(whole[0], whole[0])
    except (ValueError, OverflowError):  # a day that no calendar has: 2023-02-30
        return None


def _series(deadline: Row, plan: Row) -> _Time | None:
    start = next((d for d in map(_days, (deadline["start"], plan["issue_date"], plan["period_start"])) if d), None)
    if start is None:
        return None
    end = _days(deadline["end"]) or _days(plan["period_end"])
    found = shown(deadline["rrule"], start[0], end[1] if end else None)
    return _Time(found.first, found.first, series=found) if found else None


def _days(text: str | None) -> tuple[date, date, datetime | None] | None:
    """First and last day of an ISO date that may be partial, and its moment if it has one; None for none and for an anchor."""
    match = _PARTIAL.fullmatch(text or "")
    if not match:
        return None
    year, month, day, hour, minute = (int(g) if g else None for g in match.groups())
    if year is None:
        return None
    first = date(year, month or 1, day or 1)
    if day:
        moment = None if hour is None else datetime(year, first.month, day, hour, minute or 0, tzinfo=ICT).astimezone(UTC)
        return first, first, moment
    end_month = month or 12
    last = date(year, end_month, monthrange(year, end_month)[1])
    return first, last, None


def _event(deadline: Row, plan: Row, task: Row, when: _Time, uid: str, lang: Lang) -> bytes:
    lines = [f"SUMMARY:{ical.text(_summary(deadline, plan, task, lang))}"]
    if when.moment is not None:
        lines.append(f"DTSTART:{ical.moment(when.moment)}")
    else:
        after = when.last + timedelta(1)  # not included, RFC 5545 section 3.6.1
        lines += [f"DTSTART;VALUE=DATE:{ical.day(when.first)}", f"DTEND;VALUE=DATE:{ical.day(after)}"]
    lines += [f"DTSTAMP:{ical.moment(_stamp(plan))}", f"UID:{uid}"]
    if when.series is not None:
        lines.append(f"RRULE:{ical.rule(when.series.rule, when.series.until)}")
    told = ical.text(_description(deadline, plan, task, lang))
    transparent = "TRANSP:TRANSPARENT"  # a deadline blocks nobody's day
    return ical.component("VEVENT", [*lines, f"CATEGORIES:{deadline['kind']}", f"DESCRIPTION:{told}", transparent])


def _stamp(plan: Row) -> datetime:
    """DTSTAMP, which the format wants: the day of issue, and never the clock, so that the same corpus gives the same bytes."""
    try:
        issued = _days(plan["issue_date"])
    except ValueError:
        issued = None
    day = issued[0] if issued else date(1970, 1, 1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _summary(deadline: Row, plan: Row, task: Row, lang: Lang) -> str:
    """`Trước · Phòng Tư pháp chủ trì … · 78/KH-STP`."""
    text = one_blank(_clean(task["text"]))
    if len(text) > SUMMARY:
        text = text[:SUMMARY].rsplit(" ", 1)[0].rstrip(" ,;") + " …"
    before = (say("export.before", lang),) if deadline["end_op"] == "<" else ()
    return " · ".join((*before, text, *([_clean(plan["number"])] if plan["number"] else [])))


def _description(deadline: Row, plan: Row, task: Row, lang: Lang) -> str:
    told = [
        (None, task["text"]),
        ("responsible", "; ".join(task["responsible"])),
        ("coordinating", "; ".join(task["coordinating"])),
        ("time_words", deadline["raw"]),
        ("number", plan["number"]),
        ("title", plan["title"]),
        ("issuing_authority", plan["issuing_authority"]),
    ]
    lines = [(f"{say(f'label.{name}', lang)}: " if name else "") + one_blank(_clean(value)) for name, value in told if value]
    return "\n".join([*lines, f"{plan['plan_id']} · {say('show.where', lang, page=deadline['page'], line=deadline['line'])}"])


def _line(deadline: Row, plan: Row, task: Row, lang: Lang) -> str:
    """A deadline without a day, in one line."""
    where = say("show.where", lang, page=deadline["page"], line=deadline["line"])
    words = one_blank(_clean(deadline["raw"] or deadline["anchor"] or ""))
    name = plan["number"] or plan["plan_id"]
    return (
        f"{_clean(name)}, {say('show.task', lang, no=task['task_no'])}, {where}: {words} ({say('code.deadline.' + deadline['kind'], lang)})"
    )


def _clean(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)
