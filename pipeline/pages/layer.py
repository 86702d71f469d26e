"""The text layer of a PDF page: read by pypdfium2, judged against the page image, kept only where it beats recognition.

A born-digital page is exact; a layer left by another recogniser may be garbled (`UY BAN NHAN DAN`), shifted, or the words of a stamp
alone. Two measurements tell: are its words Vietnamese, and does the print of the page lie under them.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline import legacy
from pipeline.document import Box, Line, Page, Problem
from pipeline.image.ink import grey, shrunk, text_mask
from pipeline.layout.anchors import matches
from pipeline.layout.footnotes import with_footnotes
from pipeline.layout.order import Token, as_line, numbered, rows_of
from pipeline.layout.spread import lines_between, middle_of
from pipeline.pages import Scan
from pipeline.settings import Pages
from pipeline.text import nfc

# Invisible text was put there by another recogniser; it is believed only where next to every word is a syllable.
_INVISIBLE_LEAST = 0.97
_FEWEST_WORDS = 8


@dataclass(frozen=True)
class Layer:
    """The words of a page's text layer in pixels of its image; `visible`: print, not a recogniser's invisible text."""

    tokens: tuple[Token, ...]
    visible: bool


def layer_page(document: pdfium.PdfDocument, number: int, scan: Scan, limits: Pages) -> Page | Scan:
    """The page read from its text layer where that is worth keeping, else `scan`; either way with the words of its annotations.

    Annotations are electronic signatures and stamps as a rule: their lines have kind `overlay`. One that fills a gap of the page's
    own line (a number stamped into `Số:      /KH-STP`) is part of the text.
    """
    height, width = scan.image.shape[:2]
    own = read_layer(document[number - 1], width, height)
    noted = _annotation_words(document, number, own, width, height)
    overlay, inserted = _told_apart(noted, own)
    score, why = judge(own, scan.image, limits)
    if score < limits.keep_layer_score:
        steps = (*scan.steps, f"layer-rejected {why} {score:.2f}") if own.tokens else scan.steps
        return replace(scan, overlay=tuple(overlay), steps=steps)
    tokens = [*own.tokens, *inserted]
    middle = middle_of(tokens, width, height)
    lines: list[Line] = []
    for left, right in ((0, middle), (middle, width)) if middle else ((0, width),):
        lines += lines_between(rows_of([t for t in tokens if left <= t.box.left < right]), left, right, height)
    lines = with_footnotes(lines, grey(scan.image))
    lines += [replace(line, kind="overlay") for line in overlay]
    steps, problems = (*scan.steps, f"layer {score:.2f}"), scan.problems
    if middle:
        steps, problems = (*steps, f"two-pages {middle}"), (*problems, Problem("note", "pages", "two_pages", page=number))
    return Page(number, numbered(lines), "layer", width, height, scan.dpi, steps, problems)


def read_layer(page: pdfium.PdfPage, width: int, height: int) -> Layer:
    """Every word of the page's text with its box in an image of `width` × `height` pixels, grouped by printed line."""
    text = page.get_textpage()
    try:
        chars = _characters(page, text, width, height)
    finally:
        text.close()
    invisible = sum(
        raw.FPDFTextObj_GetTextRenderMode(o.raw) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
        for o in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    )
    objects = sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=4))
    return Layer(tuple(_words(chars)), visible=not (objects and invisible > 0.5 * objects))


@dataclass(frozen=True)
class _Character:
    text: str
    box: Box


def _characters(page: pdfium.PdfPage, text: pdfium.PdfTextPage, width: int, height: int) -> list[_Character]:
    """The page's characters in the layer's order; blanks and line ends have a box of no width."""
    box = raw.FS_RECTF()
    ux, uy = ctypes.c_int(), ctypes.c_int()
    scale = 16  # device units a pixel: PageToDevice rounds to whole ones
    out: list[_Character] = []
    surrogate = 0

    def device(x: float, y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, width * scale, height * scale, 0, x, y, ux, uy)
        return ux.value / scale, uy.value / scale

    for k in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text.raw, k)
        if 0xD800 <= code < 0xDC00:
            surrogate = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((surrogate - 0xD800) << 10) + (code - 0xDC00) if surrogate else 0xFFFD
        surrogate = 0
        if code in (0, 0xFFFE, 0xFFFF, 2):
            continue  # 2 stands for a hyphen at a line end that pdfium would join
        character = chr(code)
        if character.isspace() or code == 0xA0:
            out.append(_Character(" ", Box(0, 0, 0, 0)))
            continue
        if not raw.FPDFText_GetLooseCharBox(text.raw, k, box):
            continue
        (x0, y0), (x1, y1) = device(box.left, box.top), device(box.right, box.bottom)
        out.append(_Character(character, Box(round(min(x0, x1)), round(min(y0, y1)), round(max(x0, x1)), round(max(y0, y1)))))
    return out


def _words(chars: list[_Character]) -> list[Token]:
    """Characters as words: parted by blanks, by a gap wider than a third of the line's height, and by a new line or column."""
    tokens: list[Token] = []
    current: list[_Character] = []
    line = 0
    last: Box | None = None

    def end() -> None:
        if current:
            box = Box.around([c.box for c in current])
            assert box is not None
            tokens.append(Token(nfc("".join(c.text for c in current)), box, 1.0, (0, 0, line)))
            current.clear()

    for c in chars:
        if c.text == " ":
            end()
            continue
        if last is not None:
            tall = max(1, min(last.bottom - last.top, c.box.bottom - c.box.top))
            common = min(last.bottom, c.box.bottom) - max(last.top, c.box.top)
            if common < 0.4 * tall or c.box.left < last.left - 3 * tall or c.box.left > last.right + 3 * tall:
                end()
                line += 1
            elif current and (c.box.left - last.right > 0.33 * tall):
                end()
        current.append(c)
        last = c.box
    end()
    # a combining mark that stands alone belongs to the letter before it; NFC joined it above
    return [t for t in tokens if t.text]


def _annotation_words(document: pdfium.PdfDocument, number: int, own: Layer, width: int, height: int) -> list[list[Token]]:
    """The words that annotations show, annotation by annotation: the page is flattened in memory and its new words are taken."""
    page = document[number - 1]
    count = raw.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0:
        return []
    rects = []
    for k in range(count):
        annotation = raw.FPDFPage_GetAnnot(page.raw, k)
        box = raw.FS_RECTF()
        if annotation and raw.FPDFAnnot_GetRect(annotation, box) and raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_LINK:
            rects.append(_device_box(page, box, width, height))
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)
    if not rects or raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) != raw.FLATTEN_SUCCESS:
        return []
    page.close()
    flat = read_layer(document[number - 1], width, height)
    known = {(t.text, t.box.left // 4, t.box.top // 4) for t in own.tokens}
    fresh = [t for t in flat.tokens if (t.text, t.box.left // 4, t.box.top // 4) not in known]
    lines: dict[tuple[int, int, int], list[Token]] = {}
    for t in fresh:
        lines.setdefault(t.group, []).append(t)
    of_rect: dict[int, list[Token]] = {}
    for tokens in lines.values():  # signatures overlap at times: a line belongs to the one that holds it whole, the smaller first
        holding = [k for k, r in enumerate(rects) if all(_inside(t.box, r) for t in tokens)]
        if holding:
            home = min(holding, key=lambda k: (rects[k].right - rects[k].left) * (rects[k].bottom - rects[k].top))
            of_rect.setdefault(home, []).extend(tokens)
    return [of_rect[k] for k in sorted(of_rect)]


def _inside(box: Box, rect: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return rect.left - 3 <= x <= rect.right + 3 and rect.top - 3 <= y <= rect.bottom + 3


def _device_box(page: pdfium.PdfPage, box: raw.FS_RECTF, width: int, height: int) -> Box:
    x, y = ctypes.c_int(), ctypes.c_int()
    points = []
    for px, py in ((box.left, box.top), (box.right, box.bottom)):
        raw.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, px, py, x, y)
        points.append((x.value, y.value))
    (x0, y0), (x1, y1) = points
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _told_apart(noted: list[list[Token]], own: Layer) -> tuple[list[Line], list[Token]]:
    """Annotations as overlay lines, and the words of those that belong to the page's own lines."""
    overlay: list[Line] = []
    inserted: list[Token] = []
    for tokens in noted:
        rows = rows_of(tokens)
        signs = any(matches("overlay", r.text) for r in rows) or len(rows) > 1
        beside = [
            t
            for t in own.tokens
            if min(t.box.bottom, tokens[0].box.bottom) - max(t.box.top, tokens[0].box.top) > 0.5 * (t.box.bottom - t.box.top)
        ]
        if not signs and len(tokens) <= 8 and beside:
            inserted += [replace(t, group=beside[0].group) for t in tokens]
        else:
            overlay += [as_line(r.tokens) for r in rows]
    return overlay, inserted


def judge(layer: Layer, image: np.ndarray, limits: Pages) -> tuple[float, str]:
    """How good a text layer is (0..1) and the measurement that decided: few, words, marks, ink, off.

    The score is the least of: share of words that are Vietnamese syllables (numbers and symbols aside), share of words with
    diacritics against the half that is usual, share of the page's print that lies in word boxes, share of word boxes with print in them.
    """
    text = " ".join(t.text for t in layer.tokens)
    syllables, words = legacy.syllable_share(_prose(text))
    if len(layer.tokens) == 0:
        return 0.0, "none"
    small, scale = shrunk(grey(image), 1400)
    mask = text_mask(small)
    covered = np.zeros_like(mask)
    filled = 0
    for t in layer.tokens:
        b = t.box
        y0, y1 = max(0, int(b.top * scale) - 2), int(b.bottom * scale) + 3
        x0, x1 = max(0, int(b.left * scale) - 2), int(b.right * scale) + 3
        covered[y0:y1, x0:x1] = 1
        filled += bool(mask[y0:y1, x0:x1].any())
    # dust and the leaves of a seal are no print; only marks as big as letters are asked for
    print_ = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8))
    ink = int(print_.sum())
    under = float((print_ & covered).sum()) / ink if ink else 1.0
    least = {
        "ink": under / 0.8,
        "off": filled / len(layer.tokens),
    }
    if words >= _FEWEST_WORDS:
        least["words"] = (
            syllables if layer.visible else max(0.0, 1 - (1 - syllables) * (1 - limits.keep_layer_score) / (1 - _INVISIBLE_LEAST))
        )
        least["marks"] = legacy.marked_share(_prose(text)) / 0.4
    elif under < 0.9:
        return 0.0, "few"
    why = min(least, key=lambda k: least[k])
    return min(1.0, least[why]), why


def _prose(text: str) -> str:
    """The text without symbols of documents, addresses and abbreviations, which are no syllables in any language."""
    return " ".join(
        w
        for w in text.split()
        if not re.search(r"[\d@/_]|\w\.\w|[A-ZĐ]{2,}-|-[A-ZĐ]{2,}", w)
        and not (w.isupper() and len(w) > 5)
        and not re.fullmatch(r"\W*[A-ZĐ]{2,5}\W*", w)
    )
