"""Recognition: a prepared page image into a page of lines, by Tesseract through pytesseract.

Tesseract runs with one thread: on small pages four threads cost three times the processor time for the same text (spec: 32 → 10
CPU-seconds on four pages). Nothing is made up: a page without print gives a page without lines.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytesseract

from pipeline import settings
from pipeline.document import Box, Line, Page, Problem
from pipeline.errors import MissingError
from pipeline.image.ink import grey
from pipeline.layout.order import Token, as_line, letter_height, lines_of, numbered, rows_of
from pipeline.layout.tables import Table, find_tables
from pipeline.pages import Scan
from pipeline.text import nfc

os.environ["OMP_THREAD_LIMIT"] = "1"

# Tesseract refuses images of 32768 pixels and more to a side.
_LONGEST = 32_000


@cache
def tool_versions() -> tuple[str, ...]:
    """`tesseract 5.3.0` and the like, for the stamps of readings. Raises MissingError without Tesseract."""
    try:
        version = str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit):
        raise MissingError("missing_tool", name="tesseract") from None
    return (f"tesseract {version}", f"opencv {cv2.__version__}")


@cache
def require_languages(languages: str) -> None:
    """Raises MissingError("missing_language") naming the first model of `vie+eng` that is not installed."""
    tool_versions()
    installed = set(pytesseract.get_languages(config=""))
    # models in a subfolder are listed by their name alone
    installed |= {f"script/{name}" for name in installed}
    for name in languages.split("+"):
        if name not in installed:
            raise MissingError("missing_language", name=name)


def read(scan: Scan, limits: settings.Ocr) -> Page:
    """The text of a prepared page (`image.clean`) as lines in reading order, with word boxes in its pixels.

    Raises MissingError where Tesseract or a language model is not installed.
    """
    require_languages(limits.languages)
    image = grey(scan.image)
    height, width = image.shape
    tables, bare = find_tables(image)
    tables = tuple(t for t in tables if _has_print(bare, t))
    outside = _without(bare, tables)
    tokens = recognise(outside, limits.psm, scan.dpi, limits)
    unit = letter_height(tokens)
    tokens = [t for t in tokens if _is_print(t, unit, limits)]
    lines = lines_of(_real_rows(rows_of(tokens)), width, height)
    for number, table in enumerate(tables):
        lines = _insert(lines, table, _table_lines(bare, table, number, scan.dpi, limits))
    if scan.overlay:
        boxes = [w.box for line in scan.overlay for w in line.words if w.box is not None]
        lines = [line for line in (_outside(line, boxes) for line in lines) if line is not None]
        lines += [replace(line, kind="overlay") for line in scan.overlay]
    problems = scan.problems
    if not any(line.kind != "overlay" for line in lines):
        problems = (*problems, Problem("note", "ocr", "blank_page", page=scan.number))
    return Page(scan.number, numbered(lines), "ocr", width, height, scan.dpi, scan.steps, problems)


def recognise(image: np.ndarray, psm: int, dpi: int, limits: settings.Ocr) -> list[Token]:
    """Every word Tesseract sees in a grey image, in its own order."""
    if min(image.shape) < 3:
        return []
    config = f"--psm {psm} -c tessedit_do_invert=0" + (f" --dpi {dpi}" if dpi else "")
    data = pytesseract.image_to_data(image, lang=limits.languages, config=config, output_type=pytesseract.Output.DICT)
    tokens = []
    for k, text in enumerate(data["text"]):
        confidence = float(data["conf"][k])
        if confidence < 0 or not text.strip():
            continue
        left, top = int(data["left"][k]), int(data["top"][k])
        box = Box(left, top, left + int(data["width"][k]), top + int(data["height"][k]))
        group = (int(data["block_num"][k]), int(data["par_num"][k]), int(data["line_num"][k]))
        tokens += [Token(nfc(part), box, confidence / 100, group) for part in text.split()]
    return tokens


def _is_print(token: Token, unit: float, limits: settings.Ocr) -> bool:
    """Whether a word is print and no speck, rule or scrap of a seal."""
    b = token.box
    w, h = b.right - b.left, b.bottom - b.top
    letters = sum(c.isalnum() for c in token.text)
    if letters == 0 and (w > 3 * unit or h > 2.5 * unit):
        return False  # a rule under the letterhead, a fold
    if token.confidence < limits.min_word_confidence and (letters < 2 or letters < 0.6 * len(token.text)):
        return False
    if unit and (h > 3.5 * unit or h < 0.15 * unit) and token.confidence < 0.6:
        return False
    return not (letters == 0 and token.confidence < 0.5 and token.text not in "-–—+*•.:;,/")


def _real_rows(rows: list) -> list:
    """Rows without those that hold no letter or digit at all."""
    return [r for r in rows if any(c.isalnum() for c in r.text)]


def _has_print(image: np.ndarray, table: Table) -> bool:
    b = table.box
    return float((image[b.top : b.bottom, b.left : b.right] < 128).mean()) > 0.002


def _without(image: np.ndarray, tables: tuple[Table, ...]) -> np.ndarray:
    """The page with its tables painted white."""
    if not tables:
        return image
    out = image.copy()
    for table in tables:
        b = table.box
        out[b.top : b.bottom, b.left : b.right] = 255
    return out


def _table_lines(image: np.ndarray, table: Table, number: int, dpi: int, limits: settings.Ocr) -> list[Line]:
    """The lines of every cell, cell by cell, row by row.

    The cells are set one below the other into one narrow image, so that a single run reads them all and no line runs over from one
    cell into its neighbour.
    """
    lines: list[Line] = []
    gap = max(12, image.shape[0] // 90)
    batch: list[tuple[int, int]] = []  # (cell, top in the strip)
    strips: list[np.ndarray] = []
    at = gap
    widest = max(c.box.right - c.box.left for c in table.cells) + 2 * gap
    order = [k for k, c in enumerate(table.cells) if _inked(image, c.box)]

    def flush() -> None:
        nonlocal at
        if batch:
            strip = np.vstack([np.full((gap, widest), 255, np.uint8), *strips])
            lines.extend(_cells_read(strip, batch, table, number, gap, dpi, limits))
        batch.clear()
        strips.clear()
        at = gap

    for k in order:
        b = table.cells[k].box
        crop = image[b.top : b.bottom, b.left : b.right]
        inked = np.nonzero((crop < 140).any(axis=1))[0]
        upper, lower = max(0, inked[0] - gap), min(crop.shape[0], inked[-1] + gap)
        crop = crop[upper:lower]
        if at + crop.shape[0] + gap > _LONGEST:
            flush()
        tile = np.full((crop.shape[0] + gap, widest), 255, np.uint8)
        tile[: crop.shape[0], gap : gap + crop.shape[1]] = crop
        batch.append((k, at - upper))
        strips.append(tile)
        at += tile.shape[0]
    flush()
    return lines


def _inked(image: np.ndarray, b: Box) -> bool:
    crop = image[b.top + 2 : b.bottom - 2, b.left + 2 : b.right - 2]
    return crop.size > 0 and int((crop < 128).sum()) >= 12


def _cells_read(
    strip: np.ndarray, batch: list[tuple[int, int]], table: Table, number: int, gap: int, dpi: int, limits: settings.Ocr
) -> list[Line]:
    tokens = recognise(strip, 6, dpi, limits)
    unit = letter_height(tokens)
    starts = [top for _, top in batch]
    of_cell: dict[int, list[Token]] = {}
    tops = []
    for k, top in batch:
        b = table.cells[k].box
        tops.append((top, top + b.bottom - b.top, k))
    del starts
    for t in tokens:
        if not _is_print(t, unit, limits):
            continue
        middle = (t.box.top + t.box.bottom) / 2
        # the crop may begin below the cell's top, so cells are told by nearest containing span, later ones first
        home = next(((top, k) for top, bottom, k in reversed(tops) if top <= middle < bottom), None)
        if home is None:
            continue
        top, k = home
        b = table.cells[k].box
        box = Box(t.box.left - gap + b.left, t.box.top - top + b.top, t.box.right - gap + b.left, t.box.bottom - top + b.top)
        of_cell.setdefault(k, []).append(replace(t, box=box))
    lines = []
    for k, _ in batch:
        cell = table.cells[k]
        for row in _real_rows(rows_of(of_cell.get(k, []))):
            lines.append(replace(as_line(row.tokens), kind="table", cell=(number, cell.row, cell.column)))
    return lines


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
    if not any(c.isalnum() for w in kept for c in w.text):
        return None
    tokens = tuple(Token(w.text, w.box, w.confidence or 0.0) for w in kept if w.box is not None)
    return replace(as_line(tokens), kind=line.kind, column=line.column, cell=line.cell)


def _covered(box: Box, by: Box) -> bool:
    w = min(box.right, by.right) - max(box.left, by.left)
    h = min(box.bottom, by.bottom) - max(box.top, by.top)
    return w > 0 and h > 0 and w * h > 0.5 * (box.right - box.left) * (box.bottom - box.top)
