"""Patterns of `rules/*.toml` for running print, in which a letter may have lost its marks.

`trước ngày` also matches `truoc ngay`; a mark that the pattern does not have never matches (`quy` is not `quý`). Letter case does
not count. Offsets stay those of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from pipeline.extract.literals import may_match, needed
from pipeline.extract.rules import load
from pipeline.text import bare


@dataclass(frozen=True, slots=True)
class Phrase:
    """One rule: `role` says who uses it, `means` what it stands for there, `strength` how sure its finds are (0..1)."""

    id: str
    role: str
    means: str
    regex: re.Pattern[str]
    strength: float = 1.0
    needs: tuple[tuple[str, ...], ...] = ()  # lists of folded words; each find holds one of each

    def finds(self, text: str, folded: str) -> Iterator[re.Match[str]]:
        """All finds in a text; `folded` is the text folded."""
        return self.regex.finditer(text) if may_match(self.needs, folded) else iter(())


def lenient(pattern: str) -> str:
    """The pattern with every marked letter allowed to lack marks: `quý` → `qu[ýy]`."""
    out: list[str] = []
    in_class = escaped = False
    for ch in unicodedata.normalize("NFC", pattern):
        if escaped:
            escaped = False
            out.append(ch)
        elif ch == "\\":
            escaped = True
            out.append(ch)
        elif ch in "[]":
            in_class = ch == "["
            out.append(ch)
        elif ord(ch) > 127 and ch.isalpha():
            forms = "".join(less_marked(ch))
            out.append(forms if in_class else f"[{forms}]")
        else:
            out.append(ch)
    return "".join(out)


@cache
def less_marked(ch: str) -> tuple[str, ...]:
    """The letter with each subset of its marks: `ế` → ế, ê, é, e."""
    if ch in "đĐ":
        return (ch, bare(ch))
    base, *marks = tuple(unicodedata.normalize("NFD", ch))
    forms = {unicodedata.normalize("NFC", base + "".join(some)) for n in range(len(marks) + 1) for some in combinations(marks, n)}
    return tuple(sorted(forms, reverse=True))


@cache
def phrases(name: str) -> tuple[Phrase, ...]:
    """The rules of `rules/<name>.toml` in their order."""
    out = []
    for rule in load(name).rules:
        values = dict(rule.values)
        flags = re.NOFLAG if values.get("case") == "exact" else re.IGNORECASE
        regex = re.compile(lenient(rule.pattern.pattern), flags)
        strength = float(values.get("strength", "1"))
        out.append(Phrase(rule.id, values.get("role", ""), values.get("means", ""), regex, strength, needed(regex)))
    return tuple(out)


@cache
def role(name: str, wanted: str) -> tuple[Phrase, ...]:
    """The phrases of one role, in their order."""
    return tuple(p for p in phrases(name) if p.role == wanted)


@cache
def phrase(name: str, rule_id: str) -> Phrase:
    """One phrase by the id of its rule; raises KeyError."""
    for p in phrases(name):
        if p.id == rule_id:
            return p
    raise KeyError(f"{name}.toml: {rule_id}")
