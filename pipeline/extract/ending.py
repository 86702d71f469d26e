"""The end of a document: the lines after the body, where recipients stand on the left and the signature on the right."""

from __future__ import annotations

import re
from collections.abc import Callable

from spacy.tokens import Doc

from pipeline.extract import scanned
from pipeline.extract.cells import Cell, cells
from pipeline.text import fold

_RECIPIENTS = re.compile(r"[\s*_#]*noi\s*nhan\s*[:;.]?[\s*_]*")
_MISREAD = re.compile(r"[\s*_#]*(?:n[a-z0-9]{0,2}\s+)?nhan\s*:\s*")  # the heading of a page image whose first word was lost
_REPAIRED = re.compile(r"[\s*_#]*n[a-z0-9]{1,2}\s+nhan\s*:.{0,6}")
_ENTRY = re.compile(r"\s*(?:[-–—+•·~¬]\s*\S|\*\s+[^\s*])")
_ANNEX = re.compile(r"[\s*#(]*(?:phu luc|danh muc|bang phan cong|bieu so|mau so)\b")
ABOVE, BELOW, TAIL = 16, 70, 45  # rows above and below `Nơi nhận` in which the signature is looked for; rows of the tail without it


def heading_row(doc: Doc) -> int | None:
    """The row of `Nơi nhận`: the last one of the document's main part, which annexes follow."""
    if "heading_row" not in doc.user_data:  # header, recipients and signature ask for it in turn
        numbered = reversed(list(enumerate(doc._.lines)))
        doc.user_data["heading_row"] = next(
            (row for row, shown in numbered if "nhan" in fold(shown[1].text) and any(heading_end(c) for c in cells((shown,)))), None
        )
    found: int | None = doc.user_data["heading_row"]
    return found


def heading_end(cell: Cell) -> int | None:
    """Where the heading `Nơi nhận:` ends that a cell begins with; None for any other cell."""
    m = _RECIPIENTS.match(cell.folded)
    if m and (m.end() == len(cell.folded) or ":" in m.group()):
        return m.end()
    if cell.page.origin == "ocr" and cell.column == "left":
        misread = _MISREAD.fullmatch(cell.folded)
    else:
        misread = _REPAIRED.fullmatch(cell.folded) if cell.line.raw != cell.line.text else None
    return len(cell.folded) if misread else None


def cells_of(doc: Doc) -> tuple[Cell, ...]:
    """The cells about the end of the main part, left before right."""
    lines = doc._.lines
    heading = heading_row(doc)
    if heading is not None:
        first, last = heading - ABOVE, heading + BELOW
    else:
        last = _annex_row(doc) or len(lines)
        shown = [k for k in range(last) if lines[k][1].text.strip()]
        first = shown[-TAIL // 2] if len(shown) > TAIL // 2 else 0
    first = max(first, title_end(doc) + 1)
    kept = tuple((p, l) for p, l in lines[first:last] if l.kind in ("text", "table"))
    stop = next((k for k, (_, l) in enumerate(kept) if k > ABOVE and l.text and _ANNEX.match(fold(l.text))), len(kept))
    return cells(kept[:stop])


def _annex_row(doc: Doc) -> int | None:
    start = title_end(doc) + 5
    return next(
        (
            k
            for k, (_, l) in enumerate(doc._.lines)
            if k > start and l.text and re.match(r"[\s*#(]*phu luc\b", fold(l.text)) and l.text.strip(" *#(")[:3].isupper()
        ),
        None,
    )


def title_end(doc: Doc) -> int:
    """The row where the title block ends; -1 where there is none."""
    rows = doc._.head_rows
    return rows[1] if rows else -1


def is_recipient(cell: Cell) -> bool:
    """Whether a cell belongs to the recipients: their heading, or an entry with its dash."""
    if heading_end(cell) == len(cell.folded):
        return True
    return cell.column != "right" and bool(_ENTRY.match(cell.line.text[cell.start : cell.end]))


LONG = 200  # characters; a longer cell is a paragraph
_LEFT = re.compile(r"[;.,:)](?=\s)|[\s*_#]*noi\s*nhan\s*[:;.]?(?=\s)")


def parted(cells: tuple[Cell, ...], is_signing: Callable[[str], bool], is_name: Callable[[str], bool]) -> tuple[Cell, ...]:
    """The cells, each cut before a signing line that a reader put behind a recipient: `- Như trên; KT. GIÁM ĐỐC`, `- Lưu: VT. Vũ Thị Hòa`.

    A name is one only below a signing line, and there is one of it.
    """
    out: list[Cell] = []
    signing = named = False
    for cell in cells:
        if cell.end - cell.start >= LONG:
            out.append(cell)
            continue
        own = is_recipient(cell) or heading_end(cell) is not None
        signing = signing or (not own and is_signing(scanned.as_shown(cell, cell.text.strip(" *_,.;"))))
        at = None
        for m in _LEFT.finditer(cell.folded) if own else ():
            part = cell.part(m.end(), len(cell.masked))
            rest = scanned.as_shown(part, part.text.strip(" *_,.;"))
            if is_signing(rest) or (signing and not named and is_name(rest)):
                at = m.end()
                named = named or not is_signing(rest)
                signing = True
                break
        if at is None:
            out.append(cell)
            continue
        left, right = cell.part(0, at), cell.part(at + 1, len(cell.masked))
        out += [Cell(c.page, c.line, c.row, c.start, c.end, column) for c, column in ((left, "left"), (right, "right"))]
    return tuple(out)
