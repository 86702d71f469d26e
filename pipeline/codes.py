"""Codes that symbols of documents are made of: kinds (rules/doc_types.csv), bodies (rules/issuers.csv), loaded once for all stages."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: `QĐ`, `Quyết định`; not `verified` where no official source prints the code."""

    code: str
    noun: str
    verified: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds that have a code, in the order of the table."""
    return tuple(Kind(r["code"].strip(), r["name_vi"], "unverified" not in r["notes"]) for r in _rows("doc_types.csv"))


@cache
def printed() -> tuple[str, ...]:
    """Every code of a kind or a body as it is printed (`BGD&ĐT`), kinds first, each once."""
    return tuple(dict.fromkeys([k.code for k in kinds()] + [r["code"].strip() for r in _rows("issuers.csv")]))


@cache
def kind_codes(verified: bool = False) -> frozenset[str]:
    """The codes of kinds; of `verified` ones only."""
    return frozenset(k.code for k in kinds() if k.verified or not verified)


@cache
def bodies() -> frozenset[str]:
    """The codes of bodies without `&`: `BGDĐT`."""
    return frozenset(r["code"].strip().replace("&", "") for r in _rows("issuers.csv"))


@cache
def known() -> frozenset[str]:
    """The codes of kinds and of bodies, without `&`."""
    return frozenset(code.replace("&", "") for code in printed())


def _rows(table: str) -> list[dict[str, str]]:
    text = files("pipeline").joinpath(f"rules/{table}").read_text(encoding="utf-8")
    return [r for r in csv.DictReader(text.splitlines()) if r["code"].strip()]
