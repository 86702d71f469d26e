"""Codes of kinds and bodies inside a symbol (`QĐ`, `TTg`, `UBND`), and the snapping of misread ones to the lexicon.

Cost of reading one code for another (spec/plans.md 2.3): a confusable pair 0.3, a lost mark or wrong case 0.1, anything else 1.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.extract.rules import load, table
from pipeline.text import bare

CODE = re.compile(r"[A-ZĐ][A-Za-zĐ0-9]{0,19}")
# Codes so common that they win a draw.
COMMON = frozenset({"QĐ", "KH", "NQ", "TTg", "UBND"})


@dataclass(frozen=True, slots=True)
class Snap:
    """A lexicon code for a printed token, what it cost, and the other codes that it may be."""

    code: str
    cost: float
    others: tuple[str, ...] = ()


def tidy(token: str) -> str:
    """A token without `&`, with TƯ as TW: `BGD&ĐT` → `BGDĐT`."""
    return token.replace("&", "").replace("TƯ", "TW").replace("Ư", "U")


@cache
def kinds(family: str) -> frozenset[str]:
    """The type codes of `administrative`, `normative` or `party` documents, of joint ones, copies, judgments."""
    if family in ("joint", "copies", "judgments", "courts", "legacy", "normative"):
        return frozenset(load("identifiers").words(family))
    return frozenset(r["code"] for r in table("doc_types") if r["family"] == family and r["code"])


@cache
def nouns(code: str, family: str) -> tuple[str, ...]:
    """What a type code may stand for in a family: `QĐ`, `party` → Quyết định, Quy định."""
    return tuple(r["name_vi"] for r in table("doc_types") if r["code"] == code and r["family"] == family)


@cache
def code_of_noun(noun: str) -> frozenset[str]:
    """The codes that a noun is printed with: `Quy định` → QyĐ, QĐ."""
    return frozenset(r["code"] for r in table("doc_types") if r["name_vi"] == noun and r["code"])


@cache
def issuers() -> dict[str, dict[str, str]]:
    """The rows of issuers.csv by code without `&`."""
    return {tidy(r["code"]): r for r in table("issuers")}


@cache
def known() -> frozenset[str]:
    """Every code of a body or unit that a table holds, as it stands in a symbol and as it stands in `Lưu:`."""
    return frozenset(r["short"] for r in table("abbreviations")) | frozenset(issuers())


_ZERO = re.compile(r"(?<=[A-ZĐ])(?:0O|O0|O)(?=\d)")


def with_zero(code: str) -> str:
    """A unit's code whose zero was read as a letter: `PCO7` → `PC07`."""
    return _ZERO.sub("0", code)


@cache
def in_lists() -> frozenset[str]:
    """Every code that may stand among recipients: `known()`, codes of drafting units, and the initials of the bodies that we know."""
    initials = set()
    for r in table("authorities"):
        words = [w for w in re.findall(r"[^\W\d_]+", r["name_vi"]) if w != "và"]
        initials |= {"".join(w[0].upper() for w in words[k:]) for k in (0, 1) if len(words) - k > 3}
    return known() | frozenset(load("recipients").words("codes")) | initials


def is_unit(code: str) -> bool:
    """Whether a code is one of `in_lists` that no other one of them differs from by a stroke alone: `GDTrH`, `HNDVN`."""
    return code in in_lists() and sum(c.replace("Đ", "D") == code.replace("Đ", "D") for c in in_lists()) == 1


@cache
def party_issuers() -> frozenset[str]:
    """Codes that stand in symbols of Party form: Party bodies, and mass organisations, which borrow it."""
    return frozenset(c for c, r in issuers().items() if r["level"] in ("party", "mass_org"))


@cache
def snap(token: str, lexicon: frozenset[str]) -> Snap | None:
    """The code of `lexicon` that was printed as `token`; None where none is near enough or two are equally near."""
    token = tidy(token)
    if token in lexicon:
        return Snap(token, 0.0)
    single = re.sub("Đ{2,}", "Đ", token)  # the stroke read as a letter of its own: QĐĐ, HĐĐĐND
    if single in lexicon:
        return Snap(single, 0.1)
    near = (c for c in lexicon - _rare() if abs(len(c) - len(token)) <= 1)
    scored = sorted((_cost(token, c) - (0.06 if c in COMMON else 0.0), c) for c in near)
    if not scored:
        return None
    cost, code = scored[0]
    limit = 0.45 if len(code) <= 2 else 0.7 if len(code) <= 4 else 1.0
    others = tuple(c for k, c in scored[1:4] if k <= limit + 0.3)
    if cost > limit or (len(scored) > 1 and scored[1][0] - cost < 0.05):
        return None
    return Snap(code, max(cost, 0.05), others)


@cache
def _rare() -> frozenset[str]:
    """Type codes that stand in the tables but were never seen in print: known where printed, never what a misread code becomes."""
    rows = [r for r in table("doc_types") if r["code"]]
    return frozenset(r["code"] for r in rows if "unverified" in r["notes"]) - frozenset(
        r["code"] for r in rows if "unverified" not in r["notes"]
    )


@cache
def _pairs() -> frozenset[tuple[str, str]]:
    pairs = load("identifiers").table["confusable"]["pairs"]
    return frozenset((a, b) for p in pairs for a, b in (p, p[::-1]))


def _swap(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if a.lower() == b.lower() or bare(a).lower() == bare(b).lower():
        return 0.1
    if (a, b) in _pairs() or (a.upper(), b.upper()) in _pairs():
        return 0.3
    return 1.0


def _cost(a: str, b: str) -> float:
    """Weighted edit distance; two `V` read for one `W` are one confusion."""
    rows = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if not i or not j:
                rows[i][j] = float(i + j)
                continue
            best = min(rows[i - 1][j] + 1.0, rows[i][j - 1] + 1.0, rows[i - 1][j - 1] + _swap(a[i - 1], b[j - 1]))
            if i > 1 and a[i - 1] == a[i - 2]:
                best = min(best, rows[i - 1][j] + 0.3)  # a letter read twice
            if i > 1 and a[i - 2 : i].upper() == "VV" and b[j - 1] == "W":
                best = min(best, rows[i - 2][j - 1] + 0.3)
            rows[i][j] = best
    return rows[-1][-1]


def digits(token: str) -> str | None:
    """`2O21` → `2021`: letters read for digits, in a token that holds a digit; None where a character is neither."""
    if not any(c.isdigit() for c in token):
        return None
    table_ = load("identifiers").table["confusable"]["digits"]
    out = "".join(c if c.isdigit() else table_.get(c, "?") for c in token)
    return None if "?" in out else out


def year(token: str) -> str | None:
    """The token as a year 1940..2049; None where it is none."""
    if len(token) != 4:
        return None
    read = digits(token)
    return read if read and re.fullmatch(r"19[4-9]\d|20[0-4]\d", read) else None
