"""Ruled tables: rules found, cells told by the white between them.

A cell is a white region that rules close in; merged cells come out as one region. Where the outer rules are missing the edge of
the table closes it. Rows and columns are counted by the edges at which cells begin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.document import Box
from pipeline.layout.gaps import LEAST_RULES, inked_rows, level_ruled, walls, wide_rules

_INK = 150  # grey below which a pixel is print


@dataclass(frozen=True)
class Cell:
    """One cell: its row and column (from 0, of its upper left corner) and its inside in pixels."""

    row: int
    column: int
    box: Box


@dataclass(frozen=True)
class Table:
    """A ruled table: its outline and its cells, row by row."""

    box: Box
    cells: tuple[Cell, ...]


def rules(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Masks (0/1) of the level and of the upright rules of a grey page, both as long as a table's cell at least."""
    dark = (image < 170).astype(np.uint8)
    h, w = dark.shape
    level = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, max(30, w // 22)), np.uint8))
    # letters of a bold line do not chain up this far; columns of a small table do reach a fortieth of the height
    upright = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(30, h // 36), 1), np.uint8))
    return level, upright


def find_tables(image: np.ndarray) -> tuple[tuple[Table, ...], np.ndarray]:
    """The ruled tables of a grey page from top to bottom, and the page with their rules painted white.

    A table has two rows and two columns at least and is a third of the page wide; a frame or a stamp is none.
    """
    level, upright = rules(image)
    grid = cv2.dilate(level | upright, np.ones((5, 5), np.uint8))
    first, below = inked_rows(grid)
    h, w = image.shape
    if below == first:
        return (), image
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grid[first:below], connectivity=8)
    tables, painted = [], image
    order = sorted(range(1, count), key=lambda k: stats[k, cv2.CC_STAT_TOP])
    for k in order:
        left, top, width, height, _ = (int(v) for v in stats[k])
        if width < 0.3 * w or height < 0.02 * h:
            continue
        part = (labels[top : top + height, left : left + width] == k).astype(np.uint8)
        top += first
        own_level = level[top : top + height, left : left + width] & part
        own_upright = upright[top : top + height, left : left + width] & part
        if own_upright.sum() == 0 or own_level.sum() == 0:
            continue
        cells = _cells(own_level, own_upright, left, top, h)
        if len({c.row for c in cells}) < 2 or len({c.column for c in cells}) < 2:
            continue
        tables.append(Table(Box(left, top, left + width, top + height), cells))
        if painted is image:
            painted = image.copy()
        lines = cv2.dilate(own_level | own_upright, np.ones((5, 5), np.uint8))
        painted[top : top + height, left : left + width][lines == 1] = 255
    wide = wide_rules(level, [t.box for t in tables])
    unit = print_height(image) if len(wide) >= LEAST_RULES else 0.0
    for box in level_ruled(wide, unit, image.shape) if unit else ():
        table = between(painted, box, unit, level)
        if table is None:
            continue
        tables.append(table)
        if painted is image:
            painted = image.copy()
        region = np.s_[box.top : box.bottom, box.left : box.right]
        painted[region][cv2.dilate(level[region], np.ones((5, 5), np.uint8)) == 1] = 255
    return tuple(sorted(tables, key=lambda t: t.box.top)), painted


def between(image: np.ndarray, box: Box, unit: float, level: np.ndarray) -> Table | None:
    """The table of a region that has no upright rules, told by its white; None where it has no columns.

    `unit` is the height of a line of print, `level` the mask of level rules of the page (all 0 where there are none).
    """
    region = np.s_[box.top : box.bottom, box.left : box.right]
    own = level[region]
    bare = np.where(cv2.dilate(own, np.ones((5, 5), np.uint8)) == 1, 255, image[region])
    ink = (bare < _INK).astype(np.uint8)
    told = walls(ink, own, unit)
    if told is None:
        return None
    wall, columns = told
    cells = _regions(wall, box.left, box.top, image.shape[0], columns)
    if len({c.row for c in cells}) < 2 or len({c.column for c in cells}) < 2:
        return None
    return Table(box, cells)


def print_height(image: np.ndarray) -> float:
    """The usual height of a letter of a grey page in pixels, times what a line of print is higher; 0.0 without print."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((image < _INK).astype(np.uint8), connectivity=8)
    if not 20 < count < 60_000:
        return 0.0
    tall, wide = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    least = max(5, image.shape[0] // 400)
    letters = tall[(tall >= least) & (wide >= least / 2) & (tall <= image.shape[0] // 30) & (wide <= 3 * tall)]
    return 1.6 * float(np.median(letters)) if len(letters) > 20 else 0.0


def _cells(level: np.ndarray, upright: np.ndarray, left: int, top: int, page_height: int) -> tuple[Cell, ...]:
    """The white regions inside a table's outline, as cells in page pixels, row by row."""
    bridge = max(5, page_height // 120)  # rules broken by fading are mended over this many pixels
    level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, 2 * bridge + 1), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((2 * bridge + 1, 1), np.uint8))
    wall = cv2.dilate(level | upright, np.ones((3, 3), np.uint8))
    return _regions(wall, left, top, page_height)


def _regions(wall: np.ndarray, left: int, top: int, page_height: int, columns: list[int] | None = None) -> tuple[Cell, ...]:
    """The regions that walls (0/1) and the outline close in, as cells in page pixels, row by row.

    `columns`: from which x on cells belong to each column; None where the edges of the cells themselves are to say so.
    """
    h, w = wall.shape
    wall = wall.copy()
    wall[:2], wall[-2:], wall[:, :2], wall[:, -2:] = 1, 1, 1, 1
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - wall, connectivity=4)
    least_w, least_h = max(8, w // 120), max(8, page_height // 200)
    found = []
    for k in range(1, count):
        x, y, cw, ch, area = (int(v) for v in stats[k])
        if cw >= least_w and ch >= least_h and area > 0.4 * cw * ch:
            found.append((x, y, cw, ch))
    if len(found) > 2000:
        return ()
    columns = columns or _steps([f[0] for f in found], least_w)
    rows = _steps([f[1] for f in found], least_h)
    cells = [Cell(_step(rows, y), _step(columns, x), Box(left + x, top + y, left + x + cw, top + y + ch)) for x, y, cw, ch in found]
    return tuple(sorted(cells, key=lambda c: (c.row, c.column)))


def _steps(edges: list[int], apart: int) -> list[int]:
    """The edges in order, those nearer than `apart` taken as one."""
    out: list[int] = []
    for edge in sorted(edges):
        if not out or edge - out[-1] > apart:
            out.append(edge)
    return out


def _step(steps: list[int], edge: int) -> int:
    """The place of an edge among the steps."""
    return max(0, int(np.searchsorted(steps, edge, side="right")) - 1)
