"""Symbols of documents (số và ký hiệu) in running text, clean or misread: `666/QĐ-TTg`, `24/2021/QH15`, `05-CT/TW`, `1616/VPUBND-TH`.

`find` is pure and knows nothing of the page; repair uses it as well. Grammar and thresholds: spec/plans.md 2.1 to 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.extract import codes
from pipeline.extract.codes import snap, tidy
from pipeline.extract.rules import alternatives, load
from pipeline.extract.symbol_forms import CAPS, FORMS, NOUNS, Identifier, Left, Segment
from pipeline.text import fold, plain_dashes

_NUMBER = re.compile(
    r"(?<![\w/,\-])(?<!\w[.,])(?P<digits>[OoQlI|SZB]?\d[\dOoQDlI|!ZzSs§GT?Bgq]{0,5})(?P<suffix>[a-dA-D]|bis|\.\d{1,2})?"
    r"(?=\s{0,2}[/\-_\\=~.| ]|[lI1|/]?[A-ZĐ])"
)
_STEP = re.compile(r"(?P<before>[ \t\n]{0,2})(?P<sep>[/\-\\_=~|])(?P<after>[ \t\n]{0,2})(?P<token>[A-Za-zĐđÀ-ỹ0-9&]{1,30})")
_BLANK_STEP = re.compile(r"[ \t]{1,2}(?P<token>[A-ZĐ0-9][A-Za-zĐđ0-9&]{1,20})(?![\w])")
_GOES_ON = re.compile(r"[ \t\n]{0,2}[/\-\\_=~|]|[ \t]{1,2}(?:[A-ZĐ]|[12]\d{3}[/-])|[lI1|/]?[A-ZĐ]|[ \t]{1,2}[\dOolI]{4}/")
_DAY = re.compile(r"[/.-]\d{1,2}[/.-]\d{4}(?![\w/-])")  # 15/6/2024: what most numbers before a stroke are
_SPLIT_NUMBER = re.compile(r"(?<![\w/,.-])(?P<digits>\d{1,3})[ ]$")
_SPLIT_CODE = re.compile(r"[ ](?P<token>[A-ZĐ]{1,8})(?!\w)")
_SOURCE_SWAPS = str.maketrans({"ð": "đ", "Ð": "Đ", "\\": "/", "\u00a0": " ", "∕": "/"})


def clean(text: str) -> str:
    """Dashes, slashes and đ unified; same length, so that offsets carry over."""
    return plain_dashes(text).translate(_SOURCE_SWAPS)


def find(text: str, known: tuple[str, ...] = (), exact: bool = False, most: int | None = None) -> tuple[Identifier, ...]:
    """All symbols of `text` (NFC) in order, without overlaps. `known`: issuer codes that the document itself prints in its head.
    `exact`: the text was neither read from an image nor mended, so that an unknown code is what was written. `most`: the first so many.

    Dates, telephone numbers, addresses, numbers of forms and standards are none. A symbol whose number is blank is not found.
    """
    cleaned = clean(text)
    folded = fold(cleaned)
    out: list[Identifier] = []
    at = 0
    while len(out) != most and (m := _NUMBER.search(cleaned, at)):
        found = _read(cleaned, folded, m, frozenset(known), exact)
        if found:
            out.append(found)
            at = found.end
        else:
            at = m.end("digits")
    return tuple(out)


_ELIDED = re.compile(r"(?<![^\W_])so\s*:?\s*(?P<numbers>(?:\d{1,5}[a-d]?\s*(?:,\s*(?:va\s+)?|;\s*|va\s+)(?:so\s+)?)+)$")
_ONE_NUMBER = re.compile(r"(\d{1,5})([a-d]?)")


def elided(folded: str, found: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """The symbols of which a list prints only the number, and the code behind the last: `các Quyết định số 12, 13 và 15/QĐ-UBND`.

    A noun of documents and `số` stand before the first. `folded`: the text that `found` was found in, folded.
    """
    out: list[Identifier] = []
    for i in found:
        floor = max(0, i.start - 120)
        m = _ELIDED.search(folded, floor, i.start)
        if m is None or not i.canonical.startswith(i.number) or not _NOUN_LEFT.search(folded[max(0, m.start() - 40) : m.start()]):
            continue
        for n in _ONE_NUMBER.finditer(folded, m.start("numbers"), m.end("numbers")):
            number = _number(n[1], n[2])
            canonical = number + i.canonical[len(i.number) :]
            sure = round(0.9 * i.confidence, 3)
            out.append(Identifier(n.start(), n.end(), canonical, i.form, number, i.year, i.type_code, i.issuer, i.units, sure))
    return tuple(out)


def one(text: str, known: tuple[str, ...] = (), exact: bool = False) -> Identifier | None:
    """The only or first symbol of a short text, read as `find` reads it."""
    found = find(text, known, exact)
    return found[0] if found else None


def _read(text: str, folded: str, m: re.Match[str], known: frozenset[str], exact: bool) -> Identifier | None:
    if _DAY.match(text, m.end()) or not (_GOES_ON.match(text, m.end()) or _GOES_ON.match(text, m.end("digits"))):
        return None
    readings = [
        (*read, list(_segments(text, m.end("digits") if read[1] is None else read[1], read[1] is None))) for read in _numbers(text, m)
    ]
    if not any(any(map(str.isalpha, s.token)) for *_, segments in readings for s in segments):
        return None  # no form without a code: most numbers of a text are none
    start = m.start()
    split = (
        _SPLIT_NUMBER.search(text, max(0, start - 4), start)
        if text[start - 1 : start] == " " and text[start - 2 : start - 1].isdigit()
        else None
    )
    left = _left(folded, split.start(), exact) if split else None
    if split and left and left.so and not left.forbidden:  # số 1 2/2021/QĐ-TTg: a blank inside the number
        start = split.start()
    else:
        split, left = None, _left(folded, start, exact)
    if left.forbidden:
        return None
    for number, _, penalty, segments in readings:
        if split:
            number, penalty = _number(split["digits"] + m["digits"], m["suffix"] or ""), penalty + 0.3
            if not m["digits"].isdigit():
                return None
        for form in FORMS:
            found = form(number, segments, left, known)
            if found is None:
                continue
            end = found.end
            if end < len(text) and (text[end].isalnum() and text[end - 1].isalnum()):
                continue
            confidence = round(max(found.confidence - penalty, 0.05), 3)
            return _placed(found, start, confidence)
    return None


def _placed(i: Identifier, start: int, confidence: float) -> Identifier:
    """The symbol with its place; written out because `dataclasses.replace` took a quarter of the time of a long text."""
    return Identifier(start, i.end, i.canonical, i.form, i.number, i.year, i.type_code, i.issuer, i.units, confidence, i.alternatives)


def _numbers(text: str, m: re.Match[str]) -> Iterator[tuple[str, int | None, float]]:
    """Readings of the number token, the likeliest first, with where the symbol goes on and what the reading costs."""
    token, suffix = m["digits"], m["suffix"] or ""
    if token.isdigit():
        yield _number(token, suffix), m.end(), 0.0
    else:
        read = codes.digits(token)
        if read:
            yield _number(read, suffix), m.end(), 0.2
    if not suffix and token[-1] in "lI1|" and len(token) > 1 and text[m.end() : m.end() + 1].isalpha():
        read = codes.digits(token[:-1])
        if read:
            yield _number(read, ""), None, 0.3


def _number(read: str, suffix: str) -> str:
    return read.lstrip("0").rjust(2, "0") + suffix.lower()


def _segments(text: str, at: int, lost_slash: bool) -> Iterator[Segment]:
    if lost_slash:
        m = re.compile(r"[A-ZĐ][A-Za-zĐ0-9&]{0,20}").match(text, at)
        if m is None:
            return
        yield Segment("/", False, m.group(), m.end())
        at = m.end()
    else:
        first = _BLANK_STEP.match(text, at)
        if first:  # 666 QĐ-TTg: a slash that was not read
            yield Segment(" ", True, first["token"], first.end())
            at = first.end()
    for _ in range(7):
        m = _STEP.match(text, at)
        if m is None:
            break
        loose = bool(m["before"] or m["after"])
        if loose and not CAPS.fullmatch(tidy(m["token"])):
            break
        token, at = m["token"], m.end()
        split = _SPLIT_CODE.match(text, at)
        if split and tidy(token + split["token"]) in codes.issuers():  # a code with a blank inside it: 36-HD/VP TW
            token, at = token + split["token"], split.end()
        yield Segment("/" if m["sep"] in "/|" else "-", loose, token, at)
        blank = _BLANK_STEP.match(text, at)
        if blank and snap(m["token"], codes.kinds("administrative") | codes.kinds("normative")) and not _STEP.match(text, at):
            yield Segment(" ", True, blank["token"], blank.end())
            at = blank.end()


_SO_LEFT = re.compile(rf"(?:^|[^\w])(?:{load('identifiers').table['pieces']['SO']})\s*[:.]?\s*$")
_NEVER_LEFT = re.compile(
    rf"(?:^|[^\w])(?:{alternatives(frozenset(fold(w) for w in load('identifiers').words('never_after')))})\s*[:.]?\s*$"
)
_NOUN_LEFT = re.compile(rf"(?:^|[^\w])({alternatives(frozenset(NOUNS) | load('identifiers').folded('congvan_nouns'))})\s*[:,]?\s*$")


def _left(folded: str, start: int, exact: bool) -> Left:
    before = folded[max(0, start - 40) : start]
    last = before.rstrip()[-1:]
    if not last.isalnum() and last not in ":.,§":  # `; 12/2021/…`: no word stands before it
        return Left(None, False, False, exact)
    if _NEVER_LEFT.search(before):
        return Left(None, False, True)
    so = _SO_LEFT.search(before)
    if so:
        before = before[: so.start() + 1]
    noun = _NOUN_LEFT.search(before)
    return Left(" ".join(noun[1].split()) if noun else None, bool(so), False, exact)


__all__ = ["Identifier", "clean", "elided", "find", "one"]
