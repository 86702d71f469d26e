"""Documents that are one another: scanned twice, or changed and replaced by a later one. Each is told of the other in a note."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from pipeline.corpus.links import Index, body, symbol
from pipeline.corpus.shelf import Pages, Shelf
from pipeline.document import Citation, Plan, Problem, Record
from pipeline.text import fold

FULL_DAY = 10  # characters of an ISO date
# Common of all words. Measured: a text and its unrepaired OCR by an English model 0.50 to 0.67, plans of three offices 0.25 to 0.41.
ALIKE = 0.55
COMPARED = 20  # documents of one identifier that all others are compared with
LATER = ("sua_doi_bo_sung", "thay_the", "bai_bo", "gia_han", "dinh_chinh", "hop_nhat")  # what a later version does to an earlier


class Versions:
    """Listens to every record for what it replaces, and tells which documents are one another. Any order of records, the same notes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._source: dict[str, int] = {}
        self._later: list[tuple[Plan, Citation]] = []

    def hear(self, k: int, record: Record) -> None:
        """Takes down the citations by which a record of source `k` changes or replaces another document."""
        self._source[record.plan.plan_id] = k
        self._later += [(record.plan, c) for c in record.citations if c.relation in LATER and c.relation_subject == "this"]

    def notes(self, plans: Sequence[Plan], index: Index) -> dict[str, list[Problem]]:
        """Notes by plan_id on copies of one document and on later versions of it."""
        found: dict[str, list[Problem]] = defaultdict(list)
        groups: dict[tuple[str, ...], list[Plan]] = defaultdict(list)
        for plan in plans:
            if plan.number and plan.issue_date and len(plan.issue_date) == FULL_DAY and plan.issuing_authority:
                groups[symbol(plan.number), plan.issue_date, body(plan.issuing_authority), fold(plan.doc_type or "")].append(plan)
        for group in groups.values():
            if len(group) > 1:
                self._compare(sorted(group, key=lambda p: p.plan_id), found)
        later: dict[str, dict[str, Plan]] = defaultdict(dict)
        numbers = {plan.plan_id: plan for plan in plans} if self._later else {}
        for plan, citation in self._later:
            cited = index.target(citation, plan)
            if cited:
                later[cited][plan.plan_id] = numbers[plan.plan_id]
        for plan_id, after in later.items():
            for _, plan in sorted(after.items()):
                found[plan_id].append(Problem("note", "corpus", "newer_version", f"{plan.plan_id} ({plan.number or plan.source_path})"))
        return dict(found)

    def _compare(self, group: Sequence[Plan], found: dict[str, list[Problem]]) -> None:
        """Notes on documents of one identifier: each beside the first few of them, so that a thousand copies cost a thousand times more."""
        first: list[tuple[Plan, Counter[str]]] = []
        for plan in group:
            mine = self._words(plan)
            if not mine:
                continue
            for other, theirs in first:
                if other.plan_id.partition("-")[0] == plan.plan_id.partition("-")[0]:
                    continue  # parts of one file
                code = "same_document" if likeness(mine, theirs) >= ALIKE else "same_identifier"
                for one, two in ((other, plan), (plan, other)):
                    found[one.plan_id].append(Problem("note", "corpus", code, f"{two.plan_id} ({two.source_path})"))
            if len(first) < COMPARED:
                first.append((plan, mine))

    def _words(self, plan: Plan) -> Counter[str]:
        documents = self._shelf.documents(self._source[plan.plan_id])
        return words(next(d.pages for d in documents if d.record.plan.plan_id == plan.plan_id))


def likeness(mine: Counter[str], theirs: Counter[str]) -> float:
    """The share of words that two texts have in common, 0..1, counted; neither may be empty.

    Counted words bear other line breaks, other order of columns and words misread here and there.
    """
    return sum((mine & theirs).values()) / sum((mine | theirs).values())


def words(pages: Pages) -> Counter[str]:
    """The words of a text, folded and counted."""
    return Counter(word for page in pages for line in page.lines for word in fold(line.text).split())
