"""Text beside what an English OCR model makes of it: strips of lines typeset, degraded, read, and aligned word by word.

The strips come from `synth`, so fonts and damage are the project's own; nothing of the texts is kept but counted word pairs.
"""

from __future__ import annotations

import io
import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rapidfuzz.distance import Levenshtein

from pipeline.errors import MissingError
from pipeline.synth.degrade import Level, degrade
from pipeline.synth.lines import render_lines
from pipeline.text import fold, nfc, old_tone

FONTS = ("Tinos", "Tinos", "Tinos", "Liberation Serif", "Arimo", "DejaVu Serif")  # administrative print is Times by rule
STYLES = ((False, False),) * 5 + ((True, False),) * 3 + ((False, True),) * 2 + ((True, True),) * 2
SIZES = (11.0, 12.0, 13.0, 13.0, 14.0, 14.0)  # points; Nghị định 30/2020 sets body text in 13 or 14
LEVELS: tuple[Level, ...] = ("light", "light", "light", "medium")
STRIP_LINES = 17  # below the height from which `degrade` takes a strip for a page and presses seals on it
PRINTABLE = re.compile(r"[\w\s.,;:!?()/%&+“”\"'’–\-…]*")


@dataclass(frozen=True, slots=True)
class Strip:
    """The lines that were printed, and the lines that were read."""

    truth: tuple[str, ...]
    read: tuple[str, ...]


def strip_lines(paragraphs: Sequence[str], rng: random.Random) -> list[str]:
    """`STRIP_LINES` printed lines of random paragraphs, 55 to 90 characters wide, one in twelve in capitals."""
    lines: list[str] = []
    while len(lines) < STRIP_LINES:
        text = rng.choice(paragraphs)
        if not PRINTABLE.fullmatch(text) or len(text) < 20:
            continue
        width, words, line = rng.randint(55, 90), text.split()[:160], ""
        block: list[str] = []
        for word in words:
            if line and len(line) + 1 + len(word) > width:
                block.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        block.append(line)
        at = rng.randrange(max(1, len(block) - 5))
        block = block[at : at + 6]
        if rng.random() < 1 / 12:
            block = [b.upper() for b in block[:2]]
        lines += block
    return lines[:STRIP_LINES]


def recognise(image: Image.Image, language: str) -> str:
    """What `tesseract --psm 6` reads; one thread. Raises MissingError without the program or the language."""
    data = io.BytesIO()
    image.save(data, "PNG")
    command = ["tesseract", "stdin", "stdout", "-l", language, "--psm", "6", "--dpi", str(round(image.info["dpi"][0]))]
    try:
        done = subprocess.run(command, input=data.getvalue(), capture_output=True, timeout=120, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
    except FileNotFoundError:
        raise MissingError("missing_tool", name="tesseract") from None
    if done.returncode:
        raise MissingError("missing_language", name=language)
    return nfc(done.stdout.decode("utf-8", "replace"))


def strips(paragraphs: Sequence[str], count: int, seed: int, language: str = "eng") -> Iterator[Strip]:
    """`count` strips typeset from the paragraphs, degraded and read; the same seed gives the same strips."""
    rng = random.Random(seed)
    for _ in range(count):
        lines = [old_tone(nfc(x)) for x in strip_lines(paragraphs, rng)]
        bold, italic = rng.choice(STYLES)
        face, size, level = rng.choice(FONTS), rng.choice(SIZES), rng.choice(LEVELS)
        try:
            image = render_lines(lines, face, size, 300, bold, italic)
        except MissingError as e:
            if e.key == "missing_glyph":
                continue
            raise
        image = degrade(image, level, rng.randrange(1 << 30))
        read = [x for x in recognise(image, language).split("\n") if x.strip()]
        yield Strip(tuple(lines), tuple(read))


def word_pairs(truth: str, read: str) -> Iterator[tuple[str, str]]:
    """(printed, read) for each run of words between blanks that both have at the same place of a letter alignment.

    Mostly one word for one token; where the reader joined or split words, the run holds blanks. Runs of unlike length are left out.
    """
    truth, read = " " + " ".join(truth.split()) + " ", " " + " ".join(read.split()) + " "
    cuts = [(0, 0)]
    for op in Levenshtein.opcodes(fold(truth), fold(read)):
        if op.tag == "equal":
            cuts += [(op.src_start + k, op.dest_start + k) for k in range(op.src_end - op.src_start) if truth[op.src_start + k] == " "]
    for (a, b), (c, d) in zip(cuts, cuts[1:], strict=False):
        printed, seen = truth[a + 1 : c], read[b + 1 : d]
        if printed and seen and printed.count(" ") + seen.count(" ") <= 1 and abs(len(printed) - len(seen)) <= 3:
            yield printed, seen


def count_pairs(done: Iterator[Strip]) -> Counter[tuple[str, str]]:
    """How often each printed word was read as each token."""
    counts: Counter[tuple[str, str]] = Counter()
    for strip in done:
        counts.update(word_pairs(" ".join(strip.truth), " ".join(strip.read)))
    return counts


def write_pairs(counts: Counter[tuple[str, str]], path: Path) -> None:
    """One `printed TAB read TAB count` a line, sorted."""
    rows = sorted((a, b, n) for (a, b), n in counts.items())
    path.write_text("".join(f"{a}\t{b}\t{n}\n" for a, b, n in rows), encoding="utf-8")
