"""Fits how sure a word of a scan is (repair.sureness) by logistic regression on pages that `pipeline.evaluate.scanned` wrote.

`python -m pipeline.train_confidence PAGES.jsonl…` prints `rules/word_confidence.toml`. Only the odd half of the pages of each file
teaches; the even half is for figures. A page's words are right or wrong by alignment with what was printed.
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
from pipeline.repair.doubtful import judged
from pipeline.repair.store import Model
from pipeline.repair.store import load as load_model
from pipeline.repair.sureness import Signs
from pipeline.settings import Repair
from pipeline.versions import model_folder

NOTE = """# How sure a word of letters on a scan is: log odds = bias + the sum of weight × sign; the signs: pipeline/repair/sureness.py.
# Fitted by `python -m pipeline.train_confidence` on {words} words, {wrong} of them wrong: the odd half of {pages} pages of running text
# (python -m pipeline.evaluate.scanned heldout_admin.txt.xz, medium and heavy).
"""
ROUNDS = 40
RIDGE = 1.0


def labelled(pages: Iterable[Scanned], model: Model, options: Repair) -> Iterator[tuple[Signs, bool]]:
    """The signs of each word of letters, and whether the word as delivered is what was printed."""
    for page in pages:
        lines = running(x for _, x in page.reading.lines())
        found = {(j.line, j.word.start): j for j in judged(lines, model, options)}
        at = [(k, w) for k, line in enumerate(lines) for w in line.words]
        texts = [found[k, w.start].text if (k, w.start) in found else w.text for k, w in at]
        right = {i for i, _ in right_words([normal(t) for t in texts], normal("\n".join(page.truth)).split())}
        yield from ((found[k, w.start].signs, i in right) for i, (k, w) in enumerate(at) if (k, w.start) in found)


def fitted(rows: Sequence[tuple[Signs, bool]]) -> tuple[float, NDArray[np.float64]]:
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
    parser.add_argument("pages", type=Path, nargs="+", help="files that pipeline.evaluate.scanned wrote")
    given = parser.parse_args()
    pages = [page for path in given.pages for page in _odd(load(path))]
    options = Repair()
    rows = list(labelled(pages, load_model(model_folder(options)), options))
    bias, weights = fitted(rows)
    print(NOTE.format(words=len(rows), wrong=sum(not right for _, right in rows), pages=2 * len(pages)) + f"bias = {bias:.3f}\n\n[weights]")
    print("\n".join(f"{f.name} = {w:.3f}" for f, w in zip(fields(Signs), weights, strict=True)))


def _odd(pages: Sequence[Scanned]) -> list[Scanned]:
    """The odd pages of each level, as `pipeline.evaluate.scanned` counts them."""
    return [p for level in dict.fromkeys(p.level for p in pages) for p in [q for q in pages if q.level == level][::2]]


if __name__ == "__main__":
    main()
