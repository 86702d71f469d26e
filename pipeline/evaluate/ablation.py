"""What each part of repair brings and costs: the whole, and the whole without one part, over garbled texts with gold.

    python -m pipeline.evaluate.ablation [--held-out PAGES.jsonl] [--shared DIR]
    python -m pipeline.evaluate.ablation --clean TEXT.txt.xz

Samples in shared/samples were looked at while tuning; of held-out strips (see `heldout`) only the even ones count here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.document import Reading, text_reading
from pipeline.evaluate import heldout, runs
from pipeline.evaluate.report import SHARED
from pipeline.evaluate.table import markdown
from pipeline.evaluate.text import TextCounts, compare, normal, right_words
from pipeline.repair.channel import Confusions
from pipeline.repair.counts import read_text
from pipeline.repair.language import Language
from pipeline.repair.restore import Choice, Edge, Restorer, Token, lines_of
from pipeline.repair.store import DEFAULT, Model, load
from pipeline.settings import Repair
from pipeline.text import bare, fold

LOST = 1 / 3  # of its letters; a run of words that keep less was lost by the reader


@dataclass(frozen=True)
class Text:
    """A garbled text with its gold; `name` is the row that it counts in."""

    name: str
    raw: str
    gold: str


class WithoutGrammar(Restorer):
    """No closed grammar of symbols and no marks mended by their siblings."""

    def _fixed(self, raws: Sequence[str], tokens: Sequence[Token]) -> dict[int, list[Edge]]:
        return {}


class OneRound(Restorer):
    """No adaptation to the document."""

    def choose(self, raws: Sequence[str], known: Sequence[str] = (), rounds: int = 1) -> tuple[list[Token], list[Choice]]:
        """As `Restorer.choose`, the first round only."""
        return super().choose(raws, known, rounds)


def _shorter(language: Language, order: int) -> Language:
    """The model without its n-grams above `order`; shorter ones keep their weights, and nothing is spent on the way to them."""
    gone = {f"{array}{n}": np.zeros_like(getattr(language, f"{array}{n}")) for array in ("child", "back") for n in range(order, 4)}
    return replace(language, **gone)


def variants(model: Model) -> dict[str, Callable[[], Restorer]]:
    """Named ways to restore, the whole first."""
    options = Repair()

    def of(kind: type[Restorer] = Restorer, options: Repair = options, **changes: Language | Confusions) -> Callable[[], Restorer]:
        return lambda: kind(replace(model, **changes), options)  # type: ignore[arg-type]

    return {
        "the whole": of(),
        "without adaptation to the document": of(OneRound),
        "without the grammar of symbols": of(WithoutGrammar),
        "without readings of glyphs in pairs": of(confusions=Confusions(dict(model.confusions.single), {})),
        "without any learned confusion": of(confusions=Confusions()),
        "trigrams": of(language=_shorter(model.language, 3)),
        "bigrams": of(language=_shorter(model.language, 2)),
        "beam 4": of(options=replace(options, beam=4)),
        "beam 40": of(options=replace(options, beam=40)),
    }


def restored(restorer: Restorer, raw: str) -> Reading:
    """A text restored line by line with the judge switched off."""
    reading = text_reading(raw)
    lines = [line for _, line in reading.lines()]
    tokens, choices = restorer.choose([line.raw for line in lines])
    return replace(reading, pages=(replace(reading.pages[0], lines=tuple(lines_of(lines, tokens, choices))),))


def lost_words(raw: str, gold: str) -> set[int]:
    """Numbers of the gold words that the reader lost: runs of two or more of which the raw text keeps under a third of the letters."""
    words = normal(gold).split()
    a, b = fold(" ".join(words)), fold(normal(raw))
    kept = np.zeros(len(a), bool)
    for op in Levenshtein.opcodes(a, b):
        if op.tag == "equal":
            kept[op.src_start : op.src_end] = True
    weak, at = [], 0
    for word in words:
        weak.append(kept[at : at + len(word)].mean() < LOST)
        at += len(word) + 1
    return {k for k, w in enumerate(weak) if w and ((k and weak[k - 1]) or (k + 1 < len(weak) and weak[k + 1]))}


def texts(samples: Path, pages: Path | None) -> list[Text]:
    """The garbled samples that are there, and the even strips of held-out pages by their kind."""
    out = [Text(name, "\n".join(raw.split("\n")[:lines]), gold) for name, raw, gold, lines in runs.repairs(samples)]
    for strip in (heldout.load(pages) if pages else [])[1::2]:
        out.append(Text(f"held out, {strip.kind}", "\n".join(strip.read), "\n".join(strip.truth)))
    return out


def main() -> None:
    """Prints Markdown tables."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.ablation")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--held-out", type=Path, help="strips that pipeline.evaluate.heldout wrote")
    parser.add_argument("--clean", type=Path, help="a clean text: what stays with the judge switched off, and what marks come back")
    given = parser.parse_args()
    if given.clean:
        _clean(read_text(given.clean))
        return
    found = texts(given.shared / "samples", given.held_out)
    if not found:
        print(f"nothing to measure: {given.shared / 'samples'} is not there, and no --held-out is given")
        return
    kinds = list(dict.fromkeys(t.name for t in found))
    ways = variants(load(DEFAULT))
    rows = [("", *kinds, "words/s")]
    restored(ways["the whole"](), found[0].raw)  # loading and compiling are no part of the speed
    rows.append(("raw", *(_percent(sum((compare(t.raw, t.gold) for t in found if t.name == k), TextCounts())) for k in kinds), ""))
    for name, way in ways.items():
        totals = dict.fromkeys(kinds, TextCounts())
        wrong, of = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
        started = time.process_time()
        for kind in kinds:  # strips of one kind are one text: a document of their length
            own = [t for t in found if t.name == kind]
            raw, gold = "\n".join(t.raw for t in own), "\n".join(t.gold for t in own)
            out = "".join(line.text + "\n" for _, line in restored(way(), raw).lines())
            totals[kind] += compare(out, gold, raw)
            if name == "the whole":
                lost = lost_words(raw, gold)
                right = {j for _, j in right_words(normal(out).split(), normal(gold).split())}
                wrong[kind] += sum(k not in right and k not in lost for k in range(len(normal(gold).split())))
                of[kind] += len(normal(gold).split()) - len(lost)
        seconds = time.process_time() - started
        rows.append((name, *(_percent(totals[k]) for k in kinds), f"{sum(len(t.raw.split()) for t in found) / seconds:.0f}"))
        if name == "the whole":
            shares = {k: totals[k].shares for k in kinds}
            rows.append(("· words that the reader produced", *(f"{100 * wrong[k] / of[k]:.2f} % of {of[k]}" for k in kinds), ""))
            for measured in ("cer", "digit_error_rate", "overcorrection"):
                told = [shares[k][measured] for k in kinds]
                rows.append((f"· {measured}", *(f"{100 * a / max(b, 1):.2f} % ({a}/{b})" for a, b in told), ""))
    print("Wrong words (WER) by text:\n")
    print(markdown(rows))


def _clean(text: str, lines: int = 1500) -> None:
    """Prints the share of words of a clean text that stay, and the WER of its first lines stripped of marks and restored."""
    way = variants(load(DEFAULT))["the whole"]
    gold = text.removesuffix("\n").split("\n")
    made = [line.text for _, line in restored(way(), text).lines()]
    words = sum(len(x.split()) for x in gold)
    stay = sum(len(x.split()) if x == y else len(right_words(y.split(), x.split())) for x, y in zip(gold, made, strict=True))
    print(f"clean words that stay: {100 * stay / words:.3f} % ({stay}/{words})")
    some = "\n".join(gold[:lines])
    back = "".join(line.text + "\n" for _, line in restored(way(), bare(some)).lines())
    print(f"wrong words after stripping all marks of the first {lines} lines: {_percent(compare(back, some))}")


def _percent(counts: TextCounts) -> str:
    part, whole = counts.shares["wer"]
    return f"{100 * part / max(whole, 1):.2f} %"


if __name__ == "__main__":
    main()
