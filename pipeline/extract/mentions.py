"""Mentions of documents in running text: symbol or name, with noun, date, issuer and subject beside it.

`các Quyết định số 12/QĐ-UBND, 13/QĐ-UBND và 15/QĐ-UBND ngày 05/01/2024 của UBND tỉnh`: three mentions; noun, date and issuer are
printed once and hold for each.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from spacy.tokens import Doc

from pipeline.document import Problem
from pipeline.extract import authority, codes, names, scanned, spelling
from pipeline.extract.identifiers import Identifier
from pipeline.extract.laws import Law, TypeWord, laws, type_words
from pipeline.extract.rules import alternatives, load, table
from pipeline.extract.subjects import subject_span
from pipeline.text import fold, one_blank

Span = tuple[int, int]
Found = TypeVar("Found", Identifier, TypeWord)


@dataclass
class Mention:
    """One mention while it is being read. `start`, `end`: the symbol, or the name of a document without one; `whole`: with noun,
    date, issuer and subject."""

    start: int
    end: int
    identifier: Identifier | None
    name: str | None = None
    noun: str | None = None
    noun_start: int = 0
    date: str | None = None
    issuer: Span | None = None
    term: str | None = None
    subject: Span | None = None
    tail: int = 0  # where date, issuer and term end
    listed: bool = False  # goes on with the list of the mention before it
    relation: str = "dan_chieu"
    citing: int | None = None  # index of the mention in whose subject this one stands
    rule: str = ""
    others: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Span:
        """From the noun to the end of the subject."""
        return self.noun_start, max(self.tail, self.subject[1] if self.subject else 0)


def bounded(doc: Doc, found: Sequence[Found]) -> Sequence[Found]:
    """The first `most_citations` of the symbols or type words that were found; a problem on `doc` says where there are more."""
    most = doc._.settings.most_citations
    if len(found) > most:
        line = doc._.prose.evidence(found[most].start, found[most].end, "citations.bound").line
        doc._.problems = (*doc._.problems, Problem("warning", "extract", "too_many_citations", str(line)))
    return found[:most]


def mentions(doc: Doc) -> list[Mention]:
    """All mentions of other documents, in order of print; the document's own number is none."""
    text, folded = doc.text, doc._.folded
    own = doc._.values.get("number")
    cited = (i for i in doc._.identifiers if i.form not in ("copy", "judgment") and not scanned.is_doubtful(doc, i))
    found = [Mention(i.start, i.end, i) for i in _told(doc, cited)]
    named = laws(text, folded, bounded(doc, type_words(text, folded, doc._.settings.most_citations + 1)))
    out: list[Mention] = []
    for m in found:
        _noun(m, text, folded, out[-1] if out else None, named)
        _date_and_issuer(m, text, folded)
        if m.date and scanned.is_unsure(doc, m.end, m.tail):
            m.date = None
        if m.identifier and m.identifier.canonical == own and (m.date is None or m.date == doc._.values.get("issue_date")):
            continue
        out.append(m)
    taken = bytearray(len(text) + 1)
    for m in out:
        taken[m.noun_start : m.end] = b"\1" * (m.end - m.noun_start)
    amending_end = 0
    for law in named:
        if taken[law.start]:
            continue
        m = Mention(law.start, law.end, None, law.name, law.kind, law.start)
        if law.end > amending_end:  # what follows an amending law is its own, not that of the law that it amends
            _date_and_issuer(m, text, folded)
            amending_end = law.end
        else:
            m.tail = m.end
        out.append(m)
    out.sort(key=lambda m: m.start)
    _share(out, text, folded)
    for m in out:
        _issued_before(m, text, folded)
    for k, m in enumerate(out):
        if m.name is None:
            following = [(x.noun_start, x.start) for x in out[k + 1 : k + 7]]
            m.subject = subject_span(text, folded, m.tail, following, directly=m.tail == m.end)
    return out


def _told(doc: Doc, found: Iterable[Identifier]) -> list[Identifier]:
    """The symbols whose digits were read for sure; a note on `doc` names each other one, for a person to look at."""
    out: list[Identifier] = []
    for i in found:
        if scanned.is_unsure(doc, i.start, i.end):
            page = doc._.prose.pieces(i.start, i.end)[0].page.number
            doc._.problems = (*doc._.problems, Problem("note", "extract", "doubtful_symbol", i.canonical, page))
        else:
            out.append(i)
    return out


# ----------------------------------------------------------------------------------------------------------------- left


@cache
def _nouns() -> dict[str, str]:
    proper = {fold(r["name_vi"]): r["name_vi"] for r in reversed(table("doc_types"))}
    for n in load("citations").words("nouns"):
        proper.setdefault(fold(n), n[:1].upper() + n[1:])
    return proper


@cache
def noun_pattern() -> re.Pattern[str]:
    """Nouns of documents in folded text: groups `many` (`các`) and `noun`."""
    return re.compile(rf"(?<![\w])(?P<many>(?:cac|nhung|hai|ba)\s+)?(?P<noun>{alternatives(frozenset(_nouns()))})(?!\w)")


@cache
def _so_left() -> re.Pattern[str]:
    so = load("identifiers").table["pieces"]["SO"]
    return re.compile(rf"(?<![^\W_])(?:{so})\s*[:.]?\s*$")


def noun_words() -> frozenset[str]:
    """The nouns of documents, folded."""
    return frozenset(_nouns())


_JOIN = re.compile(r"(?:\s*(?:[,;]|va|hoac|:)\s*)(?:cac\s+)?$")


def _noun(m: Mention, text: str, folded: str, before: Mention | None, named: list[Law]) -> None:
    """The noun of a symbol: printed before it, or before the list it stands in, or told by its code."""
    floor = max(m.start - 160, 0)
    floor = max(text.rfind("\n", floor, m.start) + 1, before.end if before else 0, floor)
    left = folded[floor : m.start]
    so = _so_left().search(left)
    bare = left[: so.start()] if so else left
    law = _law_before(named, m.start, folded)
    if law:
        m.noun, m.name, m.noun_start = law.kind, law.name, law.start
        return
    for found in reversed(list(noun_pattern().finditer(bare))[-3:]):
        words = bare[found.end() :]
        if len(words) > 90 or not _between(words, text, folded, floor + found.end()):
            continue
        m.noun = _wider(_nouns()[one_blank(found["noun"])], m.identifier)
        m.noun_start = floor + found.start("noun")
        of = re.match(r"\s+cua\s+", words)
        name = names.at(text, folded, floor + found.end() + of.end()) if of else None
        m.issuer = (floor + found.end() + of.end(), name.end) if of and name else None
        return
    m.noun_start = floor + len(bare.rstrip()) + (1 if bare[-1:].isspace() else 0)
    if before is not None and _JOIN.search(" " + bare) and m.identifier and before.identifier:
        same_type = before.identifier.type_code == m.identifier.type_code and before.identifier.form == m.identifier.form
        if same_type and (before.noun or m.identifier.form == "qh"):
            m.listed, m.noun = True, before.noun
            if before.issuer and before.issuer[1] <= before.start:  # các Nghị định của Chính phủ: số …, số …
                m.issuer = before.issuer
            return
    m.noun = by_code(m.identifier) if m.identifier else None


def _law_before(named: list[Law], start: int, folded: str) -> Law | None:
    """The named law that a symbol right behind it numbers: `Luật Nhà ở số 27/2023/QH15`."""
    k = bisect.bisect_left(named, start, key=lambda x: x.start)
    for law in reversed(named[max(k - 3, 0) : k]):
        if law.end <= start <= law.end + 12 and not folded[law.end : start].strip(" ,so:"):
            return law
    return None


def _wider(noun: str, identifier: Identifier | None) -> str:
    """`Thông tư` before a joint symbol is Thông tư liên tịch."""
    if identifier and identifier.form == "joint" and noun in ("Thông tư", "Nghị quyết", "Kế hoạch"):
        return by_code(identifier) or noun
    return noun


def _between(words: str | None, text: str, folded: str, start: int) -> bool:
    """Whether what stands between noun and symbol may: nothing, or `của` and a body's name, or `liên tịch`."""
    if not words or not words.strip(" :"):
        return True
    of = re.match(r"\s+(?:lien\s+tich\s+|lien\s+nganh\s+|phoi\s+hop\s+)?(?:cua\s+)?", words)
    if of is None:
        return False
    if not words[of.end() :].strip(" :"):
        return True
    if "cua" not in of.group():
        return False
    name = names.at(text, folded, start + of.end())
    return bool(name) and not folded[name.end if name else 0 : start + len(words)].strip(" :")


def by_code(identifier: Identifier) -> str | None:
    """The kind that a symbol's own code tells without doubt: `12/QĐ-UBND` → Quyết định; None for a National Assembly symbol."""
    if identifier.form == "cv":
        return "Công văn"
    if identifier.form == "vbhn":
        return "Văn bản hợp nhất"
    if identifier.type_code is None:
        return None
    family = {"norm": "normative", "joint": "normative", "party": "party"}.get(identifier.form, "administrative")
    found = codes.nouns(identifier.type_code, family) or codes.nouns(identifier.type_code, "normative")
    if not found or len(set(found)) > 1:
        return None
    return found[0]


# ---------------------------------------------------------------------------------------------------------------- right


def _date_and_issuer(m: Mention, text: str, folded: str) -> None:
    """`ngày …` and `của …` right after a symbol or name."""
    date = load("citations")["citations.date"].pattern
    term = load("citations")["citations.term"].pattern
    at = m.end
    if m.identifier is None:
        of_year = re.compile(r"\s+nam\s+\d{4}(?!\d)(?:\s*\(sua doi(?:, bo sung)?\))?").match(folded, at)
        at = of_year.end() if of_year else at
    for _ in range(2):
        when = date.match(folded, at)
        if when and m.date is None:
            day, month, year = (when["day"] or when["day2"], when["month"] or when["month2"], when["year"] or when["year2"])
            if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
                m.date = f"{year}-{int(month):02d}-{int(day):02d}"
                at = when.end()
        elif m.date is None and (torn := load("citations")["citations.date_misread"].pattern.match(folded, at)):
            at = torn.end()  # the issuer follows a date that cannot be read
        of = re.compile(r"\s*,?\s*(?:cua|do)\s+").match(folded, at)
        if of and (m.issuer is None or m.issuer[1] <= m.start):
            name = names.at(text, folded, of.end())
            if name:
                at = _further_issuers(m, text, folded, name.end)
                m.issuer = (of.end(), at)
        of_term = term.match(folded, at)
        if of_term:
            m.term = (of_term["term"] or "").upper() or m.term
            at = of_term.end()
    m.tail = at


def _further_issuers(m: Mention, text: str, folded: str, at: int) -> int:
    """Where the bodies end that issue a joint document together: `của Bộ Tư pháp, Bộ Nội vụ hướng dẫn …`."""
    if m.identifier is None or not (m.identifier.form == "joint" or m.identifier.units):
        return at
    while joined := re.compile(r"\s*(?:,|(?<=\s)va)\s+|\s+va\s+").match(folded, at):
        following = names.at(text, folded, joined.end())
        ends = following and re.match(r"\s*(?:ve\b|huong dan\b|quy dinh\b|[,;.(]|$|\n)", folded[following.end : following.end + 14])
        if following is None or not following.lexicon or not ends:
            break
        at = following.end
    return at


def issuer_after(symbol: Identifier, text: str, folded: str) -> Span | None:
    """The body printed after a symbol and its date."""
    m = Mention(symbol.start, symbol.end, symbol)
    _date_and_issuer(m, text, folded)
    return m.issuer


def _share(found: list[Mention], text: str, folded: str) -> None:
    """What is printed once after a list holds for each of its members: the issuer; the date too where the noun is printed once."""
    for k in range(len(found) - 2, -1, -1):
        m, after = found[k], found[k + 1]
        if m.identifier is None or after.identifier is None:
            continue
        between = folded[m.tail : after.noun_start if not after.listed else after.start]
        joined = bool(re.fullmatch(r"\s*(?:,|va|hoac)?\s*(?:va\s+)?(?:cac\s+)?(?:so\s*)?", between))
        if joined and m.date is None and re.search(r"\bcung\s+ngay\b", folded[after.end : after.tail]):
            m.date = after.date  # `Kế hoạch số 12-KH/TU và Kế hoạch số 13-KH/TU cùng ngày 05/4/2023`
        if not joined or m.issuer is not None or m.noun != after.noun or m.identifier.form != after.identifier.form:
            continue
        if after.issuer is not None and (m.date is None or after.date is not None):
            m.issuer = after.issuer
            if m.date is None and after.listed and after.date:
                m.date = after.date


def _issued_before(m: Mention, text: str, folded: str) -> None:
    """`Sở Y tế vừa ban hành Kế hoạch số 12/KH-SYT`: the body before the verb issues it, where the symbol's code agrees."""
    if m.issuer is not None or m.identifier is None:
        return
    floor = max(m.noun_start - 200, 0)
    verb = load("citations")["mentions.issued"].pattern.search(folded[floor : m.noun_start])
    row = codes.issuers().get(m.identifier.issuer)
    if verb is None or row is None:
        return
    body = names.ending_at(text, folded, floor + verb.start())
    if body and fold(spelling.spell_out(text[slice(*body)])).startswith(fold(re.sub(r"\s*[(/].*", "", row["name_vi"]))):
        m.issuer, m.relation, m.rule = body, "dan_chieu", "relations.issued"


def proposer(m: Mention, text: str, folded: str) -> None:
    """`Theo đề nghị của Giám đốc Sở Nội vụ tại Tờ trình số …`: the paper is that of Sở Nội vụ."""
    if m.issuer is not None or m.relation != "theo_de_nghi":
        return
    floor = max(m.noun_start - 200, 0)
    of = list(re.finditer(r"(?:\b(?:de nghi|y kien|de xuat|kien nghi)|;(?: va)?)\s+cua\s+", folded[floor : m.noun_start]))
    if of:
        start = floor + of[-1].end()
        name = names.at(text, folded, start)
        if name and name.end <= m.noun_start:
            m.issuer = (names.body_start(text, folded, start), name.end)


def official_issuer(m: Mention, text: str, localities: tuple[str, ...]) -> str | None:
    """The official name of the body that is printed with a mention."""
    if m.issuer is None:
        return None
    printed = text[m.issuer[0] : m.issuer[1]]
    cuts = [0]
    if m.identifier is not None and (m.identifier.form == "joint" or m.identifier.units):
        cuts += [c.end() for c in re.finditer(r"(?:,|\s+và)\s+", printed) if authority.opens_body(printed[c.end() :])]
    parts = [
        names.official(re.sub(r"(?:,|\s+và)\s*$", "", printed[a:b].strip()), localities)
        for a, b in zip(cuts, [*cuts[1:], len(printed)], strict=True)
    ]
    return ", ".join(parts[:-1]) + " và " + parts[-1] if len(parts) > 1 else parts[0]
