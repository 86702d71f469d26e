"""What a pattern cannot match without: of a long text most patterns are told from the first look that they have nothing to find.

A search for `in` words is a hundred times faster than a pattern that ignores case and marks. Read from the pattern itself, so that no list
can grow apart from its rule.
"""

from __future__ import annotations

import re
from functools import cache
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from pipeline.text import fold

_MANY = 24  # words; a longer list is slower to look for than the pattern
_LISTS = 3  # of a pattern, those of the longest words first


Words = frozenset[str]


@cache
def needed(pattern: re.Pattern[str]) -> tuple[tuple[str, ...], ...]:
    """Lists of folded words; each match of the pattern holds one word of each list: `(?:trước|sau) khi` gives (sau, truoc), ( khi)."""
    lists = _of_sequence(parser.parse(pattern.pattern, pattern.flags))
    best = sorted(set(lists), key=lambda w: (-min(map(len, w)), len(w), sorted(w)))
    return tuple(tuple(sorted(w)) for w in best[:_LISTS])


def may_match(needs: tuple[tuple[str, ...], ...], folded: str) -> bool:
    """Whether a text, folded, holds what a pattern needs."""
    return all(any(w in folded for w in words) for words in needs)


def _of_sequence(items: Any) -> list[Words]:
    """The lists that the parts of a sequence need; runs of single letters are joined into words."""
    found: list[Words] = []
    run = ""
    for op, value in items:
        letter = _letter(op, value)
        if letter is not None:
            run += letter
            continue
        if run:
            found.append(frozenset([run]))
        run = ""
        found += _of_item(str(op), value)
    if run:
        found.append(frozenset([run]))
    return found


def _best(lists: list[Words]) -> Words:
    return max(lists, key=lambda w: (min(map(len, w)), -len(w), sorted(w)), default=frozenset())


def _letter(op: Any, value: Any) -> str | None:
    """The folded letter that one item of a pattern stands for; None where it may stand for several."""
    if str(op) == "LITERAL":
        return fold(chr(value))
    if str(op) == "IN" and all(str(o) == "LITERAL" for o, _ in value):
        letters = {fold(chr(v)) for _, v in value}
        return letters.pop() if len(letters) == 1 else None
    return None


def _of_item(op: str, value: Any) -> list[Words]:
    if op == "SUBPATTERN":
        return _of_sequence(value[3])
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_sequence(value[2]) if value[0] else []
    if op == "ATOMIC_GROUP":
        return _of_sequence(value)
    if op == "BRANCH":
        branches = [_best(_of_sequence(b)) for b in value[1]]
        every: Words = frozenset().union(*branches)
        return [every] if all(branches) and len(every) <= _MANY else []
    if op == "IN" and all(str(o) == "LITERAL" for o, _ in value):
        return [frozenset(fold(chr(v)) for _, v in value)]
    return []
