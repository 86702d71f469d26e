"""The reading as running text: printed lines joined into paragraphs, with the way back from every character to its line and box.

Finders speak offsets of `Prose.text`; `Prose.evidence` turns a span into page, line, box and raw words. Paragraphs are parted by a
line feed; inside a paragraph the printed lines are joined by one blank (by none where a line ends in a digit and `-` and the next
begins with a digit: `2021-` + `2025`). Page numbers, blank lines, overlays and Markdown `*` are left out.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from pipeline.document import Box, Evidence, Line, Page, Reading, Word, joint_confidence
from pipeline.extract.paragraphs import MARKER, breaks

PAGE_NUMBER = re.compile(r"\s*[-–]?\s*\d{1,3}\s*[-–]?\s*")
# Markdown `*` and runs of blanks are cut out; single blanks stay inside a chunk.
_HEADING = re.compile(r"\s*(?:#{1,6}\s+)?")
_start, _end = attrgetter("start"), attrgetter("end")
_BLANK = re.compile(r"\s")
_CHUNK = re.compile(r"[^*\s](?:[^*\s]|\s(?=[^*\s]))*")


__all__ = ["MARKER", "PAGE_NUMBER", "Paragraph", "Piece", "Prose", "prose", "prose_of"]


class Piece(NamedTuple):  # long texts hold hundreds of thousands, and a tuple is made in a third of a dataclass's time
    """A run of `Prose.text[start:end]` copied from `line.text[at:at+(end-start)]`."""

    start: int
    end: int
    page: Page
    line: Line
    at: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`Prose.text[start:end]`, and the index (into `Prose.lines`) of its first and last printed line."""

    start: int
    end: int
    first: int
    last: int


class Prose:
    """Running text of some lines of a reading; build it with `prose()`."""

    def __init__(
        self, lines: tuple[tuple[Page, Line], ...], text: str, paragraphs: tuple[Paragraph, ...], pieces: tuple[Piece, ...]
    ) -> None:
        self.lines, self.text, self.paragraphs, self._pieces = lines, text, paragraphs, pieces
        self._starts = [p.start for p in pieces]
        self._plain: dict[int, bool] = {}  # of a line, by its identity, once it was asked for

    def pieces(self, start: int, end: int) -> list[Piece]:
        """The pieces that `text[start:end]` touches, in order."""
        k = max(bisect.bisect_right(self._starts, start) - 1, 0)
        out = []
        while k < len(self._pieces) and self._pieces[k].start < end:
            if self._pieces[k].end > start:
                out.append(self._pieces[k])
            k += 1
        return out

    def paragraph_text(self, p: Paragraph) -> str:
        """The words of a paragraph."""
        return self.text[p.start : p.end]

    def words(self, start: int, end: int) -> list[tuple[Piece, Word]]:
        """The words that `text[start:end]` touches, in order, each with the piece it stands in."""
        return [(piece, word) for piece in self.pieces(start, end) for word in self._touched(piece, start, end)]

    def _touched(self, piece: Piece, start: int, end: int) -> tuple[Word, ...]:
        """The words of a piece that `text[start:end]` touches."""
        a = piece.at + max(start - piece.start, 0)
        b = piece.at + min(end, piece.end) - piece.start
        words = piece.line.words
        first = bisect.bisect_right(words, a, key=_end)
        return words[first : bisect.bisect_left(words, b, lo=first, key=_start)]

    def _raw_span(self, piece: Piece, words: tuple[Word, ...], start: int, end: int) -> tuple[int, int]:
        """From where to where in `line.raw` the words stand; the part of a word that is as it was read, to the letter."""
        a = piece.at + max(start - piece.start, 0)
        b = piece.at + min(end, piece.end) - piece.start
        if self.is_plain(piece):
            return max(a, words[0].start), min(b, words[-1].end)
        spans = []
        for word in words:
            same = piece.line.raw[word.raw_start : word.raw_end] == word.text
            lo = word.raw_start + (max(a - word.start, 0) if same else 0)
            spans.append((lo, word.raw_end - (max(word.end - b, 0) if same else 0)))
        return min(lo for lo, _ in spans), max(hi for _, hi in spans)

    def is_plain(self, piece: Piece) -> bool:
        """Whether a piece stands in a line of a text input that repair did not touch."""
        if piece.page.origin != "text":
            return False
        key = id(piece.line)
        if key not in self._plain:
            self._plain[key] = piece.line.raw == piece.line.text
        return self._plain[key]

    def _runs(self, pieces: list[Piece], end: int) -> list[Piece]:
        """Pieces up to `end`; those of one plain line as one, as if no blanks had been cut out between them."""
        out: list[Piece] = []
        for p in pieces:
            stop = min(p.end, end)
            if out and out[-1].line is p.line and self.is_plain(p):
                first = out.pop()
                out.append(Piece(first.start, first.start + p.at - first.at + stop - p.start, p.page, p.line, first.at))
            else:
                out.append(Piece(p.start, stop, p.page, p.line, p.at))
        return out

    def _on_one_line(self, piece: Piece, words: tuple[Word, ...], start: int, rule: str, strength: float) -> Evidence:
        """The evidence of some words of one line."""
        lo, hi = self._raw_span(piece, words, start, piece.end)
        box = Box.around([w.box for w in words if w.box is not None])
        number = piece.line.number
        sure = round(joint_confidence(words) * strength, 4)
        return Evidence(piece.page.number, number, number, box, piece.line.raw[lo:hi], sure, rule)

    def evidence(self, start: int, end: int, rule: str, strength: float = 1.0) -> Evidence:
        """Where `text[start:end]` stands. `confidence` is that of the words together times `strength` of the
        rule. Raises ValueError for an empty span."""
        while end > start and self.text[start].isspace():
            start += 1
        pieces = self.pieces(start, end)
        if not pieces:
            raise ValueError(f"no characters in {start}:{end}")
        first = pieces[0]
        runs = self._runs(pieces, end)
        if len(runs) == 1 and (inside := self._touched(runs[0], start, runs[0].end)):
            return self._on_one_line(runs[0], inside, start, rule, strength)
        boxes: list[Box] = []
        touched: list[Word] = []
        done: dict[int, tuple[int, int]] = {}
        order: list[Line] = []
        for piece in runs:
            words = self._touched(piece, start, piece.end)
            if not words:
                continue
            touched += words
            if piece.page is first.page:
                boxes += [w.box for w in words if w.box is not None]
            lo, hi = self._raw_span(piece, words, start, piece.end)
            key = id(piece.line)
            if key not in done:
                order.append(piece.line)
                done[key] = (lo, hi)
            else:
                done[key] = (min(done[key][0], lo), max(done[key][1], hi))
        raws = [line.raw[slice(*done[id(line)])] for line in order]
        last = pieces[-1]
        line_last = (
            last.line.number
            if last.page is first.page or last.page.origin == "text"
            else max((p.line.number for p in pieces if p.page is first.page), default=first.line.number)
        )
        confidence = round(joint_confidence(touched) * strength, 4)
        return Evidence(first.page.number, first.line.number, line_last, Box.around(boxes), " ".join(raws), confidence, rule)


def prose(lines: list[tuple[Page, Line]]) -> Prose:
    """Running text of `lines` (pages with their lines, in reading order)."""
    kept = [(p, l) for p, l in lines if l.text.strip() and l.kind in ("text", "table") and not PAGE_NUMBER.fullmatch(l.text)]
    starts = breaks(lines, kept)
    text: list[str] = []
    pieces: list[Piece] = []
    paragraphs: list[Paragraph] = []
    at = start = first = 0
    before = ""
    for k, (page, line) in enumerate(kept):
        body = line.text.rstrip()
        if k:
            if starts[k]:
                paragraphs.append(Paragraph(start, at, first, k - 1))
                text.append("\n")
                at += 1
                start, first = at, k
            elif not (re.search(r"\d-$", before) and re.match(r"\s*\d", body)):
                text.append(" ")
                at += 1
        last_end = 0
        for m in _CHUNK.finditer(body, _HEADING.match(body).end()):  # type: ignore[union-attr]
            chunk = m.group()
            if not chunk.isalnum():
                chunk = _BLANK.sub(" ", chunk)
            if last_end and body[last_end : m.start()].strip("*"):
                text.append(" ")
                at += 1
            last_end = m.end()
            pieces.append(Piece(at, at + len(chunk), page, line, m.start()))
            text.append(chunk)
            at += len(chunk)
        before = body
    if kept:
        paragraphs.append(Paragraph(start, at, first, len(kept) - 1))
    return Prose(tuple(kept), "".join(text), tuple(paragraphs), tuple(pieces))


def prose_of(reading: Reading) -> Prose:
    """Running text of a whole reading."""
    return prose(reading.lines())
