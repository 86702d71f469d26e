"""The record of one document, put together from what the pipeline's components left on the Doc."""

from __future__ import annotations

from dataclasses import fields, replace

from spacy.tokens import Doc

from pipeline.document import Plan, PlanField, Reading, Record
from pipeline.extract import uris
from pipeline.extract.prose import MARKER
from pipeline.extract.rules import load
from pipeline.text import fold

# Order of plan_fields in a record: the columns' order in `plans`.
_COLUMNS = tuple(f.name for f in fields(Plan))


def record(doc: Doc, reading: Reading, plan_id: str, source_path: str) -> Record:
    """The record of the document that `doc` holds."""
    found = {f.column: f for f in doc._.plan_fields}
    values = {k: f.value for k, f in found.items() if k in _COLUMNS}
    administrative = is_administrative(doc)
    if "doc_type" not in values and not administrative and is_news(doc):
        values = {"doc_type": "Tin bài"}
        found = {}
    uri = uris.own(values, doc._.authority)
    pages = [page.number for page, line in doc._.lines] or [1]
    words = [w for _, line in doc._.lines for w in line.words]
    sure = [w.confidence for w in words if w.confidence is not None]
    reasons = _reasons(doc, values, found)
    plan = Plan(
        plan_id=plan_id,
        source_path=source_path,
        page_first=min(pages),
        page_last=max(pages),
        source_kind=reading.source_kind,
        is_plan=values.get("doc_type") == "Kế hoạch",
        uri=uri,
        pages=len(set(pages)),
        words=len(words),
        text_confidence=round(sum(sure) / len(sure), 4) if sure else None,
        needs_review=bool(reasons),
        review_reasons=reasons,
    )
    plan = replace(plan, **values)
    ordered = sorted(found.values(), key=lambda f: _COLUMNS.index(f.column)) if found else []
    return Record(
        plan,
        tuple(ordered),
        doc._.citations,
        doc._.sections,
        doc._.tasks,
        doc._.deadlines,
        doc._.recipients,
        doc._.problems,
    )


def is_administrative(doc: Doc) -> bool:
    """Whether the page prints anything that only an administrative document has: a letterhead line, a title block, recipients, a signer."""
    columns = {f.column for f in doc._.plan_fields}
    return bool(columns & {"doc_type", "number", "place", "signing_mode", "signer_title"}) or bool(doc._.recipients)


def is_news(doc: Doc) -> bool:
    """Whether a text that is no administrative document is running prose: a news item, an article."""
    rule = load("header")["header.news"]
    words = len(doc.text.split())
    cues = any(rule.pattern.fullmatch(rule.read(doc.text[p.start : p.end])) for p in doc._.prose.paragraphs[-4:])
    outlined = any(MARKER.match(doc.text, p.start) for p in doc._.prose.paragraphs)
    prose = words >= 80 and not outlined and doc.text[:1].isupper() and any(p.end - p.start > 200 for p in doc._.prose.paragraphs)
    recognised = any(page.origin == "ocr" for page, _ in doc._.lines)  # a last page of prose is no news
    return (cues and words >= 20) or (prose and not recognised)


def _reasons(doc: Doc, values: dict[str, str], found: dict[str, PlanField]) -> tuple[str, ...]:
    """Why a person should look at this document, as keys of rules/messages.toml."""
    out = []
    if values.get("secrecy"):
        out.append("secrecy")
    if values.get("doc_type") == "Tin bài":
        return tuple(out)
    for column in ("doc_type", "number", "issue_date", "issuing_authority"):
        if column not in values and not (column == "number" and "number_handwritten" in doc._.reasons):
            out.append("number_missing" if column == "number" else f"no_{column}")
    out += doc._.reasons
    if len(values.get("issue_date", "2000-01-01")) < 10:
        out.append("partial_issue_date")
    low = doc._.settings.review_below if doc._.settings else 0.6
    weak = sorted({f.column for f in found.values() if f.evidence.confidence is not None and f.evidence.confidence < low})
    out += [f"uncertain_{c}" for c in weak if not c.endswith("_source") and f"uncertain_{c}" not in out]
    for table in ("citations", "targets", "deadlines"):
        if table in doc._.weak or any(
            f.evidence.confidence is not None and f.evidence.confidence < low for f in getattr(doc._, table, None) or ()
        ):
            out.append(f"uncertain_{table}")
    if disagrees(values):
        out.append("number_and_authority_disagree")
    return tuple(out)


def disagrees(values: dict[str, str]) -> bool:
    """Whether the issuer's code in the number names another body than the letterhead (`78/KH-STP` under Sở Y tế)."""
    from pipeline.extract import codes, identifiers

    number, name = values.get("number"), values.get("issuing_authority")
    found = identifiers.one(number) if number else None
    row = codes.issuers().get(found.issuer) if found else None
    if not row or not name or "(" in row["name_vi"] or "/" in row["name_vi"]:
        return False
    return row["level"] in ("ministry", "province") and not fold(name).startswith(fold(row["name_vi"])[:12])
