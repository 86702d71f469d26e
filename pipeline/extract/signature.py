"""The signature block (ô 7): by whose order, title, name.

Of a stack of prefixes the last counts: `TM. ỦY BAN NHÂN DÂN` / `KT. CHỦ TỊCH` / `PHÓ CHỦ TỊCH` is KT, for the
Chủ tịch, by the Phó Chủ tịch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz, process
from spacy.tokens import Doc

from pipeline.document import PlanField
from pipeline.extract import authority, ending, scanned, spelling
from pipeline.extract.cells import Cell, evidence
from pipeline.extract.rules import alternatives, load
from pipeline.legacy import is_syllable
from pipeline.text import fold, old_tone, one_blank

_RANKS = re.compile(
    r"^(?:(?:GS|PGS|TS|ThS|Ths|BS|BSCK|BSCKI|BSCKII|CKI|CKII|KS|LS|NGND|NGƯT|TTND|TTƯT|DS|ĐD|CN)\s*[.,]+\s*)+"
    r"|^(?:Đại|Thượng|Trung|Thiếu) (?:tướng|tá|úy) |^(?:Ông|Bà|Đồng chí|Đ/c):? "
)


# A line in capitals that goes on with a title or a body's name: two words at least, no scraps of a signature or a seal.
_GOES_ON = re.compile(r"[^\W\d_]{2,}(?:[\s,&.-]+[^\W\d_]+){1,12}")


@dataclass
class _Block:
    prefixes: list[tuple[str, str, Cell]] = field(default_factory=list)  # mode, whom, cell
    titles: list[tuple[str, list[Cell]]] = field(default_factory=list)
    name: tuple[str, Cell, float] | None = None


def find(doc: Doc) -> tuple[PlanField, ...]:
    """signer_name, signer_title, signing_mode, signed_for; none where there is no block, no name where none is printed."""
    block = _read(cells_of(doc))
    if block is None:
        return ()
    out: list[PlanField] = []
    mode, whom, cell = block.prefixes[-1] if block.prefixes else ("", "", None)
    title, cells = block.titles[-1] if block.titles else ("", [])
    if mode == "Q" and not title and cell is not None:
        title, cells, whom = whom, [cell], ""
    if title:
        out.append(PlanField("signer_title", title, "signature_block", evidence(cells, "signature.title")))
    if block.name:
        out.append(PlanField("signer_name", block.name[0], "signature_block", evidence([block.name[1]], "signature.name", block.name[2])))
    if mode and cell is not None:
        e = evidence([cell], "signature.prefix")
        out.append(PlanField("signing_mode", mode, "signature_block", e))
        if whom and mode != "Q":
            out.append(PlanField("signed_for", whom, "signature_block", e))
    return tuple(out)


def cells_of(doc: Doc) -> tuple[Cell, ...]:
    """The cells about the end of the main part; what signs is parted from the recipients it was read into."""
    if "ending_cells" not in doc.user_data:  # signature and recipients ask for them in turn
        doc.user_data["ending_cells"] = ending.parted(ending.cells_of(doc), _signs, _may_be_name)
    found: tuple[Cell, ...] = doc.user_data["ending_cells"]
    return found


def _signs(text: str) -> bool:
    """Whether words in capitals are a prefix with whom it signs for, or a signer's title."""
    if not spelling.is_caps(text):
        return False
    return is_title(text) or bool(load("signature")["signature.prefix"].pattern.fullmatch(fold(text)))


_LIKE_NAME = re.compile(r"[^\W\d_a-z]\S*(?: [^\W\d_a-z]\S*){1,4}")


def _may_be_name(text: str) -> bool:
    """Whether words are a person's name, well read or not: a surname, and words that begin in capitals."""
    text = _RANKS.sub("", text)
    if not _LIKE_NAME.fullmatch(text) or re.search(r"[;:()/,]", text):
        return False
    return fold(text.split()[0]).strip(".'’") in _surnames() and not text.split()[-1].isupper()


def _read(cells: Iterable[Cell]) -> _Block | None:
    """The first block among the cells after the body that has a prefix or a title."""
    block = _Block()
    last_row = None
    for cell in cells:
        if cell.end - cell.start > 200:
            continue
        text = scanned.as_shown(cell, cell.text.strip(" *_,.;-–—|" if cell.column == "right" else " *_,.;"))
        if not text or (ending.is_recipient(cell) and not is_signer(cell)):
            continue
        started = bool(block.prefixes or block.titles)
        if started and last_row is not None and cell.row - last_row > 30:
            break
        prefix = _prefix(cell)
        if prefix:
            if block.titles and block.name:
                break
            mode, whom, title = prefix
            block.prefixes.append((mode, whom, cell))
            if title:
                block.titles.append((title, [cell]))
            last_row = cell.row
            continue
        if load("signature")["signature.not_signed"].pattern.fullmatch(fold(text)):
            continue
        misread = misread_title(text) if scanned.is_recognised(cell) and not is_title(text) else None
        if misread or is_title(text):
            if block.name:
                break
            block.titles.append((misread or title_case(text), [cell]))
            last_row = cell.row
            continue
        if not started:
            continue
        name = _name(_GLUED.sub("", text).replace("€", "C") if is_signer(cell) else text, scanned.is_recognised(cell))
        if name and (block.titles or (block.prefixes and cell.row > block.prefixes[-1][2].row)):
            block.name = (name[0], cell, name[1])
            break
        if cell.column == "left":
            continue
        if spelling.is_caps(text) and _GOES_ON.fullmatch(text):
            _go_on(block, text, cell)
            last_row = cell.row
    if not block.prefixes and not block.titles:
        return None
    if not block.prefixes and block.name is None and not all(spelling.is_caps(c.text) for _, cs in block.titles for c in cs):
        return None
    return block


def _go_on(block: _Block, text: str, cell: Cell) -> None:
    """A line in capitals that is neither prefix nor title goes on with the line above it."""
    if block.titles:
        title, cells = block.titles[-1]
        printed = " ".join(scanned.as_shown(c, c.text.strip(" *_.;-–—")) for c in cells)
        own = title == title_case(printed)
        whole = title_case(f"{printed} {text}") if own else f"{title}{_comma(cells[-1])} {spelling.spell_out(text)}"
        block.titles[-1] = (whole, [*cells, cell])
    elif block.prefixes:
        mode, whom, first = block.prefixes[-1]
        block.prefixes[-1] = (mode, _whom(f"{whom}{_comma(first)} {text}"), first)


def _comma(cell: Cell) -> str:
    """The comma at the end of a line that goes on: `TRƯỞNG PHÒNG CẢNH SÁT PHÒNG CHÁY,` / `CHỮA CHÁY`."""
    return "," if cell.text.rstrip(" *_").endswith(",") else ""


def _prefix(cell: Cell) -> tuple[str, str, str] | None:
    """Mode, for whom, and a title printed in the same line (`KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC`)."""
    rule, misread = (load("signature")[f"signature.{name}"] for name in ("prefix", "prefix_misread"))
    masked = cell.masked
    m = rule.pattern.fullmatch(rule.read(masked))
    if not m and scanned.is_recognised(cell) and (m := misread.pattern.fullmatch(misread.read(masked))):
        whom = scanned.as_shown(cell, masked[m.start("whom") :].strip(" *_."))
        return ("KT", _whom(whom), "") if is_title(whom) or misread_title(whom) else None
    if not m or not masked[m.start("mode") : m.start("mode") + 1].isupper() or not masked[m.start("whom") : m.start("whom") + 1].isupper():
        return None
    mode = re.sub(r"[^a-z]", "", m["mode"]).upper()
    words = scanned.as_shown(cell, cell.masked[m.start("whom") : m.end("whom")].strip(" *."))
    both = re.match(r"(.+?)\s+(phó\s.+)$", words, re.IGNORECASE) if mode in ("KT", "TL", "TUQ") else None
    if both:
        return mode, _whom(both[1]), title_case(both[2])
    return mode, _whom(words), ""


def _whom(words: str) -> str:
    words = one_blank(words.strip(" *.,"))
    return title_case(words) if is_title(words) else misread_title(words) or spelling.spell_out(words)


@cache
def _titles() -> re.Pattern[str]:
    return re.compile(rf"(?:q\.\s*|quyen\s+)?(?:{alternatives(load('signature').folded('titles'))})(?!\w)")


def is_title(text: str) -> bool:
    """Whether a short line is a signer's title: `PHÓ GIÁM ĐỐC THƯỜNG TRỰC`, `Giám đốc`."""
    folded = one_blank(fold(text))
    m = _titles().match(folded)
    if m is None or len(folded) > 70 or not text[:1].isupper() or re.search(r"[,;:]|\d", folded):
        return False
    if re.search(r"\s\S?\W*$", text[m.end() :]):
        text = text[: m.end()]  # a scrap of the signature behind the title
    return spelling.is_caps(text) or len(folded) - m.end() < 2 or text.istitle()


@cache
def _plain_titles() -> dict[str, str]:
    return {fold(t): t for t in load("signature").words("titles")}


def misread_title(text: str) -> str | None:
    """The title that a line in capitals was, where the seal hid a letter or a scrap of it stands behind: `PHÓ CHỦ TỊC`, `PHÓ CHỦ TỊCH Sa)`.

    None where the line is no title, or where two are equally near.
    """
    words = text.split()
    while len(words) > 2 and not (words[-1].isupper() and len(words[-1]) > 1):
        words.pop()
    bare = " ".join(words)
    if not spelling.is_caps(bare) or len(bare) < 6:
        return None
    near = process.extract(one_blank(fold(bare)), list(_plain_titles()), scorer=fuzz.ratio, limit=2, score_cutoff=88)
    if not near or (len(near) > 1 and near[0][1] - near[1][1] < 3):
        return None
    return title_case(_plain_titles()[near[0][0]].upper())


@cache
def _title_words() -> dict[str, str]:
    out = {}
    for t in load("signature").words("titles"):
        words = t.split()
        if words[0] == "phó" and len(words) > 1:
            words = ["Phó", words[1].capitalize(), *words[2:]]
        else:
            words[0] = words[0].capitalize()
        out[fold(t)] = " ".join(words)
    return out


def title_case(text: str) -> str:
    """A title in normal case: `PHÓ CỤC TRƯỞNG` → `Phó Cục trưởng`."""
    text = one_blank(re.sub(r"\s\S?\W*$", "", text.strip(" *.,")))
    m = _titles().match(fold(text))
    if not m:
        return spelling.spell_out(text)
    head = re.sub(r"^(q\.|quyen)\s*", "", m.group())
    lead = "Quyền " if len(head) < len(m.group()) else ""
    rest = text[m.end() :].strip()
    tail = (" " + _tail(rest)) if rest else ""
    return f"{lead}{_title_words().get(one_blank(head), head)}{tail}"


def _tail(rest: str) -> str:
    """What follows the title's own words: `THƯỜNG TRỰC` stays small, a body's name is written as one."""
    if fold(rest) in ("thuong truc", "phu trach"):
        return rest.lower()
    return spelling.spell_out(rest)


@cache
def _surnames() -> frozenset[str]:
    return load("signature").folded("surnames")


@cache
def _common_surnames() -> dict[str, str]:
    """The surnames that nearly half of all people bear, folded → as written: a misread mark in one of them is no other surname."""
    return {fold(s): s for s in load("signature").words("common_surnames")}


def _name(text: str, recognised: bool = False) -> tuple[str, float] | None:
    """A person's name without rank or degree, and how sure it is; of a scan the surname in its usual spelling (`Nguyên` → `Nguyễn`)."""
    bare = _RANKS.sub("", one_blank(text)).strip(" ./")
    words = bare.split()
    if not 2 <= len(words) <= 6 or any(c.isdigit() for c in bare) or re.search(r"[;:()/,]", bare):
        return None
    if not all(w[:1].isupper() for w in words):
        return None
    caps = bare.isupper()
    known = fold(words[0]).strip(".'’") in _surnames() or fold(words[0])[:2] in ("h'", "y-", "k'")
    if caps and (not known or authority.opens_body(bare)):
        return None
    if not caps and any(w[1:].lower() != w[1:] for w in words):
        return None
    if not known and len(words) > 5:
        return None
    if recognised and (not known or _nearly_title(bare) or any(len(w) < 2 and fold(w) not in ("y", "a") for w in words)):
        return None
    name = " ".join(w.capitalize() for w in words) if caps else bare
    if recognised:
        first, _, rest = name.partition(" ")
        usual = _common_surnames().get(fold(first), "").capitalize()
        if usual and usual != old_tone(first):
            return f"{usual} {rest}", 0.6
        if not all(is_syllable(w.lower()) for w in re.findall(r"[^\W\d_]+", rest)):
            return None
    return name, 1.0 if known else 0.6


_GLUED = re.compile(r"[-–—_=~]{1,3}(?=[^\W\d_]|€)")


def is_signer(cell: Cell) -> bool:
    """Whether a line that begins with a dash is a signer's name all the same: a stroke of the signature stuck to it (`--€ao Thị Lan`)."""
    words = cell.text.strip()
    m = _GLUED.match(words) if scanned.is_recognised(cell) else None
    return m is not None and _name(words[m.end() :].replace("€", "C"), True) is not None


def _nearly_title(text: str) -> bool:
    """Whether words are those of a title rather than a name, in whatever letters: `Phó Chủ Tic`."""
    return process.extractOne(one_blank(fold(text)), list(_plain_titles()), scorer=fuzz.ratio, score_cutoff=80) is not None
