"""The text layer: a page's repaired words as text that is there and not seen, each stretched over the box it was read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.document import Box, Line
from pipeline.outputs.font import SPACE, UNITS, WIDTH, encoded

# A word that lies off the line's band by more than this share of its own height (a hook, a stamp's word) gets a band of its own.
_OFF = 0.5
# Room left before the next word, as a share of the line's height: poppler writes a blank from 0.15 on.
_GAP = 0.18


@dataclass(frozen=True)
class Piece:
    """Text that stands in one box."""

    text: str
    box: Box


def pieces(line: Line) -> list[Piece]:
    """The line's words with their boxes; words that share one box (one raw word was split) part it by their lengths.

    A word without a place goes with the one before it, so that no word of the line is lost.
    """
    out: list[Piece] = []
    k = 0
    lead = ""
    while k < len(line.words):
        box = line.words[k].box
        last = k + 1
        while last < len(line.words) and line.words[last].box in (box, None):
            last += 1
        texts = [w.text for w in line.words[k:last]]
        k = last
        if box is None:
            lead = " ".join(texts) + " "
            continue
        texts[0], lead = lead + texts[0], ""
        whole = sum(map(len, texts)) + (len(texts) - 1) / 2
        at = 0.0
        for text in texts:
            left = box.left + (box.right - box.left) * at / whole
            right = box.left + (box.right - box.left) * (at + len(text)) / whole
            out.append(Piece(text, Box(round(left), box.top, max(round(left) + 1, round(right)), box.bottom)))
            at += len(text) + 0.5
    return out


def band(parts: list[Piece]) -> tuple[int, int]:
    """Top and bottom that serve for the whole line, so that its words make one line for every reader: the usual word's."""
    tops, bottoms = [p.box.top for p in parts], [p.box.bottom for p in parts]
    top, bottom = round(float(np.median(tops))), round(float(np.median(bottoms)))
    return top, max(top + 1, bottom)


def operators(lines: list[Line], place: np.ndarray, level: np.ndarray, font: str) -> bytes:
    """PDF operators that lay the text of `lines` over the page, in reading order.

    `place` (3×3) leads from pixels of the upright image to the page's units and tells where each word's middle lies; `level` does
    the same for an image that was turned but not straightened, and tells which way words run. On a page that leans they differ, and
    each word lies level on its own place: poppler takes slanted words apart.
    """
    run = level[:2, :2] @ np.diag((1, -1))
    head = " ".join(_number(v) for v in run.T.flat)
    out = ["BT", "3 Tr"]
    for line in lines:
        parts = pieces(line)
        if not parts:
            continue
        top, bottom = band(parts)
        free = -1.0  # where the next word may begin
        for k, part in enumerate(parts):
            box = part.box
            high, low = top, bottom
            if min(bottom, box.bottom) - max(top, box.top) < _OFF * min(box.bottom - box.top, bottom - top):
                high, low = box.top, max(box.top + 1, box.bottom)
            size, half = low - high, (box.right - box.left) / 2
            left, right = float(box.left), float(box.right)
            if free > left and box.left - free > -half:
                left = free
            if k + 1 < len(parts) and parts[k + 1].box.left > box.left:
                right = max(left + half / 2, min(right, parts[k + 1].box.left - _GAP * size))
            wide = max(1.0, right - left)
            free = left + wide + _GAP * size
            middle = (place @ (left + wide / 2, (high + low) / 2, 1))[:2]
            x, y = middle - run @ (wide / 2, size / 2)
            stretch = 100 * wide * UNITS / (size * _units(part.text))
            text = part.text + (" " if k + 1 < len(parts) else "")
            out.append(f"/{font} {size} Tf {stretch:.2f} Tz {head} {x:.3f} {y:.3f} Tm <{encoded(text)}> Tj")
    return ("\n".join([*out, "ET"]) + "\n").encode()


def _units(text: str) -> int:
    return sum(SPACE if c == " " else WIDTH for c in text)


def _number(value: float) -> str:
    """At most seven digits after the point, none that say nothing."""
    return f"{value:.7f}".rstrip("0").rstrip(".").replace("-0", "-0") or "0"
