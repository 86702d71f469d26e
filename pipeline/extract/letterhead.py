"""The lines of a letterhead, each told by its words: national motto, number, date, body, print of an electronic signature."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.document import Line, Page
from pipeline.extract import identifiers, scanned, spelling, title
from pipeline.extract.cells import Cell, cells, is_rule
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank, plain_dashes

# What is left of `Số: ` before a symbol that stands alone: `$6: `, `Sơn `.
_LABEL_MISREAD = re.compile(r"\W{0,2}|\W{0,2}[s5$§]\w{0,2}\s?(?:[:;.]|(?<=[a-z0-9])(?=\s))\s?")
LONG = 400  # characters; a longer line is no line of a letterhead


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
    return tuple(Labelled(m.cell, "body") if m.label == "kind" and _names_a_body(m, out[k + 1 :]) else m for k, m in enumerate(out))


def _names_a_body(m: Labelled, below: list[Labelled]) -> bool:
    """Whether a line that begins with a kind is part of a body's name (`KẾ HOẠCH HÓA GIA ĐÌNH`): number and kind are printed below it."""
    found = title.kind_of(m.cell.masked)
    if found is None or not m.cell.masked[found[1] :].strip():
        return False
    rest = [x.label for x in below[:12]]
    return "number" in rest and "kind" in rest[rest.index("number") :]


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
        "place_date_misread",
        "place_date_torn",
        "about",
        "addressed",
        "annexed",
        "signed_at",
        "stamped_at",
        "signature_overlay",
    ):
        rule = rules[f"header.{name}"]
        if rule.pattern.fullmatch(whole) and not (name == "number" and title.kind_of(text)):
            return {
                "place_date": "date",
                "place_date_short": "date",
                "place_date_misread": "date",
                "place_date_torn": "date",
                "signed_at": "overlay",
                "stamped_at": "overlay",
                "signature_overlay": "overlay",
            }.get(name, name)
    if rules["header.number_misread"].pattern.fullmatch(whole) and not title.kind_of(text):
        return "number"
    found = identifiers.one(text) if len(folded) < 40 and "/" in text else None
    if found and _LABEL_MISREAD.fullmatch(whole[: found.start]) and not re.search(r"[^\W_]", text[found.end :]):
        return "number"
    letters = text.strip(" *.-_")
    if spelling.is_caps(letters) or letters.istitle():
        if re.sub(r"[\W\d]+", " ", folded).strip() in rules.folded("marks"):
            return "mark"
        if folded in rules.folded("secrecy") and letters.isupper():
            return "secrecy"
        if re.sub(r"\W+", " ", folded) in rules.folded("urgency"):
            return "urgency"
    if title.kind_of(text):
        return "kind"
    return "body"


def is_body_line(cell: Cell) -> bool:
    """Whether a line over the number can print a body's name: capitals of the left column."""
    text = scanned.as_shown(cell, cell.text.strip(" -*_."))
    return (
        cell.column != "right"
        and 1 < len(text) < 90
        and spelling.is_caps(text)
        and not re.search(r"[:/]|\d{3}", text.replace("HIV/AIDS", ""))
    )


def body_line(cell: Cell) -> bool:
    """Whether a line can be part of a body's name over a number: capitals, and no signer's title."""
    folded = cell.folded.strip()
    heads = load("header").folded("issuing_heads")
    return (
        is_body_line(cell)
        and not re.match(r"(?:t\s?/?m|k\s?/?t|t\s?/?l|tuq|q)[./]", folded)
        and not any(folded.startswith(h) for h in heads)
    )


def signed_rows(marked: tuple[Labelled, ...]) -> frozenset[int]:
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
