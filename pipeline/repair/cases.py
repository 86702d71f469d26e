"""What of a line is printed in capitals: runs of words, since a line may hold two columns (`CỤC TRƯỞNG - Bộ trưởng (để b/c)`).

A word that stands among capitals is in capitals itself, whatever case the reader gave its letters (`PHO CHANH An`); an abbreviation
makes no run, because it stands in running text too (`UBND tỉnh`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal

from pipeline.repair.lexicon import possible_syllables
from pipeline.text import fold

Case = Literal["", "capitals", "only"]  # as words go; of a run of capitals; of one, and read in a case that it cannot have

SHARE = 0.6  # of letters in capitals from which a word, or a stretch of a line, is in capitals
SHORT = 4  # letters of a word between capitals that may be read as small by mistake
_DASH = re.compile(r"[-–—_]")
_OPENS, _CLOSES = re.compile(r"[(“]"), re.compile(r"[);:,]$|\)[.;,:]?$")


@cache
def _syllables() -> frozenset[str]:
    return frozenset(fold(s) for s in possible_syllables())


def _letters(token: str) -> str:
    return "".join(c for c in token if c.isalpha())


def in_capitals(text: str) -> bool:
    """Whether most letters of a stretch are capitals."""
    letters = _letters(text)
    return len(letters) > 2 and sum(c.isupper() for c in letters) > SHARE * len(letters)


def _capital(token: str) -> bool:
    letters = _letters(token)
    return len(letters) > 1 and sum(c.isupper() for c in letters) > SHARE * len(letters)


def _word(token: str) -> bool:
    """Whether a token in capitals may be a syllable: no abbreviation by its letters."""
    return _capital(token) and fold(_letters(token)) in _syllables()


def _stretches(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Parts of a line between lone dashes, brackets and marks that end a part of a list: (first, behind the last)."""
    begin = 0
    for k, token in enumerate(tokens):
        if k > begin and (_DASH.fullmatch(token) or _OPENS.match(token)):
            yield begin, k
            begin = k
        if _CLOSES.search(token):
            yield begin, k + 1
            begin = k + 1
    if begin < len(tokens):
        yield begin, len(tokens)


def cases(tokens: Sequence[str]) -> list[Case]:
    """The case of each token of a line."""
    out: list[Case] = [""] * len(tokens)
    for begin, end in _stretches(tokens):
        part = tokens[begin:end]
        whole = in_capitals("".join(part)) and (len(part) == len(tokens) or _words(part, range(len(part))) > 1)
        for first, behind in _runs(part):
            run = range(first, behind)
            if whole or _words(part, run) > 1:
                for k in run:
                    out[begin + k] = "only" if _lost_case(part, k) else "capitals"
        if whole:
            for k in range(len(part)):
                out[begin + k] = out[begin + k] or "capitals"
    return out


def _words(part: Sequence[str], at: Iterable[int]) -> int:
    return sum(_word(part[k]) or _lost_case(part, k) for k in at)


def _runs(part: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Words in capitals side by side, with what stands between them and has no small letter."""
    begin = None
    for k in range(len(part) + 1):
        small = k == len(part) or (any(c.islower() for c in part[k]) and not _capital(part[k]) and not _lost_case(part, k))
        if small:
            if begin is not None:
                yield begin, k
            begin = None
        elif begin is None:
            begin = k


def _lost_case(part: Sequence[str], k: int) -> bool:
    """Whether a short word with a capital (`An`, `Bi`) has words in capitals on both sides, or on one at the end of its part."""
    letters = _letters(part[k])
    if not 1 < len(letters) <= SHORT or not letters[0].isupper() or letters.isupper() or fold(letters) not in _syllables():
        return False
    beside = [part[j] for j in (k - 1, k + 1) if 0 <= j < len(part)]
    return bool(beside) and all(map(_word, beside)) and all(t is part[k] or not any(c.islower() for c in t) or _capital(t) for t in part)
