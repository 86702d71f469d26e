"""Recipients (Nơi nhận): one entry a dash, its purpose, and the archive line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from spacy.tokens import Doc

from pipeline.document import Recipient
from pipeline.extract import authority, codes, ending, names, scanned, signature, spelling
from pipeline.extract.cells import Cell, evidence
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank

_DASH = re.compile(r"\s*(?:[-–—+•·~¬]|\*(?=\s*[^\s*]))\s*(?=\S)")  # `~` and `*` are what a recogniser makes of a dash
_BRACES = "}⎫⎬⎭⎪]|"
_BRACED = re.compile(r"[}⎫⎬⎭⎪]\s*(\([^()]{1,60}\))\s*$")
_BRACKET = re.compile(r"\s*\(([^()]{1,80})\)\s*[;.,:]*\s*$")
_OPEN_BRACKET = re.compile(r"\s*\(([^()]{1,60})[;.,:]*\s*$")


@dataclass
class _Entry:
    cells: list[Cell]
    brace: bool = False
    purpose: str | None = None
    own: bool = False  # the purpose stands in the entry itself
    row: int = field(default=0)

    @property
    def text(self) -> str:
        return one_blank(" ".join(c.text for c in self.cells))


def find(doc: Doc) -> tuple[Recipient, ...]:
    """The recipients in order of print; none where there is no `Nơi nhận`."""
    heading = ending.heading_row(doc)
    if heading is None:
        return ()
    entries, beside = _entries(signature.cells_of(doc))
    _share(entries, beside)
    printed = frozenset(_PRINTED_CODE.findall(doc.text))
    out = []
    for k, entry in enumerate(entries, 1):
        name, purpose, archive = _parts(entry, printed)
        if not name:
            continue
        e = evidence(entry.cells, "recipients.archive" if archive else "recipients.entry")
        out.append(Recipient(k, name, "lưu" if archive else purpose, "archive" if archive else "recipient", e))
    return tuple(Recipient(k, r.name, r.purpose, r.kind, r.evidence) for k, r in enumerate(out, 1))


def _entries(cells: tuple[Cell, ...]) -> tuple[list[_Entry], list[tuple[int, str]]]:
    """The entries, and the purposes printed beside them (row, words)."""
    entries: list[_Entry] = []
    beside: list[tuple[int, str]] = []
    on = False
    purpose = load("recipients")["recipients.purpose"].pattern
    dashed = False
    for printed in cells:
        cell = scanned.trimmed(printed, 0.5)
        raw = cell.line.text[cell.start : cell.end]
        if not on:
            end = ending.heading_end(cell)
            on = end is not None
            if end is None or not cell.masked[end:].strip():
                continue
            cell = cell.part(end, len(cell.masked))
            raw = cell.line.text[cell.start : cell.end]
        text = cell.text.strip()
        plain = text.strip(_BRACES + " ")
        if not plain:
            if entries and text:
                entries[-1].brace = True
            continue
        if purpose.fullmatch(fold(plain)) and (cell.column == "right" or not _DASH.match(raw)):
            beside.append((cell.row, plain.strip("(); ,.")))
            if text[0] in _BRACES and entries and entries[-1].row == cell.row:
                entries[-1].brace = True
            continue
        if braced := _BRACED.search(cell.masked):  # the purpose stands behind the brace in the same line
            beside.append((cell.row, braced[1].strip("(); ,.")))
            cell = cell.part(0, braced.start() + 1)
            text = cell.text.strip()
        brace = text[-1] in _BRACES and not (text[-1] == "]" and "[" in text)
        if signature.is_signer(cell):
            continue
        if _DASH.match(raw) and not (cell.line.column == "right" and cell.page.origin == "ocr"):
            dashed = True
            entries.append(_Entry([cell], brace, row=cell.row))
            continue
        if cell.column == "right" or _is_signature(text):
            continue
        archived = entries and load("recipients")["recipients.archive"].pattern.match(fold(entries[-1].text.lstrip("-–— ")))
        if entries and _goes_on(entries[-1], text, cell):
            if archived and (cell.row - entries[-1].cells[-1].row > 1 or len(text) > 40):
                break
            entries[-1].cells.append(cell)
            entries[-1].brace = entries[-1].brace or brace
        elif archived:
            break
        elif (
            (not dashed or _dash_lost(entries, cell))
            and (re.search(r"[;.]$", text) or fold(text).startswith("luu"))
            and len(text) < 120
            or fold(text).startswith("luu:")
        ):
            entries.append(_Entry([cell], brace, row=cell.row))
    return entries, beside


def _dash_lost(entries: list[_Entry], cell: Cell) -> bool:
    """Whether a line of a page image stands right of the dashes under an entry that is closed: its own dash was not read."""
    above, here = (scanned.box(entries[-1].cells[0]), scanned.box(cell)) if entries else (None, None)
    if cell.page.origin != "ocr" or above is None or here is None:
        return False
    return -2 <= here.left - above.left < 2 * (above.bottom - above.top) and bool(re.search(r"[;.,:]\s*$", entries[-1].text))


def _is_signature(text: str) -> bool:
    words = text.strip(" *.")
    return (
        signature.is_title(words)
        or bool(load("signature")["signature.prefix"].pattern.fullmatch(fold(words)))
        or (spelling.is_caps(words) and len(words) > 6)
    )


def _goes_on(entry: _Entry, text: str, cell: Cell) -> bool:
    """Whether a line without a dash belongs to the entry above: that one has no end mark yet, and the line follows it closely."""
    before = entry.text
    if re.search(r"[;.]\s*$", before) or cell.row - entry.cells[-1].row > 2:
        return False
    return not (signature._name(text) and re.search(r"\)\s*$", before))


def _share(entries: list[_Entry], beside: list[tuple[int, str]]) -> None:
    """A purpose beside several lines goes to each line that its brace covers; without a brace, to as many below as above it."""
    taken = -1
    for row, words in beside:
        braced = [k for k, e in enumerate(entries) if e.brace and k > taken and e.purpose is None]
        if braced:
            run = [braced[0]]
            for k in braced[1:]:
                if k == run[-1] + 1:
                    run.append(k)
            covered = run
        else:
            above = [k for k, e in enumerate(entries) if e.row < row and k > taken]
            level = [k for k, e in enumerate(entries) if e.row == row]
            below = [k for k, e in enumerate(entries) if e.row > row][: len(above)]
            covered = [*above, *level, *below]
        for k in covered:
            if not _archive(entries[k].text) and not _BRACKET.search(entries[k].text):
                entries[k].purpose = words
                taken = max(taken, k)


def _archive(text: str) -> re.Match[str] | None:
    return load("recipients")["recipients.archive"].pattern.fullmatch(fold(text.lstrip("-–—+•· ")))


def _without_scraps(text: str) -> str:
    """An entry without what a recogniser read of the seal and the signature behind its `;`: `UBND tỉnh (để b/c); % °`."""
    for m in re.finditer(r";\s+", text):
        rest = text[m.end() :].strip()
        words = rest.split()
        kept = rest[:1].isupper() and len(rest) > 3 and all(scanned.is_readable(w) for w in words)
        kept = kept and (not rest.isupper() or rest.strip(" .;") in codes.known())
        if not kept or signature.is_title(rest) or signature.misread_title(rest.upper()):
            return text[: m.start() + 1]
    return text


_CODE = re.compile(r"\(?[A-ZĐ][A-ZĐ0-9.&,;-]*\)?[.,;]?")
_LONG_CODE = re.compile(r"[A-ZĐ]{4,}")
_PRINTED_CODE = re.compile(r"[A-ZĐ]-([A-ZĐ]{4,})(?!\w)")  # behind the kind or the body of a symbol
MOST_MISREAD = 0.7  # cost of the confusions by which a code may differ from one that we know
_CLERKS = re.compile(r"V[EFI1l7\]](?P<stop>[,.;:]?)")  # what a recogniser makes of `VT,`, the office that keeps nearly every document


def _codes_as_printed(entry: _Entry, units: str, printed: frozenset[str]) -> str:
    """The codes of an archive line as they were read: repair takes them for words (`K9` for `KỸ`), and a recogniser loses the stroke of Đ.

    `VI TDKT` is `VT, TĐKT`.
    """
    words = [
        (w.text, w.text if c.line.by_hand(w) else c.line.raw[w.raw_start : w.raw_end]) for c in entry.cells for w in scanned.touched(c)
    ]
    tail = words[len(words) - len(units.split()) :]
    out = [_code(_without_marks(raw, text) if _CODE.fullmatch(raw) else text, printed) for text, raw in tail]
    if out and (clerks := _CLERKS.fullmatch(out[0])):
        out[0] = "VT," if len(out) > 1 else "VT" + clerks["stop"]
    return " ".join(out)


def _without_marks(raw: str, text: str) -> str:
    """A code as it was read, with the strokes that repair gave it: codes bear no other marks (`CAT`, not `CÁT`)."""
    return "".join("Đ" if t == "Đ" else r for r, t in zip(raw, text, strict=True)) if len(raw) == len(text) else raw


_CODES = re.compile(r"[A-ZĐ][A-ZĐ0-9&-]+")


def _code(word: str, printed: frozenset[str]) -> str:
    """The codes in a word as a table, or a symbol of the document (`printed`), writes them, where one alone is near: `TDKT` is `TĐKT`."""
    return _CODES.sub(lambda m: _one_code(codes.with_zero(m.group()), printed), word) if not word.islower() else word


def _one_code(letters: str, printed: frozenset[str]) -> str:
    known = codes.in_lists()
    if letters in known or letters in printed:
        return letters
    meant = {c for c in known if "Đ" in c and c.replace("Đ", "D") == letters.replace("Đ", "D")} if "D" in letters else set()
    for lexicon in ((printed, known) if len(letters) > 4 else (printed,)) if not meant and _LONG_CODE.fullmatch(letters) else ():
        near = codes.snap(letters, lexicon)
        if near and near.cost <= MOST_MISREAD:
            meant = {near.code}
            break
    return meant.pop() if len(meant) == 1 else letters


@cache
def _misread() -> dict[str, str]:
    """Short forms of purposes as a recogniser reads them → as they are meant."""
    return {short: row["meant"] for row in load("recipients").table["misread"] for short in row["read"]}


_BEGUN = re.compile(r"\s\((?:để|đế|dé|de)?\s?$")  # a purpose of which the rest was not read


def _as_meant(purpose: str) -> str:
    """A purpose with what a recogniser makes of `để` and of a stroke set right: `để bíc` is `để b/c`, `th` is t/h."""
    words = purpose.split()
    out = ["để" if k == 0 and fold(w) == "de" and len(words) > 1 else _misread().get(w.lower(), w) for k, w in enumerate(words)]
    return " ".join(out)


def _parts(entry: _Entry, printed: frozenset[str] = frozenset()) -> tuple[str, str | None, bool]:
    """Name, purpose, and whether the entry is the archive line."""
    recognised = any(scanned.is_recognised(c) for c in entry.cells)
    words = _without_scraps(entry.text) if recognised else entry.text
    dash = _DASH.match(words)
    text = words[dash.end() if dash else 0 :].strip(_BRACES + " ")
    m = _archive(text)
    if m:
        units = text[m.start("units") :]
        if recognised:
            units = _codes_as_printed(entry, units, printed)
        return units.strip(" .;:"), "lưu", True
    purpose = entry.purpose
    bracket = _BRACKET.search(text) or _OPEN_BRACKET.search(text)
    if bracket and load("recipients")["recipients.purpose"].pattern.fullmatch(fold(bracket[1].strip())):
        purpose = bracket[1].strip()
        text = text[: bracket.start()]
    if purpose and recognised:
        purpose = _as_meant(purpose)
    if recognised:
        text = _BEGUN.sub("", text)
    name = text.strip(" ;:.,'’_")
    if any(c.line.raw != c.line.text for c in entry.cells):
        name = " ".join(_code(word, frozenset()) for word in re.sub(r"(?<=[A-ZĐ]&) (?=[A-ZĐ])", "", name).split())
        name = authority.with_heads(name)
    return names.with_head(name), purpose, False
