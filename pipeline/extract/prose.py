"""The reading as running text: printed lines joined into paragraphs, with the way back from every character to its line and box.

Finders speak offsets of `Prose.text`; `Prose.evidence` turns a span into page, line, box and raw words. Paragraphs are parted by a
line feed; inside a paragraph the printed lines are joined by one blank (by none where a line ends in a digit and `-` and the next
begins with a digit: `2021-` + `2025`). Page numbers, blank lines, overlays and Markdown `*` are left out.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

from pipeline.document import Box, Evidence, Line, Page, Reading

# A marker that opens a paragraph of its own: bullets, Roman and Arabic numbers, letters, Phần/Chương/Mục/Điều.
MARKER = re.compile(
    r"\s*(?:[-–—+•*·]\s+\S|[-–—+•]\S|(?:[IVXL]{1,6}|\d{1,2}(?:\.\d{1,2}){0,3})[.)/-]\s*\S|\d{1,2}(?:\.\d{1,2}){1,3}\s+\S"
    r"|[a-zđ][.)]\s*\S|(?:PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục|ĐIỀU|Điều)\s+(?:[IVXL]+|\d+|thứ)\b)"
)
PAGE_NUMBER = re.compile(r"\s*[-–]?\s*\d{1,3}\s*[-–]?\s*")
_ENDS = re.compile(r"[.;:!?…](?:[”\"’')/.\]]*)\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
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

    def __init__(self, lines: tuple[tuple[Page, Line], ...], text: str, paragraphs: tuple[Paragraph, ...], pieces: tuple[Piece, ...]) -> None:
        self.lines, self.text, self.paragraphs, self._pieces = lines, text, paragraphs, pieces
        self._starts = [p.start for p in pieces]

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

    def evidence(self, start: int, end: int, rule: str, strength: float = 1.0) -> Evidence:
        """Where `text[start:end]` stands. `confidence` is the least of the words' times `strength` of the rule (words without
        a confidence count as sure). Raises ValueError for an empty span."""
        while end > start and self.text[start].isspace():
            start += 1
        pieces = self.pieces(start, end)
        if not pieces:
            raise ValueError(f"no characters in {start}:{end}")
        raws: list[str] = []
        boxes: list[Box] = []
        sure = 1.0
        first = pieces[0]
        done: dict[int, tuple[int, int]] = {}
        order: list[Line] = []
        for piece in pieces:
            a = piece.at + max(start - piece.start, 0)
            b = piece.at + min(end, piece.end) - piece.start
            for word in piece.line.words:
                if word.start >= b or word.end <= a:
                    continue
                if word.box is not None and piece.page is first.page:
                    boxes.append(word.box)
                if word.confidence is not None:
                    sure = min(sure, word.confidence)
                same = piece.line.raw[word.raw_start : word.raw_end] == word.text
                lo = word.raw_start + (max(a - word.start, 0) if same else 0)
                hi = word.raw_end - (max(word.end - b, 0) if same else 0)
                key = id(piece.line)
                if key not in done:
                    order.append(piece.line)
                    done[key] = (lo, hi)
                else:
                    done[key] = (min(done[key][0], lo), max(done[key][1], hi))
        raws = [line.raw[slice(*done[id(line)])] for line in order]
        last = pieces[-1]
        line_last = last.line.number if last.page is first.page or last.page.origin == "text" else max(
            (p.line.number for p in pieces if p.page is first.page), default=first.line.number
        )
        return Evidence(first.page.number, first.line.number, line_last, Box.around(boxes), " ".join(raws), round(sure * strength, 4), rule)


def prose(lines: list[tuple[Page, Line]]) -> Prose:
    """Running text of `lines` (pages with their lines, in reading order)."""
    kept = [(p, l) for p, l in lines if l.text.strip() and l.kind in ("text", "table") and not PAGE_NUMBER.fullmatch(l.text)]
    gaps = _gaps(lines, kept)
    spaced = len(kept) > 8 and sum(gaps) > 0.85 * (len(kept) - 1) and _wrapped(kept)
    text, pieces, paragraphs = [], [], []
    at = start = first = 0
    before = ""
    for k, (page, line) in enumerate(kept):
        body = line.text.rstrip()
        if k:
            if _parts(kept, k, gaps[k], spaced):
                paragraphs.append(Paragraph(start, at, first, k - 1))
                text.append("\n")
                at += 1
                start, first = at, k
            elif not (re.search(r"\d-$", before) and re.match(r"\s*\d", body)):
                text.append(" ")
                at += 1
        lead = len(body) - len(body.lstrip())
        for m in re.finditer(r"[^*]+", body[lead:]):
            chunk = re.sub(r"\s", " ", m.group())
            pieces.append(Piece(at, at + len(chunk), page, line, lead + m.start()))
            text.append(chunk)
            at += len(chunk)
        before = body
    if kept:
        paragraphs.append(Paragraph(start, at, first, len(kept) - 1))
    return Prose(tuple(kept), "".join(text), tuple(paragraphs), tuple(pieces))


def prose_of(reading: Reading) -> Prose:
    """Running text of a whole reading."""
    return prose(reading.lines())


def _gaps(lines: list[tuple[Page, Line]], kept: list[tuple[Page, Line]]) -> list[bool]:
    """For each kept line, whether a blank line stands before it."""
    wanted = {id(l) for _, l in kept}
    out, blank = [], False
    for _, line in lines:
        if id(line) in wanted:
            out.append(blank)
            blank = False
        elif not line.text.strip():
            blank = True
    return out


def _wrapped(kept: list[tuple[Page, Line]]) -> bool:
    """Whether printed lines were kept as they were printed (short lines), rather than one paragraph a line."""
    lengths = sorted(len(l.text) for _, l in kept)
    return lengths[int(len(lengths) * 0.9)] < 130


def _parts(kept: list[tuple[Page, Line]], k: int, gap: bool, spaced: bool) -> bool:
    """Whether a paragraph begins at line k."""
    (page0, line0), (page, line) = kept[k - 1], kept[k]
    before, here = line0.text.rstrip(), line.text.strip()
    if line.cell != line0.cell or line.column != line0.column:
        return True
    if MARKER.match(here):
        return True
    ended = bool(_ENDS.search(before))
    lower = here[:1].islower() or here[:1] in ",;)"
    if gap and not spaced:
        return ended or not lower
    widths = [len(l.text) for _, l in kept[max(0, k - 4) : k + 4]]
    return ended and len(before) < 0.85 * max(widths)
