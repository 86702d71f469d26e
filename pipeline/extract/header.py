"""The letterhead: number, date, place, kind, title, marks of secrecy and urgency, and who issues."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz
from spacy.tokens import Doc

from pipeline.document import Line, Page, PlanField, Problem
from pipeline.extract import authority, identifiers, issuer, title
from pipeline.extract.cells import Cell, cells, evidence, is_rule
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank, plain_dashes

LONG = 400  # characters; a longer line is no line of a letterhead
HEAD_LINES = 60  # printed lines in which a letterhead and its title block are looked for


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of a document says. `rows`: first and last printed line of the title block, None where there is none."""

    fields: tuple[PlanField, ...]
    problems: tuple[Problem, ...]
    rows: tuple[int, int] | None
    authority: authority.Authority | None

    def value(self, column: str) -> str | None:
        """The value of a column of `plans`; None where the page prints none."""
        return next((f.value for f in self.fields if f.column == column), None)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A cell of the letterhead and what it is: national, motto, party, number, date, about, addressed, secrecy, urgency, overlay, kind,
    annexed, rule, or body (anything else)."""

    cell: Cell
    label: str


def labelled(lines: tuple[tuple[Page, Line], ...]) -> tuple[Labelled, ...]:
    """The cells of some lines with their labels."""
    out = []
    for cell in cells(lines):
        out.append(Labelled(cell, "overlay" if cell.line.kind in ("overlay", "stamp") else label(cell.masked)))
    return tuple(out)


def label(text: str) -> str:
    """What a line of a letterhead is, by its words."""
    if len(text) > LONG:
        return "body"
    whole = fold(plain_dashes(text))
    folded = one_blank(whole).strip(" .-*_")
    if is_rule(text):
        return "rule"
    rules = load("header")
    if len(folded) < 60:
        for name in ("national", "motto", "party", "union"):
            if any(abs(len(w) - len(folded)) < 8 and fuzz.ratio(folded, w) >= 82 for w in rules.folded(name)):
                return name
    for name in (
        "number",
        "place_date",
        "place_date_short",
        "about",
        "addressed",
        "annexed",
        "signed_at",
        "stamped_at",
        "signature_overlay",
    ):
        rule = rules[f"header.{name}"]
        if rule.pattern.fullmatch(whole):
            return {
                "place_date": "date",
                "place_date_short": "date",
                "signed_at": "overlay",
                "stamped_at": "overlay",
                "signature_overlay": "overlay",
            }.get(name, name)
    found = identifiers.one(text) if len(folded) < 40 and "/" in text else None
    if found and found.start <= 2 and found.end >= len(text.rstrip()) - 1:
        return "number"
    letters = text.strip(" *.-_")
    if authority.is_caps(letters) or letters.istitle():
        if folded in rules.folded("secrecy") and letters.isupper():
            return "secrecy"
        if re.sub(r"\W+", " ", folded) in rules.folded("urgency"):
            return "urgency"
    if title.kind_of(text):
        return "kind"
    return "body"


def read(lines: tuple[tuple[Page, Line], ...]) -> Head:
    """The letterhead and title block of one document's printed lines."""
    marked = labelled(_top(lines))
    block = title.find(marked)
    fields: list[PlanField] = []
    problems: list[Problem] = []
    limit = block.last_row if block else _letterhead_end(marked)
    head = [m for m in marked if m.cell.row <= limit + 2 or m.label == "overlay"]
    before = [m for m in marked if m.cell.row < block.first_row] if block else head

    number = _number(head)
    date = _date(head)
    if block:
        fields += title.fields(block)
    elif _is_letter(marked, number):
        fields += title.letter(marked)
    annexed = _annexed(lines, block)
    fields += _numbered(number, annexed, problems)
    dates = _dated(date, annexed, _overlay_date(lines))
    fields += dates
    place = next((f.value for f in dates if f.column == "place"), None)
    issue_date = next((f.value for f in dates if f.column == "issue_date"), None)
    who, rows = _authority(before, place, issue_date)
    fields += rows
    for mark in ("secrecy", "urgency"):
        cell = next((m.cell for m in head if m.label == mark), None)
        if cell is not None:
            fields.append(PlanField(mark, cell.text.strip(" .-").upper(), "letterhead", evidence([cell], f"header.{mark}")))
    fields += title.named(fields, block)
    return Head(tuple(fields), tuple(problems), (block.first_row, block.last_row) if block else None, who)


def _top(lines: tuple[tuple[Page, Line], ...]) -> tuple[tuple[Page, Line], ...]:
    seen = 0
    for k, (_, line) in enumerate(lines):
        seen += bool(line.text.strip())
        if seen > HEAD_LINES:
            return lines[:k]
    return lines


def _letterhead_end(marked: tuple[Labelled, ...]) -> int:
    """The row of the last line of a letterhead that no title block closes."""
    rows = [
        m.cell.row for m in marked if m.label in ("national", "motto", "party", "number", "date", "about", "addressed") and m.cell.row < 25
    ]
    return max(rows, default=-1)


def _is_letter(marked: Iterable[Labelled], number: tuple[Cell, identifiers.Identifier] | None) -> bool:
    """Whether a document without a kind printed over it is an official letter: by its symbol, or its `V/v` and `Kính gửi`."""
    labels = {m.label for m in marked if m.cell.row < 40}
    return (number is not None and number[1].form == "cv") or {"about", "addressed"} <= labels or ("about" in labels and "number" in labels)


# ------------------------------------------------------------------------------------------------------- number and date


def _number(head: Iterable[Labelled]) -> tuple[Cell, identifiers.Identifier] | None:
    for m in head:
        if m.label == "number":
            found = identifiers.one(m.cell.masked)
            if found:
                return m.cell.part(found.start, found.end), found
            wide = identifiers.one(one_blank(m.cell.masked))  # Số: 45      /KH-SNV
            if wide:
                at = next(k for k, c in enumerate(m.cell.masked) if c.isdigit())
                return m.cell.part(at, len(m.cell.masked.rstrip())), wide
    return None


def _numbered(number: tuple[Cell, identifiers.Identifier] | None, annexed: _Annexed | None, problems: list[Problem]) -> list[PlanField]:
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
class _Date:
    cell: Cell
    value: str
    place: Cell | None
    rule: str


def _date(head: Iterable[Labelled]) -> _Date | None:
    best: _Date | None = None
    for m in head:
        if m.label != "date":
            continue
        for name in ("header.place_date", "header.place_date_short"):
            rule = load("header")[name]
            found = rule.pattern.fullmatch(rule.read(m.cell.masked))
            if not found:
                continue
            value = iso(found["year"], found["month"], found["day"])
            place = m.cell.part(*found.span("place")) if found["place"] else None
            date = _Date(m.cell, value, place, name)
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
class _Annexed:
    """The line `(Kèm theo Kế hoạch số …)`; `own` where the document that it names is the one in hand."""

    cell: Cell
    own: bool
    number: identifiers.Identifier | None
    date: str
    date_cell: Cell


_ANNEX_DATE = re.compile(r"ngay\s*(\d{1,2})?[\s.…]*(?:/|thang)\s*(\d{1,2})?[\s.…]*(?:/|nam)\s*((?:19|20)\d\d)")


def _annexed(lines: tuple[tuple[Page, Line], ...], block: title.Block | None) -> _Annexed | None:
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
            return _Annexed(cell, own, identifiers.one(cell.masked), value, where)
    return None


def _annex_date_below(cell: Cell, following: tuple[tuple[Page, Line], ...]) -> tuple[Cell, str]:
    """The date of a line in brackets that runs on into the next one."""
    for under in cells(following):
        whole = fold(cell.masked) + " " + under.folded
        when = _ANNEX_DATE.search(whole)
        if when and when.end() > len(cell.masked) + 1:
            return under.part(0, min(when.end() - len(cell.masked) - 1, len(under.masked))), iso(when[3], when[2], when[1])
    return cell, ""


def _overlay_date(lines: tuple[tuple[Page, Line], ...]) -> _Date | None:
    """The day of an electronic signature, wherever it is printed."""
    for cell in cells((p, l) for p, l in lines if ":" in l.text and any(c.isdigit() for c in l.text) and len(l.text) < 120):
        for name in ("header.signed_at", "header.stamped_at"):
            rule = load("header")[name]
            found = rule.pattern.fullmatch(rule.read(cell.masked))
            if found:
                return _Date(cell.part(found.start("day"), found.end("year")), iso(found["year"], found["month"], found["day"]), None, name)
    return None


def _dated(date: _Date | None, annexed: _Annexed | None, overlay: _Date | None) -> list[PlanField]:
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


# ------------------------------------------------------------------------------------------------------------ authority


def _authority(before: Iterable[Labelled], place: str | None, date: str | None) -> tuple[authority.Authority | None, list[PlanField]]:
    """The bodies printed over the number: capitals of the left column that are nothing else."""
    before = tuple(before)
    signed = _signed_rows(before)
    lines = [m.cell for m in before if m.label == "body" and m.cell.row not in signed and _is_body_line(m.cell)]
    first = next((k for k, c in enumerate(lines) if authority.opens_body(c.masked)), None)
    if first is None:
        return None, []
    lines = lines[first:]
    groups = authority.bodies(tuple(c.text for c in lines))
    printed = tuple(one_blank(" ".join(lines[k].text for k in g)) for g in groups)
    who = authority.official(printed, place, date)
    own = [lines[k] for k in groups[-1]]
    e = evidence(own, "header.authority")
    fields = [
        PlanField("issuing_authority", who.name, "letterhead", e),
        PlanField("issuing_authority_printed", printed[-1], "letterhead", e),
    ]
    if who.parent:
        above = [lines[k] for g in groups[:-1] for k in g]
        fields.append(PlanField("parent_authority", who.parent, "letterhead", evidence(above, "header.parent")))
    return who, fields


def _is_body_line(cell: Cell) -> bool:
    text = cell.text.strip(" -*_.")
    return cell.column != "right" and len(text) > 1 and len(text) < 90 and authority.is_caps(text)


def body_line(cell: Cell) -> bool:
    """Whether a line can be part of a body's name over a number: capitals, and no signer's title."""
    folded = cell.folded.strip()
    heads = load("header").folded("issuing_heads")
    return (
        _is_body_line(cell)
        and not re.match(r"(?:t\s?/?m|k\s?/?t|t\s?/?l|tuq|q)[./]", folded)
        and not any(folded.startswith(h) for h in heads)
    )


def _signed_rows(marked: tuple[Labelled, ...]) -> frozenset[int]:
    """Rows of the print of an electronic signature: the lines without a gap above its e-mail or time."""
    rows = {m.cell.row for m in marked}
    out: set[int] = set()
    for m in marked:
        if m.label == "overlay":
            row = m.cell.row - 1
            while (
                row in rows
                and row not in out
                and all(x.label == "body" and x.cell.column in ("right", None) for x in marked if x.cell.row == row)
            ):
                out.add(row)
                row -= 1
    return frozenset(out)


# ----------------------------------------------------------------------------------------------------- what the body says


def body(doc: Doc, head: Head) -> tuple[int, int]:
    """Offsets of `doc.text` between the title block and the recipients or the signature (the latter set by their finders)."""
    start = 0
    after = head.rows[1] if head.rows else _letterhead_end(labelled(_top(doc._.lines)))
    taken = {id(line) for _, line in doc._.lines[: after + 1]}
    for p in doc._.prose.paragraphs:
        if all(id(doc._.prose.lines[k][1]) in taken for k in range(p.first, p.last + 1)):
            start = p.end + 1
        else:
            break
    return start, len(doc.text)


def from_body(doc: Doc) -> tuple[PlanField, ...]:
    """What the letterhead does not print and the body does: who issues (`Sở Tư pháp xây dựng Kế hoạch …`), the span in days."""
    return (*issuer.from_body(doc), *issuer.span(doc))
