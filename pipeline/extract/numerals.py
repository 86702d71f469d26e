"""Numbers in figures, Roman figures and words: `1.500`, `2,5`, `II`, `hai mươi lăm`, `một nghìn hai trăm`."""

from __future__ import annotations

import re

from pipeline.text import fold

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_UNITS = {
    "mot": 1, "mốt": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "khong": 0,
}  # fmt: skip
_SCALES = {"nghin": 1_000, "ngan": 1_000, "trieu": 1_000_000, "ty": 1_000_000_000}
_WORD = r"một|mốt|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mười|mươi|trăm|nghìn|ngàn|linh|lẻ"
# A number in words: begins with a unit or `mười`, and goes on with such words.
WORDS = re.compile(rf"(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười)(?: (?:{_WORD}))*", re.IGNORECASE)


def in_words(text: str) -> int:
    """`ba trăm` is 300, `hai mươi lăm` 25. Raises ValueError for what is no number."""
    total = part = last = 0
    for word in fold(text).split():
        if word in ("linh", "le"):
            continue
        if word == "muoi":
            part, last = (part - last + 10 * last, 0) if last else (part + 10, 0)
        elif word == "tram":
            part, last = part - last + 100 * max(last, 1), 0
        elif word in _SCALES:
            total, part, last = total + max(part, 1) * _SCALES[word], 0, 0
        elif word in _UNITS:
            last = _UNITS[word]
            part += last
        else:
            raise ValueError(text)
    return total + part


def number(text: str) -> int:
    """`05`, `2O`, `II`, `sáu` as a whole number; raises ValueError for anything else."""
    t = fold(text.strip())
    if t in _ROMAN:
        return _ROMAN[t]
    if t[:1].isalpha():
        return in_words(t) if t != "o" else 0
    return int(t.replace("o", "0"))


def quantity(text: str) -> float:
    """`1.500` is 1500, `2,5` is 2.5, words as `in_words`."""
    t = text.strip()
    if not t[0].isdigit():
        return float(in_words(t))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", t):
        return float(t.replace(".", ""))
    return float(t.replace(",", "."))
