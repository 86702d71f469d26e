"""Words looked at again: those that the recogniser hardly read are cut out and read once more by the model of the script.

The two models were trained apart and fail on other words. Each word is read with a neighbour to either side, all of a page in one run, and
the surer reading stays; one of Vietnamese syllables counts as surer. A page with few such words is not worth a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline import settings
from pipeline.document import RUNNING, Alternative, Box, Line, Word
from pipeline.layout.order import Token, letters_in
from pipeline.legacy import is_syllable
from pipeline.ocr.again import of_words, pieces_around, script_model, shared
from pipeline.ocr.tesseract import recognise_parts

# Chosen on the development half of pipeline.evaluate.typeset.
WEAK = 0.8  # confidence below which a word is read again
FEWEST, MOST = 3, 60  # such words of a page without which none is, and pieces that are cut out
SYLLABLES = 0.3  # what a reading of syllables alone is surer by
_MARKS = ".,;:!?()[]“”\"'’…-–"


def words_again(image: np.ndarray, lines: Sequence[Line], dpi: int, limits: settings.Ocr) -> list[Line]:
    """The lines of a page with weak words of letters read again on its grey image (H, W).

    Nothing is read again where `look_again_below` is 0 or where Tesseract's model of the script is not installed.
    """
    model = script_model(limits)
    pieces = [(k, a, b) for k, line in enumerate(lines) for a, b in _pieces(line)]
    if limits.look_again_below <= 0 or model is None or sum(_is_weak(w) for k, a, b in pieces for w in lines[k].words[a:b]) < FEWEST:
        return list(lines)
    pieces = pieces[:MOST]
    parts = [_part(image, lines[k].words[a:b]) for k, a, b in pieces]
    found: dict[int, dict[int, list[Word]]] = {}
    for (k, a, b), tokens in zip(pieces, recognise_parts(image, parts, dpi, replace(limits, languages=model)), strict=True):
        for n in range(a, b):
            if _is_weak(lines[k].words[n]):
                found.setdefault(k, {})[n] = _better(lines[k].words, n, tokens)
    return [_with(line, found[k]) if k in found else line for k, line in enumerate(lines)]


def _is_weak(word: Word) -> bool:
    return word.box is not None and word.confidence is not None and word.confidence < WEAK and not any(c.isdigit() for c in word.text)


def _pieces(line: Line) -> list[tuple[int, int]]:
    """The stretches of a line (first word, the one after the last) that hold weak words and a neighbour to either side."""
    weak = [n for n, w in enumerate(line.words) if _is_weak(w) and letters_in(w.text)]
    return pieces_around(weak, len(line.words)) if line.kind in RUNNING else []


def _part(image: np.ndarray, words: Sequence[Word]) -> Box:
    """Where some words of a line stand, with some white around; marks of a stretched box do not widen it."""
    boxes = [w.box for w in words if w.box is not None]
    top, bottom = float(np.median([b.top for b in boxes])), float(np.median([b.bottom for b in boxes]))
    pad = round(0.35 * (bottom - top))
    height, width = image.shape
    left, right = min(b.left for b in boxes) - pad, max(b.right for b in boxes) + pad
    return Box(max(0, left), max(0, int(top) - pad), min(width, right), min(height, int(bottom) + pad))


def _better(words: Sequence[Word], at: int, tokens: Sequence[Token]) -> list[Word]:
    """A word as it was read first, or as the tokens of its second reading that stand in its place."""
    word = words[at]
    own = word.box
    assert own is not None
    there = sorted((t for t in tokens if shared(t.box, own.left, own.right)), key=lambda t: t.box.left)
    beside = [w.box for n, w in enumerate(words) if n != at and w.box is not None]
    if not there or any(shared(t.box, b.left, b.right) for t in there for b in beside):
        return [word]  # the second reading parts the line at other places
    again, first = " ".join(t.text for t in there), word.confidence or 0.0
    second = min(t.confidence for t in there)
    if again == word.text or not letters_in(again):
        return [replace(word, confidence=round(max(first, second), 4))] if again == word.text else [word]
    if second + SYLLABLES * _of_syllables(again) <= first + SYLLABLES * _of_syllables(word.text):
        return [replace(word, alternatives=(*word.alternatives, Alternative(again, round(second, 4))))]
    also = (Alternative(word.text, round(first, 4)),)
    return [Word(t.text, 0, 0, 0, t.box, round(t.confidence, 4), also) for t in there]


def _of_syllables(text: str) -> bool:
    return all(is_syllable(w.strip(_MARKS).lower()) for w in text.split())


def _with(line: Line, found: dict[int, list[Word]]) -> Line:
    """The line with other words for some of its own."""
    return of_words(line, [w for n, old in enumerate(line.words) for w in found.get(n, [old])])
