"""What the pages of a PDF really use: fonts of visible text, images and colours, through forms and the looks of annotations."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Name

from pipeline.errors import InputError

_INVISIBLE = 3
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_DEEPEST = 12  # forms within forms


def require_archival(pdf: pikepdf.Pdf) -> None:
    """Raises InputError no_pdfa where a page uses what PDF/A-2b forbids and no rewriting mends: fonts outside the file, colours of a press.

    ISO 19005-2, 6.2.4.3 (DeviceCMYK has no meaning beside an sRGB intent) and 6.2.11.4.1 (fonts of text that is seen are embedded).
    """
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        _content(page.obj, page.resources, seen, 0)
        for note in page.obj.get("/Annots", ()):
            for look in _looks(note.get("/AP", Dictionary()).get("/N")):
                _form(look, Dictionary(), seen, 0)


def _looks(normal: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """The appearance streams of an annotation: one, or one for each of its states."""
    if isinstance(normal, pikepdf.Stream):
        yield normal
    elif isinstance(normal, pikepdf.Dictionary):
        yield from (v for v in normal.values() if isinstance(v, pikepdf.Stream))


def _form(form: pikepdf.Object, outer: pikepdf.Object, seen: set[tuple[int, int]], depth: int) -> None:
    if form.objgen in seen or depth > _DEEPEST:
        return
    seen.add(form.objgen)
    _content(form, form.get("/Resources", outer), seen, depth)


def _content(stream: pikepdf.Object, resources: pikepdf.Object, seen: set[tuple[int, int]], depth: int) -> None:
    """Looks through the operators of one content stream and of the forms that it draws."""
    try:
        instructions = pikepdf.parse_content_stream(stream)
    except pikepdf.PdfError as e:
        raise InputError("no_pdfa", reason=e) from None
    state: list[tuple[int, str | None]] = []
    mode, font = 0, None
    for instruction in instructions:
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            if instruction.iimage.colorspace == "/DeviceCMYK":
                raise InputError("no_pdfa", reason="DeviceCMYK")
            continue
        name, operands = str(instruction.operator), instruction.operands
        if name == "q":
            state.append((mode, font))
        elif name == "Q" and state:
            mode, font = state.pop()
        elif name == "Tr" and operands:
            mode = int(operands[0])
        elif name == "Tf" and operands:
            font = str(operands[0])
        elif name in _SHOWS and mode != _INVISIBLE:
            _require_embedded(_resource(resources, "/Font", font))
        elif name in ("k", "K") or (name in ("cs", "CS") and _is_press(operands[0], resources)):
            raise InputError("no_pdfa", reason="DeviceCMYK")
        elif name == "Do" and operands:
            thing = _resource(resources, "/XObject", str(operands[0]))
            if thing is not None and thing.get("/Subtype") == Name.Form:
                _form(thing, resources, seen, depth + 1)
            elif thing is not None and _is_press(thing.get("/ColorSpace"), resources):
                raise InputError("no_pdfa", reason="DeviceCMYK")


def _resource(resources: pikepdf.Object, kind: str, name: str | None) -> pikepdf.Object | None:
    return resources.get(kind, Dictionary()).get(name) if name else None


def _is_press(space: pikepdf.Object | None, resources: pikepdf.Object) -> bool:
    """Whether a colour space is DeviceCMYK, by its name, by a name of the resources, or as the base of a palette."""
    if isinstance(space, pikepdf.Name):
        named = _resource(resources, "/ColorSpace", str(space))
        return space == Name.DeviceCMYK or (isinstance(named, pikepdf.Array) and _is_press(named, resources))
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        return str(space[0]) == "/Indexed" and space[1] == Name.DeviceCMYK
    return False


def _require_embedded(font: pikepdf.Object | None) -> None:
    """Raises InputError no_pdfa where the letters of a font do not lie in the file."""
    if font is None:
        raise InputError("no_pdfa", reason="a font is missing")
    if str(font.get("/Subtype", "")) == "/Type3":
        return
    parts = list(font.get("/DescendantFonts", ())) or [font]
    held = (part.get("/FontDescriptor", Dictionary()) for part in parts)
    if not all(any(key in d for key in ("/FontFile", "/FontFile2", "/FontFile3")) for d in held):
        raise InputError("no_pdfa", reason=f"{str(font.get('/BaseFont', 'font')).removeprefix('/')} is not embedded")
