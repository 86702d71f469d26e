"""Signers of one body whose names differ in their marks alone (`Trần Văn Hiên`, `Trần Văn Hiền`): mostly one person, misread once.

No dictionary tells which is right, for both are names; so each document is told of the other spelling, and no cell is changed.
"""

from __future__ import annotations

from collections import defaultdict

from pipeline.corpus.links import body
from pipeline.document import Problem, Record
from pipeline.text import fold

MOSTLY = 3  # times as many documents with one spelling as with all others, from which those that bear it are not told


class Signers:
    """Listens to every record for its signer. Any order of records, the same notes."""

    def __init__(self) -> None:
        self._spelt: dict[tuple[str, str], dict[str, list[tuple[str, int]]]] = defaultdict(dict)

    def hear(self, record: Record) -> None:
        """Takes down who signed for which body, and on which page."""
        plan = record.plan
        if plan.signer_name and plan.issuing_authority:
            page = next((f.evidence.page for f in record.plan_fields if f.column == "signer_name"), plan.page_first)
            name = " ".join(plan.signer_name.split())
            self._spelt[body(plan.issuing_authority), fold(name)].setdefault(name, []).append((plan.plan_id, page))

    def notes(self) -> dict[str, list[Problem]]:
        """A note by plan_id on each name that other documents of the body spell with other marks."""
        found: dict[str, list[Problem]] = {}
        for spelt in self._spelt.values():
            count = sum(map(len, spelt.values()))
            for name, places in spelt.items() if len(spelt) > 1 else ():
                if len(places) >= MOSTLY * (count - len(places)):
                    continue
                others = sorted(((-len(at), other, min(at)[0]) for other, at in spelt.items() if other != name))
                told = "; ".join(f"“{other}”: {-n} documents, {plan_id} among them" for n, other, plan_id in others)
                for plan_id, page in places:
                    found[plan_id] = [
                        Problem("note", "corpus", "signer_spelt_otherwise", f"plans:signer_name reads “{name}”; {told}.", page)
                    ]
        return found
