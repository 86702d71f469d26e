"""What lies in a folder: its files, and which page images are one document. Nothing here looks into a file beyond its first bytes."""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pipeline.document import Problem
from pipeline.errors import UsageError
from pipeline.text import nfc

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".tif", ".tiff"})
_PASSED_OVER = frozenset({"thumbs.db", "desktop.ini", "documents.toml"})
LIST = "documents.toml"
# A word before the number says that it counts pages; without one only a run from 0 or 1 is believed (years and symbols end so too).
_PAGE_NAME = re.compile(
    r"(?P<stem>.*?)(?:[\s._-]*(?P<word>pages?|page|trang|tr|pg|p)[\s._-]*|(?P<sep>[\s._-]+\(?|\())(?P<number>\d{1,4})\)?", re.I
)


@dataclass(frozen=True)
class Listing:
    """One entry of documents.toml: the files of a document in order, and the pages at which documents begin in it."""

    files: tuple[Path, ...]
    starts: tuple[int, ...] = ()


def walk(raw: Path) -> tuple[list[Path], list[tuple[str, Problem]]]:
    """The files below `raw` in order of their relative paths, and what was not taken in, as (relative path, problem).

    Links are not followed and devices, pipes and sockets not opened; they, unreadable folders and names that are no text are problems.
    Hidden files, Thumbs.db, desktop.ini and lock files of office programs are _nobody's documents and are left unmentioned.
    Raises UsageError where `raw` is no folder.
    """
    if not raw.is_dir():
        raise UsageError("raw_missing", path=raw)
    files: list[Path] = []
    skipped: list[tuple[Path, str]] = []
    waiting = [raw]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(folder.iterdir())
        except OSError:
            skipped.append((folder, "unreadable_file"))
            continue
        for path in entries:
            name, mode = path.name, _mode(path)
            if _nobody(name) if not stat.S_ISDIR(mode) else name.startswith("."):
                continue
            if not _is_utf8(name):
                skipped.append((path, "bad_name"))
            elif stat.S_ISDIR(mode):
                waiting.append(path)
            elif stat.S_ISREG(mode):
                files.append(path)
            elif not mode:
                skipped.append((path, "unreadable_file"))
            else:
                skipped.append((path, "symlink_skipped" if stat.S_ISLNK(mode) else "special_file_skipped"))
    told = [(relative(p, raw).encode("utf-8", "backslashreplace").decode(), Problem("warning", "ingest", code)) for p, code in skipped]
    return sorted(files, key=lambda p: relative(p, raw)), sorted(told, key=lambda s: s[0])


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


def relative(path: Path, root: Path) -> str:
    """The path below `root`, with `/`."""
    return path.relative_to(root).as_posix()


def listings(folder: Path) -> tuple[tuple[Listing, ...], str | None]:
    """The entries of `folder`/documents.toml, () without one; and why the file can't be followed, None where it can.

    Format: `[[document]]` with `files = ["a.jpg", "b.jpg"]` (names in that folder, in order of pages), and `starts = [1, 4]`
    where several documents stand in it. A file that can't be read so or that names a missing file is not followed at all.
    """
    path = folder / LIST
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
    return [(relative(f / LIST, raw), Problem("error", "ingest", "bad_documents_file", told)) for f, told in why.items() if told]


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
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        return None
    m = _PAGE_NAME.fullmatch(nfc(path.stem))
    if m is None or (m["word"] is None and len(m["number"]) > 3 and not m["number"].startswith("0")):
        return None
    if m["word"] and m["word"].lower() == "p" and not re.search(r"[\s._-]p[\s._-]*\d+\)?$", path.stem, re.I) and m["stem"]:
        return None  # `sop2` ends in a word, not in a page
    try:
        with path.open("rb") as f:
            if magic(f.read(16)) not in ("image", "tiff"):
                return None
    except OSError:
        return None
    return (path.parent, m["stem"] + "\0" + (m["sep"] or ""), (m["word"] or "").lower()), int(m["number"]), len(m["number"])


def magic(head: bytes) -> str | None:
    """pdf, tiff, image, or None for anything else."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    return None


def gaps(paths: tuple[Path, ...]) -> list[Problem]:
    """A note where the numbers in the names show that pages are not there."""
    found = [_page_name(p) for p in paths]
    numbers = [f[1] for f in found if f]
    if len(numbers) != len(paths) or numbers != sorted(set(numbers)):
        return []
    gaps = [(a + 1, b - 1) for a, b in zip([0, *numbers], numbers, strict=False) if b - a > 1]
    missing = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in gaps)
    return [Problem("note", "ingest", "pages_missing", detail=missing)] if missing else []
