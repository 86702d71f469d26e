"""What the corpus stage reads: stored documents, source after source, as often as it asks, and never all of them at one time.

A reading is a thousand words a plan and a table row only a line, so stored readings are decoded without what no table holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from pipeline.document import Citation, LineKind, Page, Plan, PlanField, Problem, Reading, Record
from pipeline.packed import Rows, rows


class Spot(msgspec.Struct, frozen=True, gc=False):
    """The box of a word, as `document.Box`."""

    left: int
    top: int
    right: int
    bottom: int


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Of a word what a line's box and confidence are made of."""

    box: Spot | None = None
    confidence: float | None = None


class Row(msgspec.Struct, frozen=True, gc=False):
    """A printed line, as `document.Line`."""

    number: int
    raw: str
    text: str
    words: tuple[Mark, ...]
    kind: LineKind = "text"


class Leaf(msgspec.Struct, frozen=True):
    """A page, as `document.Page`."""

    number: int
    lines: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


class Sheet(msgspec.Struct, frozen=True):
    """A stored `document.Reading`, decoded five times as fast."""

    pages: tuple[Leaf, ...]


class Brief(msgspec.Struct, frozen=True):
    """Of a stored `document.Record` what other documents may depend on."""

    plan: Plan
    plan_fields: tuple[PlanField, ...]
    citations: tuple[Citation, ...]

    def record(self) -> Record:
        """The record without its other facts."""
        return Record(self.plan, self.plan_fields, self.citations)


Pages = tuple[Page, ...] | tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as stored: what was extracted, and its own pages."""

    record: Record
    pages: Pages = ()


class Shelf(Protocol):
    """Stored sources in order of their plan_id; the same number gives the same documents each time."""

    def __len__(self) -> int: ...

    def facts(self, k: int) -> Sequence[Record]:
        """The records of source `k`, at least their plans, plan_fields and citations."""

    def documents(self, k: int) -> Sequence[Document]:
        """The same documents, whole."""

    def rows(self, k: int) -> Sequence[Rows]:
        """Their rows, each document by itself."""


class Held:
    """A shelf of records that are in memory: each is a source of its own."""

    def __init__(self, records: Sequence[Record], readings: Mapping[str, Reading]) -> None:
        self._records, self._readings = records, readings

    def __len__(self) -> int:
        return len(self._records)

    def facts(self, k: int) -> Sequence[Record]:
        """As `Shelf.facts`."""
        return (self._records[k],)

    def documents(self, k: int) -> Sequence[Document]:
        """As `Shelf.documents`."""
        record = self._records[k]
        reading = self._readings.get(record.plan.plan_id)
        return (Document(record, reading.pages if reading is not None else ()),)

    def rows(self, k: int) -> Sequence[Rows]:
        """As `Shelf.rows`."""
        return [rows(d.record, d.pages) for d in self.documents(k)]
