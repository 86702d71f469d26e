"""Unicode decided once: NFC, the place of the tone mark, folding, dashes. Imports nothing of ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MARKS = "\u0300\u0301\u0303\u0309\u0323"
APART = _MARKS + "\u0302\u0306"  # what stands apart over or under a letter: tones, circumflex, breve; a horn and a bar are parts of it
# New to old place of the tone mark (hoá → hóa, thuý → thúy): the old place is what administrative print uses.
_TONE = {
    unicodedata.normalize("NFC", pair + m): unicodedata.normalize("NFC", pair[0] + m + pair[1])
    for two in ("oa", "oe", "uy")
    for pair in (two, two.upper(), two.title())
    for m in _MARKS
}
# Only an open syllable moves its mark (hoá → hóa), never `hoán` or `quý`.
_MARKED = {first: "".join(sorted({pair[1] for pair in _TONE if pair[0] == first})) for first in sorted({pair[0] for pair in _TONE})}
# What stands before is asked last: the search then runs for the first letters alone, three times as fast.
_TONE_RE = re.compile(rf"(?:{'|'.join(f'{first}[{marked}]' for first, marked in _MARKED.items())})(?<![qQ]..)(?![^\W\d_])", re.DOTALL)
_DASHES = re.compile("[\u2010-\u2015\u2212\u00ad]")
_SLASHES = re.compile("[\u2215\u2044\uff0f]")
_STROKE = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})


def nfc(text: str) -> str:
    """NFC, with the Icelandic eth that old fonts used turned into đ: the only form of text inside the program."""
    return unicodedata.normalize("NFC", text).replace("ð", "đ").replace("Ð", "Đ")


class _EachCharacter(dict[int, str]):
    """A table for str.translate that works a character out when it is first met: much faster than a loop over a text."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = changed = self._change(chr(code))
        return changed


def _bare(ch: str) -> str:
    return unicodedata.normalize("NFD", ch.translate(_STROKE))[0]


def _fold(ch: str) -> str:
    low = ch.lower()
    return _bare(low if len(low) == 1 else ch)


_BARE, _FOLD = _EachCharacter(_bare), _EachCharacter(_fold)
_LONG = 48  # characters from which on a table of all letters is faster than str.translate, up to 50 times


@cache
def _fold_table() -> NDArray[np.uint32]:
    """The fold of each character of the alphabets and their marks, by its code."""
    import numpy as np

    return np.array([ord(_fold(chr(code))) for code in range(0x3000)], np.uint32)


def bare(text: str) -> str:
    """The letters without diacritics and stroke, case kept, one character for each of NFC text: `Điều` → `Dieu`."""
    return text.translate(_BARE)


def fold(text: str) -> str:
    """For matching: lower case, no diacritics, đ as d; same length as the NFC text, so offsets carry over. `Ủy` → `uy`."""
    if text.isascii():
        return text.lower()
    return _fold_line(text) if len(text) <= _LINE else _fold_any(text)


def _fold_any(text: str) -> str:
    if len(text) > _LONG:
        import numpy as np  # late: a build with nothing to do folds nothing

        try:
            return _fold_table().take(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)).tobytes().decode("utf-32-le")
        except IndexError:  # a character past the table
            pass
    return text.translate(_FOLD)


_LINE = 160  # characters; a printed line is folded by many stages in turn
_fold_line = lru_cache(16_384)(_fold_any)


def old_tone(text: str) -> str:
    """The tone mark at its old place: `hoá` → `hóa`, `uỷ` → `ủy`; same length."""
    return _TONE_RE.sub(lambda m: _TONE.get(m.group(), m.group()), text)


def plain_dashes(text: str) -> str:
    """Every kind of dash as `-` and every kind of slash as `/`; same length, so offsets carry over."""
    return text if text.isascii() else _SLASHES.sub("/", _DASHES.sub("-", text))


def one_blank(text: str) -> str:
    """Runs of blanks as one, edges stripped."""
    return " ".join(text.split())
