"""Damage that is no misreading and can be undone exactly: other encodings, marks and letters that fell apart, strange characters.

A line is changed only where it is told with certainty; `rules/forms.toml` holds an example of each form and lines that must stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.repair.encodings import legacy_line, mojibake
from pipeline.repair.form_rules import Ok, judged_by
from pipeline.repair.glyphs import fullwidth, invisible, ligatures, lookalikes, marks
from pipeline.repair.spacing import spaced
from pipeline.repair.traced import Edit, Span, Traced
from pipeline.repair.viqr import viqr

__all__ = ["Undone", "form_of", "undo", "undo_lines"]

# What stored the line comes before what is left in it: to a byte-wise misreading a soft hyphen is half a letter.
ENCODINGS = ("mojibake", "tcvn3", "vni", "cp1258", "viqr")
_FINDERS: tuple[tuple[str, Callable[[str, Ok, bool], list[Edit]]], ...] = (
    ("viqr", viqr),
    ("invisible", invisible),
    ("ligature", ligatures),
    ("fullwidth", fullwidth),
    ("lookalike", lookalikes),
    ("marks", marks),
    ("spaced", spaced),
)
_ROUNDS = 8  # each form uncovers at most the next one


@dataclass(frozen=True, slots=True)
class Undone:
    """A line with its damage undone (NFC); character i of `text` came from `raw[slice(*spans[i])]`.

    `form` names what was undone (`viqr`, `tcvn3+marks`), None where nothing was. A blank put between words has an empty span.
    """

    text: str
    spans: tuple[Span, ...]
    form: str | None


def undo(raw: str, is_syllable: Callable[[str], bool], near: str | None = None) -> Undone:
    """`raw` with every form of damage undone that is told with certainty: `QuyÕt ®Þnh` → `Quyết định` (tcvn3).

    `is_syllable` says of a word of letters in any case, NFC, old place of the tone mark, whether it is a Vietnamese syllable. `near`
    is the encoding that lines around this one are in: then one word is enough to tell. Time is linear in the length.
    """
    ok = judged_by(is_syllable)
    now = Traced.of(raw)
    found: list[str] = []
    for _ in range(_ROUNDS):
        before = now.text
        for form, edits in _encoded(now.text, ok, near):
            now = now.edited(edits).composed()
            found.append(form)
        for form, find in _FINDERS:
            edits = find(now.text, ok, near == form)
            if edits:
                now = now.edited(edits).composed()
                found.append(form)
        if now.text == before:
            break
    return Undone(now.text, now.spans, "+".join(dict.fromkeys(found)) or None)


def _encoded(text: str, ok: Ok, near: str | None) -> list[tuple[str, list[Edit]]]:
    edits = mojibake(text, ok, near == "mojibake")
    if edits:
        return [("mojibake", edits)]
    form, edits = legacy_line(text, ok, near)
    return [(form, edits)] if form and edits else []


def undo_lines(lines: Sequence[str], is_syllable: Callable[[str], bool]) -> tuple[Undone, ...]:
    """Each line undone, one for each in order; a line too short to tell by itself goes with an encoding told above and below it."""
    alone = [undo(raw, is_syllable) for raw in lines]
    told = [next((f for f in (u.form or "").split("+") if f in ENCODINGS), None) for u in alone]
    spoken = [k for k, raw in enumerate(lines) if any(c.isalpha() for c in raw)]
    out = list(alone)
    for at, k in enumerate(spoken):
        if told[k]:
            continue
        around = [told[j] for j in (*spoken[max(0, at - 2) : at], *spoken[at + 1 : at + 3])]
        for form in ENCODINGS:
            if around.count(form) >= 2:
                out[k] = undo(lines[k], is_syllable, form)
    return tuple(out)


def form_of(lines: Sequence[str], is_syllable: Callable[[str], bool]) -> tuple[str | None, ...]:
    """The form of each line, by itself and by its neighbours; None where nothing is to be undone."""
    return tuple(u.form for u in undo_lines(lines, is_syllable))
