"""Words that fell apart: letters printed with blanks between them, and words hyphenated over a line's end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.repair.form_rules import Ok, in_case, rules
from pipeline.repair.traced import Edit

_BLANK = r"[ \t\u00a0\u2000-\u200a\u202f\u3000]"
_LETTER = r"[^\W\d_]"
_RUN = re.compile(rf"(?<!\S){_LETTER}(?:{_BLANK}{{1,8}}{_LETTER}(?!\w)){{3,}}")
_SHORT = re.compile(rf"(?<!\S){_LETTER}(?:{_BLANK}{_LETTER}(?!\w)){{1,2}}(?!{_BLANK}{_LETTER}(?!\w))")
_LONGEST = 7
_FIRST_HALF = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\s*$")
_SECOND_HALF = re.compile(r"\s*([^\W\d_]+)")


def spaced(text: str, ok: Ok, near: bool) -> list[Edit]:
    """Letters printed apart, together again: `K Ế  H O Ạ C H` → `KẾ HOẠCH`.

    Words are parted by wider gaps; where all gaps are alike, by the only shortest way into syllables. No word but syllables, four
    letters at least, and a Vietnamese one among them or wide gaps: a row of initials stays.
    """
    out: list[Edit] = []
    for m in _RUN.finditer(text):
        places = [k for k in range(*m.span()) if not text[k].isspace()]
        gaps = [b - a - 1 for a, b in zip(places, places[1:], strict=False)]
        letters = "".join(text[k] for k in places)
        narrow = min(gaps)
        wide = [k + 1 for k, g in enumerate(gaps) if g > narrow]
        cuts = [0, *wide, len(letters)]
        words = [letters[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
        marked = any(c in rules().letters for c in letters)
        if not wide or not _told(words, ok):
            words = _syllables(letters, ok) if marked else []
        if not words or max(map(len, words)) < 2:
            continue
        ends, at = set(), 0
        for word in words[:-1]:
            at += len(word)
            ends.add(at)
        out += [
            (a + 1, b, " " if k + 1 in ends else "")
            for k, (a, b) in enumerate(zip(places, places[1:], strict=False))
            if text[a + 1 : b] != (" " if k + 1 in ends else "")
        ]
    return sorted(out + _short_words(text, out, ok)) if out else out


def _short_words(text: str, told: list[Edit], ok: Ok) -> list[Edit]:
    """In a line with letters printed apart, words of two or three letters by themselves: `c ấ p  lại`, where wider gaps are around."""
    taken = {k for start, end, _ in told for k in range(start - 1, end + 1)}
    out: list[Edit] = []
    for m in _SHORT.finditer(text):
        start, end = m.span()
        apart = (start < 2 or text[start - 2 : start].isspace()) and (end > len(text) - 2 or text[end : end + 2].isspace())
        word = text[start:end:2]
        if apart and not taken & set(range(start, end)) and _word(word, ok) and any(c in rules().letters for c in word):
            out += [(k, k + 1, "") for k in range(start + 1, end, 2)]
    return out


def _told(words: list[str], ok: Ok) -> bool:
    """Whether wide gaps part these into words: syllables, with a mark or two of them, and little else (`CHƯƠNG IX`, `B ĐẤT ĐAI`)."""
    syllables = [w for w in words if len(w) > 1 and _word(w, ok)]
    others = [w for w in words if not _word(w, ok)]
    marked = any(c in rules().letters for w in syllables for c in w)
    if sum(map(len, others)) > 0.4 * sum(map(len, words)) or any(len(w) > 1 and not w.isupper() for w in others):
        return False
    return bool(syllables) and (marked or len(syllables) > 1)


def _word(word: str, ok: Ok) -> bool:
    return ok(word) and in_case(word)


def _syllables(letters: str, ok: Ok) -> list[str]:
    """The shortest way of parting letters into syllables of two letters and more, [] where none or more than one is the shortest."""
    best: list[tuple[int, int, int]] = [(0, 1, 0)]  # syllables, ways, where the last one begins
    for end in range(1, len(letters) + 1):
        here = (1 << 30, 0, 0)
        for start in range(max(0, end - _LONGEST), end - 1):
            count, ways, _ = best[start]
            if ways and count + 1 <= here[0] and _word(letters[start:end], ok):
                here = (count + 1, min(2, ways + (here[1] if count + 1 == here[0] else 0)), start)
        best.append(here)
    if best[-1][1] != 1:
        return []
    words, end = [], len(letters)
    while end:
        start = best[end][2]
        words.append(letters[start:end])
        end = start
    return words[::-1]


@dataclass(frozen=True, slots=True)
class Hyphenated:
    """A word over a line's end: its first half begins at `left` in line `line` (0-based), its second ends at `right` in the next one."""

    line: int
    left: int
    right: int
    word: str


def hyphenated(lines: Sequence[str], ok: Ok) -> tuple[Hyphenated, ...]:
    """The words hyphenated over line ends: `tổ ch-` / `ức` gives `chức`. Nothing is changed.

    The halves must make a syllable: `kinh tế-` / `xã hội` stays. With a soft hyphen it is enough that one of them is none.
    """
    out = []
    for k, (upper, lower) in enumerate(zip(lines, lines[1:], strict=False)):
        first = _FIRST_HALF.search(upper, max(0, len(upper) - 40))
        second = _SECOND_HALF.match(lower)
        if not first or not second:
            continue
        word = first[1] + second[1]
        soft = upper.rstrip().endswith("\u00ad")
        parted = ok(first[1]) and ok(second[1])
        if in_case(word) and (ok(word) or (soft and not parted)):
            out.append(Hyphenated(k, first.start(1), second.end(1), word))
    return tuple(out)
