"""Vietnamese as the English OCR model garbles it: `Quyết định` comes out as `Quyét dinh`, `Đảng` as `Pang`, `là` as `13`.

Nothing is made up by rule: a page is set, and `tesseract -l eng` really reads it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytesseract
from PIL import Image

from pipeline.errors import MissingError
from pipeline.synth.lines import render_lines


def garble(page: Image.Image, psm: int = 3) -> str:
    """The page's text as the English model reads it, line by line. Raises MissingError if Tesseract or its English model is lacking."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        return str(pytesseract.image_to_string(page, lang="eng", config=f"--psm {psm}")).replace("\f", "")
    except pytesseract.TesseractNotFoundError as e:
        raise MissingError("missing_tool", name="tesseract") from e
    except pytesseract.TesseractError as e:
        raise MissingError("missing_language", name="eng") from e


def garble_lines(lines: Sequence[str], font: str = "Tinos", size_pt: float = 13, dpi: int = 300) -> str:
    """Lines of text set in `font` and read by the English model; blank lines are not promised to survive."""
    return garble(render_lines(lines, font, size_pt, dpi), psm=6)
