"""Damaged own plans in the report: each way beside the clean print, with the gap's 95 % interval; of held-out plans only totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.errors import MissingError
from pipeline.evaluate import intervals
from pipeline.evaluate.damaged_plans import Damaged, Way, measured
from pipeline.evaluate.part import Part
from pipeline.evaluate.tally import COMPONENTS, FactCounts
from pipeline.messages import Lang, explain, say
from pipeline.settings import Settings

HALVES = (("dev", ("dev",)), ("heldout", ("heldout", "heldout2")))
GAP: dict[Way, float] = {"light": 0.05, "prepared": 0.05, "medium": 0.05, "scan": 0.03}  # issue 6: macro F1 at most so far under clean text


def parts(root: Path, kept: Path, settings: Settings, lang: Lang, ways: Sequence[Way]) -> Iterator[Part]:
    """One part: both halves in each way. `kept` is the folder of readings; what is missing on the machine is said to be skipped."""
    head = ("way", "plans_counted", "print_f1", "kept_f1", "damaged_f1", "gap", "false_ids", "lost", "met")
    rows = [tuple(say(f"evaluate.{k}", lang) for k in head)]
    values = {}
    try:
        for way in ways:
            for half, folders in HALVES:
                found = [d for f in folders for d in measured(root / "tests/plans" / f, way, settings, kept)]
                if found:
                    row, values[f"{way}.{half}"] = _row(way, half, found, lang)
                    rows.append(row)
    except MissingError as e:
        yield Part("", explain(e, lang), (), {"skipped_damaged_plans": e.key})
    if len(rows) > 1:
        yield Part(say("evaluate.damaged_plans", lang), say("evaluate.damaged_plans_note", lang), tuple(rows), {"damaged_plans": values})


def gap(found: Sequence[Damaged]) -> tuple[float, tuple[float, float] | None]:
    """Macro F1 of the clean print less that of the damaged one over all plans, and its interval by document."""
    rows = [[*_counts(d.clean), *_counts(d.made)] for d in found]
    size = 3 * len(COMPONENTS)

    def measure(sums: intervals.Counts) -> intervals.Counts:
        return intervals.macro_f1(sums[:, :size]) - intervals.macro_f1(sums[:, size:])

    clean, made = (_whole(side).macro_f1 or 0.0 for side in ([d.clean for d in found], [d.made for d in found]))
    return clean - made, intervals.interval(rows, measure)


def _whole(counts: Iterable[FactCounts]) -> FactCounts:
    return sum(counts, FactCounts())


def _counts(counts: FactCounts) -> list[float]:
    return [n for c in COMPONENTS for t in (counts.tally(c),) for n in (t.right, t.made, t.there)]


def _row(way: Way, half: str, found: Sequence[Damaged], lang: Lang) -> tuple[tuple[str, ...], dict[str, object]]:
    whole = _whole(d.made for d in found)
    clean, kept, made = _whole(d.clean for d in found).macro_f1, _whole(d.kept for d in found).macro_f1, whole.macro_f1
    less, between = gap(found)
    false, lost, words = sum(len(d.false_ids) for d in found), sum(d.lost for d in found), sum(d.words for d in found)
    met = less <= GAP[way] and not false
    told = f"{less:.3f}" + (f" ({between[0]:.3f}–{between[1]:.3f})" if between else "") + f" ≤ {GAP[way]}"
    figures = tuple("–" if x is None else f"{x:.3f}" for x in (clean, kept, made))
    yes = say(f"evaluate.{'yes' if met else 'no'}", lang)
    row = (f"{way} · {half}", str(len(found)), *figures, told, str(false), f"{lost}/{words}", yes)
    values: dict[str, object] = {"clean": clean, "kept": kept, "made": made, "gap": less, "interval": between}
    values |= {"false_ids": false, "lost": lost, "words": words}
    return row, values | {c: whole.tally(c).f1 for c in COMPONENTS}
