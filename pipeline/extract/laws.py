"""Documents named without a number: laws, codes, ordinances, congress resolutions, international compacts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.extract.rules import alternatives, load, table
from pipeline.text import fold, one_blank


class TypeWord(NamedTuple):
    """`text[start:end]` is `Luật`, `Bộ luật`, `Hiến pháp`, …"""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Law:
    """`text[start:end]` names a document; `kind` is its type word in normal case, `name` its name with the type word."""

    start: int
    end: int
    kind: str
    name: str


_PERSONS = re.compile(r"luat (?:gia|su)(?!\w)")
_AMENDS = re.compile(r"(luat) sua doi,? bo sung (?:mot so dieu (?:cua )?|cac )")
REACH = 200  # characters in which the end of a name is looked for


@cache
def _kind() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives(load('citations').folded('named') - {'bo luat'})})(?!\w)")


@cache
def _no_law() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(load('citations').folded('no_law_after'))})\s+$")


@cache
def _known() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(frozenset(fold(r['name_vi']) for r in table('laws')))})(?!\w)")


@cache
def _names() -> dict[str, str]:
    """Names of laws, folded → as they are written: marks lost or misread are taken from the lexicon."""
    return {fold(r["name_vi"]): r["name_vi"] for r in table("laws")}


@cache
def _stops() -> re.Pattern[str]:
    return re.compile(rf"[,;:.()\n“”\"/]|\s(?:{alternatives(load('citations').words('name_stops'))})(?!\w)|\s\d|\s[-–]\s", re.IGNORECASE)


def type_words(text: str, folded: str, most: int | None = None) -> list[TypeWord]:
    """The type words in capitals that may begin a name, in order, or the first `most` of them."""
    out: list[TypeWord] = []
    for m in _kind().finditer(folded):
        code = m.group() == "luat" and folded.endswith("bo ", 0, m.start()) and text[m.start() - 3].isupper()
        if code or text[m.start()].isupper():  # pháp luật, luật pháp, dự án luật name none
            out.append(TypeWord(m.start() - 3 if code else m.start(), m.end()))
            if len(out) == most:
                break
    return out


def laws(text: str, folded: str, words: Iterable[TypeWord]) -> list[Law]:
    """The documents that the type words name, in order; an amending law and the law that it amends are two."""
    out: list[Law] = []
    for word in words:
        if out and word.start < out[-1].end and not _inside_amending(out[-1], word.start):
            continue
        law = _read(text, folded, word.start, word.end)
        if law:
            out.append(law)
    return out


def _inside_amending(law: Law, start: int) -> bool:
    return law.name.lower().startswith("luật sửa đổi") and start > law.start


def of_name(name: str) -> str:
    """What two printings of a name have in common."""
    return one_blank(re.sub(r"\W+", " ", fold(name)))


def _read(text: str, folded: str, start: int, after: int) -> Law | None:
    word = text[start:after]
    if _no_law().search(folded[max(0, start - 24) : start]) or _PERSONS.match(folded, start):
        return None  # persons, and what they founded: `Hội Luật gia`
    kind = word[0] + word[1:].lower() if not word.islower() else word
    kind = "Nghị quyết" if fold(word).startswith("nghi quyet") else "Thỏa thuận" if fold(word).startswith("thoa thuan") else one_blank(kind)
    if fold(word).startswith("hien phap"):
        year = re.compile(r"\s+(?:nuoc cong hoa xa hoi chu nghia viet nam\s*)?(?:nam\s+\d{4})?").match(folded, after)
        end = year.end() if year else after
        return Law(start, start + len(text[start:end].rstrip()), "Hiến pháp", one_blank(text[start:end]))
    amends = _AMENDS.match(folded, start)
    if amends:
        end = amends.end()
        while True:
            inner = _known().match(folded, end) or re.compile(r"luat [^,;.()\n]{3,60}?(?=\s+(?:va luat|so|ngay|nam)\b|[,;.()\n]|$)").match(
                folded, end
            )
            if not inner:
                break
            end = inner.end()
            more = re.compile(r"(?:,| va)\s+(?=luat )").match(folded, end)
            if not more or not text[more.end() : more.end() + 1].isupper():
                break
            end = more.end()
        if end > amends.end():
            return Law(start, end, "Luật", one_blank(text[start:end]))
        return None
    known = _known().match(folded, start)
    if known:
        return Law(start, known.end(), kind, _names()[one_blank(known.group())])
    compact = fold(word) not in ("luat", "bo luat", "phap lenh")
    first = re.match(r"\s+", text[after:])
    if fold(word).startswith("nghi quyet"):
        return _congress(text, folded, start)
    if not first or not (compact or text[after + first.end() : after + first.end() + 1].isupper()):
        return None
    stop = _stops().search(text, after + first.end(), after + REACH)
    end = stop.start() if stop else min(after + REACH, len(text))
    if fold(word) in ("luat", "bo luat", "phap lenh"):
        words = len(text[start:end].split())
        if words > 12 or words < 2 or text[start:end].isupper():
            return None
    else:  # an international compact: its name goes on over commas, up to the body or the sentence's end
        stop = re.compile(r"[;.()\n“”\"]|\s(?:của|theo|ngày|số|được|và các)(?!\w)|,\s(?=của|theo)").search(text, after, after + REACH)
        end = stop.start() if stop else min(after + REACH, len(text))
        if end - start > 160:
            return None
    end = start + len(text[start:end].rstrip(" ,-–"))
    return Law(start, end, kind, one_blank(text[start:end]))


def _congress(text: str, folded: str, start: int) -> Law | None:
    """`Nghị quyết Đại hội đại biểu toàn quốc lần thứ XIII của Đảng`, `…, nhiệm kỳ 2020 - 2025`."""
    m = load("citations")["laws.congress"].pattern.match(folded, start)
    if not m or m.end() - start < 20:
        return None
    return Law(start, start + len(text[start : m.end()].rstrip()), "Nghị quyết", one_blank(text[start : m.end()]))
