"""The printed page as cells: a line cut where two columns share it, as in the letterhead and beside `Nơi nhận`.

A letterhead reaches us in many shapes: two columns told by OCR, two columns on one line parted by wide blanks or a tab, glued by one
blank (`SỞ TƯ PHÁP CỘNG HÒA XÃ HỘI …`), one column after the other, or as cells of a Markdown table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.document import Box, Evidence, Line, Page, Word, joint_confidence
from pipeline.text import fold, one_blank, plain_dashes

# Marks of Markdown; blanked out for matching, so that offsets stay.
_MARKDOWN = str.maketrans(dict.fromkeys("*#`", " ") | {"\u00a0": " "})
_GAP = re.compile(r"\s{3,}|\t+\s*|\s*\|+\s*")
WIDE = 2000  # characters; a longer line is a paragraph, and no row of two columns
_RULE = re.compile(r"[\s\-–—_=*~.•·|:]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """`line.text[start:end]`; `row` counts the printed lines of the document from 0, `column` is None where it is not known."""

    page: Page
    line: Line
    row: int
    start: int
    end: int
    column: str | None

    @property
    def masked(self) -> str:
        """The words with Markdown marks blanked and dashes unified; offset 0 is `start`."""
        return plain_dashes(self.line.text[self.start : self.end].translate(_MARKDOWN))

    @property
    def text(self) -> str:
        """The words, Markdown dropped, blanks as one."""
        return words(self.line.text[self.start : self.end])

    @property
    def folded(self) -> str:
        """`masked`, folded; same length."""
        return fold(self.masked)

    def part(self, start: int, end: int) -> Cell:
        """The cell cut to `masked[start:end]`."""
        return Cell(self.page, self.line, self.row, self.start + start, self.start + end, self.column)


def words(text: str) -> str:
    """Text as it stands in a record: Markdown `*` dropped, blanks as one."""
    return one_blank(re.sub(r"[*`]|^\s*#+\s", "", text))


def is_rule(text: str) -> bool:
    """Whether a line is only a drawn rule, or blank."""
    return bool(_RULE.fullmatch(text)) if text else True


def cells(lines: Iterable[tuple[Page, Line]]) -> tuple[Cell, ...]:
    """The cells of printed lines, left before right; blank lines give none, but count as rows."""
    out: list[Cell] = []
    for row, (page, line) in enumerate(lines):
        if len(line.text) > WIDE:
            out.append(Cell(page, line, row, 0, len(line.text), line.column))
        elif line.text.strip():
            out += _boxed(page, line, row) if _has_boxes(line) else _spaced(page, line, row)
    return tuple(out)


def _has_boxes(line: Line) -> bool:
    return bool(line.words) and all(w.box is not None for w in line.words)


def _boxed(page: Page, line: Line, row: int) -> list[Cell]:
    """Cut at gaps wider than the blanks of justified print (a twentieth of the page)."""
    cuts = [0]
    words_ = line.words
    for k in range(1, len(words_)):
        left, right = words_[k - 1].box, words_[k].box
        if left and right and right.left - left.right > max(0.05 * page.width, 1.6 * (left.bottom - left.top)):
            if _belongs(fold(words_[k - 1].text), fold(words_[k].text)):
                continue
            cuts.append(k)
    out = []
    for a, b in zip(cuts, [*cuts[1:], len(words_)], strict=True):
        box = Box.around([w.box for w in words_[a:b] if w.box])
        column = line.column
        if column is None and box and page.width:
            centre, wide = (box.left + box.right) / 2 / page.width, (box.right - box.left) / page.width
            column = "left" if centre < 0.42 and wide < 0.5 else "right" if centre > 0.56 and wide < 0.6 else None
        out += _glued(Cell(page, line, row, words_[a].start, words_[b - 1].end, column))
    return out


def _spaced(page: Page, line: Line, row: int) -> list[Cell]:
    """Cut at wide blanks, tabs and the bars of a Markdown table."""
    text = line.text
    spans: list[tuple[int, int]] = []
    at = len(text) - len(text.lstrip())
    for m in _GAP.finditer(text, at):
        if m.start() > at and text[at : m.start()].strip():
            if not spans or not _belongs(_last(text[spans[-1][0] : spans[-1][1]]), _first(text[at:])):
                spans.append((at, m.start()))
            else:
                spans[-1] = (spans[-1][0], m.start())
        at = m.end()
    if text[at:].strip():
        end = len(text.rstrip())
        if spans and _belongs(_last(text[spans[-1][0] : spans[-1][1]]), _first(text[at:])):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((at, end))
    out = []
    for k, (a, b) in enumerate(spans):
        column = line.column
        if column is None and len(spans) > 1:
            column = "left" if k == 0 else "right"
        elif column is None and a >= 30 and (a + b) / 2 > 42:
            column = "right"
        out += _glued(Cell(page, line, row, a, b, column))
    return out


def _last(text: str) -> str:
    return fold(text).split()[-1] if text.split() else ""


def _first(text: str) -> str:
    return fold(text).split()[0] if text.split() else ""


def _belongs(before: str, after: str) -> bool:
    """Whether a wide blank stands for something to be filled in by hand (`Số:      /KH-SNV`, `ngày      tháng 4`)."""
    before, after = before.strip("*"), after.strip("*")
    if after.startswith("/") or (after.startswith("-") and len(after) > 2 and re.fullmatch(r"so:?|\d+", before)):
        return True
    if re.fullmatch(r"so:?", before):
        return bool(re.match(r"[\d.…_/-]", after))
    return (
        (before in ("ngay", "…", "...") and bool(re.match(r"thang|\d|\.|…", after)))
        or (before == "thang" and bool(re.match(r"nam|\d|\.|…", after)))
        or (before == "nam" and bool(re.match(r"\d|\.|…", after)))
        or (bool(re.fullmatch(r"[\d.…]{1,6}", before)) and after in ("thang", "nam"))
    )


_RIGHT = re.compile(r"(?<=\w )[\W_]*(?=cong hoa xa hoi chu nghia|doc lap\s*-\s*tu do|dang cong san viet nam)")
_UNION = re.compile(r"(?<=\w)(?<!ban chap hanh)(?<!bch)(?<!ban thuong vu)(?<!btv)\s+(?=doan tncs ho chi minh[\s.]*$)")
_NUMBER_DATE = re.compile(
    r"\s*((?:so(?![a-z])(?=[^,]*[\d/…])|s[0-9b§]{1,2}|s[a-z]{1,2}(?=\s\d+/[A-Za-z]))\s*:?\s*[\d.…]*\s*[/-]?\s*[\w&]+(?:\s?[/-]\s?[\w&]+)*)"
    r"[\s_~|]+(?=[^\W\d_][\w. ]{1,38},\s*ngay\b)"
)
_DATED = re.compile(r",\s*ngay\b")


def _before_place(text: str, folded: str) -> int | None:
    """Where the place of a date line begins that stands behind a line in capitals: `ĐẢNG ỦY XÃ AN BÌNH An Bình, ngày 3 tháng 9`."""
    dated = _DATED.search(folded)
    if dated is None:
        return None
    at = None
    for m in reversed(list(re.finditer(r"[^\W_][^\s,]*", text[: dated.start()]))):
        if (m[0].isupper() and not m[0].endswith(".")) or (m[0].isdigit() and at is not None):
            return at if at is not None and any(len(w) > 1 for w in text[: m.end()].split()) else None
        at = m.start()
    return None


def _glued(cell: Cell) -> list[Cell]:
    """A cell cut before what can only open the right column."""
    if cell.end - cell.start > 120:
        return [cell]
    masked = cell.masked
    folded = fold(masked)
    m = _RIGHT.search(folded) or _UNION.search(folded) or _NUMBER_DATE.match(folded)
    at = m.end() if m else _before_place(masked, folded)
    if at is None:
        return [cell]
    left = len(masked[:at].rstrip(" _~=|+-–—*"))
    return [
        Cell(cell.page, cell.line, cell.row, cell.start, cell.start + left, "left"),
        Cell(cell.page, cell.line, cell.row, cell.start + at, cell.end, "right"),
    ]


def evidence(parts: Iterable[Cell], rule: str, strength: float = 1.0) -> Evidence:
    """Where some cells stand, in their order: page and lines, box of the first page's words, raw words.

    `confidence` is that of the words together times `strength`. Raises ValueError for no cells.
    """
    parts = tuple(parts)
    if not parts:
        raise ValueError("no cells")
    first = parts[0]
    raws: list[str] = []
    boxes: list[Box] = []
    words: list[Word] = []
    for part in parts:
        inside = [w for w in part.line.words if w.start < part.end and w.end > part.start]
        for w in inside:
            if w.box is not None and part.page is first.page:
                boxes.append(w.box)
        words += inside
        if not inside:
            continue
        head, tail = inside[0], inside[-1]
        lo = head.raw_start + (max(part.start - head.start, 0) if part.line.raw[head.raw_start : head.raw_end] == head.text else 0)
        hi = tail.raw_end - (max(tail.end - part.end, 0) if part.line.raw[tail.raw_start : tail.raw_end] == tail.text else 0)
        raws.append(part.line.raw[lo:hi])
    same = [p for p in parts if p.page is first.page or p.page.origin == "text"]
    last = max((p.line.number for p in same), default=first.line.number)
    return Evidence(
        first.page.number,
        first.line.number,
        max(last, first.line.number),
        Box.around(boxes),
        " ".join(raws),
        round(joint_confidence(words) * strength, 4),
        rule,
    )
