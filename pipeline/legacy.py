"""Vietnamese before Unicode: TCVN3 (ABC) and VNI told with certainty, and turned into Unicode.

Both store Vietnamese letters as Latin ones that only a special font shows right: `Céng hßa` is `Cộng hòa` in TCVN3, `Coäng hoøa` in
VNI. A text is believed to be one of them only where its words become Vietnamese syllables by it, and by nothing else.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources

from pipeline.text import bare, nfc

_WORD = re.compile(r"[^\W\d_]+")
# Share of words that must be syllables before an encoding is believed, and the fewest words that can tell.
_CERTAIN = 0.93
_FEWEST_WORDS = 12
_TONES = {"\u0300": "grave", "\u0301": "acute", "\u0303": "tilde", "\u0309": "hook", "\u0323": "dot"}


@cache
def tables() -> dict[str, dict[str, str]]:
    """Stored characters → letter, for each encoding (rules/legacy.csv)."""
    text = resources.files("pipeline").joinpath("rules/legacy.csv").read_text(encoding="utf-8")
    out: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        out.setdefault(row["encoding"], {})["".join(chr(int(c, 16)) for c in row["stored"].split())] = row["letter"]
    return out


@cache
def _syllable_parts() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    rules = tomllib.loads(resources.files("pipeline").joinpath("rules/syllables.toml").read_text(encoding="utf-8"))
    return frozenset(rules["onsets"]), frozenset(rules["rimes"]), tuple(rules["stops"])


@cache
def is_syllable(word: str) -> bool:
    """Whether `word` (letters only) can be a Vietnamese syllable: onset and rime that exist, at most one tone. `nghiêng` yes, `sbb` no."""
    onsets, rimes, stops = _syllable_parts()
    plain = bare(word).lower()
    if not plain.isascii():
        return False
    split = next(
        ((o, plain[len(o) :]) for o in sorted(onsets, key=len, reverse=True) if plain.startswith(o) and plain[len(o) :] in rimes), None
    )
    if split is None:
        return False
    marks = [_TONES[c] for c in unicodedata.normalize("NFD", word) if c in _TONES]
    if len(marks) > 1:
        return False
    return not (split[1].endswith(stops) and marks and marks[0] not in ("acute", "dot"))


def syllable_share(text: str) -> tuple[float, int]:
    """Share of the words of two letters and more that are syllables and bear no foreign letter, and how many words there were."""
    words = [w for w in _WORD.findall(nfc(text)) if len(w) > 1]
    if not words:
        return 0.0, 0
    return sum(is_syllable(w) for w in words) / len(words), len(words)


def marked_share(text: str) -> float:
    """Share of the words that bear a Vietnamese diacritic or a stroke: two thirds in Vietnamese prose, none in English."""
    words = [w for w in _WORD.findall(nfc(text)) if len(w) > 1]
    return sum(bare(w) != w for w in words) / len(words) if words else 0.0


def to_unicode(text: str, encoding: str) -> str:
    """`text` with the stored characters of `encoding` (tcvn3, vni) turned into letters, longest first.

    Capitals with a tone have no code of their own in TCVN3, a capital font shows small ones so: `CéNG HßA` becomes `CỘNG HÒA` by
    the case of its neighbours.
    """
    table = tables()[encoding]
    pattern = re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))
    if encoding != "tcvn3":
        return nfc(pattern.sub(lambda m: table[m.group()], text))
    out = []
    for part in re.split(r"(\s+)", text):
        new = pattern.sub(lambda m: table[m.group()], part)
        ascii_letters = [c for c in part if c.isascii() and c.isalpha()]
        capital = len(ascii_letters) >= 1 and all(c.isupper() for c in ascii_letters) and len([c for c in new if c.isalpha()]) > 1
        # `Hµ` is a name with one capital, `HµNG` is a capital word
        if capital and (len(ascii_letters) > 1 or not part[:1].isupper()):
            new = new.upper()
        out.append(new)
    return nfc("".join(out))


def told(text: str) -> str | None:
    """The legacy encoding that `text` (bytes read as Latin-1, or such text saved as UTF-8) is certainly in, else None."""
    stored = sum(0x80 <= ord(c) <= 0xFF for c in text)
    if stored < 8 or any(ord(c) > 0x2122 for c in text):
        return None
    shares = {}
    for encoding in tables():
        turned = to_unicode(text, encoding)
        share, count = syllable_share(turned)
        shares[encoding] = share if count >= _FEWEST_WORDS and marked_share(turned) > 0.3 else 0.0
    as_it_is, _ = syllable_share(text)
    best = max(shares, key=lambda e: shares[e])
    others = max([as_it_is, *(s for e, s in shares.items() if e != best)])
    return best if shares[best] >= _CERTAIN and shares[best] > others + 0.1 else None
