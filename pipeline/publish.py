"""Stored records become the tables and the folders of plans in OUT, written where they must be."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from pipeline import corrections, document, stages
from pipeline.crew import Crew
from pipeline.document import Reading, Record
from pipeline.errors import InputError
from pipeline.ledger import Ledger, size_of
from pipeline.request import Report, Request, Rows
from pipeline.stages import Stamp, stamp, write_atomic
from pipeline.works import Bench, Work

BESIDE = ("corpus.sqlite", "datapackage.json")  # what the store writes beside the tables
_PLAN_FOLDER = re.compile(r"[0-9a-f]{12}(-\d+)?")


@dataclass(frozen=True)
class Told:
    """What the last build said, and the size of each file that it left in OUT."""

    report: Report
    files: dict[str, int]


class Press:
    """Writes the tables of one build."""

    def __init__(self, request: Request, out: Path, ledger: Ledger, crew: Crew, bench: Bench) -> None:
        self.request, self.out, self.ledger, self.crew, self.bench = request, out, ledger, crew, bench
        self.settings, self.book = request.settings, bench.book

    def done(self, works: list[Work]) -> list[Work]:
        """The works that have records."""
        return [w for w in works if self.ledger.file(w.source.plan_id, "records.json").exists()]

    def stamp(self, works: list[Work], rows: Rows) -> Stamp:
        """What the tables depend on: every record, the problems of inputs, the corrections."""
        sealed = sorted(w.source.plan_id + ":" + w.extract_stamp.digest for w in works)
        return stamp("corpus", self.settings, *sealed, msgspec.json.encode(sorted(map(str, rows))).decode(), self.book.digest())

    def stale(self, wanted: Stamp) -> str | None:
        """None where every table and plan in OUT is there as it was written; else why they must be written: a path, or as `stale`."""
        seal = self.ledger.work / "tables.json"
        why = "--force" if self.request.force else self.ledger.stale(seal, (wanted,))
        if why:
            return why
        try:
            told = msgspec.json.decode(seal.read_bytes(), type=Told)
        except (OSError, msgspec.DecodeError):
            return "damaged"
        return next((path for path, size in told.files.items() if size_of(self.out / path) != size), None)

    def publish(self, works: list[Work], rows: Rows) -> Report | None:
        """The tables and plans in OUT, written where they must be; None where stored records were found `damaged`."""
        seal = self.ledger.work / "tables.json"
        done = self.done(works)
        rows = rows + self.bench.laid_problems(done)
        wanted = self.stamp(done, rows)
        if not self.stale(wanted):
            return replace(msgspec.json.decode(seal.read_bytes(), type=Told).report, changed=False)
        from pipeline.corpus import ProblemRow, store, tabulate  # pandas takes longer to load than a build with nothing new
        from pipeline.corpus.corrections import corrected
        from pipeline.corrections.lines import amended

        self.crew.progress.start("corpus", 1)
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
                self.bench.damaged.add(work.source.plan_id)
                continue
            for record, part in stages.documents_of(reading, got):
                records.append(record)
                readings[record.plan.plan_id] = part
        if self.bench.damaged:
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
        sizes = {p.relative_to(self.out).as_posix(): size_of(p) for p in sorted(written)}
        write_atomic(seal, msgspec.json.encode(Told(report, sizes)))
        self.ledger.seal(seal, (wanted,))
        self.crew.progress.step()
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
            if size_of(path) != len(data) or path.read_bytes() != data:
                write_atomic(path, data)
            written.append(path)
        return written

    def _drop_old_plans(self, ids: set[str]) -> None:
        """Takes away the folders of plans that left the tables; a folder of any other name is not ours."""
        for folder in (self.out / "plans").glob("*") if (self.out / "plans").is_dir() else ():
            if folder.name not in ids and _PLAN_FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
