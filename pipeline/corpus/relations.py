"""All that documents say of one another, worked out from stored records: links, inferred numbers, doubts, copies and later versions.

The records are read twice, and of each only what others may depend on is kept: a card of its plan, its numbers and dates as indexes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from sys import intern

from pipeline.corpus.doubts import Doubts
from pipeline.corpus.inferred import Inference, Told
from pipeline.corpus.links import Index
from pipeline.corpus.shelf import Held, Shelf
from pipeline.corpus.versions import Versions
from pipeline.document import Plan, Problem, Reading, Record

# What is kept of every plan while the corpus stage runs.
_KEPT = ("plan_id", "source_path", "doc_type", "number", "number_source", "issue_date", "title", "issuing_authority", "period_start", "uri")


class Relations:
    """What each record of a shelf has to do with the others; `without` are plans that are left out of the corpus."""

    def __init__(self, shelf: Shelf, without: Collection[str] = ()) -> None:
        cards = [_card(record.plan) for _, record in _records(shelf, without)]
        before, inference = Index(cards), Inference(cards)
        doubts, versions = Doubts(shelf, {card.issuing_authority for card in cards}), Versions(shelf)
        for k, record in _records(shelf, without):
            inference.hear(record, before)
            doubts.hear(k, record)
            versions.hear(k, record)
        self._told: Mapping[str, Told] = inference.told()
        cards = [told.filled(card) if (told := self._told.get(card.plan_id)) else card for card in cards]
        self.index = Index(cards) if self._told else before
        self._notes: dict[str, list[Problem]] = {}
        for found in (doubts.notes(self._told), versions.notes(cards, self.index)):
            for plan_id, notes in found.items():
                self._notes.setdefault(plan_id, []).extend(notes)

    def of(self, record: Record) -> Record:
        """The record linked, with number and date inferred where it prints none, and with notes among its problems."""
        told = self._told.get(record.plan.plan_id)
        if told:
            record = replace(record, plan=told.filled(record.plan), plan_fields=(*record.plan_fields, *told.fields))
        notes = self._notes.get(record.plan.plan_id)
        if notes:
            record = replace(record, problems=(*record.problems, *notes))
        return self.index.linked(record)


def related(records: Sequence[Record], readings: Mapping[str, Reading]) -> list[Record]:
    """Records in memory, each with what it has to do with the others."""
    known = Relations(Held(records, readings))
    return [known.of(record) for record in records]


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
