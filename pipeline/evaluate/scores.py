"""Scores of one document or many: counts pooled over documents, rates beside them, intervals by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.evaluate import intervals
from pipeline.evaluate.tally import COMPONENTS, PARTS, SHARES, FactCounts
from pipeline.evaluate.text import TextCounts


@dataclass(frozen=True, slots=True)
class Document:
    """One document that was measured: as a text, or as a record."""

    name: str
    text: TextCounts | None = None
    facts: FactCounts | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure over all documents: `value` with its 95 % interval by document (None for one document).

    kind `f1`: counts are (right, made, there); `share`: (part, whole); `mean`: no counts of its own. Precision and recall for `f1` only.
    """

    name: str
    kind: Literal["f1", "share", "mean"]
    counts: tuple[int, ...]
    value: float | None
    precision: float | None = None
    recall: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """What was measured, document by document. `unmatched` names files without gold: they are not counted."""

    documents: tuple[Document, ...]
    unmatched: tuple[str, ...] = ()

    @property
    def text(self) -> TextCounts:
        """Counts over all texts."""
        return sum((d.text for d in self.documents if d.text is not None), TextCounts())

    @property
    def facts(self) -> FactCounts:
        """Counts over all records."""
        return sum((d.facts for d in self.documents if d.facts is not None), FactCounts())

    def figures(self) -> tuple[Figure, ...]:
        """Every measure that has something to count, texts first."""
        texts = [d.text for d in self.documents if d.text is not None]
        records = [d.facts for d in self.documents if d.facts is not None]
        return (*text_figures(texts), *fact_figures(records))


def text_figures(texts: Sequence[TextCounts]) -> tuple[Figure, ...]:
    """The measures of the contract over several texts, errors pooled."""
    whole = sum(texts, TextCounts())
    return tuple(_share(name, [t.shares[name] for t in texts]) for name, (_, of) in whole.shares.items() if of)


def fact_figures(records: Sequence[FactCounts]) -> tuple[Figure, ...]:
    """Macro F1, then the components and their parts, then the shares, facts pooled over several documents."""
    if not records:
        return ()
    whole = sum(records, FactCounts())
    figures = [Figure("macro_f1", "mean", (), whole.macro_f1, interval=_interval(records, COMPONENTS, intervals.macro_f1))]
    for name in (*COMPONENTS, *PARTS):
        t = whole.tally(name)
        if t.f1 is not None:
            counts = (t.right, t.made, t.there)
            figures.append(Figure(name, "f1", counts, t.f1, t.precision, t.recall, _interval(records, (name,), intervals.f1)))
    for name in SHARES:
        if whole.shares.get(name, (0, 0))[1]:
            figures.append(_share(name, [r.shares.get(name, (0, 0)) for r in records]))
    return tuple(figures)


def _interval(records: Sequence[FactCounts], names: Sequence[str], measure: intervals.Measure) -> tuple[float, float] | None:
    rows = [[n for name in names for t in (r.tally(name),) for n in (t.right, t.made, t.there)] for r in records]
    return intervals.interval(rows, measure)


def _share(name: str, parts: Sequence[tuple[int, int]]) -> Figure:
    part, of = (sum(column) for column in zip(*parts, strict=True))
    return Figure(name, "share", (part, of), part / of, interval=intervals.interval(parts, intervals.ratio))


def as_dict(figures: Sequence[Figure]) -> dict[str, dict[str, Any]]:
    """Figures by name as plain values, rounded to six places: counts, rate, interval."""
    out: dict[str, dict[str, Any]] = {}
    for f in figures:
        row: dict[str, Any] = {"value": _round(f.value)}
        if f.kind == "f1":
            right, made, there = f.counts
            row = {"precision": _round(f.precision), "recall": _round(f.recall), "f1": _round(f.value)}
            row |= {"right": right, "false": made - right, "missing": there - right}
        elif f.kind == "share":
            row |= {"part": f.counts[0], "of": f.counts[1]}
        row["interval"] = [_round(x) for x in f.interval] if f.interval else None
        out[f.name] = row
    return out


def _round(x: float | None) -> float | None:
    return None if x is None else round(x, 6)
