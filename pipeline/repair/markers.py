"""Marks that open a line, mended by their siblings: Roman numbers of headings in capitals, and the letters of an enumeration.

`1. MUC DICH` becomes `I.` only where a sibling heading of the same text bears a Roman number that cannot be misread; `d)` becomes `đ)`
only right after another `d)`. The letter of a part in capitals (`B. NOI DUNG`) is no word and stays. Strokes side by side, one of them a
letter (`Ill.`, `Il-`), are a Roman number by themselves; so are the strokes of a quarter (`quy 11/2022`), of which there are but four.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_HEADING = re.compile(r"\s*([1IlLi|!HTVYX]{1,5})([.,])(?=\s)")
# Strokes side by side, some of them not I and one that is: no word is, and no number has a letter
_NUMERAL = re.compile(r"\s*((?=[l1|!\]]*I)(?!I+[.,/)-])[Il1|!\]]{2,3})[.,/)-]+\s*(?=[^\W\d_])")
_PLAIN_NUMERAL = re.compile(r"\s*(XI{0,2}|IX|IV|VI{0,3}|I{1,3})[.,/)-]+\s*(?=[A-ZĐÂÊÔƠƯÀ-Ý])")
_QUARTER = re.compile(r"(?<!\w)[Qq][uU][yYýÝ]\s+((?!I+(?!\w))[Il1|!]{2,3}|[Il1|!][Vv](?<!IV))(?=(?:/(?:19|20)\d\d)?[.,;:)]*(?:\s|$))")
_PART = re.compile(r"\s*([A-E])[.)/-](?=\s)")
_POINT = re.compile(r"\s*(\d{1,2})([.,])(?=\s+[^\W\d_])")
_LETTER = re.compile(r"\s*([a-zđ])\)(?=\s)")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_STROKES = str.maketrans({"1": "I", "l": "I", "L": "I", "i": "I", "|": "I", "!": "I", "T": "I", "Y": "V"})


def _reads_as(seen: str, roman: str) -> bool:
    """Whether a read mark may stand for the Roman number: strokes are alike, and H is two of them."""
    return seen.translate(_STROKES).replace("H", "II") == roman


def mended_markers(raws: Sequence[str]) -> dict[int, tuple[int, int, str]]:
    """For each line whose opening mark is mended: (start, end, new text) of the mark inside the line."""
    out: dict[int, tuple[int, int, str]] = {}
    headings = []
    for k, raw in enumerate(raws):
        m = _HEADING.match(raw)
        letters = [c for c in raw[m.end() :] if c.isalpha()] if m else []
        if m and len(letters) > 2 and sum(c.isupper() for c in letters) > 0.6 * len(letters):
            headings.append((k, m))
    plain = {m[1] for _, m in headings if m[1] in ROMAN[1:]}
    if plain:
        expected = 0
        for k, m in headings:
            if m[1] in ROMAN[1:]:
                expected = ROMAN.index(m[1]) + 1
                continue
            if expected < len(ROMAN) and _reads_as(m[1], ROMAN[expected]):
                out[k] = (m.start(1), m.end(1), ROMAN[expected])
                expected += 1
    for k, (found, (fewer, _)) in _numerals(raws, out).items():
        out[k] = (found.start(1), found.end(1), "I" * (len(found[1]) - fewer))
    number = 0
    for k, raw in enumerate(raws):
        point = _POINT.match(raw)
        if point and point[2] == "." or point and int(point[1]) == number + 1 > 1 and raw[point.end() :].lstrip()[0].isupper():
            number = int(point[1])
            if point[2] == ",":
                out.setdefault(k, (point.start(1), point.end(2), f"{number}."))
    before = ""
    for k, raw in enumerate(raws):
        part = _PART.match(raw)
        if part and raw[part.end() :].isupper():
            out[k] = (part.start(1), part.end(1), part[1])
        letter = _LETTER.match(raw)
        if _POINT.match(raw):
            before = ""  # a new list
        elif letter:
            if letter[1] == "d" and before == "d":
                out[k] = (letter.start(1), letter.end(1), "đ")
            before = letter[1]
    return out


def unsure_numerals(raws: Sequence[str]) -> frozenset[int]:
    """Lines whose Roman number may end before its last stroke (`IIl-` for `II-` or `III-`), and no heading before it tells."""
    return frozenset(k for k, (_, (_, unsure)) in _numerals(raws, {}).items() if unsure)


def _numerals(raws: Sequence[str], known: Mapping[int, tuple[int, int, str]]) -> dict[int, tuple[re.Match[str], tuple[bool, bool]]]:
    """Roman numbers of strokes by line, none in `known`: (whether the last stroke is a piece of the dash, whether that is open)."""
    out: dict[int, tuple[re.Match[str], tuple[bool, bool]]] = {}
    before = 0
    for k, raw in enumerate(raws):
        plain = _PLAIN_NUMERAL.match(raw)
        m = _NUMERAL.match(raw)
        if k in known:
            before = ROMAN.index(known[k][2]) + 1 if known[k][2] in ROMAN else before
        elif plain:
            before = ROMAN.index(plain[1]) + 1
        elif m and raw[m.end()].isupper():
            strokes = len(m[1])
            open_ = m[1][-1] != "I" and raw[m.end(1)] == "-"
            fewer = open_ and before == strokes - 2 > 0
            out[k] = m, (fewer, open_ and not fewer and before != strokes - 1)
            before = strokes - fewer
    return out


def quarters(line: str) -> list[tuple[int, int, str]]:
    """(start, end, new text) of the strokes that number a quarter: `quy 11/2022` → `II`. One stroke alone may be a 1 that was printed."""
    return [(m.start(1), m.end(1), "IV" if m[1][1] in "Vv" else "I" * len(m[1])) for m in _QUARTER.finditer(line)]
