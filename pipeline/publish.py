"""Stored records become the tables and the folders of plans in OUT, written where they must be."""

from __future__ import annotations

import operator
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline import document, stages
from pipeline.atomic import write_atomic
from pipeline.crew import Crew
from pipeline.document import Reading, Record
from pipeline.ledger import Ledger, size_of
from pipeline.request import Report, Request, Rows
from pipeline.stages import Stamp, stamp
from pipeline.works import Bench, Work

if TYPE_CHECKING:
    from pipeline.corpus.shelf import Sheet

BESIDE = ("corpus.sqlite", "datapackage.json")  # what the store writes beside the tables
PLAN_FILES = ("text.txt", "raw.txt", "reading.json", "record.json")
_PLAN_FOLDER = re.compile(r"[0-9a-f]{12}(-\d+)?")


@dataclass(frozen=True)
class Told:
    """What the last build said, the size of each file that it left in OUT, and of each source what the files of its plans were made of."""

    report: Report
    files: dict[str, int]
    made: dict[str, str] = field(default_factory=dict)


class _Damaged(Exception):
    """Stored results are no longer what was written."""


class Press:
    """Writes the tables of one build."""

    def __init__(self, request: Request, out: Path, ledger: Ledger, crew: Crew, bench: Bench) -> None:
        self.request, self.out, self.ledger, self.crew, self.bench = request, out, ledger, crew, bench
        self.settings, self.book = request.settings, bench.book
        self._same: set[str] = set()  # sources whose plans' files are as the last build left them, but for their sizes
        self._sizes: dict[str, int] = {}
        self._written: dict[str, list[Path]] = {}  # the files of each plan

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
            return replace(self._told(seal).report, changed=False)
        from pipeline.corpus import ProblemRow, store  # pandas takes longer to load than a build with nothing new
        from pipeline.corpus.corrections import strays
        from pipeline.corpus.rows import Part, without_bad
        from pipeline.stored import Stored

        self.crew.progress.start("corpus", 1)
        before, made = self._told(seal), self._made_of(done)
        self._same = {source for source, key in made.items() if before.made.get(source) == key}
        self._sizes = before.files
        if before.made:  # what is about to be written anew is no longer what was told, also where this build is killed
            write_atomic(seal, msgspec.json.encode(replace(before, made={source: made[source] for source in self._same})))
        self._written = {}
        levels: Counter[str] = Counter()
        shelf = Stored(done, self.ledger, self.book, self)
        asked = range(len(shelf)) if self.book.rows or self.book.troubles else ()
        paths = {record.plan.plan_id: record.plan.source_path for k in asked for record in shelf.facts(k)}
        troubles = [*strays(self.book, paths), *chain.from_iterable(shelf.troubles.values())]

        def counted(parts: Iterator[Part]) -> Iterator[Part]:
            for part in parts:
                if "problems" in part:
                    levels.update(part["problems"].column("level").to_pylist())
                yield part
            if shelf.damaged:
                raise _Damaged

        try:
            problems = [ProblemRow(*r) for r in (*rows, *((t.plan_id, t.path, t.problem) for t in troubles))]
            without_bad(shelf, problems, lambda parts: store.write_parts(counted(parts), self.out))
        except _Damaged:
            self.bench.damaged |= shelf.damaged
            return None
        self._drop_old_plans(set(self._written))
        report = Report((), len(self._written), errors=levels["error"], warnings=levels["warning"], changed=True)
        files = [p for p in (self.out / "tables").iterdir() if p.is_file()] + [self.out / name for name in BESIDE]
        sizes = {p.relative_to(self.out).as_posix(): size_of(p) for p in sorted(chain(files, *self._written.values()))}
        write_atomic(seal, msgspec.json.encode(Told(report, sizes, made)))
        self.ledger.seal(seal, (wanted,))
        self.crew.progress.step()
        return report

    @staticmethod
    def _told(seal: Path) -> Told:
        try:
            return msgspec.json.decode(seal.read_bytes(), type=Told)
        except (OSError, msgspec.DecodeError):
            return Told(Report(()), {})

    def _made_of(self, works: list[Work]) -> dict[str, str]:
        """Of each source a hash of all that the files of its plans depend on: records and reading, corrected facts, the code."""
        code = stages.publish_digest()
        ids = ((w.source.plan_id, (w.extract_stamp.digest, self._age(w))) for w in works)
        return {i: sha256(msgspec.json.encode((code, digest, self.book.facts(i)))).hexdigest() for i, digest in ids}

    def _age(self, work: Work) -> int:
        """When the records were written, in ns: a page that failed once and is read now leaves the stamps as they were."""
        return self.ledger.file(work.source.plan_id, "records.json").stat().st_mtime_ns

    def stands(self, plan_id: str) -> bool:
        """As `stored.Laid.stands`."""
        paths = [self.out / "plans" / plan_id / name for name in PLAN_FILES]
        sizes = (self._sizes.get(f"plans/{plan_id}/{name}") for name in PLAN_FILES)
        stands = plan_id.partition("-")[0] in self._same and all(map(operator.eq, map(size_of, paths), sizes))
        if stands:
            self._written[plan_id] = paths
        return stands

    def lay(self, record: Record, reading: Reading | Sheet, as_stored: bytes | None) -> None:
        """As `stored.Laid.lay`: writes the files of one plan where they differ."""
        if self.stands(record.plan.plan_id):
            return
        folder = self.out / "plans" / record.plan.plan_id
        written = self._written[record.plan.plan_id] = []
        for name, data in (
            ("text.txt", stages.plain_text(reading).encode()),
            ("raw.txt", stages.plain_text(reading, raw=True).encode()),
            ("reading.json", as_stored if as_stored is not None else document.to_json(reading)),
            ("record.json", msgspec.json.format(msgspec.json.encode(document.record_rows(record)), indent=1) + b"\n"),
        ):
            path = folder / name
            if size_of(path) != len(data) or path.read_bytes() != data:
                write_atomic(path, data)
            written.append(path)

    def _drop_old_plans(self, ids: set[str]) -> None:
        """Takes away the folders of plans that left the tables; a folder of any other name is not ours."""
        for folder in (self.out / "plans").glob("*") if (self.out / "plans").is_dir() else ():
            if folder.name not in ids and _PLAN_FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
