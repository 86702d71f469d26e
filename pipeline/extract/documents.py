"""A reading parted into its documents: a decision and the plan that it issues stand in one file; annexes stay with theirs."""

from __future__ import annotations

import re

from pipeline.document import Line, Page, Problem, Reading
from pipeline.extract import letterhead, title
from pipeline.extract.cells import cells
from pipeline.text import fold

Lines = tuple[tuple[Page, Line], ...]

_ANNEX = re.compile(r"\s*[*#(]*\s*(?:phu luc|danh muc|mau so|mau\s+\d|bieu so|bieu mau|bang phan cong)\b")
_WORDS = re.compile(r"[^\s|]+")
_CLOSING = re.compile(r"[\s*_]*noi nhan\s*:?|[\s*_]*-?\s*luu\s*:?\s*vt\b")


def split(reading: Reading) -> tuple[Lines, ...]:
    """The lines of each document, in order; every line belongs to one. At least one document, also of an empty reading."""
    lines = tuple(reading.lines())
    if reading.starts:  # a person said so
        pages = sorted({1, *reading.starts})
        return tuple(tuple(x for x in lines if a <= x[0].number < b) for a, b in zip(pages, [*pages[1:], 10**9], strict=True))
    starts = [0, *_starts(lines)]
    return tuple(lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True))


END = 500  # lines at the end of a document that is too long, which hold its recipients and its signer


def bounded(lines: Lines, most: int) -> tuple[Lines, tuple[Problem, ...]]:
    """The lines of a document, of more than `most` printed ones those at its beginning and its end; and the problem that says so."""
    printed = [k for k, (_, line) in enumerate(lines) if line.words]
    if len(printed) <= most:
        return lines, ()
    first, last = printed[most - END - 1], printed[-END]
    detail = f"{lines[first][1].number + 1}-{lines[last][1].number - 1}"
    return lines[: first + 1] + lines[last:], (Problem("warning", "extract", "too_many_lines", detail, lines[last][0].number),)


def _starts(lines: Lines) -> list[int]:
    """Rows at which a further document begins: a letterhead, or a title block after a document that is complete."""
    out: list[int] = []
    seen_title = closed = annex = False
    last = 0
    nouns = tuple(title.nouns())
    for row, (page, line) in enumerate(lines):
        text = line.text
        if not text.strip() or len(text) > 200:
            continue
        folded = fold(text)
        if _ANNEX.match(folded):
            annex = True
        if _CLOSING.match(folded) or re.search(r"\bnoi nhan\s*:", folded):
            closed = True
            annex = False
        kind = len(text) < 160 and folded.startswith(nouns, len(folded) - len(folded.lstrip(" *#|_-")))
        national = "hoi chu nghia viet nam" in folded or folded.strip(" *#") == "dang cong san viet nam"
        may_begin = (kind or national) and row - last > 8 and seen_title and (closed or _page_top(lines, row))
        kind = kind and (may_begin or not seen_title) and _kind(page, line)
        if (national or kind) and may_begin:
            begins = (national and not annex and _letterhead_follows(lines, row)) or (kind and not annex and _title_follows(lines, row))
            if begins:
                start = _letterhead_top(lines, row, last)
                out.append(start)
                last, seen_title, closed, annex = start, False, False, False
        if kind:
            seen_title = True
        if national and not seen_title and row - last < 40:
            seen_title = seen_title or _letter(lines, row)
    return out


def _kind(page: Page, line: Line) -> bool:
    """Whether a printed line is the type word of a title block, in capitals."""
    if not any(word.isupper() for word in _WORDS.findall(line.text)):
        return False
    for cell in cells(((page, line),)):
        found = title.kind_of(cell.masked)
        if found and cell.text.strip(" *#").split(" ")[0].isupper():
            return True
    return False


def _letter(lines: Lines, row: int) -> bool:
    """Whether the letterhead at a row is that of an official letter, which has no title block."""
    return any(letterhead.label(line.text) in ("addressed", "about") for _, line in lines[row : row + 20])


def _page_top(lines: Lines, row: int) -> bool:
    """Whether a row is among the first printed lines of its page."""
    page = lines[row][0]
    if lines[0][0] is page:
        return False
    above = [line for p, line in lines[max(0, row - 12) : row] if p is page and line.text.strip()]
    return len(above) <= 6


def _letterhead_follows(lines: Lines, row: int) -> bool:
    """Whether a number, a date line or a type word stands in the lines around a national motto."""
    window = lines[max(0, row - 4) : row + 14]
    labels = [m.label for m in letterhead.labelled(window)]
    return ("number" in labels or "date" in labels) and ("kind" in labels or "addressed" in labels or "about" in labels)


def _title_follows(lines: Lines, row: int) -> bool:
    """Whether a type word heads a title block: a title, then the line on what issues it, a legal basis or a first part."""
    seen = 0
    for _, line in lines[row + 1 : row + 16]:
        text = line.text.strip()
        if not text:
            continue
        seen += 1
        if letterhead.label(text) == "annexed":
            return True
        if seen > 1 and re.match(r"(?:can cu|thuc hien|trien khai|nham|de)\b|(?:i|1|a|phan i|chuong i|dieu 1)\s*[.)/:-]", fold(text)):
            return True
    return False


def _letterhead_top(lines: Lines, row: int, last: int) -> int:
    """The first line of the letterhead above a national motto or a type word."""
    start = row
    small = 0
    for k in range(row - 1, max(last, row - 14), -1):
        page, line = lines[k]
        if page is not lines[row][0] and page.origin != "text":
            break
        text = line.text.strip()
        if not text:
            small += 1
            if small > 3:
                break
            continue
        marks = letterhead.labelled((lines[k],))
        fits = all(
            m.label in ("national", "motto", "party", "union", "number", "date", "secrecy", "urgency", "rule", "overlay")
            or letterhead.body_line(m.cell)
            for m in marks
        )
        if not fits or _CLOSING.match(fold(text)):
            break
        start, small = k, 0
    return start
