"""RAW as it stands: what every input is, what went, what came twice; taken in anew only where it changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline import inputs, stages
from pipeline.crew import Crew
from pipeline.document import Problem
from pipeline.errors import UsageError
from pipeline.ledger import FileState, Intake, Ledger, file_state
from pipeline.request import Request, Rows
from pipeline.sandbox import Job
from pipeline.stages import stamp

GONE_SHARE = 0.1  # more than this share of the known inputs gone: nothing is changed without --prune (contract, section 2)
HASHED_A_SECOND = 5_000_000  # bytes; what a slow network share gives
BOUNDED = ("page_timeout", "out_of_memory")  # failures that depend on settings.limits: tried again under other limits
PASSING = ("worker_killed", "unreadable_file", "input_changed")  # failures that may be the fault of the moment: tried again by each build


class Gate:
    """Takes in the inputs of one build."""

    def __init__(self, request: Request, raw: Path, ledger: Ledger, crew: Crew) -> None:
        self.request, self.raw, self.ledger, self.crew = request, raw, ledger, crew
        self.settings = request.settings
        self.bounds = request.bounds
        self.gone: list[Intake] = []

    def take_in(self) -> tuple[dict[tuple[str, ...], Intake], list[tuple[str, Problem]]]:
        """Every input of RAW as it stands now, taken in anew only where it changed; and what the walk passed over."""
        paths, walk_problems = inputs.walk(self.raw) if self.raw.is_dir() or not self.request.prune else ([], [])
        groups, walk_problems = inputs.group(paths), walk_problems + inputs.bad_listings(paths, self.raw)
        known = self.ledger.intakes()
        if not groups and not self.request.prune:
            raise UsageError("raw_empty", path=self.request.raw)
        code = stamp("ingest", self.settings).digest
        names = [tuple(inputs.relative(p, self.raw) for p in group) for group in groups]
        moving = self.request.hold.union(*(key for key in names if not self.request.hold.isdisjoint(key)))
        intakes = {key: intake for key, intake in known.items() if not moving.isdisjoint(key)}
        jobs: list[Job] = []
        states: dict[tuple[str, ...], tuple[FileState, ...]] = {}
        codes: dict[tuple[str, ...], str] = {}
        marks = {folder: _listing_mark(folder) for folder in {group[0].parent for group in groups}}
        for group, key in zip(groups, names, strict=True):
            states[key] = tuple(file_state(self.raw, k) for k in key)
            codes[key] = code + marks[group[0].parent]
            old = known.get(key)
            if not moving.isdisjoint(key):
                continue
            if old and old.files == states[key] and old.stamp in (codes[key], codes[key] + self.bounds) and not self._try_again(old):
                intakes[key] = replace(old, gone=False)
            else:
                args = (group, self.raw, self.settings, self.request.passwords)
                seconds = self.settings.limits.wall_seconds + sum(s.size for s in states[key]) // HASHED_A_SECOND
                jobs.append(Job(key, stages.ingest_task, args, wall_seconds=seconds))
        for outcome in self.crew.run(jobs, "ingest"):
            bounded = codes[outcome.key] + (self.bounds if outcome.code in BOUNDED else "")
            old = known.get(outcome.key)
            if old and outcome.code == "password" and self._same_bytes(old):  # was opened before, with a password that is not given now
                intakes[outcome.key] = replace(old, files=states[outcome.key], gone=False)
                continue
            intakes[outcome.key] = Intake(states[outcome.key], bounded, outcome.value, outcome.code, outcome.detail)
        gone = self.gone = self._gone(known, intakes)
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

    def _same_bytes(self, intake: Intake) -> bool:
        """Whether the files of a known source hold the same bytes as when it was taken in."""
        try:
            return intake.source is not None and all(_sha256(self.raw / f.path) == f.sha256 for f in intake.source.files)
        except OSError:
            return False

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
    def distinct(intakes: dict[tuple[str, ...], Intake]) -> tuple[list[Intake], list[tuple[str, str]]]:
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

    def problems(self, intakes: dict[tuple[str, ...], Intake], copies: list[tuple[str, str]], walked: list[tuple[str, Problem]]) -> Rows:
        """Problems of whole inputs as (plan_id, source_path, problem)."""
        rows: Rows = [(None, path, problem) for path, problem in walked]
        for intake in intakes.values():
            path = intake.files[0].path
            if intake.gone and intake.source:
                rows.append((intake.source.plan_id, path, Problem("note", "ingest", "input_gone")))
            elif intake.code:
                rows.append((None, path, Problem("error", "ingest", intake.code, intake.detail)))
        return rows + [(None, path, Problem("note", "ingest", "duplicate_file", first)) for path, first in copies]


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _listing_mark(folder: Path) -> str:
    """The hash of a folder's documents.toml, which says what belongs together and where documents begin; empty without one."""
    try:
        return hashlib.sha256((folder / "documents.toml").read_bytes()).hexdigest()
    except OSError:
        return ""
