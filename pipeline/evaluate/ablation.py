"""What each part of repair brings and costs: the whole, and the whole without one part, over garbled texts with gold.

    python -m pipeline.evaluate.ablation [--held-out PAGES.jsonl] [--shared DIR] [--record]

Samples in shared/samples were looked at while tuning; of held-out strips (see `heldout`) only the even ones count here. `--record` writes
the figures of the whole into the model's manifest.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.evaluate import heldout, runs
from pipeline.evaluate.garbled import restored
from pipeline.evaluate.report import SHARED
from pipeline.evaluate.table import markdown
from pipeline.evaluate.text import TextCounts, compare, lost_words, normal, right_words
from pipeline.repair.channel import Confusions
from pipeline.repair.language import Language
from pipeline.repair.own_words import OwnWords
from pipeline.repair.restore import Choice, Edge, Restorer, Token
from pipeline.repair.store import DEFAULT, Model, load
from pipeline.settings import Repair
from pipeline.train import record_scores


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


class WithoutOwnWords(Restorer):
    """No words of the document in its second round, only its confusions."""

    def _own_words(self, choices: Sequence[Choice]) -> OwnWords | None:
        return None


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
        "without its own words": of(WithoutOwnWords),
        "without the grammar of symbols": of(WithoutGrammar),
        "without readings of glyphs in pairs": of(confusions=Confusions(dict(model.confusions.single), {})),
        "without any learned confusion": of(confusions=Confusions()),
        "trigrams": of(language=_shorter(model.language, 3)),
        "bigrams": of(language=_shorter(model.language, 2)),
        "beam 4": of(options=replace(options, beam=4)),
        "beam 40": of(options=replace(options, beam=40)),
    }


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
    parser.add_argument("--record", action="store_true", help="write what the whole reaches into models/MANIFEST.toml")
    given = parser.parse_args()
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
        seconds = 0.0
        for kind in kinds:  # strips of one kind are one text: a document of their length
            own = [t for t in found if t.name == kind]
            raw, gold = "\n".join(t.raw for t in own), "\n".join(t.gold for t in own)
            started = time.process_time()
            out = "".join(line.text + "\n" for _, line in restored(way(), raw).lines())
            seconds += time.process_time() - started
            totals[kind] += compare(out, gold, raw)
            if name == "the whole":
                lost = lost_words(raw, gold)
                right = {j for _, j in right_words(normal(out).split(), normal(gold).split())}
                wrong[kind] += sum(k not in right and k not in lost for k in range(len(normal(gold).split())))
                of[kind] += len(normal(gold).split()) - len(lost)
        rows.append((name, *(_percent(totals[k]) for k in kinds), f"{sum(len(t.raw.split()) for t in found) / seconds:.0f}"))
        if name == "the whole":
            shares = {k: totals[k].shares for k in kinds}
            rows.append(("· words that the reader produced", *(f"{100 * wrong[k] / of[k]:.2f} % of {of[k]}" for k in kinds), ""))
            for measured in ("cer", "digit_error_rate", "overcorrection"):
                told = [shares[k][measured] for k in kinds]
                rows.append((f"· {measured}", *(f"{100 * a / max(b, 1):.2f} % ({a}/{b})" for a, b in told), ""))
            if given.record:
                record_scores(DEFAULT, {k: _score(totals[k]) for k in kinds})
    print("Wrong words (WER) by text:\n")
    print(markdown(rows))


def _score(counts: TextCounts) -> str:
    """WER, CER and harmed words, for the manifest."""
    wer, cer, harmed = (counts.shares[k] for k in ("wer", "cer", "overcorrection"))
    return f"WER {100 * wer[0] / wer[1]:.2f} %, CER {100 * cer[0] / cer[1]:.2f} %, right words made wrong {harmed[0]} of {harmed[1]}"


def _percent(counts: TextCounts) -> str:
    part, whole = counts.shares["wer"]
    return f"{100 * part / max(whole, 1):.2f} %"


if __name__ == "__main__":
    main()
