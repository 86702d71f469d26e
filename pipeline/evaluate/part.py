"""One part of the report, as every stage hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the report: its title, a line under it, the table with its heading row, and the same figures as plain values."""

    title: str
    note: str
    rows: tuple[tuple[str, ...], ...]
    values: dict[str, Any]
