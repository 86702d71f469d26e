"""The catalogue of records of Thông tư 02/2019/TT-BNV as CSV and XML; which field holds what stands in rules/tt02.toml."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import msgspec

from pipeline.corpus.tables import Tables, to_arrow
from pipeline.export.csv_tables import excel, plain, shown

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_DIGITS = re.compile(r"(\d+)")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A column with the words before it."""

    column: str
    words: str = ""


@dataclass(frozen=True)
class Field:
    """One field of the catalogue, as rules/tt02.toml describes it."""

    name: str
    vi: str
    length: int | None = None
    column: str | None = None
    part: str | None = None
    special: str | None = None
    value: str | None = None
    parts: tuple[Part, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    only: bool = False
    date: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Example:
    """A number and how it is parted."""

    text: str
    number: str
    notation: str


@dataclass(frozen=True)
class Number:
    """How a number is parted."""

    pattern: str
    examples: tuple[Example, ...]
    never: tuple[str, ...]


@dataclass(frozen=True)
class Root:
    """Names of the XML elements around the fields."""

    list: str
    entry: str


@dataclass(frozen=True)
class Rules:
    """All of rules/tt02.toml."""

    root: Root
    number: Number
    fields: tuple[Field, ...]


@cache
def rules() -> Rules:
    """The field mapping. Raises msgspec.ValidationError where the file does not fit."""
    text = (resources.files("pipeline") / "rules/tt02.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Rules)


def entries(whole: Tables, tables: Tables) -> list[tuple[str, ...]]:
    """A row a document of `tables` in the order of the dossiers, fields as in `rules()`.

    Places in a dossier are counted over `whole`: a document that stays out keeps its number.
    """
    shown_ids = set(tables.plans["plan_id"])
    plans = sorted(to_arrow("plans", whole.plans).to_pylist(), key=_place)
    count = Counter[PurePosixPath]()
    rows = []
    for plan in plans:
        folder = PurePosixPath(plan["source_path"]).parent
        count[folder] += 1
        if plan["plan_id"] in shown_ids:
            special = {"folder": folder.name, "ordinal": str(count[folder])}
            rows.append(tuple(_cut(_value(f, plan, special), f.length) for f in rules().fields))
    return rows


def csv_files(rows: Sequence[Sequence[str]]) -> Mapping[str, bytes]:
    """The catalogue by ending: `.csv`, and `.excel.csv` that is safe to open in Excel."""
    names = [f.name for f in rules().fields]
    return {".csv": plain(names, rows), ".excel.csv": excel(names, [[shown(v) for v in row] for row in rows])}


def xml(rows: Sequence[Sequence[str]]) -> bytes:
    """The catalogue as XML: an element a document, in it an element a field; an empty field is an empty element."""
    root = ElementTree.Element(rules().root.list)
    for row in rows:
        entry = ElementTree.SubElement(root, rules().root.entry)
        for f, value in zip(rules().fields, row, strict=True):
            ElementTree.SubElement(entry, f.name).text = _NOT_XML.sub("\ufffd", value) or None
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _place(plan: Row) -> tuple[Any, ...]:
    """Sorts documents by folder, file name with numbers by their value (`vb2` before `vb10`), and page."""
    path = PurePosixPath(plan["source_path"])
    parts = _DIGITS.split(path.name.casefold())
    natural = tuple((int(p), "") if k % 2 else (-1, p) for k, p in enumerate(parts))
    return path.parent.parts, natural, path.name, plan["page_first"] or 0, plan["plan_id"]


def _value(f: Field, plan: Row, special: Mapping[str, str]) -> str:
    if f.needs and plan[f.needs] in (None, ""):
        return ""
    if f.value is not None:
        return f.value
    if f.special is not None:
        return special[f.special]
    if f.part is not None:
        match = re.fullmatch(rules().number.pattern, plan["number"] or "")
        return match[f.part] if match else ""
    if f.parts:
        return "; ".join(p.words + str(plan[p.column]) for p in f.parts if plan[p.column] is not None)
    if f.column is None or plan[f.column] is None:
        return ""
    value = str(plan[f.column])
    if f.date is not None:
        return _day(value, f.date)
    return f.values.get(value, "" if f.only else value)


def _day(value: str, form: str) -> str:
    try:
        return date.fromisoformat(value).strftime(form) if len(value) == len("2023-04-27") else ""
    except ValueError:  # no day of any calendar
        return ""


def _cut(value: str, length: int | None) -> str:
    return value if length is None or len(value) <= length else value[: length - 1] + "…"
