"""A document from plain text or from laid-out lines, for tests of outline, tasks and deadlines, without the other components."""

from __future__ import annotations

from spacy.tokens import Doc

from pipeline.document import Box, Line, Page, Word, text_reading
from pipeline.extract.prose import Prose, prose, prose_of
from pipeline.extract.tokens import blank
from pipeline.settings import Extract

for _name, _default in (
    ("prose", None),
    ("body", (0, 0)),
    ("values", None),
    ("issue_date", None),
    ("citations", ()),
    ("settings", Extract()),
    ("weak", ()),
):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)
_NLP = blank()


def doc_of(text: str | Prose, **values: str) -> Doc:
    """`text` as a document; `values` are columns of `plans` (issue_date, period_start …)."""
    p = prose_of(text_reading(text)) if isinstance(text, str) else text
    doc = _NLP.make_doc(p.text)
    doc._.prose, doc._.values, doc._.issue_date = p, values, values.get("issue_date")
    return doc


def laid_out(
    rows: list[tuple[str, int, int, int]], page: int = 1, cells: list[tuple[int, int, int]] | None = None
) -> list[tuple[Page, Line]]:
    """Lines of a page image, 2480 pixels wide: (text, left, top, right); words share the width by their letters."""
    lines = []
    for k, (text, left, top, right) in enumerate(rows):
        words, at = [], 0
        for token in text.split():
            start = text.index(token, at)
            at = start + len(token)
            a = left + (right - left) * start // max(1, len(text))
            b = left + (right - left) * at // max(1, len(text))
            words.append(Word(token, start, start, at, Box(a, top, b, top + 50), 0.9))
        cell = cells[k] if cells else None
        lines.append(Line(k + 1, text, text, tuple(words), "table" if cell else "text", None, cell))
    sheet = Page(page, tuple(lines), "ocr", 2480, 3508, 300)
    return [(sheet, line) for line in lines]


def prose_of_pages(*pages: list[tuple[Page, Line]]) -> Prose:
    """Running text of pages made by `laid_out`."""
    return prose([x for p in pages for x in p])
