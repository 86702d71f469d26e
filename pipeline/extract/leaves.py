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
from pipeline.extract.outline import BULLETS, Node, outline
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
        above = _above(nodes, k, text)
        out.append(Leaf(0, n.body, n.end, n.start, section, above, (TimeSpan(((n.body, n.end),)),), f"task.{n.scheme or 'paragraph'}"))
    return out


def together(parts: list[Evidence]) -> Evidence:
    """The evidence of words on several lines of a cell, or on two pages: the box is that of the first page."""
    first = parts[0]
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
    letters = [c for c in words if c.isalpha()]
    return len(letters) > 3 and len(words) < 150 and all(c.isupper() for c in letters)


def _leads(nodes: tuple[Node, ...], k: int, words: str) -> bool:
    """Whether a paragraph introduces the ones after it."""
    after = nodes[k + 1] if k + 1 < len(nodes) else None
    if after is None:
        return False
    n = nodes[k]
    if words.endswith(":"):
        return True
    # `- Công tác tuyên truyền` over `+` bullets: a heading among bullets
    nested = n.scheme == "dash" and after.scheme in ("plus", "star")
    return nested and looks_like_title(words) and not words.endswith((".", ";"))


def _section(nodes: tuple[Node, ...], k: int) -> str | None:
    n = nodes[k]
    if n.numbered:
        return n.path
    parent = n.parent
    return nodes[parent].path if parent is not None else None


def _above(nodes: tuple[Node, ...], k: int, text: str) -> tuple[tuple[int, int], ...]:
    """Lead-ins and headings over leaf `k`, nearest first: the bullet or plain paragraph that introduces its list, then the parts."""
    n = nodes[k]
    out: list[tuple[int, int]] = []
    parent = n.parent
    begun = next((j for j, m in enumerate(nodes) if m.numbered), 0)  # the preamble leads into the whole plan, not into a list
    j = k - 1
    while j >= begun and j != parent:  # an unnumbered lead-in of the same list
        m = nodes[j]
        leads = m.scheme is None or (m.scheme in BULLETS and n.scheme in BULLETS and m.scheme != n.scheme)
        if m.parent == parent and not m.numbered and leads and text[m.body : m.end].rstrip().endswith(":"):
            out.append((m.body, m.end))
            break
        j -= 1
    while parent is not None:
        p = nodes[parent]
        out.append((p.body, p.end))
        grand = p.parent
        j = parent - 1
        while j >= begun and j != grand:
            m = nodes[j]
            if m.parent == grand and m.scheme is None and text[m.body : m.end].rstrip().endswith(":"):
                out.append((m.body, m.end))
                break
            j -= 1
        parent = grand
    return tuple(out)
