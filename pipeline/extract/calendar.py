"""Days of the Vietnamese administrative calendar: working days by table, first day of Tết, ends of months and quarters.

Public holidays with their yearly compensation days are decided year by year, so they are a table (`rules/holidays.csv`), not computed;
outside its years only weekends and the fixed solar holidays (Labour Code 2019, article 112) count as days off.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from pipeline.extract.rules import table
from pipeline.text import fold

_FIXED = {(1, 1), (4, 30), (5, 1), (9, 2)}


@cache
def _holidays() -> dict[date, str]:
    return {date.fromisoformat(r["date"]): r["kind"] for r in table("holidays")}


@cache
def _tabled_years() -> frozenset[int]:
    return frozenset(d.year for d in _holidays())


def is_working_day(day: date) -> bool:
    """Whether offices work: Monday to Friday but for holidays, and Saturdays worked in exchange."""
    kind = _holidays().get(day)
    if kind is not None:
        return kind == "work"
    if day.weekday() >= 5:
        return False
    return day.year in _tabled_years() or (day.month, day.day) not in _FIXED


def add_working_days(anchor: date, count: int) -> date:
    """The `count`-th working day after `anchor` (before it, for a negative count); the anchor itself is not counted."""
    step = timedelta(days=1 if count >= 0 else -1)
    day, left = anchor, abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def add_months(day: date, count: int) -> date:
    """The same day `count` months on, or the last one of a shorter month: 31 January and one month is 28 or 29 February."""
    k = day.year * 12 + day.month - 1 + count
    year, month = divmod(k, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(year: int, month: int) -> date:
    """Last day of a month."""
    return date(year, month, monthrange(year, month)[1])


@cache
def _tet() -> tuple[tuple[int, date, str], ...]:
    return tuple((int(r["year"]), date.fromisoformat(r["first_day"]), fold(r["name"])) for r in table("tet"))


def tet(year: int | None = None, name: str | None = None, after: date | None = None) -> date | None:
    """First day of Tết of a solar year, or of the year so named (`Giáp Thìn`) nearest to `after`, or the first one not before
    `after`; None outside the table."""
    if name:
        hits = [d for _, d, n in _tet() if n == fold(name)]
    elif year:
        hits = [d for y, d, _ in _tet() if y == year]
    else:
        hits = [d for _, d, _ in _tet() if after is not None and d >= after]
    return hits[0] if hits else None
