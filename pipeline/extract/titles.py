"""What a heading looks like, and what the part under it is about."""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import fuzz, process

from pipeline.extract.rules import load
from pipeline.text import fold, one_blank


def title_of(text: str) -> str:
    """A heading's words without the final `.` or `:`."""
    words = one_blank(text)
    bare = words.rstrip(".:")
    return words if len(bare) == len(words) else bare.rstrip()


def in_capitals(words: str) -> bool:
    """Whether nearly all letters are capitals, of the first 300 characters."""
    letters = [c for c in words[:300] if c.isalpha()]
    return len(letters) > 3 and sum(c.isupper() for c in letters) > 0.8 * len(letters)


def is_short(words: str) -> bool:
    """Whether a line before a list is a heading rather than a lead-in, though it ends in `:`."""
    return len(words.split()) <= 4 or in_capitals(words)


def looks_like_title(words: str) -> bool:
    """Whether a numbered paragraph before a plain one is its heading: no full stop, or one short sentence."""
    n = len(words.split())
    if in_capitals(words):
        return True
    if words.endswith((";", ",")):
        return False
    if words.endswith("."):
        return n <= 25 and ". " not in words[:-1] and (n <= 12 or fold(words).startswith("ve "))
    return n <= 60


def is_purpose(title: str) -> bool:
    """Whether a part of this title says what the plan is for, and so holds no task: `MỤC ĐÍCH, YÊU CẦU`, also misread."""
    words = re.sub(r"[^a-z ]+", " ", fold(title))
    words = one_blank(words)
    if not words or len(words) > 90:
        return False
    if words in _purposes() or (len(words) >= 7 and process.extractOne(words, _purposes(), scorer=fuzz.ratio, score_cutoff=86)):
        return True
    starts = words.startswith(("muc dich", "quan diem", "yeu cau")) or fuzz.ratio(words[:8], "muc dich") >= 87
    return starts and not any(a in words for a in _actions())


def opens_part(words: str) -> bool:
    """Whether words begin as the headings of parts do: `NỘI DUNG …`, `TỔ CHỨC THỰC HIỆN`."""
    return fold(words).lstrip().startswith((*_actions(), "muc dich", "muc tieu", "yeu cau", "kinh phi", "thoi gian"))


def is_formula(words: str) -> bool:
    """Whether an article of a decision only speaks of the decision: what it issues, its effect, who carries it out."""
    return any(r.pattern.fullmatch(r.read(words)) for r in load("outline").starting("formula."))


def is_outlook(title: str) -> bool:
    """Whether a part of a report is on what is to come: `PHƯƠNG HƯỚNG, NHIỆM VỤ THỜI GIAN TỚI`."""
    words = fold(title)
    return any(w in words for w in load("outline").folded("outlook"))


@cache
def _purposes() -> tuple[str, ...]:
    return tuple(sorted(one_blank(re.sub(r"[^a-z ]+", " ", w)) for w in load("outline").folded("purpose")))


@cache
def _actions() -> tuple[str, ...]:
    return ("noi dung", "nhiem vu", "giai phap", "to chuc thuc hien", "bien phap", "trach nhiem")
