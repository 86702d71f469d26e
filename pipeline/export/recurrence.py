"""A periodic deadline as a calendar can show it: the first day, and an RFC 5545 rule that no month or year falls out of.

RFC 5545 skips what does not exist: `FREQ=MONTHLY` from the 31st has five months without it. Here a day past the end of a month is shown
on the month's last day, which is what `ngày 31 hằng tháng` means. RFC 5545, section 3.3.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from dateutil import rrule as rfc5545

SHORTEST = 28  # days that every month has
_DAYS = ("BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO")


@dataclass(frozen=True)
class Shown:
    """The first day of a series, its rule without UNTIL, and the last day it may fall on (None: open)."""

    first: date
    rule: Mapping[str, str]
    until: date | None


def shown(rule: str, start: date, until: date | None) -> Shown | None:
    """The series of `rule` from `start`; None where nothing falls before `until`.

    A rule with a month and no day means within that month and is shown on its last day. Raises ValueError for a rule that is none.
    """
    parts = _parts(rule)
    if "BYMONTH" in parts and not any(p in parts for p in _DAYS):
        parts["BYMONTHDAY"] = "-1"
    parts = _whole_months(parts, start)
    text = ";".join(f"{k}={v}" for k, v in parts.items())
    series = rfc5545.rrulestr(text, dtstart=datetime.combine(start, time()))
    first = series.after(datetime.combine(start, time()), inc=True)
    if first is None or (until is not None and first.date() > until):
        return None
    return Shown(first.date(), parts, until)


def _parts(rule: str) -> dict[str, str]:
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    if "FREQ" not in parts:
        raise ValueError(rule)
    return parts


def _whole_months(parts: dict[str, str], start: date) -> dict[str, str]:
    """The rule with a day of the month that some months lack turned into the last such day of each month."""
    freq = parts["FREQ"]
    if any(p in parts for p in ("BYDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")) or freq not in ("MONTHLY", "YEARLY"):
        return parts
    days = parts.get("BYMONTHDAY", str(start.day))
    if not days.isdigit() or int(days) <= SHORTEST:
        return parts
    if freq == "YEARLY":
        if "BYMONTH" in parts and "INTERVAL" not in parts:
            parts = parts | {"FREQ": "MONTHLY"}  # BYSETPOS then picks in each month, not in the year
        elif start.month == 2 and "BYMONTHDAY" not in parts:
            return parts | {"BYMONTH": "2", "BYMONTHDAY": "-1"}
        else:
            return parts
    return parts | {"BYMONTHDAY": ",".join(map(str, range(SHORTEST, int(days) + 1))), "BYSETPOS": "-1"}
