"""Lengths of time and where the clause of their anchor begins: `trong 30 ngày kể từ ngày …` is P30D after it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pipeline.extract.calendar import add_months, add_working_days

_ANCHOR = re.compile(r"(?:kể|tính)\s(?:từ|sau)|kể|từ|sau|trước", re.IGNORECASE)


def anchor_start(m: re.Match[str]) -> int:
    """Where the clause of the anchor begins: `kể từ ngày …`, `trước ngày …`."""
    words = [x for x in _ANCHOR.finditer(m.string, m.start(), m.start("anchor"))]
    if not words:
        return m.start("anchor")
    return words[-1].start()


def shift(day: date, n: int, unit: str, sign: int) -> date:
    """The day `n` units (folded: `ngay lam viec`) after `day`, before it for `sign` -1; the day itself is not counted."""
    if unit == "ngay lam viec":
        return add_working_days(day, sign * n)
    if unit == "ngay":
        return day + timedelta(days=sign * n)
    if unit == "tuan":
        return day + timedelta(days=7 * sign * n)
    return add_months(day, sign * n * {"thang": 1, "quy": 3, "nam": 12}[unit])


def duration(n: int, unit: str) -> str:
    """ISO 8601, with `WD` for working days: `P5WD`."""
    if unit == "gio":
        return f"PT{n}H"
    if unit == "quy":
        return f"P{3 * n}M"
    return f"P{n}{ {'ngay lam viec': 'WD', 'ngay': 'D', 'tuan': 'W', 'thang': 'M', 'nam': 'Y'}[unit] }"
