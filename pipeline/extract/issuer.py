"""Who issues, and for which days, where the letterhead does not say it but the body does."""

from __future__ import annotations

import re
from functools import cache

from spacy.tokens import Doc

from pipeline.document import PlanField
from pipeline.extract import authority, mentions, names
from pipeline.extract.rules import alternatives, load
from pipeline.text import fold


def from_body(doc: Doc) -> tuple[PlanField, ...]:
    """`issuing_authority` from the clause `X xây dựng Kế hoạch …` of the preamble, or from `Trên đây là Kế hoạch … của X`.

    Only for documents whose letterhead prints no body. Both places must not contradict each other.
    """
    values = doc._.values
    if "issuing_authority" in values or "doc_type" not in values:
        return ()
    noun = fold(values["doc_type"])
    found = _acts(doc, noun) or _closing(doc, noun) or _annexed(doc)
    if found is None:
        return ()
    start, end, rule = found
    printed = doc.text[start:end]
    who = authority.official((printed,), values.get("place"), values.get("issue_date"))
    doc._.authority = who
    e = doc._.prose.evidence(start, end, rule, 0.9)
    return PlanField("issuing_authority", who.name, "body", e), PlanField("issuing_authority_printed", printed, "body", e)


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(
        rf"\s*(?:\([^)]{{1,40}}\)\s*)?(?:{alternatives(frozenset(fold(v) for v in load('header').words('issuing_verbs')))})\b"
    )


def _acts(doc: Doc, noun: str) -> tuple[int, int, str] | None:
    """The body before the verb of issuing, in the preamble."""
    start, end = doc._.body
    stop = re.compile(r"\n(?:phan\s+)?(?:i|1|a)\s*[.)/:-]").search(doc._.folded, start)
    end = min(stop.start() if stop else end, start + 6000)
    acts = rf"(?:{_verb().pattern})[^.;\n]{{0,60}}?\b{re.escape(noun)}\b"
    if fold(noun) in load("header").folded("issuing_verbs"):  # `Sở Nội vụ báo cáo như sau` in a Báo cáo
        acts += rf"|\s*\b{re.escape(noun)}\b[^.;\n]{{0,80}}?\bnhu sau\b"
    for m in re.finditer(acts, doc._.folded[start:end]):
        before = names.ending_at(doc.text, doc._.folded, start + m.start())
        if before:
            return before[0], before[1], "issuer.acts"
    return None


def _closing(doc: Doc, noun: str) -> tuple[int, int, str] | None:
    """The body after `của` in the closing formula."""
    m = re.search(rf"tren day la {re.escape(noun)}\b[^\n]*", doc._.folded)
    if m is None:
        return None
    for of in reversed(list(re.finditer(r"\bcua\s+", doc._.folded[m.start() : m.end()]))):
        at = m.start() + of.end()
        name = names.at(doc.text, doc._.folded, at)
        if name and re.match(r"\s*(?:[,.;/]|de nghi|yeu cau|$)", doc._.folded[name.end : m.end()] + ""):
            return at, name.end, "issuer.closing"
    return None


def _annexed(doc: Doc) -> tuple[int, int, str] | None:
    """The body that decided, from the line `(Ban hành kèm theo Quyết định số … của Bộ trưởng Bộ X)` under the title."""
    top = min(doc._.body[0] + 300, len(doc.text))
    m = re.compile(r"(?:^|[(\n])\s*(?:ban hanh\s+)?kem theo\b").search(doc._.folded, 0, top)
    symbol = next((i for i in doc._.identifiers if m and m.end() < i.start < m.end() + 60), None)
    if symbol is None:
        return None
    issuer = mentions.issuer_after(symbol, doc.text, doc._.folded)
    return (names.body_start(doc.text, doc._.folded, issuer[0]), issuer[1], "issuer.annexed") if issuer else None


def span(doc: Doc) -> tuple[PlanField, ...]:
    """The plan's own days from its part on time, where the title prints no year (`Thời gian: từ ngày 01/5/2023 đến ngày 30/6/2023`)."""
    values = doc._.values
    if "period_start" in values or "period_end" in values or values.get("doc_type") not in ("Kế hoạch", "Chương trình", "Phương án"):
        return ()
    rules = load("header")
    part, days = rules["header.time_part"], rules["header.days"]
    paragraphs = doc._.prose.paragraphs
    for k, p in enumerate(paragraphs):
        text = doc._.prose.paragraph_text(p)
        if not part.pattern.fullmatch(part.read(text)):
            continue
        for q in paragraphs[k : k + 2]:
            words = doc._.prose.paragraph_text(q)
            m = days.pattern.search(days.read(words))
            if m:
                y2, m2 = m["y2"], m["m2"] or m["m2b"]
                first = _iso(m["y1"] or y2, m["m1"] or m["m1b"] or m2, m["d1"])
                last = _iso(y2, m2, m["d2"])
                if first and last and first <= last:
                    e = doc._.prose.evidence(q.start + m.start(), q.start + m.end(), days.id, 0.8)
                    return PlanField("period_start", first, "body", e), PlanField("period_end", last, "body", e)
    return ()


def _iso(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{year}-{int(month):02d}-{int(day):02d}"
