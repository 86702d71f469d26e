"""Pages that hold no text although a recogniser reads words from them: photographs, backs that the front shows through, dirt."""

from __future__ import annotations

from pipeline.document import Line
from pipeline.layout.order import letters_in
from pipeline.legacy import syllable_share

_SURE = 0.75  # mean confidence from which a line on a photograph is print and no grain
_WORDS = 2
_FAINT = 0.55  # mean confidence of a page below which its words must be Vietnamese to be believed
_SYLLABLES = 0.5  # share of them that then are


def believed(lines: list[Line], photograph: bool) -> list[Line]:
    """The lines of a page that are print; none of a page that as a whole is not."""
    if photograph:
        lines = [line for line in lines if (line.confidence or 0.0) >= _SURE and len(line.words) >= _WORDS and _is_vietnamese([line])]
    letters = sum(letters_in(w.text) for line in lines for w in line.words)
    weight = sum(letters_in(w.text) * (w.confidence or 0.0) for line in lines for w in line.words)
    return [] if lines and weight < _FAINT * letters and not _is_vietnamese(lines) else lines


def _is_vietnamese(lines: list[Line]) -> bool:
    share, words = syllable_share(" ".join(line.text for line in lines))
    return words > 0 and share >= _SYLLABLES
