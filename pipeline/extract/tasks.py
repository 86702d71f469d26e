"""Tasks: the leaves of the parts on content and carrying out, with who does them and what they are to reach."""

from __future__ import annotations

from spacy.tokens import Doc

from pipeline.document import Target, Task
from pipeline.extract import scanned, targets, units
from pipeline.extract.leaves import Leaf, leaves, together
from pipeline.text import one_blank


def find(doc: Doc) -> tuple[Task, ...]:
    """Tasks of the document in order of print; an annex table's rows stand among them, with `from_table`."""
    above: dict[tuple[int, int], tuple[str, ...]] = {}
    return tuple(_task(doc, leaf, above) for leaf in leaves(doc))


def _is_clean(doc: Doc) -> bool:
    """Whether the text was not read from an image, mended, or left without its marks: its digits are then what was written."""
    if "clean" not in doc.user_data:
        lines = {id(p.line): p for p in doc._.prose.pieces(0, len(doc.text))}.values()
        marked = sum(ord(ch) > 127 for ch in doc.text) >= 0.05 * len(doc.text)
        doc.user_data["clean"] = marked and all(p.page.origin != "ocr" and p.line.raw == p.line.text for p in lines)
    return bool(doc.user_data["clean"])


def _sure_targets(doc: Doc, leaf: Leaf, words: str) -> tuple[Target, ...]:
    """The targets of a leaf, but for those whose digits or unit were not read for sure: left out, they are a reason for review."""
    found = targets.read(words, _is_clean(doc))
    if not found or leaf.row is not None:
        return found
    out, at = [], 0
    for target in found:
        start = words.find(target.raw, at)
        start, at = (start, start + len(target.raw)) if start >= 0 else (0, at)
        end = at if start else len(words)
        place = leaf.start + start, leaf.start + end
        if scanned.digits_confidence(doc._.prose, *place) >= doc._.settings.review_below and not scanned.holds_scraps(doc._.prose, *place):
            out.append(target)
        elif "targets" not in doc._.weak:
            doc._.weak = (*doc._.weak, "targets")
    return tuple(out)


def _task(doc: Doc, leaf: Leaf, above: dict[tuple[int, int], tuple[str, ...]]) -> Task:
    words = doc.text[leaf.start : leaf.end] if leaf.row is None else leaf.row.text
    found = units.roles(words)
    responsible, source = found.responsible, "own" if found.responsible else None
    coordinating, reports_to, product = found.coordinating, found.reports_to, None
    if leaf.row is not None:
        responsible = leaf.row.responsible or responsible
        source = "own" if responsible else None
        coordinating = leaf.row.coordinating or coordinating
        reports_to = leaf.row.reports_to or reports_to
        product = leaf.row.product
    if not responsible:
        responsible = _inherited(doc, leaf, above)
        source = "inherited" if responsible else None
    evidence = doc._.prose.evidence(leaf.whole, leaf.end, leaf.rule)
    if leaf.row is not None and len(leaf.row.task) > 1:
        evidence = together([doc._.prose.evidence(a, b, leaf.rule) for a, b in leaf.row.task])
    return Task(
        leaf.number,
        leaf.section,
        one_blank(words),
        responsible,
        source,  # type: ignore[arg-type]
        coordinating,
        reports_to,
        _sure_targets(doc, leaf, words) + (targets.read(leaf.row.extra, _is_clean(doc)) if leaf.row is not None else ()),
        product,
        leaf.row is not None,
        evidence,
    )


def _inherited(doc: Doc, leaf: Leaf, known: dict[tuple[int, int], tuple[str, ...]]) -> tuple[str, ...]:
    """Agents of the nearest lead-in or heading that names any."""
    for span in leaf.above:
        if span not in known:
            words = one_blank(doc.text[slice(*span)])
            agents = units.names_in_title(words)
            if not agents and words.endswith(":"):
                agents = units.roles(words).responsible
            known[span] = agents
        if known[span]:
            return known[span]
    return ()
