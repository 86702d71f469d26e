"""One source after the other through pages, repair, extraction and searchable PDF: only what is stale, as soon as it can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import corrections, document, stages
from pipeline.atomic import write_atomic
from pipeline.crew import Crew
from pipeline.document import Page, Plan, Problem, Record, Source
from pipeline.errors import InputError
from pipeline.intake import BOUNDED, PASSING
from pipeline.ledger import FileState, Ledger, file_state, size_of
from pipeline.request import Request, Rows
from pipeline.sandbox import Job, Outcome
from pipeline.settings import Settings
from pipeline.stages import Stamp, stamp


@dataclass
class Work:
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


class Bench:
    """Carries out the work of one build. `damaged` holds the plan_ids whose stored results were found damaged."""

    def __init__(self, request: Request, raw: Path, out: Path, ledger: Ledger, crew: Crew, book: corrections.Book) -> None:
        self.request, self.raw, self.out, self.ledger, self.crew, self.book = request, raw, out, ledger, crew, book
        self.settings = request.settings
        self.pages_read = self.documents_done = 0
        self.damaged: set[str] = set()
        self.bounds = request.bounds

    def plan(self, source: Source, files: tuple[FileState, ...], tools: tuple[str, ...], models: str) -> Work:
        """What must be done for one source, and why."""
        chain = tuple(page_stamps(self.settings, source, n, tools) for n in range(1, page_count(source) + 1))
        repaired = stamp("repair", self.settings, *(c[-1].digest for c in chain), source.plan_id, str(source.starts), models=models)
        lines = stages.corrected_lines(self.book.lines(source.plan_id))
        extracted = stamp("extract", self.settings, repaired.digest, source.path, *lines)
        laid = stamp("outputs", self.settings, extracted.digest)
        if self.request.force:
            return Work(source, chain, repaired, extracted, laid, files, list(range(1, len(chain) + 1)), "--force", True)
        reasons = {n: self.ledger.stale(self._page_file(source, n), c, self.bounds) for n, c in enumerate(chain, 1)}
        stale = [n for n, why in reasons.items() if why]
        why = next((w for w in reasons.values() if w), None)
        why = why or self.ledger.stale(self.ledger.file(source.plan_id, "reading.json"), (repaired,), self.bounds)
        why = why or self.ledger.stale(self.ledger.file(source.plan_id, "records.json"), (extracted,), self.bounds)
        why = why or self._laid_stale(source, laid)
        known = self.ledger.file(source.plan_id, "records.json").exists()
        return Work(source, chain, repaired, extracted, laid, files, stale, why, known)

    def stale_pages(self, work: Work) -> list[int]:
        """The pages of a source that are missing, stale or damaged."""
        files = ((n, self._page_file(work.source, n)) for n in range(1, len(work.page_stamps) + 1))
        return [n for n, path in files if self.ledger.stale(path, work.page_stamps[n - 1], self.bounds) or not _whole(path, Page)]

    def _page_file(self, source: Source, number: int) -> Path:
        return self.ledger.file(source.plan_id, f"page-{number:04d}.json")

    def carry_out(self, works: list[Work], tools: tuple[str, ...]) -> None:
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
        for outcome in self.crew.run(jobs, "build", total):
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
                    self.crew.add(self._repair_job(work, tools))

    def _repair_job(self, work: Work, tools: tuple[str, ...]) -> Job:
        source = work.source
        files = tuple(self._page_file(source, n) for n in range(1, len(work.page_stamps) + 1))
        args = (source, files, self.settings, tools, self.ledger.file(source.plan_id, "reading.json"))
        return Job((source.plan_id, "repair"), stages.repair_task, args, wall_seconds=self._long(source))

    def _long(self, source: Source) -> int:
        """Seconds for a job over all pages of a source; a text counts a page for each 3,000 characters."""
        pages = len(source.text) // 3000 if source.text else source.pages
        return self.settings.limits.wall_seconds + 5 * pages

    def _after_page(self, work: Work, number: int, outcome: Outcome) -> None:
        path = self._page_file(work.source, number)
        if any(file_state(self.raw, f.path) != f for f in work.files):  # what was read may be neither the old file nor the new
            outcome = Outcome(outcome.key, code="input_changed")
        if outcome.code:
            write_atomic(path, document.to_json(stages.failed_page(number, outcome.code, outcome.detail)))
        self.ledger.seal(path, work.page_stamps[number - 1], self._failure(outcome), outcome.value)
        self.pages_read += 1

    def _failure(self, outcome: Outcome) -> str:
        """How a failure is marked in the ledger (see `Seal`): the same input fails again under the same bounds, or it may not (a password
        may be given the next time)."""
        return self.bounds if outcome.code in BOUNDED else "killed" if outcome.code in (*PASSING, "password") else ""

    def _after_repair(self, work: Work, outcome: Outcome) -> None:
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
        self.ledger.seal(path, (work.repair_stamp,), self._failure(outcome), outcome.value)
        records = self.ledger.file(work.source.plan_id, "records.json")
        args = (work.source, path, self.settings, records, self.book.lines(work.source.plan_id))
        self.crew.add(Job((work.source.plan_id, "extract"), stages.extract_task, args, wall_seconds=self._long(work.source)))

    def _after_extract(self, work: Work, outcome: Outcome) -> None:
        source, path = work.source, self.ledger.file(work.source.plan_id, "records.json")
        if outcome.code == "damaged_result":
            self.damaged.add(work.source.plan_id)
            return
        if outcome.code:  # the document keeps its row
            problem = Problem("error", "extract", outcome.code, outcome.detail)
            where = (source.plan_id, source.path, 1, source.pages)
            plan = Plan(*where, pages=source.pages, needs_review=True, review_reasons=("extract_failed",))
            write_atomic(path, document.to_json((Record(plan, problems=(problem,)),)))
        self.ledger.seal(path, (work.extract_stamp,), self._failure(outcome), outcome.value)
        self.documents_done += 1
        if source.kind != "text":
            made = (self.ledger.file(source.plan_id, name) for name in ("reading.json", "records.json"))
            places = (self.out / "plans", self._laid_file(source))
            args = (source, self.raw, *made, self.settings, self.request.passwords, *places, self.book.lines(source.plan_id))
            self.crew.add(Job((source.plan_id, "outputs"), stages.searchable_task, args, wall_seconds=self._long(source)))

    def _laid_file(self, source: Source) -> Path:
        return self.ledger.file(source.plan_id, "searchable.json")

    def _laid_stale(self, source: Source, wanted: Stamp) -> str | None:
        """None where the searchable PDFs of a source are there as they were written; else a path, or as `Ledger.stale`."""
        if source.kind == "text":
            return None
        why = self.ledger.stale(self._laid_file(source), (wanted,), self.bounds)
        return why or next((p for p, size in self._laid(source).files.items() if size_of(self.out / "plans" / p) != size), None)

    def _laid(self, source: Source) -> stages.Laid:
        try:
            return stages.stored(self._laid_file(source), stages.Laid)
        except InputError:
            return stages.Laid({})

    def _after_outputs(self, work: Work, outcome: Outcome) -> None:
        path = self._laid_file(work.source)
        if outcome.code == "damaged_result":
            self.damaged.add(work.source.plan_id)
            return
        if any(file_state(self.raw, f.path) != f for f in work.files):  # the words are those of another scan than the picture
            for made in self._laid(work.source).files:
                (self.out / "plans" / made).unlink(missing_ok=True)
            outcome = Outcome(outcome.key, code="input_changed")
        if outcome.code:
            told = Problem("warning", "outputs", "pdf_failed", outcome.detail or outcome.code)
            write_atomic(path, document.to_json(stages.Laid({}, ((work.source.plan_id, told),))))
        self.ledger.seal(path, (work.outputs_stamp,), self._failure(outcome), outcome.value)

    def laid_problems(self, works: list[Work]) -> Rows:
        """What could not be laid, as rows of problems."""
        laid = ((w.source.path, self._laid(w.source)) for w in works if w.source.kind != "text")
        return [(plan_id, path, problem) for path, one in laid for plan_id, problem in one.problems]


def page_count(source: Source) -> int:
    """The pages that must be read one by one; none of a text."""
    return 0 if source.kind == "text" else source.pages


def page_stamps(settings: Settings, source: Source, number: int, tools: tuple[str, ...]) -> tuple[Stamp, ...]:
    """The stamps of pages, image and ocr for one page, each over the one before."""
    rendered = stamp("pages", settings, source.plan_id, str(number), tools=tools)
    cleaned = stamp("image", settings, rendered.digest, tools=tools)
    return rendered, cleaned, stamp("ocr", settings, cleaned.digest, tools=tools)


def _whole(path: Path, kind: type[Page]) -> bool:
    try:
        stages.stored(path, kind)
    except InputError:
        return False
    return True
