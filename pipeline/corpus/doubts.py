"""Noisy numbers and dates settled by the rest of the corpus: told as alternatives, never put in the place of what was read.

"Same date + same kind + same issuer with edit distance 1 is one document; the majority of clean readings wins. Dates repair numbers and
the reverse" (spec 2.7). An office issues 90/QĐ and 91/QĐ on one day, so subjects must not speak against it, and a reading is doubted only
where it stands alone against two others or against the letterhead of the document itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from pipeline.corpus.inferred import subject
from pipeline.corpus.links import body, central_bodies, one_of_its_name, symbol
from pipeline.document import Problem, Record
from pipeline.text import fold

FULL_DAY = 10  # characters of an ISO date
ENOUGH = 2  # documents that read it otherwise
UNLIKE = 70  # of 100: subjects that are less alike are two subjects
UNSURE = 0.85  # confidence of the words below which a reading without a subject is doubted


@dataclass(frozen=True, slots=True)
class _Seen:
    """One reading of an identifier: what it says, and where."""

    symbol: str
    day: str
    number: str
    subject: str
    plan_id: str
    page: int
    fact: str
    sure: bool
    own: bool


def doubts(records: Sequence[Record]) -> dict[str, list[Problem]]:
    """Notes by plan_id on identifiers that the rest of the corpus reads otherwise. Any order of records, the same notes."""
    full = {body(r.plan.issuing_authority) for r in records if r.plan.issuing_authority}
    by_day: dict[tuple[object, ...], dict[str, list[_Seen]]] = defaultdict(lambda: defaultdict(list))
    by_number: dict[tuple[object, ...], dict[str, list[_Seen]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for issuer, kind, seen in _seen(record, full):
            by_day[issuer, kind, seen.day][seen.symbol].append(seen)
            by_number[issuer, kind, seen.symbol][seen.day].append(seen)
    found: dict[str, list[Problem]] = defaultdict(list)
    for groups in (by_day, by_number):
        for readings in groups.values():
            if len(readings) > 1:
                for seen, other, count in _alone(readings):
                    there = f"the document itself, {other.plan_id}" if other.own else f"{count} documents, {other.plan_id} among them"
                    told = f"{seen.fact} reads “{seen.number}, {seen.day}”; {there}: “{other.number}, {other.day}”."
                    found[seen.plan_id].append(Problem("note", "corpus", "identifier_doubtful", told, seen.page))
    return dict(found)


def _seen(record: Record, full: set[str]) -> Iterator[tuple[object, str, _Seen]]:
    """Every dated identifier of a record with issuer and kind; one whose issuer is not known for certain is left out."""
    plan = record.plan
    own = body(plan.issuing_authority) if plan.issuing_authority else ""
    if plan.number and plan.issue_date and len(plan.issue_date) == FULL_DAY and own and plan.doc_type and plan.number_source != "inferred":
        evidence = next((f.evidence for f in record.plan_fields if f.column == "number"), None)
        page, sure = (evidence.page, (evidence.confidence or 1) >= UNSURE) if evidence else (plan.page_first, True)
        told, read = subject(plan.title or ""), (symbol(plan.number), plan.issue_date, plan.number)
        yield (
            own,
            fold(plan.doc_type),
            _Seen(*read, told, plan.plan_id, page, "plans:number", sure, True),
        )
    for c in record.citations:
        if not c.cited_id or not c.cited_date or len(c.cited_date) != FULL_DAY or not c.cited_type:
            continue
        issuer: object = body(c.cited_issuer) if c.cited_issuer else " ".join(sorted(central_bodies(c.cited_id)))
        if not issuer:
            continue
        if issuer not in full and not central_bodies(c.cited_id) and not one_of_its_name(c.cited_issuer or ""):
            if not own:
                continue
            issuer = (issuer, own)  # "Ủy ban nhân dân tỉnh" is that of the citing office's own province
        told, read = subject(c.subject or ""), (symbol(c.cited_id), c.cited_date, c.cited_id)
        sure, fact = (c.evidence.confidence or 1) >= UNSURE, f"citations:{c.citation_no}"
        yield (
            issuer,
            fold(c.cited_type),
            _Seen(*read, told, plan.plan_id, c.evidence.page, fact, sure, False),
        )


def _alone(readings: Mapping[str, list[_Seen]]) -> Iterator[tuple[_Seen, _Seen, int]]:
    """Readings that one document alone has, each with the one reading an edit away that more have, and how many these are."""
    support = {said: len({s.plan_id for s in seen}) for said, seen in readings.items()}
    strong = sorted(said for said, seen in readings.items() if support[said] >= ENOUGH or any(s.own for s in seen))
    for said, seen in sorted(readings.items()):
        if support[said] > 1:
            continue
        near = [o for o in strong if o != said and OSA.distance(said, o, score_cutoff=1) == 1 and _outweighs(readings[o], seen)]
        if len(near) == 1:
            other = min(readings[near[0]], key=lambda s: (not s.own, s.plan_id))
            yield seen[0], other, support[near[0]]


def _outweighs(strong: list[_Seen], weak: list[_Seen]) -> bool:
    """Whether what many read, or the document itself, speaks against a single reading: a letterhead is doubted only by other documents."""
    others = {s.plan_id for s in strong} - {s.plan_id for s in weak}
    if weak[0].own and len(others) < ENOUGH or not others or any(s.own for s in strong) and weak[0].own:
        return False
    mine, theirs = weak[0].subject, [s.subject for s in strong if s.subject]
    if mine and theirs:
        return max(fuzz.token_set_ratio(mine, t) for t in theirs) >= UNLIKE
    return not weak[0].sure
