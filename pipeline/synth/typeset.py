"""A plan set on A4 pages as Nghị định 30/2020/NĐ-CP, Phụ lục I, lays it out (Party papers as Hướng dẫn 36-HD/VPTW does).

Margins 20 mm above and below, 30 mm left, 15 mm right; two-column letterhead with rules; body justified with the first line indented;
page numbers in the top margin from page 2; Nơi nhận beside the signer; annex tables on pages of their own, numbered anew.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from pipeline.synth import marks
from pipeline.synth.fonts import check_glyphs, font_path
from pipeline.synth.source import PARTY, STATE, Annex, Document, Sample, paragraphs, plain_text

LEFT, RIGHT, ABOVE, BELOW = 30 * mm, 15 * mm, 20 * mm, 20 * mm
LINE = A4[0] - LEFT - RIGHT
INDENT = 10 * mm
GAP = 21 * mm  # room for the signature
DRAWN_DPI = 200  # of seals and signatures inside a born-digital PDF


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a hand is to leave something: `what` is `signature`, `seal` or `pen`; x, y in points from the lower left of page `page`."""

    page: int
    what: str
    x: float
    y: float
    text: str = ""
    size_pt: float = 0


@dataclass(frozen=True, slots=True)
class Sheets:
    """A typeset sample: the PDF, the size of each page in points, and the spots that hands fill."""

    pdf: bytes
    sizes: tuple[tuple[float, float], ...]
    spots: tuple[Spot, ...]


def typeset(sample: Sample) -> bytes:
    """The sample as a PDF with a text layer; the same source gives the same bytes. Raises MissingError for a lacking font or glyph."""
    return sheets(sample, drawn=True).pdf


def sheets(sample: Sample, drawn: bool = False) -> Sheets:
    """Like `typeset`, with the places of signature, seal and pen; `drawn` puts them into the PDF itself, as e-signing software does."""
    faces = _register(sample.font)
    text = plain_text(sample)
    for path in {font_path(sample.font, b, i) for b in (False, True) for i in (False, True)}:
        check_glyphs(text, path)
    setter = _Setter(sample, faces, drawn)
    return setter.run()


def _register(font: str) -> str:
    """Make the family known to reportlab; returns the name of its regular face."""
    names = {}
    for bold in (False, True):
        for italic in (False, True):
            names[bold, italic] = f"{font}-{'b' * bold}{'i' * italic}".rstrip("-")
            pdfmetrics.registerFont(TTFont(names[bold, italic], str(font_path(font, bold, italic))))
    pdfmetrics.registerFontFamily(font, names[False, False], names[True, False], names[False, True], names[True, True])
    return font


class _Setter:
    """Builds the flowables of one sample and runs them through the page templates."""

    def __init__(self, sample: Sample, font: str, drawn: bool) -> None:
        self.sample, self.font, self.drawn = sample, font, drawn
        self.size = sample.size_pt
        self.spots: list[Spot] = []
        self.sizes: list[tuple[float, float]] = []
        self.rng = np.random.default_rng([sample.seed, 30])
        self.number = 0  # of the page within its part

    def style(self, size: float, align: int = TA_CENTER, bold: bool = False, italic: bool = False, **more: Any) -> ParagraphStyle:
        """A paragraph style of the sample's family."""
        name = f"{self.font}-{'b' * bold}{'i' * italic}".rstrip("-")
        kept: dict[str, Any] = {"leading": size * 1.22, "allowWidows": 0, "allowOrphans": 0} | more
        return ParagraphStyle(f"{name}{size}{align}", fontName=name, fontSize=size, alignment=align, **kept)

    def run(self) -> Sheets:
        """Set everything."""
        out = io.BytesIO()
        first = self.sample.documents[0]
        doc = BaseDocTemplate(
            out, pagesize=A4, invariant=1, title=f"{first.type} {' '.join(first.title)}", author=" ".join(first.issuer), lang="vi"
        )
        doc.addPageTemplates([t for wide in (False, True) for t in self.templates(wide)])
        story: list[Flowable] = []
        for k, d in enumerate(self.sample.documents):
            story += [NextPageTemplate("first"), PageBreak()] if k else []
            story += self.document(d)
        doc.build(story)
        return Sheets(out.getvalue(), tuple(self.sizes), tuple(self.spots))

    def templates(self, wide: bool) -> list[PageTemplate]:
        """The first and the later pages, upright or landscape."""
        size = landscape(A4) if wide else A4
        margin = (BELOW, 15 * mm) if wide else (LEFT, RIGHT)
        frame = (margin[0], BELOW, size[0] - sum(margin), size[1] - ABOVE - BELOW)
        turn = "wide_" if wide else ""

        def begin(canvas: Any, doc: Any) -> None:
            self.sizes.append(size)
            self.number = 1

        def go_on(canvas: Any, doc: Any) -> None:
            self.sizes.append(size)
            self.number += 1
            canvas.setFont(self.font, 13)
            canvas.drawCentredString(size[0] / 2, size[1] - ABOVE * 0.68, str(self.number))

        def page(name: str, on_page: Any, following: str) -> PageTemplate:
            inside = Frame(*frame, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
            return PageTemplate(name, [inside], onPage=on_page, pagesize=size, autoNextPageTemplate=following)

        return [page(f"{turn}first", begin, f"{turn}later"), page(f"{turn}later", go_on, f"{turn}later")]

    def document(self, d: Document) -> list[Flowable]:
        """Letterhead, title, body, signer and recipients, annexes."""
        story: list[Flowable] = [self.letterhead(d), Spacer(1, 14), Paragraph(d.type, self.style(14, bold=True))]
        story += [Paragraph(t, self.style(14, bold=True)) for t in d.title]
        story += [Paragraph(f"<i>{d.note}</i>", self.style(13.5))] if d.note else []
        story += [_Rule(0.22 * LINE), Spacer(1, 6)]
        story += [self.paragraph(mark, text) for mark, text in paragraphs(d.body)]
        story += [Spacer(1, 12), KeepTogether([self.ending(d)])] if d.signer else []
        for annex in d.annexes:
            story += [NextPageTemplate("wide_first" if annex.landscape else "first"), PageBreak(), *self.annex(annex)]
        return story

    def letterhead(self, d: Document) -> Flowable:
        """Issuer on the left, Quốc hiệu (or the Party's name) on the right; number and date on one line below."""
        share = (0.42, 0.58)
        left: list[Flowable] = [Paragraph(t, self.style(12.5)) for t in d.parent]
        left += [Paragraph(t, self.style(12.5, bold=True)) for t in d.issuer]
        left.append(Paragraph("*", self.style(12.5)) if d.party else _Rule(0.16 * LINE))
        if d.party:
            right: list[Flowable] = [Paragraph(f"<b>{PARTY}</b>", self.style(14.5)), _Rule(self.width(PARTY, 14.5))]
        else:
            right = [Paragraph(STATE[0], self.style(12.5, bold=True)), Paragraph(STATE[1], self.style(13.5, bold=True))]
            right.append(_Rule(self.width(STATE[1], 13.5)))
        bottom = [
            _PenLine(self, d.number, f"{self.font}", 13),
            _PenLine(self, d.place_date, f"{self.font}-i", 13.5),
        ]
        plain = [("VALIGN", (0, 0), (-1, -1), "TOP"), *((p, (0, 0), (-1, -1), 0) for p in ("LEFTPADDING", "RIGHTPADDING"))]
        rows = [[left, right], bottom] if d.number or d.place_date else [[left, right]]
        return Table(rows, colWidths=[LINE * s for s in share], style=plain)

    def width(self, text: str, size: float) -> float:
        """Width in points of a bold text."""
        return pdfmetrics.stringWidth(text, f"{self.font}-b", size)

    def paragraph(self, mark: str, text: str) -> Flowable:
        """One paragraph of the body."""
        spaced: dict[str, Any] = {"leading": self.size * 1.28, "spaceBefore": 6}
        if mark == "^":
            return Paragraph(text, self.style(self.size, bold=True, **spaced))
        return Paragraph(
            text,
            self.style(
                self.size, TA_JUSTIFY, bold=mark == "#", italic=mark == "~", firstLineIndent=INDENT, keepWithNext=mark == "#", **spaced
            ),
        )

    def ending(self, d: Document) -> Flowable:
        """Nơi nhận on the left, the signer on the right."""
        left: list[Flowable] = []
        if d.recipients:
            under = "<u>Nơi nhận</u>:" if d.party else "<b><i>Nơi nhận:</i></b>"
            left = [Paragraph(under, self.style(12, TA_LEFT)), *(Paragraph(r, self.style(11, TA_LEFT)) for r in d.recipients)]
        right: list[Flowable] = [Paragraph(t, self.style(13.5, bold=not d.party or k == 0)) for k, t in enumerate(d.signature)]
        right += [_Hand(self), Paragraph(d.signer, self.style(13.5, bold=True))]
        flat = [("VALIGN", (0, 0), (-1, -1), "TOP"), *((p, (0, 0), (-1, -1), 0) for p in ("LEFTPADDING", "RIGHTPADDING"))]
        return Table([[left, right]], colWidths=[LINE * 0.48, LINE * 0.52], style=flat)

    def annex(self, a: Annex) -> list[Flowable]:
        """Title, the line that names the plan, and the ruled table; the header comes again on every page."""
        line = landscape(A4)[0] - BELOW - 15 * mm if a.landscape else LINE
        story: list[Flowable] = [Paragraph(t, self.style(13.5, bold=True)) for t in a.title]
        story += [Paragraph(f"<i>{a.note}</i>", self.style(13)), Spacer(1, 10)]
        columns, heads = len(a.widths), len(a.header)
        cell, bold = self.style(12, TA_LEFT), self.style(12, bold=True)
        grid: list[list[Any]] = [[Paragraph(t, bold) if t else "" for t in row] for row in a.header]
        style: list[tuple[Any, ...]] = [*_rules(a), ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if a.rules == "all" else "TOP")]
        style += [("SPAN", *span) for span in _spans(a.header)]
        if a.numbering:
            grid.append([Paragraph(f"<i>({k})</i>", self.style(11)) for k in range(1, columns + 1)])
        for row in a.rows:
            if len(row) == 1:
                style.append(("SPAN", (0, len(grid)), (-1, len(grid))))
                grid.append([Paragraph(f"<b>{row[0]}</b>", cell), *[""] * (columns - 1)])
            else:
                grid.append([Paragraph(t, self.style(12)) if k == 0 else Paragraph(t, cell) for k, t in enumerate(row)])
        widths = [line * w / sum(a.widths) for w in a.widths]
        story.append(Table(grid, colWidths=widths, repeatRows=heads + a.numbering, style=style))
        return story


def _rules(a: Annex) -> list[tuple[Any, ...]]:
    """What is drawn between the cells."""
    last = len(a.header) - 1
    return {
        "all": [("GRID", (0, 0), (-1, -1), 0.6, "black")],
        "level": [("LINEABOVE", (0, 0), (-1, -1), 0.6, "black"), ("LINEBELOW", (0, 0), (-1, -1), 0.6, "black")],
        "few": [(what, (0, row), (-1, row), 0.8, "black") for what, row in (("LINEABOVE", 0), ("LINEBELOW", last), ("LINEBELOW", -1))],
        "none": [],
    }[a.rules]


def _spans(header: tuple[tuple[str, ...], ...]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Merged cells of a header: (column, row) of their first and last corner."""
    if len(header) < 2:
        return []
    out, columns = [], len(header[0])
    for c in range(columns):
        if header[0][c] and not header[1][c]:
            out.append(((c, 0), (c, 1)))
        elif header[0][c]:
            last = c
            while last + 1 < columns and not header[0][last + 1]:
                last += 1
            out.append(((c, 0), (last, 0)))
    return out


class _Rule(Flowable):
    """A thin centred line under a title or name."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self.length = length

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The full width, clear of the letters above that reach under their line."""
        self.width = width
        return width, 7

    def draw(self) -> None:
        """One stroke."""
        self.canv.setLineWidth(0.8)
        self.canv.line((self.width - self.length) / 2, 3, (self.width + self.length) / 2, 3)


class _PenLine(Flowable):
    """A centred line in which `{…}` are blanks; each is recorded as a spot for the pen."""

    def __init__(self, setter: _Setter, text: str, face: str, size: float) -> None:
        super().__init__()
        self.setter, self.text, self.face, self.size = setter, text, face, size

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The full width, one line high."""
        self.width = width
        return width, self.size * 1.3

    def draw(self) -> None:
        """Draw the printed parts, leave the blanks."""
        pieces = [(p, k % 2 == 1) for k, p in enumerate(re.split(r"[{}]", self.text))]
        widths = [len(p) * self.size * 0.62 + self.size if pen else pdfmetrics.stringWidth(p, self.face, self.size) for p, pen in pieces]
        x, y = (self.width - sum(widths)) / 2, self.size * 0.3
        self.canv.setFont(self.face, self.size)
        for (piece, pen), wide in zip(pieces, widths, strict=True):
            if not pen:
                self.canv.drawString(x, y, piece)
            elif piece.strip():
                left, base = self.canv.absolutePosition(x, y)
                self.setter.spots.append(
                    Spot(self.canv.getPageNumber(), "pen", left + wide / 2, base + self.size * 0.35, piece, self.size * 1.15)
                )
            x += wide


class _Hand(Flowable):
    """The room above the signer's name, with the signature and the seal over its left third."""

    def __init__(self, setter: _Setter) -> None:
        super().__init__()
        self.setter = setter

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The full width, as high as a signature."""
        self.width = width
        return width, GAP

    def draw(self) -> None:
        """Record the spots, and draw them where the PDF is to show them itself."""
        middle, y = self.width / 2, GAP / 2
        page = self.canv.getPageNumber()
        for what, x in (("signature", middle), ("seal", middle - 20 * mm)):
            left, base = self.canv.absolutePosition(x, y)
            self.setter.spots.append(Spot(page, what, left, base))
            if self.setter.drawn:
                make = marks.signature(DRAWN_DPI, self.setter.rng) if what == "signature" else marks.seal(DRAWN_DPI, 36, self.setter.rng)
                wide, high = make.width * 72 / DRAWN_DPI, make.height * 72 / DRAWN_DPI
                self.canv.drawImage(ImageReader(make), x - wide / 2, y - high / 2, wide, high, mask="auto")
