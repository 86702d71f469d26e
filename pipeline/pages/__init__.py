"""Pages as images or as text: one page of a source, rendered at the resolution it was scanned at.

pdf2image (poppler) renders PDF pages and pypdfium2 looks at what came out: poppler has been seen to give blank or tiny images for
broken files without a word, and then the other renderer's page is taken. A text layer is judged against the page image and kept only
where it is Vietnamese and sits on the ink (`pipeline.pages.layer`). Every function here is meant to run in a worker with limits.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pdf2image
import PIL.Image
import PIL.ImageOps
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.document import Line, Page, Problem, Source, text_reading
from pipeline.errors import InputError, MissingError
from pipeline.ingest import PIL_FORMATS, image_pages, open_pdf, without_path
from pipeline.pages import photograph
from pipeline.pages.damage import damaged_parts, is_damaged_jpeg
from pipeline.settings import Pages, Settings

_POINTS = 72  # PDF units an inch
# An image that covers this share of the page is the scan itself, and the page is rendered at its own resolution.
_WHOLE_PAGE = 0.75
_LEAST_DPI = 60
_LONGEST = 30_000  # pixels to a side; Tesseract refuses 32,768
_SHEET_PIXELS = 8_700_000  # of an A4 page at 300 dpi
_MM = 25.4 / _POINTS


@dataclass(frozen=True, eq=False)
class Scan:
    """One page as an image: uint8, grey (H, W) or RGB (H, W, 3).

    `dpi` is what the page was rendered at (0: unknown; metadata of image files are not believed). `overlay` holds lines of electronic
    signatures, whose exact words the PDF itself gives, with boxes in pixels; the image does not show them. `red` holds the red ink that
    was lifted off a prepared page, black on white: stamps and marks of secrecy and urgency stand there.
    """

    number: int
    image: np.ndarray
    dpi: int = 0
    steps: tuple[str, ...] = ()
    overlay: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()
    red: np.ndarray | None = None


def render(source: Source, root: Path, page: int, settings: Settings, passwords: tuple[str, ...] = ()) -> Scan | Page:
    """One page of `source` (from 1): text as a Page, a good text layer as a Page of origin `layer`, anything else as a Scan.

    Raises InputError (damaged_pdf, password, damaged_image) where the file or the page can't be read.
    """
    if source.kind == "text":
        return text_reading(source.text or "").pages[page - 1]
    scan = picture(source, root, page, settings, passwords)
    share = photograph.photograph_share(scan.image)
    if share >= photograph.LEAST:
        scan = replace(scan, steps=(*scan.steps, f"{photograph.STEP} {share:.2f}"))
    broken = _damage(source, root, page, passwords)
    if broken:
        scan = replace(scan, problems=(*scan.problems, Problem("warning", "pages", "damaged_page", f"({broken})", page)))
    if source.kind == "pdf":
        from pipeline.pages.layer import layer_page

        document, _ = open_pdf(root / source.files[0].path, passwords)
        try:
            return layer_page(document, page, scan, settings.pages)
        finally:
            document.close()
    return scan


def _damage(source: Source, root: Path, page: int, passwords: tuple[str, ...]) -> str:
    """What of a page of a PDF or of a JPEG is broken though it can be drawn; empty for a whole one."""
    path = root / source.files[0].path
    if source.kind == "pdf":
        return ", ".join(damaged_parts(path, page, passwords))
    if source.kind == "image" and page <= len(source.files):
        data = (root / source.files[page - 1].path).read_bytes()
        return "picture" if data[:2] == b"\xff\xd8" and is_damaged_jpeg(data) else ""
    return ""


def picture(source: Source, root: Path, page: int, settings: Settings, passwords: tuple[str, ...] = ()) -> Scan:
    """The image of one page as it lies in the file, whether or not its text comes from a layer; the same each time.

    Pages of origin `layer` have their boxes in the pixels of this image, pages of origin `ocr` in those of `image.upright` of it.
    """
    if source.kind == "pdf":
        return _pdf_picture(root / source.files[0].path, page, settings.pages, passwords)
    if source.kind == "text":
        raise InputError("no_image", path=source.path)
    left = page
    for file in source.files:
        path = root / file.path
        frames = image_pages(path) if len(source.files) > 1 or source.kind == "tiff" else 1
        if left <= frames:
            image, steps = _decoded(path, left - 1, settings.pages.max_pixels)
            return Scan(page, image, 0, steps)
        left -= frames
    raise InputError("damaged_image", path=source.path, reason=f"page {page}")


def _decoded(path: Path, frame: int, max_pixels: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """One frame as a uint8 array, upright after its EXIF tag, transparent parts white, at most `max_pixels` large."""
    steps: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PIL.Image.open(path, formats=PIL_FORMATS) as opened:
                if frame:
                    opened.seek(frame)
                if opened.width * opened.height > max_pixels and opened.format == "JPEG":
                    opened.draft(opened.mode, (opened.width // 2, opened.height // 2))
                opened.load()
                turned = PIL.ImageOps.exif_transpose(opened)
                if opened.getexif().get(0x0112, 1) not in (0, 1):
                    steps.append(f"exif {opened.getexif().get(0x0112)}")
                image = _plain(turned)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, ArithmeticError) as e:
        raise InputError("damaged_image", path=path, reason=without_path(e, path)) from None
    except PIL.Image.DecompressionBombError as e:
        raise InputError("too_large", path=path, reason=str(e).split(",")[0]) from None
    if image.width * image.height > max_pixels:
        scale = (max_pixels / (image.width * image.height)) ** 0.5
        image = image.resize((int(image.width * scale), int(image.height * scale)), PIL.Image.Resampling.LANCZOS)
        steps.append(f"shrunk {scale:.3f}")
    return _array(image), tuple(steps)


def _plain(image: PIL.Image.Image) -> PIL.Image.Image:
    """Any Pillow mode as L or RGB: 16 bits scaled down by what the image holds, alpha laid on white."""
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        values = np.asarray(image).astype(np.float64)
        top = float(values.max()) or 1.0
        full = 255.0 if top <= 255 else 65535.0 if top <= 65535 else top
        return PIL.Image.fromarray(np.clip(values * 255 / full, 0, 255).astype(np.uint8))
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode in ("LA", "La", "RGBA", "RGBa", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = PIL.Image.new("RGBA", image.size, "white")
        return PIL.Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")


def _array(image: PIL.Image.Image) -> np.ndarray:
    """The image as an array, grey where its channels are equal."""
    array = np.asarray(image)
    if array.ndim == 3:
        sample = array[:: max(1, array.shape[0] // 400), :: max(1, array.shape[1] // 400)].astype(np.int16)
        even = np.abs(sample - sample[..., :1]).max() <= 2
        if even and np.abs(array[..., 0].astype(np.int16) - array[..., 2]).max() <= 2:
            array = array[..., 1]
    return np.ascontiguousarray(array)


# ---------------------------------------------------------------------------------------------- PDF


def page_dpi(page: pdfium.PdfPage, limits: Pages) -> int:
    """The resolution that a page asks for: the scan's own where one image fills the page, else the setting."""
    width, height = page.get_size()
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        try:
            left, bottom, right, top = thing.get_bounds()
            pixels = thing.get_px_size()
        except pdfium.PdfiumError:
            continue
        if (right - left) * (top - bottom) >= _WHOLE_PAGE * width * height and min(pixels) > 0:
            # a scan that lies on its side in the file has its sides exchanged
            own = (max(pixels) / max(right - left, top - bottom)) * _POINTS
            return min(limits.dpi, max(_LEAST_DPI, round(own)))
    return limits.dpi


def bounded_dpi(width: float, height: float, dpi: int, max_pixels: int) -> float:
    """The resolution at which a page of `width` × `height` points can be rendered, known before anything is drawn: `dpi` or less.

    Where so little is left that print of the usual size is no longer told (a box of ten metres), the box is not believed to be paper,
    and the page gets the pixels of an A4 page.
    """
    most = min((max_pixels / (width * height)) ** 0.5, _LONGEST / max(width, height)) * _POINTS
    if most < min(dpi, _LEAST_DPI):
        most = min(most, (_SHEET_PIXELS / (width * height)) ** 0.5 * _POINTS)
    return dpi if most >= dpi else most


def _pdf_picture(path: Path, number: int, limits: Pages, passwords: tuple[str, ...]) -> Scan:
    document, password = open_pdf(path, passwords)
    try:
        try:
            page = document[number - 1]
            width, height = page.get_size()
        except (pdfium.PdfiumError, IndexError):
            raise InputError("damaged_pdf", path=path, reason=f"page {number}") from None
        asked = page_dpi(page, limits)
        dpi = bounded_dpi(width, height, asked, limits.max_pixels) if min(width, height) >= 1 else 0.0
        shrunk = dpi < min(asked, _LEAST_DPI)
        dpi = dpi if shrunk else int(dpi)  # poppler takes whole numbers
        scale = dpi / _POINTS
        wanted = (round(width * scale), round(height * scale))
        if min(wanted) < 1:
            raise InputError("damaged_pdf", path=path, reason=f"page {number}: {width:g} x {height:g}")
        image = None if shrunk else _by_poppler(path, number, int(dpi), password)
        why = "size" if shrunk else _doubt(image, wanted, page)
        steps: tuple[str, ...] = ()
        if why:
            image = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_pil()
            steps = (f"pdfium {why}",)
        assert image is not None
        array = _array(_plain(image))
    finally:
        document.close()
    size = f"{width * _MM:,.0f} × {height * _MM:,.0f} mm"
    problems = (Problem("note", "pages", "page_shrunk", size, number),) if shrunk else ()
    return Scan(number, array, max(1, int(dpi)), steps, problems=problems)


def _by_poppler(path: Path, number: int, dpi: int, password: str | None) -> PIL.Image.Image | None:
    """The page as pdf2image renders it, without annotations; None where it fails. Raises MissingError without poppler."""
    try:
        images = pdf2image.convert_from_path(
            str(path.absolute()),
            dpi=dpi,
            first_page=number,
            last_page=number,
            userpw=password,
            use_cropbox=True,
            hide_annotations=True,
            timeout=50,
        )
    except (pdf2image.exceptions.PDFInfoNotInstalledError, pdf2image.exceptions.PopplerNotInstalledError):
        raise MissingError("missing_tool", name="poppler") from None
    except (pdf2image.exceptions.PDFPageCountError, pdf2image.exceptions.PDFPopplerTimeoutError, pdf2image.exceptions.PDFSyntaxError):
        return None
    except (OSError, ValueError, PIL.Image.DecompressionBombError):
        return None
    return images[0] if images else None


def _doubt(image: PIL.Image.Image | None, wanted: tuple[int, int], page: pdfium.PdfPage) -> str | None:
    """Why poppler's page is not to be believed (failed, size, blank), or None: measured against the page box and a small pdfium page."""
    if image is None:
        return "failed"
    if any(abs(a - b) > max(3, 0.02 * b) for a, b in zip(image.size, wanted, strict=True)):
        return "size"
    small = image.convert("L").reduce(max(1, max(image.size) // 500))
    ink = float((np.asarray(small) < 160).mean())
    if ink > 0.0005:
        return None
    other = page.render(scale=500 / max(page.get_size()), may_draw_forms=False, draw_annots=False).to_pil().convert("L")
    return "blank" if float((np.asarray(other) < 160).mean()) > ink + 0.001 else None


__all__ = ["Scan", "page_dpi", "picture", "render"]
