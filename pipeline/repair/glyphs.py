"""Characters drawn like ours that are not: without a width, double-wide, joined, of another alphabet; and marks off their letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.repair.form_rules import LETTERS, Ok, abbreviation, decomposed, in_case, rules
from pipeline.repair.traced import Edit
from pipeline.text import nfc

_SHY = "\u00ad"
_WORD_GAPS = frozenset("\u200b\u2060\ufeff\u00ad")  # what may stand between words
_WIDE = re.compile(r"[\uff01-\uff5e\u3000]+")
_EAST = re.compile(r"[\u2e80-\u2fff\u3001-\u9fff\uac00-\ud7af\uff5f-\uffee]")
_BLANK = " \u00a0"
# Marks of tone and shape in the order in which a letter takes them
_ORDER = {c: k for k, c in enumerate("\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323")}


# ---------------------------------------------------------------------------------------------- without a width


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile("[" + "".join(map(re.escape, sorted(rules().invisible))) + "]+")


def _ours(ch: str) -> bool:
    """Whether an invisible character beside `ch` has no work to do: it shapes Arabic, Indic and emoji only."""
    return ch == "" or ord(ch) < 0x300 or 0x1E00 <= ord(ch) < 0x2070 or ch in "đĐơƠưƯ"


def invisible(text: str, ok: Ok, near: bool) -> list[Edit]:
    """Zero-width characters taken out, or made a blank where they alone part two words; a soft hyphen inside a word taken out."""
    pattern = _invisible()
    if not pattern.search(text):
        return []
    # in a line of TCVN3 that is not told, this is the letter ư
    stored = (
        _SHY in text
        and any("\xa1" <= c <= "\xff" and c != _SHY for c in text)
        and not any(c in rules().letters and c > "\xff" for c in text)
    )
    out: list[Edit] = []
    held: list[re.Match[str]] = []
    for m in pattern.finditer(text):
        before, after = text[m.start() - 1 : m.start()], text[m.end() : m.end() + 1]
        if not (_ours(before) and _ours(after)) or (stored and _SHY in m.group()):
            continue
        if not (before.isalpha() and after.isalpha()):
            if _SHY not in m.group():
                out.append((*m.span(), ""))
            continue
        if held and not LETTERS.fullmatch(text, held[-1].end(), m.start()):
            out += _within(text, held, ok)
            held = []
        held.append(m)
    return sorted(out + _within(text, held, ok))


def _within(text: str, gaps: list[re.Match[str]], ok: Ok) -> list[Edit]:
    """Edits for the invisible characters between letters of one run: gone, or a blank where only so every word is a syllable."""
    if not gaps:
        return []
    first = re.compile(r"[^\W\d_]*$").search(text, max(0, gaps[0].start() - 40), gaps[0].start())
    last = re.compile(r"[^\W\d_]*").match(text, gaps[-1].end())
    assert first and last  # both match the empty string
    pieces = [first[0], *(text[a.end() : b.start()] for a, b in zip(gaps, gaps[1:], strict=False)), last[0]]
    # ways[k]: the fewest words that pieces[:k] make, and where the last one begins
    ways: list[tuple[int, int]] = [(0, 0)]
    for end in range(1, len(pieces) + 1):
        here = (1 << 30, 0)
        for start in range(max(0, end - 7), end):
            parts = start == 0 or bool(_WORD_GAPS & set(gaps[start - 1].group()))
            word = "".join(pieces[start:end])
            # `I` `I` is a Roman number sooner than two words
            if parts and ways[start][0] + 1 < here[0] and ok(word) and (len(word) > 1 or not word.isascii()):
                here = (ways[start][0] + 1, start)
        ways.append(here)
    cuts: set[int] = set()
    if ways[-1][0] < 1 << 30:
        end = len(pieces)
        while end:
            end = ways[end][1]
            cuts.add(end)
    whole = "".join(pieces)
    if len(cuts) > 1 and not any(c in rules().letters and c > "\xff" for c in whole):
        return []  # `pia` `no` may be one foreign word
    out: list[Edit] = []
    for k, gap in enumerate(gaps):
        if k + 1 not in cuts:
            halves = _SHY in gap.group() and ways[-1][0] == 1 << 30 and ok(pieces[k]) and ok(pieces[k + 1])
            if not halves:
                out.append((*gap.span(), ""))
        elif _SHY not in gap.group():
            out.append((*gap.span(), " "))
    return out


# ---------------------------------------------------------------------------------------------- ligatures, wide letters, other alphabets


def ligatures(text: str, ok: Ok, near: bool) -> list[Edit]:
    """`ﬁ` as two letters."""
    return [(k, k + 1, rules().ligatures[c]) for k, c in enumerate(text) if c in rules().ligatures] if not text.isascii() else []


def fullwidth(text: str, ok: Ok, near: bool) -> list[Edit]:
    """Double-wide letters, digits and signs in a line without East Asian writing: `ＱＤ－１２` → `QD-12`."""
    if not _WIDE.search(text) or _EAST.search(text):
        return []
    return [(*m.span(), "".join(" " if c == "\u3000" else chr(ord(c) - 0xFEE0) for c in m.group())) for m in _WIDE.finditer(text)]


def _latin(ch: str) -> str | None:
    """The letter of ours that a letter of another alphabet is drawn like, marks kept: Cyrillic `Ӑ` → `Ă`."""
    parts = decomposed(ch)
    like = rules().lookalikes.get(parts[0])
    return nfc(like + parts[1:]) if like else None


def lookalikes(text: str, ok: Ok, near: bool) -> list[Edit]:
    """Letters of other alphabets inside our words, where the word becomes a syllable (an abbreviation: Cyrillic only): `Сhủ` → `Chủ`.

    Where a line holds such a word and no letter that can only be Cyrillic or Greek, all look-alikes of Cyrillic are ours.
    """
    if text.isascii() or not any(0x180 <= ord(c) < 0x530 or c == "ı" for c in text):
        return []
    out: list[Edit] = []
    rest: list[Edit] = []
    foreign = False
    for m in re.finditer(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u0331])*", text):
        word = m.group()
        if word.isascii():
            continue
        strange = [(k, c) for k, c in enumerate(word, m.start()) if decomposed(c)[0] in rules().lookalikes]
        foreign = foreign or any(0x370 <= ord(c) < 0x530 and decomposed(c)[0] not in rules().lookalikes for c in word)
        if not strange:
            continue
        edits = [(k, k + 1, _latin(c) or c) for k, c in strange]
        fixed = list(word)
        for k, _, new in edits:
            fixed[k - m.start()] = new
        like = nfc("".join(fixed))
        mixed = len(strange) < sum(c.isalpha() for c in word)
        cyrillic = all(0x400 <= ord(c) < 0x530 for _, c in strange)
        if mixed and len(like) > 1 and ((ok(like) and in_case(like)) or (cyrillic and abbreviation(like))):
            out += edits
        elif cyrillic:
            rest += edits
    return sorted(out + rest) if out and not foreign else out


# ---------------------------------------------------------------------------------------------- marks fallen off


@cache
def _loose() -> re.Pattern[str]:
    """A word in which a mark stands by itself; a blank may part them, but a mark with a width has letters behind it then."""
    mark, wide = "[" + "".join(_ORDER) + "]", "[" + "".join(rules().spacing_marks) + "]"
    loose = rf"(?:[{_BLANK}]?{mark}+|{wide}+|[{_BLANK}]{wide}+(?=[^\W\d_]))"
    return re.compile(rf"(?<![^\W\d_])[^\W\d_]+(?:{loose}[^\W\d_]*)+")


def marks(text: str, ok: Ok, near: bool) -> list[Edit]:
    """Marks put back on their letters: apart by a blank (`Quyê ́t`), with a width of their own (`Quyê´t`), in the wrong order.

    A word changes only where it becomes a syllable; a name (`Đắk`) where nothing but the order of its marks was wrong.
    """
    if text.isascii():
        return []
    out: list[Edit] = []
    doubtful: list[Edit] = []
    for m in _loose().finditer(text):
        raw = m.group()
        if len(raw) > 40:
            continue
        new, end = _restored(text, m, ok)
        if new is None or new == raw:
            continue
        # `A´` is a point of a drawing and `yˆ` an estimate as likely as a letter: they take a second word, or a letter that is ours anyway
        inner = not any(c in rules().spacing_marks for c in raw) or (
            len(new) > 1
            and any(
                c in rules().spacing_marks and (c != "´" or raw[k + 1 : k + 2].isalpha() or raw[k - 1] in rules().letters)
                for k, c in enumerate(raw)
            )
        )
        (out if inner else doubtful).append((m.start(), end, new))
    if out or sum(len(new) > 1 for _, _, new in doubtful) >= 2:
        out = sorted(out + doubtful)
    return out


def _restored(text: str, m: re.Match[str], ok: Ok) -> tuple[str | None, int]:
    raw = m.group()
    table = rules().spacing_marks
    plain = "".join(table.get(c, c) for c in raw)
    joined = plain.translate({ord(b): None for b in _BLANK})
    gap = any(b in raw for b in _BLANK)
    ways = [_settled(joined), _settled(_marks_after(plain)), *_moved(joined)]
    for way in ways:
        if ok(way) and in_case(way):
            rest = re.compile(rf"[{_BLANK}]([^\W\d_]+)").match(text, m.end())
            if rest and gap and not ok(rest[1]) and ok(way + rest[1]) and in_case(way + rest[1]) and raw[-1:] in _ORDER:
                return way + rest[1], rest.end()
            return way, m.end()
    if joined == raw and all(c in rules().letters or c.isascii() for c in ways[0]):
        return ways[0], m.end()
    # a mark alone behind a whole syllable of one more letter: `Quyê ́ t`
    rest = re.compile(rf"[{_BLANK}]([^\W\d_]+)").match(text, m.end())
    if rest and gap and raw[-1:] in _ORDER and not ok(rest[1]) and ok(ways[0] + rest[1]) and in_case(ways[0] + rest[1]):
        return ways[0] + rest[1], rest.end()
    return None, m.end()


def _settled(word: str) -> str:
    """Every mark once, shape before tone, composed."""
    out: list[str] = []
    held: list[str] = []
    for ch in (*decomposed(word), ""):
        if ch and unicodedata.combining(ch):
            held.append(ch)
            continue
        out += sorted(dict.fromkeys(held), key=lambda c: _ORDER.get(c, -1))
        held = []
        out.append(ch)
    return nfc("".join(out))


def _marks_after(plain: str) -> str:
    """Loose marks moved behind the letter that follows them: `Qu ́yết` as some layers print the mark first."""
    moved = re.sub(rf"[{_BLANK}]?([{''.join(_ORDER)}]+)([^\W\d_])", r"\2\1", plain)
    return moved.translate({ord(b): None for b in _BLANK})


def _moved(joined: str) -> list[str]:
    """A tone behind a consonant moved onto each vowel before it, one way each: `Quyêt́` → `Quyết`."""
    m = re.search(rf"[^\W\d_aeiouy]([{''.join(_ORDER)}])$", joined, re.I)
    if not m:
        return []
    word, tone = joined[: m.start(1)], m[1]
    return [_settled(word[: k + 1] + tone + word[k + 1 :]) for k, c in enumerate(word) if decomposed(c)[0] in "aeiouyAEIOUY"]
