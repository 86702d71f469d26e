"""What the finders of `forms` share: the table of damage (rules/forms.toml), Vietnamese letters, and how words bear witness."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.text import nfc, old_tone

Ok = Callable[[str], bool]
LETTERS = re.compile(r"[^\W\d_]+")
TOKEN = re.compile(r"\S+")
_LONGEST = 7  # letters of a syllable: nghiêng
_ABBREVIATION = 6


@dataclass(frozen=True)
class Rules:
    """rules/forms.toml with code points turned into characters."""

    codecs: tuple[str, ...]
    lost_bytes: bytes
    invisible: frozenset[str]
    shapes: dict[str, str]
    tones: dict[str, str]
    spacing_marks: dict[str, str]
    ligatures: dict[str, str]
    lookalikes: dict[str, str]
    letters: frozenset[str]  # every Vietnamese letter that bears a mark or a stroke, small and capital


@cache
def rules() -> Rules:
    """The table, read once."""
    t = tomllib.loads(files("pipeline").joinpath("rules/forms.toml").read_text(encoding="utf-8"))

    def marks(name: str) -> dict[str, str]:
        return {k: chr(int(v, 16)) for k, v in t[name].items()}

    tones = marks("tones")
    plain = t["vowels"] + t["vowels"].upper()
    letters = {nfc(v + tone) for v in plain for tone in ("", *tones.values())} | {"đ", "Đ"}
    return Rules(
        tuple(t["misread_as"]),
        bytes(t["lost_bytes"]),
        frozenset(chr(int(c, 16)) for c in t["invisible"]),
        marks("shapes"),
        tones,
        marks("spacing_marks"),
        t["ligatures"],
        t["lookalikes"],
        frozenset(c for c in letters if not c.isascii()),
    )


def judged_by(is_syllable: Ok) -> Ok:
    """`is_syllable` that takes the new place of the tone mark too, and whose words are never longer than a syllable can be."""
    return lambda word: len(word) <= _LONGEST and (is_syllable(word) or is_syllable(old_tone(word)))


def in_case(word: str) -> bool:
    """Whether its capitals stand as people write them: `quyết`, `Quyết`, `QUYẾT`."""
    return word.islower() or word.isupper() or word[1:].islower()


def abbreviation(word: str) -> bool:
    """Whether a word of letters that is no syllable may be an abbreviation, or a mark of a list: `TTg`, `QĐ`, `a`."""
    return len(word) == 1 or (len(word) <= _ABBREVIATION and sum(c.isupper() for c in word) >= 2)


@dataclass(frozen=True, slots=True)
class Witness:
    """What the words of a line say for a way to read it: words that became syllables, that became none, that were and are some
    (changed or not), and that were none and are none without being touched."""

    good: int
    bad: int
    neutral: int
    plain: int
    odd: int

    def certain(self, near: bool) -> bool:
        """Whether the line is told; `near` where lines around it are known to be of this kind."""
        words = self.good + self.bad + self.neutral + self.plain + self.odd
        sound = self.good + self.neutral + self.plain >= 0.85 * words
        if near:
            return sound and (self.good >= 1 + 4 * self.bad or (not self.good + self.bad and self.neutral > 0 and not self.odd))
        if not self.bad and self.good >= 3 and 2 * (self.good + self.neutral + self.plain) >= words:
            return True  # the rest are foreign names
        return sound and self.good > 8 * self.bad and (self.good >= 3 or (self.good == 2 and not self.odd + self.bad))


def witness(pairs: Iterable[tuple[str, str]], ok: Ok) -> Witness:
    """The witness of (word before, word after) pairs; a word is what stands between blanks."""
    good = bad = neutral = plain = odd = 0
    for before, after in pairs:
        words = LETTERS.findall(after)
        if not words:
            bad += before != after and any(c.isalpha() for c in before)
            continue
        real = [w for w in words if len(w) > 1]
        syllables = [w for w in real if ok(w)]
        if len(syllables) == len(real) and real:
            was = all(ok(w) for w in LETTERS.findall(before)) and not _letters_within(before)
            changed = before != after
            good += changed and not was
            neutral += changed and was
            plain += not changed
        elif all(ok(w) or abbreviation(w) for w in words):
            continue
        elif before != after:
            bad += 1
        else:
            odd += 1
    return Witness(good, bad, neutral, plain, odd)


def _letters_within(word: str) -> bool:
    """Whether signs that are no letters stand inside or before the letters of `word`, as in `v¨n`, `®Þnh`."""
    first = word.strip("\"'“”‘’()[]-–.,;:!?/*")
    return not first.isalpha() and any(not c.isascii() and not c.isalnum() for c in first)


def decomposed(text: str) -> str:
    """NFD."""
    return unicodedata.normalize("NFD", text)
