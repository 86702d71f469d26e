"""Recurrence rules (RFC 5545) of what repeats: `ngày 15 hằng tháng` is FREQ=MONTHLY;BYMONTHDAY=15."""

from __future__ import annotations

import re

from pipeline.extract.numerals import number
from pipeline.text import fold

FIXED = ("month_day", "month_days", "year_day", "quarter_day", "last_day", "weekday", "clock", "year_month")
_WEEKDAYS = {2: "MO", 3: "TU", 4: "WE", 5: "TH", 6: "FR", 7: "SA"}
_EVERY = {"ngay": "FREQ=DAILY", "tuan": "FREQ=WEEKLY", "thang": "FREQ=MONTHLY", "quy": "FREQ=MONTHLY;INTERVAL=3", "nam": "FREQ=YEARLY"}


def fixed_rule(means: str, m: re.Match[str]) -> str | None:
    """The rule of a day that is fixed in its month, quarter or week (`means` is one of FIXED)."""
    if means == "clock":
        return "FREQ=DAILY"
    if means == "year_month":
        return f"FREQ=YEARLY;BYMONTH={number(m['m'])}"
    if means == "year_day":
        return f"FREQ=YEARLY;BYMONTH={number(m['m'])};BYMONTHDAY={number(m['d'])}"
    if means == "month_day":
        return f"FREQ=MONTHLY;BYMONTHDAY={number(m['d'])}"
    if means == "quarter_day":
        months = "3,6,9,12" if fold(m["part"]).startswith("cuoi") else "1,4,7,10"
        return f"FREQ=YEARLY;BYMONTH={months};BYMONTHDAY={number(m['d'])}"
    if means == "last_day":
        return "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" if m["work"] else "FREQ=MONTHLY;BYMONTHDAY=-1"
    return "FREQ=WEEKLY;BYDAY=" + ",".join(_weekday(day) for day in (m["day"], m["day2"]) if day)


def _weekday(day: str) -> str:
    name = fold(day)
    return "SU" if name == "chu nhat" else _WEEKDAYS[number(name.removeprefix("thu "))]


def plain_rule(means: str, m: re.Match[str]) -> str | None:
    """The rule of a repetition without a day: `hằng quý`, `03 năm một lần`, `cuối năm`."""
    got = {k: v for k, v in m.groupdict().items() if v is not None}
    if means == "year_end":
        return "FREQ=YEARLY;BYMONTH=12"
    if means == "quarter_end":
        return "FREQ=YEARLY;BYMONTH=3,6,9,12"
    if means == "month_end":
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    if means == "every_n":
        n, unit = number(got.get("n") or got["n2"]), fold(got.get("u") or got["u2"])
        return _every(n, unit)
    return _EVERY[fold(got.get("u") or got.get("u2") or "năm")]


def _every(n: int, unit: str) -> str:
    if unit == "quy":
        n, unit = 3 * n, "thang"
    base = _EVERY[unit]
    return base if n == 1 else f"{base};INTERVAL={n}"


_PART = re.compile(r"(?:(cuối|cuoi) )?(?:(\d{1,2}) )?(ngày|tuần|tháng|quý|năm|ngay|tuan|thang|quy|nam)(?!\w)", re.IGNORECASE)


def listed_rules(m: re.Match[str]) -> list[tuple[int, int, str]]:
    """Each member of `định kỳ hằng quý, 6 tháng, năm`, with the words of its own (the first with what stands before it)."""
    out: list[tuple[int, int, str]] = []
    for part in _PART.finditer(m.group()):
        unit = fold(part[3])
        n = int(part[2]) if part[2] else 1
        if part[1]:
            rule = "FREQ=YEARLY;BYMONTH=12" if unit == "nam" else "FREQ=YEARLY;BYMONTH=3,6,9,12"
        elif unit == "thang" and n == 9:
            rule = "FREQ=YEARLY;BYMONTH=9"
        else:
            rule = _every(n, unit)
        start = m.start() if not out else m.start() + part.start()
        out.append((start, m.start() + part.end(), rule))
    return out
