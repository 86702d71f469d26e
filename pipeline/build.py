"""RAW becomes the corpus in OUT: what is stale is done again in workers, the rest is kept, the tables follow from stored records.

A build reads RAW and writes OUT, nothing else. It may be killed at any moment; the next one goes on from the stamps in OUT/.work.
Its phases: `intake.Gate` takes in RAW, `works.Bench` reads, repairs and extracts, `publish.Press` writes tables and plans.
"""

from __future__ import annotations

import contextlib
import fnmatch
import platform
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from pipeline import cluster, corrections
from pipeline.atomic import TEMPORARY, write_atomic
from pipeline.crew import Crew
from pipeline.document import Source
from pipeline.errors import UsageError
from pipeline.intake import Gate
from pipeline.ledger import Ledger
from pipeline.progress import Progress
from pipeline.publish import Press
from pipeline.request import Report, Request, Step
from pipeline.sandbox import Workers
from pipeline.text import nfc
from pipeline.versions import model_stamp, tool_versions
from pipeline.works import Bench, Work

__all__ = ["Report", "Request", "Step", "build"]


def build(request: Request, progress: Progress) -> Report:
    """Brings OUT up to date with RAW.

    Raises UsageError (RAW missing, empty or shrunk, OUT in use or inside RAW) before anything is changed, MissingError where a
    tool or model is not installed.
    """
    started = time.time()
    raw, out = folders(request)
    if request.scheduler:
        cluster.require()
    with _locked(out, request.dry_run), _swept(out, request.dry_run) as mark:
        with _executor(request, raw, mark) as executor:
            report = _Run(request, raw, out, Crew(executor, progress)).go()
        if executor.lost:
            _sweep(out)
        if not request.dry_run:
            _write_run(out, request, report, started)
        return replace(report, seconds=round(time.time() - started, 1))


def folders(request: Request) -> tuple[Path, Path]:
    """RAW and OUT as absolute paths. Raises UsageError where RAW is no folder (one that is gone is confirmed by --prune), OUT none, or
    one lies in the other."""
    raw, out = request.raw.resolve(), request.out.resolve()
    if not raw.is_dir() and (raw.exists() or not request.prune):
        raise UsageError("raw_no_folder" if raw.exists() else "raw_missing", path=request.raw)
    if out == raw or out.is_relative_to(raw) or raw.is_relative_to(out):
        raise UsageError("out_inside_raw", raw=request.raw, out=request.out)
    if out.exists() and not out.is_dir():
        raise UsageError("out_no_folder", path=request.out)
    return raw, out


def _executor(request: Request, raw: Path, mark: Path) -> Workers | cluster.Cluster:
    """Who computes: the workers of a cluster, or of this machine (a dry run only looks, at most into new inputs)."""
    if not request.scheduler or request.dry_run:
        return Workers(request.jobs, request.settings.limits)
    token, made = mark.read_text(encoding="ascii"), cluster.fingerprint(request.settings)
    return cluster.Cluster(request.scheduler, cluster.Site(raw, mark, token, request.settings, made))


@contextlib.contextmanager
def _swept(out: Path, dry: bool) -> Iterator[Path]:
    """Takes away temporary files: those that a killed build left, and those of this one where it is stopped.

    Gives the mark that lies in OUT while a build runs; it holds a token of this build's own.
    """
    running = out / ".work" / "running"
    if dry:
        yield running
        return
    if running.exists():
        _sweep(out)
    write_atomic(running, secrets.token_hex(8).encode())
    try:
        yield running
    except BaseException:
        _sweep(out)
        raise
    finally:
        with contextlib.suppress(OSError):
            running.unlink(missing_ok=True)


def _sweep(out: Path) -> None:
    """Only what this program writes is looked through: OUT may hold other people's files."""
    name = TEMPORARY + "*"
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


class _Run:
    """One build, phase by phase."""

    def __init__(self, request: Request, raw: Path, out: Path, crew: Crew) -> None:
        self.request, self.settings, self.crew = request, request.settings, crew
        self.ledger = Ledger(out)
        self.gate = Gate(request, raw, self.ledger, crew)
        self.bench = Bench(request, raw, out, self.ledger, crew, corrections.read(request.corrections))
        self.press = Press(request, out, self.ledger, crew, self.bench)

    def go(self) -> Report:
        intakes, walk_problems = self.gate.take_in()
        chosen, duplicates = self.gate.distinct(intakes)
        tools, models = tool_versions(self.settings.ocr.languages), model_stamp(self.settings.repair)
        if self.request.only is not None and not any(self._only(f.path) for i in intakes.values() for f in i.files):
            raise UsageError("only_nothing", pattern=self.request.only)
        works = [self.bench.plan(i.source, i.files, tools, models) for i in chosen if i.source is not None]
        wanted = [w for w in works if not self._left_out(w.source)]
        steps = tuple(self._step(w) for w in works)
        steps += tuple(Step(i.files[0].path, "skip", i.code) for i in intakes.values() if i.code)
        steps += tuple(Step(i.files[0].path, "skip", "input_gone") for i in self.gate.gone)
        rows = self.gate.problems(intakes, duplicates, walk_problems)
        if self.request.dry_run:
            todo = any(w.why for w in wanted)
            done = self.press.done(works)
            return Report(steps, tables=None if todo else self.press.stale(self.press.stamp(done, rows + self.bench.laid_problems(done))))
        self.ledger.keep_intakes(list(intakes.values()))
        self.bench.carry_out([w for w in wanted if w.why], tools)
        report = self.press.publish(works, rows)
        if self.bench.damaged:  # results that were found damaged when they were to be read: made anew, once
            hurt, self.bench.damaged = self.bench.damaged, set()
            again = [replace(w, stale_pages=self.bench.stale_pages(w), why="damaged") for w in works if w.source.plan_id in hurt]
            self.bench.carry_out(again, tools)
            report = self.press.publish(works, rows)
        if report is None:
            raise UsageError("out_unwritable", path=self.ledger.work, reason="damaged results")
        return replace(report, steps=steps, pages_read=self.bench.pages_read, documents_done=self.bench.documents_done)

    def _left_out(self, source: Source) -> str:
        """Why a source is none of this build's business; empty where it is."""
        paths = [f.path for f in source.files]
        if not self.request.hold.isdisjoint(paths):
            return "--watch"
        return "" if any(map(self._only, paths)) else "--only"

    def _only(self, path: str) -> bool:
        """Whether --only takes the path; `Kế` typed in one way matches a name written in the other."""
        return self.request.only is None or fnmatch.fnmatchcase(nfc(path), nfc(self.request.only))

    def _step(self, work: Work) -> Step:
        why = self._left_out(work.source)
        if why or work.why is None:
            return Step(work.source.path, "skip", why)
        return Step(work.source.path, "redo" if work.known else "new", work.why if work.known else "")


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
