"""Numbers looked at again: what no language model can mend is read a second and a third time, and the readings vote on its digits.

Only words that hold a number or stand where one must (`ngày … tháng … năm …`, behind `số`), and of them those that the recogniser doubted
or that cannot be (`ngày 92`), are cut out with a word to either side. A number on which no two readings agree stays as it was first read,
with little confidence and the others as its alternatives: a wrong number is worse than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import cv2
import numpy as np

from pipeline import settings
from pipeline.codes import known as known_codes
from pipeline.document import RUNNING, Alternative, Box, Line, Word
from pipeline.layout.order import Token
from pipeline.legacy import is_syllable
from pipeline.ocr.again import of_words, pieces_around, script_model, shared
from pipeline.ocr.tesseract import recognise_parts
from pipeline.text import fold

# Confidence below which a number is doubted, on a page that was read well and on one that was read badly, and the mean confidence of
# all words that parts the two. Chosen on the development half of pipeline.evaluate.typeset.
DOUBTED, DOUBTED_ON_BAD_PAGE, BAD_PAGE = 0.8, 0.955, 0.94
NO_TWO_AGREE = 0.3  # the most that a number is believed on which no two readings agree
ALONE = 0.55  # the most that one is believed which a single reading makes possible
AGREED = 0.65  # the least that one is believed on which all readings agree: enough to be cited, not to be a document's own number
LARGER = 1.5  # of the readings that follow while no two agree
MOST_PARTS = 60
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](?:19|20)\d\d)?")
_SYMBOL = re.compile(
    r"\d{1,5}[a-z]?(?:/(?:19|20)\d\d)?[/-](?=[A-ZĐ])(?P<codes>[A-Za-zĐ\d&]+(?:[-/][A-Za-zĐ\d&]+)*)|\d+[a-z]?/(?:19|20)\d\d/QH\d{1,2}"
)
_OPEN_SYMBOL = re.compile(r"\d{1,5}[a-z]?(?:/(?:19|20)\d\d)?[/-][A-ZĐ].*")
_MARKER = re.compile(r"[A-Za-zĐđ]?\.?\d{1,3}[a-zđ]?(?:\.\w{1,3})*")  # of a list or an article: `b.1`, `13.2.TT.27.4`, `01a`
_LEADING = re.compile(r"^[-–~_'‘’`]+(?=\d)")  # dust before a number
_NUMBER_PART = re.compile(r"(?=\D{0,2}\d)[^\s/.,;:-]{2,5}")
_LIKE_DIGITS = str.maketrans("IÍÌÏl¡iOoÔÖZzSB|", "1111111000022581")  # what a reader writes for a digit
_MARKS = ".,;:!?()[]“”\"'’…"
_STROKES = str.maketrans({"⁄": "/", "∕": "/", "–": "-"})
_BEFORE = {"ngay": 31, "thang": 12, "nam": 0}  # what stands before a part of a date, and the most that it can be
_YEAR = r"19[4-9]\d|20[0-4]\d"
_MONTH = re.compile(rf"(?:(\d{{1,2}})|I{{1,3}}|IV)/(?:{_YEAR})")  # `tháng 5/2024`, `quý III/2018`
_OPENING = re.compile(r"\d{1,2}(?:\.\d{1,2})*[/-]|-\d{1,3}-")  # what only opens a line: `1/`, `2.1-`, a page number


@dataclass(frozen=True, slots=True)
class _Seen:
    """One reading of a place; `tokens` empty where it is the first one."""

    text: str
    confidence: float
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Words `first` to `last - 1` of a line, behind the word `before`, and how they were read: first of all, and again."""

    first: int
    last: int
    before: str
    readings: tuple[_Seen, ...]

    def votes(self) -> list[list[_Seen]]:
        """Readings that can be, those of the same digits together: most readings first, surest first."""
        by_digits: dict[str, list[_Seen]] = {}
        for seen in map(self._cleaned, self.readings):
            if _all_possible(seen.text, self.before, False):
                by_digits.setdefault(_digits(seen.text), []).append(seen)
        return sorted(by_digits.values(), key=lambda v: (-len(v), -max(x.confidence for x in v)))

    def _cleaned(self, seen: _Seen) -> _Seen:
        """A reading without dust before its numbers, and with digits for letters of their shape where it can be nothing else."""
        words: list[str] = []
        for word in seen.text.split():
            before = words[-1] if words else self.before
            word = _LEADING.sub("", word)
            if _matters(word, before) and not is_possible(word, before, False):
                m = _NUMBER_PART.match(word)
                told = m[0].translate(_LIKE_DIGITS) + word[m.end() :] if m else word
                word = told if is_possible(told, before, False) else word
            words.append(word)
        return replace(seen, text=" ".join(words), confidence=seen.confidence * (1.0 if " ".join(words) == seen.text else 0.8))

    @property
    def of_weight(self) -> bool:
        """Whether it is a symbol or part of a date, which is worth more looks than a number of a list."""
        return "/" in self.readings[0].text.translate(_STROKES) or fold(self.before.strip(_MARKS)) in (*_BEFORE, "so")

    @property
    def alike(self) -> bool:
        """Whether at least three readings, of two models, are the same to the letter: a number of a form not known (`8215:2009`)."""
        dated = fold(self.before.strip(_MARKS)) in _BEFORE
        return not dated and len(self.readings) > 2 and len({_key(x.text) for x in self.readings}) == 1

    @property
    def settled(self) -> bool:
        """Whether two readings agree on digits that can be, more than on any others, and on codes that are known or that three read."""
        votes = self.votes()
        if not votes or len(votes[0]) < 2 or (len(votes) > 1 and len(votes[1]) == len(votes[0])):
            return False
        alike = max(sum(_key(x.text) == _key(y.text) for y in votes[0]) for x in votes[0])
        return alike > 2 or any(_all_possible(x.text, self.before, True) for x in votes[0])


def numbers_again(image: np.ndarray, lines: list[Line], dpi: int, limits: settings.Ocr) -> list[Line]:
    """The lines of a page with doubted numbers read again on its grey image (H, W); all else as it is.

    Each piece is read until two readings agree on a number that can be. Nothing is read again where `look_again_below` is 0.
    """
    known = [w.confidence for line in lines for w in line.words if w.confidence is not None]
    if limits.look_again_below <= 0 or not known:
        return lines
    below = DOUBTED_ON_BAD_PAGE if fmean(known) < BAD_PAGE else DOUBTED
    doubted = {k: d for k, line in enumerate(lines) if line.kind in RUNNING and (d := _doubted(line, below))}
    spans = [(k, first, last) for k, found in doubted.items() for first, last in pieces_around(found, len(lines[k].words))][:MOST_PARTS]
    parts = [_part(image, lines[k].words[first:last]) for k, first, last in spans]
    again: list[list[list[Token]]] = [[] for _ in spans]
    places: list[list[_Place]] = [[] for _ in spans]
    for look, (languages, scale) in enumerate(_looks(limits)):
        open_ = [n for n, found in enumerate(places) if not found or not all(p.settled for p in found if look < 2 or p.of_weight)]
        if not open_:
            break
        for n, tokens in zip(open_, _read(image, [parts[n] for n in open_], dpi, replace(limits, languages=languages), scale), strict=True):
            again[n].append(tokens)
            k, first, last = spans[n]
            places[n] = _places(lines[k], first, last, doubted[k], again[n])
    found: dict[int, list[_Place]] = {}
    for (k, _, _), here in zip(spans, places, strict=True):
        found.setdefault(k, []).extend(here)
    return [_voted(line, found[k]) if k in found else line for k, line in enumerate(lines)]


def _looks(limits: settings.Ocr) -> list[tuple[str, float]]:
    """Models and scales of the further readings, in turn."""
    other = script_model(limits) or limits.languages
    looks = [(limits.languages, 1.0), (other, 1.0), (other, LARGER), (limits.languages, LARGER)]
    return list(dict.fromkeys(looks))


def _read(image: np.ndarray, parts: list[Box], dpi: int, limits: settings.Ocr, scale: float) -> list[list[Token]]:
    """The words of parts of an image made so much larger, their boxes in its own pixels."""
    if scale == 1:
        return recognise_parts(image, parts, dpi, limits)
    larger = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    read = recognise_parts(larger, [_scaled(b, scale) for b in parts], round(dpi * scale), limits)
    return [[replace(t, box=_scaled(t.box, 1 / scale)) for t in tokens] for tokens in read]


def _scaled(b: Box, by: float) -> Box:
    return Box(int(b.left * by), int(b.top * by), int(b.right * by), int(b.bottom * by))


def _doubted(line: Line, below: float) -> list[int]:
    """Which words of a line are numbers that ask for another look."""
    words = line.words
    out = []
    for k, word in enumerate(words):
        before = words[k - 1].text if k else ""
        if word.box is None or word.confidence is None or not _matters(word.text, before):
            continue
        if word.confidence < below or not is_possible(word.text, before):
            out.append(k)
    return out


def _matters(text: str, before: str) -> bool:
    """Whether a word holds a number, or stands where one must."""
    if any(c.isdigit() for c in text):
        return True
    return fold(before.strip(_MARKS)) in (*_BEFORE, "so") and not is_syllable(text.strip(_MARKS).lower()) and any(map(str.isalnum, text))


def is_possible(text: str, before: str, known: bool = True) -> bool:
    """Whether a word can be a number, date or symbol behind the word `before`: `ngày 92` cannot. `known`: its codes must be, too."""
    body = text.translate(_STROKES).strip(_MARKS + " ").removesuffix("./")
    place = fold(before.strip(_MARKS))
    if place in _BEFORE and _NUMBER.fullmatch(body):
        return bool(re.fullmatch(_YEAR, body)) if place == "nam" else body.isdigit() and 1 <= int(body) <= _BEFORE[place]
    if m := _DATE.fullmatch(body):
        return int(m[1]) <= 31 and 1 <= int(m[2]) <= 12
    if m := _MONTH.fullmatch(body):
        return place not in ("ngay", "nam") and (m[1] is None or 1 <= int(m[1]) <= (4 if place == "quy" else 12))
    if place in _BEFORE:
        return False
    if m := _SYMBOL.fullmatch(body):
        return not known or m["codes"] is None or all(is_code(c) for c in re.split("[-/]", m["codes"]))
    if _NUMBER.fullmatch(body) or _MARKER.fullmatch(body) or (not place and _OPENING.fullmatch(body)):
        return True
    return not any(c.isdigit() for c in body) or (not known and bool(_OPEN_SYMBOL.fullmatch(body)))


def is_code(code: str) -> bool:
    """Whether a part of a symbol is the code of a kind or a body that a table holds, or a unit's number."""
    return code.replace("&", "") in known_codes() or bool(re.fullmatch(r"\d{1,4}|(?:QH|UBTVQH)\d{1,2}", code))


def _part(image: np.ndarray, words: Sequence[Word]) -> Box:
    boxes = [w.box for w in words if w.box is not None]
    around = Box.around(boxes)
    assert around is not None
    tall = float(np.median([b.bottom - b.top for b in boxes]))
    pad = round(0.3 * tall)
    middle = float(np.median([(b.top + b.bottom) / 2 for b in boxes]))
    top, bottom = max(around.top, round(middle - 0.9 * tall)), min(around.bottom, round(middle + 0.9 * tall))
    height, width = image.shape
    return Box(max(0, around.left - pad), max(0, top - pad), min(width, around.right + pad), min(height, bottom + pad))


def _key(text: str) -> str:
    return "".join(text.translate(_STROKES).split()).strip(_MARKS)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _places(line: Line, first: int, last: int, doubted: Sequence[int], again: Sequence[list[Token]]) -> list[_Place]:
    """The places of a piece where a doubted word stands: words joined as far as any reading joins or parts them."""
    out: list[_Place] = []
    for k in doubted:
        if not first <= k < last or (out and k < out[-1].last):
            continue
        a, b = k, k + 1
        while True:
            left, right = (x.box for x in (line.words[a], line.words[b - 1]))
            if left is None or right is None:
                break
            touched = [[t for t in tokens if shared(t.box, left.left, right.right)] for tokens in again]
            reach = [t.box for tokens in touched for t in tokens]
            wider = [n for n in range(first, last) if (w := line.words[n].box) and any(shared(w, r.left, r.right) for r in reach)]
            c, d = min([a, *wider]), max([b - 1, *wider]) + 1
            if (c, d) == (a, b):
                break
            a, b = c, d
        own = line.words[a:b]
        readings = [_Seen(" ".join(w.text for w in own), min(w.confidence or 0.0 for w in own))]
        for tokens in touched:
            row = sorted(tokens, key=lambda t: t.box.left)
            if row:
                readings.append(_Seen(" ".join(t.text for t in row), min(t.confidence for t in row), tuple(row)))
        out.append(_Place(a, b, line.words[a - 1].text if a else "", tuple(readings)))
    return out


def _voted(line: Line, places: Sequence[_Place]) -> Line:
    """The line with what its readings agree on in each place."""
    words = list(line.words)
    for place in reversed(places):
        words[place.first : place.last] = _chosen(words[place.first : place.last], place)
    return of_words(line, words)


def _chosen(own: list[Word], place: _Place) -> list[Word]:
    """The words of a place by the vote of its readings."""
    votes = place.votes()
    best = votes[0] if votes else list(place.readings) if place.alike else []
    drawn = len(votes) > 1 and len(votes[1]) == len(best)
    if not best or drawn or (len(best) == 1 and best[0].confidence < ALONE):
        return [_believed(w, min(w.confidence or 0.0, NO_TWO_AGREE), place.readings[1:]) for w in own]
    keys, lengths = [_key(x.text) for x in best], [len(x.text.split()) for x in best]

    def worth(x: _Seen) -> tuple[bool, int, int, int, bool, float]:
        known, pieces = _all_possible(x.text, place.before, True), len(x.text.split())
        whole = -pieces if "/" in x.text else 0  # a blank inside a symbol is the reader's
        return known, keys.count(_key(x.text)), lengths.count(pieces), whole, not x.tokens, x.confidence

    seen = max(best, key=worth)
    made = [Word(t.text, 0, 0, 0, t.box, round(t.confidence, 4)) for t in seen.tokens] if seen.tokens else own
    made = [replace(w, text=text) for w, text in zip(made, seen.text.split(), strict=True)]
    others = [x for x in place.readings if _digits(x.text) != _digits(seen.text)]
    confidence = max(x.confidence for x in best)
    if others:
        confidence *= len(best) / (len(best) + 0.5 * len(others))
    elif len(best) > 1:
        confidence = max(confidence, AGREED)
    if len(best) == 1:
        confidence = min(confidence, ALONE)
    return [_believed(w, confidence, others if len(best) == 1 else ()) if any(c.isdigit() for c in w.text) else w for w in made]


def _all_possible(text: str, before: str, known: bool) -> bool:
    """Whether each word of a reading that holds a number can be one; `known`: with codes that are known."""
    words = text.split()
    return all(is_possible(w, b, known) for w, b in zip(words, [before, *words], strict=False) if _matters(w, b))


def _believed(word: Word, confidence: float, others: Iterable[_Seen]) -> Word:
    """The word with this confidence, and other readings as its alternatives."""
    also = tuple(Alternative(x.text, round(min(x.confidence, confidence), 4)) for x in others)
    return replace(word, confidence=round(confidence, 4), alternatives=also)
