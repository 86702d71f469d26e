"""VIQR (RFC 1456): Vietnamese typed in ASCII, marks behind the letters they belong to: `Quye^'t ddi.nh` → `Quyết định`."""

from __future__ import annotations

import re
from functools import cache

from pipeline.repair.form_rules import LETTERS, TOKEN, Ok, in_case, rules, witness
from pipeline.repair.traced import Edit
from pipeline.text import nfc

_TRIGGER = re.compile(r"[aeo][`'~?.]?\^|[ou][+*]|a\(|[aeiouy][`'~?.][a-z]|dd", re.I)
_NO_WORD = re.compile(r"@|://|www\.|\\\\", re.I)
_UNITS = re.compile(
    r"(?P<escaped>\\[\\^'`?~.(+*])|(?P<stroke>(?<![dD])[dD]{2}(?![dD]))|(?P<base>[aAeEiIoOuUyY])(?P<marks>(?:(?<=[aAeEoO])\^|(?<=[aA])\(|(?<=[oOuU])[+*])"
    r"[`'~?.]?|[`'~?.](?:(?<=[aAeEoO][`'~?.])\^)?)"
)
_ONE_WORD = re.compile(r"[\"“‘’(\[-]*[^\W\d_]{2,}[\"”’)\],;:!?.-]*")
_CLOSING = re.compile(r"[\"”’)\],;:!?.]*")


@cache
def _letter(base: str, marks: str) -> str:
    t = rules()
    shape = next((t.shapes[m] for m in marks if m in t.shapes), "")
    tone = next((t.tones[m] for m in marks if m in t.tones), "")
    return nfc(base + shape + tone)


def _read(token: str, tone_at_end: bool) -> tuple[str, list[Edit]]:
    """`token` with its marks turned into letters, and the edits; its last mark may be a point or question mark instead of a tone."""
    edits: list[Edit] = []
    for m in _UNITS.finditer(token):
        if m["escaped"]:
            edits.append((m.start(), m.end(), m["escaped"][1]))
        elif m["stroke"]:
            edits.append((m.start(), m.end(), "Đ" if m["stroke"][0] == "D" else "đ"))
        else:
            marks, end = m["marks"], m.end()
            if not tone_at_end and marks[-1] in ".?" and _CLOSING.fullmatch(token, end):
                marks, end = marks[:-1], end - 1
            if marks:
                edits.append((m.start(), end, _letter(m["base"], marks)))
    return _applied(token, edits), edits


def _applied(token: str, edits: list[Edit]) -> str:
    out: list[str] = []
    at = 0
    for s, e, new in edits:
        out += (token[at:s], new)
        at = e
    return "".join((*out, token[at:]))


def _syllables(word: str, ok: Ok) -> bool:
    words = LETTERS.findall(word)
    return bool(words) and all(ok(w) and in_case(w) for w in words)


def _best(token: str, ok: Ok) -> tuple[str, list[Edit]]:
    """The reading of a token whose words are syllables; where both are, RFC 1456 has a mark that is no tone written `\\.`."""
    full = _read(token, True)
    if not _syllables(full[0], ok):
        point = _read(token, False)
        if _syllables(point[0], ok):
            return point
    return full


def viqr(text: str, ok: Ok, near: bool) -> list[Edit]:
    """The edits that undo VIQR in a line, [] where it is not told: two words with marks at least, most words syllables by it."""
    if not _TRIGGER.search(text):
        return []
    rows: list[tuple[int, str, str, list[Edit]]] = []
    strong = weak = bad = 0
    for m in TOKEN.finditer(text):
        token = m.group()
        if _NO_WORD.search(token):
            continue
        new, edits = _best(token, ok)
        rows.append((m.start(), token, new, edits))
        if new == token or not any(c.isalpha() for c in new):
            continue
        if not _syllables(new, ok):
            bad += not _marked(token)
        elif any(token[s:e] == letter for s, e, letter in edits) or not _ONE_WORD.fullmatch(new):
            continue
        elif any(c in rules().shapes for s, e, _ in edits for c in token[s:e]) or "dd" in token.lower():
            strong += 1
        else:
            weak += 1
    said = witness(((token, new) for _, token, new, _ in rows), ok)
    spoken = strong + weak
    least = 1 if near else 2
    if spoken < least or (not near and not strong) or spoken < 4 * bad or said.odd > 0.25 * (said.odd + spoken + said.plain):
        return []
    out: list[Edit] = []
    for start, token, new, edits in rows:
        if _syllables(new, ok) or (_marked(token) and new != token):
            out += [(start + s, start + e, letter) for s, e, letter in edits]
        else:
            out += [(start + s, start + e, letter) for s, e, letter in edits if token[s] == "\\"]
    return out


def _marked(token: str) -> bool:
    """Whether a word that is no syllable shows a mark that only VIQR puts there: `DDa('k`, `QDD-TTg`."""
    return bool(re.search(r"[aAeEoO]\^|[aA]\([`'~?.]?[A-Za-z]|[oOuU]\+|DD|\bdd", token))
