"""Words hyphenated over a line's end, `tho-` / `ng`: one word while a text is restored, two halves again on their lines after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from pipeline.document import Line, Word
from pipeline.repair.lexicon import possible_syllables
from pipeline.repair.spacing import hyphenated
from pipeline.text import fold


@dataclass(frozen=True, slots=True)
class Carried:
    """A word carried up from line `line + 1` (0-based) to the end of `line`: the token, and where the hyphen stood in it."""

    line: int
    token: str
    at: int


@lru_cache(maxsize=1)
def _bare_syllables() -> frozenset[str]:
    return frozenset(map(fold, possible_syllables()))


def _letters_of_a_syllable(word: str) -> bool:
    return fold(word) in _bare_syllables()


def joined(lines: Sequence[Line], garbled: Sequence[bool]) -> tuple[list[Line], tuple[Carried, ...]]:
    """The lines with words that a hyphen parts written whole at the end of the first line, blanks in place of the second half.

    Only between two garbled lines, where the halves make the letters of a syllable (its marks may be gone). Words keep their raw spans.
    """
    out = list(lines)
    found = []
    for pair in hyphenated([line.text for line in lines], _letters_of_a_syllable):
        upper, lower = out[pair.line], out[pair.line + 1]
        if not (garbled[pair.line] and garbled[pair.line + 1]) or len(lower.words) < 1 or not upper.words:
            continue
        first, second = upper.words[-1], lower.words[0]
        trail = second.text[pair.right - second.start :]
        if first.start > pair.left or second.start > pair.right or any(c.isalnum() for c in trail):
            continue  # the half stands inside another token, or was carried up itself
        token = first.text[: pair.left - first.start] + pair.word + trail
        found.append(Carried(pair.line, token, len(first.text.rstrip("-\u00ad\u2010"))))
        out[pair.line] = replace(upper, text=upper.text[: first.start] + token, words=(*upper.words[:-1], replace(first, text=token)))
        out[pair.line + 1] = replace(lower, text=" " * second.end + lower.text[second.end :], words=lower.words[1:])
    return out, tuple(found)


def parted(before: Sequence[Line], after: Sequence[Line], carried: Sequence[Carried]) -> list[Line]:
    """The restored lines with both halves of each carried word on their lines; `before` are the lines as they came."""
    out = list(after)
    for c in carried:
        upper, lower = out[c.line], out[c.line + 1]
        second = before[c.line + 1].words[0]
        word = upper.words[-1]
        cut = _place(c.token, word.text, c.at)
        left = replace(word, text=word.text[:cut] + "-", alternatives=())
        right = Word(word.text[cut:], second.start, second.raw_start, second.raw_end, second.box, word.confidence)
        out[c.line] = replace(upper, text=upper.text[: word.start] + left.text, words=(*upper.words[:-1], left))
        shift = len(right.text) - len(second.text)
        head = before[c.line + 1].text[: second.start] + right.text
        words = tuple(replace(w, start=w.start + shift) for w in lower.words)
        out[c.line + 1] = replace(lower, text=head + lower.text[second.end :], words=(right, *words))
    return out


def _place(token: str, word: str, at: int) -> int:
    """Where `token[:at]` ends in the restored `word`, by their letters; a letter at least goes with each half."""
    for op in Levenshtein.opcodes(fold(token), fold(word)):
        if op.src_start <= at <= op.src_end and (op.tag == "equal" or at == op.src_end):
            return min(max(1, op.dest_start + at - op.src_start if op.tag == "equal" else op.dest_end), len(word) - 1)
    return min(max(1, at), len(word) - 1)
