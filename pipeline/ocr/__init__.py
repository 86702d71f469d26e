"""Recognition: a prepared page image into a page of lines, by Tesseract through pytesseract.

Nothing is made up: a page without print gives a page without lines.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline import settings
from pipeline.document import Box, Line, Page, Problem
from pipeline.image.ink import grey
from pipeline.layout.footnotes import with_footnotes
from pipeline.layout.open_tables import open_tables
from pipeline.layout.order import Row, Token, as_line, letter_height, letters_in, numbered, rows_of
from pipeline.layout.spread import lines_between, middle_of
from pipeline.layout.tables import Table, find_tables
from pipeline.ocr.doubt import believed
from pipeline.ocr.dust import without_dust
from pipeline.ocr.glyphs import by_shape
from pipeline.ocr.look import look_again
from pipeline.ocr.marks import with_marks
from pipeline.ocr.numbers import numbers_again
from pipeline.ocr.romans import roman_numerals
from pipeline.ocr.stamps import read_stamps, with_arrival
from pipeline.ocr.tesseract import recognise, recognise_parts, require_languages
from pipeline.ocr.weak_words import words_again
from pipeline.pages import Scan
from pipeline.pages.photograph import STEP as PHOTOGRAPH

_NARROW = 0.12  # of the page's width: cells with less print across are read together
_MOST_ALONE = 12  # cells of a table that are read one by one, those of which a line is missing


def read(scan: Scan, limits: settings.Ocr) -> Page:
    """The text of a prepared page (`image.clean`) as lines in reading order, with word boxes in its pixels.

    Raises MissingError where Tesseract or a language model is not installed.
    """
    require_languages(limits.languages)
    image = grey(scan.image)
    dusty = any(step.startswith("specks") for step in scan.steps)
    height, width = image.shape
    tables, bare = find_tables(image)
    tables = tuple(t for t in tables if _inked(bare, t.box))
    outside = _without(bare, [t.box for t in tables])
    tokens = recognise(outside, limits.psm, scan.dpi, limits)
    unit = letter_height([t for t in tokens if t.confidence >= 0.6])
    tokens = [t for t in tokens if _is_print(t, unit, limits)]
    tokens = [t for t in look_again(outside, tokens, unit, scan.dpi, limits) if _is_print(t, unit, limits)]
    middle = middle_of(tokens, width, height) if not any(t.box.left < width / 2 < t.box.right for t in tables) else None
    lines: list[Line] = []
    number = 0
    for left, right in ((0, middle), (middle, width)) if middle else ((0, width),):
        part, opened = _text_lines(outside, [t for t in tokens if left <= t.box.left < right], (left, right), unit, dusty)
        mine = [t for t in tables if left <= (t.box.left + t.box.right) / 2 < right]
        for table in sorted((*mine, *opened), key=lambda t: t.box.top):
            part = _insert(part, table, _table_lines(bare, table, number, scan.dpi, limits))
            number += 1
        lines += part
    photograph = any(step.startswith(PHOTOGRAPH) for step in scan.steps)
    lines = with_footnotes(with_arrival(believed(lines, photograph)), outside)
    lines = numbers_again(bare, lines, scan.dpi, limits)
    lines = with_marks(words_again(bare, lines, scan.dpi, limits), bare)
    if scan.red is not None:
        lines += read_stamps(scan.red, scan.dpi, limits)
    if scan.overlay:
        boxes = [w.box for line in scan.overlay for w in line.words if w.box is not None]
        lines = [line for line in (_outside(line, boxes) for line in lines) if line is not None]
        lines += [replace(line, kind="overlay") for line in scan.overlay]
    problems, steps = scan.problems, scan.steps
    if middle:
        problems = (*problems, Problem("note", "ocr", "two_pages", page=scan.number))
        steps = (*steps, f"two-pages {middle}")
    if photograph:
        problems = (*problems, Problem("note", "ocr", "photograph", page=scan.number))
    elif not any(line.kind not in ("overlay", "stamp") for line in lines):
        problems = (*problems, Problem("note", "ocr", "blank_page", page=scan.number))
    return Page(scan.number, numbered(lines), "ocr", width, height, scan.dpi, steps, problems)


def _text_lines(
    image: np.ndarray, tokens: list[Token], across: tuple[int, int], unit: float, dusty: bool
) -> tuple[list[Line], tuple[Table, ...]]:
    """The words between two edges (x, in pixels) as lines, and the tables without rules among them, whose words are left out."""
    left, right = across
    rows = [by_shape(roman_numerals(r, image), image) for r in rows_of(tokens)]
    if dusty:
        rows = [without_dust(r) for r in rows]
    opened = open_tables(rows, image, unit)
    if opened:
        rows = rows_of([t for row in rows for t in row.tokens if not any(_covered(t.box, table.box) for table in opened)])
    return lines_between(_real_rows(rows), left, right, image.shape[0]), opened


def _is_print(token: Token, unit: float, limits: settings.Ocr) -> bool:
    """Whether a word is print and no speck, rule or scrap of a seal."""
    b = token.box
    w, h = b.right - b.left, b.bottom - b.top
    letters = letters_in(token.text)
    if letters == 0 and (w > 3 * unit or h > 2.5 * unit):
        return False  # a rule under the letterhead, a fold
    if unit and (w > (1.3 * len(token.text) + 1) * unit or h > 3.5 * unit):
        return False  # a few letters read into a whole line, or into a signature
    if token.confidence < limits.min_word_confidence and (letters < 2 or letters < 0.6 * len(token.text)):
        return False
    if h < 0.15 * unit and token.confidence < 0.6 and token.text not in "-–—":
        return False
    return not (letters == 0 and token.confidence < 0.5 and token.text not in "-–—+*•.:;,/")


def _real_rows(rows: list[Row]) -> list[Row]:
    """Rows without those that hold no letter or digit at all."""
    return [r for r in rows if letters_in(r.text)]


def _without(image: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """The page with these places painted white."""
    out = image.copy() if boxes else image
    for b in boxes:
        out[b.top : b.bottom, b.left : b.right] = 255
    return out


def _inked(image: np.ndarray, b: Box) -> bool:
    crop = image[b.top + 2 : b.bottom - 2, b.left + 2 : b.right - 2]
    return crop.size > 0 and int((crop < 128).sum()) >= 12


def _table_lines(image: np.ndarray, table: Table, number: int, dpi: int, limits: settings.Ocr) -> list[Line]:
    """The lines of every cell, cell by cell, row by row."""
    cells = [c for c in table.cells if _inked(image, c.box)]
    gap = max(12, image.shape[0] // 90)
    parts = [_print_in(image, cell.box, gap) for cell in cells]
    narrow = [b.right - b.left < _NARROW * image.shape[1] for b in parts]
    read: list[list[Token]] = [[] for _ in parts]
    for kind in (True, False):  # a figure among wide lines is passed over or misread
        places = [k for k, is_narrow in enumerate(narrow) if is_narrow == kind]
        for k, tokens in zip(places, recognise_parts(image, [parts[k] for k in places], dpi, limits), strict=True):
            read[k] = tokens
    unit = letter_height([t for tokens in read for t in tokens])
    read = [[t for t in tokens if _is_print(t, unit, limits)] for tokens in read]
    short = [k for k, tokens in enumerate(read) if len(_real_rows(rows_of(tokens))) < _printed_lines(image, parts[k], unit)]
    for k in short[:_MOST_ALONE]:
        again = [t for t in recognise_parts(image, [parts[k]], dpi, limits)[0] if _is_print(t, unit, limits)]
        read[k] = max(read[k], again, key=lambda tokens: sum(letters_in(t.text) for t in tokens))
    lines = []
    for cell, tokens in zip(cells, read, strict=True):
        for row in _real_rows(rows_of(tokens)):
            lines.append(replace(as_line(by_shape(row, image).tokens), kind="table", cell=(number, cell.row, cell.column)))
    return lines


def _printed_lines(image: np.ndarray, b: Box, unit: float) -> int:
    """How many lines of print stand in a part of the page; marks above letters are none."""
    used = (image[b.top : b.bottom, b.left : b.right] < 140).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], used.astype(np.int8), [0]])))
    return sum(int(end - start) > 0.4 * unit for start, end in zip(edges[::2], edges[1::2], strict=True))


def _print_in(image: np.ndarray, b: Box, gap: int) -> Box:
    """The part of a cell that holds its print, with some white around it: a figure in a wide white strip is often passed over."""
    dark = image[b.top : b.bottom, b.left : b.right] < 140
    rows, columns = np.nonzero(dark.any(axis=1))[0], np.nonzero(dark.any(axis=0))[0]
    if not len(rows):
        return b
    left, right = b.left + int(columns[0]) - gap // 4, b.left + int(columns[-1]) + gap // 4
    return Box(max(b.left, left), max(b.top, b.top + int(rows[0]) - gap), min(b.right, right), min(b.bottom, b.top + int(rows[-1]) + gap))


def _insert(lines: list[Line], table: Table, rows: list[Line]) -> list[Line]:
    """The table's lines put where the table stands among the others."""
    middle = (table.box.top + table.box.bottom) / 2
    at = len(lines)
    for k, line in enumerate(lines):
        box = line.box
        if box is not None and line.kind != "table" and (box.top + box.bottom) / 2 > middle:
            at = k
            break
    return lines[:at] + rows + lines[at:]


def _outside(line: Line, boxes: list[Box]) -> Line | None:
    """The line without the words that stand on an overlay's; None where nothing is left."""
    kept = [w for w in line.words if w.box is None or not any(_covered(w.box, b) for b in boxes)]
    if len(kept) == len(line.words):
        return line
    if not any(letters_in(w.text) for w in kept):
        return None
    tokens = tuple(Token(w.text, w.box, w.confidence or 0.0) for w in kept if w.box is not None)
    return replace(as_line(tokens), kind=line.kind, column=line.column, cell=line.cell)


def _covered(box: Box, by: Box) -> bool:
    w = min(box.right, by.right) - max(box.left, by.left)
    h = min(box.bottom, by.bottom) - max(box.top, by.top)
    return w > 0 and h > 0 and w * h > 0.5 * (box.right - box.left) * (box.bottom - box.top)
