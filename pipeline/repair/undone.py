"""Lines with their exact damage undone, as lines of the document: the words lead back to the raw line through the spans of `forms`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from pipeline.document import Box, Line, Word
from pipeline.repair.forms import Undone, undo_lines
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.traced import Span

CERTAIN = 0.99  # confidence of a word whose damage was undone: only what is certain is
_TOKEN = re.compile(r"\S+")


def undone_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines with other encodings, fallen marks, letters printed apart and look-alikes undone; `raw` stays, the others are the same."""
    return [_undone(line, u) if u.form else line for line, u in zip(lines, undo_lines([x.raw for x in lines], is_syllable), strict=True)]


def _undone(line: Line, undone: Undone) -> Line:
    words = []
    for m in _TOKEN.finditer(undone.text):
        start, end = raw_span(undone.spans, m.start(), m.end())
        low = bisect_right(line.words, start, key=lambda w: w.raw_end)
        high = bisect_left(line.words, end, key=lambda w: w.raw_start)
        box = Box.around([w.box for w in line.words[low:high] if w.box is not None])
        words.append(Word(m.group(), m.start(), start, end, box, CERTAIN))
    return replace(line, text=undone.text, words=tuple(words))


def raw_span(spans: Sequence[Span], start: int, end: int) -> Span:
    """The raw characters that `text[start:end]` came from."""
    return min(s for s, _ in spans[start:end]), max(e for _, e in spans[start:end])
