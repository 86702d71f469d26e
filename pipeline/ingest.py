"""What lies in a folder, and what each file is: told by its bytes, never by its name.

Inputs are only read. `walk` finds the files, `group` puts page images of one document together, `ingest` looks into each.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from pipeline import legacy, settings
from pipeline.document import FileKind, Problem, Source, SourceFile, text_reading
from pipeline.errors import InputError, UsageError
from pipeline.text import nfc

PIL_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".tif", ".tiff"})
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ""})
_PASSED_OVER = frozenset({"thumbs.db", "desktop.ini", "documents.toml"})
_LIST = "documents.toml"
_LEAST_SIDE = 64  # pixels; less holds no line of print
# A word before the number says that it counts pages; without one only a run from 0 or 1 is believed (years and symbols end so too).
_PAGE_NAME = re.compile(
    r"(?P<stem>.*?)(?:[\s._-]*(?P<word>pages?|page|trang|tr|pg|p)[\s._-]*|(?P<sep>[\s._-]+\(?|\())(?P<number>\d{1,4})\)?", re.I
)
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


@dataclass(frozen=True)
class Listing:
    """One entry of documents.toml: the files of a document in order, and the pages at which documents begin in it."""

    files: tuple[Path, ...]
    starts: tuple[int, ...] = ()


def walk(raw: Path) -> tuple[list[Path], list[tuple[str, Problem]]]:
    """The files below `raw` in order of their relative paths, and what was not taken in, as (relative path, problem).

    Links are not followed and devices, pipes and sockets not opened; they, unreadable folders and names that are no text are problems.
    Hidden files, Thumbs.db, desktop.ini and lock files of office programs are nobody's documents and are left unmentioned.
    Raises UsageError where `raw` is no folder.
    """
    if not raw.is_dir():
        raise UsageError("raw_missing", path=raw)
    files: list[Path] = []
    problems: list[tuple[str, Problem]] = []

    def skip(path: Path, code: str) -> None:
        shown = _relative(path, raw).encode("utf-8", "backslashreplace").decode()
        problems.append((shown, Problem("warning", "ingest", code)))

    def failed(error: OSError) -> None:
        skip(Path(str(error.filename)), "unreadable_file")

    for folder, names, entries in os.walk(raw, onerror=failed, followlinks=False):
        here = Path(folder)
        for name in [n for n in names if n.startswith(".")]:
            names.remove(name)
        for name in [n for n in names if not _is_utf8(n) or stat.S_ISLNK(_mode(here / n))]:
            names.remove(name)
            skip(here / name, "symlink_skipped" if _is_utf8(name) else "bad_name")
        for name in entries:
            if _nobody(name):
                continue
            path = here / name
            if not _is_utf8(name):
                skip(path, "bad_name")
                continue
            mode = _mode(path)
            if stat.S_ISREG(mode):
                files.append(path)
            elif not mode:
                skip(path, "unreadable_file")
            else:
                skip(path, "symlink_skipped" if stat.S_ISLNK(mode) else "special_file_skipped")
    return sorted(files, key=lambda p: _relative(p, raw)), sorted(problems, key=lambda s: s[0])


def _mode(path: Path) -> int:
    """What the entry is, a link not followed; 0 where the system does not tell (a path that is too long)."""
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _nobody(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _PASSED_OVER


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def listings(folder: Path) -> tuple[tuple[Listing, ...], str | None]:
    """The entries of `folder`/documents.toml, () without one; and why the file can't be followed, None where it can.

    Format: `[[document]]` with `files = ["a.jpg", "b.jpg"]` (names in that folder, in order of pages), and `starts = [1, 4]`
    where several documents stand in it. A file that can't be read so or that names a missing file is not followed at all.
    """
    path = folder / _LIST
    if not path.is_file():
        return (), None
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["document"]
        out = tuple(Listing(tuple(folder / str(n) for n in e["files"]), tuple(int(s) for s in e.get("starts", ()))) for e in entries)
    except (OSError, ValueError, KeyError, TypeError) as e:
        return (), str(e)
    names = [f for listing in out for f in listing.files]
    for name in names:
        if not name.is_file() or names.count(name) > 1 or name.parent != folder:
            return (), name.name
    return out, None


def bad_listings(paths: list[Path], raw: Path) -> list[tuple[str, Problem]]:
    """The files documents.toml in the folders of `paths` that can't be followed, as (relative path, problem)."""
    why = {folder: listings(folder)[1] for folder in sorted({p.parent for p in paths})}
    return [(_relative(f / _LIST, raw), Problem("error", "ingest", "bad_documents_file", told)) for f, told in why.items() if told]


def group(paths: list[Path]) -> list[tuple[Path, ...]]:
    """The files as documents: page images named alike but for a page number together, in order of it; every other file alone.

    `KH12_p1.jpg … KH12_p3.png`, `scan-001.jpg …`, `don (1).png …` are pages; `plan-2023.jpg` and `plan-2024.jpg` are not.
    `documents.toml` in a folder comes before the names (see `listings`).
    """
    given = set(paths)
    groups: list[tuple[Path, ...]] = []
    taken: set[Path] = set()
    for folder in sorted({p.parent for p in paths}):
        for listing in listings(folder)[0]:
            files = tuple(f for f in listing.files if f in given)
            if files:
                groups.append(files)
                taken.update(files)
    runs: dict[tuple[Path, str, str], dict[int, Path]] = {}
    widths: dict[tuple[Path, str, str], set[int]] = {}
    for path in paths:
        found = _page_name(path) if path not in taken else None
        if found is None:
            continue
        key, number, width = found
        if number not in runs.setdefault(key, {}):
            runs[key][number] = path
            widths.setdefault(key, set()).add(width)
    for key, pages in runs.items():
        numbers = sorted(pages)
        said = key[2] != ""  # "page", "p", "trang" stands before the number
        in_turn = numbers[0] <= 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        if len(numbers) > 1 and (said or in_turn):
            groups.append(tuple(pages[n] for n in numbers))
            taken.update(pages.values())
    groups += [(p,) for p in paths if p not in taken]
    place = {p: k for k, p in enumerate(paths)}
    return sorted(groups, key=lambda g: place[g[0]])


def _page_name(path: Path) -> tuple[tuple[Path, str, str], int, int] | None:
    """What the name says: (folder, stem and kind of number), page number, digits; None for what is no page image."""
    if path.suffix.lower() not in _IMAGE_SUFFIXES:
        return None
    m = _PAGE_NAME.fullmatch(nfc(path.stem))
    if m is None or (m["word"] is None and len(m["number"]) > 3 and not m["number"].startswith("0")):
        return None
    if m["word"] and m["word"].lower() == "p" and not re.search(r"[\s._-]p[\s._-]*\d+\)?$", path.stem, re.I) and m["stem"]:
        return None  # `sop2` ends in a word, not in a page
    try:
        with path.open("rb") as f:
            if _magic(f.read(16)) not in ("image", "tiff"):
                return None
    except OSError:
        return None
    return (path.parent, m["stem"] + "\0" + (m["sep"] or ""), (m["word"] or "").lower()), int(m["number"]), len(m["number"])


def ingest(paths: tuple[Path, ...], root: Path, limits: settings.Ingest, passwords: tuple[str, ...] = ()) -> Source:
    """What one document's files are: kind by content, hash, pages, decoded text.

    Raises InputError with the key empty_file, too_large, unsupported, not_text, damaged_pdf, password, damaged_image,
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
        files.append(SourceFile(_relative(path, root), digest.hexdigest()))
        heads.append(head)
    whole = files[0].sha256 if len(files) == 1 else hashlib.sha256("".join(f.sha256 for f in files).encode()).hexdigest()
    kinds = [_magic(head) for head in heads]
    problems: list[Problem] = []
    encoding = text = None
    if len(paths) > 1:
        if any(k not in ("image", "tiff") for k in kinds):
            raise InputError("unsupported", path=paths[next(i for i, k in enumerate(kinds) if k not in ("image", "tiff"))], what="page")
        kind: FileKind = "image"
        pages = sum(image_pages(p) for p in paths)
        problems += _gaps(paths)
    elif kinds[0] == "pdf":
        kind = "pdf"
        pages, complete = _pdf_pages(paths[0], passwords)
        if not complete:
            problems.append(Problem("warning", "ingest", "truncated_pdf"))
    elif kinds[0] in ("image", "tiff"):
        kind = "tiff" if kinds[0] == "tiff" else "image"
        pages = image_pages(paths[0])
    else:
        foreign = next((name for magic, name in _FOREIGN if heads[0].startswith(magic)), None)
        if foreign:
            raise InputError("unsupported", path=paths[0], what=foreign)
        kind = "text"
        decoded = decode(paths[0].read_bytes())
        if decoded is None:
            key = "not_text" if paths[0].suffix.lower() in _TEXT_SUFFIXES else "unsupported"
            raise InputError(key, path=paths[0], what=paths[0].suffix.lower().removeprefix("."))
        text, encoding = decoded
        pages = len(text_reading(text).pages)
    if pages > limits.max_pages:
        problems.append(Problem("warning", "ingest", "too_many_pages", detail=f"{limits.max_pages} / {pages}"))
        pages = limits.max_pages
    starts = next((entry.starts for entry in listings(paths[0].parent)[0] if entry.files == paths), ())
    return Source(whole[:12], tuple(files), kind, pages, encoding, text, tuple(problems), starts)


def _magic(head: bytes) -> str | None:
    """pdf, tiff, image, or None for anything else."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    return None


def _gaps(paths: tuple[Path, ...]) -> list[Problem]:
    """A note where the numbers in the names show that pages are not there."""
    found = [_page_name(p) for p in paths]
    numbers = [f[1] for f in found if f]
    if len(numbers) != len(paths) or numbers != sorted(set(numbers)):
        return []
    gaps = [(a + 1, b - 1) for a, b in zip([0, *numbers], numbers, strict=False) if b - a > 1]
    missing = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in gaps)
    return [Problem("note", "ingest", "pages_missing", detail=missing)] if missing else []


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
