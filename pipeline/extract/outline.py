"""The outline of a plan: which paragraphs are numbered parts, bullets or plain, and the path of each part.

What a marker means is decided for the whole document at once, by a beam search over stacks of open parts: the next sibling costs nothing,
a gap or a restart something, and a marker that OCR may have misread (`1.` for `I.`, `HI.` for `III.`; rules/markers.csv) its own price. So
`1. MỤC ĐÍCH` / `1. Mục đích` / `2. Yêu cầu` / `II. NỘI DUNG` comes out as I, I.1, I.2, II.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from pipeline.document import Section
from pipeline.extract.annexes import lines_of_tables
from pipeline.extract.markers import BULLETS, lost, marker_rules, placed, readings, with_part
from pipeline.extract.prose import Prose
from pipeline.extract.rules import load
from pipeline.extract.siblings import chosen
from pipeline.extract.titles import in_capitals, is_short, looks_like_title, title_of
from pipeline.text import fold, one_blank, plain_dashes

LOOK = 400  # characters of a paragraph that tell what its marker is


@dataclass(frozen=True, slots=True)
class Node:
    """One paragraph `text[start:end]`; `body` is where the words after its marker begin.

    `scheme` is the kind of marker (None for a plain paragraph), `path` and `kind` are those of a section, `parent` the index of the part it
    stands in (None at the top), `rule` the marker's rule.
    """

    start: int
    body: int
    end: int
    scheme: str | None
    label: str = ""
    path: str | None = None
    kind: str | None = None
    parent: int | None = None
    rule: str = "paragraph.plain"
    doubt: float = 0.0  # cost of reading the marker so

    @property
    def numbered(self) -> bool:
        """Whether the paragraph is a section."""
        return self.path is not None


def find(doc: Doc) -> tuple[Section, ...]:
    """Sections of the document in order of print."""
    nodes = outline(doc)
    out = []
    for n in nodes:
        if n.path is None or n.kind is None:
            continue
        title = None if n.kind == "numbered_paragraph" else title_of(doc.text[n.body : n.end])
        evidence = doc._.prose.evidence(n.start, n.end, n.rule, 1.0 - min(0.6, n.doubt))
        out.append(Section(n.path, n.path.count(".") + 1, title or None, n.kind, evidence))  # type: ignore[arg-type]
    return tuple(out)


def outline(doc: Doc) -> tuple[Node, ...]:
    """The nodes of a document, made once."""
    if "outline" not in doc.user_data:
        doc.user_data["outline"] = read(doc._.prose, doc._.body)
    return doc.user_data["outline"]


def read(prose: Prose, body: tuple[int, int] = (0, 0)) -> tuple[Node, ...]:
    """Every paragraph of the body (`body` = offsets; all of it for (0, 0)) up to the closing formula, as nodes."""
    first, last = body if body[1] > body[0] else (0, len(prose.text))
    tables = lines_of_tables(prose)
    spans = [(p.start, p.end) for p in prose.paragraphs if p.start >= first and p.end <= last and p.first not in tables]
    recognised = any(p.origin == "ocr" or l.raw != l.text for p, l in prose.lines)
    spans = _with_titles(prose.text, spans[: _closing(prose.text, spans)], recognised)
    nodes = _kinds(_numbered(prose.text, spans, recognised), prose.text)
    return tuple(nodes)


def _with_titles(text: str, spans: list[tuple[int, int]], recognised: bool) -> list[tuple[int, int]]:
    """`Phần thứ nhất` on a line of its own is one paragraph with the title under it."""
    out: list[tuple[int, int]] = []
    alone = False
    for a, b in spans:
        if alone:
            out[-1] = (out[-1][0], b)
            alone = False
            continue
        short = b - a < 24 and text[a].isupper()
        words = plain_dashes(text[a:b].strip()) if short else ""
        words = with_part(words) if recognised else words
        alone = 0 < len(words) < 20 and any(r.pattern.fullmatch(words) for scheme, r in marker_rules() if scheme in _TITLED)
        out.append((a, b))
    return out


_TITLED = ("part", "chapter", "item", "roman", "letter")
_BEFORE_CLOSING = re.compile(r"^[\s*]*(?:\d{1,2}[.)]|[-+•])?\s*")


def _closing(text: str, spans: list[tuple[int, int]]) -> int:
    """Index of the paragraph that closes the plan (`Trên đây là Kế hoạch …`), or their count.

    A last word on effect, a last demand and what to do about difficulties close it only where no further part follows.
    """
    rules = {r.id: r for r in load("outline").starting("closing.")}
    recipients = rules.pop("closing.recipients").pattern
    last = next((k for k, (a, _) in enumerate(spans) if recipients.match(fold(text[a : a + 20]))), len(spans))
    last_part: int | None = None
    for k, (a, b) in enumerate(spans[:last]):
        words = fold(plain_dashes(_BEFORE_CLOSING.sub("", text[a : min(b, a + LOOK)], count=1)))
        for name, r in rules.items():
            if not r.pattern.match(words):
                continue
            if name == "closing.above":
                return k
            if name != "closing.effect" and _is_part(text[a : min(b, a + LOOK)]):
                continue
            if last_part is None:
                last_part = max((j for j in range(last) if _is_part(text[spans[j][0] : spans[j][1]][:LOOK])), default=-1)
            if last_part <= k:
                return k
    return last


def _is_part(text: str) -> bool:
    return any(r.scheme not in BULLETS for r in readings(text))


# ------------------------------------------------------------------------------------------------ sibling order


def _numbered(text: str, spans: list[tuple[int, int]], recognised: bool = False) -> list[Node]:
    """Nodes with the cheapest consistent reading of their markers."""
    markers = [readings(text[a : min(b, a + LOOK)], recognised) for a, b in spans]
    if (
        recognised
        and sum(bool(m) and m[0].scheme == "roman" and in_capitals(text[a:b]) for m, (a, b) in zip(markers, spans, strict=True)) > 1
    ):
        markers = [m or lost(text[a:b]) for m, (a, b) in zip(markers, spans, strict=True)]
    numbered = [bool(options) and options[0].scheme not in BULLETS for options in markers]
    ranked = (
        (k, tuple(placed(r, text[a + r.length : min(b, a + LOOK)], recognised) for r in markers[k]))
        for k, (a, b) in enumerate(spans)
        if numbered[k]
    )
    choices = iter(chosen(ranked))
    nodes: list[Node] = []
    opened_last: int | None = None
    for k, (a, b) in enumerate(spans):
        if numbered[k]:
            choice = next(choices)
            best, path, parent, opened_last = choice.reading, choice.path, choice.parent, choice.opened
        else:
            best, path, parent = markers[k][0] if markers[k] else None, "", opened_last
        if best is None:
            nodes.append(Node(a, a, b, None, parent=parent))
        else:
            nodes.append(Node(a, a + best.length, b, best.scheme, best.label, path or None, None, parent, best.rule, best.cost))
    return nodes


# ------------------------------------------------------------------------------------------------ kinds


def _kinds(nodes: list[Node], text: str) -> list[Node]:
    out = list(nodes)
    before: dict[int | None, int] = {}  # the last numbered part under each part
    for k, n in enumerate(nodes):
        if not n.numbered:
            continue
        words = one_blank(text[n.body : n.end])
        follower = nodes[k + 1] if k + 1 < len(nodes) else None
        under = follower is not None and follower.parent == k
        if under and follower is not None and follower.scheme is not None:
            kind = "leadin" if words.endswith(":") and not is_short(words) else "heading"
        elif under:
            # after siblings that are content themselves, a sentence with a full stop is content too
            sibling = out[before[n.parent]] if n.parent in before else None
            content = sibling is not None and sibling.kind == "numbered_paragraph" and words.endswith(".")
            kind = "heading" if looks_like_title(words) and not content else "numbered_paragraph"
        else:
            kind = "heading" if in_capitals(words) else "numbered_paragraph"
        out[k] = replace(n, kind=kind)
        before[n.parent] = k
    # a plain paragraph after a part that is itself content belongs to the part above
    for k, n in enumerate(out):
        parent = n.parent
        while n.scheme is None and parent is not None and out[parent].kind == "numbered_paragraph":
            parent = out[parent].parent
        if parent != n.parent:
            out[k] = replace(n, parent=parent)
    return out
