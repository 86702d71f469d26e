"""The markers that paragraphs begin with (`II.`, `1.1.`, `a)`, `-`), and the ways in which a misread one may be meant.

What a marker is, depends on its neighbours: outline.py chooses among the readings. Costs of misread ones: rules/markers.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from pipeline.extract.rules import Rule, load, table
from pipeline.extract.titles import in_capitals, opens_part
from pipeline.text import fold, plain_dashes

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_POINTS = ("a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v")
_ORDINALS = {"nhat": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5}
BULLETS = ("dash", "plus", "star")
_NOISY = re.compile(r"(?P<mark>[IVXLHT1lOSBdv|\]ỊÏÍÌĨY]{1,5})\s?[.)/-]\s*(?![/\d])")
_STOPLESS = re.compile(r"(?P<mark>[IVXLHT1lU|\]]{1,4})\s+(?=[^\W\d_]{2,}\s[^\W\d_]{2,})")
_COMMA = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,2}|[IVX]{1,4}),(?=\s[^\W\d_])")
_SCRAP = re.compile(r"['‘’`´_:|\"“”*]{1,2}\s?(?=(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,4})[.,]\s)")
_PART = re.compile(r"(?<=^ph[aầ]n )[IVXHTl1|\]]{1,5}(?=$|[\s.:])", re.IGNORECASE)
HEAD = 24  # characters in which a marker stands
RESTART = 2.2  # of Roman parts that a recogniser read: more likely a stroke was lost (`I.` for `II.`)
_STOP_LOST = 0.4  # cost of a marker whose point was not read
_LOST = 1.0  # of a heading in capitals whose whole marker was not read
_MOST_LOST = 8  # the highest number that such a heading may bear
_ONLY_MISREAD = 0.8  # costs from here on are those of markers that are well formed, believed only of what a recogniser read

Value = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """One way to read a marker: its scheme, value and label, the length of its print, what reading it so costs, and its rule."""

    scheme: str
    value: Value
    label: str
    length: int
    cost: float
    rule: str
    capitals: bool = False  # whether the words after the marker are in capitals
    restart: float = 1.5  # cost of counting anew, or of the same number twice


def _roman(text: str) -> int | None:
    values = [_ROMAN[c] for c in text]
    total = sum(-v if k + 1 < len(values) and values[k + 1] > v else v for k, v in enumerate(values))
    return total if 0 < total <= 40 and _to_roman(total) == text else None


def _to_roman(n: int) -> str:
    out = ""
    for v, s in ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while n >= v:
            out, n = out + s, n - v
    return out


def _value(scheme: str, mark: str) -> Value | None:
    if scheme == "point":
        m = mark.lower()
        return (_POINTS.index(m) + 1,) if m in _POINTS else None
    if scheme == "letter":
        return ("ABCDEFGH".index(mark) + 1,) if mark in "ABCDEFGH" else (4,)
    if scheme == "multi":
        parts = mark.split(".")
        head = int(parts[0]) if parts[0].isdigit() else _roman(parts[0])
        return None if head is None else (head, *map(int, parts[1:]))
    if mark.isdigit():
        return (int(mark),) if int(mark) > 0 else None
    if fold(mark) in _ORDINALS:
        return (_ORDINALS[fold(mark)],)
    if set(mark) <= set(_ROMAN):
        n = _roman(mark)
        return None if n is None else (n,)
    return None


@cache
def marker_rules() -> tuple[tuple[str, Rule], ...]:
    """The schemes with their rules, in the order in which they are asked."""
    return tuple((r.value("scheme"), r) for r in load("outline").starting("marker."))


@cache
def _confused() -> dict[str, tuple[tuple[str, str, float], ...]]:
    out: dict[str, list[tuple[str, str, float]]] = {}
    for r in table("markers"):
        out.setdefault(r["read"], []).append((r["meant"], r["scheme"], float(r["cost"])))
    return {k: tuple(v) for k, v in out.items()}


def readings(text: str, recognised: bool = False) -> tuple[Marker, ...]:
    """The ways to read the marker that a paragraph begins with; () for a plain one. `recognised`: a recogniser read the text."""
    if recognised and (scrap := _SCRAP.match(text)):
        return tuple(replace(r, length=r.length + scrap.end()) for r in readings(text[scrap.end() :]))
    out = _of_head(text[: HEAD + 1], recognised)
    if out or not recognised:
        return out
    m = _STOPLESS.match(plain_dashes(text[:HEAD]))
    if not m or not in_capitals(text):
        return ()
    own = ((m["mark"], "roman", 0.0),) if set(m["mark"]) <= set("IVX") else ()  # no plan has fifty parts: `L MỤC ĐÍCH` is I
    return tuple(
        Marker(scheme, value, meant, m.end(), cost + _STOP_LOST, f"marker.{scheme}")
        for meant, scheme, cost in (*own, *_confused().get(m["mark"], ()))
        if scheme == "roman" and (value := _value(scheme, meant)) is not None
    )


def lost(text: str) -> tuple[Marker, ...]:
    """The Roman numbers that a heading in capitals may have lost (`TỔ CHỨC THỰC HIỆN:`); () for words that head no part."""
    if len(text) > 80 or not in_capitals(text) or not opens_part(text):
        return ()
    return tuple(Marker("roman", (n,), _to_roman(n), 0, _LOST, "marker.roman") for n in range(1, _MOST_LOST + 1))


def with_part(words: str) -> str:
    """The words with the number of a part of which strokes were misread: `Phần H` is Phần II."""

    def meant(m: re.Match[str]) -> str:
        return m[0] if _value("roman", m[0].upper()) else next((x for x, scheme, _ in _confused().get(m[0], ()) if scheme == "roman"), m[0])

    return _PART.sub(meant, words, count=1)


@lru_cache(maxsize=4096)
def _of_head(text: str, recognised: bool) -> tuple[Marker, ...]:
    """The readings of a marker with its point, by the first characters of a paragraph."""
    head = plain_dashes(text[:HEAD])
    if recognised:
        head = _COMMA.sub(r"\1.", head, count=1) if _COMMA.match(head) else head
    out: list[Marker] = []
    part = with_part(head) if recognised else head
    for scheme, rule in marker_rules():
        m = rule.pattern.match(part if scheme == "part" else head)
        end = m.end() + (len(head) - len(part) if scheme == "part" else 0) if m else 0
        if not m or end >= len(text):
            continue
        if scheme in BULLETS:
            if not out:
                out.append(Marker(scheme, (), "", m.end(), 0.0, rule.id))
            break
        value = _value(scheme, m["mark"])
        if value is None or (scheme == "multi" and any(r.scheme == "multi" for r in out)):
            continue
        label = _to_roman(value[0]) if scheme == "part" and not m["mark"].isdigit() else m["mark"]
        out.append(Marker(scheme, value, label, end, 0.0, rule.id))
        if scheme == "part" and recognised:  # a stroke was lost: `Phần II` after Phần II
            others = ((x, cost) for x, s, cost in _confused().get(m["mark"], ()) if s == "roman")
            out += [Marker(scheme, v, x, end, cost, rule.id) for x, cost in others if (v := _value(scheme, x)) is not None]
        if scheme in ("part", "chapter", "item", "article", "multi"):
            return tuple(out)
    m = _NOISY.match(head)
    if m and m.end() < len(text):
        for meant, scheme, cost in _confused().get(m["mark"], ()):
            value = _value(scheme, meant)
            if value is not None and (recognised or cost < _ONLY_MISREAD):
                out.append(Marker(scheme, value, meant, m.end(), cost, f"marker.{scheme}"))
    return tuple(out)


def placed(r: Marker, words: str, recognised: bool) -> Marker:
    """The marker with what the words after it tell of it."""
    if not in_capitals(words):
        return r
    return replace(r, capitals=True, restart=RESTART if recognised and r.scheme == "roman" else r.restart)
