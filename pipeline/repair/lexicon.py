"""The inventory of Vietnamese syllables, built from onset × rhyme × tone (rules/inventory.toml), with the tone mark at its old place."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from pipeline.text import bare

TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")  # ngang, sắc, huyền, hỏi, ngã, nặng
STOP_TONES = ("\u0301", "\u0323")
_VOWELS = "aăâeêioôơuưy"
_MARKED = "ăâêôơư"


def _tables() -> dict[str, list[str]]:
    return tomllib.loads(files("pipeline").joinpath("rules/inventory.toml").read_text(encoding="utf-8"))


def tone_place(rhyme: str) -> int:
    """Index of the letter of a toneless rhyme that carries the tone mark in the old style: `oa` → 0 (hóa), `oan` → 1 (hoán)."""
    vowels = [k for k, c in enumerate(rhyme) if c in _VOWELS]
    marked = [k for k in vowels if rhyme[k] in _MARKED]
    if marked:
        return marked[-1]  # ươ → ơ, iê → ê
    if len(vowels) == 1:
        return vowels[0]
    if len(vowels) == 2 and vowels[-1] < len(rhyme) - 1:
        return vowels[-1]  # a coda follows: hoán, huýt
    return vowels[len(vowels) // 2] if len(vowels) == 3 else vowels[0]


def _spelt(onset: str, rhyme: str, tone: str) -> str:
    k = tone_place(rhyme)
    return unicodedata.normalize("NFC", onset + rhyme[: k + 1] + tone + rhyme[k + 1 :])


@cache
def possible_syllables() -> frozenset[str]:
    """Every spelling that the tables allow, lower case, NFC, old tone place (about 17,000; the texts attest some 7,000)."""
    t = _tables()
    out = set()
    for onset in t["onsets"]:
        for rhyme in t["rhymes"]:
            front = bare(rhyme[0]) in "eiy"
            if (onset in t["front_only"] and not front) or (onset in t["never_front"] and front and not (onset == "g" and rhyme[0] == "i")):
                continue
            if onset == "qu" and rhyme[0] in "uưo":
                continue
            if onset == "gi" and rhyme[0] in "iy":
                continue
            if rhyme[0] == "y" and len(rhyme) > 1 and onset not in ("", "qu"):
                continue
            if rhyme[0] == "i" and len(rhyme) > 1 and rhyme[1] == "ê" and onset == "":
                continue
            if onset == "p" and len(rhyme) > 4:
                continue
            stop = rhyme.endswith(tuple(t["stops"]))
            for tone in STOP_TONES if stop else TONES:
                out.add(_spelt(onset, rhyme, tone))
    return frozenset(out)


def is_syllable(word: str) -> bool:
    """Whether `word`, in any letter case, is a possible Vietnamese syllable in the old style."""
    return word.lower() in possible_syllables()
