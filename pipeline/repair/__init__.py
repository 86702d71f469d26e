"""Repair: garbled Vietnamese back to what was printed, by a noisy channel over a lattice of syllables (docs: spec of the stage)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from pipeline import settings
from pipeline.document import Line, Reading, text_reading
from pipeline.repair.judge import OCR_PRIOR, garbled_lines
from pipeline.repair.restore import Restorer, foreign_lines, lines_of
from pipeline.repair.store import Model, folder, load, stamp

__all__ = ["is_garbled", "model_stamp", "repair", "repair_text"]


FOREIGN_BELOW = 0.3  # share of garbled letters below which a line may be foreign rather than garbled


@lru_cache(maxsize=2)
def _model(repair_settings: settings.Repair) -> Model:
    return load(folder(repair_settings))


def model_stamp(settings: settings.Repair) -> str:
    """SHA-256 (hex) over the model files that repair uses. Raises MissingError (`missing_model`, path) where one is absent."""
    return stamp(folder(settings))


def is_garbled(reading: Reading, options: settings.Repair | None = None) -> bool:
    """Whether most of the text is garbled. Raises MissingError without a model."""
    options = options or settings.Repair()
    raws = [line.raw for _, line in reading.lines()]
    marks = garbled_lines(raws, _model(options), options, _prior(reading))
    letters = [(sum(c.isalpha() for c in raw), m) for raw, m in zip(raws, marks, strict=True)]
    return sum(n for n, m in letters if m) > 0.5 * sum(n for n, _ in letters)


def repair(reading: Reading, settings: settings.Repair, known: tuple[str, ...] = (), siblings: tuple[str, ...] = ()) -> Reading:
    """The reading with its garbled lines repaired, clean lines as they are: one line for each line, in order.

    Each repaired word keeps its span of `Line.raw`, the box around its raw words, a confidence in 0..1 and close rivals as
    `alternatives`. `known` are abbreviations that pass as they stand (`THADS`), `siblings` plain texts of like documents, whose word
    sequences are learned for this run. Raises MissingError without a model.
    """
    model = _model(settings)
    places = [(p, k) for p, page in enumerate(reading.pages) for k in range(len(page.lines))]
    lines = [reading.pages[p].lines[k] for p, k in places]
    marks = garbled_lines([line.raw for line in lines], model, settings, _prior(reading))
    wanted = [n for n, m in enumerate(marks) if m and lines[n].raw.strip()]
    if not wanted:
        return reading
    chosen = [lines[n] for n in wanted]
    tokens, choices = Restorer(model, settings, siblings).choose([line.raw for line in chosen], known)
    repaired = dict(zip(wanted, lines_of(chosen, tokens, choices), strict=True))
    letters = [sum(c.isalpha() for c in line.raw) for line in lines]
    if sum(letters[n] for n in wanted) < FOREIGN_BELOW * sum(letters):
        for k in foreign_lines(len(chosen), tokens, choices):  # in a clean text a line that repair cannot explain is in another language
            del repaired[wanted[k]]
    by_page: list[list[Line]] = [[] for _ in reading.pages]
    for n, (p, _) in enumerate(places):
        by_page[p].append(repaired.get(n, lines[n]))
    pages = tuple(replace(page, lines=tuple(by_page[p])) for p, page in enumerate(reading.pages))
    if not repaired:
        return reading
    kind = "garbled_text" if reading.source_kind == "text" else reading.source_kind
    return Reading(kind, pages, (*reading.made_by, f"repair {model_stamp(settings)[:12]}"))


def repair_text(text: str, settings: settings.Repair, siblings: tuple[str, ...] = ()) -> Reading:
    """The reading of a plain text, repaired; line k of the text is line k of the reading.

    `siblings` are plain texts of like documents: their word sequences and their abbreviations in capitals are learned for this run.
    """
    known = {
        w.strip("().,;:") for s in siblings for w in s.split() if w.strip("().,;:").isupper() and w.strip("().,;:").isalpha() and len(w) > 2
    }
    return repair(text_reading(text), settings, tuple(sorted(known)), siblings)


def _prior(reading: Reading) -> float:
    return OCR_PRIOR if reading.source_kind == "scan" else 0.0
