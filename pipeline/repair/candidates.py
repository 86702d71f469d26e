"""What a read token may stand for: words that the channel explains, and the token as it is.

Costs are nats. The figures below were set on pages of our own making and on the development samples, never on the held-out pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.grammar import (
    BREAK,
    CAPITALS,
    CLASSES,
    DATE,
    LEAD,
    NUMBER,
    ROMAN,
    SLASHED,
    SYMBOL,
    TRAIL,
    WORD,
    analyse,
    class_of,
    cut,
)
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.store import Model
from pipeline.repair.trie import INF, LONGEST_TOKEN, LOWER, TITLE, UPPER, Search

KEPT = 60  # candidates of a token
UNKNOWN, UNKNOWN_LETTER = 5.0, 1.3  # a word that is none of ours, and each of its letters
ABBREVIATION = 1.0  # one that the document defines or repeats
DIGITS = 4.0  # a number that is a word
SPLIT, JOIN = 5.0, 5.0
POOR = 6.0  # a token whose best word costs more may be two words, or half of one
ODD_FORM = 6.0
_STRONG = re.compile(r"[.;:!?…]")
_LEAD_MARKS = frozenset(LEAD.replace("\\", ""))
_TRAIL_MARKS = frozenset(TRAIL.replace("\\", ""))
_DASH = str.maketrans({"—": "–", "―": "–"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token stands: in a line of capitals, at the beginning of a sentence, of a line."""

    capitals: bool = False
    sentence: bool = False
    line: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a token: its text (one or two words), the units that the language model sees, and the cost of the channel."""

    words: tuple[str, ...]
    units: tuple[int, ...]
    cost: float
    printed: str = ""  # the word without its marks, where the channel made it; adaptation learns from these
    read: str = ""


class Reader:
    """Candidates of tokens under one channel; remembers what it worked out."""

    def __init__(self, model: Model, search: Search, abbreviations: frozenset[str] = frozenset()) -> None:
        self.model, self.search, self.abbreviations = model, search, abbreviations
        self._known: dict[tuple[str, Place], list[Candidate]] = {}
        self._form_cost = _form_costs(model)

    def candidates(self, token: str, place: Place) -> list[Candidate]:
        """All ways to read one token, cheapest first, at most `KEPT` and the token as it is."""
        key = (token, place)
        got = self._known.get(key)
        if got is None:
            got = self._known[key] = sorted(self._fresh(token, place), key=lambda c: c.cost)
        return got

    def joined(self, left: str, right: str, place: Place) -> list[Candidate]:
        """Ways to read two tokens as one word."""
        if len(left) + len(right) > 8 or left[-1] in _TRAIL_MARKS or class_of(cut(left)[1]) or class_of(cut(right)[1]):
            return []
        found = self._words(left + right, place, 12)
        return [Candidate(c.words, c.units, c.cost + JOIN) for c in found]

    def _fresh(self, token: str, place: Place) -> list[Candidate]:
        shape = analyse(token, self.model.index)
        kind = class_of(shape.body) if shape.body else None
        same = self._as_it_is(token, shape.units)
        if kind in (DATE, SYMBOL) or (kind == NUMBER and place.line and shape.trail[:1] in (".", ")")):
            return [Candidate((token,), same, 0.0)]
        if not shape.body and (shape.lead or shape.trail):
            return [Candidate((token.translate(_DASH),), same, 0.0)]
        out = []
        if kind == NUMBER:
            out = [Candidate((token,), same, 0.0)]
            if not re.fullmatch(r"\d{1,3}", shape.body):
                return out
            found = self._words(token, place, KEPT)
            return out + [Candidate(c.words, c.units, c.cost + DIGITS, c.printed, c.read) for c in found]
        if kind in (ROMAN, SLASHED):
            out.append(Candidate((token,), same, 0.5))
        out += self._words(token, place, KEPT)
        if kind is None:
            out.append(Candidate((token,), same, self._unknown(shape.body, place)))
        best = min(c.cost for c in out)
        if best > POOR and 4 <= len(token) <= 14 and kind is None:
            out += self._split(token, place)
        return out

    def _as_it_is(self, token: str, units: Sequence[str]) -> tuple[int, ...]:
        index = self.model.index
        return tuple(index.get(u, index[WORD]) for u in units)[:3]

    def _unknown(self, body: str, place: Place) -> float:
        if body in self.abbreviations:
            return ABBREVIATION
        letters = sum(c.isalnum() for c in body)
        odd = sum(not c.isalnum() for c in body)
        return UNKNOWN + UNKNOWN_LETTER * letters + 2.5 * odd

    def _words(self, token: str, place: Place, keep: int) -> list[Candidate]:
        if len(token) > LONGEST_TOKEN:
            return []
        lead, trail = self._mark_costs(token)
        small = sum(c.islower() for c in token)
        if place.capitals or (small == 0 and len(token) > 1):
            forms: tuple[int, ...] = (UPPER, TITLE, LOWER) if small else (UPPER, TITLE)
        elif sum(c.isupper() for c in token) >= 2:
            forms = (LOWER, TITLE, UPPER)
        else:
            forms = (LOWER, TITLE)
        out = []
        for form, cost, first, last in self.search.units(token, lead, trail, forms):
            total = cost + self._form_cost[place.capitals, place.sentence][form]
            near = np.argpartition(total, keep)[:keep] if len(total) > keep else np.arange(len(total))
            out += [(float(total[u]), int(u), form, int(first[u]), int(last[u])) for u in near if total[u] < INF / 2]
        out.sort()
        index = self.model.index
        made = []
        for cost, unit, form, a, b in out[:keep]:
            word = self.model.units[unit]
            word = word if form == LOWER else word[0].upper() + word[1:] if form == TITLE else word.upper()
            end = len(token) - b
            units = (unit, index[BREAK]) if _STRONG.search(token[end:]) else (unit,)
            made.append(Candidate((token[:a] + word + token[end:],), units, cost, word, token[a:end]))
        return made

    def _split(self, token: str, place: Place) -> list[Candidate]:
        out = []
        for k in range(2, len(token) - 1):
            left, right = self._words(token[:k], place, 4), self._words(token[k:], place, 4)
            for a in left:
                for b in right:
                    if len(a.units) == 1:
                        out.append(Candidate(a.words + b.words, a.units + b.units, a.cost + b.cost + SPLIT))
        out.sort(key=lambda c: c.cost)
        return out[:20]

    def _mark_costs(self, token: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        n = len(token)
        lead, trail = np.full(n + 1, INF, np.float32), np.full(n + 1, INF, np.float32)
        for i in range(n):
            if i and token[i - 1] not in _LEAD_MARKS:
                break
            lead[i] = self._marks("lead", token[:i])
        for i in range(n, 0, -1):
            if i < n and token[i] not in _TRAIL_MARKS:
                break
            trail[i] = self._marks("trail", token[i:])
        return lead, trail

    def _marks(self, side: str, text: str) -> float:
        share = self.model.marks[side].get(text)
        if share:
            return -log(share)
        return 8.0 + sum(-log(self.model.marks[side].get(c, 1e-6)) * 0.3 for c in text)


def _form_costs(model: Model) -> dict[tuple[bool, bool], NDArray[np.float32]]:
    """Cost of each case form of each unit, by (line of capitals, beginning of a sentence)."""
    f = model.forms
    plain = np.array([u in CLASSES or is_syllable(u) for u in model.units])
    lower, title, upper = f[:, 0] + 0.5, f[:, 1] + 0.2, np.where(plain, 0.0, f[:, 2] + f[:, 3]) + 0.02
    total = lower + title + upper
    normal = -np.log(np.stack([lower, title, upper]) / total)
    normal[2] = np.where(plain, np.maximum(normal[2], ODD_FORM), normal[2])
    first = normal.copy()
    first[0] = np.where(plain, 3.0, normal[0])
    first[1] = np.where(plain, 0.2, normal[1])
    capitals = np.zeros_like(normal)
    capitals[0], capitals[1] = 5.0, 4.0
    rows = {(False, False): normal, (False, True): first, (True, False): capitals, (True, True): capitals}
    return {k: v.astype(np.float32) for k, v in rows.items()}


def defined_abbreviations(tokens: Sequence[str], known: Sequence[str] = ()) -> frozenset[str]:
    """Abbreviations that a document brings itself: in brackets (`(THADS)`), or in capitals three times and no syllable."""
    found: dict[str, int] = {}
    for token in tokens:
        lead, body, trail = cut(token)
        if 2 <= len(body) <= 12 and body.isalpha() and body.isupper() and not is_syllable(body):
            found[body] = found.get(body, 0) + (3 if "(" in lead and ")" in trail else 1)
    return frozenset(b for b, n in found.items() if n >= 3) | frozenset(known)


__all__ = ["CAPITALS", "Candidate", "Place", "Reader", "defined_abbreviations"]
