"""How the Vietnamese recogniser misreads glyphs, counted on pages typeset, degraded and read as the program reads scans.

`python -m pipeline.train_misread CORPUS OUT` leaves `misread.tsv` in OUT; nothing of the texts is kept but counted glyphs.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipeline.evaluate.scanned import Scanned, load, scanned
from pipeline.evaluate.text import running
from pipeline.repair.channel import Confusions, learn
from pipeline.repair.counts import read_text
from pipeline.repair.grammar import cut
from pipeline.repair.lexicon import is_syllable
from pipeline.repair.store import MISREAD, write_confusions
from pipeline.settings import Settings
from pipeline.train import texts_of
from pipeline.train_pairs import word_pairs

LEVELS = ("light", "medium", "heavy")
PAGES = 40  # of each level
BLOCKS, BLOCK = 300, 40  # runs of paragraphs drawn from the texts


def confusions(pages: Iterable[Scanned]) -> Confusions:
    """Counted confusions of pages, words aligned page by page."""
    counts: Counter[tuple[str, str]] = Counter()
    for page in pages:
        lines = [line.text for line in running(x for _, x in page.reading.lines())]
        counts.update(word_pairs(" ".join(page.truth), " ".join(lines)))
    return learn((printed, read, n) for (printed, read), n in counts.items())


def misread_words(pages: Iterable[Scanned]) -> dict[tuple[str, str], tuple[int, int]]:
    """Syllables that were read as others, in small letters: (printed, read) → (sights, sights of the printed one in all).

    The recogniser has learned words, not only glyphs: half of all `chi` it reads as `chỉ`, and hardly another ỉ where there is an i.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for page in pages:
        lines = [line.text for line in running(x for _, x in page.reading.lines())]
        pairs = word_pairs(" ".join(page.truth), " ".join(lines))
        seen.update((cut(printed)[1].lower(), cut(read)[1].lower()) for printed, read in pairs)
    total: Counter[str] = Counter()
    for (printed, _), n in seen.items():
        total[printed] += n
    return {(a, b): (n, total[a]) for (a, b), n in seen.items() if a != b and is_syllable(a) and is_syllable(b)}


def pages_of(corpus: Path, seed: int, count: int = PAGES) -> list[Scanned]:
    """Pages of each level over texts of the corpus, held-out ones left out."""
    rng = random.Random(seed)
    texts = [line for path, weight in texts_of(corpus) if weight >= 1 for line in read_text(path).split("\n")]
    some = [line for _ in range(BLOCKS) for at in (rng.randrange(max(1, len(texts) - BLOCK)),) for line in texts[at : at + BLOCK]]
    return [page for level in LEVELS for page in scanned(some, level, count, seed, Settings())]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.train_misread", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=Path, nargs="+", help="pages that pipeline.evaluate.scanned wrote, in place of new ones")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    found = [page for path in given.pages for page in load(path)] if given.pages else pages_of(given.corpus, given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    write_confusions(confusions(found), given.out / MISREAD, words=misread_words(found))


if __name__ == "__main__":
    main()
