"""Tables without upright rules: columns told by the white between them, rows by their rules or by the numbers of the first column.

Where rules are missing they are put in as walls, so that the cells are told as those of a ruled table are. A wall stands only where
the page is white, so that a line across several columns (a group row, the upper level of a header) stays one cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.document import Box

# Shares and multiples of the height of a line of print, measured on typeset tables.
_GAP = 0.55  # narrowest white between two columns; blanks between words are 0.25 to 0.4 wide
_WORDS = 0.5  # words nearer than this are one run
_CROSSED = 0.25  # share of the rows whose print may lie across the white between two columns
_BODY = 0.4  # of the table's height: a strip between rules that is taller holds several rows
_FIRST = 0.16  # of the table's width: a first column with numbers is narrower
LEAST_RULES = 3  # of a table without upright ones

Rule = tuple[int, int, int, int]  # left, top, width, height, in pixels


@dataclass(frozen=True)
class Gutter:
    """White between two columns: from x = `left` to `right`, in pixels of the table."""

    left: int
    right: int

    @property
    def middle(self) -> int:
        """Where the wall is put."""
        return (self.left + self.right) // 2


def walls(ink: np.ndarray, level: np.ndarray, unit: float) -> tuple[np.ndarray, list[int]] | None:
    """Walls (0/1) between the cells of a table of which there are level rules at most, and from which x on each column reaches.

    None where no columns are told.

    `ink` (0/1) is the print of the table's region without its rules, `level` its rules, `unit` the height of a line of print.
    """
    bands = _bands(level, ink, unit)
    lines = [line for top, bottom in bands for line in _text_lines(ink, top, bottom, unit)]
    found = gutters(ink, lines, unit)
    if not found:
        return None
    out = cv2.dilate(level, np.ones((3, 3), np.uint8))
    for k, (top, bottom) in enumerate(bands):
        # a strip between rules is one row, but for the one that holds most of the table
        whole = len(bands) > 1 and (k == 0 or bottom - top < _BODY * len(ink))
        for a, b in [(top, bottom)] if whole else _rows(ink, top, bottom, found, unit):
            out[max(0, a - 1) : a + 1] = 1
            _part(out, ink, (a, b), found, _short_rules(level, a, b), unit)
    return out, [0, *(g.left for g in found)]


def _part(
    out: np.ndarray, ink: np.ndarray, row: tuple[int, int], found: tuple[Gutter, ...], short: list[tuple[int, int, int]], unit: float
) -> None:
    """Puts the walls of one row into `out`: where the gutters are white, and under a short rule (of a header on two levels) only there."""
    top, bottom = row
    crossed = not short and any(_clear(ink[top:bottom], g, _GAP * unit) is None for g in found)
    stands = [0]
    for gutter in found:
        start = max((y for y, left, right in short if left < gutter.left and gutter.right < right), default=top)
        # beside a line that runs across, a wider white is asked for: blanks of that line are no columns
        x = _clear(ink[start:bottom], gutter, unit if crossed else _GAP * unit)
        if x is not None:
            out[start:bottom, max(0, x - 1) : x + 1] = 1
            stands += [x] if start == top else []
    stands.append(out.shape[1])
    for y, left, right in short:  # it ends before the walls of its columns
        near = [min(stands, key=lambda x: abs(x - end)) for end in (left, right)]
        out[y - 1 : y + 1, min(near[0], left) : max(near[1], right)] = 1


def _short_rules(level: np.ndarray, top: int, bottom: int) -> list[tuple[int, int, int]]:
    """Rules inside a strip that reach over a part of the table: (y, left, right)."""
    if bottom - top <= 8:
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(level[top + 3 : bottom - 3], connectivity=8)
    parts = [tuple(int(v) for v in row[:4]) for row in stats[1:]]
    return [(top + 3 + y + high // 2, x, x + wide) for x, y, wide, high in parts]


def gutters(ink: np.ndarray, lines: list[tuple[int, int]], unit: float) -> tuple[Gutter, ...]:
    """The white stretches that next to all printed lines leave free, with print on both sides of each."""
    if len(lines) < 3:
        return ()
    taken = np.zeros(ink.shape[1], np.int32)
    reach = max(1, round(_WORDS * unit / 2))
    kernel = np.ones((1, 2 * reach + 1), np.uint8)
    for top, bottom in lines:
        run = np.asarray(ink[top:bottom].any(axis=0)).astype(np.uint8)[None, :]
        taken += cv2.morphologyEx(run, cv2.MORPH_CLOSE, kernel)[0]
    free = taken <= max(1 if len(lines) > 4 else 0, int(_CROSSED * len(lines)))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(np.int8), [0]])))
    stretches = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    inner = [(a, b) for a, b in stretches if a > 0 and b < ink.shape[1] and b - a >= _GAP * unit]
    return tuple(Gutter(a, b) for a, b in inner if taken[:a].any() and taken[b:].any())


def _bands(level: np.ndarray, ink: np.ndarray, unit: float) -> list[tuple[int, int]]:
    """The strips between rules that reach over most of the table, those with print alone."""
    full = np.flatnonzero(level.mean(axis=1) > 0.6)
    cuts = [0, *(int(y) for y in full), level.shape[0]]
    return [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if b - a > 0.5 * unit and ink[a:b].any()]


def _text_lines(ink: np.ndarray, top: int, bottom: int, unit: float) -> list[tuple[int, int]]:
    """The printed lines of a strip, from their tops to their bottoms; a row of small marks (accents) belongs to the line below."""
    used = ink[top:bottom].any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], used.astype(np.int8), [0]])))
    runs = [(top + int(a), top + int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in runs if b - a > 0.3 * unit]


def _rows(ink: np.ndarray, top: int, bottom: int, found: tuple[Gutter, ...], unit: float) -> list[tuple[int, int]]:
    """The strip as rows of the table: parted in the widest white between the numbers of its first column, or before a line across."""
    starts = _anchors(ink, top, bottom, found[0], unit)
    across = _lines_across(ink, top, bottom, found, unit)
    marks = sorted({*starts, *across})
    if len(marks) < 2:
        return [(top, bottom)]
    white = np.asarray(~ink[top:bottom].any(axis=1))
    cuts = []
    for upper, lower in zip(marks, marks[1:], strict=False):
        cut = _widest(white, upper - top, lower - top)
        if cut is not None:
            cuts.append(top + cut)
    edges = [top, *cuts, bottom]
    return [(a, b) for a, b in zip(edges, edges[1:], strict=False) if ink[a:b].any()]


def _anchors(ink: np.ndarray, top: int, bottom: int, first: Gutter, unit: float) -> list[int]:
    """The middles of what stands in the first column, where that is a column of numbers."""
    if first.middle > _FIRST * ink.shape[1]:
        return []
    runs = _text_lines(ink[:, : first.left + 1], top, bottom, unit)
    return [(a + b) // 2 for a, b in runs]


def _lines_across(ink: np.ndarray, top: int, bottom: int, found: tuple[Gutter, ...], unit: float) -> list[int]:
    """The middles of lines that run over two gutters at least: group rows."""
    out = []
    for a, b in _text_lines(ink, top, bottom, unit):
        crossed = sum(_clear(ink[a:b], g, _GAP * unit) is None for g in found)
        if crossed >= min(2, len(found)):
            out.append((a + b) // 2)
    return out


def _clear(ink: np.ndarray, gutter: Gutter, least: float) -> int | None:
    """Where in a gutter these rows are white over `least` pixels, nearest to its middle; None where print lies across it."""
    free = np.flatnonzero(~ink[:, gutter.left : gutter.right].any(axis=0))
    edges = np.flatnonzero(np.diff(free) > 1)
    starts = np.concatenate([[0], edges + 1])
    ends = np.concatenate([edges, [len(free) - 1]])
    wide = [(int(free[a]), int(free[b])) for a, b in zip(starts, ends, strict=True) if len(free) and free[b] - free[a] >= least]
    if not wide:
        return None
    half = (gutter.right - gutter.left) / 2
    a, b = min(wide, key=lambda w: abs((w[0] + w[1]) / 2 - half))
    return gutter.left + (a + b) // 2


def _widest(white: np.ndarray, upper: int, lower: int) -> int | None:
    """The middle of the widest white strip between two heights; None where print fills all of it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], white[upper:lower].astype(np.int8), [0]])))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return None
    a, b = max(runs, key=lambda r: r[1] - r[0])
    return upper + int(a + b) // 2


def rules_of(level: np.ndarray, reach: int) -> list[Rule]:
    """The rules of a mask of level rules as (left, top, width, height); pieces nearer than `reach` pixels are one.

    Only the rows between the first and the last of them are gone through: on most pages that is a small part.
    """
    top, below = inked_rows(level)
    if below == top:
        return []
    joined = cv2.dilate(level[top:below], np.ones((3, reach), np.uint8))
    found = cv2.connectedComponentsWithStats(joined, connectivity=8)[2][1:]
    return [(int(x), int(y) + top, int(wide), int(high)) for x, y, wide, high, _ in found]


def inked_rows(mask: np.ndarray) -> tuple[int, int]:
    """The first row of a mask (0/1) that holds a 1, and the row after the last, with two or three empty ones around; (0, 0) without any."""
    _, top, _, height = cv2.boundingRect(mask)
    first = max(0, top - 2) // 2 * 2
    return (first, min(mask.shape[0], top + height + 2)) if height else (0, 0)


def wide_rules(level: np.ndarray, taken: list[Box]) -> list[Rule]:
    """The rules outside of `taken` that are as wide as a table; `level` is the mask of level rules of a whole page."""
    found = [r for r in rules_of(level, 9) if r[2] > 0.35 * level.shape[1]]
    return [r for r in found if not any(b.left <= r[0] + r[2] / 2 < b.right and b.top <= r[1] < b.bottom for b in taken)]


def level_ruled(rules: list[Rule], unit: float, page: tuple[int, int]) -> list[Box]:
    """The regions between wide rules that lie under each other and reach equally far, from top to bottom; `page` is its height and width.

    The one under a letterhead's name makes none.
    """
    h, w = page
    long = [r for r in rules if r[3] < 0.5 * unit + 6]
    groups: list[list[Rule]] = []
    for rule in sorted(long, key=lambda r: r[1]):
        for group in groups:
            last = group[-1]
            if abs(last[0] - rule[0]) < 0.02 * w and abs(last[0] + last[2] - rule[0] - rule[2]) < 0.02 * w and rule[1] - last[1] < 0.7 * h:
                group.append(rule)
                break
        else:
            groups.append([rule])
    boxes = []
    for group in groups:
        if len(group) >= LEAST_RULES:
            left, right = min(r[0] for r in group), max(r[0] + r[2] for r in group)
            boxes.append(Box(left, group[0][1], right, group[-1][1] + group[-1][3]))
    return boxes
