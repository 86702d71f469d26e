"""What all that reads words again has in common: which pieces of a line are cut out, by which model, and the line that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline import settings
from pipeline.document import Box, Line, Word
from pipeline.versions import tesseract_models

SCRIPT_MODELS = ("Vietnamese", "script/Vietnamese")  # Tesseract's model of the script, trained apart from that of the language
SHARED = 0.34  # part of the narrower of two boxes in a line from which they are of one word


def script_model(limits: settings.Ocr) -> str | None:
    """Tesseract's model of the script, where it is installed and not the one that reads the pages."""
    return next((m for m in SCRIPT_MODELS if m in tesseract_models() and m != limits.languages), None)


def pieces_around(wanted: Sequence[int], count: int) -> list[tuple[int, int]]:
    """First and last (exclusive) word of the pieces of a line of `count` words: each wanted word with one to either side."""
    out: list[tuple[int, int]] = []
    for k in wanted:
        first, last = max(0, k - 1), min(count, k + 2)
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return out


def shared(box: Box, left: int, right: int) -> bool:
    """Whether a box shares enough of the narrower of the two with the stretch from `left` to `right`."""
    return min(box.right, right) - max(box.left, left) > SHARED * max(1, min(box.right - box.left, right - left))


def of_words(line: Line, words: Sequence[Word]) -> Line:
    """The line made of these words, a blank between two."""
    pieces: list[Word] = []
    at = 0
    for word in words:
        pieces.append(replace(word, start=at, raw_start=at, raw_end=at + len(word.text)))
        at += len(word.text) + 1
    text = " ".join(w.text for w in words)
    return replace(line, raw=text, text=text, words=tuple(pieces))
