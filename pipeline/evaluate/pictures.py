"""Pages as pictures for the report: as they came, and as they were prepared, each word on the colour of its confidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from pipeline.document import Box
from pipeline.settings import Settings

HEIGHT = 1600  # pixels of each of the two pages
LIMITS = ((0.6, "#ff9c90"), (0.9, "#ffc46b"), (0.95, "#fff07a"))  # below: the colour; words above the last are green
SURE = "#d2f2dc"
UNKNOWN = "#d8d8d8"


def colour(confidence: float | None) -> str:
    """Red for a word that nobody should trust, green for a sure one; grey without a confidence."""
    if confidence is None:
        return UNKNOWN
    return next((c for limit, c in LIMITS if confidence < limit), SURE)


def before_and_after(page: Path, settings: Settings, out: Path) -> Path:
    """Write a PNG of one page image: left as it came, right prepared, with its repaired words marked. Returns `out`."""
    from pipeline import image, onefile, pages

    source, reading = onefile.read(page, settings)
    scan = pages.picture(source, page.parent, 1, settings)
    prepared = image.clean(scan, settings.image)
    marked = [(w.box, colour(w.confidence)) for line in reading.pages[0].lines for w in line.words if w.box is not None]
    left = _fitted(scan.image, [])
    right = _fitted(prepared.image, marked)
    both = Image.new("RGB", (left.width + right.width + 30, HEIGHT), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + 30, 0))
    both.save(out)
    return out


def _fitted(pixels: np.ndarray, marks: list[tuple[Box, str]]) -> Image.Image:
    """A page in the pictures' height; its print stays readable on the marks."""
    page = Image.fromarray(pixels).convert("RGB")
    scale = HEIGHT / page.height
    page = page.resize((max(round(page.width * scale), 1), HEIGHT), Image.Resampling.LANCZOS)
    tints = Image.new("RGB", page.size, "white")
    pen = ImageDraw.Draw(tints)
    for box, tint in marks:
        pen.rectangle([round(v * scale) for v in (box.left, box.top, box.right, box.bottom)], fill=tint)
    return ImageChops.multiply(page, tints)
