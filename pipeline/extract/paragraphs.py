"""Where a paragraph begins among printed lines.

Four kinds of input: one paragraph a line; lines as printed, paragraphs parted by a blank line or by nothing; a blank after every
printed line; page images, where boxes tell the indent of a first line and the short last line. Print is justified, so a line is broken
where the next word no longer fits: a line with room left for it was the last of its paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from statistics import median

from pipeline.document import Box, Line, Page
from pipeline.extract.rules import load
from pipeline.text import fold, plain_dashes

# A marker that opens a paragraph of its own: bullets, Roman and Arabic numbers, letters, Phần/Chương/Mục/Điều.
MARKER = re.compile(
    r"\s*\**(?:[-–—+•*·●○▪■◦❖➢✓→]\s+\S|[-–—+•●▪■]\S|(?:[IVXLHTl]{1,6}\]?|\d{1,2}(?:\.\d{1,2}){0,3})[.)/-]\s*(?![\d/])\S|\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+\S"
    r"|\([0-9a-zđ]{1,2}\)\s|[a-zđA-HK]{1,2}[.)/]\s*\S|(?:PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục|ĐIỀU|Điều)\s+(?:[IVXL]+|\d+|thứ|THỨ)\b)"
)
_BULLET = re.compile(r"\s*\**[-–—+]\s*(?=\S)")
_WORDY = re.compile(r"\s*\**(?:PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục|ĐIỀU|Điều)\s+(?:[IVXL]+|\d+)(?P<stop>[.:]|\s*$)?")
_ENDS = re.compile(r"[.;:!?…](?:[”\"’')/.\]*]*)\s*$")
_CLOSES = re.compile(r"[.:!?…](?:[”\"’')/.\]*]*)\s*$")
_CUT = re.compile(r"\d\s?[-–/]$|\w[/-]$")
_SYMBOL = re.compile(r"[\dA-ZĐ]")
_DASHED = re.compile(r"[ *]*[-–—+]\s*")
_YEAR_END, _YEAR = re.compile(r"\d{4}$"), re.compile(r"\d{4}\b")
_SECOND_LEVEL = re.compile(r"\d{1,2}\.\d{1,2}\.\s")
_FIRST_POINT = re.compile(r"a\)\s")
SCRAP = 8  # characters of capitals that may be an abbreviation: `UBND.`
TAIL = 200  # characters at the end of a line that tell how it ends


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the lines of one input are like. `width` is the usual number of characters of a full line."""

    wrapped: bool
    spaced: bool
    width: float


def breaks(lines: list[tuple[Page, Line]], kept: list[tuple[Page, Line]]) -> list[bool]:
    """For each kept line, whether a paragraph begins there; `lines` holds the blank ones too."""
    gaps = _gaps(lines, kept)
    shape = _shape(kept, gaps)
    margins = {page.number: _margins(page, kept) for page, _ in kept if page.origin != "text"}
    return [k == 0 or _begins(kept, k, gaps[k], shape, margins) for k in range(len(kept))]


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


def _shape(kept: list[tuple[Page, Line]], gaps: list[bool]) -> _Shape:
    lengths = sorted(len(l.text.strip()) for _, l in kept if l.cell is None)
    if not lengths:
        return _Shape(False, False, 0)
    long = [n for n in lengths if n > 0.6 * lengths[int(len(lengths) * 0.9)]]
    width = median(long)
    running = [k for k in range(1, len(kept)) if _is_lower(kept[k][1].text) and not MARKER.match(kept[k][1].text)]
    # lines that stop in the middle of a sentence although there is no room left
    full = [k for k in range(len(kept) - 1) if len(kept[k][1].text.strip()) > 0.85 * width and not _ends(kept[k][1].text)]
    wrapped = lengths[int(len(lengths) * 0.9)] < 130 and (
        len(running) >= max(2, 0.12 * len(kept)) or (len(running) >= 2 and len(full) >= 0.2 * len(kept))
    )
    # a blank after every printed line: lines that go on in lower case stand after a blank too
    spaced = wrapped and sum(gaps[k] for k in running) > 0.6 * len(running)
    return _Shape(wrapped, spaced, width)


def _is_lower(text: str) -> bool:
    t = text.strip().lstrip('*“"')
    return t[:1].islower() or t[:1] in ",;)"


@cache
def _dangling() -> frozenset[str]:
    return frozenset(w.lower() for w in load("prose").words("dangling"))


@cache
def _openers() -> tuple[str, ...]:
    return tuple(load("prose").folded("openers"))


@cache
def _hyphenated() -> tuple[tuple[str, str], ...]:
    return tuple((fold(r["before"]), fold(r["after"])) for r in load("prose").table["hyphenated"])


def _opens(here: str) -> bool:
    """Whether a line begins with words that only begin a paragraph: `Trên đây là Kế hoạch …`, `Nơi nhận:`."""
    return fold(here[:40]).lstrip(" *-").startswith(_openers())


def goes_on(before: str, here: str) -> bool:
    """Whether `here` can only continue `before`: `Hội đồng Thi đua` / `- Khen thưởng`, `2023` / `- 2025`, `ngày` / `05/6`."""
    if _ends(before):
        return False
    if _CUT.search(before[-TAIL:]) and _SYMBOL.match(here):
        return True  # `2021-` / `2025`, `15/QĐ-` / `UBND`
    bullet = _DASHED.match(here)
    if bullet:
        b, rest = fold(plain_dashes(before[-TAIL:])).strip(" *-"), fold(plain_dashes(here[bullet.end() : TAIL])).strip(" *")
        if _YEAR_END.search(b) and _YEAR.match(rest):
            return True
        return any(b.endswith(x) and rest.startswith(y) for x, y in _hyphenated())
    if _SECOND_LEVEL.match(here) or (_FIRST_POINT.match(here) and MARKER.match(before)):
        return False  # `1. Trách nhiệm của Công an tỉnh` / `1.1. Phòng …`, `a) Phòng …`
    words = before[-TAIL:].lower().split()
    if before.isupper() or len(words) < 4:
        return False
    return words[-1] in _dangling() or " ".join(words[-2:]) in _dangling()


def _ends(text: str) -> bool:
    """Whether a line ends with a mark that ends a sentence or a member of a list."""
    return bool(_ENDS.search(text[-TAIL:]))


def _closes(text: str) -> bool:
    """Whether a line ends with a mark that ends a sentence."""
    return bool(_CLOSES.search(text[-TAIL:]))


def _begins(kept: list[tuple[Page, Line]], k: int, gap: bool, shape: _Shape, margins: dict[int, tuple[int, int, int] | None]) -> bool:
    (page0, line0), (page, line) = kept[k - 1], kept[k]
    before, here = line0.text.strip(), line.text.strip()
    if line.cell != line0.cell or (line.column != line0.column and page0 is page):
        return True
    if line.kind != line0.kind and "table" in (line.kind, line0.kind):
        return True
    if "|" in (here[0], before[0]) or "\t" in here:
        return True
    ended = _ends(before)
    if goes_on(before, here):
        return False
    if _opens(here):
        return True
    if MARKER.match(here):
        word = _WORDY.match(here)
        # `theo` / `Điều 12 Luật …` inside a sentence is no heading
        return ended or gap or word is None or bool(word["stop"]) or not shape.wrapped
    if ended and here.isupper() and len(here) > SCRAP and not before.isupper():
        return True  # a heading of which the marker was misread (`L MỤC ĐÍCH, YÊU CẦU`)
    lower = _is_lower(here)
    if lower and not _closes(before):
        return False
    if page.origin != "text" and page0.origin != "text" and margins.get(page.number):
        return _begins_boxed(kept, k, ended, lower, margins)
    if not shape.wrapped:
        return not lower or _closes(before)
    first = len(here.split()[0])
    room = len(before) + 1 + first < 0.86 * shape.width
    if shape.spaced:
        title = before.isupper() or bool(MARKER.match(before) and len(before) + 1 + first < 0.6 * shape.width)
        return (title and not lower) or (ended and len(before) + 1 + first < 0.93 * shape.width)
    if page0 is not page:  # a page break says nothing by itself
        return room and (_closes(before) or not lower)
    if gap:
        return not lower or ended if (ended or room) else len(before) < 0.92 * shape.width
    closed = _closes(before) and len(before) + 1 + first < 0.93 * shape.width
    return (room or closed) and (ended or not lower)


# ------------------------------------------------------------------------------------------------ page images


def _margins(page: Page, kept: list[tuple[Page, Line]]) -> tuple[int, int, int] | None:
    """Left edge, right edge and line pitch of a page's body text in pixels; None where there are too few lines."""
    boxes = [b for p, l in kept if p is page and l.cell is None and l.column is None and (b := l.box) is not None]
    wide = [b for b in boxes if b.right - b.left > 0.45 * max(1, page.width)]
    if len(wide) < 4:
        return None
    lefts = sorted(b.left for b in wide)
    rights = sorted(b.right for b in wide)
    pitches = sorted(b.top - a.top for a, b in zip(boxes, boxes[1:], strict=False) if 0 < b.top - a.top < 5 * (b.bottom - b.top))
    pitch = pitches[len(pitches) // 2] if pitches else 0
    return lefts[len(lefts) // 5], rights[(4 * len(rights)) // 5], pitch


def _word_width(line: Line) -> int:
    box = line.words[0].box if line.words else None
    return box.right - box.left if box else 0


def _begins_boxed(kept: list[tuple[Page, Line]], k: int, ended: bool, lower: bool, margins: dict[int, tuple[int, int, int] | None]) -> bool:
    (page0, line0), (page, line) = kept[k - 1], kept[k]
    b0, b = line0.box, line.box
    edge0, edge = margins.get(page0.number), margins.get(page.number)
    if b0 is None or b is None or edge is None:
        return ended
    left, right, pitch = edge
    indented = b.left > left + 0.025 * page.width
    room = edge0 is not None and _room(b0, edge0, _word_width(line))
    if page0 is not page:
        return (indented or room) and (ended or not lower)
    apart = pitch > 0 and b.top - b0.top > 1.45 * pitch
    centred = indented and b.right < right - 0.025 * page.width and b0.left > left + 0.025 * page.width
    if lower:
        return ended and (room or indented)
    return room or (indented and not centred) or (apart and ended)


def _room(box: Box, edge: tuple[int, int, int], word: int) -> bool:
    """Whether a line left room for the next word (and half a word more, for loose setting)."""
    return box.right + 1.3 * word + 0.02 * (edge[1] - edge[0]) < edge[1]
