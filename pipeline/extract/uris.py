"""Keys of documents (spec/plans.md 2.6): `vn/ttg/qd/2022/666`, `vn/tw/ct/k13/05`, `vn/qh15/nq/2021/24`, `vn/an-giang/stp/kh/2023/78`.

A symbol alone is no key: numbers restart each year, Party numbers each term, local codes stand in every locality.
"""

from __future__ import annotations

import re

from pipeline.extract import authority, codes
from pipeline.extract.identifiers import Identifier, one
from pipeline.text import fold

# First day of each term of the Party's congress, by its number (spec/plans.md 2.6; the day of the XIV congress is approximate).
_TERMS = (("2026-01-25", 14), ("2021-02-01", 13), ("2016-01-28", 12), ("2011-01-19", 11), ("2006-04-26", 10))
_ROMAN = {"X": 10, "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15}


def key(found: Identifier, date: str | None, noun: str | None, province: authority.Province | None, term: str | None = None) -> str | None:
    """The key of a symbol; None where the year, the term, the kind or the locality that it needs is not known.

    `noun` is the printed kind (a National Assembly symbol prints none), `term` a printed `khóa XIII`.
    """
    number = found.number.replace(".", "-")
    slug = _slug(found.issuer)
    year = found.year or (date[:4] if date else None)
    if found.form == "qh":
        kind = {"luat": "luat", "bo luat": "luat", "nghi quyet": "nq", "phap lenh": "pl"}.get(fold(noun or ""))
        return f"vn/{slug}/{kind}/{found.year}/{number}" if kind else None
    row = codes.issuers().get(found.issuer, {})
    level = row.get("level", "")
    kind = _slug(found.type_code) if found.type_code else "cv"
    if found.form == "party":
        if level != "party" or row.get("parent") not in ("TW", "") or found.issuer in ("TU", "HU", "QU", "ThU", "ĐU"):
            return None
        k = _ROMAN.get(term or "") or (next((n for day, n in _TERMS if date >= day), None) if date and len(date) == 10 else None)
        return f"vn/{slug}/{kind}/k{k}/{number}" if k else None
    if found.form not in ("admin", "norm", "cv") or not year:
        return None
    series = "n" if found.form == "norm" else ""
    units = "".join(f"-{_slug(u)}" for u in found.units) if found.form == "cv" else ""
    if level in ("central", "ministry"):
        return f"vn/{slug}/{kind}/{year}/{number}{series}{units}"
    if level == "province" and province:
        return f"vn/{province.slug}/{slug}/{kind}/{year}/{number}{series}{units}"
    return None


def own(values: dict[str, str], who: authority.Authority | None) -> str | None:
    """The key of the document in hand."""
    found = one(values.get("number", ""))
    name = values.get("issuing_authority", "")
    if found is None or not name:
        return None
    province = who.province if who else None
    if re.search(r"\b(?:huyện|quận|thị xã|xã|phường|thị trấn|đặc khu) [A-ZÀ-ỸĐ0-9]", name):
        return None  # the key of a district's or commune's document needs names that the letterhead may not print in full
    return key(found, values.get("issue_date"), values.get("doc_type"), province)


def _slug(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(code)).strip("-")
