"""Lines stored one way and read another: UTF-8 read as CP1252 or Latin-1; TCVN3, VNI or CP1258 bytes kept as Latin letters.

Each finder gives the edits that undo a line, [] where the line is not told with certainty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product

from pipeline import legacy
from pipeline.repair.form_rules import LETTERS, TOKEN, Ok, Witness, in_case, rules, witness
from pipeline.repair.traced import Edit, Traced
from pipeline.text import nfc

_LEVELS = 4  # times that a text may have been misread
_LEGACY = ("tcvn3", "vni", "cp1258")
_PAGE_1252 = frozenset(bytes(b for b in range(128, 256) if b not in b"\x81\x8d\x8f\x90\x9d").decode("cp1252"))
# text.nfc makes đ of the eth that an old font shows so; in these encodings it is a byte like any other
_ETH = str.maketrans("đĐ", "ðÐ")
_STORED = re.compile(r"[\x80-\xffđĐ]")


# ---------------------------------------------------------------------------------------------- UTF-8 misread


@cache
def _byte_of() -> dict[str, int]:
    """The byte that a character stands for, by any of the codecs by which UTF-8 is misread."""
    out: dict[str, int] = {}
    for codec in rules().codecs:
        for byte in range(0x80, 0x100):
            ch = nfc(bytes((byte,)).decode(codec, "replace"))
            if ch != "\ufffd" and not unicodedata.combining(ch):
                out.setdefault(ch, byte)
    return out


@cache
def _sequences() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Whole UTF-8 sequences of two to four bytes, and such as lack bytes."""

    def chars(first: int, last: int) -> str:
        return "[" + "".join(re.escape(c) for c, b in _byte_of().items() if first <= b <= last) + "]"

    more = chars(0x80, 0xBF)
    whole = f"{chars(0xC2, 0xDF)}{more}|{chars(0xE0, 0xEF)}{more}{{2}}|{chars(0xF0, 0xF4)}{more}{{3}}"
    torn = f"(?:{chars(0xE1, 0xE1)}{chars(0xBA, 0xBB)}|{chars(0xC3, 0xC6)})(?!{more})"
    return re.compile(whole), re.compile(torn)


def _decoded(text: str) -> Iterator[Edit]:
    whole, _ = _sequences()
    of = _byte_of()
    for m in whole.finditer(text):
        try:
            yield m.start(), m.end(), bytes(of[c] for c in m.group()).decode("utf-8")
        except UnicodeDecodeError:
            continue


def mojibake(text: str, ok: Ok, near: bool) -> list[Edit]:
    """UTF-8 read byte by byte, once or oftener: `Quyáº¿t Ä‘á»‹nh` → `Quyết định`."""
    whole, torn = _sequences()
    if not whole.search(text) and not (near and torn.search(text)):
        return []
    best: list[Edit] = []
    most = 0
    now = Traced(text, tuple((k, k + 1) for k in range(len(text))))
    for level in range(_LEVELS):
        edits = list(_decoded(now.text))
        if not edits and not (near and level == 0):
            break
        now = now.edited(edits)
        accepted, weight = _believed(text, now.composed(), ok, near)
        if weight > most:
            best, most = accepted, weight
    return best


def _believed(text: str, now: Traced, ok: Ok, near: bool) -> tuple[list[Edit], int]:
    """The changes between `text` and `now` that are certain, and how many words speak for them less those against."""
    changed = [e - s > 1 or text[s:e] != c for c, (s, e) in zip(now.text, now.spans, strict=True)]
    letters = rules().letters
    good = three = bad = 0
    likely: list[tuple[int, int]] = []
    also: list[tuple[int, int]] = []
    for m in LETTERS.finditer(now.text):
        at = [k for k in range(*m.span()) if changed[k]]
        if not at:
            continue
        sure = [k for k in at if now.text[k] in letters and (ord(now.text[k]) > 0xFF or _length(now, k) > 2)]
        three += sum(_length(now, k) >= 3 and now.text[k] in letters for k in sure)
        if ok(m.group()):
            if sure:
                good += 1
            elif not _plain_before(text, now, m.span(), ok):
                likely.append(m.span())
            else:
                also.append(m.span())
        elif sure and not m.group().isupper():
            bad += 1
    marks = [k for k, c in enumerate(now.text) if changed[k] and _length(now, k) >= 3 and 0x2010 <= ord(c) <= 0x2122]
    if (good and good >= bad) or three >= 2 or (near and (good or likely or any(changed))):
        lost = _lost(now, ok)
        spans = [(k, k + 1) for k, yes in enumerate(changed) if yes]
        return _edits(text, now, spans, lost), 10 * good + 4 * three + len(likely) + len(lost) - bad
    if bad or (len(likely) < 2 and not marks):
        return [], 0
    taken = [(k, k + 1) for k in marks]
    if len(likely) >= 2:
        taken += likely + also
    return _edits(text, now, sorted(taken), []), len(taken)


def _length(now: Traced, k: int) -> int:
    return now.spans[k][1] - now.spans[k][0]


def _plain_before(text: str, now: Traced, span: tuple[int, int], ok: Ok) -> bool:
    """Whether the word was a syllable with a mark behind it, as `XÃ”`, rather than a syllable misread."""
    before = text[now.spans[span[0]][0] : now.spans[span[1] - 1][1]]
    words = LETTERS.findall(before)
    return bool(words) and all(ok(w) for w in words)


def _edits(text: str, now: Traced, spans: list[tuple[int, int]], lost: list[Edit]) -> list[Edit]:
    """Changes of `now` as edits of `text`; neighbours that share a span are one."""
    out: dict[tuple[int, int], str] = {}
    gone = {k for s, e, _ in lost for k in range(s, e)}
    for a, b in spans:
        for k in range(a, b):
            start, end = now.spans[k]
            if k not in gone and (end - start > 1 or text[start:end] != now.text[k]):
                out[start, end] = out.get((start, end), "") + now.text[k]
    for s, e, new in lost:
        out[now.spans[s][0], now.spans[e - 1][1]] = new
    return sorted((s, e, new) for (s, e), new in out.items())


def _lost(now: Traced, ok: Ok) -> list[Edit]:
    """Edits of `now.text` for sequences that lost a byte, where one reading alone makes a syllable: `váºn` → `vận`, `lÃ ` → `là`."""
    _, torn = _sequences()
    text, of = now.text, _byte_of()
    found = [m for m in torn.finditer(text)]
    out: list[Edit] = []
    at = 0
    for word in _words_with(found, text):
        inside = []
        while at < len(found) and found[at].start() < word[1]:
            inside.append(found[at])
            at += 1
        if not inside or len(inside) > 2 or word[1] - word[0] > 24:
            continue
        ways: set[tuple[Edit, ...]] = set()
        for lost in product(rules().lost_bytes, repeat=len(inside)):
            way = []
            for m, byte in zip(inside, lost, strict=True):
                blank = text[m.end() : m.end() + 1] == " "
                new = bytes((*(of[c] for c in m.group()), byte)).decode("utf-8", "replace")
                if len(new) != 1 or new not in rules().letters or (byte == 0xA0) != blank:
                    break
                way.append((m.start(), m.end() + blank, new))
            else:
                for chosen in _blanks_settled(text, word, way, ok):
                    ways.add(chosen)
        if len(ways) == 1:
            out += next(iter(ways))
    return out


def _words_with(found: list[re.Match[str]], text: str) -> list[tuple[int, int]]:
    """Runs of letters and torn sequences that hold one of `found`; the sign `º` or `»` of a torn one is no letter."""
    out: list[tuple[int, int]] = []
    for m in found:
        if out and m.start() < out[-1][1]:
            continue
        start, end = m.start(), m.end()
        while start and text[start - 1].isalpha():
            start -= 1
        while end < len(text) and (text[end].isalpha() or (text[end] in "º»" and text[end - 1] == "á")):
            end += 1
        out.append((start, end))
    return out


def _blanks_settled(text: str, word: tuple[int, int], way: list[Edit], ok: Ok) -> Iterator[tuple[Edit, ...]]:
    """`way` where it makes a syllable; a blank that was the lost byte may stand for a blank behind it too (`lÃ mai`)."""
    last = way[-1]
    reach = word[1]
    if last[1] > reach:  # the blank behind the word was a byte of it
        rest = re.compile(r"[^\W\d_]*").match(text, last[1])
        reach = rest.end() if rest else last[1]
    new, at = "", word[0]
    for s, e, letter in way:
        new += text[at:s] + letter
        at = e
    if ok(new + text[at:reach]) and in_case(new + text[at:reach]):
        yield tuple(way)
    elif reach > at == last[1] and last[1] > word[1] and ok(new) and in_case(new):
        yield (*way[:-1], (last[0], last[1], last[2] + " "))


# ---------------------------------------------------------------------------------------------- TCVN3, VNI, CP1258


@cache
def _table(encoding: str) -> tuple[re.Pattern[str], dict[str, str]]:
    if encoding == "cp1258":
        high = {bytes((b,)).decode("latin-1"): bytes((b,)).decode("cp1258", "replace") for b in range(0xC0, 0x100)}
        table = {k: v for k, v in high.items() if k != v}
    else:
        table = legacy.tables()[encoding]
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True))), table


def _stored_edits(stored: str, encoding: str) -> list[Edit]:
    pattern, table = _table(encoding)
    edits = [(m.start(), m.end(), table[m.group()]) for m in pattern.finditer(stored)]
    if encoding != "tcvn3":
        return edits
    turned = legacy.to_unicode(stored, encoding)  # knows capitals by their neighbours
    if len(turned) != len(stored):
        return edits
    return [(k, k + 1, new) for k, (old, new) in enumerate(zip(stored, turned, strict=True)) if old != new]


def _unstored(ch: str) -> bool:
    """Whether `ch` is a letter or mark that no byte of these encodings is shown as."""
    return (ch.isalpha() and ch not in "đĐ" and ch not in _PAGE_1252) or unicodedata.combining(ch) > 0


def legacy_line(text: str, ok: Ok, near: str | None) -> tuple[str | None, list[Edit]]:
    """The legacy encoding that one line is certainly in, and the edits that turn it into Unicode: `QuyÕt ®Þnh` → `Quyết định` (tcvn3)."""
    if not _STORED.search(text) or any(ord(c) > 0xFF and _unstored(c) for c in text):
        return None, []
    stored = text.translate(_ETH)
    before = TOKEN.findall(text)
    found: list[tuple[int, str, list[Edit], Witness]] = []
    for encoding in _LEGACY:
        edits = _stored_edits(stored, encoding)
        now = Traced(stored, tuple((k, k + 1) for k in range(len(stored)))).edited(edits).composed()
        after = TOKEN.findall(now.text)
        if not edits or len(after) != len(before):
            continue
        said = witness(zip(before, after, strict=True), ok)
        found.append((2 * said.good + said.neutral - 3 * said.bad, encoding, edits, said))
    certain = [f for f in found if f[3].certain(near == f[1])]
    if not certain:
        return None, []
    certain.sort(key=lambda f: (f[1] == near, f[0]), reverse=True)
    best = certain[0]
    if near != best[1] and any(f[0] >= best[0] for f in certain[1:]):
        return None, []
    return best[1], [e for e in best[2] if text[e[0] : e[1]] != e[2]]
