"""What a cited document is about: the words after `về (việc)`, or from the participle beside the citation on."""

from __future__ import annotations

import re
from functools import cache

from pipeline.extract import authority
from pipeline.extract.rules import alternatives, load

MAX = 700  # characters; a longer subject has lost its end


@cache
def _openers() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    rules = load("citations")
    about = re.compile(rf"\s*,?\s*(?:{alternatives(rules.words('about'))})\s+(?=\S)", re.IGNORECASE)
    weak = re.compile(rf"\s*(?=(?:{alternatives(rules.words('participles'))})(?!\w))", re.IGNORECASE)
    strong = re.compile(rf"\s*(?=(?:{alternatives(rules.words('strong_participles'))})(?!\w))", re.IGNORECASE)
    return about, weak, strong


@cache
def _after_comma() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{alternatives(load('citations').words('after_comma'))})(?!\w)", re.IGNORECASE)


def subject_span(text: str, folded: str, at: int, following: list[tuple[int, int]], directly: bool) -> tuple[int, int] | None:
    """The subject that begins at `at`; `following`: (noun, symbol) starts of the next mentions; `directly`: nothing stands between."""
    about, weak, strong = _openers()
    m = about.match(text, at)
    if m is None:
        m = (strong if directly else weak).match(text, at)
    if m is None:
        return None
    start = m.end()
    end = _end(text, folded, start, following)
    end = start + len(text[start:end].rstrip(" ,;:.-–"))
    return (start, end) if end - start >= 3 else None


def _end(text: str, folded: str, start: int, following: list[tuple[int, int]]) -> int:
    """Where the subject ends: `;`, the sentence's end, a comma of the main clause, the next citation of a list."""
    nouns = {noun for noun, _ in following}
    depth = quotes = 0
    k = start
    stop = min(len(text), start + MAX)
    while k < stop:
        c = text[k]
        if c in "“«":
            quotes += 1
        elif c in "”»":
            if not quotes:
                return k
            quotes -= 1
        elif c == '"':
            quotes = 1 - min(quotes, 1)
        elif c == "(":
            if re.match(r"\((?:sau day|goi tat|duoc gui|viet tat|kem theo|co |ban hanh kem)", folded[k : k + 20]):
                return k
            depth += 1
        elif c == ")":
            if not depth:
                return k
            depth -= 1
        elif c == "\n":
            return k
        elif not quotes and not depth:
            if c == ";" or (c == ":" and k > start):
                return k
            if c == "." and (
                k + 1 == len(text)
                or text[k + 1] in "\n/"
                or (text[k + 1] == " " and text[k + 2 : k + 3].isupper() and not re.search(r"(?:TP|Tp|TX|TT|P|Q)$", text[start:k]))
            ):
                return k
            if c == "," and _comma_ends(text, folded, k, nouns):
                return k
            if c == " " and (_PROPOSED.match(folded, k) or _joins_citation(folded, k, nouns) or folded.startswith(" qua do", k)):
                return k
        k += 1
    return stop


def _joins_citation(folded: str, k: int, nouns: set[int]) -> bool:
    """Whether ` và Thông tư số …` goes on with a list of citations."""
    m = re.compile(r" (?:va|cung|hoac)\s+(?:cac\s+)?").match(folded, k)
    return m is not None and m.end() in nouns


# `… và đề xuất của Giám đốc Sở X tại Công văn số …` is of the sentence, not of the subject.
_PROPOSED = re.compile(r" (?:va|,) (?:theo |xet )?(?:de nghi|de xuat|y kien) cua ")


@cache
def _clause() -> re.Pattern[str]:
    """A body and what it does: the main clause after a subject."""
    return re.compile(rf"[^,;.\n]{{2,120}}?\s(?:{alternatives(load('citations').folded('clause_verbs'))})\b")


def _comma_ends(text: str, folded: str, k: int, nouns: set[int]) -> bool:
    at = k + 1
    while at < len(text) and text[at] == " ":
        at += 1
    m = re.compile(r"(?:va\s+)?(?:cac\s+)?").match(folded, at)
    if at in nouns or (m is not None and m.end() in nouns):
        return True
    if _after_comma().match(text, at):
        return True
    if text[at : at + 1].isupper() and authority.opens_body(text[at : at + 40]):
        return bool(_clause().match(folded[at : at + 140]))
    return bool(re.match(r"so\s+\d", folded[at:]))
