"""The text that a page had before: invisible text goes, visible text stays to be seen and is no longer found.

Invisible text (rendering mode 3) was laid there by another recogniser. Visible text on a page that had to be read by OCR is print in a
font that says wrong characters; it is wrapped in a span whose ActualText is one blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pikepdf
from pikepdf import Dictionary, Name, Operator

_INVISIBLE = 3
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_DEEPEST = 12  # forms within forms
_SILENT = Dictionary(ActualText=pikepdf.String(" "))


class _Stripped:
    """The instructions of one content stream without invisible text; `open` counts `q` that lack their `Q`."""

    def __init__(self, out: list[pikepdf.ContentStreamInstruction], shows: bool, removed: bool, still_open: int) -> None:
        self.out, self.shows, self.removed, self.open = out, shows, removed, still_open


def strip_page(pdf: pikepdf.Pdf, page: pikepdf.Page, matrix: Sequence[float] | None = None) -> None:
    """Takes the findable text off a page and leaves its graphics state as it was at the start; `matrix` (a … f) moves all it shows.

    Content that can't be parsed stays as it is, between `q` and `Q`.
    """
    resources = own_resources(page)
    try:
        content = _strip(pdf, pikepdf.parse_content_stream(page), resources, 0, 0)
    except pikepdf.PdfError:
        move = "" if matrix is None else " ".join(f"{v:.7f}" for v in matrix) + " cm"
        page.contents_add(pdf.make_stream(f"q {move}\n".encode()), prepend=True)
        page.contents_add(pdf.make_stream(b"\nQ\n"))
        return
    out = content.out
    if content.shows:
        out = [pikepdf.ContentStreamInstruction([Name.Span, _SILENT], Operator("BDC")), *out]
        out.append(pikepdf.ContentStreamInstruction([], Operator("EMC")))
    if matrix is not None:
        out = [pikepdf.ContentStreamInstruction([Decimal(f"{v:.7f}") for v in matrix], Operator("cm")), *out]
    out = [pikepdf.ContentStreamInstruction([], Operator("q")), *out]
    out += [pikepdf.ContentStreamInstruction([], Operator("Q"))] * (content.open + 1)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(out))


def own_resources(page: pikepdf.Page) -> pikepdf.Object:
    """The page's resources as a dictionary that no other page shares (its entries may be shared)."""
    own = Dictionary(dict(page.resources.items()))
    page.obj.Resources = own
    return page.obj.Resources


def _strip(pdf: pikepdf.Pdf, instructions: list, resources: pikepdf.Object, mode: int, depth: int) -> _Stripped:
    out: list[pikepdf.ContentStreamInstruction] = []
    stack: list[int] = []
    shows = removed = False
    for instruction in instructions:
        name = str(instruction.operator) if not isinstance(instruction, pikepdf.ContentStreamInlineImage) else "BI"
        if name == "q":
            stack.append(mode)
        elif name == "Q" and not stack:
            continue  # one too many: it would close what is not its own
        elif name == "Q":
            mode = stack.pop()
        elif name == "Tr" and instruction.operands:
            mode = int(instruction.operands[0])
        elif name in _SHOWS and mode == _INVISIBLE:
            removed = True
            if name in ("'", '"'):
                out.append(pikepdf.ContentStreamInstruction([], Operator("T*")))
            continue
        elif name in _SHOWS:
            shows = True
        elif name == "Do" and depth < _DEEPEST:
            form = _form(resources, instruction.operands[0])
            if form is not None:
                inner = _strip(pdf, pikepdf.parse_content_stream(form), form.get("/Resources", resources), mode, depth + 1)
                shows = shows or inner.shows
                if inner.removed:
                    removed = True
                    instruction = pikepdf.ContentStreamInstruction([_replaced(pdf, resources, form, inner.out)], Operator("Do"))
        out.append(instruction)
    return _Stripped(out, shows, removed, len(stack))


def _form(resources: pikepdf.Object, name: pikepdf.Object) -> pikepdf.Object | None:
    form = resources.get("/XObject", Dictionary()).get(str(name))
    return form if form is not None and form.get("/Subtype") == Name.Form else None


def _replaced(pdf: pikepdf.Pdf, resources: pikepdf.Object, form: pikepdf.Object, content: list) -> pikepdf.Object:
    """The name of a copy of `form` with other content: pages that keep their text may share the form itself."""
    copy = pdf.make_stream(pikepdf.unparse_content_stream(content))
    for key, value in form.items():
        if key not in ("/Length", "/Filter", "/DecodeParms"):
            copy[key] = value
    things = Dictionary(dict(resources.get("/XObject", Dictionary()).items()))
    name = next(f"/KhForm{k}" for k in range(len(things) + 1) if f"/KhForm{k}" not in things)
    things[name] = pdf.make_indirect(copy)
    resources.XObject = things
    return Name(name)
