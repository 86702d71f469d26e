"""The document's own number, date and place: of the letterhead, else of the line under an annex's title, else of the e-signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.document import Line, Page, PlanField, joint_confidence
from pipeline.extract import authority, codes, identifiers, scanned, spelling, title
from pipeline.extract.cells import Cell, cells, evidence
from pipeline.extract.letterhead import Labelled
from pipeline.extract.rules import load
from pipeline.settings import Extract
from pipeline.text import fold, one_blank


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """The symbol of the number line and where it stands; `identifier` is None where the line shows a number that can't be relied on.
    `form` is that of the symbol (`cv` of an official letter), which its code tells even so."""

    cell: Cell
    identifier: identifiers.Identifier | None
    form: str | None


_BEFORE = re.compile(r"[\s*|]*(?:[s$][o0-9b§n]{0,2}[\s:.;*]*)?")
_DIGITS = re.compile(r"\d{1,6}(?:bis|[a-d]|\.\d{1,2})?(?=\s{0,12}[/-])")


def own_number(head: Iterable[Labelled], settings: Extract) -> OwnNumber | None:
    """The symbol in the number line and where it stands; None where no number is printed, or the line holds nothing that is like one.

    Of a scan only digits count that were read for sure: those written by hand into `Số:      /KH-UBND` seldom are.
    """
    head = tuple(head)
    exact = not any(scanned.is_recognised(m.cell) for m in head)
    unread: OwnNumber | None = None
    for m in head:
        if m.label != "number":
            continue
        form = None
        found = identifiers.one(m.cell.masked, exact=exact)
        if found:
            form = found.form
        if found and re.search(r"[:;.]\s*[^\s\d…._]+\s*\d*$", m.cell.masked[: found.start]):
            found = None  # digits misread before it: no number rather than half of one
        elif found:
            cell = m.cell.part(found.start, found.end)
            if _is_sure(m.cell, found, settings):
                return OwnNumber(cell, found, form)
            found = None
        elif wide := identifiers.one(one_blank(m.cell.masked), exact=exact):  # Số: 45      /KH-SNV
            at = next(k for k, c in enumerate(m.cell.masked) if c.isdigit())
            if _is_sure(m.cell, wide, settings):
                return OwnNumber(m.cell.part(at, len(m.cell.masked.rstrip())), wide, wide.form)
        if unread is None and scanned.is_recognised(m.cell):
            unread = OwnNumber(m.cell, None, form)
    return unread


def _is_sure(cell: Cell, found: identifiers.Identifier, settings: Extract) -> bool:
    """Whether the digits of a number line were read for sure: always in clean text."""
    if not scanned.is_recognised(cell):
        return True
    masked = cell.masked
    at = next((k for k in range(found.start, len(masked)) if masked[k].isdigit()), 0)
    digits = _DIGITS.match(masked, at)
    before = cell.line.text[cell.start : cell.start + at]  # not masked: `#4` is no number with Markdown before it
    if digits is None or not _BEFORE.fullmatch(fold(before)):
        return False
    if found.number != digits.group().lstrip("0").rjust(2, "0").lower():
        return False
    apart = masked[digits.end() : digits.end() + 1].isspace()
    return scanned.digits_are_sure(cell.part(at, digits.end()), settings.written_digits_above if apart else settings.digits_above)


def number_fields(number: OwnNumber | None, annexed: Annexed | None) -> list[PlanField]:
    """number and number_source."""
    if number and number.identifier:
        cell, found = number.cell, number.identifier
        source = "overlay" if cell.line.kind == "overlay" else "letterhead"
        e = evidence([cell], "header.number", found.confidence)
        return [PlanField("number", found.canonical, source, e), PlanField("number_source", source, source, e)]
    if annexed and annexed.own and annexed.number:
        e = evidence([annexed.cell.part(annexed.number.start, annexed.number.end)], "header.annexed", annexed.number.confidence)
        return [PlanField("number", annexed.number.canonical, "annex", e), PlanField("number_source", "annex", "annex", e)]
    return []


def number_code(number: OwnNumber, who: authority.Authority | None) -> identifiers.Identifier | None:
    """The symbol of a garbled number line with the strokes that the body's name tells (`37/KH-CDN` of a Công đoàn ngành is CĐN).

    None where a code holds a D that neither a table nor the name can tell from Đ.
    """
    found = number.identifier
    if found is None or number.cell.page.origin != "text":
        return found
    canonical = found.canonical
    for code in scanned.doubtful_codes(found):
        if "D" not in code:
            continue
        stroked = _of_initials(code, who.name if who else "")
        if stroked is None:
            return None
        canonical = canonical.replace(code, stroked)
    return replace(found, canonical=canonical)


def _of_initials(code: str, name: str) -> str | None:
    """A code with the strokes of the words that it abbreviates, one after the other; None where it does not abbreviate the name."""
    initials = "".join(w[0] for w in re.findall(r"[^\W\d_]+", name.upper()) if w not in ("VÀ", "CỦA", "CÁC"))
    at = initials.replace("Đ", "D").find(code.replace("Đ", "D"))
    return initials[at : at + len(code)] if at >= 0 else None


def agrees(identifier: identifiers.Identifier, noun: str | None, year: str | None) -> bool:
    """Whether a symbol can be that of a document of this kind and year: `12/QĐ-UBND` is no Chỉ thị."""
    usual = codes.code_of_noun(noun) if noun else frozenset()
    if identifier.type_code and usual and identifier.type_code not in usual:
        return False
    return not (identifier.year and year and identifier.year != year)


@dataclass(frozen=True, slots=True)
class Printed:
    """A date as it is printed: ISO, partial where the day was left blank; the place before it, and the rule that read it."""

    cell: Cell
    value: str
    place: Cell | None
    rule: str


_DATE_RULES = ("header.place_date", "header.place_date_short", "header.place_date_misread", "header.place_date_torn")


def own_date(head: Iterable[Labelled], settings: Extract) -> Printed | None:
    """The date line of a letterhead, the fullest where there are several; `value` is empty where nothing of its date can be read.

    Of a scan a day, month or year counts only where its digits were read for sure.
    """
    best: Printed | None = None
    for m in head:
        if m.label != "date":
            continue
        for name in _DATE_RULES:
            rule = load("header")[name]
            found = rule.pattern.fullmatch(rule.read(m.cell.masked))
            if not found:
                continue
            day, month, year = (_sure_group(m.cell, found, g, settings) for g in ("day", "month", "year"))
            place = m.cell.part(*found.span("place")) if found["place"] else None
            date = Printed(_of_date(m.cell, found, day, month), iso(year, month, day), place, name)
            if best is None or len(date.value) > len(best.value):
                best = date
    return best


def _of_date(cell: Cell, found: re.Match[str], day: str | None, month: str | None) -> Cell:
    """The words of a date line that its date was read from: `tháng 4 năm 2023` where the day could not be read."""
    if day or not scanned.is_recognised(cell) or not found["year"]:
        return cell
    word = found.string.find("thang" if month else "nam", found.end("place") if found["place"] else 0)
    return cell.part(max(word, 0), found.end("year"))


def _sure_group(cell: Cell, found: re.Match[str], group: str, settings: Extract) -> str | None:
    """A part of a date, None where it is missing or was not read for sure."""
    value = found[group]
    if not value or not scanned.is_recognised(cell):
        return value or None
    start, end = found.span(group)
    around = found.string[start - 1 : start] + found.string[end : end + 1]
    if group == "day" and re.search(r"[^\s./-]", around):
        return None  # `1'` may be a 17
    above = settings.written_digits_above if group == "day" else settings.digits_above
    return value if scanned.digits_are_sure(cell.part(start, end), above) else None


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


def overlay_date(lines: tuple[tuple[Page, Line], ...], letterhead: str = "") -> Printed | None:
    """The day of the issuing body's electronic signature (`Ngày ký: …`), wherever it is printed; `letterhead` holds its words, folded.

    A bare time (`24.01.2025 20:01:14`) may be that of an office that publishes the paper days later: it is no issue date. Nor is that of
    a signature by an office that certifies a copy, unless the letterhead is that office's own.
    """
    rule = load("header")["header.signed_at"]
    offices = load("header").folded("certifying_offices")
    for row, (page, line) in enumerate(lines):
        if ":" not in line.text or len(line.text) >= 120 or not any(c.isdigit() for c in line.text):
            continue
        for cell in cells(((page, line),)):
            found = rule.pattern.fullmatch(rule.read(cell.masked))
            if not found:
                continue
            signer = fold(" ".join(one_blank(l.text) for l in _signature_above(lines, row)))
            if any(w in signer and w not in letterhead for w in offices):
                continue
            where = cell.part(found.start("day"), found.end("year"))
            return Printed(where, iso(found["year"], found["month"], found["day"]), None, rule.id)
    return None


def _signature_above(lines: tuple[tuple[Page, Line], ...], row: int) -> list[Line]:
    """The lines of an electronic signature down to its time: those above it, up to the time of another one or a gap."""
    out = [lines[row][1]]
    page = lines[row][0]
    for k in range(row - 1, max(row - 8, -1), -1):
        line = lines[k][1]
        if lines[k][0] is not page or not line.text.strip() or line.kind != lines[row][1].kind or re.search(r"\d:\d\d", line.text):
            break
        out.append(line)
    return out[::-1]


def date_fields(date: Printed | None, annexed: Annexed | None, overlay: Printed | None) -> list[PlanField]:
    """Place and date: of the letterhead; where its day was left blank, of another place on the page that agrees with it.

    Where a scan shows a date line whose day can't be read, a day was written there by hand: the electronic signature, often of
    a later day, doesn't stand for it.
    """
    out: list[PlanField] = []
    printed = date.value if date else ""
    candidates = [(printed, "letterhead", date.cell if date else None, date.rule if date else "")]
    if annexed and annexed.own and annexed.date:
        candidates.append((annexed.date, "annex", annexed.date_cell, "header.annexed"))
    if overlay and not (date and scanned.is_recognised(date.cell)):
        candidates.append((overlay.value, "overlay", overlay.cell, overlay.rule))
    best = next((c for c in candidates if c[0]), None)
    if best:
        full = next((c for c in candidates if len(c[0]) == 10 and c[0].startswith(best[0])), best)
        value, source, cell, rule = full
        if cell is not None:
            e = evidence([cell], rule)
            out += [PlanField("issue_date", value, source, e), PlanField("issue_date_source", source, source, e)]
    if date and date.place and (name := _place(date.place)):
        out.append(PlanField("place", name, "letterhead", evidence([date.place], date.rule)))
    return out


def _place(cell: Cell) -> str | None:
    """The place as printed; of a scan the name that the lexicon knows with other diacritics, and none where it was hardly read."""
    name = cell.text.strip(" ,.")
    if not scanned.is_recognised(cell):
        return name
    known = spelling.province(name)
    if known and fold(known.name) == fold(name):
        return known.name
    return name if joint_confidence(scanned.touched(cell)) >= 0.5 else None
