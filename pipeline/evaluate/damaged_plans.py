"""Own plans printed, damaged and read again: garbled by the English model and repaired, or scanned and read as a build reads them.

A plan is set on A4 pages from its text, so the clean side is the same printed lines. What the reader lost cannot be won back by anyone:
`kept`, the printed text without the words that the reader lost, tells how much of the gap that is. Plans that hold a table are left out.
Readings are kept under the hash of all that they are made of, so that a second run costs little; of held-out plans nobody looks into them.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from pipeline.atomic import write_atomic
from pipeline.document import Reading, from_json, text_reading, to_json
from pipeline.evaluate import facts, files, runs, sheet
from pipeline.evaluate.tally import FactCounts
from pipeline.evaluate.text import lost_words, normal
from pipeline.settings import Settings
from pipeline.synth.degrade import Level, Marks, degrade
from pipeline.text import nfc

Way = Literal["light", "prepared", "medium", "scan"]
GARBLED: tuple[Way, ...] = ("light", "prepared", "medium")  # pages as degraded; `prepared`: medium ones after pipeline.image
FONTS = ("Tinos", "Tinos", "Liberation Serif", "Liberation Serif", "Arimo", "DejaVu Serif")
SIZES = (13.0, 13.5, 13.0)  # points


@dataclass(frozen=True, slots=True)
class Damaged:
    """Facts of one plan: from the printed lines, from those without lost words, and from what was read; `lost` of `words`.

    `false_ids`: symbols of the reading's record, own number included, that gold has nowhere.
    """

    name: str
    clean: FactCounts
    kept: FactCounts
    made: FactCounts
    words: int
    lost: int
    false_ids: tuple[str, ...]


def measured(folder: Path, way: Way, settings: Settings, kept: Path) -> Iterator[Damaged]:
    """Every plan of a folder that holds no table; `kept` is the folder of readings.

    Raises MissingError where a font, Tesseract or a model of it is missing.
    """
    from pipeline.repair import repair

    for gold_path in sorted(folder.glob("*.record.json")):
        name = gold_path.name.removesuffix(".record.json")
        text = files.text(gold_path.with_name(name + ".txt"))
        if sheet.has_table(text):
            continue
        font, size, seed = _look(name, text)
        lines, size = sheet.printed(text, font, size)
        gold = files.records(gold_path)
        reading = _reading(lines, font, size, seed, way, settings, kept)
        printed = "\n".join(lines)
        lost = lost_words(_raw(reading), printed)
        made = runs.records_of(repair(reading, settings.repair), settings)
        clean, less = (facts.compare(runs.records_of(text_reading(x), settings), gold, True) for x in (printed, _without(lines, lost)))
        yield Damaged(name, clean, less, facts.compare(made, gold, True), len(normal(printed).split()), len(lost), false_ids(made, gold))


def false_ids(made: Sequence[Any], gold: Sequence[Any]) -> tuple[str, ...]:
    """Symbols that records claim, of themselves or of what they cite, and gold does not hold."""
    from pipeline.evaluate.same import symbol_key

    def ids(records: Sequence[Any]) -> list[str]:
        own = [(r.get("plan") or {}).get("number") for r in records]
        return [s for s in (*own, *(c.get("cited_id") for r in records for c in r.get("citations") or ())) if s]

    there = {symbol_key(s) for s in ids(gold)}
    return tuple(s for s in ids(made) if symbol_key(s) not in there)


def _look(name: str, text: str) -> tuple[str, float, int]:
    """Face, size and seed of a plan: always the same ones."""
    rng = random.Random(f"{name} {len(text)}")
    return rng.choice(FONTS), rng.choice(SIZES), rng.randrange(1 << 30)


def _without(lines: Sequence[str], lost: set[int]) -> str:
    """The lines without the words of those numbers; blanks stay as they are elsewhere."""
    out, at = [], 0
    for line in lines:
        words = line.split()
        gone = [k for k in range(len(words)) if at + k in lost]
        at += len(words)
        out.append(" ".join(w for k, w in enumerate(words) if k not in gone) if gone else line)
    return "\n".join(out)


def _raw(reading: Reading) -> str:
    return "\n".join(line.raw for _, line in reading.lines())


def _reading(lines: Sequence[str], font: str, size: float, seed: int, way: Way, settings: Settings, kept: Path) -> Reading:
    """The reading of a plan before repair; made once."""
    path = kept / f"{way}-{_digest(lines, font, size, seed, way, settings)}.json"
    if not path.is_file():
        images = list(_damaged(lines, font, size, seed, "light" if way == "light" else "medium"))
        reading = _scanned(images, settings) if way == "scan" else text_reading(_garbled(images, way, settings))
        write_atomic(path, to_json(reading), flush=False)
    return from_json(path.read_bytes(), Reading)


def _damaged(lines: Sequence[str], font: str, size: float, seed: int, level: Level) -> Iterator[Image.Image]:
    """The pages as a level scans them, without seals and stamps: words under a seal are another measure."""
    for k, page in enumerate(sheet.pages(lines, font, size)):
        yield degrade(page, level, seed + k, Marks())


def _garbled(images: Sequence[Image.Image], way: Way, settings: Settings) -> str:
    import numpy as np

    from pipeline.image import clean
    from pipeline.pages import Scan
    from pipeline.synth.garble import garble

    out = []
    for number, image in enumerate(images, 1):
        dpi = image.info["dpi"]
        if way == "prepared":
            image = Image.fromarray(clean(Scan(number, np.asarray(image.convert("RGB")), dpi[0]), settings.image).image)
            image.info["dpi"] = dpi
        out.append(nfc(garble(image)).rstrip())
    return "\n".join(out) + "\n"


def _scanned(images: Sequence[Image.Image], settings: Settings) -> Reading:
    import tempfile

    from pipeline import onefile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.tif"
        first, *rest = images
        first.save(path, "TIFF", save_all=True, append_images=rest, dpi=first.info["dpi"])
        return onefile.read(path, settings, repaired=False)[1]


def _digest(lines: Sequence[str], font: str, size: float, seed: int, way: Way, settings: Settings) -> str:
    """Of the printed lines, and of the code and settings that damage and read them."""
    own = Path(__file__).parents[1]
    stages = {"light": (), "medium": (), "prepared": ("image",), "scan": ("image", "layout", "ocr")}[way]
    code = [p for name in ("synth", *stages) for p in sorted((own / name).glob("*.py"))]
    told = [str(getattr(settings, name)) for name in stages if hasattr(settings, name)]
    whole = "\n".join((*lines, font, str(size), str(seed), way, *told)).encode()
    return hashlib.sha256(whole + b"".join(hashlib.sha256(p.read_bytes()).digest() for p in code)).hexdigest()[:16]


def main() -> None:
    """`python -m pipeline.evaluate.damaged_plans [--errors]`: macro F1 of each way on the development plans; with errors row by row."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.damaged_plans", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ways", nargs="+", choices=(*GARBLED, "scan"), default=list(GARBLED))
    parser.add_argument("--kept", type=Path, default=Path("build/evaluate/plans"))
    parser.add_argument("--errors", action="store_true", help="what is wrong in the readings and right in the printed text")
    given = parser.parse_args()
    for way in given.ways:
        for d in measured(given.folder, way, Settings(), given.kept):
            if given.errors:
                clean = {(e.component, e.what, e.gold, e.made) for e in d.clean.errors}
                for e in d.made.errors:
                    if (e.component, e.what, e.gold, e.made) not in clean:
                        print(way, d.name, e.component, e.what, e.gold, e.made, sep="\t")
            print(f"{way} {d.name} {d.clean.macro_f1:.3f} {d.kept.macro_f1:.3f} {d.made.macro_f1:.3f} {d.lost}/{d.words}", *d.false_ids)


if __name__ == "__main__":
    main()
