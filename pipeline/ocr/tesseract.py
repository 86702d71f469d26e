"""Tesseract through pytesseract: words with boxes and confidence from a grey image, or from many parts of one in a single run.

It runs with one thread: on small pages four threads cost three times the processor time for the same text (32 → 10 CPU-seconds on
four pages).
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

import numpy as np
import pytesseract

from pipeline import settings
from pipeline.document import Box
from pipeline.errors import MissingError
from pipeline.layout.order import Token
from pipeline.text import nfc
from pipeline.versions import tesseract_models, tool_versions

os.environ["OMP_THREAD_LIMIT"] = "1"

# Tesseract refuses images of 32768 pixels and more to a side.
_LONGEST = 32_000
_ONE_BLOCK = 6  # page segmentation mode: one uniform block of text


@cache
def require_languages(languages: str) -> None:
    """Raises MissingError("missing_language") naming the first model of `vie+eng` that is not installed."""
    tool_versions()
    installed = tesseract_models()  # pytesseract passes over names with capitals
    for name in languages.split("+"):
        if name not in installed:
            raise MissingError("missing_language", name=name)


def recognise(image: np.ndarray, psm: int, dpi: int, limits: settings.Ocr) -> list[Token]:
    """Every word that Tesseract sees in a grey image (H, W), in its own order; `dpi` 0 leaves the resolution to it."""
    if min(image.shape) < 3:
        return []
    config = f"--psm {psm} -c tessedit_do_invert=0" + (f" --dpi {dpi}" if dpi else "")
    data = pytesseract.image_to_data(image, lang=limits.languages, config=config, output_type=pytesseract.Output.DICT)
    tokens = []
    for k, text in enumerate(data["text"]):
        confidence = float(data["conf"][k])
        if confidence < 0 or not text.strip():
            continue
        left, top = int(data["left"][k]), int(data["top"][k])
        box = Box(left, top, left + int(data["width"][k]), top + int(data["height"][k]))
        group = (int(data["block_num"][k]), int(data["par_num"][k]), int(data["line_num"][k]))
        tokens += [Token(nfc(part), box, confidence / 100, group) for part in text.split()]
    return tokens


def recognise_parts(image: np.ndarray, parts: list[Box], dpi: int, limits: settings.Ocr) -> list[list[Token]]:
    """The words in each part of a grey image, with boxes in its pixels.

    The parts are set one below the other into one narrow strip, so that one run reads them all and no line runs over from one
    part into its neighbour.
    """
    gap = max(12, image.shape[0] // 90)
    out: list[list[Token]] = [[] for _ in parts]
    k = 0
    while k < len(parts):
        strip: list[np.ndarray] = [np.full((gap, 1), 255, np.uint8)]
        places: list[tuple[int, int, int]] = []  # part, and its rows in the strip
        at = gap
        while k < len(parts):
            b = parts[k]
            tall = b.bottom - b.top
            if at + tall + 2 * gap > _LONGEST and places:
                break
            strip += [image[b.top : b.bottom, b.left : b.right], np.full((gap, 1), 255, np.uint8)]
            places.append((k, at, at + tall))
            at += tall + gap
            k += 1
        width = max(piece.shape[1] for piece in strip) + 2 * gap
        joined = np.full((at, width), 255, np.uint8)
        y = 0
        for piece in strip:
            if piece.shape[1] > 1:
                joined[y : y + piece.shape[0], gap : gap + piece.shape[1]] = piece
            y += piece.shape[0]
        for token in recognise(joined, _ONE_BLOCK, dpi, limits):
            middle = (token.box.top + token.box.bottom) / 2
            for number, top, bottom in places:
                if top - gap / 2 <= middle < bottom + gap / 2:
                    b, t = parts[number], token.box
                    dx, dy = b.left - gap, b.top - top
                    box = Box(t.left + dx, t.top + dy, t.right + dx, t.bottom + dy)
                    out[number].append(replace(token, box=box))
                    break
    return out
