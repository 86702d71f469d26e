"""What a pattern cannot match without: of a long text most patterns are told from the first look that they have nothing to find.

A search for `in` words is a hundred times faster than a pattern that ignores case and marks. Read from the pattern itself, so that no list
can grow apart from its rule.
"""

from __future__ import annotations

import re
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from pipeline.text import fold

_MANY = 24  # alternatives; a longer list is slower to look for than the pattern


def needed(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Folded words of which each match of the pattern holds one at least: `(?:trước|sau) khi` gives ` khi`; () where none is sure."""
    return tuple(sorted(_of_sequence(parser.parse(pattern.pattern, pattern.flags)) or ()))


def _of_sequence(items: Any) -> frozenset[str] | None:
    """The best any-of list among the parts of a sequence; runs of single letters are joined into words."""
    found: list[frozenset[str]] = []
    run = ""
    for op, value in items:
        letter = _letter(op, value)
        if letter is not None:
            run += letter
            continue
        if run:
            found.append(frozenset([run]))
        run = ""
        one = _of_item(str(op), value)
        if one:
            found.append(one)
    if run:
        found.append(frozenset([run]))
    return max(found, key=lambda w: (min(map(len, w)), -len(w)), default=None)


def _letter(op: Any, value: Any) -> str | None:
    """The folded letter that one item of a pattern stands for; None where it may stand for several."""
    if str(op) == "LITERAL":
        return fold(chr(value))
    if str(op) == "IN" and all(str(o) == "LITERAL" for o, _ in value):
        letters = {fold(chr(v)) for _, v in value}
        return letters.pop() if len(letters) == 1 else None
    return None


def _of_item(op: str, value: Any) -> frozenset[str] | None:
    if op == "SUBPATTERN":
        return _of_sequence(value[3])
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _of_sequence(value[2]) if value[0] else None
    if op == "ATOMIC_GROUP":
        return _of_sequence(value)
    if op == "BRANCH":
        branches = [_of_sequence(b) for b in value[1]]
        every = frozenset().union(*(b for b in branches if b))
        return every if all(branches) and len(every) <= _MANY else None
    if op == "IN" and all(str(o) == "LITERAL" for o, _ in value):
        return frozenset(fold(chr(v)) for _, v in value)
    return None
