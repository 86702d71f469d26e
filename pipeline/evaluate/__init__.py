"""Evaluation: texts and records measured against gold (contract, section 5)."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InputError
from pipeline.evaluate import facts, files, text
from pipeline.evaluate.scores import Document, Figure, Scores, as_dict
from pipeline.messages import Lang

__all__ = ["Scores", "as_plain", "as_rows", "evaluate", "render"]


def evaluate(pred: Path, gold: Path, raw: Path | None = None, optional: bool = False) -> Scores:
    """PRED against GOLD: two texts, two records (or lists of records), or two folders whose files match by stem.

    `raw` is the text before repair (or the folder of those). `optional`: gold's `tasks_optional` neither earn nor cost. A gold file
    without a prediction counts as wholly missing; a prediction without gold is named in `Scores.unmatched`.
    Raises InputError where a file is missing, cannot be used, or the two are not of one kind.
    """
    for path in (pred, gold, *((raw,) if raw else ())):
        if not path.exists():
            raise InputError("file_missing", path=path)
    if pred.is_dir() and gold.is_dir():
        return _folders(pred, gold, raw, optional)
    if pred.is_dir() or gold.is_dir() or (raw is not None and raw.is_dir()):
        raise InputError("not_one_kind", path=pred, gold=gold)
    record = files.is_record(gold)
    if files.is_record(pred) != record:
        raise InputError("not_one_kind", path=pred, gold=gold)
    return Scores((_document(gold.name, pred, gold, raw, optional, record),))


def _folders(pred: Path, gold: Path, raw: Path | None, optional: bool) -> Scores:
    made, there = files.found(pred), files.found(gold)
    raws = files.found(raw) if raw is not None else {}
    kinds = {record for record, _ in made} & {record for record, _ in there}
    if not kinds:
        raise InputError("not_one_kind", path=pred, gold=gold)
    pairs = sorted(k for k in there if k[0] in kinds)
    documents = (_document(k[1], made.get(k), there[k], raws.get(k), optional, k[0]) for k in pairs)
    return Scores(tuple(documents), tuple(sorted(name for kind, name in made if (kind, name) not in there and kind in kinds)))


def _document(name: str, pred: Path | None, gold: Path, raw: Path | None, optional: bool, record: bool) -> Document:
    if record:
        return Document(name, facts=facts.compare(files.records(pred) if pred else [], files.records(gold), optional))
    before = files.text(raw) if raw else None
    return Document(name, text=text.compare(files.text(pred) if pred else "", files.text(gold), before))


def as_plain(scores: Scores) -> dict[str, object]:
    """The scores as `kehoach evaluate --json` prints them: each measure by name, rounded to six places."""
    counted = scores.text
    lines = {"lines_kept": counted.lines_kept, "texts": counted.texts} if counted.texts else {}
    return {"documents": len(scores.documents), **lines, "measures": as_dict(scores.figures()), "unmatched": list(scores.unmatched)}


def as_rows(figures: tuple[Figure, ...], lang: Lang) -> list[list[str]]:
    """Figures as rows of a table with its heading: measure, value, 95 % interval, counts, precision, recall."""
    from pipeline.messages import say

    rows = [[say(f"evaluate.{k}", lang) for k in ("measure", "value", "interval", "counts", "precision", "recall")]]
    for f in figures:
        counts = "/".join(map(str, f.counts))
        rows.append([say(f"measure.{f.name}", lang), _rate(f, f.value), _range(f), counts, *(_rate(f, x) for x in (f.precision, f.recall))])
    return rows


def _rate(f: Figure, x: float | None) -> str:
    return "" if x is None else f"{100 * x:.2f} %" if f.kind == "share" else f"{x:.4f}"


def _range(f: Figure) -> str:
    return "" if f.interval is None else " – ".join(_rate(f, x) for x in f.interval)


def render(scores: Scores, lang: Lang) -> str:
    """The scores as an aligned table: how many documents, each measure with its interval, and what the counts are."""
    from pipeline.evaluate.table import aligned
    from pipeline.messages import say

    out = say("evaluate.documents", lang, count=len(scores.documents)) + "\n"
    if scores.text.texts:
        out += say("evaluate.lines_kept", lang, kept=scores.text.lines_kept, count=scores.text.texts) + "\n"
    out += "\n" + aligned(as_rows(scores.figures(), lang)) + "\n" + say("evaluate.legend", lang) + "\n"
    if scores.unmatched:
        out += say("evaluate.unmatched", lang, names=", ".join(scores.unmatched)) + "\n"
    return out
