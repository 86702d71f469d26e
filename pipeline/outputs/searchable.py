"""The searchable PDF ("PDF 2 lớp"): the pages as they were scanned, and the repaired text over them, unseen.

A PDF keeps its page objects, so that images stay byte for byte what they were; page images are embedded without loss. Only the text is
ours. The same input and reading give the same bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.document import Line, Page, Reading
from pipeline.errors import InputError
from pipeline.outputs import geometry, images, invisible
from pipeline.outputs.font import add_font
from pipeline.outputs.oldtext import own_resources, strip_page

# From this many degrees on a leaning page is shown straight: poppler's search then finds words that stand side by side. Below, black and
# white print would look worse turned than it leans.
_STRAIGHTEN = 0.5
_STREAM = pikepdf.AccessMode.stream  # a file mapped into memory would count as the worker's own


def searchable_pdf(
    paths: Sequence[Path], reading: Reading, out: Path, passwords: Sequence[str] = (), unlock: bool = False, whole: bool = True
) -> None:
    """Writes the searchable PDF of one document to `out`, whole or not at all.

    `paths` is the PDF, or the image files in order of their pages; `reading` their repaired reading, whose page numbers count from the
    first of them. With `whole` every page of the PDF is kept, else only those of the reading. Pages that kept their own text layer
    stay as they are. Digital signatures cannot outlive a changed file: their pictures stay, the signatures are taken out.

    Raises InputError: pdf_locked (a PDF that only a password opens, unless `unlock`), password, damaged_pdf, damaged_image.
    """
    with ExitStack() as stack:
        with paths[0].open("rb") as f:
            is_pdf = b"%PDF-" in f.read(1024)
        try:
            pdf = _from_pdf(stack, paths[0], passwords, unlock) if is_pdf else _from_images(stack, paths, reading, out)
            pages = {page.number: page for page in reading.pages}
            if is_pdf and not whole:
                _keep_only(pdf, set(pages))
            _lay_text(pdf, [pages.get(n) for n in (range(1, len(pdf.pages) + 1) if is_pdf and whole else sorted(pages))])
            done = _temporary(stack, out)
            pdf.save(done, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        except pikepdf.PdfError as e:
            raise InputError("damaged_pdf", path=paths[0], reason=e) from None
        with done.open("rb") as f:
            os.fsync(f.fileno())
        done.replace(out)


def _temporary(stack: ExitStack, beside: Path) -> Path:
    """An empty file in the same folder, gone at the end unless it was renamed; a build sweeps up what a kill leaves of such names."""
    handle, name = tempfile.mkstemp(prefix=".tmp-", dir=beside.parent)
    os.close(handle)
    path = Path(name)
    path.chmod(0o644)
    stack.callback(path.unlink, missing_ok=True)
    return path


def joined_pdf(parts: Sequence[Path], out: Path) -> None:
    """The pages of `parts`, one after the other, as one PDF; a single part is moved as it is."""
    if len(parts) == 1:
        parts[0].replace(out)
        return
    with ExitStack() as stack, pikepdf.new() as pdf:
        for part in parts:
            pdf.pages.extend(stack.enter_context(pikepdf.open(part, access_mode=_STREAM)).pages)
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _from_pdf(stack: ExitStack, path: Path, passwords: Sequence[str], unlock: bool) -> pikepdf.Pdf:
    for password in ("", *passwords):
        try:
            pdf = stack.enter_context(pikepdf.open(path, password=password, access_mode=_STREAM))
        except pikepdf.PasswordError:
            continue
        if password and not unlock:
            raise InputError("pdf_locked", path=path)
        _without_signatures(pdf)
        return pdf
    raise InputError("password", path=path)


def _from_images(stack: ExitStack, paths: Sequence[Path], reading: Reading, out: Path) -> pikepdf.Pdf:
    """A PDF of the page images that the reading has, kept on the disk, so that 300 scans need no more memory than one."""
    wanted = {page.number for page in reading.pages}
    plain = _temporary(stack, out)
    with plain.open("wb") as f:
        images.write_pdf((frame for n, frame in enumerate(images.frames(paths), 1) if n in wanted), f)
    return stack.enter_context(pikepdf.open(plain, access_mode=_STREAM))


def _lay_text(pdf: pikepdf.Pdf, pages: list[Page | None]) -> None:
    """Puts each page's text over it; pages without a reading stay as they are."""
    font = None
    for target, page in zip(list(pdf.pages), pages, strict=False):
        if page is None or not _replaces_text(page):
            continue
        rotate = _inherited(target.obj, "/Rotate")
        rotate = int(rotate) // 90 * 90 % 360 if rotate is not None else 0
        lines = _lines_to_lay(target, page)
        if not (lines and page.width and page.height):
            strip_page(pdf, target)
            continue
        box = visible_box(target)
        level = geometry.to_user_space(geometry.picture_size(page), box, rotate) @ geometry.turned_back(page)
        straight = level @ geometry.levelled(page) @ np.linalg.inv(level)
        if abs(geometry.leaning(page)) >= _STRAIGHTEN and not _has_pictures(target):
            place = level
            strip_page(pdf, target, straight[:2].T.flatten().tolist())
            _show_straight(target, box, straight)
        else:
            place = level @ np.linalg.inv(geometry.levelled(page))
            strip_page(pdf, target)
        font = font or add_font(pdf)
        name = _add_resource(target, "/Font", "Kh", font)
        target.contents_add(pdf.make_stream(invisible.operators(lines, place, level, name)))
        turn = geometry.quarter_turns(page)
        if turn:
            target.obj.Rotate = (rotate + 90 * turn) % 360


def _show_straight(target: pikepdf.Page, box: tuple[float, float, float, float], matrix: np.ndarray) -> None:
    """The page grows to hold the corners of the turned sheet, so that nothing of the scan is lost from view."""
    left, bottom, right, top = box
    at = matrix @ np.array([[left, right, left, right], [bottom, bottom, top, top], [1, 1, 1, 1]])
    low, high = at.min(axis=1), at.max(axis=1)
    for key in ("/MediaBox", "/CropBox"):
        target.obj[key] = Array([round(float(v), 3) for v in (low[0], low[1], high[0], high[1])])


def _replaces_text(page: Page) -> bool:
    """Whether the reading is what should be found on the page: it was read by OCR, and the reading did not fail."""
    return page.origin == "ocr" and not any(p.level == "error" for p in page.problems)


def _lines_to_lay(target: pikepdf.Page, page: Page) -> list[Line]:
    """The page's lines, but for those that an annotation (an electronic signature) shows as text of its own."""
    own = _has_pictures(target)
    return [line for line in page.lines if line.words and not (own and line.kind == "overlay")]


def _has_pictures(target: pikepdf.Page) -> bool:
    """Whether annotations show something on the page: electronic signatures, stamps. They cannot be turned by a few degrees."""
    return any("/AP" in note and note.get("/Subtype") != Name.Link for note in target.obj.get("/Annots", ()))


def visible_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """What a viewer shows of the page: the crop box as far as it lies in the media box (left, bottom, right, top)."""
    media, crop = (_corners(page.mediabox), _corners(page.cropbox))
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if right > left and top > bottom else media


def _corners(box: pikepdf.Array) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(v) for v in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _inherited(node: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """A page attribute, its own or from the tree above."""
    for _ in range(64):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _add_resource(page: pikepdf.Page, kind: str, stem: str, value: pikepdf.Object) -> str:
    """Adds a resource under a name that the page does not use; the name."""
    resources = own_resources(page)
    things = Dictionary(dict(resources.get(kind, Dictionary()).items()))
    name = next(f"{stem}{k}" for k in range(len(things) + 1) if f"/{stem}{k}" not in things)
    things[f"/{name}"] = value
    resources[kind] = things
    return name


def _keep_only(pdf: pikepdf.Pdf, numbers: set[int]) -> None:
    """Takes out the pages of other documents, and what leads to them."""
    for k in range(len(pdf.pages) - 1, -1, -1):
        if k + 1 not in numbers:
            del pdf.pages[k]
    for key in ("/Outlines", "/Dests", "/Names", "/StructTreeRoot", "/OpenAction", "/PageLabels", "/Threads"):
        if key in pdf.Root:
            del pdf.Root[key]
    form = pdf.Root.get("/AcroForm")
    if form is not None and "/Fields" in form:
        here = {note.objgen for page in pdf.pages for note in page.obj.get("/Annots", ())}
        form.Fields = Array([f for f in form.Fields if f.objgen in here or "/Kids" in f])


def _without_signatures(pdf: pikepdf.Pdf) -> None:
    """Takes out signature values, which a viewer would call broken in a changed file; what they show on the page stays."""
    form = pdf.Root.get("/AcroForm")
    if form is None:
        return
    fields, seen = list(form.get("/Fields", ())), 0
    while fields and seen < 10_000:
        field = fields.pop()
        seen += 1
        if field.get("/FT") == Name.Sig and "/V" in field:
            del field["/V"]
        fields += list(field.get("/Kids", ()))
    for holder, key in ((form, "/SigFlags"), (pdf.Root, "/Perms"), (pdf.Root, "/DSS")):
        if key in holder:
            del holder[key]
