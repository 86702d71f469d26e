"""Tasks: the leaves of the parts on content and carrying out, with who does them and what they are to reach."""

from __future__ import annotations

from spacy.tokens import Doc

from pipeline.document import Problem, Target, Task
from pipeline.extract import scanned, targets, units
from pipeline.extract.leaves import Leaf, leaves, together
from pipeline.extract.prose import Prose
from pipeline.text import one_blank


def find(doc: Doc) -> tuple[Task, ...]:
    """Tasks of the document in order of print; an annex table's rows stand among them, with `from_table`."""
    above: dict[tuple[int, int], tuple[str, ...]] = {}
    prose, longest = doc._.prose, doc._.settings.longest_task
    # our own recogniser takes no short word for a figure, as one made for English does
    clean = scanned.is_clean(doc) or all(page.origin == "ocr" for page, _ in prose.lines)
    return tuple(_task(doc, leaf, above, prose, longest, clean) for leaf in leaves(doc))


def _sure_targets(doc: Doc, leaf: Leaf, words: str, clean: bool) -> tuple[Target, ...]:
    """The targets of a leaf, but for those whose digits or unit were not read for sure: left out, they are a reason for review."""
    found = targets.read(words, clean)
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


def _task(doc: Doc, leaf: Leaf, above: dict[tuple[int, int], tuple[str, ...]], prose: Prose, longest: int, clean: bool) -> Task:
    words = doc.text[leaf.start : leaf.end] if leaf.row is None else leaf.row.text
    read = words[:longest]
    if len(read) < len(words):
        line = prose.evidence(leaf.start, leaf.start + 1, leaf.rule).line
        doc._.problems = (*doc._.problems, Problem("warning", "extract", "long_task", str(line)))
    found = units.roles(read)
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
    evidence = prose.evidence(leaf.whole, leaf.end, leaf.rule)
    if leaf.row is not None and len(leaf.row.task) > 1:
        evidence = together([prose.evidence(a, b, leaf.rule) for a, b in leaf.row.task])
    return Task(
        leaf.number,
        leaf.section,
        one_blank(words),
        responsible,
        source,  # type: ignore[arg-type]
        coordinating,
        reports_to,
        _sure_targets(doc, leaf, read, clean) + (targets.read(leaf.row.extra, clean) if leaf.row is not None else ()),
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
