"""What the print says of small marks: those above and below the vowels of a word, and the mark that ends it.

A recogniser has learnt words, and so have repair's models: `câu` becomes `cầu` wherever `yêu` stands before it, also where the print has
no grave. The print tells. What stands above and below each vowel is cut out and compared with that of the vowels of the same page which
were read surely; a word is as read where each mark looks like others of its kind and less like those of any other. A stop, comma, colon
or semicolon is told by whether it reaches below the line.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.document import RUNNING, Line, Word
from pipeline.text import APART

LARGE = 44  # usual height of a word in pixels from which the page is looked at in half its size
LEAST, LEAST_OF_MARKS = 9.0, 16.5  # pixels of the height of an x from which ends, and marks of vowels, are told
SURE = 0.9  # confidence of the recogniser from which a vowel serves as a pattern of its marks
PATTERNS, NEAREST = 3, 3  # patterns of a kind without which it is not known, and how many of them the likeness is the mean of
HIGH, WIDE, PER_X = 16, 16, 13  # a mark's picture: rows, columns, and pixels for the height of an x
ALIKE = 0.955  # likeness to its own kind without which a mark is of none that is known: nine in ten have 0.98, those of another kind 0.92
PRESENT = 0.15  # likeness told by something that stands where it must or must not
STEEP = 60.0  # of the curve from likeness to confidence
# How far a stop and a comma reach below the line, in heights of an x: at most 0.06 and at least 0.12 of 1,100 on light and medium pages.
STOP, COMMA = 0.085, 0.115
_SWAPS = {(".", True): ",", (",", False): ".", (":", True): ";", (";", False): ":"}
DOUBTED = 0.9  # confidence below which, in large print, a tail that is not there was not printed: on faint pages it is lost first
_UPPER = {"\u0302": "^", "\u0306": "u", "\u0300": "`", "\u0301": "'", "\u0309": "?", "\u0303": "~"}
_BELOW, _HORN = "\u0323", "\u031b"
_KNOWN = frozenset((*APART, _HORN))
# Widths of letters as parts of an em, the mean of a face with serifs and one without (metrics of Liberation Serif and Sans).
_WIDTHS = {"f": 0.3, "i": 0.26, "j": 0.26, "l": 0.26, "m": 0.8, "r": 0.34, "s": 0.43, "t": 0.29, "w": 0.72, "c": 0.47, "z": 0.46}
_WIDTH, _OF_CAPITAL, _OF_HORN = 0.51, 1.3, 0.05

_Ints = NDArray[np.int32]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Vowel:
    """A vowel of a word: its middle as a share of the word's letters, what should stand above it, whether a dot below; with a horn."""

    middle: float
    above: str
    below: bool
    horned: bool


@dataclass(slots=True)
class _Place:
    """A vowel on the page: line, word, what should stand above it, whether the recogniser was sure; likeness once it is known."""

    line: int
    word: int
    above: str
    sure: bool
    likeness: float | None
    picture: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class _Ink:
    """The pieces of ink of a line (parallel arrays, index 0 the paper), its words by where they start, and how it is ruled.

    `xh` is the height of an x, `base` where the line runs under each piece, `head` the top of an x there.
    """

    labels: np.ndarray
    x: _Ints
    y: _Ints
    wide: _Ints
    tall: _Ints
    area: _Ints
    starts: tuple[float, ...]
    xh: float
    base: _Floats
    head: _Floats

    @property
    def middle(self) -> _Floats:
        return self.x + self.wide / 2

    @property
    def bottom(self) -> _Ints:
        return self.y + self.tall

    def word_of(self, pieces: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """(word, piece) of some of the pieces, from left to right as they were found; none for what stands before the first word."""
        middle = self.middle
        for j in np.flatnonzero(pieces).tolist():
            if (n := bisect_right(self.starts, middle[j]) - 1) >= 0:
                yield n, j


def with_marks(lines: Sequence[Line], image: np.ndarray) -> list[Line]:
    """The lines of a page, told by its grey image (H, W): `Word.marks`, and stops and commas at the end of words put right."""
    heights = [w.box.bottom - w.box.top for line in lines for w in line.words if w.box is not None and len(w.text) > 1]
    scale = 0.5 if heights and np.median(heights) > LARGE else 1.0
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    places: list[_Place] = []
    ends: dict[tuple[int, int], str] = {}
    for k, line in enumerate(lines):
        boxed = [n for n, w in enumerate(line.words) if w.box is not None]
        ink = _ink([line.words[n] for n in boxed], image, scale) if line.kind in RUNNING and boxed else None
        if ink is None:
            continue
        edges = _edges(ink)
        large = ink.xh >= LEAST_OF_MARKS * scale
        ends |= {(k, boxed[n]): text for n, text in _ends(ink, edges, [line.words[n] for n in boxed], DOUBTED if large else 0.0)}
        if large:
            places += [replace(p, line=k, word=boxed[p.word]) for p in _vowel_places(ink, edges, [line.words[n] for n in boxed])]
    return list(_changed(lines, _told(places), ends))


def _changed(lines: Sequence[Line], told: dict[tuple[int, int], float], ends: dict[tuple[int, int], str]) -> Iterator[Line]:
    for k, line in enumerate(lines):
        words = []
        for n, word in enumerate(line.words):
            if (k, n) in told or (k, n) in ends:
                word = replace(word, text=ends.get((k, n), word.text), marks=told.get((k, n)))
            words.append(word)
        text = "".join(c for n, w in enumerate(words) for c in (line.text[line.words[n - 1].end if n else 0 : w.start], w.text))
        text += line.text[line.words[-1].end :] if words else line.text
        yield replace(line, raw=text if line.raw == line.text else line.raw, text=text, words=tuple(words))


def _told(places: Sequence[_Place]) -> dict[tuple[int, int], float]:
    """How sure each word's marks are as read, by (line, word): the weakest of its vowels counts, one that cannot be told leaves it out."""
    _compare([p for p in places if p.picture is not None])
    by_word: dict[tuple[int, int], list[float | None]] = {}
    for p in places:
        by_word.setdefault((p.line, p.word), []).append(p.likeness)
    out: dict[tuple[int, int], float] = {}
    for at, found in by_word.items():
        known = [x for x in found if x is not None]
        if known and (len(known) == len(found) or min(known) < 0):
            out[at] = round(1 / (1 + math.exp(-STEEP * min(known))), 3)
    return out


def _compare(places: Sequence[_Place]) -> None:
    """Sets the likeness of places with a picture: to the nearest patterns of their own kind, less that to those of the nearest other."""
    if not places:
        return
    pictures = np.array([p.picture for p in places]).reshape(len(places), -1)
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True) + 1e-6
    alike = pictures @ pictures.T
    np.fill_diagonal(alike, -1.0)
    kinds = np.array([p.above for p in places])
    sure = np.array([p.sure for p in places])
    names = sorted({p.above for p in places})
    near = np.full((len(places), len(names)), np.nan)
    for n, name in enumerate(names):
        of_kind = np.flatnonzero((kinds == name) & sure)
        if len(of_kind) >= PATTERNS:
            near[:, n] = np.partition(alike[:, of_kind], -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1)
    own = near[np.arange(len(places)), [names.index(p.above) for p in places]]
    near[np.arange(len(places)), [names.index(p.above) for p in places]] = -1.0
    other = np.nanmax(near, axis=1)
    for place, a, b in zip(places, own.tolist(), other.tolist(), strict=True):
        if not math.isnan(a) and b > -1:
            place.likeness = min(a - b, a - ALIKE)


def _ink(words: Sequence[Word], image: np.ndarray, scale: float) -> _Ink | None:
    """The ink of a line on an image of `scale`; None where too little of it stands there to see how it is ruled."""
    boxes = [w.box for w in words if w.box is not None]
    high, low = (float(np.median(edges)) * scale for edges in ([b.top for b in boxes], [b.bottom for b in boxes]))
    unit = low - high
    top, left = max(0, int(high - 0.5 * unit)), max(0, int(min(b.left for b in boxes) * scale) - 2)
    crop = image[top : int(low + 0.4 * unit), left : int(max(b.right for b in boxes) * scale + 0.5 * unit)]
    if min(crop.shape) < LEAST * scale:
        return None
    _, black = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=8)
    x, y, wide, tall, area = stats.T
    area[0] = 0
    ruled = _ruled(x + wide / 2, y, tall, unit)
    if ruled is None or ruled[0] < LEAST * scale:
        return None
    xh, slope, at = ruled
    base = slope * (x + wide / 2) + at
    return _Ink(labels, x, y, wide, tall, area, tuple(b.left * scale - left - 1 for b in boxes), xh, base, base - xh)


def _ruled(middle: _Floats, top: _Ints, tall: _Ints, unit: float) -> tuple[float, float, float] | None:
    """Height of an x in pixels, slope of the line and where it starts, told by the pieces of ink that are as tall as most letters."""
    letters = (tall > 0.3 * unit) & (tall < 1.6 * unit)
    if letters.sum() < 8:
        return None
    usual = int(np.convolve(np.bincount(tall[letters]), (1, 1, 1), "same").argmax())
    small = letters & (np.abs(tall - usual) <= max(1.0, 0.12 * usual))
    if usual < 6 or small.sum() < 5:
        return None
    x, foot = middle[small], (top + tall)[small].astype(np.float64)
    slope, at = 0.0, float(np.median(foot))
    for _ in range(2):
        off = foot - (slope * x + at)
        near = np.abs(off - np.median(off)) <= max(1.5, 0.15 * usual)
        if near.sum() < 5:
            break
        if np.ptp(x[near]) > 10 * usual:
            dx = x[near] - x[near].mean()
            slope = float((dx * foot[near]).sum() / (dx * dx).sum())
        at = float((foot[near] - slope * x[near]).mean())
    return float(np.median(tall[small])), slope, at


def _edges(ink: _Ink) -> dict[int, tuple[int, int]]:
    """First and last column of the letters of each word."""
    body = (ink.tall > 0.4 * ink.xh) & (ink.bottom > ink.head + 0.35 * ink.xh) & (ink.y < ink.base - 0.35 * ink.xh) & (ink.area > 0)
    out: dict[int, tuple[int, int]] = {}
    for n, j in ink.word_of(body):
        a, b = out.get(n, (1 << 30, 0))
        out[n] = (min(a, int(ink.x[j])), max(b, int(ink.x[j] + ink.wide[j])))
    return out


def _ends(ink: _Ink, edges: dict[int, tuple[int, int]], words: Sequence[Word], doubted: float) -> Iterator[tuple[int, str]]:
    """Words whose last mark the print shows as another: (word, text); a tail is taken off words of a confidence below `doubted` alone."""
    bottom, xh = ink.bottom, ink.xh
    small = (ink.area >= max(3, 0.02 * xh * xh)) & (ink.y > ink.head - 0.35 * xh) & (ink.y < ink.base + 0.2 * xh)
    for n, word in enumerate(words):
        if word.text[-1] not in ".,;:" or not word.text[-2:-1].isalnum() or n not in edges:
            continue
        last = edges[n][1]
        end = min(ink.starts[n + 1] if n + 1 < len(words) else math.inf, last + 0.75 * xh)
        tail = np.flatnonzero(small & (ink.x >= last - 0.12 * xh) & (ink.x < end))
        low = tail[bottom[tail] > ink.base[tail] - 0.3 * xh]
        if len(low) != 1 or len(tail) > 2 or (ink.wide[tail] >= 0.5 * xh).any() or (len(tail) == 2) != (word.text[-1] in ";:"):
            continue
        deep = float(bottom[low[0]] - ink.base[low[0]]) / xh
        other = _SWAPS.get((word.text[-1], deep >= COMMA))
        if other and not STOP < deep < COMMA and (deep >= COMMA or (word.confidence or 0.0) < doubted):
            yield n, word.text[:-1] + other


def _vowel_places(ink: _Ink, edges: dict[int, tuple[int, int]], words: Sequence[Word]) -> Iterator[_Place]:
    """The vowels of a line (`_Place.line` 0) and what stands above and below them."""
    xh, bottom, base, head, middle = ink.xh, ink.bottom, ink.base, ink.head, ink.middle
    there = ink.area >= max(3, 0.012 * xh * xh)
    above = there & (bottom <= head + 0.2 * xh) & (bottom >= head - 0.95 * xh) & (ink.y >= head - 1.35 * xh) & (ink.wide <= 1.3 * xh)
    below = there & (ink.y >= base + 0.02 * xh) & (ink.y <= base + 0.5 * xh) & (np.maximum(ink.tall, ink.wide) <= 0.45 * xh)
    marks: dict[int, list[int]] = {}
    for n, j in ink.word_of(above | below):
        marks.setdefault(n, []).append(j)
    for n, word in enumerate(words):
        vowels = _vowels(word.text)
        if not vowels or n not in edges:
            continue
        first, last = edges[n]
        own: list[list[int]] = [[] for _ in vowels]
        centres = [first + (last - first) * v.middle for v in vowels]
        for j in marks.get(n, ()):
            near = min(range(len(vowels)), key=lambda i: abs(centres[i] - middle[j]))
            if abs(centres[near] - middle[j]) <= 0.75 * xh:
                own[near].append(j)
        sure = (word.confidence or 0.0) >= SURE
        for vowel, found in zip(vowels, own, strict=True):
            tops = [j for j in found if above[j]]
            dotted = any(below[j] for j in found)
            if tops and vowel.above and dotted == vowel.below:
                yield _Place(0, n, vowel.above, sure, None, _picture(ink, tops))
            elif bool(tops) == bool(vowel.above) and dotted == vowel.below:
                yield _Place(0, n, "", sure, None if vowel.horned else PRESENT)  # a mark may run into the horn
            else:
                yield _Place(0, n, "", sure, -PRESENT)


def _picture(ink: _Ink, pieces: Sequence[int]) -> NDArray[np.float32]:
    """The pieces above a letter as a picture (HIGH, WIDE): their middle in its middle, at their height over the line."""
    at = list(pieces)
    left, right = int(ink.x[at].min()), int((ink.x + ink.wide)[at].max())
    top, bottom = int(ink.y[at].min()), int(ink.bottom[at].max())
    own = ink.labels[top:bottom, left:right]
    mask = (own == at[0]).astype(np.float32)
    for j in at[1:]:
        mask[own == j] = 1
    grow = PER_X / ink.xh
    down = float(ink.head[at[0]]) - 1.1 * ink.xh
    turn = np.array([[grow, 0, WIDE / 2 - grow * (right - left) / 2], [0, grow, grow * (top - down)]], np.float32)
    return cv2.GaussianBlur(cv2.warpAffine(mask, turn, (WIDE, HIGH)), (0, 0), 0.9).astype(np.float32)


@cache
def _vowels(text: str) -> tuple[_Vowel, ...]:
    """The vowels (and `j`) of a word in small letters, which may begin with another capital; none for anything else."""
    letters = [k for k, c in enumerate(text) if c.isalpha()]
    if len(letters) < 2 or any(c.isdigit() for c in text) or sum(c.isupper() for c in text) > 1:
        return ()
    core = text[letters[0] : letters[-1] + 1]
    widths = np.array([_width(c) for c in core])
    middles = (np.cumsum(widths) - widths / 2) / widths.sum()
    out: list[_Vowel] = []
    for c, middle in zip(core, middles.tolist(), strict=True):
        base, *marks = list(unicodedata.normalize("NFD", c))
        if base.lower() in "aeiouyj":
            if base.isupper() or not _KNOWN.issuperset(marks):
                return ()
            above = "".join(_UPPER[m] for m in marks if m in _UPPER)
            out.append(_Vowel(middle, above or ("." if base in "ij" else ""), _BELOW in marks, _HORN in marks))
    return tuple(out)


def _width(c: str) -> float:
    """Width of a letter as a part of an em."""
    base, *marks = list(unicodedata.normalize("NFD", c))
    width = _WIDTHS.get(base.lower(), _WIDTH if base.isalpha() else 0.25)
    return width * (_OF_CAPITAL if base.isupper() else 1.0) + (_OF_HORN if _HORN in marks else 0.0)
