"""The leaves of a document: what counts as one task, in its section, with the lead-ins above it.

A leaf is a bullet, a numbered paragraph without anything under it, an unnumbered paragraph under a heading, or a row of an annex table;
none in the parts on purpose and requirements, in the preamble and in the closing formula.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from spacy.tokens import Doc

from pipeline.document import Box, Evidence
from pipeline.extract import annexes
from pipeline.extract.annexes import Row
from pipeline.extract.markers import BULLETS
from pipeline.extract.outline import Node, outline
from pipeline.extract.phrases import role
from pipeline.extract.titles import is_formula, is_outlook, is_purpose, looks_like_title, title_of
from pipeline.text import one_blank


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Words of a leaf that may name times: spans of the document's text, read as one with a blank between them.

    `due` where a column says that a bare day is the last one; `side` where a column says `Bắt đầu` or `Kết thúc`.
    """

    spans: tuple[tuple[int, int], ...]
    due: bool = False
    side: Literal["start", "end"] | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One task-to-be: `text[start:end]` without its marker. `above` holds the lead-ins and headings over it, nearest first, as offsets."""

    number: int
    start: int
    end: int
    whole: int  # where its marker begins
    section: str | None
    above: tuple[tuple[int, int], ...]
    time_spans: tuple[TimeSpan, ...]
    rule: str
    row: Row | None = None


def leaves(doc: Doc) -> tuple[Leaf, ...]:
    """The leaves of a document in order of print, made once."""
    if "leaves" not in doc.user_data:
        doc.user_data["leaves"] = _read(doc)
    return doc.user_data["leaves"]


def _read(doc: Doc) -> tuple[Leaf, ...]:
    report = (doc._.values or {}).get("doc_type") == "Báo cáo"
    found = [*_of_body(outline(doc), doc.text, report), *_of_tables(annexes.find(doc))]
    found.sort(key=lambda leaf: leaf.whole)
    return tuple(
        Leaf(k, leaf.start, leaf.end, leaf.whole, leaf.section, leaf.above, leaf.time_spans, leaf.rule, leaf.row)
        for k, leaf in enumerate(found, 1)
    )


def _of_tables(rows: tuple[Row, ...]) -> list[Leaf]:
    out = []
    for row in rows:
        times = [TimeSpan(row.task), TimeSpan(row.time, row.due), TimeSpan(row.time_start, False, "start")]
        times = [t for t in (*times, TimeSpan(row.time_end, True, "end")) if t.spans]
        start, end = row.task[0]
        out.append(Leaf(0, start, end, start, None, (), tuple(times), "table.row", row))
    return out


def _of_body(nodes: tuple[Node, ...], text: str, report: bool = False) -> list[Leaf]:
    """Leaves among the nodes; of a report only those in the parts on what is to come (`PHƯƠNG HƯỚNG, NHIỆM VỤ`)."""
    numbered = any(n.numbered for n in nodes)
    out: list[Leaf] = []
    begun = not numbered
    hidden: set[int] = set()  # nodes in parts on purpose
    purpose_above = False  # under an unnumbered heading `MỤC ĐÍCH`
    leads = _lead_ins(nodes, text)
    for k, n in enumerate(nodes):
        begun = begun or n.numbered
        words = one_blank(text[n.body : n.end])
        if n.parent in hidden:
            hidden.add(k)
        if n.numbered and n.kind != "numbered_paragraph" and is_purpose(title_of(words)):
            hidden.add(k)
        if report and n.parent is None and n.numbered and not is_outlook(title_of(words)):
            hidden.add(k)
        if n.parent is None and n.numbered:
            purpose_above = False
        if n.scheme is None and _is_heading(words):
            purpose_above = is_purpose(title_of(words))
            continue
        if not begun or k in hidden or purpose_above or not words:
            continue
        if not numbered and n.scheme not in BULLETS:
            continue
        if words.startswith("(") and words.endswith((")", ").")) and n.scheme is None:
            continue  # a remark on the part above it
        if n.scheme == "article" and is_formula(words):
            continue
        if _leads(nodes, k, words) or (n.numbered and n.kind != "numbered_paragraph"):
            continue
        section = _section(nodes, k)
        above = _above(nodes, k, leads)
        out.append(Leaf(0, n.body, n.end, n.start, section, above, (TimeSpan(((n.body, n.end),)),), f"task.{n.scheme or 'paragraph'}"))
    return out


def together(parts: list[Evidence]) -> Evidence:
    """The evidence of words on several lines of a cell, or on two pages: the box is that of the first page."""
    first = parts[0]
    if len(parts) == 1:
        return first
    same = [e for e in parts if e.page == first.page]
    known = [e.confidence for e in parts if e.confidence is not None]
    return replace(
        first,
        line_last=max(e.line_last for e in same),
        box=Box.around([e.box for e in same if e.box is not None]),
        raw=" ".join(e.raw for e in parts),
        confidence=min(known) if known else None,
    )


def _is_heading(words: str) -> bool:
    """An unnumbered line in capitals: a heading whose number is not printed or was lost."""
    if len(words) >= 150:
        return False
    letters = [c for c in words if c.isalpha()]
    return len(letters) > 3 and all(c.isupper() for c in letters)


def _leads(nodes: tuple[Node, ...], k: int, words: str) -> bool:
    """Whether a paragraph introduces the ones after it."""
    after = nodes[k + 1] if k + 1 < len(nodes) else None
    if after is None:
        return False
    return words.endswith(":") or _nested(nodes, k, words)


def _nested(nodes: tuple[Node, ...], k: int, words: str) -> bool:
    """`- Công tác tuyên truyền` over `+` bullets: a heading among bullets."""
    if nodes[k].scheme != "dash" or k + 1 == len(nodes) or nodes[k + 1].scheme not in ("plus", "star"):
        return False
    words = one_blank(words)
    return looks_like_title(words) and not words.endswith((".", ";"))


def _section(nodes: tuple[Node, ...], k: int) -> str | None:
    n = nodes[k]
    if n.numbered:
        return n.path
    parent = n.parent
    return nodes[parent].path if parent is not None else None


def _orders(words: str) -> bool:
    """Whether a lead-in orders somebody: `Sở Y tế đề nghị các đơn vị thực hiện các nội dung sau:`, and does not draw up a plan."""
    said = [m.end() for p in role("tasks", "orders") for m in p.regex.finditer(words)]
    return bool(said) and "kế hoạch" not in words[max(said) :].lower()


@dataclass(frozen=True, slots=True)
class _LeadIns:
    """For each node the nearest lead-in of its own list before it: `near` of a leaf, `plain` (an unnumbered paragraph) of a part."""

    near: tuple[int | None, ...]
    plain: tuple[int | None, ...]


def _lead_ins(nodes: tuple[Node, ...], text: str) -> _LeadIns:
    begun = next((j for j, m in enumerate(nodes) if m.numbered), 0)  # a preamble leads into a list only where it orders somebody to act
    last: dict[tuple[int | None, str | None], int] = {}
    near: list[int | None] = []
    plain: list[int | None] = []
    for k, n in enumerate(nodes):
        others = [s for s in BULLETS if s != n.scheme] if n.scheme in BULLETS else []
        found = [last[key] for s in (None, *others) if (key := (n.parent, s)) in last]
        near.append(max(found, default=None))
        plain.append(last.get((n.parent, None)))
        leads = not n.numbered and (text[max(n.body, n.end - 8) : n.end].rstrip().endswith(":") or _nested(nodes, k, text[n.body : n.end]))
        if leads and (k >= begun or _orders(text[max(n.body, n.end - 300) : n.end])):
            last[n.parent, n.scheme] = k
    return _LeadIns(tuple(near), tuple(plain))


def _above(nodes: tuple[Node, ...], k: int, leads: _LeadIns) -> tuple[tuple[int, int], ...]:
    """Lead-ins and headings over leaf `k`, nearest first: the bullet or plain paragraph that introduces its list, then the parts."""
    out: list[tuple[int, int]] = []
    lead, parent = leads.near[k], nodes[k].parent
    while True:
        if lead is not None:
            out.append((nodes[lead].body, nodes[lead].end))
        if parent is None:
            return tuple(out)
        out.append((nodes[parent].body, nodes[parent].end))
        lead, parent = leads.plain[parent], nodes[parent].parent
