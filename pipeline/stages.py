"""The stages as data, and the tasks that run them in a worker.

`STAGES` stands once: the runner, `--dry-run`, the stamps and the tests iterate it. A stamp is a hash of all that a result depends on:
the inputs' stamp, the stage's code, settings, rules, models and tools. Where the stamp matches, the work is done; where it differs, it
is done again and the result replaced by rename. Results and stamps are files below OUT/.work.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from pipeline import document, packed
from pipeline.atomic import write_atomic
from pipeline.corrections import Correction, lines_digest
from pipeline.document import Page, Problem, Reading, Record, Source
from pipeline.errors import InputError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.corpus.shelf import Leaf, Row, Sheet

HERE = Path(__file__).parent
T = TypeVar("T")


@dataclass(frozen=True)
class Stage:
    """One step: what it works on, the code and rules it is made of, the settings it reads, whether tools and models count."""

    name: document.Stage
    unit: Literal["file", "page", "document", "corpus"]
    code: tuple[str, ...]
    settings: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    tools: bool = False
    models: bool = False


SHARED = ("document.py", "text.py", "errors.py")
TAKEN = ("ingest.py", "inputs.py", "legacy.py")
LAYOUT = ("layout.toml", "legacy.csv", "syllables.toml")  # what tells the parts of a page and the encoding of a text layer
CODES = ("doc_types.csv", "issuers.csv")  # pipeline/codes.py
REPAIR = (
    *("word_confidence.toml", "inventory.toml", *CODES, "abbreviations.csv", "identifiers.toml"),
    *("kept.toml", "forms.toml", "legacy.csv", "syllables.toml"),
)
STAGES: tuple[Stage, ...] = (
    Stage("ingest", "file", (*SHARED, *TAKEN), ("ingest",), ("legacy.csv", "syllables.toml")),
    Stage("pages", "page", (*SHARED, *TAKEN, "pages", "layout", "image/ink.py"), ("pages",), LAYOUT, tools=True),
    Stage("image", "page", ("image",), ("image",), tools=True),
    Stage("ocr", "page", ("ocr", "layout", "codes.py"), ("ocr",), (*LAYOUT, *CODES), tools=True),
    Stage("repair", "document", (*SHARED, "repair", "legacy.py", "codes.py"), ("repair",), REPAIR, models=True),
    Stage("extract", "document", (*SHARED, "extract", "legacy.py"), ("extract",), ("*",)),
    Stage("outputs", "document", (*SHARED, "outputs", "image/skew.py", "image/__init__.py", "layout"), ("outputs",), ("layout.toml",)),
    Stage("corpus", "corpus", (*SHARED, "packed.py", "corpus", "corrections", "messages.py"), (), ("*",)),
)


def stage(name: str) -> Stage:
    """The stage of that name."""
    return next(s for s in STAGES if s.name == name)


# ---------------------------------------------------------------------------------------------- stamps


@cache
def _code_hash(patterns: tuple[str, ...], below: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(patterns, below)):
        digest.update(path.relative_to(below).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(patterns: tuple[str, ...], below: Path) -> set[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        for path in below.glob(pattern):
            found |= {p for p in path.rglob("*") if p.suffix in (".py", ".toml", ".csv")} if path.is_dir() else {path}
    return found


def publish_digest() -> str:
    """64 hex digits over the code that turns records into the files of a plan."""
    return _code_hash(
        ("publish.py", "stages.py", "atomic.py", "stored.py", "document.py", "text.py", "packed.py", "corrections", "corpus"), HERE
    )


def rows_digest() -> str:
    """64 hex digits over the code that turns one document into rows."""
    return _code_hash(("packed.py", "document.py", "text.py", "extract/documents.py"), HERE)


def code_digest() -> str:
    """64 hex digits over the code and rules of all stages."""
    parts = (_code_hash(s.code, HERE) + _code_hash(s.rules, HERE / "rules") for s in STAGES)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """All that one result of a stage depends on, each part as a hash or a list of versions; equal stamps, equal results."""

    stage: str
    code: str
    rules: str
    settings: str
    tools: tuple[str, ...]
    models: str
    inputs: tuple[str, ...]

    @property
    def digest(self) -> str:
        """64 hex digits over all parts."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def stamp(name: str, settings: Settings, *inputs: str, tools: tuple[str, ...] = (), models: str = "") -> Stamp:
    """The stamp of one result of a stage, given the digests of its inputs."""
    s = stage(name)
    chosen = _settings_text(tuple((k, getattr(settings, k)) for k in s.settings))
    code, rules = _code_hash(s.code, HERE), _code_hash(s.rules, HERE / "rules")
    return Stamp(name, code, rules, chosen, tools if s.tools else (), models if s.models else "", inputs)


@cache
def _settings_text(sections: tuple[tuple[str, Any], ...]) -> str:
    return msgspec.json.encode({name: asdict(section) for name, section in sections}).decode()


def why_stale(old: tuple[Stamp, ...], new: tuple[Stamp, ...]) -> str | None:
    """None where the stamps agree, else `stage: part` of the first difference (`ocr: settings`), `new` where there was none."""
    if old == new:
        return None
    for a, b in zip(old, new, strict=False):
        for part in ("inputs", "code", "rules", "settings", "tools", "models"):
            if getattr(a, part) != getattr(b, part):
                return f"{b.stage}: {part}"
    return "new"


# ---------------------------------------------------------------------------------------------- tasks, run in a worker


def ingest_task(paths: tuple[Path, ...], root: Path, settings: Settings, passwords: tuple[str, ...]) -> Source:
    """What the input is; raises InputError where it cannot be used."""
    from pipeline import ingest

    return ingest.ingest(paths, root, settings.ingest, passwords)


def read_page(source: Source, root: Path, number: int, settings: Settings, passwords: tuple[str, ...]) -> Page:
    """One page before repair: a text layer worth keeping, or the prepared image read by OCR."""
    from pipeline import image, ocr, pages

    got = pages.render(source, root, number, settings, passwords)
    return got if isinstance(got, Page) else ocr.read(image.clean(got, settings.image), settings.ocr)


def stored(path: Path, kind: type[T]) -> T:
    """A stored result. Raises InputError damaged_result where the file is gone or no longer what was written: it is made anew."""
    try:
        return document.from_json(path.read_bytes(), kind)
    except (OSError, msgspec.DecodeError) as e:
        raise InputError("damaged_result", path=path, reason=e) from None


def page_task(source: Source, root: Path, number: int, settings: Settings, passwords: tuple[str, ...], out: Path) -> int:
    """Reads one page and leaves it in `out`; its size in bytes."""
    return _leave(out, read_page(source, root, number, settings, passwords))


def _leave(out: Path, result: object) -> int:
    """Writes a result. Its size is told to the builder, who may be on another machine and see an older file for a while."""
    data = document.to_json(result)
    write_atomic(out, data)
    return len(data)


def raw_reading(source: Source, pages: Iterable[Page], tools: tuple[str, ...] = ()) -> Reading:
    """The pages of one source as one reading, before repair."""
    if source.kind == "text":
        return document.text_reading(source.text or "")
    pages = tuple(pages)
    layered = bool(pages) and all(p.origin == "layer" or not p.lines for p in pages) and any(p.origin == "layer" for p in pages)
    return Reading("pdf_text" if layered else "scan", pages, tools, source.starts)


def repair_task(source: Source, page_files: tuple[Path, ...], settings: Settings, tools: tuple[str, ...], out: Path) -> int:
    """Repairs the reading of one source and leaves it in `out`; its size in bytes."""
    pages = (stored(p, Page) for p in page_files)
    return _leave(out, repair_reading(raw_reading(source, pages, tools), settings))


def repair_reading(reading: Reading, settings: Settings) -> Reading:
    """The reading with garbled lines repaired."""
    from pipeline.repair import repair

    return replace(repair(reading, settings.repair), starts=reading.starts)


def corrected_lines(rows: tuple[Correction, ...]) -> tuple[str, ...]:
    """What the stamp of a source's records depends on beside its reading: its corrected lines and the code that puts them in."""
    return (f"{lines_digest(rows)} {_code_hash(('corrections',), HERE)}",) if rows else ()


def reading_of(path: Path, rows: tuple[Correction, ...] = ()) -> Reading:
    """A stored reading with its corrected lines; raises as `stored` does."""
    from pipeline.corrections.lines import amended

    return amended(stored(path, Reading), rows)[0]


def extract_task(source: Source, reading_file: Path, settings: Settings, out: Path, rows: tuple[Correction, ...] = ()) -> int:
    """Extracts the records of one source, its lines corrected by `rows`, into `out`; their size in bytes.

    Where nothing is corrected their rows are left beside them, ready for the tables.
    """
    reading = reading_of(reading_file, rows)
    records = records_of(source, reading, settings)
    size = _leave(out, records)
    if not rows:
        made = [packed.rows(record, part.pages) for record, part in documents_of(reading, records)]
        packed.keep(out.with_name(packed.FILE), made, rows_digest(), (reading_file, out))
    return size


def records_of(source: Source, reading: Reading, settings: Settings) -> tuple[Record, ...]:
    """The records of one source, with the problems of its pages on the first record that holds the page."""
    from pipeline.extract import extract

    records = list(extract(reading, settings.extract, source.plan_id, source.path))
    for problem in (*source.problems, *(p for page in reading.pages for p in page.problems)):
        k = next((k for k, r in enumerate(records) if problem.page is None or r.plan.page_first <= problem.page <= r.plan.page_last), 0)
        records[k] = replace(records[k], problems=(*records[k].problems, problem))
    return tuple(records)


@dataclass(frozen=True)
class Laid:
    """The searchable PDFs of one source: their paths below the folder of plans with sizes in bytes, and what could not be made."""

    files: dict[str, int]
    problems: tuple[tuple[str, Problem], ...] = ()  # with the plan_id


def searchable_task(
    source: Source,
    root: Path,
    reading_file: Path,
    records_file: Path,
    settings: Settings,
    passwords: tuple[str, ...],
    plans: Path,
    out: Path,
    rows: tuple[Correction, ...] = (),
) -> int:
    """Writes plans/<plan_id>/searchable.pdf for the documents of one source that were scanned, and a `Laid` into `out`; its size in bytes.

    What a pen wrote into the letterhead is kept beside it as pictures. What was made before and is no longer due is taken away.
    """
    from pipeline.outputs import crops, searchable_pdf

    reading, records = reading_of(reading_file, rows), stored(records_file, tuple[Record, ...])
    paths = [root / f.path for f in source.files]
    files: dict[str, int] = {}
    problems: list[tuple[str, Problem]] = []
    for record in records:
        name = f"{record.plan.plan_id}/searchable.pdf"
        target = plans / name
        pages = tuple(p for p in reading.pages if len(records) == 1 or record.plan.page_first <= p.number <= record.plan.page_last)
        due = crops.wanted(record.plan, pages)
        for crop in due:
            kept = f"{record.plan.plan_id}/{crop.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            crops.write_crop(crop, source, root, settings, passwords, plans / kept)
            files[kept] = (plans / kept).stat().st_size
            problems.append((record.plan.plan_id, Problem("note", "outputs", "handwriting_kept", f"plans/{kept}", crop.page)))
        for old in {f"{what}.png" for what in crops.NAMES} - {crop.name for crop in due}:
            (target.parent / old).unlink(missing_ok=True)
        if settings.outputs.searchable_pdf and any(p.origin == "ocr" and p.lines for p in pages):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                searchable_pdf(paths, replace(reading, pages=pages), target, passwords, settings.outputs.unlock, len(records) == 1)
                files[name] = target.stat().st_size
                continue
            except InputError as e:
                locked = e.key in ("pdf_locked", "password")
                told = (
                    Problem("note", "outputs", "pdf_locked")
                    if locked
                    else Problem("warning", "outputs", "pdf_failed", str(e.args_.get("reason", "")).replace(f"{root}{os.sep}", ""))
                )
                problems.append((record.plan.plan_id, told))
        target.unlink(missing_ok=True)
    return _leave(out, Laid(files, tuple(problems)))


def pdf_task(paths: list[Path], readings: list[Reading], passwords: tuple[str, ...], out: Path, pdfa: bool = False) -> None:
    """The searchable PDF of files one after the other, with `pdfa` as PDF/A-2b."""
    from pipeline.outputs import joined_pdf, make_archival, searchable_pdf

    parts = [out.with_name(f"{k}.pdf") for k in range(len(paths))]
    for path, reading, part in zip(paths, readings, parts, strict=True):
        searchable_pdf([path], reading, part, passwords, unlock=True)
    joined_pdf(parts, out)
    if pdfa:
        make_archival(out)


def failed_page(number: int, code: str, detail: str) -> Page:
    """The place of a page that could not be read: no lines, and the problem."""
    return Page(number, (), "ocr", problems=(Problem("error", "ocr", code, detail, number),))


def plain_text(reading: Reading | Sheet, raw: bool = False) -> str:
    """The lines of a reading, pages parted by a form feed; line k of a text input stays line k."""
    pages: Iterable[Page | Leaf] = reading.pages
    blank: tuple[document.Line, ...] = (document.Line(0, "", "", ()),)
    out: list[str] = []
    for p, page in enumerate(pages):
        lines: Iterable[document.Line | Row] = page.lines or blank
        texts = [line.raw if raw else line.text for line in lines]
        out += ["\f" + texts[0], *texts[1:]] if p else texts
    return "\n".join(out) + "\n"


def documents_of(reading: Reading, records: tuple[Record, ...]) -> list[tuple[Record, Reading]]:
    """Each record with the part of the reading that it was read from."""
    from pipeline.extract import documents

    if len(records) == 1:
        return [(records[0], reading)]
    out = []
    for record, lines in zip(records, documents.split(reading), strict=True):
        mine: dict[int, list[document.Line]] = {}
        for page, line in lines:
            mine.setdefault(page.number, []).append(line)
        whole = [
            p for p in reading.pages if p.number in mine or (not p.lines and record.plan.page_first <= p.number <= record.plan.page_last)
        ]
        out.append((record, replace(reading, pages=tuple(replace(p, lines=tuple(mine.get(p.number, ()))) for p in whole))))
    return out
