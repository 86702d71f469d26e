"""The diacritic restorer pyvi beside repair, as its users would have it: strip what looks like marks, then let it put marks back.

pyvi is an optional extra (`pip install .[compare]`); where it is absent the report says so.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.text import bare

AddAccents = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Restored:
    """A text after pyvi, line for line, and the tokens on which it crashed: they stay as they were, stripped."""

    text: str
    crashes: int


def pyvi() -> AddAccents | None:
    """Its `add_accents`, None where it is not installed."""
    try:
        found: AddAccents = importlib.import_module("pyvi.ViUtils").add_accents
    except ImportError:
        return None
    return found


def restored(text: str, add_accents: AddAccents) -> Restored:
    """Each line stripped of marks, and marks put back. Its guess of capitals is not held against it: those of `text` stay."""
    lines, crashes = [], 0
    for line in text.split("\n"):
        made, failed = _line(bare(line), add_accents)
        lines.append(made)
        crashes += failed
    return Restored("\n".join(lines), crashes)


def _line(line: str, add_accents: AddAccents) -> tuple[str, int]:
    """A line with marks; where it crashes, both halves by themselves, down to the token."""
    if not line.strip():
        return line, 0
    try:
        made = add_accents(line)
    except Exception:  # whatever it raises (KeyError, UnicodeEncodeError) is counted
        middle = line.find(" ", len(line) // 2)
        middle = middle if middle > 0 else line.rfind(" ", 1, len(line) // 2 + 1)
        if middle < 1:
            return line, 1
        left, right = _line(line[:middle], add_accents), _line(line[middle:], add_accents)
        return left[0] + right[0], left[1] + right[1]
    if len(made) != len(line):
        return made, 0
    return "".join(m.upper() if c.isupper() else m.lower() for c, m in zip(line, made, strict=True)), 0
