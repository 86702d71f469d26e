"""RAW becomes the corpus in OUT: what is stale is done again in workers, the rest is kept, the tables follow from stored records.

A build reads RAW and writes OUT, nothing else. It may be killed at any moment; the next one goes on from the stamps in OUT/.work.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import platform
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from pipeline import corrections, document, stages
from pipeline.document import Page, Plan, Problem, Reading, Record, Source
from pipeline.errors import InputError, UsageError
from pipeline.ledger import FileState, Intake, Ledger, file_state
from pipeline.progress import Progress
from pipeline.sandbox import Job, Outcome, Workers, outcome_value, stop_if_hopeless
from pipeline.settings import Settings
from pipeline.stages import Stamp, stamp, write_atomic

GONE_SHARE = 0.1  # more than this share of the known inputs gone: nothing is changed without --prune (contract, section 2)

HASHED_A_SECOND = 5_000_000  # bytes; what a slow network share gives
BOUNDED = ("page_timeout", "out_of_memory")  # failures that depend on settings.limits: tried again under other limits
PASSING = ("worker_killed", "unreadable_file", "input_changed")  # failures that may be the fault of the moment: tried again by each build
BESIDE = ("corpus.sqlite", "datapackage.json")  # what the store writes beside the tables
_PLAN_FOLDER = re.compile(r"[0-9a-f]{12}(-\d+)?")


@dataclass(frozen=True)
class Request:
    """What `kehoach build` was asked to do."""

    raw: Path
    out: Path
    settings: Settings = field(default_factory=Settings)
    jobs: int = 1
    only: str | None = None
    force: bool = False
    verify: bool = False
    dry_run: bool = False
    prune: bool = False
    passwords: tuple[str, ...] = ()
    corrections: Path = Path("data/corrections")


@dataclass(frozen=True)
class Step:
    """What a build does (or would do) with one input: `new`, `redo` or `skip`, and why."""

    source_path: str
    action: str
    why: str = ""


@dataclass(frozen=True)
class Report:
    """What a build did. `errors` counts the error rows of `problems`; `changed` tells whether the tables were written;
    `tables` why a dry run would write them although no input asks for it."""

    steps: tuple[Step, ...]
    plans: int = 0
    pages_read: int = 0
    documents_done: int = 0
    errors: int = 0
    warnings: int = 0
    changed: bool = False
    seconds: float = 0.0
    tables: str | None = None


@dataclass(frozen=True)
class _Told:
    """What the last build said, and the size of each file that it left in OUT."""

    report: Report
    files: dict[str, int]


def build(request: Request, progress: Progress) -> Report:
    """Brings OUT up to date with RAW.

    Raises UsageError (RAW missing, empty or shrunk, OUT in use or inside RAW) before anything is changed, MissingError where a
    tool or model is not installed.
    """
    started = time.time()
    raw, out = request.raw.resolve(), request.out.resolve()
    if not raw.is_dir():
        raise UsageError("raw_no_folder" if raw.exists() else "raw_missing", path=request.raw)
    if out == raw or out.is_relative_to(raw) or raw.is_relative_to(out):
        raise UsageError("out_inside_raw", raw=request.raw, out=request.out)
    if out.exists() and not out.is_dir():
        raise UsageError("out_no_folder", path=request.out)
    with _locked(out, request.dry_run), _swept(out, request.dry_run):
        with Workers(request.jobs, request.settings.limits) as workers:
            report = _Run(request, raw, out, workers, progress).go()
        if not request.dry_run:
            _write_run(out, request, report, started)
        return replace(report, seconds=round(time.time() - started, 1))


@contextlib.contextmanager
def _swept(out: Path, dry: bool) -> Iterator[None]:
    """Takes away temporary files: those that a killed build left, and in the end those of this one's killed workers."""
    if dry:
        yield
        return
    running = out / ".work" / "running"
    if running.exists():
        _sweep(out)
    running.touch()
    try:
        yield
    except BaseException:
        _sweep(out)
        raise
    finally:
        with contextlib.suppress(OSError):
            running.unlink(missing_ok=True)


def _sweep(out: Path) -> None:
    """Only what this program writes is looked through: OUT may hold other people's files."""
    name = stages.TEMPORARY + "*"
    for path in [p for below in (".work", "tables", "plans") for p in (out / below).rglob(name)] + list(out.glob(name)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


class _locked:
    """One builder for each OUT; a dry run takes no lock and writes nothing."""

    def __init__(self, out: Path, dry: bool) -> None:
        self._lock = None if dry else FileLock(out / ".work" / "lock", timeout=0)
        self._out = out

    def __enter__(self) -> None:
        if self._lock is None:
            return
        try:
            (self._out / ".work").mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise UsageError("out_locked", path=self._out) from None
        except OSError as e:
            raise UsageError("out_unwritable", path=self._out, reason=e.strerror or e) from None

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()


@dataclass
class _Work:
    """One source on its way: its pages still missing, and the stamps that its results must bear."""

    source: Source
    page_stamps: tuple[tuple[Stamp, ...], ...]
    repair_stamp: Stamp
    extract_stamp: Stamp
    outputs_stamp: Stamp
    files: tuple[FileState, ...]
    stale_pages: list[int]
    why: str | None
    known: bool


class _Run:
    """One build, phase by phase."""

    def __init__(self, request: Request, raw: Path, out: Path, workers: Workers, progress: Progress) -> None:
        self.request, self.raw, self.out, self.workers, self.progress = request, raw, out, workers, progress
        self.ledger = Ledger(out)
        self.settings = request.settings
        self.pages_read = self.documents_done = 0
        self.damaged: set[str] = set()  # plan_ids
        self.bounds = msgspec.json.encode(asdict(request.settings.limits)).decode()
        self.book = corrections.read(request.corrections)

    def go(self) -> Report:
        intakes, walk_problems = self._take_in()
        chosen, duplicates = self._distinct(intakes)
        (tools, models) = self._ask(Job("versions", stages.versions, (self.settings,)))
        works = [self._plan_work(i.source, i.files, tools, models) for i in chosen if i.source is not None]
        wanted = [w for w in works if self._wanted(w.source)]
        steps = tuple(_step(w) if w in wanted else Step(w.source.path, "skip", "--only") for w in works)
        steps += tuple(Step(i.files[0].path, "skip", i.code) for i in intakes.values() if i.code)
        rows = self._input_problems(intakes, duplicates, walk_problems)
        if self.request.dry_run:
            todo = any(w.why for w in wanted)
            done = self._done(works)
            return Report(steps, tables=None if todo else self._tables_stale(self._tables_stamp(done, rows + self._laid_problems(done))))
        self.ledger.keep_intakes(list(intakes.values()))
        self._carry_out([w for w in wanted if w.why], tools)
        report = self._tabulate(works, rows)
        if self.damaged:  # results that were found damaged when they were to be read: made anew, once
            again = [replace(w, stale_pages=self._stale_pages(w), why="damaged") for w in works if w.source.plan_id in self.damaged]
            self.damaged = set()
            self._carry_out(again, tools)
            report = self._tabulate(works, rows)
        if report is None:
            raise UsageError("out_unwritable", path=self.ledger.work, reason="damaged results")
        return replace(report, steps=steps, pages_read=self.pages_read, documents_done=self.documents_done)

    def _done(self, works: list[_Work]) -> list[_Work]:
        return [w for w in works if self.ledger.file(w.source.plan_id, "records.json").exists()]

    def _wanted(self, source: Source) -> bool:
        return self.request.only is None or any(fnmatch.fnmatch(f.path, self.request.only) for f in source.files)

    # ------------------------------------------------------------------------------------------ intake

    def _take_in(self) -> tuple[dict[tuple[str, ...], Intake], list[tuple[str, Problem]]]:
        """Every input of RAW as it stands now, taken in anew only where it changed; and what the walk passed over."""
        groups, walk_problems = self._ask(Job("walk", stages.walk_task, (self.raw,), wall_seconds=3600))
        known = self.ledger.intakes()
        if not groups and not self.request.prune:
            raise UsageError("raw_empty", path=self.request.raw)
        code = stamp("ingest", self.settings).digest
        intakes: dict[tuple[str, ...], Intake] = {}
        jobs: list[Job] = []
        states: dict[tuple[str, ...], tuple[FileState, ...]] = {}
        codes: dict[tuple[str, ...], str] = {}
        marks = {folder: _listing_mark(folder) for folder in {group[0].parent for group in groups}}
        for group in groups:
            key = tuple(p.relative_to(self.raw).as_posix() for p in group)
            states[key] = tuple(file_state(self.raw, k) for k in key)
            codes[key] = code + marks[group[0].parent]
            old = known.get(key)
            if old and old.files == states[key] and old.stamp in (codes[key], codes[key] + self.bounds) and not self._try_again(old):
                intakes[key] = replace(old, gone=False)
            else:
                args = (group, self.raw, self.settings, self.request.passwords)
                seconds = self.settings.limits.wall_seconds + sum(s.size for s in states[key]) // HASHED_A_SECOND
                jobs.append(Job(key, stages.ingest_task, args, wall_seconds=seconds))
        for outcome in self._run(jobs, "ingest"):
            bounded = codes[outcome.key] + (self.bounds if outcome.code in BOUNDED else "")
            intakes[outcome.key] = Intake(states[outcome.key], bounded, outcome.value, outcome.code, outcome.detail)
        gone = self._gone(known, intakes)
        counted = [i for i in known.values() if i.source]
        if len([i for i in gone if i.source]) > GONE_SHARE * len(counted) and not self.request.prune:
            raise UsageError("raw_shrunk", path=self.request.raw, gone=len(gone), known=len(counted))
        if not self.request.prune:
            intakes |= {tuple(f.path for f in i.files): replace(i, gone=True) for i in gone}
        elif not self.request.dry_run:
            self._forget(gone, intakes)
        return intakes, walk_problems

    def _try_again(self, intake: Intake) -> bool:
        """A locked file is tried again when passwords are given; what may have been the fault of the moment, by each build."""
        return self.request.verify or intake.code in PASSING or (intake.code == "password" and bool(self.request.passwords))

    @staticmethod
    def _gone(known: dict[tuple[str, ...], Intake], now: dict[tuple[str, ...], Intake]) -> list[Intake]:
        """Known inputs whose content is no longer in RAW under any name; a file that never could be used and went is no loss.

        Page images that now form a document with others (a page was added) are not gone.
        """
        here = {i.source.plan_id for i in now.values() if i.source}
        paths = {path for key in now for path in key}
        return [i for i in known.values() if i.source and i.source.plan_id not in here and not any(f.path in paths for f in i.files)]

    def _forget(self, gone: Sequence[Intake], now: dict[tuple[str, ...], Intake]) -> None:
        kept = {i.source.plan_id for i in now.values() if i.source}
        for intake in gone:
            if intake.source and intake.source.plan_id not in kept:
                shutil.rmtree(self.ledger.work / intake.source.plan_id, ignore_errors=True)

    @staticmethod
    def _distinct(intakes: dict[tuple[str, ...], Intake]) -> tuple[list[Intake], list[tuple[str, str]]]:
        """One intake for each plan_id (the first path counts), and the further copies as (path, path of the first)."""
        chosen: dict[str, Intake] = {}
        copies = []
        for _, intake in sorted(intakes.items()):
            if intake.source is None or intake.gone:
                continue
            first = chosen.setdefault(intake.source.plan_id, intake)
            if first is not intake and first.source:
                copies.append((intake.source.path, first.source.path))
        return list(chosen.values()), copies

    # ------------------------------------------------------------------------------------------ pages, repair, extract

    def _plan_work(self, source: Source, files: tuple[FileState, ...], tools: tuple[str, ...], models: str) -> _Work:
        """What must be done for one source, and why."""
        chain = tuple(_page_stamps(self.settings, source, n, tools) for n in range(1, _page_count(source) + 1))
        repaired = stamp("repair", self.settings, *(c[-1].digest for c in chain), source.plan_id, str(source.starts), models=models)
        lines = stages.corrected_lines(self.book.lines(source.plan_id))
        extracted = stamp("extract", self.settings, repaired.digest, source.path, *lines)
        laid = stamp("outputs", self.settings, extracted.digest)
        if self.request.force:
            return _Work(source, chain, repaired, extracted, laid, files, list(range(1, len(chain) + 1)), "--force", True)
        reasons = {n: self.ledger.stale(self._page_file(source, n), c, self.bounds) for n, c in enumerate(chain, 1)}
        stale = [n for n, why in reasons.items() if why]
        why = next((w for w in reasons.values() if w), None)
        why = why or self.ledger.stale(self.ledger.file(source.plan_id, "reading.json"), (repaired,), self.bounds)
        why = why or self.ledger.stale(self.ledger.file(source.plan_id, "records.json"), (extracted,), self.bounds)
        why = why or self._laid_stale(source, laid)
        known = self.ledger.file(source.plan_id, "records.json").exists()
        return _Work(source, chain, repaired, extracted, laid, files, stale, why, known)

    def _stale_pages(self, work: _Work) -> list[int]:
        files = ((n, self._page_file(work.source, n)) for n in range(1, len(work.page_stamps) + 1))
        return [n for n, path in files if self.ledger.stale(path, work.page_stamps[n - 1], self.bounds) or not _whole(path, Page)]

    def _page_file(self, source: Source, number: int) -> Path:
        return self.ledger.file(source.plan_id, f"page-{number:04d}.json")

    def _carry_out(self, works: list[_Work], tools: tuple[str, ...]) -> None:
        """Reads stale pages; repairs and extracts each source as soon as its pages are there.

        Seals come off first: a build killed on the way leaves nothing that looks finished.
        """
        if works:
            self.ledger.unseal(self.ledger.work / "tables.json")
        for work in works:
            for name in ("reading.json", "records.json", "searchable.json"):
                self.ledger.unseal(self.ledger.file(work.source.plan_id, name))
        by_id = {w.source.plan_id: w for w in works}
        waiting = {w.source.plan_id: set(w.stale_pages) for w in works}
        passwords = self.request.passwords
        jobs = [
            Job((w.source.plan_id, n), stages.page_task, (w.source, self.raw, n, self.settings, passwords, self._page_file(w.source, n)))
            for w in works
            for n in w.stale_pages
        ]
        jobs += [self._repair_job(w, tools) for w in works if not w.stale_pages]
        total = sum(len(w.stale_pages) + (2 if w.source.kind == "text" else 3) for w in works)
        for outcome in self._run(jobs, "build", total):
            plan_id, what = outcome.key
            work = by_id[plan_id]
            if what == "repair":
                self._after_repair(work, outcome)
            elif what == "extract":
                self._after_extract(work, outcome)
            elif what == "outputs":
                self._after_outputs(work, outcome)
            else:
                self._after_page(work, what, outcome)
                waiting[plan_id].discard(what)
                if not waiting[plan_id]:
                    self.workers.add(self._repair_job(work, tools))

    def _repair_job(self, work: _Work, tools: tuple[str, ...]) -> Job:
        source = work.source
        files = tuple(self._page_file(source, n) for n in range(1, len(work.page_stamps) + 1))
        args = (source, files, self.settings, tools, self.ledger.file(source.plan_id, "reading.json"))
        return Job((source.plan_id, "repair"), stages.repair_task, args, wall_seconds=self._long(source))

    def _long(self, source: Source) -> int:
        """Seconds for a job over all pages of a source; a text counts a page for each 3,000 characters."""
        pages = len(source.text) // 3000 if source.text else source.pages
        return self.settings.limits.wall_seconds + 5 * pages

    def _after_page(self, work: _Work, number: int, outcome: Outcome) -> None:
        path = self._page_file(work.source, number)
        if any(file_state(self.raw, f.path) != f for f in work.files):  # what was read may be neither the old file nor the new
            outcome = Outcome(outcome.key, code="input_changed")
        if outcome.code:
            write_atomic(path, document.to_json(stages.failed_page(number, outcome.code, outcome.detail)))
        self.ledger.seal(path, work.page_stamps[number - 1], self._failure(outcome))
        self.pages_read += 1

    def _failure(self, outcome: Outcome) -> str:
        """How a failure is marked in the ledger (see `Seal`): the same input fails again under the same bounds, or it may not."""
        return self.bounds if outcome.code in BOUNDED else "killed" if outcome.code in PASSING else ""

    def _after_repair(self, work: _Work, outcome: Outcome) -> None:
        path = self.ledger.file(work.source.plan_id, "reading.json")
        if outcome.code == "damaged_result":
            self.damaged.add(work.source.plan_id)
            return
        if outcome.code:  # the raw text stands in: nothing read is lost
            pages = [document.from_json(self._page_file(work.source, n).read_bytes(), Page) for n in range(1, len(work.page_stamps) + 1)]
            reading = stages.raw_reading(work.source, pages)
            failed = Problem("error", "repair", outcome.code, outcome.detail)
            first = replace(reading.pages[0], problems=(*reading.pages[0].problems, failed))
            write_atomic(path, document.to_json(replace(reading, pages=(first, *reading.pages[1:]))))
        self.ledger.seal(path, (work.repair_stamp,), self._failure(outcome))
        records = self.ledger.file(work.source.plan_id, "records.json")
        args = (work.source, path, self.settings, records, self.book.lines(work.source.plan_id))
        self.workers.add(Job((work.source.plan_id, "extract"), stages.extract_task, args, wall_seconds=self._long(work.source)))

    def _after_extract(self, work: _Work, outcome: Outcome) -> None:
        source, path = work.source, self.ledger.file(work.source.plan_id, "records.json")
        if outcome.code == "damaged_result":
            self.damaged.add(work.source.plan_id)
            return
        if outcome.code:  # the document keeps its row
            problem = Problem("error", "extract", outcome.code, outcome.detail)
            where = (source.plan_id, source.path, 1, source.pages)
            plan = Plan(*where, pages=source.pages, needs_review=True, review_reasons=("extract_failed",))
            write_atomic(path, document.to_json((Record(plan, problems=(problem,)),)))
        self.ledger.seal(path, (work.extract_stamp,), self._failure(outcome))
        self.documents_done += 1
        if source.kind != "text":
            made = (self.ledger.file(source.plan_id, name) for name in ("reading.json", "records.json"))
            places = (self.out / "plans", self._laid_file(source))
            args = (source, self.raw, *made, self.settings, self.request.passwords, *places, self.book.lines(source.plan_id))
            self.workers.add(Job((source.plan_id, "outputs"), stages.searchable_task, args, wall_seconds=self._long(source)))

    # ------------------------------------------------------------------------------------------ searchable PDFs

    def _laid_file(self, source: Source) -> Path:
        return self.ledger.file(source.plan_id, "searchable.json")

    def _laid_stale(self, source: Source, wanted: Stamp) -> str | None:
        """None where the searchable PDFs of a source are there as they were written; else a path, or as `Ledger.stale`."""
        if source.kind == "text":
            return None
        why = self.ledger.stale(self._laid_file(source), (wanted,), self.bounds)
        return why or next((p for p, size in self._laid(source).files.items() if _size(self.out / "plans" / p) != size), None)

    def _laid(self, source: Source) -> stages.Laid:
        try:
            return stages.stored(self._laid_file(source), stages.Laid)
        except InputError:
            return stages.Laid({})

    def _after_outputs(self, work: _Work, outcome: Outcome) -> None:
        path = self._laid_file(work.source)
        if outcome.code == "damaged_result":
            self.damaged.add(work.source.plan_id)
            return
        if outcome.code:
            told = Problem("warning", "outputs", "pdf_failed", outcome.detail or outcome.code)
            write_atomic(path, document.to_json(stages.Laid({}, ((work.source.plan_id, told),))))
        self.ledger.seal(path, (work.outputs_stamp,), self._failure(outcome))

    def _laid_problems(self, works: list[_Work]) -> list[tuple[str | None, str, Problem]]:
        """What could not be laid, as rows of problems."""
        laid = ((w.source.path, self._laid(w.source)) for w in works if w.source.kind != "text")
        return [(plan_id, path, problem) for path, one in laid for plan_id, problem in one.problems]

    # ------------------------------------------------------------------------------------------ tables

    def _input_problems(
        self, intakes: dict[tuple[str, ...], Intake], copies: list[tuple[str, str]], walked: list[tuple[str, Problem]]
    ) -> list[tuple[str | None, str, Problem]]:
        """Problems of whole inputs as (plan_id, source_path, problem)."""
        rows: list[tuple[str | None, str, Problem]] = [(None, path, problem) for path, problem in walked]
        for intake in intakes.values():
            path = intake.files[0].path
            if intake.gone and intake.source:
                rows.append((intake.source.plan_id, path, Problem("note", "ingest", "input_gone")))
            elif intake.code:
                rows.append((None, path, Problem("error", "ingest", intake.code, intake.detail)))
        return rows + [(None, path, Problem("note", "ingest", "duplicate_file", first)) for path, first in copies]

    def _tables_stamp(self, works: list[_Work], rows: list[tuple[str | None, str, Problem]]) -> Stamp:
        sealed = sorted(w.source.plan_id + ":" + w.extract_stamp.digest for w in works)
        return stamp("corpus", self.settings, *sealed, msgspec.json.encode(sorted(map(str, rows))).decode(), self.book.digest())

    def _tables_stale(self, wanted: Stamp) -> str | None:
        """None where every table and plan in OUT is there as it was written; else why they must be written: a path, or as `stale`."""
        seal = self.ledger.work / "tables.json"
        why = "--force" if self.request.force else self.ledger.stale(seal, (wanted,))
        if why:
            return why
        try:
            told = msgspec.json.decode(seal.read_bytes(), type=_Told)
        except (OSError, msgspec.DecodeError):
            return "damaged"
        return next((path for path, size in told.files.items() if _size(self.out / path) != size), None)

    def _tabulate(self, works: list[_Work], rows: list[tuple[str | None, str, Problem]]) -> Report | None:
        """The tables and plans in OUT, written where they must be; None where stored records were found `damaged`."""
        from pipeline.corpus import ProblemRow, store, tabulate
        from pipeline.corpus.corrections import corrected
        from pipeline.corrections.lines import amended

        seal = self.ledger.work / "tables.json"
        done = self._done(works)
        rows = rows + self._laid_problems(done)
        wanted = self._tables_stamp(done, rows)
        if not self._tables_stale(wanted):
            return replace(msgspec.json.decode(seal.read_bytes(), type=_Told).report, changed=False)
        self.progress.start("corpus", 1)
        records: list[Record] = []
        readings: dict[str, Reading] = {}
        troubles: list[corrections.Trouble] = []
        for work in done:
            try:
                got = stages.stored(self.ledger.file(work.source.plan_id, "records.json"), tuple[Record, ...])
                reading = stages.stored(self.ledger.file(work.source.plan_id, "reading.json"), Reading)
                reading, unfit = amended(reading, self.book.lines(work.source.plan_id))
                troubles += (replace(t, path=work.source.path) for t in unfit)
            except InputError:
                self.damaged.add(work.source.plan_id)
                continue
            for record, part in stages.documents_of(reading, got):
                records.append(record)
                readings[record.plan.plan_id] = part
        if self.damaged:
            return None
        records, unfit_facts = corrected(records, readings, self.book)
        rows = rows + [(t.plan_id, t.path, t.problem) for t in (*troubles, *unfit_facts)]
        written = [path for record in records for path in self._write_plan(record, readings[record.plan.plan_id])]
        tables = tabulate(records, readings, [ProblemRow(*r) for r in rows])
        store.write(tables, self.out)
        self._drop_old_plans({r.plan.plan_id for r in records})
        levels = list(tables["problems"]["level"])
        report = Report((), len(records), errors=levels.count("error"), warnings=levels.count("warning"), changed=True)
        written += [p for p in (self.out / "tables").iterdir() if p.is_file()] + [self.out / name for name in BESIDE]
        sizes = {p.relative_to(self.out).as_posix(): _size(p) for p in sorted(written)}
        write_atomic(seal, msgspec.json.encode(_Told(report, sizes)))
        self.ledger.seal(seal, (wanted,))
        self.progress.step()
        return report

    def _write_plan(self, record: Record, reading: Reading) -> list[Path]:
        """Writes the files of one plan where they differ; their paths."""
        written = []
        folder = self.out / "plans" / record.plan.plan_id
        for name, data in (
            ("text.txt", stages.plain_text(reading).encode()),
            ("raw.txt", stages.plain_text(reading, raw=True).encode()),
            ("reading.json", document.to_json(reading)),
            ("record.json", msgspec.json.format(msgspec.json.encode(document.record_rows(record)), indent=1) + b"\n"),
        ):
            path = folder / name
            if _size(path) != len(data) or path.read_bytes() != data:
                write_atomic(path, data)
            written.append(path)
        return written

    def _drop_old_plans(self, ids: set[str]) -> None:
        """Takes away the folders of plans that left the tables; a folder of any other name is not ours."""
        for folder in (self.out / "plans").glob("*") if (self.out / "plans").is_dir() else ():
            if folder.name not in ids and _PLAN_FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------ workers

    def _run(self, jobs: list[Job], what: str, total: int | None = None) -> Iterator[Outcome]:
        if not jobs:
            return
        self.progress.start(what, total or len(jobs))
        for outcome in self.workers.run(jobs):
            stop_if_hopeless(outcome)
            if outcome.trace:
                self.progress.trace(str(outcome.key), outcome.trace)
            self.progress.step()
            yield outcome

    def _ask(self, job: Job) -> Any:
        """The value of one job that must succeed."""
        (outcome,) = self.workers.run([job])
        return outcome_value(outcome)


def _step(work: _Work) -> Step:
    if work.why is None:
        return Step(work.source.path, "skip")
    return Step(work.source.path, "redo" if work.known else "new", work.why if work.known else "")


def _listing_mark(folder: Path) -> str:
    """The hash of a folder's documents.toml, which says what belongs together and where documents begin; empty without one."""
    try:
        return hashlib.sha256((folder / "documents.toml").read_bytes()).hexdigest()
    except OSError:
        return ""


def _page_count(source: Source) -> int:
    return 0 if source.kind == "text" else source.pages


def _page_stamps(settings: Settings, source: Source, number: int, tools: tuple[str, ...]) -> tuple[Stamp, ...]:
    """The stamps of pages, image and ocr for one page, each over the one before."""
    rendered = stamp("pages", settings, source.plan_id, str(number), tools=tools)
    cleaned = stamp("image", settings, rendered.digest, tools=tools)
    return rendered, cleaned, stamp("ocr", settings, cleaned.digest, tools=tools)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _whole(path: Path, kind: type[Page]) -> bool:
    try:
        stages.stored(path, kind)
    except InputError:
        return False
    return True


def _write_run(out: Path, request: Request, report: Report, started: float) -> None:
    """run.json: what ran, with versions, settings and times; the only file with times in it."""
    packages = ("kehoach", "pandas", "pyarrow", "opencv-python", "pytesseract", "pdf2image", "pypdfium2", "spacy", "rapidfuzz", "numpy")
    run = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
        "seconds": round(time.time() - started, 1),
        "python": platform.python_version(),
        "packages": {p: version(p) for p in packages},
        "raw": str(request.raw).encode("utf-8", "backslashreplace").decode(),
        "corrections": str(request.corrections).encode("utf-8", "backslashreplace").decode(),
        "jobs": request.jobs,
        "settings": asdict(request.settings),
        "plans": report.plans,
        "pages_read": report.pages_read,
        "errors": report.errors,
        "steps": [asdict(s) for s in report.steps if s.action != "skip"],
    }
    write_atomic(out / "run.json", msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
