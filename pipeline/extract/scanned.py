"""How far the print of a scan can be trusted: words that a recogniser read, and how sure it was of them.

Figures from 13 real scans (numbers and days written by hand into printed letterheads): handwritten digits are read with a confidence of
0.05 to 0.85, mostly below 0.6 and mostly wrong; printed ones above 0.9, in a long symbol above 0.8 (settings: `extract.digits_above`).
"""

from __future__ import annotations

import re

from spacy.tokens import Doc

from pipeline.document import Box, Line, Word
from pipeline.extract import codes
from pipeline.extract.cells import Cell
from pipeline.extract.prose import Prose
from pipeline.extract.rules import load
from pipeline.extract.symbol_forms import Identifier
from pipeline.legacy import is_syllable

LONG_CODE = 6  # letters
CAPITALS = 0.9  # share of capitals from which a line was printed in capitals: a reader takes a marked one for a small letter (`CHi`, `Bi`)


def is_recognised(cell: Cell) -> bool:
    """Whether a recogniser read the words of a cell, or repair changed them: what they say is then only likely."""
    return cell.page.origin == "ocr" or cell.line.raw != cell.line.text


def is_mended(cell: Cell) -> bool:
    """Whether repair changed the line of a cell in a text that came in."""
    return cell.page.origin == "text" and cell.line.raw != cell.line.text


def is_clean(doc: Doc) -> bool:
    """Whether a document was not read from an image, mended, or left without its marks: it then says what was written."""
    if "clean" not in doc.user_data:
        lines = {id(p.line): p for p in doc._.prose.pieces(0, len(doc.text))}.values()
        marked = len(doc.text) - len(doc.text.encode("ascii", "ignore")) >= 0.05 * len(doc.text)
        doc.user_data["clean"] = marked and all(p.page.origin != "ocr" and p.line.raw == p.line.text for p in lines)
    return bool(doc.user_data["clean"])


def touched(cell: Cell) -> tuple[Word, ...]:
    """The words that a cell touches."""
    return tuple(w for w in cell.line.words if w.start < cell.end and w.end > cell.start)


def box(cell: Cell) -> Box | None:
    """The box around the words of a cell; None for text inputs."""
    return Box.around([w.box for w in touched(cell) if w.box is not None])


def centre(*parts: Cell) -> float | None:
    """Where the middle of some cells of one line lies, as a share of the page's width; None for text inputs."""
    around = Box.around([b for p in parts if (b := box(p)) is not None])
    return (around.left + around.right) / 2 / parts[0].page.width if around and parts[0].page.width else None


def is_readable(word: str) -> bool:
    """Whether a word can be read aloud or is a code or number: no scrap of a seal, a rule or a signature."""
    letters = word.strip(".,;:()[]{}“”\"'’!?…/-")
    if not letters:
        return False
    if re.fullmatch(r"\d[\d.,/%-]*", letters) or (
        len(letters) > 1 and re.fullmatch(r"(?:\d{1,5}[/-](?:\d{4}/)?)?[A-ZĐ][A-ZĐa-z0-9&]*(?:[-/.][A-ZĐa-z0-9&]+)*", letters)
    ):
        return True
    if letters in load("tasks").words("measures") or re.fullmatch(r"[^\W\d_]{1,2}/[^\W\d_]{1,6}", letters):  # b/c, p/h, t/hiện
        return True
    if not (letters.islower() or letters.isupper() or letters[:1].isupper()) or letters[1:] not in (
        letters[1:].lower(),
        letters[1:].upper(),
    ):
        return False
    parts = re.split(r"[-–/.,]", letters)
    return all(is_syllable(p.lower()) for p in parts) and (len(letters) > 1 or letters.lower() in "aàoôơởổuưủứyýỷ")


def is_broken(word: Word) -> bool:
    """Whether a word of a page image is the rest of one: a letter that is no word, or what nobody can read aloud and was hardly read."""
    letters = word.text.strip('.,;:()“”"')
    hardly = word.box is not None and (len(letters) == 1 or (word.confidence is not None and word.confidence < 0.6))
    return hardly and letters.isalpha() and not is_readable(word.text)


def as_shown(cell: Cell, words: str) -> str:
    """Words of a cell in capitals where the page shows capitals and repair made some of them small (`CHANH AN` → `CHÁNH Án`)."""
    if cell.line.raw == cell.line.text or words.isupper():
        return words
    raw = [c for w in touched(cell) for c in cell.line.raw[w.raw_start : w.raw_end] if c.isalpha()]
    return words.upper() if raw and sum(c.isupper() for c in raw) >= CAPITALS * len(raw) else words


def is_scrap(cell: Cell) -> bool:
    """Whether a cell of a page image holds no words to speak of: specks, marks above letters read for a line, bits of a seal."""
    if cell.page.origin != "ocr":
        return len(cell.text) == 1 and cell.text.isalpha()  # what a reader made of a speck; nobody prints one letter on a line
    words = touched(cell)
    size = sum(len(w.text) for w in words)
    return sum(len(w.text) for w in words if is_readable(w.text)) < 0.5 * size


def trimmed(cell: Cell, below: float) -> Cell:
    """A cell without the scraps at its edges: words read with a confidence under `below` that nobody can read aloud."""
    if cell.page.origin != "ocr":
        return cell
    words = list(touched(cell))
    while len(words) > 1 and _is_speck(words[0], below):
        words.pop(0)
    while len(words) > 1 and _is_speck(words[-1], below):
        words.pop()
    if not words:
        return cell
    start, end = max(words[0].start, cell.start), min(words[-1].end, cell.end)
    return Cell(cell.page, cell.line, cell.row, start, end, cell.column)


def _is_speck(word: Word, below: float) -> bool:
    if re.search(r"[()]", word.text):
        return False
    return word.confidence is not None and word.confidence < below and not (is_readable(word.text) and any(c.isalpha() for c in word.text))


def least_confidence(cell: Cell) -> float:
    """The confidence of the least sure word; 1 where none was measured."""
    return min((w.confidence for w in touched(cell) if w.confidence is not None), default=1.0)


def digits_are_sure(cell: Cell, above: float) -> bool:
    """Whether the digits in a cell are as they were read, read with a confidence of `above` at least, and read in one way only."""
    words = touched(cell)
    if cell.page.origin == "ocr" and least_confidence(cell) < above:
        return False
    return all(_as_read(cell.line, w) and not _rivalled(w) for w in words)


def digits_confidence(prose: Prose, start: int, end: int) -> float:
    """How sure the least sure word with digits in `prose.text[start:end]` is: 0 where repair made its digits; 1 where none was measured."""
    sure = 1.0
    for piece, word in prose.words(start, end):
        if not prose.is_plain(piece) and any(c.isdigit() for c in word.text):
            if not _as_read(piece.line, word):
                return 0.0
            if piece.page.origin == "ocr" and word.confidence is not None:
                sure = min(sure, word.confidence)
    return sure


def is_unsure(doc: Doc, start: int, end: int) -> bool:
    """Whether digits of a page image in `doc.text[start:end]` were read too badly: a wrong number is worse than none."""
    prose: Prose = doc._.prose
    if not any(p.page.origin == "ocr" for p in prose.pieces(start, end)):
        return False
    return digits_confidence(prose, start, end) < doc._.settings.review_below


def doubtful_codes(symbol: Identifier) -> list[str]:
    """Codes of a symbol that no table holds and that an English reader may have misread: those with a D, and long ones."""
    unknown = [c for c in (*symbol.issuer.split("-"), *symbol.units) if c and c not in codes.known() and not codes.is_unit(c)]
    return unknown if any("D" in c or len(c) >= LONG_CODE for c in unknown) else []


def is_doubtful(doc: Doc, symbol: Identifier) -> bool:
    """Whether a symbol of a garbled line holds a code that no lexicon tells from another one.

    An English reader knows no Đ, and misreads some letter of most long codes: of `DKTHIN` nobody can say what was printed.
    """
    unknown = doubtful_codes(symbol)
    if not unknown:
        return False
    own = doc._.values.get("number") or ""
    own_codes = set(re.split(r"[/-]", own))
    if all(c in own_codes for c in unknown):
        return False
    lines = [p.line for p in doc._.prose.pieces(symbol.start, symbol.end) if p.page.origin == "text"]
    return any(x.raw != x.text or (x.text.isascii() and not is_clean(doc)) for x in lines)


def holds_scraps(prose: Prose, start: int, end: int) -> bool:
    """Whether a word of a page image in `prose.text[start:end]` is one that nobody can read aloud: `20 mỶ`."""
    return any(p.page.origin == "ocr" and not is_readable(w.text) and _is_odd(w) for p, w in prose.words(start, end))


def _is_odd(word: Word) -> bool:
    """Whether an unreadable word is no foreign one or measure (`km`, `logistics`), which a recogniser reads for sure."""
    return bool(re.search(r"[^\w.,;:()%/\"“”'&²³-]|[a-zà-ỹ][A-ZĐỲÝỶỸỴ]", word.text)) or (word.confidence or 1.0) < 0.8


def _as_read(line: Line, word: Word) -> bool:
    """Whether repair left the digits of a word alone, or a person wrote them."""
    return line.by_hand(word) or _digits(line.raw[word.raw_start : word.raw_end]) == _digits(word.text)


def _rivalled(word: Word) -> bool:
    """Whether another reading of the word with other digits is nearly as sure."""
    return any(_digits(a.text) != _digits(word.text) and a.confidence >= (word.confidence or 1.0) - 0.1 for a in word.alternatives)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
