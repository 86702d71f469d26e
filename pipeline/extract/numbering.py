"""The document's own number, date and place: of the letterhead, else of the line under an annex's title, else of the e-signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.document import Line, Page, PlanField
from pipeline.extract import identifiers, title
from pipeline.extract.cells import Cell, cells, evidence
from pipeline.extract.letterhead import Labelled
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank


def own_number(head: Iterable[Labelled]) -> tuple[Cell, identifiers.Identifier] | None:
    """The symbol in the number line and where it stands; None where the number was left blank or can't be read."""
    for m in head:
        if m.label == "number":
            found = identifiers.one(m.cell.masked)
            if found and re.search(r"[:;.]\s*[^\s\d…._]+\s*\d*$", m.cell.masked[: found.start]):
                continue  # digits misread before it: no number rather than half of one
            if found:
                return m.cell.part(found.start, found.end), found
            wide = identifiers.one(one_blank(m.cell.masked))  # Số: 45      /KH-SNV
            if wide:
                at = next(k for k, c in enumerate(m.cell.masked) if c.isdigit())
                return m.cell.part(at, len(m.cell.masked.rstrip())), wide
    return None


def number_fields(number: tuple[Cell, identifiers.Identifier] | None, annexed: Annexed | None) -> list[PlanField]:
    """number and number_source."""
    if number:
        cell, found = number
        source = "overlay" if cell.line.kind == "overlay" else "letterhead"
        e = evidence([cell], "header.number", found.confidence)
        return [PlanField("number", found.canonical, source, e), PlanField("number_source", source, source, e)]
    if annexed and annexed.own and annexed.number:
        e = evidence([annexed.cell.part(annexed.number.start, annexed.number.end)], "header.annexed", annexed.number.confidence)
        return [PlanField("number", annexed.number.canonical, "annex", e), PlanField("number_source", "annex", "annex", e)]
    return []


@dataclass(frozen=True, slots=True)
class Printed:
    """A date as it is printed: ISO, partial where the day was left blank; the place before it, and the rule that read it."""

    cell: Cell
    value: str
    place: Cell | None
    rule: str


def own_date(head: Iterable[Labelled]) -> Printed | None:
    """The date line of a letterhead, the fullest where there are several."""
    best: Printed | None = None
    for m in head:
        if m.label != "date":
            continue
        for name in ("header.place_date", "header.place_date_short", "header.place_date_misread"):
            rule = load("header")[name]
            found = rule.pattern.fullmatch(rule.read(m.cell.masked))
            if not found:
                continue
            value = iso(found["year"], found["month"], found["day"])
            place = m.cell.part(*found.span("place")) if found["place"] else None
            date = Printed(m.cell, value, place, name)
            if best is None or len(value) > len(best.value):
                best = date
    return best


def iso(year: str | None, month: str | None, day: str | None) -> str:
    """`2023`, `4`, `27` → `2023-04-27`; shorter where a part is missing or out of range, empty without a year."""
    if not year:
        return ""
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day or not 1 <= int(day) <= 31:
        return f"{year}-{int(month):02d}"
    return f"{year}-{int(month):02d}-{int(day):02d}"


@dataclass(frozen=True, slots=True)
class Annexed:
    """The line `(Kèm theo Kế hoạch số …)`; `own` where the document that it names is the one in hand."""

    cell: Cell
    own: bool
    number: identifiers.Identifier | None
    date: str
    date_cell: Cell


_ANNEX_DATE = re.compile(r"ngay\s*(\d{1,2})?[\s.…]*(?:/|thang)\s*(\d{1,2})?[\s.…]*(?:/|nam)\s*((?:19|20)\d\d)")


def annexed(lines: tuple[tuple[Page, Line], ...], block: title.Block | None) -> Annexed | None:
    """The line under the document's own title, else the line under the title of one of its annexes."""
    if block is None:
        return None
    rule = load("header")["header.annexed"]
    for row in range(block.first_row + 1, len(lines)):
        text = lines[row][1].text
        near = row <= block.last_row + 3
        if "heo" not in text or not (near or re.match(r"[\s*]*[(\[]", text)):
            continue
        for cell in cells(lines[row : row + 1]):
            found = rule.pattern.fullmatch(rule.read(cell.masked))
            if not found:
                continue
            own = fold(block.noun) == one_blank(found["kind"])
            if not (own or near):
                continue
            when = _ANNEX_DATE.search(fold(cell.masked))
            if when:
                where, value = cell.part(*when.span()), iso(when[3], when[2], when[1])
            else:
                where, value = _annex_date_below(cell, lines[row + 1 : row + 2])
            return Annexed(cell, own, identifiers.one(cell.masked), value, where)
    return None


def _annex_date_below(cell: Cell, following: tuple[tuple[Page, Line], ...]) -> tuple[Cell, str]:
    """The date of a line in brackets that runs on into the next one."""
    for under in cells(following):
        whole = fold(cell.masked) + " " + under.folded
        when = _ANNEX_DATE.search(whole)
        if when and when.end() > len(cell.masked) + 1:
            return under.part(0, min(when.end() - len(cell.masked) - 1, len(under.masked))), iso(when[3], when[2], when[1])
    return cell, ""


def overlay_date(lines: tuple[tuple[Page, Line], ...]) -> Printed | None:
    """The day of the issuing body's electronic signature (`Ngày ký: …`), wherever it is printed.

    A bare time (`24.01.2025 20:01:14`) may be that of an office that publishes the paper days later: it is no issue date.
    """
    rule = load("header")["header.signed_at"]
    for cell in cells((p, l) for p, l in lines if ":" in l.text and any(c.isdigit() for c in l.text) and len(l.text) < 120):
        found = rule.pattern.fullmatch(rule.read(cell.masked))
        if found:
            return Printed(
                cell.part(found.start("day"), found.end("year")), iso(found["year"], found["month"], found["day"]), None, rule.id
            )
    return None


def date_fields(date: Printed | None, annexed: Annexed | None, overlay: Printed | None) -> list[PlanField]:
    """Place and date: of the letterhead; where its day was left blank, of another place on the page that agrees with it."""
    out: list[PlanField] = []
    printed = date.value if date else ""
    candidates = [(printed, "letterhead", date.cell if date else None, date.rule if date else "")]
    if annexed and annexed.own and annexed.date:
        candidates.append((annexed.date, "annex", annexed.date_cell, "header.annexed"))
    if overlay:
        candidates.append((overlay.value, "overlay", overlay.cell, overlay.rule))
    best = next((c for c in candidates if c[0]), None)
    if best:
        full = next((c for c in candidates if len(c[0]) == 10 and c[0].startswith(best[0])), best)
        value, source, cell, rule = full
        if cell is not None:
            e = evidence([cell], rule)
            out += [PlanField("issue_date", value, source, e), PlanField("issue_date_source", source, source, e)]
    if date and date.place:
        out.append(PlanField("place", date.place.text.strip(" ,."), "letterhead", evidence([date.place], date.rule)))
    return out
