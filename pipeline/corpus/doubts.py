"""Noisy numbers and dates settled by the rest of the corpus: told as alternatives, never put in the place of what was read.

"Same date + same kind + same issuer with edit distance 1 is one document; the majority of clean readings wins. Dates repair numbers and
the reverse" (spec 2.7). An office issues 90/QĐ and 91/QĐ on one day, so subjects must not speak against it, and a reading is doubted only
where it stands alone against two others or against the letterhead of the document itself.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from pipeline.corpus.inferred import Told, subject
from pipeline.corpus.links import body, central_bodies, one_of_its_name, symbol
from pipeline.corpus.shelf import Shelf
from pipeline.document import Plan, Problem, Record
from pipeline.text import fold

FULL_DAY = 10  # characters of an ISO date
ENOUGH = 2  # documents that read it otherwise
UNLIKE = 70  # of 100: subjects that are less alike are two subjects
UNSURE = 0.85  # confidence of the words below which a reading without a subject is doubted
REMEMBERED = 500  # sources whose records are kept at hand while doubts are weighed
OWN = 0  # the number of the document's own identifier; its citations count from 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """One reading of an identifier: what it says, and where."""

    number: str
    day: str
    subject: str
    plan_id: str
    page: int
    fact: str
    sure: bool
    own: bool


# An issuer and the kind of document; between them the citing office, where the issuer's name may be short for that of its place.
_Who = tuple[str, str | None, str]


class _Names(dict[Any, int]):
    """Numbers for things, in order of their first coming."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


class Doubts:
    """Listens to every record for its dated identifiers, and tells which of them the rest of the corpus reads otherwise.

    Of each identifier five numbers are kept (issuer and kind, symbol, day, plan, citation); its words are looked up once it is doubted.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._facts = lru_cache(REMEMBERED)(shelf.facts)
        self._full: set[str] = set()
        self._who, self._symbols, self._days = _Names(), _Names(), _Names()
        self._plans: list[tuple[int, str]] = []
        self._seen = array("q")
        self._undated: dict[str, int] = {}

    def hear(self, k: int, record: Record) -> None:
        """Takes down the dated identifiers of a record of source `k`."""
        self._plans.append((k, record.plan.plan_id))
        if record.plan.issuing_authority:
            self._full.add(body(record.plan.issuing_authority))
        if record.plan.number and not record.plan.issue_date:
            self._undated[record.plan.plan_id] = len(self._plans) - 1
        for number, (who, said, day) in _identifiers(record):
            self._note(who, said, day, len(self._plans) - 1, number)

    def _note(self, who: _Who, said: str, day: str, plan: int, number: int) -> None:
        self._seen.extend((self._who[who], self._symbols[said], self._days[day], plan, number))

    def notes(self, told: Mapping[str, Told]) -> dict[str, list[Problem]]:
        """Notes by plan_id on identifiers that others read otherwise; `told` are inferred cells. Any order of records, the same notes."""
        for plan_id, plan in self._undated.items():
            if plan_id in told:
                record = self._record(plan)
                own = _own(told[plan_id].filled(record.plan))
                if own:
                    self._note(*own, plan, OWN)
        rows = self._settled()
        found: dict[str, list[Problem]] = defaultdict(list)
        for said, fixed, names in ((1, 2, list(self._symbols)), (2, 1, list(self._days))):
            for seen, other, count in self._alone(rows, said, fixed, [str(name) for name in names], told):
                there = f"the document itself, {other.plan_id}" if other.own else f"{count} documents, {other.plan_id} among them"
                words = f"{seen.fact} reads “{seen.number}, {seen.day}”; {there}: “{other.number}, {other.day}”."
                found[seen.plan_id].append(Problem("note", "corpus", "identifier_doubtful", words, seen.page))
        return dict(found)

    def _settled(self) -> np.ndarray:
        """All that was noted, with each issuer settled: a name that no document bears in full means that of the citing office's place."""
        settled, numbers = _Names(), []
        for issuer, owner, kind in self._who:
            certain = owner is None or issuer in self._full
            numbers.append(settled[issuer, None if certain else owner, kind] if certain or owner else -1)
        rows = np.array(self._seen, np.int64).reshape(-1, 5)
        if len(rows):
            rows[:, 0] = np.array(numbers)[rows[:, 0]]
        return rows[rows[:, 0] >= 0]

    def _alone(
        self, rows: np.ndarray, said: int, fixed: int, names: list[str], told: Mapping[str, Told]
    ) -> Iterator[tuple[_Seen, _Seen, int]]:
        """Readings that one document alone has, each with the one reading an edit away that more have, and how many these are."""
        rows = rows[np.lexsort((rows[:, 4], rows[:, 3], rows[:, said], rows[:, fixed], rows[:, 0]))]
        for group in _groups(rows, (0, fixed)):
            if group[0, said] == group[-1, said]:
                continue
            readings = {names[part[0, said]]: part for part in _groups(group, (said,))}
            support = {name: len(set(part[:, 3].tolist())) for name, part in readings.items()}
            strong = sorted(name for name, part in readings.items() if support[name] >= ENOUGH or OWN in part[:, 4])
            for name in sorted(name for name in readings if support[name] == 1) if strong else ():
                near = [o for o in strong if o != name and OSA.distance(name, o, score_cutoff=1) == 1]
                seen = self._told(readings[name], told) if near else []
                others = [told_so for o in near if _outweighs(told_so := self._told(readings[o], told), seen)]
                if len(others) == 1:
                    yield seen[0], min(others[0], key=lambda s: (not s.own, s.plan_id)), len({s.plan_id for s in others[0]})

    def _record(self, plan: int) -> Record:
        k, plan_id = self._plans[plan]
        return next(r for r in self._facts(k) if r.plan.plan_id == plan_id)

    def _told(self, rows: np.ndarray, told: Mapping[str, Told]) -> list[_Seen]:
        """What stands behind rows of numbers."""
        return [_words(self._record(plan), number, told) for plan, number in rows[:, 3:].tolist()]


def _groups(rows: np.ndarray, columns: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Runs of rows that agree in some columns."""
    if len(rows):
        ends = np.flatnonzero((rows[1:, columns] != rows[:-1, columns]).any(axis=1)) + 1
        yield from np.split(rows, ends)


def _own(plan: Plan) -> tuple[_Who, str, str] | None:
    """Issuer and kind, symbol and day of a document itself; None where it does not print all of them."""
    own = body(plan.issuing_authority) if plan.issuing_authority else ""
    if plan.number and plan.issue_date and len(plan.issue_date) == FULL_DAY and own and plan.doc_type and plan.number_source != "inferred":
        return (own, None, fold(plan.doc_type)), symbol(plan.number), plan.issue_date
    return None


def _identifiers(record: Record) -> Iterator[tuple[int, tuple[_Who, str, str]]]:
    """Every dated identifier of a record: its number here, its issuer and kind, symbol and day."""
    own = _own(record.plan)
    if own:
        yield OWN, own
    owner = body(record.plan.issuing_authority) if record.plan.issuing_authority else ""
    for k, c in enumerate(record.citations, OWN + 1):
        if not c.cited_id or not c.cited_date or len(c.cited_date) != FULL_DAY or not c.cited_type:
            continue
        central = central_bodies(c.cited_id)
        issuer = body(c.cited_issuer) if c.cited_issuer else " ".join(sorted(central))
        if issuer:  # "Ủy ban nhân dân tỉnh" is that of the citing office's own province
            named = central or one_of_its_name(c.cited_issuer or "")
            yield k, ((issuer, None if named else owner, fold(c.cited_type)), symbol(c.cited_id), c.cited_date)


def _words(record: Record, number: int, told: Mapping[str, Told]) -> _Seen:
    """An identifier of a record in words, by its number."""
    plan = record.plan
    if number == OWN:
        evidence = next((f.evidence for f in record.plan_fields if f.column == "number"), None)
        page, sure = (evidence.page, (evidence.confidence or 1) >= UNSURE) if evidence else (plan.page_first, True)
        day = plan.issue_date or told[plan.plan_id].cells["issue_date"]
        return _Seen(plan.number or "", day, subject(plan.title or ""), plan.plan_id, page, "plans:number", sure, True)
    c = record.citations[number - 1]
    sure, fact = (c.evidence.confidence or 1) >= UNSURE, f"citations:{c.citation_no}"
    return _Seen(c.cited_id or "", c.cited_date or "", subject(c.subject or ""), plan.plan_id, c.evidence.page, fact, sure, False)


def _outweighs(strong: list[_Seen], weak: list[_Seen]) -> bool:
    """Whether what many read, or the document itself, speaks against a single reading: a letterhead is doubted only by other documents."""
    others = {s.plan_id for s in strong} - {s.plan_id for s in weak}
    if weak[0].own and len(others) < ENOUGH or not others or any(s.own for s in strong) and weak[0].own:
        return False
    mine, theirs = weak[0].subject, [s.subject for s in strong if s.subject]
    if mine and theirs:
        return max(fuzz.token_set_ratio(mine, t) for t in theirs) >= UNLIKE
    return not weak[0].sure
