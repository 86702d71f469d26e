"""The stored records and readings of a build as the corpus stage reads them, with what people corrected in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline import corrections, packed, stages
from pipeline.corpus.corrections import amended_parts
from pipeline.corpus.shelf import Brief, Document, Sheet
from pipeline.corrections.lines import amended
from pipeline.document import Reading, Record
from pipeline.errors import InputError
from pipeline.ledger import Ledger
from pipeline.works import Work


class Laid(Protocol):
    """Who lays the files of each plan in OUT."""

    def stands(self, plan_id: str) -> bool:
        """Whether the files of a plan are there as this build would write them."""

    def lay(self, record: Record, reading: Reading | Sheet, as_stored: bytes | None) -> None:
        """Takes a document that was read whole: its record, its part of the reading, and the bytes of that where they are as stored."""


class Stored:
    """A shelf (`corpus.shelf.Shelf`) of finished works. `laid` gets each document when it is read whole.

    A source whose stored results are no longer what was written is in `damaged`, and its documents are missing. `troubles` are the
    corrections of these sources that no longer fit.
    """

    def __init__(self, works: Sequence[Work], ledger: Ledger, book: corrections.Book, laid: Laid) -> None:
        self._works, self._ledger, self._book, self._laid = sorted(works, key=lambda w: w.source.plan_id), ledger, book, laid
        self.damaged: set[str] = set()
        self.troubles: dict[str, list[corrections.Trouble]] = {}
        self._touched = {row.source_id for row in book.rows}
        self._code = stages.rows_digest()

    def __len__(self) -> int:
        return len(self._works)

    def facts(self, k: int) -> Sequence[Record]:
        """As `Shelf.facts`."""
        plan_id = self._works[k].source.plan_id
        try:
            if plan_id in self._touched:
                return [record for record, _ in self._corrected(k)]
            return [brief.record() for brief in stages.stored(self._ledger.file(plan_id, "records.json"), tuple[Brief, ...])]
        except InputError:
            self.damaged.add(plan_id)
            return ()

    def documents(self, k: int) -> Sequence[Document]:
        """As `Shelf.documents`."""
        plan_id = self._works[k].source.plan_id
        path = self._ledger.file(plan_id, "reading.json")
        try:
            records = stages.stored(self._ledger.file(plan_id, "records.json"), tuple[Record, ...])
            if plan_id not in self._touched and len(records) == 1:
                sheet = stages.stored(path, Sheet)
                self._laid.lay(records[0], sheet, path.read_bytes())
                return (Document(records[0], sheet.pages),)
            parts = self._corrected(k)
        except (InputError, OSError):
            self.damaged.add(plan_id)
            return ()
        for record, reading in parts:
            self._laid.lay(record, reading, None)
        return [Document(record, reading.pages) for record, reading in parts]

    def rows(self, k: int) -> Sequence[packed.Rows]:
        """As `Shelf.rows`: as the worker left them, if nobody corrected anything; they are made and kept where it left none."""
        plan_id = self._works[k].source.plan_id
        path, touched = self._ledger.file(plan_id, packed.FILE), plan_id in self._touched
        made_of = [self._ledger.file(plan_id, name) for name in ("reading.json", "records.json")]
        found = None if touched else packed.kept(path, self._code, made_of)
        if found is not None and all(self._laid.stands(document.plan_id) for document in found):
            return found
        documents = self.documents(k)
        if found is not None and documents:
            return found
        made = [packed.rows(document.record, document.pages) for document in documents]
        if made and not touched:
            packed.keep(path, made, self._code, made_of, flush=False)
        return made

    def _corrected(self, k: int) -> list[tuple[Record, Reading]]:
        """The documents of a source with corrected lines and facts. Raises InputError where something stored is damaged."""
        source = self._works[k].source
        records = stages.stored(self._ledger.file(source.plan_id, "records.json"), tuple[Record, ...])
        reading = stages.stored(self._ledger.file(source.plan_id, "reading.json"), Reading)
        reading, unfit = amended(reading, self._book.lines(source.plan_id))
        parts = stages.documents_of(reading, records)
        done, unfit_facts = amended_parts(parts, self._book.facts(source.plan_id), self._book.lines(source.plan_id))
        self.troubles[source.plan_id] = [replace(trouble, path=source.path) for trouble in unfit] + unfit_facts
        return [(record, part) for record, (_, part) in zip(done, parts, strict=True)]
