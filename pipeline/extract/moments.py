"""Days and spans that time words name: `quý II/2024` is 1 April to 30 June 2024, `cuối tháng 9` its last day.

A missing year is that of the first such day or span which is not over before the reference date (the document's issue date). Parts of
months and years follow the Civil Code 2015, article 146: đầu tháng is day 1, giữa tháng day 15, cuối tháng the last day; đầu năm 1 January,
giữa năm 30 June, cuối năm 31 December.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.extract.calendar import month_end, tet
from pipeline.extract.numerals import number
from pipeline.text import fold


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, and what a yearly rule says for it: months, and a day of the month where there is one."""

    first: date
    last: date
    months: tuple[int, ...]
    month_day: int | None
    unit: str
    clock: str | None = None


def _quarter(q: int) -> tuple[int, int]:
    return 3 * q - 2, 3 * q


def resolve(means: str, m: re.Match[str], ref: date | None, year: int | None) -> Span | None:
    """The span that match `m` of a `moment` rule names; `year` is one that stands nearby (`20/6 và 20/12/2024`). None where there is no
    such day (30 February) or where no year can be known."""
    got = {k: v for k, v in m.groupdict().items() if v is not None}
    printed = number(got["y"]) if "y" in got else year
    try:
        return _RESOLVERS[means](got, printed, ref)
    except ValueError:
        return None


def _dated(make: Callable[[int], Span], printed: int | None, ref: date | None) -> Span | None:
    """`make(year)` for the printed year, else for the first year whose span is not over before `ref`."""
    if printed is not None:
        return make(printed)
    if ref is None:
        return None
    for year in range(ref.year, ref.year + 9):
        try:
            span = make(year)
        except ValueError:  # 29 February
            continue
        if span.last >= ref:
            return span
    return None


def _clock(got: dict[str, str]) -> str | None:
    if "h" not in got:
        return None
    return f"T{int(got['h']):02d}:{int(got.get('min', '0')):02d}"


def _day(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    d, m = number(got["d"]), number(got["m"])

    def make(year: int) -> Span:
        day = date(year, m, d)
        return Span(day, day, (m,), d, "day", _clock(got))

    return _dated(make, printed, ref)


def _days(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    a, b, m = number(got["d"]), number(got["d2"]), number(got["m"])
    return _dated(lambda y: Span(date(y, m, a), date(y, m, b), (m,), b, "days"), printed, ref)


def _day_list(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    a, b, m = number(got["d"]), number(got["d2"]), number(got["m"])
    return _dated(lambda y: Span(date(y, m, a), date(y, m, b), (m,), b, "day_list"), printed, ref)


def _months(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    a = number(got["m"])
    b = number(got.get("m2", got["m"]))
    if b < a:
        return None
    return _dated(lambda y: Span(date(y, a, 1), month_end(y, b), tuple(range(a, b + 1)), None, "month"), printed, ref)


def _quarters(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    a = _quarter(number(got["q"]))[0]
    b = _quarter(number(got.get("q2", got["q"])))[1]
    if b < a:
        return None
    return _dated(lambda y: Span(date(y, a, 1), month_end(y, b), tuple(range(a, b + 1)), None, "quarter"), printed, ref)


def _half(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    n = number(got["n"])
    a, b = (1, n) if fold(got["part"]) == "dau" else (13 - n, 12)
    return _dated(lambda y: Span(date(y, a, 1), month_end(y, b), tuple(range(a, b + 1)), None, "half"), printed, ref)


def _year(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    return _dated(lambda y: Span(date(y, 1, 1), date(y, 12, 31), tuple(range(1, 13)), None, "year"), printed, ref)


def _part(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    part, unit = fold(got["part"]), fold(got["u"])
    if unit == "nam":
        month, day = {"dau": (1, 1), "giua": (6, 30), "cuoi": (12, 31)}[part]
        y = number(got["n"])
        return Span(date(y, month, day), date(y, month, day), (month,), day, "part") if y > 1900 else None
    if unit == "quy":
        a, b = _quarter(number(got["n"]))
    else:
        a = b = number(got["n"])
    if part == "giua" and unit == "quy":
        return _dated(lambda y: Span(date(y, a + 1, 15), date(y, a + 1, 15), (a + 1,), 15, "part"), printed, ref)

    def make(year: int) -> Span:
        day = {"dau": date(year, a, 1), "giua": date(year, a, 15), "cuoi": month_end(year, b)}[part]
        return Span(day, day, (day.month,), -1 if part == "cuoi" else day.day, "part")

    return _dated(make, printed, ref)


def _week(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    m = number(got["m"])
    n = fold(got["n"])
    k = 1 if n.startswith("dau") else 5 if n.startswith("cuoi") else number(n.removeprefix("thu ").replace("nhat", "mot"))

    def make(year: int) -> Span:
        end = month_end(year, m)
        first = end - timedelta(days=6) if k == 5 else date(year, m, 7 * k - 6)
        return Span(first, first + timedelta(days=6), (m,), None, "week")

    return _dated(make, printed, ref)


def _near(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    if ref is None:
        return None
    unit, step = fold(got["u"]), 0 if fold(got["n"]) in ("nay",) else 1
    if unit == "tuan":
        first = ref - timedelta(days=ref.weekday()) + timedelta(days=7 * step)
        return Span(first, first + timedelta(days=6), (first.month,), None, "week")
    size = {"thang": 1, "quy": 3, "nam": 12}[unit]
    k = (ref.year * 12 + ref.month - 1) // size + step
    year, month = divmod(k * size, 12)
    return Span(date(year, month + 1, 1), month_end(year, month + size), tuple(range(month + 1, month + size + 1)), None, "near")


def _rest(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    return Span(ref, date(ref.year, 12, 31), (), None, "days") if ref else None  # `từ nay đến cuối năm`


def _school_year(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    a, b = number(got["y"]), number(got["y2"])
    return Span(date(a, 9, 1), date(b, 5, 31), (9, 10, 11, 12, 1, 2, 3, 4, 5), None, "school_year") if b == a + 1 else None


def _enforcement_year(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    y = number(got["y"])  # the working year of civil judgment enforcement: 1 October to 30 September
    return Span(date(y - 1, 10, 1), date(y, 9, 30), (), None, "enforcement_year")


def _tet(got: dict[str, str], printed: int | None, ref: date | None) -> Span | None:
    day = tet(printed, got.get("name"), ref)
    return Span(day, day, (), None, "tet") if day else None


_RESOLVERS: dict[str, Callable[[dict[str, str], int | None, date | None], Span | None]] = {
    "day": _day,
    "day_short": _day,
    "days": _days,
    "day_list": _day_list,
    "month": _months,
    "month_short": _months,
    "months": _months,
    "quarter": _quarters,
    "quarters": _quarters,
    "half": _half,
    "year": _year,
    "part": _part,
    "week": _week,
    "near": _near,
    "rest": _rest,
    "school_year": _school_year,
    "enforcement_year": _enforcement_year,
    "tet": _tet,
}
