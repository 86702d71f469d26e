"""Stamps in red ink, read apart from the print: MẬT, HỎA TỐC, the stamp of arrival.

They are lifted off the page before it is read, since they lie across the text; a mark of secrecy must not be lost with them. Round seals
are left out: their words run in a circle and say no more than the letterhead.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline import settings
from pipeline.document import Box, Line
from pipeline.layout.anchors import matches
from pipeline.layout.order import as_line, letters_in, rows_of
from pipeline.ocr.tesseract import recognise_parts

_SURE = 0.7  # mean confidence from which a stamp's line is believed
_MOST = 6


def read_stamps(red: np.ndarray, dpi: int, limits: settings.Ocr) -> list[Line]:
    """The lines of framed or plain stamps in the red ink of a page (grey, black on white), kind `stamp`, from top to bottom."""
    lines = []
    for tokens in recognise_parts(red, _places(red), dpi, limits):
        for row in rows_of([t for t in tokens if t.confidence >= 0.3 and letters_in(t.text)]):
            line = as_line(row.tokens)
            if letters_in(line.text) >= 3 and (line.confidence or 0.0) >= _SURE:
                lines.append(replace(line, kind="stamp"))
    return lines


def with_arrival(lines: list[Line]) -> list[Line]:
    """The lines of a page with those of an arrival stamp in black (a fax, a copy) marked as stamp.

    `CÔNG VĂN ĐẾN` or `ĐẾN` in capitals heads it; its number and day stand right under it or beside it. Its number is not the document's.
    """
    out = list(lines)
    for k, head in enumerate(lines):
        if head.kind != "text" or not head.text[:3].isupper() or not matches("arrival-head", head.text):
            continue
        out[k] = replace(head, kind="stamp")
        region = head.box
        for j in sorted(range(len(lines)), key=lambda n: abs(n - k)):
            line, box = lines[j], lines[j].box
            if region is None or box is None or out[j].kind != "text" or not matches("arrival-line", line.text):
                continue
            high = box.bottom - box.top
            beside = min(box.bottom, region.bottom) > max(box.top, region.top) and box.left - region.right < 6 * high
            below = 0 <= box.top - region.bottom + high < 3.5 * high and box.left < region.right and box.right > region.left
            if beside or below:
                out[j] = replace(line, kind="stamp")
                region = Box.around([region, box])
    return out


def _places(red: np.ndarray) -> list[Box]:
    """Where red ink stands that is no seal, no speck and no long stroke."""
    h, w = red.shape
    page = max(h, w)
    scale = 3
    small = cv2.resize(red, (w // scale, h // scale), interpolation=cv2.INTER_AREA)
    near = page // 110 // scale | 1
    joined = cv2.dilate((small < 150).astype(np.uint8), np.ones((near, near), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    places = []
    for left, top, width, height, _area in sorted(stats[1:].tolist(), key=lambda s: s[1]):
        wide, tall = width * scale / page, height * scale / page
        round_ = 0.75 < wide / tall < 1.33 and tall > 0.07
        if tall < 0.008 or tall > 0.15 or wide < 0.02 or wide > 0.5 or round_:
            continue
        places.append(Box(left * scale, top * scale, min(w, (left + width) * scale), min(h, (top + height) * scale)))
    whole = [a for a in places if not any(a is not b and _holds(b, a) for b in places)]  # words inside a frame are read with it
    return whole[:_MOST]


def _holds(outer: Box, inner: Box) -> bool:
    return outer.left <= inner.left and outer.top <= inner.top and outer.right >= inner.right and outer.bottom >= inner.bottom
