"""Repair: garbled Vietnamese back to what was printed, by a noisy channel over a lattice of syllables (docs: spec of the stage)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from pipeline import settings
from pipeline.document import Line, Reading, text_reading
from pipeline.repair import adaptation
from pipeline.repair.doubtful import mended_lines
from pipeline.repair.hyphens import joined, parted
from pipeline.repair.judge import OCR_PRIOR, garbled_lines
from pipeline.repair.language import Language
from pipeline.repair.restore import Restorer, foreign_lines, lines_of
from pipeline.repair.store import Model, load
from pipeline.repair.undone import undone_lines
from pipeline.versions import adaptation_stamp, model_folder, model_stamp

__all__ = ["adapt", "is_garbled", "model_stamp", "repair", "repair_text"]


FOREIGN_BELOW = 0.3  # share of garbled letters below which a line may be foreign rather than garbled


@lru_cache(maxsize=2)
def _model(repair_settings: settings.Repair) -> Model:
    return load(model_folder(repair_settings))


@lru_cache(maxsize=2)
def _adaptation(model: Path, path: Path, digest: str) -> tuple[adaptation.Adaptation, Language | None]:
    known = adaptation.read(path, load(model))
    return known, adaptation.language(known, load(model))


def _near(options: settings.Repair, siblings: tuple[str, ...]) -> tuple[tuple[str, ...], Language | None]:
    """Abbreviations and language model of the adaptation that is set and of sibling texts; of the latter only clean lines teach."""
    model = _model(options)
    known: adaptation.Adaptation | None = None
    near: Language | None = None
    if options.adaptation:
        path = Path(options.adaptation)
        known, near = _adaptation(model_folder(options), path, adaptation_stamp(path))
    if siblings:
        texts = [t.split("\n") for t in siblings]
        clean = [adaptation.clean_parts(t, garbled_lines(t, model, options)) for t in texts]
        found = adaptation.learned(clean, model)
        known = known.plus(found) if known else found
        near = adaptation.language(known, model)
    return known.abbreviations if known else (), near


def adapt(texts: Sequence[str], path: Path, options: settings.Repair | None = None) -> None:
    """Write the adaptation that clean texts teach, for `settings.repair.adaptation`. Raises MissingError without a model."""
    model = _model(options or settings.Repair())
    adaptation.write(adaptation.learned(texts, model), model, path)


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
    before = [line for page in reading.pages for line in page.lines]
    lines = [line for page in reading.pages for line in (page.lines if page.origin == "ocr" else undone_lines(page.lines))]
    marks = garbled_lines([line.text for line in lines], model, settings, _prior(reading))
    wanted = [n for n, m in enumerate(marks) if m and lines[n].text.strip()]
    after = list(lines)
    if wanted:
        whole, carried = joined(lines, marks)
        chosen = [whole[n] for n in wanted]
        abbreviations, near = _near(settings, siblings)
        tokens, choices = Restorer(model, settings, near).choose([line.text for line in chosen], (*known, *abbreviations))
        letters = [sum(c.isalpha() for c in line.text) for line in lines]
        # in a clean text a line that repair cannot explain is in another language
        clean = sum(letters[n] for n in wanted) < FOREIGN_BELOW * sum(letters)
        foreign = set(foreign_lines(len(chosen), tokens, choices)) if clean else set()
        made = {wanted[k]: line for k, line in enumerate(lines_of(chosen, tokens, choices)) if k not in foreign}
        held = tuple(c for c in carried if c.line in made and c.line + 1 in made)
        after = parted(lines, [made.get(n, line) for n, line in enumerate(lines)], held)
    if reading.source_kind == "scan":
        after = _without_doubts(reading, after, set(wanted), model, settings)
    if all(a is b for a, b in zip(before, after, strict=True)):
        return reading
    following = iter(after)
    pages = tuple(replace(page, lines=tuple(islice(following, len(page.lines)))) for page in reading.pages)
    kind = "garbled_text" if reading.source_kind == "text" else reading.source_kind
    return Reading(kind, pages, (*reading.made_by, f"repair {model_stamp(settings)[:12]}"))


def _without_doubts(reading: Reading, lines: list[Line], garbled: set[int], model: Model, options: settings.Repair) -> list[Line]:
    """The lines of pages read by the recogniser with doubtful words mended; what repair has restored stays as it is."""
    out: list[Line] = []
    for page in reading.pages:
        here = range(len(out), len(out) + len(page.lines))
        own = [lines[n] for n in here]
        mended = mended_lines(own, model, options) if page.origin == "ocr" else own
        out += [old if n in garbled else new for n, old, new in zip(here, own, mended, strict=True)]
    return out


def repair_text(text: str, settings: settings.Repair, siblings: tuple[str, ...] = ()) -> Reading:
    """The reading of a plain text, repaired; line k of the text is line k of the reading.

    `siblings` are plain texts of like documents: their word sequences and their abbreviations in capitals are learned for this run.
    """
    return repair(text_reading(text), settings, (), siblings)


def _prior(reading: Reading) -> float:
    return OCR_PRIOR if reading.source_kind == "scan" else 0.0
