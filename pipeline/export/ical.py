"""Lines of an iCalendar file (RFC 5545, section 3.1), written straight: checking every property of 200,000 events takes minutes.

The tests read them back with `icalendar`, and hold them against the bytes that it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

ROOM = 74  # octets of a line, of the 75 that the format advises: a folded line begins with a blank
# The parts of a rule in the order in which most programs write them.
_ORDER = ("FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST")


def component(name: str, lines: Iterable[str]) -> bytes:
    """A component of these lines, each `NAME:value`, folded."""
    return b"".join(folded(line) + b"\r\n" for line in (f"BEGIN:{name}", *lines, f"END:{name}"))


def text(value: str) -> str:
    """A value of the type TEXT (section 3.3.11); its line ends are line feeds."""
    escaped = value.replace("\\N", "\n").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def moment(value: datetime) -> str:
    """A moment in UTC: `20240412T100000Z`."""
    return value.strftime("%Y%m%dT%H%M%SZ")


def day(value: date) -> str:
    """A day: `20240930`; a year has four digits."""
    return f"{value.year:04}{value.month:02}{value.day:02}"


def rule(parts: Mapping[str, str], until: date | None) -> str:
    """A recurrence rule (section 3.3.10)."""
    told = dict(parts) | ({"UNTIL": day(until)} if until else {})
    return ";".join(f"{name}={told[name]}" for name in sorted(told, key=lambda name: (_ORDER.index(name) if name in _ORDER else 99, name)))


def folded(line: str) -> bytes:
    """A content line in UTF-8, cut between characters and never behind a backslash, which some programs would take for a line's end."""
    data = line.encode()
    parts, start = [], 0
    while len(data) - start > ROOM:
        end = start + ROOM
        while data[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        if data[end - 1 : end] in (b"\\", b"^"):
            end -= 1
        parts.append(data[start:end])
        start = end
    return b"\r\n ".join([*parts, data[start:]])
