"""Bodies of a letterhead: which lines are one name, and who issues, with the locality that the letterhead prints.

`SỞ TƯ PHÁP` under `UBND TỈNH AN GIANG` is `Sở Tư pháp tỉnh An Giang`. Lexicon: rules/authorities.csv (with validity dates); how names
are spelt: `spelling`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract.rules import alternatives, load, table
from pipeline.extract.spelling import Province, abbreviation_pattern, province, province_rows, provinces_pattern, spell_out, typed
from pipeline.text import fold, old_tone


@dataclass(frozen=True, slots=True)
class Authority:
    """Who issues, as read from a letterhead: official names, and the locality (`tỉnh An Giang`) where one is printed."""

    name: str
    parent: str | None
    locality: str | None
    province: Province | None


@cache
def _heads() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(load('authority').folded('heads'))})\b")


def opens_body(text: str) -> bool:
    """Whether a line can open a body's name; a head of one syllable counts in its own marks only (`PHONG TRÀO` is no Phòng)."""
    line = text.strip()
    m = _heads().match(fold(line))
    if m is None:
        short = abbreviation_pattern().match(line)
        return short is not None and short.group().strip().isupper() and bool(_heads().match(fold(spell_out(short.group()))))
    in_marks = " " in m.group() or _is_bare(line) or old_tone(line[: m.end()]).lower() in _heads_in_marks()
    return in_marks or known(line) is not None


def _is_bare(text: str) -> bool:
    """Whether a text is printed without any diacritics."""
    return fold(text) == text.lower()


@cache
def _marked_heads() -> dict[str, str]:
    """Heads folded → in their marks, where one alone is spelt so and it has marks."""
    heads = load("authority").words("heads")
    folded = [fold(h) for h in heads]
    return {f: h for f, h in zip(folded, heads, strict=True) if folded.count(f) == 1 and f != h}


@cache
def _marked_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[,;] )|(?<=\bcác ))(?:{alternatives(frozenset(_marked_heads()))})(?!\w)")


def with_heads(name: str) -> str:
    """A list of names whose heads have the marks that a reader lost or mistook: `Phong GDĐT các huyện` → `Phòng GDĐT các huyện`.

    A head of one syllable is changed only where it bears no mark at all.
    """
    out, at = [], 0
    for m in _marked_pattern().finditer(fold(name)):
        shown = name[m.start() : m.end()]
        head = _marked_heads()[m.group()]
        if old_tone(shown).lower() != head and (" " in head or _is_bare(shown)):
            out += [name[at : m.start()], head.upper() if shown.isupper() else head.capitalize() if shown[0].isupper() else head]
            at = m.end()
    return "".join(out) + name[at:]


@cache
def _heads_in_marks() -> frozenset[str]:
    return frozenset(old_tone(w) for w in load("authority").words("heads"))


def bodies(lines: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """The printed lines of the left column, grouped by body from top to bottom (indexes into `lines`).

    `ỦY BAN NHÂN DÂN` / `TỈNH AN GIANG` is one body; `BỘ TƯ PHÁP` / `CỤC TRỢ GIÚP PHÁP LÝ` are two.
    """
    groups: list[list[int]] = []
    for k, line in enumerate(lines):
        before = fold(lines[k - 1]).strip() if k else ""
        whole = bool(groups) and _incomplete(before) and not (before.endswith("chap hanh trung uong") and _of_party(line))
        if groups and (whole or not opens_body(line) or _one_name(lines[k - 1], line)):
            groups[-1].append(k)
        else:
            groups.append([k])
    return tuple(tuple(g) for g in groups)


def _one_name(before: str, line: str) -> bool:
    """Whether a known name begins in a line and ends in the next: `SỞ NÔNG NGHIỆP VÀ MÔI` / `TRƯỜNG`."""
    first = fold(spell_out(before)).split()
    row = known(" ".join((*first, fold(line))))
    return row is not None and len(row["name_vi"].split()) > len(first)


def _of_party(line: str) -> bool:
    """Whether a line under `BAN CHẤP HÀNH TRUNG ƯƠNG` names a body of the Party's own, and no mass organisation."""
    return fold(line).strip().startswith(tuple(load("authority").folded("central_organs")))


def _incomplete(before: str) -> bool:
    """Whether a line can't end a name: it ends in a joining word, a comma or a dash, or is the bare first word of a name."""
    return bool(
        re.search(r"(?:\b(?:va|cua|ve|cac|thuc hien|cong doan|dang uy|dang bo|chi bo|trung uong|ban chap hanh|bch|doan|hoi)|[,-])$", before)
    ) or before in ("so", "bo", "cuc", "truong", "tong cuc")


@cache
def _levels() -> dict[str, dict[str, str]]:
    return {fold(r["name_vi"]): r for r in table("authorities")}


def known(name: str) -> dict[str, str] | None:
    """The row of authorities.csv of a name without locality, or of the longest name that it starts with."""
    words = fold(name).split()
    for n in range(len(words), 0, -1):
        row = _levels().get(" ".join(words[:n]))
        if row:
            return row
    return None


def is_known(name: str) -> bool:
    """Whether every word of a spelt-out name stands in a table: a body, and nothing behind it but a province with its type."""
    row = known(name)
    if row is None:
        return False
    rest = name.split()[len(row["name_vi"].split()) :]
    if rest and row["level"] == "party" and fold(" ".join(rest)) in province_rows():
        return True  # `Tỉnh ủy Sơn La`
    if rest and fold(rest[0]) in ("tinh", "thanh"):
        where = province(" ".join(rest))
        return where is not None and fold(where.typed) == fold(" ".join(rest))
    return not rest


_LOCALITY = re.compile(
    r"(?:^|(?<=\s))(tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu)\s+(?!ủy\b|đoàn\b|hội\b)(\S.*)$", re.IGNORECASE
)


def locality(name: str) -> str | None:
    """`tỉnh An Giang` at the end of a spelt-out name; None where none is printed."""
    m = _LOCALITY.search(name)
    if not m or not (m[2][0].isupper() or m[2][0].isdigit()):
        return None
    return typed(m[1].lower(), m[2])


def place_of(locality: str) -> str:
    """The bare name of a locality: `xã Bình Tân` → `Bình Tân`."""
    m = _LOCALITY.search(locality)
    return m[2] if m else ""


def official(printed: tuple[str, ...], place: str | None, date: str | None) -> Authority:
    """The issuing body of a letterhead: `printed` are its bodies from top to bottom, `place` and ISO `date` those of the place line.

    Nothing is added that the letterhead does not print: the locality comes from the body above, from the name itself (`SỞ TƯ PHÁP AN
    GIANG`), or, for a body of a province's level, from the place.
    """
    names = tuple(" - ".join(_halves(spelt)) or _with_unit(spelt, date) for spelt in map(spell_out, printed))
    names = tuple(_province_spelt(_province_whole(n, place)) for n in names)
    name, parent = names[-1], names[-2] if len(names) > 1 else None
    here = province(place, date) if place else None
    above = next((w for p in reversed(names[:-1]) if (w := locality(p))), None)
    row = known(name)
    if locality(name) is None:
        if above and (joint := _halves(name, above)):
            name = " - ".join(joint)
        elif above and fold(name).endswith(" " + fold(above.split(" ")[0])):
            name = f"{name.rsplit(' ', 1)[0]} {above}"  # `Đảng ủy Ủy ban nhân dân tỉnh` under Đảng bộ tỉnh Lâm Đồng
        elif parent and fold(parent).endswith("trung uong") and fold(f"{name} trung ương") in _levels():
            name = _levels()[fold(f"{name} trung ương")]["name_vi"]
        elif parent and fold(name) in load("authority").folded("organs"):
            name = f"{name} {parent}"
        elif row and row["takes_place"] == "yes" and not _own_place(name):
            where = above or (here.typed if here and row["level"] in ("province", "mass_org") else None)
            name = f"{name} {where}" if where else name
    where = locality(name) or above
    found = [province(w, date) for n in (name, *reversed(names[:-1])) if (w := locality(n)) and re.match(r"(?i)tỉnh |thành phố ", w)]
    tails = [_bare_tail(n, date) for n in names]
    local = where is not None or (row is not None and row["takes_place"] != "no")
    above_it = " ".join(_levels()[k]["name_vi"] if (k := f"{fold(p)} dang") in _levels() else p for p in names[:-1])
    return Authority(name, above_it if parent else None, where, next((p for p in [*found, *tails, here if local else None] if p), None))


_OF_PROVINCE = re.compile(r"(?:(?<=\w )|^)(?:tỉnh(?: ủy| đoàn)?|Tỉnh(?: ủy| đoàn)) (?P<name>[^\W\d_]\S*(?: [^\W\d_a-z]\S*){0,3})$")


def _province_spelt(name: str) -> str:
    """A name whose province stands as the tables write it: behind `tỉnh` or `Tỉnh ủy` can stand nothing else (`Tỉnh ủy Sơn Là`)."""
    m = _OF_PROVINCE.search(name)
    rows = province_rows().get(fold(m["name"]), ()) if m else ()
    return name[: m.start("name")] + rows[0]["name_vi"] if m and rows else name


def _province_whole(name: str, place: str | None) -> str:
    """A name of whose province the last word was not read, with it: `Tòa án nhân dân tỉnh Phú` of a plan from Phú Thọ."""
    m = _OF_PROVINCE.search(name)
    cut = m is not None and fold(m["name"]) not in province_rows() and fold(place or "").startswith(fold(m["name"]) + " ")
    return name[: m.start("name")] + place if m and place and cut and fold(place) in province_rows() else name


def _own_place(name: str) -> bool:
    """Whether a body's own name ends in a place: `Bệnh viện Đa khoa khu vực Ninh Hòa`."""
    return any(re.search(rf"\b{w} \w", fold(name)) for w in load("authority").folded("own_places"))


def _halves(name: str, above: str | None = None) -> tuple[str, ...]:
    """The bodies that a line joins by a dash: `Công an tỉnh - Sở Y tế tỉnh Hà Nam` gives both, with the place printed last or `above`."""
    halves = tuple(h.strip() for h in re.split(r"\s[-–]\s", name))
    where = locality(halves[-1]) or above
    if len(halves) < 2 or where is None or not all(opens_body(h) for h in halves):
        return ()
    unit = where.split()[0]
    named = [h if locality(h) else f"{h[: -len(unit)].rstrip() if h.lower().endswith(' ' + unit) else h} {where}" for h in halves]
    return tuple(h[:1].upper() + h[1:] for h in named)


def _with_unit(name: str, date: str | None) -> str:
    """`Sở Tư pháp An Giang` → `Sở Tư pháp tỉnh An Giang`; a Party committee's own name takes no unit (`Tỉnh ủy An Giang`)."""
    row, tail = known(name), _bare_tail(name, date)
    if not tail or not row or row["takes_place"] != "yes" or locality(name):
        return name
    return f"{name[: -len(tail.name)].rstrip()} {tail.typed}"


def _bare_tail(name: str, date: str | None) -> Province | None:
    """The province at the end of a name that prints it without its type: `Sở Tư pháp An Giang`."""
    m = re.search(rf"(?<=\w )({provinces_pattern()})$", fold(name))
    return province(name[m.start() :], date) if m else None
