"""Roman numerals of headings counted by their strokes.

In a serif face the strokes of `II.` all but touch, and the recogniser reads `H.`, of `III.` it makes `HI.` or `II.`. What was printed is
counted on the image: upright strokes side by side with no bar across are so many ones.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from pipeline.layout.order import Row

# What `II.` and `III.` are read as at the head of a line, with the mark after them.
_DOUBTFUL = re.compile(r"([HIl1|\]\[]{1,3})([.,\-:]?)")


def roman_numerals(row: Row, image: np.ndarray) -> Row:
    """The row of a heading in capitals with its first word put right where the strokes on the grey image say II or III.

    `H. NỘI DUNG` becomes `II. NỘI DUNG`; a true H has a bar, and a line in small letters is left alone.
    """
    if len(row.tokens) < 2:
        return row
    first, second = row.tokens[0], row.tokens[1]
    m = _DOUBTFUL.fullmatch(first.text)
    capitals = sum(c.isupper() for c in second.text)
    if m is None or capitals < 2 or not second.text[:2].isupper() or first.text.startswith("1"):
        return row
    b = first.box
    strokes = count_strokes(image[b.top : b.bottom, b.left : b.right])
    if strokes not in (2, 3):
        return row
    return Row((replace(first, text="I" * strokes + (m[2].replace(",", ".") or "")), *row.tokens[1:]))


def count_strokes(word: np.ndarray) -> int:
    """How many upright strokes as tall as the word stand side by side in its grey image; 0 where a bar joins any two of them."""
    dark = word < 140
    rows = np.nonzero(dark.any(axis=1))[0]
    if len(rows) < 8:
        return 0
    height = rows[-1] - rows[0] + 1
    middle = dark[rows[0] + int(0.25 * height) : rows[0] + int(0.78 * height)]
    full = middle.mean(axis=0) > 0.8
    edges = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]])))
    strokes = list(zip(edges[::2], edges[1::2], strict=True))
    widths = [b - a for a, b in strokes]
    if not strokes or max(widths) > 0.45 * height or max(widths) > 1.6 * min(widths) + 1:
        return 0
    for (_, left), (right, _) in zip(strokes, strokes[1:], strict=False):
        between = middle[:, left:right]
        if between.size and (between.mean(axis=1) > 0.7).any():
            return 0  # the bar of an H
        if right - left > 0.6 * height:
            return 0
    return len(strokes)
