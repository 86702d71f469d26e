"""Typeset text lines as an image: the clean side of training pairs and of OCR tests."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from pipeline.synth.fonts import check_glyphs, font_path
from pipeline.text import nfc

LEADING = 1.35  # line pitch as a multiple of the letter size: about what Word gives at single spacing
MARGIN_PT = 24  # white all round, so that Tesseract finds the lines


def render_lines(lines: Sequence[str], font: str, size_pt: float, dpi: int, bold: bool = False, italic: bool = False) -> Image.Image:
    """Black text on white, one printed line for each of `lines`, left-aligned; a grey image as wide as its widest line needs.

    `size_pt` in points, `dpi` in dots per inch (a 13 pt line at 300 dpi has letters 54 px high). An empty text leaves a blank line.
    Raises MissingError if the font is not installed or lacks a letter. `render_lines(["Số: 78/KH-STP"], "Tinos", 13, 300)`
    """
    path = font_path(font, bold, italic)
    texts = [nfc(line) for line in lines]
    check_glyphs("".join(texts), path)
    face = ImageFont.truetype(str(path), size_pt * dpi / 72, layout_engine=ImageFont.Layout.BASIC)
    margin, pitch = round(MARGIN_PT * dpi / 72), size_pt * LEADING * dpi / 72
    width = max((face.getlength(t) for t in texts), default=0)
    page = Image.new("L", (round(width) + 2 * margin, round(pitch * max(len(texts), 1)) + 2 * margin), 255)
    draw = ImageDraw.Draw(page)
    for k, text in enumerate(texts):
        draw.text((margin, margin + k * pitch), text, fill=0, font=face)
    page.info["dpi"] = (dpi, dpi)
    return page
