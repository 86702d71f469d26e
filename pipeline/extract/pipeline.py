"""The spaCy pipeline of one document: each component calls a finder, and leaves typed facts on `doc._`.

Convention: `find(doc) -> tuple[Fact, ...]` with `doc.text == doc.text`. What earlier components found is on `doc._`:
`prose`, `lines` (all printed lines, overlays too), `folded` (the text folded, same length), `settings`, `plan_fields`, `values` (column
→ value of the plan), `issue_date`, `body` (offsets of the body, between title and recipients), `identifiers`, `citations`,
`recipients`, `sections`, `tasks`, `deadlines`, `problems`, `reasons` and `weak` (why a person should look, tables with something left out).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.document import Line, Page
from pipeline.extract import citations, deadlines, header, identifiers, mentions, outline, recipients, scanned, signature, tasks
from pipeline.extract.prose import Prose, prose
from pipeline.extract.tokens import blank
from pipeline.settings import Extract
from pipeline.text import fold

_ATTRIBUTES: dict[str, object] = {
    "prose": None,
    "lines": (),
    "folded": "",
    "settings": Extract(),
    "plan_fields": (),
    "values": None,
    "issue_date": None,
    "period": None,
    "body": (0, 0),
    "head_rows": None,
    "number_line": None,
    "authority": None,
    "identifiers": (),
    "citations": (),
    "recipients": (),
    "sections": (),
    "tasks": (),
    "deadlines": (),
    "problems": (),
    "reasons": (),
    "weak": (),
}
for _name, _default in _ATTRIBUTES.items():
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)


def _component(name: str, run: Callable[[Doc], None]) -> str:
    def component(doc: Doc) -> Doc:
        run(doc)
        return doc

    Language.component(name, func=component)
    return name


def _find_header(doc: Doc) -> None:
    found = header.read(doc._.lines, doc._.settings)
    doc._.plan_fields = found.fields
    doc._.values = {f.column: f.value for f in found.fields}
    doc._.issue_date = doc._.values.get("issue_date")
    doc._.problems, doc._.head_rows, doc._.authority = found.problems, found.rows, found.authority
    doc._.reasons, doc._.number_line = found.reasons, found.number_line
    doc._.body = header.body(doc, found)


def _find_signature(doc: Doc) -> None:
    fields = signature.find(doc)
    doc._.plan_fields = (*doc._.plan_fields, *fields)
    doc._.values = doc._.values | {f.column: f.value for f in fields}


def _find_identifiers(doc: Doc) -> None:
    own = identifiers.one(doc._.values.get("number") or "")
    found = identifiers.find(doc.text, (own.issuer,) if own else (), scanned.is_clean(doc), doc._.settings.most_citations + 1)
    if further := identifiers.elided(doc._.folded, found):
        found = tuple(sorted((*found, *further), key=lambda i: i.start))
    found = tuple(mentions.bounded(doc, found))
    line = doc._.number_line
    if line is not None:  # the document's own symbol is no citation, however little of it could be read
        found = tuple(i for i in found if all(p.line is not line for p in doc._.prose.pieces(i.start, i.end)))
    doc._.identifiers = found


def _find_authority(doc: Doc) -> None:
    fields = header.from_body(doc)
    doc._.plan_fields = (*doc._.plan_fields, *fields)
    doc._.values = doc._.values | {f.column: f.value for f in fields}
    doc._.issue_date = doc._.values.get("issue_date")
    doc._.period = (doc._.values.get("period_start"), doc._.values.get("period_end"))


def _find_recipients(doc: Doc) -> None:
    doc._.recipients = recipients.find(doc)


def _find_citations(doc: Doc) -> None:
    doc._.citations = citations.find(doc)


def _find_outline(doc: Doc) -> None:
    doc._.sections = outline.find(doc)


def _find_tasks(doc: Doc) -> None:
    doc._.tasks = tasks.find(doc)


def _find_deadlines(doc: Doc) -> None:
    doc._.deadlines = deadlines.find(doc)


COMPONENTS = tuple(
    _component(name, run)
    for name, run in (
        ("kehoach_header", _find_header),
        ("kehoach_signature", _find_signature),
        ("kehoach_recipients", _find_recipients),
        ("kehoach_identifiers", _find_identifiers),
        ("kehoach_authority", _find_authority),
        ("kehoach_citations", _find_citations),
        ("kehoach_outline", _find_outline),
        ("kehoach_tasks", _find_tasks),
        ("kehoach_deadlines", _find_deadlines),
    )
)


@cache
def pipeline() -> Language:
    """The pipeline, built once a process."""
    nlp = blank()
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def analyse(lines: tuple[tuple[Page, Line], ...], settings: Extract) -> Doc:
    """One document's lines, read by every component in turn."""
    text: Prose = prose(list(lines))
    nlp = pipeline()
    doc = nlp.make_doc(text.text)
    doc._.prose, doc._.lines, doc._.settings, doc._.folded = text, lines, settings, fold(text.text)
    doc._.values = {}
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc
