"""Where a pixel of the upright page image lies on the page of the PDF: the steps that made the image upright, taken back.

Matrices are 3×3 and act on columns (x, y, 1). Pixels count from the top left, PDF units from the bottom left.
"""

from __future__ import annotations

import numpy as np

from pipeline.document import Page
from pipeline.image import skew

Matrix = np.ndarray


def quarter_turns(page: Page) -> int:
    """Quarter turns clockwise that made the page upright (0..3), as `image.upright` recorded them."""
    return sum(int(step.split()[1]) // 90 for step in page.steps if step.startswith("turn ")) % 4


def leaning(page: Page) -> float:
    """Degrees by which the lines fall to the right on the page before it was made straight."""
    return sum(float(step.split()[1]) for step in page.steps if step.startswith("deskew "))


def picture_size(page: Page) -> tuple[int, int]:
    """Width and height in pixels of the page image as it lies in the file."""
    return (page.height, page.width) if quarter_turns(page) % 2 else (page.width, page.height)


def turned_back(page: Page) -> Matrix:
    """From pixels of the turned image to pixels of the image as it lies in the file."""
    wide, high = picture_size(page)
    rows = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, 1, 0], [-1, 0, high]],
        2: [[-1, 0, wide], [0, -1, high]],
        3: [[0, -1, wide], [1, 0, 0]],
    }[quarter_turns(page)]
    return np.array([*rows, [0, 0, 1]], np.float64)


def levelled(page: Page) -> Matrix:
    """From pixels of the turned image to pixels of the upright one, where word boxes are."""
    return np.vstack([skew.matrix(page.width, page.height, leaning(page)), [0, 0, 1]])


def to_user_space(size: tuple[int, int], box: tuple[float, float, float, float], rotate: int) -> Matrix:
    """From pixels of an image of a PDF page to the page's own units.

    `size` is the image's width and height, `box` the visible box (left, bottom, right, top), `rotate` the page's /Rotate.
    """
    left, bottom, right, top = box
    wide, high = right - left, top - bottom
    u, v = 1 / size[0], 1 / size[1]
    rows = {
        0: [[wide * u, 0, left], [0, -high * v, top]],
        90: [[0, wide * v, left], [high * u, 0, bottom]],
        180: [[-wide * u, 0, right], [0, high * v, bottom]],
        270: [[0, -wide * v, right], [-high * u, 0, top]],
    }[rotate % 360]
    return np.array([*rows, [0, 0, 1]], np.float64)
