"""Two misreadings that the recogniser is sure of, told from the shapes of letters: the dot of an i taken for a hook, a letter seen twice.

It has learnt words, not letters: where `chi` is printed it often reads `chỉ`, the commoner word, and in a code, which no word helps with,
a wide letter comes twice (`QĐĐ-BXD`). Both are settled by a measure of the print, and only where it is large enough to tell.
"""

from __future__ import annotations

import re
from dataclasses import replace

import cv2
import numpy as np

from pipeline.document import Box
from pipeline.layout.order import Row, Token

_HOOKED = re.compile(r"\w*ỉ[.,;:)]?")
# Of the height of the i without its mark. In Tinos, Liberation Serif, Arimo and DejaVu Serif at 200 and 300 dpi a dot is 0.13 to 0.27 high
# and as wide, a hook 0.29 to 0.35 high and 0.28 to 0.41 wide.
_DOT = 0.265
_LEAST = 15  # pixels of an i without its mark, from which a dot differs from a hook
_TWICE = re.compile(r"(?=\S*/)\S*?(?P<letter>[^\W\d_])(?P=letter)\S*")
_SINGLE = 1.3  # widest letter but M and W, in heights of a capital


def by_shape(row: Row, image: np.ndarray) -> Row:
    """The row with such words put right by their grey image (H, W): `chỉ` where a dot stands, `963/QĐĐ-BXD` where one Đ does."""
    return Row(tuple(_settled(t, image) for t in row.tokens))


def _settled(token: Token, image: np.ndarray) -> Token:
    text = token.text
    if _HOOKED.fullmatch(text) and has_dot(image, token.box):
        at = text.rindex("ỉ")
        return replace(token, text=f"{text[:at]}i{text[at + 1 :]}")
    twice = _TWICE.fullmatch(text)
    if twice and twice["letter"].isupper() and twice["letter"] != "T" and len(text) - 1 == _letters(image, token.box):
        at = twice.start("letter")
        return replace(token, text=text[:at] + text[at + 1 :])
    return token


def has_dot(image: np.ndarray, box: Box) -> bool:
    """Whether the last upright stroke of a word in a grey image has a dot over it: as small as dots are; False where it is unclear."""
    parts = _pieces(image, box)
    height = box.bottom - box.top
    uprights = [p for p in parts if p.bottom - p.top > 0.35 * height]
    if not uprights:
        return False
    stem = max(uprights, key=lambda p: p.left + p.right)
    tall, wide = stem.bottom - stem.top, stem.right - stem.left
    if tall < _LEAST or wide > 0.8 * tall:
        return False
    mark = Box.around([p for p in parts if p.bottom <= stem.top + 2 and p.left + p.right >= 2 * stem.left - 0.6 * wide])
    return mark is not None and max(mark.bottom - mark.top, mark.right - mark.left) <= _DOT * tall


def _letters(image: np.ndarray, box: Box) -> int:
    """How many letters, digits and marks a word in capitals has; 0 where some of them touch."""
    found: list[Box] = []
    for p in sorted(_pieces(image, box), key=lambda p: p.left):
        last = found[-1] if found else None
        if last and min(p.right, last.right) - p.left > 0.5 * min(p.right - p.left, last.right - last.left):
            found[-1] = Box(last.left, min(p.top, last.top), max(p.right, last.right), max(p.bottom, last.bottom))
        else:
            found.append(p)
    if not found:
        return 0
    capital = float(np.median([p.bottom - p.top for p in found]))
    return 0 if any(p.right - p.left > _SINGLE * capital for p in found) else len(found)


def _pieces(image: np.ndarray, box: Box) -> list[Box]:
    """The connected pieces of ink of a word, larger than a speck."""
    top, left = max(0, box.top - 3), max(0, box.left - 1)
    crop = image[top : box.bottom + 2, left : box.right + 2]
    if crop.size == 0:
        return []
    _, ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [Box(left + x, top + y, left + x + w, top + y + h) for x, y, w, h, area in stats[1:].tolist() if area >= 4]
