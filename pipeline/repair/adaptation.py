"""What like documents teach: the word sequences and abbreviations of a corpus, as a second language model mixed with the general one.

Texts given for one run are learned from at once (`--corpus`). For builds an adaptation is a file of counts that `kehoach train --adapt`
writes on demand, so that a new plan never changes another plan's text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import MissingError
from pipeline.repair.counts import BITS, Grams, chunk, gram_counts, merge, unit_numbers
from pipeline.repair.grammar import BREAK, cut
from pipeline.repair.language import Builder, Language
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.store import Model
from pipeline.text import nfc, old_tone
from pipeline.versions import adaptation_stamp

HEAD = "# kehoach adaptation 1"
ORDERS = (1, 2, 3, 4)
LEAST_ABBREVIATION = 3  # sights in capitals after which a word that is no syllable passes as it stands
Counts = dict[int, tuple[Grams, NDArray[np.float64]]]


@dataclass(frozen=True)
class Adaptation:
    """Abbreviations, and counts of unit n-grams by order (sorted packed keys, counts)."""

    abbreviations: tuple[str, ...]
    grams: Counts

    def plus(self, other: Adaptation) -> Adaptation:
        """Both together."""
        grams = {n: merge([self.grams[n], other.grams[n]]) for n in ORDERS}
        return Adaptation(tuple(sorted({*self.abbreviations, *other.abbreviations})), grams)


def learned(texts: Iterable[str], model: Model) -> Adaptation:
    """Counts of clean texts, over the units of `model`; a blank line, and the end of a line, ends what is counted together."""
    whole = [old_tone(nfc(t)) for t in texts]
    numbers = unit_numbers(chunk("\n".join(whole)), model.index)
    stop = model.index[BREAK]
    grams = {}
    for order in ORDERS:
        keys, n = gram_counts(numbers, order, stop)
        grams[order] = (keys, n.astype(np.float64))
    seen = Counter(body for t in whole for body in (cut(w)[1] for w in t.split()) if _capitals(body))
    return Adaptation(tuple(sorted(w for w, n in seen.items() if n >= LEAST_ABBREVIATION)), grams)


def _capitals(body: str) -> bool:
    return 3 <= len(body) <= 12 and body.isalpha() and body.isupper() and not is_syllable(body)


def language(adaptation: Adaptation, model: Model) -> Language | None:
    """The language model of the counts, no n-gram left out; None where there are none."""
    if not len(adaptation.grams[1][0]):
        return None
    arrays = Builder(adaptation.grams, len(model.units), model.index[BREAK]).arrays()
    return Language(**{name: arrays[name] for name in Language.__dataclass_fields__})  # type: ignore[arg-type]


def write(adaptation: Adaptation, model: Model, path: Path) -> None:
    """One abbreviation (`=THADS`) or n-gram (`units TAB count`) a line, sorted: the same counts give the same bytes."""
    rows = [HEAD, *(f"={a}" for a in adaptation.abbreviations)]
    for order in ORDERS:
        keys, counts = adaptation.grams[order]
        rows += [f"{' '.join(model.units[u] for u in _unpacked(int(k), order))}\t{n:g}" for k, n in zip(keys, counts, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text("\n".join(rows) + "\n", encoding="utf-8")
    new.replace(path)


def _unpacked(key: int, order: int) -> list[int]:
    return [(key >> (BITS * k)) & ((1 << BITS) - 1) for k in reversed(range(order))]


def read(path: Path, model: Model) -> Adaptation:
    """An adaptation file; n-grams with units that `model` lacks are passed over. Raises MissingError (`missing_adaptation`, path)."""
    adaptation_stamp(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != HEAD:
        raise MissingError("missing_adaptation", path=str(path))
    abbreviations = tuple(x[1:] for x in lines if x.startswith("="))
    found: dict[int, list[tuple[int, float]]] = {n: [] for n in ORDERS}
    for line in lines[1:]:
        text, tab, count = line.partition("\t")
        units = [model.index.get(u) for u in text.split(" ")] if tab else []
        if units and None not in units and len(units) <= len(ORDERS):
            key = 0
            for u in units:
                key = (key << BITS) | (u or 0)
            found[len(units)].append((key, float(count)))
    grams: Counts = {}
    for order, rows in found.items():
        rows.sort()
        grams[order] = (np.array([k for k, _ in rows], np.uint64), np.array([n for _, n in rows], np.float64))
    return Adaptation(abbreviations, grams)


def clean_parts(raws: Sequence[str], garbled: Sequence[bool]) -> str:
    """The clean lines of a text, a paragraph break where one is left out: a garbled sibling teaches nothing."""
    return "\n".join("" if bad else raw for raw, bad in zip(raws, garbled, strict=True))
