"""Symbols of documents in read text: a closed grammar of number, kind and issuer, so that only letters of known codes are mended.

`90/Qb-TTg` → `90/QĐ-TTg`, `303/QD BTP` → `303/QĐ-BTP`. A digit is never changed: what the number was, only the page can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.codes import kind_codes, printed

_NUMBER = r"\d{1,5}[a-z]?"
_CODE = r"[A-ZÐĐa-zđð0-9&.]{1,14}"
_SYMBOL = re.compile(
    rf"(?<![\w/])(?P<number>{_NUMBER})(?:(?P<sep>/)(?P<year>(?:19|20)\d\d))?"
    rf"(?P<slash>\s?/\s?)(?P<codes>[A-ZÐĐ]{_CODE}(?:\s?[-–/]\s?{_CODE}|\s(?=[A-Z1]){_CODE}){{0,3}})(?![\w])"
    rf"|(?<![\w/])(?P<number2>{_NUMBER})(?P<dash>-)(?P<codes2>[A-ZÐĐ][A-ZÐĐa-z]{{1,3}}/{_CODE}(?:[-–]{_CODE})?)(?![\w])"
)
# What a reader writes for the letters of codes. Đ above all, for which the English model has no letter.
_LOOKS = str.maketrans({"Đ": "D", "Ð": "D", "đ": "D", "ð": "D", "0": "O", "1": "I", "l": "I", "5": "S", "8": "B", "9": "G"})
_TERM = re.compile(r"(?:QH|UBTVQH)\d{1,2}")
_D_READ_AS = ("b", "B", "P", "DB", "Db", "p", "Ð", "ð")  # `Qb`, `QB`, `QP`, `QDB` for QĐ


@dataclass(frozen=True, slots=True)
class Symbol:
    """`line[start:end]` is a document's symbol; `text` it mended, `rivals` other readings of its codes."""

    start: int
    end: int
    text: str
    rivals: tuple[str, ...] = ()


@cache
def codes() -> dict[str, tuple[str, ...]]:
    """Known codes of kinds and issuers by how they look in capitals without strokes: `QD` → (`QĐ`,), `HD` → (`HD`, `HĐ`)."""
    found: dict[str, list[str]] = {}
    for code in printed():
        found.setdefault(looks(code), []).append(code)
    return {k: tuple(v) for k, v in found.items()}


def looks(code: str) -> str:
    """How a code looks to a reader that knows neither strokes nor small letters."""
    return code.translate(_LOOKS).upper()


def mend_code(code: str) -> tuple[str, ...]:
    """The known codes that this one may be, likeliest first; itself alone where none is known or it is one already."""
    near = codes().get(looks(code), ())
    if code in near or code.upper() in (c.upper() for c in near):
        return (code, *(c for c in near if c.upper() != code.upper() and "Đ" in c))
    if near:
        return near
    for seen in _D_READ_AS:
        if seen in code[1:]:
            tried = code[0] + code[1:].replace(seen, "Đ", 1)
            near = tuple(c for c in codes().get(looks(tried), ()) if "Đ" in c)
            if near:
                return near
    return (code,)


def _mended_kind(code: str, found: tuple[str, ...]) -> tuple[str, ...]:
    """Readings of the code that tells the kind, before an issuer: one that is no kind may be one with Đ (`589/CB-TTg` → CĐ)."""
    if found[0] in kind_codes():
        return found
    tried = (code[0] + code[1:].replace(seen, "Đ", 1) for seen in _D_READ_AS if seen in code[1:])
    kinds = [c for t in tried for c in codes().get(looks(t), ()) if "Đ" in c and c in kind_codes()]
    return tuple(dict.fromkeys((*kinds, *found)))


def _is_known(code: str) -> bool:
    mended = mend_code(code)[0]
    return mended != code or looks(code) in codes() or bool(_TERM.fullmatch(code))


def find(line: str) -> list[Symbol]:
    """All symbols of a line, left to right. Only those with at least one known code are taken."""
    out = []
    at = 0
    while m := _SYMBOL.search(line, at):
        at = max(m.end(), at + 1)
        text, rivals = _mended(m)
        while text is None and " " in m.group():  # the words behind are none of its codes: `07/2010/ND-CP Quy dinh`
            end = m.start() + m.group().rindex(" ")
            shorter = _SYMBOL.match(line, m.start(), end)
            if not shorter or shorter.end() != end:
                break
            m = shorter
            text, rivals = _mended(m)
        if text is not None:
            marks = len(text) - len(text.rstrip(".&"))
            cut = slice(None, -marks or None)
            out.append(Symbol(m.start(), m.end() - marks, text[cut], tuple(r[cut] for r in rivals)))
    return out


def _mended(m: re.Match[str]) -> tuple[str | None, tuple[str, ...]]:
    head = m["number"] or m["number2"]
    if m["year"]:
        head += "/" + m["year"]
    body = m["codes"] or m["codes2"]
    pieces = re.split(r"(\s?[-–/]\s?|\s)", body)
    end = len(pieces)
    known = [_is_known(p) for p in pieces[::2]]
    if not any(known):
        return None, ()
    for k in range(2, len(pieces), 2):  # a blank parts two codes only if both are known
        if pieces[k - 1].isspace() and not (known[k // 2] and known[k // 2 - 1] and k // 2 == 1):
            return None, ()
    choices = [mend_code(p) for p in pieces[:end:2]]
    if end > 1 and m["codes"]:
        choices[0] = _mended_kind(pieces[0], choices[0])
    # a blank behind a dash was printed (`70/2014/QĐ- TTg`): readers make none there
    marks = ["-" if p.isspace() else p.replace("–", "-").lstrip() if p[0] in "-–" else p.strip().replace("–", "-") for p in pieces[1:end:2]]
    joint = "/" if m["codes"] else "-"

    def spelt(picked: list[str]) -> str:
        text = head + joint + picked[0]
        for mark, code in zip(marks, picked[1:], strict=True):
            text += mark + code
        return text

    first = [c[0] for c in choices]
    rivals = []
    for k, c in enumerate(choices):
        for other in c[1:2]:
            rivals.append(spelt([*first[:k], other, *first[k + 1 :]]))
    return spelt(first), tuple(rivals)
