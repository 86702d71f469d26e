"""Fits how sure a word of a scan is (repair.sureness) by logistic regression on documents that were typeset, degraded and read.

`python -m pipeline.train_confidence READ.jsonl --texts TEXT.txt[.xz]|FOLDER…` prints `rules/word_confidence.toml`. The documents are
those of `pipeline.evaluate.typeset` over texts that no figure is measured on; their readings stay in READ.jsonl, and one that is there is
used as it is. Words are right or wrong by alignment with what was printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.document import to_json
from pipeline.evaluate.scanned import Scanned, load
from pipeline.evaluate.text import normal, right_words, running
from pipeline.evaluate.typeset import read_document, samples
from pipeline.repair.counts import read_text
from pipeline.repair.doubtful import judged, not_judged, prepared
from pipeline.repair.store import Model
from pipeline.repair.store import load as load_model
from pipeline.repair.sureness import SECTIONS, Other, Signs, other_signs
from pipeline.settings import Repair, Settings
from pipeline.synth.degrade import LEVELS
from pipeline.versions import model_folder

NOTE = """# How sure a word on a scan is: log odds = bias + the sum of weight × sign; the signs: pipeline/repair/sureness.py.
# Fitted by `python -m pipeline.train_confidence` on {words} words, {wrong} of them wrong, of {pages} readings of documents that were
# typeset from {texts} (seed {seed}; light, medium and heavy).
"""
COUNT, SEED = 16, 901  # documents of each text at each level
ROUNDS = 40
RIDGE = 1.0


def readings(texts: Sequence[Path], count: int, seed: int) -> Iterator[Scanned]:
    """Readings before repair of `count` documents over each text (a file, or a folder of `.txt`) at each level."""
    for text in texts:
        files = sorted(text.glob("*.txt")) if text.is_dir() else [text]
        paragraphs = [p for path in files for p in read_text(path).split("\n")]
        for sample in samples(paragraphs, count, seed):
            for level in LEVELS:
                gold, raw, _ = read_document(sample, level, Settings(), repaired=False)
                yield Scanned(level, sample.font, tuple(x.text for x in running(x for _, x in gold.lines())), raw)


def labelled(pages: Iterable[Scanned], model: Model, options: Repair) -> Iterator[tuple[Signs | Other, bool]]:
    """The signs of each word with a confidence, and whether the word as delivered is what was printed."""
    for page in pages:
        lines = prepared(running(x for _, x in page.reading.lines()))
        found = {(j.line, j.word.start): j for j in judged(lines, model, options)}
        signs: dict[tuple[int, int], Signs | Other] = {at: j.signs for at, j in found.items()}
        signs |= {(k, w.start): other_signs(x, w.text) for k, w, x in not_judged(lines, set(found))}
        at = [(k, w) for k, line in enumerate(lines) for w in line.words]
        texts = [found[k, w.start].text if (k, w.start) in found else w.text for k, w in at]
        right = {i for i, _ in right_words([normal(t) for t in texts], normal("\n".join(page.truth)).split())}
        yield from ((signs[k, w.start], i in right) for i, (k, w) in enumerate(at) if (k, w.start) in signs)


def fitted(rows: Sequence[tuple[Signs | Other, bool]]) -> tuple[float, NDArray[np.float64]]:
    """Bias and weights of the signs: logistic regression by Newton's method, with a slight pull to 0."""
    x = np.array([(1.0, *astuple(s)) for s, _ in rows])
    y = np.array([float(right) for _, right in rows])
    pull = np.array([1e-6] + [RIDGE] * (x.shape[1] - 1))
    w = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-(x @ w)))
        w += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(pull), x.T @ (y - p) - pull * w)
    return float(w[0]), w[1:]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.train_confidence", description=__doc__)
    parser.add_argument("read", type=Path, help="file of readings, made where it is not there")
    parser.add_argument("--texts", type=Path, nargs="+", required=True, help="texts that no figure is measured on")
    parser.add_argument("--count", type=int, default=COUNT, help="documents of each text at each level")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    if not given.read.is_file():
        part = given.read.with_suffix(".part")
        with part.open("wb") as out:
            for k, page in enumerate(readings(given.texts, given.count, given.seed), 1):
                out.write(to_json(page))
                print(f"{k}/{len(LEVELS) * given.count * len(given.texts)}", file=sys.stderr)
        part.rename(given.read)
    pages = load(given.read)
    options = Repair()
    rows = list(labelled(pages, load_model(model_folder(options)), options))
    names = " and ".join(t.name.split(".")[0] if t.is_file() else t.as_posix() for t in given.texts)
    wrong = sum(not right for _, right in rows)
    print(NOTE.format(words=len(rows), wrong=wrong, pages=len(pages), texts=names, seed=given.seed), end="")
    for kind, name in SECTIONS.items():
        bias, weights = fitted([(s, right) for s, right in rows if isinstance(s, kind)])
        print(f"\n[{name}]\nbias = {bias:.3f}")
        print("\n".join(f"{f.name} = {w:.3f}" for f, w in zip(fields(kind), weights, strict=True)))


if __name__ == "__main__":
    main()
