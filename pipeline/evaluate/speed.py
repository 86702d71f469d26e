"""What a page costs: processor time of preparation, recognition and second looks, beside one plain Tesseract pass over the prepared page.

Times are CPU seconds of this process and its children, so other work on the machine matters little; ratios come from one run. Where
OCRmyPDF is installed (`pip install ocrmypdf`, with ghostscript and unpaper) it reads the same pages, and its wrong words stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image as Pillow

from pipeline import settings
from pipeline.evaluate import runs, text
from pipeline.pages import Scan

T = TypeVar("T")
OCRMYPDF = ("ocrmypdf", "--deskew", "--clean", "--rotate-pages", "-l", "vie", "--jobs", "1", "--output-type", "pdf")


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages, words in their gold, CPU seconds of each part, wrong words (`ours` before repair; `other` is OCRmyPDF)."""

    pages: int = 0
    words: int = 0
    prepare: float = 0.0
    read: float = 0.0
    plain: float = 0.0
    other: float = 0.0
    ours_wrong: int = 0
    plain_wrong: int = 0
    other_wrong: int = 0

    def __add__(self, more: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(self)))

    @property
    def ratio(self) -> float:
        """Preparation, recognition and second looks over one plain pass."""
        return (self.prepare + self.read) / self.plain if self.plain else 0.0


def cpu_seconds() -> float:
    """CPU seconds so far of this process and its ended children."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(x.ru_utime + x.ru_stime for x in both)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    before = cpu_seconds()
    made = work()
    return made, cpu_seconds() - before


def measure(path: Path, gold: str, values: settings.Settings, other: bool = False) -> Cost:
    """The cost of one page image with its gold text; with `other` OCRmyPDF reads it too."""
    import cv2
    import pytesseract

    from pipeline import image, ocr

    cv2.setNumThreads(1)  # as in a worker
    with Pillow.open(path) as opened:
        dpi = round(float(opened.info.get("dpi", (0, 0))[0]))
        scan = Scan(1, np.asarray(opened.convert("L" if opened.mode in ("1", "L") else "RGB")), dpi)
    prepared, prepare = _timed(lambda: image.clean(scan, values.image))
    page, read = _timed(lambda: ocr.read(prepared, values.ocr))
    config = "--psm 3" + (f" --dpi {dpi}" if dpi else "")
    plain, seconds = _timed(lambda: pytesseract.image_to_string(prepared.image, lang=values.ocr.languages, config=config))
    theirs, spent = _timed(lambda: by_ocrmypdf(path, dpi or 300)) if other else ("", 0.0)
    ours, words = text.compare("\n".join(line.raw for line in text.running(page.lines)), gold), text.compare(plain, gold)
    wrong = text.compare(theirs, gold).word_errors if other else 0
    return Cost(1, ours.words, prepare, read, seconds, spent, ours.word_errors, words.word_errors, wrong)


def has_ocrmypdf() -> bool:
    """Whether OCRmyPDF can stand beside."""
    return shutil.which(OCRMYPDF[0]) is not None


def by_ocrmypdf(path: Path, dpi: int) -> str:
    """The text that OCRmyPDF reads from a page image. Raises CalledProcessError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        sidecar = Path(folder) / "text.txt"
        given = Path(folder) / "page.png"
        with Pillow.open(path) as image:  # OCRmyPDF refuses page images without a resolution
            image.convert("L" if image.mode == "1" else image.mode).save(given, dpi=(dpi, dpi))
        command = (*OCRMYPDF, "--sidecar", str(sidecar), str(given), str(Path(folder) / "out.pdf"))
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}, timeout=600)
        return sidecar.read_text(encoding="utf-8").replace("\f", "\n")


def main() -> None:
    """`python -m pipeline.evaluate.speed ../shared/samples`: a JSON line for each level; 10 CPU seconds a page, more with OCRmyPDF."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.speed", description=main.__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--levels", nargs="+", default=["light", "medium", "heavy"])
    parser.add_argument("--set", action="append", default=[], dest="assignments", metavar="KEY=VALUE", help="as `kehoach --set`")
    given = parser.parse_args()
    values = settings.load(None, tuple(given.assignments))
    other = has_ocrmypdf()
    if not other:
        print("ocrmypdf is not installed: left out", file=sys.stderr)
    for k, level in enumerate(given.levels):
        pages = runs.degraded_pages(given.samples, level)
        if k == 0:
            measure(*pages[0], values)  # loading is no part of the speed
        cost = sum((measure(path, gold, values, other) for path, gold in pages), Cost())
        print(json.dumps({"level": level, "ratio": round(cost.ratio, 3)} | asdict(cost)), flush=True)


if __name__ == "__main__":
    main()
