"""What hOCR and ALTO both need: lines in blocks, the raw word behind a repaired one, and text that XML can hold."""

from __future__ import annotations

from itertools import groupby

from pipeline.document import Line, Page, Word

# Characters that XML 1.0 has no way to write; a text layer may hold them.
_NO_XML = {c: None for c in (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)}


def blocks(page: Page) -> list[list[Line]]:
    """The page's lines that have a place, in reading order, parted where kind, column or table cell change."""
    placed = [line for line in page.lines if line.box is not None]
    return [list(lines) for _, lines in groupby(placed, key=lambda line: (line.kind, line.column, line.cell))]


def raw_word(line: Line, word: Word) -> str | None:
    """The characters that `word` was read from, before repair; None where they are the same."""
    raw = line.raw[word.raw_start : word.raw_end]
    return raw if raw != word.text else None


def as_xml(text: str) -> str:
    """The text without what XML can't hold, escaped for content and for attributes in double quotes."""
    text = text.translate(_NO_XML)
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return text
