"""Tables that assign tasks, in annexes and in the body: each row is a task, with its units, time and product.

Columns are told by their headers (rules/annex_columns.csv), also by headers on two levels. Rows of numbers under the header, group rows
and repeated headers are passed over; a row that a page break cut is one; cells merged downward and ditto marks hold for each row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import fuzz
from spacy.tokens import Doc

from pipeline.extract import units
from pipeline.extract.cues import cues
from pipeline.extract.grids import EMPTY, Cell, Grid, Span, grids, joined
from pipeline.extract.prose import Prose
from pipeline.extract.rules import table
from pipeline.extract.unit_names import names_at
from pipeline.text import fold, one_blank

_NUMBERS = re.compile(r"\(?\s*(?:\d{1,2}|[A-Z])\s*\)?(?:\s*=.*)?")
_INDEX = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,2})*|[a-zđ])[.)]?")
_GROUP = re.compile(r"(?:[IVXL]{1,5}|[A-HĐ])[.)]?")
_DITTO = re.compile(r"[-–\s]*(?:nt|như trên|\"|”|“|''|//|-)[-–\s.]*", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-–—+•*]\s*|\d{1,2}[.)]\s+|[a-zđ]\)\s*)")


@dataclass(frozen=True, slots=True)
class Row:
    """One assigned task. Spans are offsets of the prose; `due` where the time column's header says that a day in it is the last one."""

    task: tuple[Span, ...]
    text: str
    responsible: tuple[str, ...]
    coordinating: tuple[str, ...]
    reports_to: tuple[str, ...]
    product: str | None
    time: tuple[Span, ...]
    time_start: tuple[Span, ...]
    time_end: tuple[Span, ...]
    due: bool
    extra: str  # words of a target column


def find(doc: Doc) -> tuple[Row, ...]:
    """The rows of every table of the document that assigns tasks, in order of print, read once."""
    if "annex_rows" not in doc.user_data:
        doc.user_data["annex_rows"] = read(doc._.prose)
    return doc.user_data["annex_rows"]


def lines_of_tables(prose: Prose) -> frozenset[int]:
    """Indices of prose lines that stand in tables with a header known to us: no running text."""
    out: set[int] = set()
    columns: list[str | None] | None = None
    for g in grids(prose):
        head = _header(g)
        if head is not None or (g.drawn and columns is not None):
            columns = head[0] if head else columns
            out |= set(range(g.first, g.last + 1))
        elif g.drawn:
            out |= set(range(g.first, g.last + 1))
    return frozenset(out)


def read(prose: Prose) -> tuple[Row, ...]:
    """The rows of the tables among the prose's lines."""
    out: list[Row] = []
    known: tuple[list[str | None], bool] | None = None
    page = 0
    for g in grids(prose):
        head = _header(g)
        if head is None:
            # a table that goes on over the page, its header printed on the first one only
            if known is None or not g.drawn or g.page - page > 1 or len(g.rows[0]) != len(known[0]):
                known = None
                continue
            columns, due, body = known[0], known[1], list(g.rows)
        else:
            columns, due, begin = head
            body = list(g.rows[begin:])
        if not _assigns(columns):
            known = None
            continue
        again = head is None or (known is not None and known[0] == columns and g.page == page + 1)
        _rows(body, columns, due, g.drawn, out, goes_on=again and bool(out))
        known, page = (columns, due), g.page
    return tuple(r for r in out if r.text)


def _assigns(columns: list[str | None]) -> bool:
    return "task" in columns and any(c in columns for c in ("responsible", "time", "product", "coordinating", "time_end"))


# ------------------------------------------------------------------------------------------------ headers


@cache
def _headers() -> tuple[tuple[str, str], ...]:
    return tuple((fold(re.sub(r"[,/]", " ", r["header"])), r["field"]) for r in table("annex_columns"))


def field_of(header: str) -> str | None:
    """The field that a column's header names: `Cơ quan, đơn vị chủ trì` is responsible; None for an unknown one."""
    words = one_blank(re.sub(r"[^a-z ]+", " ", fold(one_blank(header))))
    if not words or len(words) > 60:
        return None
    for known, field in _headers():
        if words == one_blank(known):
            return field
    best, name = 0.0, None
    for known, field in _headers():
        known = one_blank(known)
        score = fuzz.token_sort_ratio(words, known)
        if score > best:
            best, name = score, field
    if best >= 84:
        return name
    # a longer header that begins with a known one: `Nội dung công việc cần triển khai thực hiện`
    starts = [(len(k), f) for k, f in _headers() if len(k) > 6 and words.startswith(one_blank(k) + " ")]
    return max(starts)[1] if starts and len(words.split()) <= 9 else None


def _header(g: Grid) -> tuple[list[str | None], bool, int] | None:
    """Fields of the columns, whether the time column means a last day, and the index of the first row of the body."""
    for r in range(min(4, len(g.rows))):
        fields = [field_of(c.text) for c in g.rows[r]]
        if "task" not in fields or sum(f is not None for f in fields) < 2:
            continue
        headers = [c.text for c in g.rows[r]]
        begin = r + 1
        if begin < len(g.rows):
            below = [field_of(c.text) for c in g.rows[begin]]
            second = [c.text for c in g.rows[begin]]
            if "task" not in below and sum(f in ("responsible", "coordinating", "time", "time_start", "time_end") for f in below) >= 2:
                fields = [b or f for b, f in zip(below, fields, strict=True)]
                headers = [b or h for b, h in zip(second, headers, strict=True)]
                begin += 1
        if begin < len(g.rows) and _is_numbering(g.rows[begin]):
            begin += 1
        due = any(f == "time" and "han" in fold(h).split() for f, h in zip(fields, headers, strict=True))
        return _once(fields), due, begin
    return None


def _once(fields: list[str | None]) -> list[str | None]:
    """Only the first column of a kind counts as task or index."""
    out: list[str | None] = []
    for f in fields:
        out.append(None if f in ("task", "index") and f in out else f)
    return out


def _is_numbering(row: tuple[Cell, ...]) -> bool:
    full = [c.text for c in row if c.text]
    least = 1 if all("(" in t for t in full) else 2  # `(2)` alone: OCR lost the others
    return len(full) >= least and all(_NUMBERS.fullmatch(t.strip()) for t in full)


# ------------------------------------------------------------------------------------------------ rows


def _rows(body: list[tuple[Cell, ...]], columns: list[str | None], due: bool, drawn: bool, out: list[Row], goes_on: bool) -> None:
    group_units: tuple[str, ...] = ()
    kept: list[list[Cell]] = []
    index = columns.index("index") if "index" in columns else None
    task = columns.index("task")
    first = True
    if drawn:
        body = _copied_down(body, columns)
    for row in body:
        if _is_numbering(row) or _repeats_header(row, columns):
            continue
        full = [k for k, c in enumerate(row) if c.text.strip()]
        if not full:
            continue
        number = row[index].text.strip() if index is not None else ""
        if _is_group(row, full, index, task):
            words = row[task].text or row[full[-1]].text
            group_units = units.names_in_title(re.sub(r"^[\dIVXLA-H]+[.)]\s*", "", one_blank(words)))
            first = False
            kept.append([])
            continue
        if index is not None and not number and _continues(row, full, task, kept, first and goes_on):
            if kept and kept[-1]:
                kept[-1] = [joined([a, b]) for a, b in zip(kept[-1], row, strict=True)]
                out[-1] = _made(kept[-1], columns, due, group_units)
                first = False
                continue
            if first and goes_on and out:
                out[-1] = _extended(out[-1], row, columns)
                first = False
                continue
        cells = list(row)
        above = next((k for k in reversed(kept) if k), None)
        for k, c in enumerate(cells):
            if above is not None and c.text and columns[k] not in ("task", "index") and _DITTO.fullmatch(c.text):
                cells[k] = above[k]
        kept.append(cells)
        out.append(_made(cells, columns, due, group_units))
        first = False


def _is_group(row: tuple[Cell, ...], full: list[int], index: int | None, task: int) -> bool:
    number = row[index].text.strip() if index is not None else ""
    rest = [k for k in full if k != index]
    if len(rest) != 1:
        return False
    words = one_blank(row[rest[0]].text)
    if number:
        return bool(_GROUP.fullmatch(number)) or (words.isupper() and len(words) > 5)
    if index is not None and rest[0] == index:
        return len(words) > 3
    letters = [c for c in words if c.isalpha()]
    capitals = bool(letters) and all(c.isupper() for c in letters)
    return capitals or bool(re.match(r"(?:[IVXL]{1,5}|[A-H])[.)]\s|(?:Nhiệm vụ|Nhóm|Mục tiêu) \d", words)) or (rest[0] == 0 and task != 0)


def _repeats_header(row: tuple[Cell, ...], columns: list[str | None]) -> bool:
    said = [field_of(c.text) for c in row]
    return said.count("task") > 0 and sum(a == b and a is not None for a, b in zip(said, columns, strict=True)) >= 2


def _continues(row: tuple[Cell, ...], full: list[int], task: int, kept: list[list[Cell]], at_page_start: bool) -> bool:
    """Whether a row without a number belongs to the one before it."""
    words = row[task].text.strip()
    if not words:
        return True
    if words[0].islower() or words[0] in ",;)":
        return True
    if at_page_start and len(full) <= 2:
        return True
    before = kept[-1][task].text.strip() if kept and kept[-1] else ""
    return bool(before) and full == [task] and not before.endswith((".", ";"))


def _copied_down(body: list[tuple[Cell, ...]], columns: list[str | None]) -> list[tuple[Cell, ...]]:
    """Cells merged downward: their words stand in the middle of the rows they cover, below those of their own first row."""
    out = [list(r) for r in body]
    for k, name in enumerate(columns):
        if name not in ("responsible", "coordinating", "time", "product", "submit"):
            continue
        for r, row in enumerate(body):
            box = row[k].box
            others = [c.box for j, c in enumerate(row) if j != k and c.box is not None]
            if box is None or not others:
                continue
            top = min(b.top for b in others)
            middle = (box.top + box.bottom) / 2
            bottom = 2 * middle - top
            for s in range(r + 1, len(body)):
                below = [c.box for c in body[s] if c.box is not None]
                if not below or body[s][k].spans:
                    break
                centre = (min(b.top for b in below) + max(b.bottom for b in below)) / 2
                if middle <= max(b.bottom for b in others) or centre > bottom:
                    break
                out[s][k] = row[k]
    return [tuple(r) for r in out]


def _of(cells: list[Cell], columns: list[str | None], field: str) -> Cell:
    return joined([c for c, f in zip(cells, columns, strict=True) if f == field])


def _made(cells: list[Cell], columns: list[str | None], due: bool, group_units: tuple[str, ...]) -> Row:
    task = _of(cells, columns, "task")
    product = one_blank(_of(cells, columns, "product").text).strip(" -;") or None
    words = one_blank(task.text)
    mark = _BULLET.match(words)
    spans = task.spans
    if mark and spans:
        words = words[mark.end() :]
        spans = ((spans[0][0] + mark.end(), spans[0][1]), *spans[1:]) if spans[0][0] + mark.end() < spans[0][1] else spans
    return Row(
        spans,
        words,
        cell_units(_of(cells, columns, "responsible").text) or group_units,
        cell_units(_of(cells, columns, "coordinating").text),
        cell_units(_of(cells, columns, "submit").text),
        product,
        _of(cells, columns, "time").spans,
        _of(cells, columns, "time_start").spans,
        _of(cells, columns, "time_end").spans,
        due,
        one_blank(_of(cells, columns, "target").text),
    )


def _extended(row: Row, cells: tuple[Cell, ...], columns: list[str | None]) -> Row:
    """A row with what the next page adds to it."""
    more = _made(list(cells), columns, row.due, ())
    return replace(
        row,
        task=row.task + more.task,
        text=one_blank(f"{row.text} {more.text}"),
        responsible=row.responsible + more.responsible,
        coordinating=row.coordinating + more.coordinating,
        product=" ".join(filter(None, (row.product, more.product))) or None,
        time=row.time + more.time,
    )


def cell_units(text: str) -> tuple[str, ...]:
    """The units of a cell, parted by `;`, dashes at the start of a line, line breaks between names, or commas before a new name."""
    if not text.strip():
        return ()
    lines: list[str] = []
    for line in text.split("\n"):
        fresh = bool(_BULLET.match(line)) or not lines or lines[-1].rstrip().endswith(";")
        if fresh:
            lines.append(_BULLET.sub("", line))
        else:
            lines[-1] += " " + line
    out: list[str] = []
    for line in lines:
        for part in re.split(r"\s*;\s*(?:[-–+]\s+)?", one_blank(line)):
            out += _parted(part.strip(" .,;"))
    return tuple(dict.fromkeys(o for o in out if o and not _DITTO.fullmatch(o)))


def _parted(text: str) -> list[str]:
    if not text:
        return []
    c = cues(text)
    names = names_at(c, 0, lower=True)
    if names and names[-1].last == len(c.tokens):
        return [one_blank(text[n.start : n.end]) for n in names]
    parts = re.split(r",\s+(?=[A-ZĐ])", text)
    return [p.strip() for p in parts]


__all__ = ["EMPTY", "Row", "cell_units", "field_of", "find", "lines_of_tables", "read"]
