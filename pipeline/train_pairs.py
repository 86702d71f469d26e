"""Text beside what an English OCR model makes of it: strips of lines typeset, degraded, read, and aligned word by word.

The strips come from `synth`, so fonts and damage are the project's own. They are kept in one file while a run lasts (it may be killed and
run again: it goes on where it was); nothing of the texts stays in a model but counted glyphs.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from PIL import Image
from rapidfuzz.distance import Levenshtein

from pipeline.errors import MissingError
from pipeline.synth.degrade import Level, Marks, degrade
from pipeline.synth.lines import render_lines
from pipeline.text import fold, nfc, old_tone

# Administrative print is Times by rule; Tinos and Liberation Serif are cut like it, Arimo and Liberation Sans like Arial.
FONTS = ("Tinos",) * 6 + ("Liberation Serif",) * 3 + ("Arimo",) * 2 + ("Liberation Sans", "DejaVu Serif", "DejaVu Serif")
STYLES = ((False, False),) * 8 + ((True, False),) * 3 + ((False, True),) * 2 + ((True, True),)  # (bold, italic)
SIZES = (11.0, 12.0, 13.0, 13.0, 14.0, 14.0)  # points; Nghị định 30/2020 sets body text in 13 or 14
LEVELS: tuple[Level, ...] = ("light", "light", "medium")
CAPITALS = 1 / 9  # share of blocks in capitals, of two lines at most
STRIP_LINES = 17
PRINTABLE = re.compile(r"[\w\s.,;:!?()/%&+“”\"'’–\-…]*")


class Strip(msgspec.Struct, frozen=True):
    """The lines that were printed and the lines that were read, and how the page was set and damaged."""

    truth: tuple[str, ...]
    read: tuple[str, ...]
    face: str
    bold: bool
    italic: bool
    level: Level


def strip_lines(paragraphs: Sequence[str], rng: random.Random) -> list[str]:
    """`STRIP_LINES` printed lines of random paragraphs, 55 to 90 characters wide, some in capitals."""
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
        if rng.random() < CAPITALS:
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


def strip(paragraphs: Sequence[str], seed: int, number: int, language: str = "eng") -> Strip | None:
    """Strip `number` of a run: typeset, degraded without seals, read; None where the font lacks a letter. Always the same strip."""
    rng = random.Random(f"{seed}/{number}")
    lines = tuple(old_tone(nfc(x)) for x in strip_lines(paragraphs, rng))
    face, (bold, italic), size, level = rng.choice(FONTS), rng.choice(STYLES), rng.choice(SIZES), rng.choice(LEVELS)
    try:
        image = render_lines(lines, face, size, 300, bold, italic)
    except MissingError as e:
        if e.key == "missing_glyph":
            return None
        raise
    read = recognise(degrade(image, level, rng.randrange(1 << 30), Marks()), language).split("\n")
    return Strip(lines, tuple(x for x in read if x.strip()), face, bold, italic, level)


def strips(paragraphs: Sequence[str], count: int, seed: int, folder: Path, language: str = "eng") -> tuple[list[Strip], Path]:
    """The first `count` strips, and the file in `folder` that gathers them while they are made.

    The file is named for what the strips are made from: those that an earlier run over the same texts left in it are not made again.
    """
    whole = hashlib.sha256("\n".join((str(seed), language, *paragraphs)).encode()).hexdigest()
    path = folder / f"strips-{whole[:12]}.jsonl"
    kept = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []  # what follows the last line end was cut off
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(row + b"\n" for row in kept))
    rows = kept[:count]
    with path.open("ab") as out:
        for number in range(len(rows), count):
            rows.append(msgspec.json.encode(strip(paragraphs, seed, number, language)))
            out.write(rows[-1] + b"\n")
            out.flush()
    return [s for row in rows if (s := msgspec.json.decode(row, type=Strip | None))], path


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


def count_pairs(done: Iterable[Strip]) -> Counter[tuple[str, str]]:
    """How often each printed word was read as each token."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in done:
        counts.update(word_pairs(" ".join(each.truth), " ".join(each.read)))
    return counts
