"""hOCR 1.2: a reading as XHTML that OCR tools read, with a box and a confidence for every word.

Specification: http://kba.github.io/hocr-spec/1.2/. The raw word stands in `data-raw` where repair changed it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.document import Box, Line, LineKind, Page, Reading, Word
from pipeline.outputs.blocks import as_xml, blocks, raw_word

# hOCR's classes for kinds of lines; a line class may stand wherever ocr_line may.
_CLASSES: dict[LineKind, str] = {
    "text": "ocr_line",
    "table": "ocr_line",
    "overlay": "ocr_textfloat",
    "stamp": "ocr_textfloat",
    "footnote": "ocr_footer",
    "page_number": "ocr_header",
}


def hocr(reading: Reading, title: str, lang: str = "vi", images: Sequence[str] = ()) -> str:
    """The reading as an hOCR document titled `title`; boxes are pixels of the upright page image.

    `images` names the image of each page; without it every page bears `title`. Lines without a place (text inputs) are left out.
    """
    capabilities = "ocr_page ocr_carea ocr_par ocr_line ocr_header ocr_footer ocr_textfloat ocrx_word ocrp_wconf"
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!DOCTYPE html>",
        f'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="{as_xml(lang)}" lang="{as_xml(lang)}">',
        " <head>",
        f"  <title>{as_xml(title)}</title>",
        '  <meta charset="UTF-8" />',
        f'  <meta name="ocr-system" content="{as_xml("; ".join(("kehoach", *reading.made_by)))}" />',
        f'  <meta name="ocr-capabilities" content="{capabilities}" />',
        f'  <meta name="ocr-langs" content="{as_xml(lang)}" />',
        f'  <meta name="ocr-number-of-pages" content="{len(reading.pages)}" />',
        " </head>",
        " <body>",
    ]
    for k, page in enumerate(reading.pages):
        out += _page(page, images[k] if k < len(images) else title)
    return "\n".join([*out, " </body>", "</html>", ""])


def _page(page: Page, image: str) -> list[str]:
    n = page.number
    properties = [f'image "{image}"', f"bbox 0 0 {page.width} {page.height}", f"ppageno {n - 1}"]
    if page.dpi:
        properties.append(f"scan_res {page.dpi} {page.dpi}")
    out = [f'  <div class="ocr_page" id="page_{n}" title="{as_xml("; ".join(properties))}">']
    for b, lines in enumerate(blocks(page), 1):
        place = _bbox(Box.around([line.box for line in lines if line.box is not None]))
        out.append(f'   <div class="ocr_carea" id="block_{n}_{b}" title="{place}">')
        out.append(f'    <p class="ocr_par" id="par_{n}_{b}" title="{place}">')
        for line in lines:
            out += _line(n, line)
        out += ["    </p>", "   </div>"]
    return [*out, "  </div>"]


def _line(page: int, line: Line) -> list[str]:
    name = f"{page}_{line.number}"
    out = [f'     <span class="{_CLASSES[line.kind]}" id="line_{name}" title="{_bbox(line.box)}">']
    out += [f"      {_word(f'word_{name}_{k}', line, word)}" for k, word in enumerate(line.words, 1) if word.box is not None]
    return [*out, "     </span>"]


def _word(name: str, line: Line, word: Word) -> str:
    title = _bbox(word.box)
    if word.confidence is not None:
        title += f"; x_wconf {round(100 * word.confidence)}"
    raw = raw_word(line, word)
    before = "" if raw is None else f' data-raw="{as_xml(raw)}"'
    return f'<span class="ocrx_word" id="{name}" title="{title}"{before}>{as_xml(word.text)}</span>'


def _bbox(box: Box | None) -> str:
    assert box is not None
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"
