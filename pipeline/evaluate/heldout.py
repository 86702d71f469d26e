"""Held-out pages for repair: running lines of texts that nothing was trained on, typeset, degraded and read by the English model.

Half of the pages, the odd ones, may be looked at while tuning; figures come from the other half. `light`: a good scan; `medium`: a bad one;
`prepared`: such a one after `pipeline.image`. The same seed gives the same pages.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.text import nfc, old_tone

FONTS = ("Tinos", "Tinos", "Liberation Serif", "Liberation Serif", "Arimo", "DejaVu Serif")
SIZES = (12.0, 13.0, 13.0, 14.0)  # points
KINDS = ("light", "light", "prepared", "prepared", "medium")
LINES = 17
DPI = 300


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One strip of a page: what was printed, and what was read, line by line."""

    kind: str
    face: str
    truth: tuple[str, ...]
    read: tuple[str, ...]


def held_out(paragraphs: Sequence[str], count: int, seed: int) -> Iterator[HeldOut]:
    """`count` strips of running text without seals, 60 to 90 characters wide; paragraphs with letters that the fonts lack are left out."""
    import numpy as np
    from PIL import Image

    from pipeline.errors import MissingError
    from pipeline.image import clean
    from pipeline.pages import Scan
    from pipeline.settings import Settings
    from pipeline.synth.degrade import Marks, degrade
    from pipeline.synth.lines import render_lines
    from pipeline.train_pairs import recognise

    rng = random.Random(seed)
    made = 0
    while made < count:
        lines = [old_tone(nfc(x)) for x in running_lines(paragraphs, rng.randrange(len(paragraphs)), rng.randint(60, 90), LINES)]
        face, size, kind = rng.choice(FONTS), rng.choice(SIZES), rng.choice(KINDS)
        try:
            image = render_lines(lines, face, size, DPI, rng.random() < 0.1, rng.random() < 0.1)
        except MissingError as e:
            if e.key != "missing_glyph":
                raise
            continue
        dpi = image.info["dpi"]
        image = degrade(image, "light" if kind == "light" else "medium", rng.randrange(1 << 30), Marks())
        if kind == "prepared":
            image = Image.fromarray(clean(Scan(1, np.asarray(image.convert("RGB")), DPI), Settings().image).image)
            image.info["dpi"] = dpi
        read = [x for x in recognise(image, "eng").split("\n") if x.strip()]
        made += 1
        yield HeldOut(kind, face, tuple(lines), tuple(read))


def running_lines(paragraphs: Sequence[str], at: int, width: int, count: int) -> list[str]:
    """`count` lines of at most `width` characters, from paragraph `at` on; a paragraph that the fonts may not print is left out."""
    from pipeline.train_pairs import PRINTABLE

    lines: list[str] = []
    while len(lines) < count:
        text, line = paragraphs[at % len(paragraphs)], ""
        for word in text.split() if PRINTABLE.fullmatch(text) else ():
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        if line:
            lines.append(line)
        at += 1
    return lines[:count]


def load(path: Path) -> list[HeldOut]:
    """The strips of a file that this module wrote."""
    rows = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]
    return [HeldOut(r["kind"], r["face"], tuple(r["truth"]), tuple(r["read"])) for r in rows]


def main() -> None:
    """`python -m pipeline.evaluate.heldout TEXT.txt[.xz] OUT.jsonl`: five seconds a strip."""
    from pipeline.repair.counts import read_text

    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.heldout", description=main.__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=777)
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8") as out:
        for k, strip in enumerate(held_out(read_text(given.text).split("\n"), given.count, given.seed), 1):
            out.write(json.dumps(asdict(strip), ensure_ascii=False) + "\n")
            out.flush()
            print(f"{k}/{given.count} {strip.kind}", file=sys.stderr)


if __name__ == "__main__":
    main()
