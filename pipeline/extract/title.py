"""The title block: kind of document, title, and what the title says of campaign and period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from pipeline.document import PlanField
from pipeline.extract import authority, scanned, spelling
from pipeline.extract.cells import Cell, evidence, is_rule, words
from pipeline.extract.rules import alternatives, load, table
from pipeline.text import fold, old_tone, one_blank

if TYPE_CHECKING:
    from pipeline.extract.letterhead import Labelled

MAX_LINES = 9  # printed lines of a title; a longer one is body text


@dataclass(frozen=True, slots=True)
class Block:
    """The kind's noun as the tables write it, where it stands, and the cells of the title under it."""

    noun: str
    kind: Cell
    title: tuple[Cell, ...]
    first_row: int
    last_row: int
    torn: bool = False  # whether a line of the title of a scan lost some of its words


@cache
def nouns() -> dict[str, str]:
    """The kinds that can stand over a title: folded → in normal case."""
    printed = {fold(k): k for k in load("header").words("kinds")}
    proper = {fold(r["name_vi"]): r["name_vi"] for r in table("doc_types")}
    return {k: proper.get(k, v[:1].upper() + v[1:]) for k, v in printed.items()}


@cache
def _wide() -> re.Pattern[str]:
    return re.compile(rf"({alternatives(load('header').folded('wide_kinds'))})\s+(?=\w)")


@cache
def _arrival() -> re.Pattern[str]:
    return load("header")["header.arrival_stamp"].pattern


_SCRAP = re.compile(r"(?:[^\W\d_A-ZĐ]{1,3}|\W{1,3})\s+")


def kind_of(text: str) -> tuple[str, int] | None:
    """The kind that a line names, and where the rest of the line (the title) begins: `KẾ HOẠCH` → Kế hoạch, 8.

    The noun stands alone in the line, or begins it in capitals (`KẾ HOẠCH PHÁT ĐỘNG …`). A colon makes it the formula `QUYẾT ĐỊNH:`.
    """
    bare = text.strip(" *#_-.|")
    folded = fold(bare)
    scrap = _SCRAP.match(bare)
    if scrap and spelling.is_caps(bare[scrap.end() :]) and one_blank(folded[scrap.end() :]) in nouns():
        bare, folded = bare[scrap.end() :], folded[scrap.end() :]  # a bit of a stamp read before the noun: `sự KẾ HOẠCH`
    stamp = _arrival().match(folded) if len(bare) < 90 else None
    if stamp and spelling.is_caps(bare[stamp.end() :]) and one_blank(folded[stamp.end() :]) in nouns():
        bare, folded = bare[stamp.end() :], folded[stamp.end() :]
    key = one_blank(folded)
    if key[1:2] == " " and re.fullmatch(r"(?:\w ){4,}\w", one_blank(bare)):  # K Ế  H O Ạ C H
        key = re.sub(r"(?<=\w) (?=\w)", "", re.sub(r"\s{2,}", "  ", bare))
        key = one_blank(fold(key))
        glued = {k.replace(" ", ""): v for k, v in nouns().items()}
        noun = glued.get(key.replace(" ", ""))
        return (noun, len(text)) if noun and spelling.is_caps(bare) else None
    noun = nouns().get(key)
    if noun and (spelling.is_caps(bare) or bare[:1].isupper()):
        return noun, len(text)
    m = _wide().match(folded)
    if m and spelling.is_caps(bare[: m.end()]) and len(bare) < 160 and not bare.rstrip().endswith(":"):
        return nouns()[one_blank(m[1])], text.find(bare) + m.end()
    return None


def find(marked: tuple[Labelled, ...]) -> Block | None:
    """The first title block among the labelled cells of a document's top."""
    for k, m in enumerate(marked):
        if m.label != "kind":
            continue
        found = kind_of(m.cell.masked)
        if found is None:
            continue
        noun, at = found
        rest = m.cell.part(at, len(m.cell.masked))
        words_left = fold(rest.text.strip(" .-*"))
        in_line = (rest,) if words_left and words_left not in load("header").folded("kind_tails") else ()
        if not in_line and not spelling.is_caps(m.cell.masked) and not _alone(marked, k):
            continue
        following, torn = _lines(marked, k + 1, bool(in_line))
        lines = (*in_line, *following)
        torn = torn or any(scanned.is_broken(w) for c in lines for w in scanned.touched(c))
        last = lines[-1].row if lines else m.cell.row
        return Block(noun, m.cell, lines, m.cell.row, last, torn)
    return None


def _alone(marked: tuple[Labelled, ...], k: int) -> bool:
    """Whether a noun in small letters stands in a line of its own near a letterhead, as in plain conversions."""
    return any(x.label in ("national", "number", "date") for x in marked[:k])


def _lines(marked: tuple[Labelled, ...], start: int, begun: bool) -> tuple[tuple[Cell, ...], bool]:
    """The lines of the title: up to a drawn rule, a formula that opens a body, or a paragraph's end; and whether one is torn."""
    out: list[Cell] = []
    spaced = _spaced(marked, start)
    axis = None if begun else scanned.centre(marked[start - 1].cell)
    for m in marked[start : start + MAX_LINES + 6]:
        if scanned.is_scrap(m.cell):
            continue
        cell = scanned.trimmed(m.cell, 0.5)
        text = cell.text.strip()
        if m.label in ("date", "number", "national", "motto", "overlay", "party", "union"):
            continue  # letterhead lines come in any order
        if m.label == "rule":
            if out or begun:
                break
            continue
        if m.label in ("annexed", "addressed", "kind", "secrecy", "urgency") or len(out) >= MAX_LINES:
            break
        if out and not spaced and m.cell.row - out[-1].row > 1 and not _joins(out[-1].text, text) and not _capitals_go_on(out[-1], cell):
            break
        runs_on = bool(out) and _unfinished(out[-1].text) and not text[:1].isupper()  # `Nghị quyết số` / `24/2013/NQ-HĐND`
        if (out or begun) and ((not runs_on and _opens(text, out)) or _parted(out, cell)):
            break
        if not out and not begun and _opens_always(text):
            break
        mate = _mate(marked, cell)
        if not out and not begun and _set_left(marked[start - 1].cell, cell):
            axis = None
        if out and _off_axis(axis, (mate, cell) if mate else (cell,)):
            return tuple(out), text[:1].islower() or _unfinished(out[-1].text)
        if mate:
            out.append(mate)
        out.append(cell)
        if re.search(r"[.;:]$", text) and not text.endswith("..."):
            if cell.page.origin == "ocr" and not _off_axis(axis, (cell,)) and axis is not None and len(text) < 60:
                continue  # a speck, or the point after an abbreviation
            if len(out) > 1 or len(text) > 160:
                out.pop()
            break
    return tuple(out), False


def _off_axis(axis: float | None, parts: tuple[Cell, ...]) -> bool:
    """Whether a line of a page image does not stand in the middle under the kind, as all lines of a title do."""
    middle = scanned.centre(*parts)
    return axis is not None and middle is not None and abs(middle - axis) > 0.045


def _set_left(kind: Cell, first: Cell) -> bool:
    """Whether kind and title of a page image begin at the left edge, one under the other, and so stand on no common middle."""
    above, here = scanned.box(kind), scanned.box(first)
    return bool(above and here) and abs(above.left - here.left) < 0.01 * kind.page.width  # type: ignore[union-attr]


def _unfinished(before: str) -> bool:
    """Whether a line can't be the last one of a title: it ends in a comma, a dash, or a word such as `số`, `của`, `tỉnh`."""
    last = before.split()[-1:] or [""]
    return bool(re.search(r"[,–-]$", before)) or fold(last[0]) in load("prose").folded("dangling")


def _parted(out: list[Cell], cell: Cell) -> bool:
    """Whether a gap on the page, where a short rule is drawn, parts a line of a scan from the title's last line."""
    if not out or cell.page is not out[-1].page:
        return False
    above, here = out[-1].line.box, cell.line.box
    return bool(above and here) and here.top - above.bottom > 1.25 * max(above.bottom - above.top, here.bottom - here.top)  # type: ignore[union-attr]


def _mate(marked: tuple[Labelled, ...], cell: Cell) -> Cell | None:
    """The left half of a line that was cut in two at the gap between the letterhead's columns."""
    box = cell.line.box
    if cell.column != "right" or box is None:
        return None
    for m in marked:
        other = m.cell.line.box
        if (
            m.cell.column == "left"
            and m.label == "body"
            and other
            and m.cell.page is cell.page
            and abs(other.top - box.top) < (box.bottom - box.top) / 2
        ):
            return m.cell
    return None


def _spaced(marked: tuple[Labelled, ...], start: int) -> bool:
    """Whether the source puts a blank line after every printed line, so that blank lines part nothing."""
    rows = sorted({m.cell.row for m in marked[start:]})[:16]
    gaps = sum(b - a > 1 for a, b in zip(rows, rows[1:], strict=False))
    return len(rows) > 3 and gaps >= 0.8 * (len(rows) - 1)


def _joins(before: str, here: str) -> bool:
    """Whether a line goes on with the one before it across a blank line."""
    return here[:1].islower() or bool(re.search(r"[,–-]$", before)) or before.count("“") > before.count("”")


def _capitals_go_on(above: Cell, here: Cell) -> bool:
    """Whether a line in capitals goes on with a title in capitals: a recogniser puts a blank line between any two lines."""
    text = here.text.strip()
    if not scanned.is_recognised(here) or here.row - above.row > 2 or not (spelling.is_caps(above.text) and spelling.is_caps(text)):
        return False
    return not authority.opens_body(text) and not _openers()[1].match(fold(text))


_OUTLINE = re.compile(
    r"(?:[IVX]{1,4}|[A-D]|\d{1,2})\s*[.)/-]\s*\S|[-–+•]\s+\S|(?:Phần|PHẦN|Điều|ĐIỀU|Chương|CHƯƠNG)\s+(?:[IVX]+|\d+|thứ)\b"
)


def _nearly(text: str) -> bool:
    """Whether a line begins with a misread `Căn cứ` or `Thực hiện`."""
    start = " ".join(text.split()[:2]).lower()
    return any(fuzz.ratio(start, w) >= 88 for w in ("căn cứ", "thực hiện", "triển khai"))


@cache
def _openers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    rules = load("header")
    heads = re.compile(rf"(?:{alternatives(rules.folded('issuing_heads'))})\b")
    return re.compile(rf"(?:{alternatives(rules.words('body_openers'))})\b", re.IGNORECASE), heads


def _opens_always(text: str) -> bool:
    return bool(_OUTLINE.match(text)) or bool(re.match(r"can cu\b|kinh gui\b|xet de nghi\b", fold(text)))


def _opens(text: str, out: list[Cell]) -> bool:
    """Whether a line under the first of a title opens the body, or names the head who decides."""
    folded = fold(text)
    opener, heads = _openers()
    if _opens_always(text) or len(text) > 180:
        return True
    if re.match(r"(?:nam|nam hoc|giai doan|quy|thang)\s[^,.;]{1,36}$", folded) and any(c.isdigit() for c in text):
        return False  # `Năm học 2024 - 2025` closes a title
    quoted = out and out[-1].text.count("“") > out[-1].text.count("”")
    if text[:1].isupper() and (opener.match(old_tone(text)) or _nearly(text)) and not spelling.is_caps(text) and not quoted:
        return not (out and re.search(r"(?:\b(?:va|cua|ve|cac|giai doan|cho)|[,–-])$", fold(out[-1].text)))
    small_title = out and not spelling.is_caps(out[-1].text)
    return bool(small_title and spelling.is_caps(text) and (heads.match(folded) or authority.opens_body(text)))


def text_of(parts: tuple[Cell, ...]) -> str:
    """The lines of a title joined (guidelines: by one blank; `2021-` and `2025` without)."""
    out = ""
    for part in parts:
        here = words(part.line.text[part.start : part.end]).strip()
        here = re.sub(r"^[-–_]{3,}|[-–_]{3,}$", "", here).strip()
        glue = "" if re.search(r"\d-$", out) and here[:1].isdigit() else " "
        out = f"{out}{glue}{here}" if out else here
    return re.sub(r"\s[-–—]+$", "", out)


def fields(block: Block) -> list[PlanField]:
    """doc_type and title of a title block."""
    out = [PlanField("doc_type", block.noun, "letterhead", evidence([block.kind], "header.kind"))]
    if block.title and text_of(block.title) and not block.torn:
        out.append(PlanField("title", text_of(block.title), "letterhead", evidence(block.title, "header.title")))
    return out


def letter(marked: tuple[Labelled, ...]) -> list[PlanField]:
    """doc_type and title of an official letter: `Công văn`, and the words from `V/v` on."""
    about = next((k for k, m in enumerate(marked) if m.label == "about"), None)
    shows = marked[about].cell if about is not None else next((m.cell for m in marked if m.label == "number"), None)
    out = []
    if shows is not None:
        out.append(PlanField("doc_type", "Công văn", "letterhead", evidence([shows], "header.letter")))
    if about is not None:
        first = marked[about].cell
        parts = [first]
        for m in marked[about + 1 : about + 12]:
            goes_on = m.label == "body" and m.cell.row - parts[-1].row == 2 and m.cell.text[:1].islower()  # over a blank line
            if (m.cell.row - parts[-1].row > 1 and not goes_on) or m.label not in ("body", "rule") or is_rule(m.cell.text):
                if m.label in ("date", "national", "motto") and m.cell.row - parts[-1].row <= 1:
                    continue
                break
            if first.column == "left" and m.cell.column == "right":
                continue
            if len(m.cell.text) > 90 or _opens_always(m.cell.text) or m.cell.text[:1].isupper() and _openers()[0].match(m.cell.text):
                break
            parts.append(m.cell)
        out.append(PlanField("title", text_of(tuple(parts)), "letterhead", evidence(parts, "header.about")))
    return out


# ------------------------------------------------------------------------------------------------- campaign and period

_QUOTED = re.compile(r"[“\"«]\s*([^“”\"«»]{3,300}?)\s*[”\"»]")


def named(found: list[PlanField], block: Block | None) -> list[PlanField]:
    """Campaign and period as the title prints them."""
    title_field = next((f for f in found if f.column == "title"), None)
    if title_field is None:
        return []
    title = title_field.value
    out = []
    name = campaign(title)
    if name:
        out.append(PlanField("campaign", name, title_field.source, title_field.evidence))
    start, end = period(title) if name or _spans(block, title) else (None, None)
    if start:
        out.append(PlanField("period_start", start, title_field.source, title_field.evidence))
    if end:
        out.append(PlanField("period_end", end, title_field.source, title_field.evidence))
    return out


def _spans(block: Block | None, title: str) -> bool:
    """Whether the years of a title are the document's own span: of a plan or programme, not of what a letter is about."""
    return block is not None and (fold(block.noun) in load("header").folded("period_kinds") or "ban hanh ke hoach" in fold(title))


def campaign(title: str) -> str | None:
    """The quoted name of the movement; without quotes the words from `phong trào` on; None where the title names none.

    `Phát động phong trào thi đua “Chung sức vì trẻ em” giai đoạn …` → `Chung sức vì trẻ em`. A theme (`chủ đề`) is no name.
    """
    folded = fold(title)
    m = re.search(rf"\b(?:{alternatives(load('header').folded('campaigns'))})\b", folded)
    if m is None:
        return None
    quoted = _QUOTED.search(title, m.start())
    if quoted and "chu de" not in folded[m.end() : quoted.start()]:
        return one_blank(quoted[1])
    if not re.match(r"phong trao", m.group()):
        return None
    return one_blank(title[m.start() :])


def period(title: str) -> tuple[str | None, str | None]:
    """First and last year (or month) that a title prints as its span: `giai đoạn 2023 - 2025` → 2023, 2025; `năm 2024` → 2024, 2024."""
    rules = load("header")
    folded = fold(title).replace("–", "-").replace("—", "-")
    masked = rules["header.not_period"].pattern.sub(lambda m: " " * len(m.group()), folded)
    m = rules["header.span"].pattern.search(masked)
    if m and int(m["first"]) <= int(m["last"]):
        return m["first"], m["last"]
    m = rules["header.half"].pattern.search(masked)
    if m:
        return (f"{m['year']}-01", f"{m['year']}-06") if m["half"] == "dau" else (f"{m['year']}-07", f"{m['year']}-12")
    m = rules["header.quarter"].pattern.search(masked)
    if m:
        q = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(m["quarter"]) or int(m["quarter"])
        return f"{m['year']}-{3 * q - 2:02d}", f"{m['year']}-{3 * q:02d}"
    m = rules["header.month"].pattern.search(masked)
    if m and 1 <= int(m["month"]) <= 12:
        when = f"{m['year']}-{int(m['month']):02d}"
        return when, when
    until, since = rules["header.until"].pattern.search(masked), rules["header.from_year"].pattern.search(masked)
    if until or since:
        return (since["first"] if since else None), (until["last"] if until else None)
    years = [m["year"] or m["bare"] for m in rules["header.year"].pattern.finditer(masked)]
    if years:
        return years[-1], years[-1]
    return None, None
