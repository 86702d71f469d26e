"""Counting syllables and their n-grams in texts: the first half of training. Deterministic; nothing but counts leaves this file."""

from __future__ import annotations

import lzma
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.grammar import BREAK, CAPITALS, CLASSES, WORD, analyse, cut, form_of, words_in
from pipeline.repair.lexicon import possible_syllables
from pipeline.text import bare, nfc, old_tone

BITS = 14  # of a unit's number in a packed n-gram: four of them fit a 64-bit word
Grams = NDArray[np.uint64]


@dataclass(frozen=True)
class Chunked:
    """A text as numbers of its distinct blank-separated tokens (0 is the end of a paragraph)."""

    tokens: list[str]
    ids: NDArray[np.int32]


def read_text(path: Path) -> str:
    """A training text, NFC, old tone place; `.xz` is unpacked."""
    data = path.read_bytes()
    return old_tone(nfc((lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8", "replace")))


def paragraphs(text: str) -> Iterator[list[str]]:
    """The paragraphs of a text as tokens. Left out: mis-encoded ones (fewer than 30 % of words with a mark in a long paragraph)."""
    for line in text.split("\n"):
        words = line.split()
        if len(words) >= 8 and not line.isupper():
            marked = sum(1 for w in words if not w.isascii())
            if marked < 0.3 * len(words) or "\ufffd" in line:
                continue
        if words:
            yield words


def chunk(text: str) -> Chunked:
    """Number the tokens of a text in order of first sight."""
    index: dict[str, int] = {"\n": 0}
    ids: list[NDArray[np.int32]] = []
    for words in paragraphs(text):
        row = [index.setdefault(w, len(index)) for w in words]
        row.append(0)
        ids.append(np.array(row, np.int32))
    return Chunked(list(index), np.concatenate(ids) if ids else np.zeros(0, np.int32))


def chunk_counts(chunked: Chunked) -> Counter[str]:
    """How often each token occurs."""
    n = np.bincount(chunked.ids, minlength=len(chunked.tokens))
    return Counter({t: int(c) for t, c in zip(chunked.tokens, n, strict=True) if t != "\n"})


def frequent_words(official: Counter[str], general: Counter[str]) -> list[str]:
    """Words that are no syllables and yet frequent enough to be kept as they are, in lower case.

    OCR junk of the official texts (`qubc`, `chire`) must not get in: a word in small letters has to be frequent in the general
    texts as well; one in capitals (UBND, HĐND) only has to be frequent. A name with marks (Đắk, Kạn) has a capital in both.
    """
    caps: Counter[str] = Counter()
    names: dict[str, list[int]] = {}
    small: dict[str, list[int]] = {}
    for k, counts in enumerate((official, general)):
        for token, n in counts.items():
            for word in words_in(cut(token)[1]):
                low = word.lower()
                if not word.isalpha() or low in possible_syllables() or len(low) < 2:
                    continue
                if form_of(word) in ("upper", "mixed"):
                    caps[low] += n
                elif bare(low) == low:
                    small.setdefault(low, [0, 0])[k] += n
                elif form_of(word) == "title":
                    names.setdefault(low, [0, 0])[k] += n
    good = {w for w, n in caps.items() if n >= 60 and w != bare(w).lower() or n >= 100}
    good |= {w for w, (a, b) in small.items() if a >= 20 and b >= 150 and len(w) > 2}
    good |= {w for w, (a, b) in names.items() if a >= 5 and b >= 100}
    return sorted(good)


def unit_numbers(chunked: Chunked, index: dict[str, int]) -> NDArray[np.uint16]:
    """The text as unit numbers, `<p>` at the end of each paragraph. Units outside `index` become `<caps>` or `<unk>`."""
    flat: list[int] = []
    starts = np.zeros(len(chunked.tokens) + 1, np.int64)
    for k, token in enumerate(chunked.tokens):
        units = (BREAK,) if token == "\n" else analyse(token, index).units
        flat += [index.get(u, index[CAPITALS] if u == CAPITALS else index[WORD]) for u in units]
        starts[k + 1] = len(flat)
    table = np.array(flat, np.uint16)
    out = []
    for part in np.array_split(chunked.ids, max(1, len(chunked.ids) // 2_000_000)):
        lengths = (starts[1:] - starts[:-1])[part]
        offsets = np.repeat(starts[:-1][part] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        out.append(table[offsets + np.arange(lengths.sum())])
    return np.concatenate(out) if out else np.zeros(0, np.uint16)


def gram_counts(units: NDArray[np.uint16], order: int, stop: int) -> tuple[Grams, NDArray[np.int64]]:
    """Sorted packed n-grams of `order` and their counts. None runs over `stop` (the number of `<p>`)."""
    n = len(units) - order + 1
    if n <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    packed = np.zeros(n, np.uint64)
    inner = np.zeros(n, bool)
    for k in range(order):
        part = units[k : k + n]
        packed = (packed << np.uint64(BITS)) | part.astype(np.uint64)
        if 0 < k < order - 1:
            inner |= part == stop
    packed = packed[~inner]
    packed.sort()
    edge = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    return packed[edge], np.diff(np.concatenate((edge, [len(packed)])))


def merge(parts: list[tuple[Grams, NDArray[np.float64]]]) -> tuple[Grams, NDArray[np.float64]]:
    """One sorted list of n-grams with the sum of the (weighted) counts of several."""
    keys = np.concatenate([k for k, _ in parts])
    values = np.concatenate([v for _, v in parts])
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    edge = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    return keys[edge], np.add.reduceat(values, edge) if len(keys) else values


def vocabulary(official: Counter[str], general: Counter[str], least: int = 3) -> list[str]:
    """Class symbols, then the attested syllables, then frequent other words: the units of the model in their final order."""
    seen: Counter[str] = Counter()
    syllables = possible_syllables()
    for counts in (official, general):
        for token, n in counts.items():
            for word in words_in(cut(token)[1]):
                low = word.lower()
                if low in syllables:
                    seen[low] += n
    return [*CLASSES, *sorted(w for w, n in seen.items() if n >= least), *frequent_words(official, general)]
