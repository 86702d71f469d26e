"""Names of bodies in running text: where one begins and ends, and its official form.

The lexicon's names are matched longest first; an unknown body is read from its first word (`Chi cục`, `Ban Chỉ đạo`) up to punctuation
or a word that goes on with the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract import authority, spelling
from pipeline.extract.rules import alternatives, load, table
from pipeline.text import fold, one_blank


@dataclass(frozen=True, slots=True)
class Name:
    """`text[start:end]`; `lexicon` where its words up to the locality are those of a body that we know."""

    start: int
    end: int
    lexicon: bool


_UNITS = "tinh|thanh pho|tp\\.?|huyen|quan|thi xa|tx\\.?|thi tran|tt\\.?|xa|phuong|dac khu"


@cache
def _known() -> re.Pattern[str]:
    """Lexicon names with their abbreviations, as one alternation over folded text."""
    spellings: set[str] = set()
    shorts = {fold(r["full"]): fold(r["short"]) for r in table("abbreviations")}
    for r in table("authorities"):
        name = fold(r["name_vi"])
        spellings.add(name)
        spellings.update(fold(v) for v in r["variants"].split("|") if v)
        for full, short in shorts.items():
            if full in name and len(full) > 6:
                spellings.add(one_blank(name.replace(full, short)))
    spellings.update(s for f, s in shorts.items() if f in ("uy ban nhan dan", "hoi dong nhan dan"))
    pattern = alternatives(frozenset(s.replace(" - ", "-") for s in spellings)).replace(r"\-", r"\s*-\s*")
    return re.compile(rf"(?:{pattern})(?!\w)")


@cache
def _office() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(load('names').folded('offices'))})\s+")


@cache
def _stop() -> re.Pattern[str]:
    stops = alternatives(load("names").words("stops"))
    return re.compile(rf"[,;.:()\n“”\"/]|\s(?:{stops})(?!\w)|\s[-–—]\s(?=[a-zđ])", re.IGNORECASE)


# The locality after a body's name: a unit word with a proper name, a unit word alone, or a province's bare name.
_PROPER = r"(?:[A-ZÀ-ỸĐ][\w'’-]*)(?:(?:\s|\s-\s)[A-ZÀ-ỸĐ][\w'’-]*){0,4}|\d{1,2}(?!\d)"
_LOCALITY = re.compile(
    rf"\s+(?:(?i:tỉnh|thành phố|tp\.?|huyện|quận|thị xã|tx\.?|thị trấn|tt\.?|xã|phường|đặc khu))(?:\s*(?:{_PROPER}))?(?!\w)"
)


def at(text: str, folded: str, start: int) -> Name | None:
    """The body's name that begins at `start`; None where none does."""
    begin = start
    office = _office().match(folded, start)
    if office:
        nested = at(text, folded, office.end())
        if nested:
            return Name(start, nested.end, nested.lexicon)
    m = _known().match(folded, begin)
    if m:
        end = _with_locality(text, folded, m.end())
        return Name(start, _and_capitals(text, end), True)
    if office and not text[start : start + 1].isupper():
        return None
    if not authority.opens_body(text[start : start + 40]) or not text[start : start + 1].isupper():
        return None
    stop = _stop().search(text, start + 1, start + 140)
    end = stop.start() if stop else min(start + 140, len(text))
    if end - start > 120 or end - start < 3:
        return None
    return Name(start, start + len(text[start:end].rstrip()), False)


def body_start(text: str, folded: str, start: int) -> int:
    """Where the body begins in `Giám đốc Sở Nội vụ`: after the office of its head."""
    office = _office().match(folded, start)
    if office and at(text, folded, office.end()):
        return office.end()
    chief = re.compile(r"(?:chanh|truong)\s+(?=van phong|phong|ban)").match(folded, start)
    return chief.end() if chief else start


def _with_locality(text: str, folded: str, end: int) -> int:
    m = _LOCALITY.match(text, end)
    if m:
        return m.end()
    m = re.compile(rf"\s+(?:{spelling.provinces_pattern()})(?!\w)").match(folded, end)
    return m.end() if m else end


def _and_capitals(text: str, end: int) -> int:
    """Further words with capitals, which belong to a name that the lexicon holds only in part: `Trường Cao đẳng` + `Y tế Ninh Bình`."""
    while True:
        m = _MORE.match(text, end)
        if m is None or _stop().match(text, end) or fold(text[m.start() + 1 : m.start() + 40]).startswith(_DOCUMENTS):
            return end
        end = m.end()


_MORE = re.compile(r"\s[A-ZÀ-ỸĐ][\w'’]*(?:\s(?:tế|tạo|thông|hội|sản|nghiệp|học|dân|ương|nguyên|trẻ em)(?=\s[A-ZÀ-ỸĐ]|[,;.)\s]))?")
_DOCUMENTS = (
    "nghi dinh",
    "nghi quyet",
    "quyet dinh",
    "thong tu",
    "chi thi",
    "ke hoach",
    "luat ",
    "cong van",
    "huong dan",
    "ket luan",
    "phap lenh",
)


def ending_at(text: str, folded: str, end: int) -> tuple[int, int] | None:
    """The body's name that ends at `end` (blanks and a bracketed abbreviation aside): the longest that begins in its clause."""
    base = max(end - 400, 0)
    before = text[base:end].rstrip()
    if before.endswith(")"):
        before = before[: max(before.rfind("("), 0)].rstrip()
    stop = base + len(before)
    floor = max(stop - 160, 0)
    floor = max(floor, *(text.rfind(mark, floor, stop) for mark in (";", "\n", ". ")))
    for m in re.finditer(r"(?<![\w])[A-ZÀ-ỸĐ]", text[floor:stop]):
        start = floor + m.start()
        name = at(text, folded, start)
        if name and name.end == stop:
            return start, stop
    return None


def official(printed: str, localities: tuple[str, ...]) -> str:
    """The official name of a body named in running text; `tỉnh` or `huyện` alone takes the name that `localities` hold for that unit.

    `UBND tỉnh` in a plan of An Giang → `Ủy ban nhân dân tỉnh An Giang`; `Ban Bí thư` → `Ban Bí thư Trung ương Đảng`.
    """
    name = spelling.spell_out(one_blank(printed))
    full = variants().get(fold(name))
    if full:
        return full
    m = re.search(r"\s(tỉnh|thành phố|huyện|quận|thị xã|xã|phường|thị trấn)$", name, re.IGNORECASE)
    if m:
        where = next((w for w in localities if fold(w).startswith(fold(m[1]))), None)
        return f"{name[: m.start()]} {where}" if where else name
    head = fold(name)
    for w in localities:
        unit, _, proper = w.partition(" ")
        if unit.lower() == "thành":
            unit, proper = "thành", w.split(" ", 2)[-1]
        if head in _COMMITTEES.get(fold(unit), ()) or (known_organ(name) and head.endswith(f" {fold(unit)} uy")):
            return f"{name} {proper}"
    row = authority.known(name)
    of_province = next((w for w in localities if fold(w).startswith(("tinh ", "thanh pho "))), None)
    if (
        row
        and of_province
        and row["takes_place"] == "yes"
        and row["level"] == "province"
        and fold(row["name_vi"]) == head
        and head.startswith("so ")
    ):
        return f"{name} {of_province}"
    return name


def known_organ(name: str) -> bool:
    """Whether the tables hold a Party committee's organ by this name: `Ban Tuyên giáo Tỉnh ủy`."""
    row = authority.known(name)
    return row is not None and row["level"] == "party" and fold(row["name_vi"]) == fold(name)


def with_head(name: str) -> str:
    """A name whose first word was taken for a school's, though a head of an office is meant: `Trường phòng Y tế` → `Trưởng phòng Y tế`."""
    m = load("names")["names.head_misread"].pattern.match(name)
    return f"{m['tr']}ưởng {name[m.start('of') :]}" if m else name


# Party committees by the unit whose name they take: `Tỉnh ủy` in a plan of tỉnh Gia Lai is Tỉnh ủy Gia Lai.
_COMMITTEES = {
    "tinh": ("tinh uy", "ban thuong vu tinh uy", "van phong tinh uy", "tinh doan", "thuong truc tinh uy"),
    "thanh": ("thanh uy", "ban thuong vu thanh uy", "van phong thanh uy", "thanh doan", "thuong truc thanh uy"),
    "huyen": ("huyen uy", "ban thuong vu huyen uy", "van phong huyen uy", "huyen doan"),
    "quan": ("quan uy", "ban thuong vu quan uy"),
}


@cache
def variants() -> dict[str, str]:
    """Other printed names of a body → its official name, folded."""
    return {fold(v): r["name_vi"] for r in table("authorities") for v in r["variants"].split("|") if v}
