"""How names of bodies and places are spelt: abbreviations written out, capitals in normal case, provinces as they were called on a day.

Lexicon: rules/abbreviations.csv, provinces.csv (before and after the mergers of 2025); known phrases have the case of authorities.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract.rules import alternatives, load, table
from pipeline.text import fold, old_tone, one_blank, plain_dashes

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Province:
    """A province or central city: `typed` is its full name (`tỉnh An Giang`, `Thành phố Hồ Chí Minh`)."""

    name: str
    typed: str
    slug: str


@cache
def province_rows() -> dict[str, tuple[dict[str, str], ...]]:
    """Rows of rules/provinces.csv by folded name: one name may stand for a province before and after a merger."""
    out: dict[str, tuple[dict[str, str], ...]] = {}
    for r in table("provinces"):
        key = fold(r["name_vi"])
        out[key] = (*out.get(key, ()), r)
    return out


def province(name: str, date: str | None = None) -> Province | None:
    """The province of that bare name (`An Giang`, `TP. Hồ Chí Minh`), as it was called on an ISO date; None where there is none."""
    bare = re.sub(r"^(tinh|thanh pho|tp\.?|t\.)\s*", "", fold(spell_out(name)).strip(" .,"))
    rows = province_rows().get(re.sub(r"\s*[-–]\s*", " - ", bare), ())
    if not rows:
        return None
    day = date or "2025-06-30"
    day += "-01-01"[len(day) - 4 :] if len(day) < 10 else ""
    fit = [r for r in rows if (not r["valid_from"] or r["valid_from"] <= day) and (not r["valid_to"] or day <= r["valid_to"])]
    row = (fit or list(rows))[0]
    return Province(row["name_vi"], typed(row["type"].lower(), row["name_vi"]), row["slug"])


def typed(unit: str, name: str) -> str:
    """`tỉnh` + `An Giang`; units named after persons or numbers take a capital: `Thành phố Hồ Chí Minh`, `Quận 1`."""
    if fold(name) == "ho chi minh" or name[:1].isdigit():
        unit = unit[:1].upper() + unit[1:]
    return f"{unit} {name}"


@cache
def provinces_pattern() -> str:
    """All names of provinces as one alternation over folded text."""
    return alternatives(frozenset(fold(r["name_vi"]) for r in table("provinces")))


# ------------------------------------------------------------------------------------------------------ spelling and case


@cache
def _abbreviations() -> dict[str, str]:
    return {_squeezed(r["short"]): r["full"] for r in table("abbreviations")}


def _squeezed(short: str) -> str:
    return short.upper().replace(" ", "")


@cache
def abbreviation_pattern() -> re.Pattern[str]:
    """Any abbreviation of a body's or place's name with the blanks behind it (rules/abbreviations.csv), in either case."""
    shorts = sorted((r["short"] for r in table("abbreviations")), key=len, reverse=True)
    upper = "|".join(re.escape(s) for s in shorts)
    # TƯ is Trung ương, but never in TƯ PHÁP.
    return re.compile(rf"(?<![\w&-])(?!tư (?:pháp|vấn|nhân|tưởng|liệu))(?:{upper})(?![\w&]|-\w)\s*", re.IGNORECASE)


def spell_out(name: str) -> str:
    """A name with its abbreviations written out, in normal case: `UBND TỈNH AN GIANG` → `Ủy ban nhân dân tỉnh An Giang`."""
    name = old_tone(plain_dashes(one_blank(name)))
    caps = is_caps(name)

    def full(m: re.Match[str]) -> str:
        short = m.group().strip()
        if not caps and not short.isupper() and short.lower() not in ("tp.", "tx.", "tt.", "p."):
            return m.group()
        return _abbreviations()[_squeezed(short)] + " "

    spelt = one_blank(abbreviation_pattern().sub(full, name))
    if caps:
        spelt = normal_case(spelt.upper())
    spelt = re.sub(r"(?<= )t[íĩịì]nh(?= [^\W\d_])", "tỉnh", spelt)
    spelt = re.sub(r"\b(quận|phường) (?=\d)", lambda m: m[1].capitalize() + " ", spelt)
    return spelt[:1].upper() + spelt[1:]


def is_caps(text: str) -> bool:
    """Whether a text is printed in capitals (four letters of five)."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


@cache
def _cased() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Syllables folded → the same in normal case, for all phrases that we know."""
    known = (
        [r["name_vi"] for r in table("authorities")]
        + [r["name_vi"] for r in table("provinces")]
        + [r["full"] for r in table("abbreviations")]
    )
    rules = load("authority")
    out: dict[tuple[str, ...], tuple[str, ...]] = {}
    for phrase in [*known, *rules.words("phrases"), *rules.words("small")]:
        syllables = tuple(_WORD.findall(phrase))
        out.setdefault(tuple(fold(s) for s in syllables), syllables)
    return out


@cache
def _province_syllables() -> frozenset[tuple[str, ...]]:
    """Names of provinces, folded: a commune may bear the same letters under other marks (`Yên Bài`)."""
    return frozenset(tuple(fold(s) for s in _WORD.findall(r["name_vi"])) for r in table("provinces"))


def normal_case(text: str) -> str:
    """Capitals turned into the case of Nghị định 30/2020/NĐ-CP: known phrases as the lexicon writes
    them, unknown syllables as a proper name.

    The letters stay as printed; only where they are printed without any diacritics are they taken from the lexicon.
    """
    spans = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    syllables = [text[a:b] for a, b in spans]
    folded = [fold(s) for s in syllables]
    out: list[str] = []
    k = 0
    while k < len(syllables):
        for n in range(min(12, len(syllables) - k), 0, -1):
            cased = _cased().get(tuple(folded[k : k + n]))
            if cased:
                break
        else:
            cased, n = None, 1
        for j in range(n):
            printed = syllables[k + j]
            if cased is None:
                out.append(printed if printed.isdigit() or (len(printed) <= 4 and not _vowel(printed)) else printed.capitalize())
            elif n > 1 and tuple(folded[k : k + n]) not in _province_syllables():
                out.append(cased[j])  # a name of the lexicon is written as the lexicon does, whatever marks were misread
            else:
                like = (
                    printed.lower()
                    if cased[j].islower()
                    else printed.capitalize()
                    if cased[j][1:].islower() or len(cased[j]) == 1
                    else cased[j]
                )
                out.append(like if fold(like) != like.lower() or fold(cased[j]) == cased[j].lower() else cased[j])
        k += n
    pieces, at = [], 0
    for (a, b), word in zip(spans, out, strict=True):
        pieces += [text[at:a], word]
        at = b
    result = re.sub(r"(?<= )t[íĩịìi]nh(?= [^\W\d_a-zà-ỹđ])", "tỉnh", "".join(pieces) + text[at:])
    return result[:1].upper() + result[1:]


def _vowel(syllable: str) -> bool:
    return any(c in "aeiouy" for c in fold(syllable))
