"""Reading order: words into printed lines, the letterhead and the signature block column by column.

A page of a Vietnamese document reads straight down but for two places (Nghị định 30/2020/NĐ-CP, Phụ lục I): the letterhead, whose left
column holds the issuer and the number and whose right one the Quốc hiệu and the date, and the end, where the recipients stand
beside the signature. There a row of print holds two lines, and the left column comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from pipeline.document import Box, Line, LineKind, Word
from pipeline.layout.anchors import find_anchor, matches

Side = Literal["left", "right"]

# What may begin or end a line without a letter; anything else there (`ˆ`, `_`, `‹`) is a stroke.
_PUNCTUATION = frozenset('-–—+*•.,:;/()[]{}"“”…%!?')
# `II.`, `3)`, `1-` and what they are taken for: never a scrap.
_NUMBERING = re.compile(r"[\dIVXHl]{1,5}[.)\-,]+")
_BULLETS = ("-", "–", "—", "+", "*", "•", "./.", ".")
# A word surer than this is print, whatever it looks like.
_SURE = 0.96


@dataclass(frozen=True)
class Token:
    """A recognised word: text, box in pixels, confidence 0..1, and the recogniser's own line, (block, paragraph, line)."""

    text: str
    box: Box
    confidence: float
    group: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True)
class Row:
    """Words that stand beside each other, from left to right."""

    tokens: tuple[Token, ...]

    @property
    def box(self) -> Box:
        """The box around its words."""
        box = Box.around([t.box for t in self.tokens])
        assert box is not None
        return box

    @property
    def text(self) -> str:
        """Its words, parted by one blank."""
        return " ".join(t.text for t in self.tokens)


@dataclass(frozen=True)
class Zone:
    """Rows `first` … `last` that are read in two columns, parted at x = `gutter`."""

    first: int
    last: int
    gutter: float


@dataclass
class _Band:
    top: float
    bottom: float
    tokens: list[Token] = field(default_factory=list)


def letters_in(text: str) -> int:
    """How many letters and digits there are; `ˆ` and `ˊ`, which Unicode calls letters, are none."""
    return sum(c.isalnum() and unicodedata.category(c) != "Lm" for c in text)


def letter_height(tokens: list[Token]) -> float:
    """The usual height of a word in pixels (capitals and accents included); 0.0 without words."""
    heights = [t.box.bottom - t.box.top for t in tokens if len(t.text) > 1]
    return float(np.median(heights)) if heights else 0.0


def rows_of(tokens: list[Token]) -> list[Row]:
    """The words in rows from top to bottom: the recogniser's own lines, joined where they stand at one height."""
    groups: dict[tuple[int, int, int], list[Token]] = {}
    for token in tokens:
        groups.setdefault(token.group, []).append(token)
    bands: list[_Band] = []
    boxes = []
    for members in groups.values():
        tops = [t.box.top for t in members]
        bottoms = [t.box.bottom for t in members]
        boxes.append((float(np.median(tops)), float(np.median(bottoms)), members))
    for top, bottom, members in sorted(boxes, key=lambda b: (b[0] + b[1]) / 2):
        for band in bands[-4:]:
            common = min(bottom, band.bottom) - max(top, band.top)
            if common > 0.55 * min(bottom - top, band.bottom - band.top) and not _overlap(members, band.tokens):
                band.tokens += members
                band.top, band.bottom = min(band.top, top), max(band.bottom, bottom)
                break
        else:
            bands.append(_Band(top, bottom, list(members)))
    bands.sort(key=lambda b: (b.top + b.bottom) / 2)
    return [Row(tuple(sorted(b.tokens, key=lambda t: (t.box.left, t.box.top)))) for b in bands]


def _overlap(a: list[Token], b: list[Token]) -> bool:
    """Whether words of the two lie above each other, so that they can't be one row."""
    shared = sum(max(0, min(x.box.right, y.box.right) - max(x.box.left, y.box.left)) for x in a for y in b)
    narrow = min(sum(t.box.right - t.box.left for t in a), sum(t.box.right - t.box.left for t in b))
    return shared > 0.3 * max(1, narrow)


def _gutter(rows: list[Row], high: float, least: float, low: float = 0.0) -> float | None:
    """The middle of the widest stretch of white that all rows share between their leftmost word (or `low`) and x = `high`.

    None where it is narrower than `least` pixels.
    """
    low_i = int(max(low, min((r.box.left for r in rows), default=0)))
    high_i = max(low_i + 1, int(high) + 1)
    used = np.zeros(high_i - low_i, bool)
    for row in rows:
        for t in row.tokens:
            used[max(0, t.box.left - low_i) : max(0, t.box.right - low_i)] = True
    best, start = (0, 0), None
    for x, taken in enumerate([*used, True]):
        if not taken and start is None:
            start = x
        elif taken and start is not None:
            if x - start > best[1] - best[0]:
                best = (start, x)
            start = None
    return low_i + sum(best) / 2 if best[1] - best[0] >= least else None


def _sides(row: Row, gutter: float) -> tuple[list[Token], list[Token]]:
    left = [t for t in row.tokens if (t.box.left + t.box.right) / 2 < gutter]
    right = [t for t in row.tokens if (t.box.left + t.box.right) / 2 >= gutter]
    return left, right


def letterhead(rows: list[Row], width: int, height: int) -> Zone | None:
    """The rows of the letterhead with its gutter, found by the Quốc hiệu or the heading of the Party; None where there is none."""
    for k, row in enumerate(rows[:14]):
        hit = find_anchor("quoc-hieu", row.text) or find_anchor("dang", row.text)
        if hit is None or row.box.top > 0.5 * height:
            continue
        at, begin = 0, row.tokens[0].box.left
        for token in row.tokens:
            if at <= hit[0] + 1:
                begin = token.box.left
            at += len(token.text) + 1
        if begin < 0.25 * width:
            return None  # centred, no column beside it
        first = k
        unit = row.box.bottom - row.box.top
        while first > 0 and rows[first - 1].box.right < begin and row.box.top - rows[first - 1].box.bottom < 4 * unit:
            first -= 1
        gutter = _gutter(rows[first : k + 2], begin, 0.4 * unit) or _gutter(rows[first : k + 1], begin, 0.2 * unit) or float(begin) - 1
        last = min(k + 1, len(rows) - 1)
        for j in range(k + 1, min(k + 9, len(rows))):
            if any(t.box.left < gutter - 0.2 * unit and t.box.right > gutter + 0.2 * unit for t in rows[j].tokens):
                break
            left, right = _sides(rows[j], gutter)
            if left and right and right[0].box.left - left[-1].box.right < 0.6 * unit:
                break  # one sentence over both columns
            if matches("place-date", " ".join(t.text for t in right)):
                last = j
                break
        gutter = _gutter(rows[first : last + 1], begin, 0.4 * unit) or gutter
        # the subject of a công văn (V/v …) goes on in the left column under the number, and so may the number itself
        while (
            last + 1 < len(rows)
            and rows[last + 1].box.right < gutter + unit
            and rows[last + 1].box.top - rows[last].box.bottom < 2.5 * unit
        ):
            middle = (rows[last + 1].box.left + rows[last + 1].box.right) / 2
            if middle > 0.42 * width:
                break
            last += 1
        return Zone(first, last, gutter)
    return None


def signature_block(rows: list[Row], width: int, after: int) -> Zone | None:
    """The rows where Nơi nhận stands beside the signature block, with their gutter; None where there is none."""
    for k in range(after, len(rows)):
        if find_anchor("noi-nhan", rows[k].text) is None or rows[k].box.left > 0.35 * width:
            continue
        unit = letter_height([t for r in rows for t in r.tokens])
        last = len(rows) - 1
        gutter = None
        while last >= k and gutter is None:
            gutter = _gutter(rows[k : last + 1], 0.72 * width, 1.2 * unit, low=0.28 * width)
            if gutter is None:
                last -= 1
        if gutter is None or not any(_sides(r, gutter)[1] for r in rows[max(after, k - 3) : last + 1]):
            return None
        first = k
        while first > after and not _sides(rows[first - 1], gutter)[0]:
            first -= 1
        return Zone(first, last, gutter)
    return None


def without_scraps(tokens: list[Token], unit: float) -> list[Token]:
    """A line's words without unsure short words that stand apart at its ends: strokes of a signature, pieces of a seal beside a line."""
    tokens = list(tokens)
    for end in (0, -1):
        while len(tokens) > 1:
            t, neighbour = tokens[end], tokens[1 if end == 0 else -2]
            gap = neighbour.box.left - t.box.right if end == 0 else t.box.left - neighbour.box.right
            if t.confidence > _SURE:
                break
            short = letters_in(t.text) <= 3
            odd = not letters_in(t.text) and not set(t.text) & _PUNCTUATION
            weak = short and not _NUMBERING.fullmatch(t.text) and (t.confidence < 0.35 or (t.confidence < 0.6 and gap > 1.2 * unit))
            if odd or (weak and t.text not in _BULLETS):
                tokens.pop(end)
            else:
                break
    return tokens


def lines_of(rows: list[Row], width: int, height: int) -> list[Line]:
    """The rows as lines in reading order, numbered from 1, with their column and kind."""
    head = letterhead(rows, width, height)
    tail = signature_block(rows, width, head.last + 1 if head else 0)
    unit = letter_height([t for r in rows for t in r.tokens])
    out: list[Line] = []
    k = 0
    while k < len(rows):
        zone = next((z for z in (head, tail) if z and z.first == k), None)
        if zone is None:
            out.append(as_line(without_scraps(list(rows[k].tokens), unit)))
            k += 1
            continue
        pairs = [_sides(r, zone.gutter) for r in rows[k : zone.last + 1]]
        out += [replace(as_line(without_scraps(left, unit)), column="left") for left, _ in pairs if left]
        out += [replace(as_line(without_scraps(right, unit)), column="right") for _, right in pairs if right]
        k = zone.last + 1
    out = [line for k, line in enumerate(out) if not _is_scrap(line) or (k == 0 and _is_page_number(line, width, height))]
    return [_kind(line, k, len(out), height) for k, line in enumerate(out)]


def _is_scrap(line: Line) -> bool:
    """Whether a line is what a stroke of a signature or a piece of a seal was taken for: no letter, or a few unsure ones alone."""
    letters = letters_in(line.text)
    if line.column is not None and letters <= 2:
        return True  # no line of a letterhead or a signature block is that short
    return letters == 0 or (letters <= 4 and line.confidence is not None and line.confidence < 0.6)


def _is_page_number(line: Line, width: int, height: int) -> bool:
    """Whether a line is a number alone in the middle of the head of a page, where page numbers stand (Nghị định 30/2020/NĐ-CP)."""
    b = line.box
    return b is not None and line.text.isdigit() and b.bottom < 0.12 * height and abs(b.left + b.right - width) < 0.1 * width


def as_line(tokens: Sequence[Token]) -> Line:
    """A line of these words, parted by one blank each; raw and text alike."""
    words, at = [], 0
    for t in tokens:
        words.append(Word(t.text, at, at, at + len(t.text), t.box, round(t.confidence, 3)))
        at += len(t.text) + 1
    text = " ".join(t.text for t in tokens)
    return Line(0, text, text, tuple(words))


def _kind(line: Line, k: int, count: int, height: int) -> Line:
    """The line with its kind: a page number alone at the head or foot, an electronic signature's words, else text."""
    kind: LineKind = line.kind
    box = line.box
    if kind == "text" and box is not None:
        at_edge = (k <= 1 and box.bottom < 0.15 * height) or (k >= count - 2 and box.top > 0.88 * height)
        if at_edge and line.column is None and matches("page-number", line.text):
            kind = "page_number"
        elif matches("overlay", line.text):
            kind = "overlay"
    return replace(line, kind=kind)


def numbered(lines: list[Line]) -> tuple[Line, ...]:
    """The lines numbered from 1 in their order."""
    return tuple(replace(line, number=k) for k, line in enumerate(lines, 1))
