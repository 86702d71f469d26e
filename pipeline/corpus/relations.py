"""All that documents say of one another, worked out from stored records: links, inferred numbers, doubts, copies, later versions, signers.

The records are read once, and again where any lacks its number or date; of each only what others may depend on is kept: a card of its
plan, its numbers and dates as indexes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from sys import intern

import pyarrow as pa

from pipeline.corpus.doubts import Doubts
from pipeline.corpus.inferred import Inference, Told
from pipeline.corpus.links import Cited, Index
from pipeline.corpus.shelf import Held, Shelf
from pipeline.corpus.signers import Signers
from pipeline.corpus.versions import Versions
from pipeline.document import Plan, Problem, Reading, Record

# What is kept of every plan while the corpus stage runs.
_KEPT = ("plan_id", "source_path", "doc_type", "number", "number_source", "issue_date", "title", "issuing_authority", "period_start", "uri")


class Relations:
    """What each record of a shelf has to do with the others; `without` are plans that are left out of the corpus."""

    def __init__(self, shelf: Shelf, without: Collection[str] = ()) -> None:
        cards: list[Plan] = []
        doubts, versions, signers = Doubts(shelf), Versions(shelf), Signers()
        for k, record in _records(shelf, without):
            cards.append(_card(record.plan))
            doubts.hear(k, record)
            versions.hear(k, record)
            signers.hear(record)
        self.index, inference = Index(cards), Inference(cards)
        for _, record in _records(shelf, without) if inference.needed else ():
            inference.hear(record, self.index)
        self.told: Mapping[str, Told] = inference.told()
        if self.told:
            cards = [told.filled(card) if (told := self.told.get(card.plan_id)) else card for card in cards]
            self.index = Index(cards)
        self._cards = {card.plan_id: card for card in cards}
        self.notes: dict[str, list[Problem]] = {}
        for found in (doubts.notes(self.told), versions.notes(cards, self.index), signers.notes()):
            for plan_id, notes in found.items():
                self.notes.setdefault(plan_id, []).extend(notes)

    def of(self, record: Record) -> Record:
        """The record linked, with number and date inferred where it prints none."""
        told = self.told.get(record.plan.plan_id)
        if told:
            record = replace(record, plan=told.filled(record.plan), plan_fields=(*record.plan_fields, *told.fields))
        return self.index.linked(record)

    def links(self, citations: pa.Table) -> list[str | None]:
        """The `cited_plan_id` of each row of the table."""
        found: list[str | None] = []
        for plan_id, *cells in zip(*(citations.column(name).to_pylist() for name in ("plan_id", *Cited._fields)), strict=True):
            meant = cells[0] and self.index.holds(cells[0])
            found.append(self.index.target(Cited(*cells), self._cards[plan_id]) if meant else None)
        return found


def related(records: Sequence[Record], readings: Mapping[str, Reading]) -> list[Record]:
    """Records in memory, each with what it has to do with the others."""
    known = Relations(Held(records, readings))
    noted = (replace(r, problems=(*r.problems, *known.notes.get(r.plan.plan_id, ()))) for r in records)
    return [known.of(record) for record in noted]


def _records(shelf: Shelf, without: Collection[str]) -> Iterator[tuple[int, Record]]:
    for k in range(len(shelf)):
        for record in shelf.facts(k):
            if record.plan.plan_id not in without:
                yield k, record


def _card(plan: Plan) -> Plan:
    """The plan with nothing but what others may depend on; bodies and kinds are names that recur."""
    kept = {name: getattr(plan, name) for name in _KEPT}
    for name in ("doc_type", "issuing_authority", "source_path"):
        kept[name] = kept[name] and intern(kept[name])
    return Plan(**kept)
