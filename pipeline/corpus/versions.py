"""Documents that are one another: scanned twice, or changed and replaced by a later one. Each is told of the other in a note."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from pipeline.corpus.links import body, symbol
from pipeline.document import Plan, Problem, Reading, Record
from pipeline.text import fold

FULL_DAY = 10  # characters of an ISO date
# Common of all words. Measured: a text and its unrepaired OCR by an English model 0.50 to 0.67, plans of three offices 0.25 to 0.41.
ALIKE = 0.55
LATER = ("sua_doi_bo_sung", "thay_the", "bai_bo", "gia_han", "dinh_chinh", "hop_nhat")  # what a later version does to an earlier


def versions(records: Sequence[Record], readings: Mapping[str, Reading]) -> dict[str, list[Problem]]:
    """Notes by plan_id on copies of one document and on later versions of it; records must be linked. Any order, the same notes."""
    found: dict[str, list[Problem]] = defaultdict(list)
    groups: dict[tuple[str, ...], list[Plan]] = defaultdict(list)
    for record in records:
        plan = record.plan
        if plan.number and plan.issue_date and len(plan.issue_date) == FULL_DAY and plan.issuing_authority:
            groups[symbol(plan.number), plan.issue_date, body(plan.issuing_authority), fold(plan.doc_type or "")].append(plan)
    for plans in groups.values():
        for a, b in combinations(sorted(plans, key=lambda p: p.plan_id), 2):
            if a.plan_id.partition("-")[0] == b.plan_id.partition("-")[0]:
                continue  # parts of one file
            alike = likeness(readings.get(a.plan_id), readings.get(b.plan_id))
            if alike is None:
                continue
            code = "same_document" if alike >= ALIKE else "same_identifier"
            for plan, other in ((a, b), (b, a)):
                found[plan.plan_id].append(Problem("note", "corpus", code, f"{other.plan_id} ({other.source_path})"))
    later: dict[str, set[Plan]] = defaultdict(set)
    for record in records:
        for citation in record.citations:
            if citation.cited_plan_id and citation.relation in LATER and citation.relation_subject == "this":
                later[citation.cited_plan_id].add(record.plan)
    for plan_id, plans_after in later.items():
        for plan in sorted(plans_after, key=lambda p: p.plan_id):
            found[plan_id].append(Problem("note", "corpus", "newer_version", f"{plan.plan_id} ({plan.number or plan.source_path})"))
    return dict(found)


def likeness(a: Reading | None, b: Reading | None) -> float | None:
    """The share of words that two readings have in common, folded and counted, 0..1; None where either has no words.

    Counted words bear other line breaks, other order of columns and words misread here and there.
    """
    mine, theirs = _words(a), _words(b)
    if not mine or not theirs:
        return None
    return sum((mine & theirs).values()) / sum((mine | theirs).values())


def _words(reading: Reading | None) -> Counter[str]:
    return Counter(word for _, line in reading.lines() for word in fold(line.text).split()) if reading else Counter()
