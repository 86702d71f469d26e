"""Pages of running text that nothing was trained on, typeset, degraded and read as the program reads scans, by the Vietnamese model.

Half of the pages, the odd ones, may be looked at while tuning; figures come from the other half. The same seed gives the same pages.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.document import Reading, from_json, to_json
from pipeline.errors import MissingError
from pipeline.evaluate.heldout import running_lines
from pipeline.evaluate.table import markdown
from pipeline.evaluate.text import TextCounts, compare, running
from pipeline.settings import Settings
from pipeline.text import nfc, old_tone

FACES = (("Tinos", 13.0), ("Liberation Serif", 14.0), ("Liberation Serif", 12.0), ("DejaVu Serif", 11.0), ("Arimo", 12.0), ("Tinos", 14.0))
STYLES = ((False, False),) * 6 + ((False, True), (True, False))  # (bold, italic)
LINES = 30
DPI = 300


@dataclass(frozen=True, slots=True)
class Scanned:
    """One page: level of damage, face, printed lines, and the reading before repair."""

    level: str
    face: str
    truth: tuple[str, ...]
    reading: Reading


def scanned(paragraphs: Sequence[str], level: str, count: int, seed: int, settings: Settings) -> Iterator[Scanned]:
    """`count` pages of one level (light, medium, heavy), lines 60 to 85 characters wide, each read by the settings of a build."""
    from pipeline import onefile
    from pipeline.synth.degrade import degrade
    from pipeline.synth.lines import render_lines

    rng = random.Random(f"{seed} {level}")
    made = 0
    while made < count:
        width, at = rng.randint(60, 85), rng.randrange(len(paragraphs))
        (face, size), style, damage = rng.choice(FACES), rng.choice(STYLES), rng.randrange(1 << 30)
        lines = [old_tone(nfc(x)) for x in running_lines(paragraphs, at, width, LINES)]
        try:
            image = render_lines(lines, face, size, DPI, *style)
        except MissingError as e:
            if e.key != "missing_glyph":
                raise
            continue
        page = degrade(image, level, damage)  # type: ignore[arg-type]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.png"
            page.save(path, dpi=page.info["dpi"])
            _, reading = onefile.read(path, settings, repaired=False)
        made += 1
        yield Scanned(level, face, tuple(lines), reading)


def load(path: Path) -> list[Scanned]:
    """The pages of a file that this module wrote."""
    return [from_json(row, Scanned) for row in path.read_bytes().splitlines()]


def measured(pages: Sequence[Scanned], settings: Settings) -> TextCounts:
    """Running text after repair against what was printed; `raw_wrong`, `mended` and `overcorrected` tell what repair did to it."""
    from pipeline.repair import repair

    total = TextCounts()
    for page in pages:
        raw, made = (
            "\n".join(line.text for line in running(x for _, x in reading.lines()))
            for reading in (page.reading, repair(page.reading, settings.repair))
        )
        total += compare(made, "\n".join(page.truth), raw)
    return total


def _table(pages: Sequence[Scanned]) -> str:
    rows = [("half", "level", "words", "wrong before", "mended", "right words made wrong", "wrong words after")]
    for level in dict.fromkeys(p.level for p in pages):
        for half, name in ((0, "odd"), (1, "even")):
            c = measured([p for p in pages if p.level == level][half::2], Settings())
            harmed = f"{c.overcorrected} of {c.raw_right}"
            told = (str(c.words), str(c.raw_wrong), str(c.mended), harmed, f"{100 * c.word_errors / max(c.words, 1):.2f} %")
            rows.append((name, level, *told))
    return markdown(rows)


def main() -> None:
    """`python -m pipeline.evaluate.scanned TEXT.txt[.xz] OUT.jsonl`: ten seconds a page; what repair does to an OUT that is there."""
    from pipeline.repair.counts import read_text

    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.scanned", description=main.__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--levels", nargs="+", choices=("light", "medium", "heavy"), default=["medium", "heavy"])
    parser.add_argument("--count", type=int, default=40, help="pages of each level")
    parser.add_argument("--seed", type=int, default=404)
    given = parser.parse_args()
    if given.out.is_file():
        print(_table(load(given.out)))
        return
    texts = read_text(given.text).split("\n")
    with given.out.open("wb") as out:
        for level in given.levels:
            for k, page in enumerate(scanned(texts, level, given.count, given.seed, Settings()), 1):
                out.write(to_json(page))
                out.flush()
                print(f"{level} {k}/{given.count}", file=sys.stderr)
    print(_table(load(given.out)))


if __name__ == "__main__":
    main()
