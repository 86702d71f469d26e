"""Plain text set on A4 pages as it stands: what own plans look like in print, so that they can be scanned, garbled and read again.

Margins are those of Nghị định 30/2020/NĐ-CP, Phụ lục I. Columns that a text parts by blanks stand apart in print too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from pipeline.synth.fonts import check_glyphs, font_path
from pipeline.synth.lines import LEADING
from pipeline.text import nfc, old_tone

DPI = 300
PAGE_MM, LEFT_MM, RIGHT_MM, ABOVE_MM = (210, 297), 30, 15, 20
COLUMNS = 84  # letters of 13 points that fill a line: where blanks put a column
PARAGRAPH = 1.12  # widths of the page; a longer line is a paragraph that nobody broke
BETWEEN = 1.5  # least white between two columns, in letter sizes
BLANK = 0.4  # height of a blank line, in lines
_GAP = re.compile(r"\s{3,}|\t")
_MARKDOWN = re.compile(r"\*+|^#+\s|\\(?=\W)", re.MULTILINE)
_TABLE = re.compile(r"\t.*\t|^\s*\|", re.MULTILINE)


def has_table(text: str) -> bool:
    """Whether a text holds a table by tabs or strokes: set without rules it would be another text."""
    return _TABLE.search(text) is not None


def printed(text: str, font: str, size_pt: float) -> tuple[list[str], float]:
    """The lines that are printed, and the size they are printed in: no Markdown, old place of the tone mark; blank lines stay.

    A paragraph on one line is broken at the margin. Lines that were broken by whoever wrote them stay: the letters get smaller.
    """
    width = _px(PAGE_MM[0] - LEFT_MM - RIGHT_MM)
    lines = [line.rstrip() for line in old_tone(nfc(_MARKDOWN.sub("", text))).rstrip().split("\n")]
    lengths = [_face(font, size_pt).getlength(line) for line in lines]
    widest = max((n for n in lengths if n <= PARAGRAPH * width), default=0)
    size = round(min(size_pt, size_pt * width / max(widest, 1)), 1)
    face = _face(font, size)
    out: list[str] = []
    for line in lines:
        if _GAP.search(line.strip()) or face.getlength(line) <= 1.01 * width:
            out.append(line)
            continue
        row = ""
        for word in line.split():
            if row and face.getlength(f"{row} {word}") > width:
                out.append(row)
                row = word
            else:
                row = f"{row} {word}".strip()
        out.append(row)
    return out, size


def pages(lines: Sequence[str], font: str, size_pt: float) -> list[Image.Image]:
    """The printed lines on grey A4 pages at `DPI`. Raises MissingError if the font is not installed or lacks a letter."""
    check_glyphs("".join(lines), font_path(font))
    pitch, bottom = size_pt * LEADING * DPI / 72, _px(PAGE_MM[1] - ABOVE_MM)
    out: list[Image.Image] = []
    y = float(bottom)
    for line in lines:
        high = pitch if line.strip() else BLANK * pitch
        if y + high > bottom:
            out.append(Image.new("L", (_px(PAGE_MM[0]), _px(PAGE_MM[1])), 255))
            out[-1].info["dpi"] = (DPI, DPI)
            y = float(_px(ABOVE_MM))
        _draw(ImageDraw.Draw(out[-1]), line, y, font, size_pt)
        y += high
    return out


def _draw(draw: ImageDraw.ImageDraw, line: str, y: float, font: str, size_pt: float) -> None:
    """One line: each piece where its column begins, smaller letters where the pieces would not fit beside each other."""
    width, cell = _px(PAGE_MM[0] - LEFT_MM - RIGHT_MM), _px(PAGE_MM[0] - LEFT_MM - RIGHT_MM) / COLUMNS
    line = line.expandtabs(40)
    pieces = [(m.start(), m[0]) for m in re.finditer(r"\S(?:\S|\s{1,2}(?=\S))*", line)]
    for size in (size_pt, size_pt - 1, size_pt - 2, size_pt - 3):
        face = _face(font, size)
        x, placed = 0.0, []
        for at, words in pieces:
            x = max(x, at * cell)
            placed.append((x, words))
            x += face.getlength(words) + BETWEEN * size * DPI / 72
        if not placed or x - BETWEEN * size * DPI / 72 <= width + 1:
            break
    for x, words in placed:
        draw.text((_px(LEFT_MM) + x, y), words, fill=0, font=face)


def _face(font: str, size_pt: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path(font)), size_pt * DPI / 72, layout_engine=ImageFont.Layout.BASIC)


def _px(mm: float) -> int:
    return round(mm * DPI / 25.4)
