"""The model on disk: memory-mapped arrays and small text tables in one folder, and the stamp that builds compare."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import settings
from pipeline.errors import MissingError
from pipeline.repair.channel import Confusions, Counts
from pipeline.repair.language import Language
from pipeline.repair.trie import Trie, build

DEFAULT = Path(__file__).resolve().parents[2] / "models"
LEXICON, CONFUSIONS, MARKS, LANGUAGE = "lexicon.tsv", "confusions.tsv", "marks.tsv", "language"


@dataclass(frozen=True)
class Model:
    """Everything that repair knows. `forms[unit]` are counts of (small, title, capital, mixed) spellings; `spelt[unit]` a mixed one."""

    units: list[str]
    index: dict[str, int]
    forms: NDArray[np.float64]
    spelt: dict[int, str]
    marks: dict[str, dict[str, float]]  # "lead"/"trail" → marks → share of words that have exactly these
    confusions: Confusions
    trie: Trie
    language: Language


def folder(repair: settings.Repair) -> Path:
    """The model's folder."""
    return Path(repair.model) if repair.model else DEFAULT


def _files(path: Path) -> list[Path]:
    names = [path / LEXICON, path / CONFUSIONS, path / MARKS]
    names += [path / LANGUAGE / f"{f}.npy" for f in Language.__dataclass_fields__]
    for name in names:
        if not name.is_file():
            raise MissingError("missing_model", path=str(name))
    return names


def stamp(path: Path) -> str:
    """SHA-256 over the names and bytes of the model's files. Raises MissingError where one is absent."""
    files = tuple((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in _files(path))
    return _digest(files)


@lru_cache(maxsize=4)
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for name, _, _ in files:
        whole.update(Path(name).name.encode() + hashlib.sha256(Path(name).read_bytes()).digest())
    return whole.hexdigest()


@lru_cache(maxsize=2)
def load(path: Path) -> Model:
    """The model of a folder; its big arrays stay on disk and are shared by all processes. Raises MissingError."""
    _files(path)
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
        spelt,
        marks,
        read_confusions(path / CONFUSIONS),
        build([(u, k) for k, u in enumerate(units) if not u.startswith("<")]),
        Language(**arrays),
    )


def read_confusions(path: Path) -> Confusions:
    """Counted confusions as `write_confusions` leaves them."""
    single: Counts = {}
    double: Counts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        printed, read, n = line.split("\t")
        (single if len(printed) == 1 else double)[printed, read] = float(n)
    return Confusions(single, double)


def write_confusions(confusions: Confusions, path: Path, least: float = 2) -> None:
    """`printed TAB read TAB sights`, sorted; pairs of glyphs seen fewer than `least` times are left out."""
    rows = sorted(
        [(a, b, n) for (a, b), n in confusions.single.items()] + [(a, b, n) for (a, b), n in confusions.double.items() if n >= least]
    )
    path.write_text("".join(f"{a}\t{b}\t{n:g}\n" for a, b, n in rows if "\t" not in a + b), encoding="utf-8")


def write_json(value: object, path: Path) -> None:
    """Sorted JSON, for notes beside the model."""
    path.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
