"""One input without a corpus: its reading, and its records. Used by `read`, `repair` and `extract`."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

from pipeline import document, stages
from pipeline.document import Page, Reading, Record, Source
from pipeline.errors import InputError, UsageError
from pipeline.progress import Progress
from pipeline.sandbox import Job, Workers, outcome_value, stop_if_hopeless
from pipeline.settings import Settings


def read(
    path: Path,
    settings: Settings,
    repaired: bool = True,
    jobs: int = 1,
    passwords: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> tuple[Source, Reading]:
    """A file as a reading, pages read in `jobs` workers, repaired where it is garbled.

    A page that fails is a page without lines and with a problem. Raises InputError where the file cannot be used at all.
    """
    if not path.is_file():
        raise InputError("is_folder" if path.is_dir() else "no_ordinary_file" if path.exists() else "file_missing", path=path)
    path = path.resolve()
    with Workers(jobs, settings.limits) as workers:
        (outcome,) = workers.run([Job("ingest", stages.ingest_task, ((path,), path.parent, settings, passwords), wall_seconds=600)])
        source = outcome_value(outcome)
        pages: dict[int, Page] = {}
        numbers = range(1, source.pages + 1) if source.kind != "text" else range(0)
        if progress and numbers:
            progress.start("read", len(numbers))
        for got in workers.run(Job(n, stages.read_page, (source, path.parent, n, settings, passwords)) for n in numbers):
            stop_if_hopeless(got)
            if progress:
                progress.step()
            pages[got.key] = stages.failed_page(got.key, got.code, got.detail) if got.code else got.value
        reading = stages.raw_reading(source, (pages[n] for n in numbers))
        if repaired:
            seconds = settings.limits.wall_seconds + 5 * len(reading.lines())
            (outcome,) = workers.run([Job("repair", stages.repair_reading, (reading, settings), seconds)])
            reading = outcome_value(outcome)
    return source, reading


def output(
    form: str, paths: list[Path], readings: list[Reading], settings: Settings, passwords: tuple[str, ...] = (), pdfa: bool = False
) -> str | bytes:
    """The readings of files, one after the other, as one hOCR or ALTO document or one searchable PDF (`hocr`, `alto`, `pdf`).

    With `pdfa` the PDF is PDF/A-2b; raises InputError no_pdfa where it cannot be. Who gives the password of a locked PDF and asks for a
    PDF gets one that opens without it.
    """
    from pipeline.outputs import alto, hocr

    pages = [page for reading in readings for page in reading.pages]
    whole = replace(readings[0], pages=tuple(replace(page, number=n) for n, page in enumerate(pages, 1)))
    title = ", ".join(path.name for path in paths)
    if form == "hocr":
        return hocr(whole, title, images=[path.name for path, reading in zip(paths, readings, strict=True) for _ in reading.pages])
    if form == "alto":
        return alto(whole, title)
    seconds = settings.limits.wall_seconds + 5 * len(pages)
    with tempfile.TemporaryDirectory() as folder, Workers(1, settings.limits) as workers:
        out = Path(folder) / "searchable.pdf"
        (outcome,) = workers.run([Job("outputs", stages.pdf_task, (paths, readings, passwords, out, pdfa), seconds)])
        outcome_value(outcome)
        return out.read_bytes()


def extract(
    path: Path,
    settings: Settings,
    repaired: bool = True,
    jobs: int = 1,
    passwords: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> tuple[Record, ...]:
    """The records of the documents in a file. Raises InputError where the file cannot be used."""
    source, reading = read(path, settings, repaired, jobs, passwords, progress)
    return stages.records_of(source, reading, settings)


def extract_text(text: str, settings: Settings, repaired: bool = True) -> tuple[Record, ...]:
    """The records of a text that came without a file (standard input): plan_id is the hash of its UTF-8 bytes."""
    reading = document.text_reading(text)
    if repaired:
        reading = stages.repair_reading(reading, settings)
    plan_id = hashlib.sha256(text.encode()).hexdigest()[:12]
    return stages.records_of(Source(plan_id, (document.SourceFile("-", ""),), "text", 1, "utf-8", text), reading, settings)


def repair_text(text: str, settings: Settings, siblings: tuple[str, ...] = ()) -> Reading:
    """A garbled text as a repaired reading, line for line."""
    from pipeline.repair import repair_text as run

    return run(text, settings.repair, siblings)


def text_file(path: Path, settings: Settings) -> str:
    """The decoded text of a file; raises InputError where it is none."""
    source, _ = read(path, settings, repaired=False)
    if source.text is None:
        raise InputError("not_text", detail=source.kind)
    return source.text


def siblings(folder: Path | None) -> tuple[str, ...]:
    """The UTF-8 texts (`*.txt`) below a folder, in order of their paths. Raises UsageError where there are none."""
    if folder is None:
        return ()
    paths = sorted(p for p in folder.rglob("*.txt") if p.is_file()) if folder.is_dir() else []
    texts = tuple(p.read_bytes().decode("utf-8-sig", "replace") for p in paths)
    if not texts:
        raise UsageError("no_texts", path=folder)
    return texts
