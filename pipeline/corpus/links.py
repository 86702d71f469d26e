"""Links between documents: which cited document is in the corpus.

A symbol is no key: state numbers begin again each year, Party numbers each term, and every province has its own `12/QĐ-UBND`.
A citation is linked only where symbol and date agree, and the issuer or the URI that extraction gave both; one that leaves a doubt
stays open (null), never a guess.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from pipeline.document import Citation, Plan, Record
from pipeline.text import fold, nfc, old_tone, one_blank, plain_dashes

_SYMBOL = re.compile(r"0*(\d+)(.*)", re.DOTALL)
_YEAR = re.compile(r"^\d+[./](\d{4})/")  # the year inside a normative symbol: 24/2021/QH15
_PARTY = re.compile(r"^\d+-")  # Party form 05-CT/TW: numbers run for a term, not for a year


@cache
def _heads() -> tuple[str, ...]:
    """Titles of heads of bodies, folded, the longest first."""
    text = (resources.files("pipeline") / "rules/links.toml").read_text(encoding="utf-8")
    return tuple(sorted((fold(old_tone(w)) + " " for w in tomllib.loads(text)["head"]["words"]), key=len, reverse=True))


@cache
def _placed() -> re.Pattern[str]:
    text = (resources.files("pipeline") / "rules/links.toml").read_text(encoding="utf-8")
    levels = (re.escape(body(word)) for word in tomllib.loads(text)["place"]["levels"])
    return re.compile(rf"\b(?:{'|'.join(levels)}) \w")


@lru_cache(maxsize=50_000)
def one_of_its_name(name: str) -> bool:
    """Whether a body is named with its province, so that no other bears the name: `Sở Y tế tỉnh Cà Mau`, not `Ủy ban nhân dân tỉnh`."""
    return _placed().search(body(name)) is not None


@cache
def _central() -> Mapping[str, str]:
    """Codes of bodies of which the country has one, with the name of the body as `body` gives it."""
    text = (resources.files("pipeline") / "rules/issuers.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: body(row["name_vi"]) for row in rows if row["level"] in ("central", "ministry")}


class Cited(NamedTuple):
    """Of a citation what its link hangs on."""

    cited_id: str | None
    cited_type: str | None
    cited_date: str | None
    cited_issuer: str | None
    cited_uri: str | None


class Index:
    """The plans of a corpus by their symbols."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._by_symbol: dict[str, list[Plan]] = defaultdict(list)
        for plan in plans:
            if plan.number:
                self._by_symbol[symbol(plan.number)].append(plan)

    def holds(self, number: str) -> bool:
        """Whether any plan has the number, whoever issued it."""
        return symbol(number) in self._by_symbol

    def target(self, citation: Citation | Cited, citing: Plan) -> str | None:
        """The plan_id of the cited document where it is in the corpus, for certain."""
        if not citation.cited_id:
            return None
        found = [
            plan
            for plan in self._by_symbol.get(symbol(citation.cited_id), ())
            if plan.plan_id != citing.plan_id
            and _same_day(citation, plan)
            and _same_kind(citation, plan)
            and (_same_uri(citation, plan) or same_issuer(citation, plan, citing))
        ]
        # Two scans of one document are the same document: the first of them by id. Two documents leave a doubt.
        if len({(plan.issue_date, body(plan.issuing_authority or "")) for plan in found}) != 1:
            return None
        return min(plan.plan_id for plan in found)

    def linked(self, record: Record) -> Record:
        """The record with `cited_plan_id` filled where it can be; other links are cleared."""
        links = [self.target(citation, record.plan) for citation in record.citations]
        if all(c.cited_plan_id == link for c, link in zip(record.citations, links, strict=True)):
            return record
        return replace(record, citations=tuple(replace(c, cited_plan_id=k) for c, k in zip(record.citations, links, strict=True)))


@lru_cache(maxsize=100_000)
def symbol(number: str) -> str:
    """A number and symbol as it is compared: NFC, dashes and slashes plain, no blanks, no leading zeros; the case counts.

    `Số 05–CT/TW` and `5-CT/TW` are the same, `QĐ-TTG` and `QĐ-TTg` are not.
    """
    plain = re.sub(r"\s", "", plain_dashes(nfc(number)))
    match = _SYMBOL.fullmatch(plain)
    return match.group(1) + match.group(2) if match else plain


def _same_day(citation: Citation | Cited, plan: Plan) -> bool:
    """The printed dates agree as far as both go, at least in the year; a normative symbol tells its year itself."""
    if citation.cited_date and plan.issue_date:
        common = min(len(citation.cited_date), len(plan.issue_date))
        if citation.cited_date[:common] != plan.issue_date[:common]:
            return False
        return common == 10 or not _PARTY.match(symbol(citation.cited_id or ""))
    return bool(_YEAR.match(symbol(citation.cited_id or "")))


def _same_kind(citation: Citation | Cited, plan: Plan) -> bool:
    return not citation.cited_type or not plan.doc_type or fold(citation.cited_type) == fold(plan.doc_type)


def _same_uri(citation: Citation | Cited, plan: Plan) -> bool:
    """Whether extraction settled both on one key of body, locality, kind, year and number; year 0000 stands for an unknown one."""
    return citation.cited_uri is not None and citation.cited_uri == plan.uri and "/0000/" not in citation.cited_uri


def same_issuer(citation: Citation | Cited, plan: Plan, citing: Plan) -> bool:
    """Whether the issuer agrees: by name, by a name that the citing body's own locality completes, or by a code that only one body has."""
    if plan.issuing_authority is None:
        return False
    owner, own = body(plan.issuing_authority), body(citing.issuing_authority or "")
    if citation.cited_issuer is None:
        return owner == own or owner in central_bodies(citation.cited_id or "")
    cited = body(citation.cited_issuer)
    if cited == owner:
        return True
    # "Ủy ban nhân dân tỉnh" in a plan of "Sở Tư pháp tỉnh An Giang" is that of An Giang. A bare "Ủy ban nhân dân" in a plan of the
    # Ủy ban nhân dân of a district may be its own or that of the province: open.
    place = owner.removeprefix(f"{cited} ")
    return place != owner and own.endswith(f" {place}") and (own == owner or not own.startswith(f"{cited} "))


@lru_cache(maxsize=100_000)
def body(name: str) -> str:
    """The body behind a name, as it is compared: lower case, one place of the tone mark, no head.

    `Bộ trưởng Bộ Tư pháp` → `bộ tư pháp`. Diacritics count: `Hà Nam` is not `Hà Nấm`.
    """
    plain = one_blank(re.sub(r"[-–,]", " ", old_tone(nfc(name)).lower()))
    folded = fold(plain)
    return next((plain[len(head) :] for head in _heads() if folded.startswith(head)), plain)


@lru_cache(maxsize=100_000)
def central_bodies(number: str) -> frozenset[str]:
    """The bodies that a symbol names by codes that only one body of the country has: `303/QĐ-BTP`, `24/2021/QH15`; not `12/QĐ-UBND`."""
    parts = re.split(r"[/-]", symbol(number))[1:]
    return frozenset(_central()[code] for part in parts if (code := re.sub(r"\d+$", "", part)) in _central())
