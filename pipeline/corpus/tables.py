"""The schema of every table, once: columns, types, codes, keys and links. All else is derived from here.

`SCHEMAS` are pandera schemas; from them come the pyarrow schemas of the Parquet files (`arrow_schema`), the descriptions in
datapackage.json and docs/tables.md (`dictionary.py`). Every type can be null-safe: Int64, Float64, boolean, string, Arrow lists.
Rows are sorted by plan, then in order of print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa_schema
import pyarrow as pa

TEXT = pd.StringDtype(na_value=pd.NA)
INTEGER = pd.Int64Dtype()
NUMBER = pd.Float64Dtype()
BOOLEAN = pd.BooleanDtype()
TEXTS_ARROW = pa.list_(pa.string())
_TARGET = pa.struct([("quantity", pa.float64()), ("op", pa.string()), ("unit", pa.string()), ("of", pa.string()), ("raw", pa.string())])
TARGETS_ARROW = pa.list_(_TARGET)
TEXTS = pd.ArrowDtype(TEXTS_ARROW)
TARGETS = pd.ArrowDtype(TARGETS_ARROW)
ARROW: Mapping[Any, pa.DataType] = {
    TEXT: pa.string(),
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    BOOLEAN: pa.bool_(),
    TEXTS: TEXTS_ARROW,
    TARGETS: TARGETS_ARROW,
}
PANDAS: Mapping[pa.DataType, Any] = {arrow: dtype for dtype, arrow in ARROW.items()}

DATE = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"  # ISO 8601, partial where only a part is printed
MOMENT = r"^(\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2})?)?)?|anchor([+-]P\d+(D|WD|W|M|Y))?)$"  # a day, or days from an anchor
PLAN_ID = r"^[0-9a-f]{12}(-[1-9]\d*)?$"
FIELD_SOURCES = ("letterhead", "body", "annex", "overlay", "signature_block", "citation", "correction")
PRINTED_SOURCES = ("letterhead", "annex", "overlay", "handwritten", "inferred")
RELATIONS = (
    "can_cu",
    "thuc_hien",
    "theo",
    "ban_hanh_kem_theo",
    "huong_dan",
    "sua_doi_bo_sung",
    "thay_the",
    "bai_bo",
    "phe_duyet",
    "gia_han",
    "dinh_chinh",
    "hop_nhat",
    "tra_loi",
    "theo_de_nghi",
    "dan_chieu",
)
DEADLINE_KINDS = ("by", "exact", "window", "range", "periodic", "relative", "conditional", "by_guidance")
LINE_KINDS = ("text", "overlay", "stamp", "footnote", "page_number", "table")
LEVELS = ("error", "warning", "note")
STAGES = ("ingest", "pages", "image", "ocr", "repair", "extract", "outputs", "corpus")


def _column(
    dtype: Any,
    *,
    null: bool = True,
    codes: tuple[str, ...] = (),
    pattern: str | None = None,
    low: float | None = None,
    high: float | None = None,
) -> pa_schema.Column:
    """A column: its type, whether it may be null, the codes or the range it keeps to."""
    checks = []
    if codes:
        checks.append(pa_schema.Check.isin(list(codes)))
    if pattern:
        checks.append(pa_schema.Check.str_matches(pattern))
    if low is not None:
        checks.append(pa_schema.Check.ge(low))
    if high is not None:
        checks.append(pa_schema.Check.le(high))
    # pandera keeps its own notion of a string type, so the type meant stands in the metadata too.
    return pa_schema.Column(dtype, checks, nullable=null, metadata={"dtype": dtype})


def _text(**rules: Any) -> pa_schema.Column:
    return _column(TEXT, **rules)


def _count(null: bool = False, low: int = 1) -> pa_schema.Column:
    return _column(INTEGER, null=null, low=low)


def _share() -> pa_schema.Column:
    return _column(NUMBER, low=0, high=1)


def _plan_id() -> pa_schema.Column:
    return _text(null=False, pattern=PLAN_ID)


def _box() -> dict[str, pa_schema.Column]:
    return {side: _column(INTEGER) for side in ("left", "top", "right", "bottom")}


def _evidence() -> dict[str, pa_schema.Column]:
    """The ten columns that end every fact row."""
    lead = {"page": _count(), "line": _count(), "line_last": _count()}
    return lead | _box() | {"raw": _text(), "confidence": _share(), "rule": _text(null=False)}


Link = tuple[tuple[str, ...], str, tuple[str, ...]]  # columns here, the table they point to, its columns
_OF_PLAN: Link = (("plan_id",), "plans", ("plan_id",))


def _table(
    name: str,
    columns: dict[str, pa_schema.Column],
    key: tuple[str, ...],
    links: tuple[Link, ...] = (_OF_PLAN,),
) -> pa_schema.DataFrameSchema:
    return pa_schema.DataFrameSchema(
        columns, name=name, strict=True, ordered=True, unique=list(key) or None, metadata={"key": key, "links": links}
    )


_PLANS = {
    "plan_id": _plan_id(),
    "source_path": _text(null=False),
    "page_first": _count(),
    "page_last": _count(),
    "source_kind": _text(null=False, codes=("scan", "pdf_text", "text", "garbled_text")),
    "is_plan": _column(BOOLEAN, null=False),
    "doc_type": _text(),
    "number": _text(),
    "number_source": _text(codes=PRINTED_SOURCES),
    "issue_date": _text(pattern=DATE),
    "issue_date_source": _text(codes=PRINTED_SOURCES),
    "place": _text(),
    "title": _text(),
    "campaign": _text(),
    "issuing_authority": _text(),
    "issuing_authority_printed": _text(),
    "parent_authority": _text(),
    "signer_name": _text(),
    "signer_title": _text(),
    "signing_mode": _text(codes=("KT", "TM", "TL", "TUQ", "Q")),
    "signed_for": _text(),
    "secrecy": _text(),
    "urgency": _text(),
    "period_start": _text(pattern=DATE),
    "period_end": _text(pattern=DATE),
    "uri": _text(),
    "pages": _count(low=0),
    "words": _count(low=0),
    "text_confidence": _share(),
    "needs_review": _column(BOOLEAN, null=False),
    "review_reasons": _column(TEXTS, null=False),
}

SCHEMAS: Mapping[str, pa_schema.DataFrameSchema] = {
    "plans": _table("plans", _PLANS, ("plan_id",), ()),
    "plan_fields": _table(
        "plan_fields",
        {
            "plan_id": _plan_id(),
            "column": _text(null=False, codes=tuple(_PLANS)),
            "value": _text(null=False),
            "source": _text(null=False, codes=FIELD_SOURCES),
        }
        | _evidence(),
        ("plan_id", "column"),
    ),
    "citations": _table(
        "citations",
        {
            "plan_id": _plan_id(),
            "citation_no": _count(),
            "cited_id": _text(),
            "cited_type": _text(),
            "cited_date": _text(pattern=DATE),
            "cited_issuer": _text(),
            "subject": _text(),
            "relation": _text(null=False, codes=RELATIONS),
            "relation_subject": _text(null=False),
            "mentions": _count(),
            "cited_uri": _text(),
            "cited_plan_id": _text(pattern=PLAN_ID),
        }
        | _evidence(),
        ("plan_id", "citation_no"),
        (_OF_PLAN, (("cited_plan_id",), "plans", ("plan_id",))),
    ),
    "citation_mentions": _table(
        "citation_mentions",
        {"plan_id": _plan_id(), "citation_no": _count(), "mention_no": _count()} | _evidence(),
        ("plan_id", "citation_no", "mention_no"),
        (_OF_PLAN, (("plan_id", "citation_no"), "citations", ("plan_id", "citation_no"))),
    ),
    # Annexes begin their numbering again, so a path alone is no key.
    "sections": _table(
        "sections",
        {
            "plan_id": _plan_id(),
            "section": _text(null=False),
            "level": _count(),
            "title": _text(),
            "kind": _text(null=False, codes=("heading", "leadin", "numbered_paragraph")),
        }
        | _evidence(),
        (),
    ),
    "tasks": _table(
        "tasks",
        {
            "plan_id": _plan_id(),
            "task_no": _count(),
            "section": _text(),
            "text": _text(null=False),
            "responsible": _column(TEXTS, null=False),
            "responsible_source": _text(codes=("own", "inherited")),
            "coordinating": _column(TEXTS, null=False),
            "reports_to": _column(TEXTS, null=False),
            "targets": _column(TARGETS, null=False),
            "product": _text(),
            "from_table": _column(BOOLEAN, null=False),
        }
        | _evidence(),
        ("plan_id", "task_no"),
    ),
    "deadlines": _table(
        "deadlines",
        {
            "plan_id": _plan_id(),
            "deadline_no": _count(),
            "task_no": _count(),
            "kind": _text(null=False, codes=DEADLINE_KINDS),
            "start": _text(pattern=MOMENT),
            "end": _text(pattern=MOMENT),
            "end_op": _text(codes=("<", "<=")),
            "rrule": _text(),
            "anchor": _text(),
        }
        | _evidence(),
        ("plan_id", "deadline_no"),
        (_OF_PLAN, (("plan_id", "task_no"), "tasks", ("plan_id", "task_no"))),
    ),
    "recipients": _table(
        "recipients",
        {
            "plan_id": _plan_id(),
            "ordinal": _count(),
            "name": _text(null=False),
            "purpose": _text(),
            "kind": _text(null=False, codes=("recipient", "archive")),
        }
        | _evidence(),
        ("plan_id", "ordinal"),
    ),
    "lines": _table(
        "lines",
        {
            "plan_id": _plan_id(),
            "page": _count(),
            "line": _count(),
            "raw": _text(),
            "text": _text(),
            "kind": _text(null=False, codes=LINE_KINDS),
            "confidence": _share(),
        }
        | _box(),
        ("plan_id", "page", "line"),
    ),
    # A plan that could not be tabulated has its problems and no row of plans: no link.
    "problems": _table(
        "problems",
        {
            "plan_id": _text(pattern=PLAN_ID),
            "source_path": _text(null=False),
            "level": _text(null=False, codes=LEVELS),
            "stage": _text(null=False, codes=STAGES),
            "page": _count(null=True),
            "code": _text(null=False),
            "message": _text(null=False),
        },
        (),
        (),
    ),
    "overview": _table(
        "overview",
        {
            "plan_id": _plan_id(),
            "number": _text(),
            "issuing_authority": _text(),
            "issue_date": _text(pattern=DATE),
            "task_no": _count(),
            "section": _text(),
            "text": _text(null=False),
            "responsible": _column(TEXTS, null=False),
            "next_deadline": _text(pattern=DATE),
            "time_words": _column(TEXTS, null=False),
            "page": _count(),
            "link": _text(null=False),
        },
        ("plan_id", "task_no"),
        (_OF_PLAN, (("plan_id", "task_no"), "tasks", ("plan_id", "task_no"))),
    ),
}
NAMES = tuple(SCHEMAS)


@dataclass(frozen=True, eq=False)
class Tables(Mapping[str, pd.DataFrame]):
    """All tables of a corpus: `tables.plans`, or `tables["plans"]`. `lines` may be empty where nobody asked for the text."""

    plans: pd.DataFrame
    plan_fields: pd.DataFrame
    citations: pd.DataFrame
    citation_mentions: pd.DataFrame
    sections: pd.DataFrame
    tasks: pd.DataFrame
    deadlines: pd.DataFrame
    recipients: pd.DataFrame
    lines: pd.DataFrame
    problems: pd.DataFrame
    overview: pd.DataFrame

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in SCHEMAS:
            raise KeyError(name)
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def arrow_schema(name: str) -> pa.Schema:
    """The pyarrow schema of a table: fixed types in fixed order, without metadata that might vary."""
    return pa.schema([pa.field(c, ARROW[dtype(column)], nullable=column.nullable) for c, column in SCHEMAS[name].columns.items()])


def dtype(column: pa_schema.Column) -> Any:
    """The pandas type of a column."""
    return column.metadata["dtype"]


def key(name: str) -> tuple[str, ...]:
    """The columns that tell the rows of a table apart; empty where only the order does."""
    columns: tuple[str, ...] = SCHEMAS[name].metadata["key"]
    return columns


def links(name: str) -> tuple[Link, ...]:
    """The foreign keys of a table."""
    found: tuple[Link, ...] = SCHEMAS[name].metadata["links"]
    return found


def codes(column: pa_schema.Column) -> tuple[str, ...]:
    """The codes that a column keeps to; empty where it is free."""
    return next((tuple(c.statistics["allowed_values"]) for c in column.checks if c.name == "isin"), ())


def frame(name: str, table: pa.Table) -> pd.DataFrame:
    """A pyarrow table of `arrow_schema(name)` as a DataFrame with our null-safe types."""
    return table.to_pandas(types_mapper=PANDAS.get)


def to_arrow(name: str, rows: pd.DataFrame) -> pa.Table:
    """A table as pyarrow, in the fixed schema and without pandas' metadata, which name its version."""
    table = pa.Table.from_pandas(rows, schema=arrow_schema(name), preserve_index=False)
    return table.replace_schema_metadata(None).combine_chunks()  # how the rows came together must not show in the bytes
