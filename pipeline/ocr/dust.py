"""Punctuation that dust made: on a page with many specks some lie beside a letter, and are read as a full stop, a quote, a colon.

What no one prints is taken off: a mark before a word (`.của`, `'thực`), a stop inside or after a word that small letters follow
(`ngày.trước`, `nhân. dân`), a mark between a word and a number (`số.63/2022`, `05.năm`). Marks that may be printed stay.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.document import Box
from pipeline.layout.order import Row, Token

_BEFORE = re.compile(r"[.,:;'`’‹›„_~^|·]+(?=[^\W_])")
_WORD = r"[^\W\d_]{2,}"
# A stop between small letters; a mark between small letters and a number, either way round.
_INSIDE = re.compile(
    rf"(?P<left>{_WORD})[.·:]+(?P<right>{_WORD}[.,;:]?)|(?P<word>{_WORD})[.·:'’-](?P<number>\d\S*)|(?P<count>\d+)[.·:'’](?P<noun>{_WORD})"
)
_AFTER = re.compile(rf"({_WORD})[.·]")


def without_dust(row: Row) -> Row:
    """The row of a dusty page with such marks taken off; a word that they joined to the next becomes two."""
    parted: list[Token] = []
    for token in row.tokens:
        parted += _parted(replace(token, text=_BEFORE.sub("", token.text, count=1) if _BEFORE.match(token.text) else token.text))
    out = list(parted)
    for k, (token, after) in enumerate(zip(parted, parted[1:], strict=False)):
        m = _AFTER.fullmatch(token.text)
        if m and _small(m[1][1:]) and _marked(token.text + after.text) and _small(re.sub(r"\W", "", after.text)) and len(after.text) > 1:
            out[k] = replace(token, text=m[1])
    return Row(tuple(out))


def _parted(token: Token) -> list[Token]:
    m = _INSIDE.fullmatch(token.text)
    if m is None or not _marked(token.text):
        return [token]
    left, right = (g for g in m.groups() if g is not None)
    if not all(_small(part[1:]) for part in (left, right) if part[0].isalpha()) or (right[0].isalpha() and not _small(right)):
        return [token]
    b = token.box
    at = b.left + round((b.right - b.left) * (len(left) + 0.5) / len(token.text))
    return [
        replace(token, text=left, box=Box(b.left, b.top, at, b.bottom)),
        replace(token, text=right, box=Box(at, b.top, b.right, b.bottom)),
    ]


def _small(text: str) -> bool:
    """Whether all its letters are small, and it has some."""
    return text.islower()


def _marked(text: str) -> bool:
    """Whether it has a letter that only Vietnamese has: no address, no abbreviation."""
    return any(c.isalpha() and not c.isascii() for c in text)
