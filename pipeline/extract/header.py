"""The letterhead: number, date, place, kind, title, marks of secrecy and urgency, and who issues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from spacy.tokens import Doc

from pipeline.document import Line, Page, PlanField, Problem
from pipeline.extract import authority, codes, issuer, names, scanned, spelling, title
from pipeline.extract.cells import Cell, evidence
from pipeline.extract.letterhead import Labelled, is_body_line, labelled, signed_rows
from pipeline.extract.numbering import (
    OwnNumber,
    agrees,
    annexed,
    date_fields,
    number_code,
    number_fields,
    overlay_date,
    own_date,
    own_number,
)
from pipeline.settings import Extract
from pipeline.text import fold, one_blank

HEAD_LINES = 60  # printed lines in which a letterhead and its title block are looked for
NEAR_NAME = 80  # likeness in per cent, blanks left out, from which a doubtful line is the body that the number's code tells
DOUBTFUL = 0.7  # confidence of a repaired word below which a body's name is left open


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of a document says. `rows`: first and last printed line of the title block, None where there is none."""

    fields: tuple[PlanField, ...]
    problems: tuple[Problem, ...]
    rows: tuple[int, int] | None
    authority: authority.Authority | None
    reasons: tuple[str, ...] = ()  # why a person should look at it, as keys `review.<reason>` of rules/messages.toml
    number_line: Line | None = None  # the printed line of the number

    def value(self, column: str) -> str | None:
        """The value of a column of `plans`; None where the page prints none."""
        return next((f.value for f in self.fields if f.column == column), None)


def read(lines: tuple[tuple[Page, Line], ...], settings: Extract | None = None) -> Head:
    """The letterhead and title block of one document's printed lines."""
    marked = labelled(_top(lines))
    block = title.find(marked)
    fields: list[PlanField] = []
    limit = block.last_row if block else _letterhead_end(marked)
    head = [m for m in marked if m.cell.row <= limit + 2 or m.label == "overlay"]
    before = [m for m in marked if m.cell.row < block.first_row] if block else head

    settings = settings or Extract()
    date = own_date(head, settings)
    number = own_number(head, settings)
    if number and number.identifier and scanned.is_recognised(number.cell):
        noun, year = block.noun if block else None, date.value[:4] if date else None
        if not agrees(number.identifier, noun, year):
            number = OwnNumber(number.cell, None, number.form)
    if block:
        fields += title.fields(block)
    elif _is_letter(marked, number.form if number else None):
        fields += title.letter(marked)
    under_title = annexed(lines, block)
    fields += number_fields(number, under_title)
    dates = date_fields(date, under_title, overlay_date(lines, fold(" ".join(m.cell.text for m in before if m.label == "body"))))
    fields += dates
    place = next((f.value for f in dates if f.column == "place"), None)
    garbled = any(scanned.is_mended(m.cell) for m in head)
    if place and garbled and (said := _as_elsewhere(place, lines)) != place:
        fields = [replace(f, value=said) if f.column == "place" else f for f in fields]
        place = said
    issue_date = next((f.value for f in dates if f.column == "issue_date"), None)
    told = _body_of(number)
    who, rows = _authority(before, place, issue_date, told)
    if who is None and not rows and block:
        who, rows = _authority(_below(marked, block), place, issue_date, told)
    if who and who.locality and any(scanned.is_recognised(m.cell) for m in head):
        who, rows = _locality_as_elsewhere(who, rows, place, lines)
    fields += rows
    if number and garbled and (code := number_code(number, who)) != number.identifier:
        fields = [f for f in fields if f.column not in ("number", "number_source")]
        number = OwnNumber(number.cell, code, number.form)
        fields += number_fields(number, None)
    for mark in ("secrecy", "urgency"):
        cell = next((m.cell for m in head if m.label == mark), None)
        if cell is not None:
            fields.append(PlanField(mark, cell.text.strip(" .-").upper(), "letterhead", evidence([cell], f"header.{mark}")))
    fields += title.named(fields, block)
    reasons = []
    if number and not any(f.column == "number" for f in fields):
        reasons.append("number_handwritten")
    if block and block.torn:
        reasons.append("uncertain_title")
    return Head(
        tuple(fields), (), (block.first_row, block.last_row) if block else None, who, tuple(reasons), number.cell.line if number else None
    )


def _top(lines: tuple[tuple[Page, Line], ...]) -> tuple[tuple[Page, Line], ...]:
    seen = 0
    for k, (_, line) in enumerate(lines):
        seen += bool(line.text.strip())
        if seen > HEAD_LINES:
            return lines[:k]
    return lines


def _as_elsewhere(place: str, lines: tuple[tuple[Page, Line], ...]) -> str:
    """A place as the document prints it most often, where other marks on the same letters say it: `Nghĩa Hạnh` of huyện Nghĩa Hành."""
    letters = fold(place)
    found: Counter[str] = Counter()
    for _, line in lines:
        folded = fold(line.text)
        at = folded.find(letters)
        while at >= 0:
            found[line.text[at : at + len(letters)].title()] += 1
            at = folded.find(letters, at + 1)
    best = found.most_common(1)[0] if found else (place, 0)
    return best[0] if best[1] > found[place] and fold(best[0]) == letters else place


def _locality_as_elsewhere(
    who: authority.Authority, rows: list[PlanField], dated: str | None, lines: tuple[tuple[Page, Line], ...]
) -> tuple[authority.Authority, list[PlanField]]:
    """The bodies with the name of their place as the document prints it most often, or over its date: `phường Bình Thời` of Bình Thới."""
    place = authority.place_of(who.locality or "")
    said = _as_elsewhere(place, lines)
    if said == place and dated and fold(dated) == fold(place):
        said = dated  # small letters are read more surely than capitals
    if said == place or spelling.province(place) is not None:
        return who, rows

    def told(name: str | None) -> str | None:
        return name.removesuffix(place) + said if name and name.endswith(" " + place) else name

    rows = [replace(r, value=told(r.value) or r.value) if r.column != "issuing_authority_printed" else r for r in rows]
    return replace(who, name=told(who.name) or who.name, parent=told(who.parent), locality=told(who.locality)), rows


def _letterhead_end(marked: tuple[Labelled, ...]) -> int:
    """The row of the last line of a letterhead that no title block closes."""
    rows = [
        m.cell.row for m in marked if m.label in ("national", "motto", "party", "number", "date", "about", "addressed") and m.cell.row < 25
    ]
    return max(rows, default=-1)


def _is_letter(marked: Iterable[Labelled], form: str | None) -> bool:
    """Whether a document without a kind printed over it is an official letter: by its symbol, or its `V/v` and `Kính gửi`."""
    labels = {m.label for m in marked if m.cell.row < 40}
    return form == "cv" or {"about", "addressed"} <= labels or ("about" in labels and "number" in labels)


# ------------------------------------------------------------------------------------------------------------ authority


def _body_of(number: OwnNumber | None) -> str | None:
    """The name that a number's code stands for, where one body alone has it: `12/KH-SYT` is of Sở Y tế."""
    if number is None or number.identifier is None:
        return None
    row = codes.issuers().get(number.identifier.issuer)
    return row["name_vi"] if row and not re.search(r"[/(]", row["name_vi"]) else None


def _told(cell: Cell, text: str, name: str | None) -> str:
    """A line that repair was not sure of, as the name that the number's code tells, where it is near to it: `SOI TẾ` is SỞ Y TẾ."""
    if name is None or not scanned.is_mended(cell) or authority.is_known(spelling.spell_out(text)):
        return text
    return name.upper() if fuzz.ratio(fold(text).replace(" ", ""), fold(name).replace(" ", "")) >= NEAR_NAME else text


def _authority(
    before: Iterable[Labelled], place: str | None, date: str | None, told: str | None
) -> tuple[authority.Authority | None, list[PlanField]]:
    """The bodies printed over the number: capitals of the left column that are nothing else; `told` is what its code stands for."""
    before = tuple(before)
    signed = signed_rows(before)
    numbered = any(m.label in ("number", "date") for m in before)
    lines = [
        m.cell
        for m in before
        if m.label == "body" and m.cell.row not in signed and (is_body_line(m.cell) or (numbered and _is_name(m.cell)))
    ]
    first = next((k for k, c in enumerate(lines) if authority.opens_body(c.masked)), None)
    if first is None:
        return None, []
    lines = lines[first:]
    texts = tuple(_told(c, _unframed(scanned.as_shown(c, c.text)), told) for c in lines)
    groups = authority.bodies(texts)
    printed = tuple(one_blank(" ".join(texts[k] for k in g)) for g in groups)
    if any(scanned.is_recognised(c) for c in lines) and re.search(r"[^\w\s,.&()'’-]|\d/|/\d|\d\s+\d+$", printed[-1]):
        return None, []  # a number line or scraps of a seal, and no name
    own = [lines[k] for k in groups[-1]]
    who = authority.official(printed, place, date)
    fields = []
    if who.parent:
        above = [lines[k] for g in groups[:-1] for k in g]
        fields.append(PlanField("parent_authority", who.parent, "letterhead", evidence(above, "header.parent")))
    if any(scanned.is_mended(c) and scanned.least_confidence(c) < DOUBTFUL for c in own) and not authority.is_known(who.name):
        # repair was not sure of a word of the name, and no table holds it; the body above stands by itself
        return None, fields if who.parent and authority.is_known(who.parent) else []
    e = evidence(own, "header.authority")
    return who, [
        PlanField("issuing_authority", who.name, "letterhead", e),
        PlanField("issuing_authority_printed", printed[-1], "letterhead", e),
        *fields,
    ]


def _unframed(text: str) -> str:
    """A line without the dashes that frame it, printed or read from a rule (`- NGHỆ AN -`); a dash at its end alone joins the next."""
    bare = text.strip()
    return bare.strip(" -–—") if bare[:1] in "-–—" else bare


# ----------------------------------------------------------------------------------------------------- what the body says


def _below(marked: tuple[Labelled, ...], block: title.Block) -> tuple[Labelled, ...]:
    """The letterhead lines that a conversion put under the title: the rows up to the last of them."""
    rows = [
        m.cell.row
        for m in marked
        if m.label in ("national", "motto", "number", "date") and block.last_row < m.cell.row < block.last_row + 12
    ]
    last = max(rows, default=-1) + 3
    return tuple(m for m in marked if block.last_row < m.cell.row <= last) if rows else ()


def _is_name(cell: Cell) -> bool:
    """Whether a line in small letters is a body's name and nothing else, as plain conversions print it."""
    text = cell.text
    if cell.column == "right" or len(text) > 80:
        return False
    name = names.at(text, fold(text), 0)
    return name is not None and name.lexicon and name.end == len(text)


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
