"""Rows as columns side by side for a terminal: cells by their width on the screen, cut where the window ends, nothing that steers it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

GAP = "  "
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # would steer the terminal or turn its text round
_FLOOR = 12  # a column is not cut below this


def aligned(heading: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> str:
    """Heading, rule, rows; numbers to the right, None as nothing. With a `width` the widest columns are cut until a line fits (`…`)."""
    cells = [[_shown(v) for v in row] for row in (heading, *rows)]
    widths = [max(cell_len(row[k]) for row in cells) for k in range(len(heading))]
    if width is not None:
        room, cap = width - len(GAP) * (len(widths) - 1), max(widths)
        while cap > _FLOOR and sum(min(w, cap) for w in widths) > room:
            cap -= 1
        widths = [min(w, cap) for w in widths]
    right = [all(isinstance(row[k], int | float) or row[k] is None for row in rows) and bool(rows) for k in range(len(heading))]
    lines = [[_fit(cell, w, r) for cell, w, r in zip(row, widths, right, strict=True)] for row in cells]
    lines.insert(1, ["─" * w for w in widths])
    return "".join(GAP.join(line).rstrip() + "\n" for line in lines)


def window() -> int | None:
    """Columns of the terminal that standard output is; None where it is none, and nothing need be cut."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def _shown(value: object) -> str:
    return "" if value is None else _CONTROL.sub(lambda m: " " if m.group() in "\t\n\r" else "\ufffd", str(value))


def _fit(cell: str, width: int, right: bool) -> str:
    if cell_len(cell) > width:
        return set_cell_size(cell, width - 1) + "…"
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if right else cell + blanks
