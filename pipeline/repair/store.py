"""The model on disk: memory-mapped arrays and small text tables in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.channel import Confusions, Counts
from pipeline.repair.language import Language
from pipeline.repair.trie import Trie, build
from pipeline.versions import CONFUSIONS, DEFAULT_MODEL, LANGUAGE, LEXICON, MARKS, MISREAD, model_files

DEFAULT = DEFAULT_MODEL
LEAST_WORDS = 3  # sights from which a word that is read as another one is kept
Words = dict[str, tuple[tuple[int, float], ...]]  # a word as it was read → (unit that was printed, share of its sights that were read so)


@dataclass(frozen=True, eq=False)
class Model:
    """Everything that repair knows. `forms[unit]` are counts of (small, title, capital, mixed) spellings."""

    units: list[str]
    index: dict[str, int]
    forms: NDArray[np.float64]
    marks: dict[str, dict[str, float]]  # "lead"/"trail" → marks → share of words that have exactly these
    confusions: Confusions
    misread: Confusions | None  # those of the Vietnamese recogniser; None where the model has none
    trie: Trie
    language: Language
    misread_words: Words  # those that the Vietnamese recogniser takes for others
    mixed: dict[str, str]  # units that are mostly spelt with capitals inside: `kwh` → `kWh`, `ttg` → `TTg`
    whole: Words  # those of them that count in a search: none but in a page of that recogniser


@lru_cache(maxsize=2)
def load(path: Path) -> Model:
    """The model of a folder; its big arrays stay on disk and are shared by all processes. Raises MissingError."""
    model_files(path)
    units, forms, spelt = [], [], {}
    for k, line in enumerate((path / LEXICON).read_text(encoding="utf-8").splitlines()):
        word, *numbers, mixed = line.split("\t")
        units.append(word)
        forms.append([float(x) for x in numbers])
        if mixed:
            spelt[k] = mixed
    marks: dict[str, dict[str, float]] = {"lead": {}, "trail": {}}
    for line in (path / MARKS).read_text(encoding="utf-8").splitlines():
        side, text, share = line.split("\t")
        marks[side][text] = float(share)
    arrays = {f: np.load(path / LANGUAGE / f"{f}.npy", mmap_mode="r") for f in Language.__dataclass_fields__}
    return Model(
        units,
        {u: k for k, u in enumerate(units)},
        np.array(forms),
        marks,
        read_confusions(path / CONFUSIONS),
        read_confusions(path / MISREAD) if (path / MISREAD).is_file() else None,
        build([(u, k) for k, u in enumerate(units) if not u.startswith("<")]),
        Language(**arrays),
        _misread_words(path / MISREAD, {u: k for k, u in enumerate(units)}) if (path / MISREAD).is_file() else {},
        {units[k]: w for k, w in spelt.items() if 2 * forms[k][3] > sum(forms[k])},
        {},
    )


def read_confusions(path: Path) -> Confusions:
    """Counted confusions as `write_confusions` leaves them."""
    single: Counts = {}
    double: Counts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        printed, read, n, *of = line.split("\t")
        if not of:
            (single if len(printed) == 1 else double)[printed, read] = float(n)
    return Confusions(single, double)


def _misread_words(path: Path, index: dict[str, int]) -> Words:
    out: dict[str, list[tuple[int, float]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        printed, read, n, *of = line.split("\t")
        if of and printed in index:
            out.setdefault(read, []).append((index[printed], float(n) / float(of[0])))
    return {read: tuple(rows) for read, rows in out.items()}


def write_confusions(
    confusions: Confusions, path: Path, least: float = 2, words: Mapping[tuple[str, str], tuple[int, int]] = MappingProxyType({})
) -> None:
    """`printed TAB read TAB sights`, sorted; pairs of glyphs seen fewer than `least` times are left out.

    Behind them whole `words` that were read as others, with (sights, sights of the printed word in all) in two columns.
    """
    rows = sorted(
        [(a, b, n) for (a, b), n in confusions.single.items()] + [(a, b, n) for (a, b), n in confusions.double.items() if n >= least]
    )
    lines = [f"{a}\t{b}\t{n:g}\n" for a, b, n in rows if "\t" not in a + b]
    lines += [f"{a}\t{b}\t{n}\t{of}\n" for (a, b), (n, of) in sorted(words.items()) if n >= LEAST_WORDS]
    path.write_text("".join(lines), encoding="utf-8")
