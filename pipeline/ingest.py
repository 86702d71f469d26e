"""What each file is: told by its bytes, never by its name. Inputs are only read; `pipeline.inputs` finds them."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import PIL.Image
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from pipeline import legacy, settings
from pipeline.document import FileKind, Problem, Source, SourceFile, text_reading
from pipeline.errors import InputError
from pipeline.inputs import IMAGE_SUFFIXES, gaps, listings, magic, relative
from pipeline.text import nfc

PIL_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ""})
_KNOWN_SUFFIXES = IMAGE_SUFFIXES | {".pdf"}
_LEAST_SIDE = 64  # pixels; less holds no line of print
_FOREIGN = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"%!PS", "postscript"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x7fELF", "elf"),
    (b"SQLite format 3", "sqlite"),
    (b"\x00\x00\x00\x0cjP", "jpeg2000"),
)


def ingest(paths: tuple[Path, ...], root: Path, limits: settings.Ingest, passwords: tuple[str, ...] = ()) -> Source:
    """What one document's files are: kind by content, hash, pages, decoded text.

    Raises InputError with the key empty_file, too_large, unsupported, not_text, misnamed, damaged_pdf, password, damaged_image,
    too_small_image or unreadable_file; each carries `path`.
    """
    files, heads = [], []
    for path in paths:
        try:
            size = path.stat().st_size
            if size == 0:
                raise InputError("empty_file", path=path)
            if size > limits.max_file_mb * 1_000_000:
                raise InputError("too_large", path=path, megabytes=size // 1_000_000)
            digest = hashlib.sha256()
            head = b""
            with path.open("rb") as f:
                while block := f.read(1 << 20):
                    head = head or block[:4096]
                    digest.update(block)
        except OSError as e:
            raise InputError("unreadable_file", path=path, reason=e.strerror or e) from None
        files.append(SourceFile(relative(path, root), digest.hexdigest()))
        heads.append(head)
    whole = files[0].sha256 if len(files) == 1 else hashlib.sha256("".join(f.sha256 for f in files).encode()).hexdigest()
    kinds = [magic(head) for head in heads]
    problems: list[Problem] = []
    encoding = text = None
    if len(paths) > 1:
        if any(k not in ("image", "tiff") for k in kinds):
            raise InputError("unsupported", path=paths[next(i for i, k in enumerate(kinds) if k not in ("image", "tiff"))], what="page")
        kind: FileKind = "image"
        pages = sum(image_pages(p) for p in paths)
        problems += gaps(paths)
    elif kinds[0] == "pdf":
        kind = "pdf"
        pages, complete = _pdf_pages(paths[0], passwords)
        if not complete:
            problems.append(Problem("warning", "ingest", "truncated_pdf"))
    elif kinds[0] in ("image", "tiff"):
        kind = "tiff" if kinds[0] == "tiff" else "image"
        pages = image_pages(paths[0])
    else:
        foreign = next((name for start, name in _FOREIGN if heads[0].startswith(start)), None)
        if foreign:
            raise InputError("unsupported", path=paths[0], what=foreign)
        kind = "text"
        decoded = decode(paths[0].read_bytes())
        if decoded is None:
            ending = paths[0].suffix.lower()
            key = "not_text" if ending in _TEXT_SUFFIXES else "misnamed" if ending in _KNOWN_SUFFIXES else "unsupported"
            raise InputError(key, path=paths[0], what=ending if key == "misnamed" else ending.removeprefix("."))
        text, encoding = decoded
        pages = len(text_reading(text).pages)
    if pages > limits.max_pages:
        problems.append(Problem("warning", "ingest", "too_many_pages", detail=f"{limits.max_pages} / {pages}"))
        pages = limits.max_pages
    for path in paths if kind == "image" else ():
        further = further_frames(path)
        if further:
            problems.append(Problem("warning", "ingest", "further_frames", detail=f"{path.name}: {further}"))
    starts = next((entry.starts for entry in listings(paths[0].parent)[0] if entry.files == paths), ())
    return Source(whole[:12], tuple(files), kind, pages, encoding, text, tuple(problems), starts)


def open_pdf(path: Path, passwords: tuple[str, ...] = ()) -> tuple[pdfium.PdfDocument, str | None]:
    """The document and the password that opened it. Raises InputError password or damaged_pdf."""
    locked = False
    for password in (None, *passwords):
        pdfium_raw.FPDF_LoadMemDocument64(b"-", 1, None)  # pdfium keeps its last error; for a file without pages it tells an older one
        try:
            return pdfium.PdfDocument(path, password=password), password
        except pdfium.PdfiumError as e:
            if "password" in str(e).lower():
                locked = True
            else:
                break
    raise InputError("password" if locked else "damaged_pdf", path=path)


def _pdf_pages(path: Path, passwords: tuple[str, ...]) -> tuple[int, bool]:
    """The number of pages, and whether the file has an end (a copy that broke off has none, and may have lost pages)."""
    document, _ = open_pdf(path, passwords)
    try:
        pages = len(document)
    finally:
        document.close()
    if pages == 0:
        raise InputError("damaged_pdf", path=path)
    with path.open("rb") as f:
        f.seek(max(0, path.stat().st_size - 4096))
        return pages, b"%%EOF" in f.read()


def image_pages(path: Path) -> int:
    """The number of page images in an image file; each frame of a TIFF is one.

    Raises InputError damaged_image, too_small_image, too_large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(path, formats=PIL_FORMATS) as image:
                if min(image.size) < _LEAST_SIDE:
                    raise InputError("too_small_image", path=path, width=image.width, height=image.height)
                frames = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
                image.draft("L", (400, 400))
                image.load()
                return frames
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as e:
        raise InputError("too_large", path=path, reason=str(e).split(",")[0]) from None
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, ArithmeticError) as e:
        raise InputError("damaged_image", path=path, reason=without_path(e, path)) from None


def further_frames(path: Path) -> int:
    """How many pictures a moving WebP or PNG holds beside the first, which alone is read. The file is one that `image_pages` has opened."""
    with PIL.Image.open(path, formats=PIL_FORMATS) as image:
        return int(getattr(image, "n_frames", 1)) - 1 if image.format in ("WEBP", "PNG") else 0


def without_path(error: Exception, path: Path) -> str:
    """What an error says, with the file's name for its path: where RAW lies is nobody's business, and no row may depend on it."""
    return str(error).replace(str(path), path.name)


def decode(data: bytes) -> tuple[str, str] | None:
    """The text (NFC, LF) and how it was stored: utf-8, utf-8-sig, utf-16-le, utf-16-be, tcvn3, vni; None where that is not certain."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(name.removesuffix("-sig"))
            except UnicodeDecodeError:
                return None
            return (_lines(text), name) if _is_text(text) else None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and _is_text(text):
        old = legacy.told(text)
        return (_lines(legacy.to_unicode(text, old)), old) if old else (_lines(text), "utf-8")
    if len(data) % 2 == 0 and data.count(0) > len(data) / 8:
        name = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            return None
        return (_lines(text), name) if _is_text(text) else None
    text = data.decode("latin-1")
    if _is_text(text, high_controls=True):
        old = legacy.told(text)
        if old:
            return _lines(legacy.to_unicode(text, old)), old
    return None


def _is_text(text: str, high_controls: bool = False) -> bool:
    """Whether these are characters that people write: no NUL, next to no control characters, some letter."""
    if not text or "\0" in text:
        return False
    odd = sum(
        1
        for c in text
        if (ord(c) < 32 and c not in "\t\n\r\f\v")
        or (0x7F <= ord(c) < 0xA0 and not high_controls)
        or 0xE000 <= ord(c) < 0xF900
        or c in "\ufffd\uffff"
    )
    return odd <= len(text) / 200 and any(c.isalnum() for c in text)


def _lines(text: str) -> str:
    return nfc(text.replace("\r\n", "\n").replace("\r", "\n"))
