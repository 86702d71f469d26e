"""What flows between the stages, and its JSON: frozen dataclasses, tuples, no behaviour beyond geometry.

A scan becomes a `Reading` (pages of lines of words, each word with its raw span and its box), a reading becomes `Record`s
(one for each document in the file), records become tables. The types state progress: a `Scan` can't be extracted from.

Coordinates are pixels of the page image, origin top left, right and bottom exclusive. Confidences lie in 0..1.
Pages and lines count from 1. Character offsets count code points of NFC text.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")

LineKind = Literal["text", "overlay", "stamp", "footnote", "page_number", "table"]
SourceKind = Literal["scan", "pdf_text", "text", "garbled_text"]
FileKind = Literal["pdf", "tiff", "image", "text"]
Level = Literal["error", "warning", "note"]
Stage = Literal["ingest", "pages", "image", "ocr", "repair", "extract", "outputs", "corpus"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be done. `code` is a key `problem.<code>` of rules/messages.toml; `detail` fills its `{detail}`."""

    level: Level
    stage: Stage
    code: str
    detail: str = ""
    page: int | None = None


# ---------------------------------------------------------------------------------------------- inputs


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input file: path relative to RAW with `/`, and the SHA-256 of its bytes (64 hex digits)."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """One input as it was received: a file, or page images that form one document. Nothing of its content is kept here but text.

    `pages` counts the pages; for text inputs `text` holds the decoded text (LF, NFC) and `encoding` how it was stored. `starts`:
    the pages at which documents begin, where documents.toml says so.
    """

    plan_id: str
    files: tuple[SourceFile, ...]
    kind: FileKind
    pages: int
    encoding: str | None = None
    text: str | None = None
    problems: tuple[Problem, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """What `source_path` says: the file, or the first of the page images."""
        return self.files[0].path


# ---------------------------------------------------------------------------------------------- readings


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the page image; right and bottom lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @staticmethod
    def around(boxes: list[Box]) -> Box | None:
        """The smallest box that holds all of `boxes`; None for none."""
        if not boxes:
            return None
        return Box(min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of a word, with its confidence."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Word:
    """A blank-separated word of `Line.text` and the raw characters it came from.

    `line.text[start:start+len(text)] == text`; `line.raw[raw_start:raw_end]` are the verbatim characters before repair (one raw
    token may be split into several words, which then share or part its span; several may be joined into one). `box` is None for text
    inputs. `confidence` is that of the recogniser before repair and of the repaired word after it; None where nobody measured it.
    `marks`: how surely the print bears the marks (tones, circumflex, breve, dot below) of the word as the recogniser read it, in 0..1.
    """

    text: str
    start: int
    raw_start: int
    raw_end: int
    box: Box | None = None
    confidence: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    marks: float | None = None

    @property
    def end(self) -> int:
        """Offset just after the word in `Line.text`."""
        return self.start + len(self.text)


RUNNING: tuple[LineKind, ...] = ("text", "footnote", "table")  # kinds of lines that hold what the document itself says


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `raw` before repair, `text` after it (the same string until repair ran)."""

    number: int
    raw: str
    text: str
    words: tuple[Word, ...]
    kind: LineKind = "text"
    column: Literal["left", "right"] | None = None  # of the letterhead or of the signature block, where the layout told it
    cell: tuple[int, int, int] | None = None  # (table, row, column), from 0, for a line of a table cell
    corrected: tuple[int, int] | None = None  # offsets in `text` from which to which a person wrote it

    def by_hand(self, word: Word) -> bool:
        """Whether a person wrote this word of the line in a correction."""
        return self.corrected is not None and self.corrected[0] <= word.start < self.corrected[1]

    @property
    def box(self) -> Box | None:
        """The box around the words; None for text inputs and empty lines."""
        return Box.around([w.box for w in self.words if w.box is not None])

    @property
    def confidence(self) -> float | None:
        """Mean confidence of the words that have one."""
        known = [w.confidence for w in self.words if w.confidence is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: lines in reading order. `width`, `height` in pixels of the upright page image (0 for text inputs).

    `origin` tells where the words came from; `steps` what was done to the image before it was read (`deskew -1.3`, `seal`, …).
    """

    number: int
    lines: tuple[Line, ...]
    origin: Literal["ocr", "layer", "text"]
    width: int = 0
    height: int = 0
    dpi: int = 0
    steps: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All pages of one input, before or after repair. `made_by` names tools, models and versions."""

    source_kind: SourceKind
    pages: tuple[Page, ...]
    made_by: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()  # pages at which documents begin, where a person said so (documents.toml); () lets the text tell

    def lines(self) -> list[tuple[Page, Line]]:
        """All lines in order with their pages."""
        return [(page, line) for page in self.pages for line in page.lines]


def joint_confidence(words: Iterable[Word]) -> float:
    """How sure some words are together: the harmonic mean of their confidences, those without one left out; 1 where none has any.

    One bad word weighs in a number of two words and little in a task of sixty: (0.95, 0.3) → 0.46, (59 × 0.95, 0.05) → 0.73.
    """
    known = [max(w.confidence, 0.05) for w in words if w.confidence is not None]
    return len(known) / sum(1 / c for c in known) if known else 1.0


_TOKEN = re.compile(r"\S+")


def plain_line(number: int, text: str) -> Line:
    """A line of a text input: words are the blank-separated tokens, raw and repaired alike, without boxes."""
    words = [Word(m.group(), m.start(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    return Line(number, text, text, tuple(words))


@contextmanager
def making_many() -> Iterator[None]:
    """No search for reference cycles while a great many of these objects are made, which hold none: a third of the time of a
    long text, a quarter of that of tables."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def text_reading(text: str) -> Reading:
    """A reading of plain text (LF or CRLF): line k is line k of the text; a form feed starts a page, line numbers run on."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    pages: list[list[Line]] = [[]]
    with making_many():
        for k, line in enumerate(lines, 1):
            line = line.removesuffix("\r")
            if line.startswith("\f"):
                pages.append([])
                line = line[1:]
            pages[-1].append(plain_line(k, line.replace("\f", " ")))
    return Reading("text", tuple(Page(n, tuple(p), "text") for n, p in enumerate(pages, 1)))


# ---------------------------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact stands: page, first and last line, box in page pixels, verbatim words before repair, and the rule that found it.

    A fact that runs over a page break has the box of its first page.
    """

    page: int
    line: int
    line_last: int
    box: Box | None
    raw: str
    confidence: float | None
    rule: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One row of `plans`: the columns of the contract in their order. Absent is None, never a guess."""

    plan_id: str = ""
    source_path: str = ""
    page_first: int = 1
    page_last: int = 1
    source_kind: SourceKind = "text"
    is_plan: bool = False
    doc_type: str | None = None
    number: str | None = None
    number_source: str | None = None
    issue_date: str | None = None
    issue_date_source: str | None = None
    place: str | None = None
    title: str | None = None
    campaign: str | None = None
    issuing_authority: str | None = None
    issuing_authority_printed: str | None = None
    parent_authority: str | None = None
    signer_name: str | None = None
    signer_title: str | None = None
    signing_mode: str | None = None
    signed_for: str | None = None
    secrecy: str | None = None
    urgency: str | None = None
    period_start: str | None = None
    period_end: str | None = None
    uri: str | None = None
    pages: int = 1
    words: int = 0
    text_confidence: float | None = None
    needs_review: bool = False
    review_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanField:
    """One non-null cell of `plans` that was read or inferred, with its evidence. `column` is the column's name."""

    column: str
    value: str
    source: str  # letterhead|body|annex|overlay|signature_block|citation|correction
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Citation:
    """One distinct cited document. `mention_evidence` holds every mention in order; `evidence` is the first."""

    citation_no: int
    cited_id: str | None
    cited_type: str | None
    cited_date: str | None
    cited_issuer: str | None
    subject: str | None
    relation: str
    relation_subject: str
    mentions: int
    cited_uri: str | None
    cited_plan_id: str | None
    evidence: Evidence
    mention_evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the outline: path `II.2.1`, level from 1, kind heading|leadin|numbered_paragraph."""

    section: str
    level: int
    title: str | None
    kind: Literal["heading", "leadin", "numbered_paragraph"]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Target:
    """A number with a unit that a task is to reach; `op` one of = >= > <= ~; `of` what a share is counted of."""

    quantity: float
    op: str
    unit: str
    of: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Task:
    """One leaf of the parts on content and on carrying out."""

    task_no: int
    section: str | None
    text: str
    responsible: tuple[str, ...]
    responsible_source: Literal["own", "inherited"] | None
    coordinating: tuple[str, ...]
    reports_to: tuple[str, ...]
    targets: tuple[Target, ...]
    product: str | None
    from_table: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Deadline:
    """One time expression inside a task; contract section 3 says what each kind fills."""

    deadline_no: int
    task_no: int
    kind: str  # by|exact|window|range|periodic|relative|conditional|by_guidance
    start: str | None
    end: str | None
    end_op: str | None
    rrule: str | None
    anchor: str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Recipient:
    """One entry of Nơi nhận."""

    ordinal: int
    name: str
    purpose: str | None
    kind: Literal["recipient", "archive"]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Record:
    """Everything extracted from one document."""

    plan: Plan
    plan_fields: tuple[PlanField, ...] = ()
    citations: tuple[Citation, ...] = ()
    sections: tuple[Section, ...] = ()
    tasks: tuple[Task, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


# ---------------------------------------------------------------------------------------------- JSON

EVIDENCE_COLUMNS = ("page", "line", "line_last", "left", "top", "right", "bottom", "raw", "confidence", "rule")
FACT_TABLES: dict[str, type] = {
    "plan_fields": PlanField,
    "citations": Citation,
    "sections": Section,
    "tasks": Task,
    "deadlines": Deadline,
    "recipients": Recipient,
}


def evidence_row(e: Evidence) -> dict[str, Any]:
    """The ten evidence columns of the contract, in order."""
    b = e.box
    where = (b.left, b.top, b.right, b.bottom) if b else (None,) * 4
    return dict(zip(EVIDENCE_COLUMNS, (e.page, e.line, e.line_last, *where, e.raw, e.confidence, e.rule), strict=True))


def fact_row(fact: Any) -> dict[str, Any]:
    """One table row of a fact: its own columns in order, then the evidence columns; nested values as plain lists and dicts."""
    row = {f.name: msgspec.to_builtins(getattr(fact, f.name)) for f in fields(fact) if f.name not in ("evidence", "mention_evidence")}
    return row | evidence_row(fact.evidence)


def record_rows(record: Record) -> dict[str, Any]:
    """The record in the shape of the contract (`kehoach extract`): one plan, and a list of flat rows for each kind of fact."""
    plan_id = record.plan.plan_id
    out: dict[str, Any] = {"plan": msgspec.to_builtins(record.plan)}
    for name in FACT_TABLES:
        out[name] = [{"plan_id": plan_id, **fact_row(f)} for f in getattr(record, name)]
    out["citation_mentions"] = [
        {"plan_id": plan_id, "citation_no": c.citation_no, "mention_no": k, **evidence_row(e)}
        for c in record.citations
        for k, e in enumerate(c.mention_evidence, 1)
    ]
    out["problems"] = [msgspec.to_builtins(p) for p in record.problems]
    return out


def to_json(value: Any) -> bytes:
    """Compact UTF-8 JSON of any dataclass here, fields in order: the same value gives the same bytes."""
    return msgspec.json.encode(value) + b"\n"


def from_json(data: bytes, kind: type[T]) -> T:
    """The dataclass back from `to_json`; raises msgspec.ValidationError (a ValueError) where the data do not fit."""
    return msgspec.json.decode(data, type=kind)
