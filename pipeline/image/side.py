"""Which side is up where the shapes of the letters do not say: a piece of the page is read both ways.

Lines in capitals and numbers reach as far below the middle as above it. Reading a small piece costs two short runs of Tesseract, and
is done for such pages only.
"""

from __future__ import annotations

import os

import numpy as np
import pytesseract

from pipeline.image.ink import Image, grey, shrunk, text_mask

os.environ["OMP_THREAD_LIMIT"] = "1"
_SURE_WORD = 70  # Tesseract's confidence (0..100) from which a word counts


def is_upside_down(image: Image, languages: str) -> bool | None:
    """Whether a page with level lines reads better turned by 180°; None where neither way gives words, or Tesseract is missing."""
    page = grey(image)
    piece = _densest(page)
    try:
        ways = [_sure_letters(p, languages) for p in (piece, np.ascontiguousarray(np.rot90(piece, 2)))]
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError):
        return None
    upright, over = ways
    if max(ways) < 12 or max(ways) < 1.3 * min(ways):
        return None
    return over > upright


def _densest(page: Image) -> Image:
    """The band, a sixth of the page high, that holds the most letters."""
    small, scale = shrunk(page, 1000)
    mask = text_mask(small)
    tall = max(1, mask.shape[0] // 6)
    ink = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    top = int(np.argmax(ink[tall:] - ink[:-tall]))
    return page[int(top / scale) : int((top + tall) / scale) + 1]


def _sure_letters(piece: Image, languages: str) -> int:
    config = "--psm 6 -c tessedit_do_invert=0"
    data = pytesseract.image_to_data(piece, lang=languages, config=config, output_type=pytesseract.Output.DICT)
    return sum(
        len(t) for t, c in zip(data["text"], data["conf"], strict=True) if float(c) >= _SURE_WORD and sum(x.isalnum() for x in t) >= 2
    )
