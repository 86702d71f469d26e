"""Footnotes told from the text: smaller print under the short rule that word processors draw above notes, begun by its mark."""

from __future__ import annotations

import re
from dataclasses import replace

import cv2
import numpy as np

from pipeline.document import Line
from pipeline.layout.gaps import rules_of

# Shares of the page. Word draws 5 cm, LibreOffice a quarter of the line.
_SHORTEST, _LONGEST = 0.12, 0.45
_LOWEST = 0.35  # of the height: notes stand below
_SMALLER = 0.9  # height of the words below the rule against that above it
_MARK = re.compile(r"\W{0,2}(\d{1,2}\b|\d{1,2}(?=[^\W\d])|[*†¹²³⁴⁵⁶⁷⁸⁹'’`!|lI]{1,2}\b|[*†¹²³⁴⁵⁶⁷⁸⁹'’`!])")


def with_footnotes(lines: list[Line], image: np.ndarray) -> list[Line]:
    """The lines of a page (in reading order) with footnotes marked as such; `image` is the grey page, boxes in its pixels."""
    for y, left, right in _short_rules(image):
        above = [k for k, line in enumerate(lines) if _is_body(line) and line.box and line.box.bottom <= y + 4]
        below = [k for k, line in enumerate(lines) if _is_body(line) and line.box and line.box.top >= y - 4]
        if not above or not below or len(above) + len(below) < sum(_is_body(line) for line in lines):
            continue  # something stands beside the rule
        edge = float(np.median([box.left for k in above if (box := lines[k].box)]))
        usual, small = _height(lines, above), _height(lines, below)
        begins = _MARK.match(lines[below[0]].text)
        if begins and small <= _SMALLER * usual and abs(left - edge) < 3 * usual and right - left < _LONGEST * image.shape[1]:
            notes = set(below)
            return [replace(line, kind="footnote") if k in notes else line for k, line in enumerate(lines)]
    return lines


def _is_body(line: Line) -> bool:
    return line.kind == "text" and line.column is None


def _height(lines: list[Line], at: list[int]) -> float:
    """The usual height of a word with letters that reach up and down, in pixels."""
    heights = [w.box.bottom - w.box.top for k in at for w in lines[k].words if w.box is not None and len(w.text) > 2]
    return float(np.median(heights)) if heights else 0.0


def _short_rules(image: np.ndarray) -> list[tuple[int, int, int]]:
    """Level rules of the lower page as (y, left, right), the lowest first."""
    height, width = image.shape
    top = int(_LOWEST * height)
    dark = (image[top:] < 170).astype(np.uint8)
    level = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(_SHORTEST * width)), np.uint8))
    thin = [(top + y, x, x + wide) for x, y, wide, high in rules_of(level, 5) if high <= max(8, height // 250) and wide <= _LONGEST * width]
    return sorted(thin, reverse=True)
