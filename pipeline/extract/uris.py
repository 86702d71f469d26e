"""Keys of documents (spec/plans.md 2.6): `vn/ttg/qd/2022/666`, `vn/tw/ct/k13/05`, `vn/qh15/nq/2021/24`, `vn/an-giang/stp/kh/2023/78`,
`vn/an-giang/huyen-tri-ton/ubnd/kh/2023/78`.

A symbol alone is no key: numbers restart each year, Party numbers each term, local codes stand in every locality.
"""

from __future__ import annotations

import re

from pipeline.extract import authority, codes, spelling
from pipeline.extract.identifiers import Identifier, one
from pipeline.text import fold

# First day of each term of the Party's congress, by its number (spec/plans.md 2.6; the day of the XIV congress is approximate).
_TERMS = (("2026-01-25", 14), ("2021-02-01", 13), ("2016-01-28", 12), ("2011-01-19", 11), ("2006-04-26", 10))
# Districts had bodies of their own until the day before (spec/plans.md 3.1).
_NO_DISTRICTS = "2025-07-01"
_DISTRICT = re.compile(r"(?:huyện|quận|thị xã)\s", re.IGNORECASE)
_COMMUNE = re.compile(r"(?:xã|phường|thị trấn|đặc khu)\s", re.IGNORECASE)
_ROMAN = {"X": 10, "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15}


def key(
    found: Identifier,
    date: str | None,
    noun: str | None,
    province: spelling.Province | None,
    term: str | None = None,
    below_province: tuple[str, ...] | None = (),
) -> str | None:
    """The key of a symbol; None where the year, the term, the kind or the locality that it needs is not known.

    `noun` is the printed kind (a National Assembly symbol prints none), `term` a printed `khóa XIII`; `below_province` are the district and
    the commune of the body that issued it (`below`), None where not all of them are known.
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
    local = ("province", "district", "commune") if below_province else ("province",)
    if level in local and province and below_province is not None:
        where = "/".join((province.slug, *map(_slug, below_province)))
        return f"vn/{where}/{slug}/{kind}/{year}/{number}{series}{units}"
    return None


def below(name: str, parent: str | None, date: str | None) -> tuple[str, ...] | None:
    """The district and commune whose body it is: (`huyện Tri Tôn`, `xã Vĩnh Gia`) for that commune's UBND.


    () for a body of a province; None for a commune of the time of districts (until 30/6/2025) whose district is not printed.
    """
    own_unit, above = (authority.locality(n) if n else None for n in (name, parent))
    district = next((w for w in (own_unit, above) if w and _is_district(w)), None)
    if own_unit and _COMMUNE.match(own_unit):
        if district:
            return district, own_unit
        return (own_unit,) if date and date >= _NO_DISTRICTS else None
    return (district,) if district and district == own_unit else ()


def _is_district(unit: str) -> bool:
    """Whether a unit is of the level of districts: also a city that is no province (`thành phố Long Xuyên`)."""
    return bool(_DISTRICT.match(unit)) or (unit.lower().startswith("thành phố ") and spelling.province(unit) is None)


def own(values: dict[str, str], who: authority.Authority | None) -> str | None:
    """The key of the document in hand."""
    found = one(values.get("number", ""))
    name = values.get("issuing_authority", "")
    if found is None or not name:
        return None
    province = who.province if who else None
    date = values.get("issue_date")
    return key(found, date, values.get("doc_type"), province, None, below(name, values.get("parent_authority"), date))


def _slug(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(code)).strip("-")
