"""What a blank-separated token is made of, and the classes that pass through repair as they stand: numbers, dates, document numbers.

The language model reads the same units that this file cuts: syllables in lower case, class symbols, and `<p>` for the end of a clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.repair.lexicon import is_syllable
from pipeline.text import nfc, old_tone

Form = Literal["lower", "title", "upper", "mixed"]

BREAK, NUMBER, DATE, SYMBOL, SLASHED, ROMAN, CAPITALS, WORD = "<p>", "<num>", "<date>", "<id>", "<abbr>", "<rom>", "<caps>", "<unk>"
CLASSES = (BREAK, NUMBER, DATE, SYMBOL, SLASHED, ROMAN, CAPITALS, WORD)

LEAD = "“\"'‘(\\[{«<–—•*+…·\\-"
TRAIL = ".,;:!?…”\"'’)\\]}»>"
_OPENING = re.compile(f"[{LEAD}]*")
_CLOSING = frozenset(TRAIL.replace("\\", ""))
_STRONG = re.compile(r"[.;:!?…]")

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:%|[-–]\d+(?:[.,]\d+)*%?)?(?:m2|m3|km2|ha|kg)?")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d|\d{1,2}[/-](?:19|20)\d\d|(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])")
_SYMBOL = re.compile(
    r"(?=.*[A-Za-zĐđ])(?=.*\d)\d+(?:[a-z])?(?:/(?:19|20)\d\d)?/[A-ZĐÐ][\w&.]*(?:[-–][\w&.]+)*(?:/[\w&.-]+)?|\d+-[A-ZĐ]{2,4}[\w]*/[\w.-]+"
)
_SLASHED = re.compile(r"[^\W\d_]+(?:[/][^\W\d_.]+)+(?:-[^\W\d_]+)*|[A-ZĐ]{2,}[a-z]?(?:-[A-ZĐ]{2,}[a-z]?)+|[A-ZĐ]{2,}(?:&[A-ZĐ]+)+")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:vn|com|org|net|gov)(?:/\S*)?")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A blank-separated token cut into `lead + body + trail`; `units` are what the language model sees of it, in lower case."""

    lead: str
    body: str
    trail: str
    units: tuple[str, ...]


def form_of(word: str) -> Form:
    """The case form: `Đảng` title, `ĐẢNG` upper, `đảng` lower, `TTg` mixed. One capital letter alone is title."""
    letters = [c for c in word if c.isalpha()]
    if not letters or not any(c.isupper() for c in letters):
        return "lower"
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return "upper"
    if letters[0].isupper() and not any(c.isupper() for c in letters[1:]):
        return "title"
    return "mixed"


def cut(token: str) -> tuple[str, str, str]:
    """(opening marks, body, closing marks): `(THADS),` → `(`, `THADS`, `),`."""
    opening = _OPENING.match(token)
    start = opening.end() if opening else 0
    end = len(token)
    while end > start and closes(token, end - 1):
        end -= 1
    return token[:start], token[start:end], token[end:]


def closes(token: str, at: int) -> bool:
    """Whether the character may stand among closing marks: `./.` ends an official text, so a slash before a point may."""
    return token[at] in _CLOSING or token.startswith("/.", at)


def class_of(body: str) -> str | None:
    """The class of a body that is no word of letters: number, date, document number, slashed abbreviation, Roman number; else None."""
    if _DATE.fullmatch(body):
        return DATE
    if _NUMBER.fullmatch(body):
        return NUMBER
    if _SYMBOL.fullmatch(body):
        return SYMBOL
    if _ROMAN.fullmatch(body) and body not in ("V", "X"):
        return ROMAN
    if _ADDRESS.fullmatch(body):
        return SLASHED
    if _SLASHED.fullmatch(body):
        parts = re.split(r"[/-]", body)
        return None if all(is_syllable(p) and p != p.upper() for p in parts) else SLASHED
    return None


def words_in(body: str) -> list[str]:
    """The words of a body without blanks: `kinh-tế` → two, `và/hoặc` → two; a body of one word is itself."""
    return [w for w in re.split(r"[–—/.,()\"“”:;+-]+", body) if w]


def analyse(token: str, known: frozenset[str] | set[str] | dict[str, int] = frozenset()) -> Token:
    """Cut a token and name its units. `known` are further words that are units of their own, in lower case."""
    lead, body, trail = cut(old_tone(nfc(token)))
    units: list[str] = []
    if body:
        kind = class_of(body)
        if kind and not (kind == SLASHED and body.lower() in known):
            units.append(kind)
        else:
            for word in words_in(body) or [body]:
                low = word.lower()
                if is_syllable(low) or low in known:
                    units.append(low)
                elif class_of(word):
                    units.append(class_of(word) or WORD)
                elif form_of(word) == "upper":
                    units.append(CAPITALS)
                else:
                    units.append(WORD)
    if _STRONG.search(trail):
        units.append(BREAK)
    return Token(lead, body, trail, tuple(units))
