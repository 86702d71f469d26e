"""Abbreviations that are known beforehand: they pass as they were read, or get back the stroke that no English model can write.

`TM.` is no `TÙ.`, `(LDTBXH)` is `(LĐTBXH)`. Where a code with D and one with Đ both exist (`HD`, `HĐ`), both are kept and the words
around decide.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files

from pipeline.repair.symbols import looks

_TABLES = (("doc_types.csv", "code"), ("issuers.csv", "code"), ("abbreviations.csv", "short"))


@cache
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = tomllib.loads(files("pipeline").joinpath("rules/kept.toml").read_text(encoding="utf-8"))["words"]
    return words


@cache
def middle_names() -> tuple[str, ...]:
    """The commonest second words of names, in small letters."""
    return tuple(_words()["middle_names"])


@cache
def known() -> frozenset[str]:
    """Every abbreviation that the rules name, two letters or more: `TM`, `TTg`, `LĐ-TB&XH`."""
    rules = files("pipeline").joinpath("rules")
    found = {w for kind in ("signing", "degrees") for w in _words()[kind]}
    for table, column in _TABLES:
        for row in csv.DictReader(rules.joinpath(table).read_text(encoding="utf-8").splitlines()):
            found.add(row[column].strip().strip("."))
    return frozenset(w for w in found if sum(c.isalpha() for c in w) > 1)


@cache
def _by_looks() -> dict[str, tuple[str, ...]]:
    out: dict[str, list[str]] = {}
    for word in sorted(known()):
        out.setdefault(looks(word), []).append(word)
    return {k: tuple(v) for k, v in out.items()}


def stroked(body: str) -> tuple[str, ...]:
    """Known abbreviations that `body` may be with strokes that were lost, none of them itself: `GDDT` → `GDĐT`."""
    return tuple(w for w in _by_looks().get(body.upper(), ()) if "Đ" in w and w != body) if "D" in body else ()
