"""Numbers and dates that a document does not print, told by the documents that cite it.

A plan signed before its number was stamped, or filled in by hand and unread, is known to those that carry it out: "Kế hoạch số 45/KH-SYT
ngày 11/3/2024 của Sở Y tế tỉnh Cà Mau về phòng bệnh mùa mưa". Kind, issuer and title must agree and every citation must say the same;
what is printed is never touched. The evidence is that of the citing document, which the rule names.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from rapidfuzz import fuzz

from pipeline.corpus.links import Index, body, central_bodies, same_issuer, symbol
from pipeline.document import Citation, Plan, PlanField, Record
from pipeline.text import fold, nfc, one_blank

ALIKE = 90  # of 100, folded titles: two OCR errors in twenty letters, but not another subject
SHORTEST = 12  # letters; shorter titles ("Công tác năm") are those of many
RULE = "citation.inferred"  # `citation.inferred:<plan_id>:<citation_no>` names where the evidence stands
Column = Literal["number", "issue_date"]


@dataclass(frozen=True, slots=True)
class _Witness:
    """One citation and the document it stands in."""

    citing: Plan
    citation: Citation


@dataclass(frozen=True, slots=True)
class Told:
    """What others tell of a document: cells of its plan, and their rows of `plan_fields`."""

    cells: Mapping[str, str]
    fields: tuple[PlanField, ...]

    def filled(self, plan: Plan) -> Plan:
        """The plan with these cells."""
        return replace(plan, **self.cells)  # type: ignore[arg-type]


class Inference:
    """Listens to every record for what it says of plans that print no number or no date. Any order of records, the same answer."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._needy: dict[tuple[str, str], list[Plan]] = defaultdict(list)  # by kind and issuer
        for plan in plans:
            lacks = plan.number is None or plan.issue_date is None
            if lacks and plan.doc_type and plan.issuing_authority and len(subject(plan.title or "")) >= SHORTEST:
                self._needy[fold(plan.doc_type), body(plan.issuing_authority)].append(plan)
        owners = {owner for _, owner in self._needy}
        self._begun = {" ".join(words[:k]) for owner in owners if (words := owner.split()) for k in range(1, len(words))}
        self._heard: dict[str, tuple[Plan, list[_Witness]]] = {}

    @property
    def needed(self) -> bool:
        """Whether any plan is in need."""
        return bool(self._needy)

    def hear(self, record: Record, index: Index) -> None:
        """Takes down the citations of a record that mean one of the plans in need, and that lead to no other by `index`."""
        for citation in record.citations:
            if not (citation.cited_id and citation.cited_type and citation.subject):
                continue
            kind, owners = fold(citation.cited_type), _owners(citation, record.plan, self._begun)
            meant = [p for owner in owners for p in self._needy.get((kind, owner), ()) if _names(citation, record.plan, p)]
            if len(meant) == 1 and index.target(citation, record.plan) is None:  # two documents of one title leave a doubt
                self._heard.setdefault(meant[0].plan_id, (meant[0], []))[1].append(_Witness(record.plan, citation))

    def told(self) -> Mapping[str, Told]:
        """What is inferred, by plan_id: only where every document that cites the plan says the same."""
        taken = {(symbol(p.number), p.issue_date, p.issuing_authority) for p in self._plans if p.number} if self._heard else set()
        found = ((plan.plan_id, _told(plan, witnesses, taken)) for plan, witnesses in self._heard.values())
        return {plan_id: told for plan_id, told in found if told.cells}


def witness(rule: str) -> tuple[str, int] | None:
    """The plan and citation that the rule of an inferred cell names; None for any other rule."""
    name, _, rest = rule.partition(":")
    plan_id, _, number = rest.partition(":")
    return (plan_id, int(number)) if name == RULE and number.isdigit() else None


@cache
def _leads() -> re.Pattern[str]:
    text = (resources.files("pipeline") / "rules/links.toml").read_text(encoding="utf-8")
    words = sorted((fold(nfc(w)) for w in tomllib.loads(text)["subject"]["leads"]), key=len, reverse=True)
    return re.compile(rf"(?:(?:{'|'.join(map(re.escape, words))})\b[\s:]*)+")


@lru_cache(maxsize=50_000)
def subject(title: str) -> str:
    """A title as it is compared: folded, words and figures alone, without `Kế hoạch`, `về việc` and the like before it.

    `V/v phòng, chống dịch năm 2024` and `Phòng chống dịch năm 2024` are the same.
    """
    plain = one_blank(re.sub(r"[^\w/]+", " ", fold(nfc(title))))
    lead = _leads().match(plain)
    return plain[lead.end() :] if lead else plain


def same_subject(a: str, b: str) -> bool:
    """Whether two titles say the same but for a few letters: every figure must agree, for `năm 2023` is not `năm 2024`."""
    a, b = subject(a), subject(b)
    return re.findall(r"\d+", a) == re.findall(r"\d+", b) and _numerals(a) == _numerals(b) and fuzz.ratio(a, b) >= ALIKE


def _numerals(text: str) -> list[str]:
    """Roman numerals of a folded text that part phases and terms: `giai doan ii`."""
    return re.findall(r"\b(?=[ivx])(?:x{0,3})(?:ix|iv|v?i{0,3})\b", text)


def _owners(citation: Citation, citing: Plan, begun: set[str]) -> set[str]:
    """The issuers that a citation can mean, as `same_issuer` takes them: looked up, so that time grows with the corpus and no faster.

    `begun` are the first words of the issuers there are: "Sở Y tế", in a plan of "Ủy ban nhân dân tỉnh An Giang", may be its own.
    """
    own = body(citing.issuing_authority or "")
    if citation.cited_issuer is None:
        return {own, *central_bodies(citation.cited_id or "")}
    cited = body(citation.cited_issuer)
    words = own.split() if cited in begun else []
    return {cited, *(f"{cited} {' '.join(words[k:])}" for k in range(1, len(words)))}


def _names(citation: Citation, citing: Plan, plan: Plan) -> bool:
    """Whether a citation can mean a document that does not print its number, or its date."""
    if citing.plan_id == plan.plan_id or not same_issuer(citation, plan, citing):
        return False
    if plan.number is not None and symbol(plan.number) != symbol(citation.cited_id or ""):
        return False
    if not _days_agree(citation.cited_date, plan.issue_date):
        return False
    starts, day = plan.period_start, citation.cited_date
    if plan.issue_date is None and starts and day and abs(int(starts[:4]) - int(day[:4])) > 1:
        return False  # the plan of another year under the same title
    return same_subject(citation.subject or "", plan.title or "")


def _days_agree(a: str | None, b: str | None) -> bool:
    common = min(len(a), len(b)) if a and b else 0
    return common == 0 or (a or "")[:common] == (b or "")[:common]


def _told(plan: Plan, witnesses: list[_Witness], taken: set[tuple[str, str | None, str | None]]) -> Told:
    cells: dict[str, str] = {}
    fields: list[PlanField] = []
    first = min(witnesses, key=lambda w: (w.citing.plan_id, w.citation.citation_no))
    number = plan.number
    if number is None and _unanimous(symbol(w.citation.cited_id or "") for w in witnesses):
        date = plan.issue_date or next((w.citation.cited_date for w in witnesses if w.citation.cited_date), None)
        if (symbol(first.citation.cited_id or ""), date, plan.issuing_authority) not in taken:
            number = first.citation.cited_id or ""
            cells |= {"number": number, "number_source": "inferred"}
            fields.append(_field("number", number, first))
    if plan.issue_date is None and number is not None and _unanimous(w.citation.cited_date for w in witnesses):
        dated = min((w for w in witnesses if w.citation.cited_date), key=lambda w: (w.citing.plan_id, w.citation.citation_no))
        cells |= {"issue_date": dated.citation.cited_date or "", "issue_date_source": "inferred"}
        fields.append(_field("issue_date", dated.citation.cited_date or "", dated))
    return Told(cells, tuple(fields))


def _unanimous(said: Iterable[str | None]) -> bool:
    return len({value for value in said if value}) == 1


def _field(column: Column, value: str, by: _Witness) -> PlanField:
    where = f"{RULE}:{by.citing.plan_id}:{by.citation.citation_no}"
    return PlanField(column, value, "citation", replace(by.citation.evidence, rule=where))
