"""Unicode decided once: NFC, the place of the tone mark, folding, dashes. Imports nothing of ours."""

from __future__ import annotations

import re
import unicodedata

_MARKS = "\u0300\u0301\u0303\u0309\u0323"
# New to old place of the tone mark (hoá → hóa, thuý → thúy): the old place is what administrative print uses.
_TONE = {
    unicodedata.normalize("NFC", a + b + m): unicodedata.normalize("NFC", a + m + b)
    for pair in ("oa", "oe", "uy")
    for a, b in (pair, pair.upper(), pair.title())
    for m in _MARKS
}
# Only an open syllable moves its mark (hoá → hóa), never `hoán` or `quý`.
_TONE_RE = re.compile(rf"(?<![qQ])({'|'.join(map(re.escape, _TONE))})(?![^\W\d_])")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"))
_SLASHES = str.maketrans(dict.fromkeys("\u2215\u2044\uff0f", "/"))
_STROKE = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})


def nfc(text: str) -> str:
    """NFC, with the Icelandic eth that old fonts used turned into đ: the only form of text inside the program."""
    return unicodedata.normalize("NFC", text).replace("ð", "đ").replace("Ð", "Đ")


def bare(text: str) -> str:
    """The letters without diacritics and stroke, case kept, one character for each of NFC text: `Điều` → `Dieu`."""
    out = []
    for ch in text.translate(_STROKE):
        base = unicodedata.normalize("NFD", ch)[0] if ord(ch) > 127 else ch
        out.append(base)
    return "".join(out)


def fold(text: str) -> str:
    """For matching: lower case, no diacritics, đ as d; same length as the NFC text, so offsets carry over. `Ủy` → `uy`."""
    low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return bare(low)


def old_tone(text: str) -> str:
    """The tone mark at its old place: `hoá` → `hóa`, `uỷ` → `ủy`; same length."""
    return _TONE_RE.sub(lambda m: _TONE[m.group(1)], text)


def plain_dashes(text: str) -> str:
    """Every kind of dash as `-` and every kind of slash as `/`; same length, so offsets carry over."""
    return text.translate(_DASHES).translate(_SLASHES)


def one_blank(text: str) -> str:
    """Runs of blanks as one, edges stripped."""
    return " ".join(text.split())
