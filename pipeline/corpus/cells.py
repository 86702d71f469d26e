"""Cells of the tables as text, the way the CSV files and corrections write them, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
import pandas as pd

from pipeline.corpus.store import SEPARATOR, entry, unflat
from pipeline.corpus.tables import BOOLEAN, INTEGER, NUMBER, SCHEMAS, TARGETS, TARGETS_ARROW, TEXTS, TEXTS_ARROW, dtype
from pipeline.document import EVIDENCE_COLUMNS, FACT_TABLES, Target

# What names a row, is counted, or is worked out in the corpus stage is no reading, and nobody corrects it.
FIXED = frozenset(
    ("plan_id", "source_path", "page_first", "page_last", "source_kind", "pages", "words", "text_confidence")
    + ("citation_no", "cited_plan_id", "mentions", "task_no", "deadline_no", "ordinal")
)


def text_of(value: Any) -> str:
    """A cell as it stands in the CSV tables; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return SEPARATOR.join(entry(msgspec.to_builtins(v)) for v in value)
    return str(value)


def typed(table: str, column: str, text: str) -> Any:
    """A cell of the CSV tables as its column holds it. Raises ValueError with what is wrong."""
    schema = SCHEMAS[table].columns
    own = {f.name for f in fields(FACT_TABLES[table])} if table != "plans" else set(schema)
    if column not in schema or column not in own or column in FIXED or column in EVIDENCE_COLUMNS:
        raise ValueError(f"{table}.{column} is no column that is corrected")
    rules, kind = schema[column], dtype(schema[column])
    try:
        value: Any = text or None
        if kind == TEXTS:
            return tuple(unflat(text or None, TEXTS_ARROW))
        if kind == TARGETS:
            return msgspec.convert(unflat(text or None, TARGETS_ARROW), tuple[Target, ...])
        if value is None:
            if not rules.nullable:
                raise ValueError("it cannot be empty")
            return None
        if kind == BOOLEAN:
            value = {"true": True, "false": False}[text.lower()]
        elif kind == INTEGER:
            value = int(text)
        elif kind == NUMBER:
            value = float(text)
    except (KeyError, ValueError) as e:  # msgspec.ValidationError is a ValueError
        raise ValueError(f"not a value of {table}.{column}: {e}") from None
    for check in rules.checks:
        if not bool(check(pd.Series([value], dtype=kind)).check_passed):
            raise ValueError(f"not a value of {table}.{column}: {check.error or check.name}")
    return value
