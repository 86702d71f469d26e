"""What a read token may stand for: words that the channel explains, and the token as it is.

Costs are nats. The figures below were set on pages of our own making and on the development samples, never on the held-out pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.grammar import (
    BREAK,
    CLASSES,
    DATE,
    LEAD,
    NUMBER,
    ROMAN,
    SLASHED,
    SYMBOL,
    WORD,
    Token,
    analyse,
    class_of,
    closes,
    cut,
)
from pipeline.repair.language import PROB_STEP
from pipeline.repair.lattice import UNITS
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.readings import STRONG, Candidate, Options, Place, Words
from pipeline.repair.shortened import known, stroked
from pipeline.repair.store import Model
from pipeline.repair.trie import INF, LONGEST_TOKEN, LOWER, TITLE, UPPER, Search
from pipeline.text import fold

KEPT = 60  # candidates of a token
WINDOW = 14.0  # and none that costs more than this above the cheapest
UNKNOWN, UNKNOWN_LETTER = 7.0, 1.6  # a word that is none of ours, and each of its letters
CAPITALS_ALONE, CAPITAL = 5.0, 1.2  # one in capitals among small words: an abbreviation, whose letters the reader knows
ONE_LETTER = 3.0  # a letter by itself: a variable, a unit, a point of an article
ABBREVIATION = 1.0  # one that is known, or that the document defines or repeats
STROKE = 6.0  # one with D that is known with Đ and not as it is
DIGITS = 4.0  # a number that is a word
SPLIT, JOIN = 4.0, 3.5
STRANGE_PART = 9.0  # a part of a slashed token that is no word
INNER = 12  # words tried for each part of a token that marks join
POOR = 6.0  # a token whose best word costs more may be two words, or half of one
ODD_FORM = 6.0
OTHER_ABBREVIATION = 3.0  # nats by which one in capitals is rather none of ours than another of ours: readers know those letters
# A token that is a word already is right oftener than its glyphs by themselves say. On development strips 1.25 would make fewer words wrong
# in all (1,343 of 119,574 rather than 1,365) and more right ones wrong (39 rather than 35 of 19,820).
RIGHT_AS_READ = 1.6
_LEAD_MARKS = frozenset(LEAD.replace("\\", ""))
_BULLET = re.compile(r"[-–—+•*·]")
_ENUMERATOR = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[a-zđ](?:\.\d{1,2})*\)|[IVX]+[.)/-]")
_NUMBERED = re.compile(r"\d{1,2}[.)]+[^\W\d_]{2}")
_CUT_SHORT = re.compile(r"([bcdfghklmnpqrstvxđ]{1,2}/)([^\W\d_]{3,})")
_PLAIN_MARKS = re.compile(r"[-–—…“”\"'‘’.,;:!?()]+|\.?/\.")
_INSIDE = re.compile(r"([-–/.,:;()]+)")
_MISREAD = re.compile(r"(?=.*\d)[\dOolI]{2,4}")
_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
AMONG_MARKS = 8.0  # a word read anew among clean ones
NOISE = frozenset("'’‘`´")  # small marks that are often a piece of a letter, or a speck
SPECK = 3.0  # a mark that was never printed
_DASH = str.maketrans({"—": "–", "―": "–"})


def _bodies(candidate: Candidate) -> list[str]:
    return [cut(word)[1] for word in candidate.words]


class Reader:
    """Candidates of tokens under one channel; remembers what it worked out."""

    def __init__(self, model: Model, search: Search, abbreviations: frozenset[str], alone: bool, right: float) -> None:
        """`alone`: tokens are taken one by one, neither joined nor parted; `right`: nats by which a word that is one stays rather."""
        self.model, self.search, self.abbreviations, self.alone, self.right = model, search, abbreviations, alone, right
        self._known: dict[tuple[str, Place], Options] = {}
        self._joined: dict[tuple[str, str, Place], Options] = {}
        self._form_cost = _form_costs(model)
        self._syllable = np.array([is_syllable(u) for u in model.units])

    def options(self, token: str, place: Place) -> Options:
        """All ways to read one token: at most `KEPT` words, the token as it is, and words joined or parted."""
        key = (token, place)
        got = self._known.get(key)
        if got is None:
            got = self._known[key] = self._fresh(token, place)
        return got

    def joined(self, left: str, right: str, place: Place) -> Options:
        """Ways to read two tokens as one syllable; a longer word (`Vietnam`) is not what the recogniser broke.

        Nor is a syllable that one of them is by its letters alone: it would swallow the other (`quyét sb` is no `quyết`).
        """
        key = (left, right, place)
        got = self._joined.get(key)
        if got is None:
            found: list[Candidate] = []
            if not closes(left, len(left) - 1) and not class_of(cut(left)[1]) and not class_of(cut(right)[1]):
                alone = {fold(cut(left)[1]), fold(cut(right)[1])}
                words = self._words(left + right, place, 12)
                found = [c for c in words if all(is_syllable(body.lower()) and fold(body) not in alone for body in _bodies(c))]
            got = self._joined[key] = Options.of([Candidate(c.words, c.units, c.cost + JOIN) for c in found])
        return got

    def _fresh(self, token: str, place: Place) -> Options:
        shape = analyse(token, self.model.index)
        kind = class_of(shape.body) if shape.body else None
        same = self._as_it_is(token, shape.units)
        if place.line and _BULLET.fullmatch(token):
            return Options.of([Candidate((token.translate(_DASH),), (self.model.index[BREAK],), 0.0)])
        if kind in (DATE, SYMBOL) or (place.line and _ENUMERATOR.fullmatch(token)):
            return Options.of([Candidate((token,), same, 0.0)])
        if not shape.body:
            return self._marks_alone(token, place)
        if place.marked and (kind or shape.body in self.abbreviations or all(u in self.model.index and u != WORD for u in shape.units)):
            return Options.of([Candidate((token,), same, 0.0)])
        marks = self._marks("lead", shape.lead) + self._marks("trail", shape.trail)
        if place.marked:
            return self._among_marks(token, place, shape, marks)
        if kind == NUMBER:
            out = [Candidate((token,), same, marks)]
            if not re.fullmatch(r"\d{1,3}", shape.body):
                return Options.of(out)
            return Options.of(out, self._found(token, place, KEPT), DIGITS)
        words = self._found(token, place, KEPT)
        out = []
        if kind in (ROMAN, SLASHED):
            doubt = 0.5
            if kind == SLASHED:  # `LAP/SUA` in a heading is two words, and so is `giao/diéu` anywhere
                parts = _INSIDE.split(shape.body)[::2]
                words_beside = sum(p.islower() and len(p) > 2 for p in parts) if any(map(self._strange, parts)) else 0
                doubt = 6.0 if place.capitals else doubt + STRANGE_PART * words_beside
                doubt += STROKE * bool(shape.body not in known() and stroked(shape.body))
            out.append(Candidate((token,), same, marks + doubt))
        else:
            out.append(Candidate((token,), same, marks + self._unknown(shape.body, place)))
        digits = shape.body.translate(_DIGITS)
        if kind is None and _MISREAD.fullmatch(shape.body) and class_of(digits) == NUMBER:
            out.append(Candidate((shape.lead + digits + shape.trail,), self._as_it_is(token, (NUMBER, *shape.units[1:])), marks + 2.0))
        out += [
            Candidate(
                (shape.lead + word + shape.trail,),
                self._as_it_is(token, analyse(word + shape.trail, self.model.index).units),
                marks + ABBREVIATION,
            )
            for word in stroked(shape.body)
        ]
        out += self._cut_short(shape, place, marks)
        out += self._compound(shape, place, marks)
        best = min([c.cost for c in out] + ([float(words.cost.min())] if words else []))
        if not self.alone and best > POOR and 4 <= len(token) <= 14 and kind is None:
            out += self._split(token, place)
        return Options.of(out, words)

    def _among_marks(self, token: str, place: Place, shape: Token, marks: float) -> Options:
        """A token that is no known word among clean ones: mostly a name; another reading must be much the likelier one."""
        same = Candidate((token,), self._as_it_is(token, shape.units), marks + self._unknown(shape.body, place))
        return Options.of([same], self._found(token, place, KEPT), AMONG_MARKS)

    def _marks_alone(self, token: str, place: Place) -> Options:
        """Marks without a letter or digit: as they are; one strange sign may be a word of one letter (`&` for ở)."""
        same = Candidate((token.translate(_DASH),), (), 0.0 if _PLAIN_MARKS.fullmatch(token) else 6.0)
        if _PLAIN_MARKS.fullmatch(token):
            return Options.of([same])
        return Options.of([same], self._found(token, place, KEPT))

    def _cut_short(self, shape: Token, place: Place, marks: float) -> list[Candidate]:
        """A first word cut down to its consonants, the second read in full: `th/hién` → `th/hiện`. The language model sees one class."""
        m = _CUT_SHORT.fullmatch(shape.body)
        if not m or not self._strange(m[2]):
            return []
        found = sorted((c.cost + 2 * self._rarity(c.units[0]), c.words[0]) for c in self._words(m[2], Place(), INNER))
        units = self._as_it_is("", (SLASHED, BREAK) if STRONG.search(shape.trail) else (SLASHED,))
        return [Candidate((shape.lead + m[1] + word + shape.trail,), units, marks + 0.5 * cost) for cost, word in found[:3]]

    def _compound(self, shape: Token, place: Place, marks: float) -> list[Candidate]:
        """Two or three words joined by marks inside one token: `dua-Khen`, `vé/xuat`, `Chi:dén`; a number by a slash: `0,5%/thang`."""
        parts = _INSIDE.split(shape.body)
        per = re.split("(/)", shape.body)
        if len(per) > 1 and class_of(per[0]) == NUMBER:
            parts = per if all(p.isalpha() and p.islower() and len(p) > 1 for p in per[2::2]) else []
        elif _NUMBERED.match(shape.body):  # the point of a list and its first word without a blank: `1.Sau`
            pass
        elif any(not any(c.isalpha() for c in p) for p in parts[::2]):
            return []
        if not 3 <= len(parts) <= 5:
            return []
        ways: list[tuple[float, str, tuple[int, ...]]] = [(marks + 1.0, shape.lead, ())]
        for k, part in enumerate(parts):
            if k % 2:
                stop = (self.model.index[BREAK],) if STRONG.search(part) else ()
                ways = [(c, t + part, u + stop) for c, t, u in ways]
                continue
            if class_of(part) == NUMBER:
                ways = [(c, t + part, (*u, self.model.index[NUMBER])) for c, t, u in ways]
                continue
            inner = Place(place.capitals, bool(k and STRONG.search(parts[k - 1])), False)
            found = sorted(self._words(part, inner, 4 * INNER), key=lambda c: c.cost + self._rarity(c.units[0]))[:INNER]
            options = [(c.cost, c.words[0], c.units) for c in found]
            options.append((self._unknown(part, place), part, self._as_it_is(part, analyse(part, self.model.index).units)))
            ways = [(c + d, t + w, u + v) for c, t, u in ways for d, w, v in options]
            ways = sorted(ways, key=lambda x: (x[0] + sum(map(self._rarity, x[2])), x))[:48]
        last = (self.model.index[BREAK],) if STRONG.search(shape.trail) else ()
        return [Candidate((t + shape.trail,), (u + last)[:UNITS], c) for c, t, u in ways]

    def _rarity(self, unit: int) -> float:
        """Half the −ln P of a unit by itself, in nats: what puts the few readings that are tried in order."""
        return 0.5 * float(self.model.language.prob1[unit]) * PROB_STEP

    def _strange(self, part: str) -> bool:
        """Whether a part of a slashed token is in small letters and no word."""
        return len(part) > 2 and part[1:].islower() and part.isalpha() and not is_syllable(part) and part.lower() not in self.model.index

    def _as_it_is(self, token: str, units: Sequence[str]) -> tuple[int, ...]:
        index = self.model.index
        return tuple(index.get(u, index[WORD]) for u in units)[:3]

    def _unknown(self, body: str, place: Place) -> float:
        if body in self.abbreviations or (body in known() and not (place.capitals and is_syllable(body))):
            return ABBREVIATION + STROKE * bool(body not in known() and stroked(body))
        if len(body) == 1 and body.isalpha():
            return ONE_LETTER
        if self.model.mixed.get(body.lower()) == body:
            return ABBREVIATION
        letters = sum(c.isalnum() for c in body)
        if body.isascii() and body.isalpha() and body.isupper() and not place.capitals:
            return CAPITALS_ALONE + CAPITAL * letters
        odd = sum(not c.isalnum() for c in body)
        return UNKNOWN + UNKNOWN_LETTER * letters + 2.5 * odd

    def _words(self, token: str, place: Place, keep: int) -> list[Candidate]:
        found = self._found(token, place, keep)
        return [found[k] for k in range(len(found))] if found else []

    def _found(self, token: str, place: Place, keep: int) -> Words | None:
        if len(token) > LONGEST_TOKEN:
            return None
        small = sum(c.islower() for c in token)
        if place.only or (place.capitals and small == 0 and sum(c.isupper() for c in token) > 1):
            forms: tuple[int, ...] = (UPPER,)
        elif place.capitals or (small == 0 and len(token) > 1):
            forms = (UPPER, TITLE, LOWER) if small else (UPPER, TITLE)
        elif sum(c.isupper() for c in token) >= 2:
            forms = (LOWER, TITLE, UPPER)
        elif place.sentence or not token[0].islower() or self.search.channel.may_be_large(token[0]):
            forms = (LOWER, TITLE)
        else:
            forms = (LOWER,)
        lead, trail = self._mark_costs(token)
        form_cost = self._form_cost[place.capitals, place.sentence]
        rows, cost = self.search.find(token, lead, trail, forms, form_cost, keep, WINDOW)
        if not len(cost) or cost[0] >= INF / 2:
            return None
        read = cut(token)[1].lower()
        own = self.model.index.get(read)
        if own is not None:
            same = rows[:, 1] == own
            for printed, share in self.model.whole.get(read, ()) if same.any() else ():
                there = rows[:, 1] == printed
                cost[there] = np.minimum(cost[there], cost[same].min() - np.float32(self.search.channel.weight * log(share)))
            cost[same] -= np.float32(self.right)
        body = cut(token)[1]
        if not place.capitals and len(body) > 1 and body.isascii() and body.isalpha() and body.isupper() and not is_syllable(body):
            cost[~self._syllable[rows[:, 1]] & (rows[:, 1] != own)] += np.float32(OTHER_ABBREVIATION)
            order = np.argsort(cost, kind="stable")
            rows, cost = rows[order], cost[order]
        marks = self._without_specks(token, "lead"), self._without_specks(token, "trail")
        return Words(token, rows, cost, marks, self.model.units, self.model.index[BREAK])

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
            if i and NOISE & set(token[:i]):
                lead[i] = min(lead[i], self._marks("lead", _cleaned(token[:i])) + SPECK)
        for i in range(n, 0, -1):
            if i < n and not closes(token, i):
                break
            trail[i] = self._marks("trail", token[i:])
            if i < n and NOISE & set(token[i:]):
                trail[i] = min(trail[i], self._marks("trail", _cleaned(token[i:])) + SPECK)
        return lead, trail

    def _without_specks(self, token: str, side: str) -> dict[int, str]:
        """Where leaving out specks is the cheaper reading of the marks before (behind) position i: the marks that remain."""
        out: dict[int, str] = {}
        if not NOISE & set(token):
            return out
        for i in range(len(token) + 1):
            text = token[:i] if side == "lead" else token[i:]
            marks = set(text) <= _LEAD_MARKS if side == "lead" else all(closes(text, k) for k in range(len(text)))
            if text and marks and NOISE & set(text):
                cleaned = _cleaned(text)
                if self._marks(side, cleaned) + SPECK < self._marks(side, text):
                    out[i] = cleaned
        return out

    def _marks(self, side: str, text: str) -> float:
        share = self.model.marks[side].get(text)
        if share:
            return -log(share)
        return 8.0 + sum(-log(self.model.marks[side].get(c, 1e-6)) * 0.3 for c in text)


def _cleaned(marks: str) -> str:
    return "".join(c for c in marks if c not in NOISE)


@lru_cache(maxsize=4)
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
    """Abbreviations that a document brings itself: in brackets (`(THADS)`, `(SEN)`), or in capitals three times and no syllable."""
    found: dict[str, int] = {}
    for token in tokens:
        lead, body, trail = cut(token)
        if 2 <= len(body) <= 12 and body.isalpha() and body.isupper():
            alone = "(" in lead and ")" in trail
            found[body] = found.get(body, 0) + (3 if alone else not is_syllable(body))
    return frozenset(b for b, n in found.items() if n >= 3) | frozenset(known)
