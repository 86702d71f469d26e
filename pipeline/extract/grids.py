"""Tables as grids of cells, from cells that the page image told, and from Markdown, tabs or aligned columns of a text.

Every cell knows the spans of `Prose.text` that it was read from, so that a fact of a table leads back to its words like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.document import Box, Line, Page
from pipeline.extract.prose import Prose
from pipeline.text import one_blank

Span = tuple[int, int]
_BAR = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
WIDEST = 60  # columns; a line of more is none of a table
_PARTED = re.compile(r"\||  |[^\S ]")
_WIDE = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: spans of the prose, printed lines in order. `box` for cells of a page image."""

    spans: tuple[Span, ...]
    text: str
    box: Box | None = None


EMPTY = Cell((), "")


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, all rows equally long. `first`, `last` are indices of prose lines; `drawn` where a page image told the cells."""

    rows: tuple[tuple[Cell, ...], ...]
    first: int
    last: int
    drawn: bool
    page: int


@lru_cache(maxsize=1)
def grids(prose: Prose) -> tuple[Grid, ...]:
    """The tables among the prose's lines, in order; kept for the outline and the annexes, which ask one after the other."""
    spans: _Spans | None = None
    out: list[Grid] = []
    k = 0
    lines = prose.lines
    while k < len(lines):
        line = lines[k][1]
        plain = line.cell is None
        if plain and not _PARTED.search(line.text.strip()):
            k += 1
            continue
        spans = spans or _Spans(prose)
        if not plain:
            k = _drawn(prose, spans, k, out)
        elif _barred(line):
            k = _run(prose, spans, k, out, _barred, _bars)
        elif 2 <= line.text.strip("\t ").count("\t") < WIDEST:
            k = _run(prose, spans, k, out, _tabbed, _tabs)
        elif 3 <= len(_columns(line.text)) <= WIDEST:
            k = _aligned(prose, spans, k, out)
        else:
            k += 1
    return tuple(out)


def _barred(line: Line) -> bool:
    return 2 <= line.text.count("|") <= WIDEST


def _tabbed(line: Line) -> bool:
    return 1 <= line.text.strip(" ").count("\t") <= WIDEST


class _Spans:
    """From characters of a printed line to offsets of the prose."""

    def __init__(self, prose: Prose) -> None:
        self.by_line: dict[int, list[tuple[int, int, int]]] = {}
        for p in prose.pieces(0, len(prose.text)):
            self.by_line.setdefault(id(p.line), []).append((p.at, p.at + p.end - p.start, p.start))

    def of(self, line: Line, a: int, b: int) -> Span | None:
        """The prose span of `line.text[a:b]`."""
        lo = hi = None
        for at, end, start in self.by_line.get(id(line), ()):
            if end <= a or at >= b:
                continue
            if lo is None:
                lo = start + max(a - at, 0)
            hi = start + min(b, end) - at
        return None if lo is None or hi is None else (lo, hi)


def _cell(parts: list[tuple[Span, str]], box: Box | None = None) -> Cell:
    parts = [(s, t) for s, t in parts if t.strip()]
    return Cell(tuple(s for s, _ in parts), "\n".join(one_blank(t) for _, t in parts), box) if parts else EMPTY


def joined(cells: list[Cell]) -> Cell:
    """Several cells as one, e.g. of a row that a page break cut."""
    full = [c for c in cells if c.spans]
    return Cell(tuple(s for c in full for s in c.spans), "\n".join(c.text for c in full), full[0].box) if full else EMPTY


# ------------------------------------------------------------------------------------------------ page images


def _drawn(prose: Prose, spans: _Spans, k: int, out: list[Grid]) -> int:
    """The table of the page image that begins at line `k`."""
    page = prose.lines[k][0]
    number = prose.lines[k][1].cell[0]  # type: ignore[index]
    at: dict[tuple[int, int], list[Line]] = {}
    first = k
    while k < len(prose.lines):
        p, line = prose.lines[k]
        if p is not page or line.cell is None or line.cell[0] != number:
            break
        at.setdefault(line.cell[1:], []).append(line)
        k += 1
    rows = max(r for r, _ in at) + 1
    columns = max(c for _, c in at) + 1
    made = []
    for r in range(rows):
        row = []
        for c in range(columns):
            lines = at.get((r, c), [])
            parts = [(s, l.text) for l in lines if (s := spans.of(l, 0, len(l.text))) is not None]
            row.append(_cell(parts, Box.around([l.box for l in lines if l.box is not None])))
        made.append(tuple(row))
    out.append(Grid(tuple(made), first, k - 1, True, page.number))
    return k


# ------------------------------------------------------------------------------------------------ texts


def _run(prose: Prose, spans: _Spans, k: int, out: list[Grid], belongs, cut) -> int:  # type: ignore[no-untyped-def]
    """Lines from `k` on that belong to one table, each cut into cells by `cut`."""
    first = k
    rows: list[tuple[Cell, ...]] = []
    while k < len(prose.lines):
        line = prose.lines[k][1]
        spanning = k + 1 < len(prose.lines) and len(line.text) < 200 and belongs(prose.lines[k + 1][1]) and bool(rows)
        if not belongs(line) and not spanning:  # a row of one cell spans the table
            break
        if not _BAR.fullmatch(line.text):
            rows.append(tuple(_cell([(s, line.text[a:b])]) if (s := spans.of(line, a, b)) else EMPTY for a, b in cut(line.text)))
        k += 1
    if len(rows) > 1:
        width = max(map(len, rows))
        full = tuple(r + (EMPTY,) * (width - len(r)) for r in rows)
        out.append(Grid(full, first, k - 1, False, prose.lines[first][0].number))
    return k


def _bars(text: str) -> list[Span]:
    bars = [m.start() for m in re.finditer(r"\|", text)]
    edges = bars if not text[: bars[0]].strip() else [-1, *bars]
    if text[edges[-1] + 1 :].strip():
        edges = [*edges, len(text)]
    return [(a + 1, b) for a, b in zip(edges, edges[1:], strict=False)]


def _tabs(text: str) -> list[Span]:
    out, at = [], 0
    for part in text.split("\t"):
        out.append((at, at + len(part)))
        at += len(part) + 1
    return out


def _columns(text: str) -> list[Span]:
    """Runs of words parted by two blanks or more."""
    return [m.span() for m in _WIDE.finditer(text)]


def _aligned(prose: Prose, spans: _Spans, k: int, out: list[Grid]) -> int:
    """A table whose columns are told by wide blanks: the header's places are those of the columns."""
    first = k
    head = _columns(prose.lines[k][1].text)
    rows: list[tuple[Cell, ...]] = []
    while k < len(prose.lines):
        line = prose.lines[k][1]
        runs = _columns(line.text)
        if line.cell is not None or (k > first and len(runs) == 1 and runs[0][0] < head[1][0] - 2 and runs[0][1] > head[1][1]):
            break
        cells: list[list[tuple[Span, str]]] = [[] for _ in head]
        for a, b in runs:
            c = max(range(len(head)), key=lambda j: (_overlap((a, b), head, j), -abs(head[j][0] - a)))
            s = spans.of(line, a, b)
            if s:
                cells[c].append((s, line.text[a:b]))
        rows.append(tuple(_cell(c) for c in cells))
        k += 1
    if len(rows) > 1:
        out.append(Grid(tuple(rows), first, k - 1, False, prose.lines[first][0].number))
        return k
    return first + 1


def _overlap(run: Span, head: list[Span], j: int) -> int:
    """How much of a run of words lies in column `j`, which reaches to the next header word."""
    left = head[j][0] if j else 0
    right = head[j + 1][0] if j + 1 < len(head) else 10_000
    return max(0, min(run[1], right) - max(run[0], left))


__all__ = ["EMPTY", "Cell", "Grid", "Page", "Span", "grids", "joined"]
