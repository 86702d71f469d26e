"""Fits how sure a word of a scan is (repair.sureness) by logistic regression on typeset, degraded and read pages.

`python -m pipeline.train_confidence PAGES.jsonl…` prints `rules/word_confidence.toml`; the pages are those of `pipeline.evaluate.scanned`
over texts that no figure is measured on. A page's words are right or wrong by alignment with what was printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.scanned import Scanned, load
from pipeline.evaluate.text import normal, right_words, running
from pipeline.repair.doubtful import judged, not_judged, prepared
from pipeline.repair.store import Model
from pipeline.repair.store import load as load_model
from pipeline.repair.sureness import SECTIONS, Other, Signs, other_signs
from pipeline.settings import Repair
from pipeline.versions import model_folder

NOTE = """# How sure a word on a scan is: log odds = bias + the sum of weight × sign; the signs: pipeline/repair/sureness.py.
# Fitted by `python -m pipeline.train_confidence` on {words} words, {wrong} of them wrong, of {pages} readings of pages and documents that
# were typeset from texts of admin_vi and admin_docs_only (seeds 11 and 901; light, medium and heavy).
"""
ROUNDS = 40
RIDGE = 1.0


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
    parser.add_argument("pages", type=Path, nargs="+", help="files of pages whose text no figure is measured on")
    given = parser.parse_args()
    pages = [page for path in given.pages for page in load(path)]
    options = Repair()
    rows = list(labelled(pages, load_model(model_folder(options)), options))
    print(NOTE.format(words=len(rows), wrong=sum(not right for _, right in rows), pages=len(pages)), end="")
    for kind, name in SECTIONS.items():
        bias, weights = fitted([(s, right) for s, right in rows if isinstance(s, kind)])
        print(f"\n[{name}]\nbias = {bias:.3f}")
        print("\n".join(f"{f.name} = {w:.3f}" for f, w in zip(fields(kind), weights, strict=True)))


if __name__ == "__main__":
    main()
