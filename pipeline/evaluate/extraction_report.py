"""The parts of the report on extraction: the invented plans and phrases, and the targets of issue 6 with what was reached on each part.

Of what is held out only totals are told, never a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.evaluate import as_rows, runs
from pipeline.evaluate.part import Part
from pipeline.evaluate.scores import Document, Figure, as_dict, fact_figures
from pipeline.messages import Lang, say
from pipeline.settings import Settings

HALVES = ("dev", "heldout", "heldout2")


@dataclass(frozen=True, slots=True)
class Needed:
    """What issue 6 asks of a measure: at least `least`; with `none_false`, that nothing found is false."""

    measure: str
    least: float
    none_false: bool = False


# Issue 6, targets for clean text.
NEEDED = (
    Needed("header", 0.98),
    Needed("citations", 0.98, none_false=True),
    Needed("sections", 0.97),
    Needed("tasks", 0.95),
    Needed("exact_text", 0.85),
    Needed("responsible", 0.90),
    Needed("targets", 0.90),
    Needed("deadlines", 0.92),
    Needed("recipients", 0.97),
    Needed("identifiers_right", 0.95),
    Needed("deadlines_right", 0.95),
)


def parts(root: Path, settings: Settings, lang: Lang, errors: bool) -> Iterator[Part]:
    """A part for each folder of plans, one for the phrases, one for the targets; `errors` lists what is wrong in the development half."""
    figures: dict[str, tuple[Figure, ...]] = {}
    for half in HALVES:
        documents, seconds = runs.plans(root / "tests/plans" / half, settings)
        if not documents and half == "heldout2":
            continue
        found = fact_figures([d.facts for d in documents if d.facts is not None])
        note = say("evaluate.no_repair", lang, count=len(documents), seconds=f"{seconds:.1f}")
        title = say("evaluate.extraction", lang, what=say(f"evaluate.{half}", lang))
        figures[half] = found
        yield Part(title, note, _rows(found, lang), {f"extraction_{half}": as_dict(found) | {"documents": len(documents)}})
        if errors and half == "dev":
            yield _errors(documents, lang)
    for half in HALVES[:2]:
        phrases, wrong = phrase_figures(root / "tests/phrases" / half)
        if phrases:
            title = say("evaluate.own_symbols", lang, what=half)
            yield Part(title, wrong if half == "dev" else "", _rows(phrases, lang), {f"phrases_{half}": as_dict(phrases)})
            figures[half] += phrases
    yield _targets(figures, lang)


def _rows(figures: Sequence[Figure], lang: Lang) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, as_rows(tuple(figures), lang)))


def phrase_figures(folder: Path) -> tuple[tuple[Figure, ...], str]:
    """Shares of right rows of a folder's identifiers.csv and deadlines.csv, and the wrong ones as a line of text."""
    figures, wrong = [], []
    tests: tuple[tuple[str, Callable[[dict[str, str]], bool]], ...] = (
        ("identifiers", runs.identifier_right),
        ("deadlines", runs.deadline_right),
    )
    for name, test in tests:
        if (folder / f"{name}.csv").is_file():
            (right, of), failed = runs.phrases(folder / f"{name}.csv", test)
            figures.append(Figure(f"{name}_right", "share", (right, of), right / of if of else None))
            wrong += [f"`{w}`" for w in failed]
    return tuple(figures), " · ".join(wrong)


def _errors(documents: Sequence[Document], lang: Lang) -> Part:
    """What is wrong in documents that may be looked at, by component and kind."""
    found = [(e.component, e.kind, d.name, e.what, e.gold or "", e.made or "") for d in documents if d.facts for e in d.facts.errors]
    found.sort(key=lambda row: row[:3])
    head = ("component", "kind", "document", "what", "gold", "made")
    return Part(say("evaluate.errors", lang), "", (head, *found), {"errors_dev": [dict(zip(head, row, strict=True)) for row in found]})


def reached(figure: Figure, needed: Needed) -> bool | None:
    """Whether a figure is what is needed; None where there was nothing to measure."""
    if figure.value is None:
        return None
    right, made = figure.counts[:2]
    return figure.value >= needed.least and (right == made or not needed.none_false)


def _targets(figures: Mapping[str, Sequence[Figure]], lang: Lang) -> Part:
    """Issue 6 on clean text: each measure on each part, with counts and the 95 % interval by document, and whether it is met."""
    rows = [(say("evaluate.target", lang), say("evaluate.needed", lang), *(say(f"evaluate.{half}", lang) for half in figures))]
    values = []
    for needed in NEEDED:
        cells = []
        for half, found in figures.items():
            figure = next((f for f in found if f.name == needed.measure), None)
            met = reached(figure, needed) if figure else None
            if figure is None or figure.value is None or met is None:
                cells.append("–")
                continue
            between = f"; {figure.interval[0]:.3f}–{figure.interval[1]:.3f}" if figure.interval else ""
            told = say("evaluate.yes" if met else "evaluate.no", lang)
            cells.append(f"{figure.value:.3f} ({'/'.join(map(str, figure.counts))}{between}) {told}")
            values.append({"measure": needed.measure, "part": half, "figure": figure.value, "needed": needed.least, "met": met})
        rows.append((say(f"measure.{needed.measure}", lang), f"≥ {needed.least}", *cells))
    return Part(say("evaluate.targets_extraction", lang), "", tuple(rows), {"targets_extraction": values})
