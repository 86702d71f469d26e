"""Codes inside the symbols of a scanned page (`454/QĐĐ-BXD`, `1163/CT-TTE`, `12⁄KH-UBND`): letters put right, digits never.

A code that no table holds becomes the only known one near enough: a kind, where the noun before the symbol tells which (`Tờ trình số
746/TTI-STC`), or a body. What a reader takes for what costs little (rules/identifiers.toml); anything dearer is believed only where the
recogniser doubted the word and the page does not print the same code again.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from pipeline.codes import bodies, kind_codes, kinds
from pipeline.document import Line, Word
from pipeline.text import bare, fold

# An edit within these costs by the length of the known code; CHEAP ones whatever the recogniser said, others below DOUBTED.
LIMITS, CHEAP, DOUBTED = {1: 0.0, 2: 0.45, 3: 0.7}, 0.35, 0.9
LONG_LIMIT, BY_NOUN, MARGIN = 1.0, 1.0, 0.05
SAME_LETTER, CONFUSED, ANY = 0.1, 0.3, 1.0
NOUN_WORDS = 4  # before the number
_SYMBOL = re.compile(
    r"(?P<head>\W{0,2}\d{1,5}[a-z]?(?:[/⁄](?:19|20)\d\d)?)(?P<slash>[/⁄∕]{1,2})(?P<codes>[^\W\d_][^\s/⁄]*?(?:[/⁄][^\s/⁄]*?)?)(?P<tail>[.,;:)\]”\"]*)"
)
_PARTS = re.compile(r"([-–)~=_:;]+)")


def mended_codes(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page with such codes put right; `raw`, boxes and confidence stay."""
    printed = Counter(p for line in lines for w in line.words if (m := _SYMBOL.fullmatch(w.text)) for p in _PARTS.split(m["codes"])[::2])
    return [_mended(line, lines[k - 1].words[-NOUN_WORDS:] if k else (), printed) for k, line in enumerate(lines)]


def _mended(line: Line, above: Sequence[Word], printed: Counter[str]) -> Line:
    changed: dict[int, str] = {}
    for k, word in enumerate(line.words):
        if ("/" in word.text or "⁄" in word.text) and not line.by_hand(word):
            before = " ".join(w.text for w in (*above, *line.words[:k])[-NOUN_WORDS:])
            text = mended_symbol(word.text, before, word.confidence or 1.0, printed)
            if text != word.text:
                changed[k] = text
    return with_texts(line, changed) if changed else line


def with_texts(line: Line, changed: Mapping[int, str]) -> Line:
    """The line with other texts for some of its words, by their index: one of two words parts it, an empty one takes it out."""
    words: list[Word] = []
    pieces: list[str] = []
    at = length = 0
    for k, word in enumerate(line.words):
        text, gap = changed.get(k, word.text), line.text[at : word.start]
        at = word.end
        for n, part in enumerate(text.split() if k in changed else [text]):
            before = (gap if n == 0 else " ") if words or n == 0 and k == 0 else ""
            pieces += (before, part)
            words.append(replace(word, text=part, start=length + len(before)))
            length += len(before) + len(part)
    return replace(line, text="".join(pieces) + line.text[at:], words=tuple(words))


def mended_symbol(text: str, before: str, confidence: float, printed: Counter[str]) -> str:
    """A symbol with its codes put right; anything else as it is. `before`: the words before it; `printed`: codes of the page, counted."""
    m = _SYMBOL.fullmatch(text)
    if m is None:
        return text.replace("⁄", "/")
    head, pieces = m["head"].replace("⁄", "/"), _PARTS.split(m["codes"])
    wanted = _of_noun(before)
    pieces[0] = _code(pieces[0], True, wanted, confidence, printed)
    if len(pieces) > 2 and pieces[0] in kind_codes(verified=True):  # behind a body stand its units, which no table holds
        pieces[2] = _code(pieces[2], False, wanted, confidence, printed)
    known = [p in bodies() or p in kind_codes(verified=True) for p in pieces[::2]]
    if len(pieces) == 3 and all(known):
        pieces[1] = "-"
    slash = "/" if any(known) else m["slash"].replace("⁄", "/")
    return head + slash + "".join(pieces) + m["tail"]


def _code(code: str, first: bool, wanted: frozenset[str], confidence: float, printed: Counter[str]) -> str:
    """The known code that was printed; the code itself where it is known or nothing is near enough."""
    lexicon = (kind_codes(verified=True) | bodies()) if first else bodies()
    if first and wanted and code not in kind_codes(verified=True):
        near = sorted((cost(code, c), c) for c in wanted)
        if near[0][0] <= (BY_NOUN if confidence < DOUBTED else CONFUSED + SAME_LETTER):
            return near[0][1]
    if not code or code in lexicon or code.replace("&", "") in lexicon:
        return code
    near = sorted((cost(code, c), c) for c in lexicon if abs(len(c) - len(code)) <= 2)
    if not near or (len(near) > 1 and near[1][0] - near[0][0] < MARGIN):
        return code
    dear, best = near[0]
    allowed = dear <= CHEAP or (confidence < DOUBTED and printed[code] < 2)
    return best if allowed and dear <= LIMITS.get(len(best), LONG_LIMIT) else code


def cost(read: str, known: str) -> float:
    """Weighted edit distance: a letter read twice (`QĐĐ`, `TTEg`), or a mark that is no letter, is one confusion."""
    above = [ANY * j for j in range(len(known) + 1)]
    for i, r in enumerate(read):
        twice = any(0 <= k < len(read) and _swap(r, read[k]) <= CONFUSED for k in (i - 1, i + 1))
        extra = CONFUSED if not r.isalnum() or twice else ANY
        row = [above[0] + extra]
        for j, c in enumerate(known):
            row.append(min(above[j] + _swap(r, c), above[j + 1] + extra, row[j] + ANY))
        above = row
    return above[-1]


def _swap(read: str, known: str) -> float:
    if read == known:
        return 0.0
    if bare(read).lower() == bare(known).lower():
        return SAME_LETTER
    return CONFUSED if {(read, known), (read.upper(), known.upper())} & _confused() else ANY


@cache
def _confused() -> frozenset[tuple[str, str]]:
    rules = tomllib.loads(files("pipeline").joinpath("rules/identifiers.toml").read_text(encoding="utf-8"))["confusable"]
    return frozenset(p for pair in (*rules["pairs"], *rules["scanned"]) for p in ((pair[0], pair[1]), (pair[1], pair[0])))


@cache
def _of_noun(before: str) -> frozenset[str]:
    """The codes of the kind of document that the words before a symbol end with: `theo Tờ trình số` → TTr."""
    words = fold(before).split()
    words = words[:-1] if words and re.fullmatch(r"s\w{1,2}[.:]?", words[-1]) else words
    said = " " + " ".join(words)
    sure = kind_codes(verified=True)
    ends = [(len(k.noun), k.code) for k in kinds() if k.code in sure and said.endswith(" " + fold(k.noun))]
    return frozenset(c for n, c in ends if n == max(ends)[0])
