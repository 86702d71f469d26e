"""Clean lines damaged in every way that repair undoes by kind: for measuring, and for tests.

Each way is a function of one line, but for those that need several lines; the same lines give the same damage.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from pipeline import legacy
from pipeline.repair.form_rules import rules
from pipeline.text import bare, nfc

Damage = Callable[[str], str]
_SHAPES = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}
_WIDE_MARKS = {"\u0301": "´", "\u0300": "ˋ", "\u0303": "˜"}
_UNSEEN = "\u200b\u200d\u2060\ufeff"


@cache
def _tones() -> dict[str, str]:
    return {mark: typed for typed, mark in rules().tones.items()}


@cache
def _parts(ch: str) -> tuple[str, str, str]:
    """(base, shape, tone) of a letter, ("", "", "") for anything else."""
    nfd = unicodedata.normalize("NFD", ch)
    if len(nfd) == 1 or not nfd[0].isascii():
        return "", "", ""
    return nfd[0], "".join(c for c in nfd[1:] if c not in _tones()), "".join(c for c in nfd[1:] if c in _tones())


def viqr(line: str) -> str:
    """As RFC 1456 types it: `Quye^'t ddi.nh`; a mark that is none is escaped."""
    out: list[str] = []
    typed = False  # whether the last piece may take a mark for its own
    for ch in line:
        base, shape, tone = _parts(ch)
        if ch in "đĐ":
            out.append("dd" if ch == "đ" else "DD")
        elif base:
            out.append(base + "".join(_SHAPES[c] for c in shape) + "".join(_tones()[c] for c in tone))
        elif ch in "^'`?~.(+*" and typed:
            out.append("\\" + ch)
        else:
            out.append(ch)
        typed = bool(re.search(r"[aeiouyAEIOUY][\^(+]?$", out[-1]))
    return "".join(out)


def misread(codec: str) -> Damage:
    """UTF-8 read byte by byte as `cp1252` or `latin-1`: `Quyáº¿t`."""

    def shown(byte: int) -> str:
        return chr(byte) if codec == "latin-1" or byte in b"\x81\x8d\x8f\x90\x9d" else bytes((byte,)).decode(codec)

    return lambda line: "".join(map(shown, line.encode()))


def misread_twice(line: str) -> str:
    """UTF-8 read as CP1252, stored as UTF-8 and read so again."""
    once = misread("cp1252")
    return once(once(line))


def stored(encoding: str) -> Damage:
    """As `tcvn3` or `vni` store it, shown as Latin letters: `QuyÕt ®Þnh`."""
    table: dict[str, str] = {}
    for code, letter in legacy.tables()[encoding].items():
        table.setdefault(letter, code)
    return lambda line: "".join(table.get(c) or table.get(c.lower(), c) for c in line)


def cp1258(line: str) -> str:
    """CP1258 bytes shown as CP1252: `Quyêìt ðiònh`."""
    out = ""
    for ch in line:
        base, shape, tone = _parts(ch)
        if tone and not _encodable(ch):
            out += (nfc(base + shape) + tone).encode("cp1258").decode("cp1252")
        else:
            out += ch.encode("cp1258", "replace").decode("cp1252")
    return out


def _encodable(ch: str) -> bool:
    try:
        ch.encode("cp1258")
    except UnicodeEncodeError:
        return False
    return True


def decomposed(line: str) -> str:
    """NFD."""
    return unicodedata.normalize("NFD", line)


def marks_apart(line: str) -> str:
    """A blank between each letter and its tone mark: `Quyê ́t`."""
    return "".join(nfc(b + s) + " " + t if t else ch for ch in line for b, s, t in [_parts(ch)])


def wide_marks(line: str) -> str:
    """Tone marks with a width of their own: `quyê´t`."""
    return "".join(nfc(b + s) + _WIDE_MARKS[t] if t in _WIDE_MARKS else ch for ch in line for b, s, t in [_parts(ch)])


def marks_disordered(line: str) -> str:
    """Tone before shape, which NFC does not compose."""
    return "".join(b + t + s if t and s else ch for ch in line for b, s, t in [_parts(ch)])


def strewn(line: str) -> str:
    """Characters without a width strewn in."""
    draw = random.Random(5)
    return "".join(c + (draw.choice(_UNSEEN) if draw.random() < 0.15 else "") for c in line)


def cyrillic(line: str) -> str:
    """Letters that look alike in place of ours."""
    table = {like: ch for ch, like in rules().lookalikes.items() if 0x400 <= ord(ch) < 0x530}
    return "".join(table.get(c, c) for c in line)


def double_wide(line: str) -> str:
    """Latin letters as wide as Chinese ones."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in line)


def spaced(line: str) -> str:
    """Letters of the words printed apart, words two blanks apart: `K Ế  H O Ạ C H`."""
    return "  ".join(" ".join(w) if w.isalpha() else w for w in line.split())


# ---------------------------------------------------------------------------------------------- several lines


def every(damage: Damage) -> Callable[[Sequence[str]], list[str]]:
    """A damage of one line done to each."""
    return lambda lines: [damage(line) for line in lines]


def every_other(damage: Damage) -> Callable[[Sequence[str]], list[str]]:
    """A damage done to every second line; the others stay clean."""
    return lambda lines: [damage(line) if k % 2 else line for k, line in enumerate(lines)]


def hyphenated(lines: Sequence[str]) -> list[str]:
    """Each line's last word of four letters and more, cut by a hyphen before its last two and carried to the next line."""
    out = list(lines)
    for k in range(len(out) - 1):
        m = re.search(r"(\w+)\s*$", out[k])
        if m and m[1].isalpha() and len(m[1]) >= 4 and out[k + 1].strip():
            out[k], out[k + 1] = out[k][: m.end(1) - 2] + "-", m[1][-2:] + " " + out[k + 1]
    return out


KINDS: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "tcvn3": every(stored("tcvn3")),
    "vni": every(stored("vni")),
    "viqr": every(viqr),
    "mojibake_cp1252": every(misread("cp1252")),
    "mojibake_latin1": every(misread("latin-1")),
    "mojibake_twice": every(misread_twice),
    "cp1258": every(cp1258),
    "nfd": every(decomposed),
    "marks_apart": every(marks_apart),
    "marks_wide": every(wide_marks),
    "marks_disordered": every(marks_disordered),
    "invisible": every(strewn),
    "lookalike": every(cyrillic),
    "fullwidth": every(double_wide),
    "spaced": every(spaced),
    "stripped": every(bare),
    "stripped_mixed": every_other(bare),
    "tcvn3_mixed": every_other(stored("tcvn3")),
    "hyphenated": lambda lines: [bare(line) for line in hyphenated(lines)],
}
AFTER = {"hyphenated": hyphenated}  # what the lines are once they are repaired, where that is not the lines as they were
