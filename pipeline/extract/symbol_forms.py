"""The forms of a symbol, each a function from number and parts to the symbol or None: `666/QĐ-TTg`, `25/2021/QĐ-TTg`, `05-CT/TW`, ….

They are asked in the order of spec/plans.md 2.3; the constraints that resolve most noise are those of that page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extract import codes
from pipeline.extract.codes import Snap, snap, tidy
from pipeline.extract.rules import table
from pipeline.text import fold


@dataclass(frozen=True, slots=True)
class Identifier:
    """One symbol: `text[start:end]` is how it is printed, `canonical` how it is written properly (`90/Qb-TTg` → `90/QĐ-TTg`).

    `form`: admin, norm, qh, joint, vbhn, copy, party, cv, legacy, judgment. `number` with its suffix, without the year. `type_code` is
    None where the symbol prints none. `confidence` 0..1; `alternatives` are other canonical forms that the print allows.
    """

    start: int
    end: int
    canonical: str
    form: str
    number: str
    year: str | None
    type_code: str | None
    issuer: str
    units: tuple[str, ...]
    confidence: float
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A separator and the token after it; `loose` where blanks stand about the separator."""

    sep: str
    loose: bool
    token: str
    end: int


@dataclass(frozen=True, slots=True)
class Left:
    """What stands before a number: a document's noun, the word số, a word that forbids. `exact`: no letter of the text was misread."""

    noun: str | None
    so: bool
    forbidden: bool
    exact: bool = False


_OPEN_CODE = re.compile(r"[A-ZĐ](?:[A-ZĐ0-9]|[a-z](?=[A-ZĐ0-9]|$)){1,19}")
CAPS = re.compile(r"[A-ZĐ0-9&]{2,20}|[A-ZĐ]+[a-z]{1,2}[A-ZĐ]*")
_UNIT = re.compile(r"[A-ZĐ][A-Za-zĐ0-9]{0,15}")
# Nouns of documents, folded → in normal case.
NOUNS = {fold(r["name_vi"]): r["name_vi"] for r in reversed(table("doc_types"))}


def _judgment(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 3 or [s.sep for s in seg[:3]] != ["/", "/", "-"] or not (year := codes.year(seg[0].token)):
        return None
    if seg[1].token not in codes.kinds("judgments") or seg[2].token not in codes.kinds("courts"):
        return None
    return _made(
        "judgment", f"{number}/{year}/{seg[1].token}-{seg[2].token}", number, year, seg[1].token, seg[2].token, (), seg[2].end, 1.0
    )


_ASSEMBLY = frozenset({"QH", "UBTVQH"})


def _qh(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 2 or not (year := codes.year(seg[0].token)) or seg[1].sep == " ":
        return None
    m = re.fullmatch(r"([A-Z0-9]{2,6}?)([\dIlOoS]{1,2})", seg[1].token)
    body = snap(m[1], _ASSEMBLY) if m else None
    term = codes.digits(m[2]) if m and any(c.isdigit() for c in m[2]) else None
    if not m or not body or not term or not 1 <= int(term) <= 20:
        return None
    sure = 1.0 - body.cost - (0.1 if m[2] != term else 0) - (0.1 if seg[0].token != year else 0)
    return _made("qh", f"{number}/{year}/{body.code}{term}", number, year, None, body.code + term, (), seg[1].end, sure)


def _joint(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    year = codes.year(seg[0].token) if seg else None
    rest = seg[1:] if year else seg
    if len(rest) < 2 or rest[0].sep != "/":
        return None
    kind = snap(rest[0].token, codes.kinds("joint"))
    if kind is None:
        return None
    parts, end, sure = [], 0, 1.0 - kind.cost
    for s in rest[1:7]:
        body = _issuer(s.token, known, left.exact)
        if s.sep == " " or body is None:
            break
        parts.append(body.code)
        end, sure = s.end, sure - body.cost
    if not parts or (len(parts) < 2 and left.noun is None):
        return None
    head = f"{number}/{year}" if year else number
    return _made("joint", f"{head}/{kind.code}-{'-'.join(parts)}", number, year, kind.code, "-".join(parts), (), end, sure)


def _vbhn(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 2 or seg[0].sep != "/" or seg[0].token != "VBHN" or not (body := _issuer(seg[1].token, known, left.exact)):
        return None
    return _made("vbhn", f"{number}/VBHN-{body.code}", number, None, "VBHN", body.code, (), seg[1].end, 1.0 - body.cost)


def _norm(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 2 or seg[0].sep == " " or not (year := codes.year(seg[0].token)):
        return None
    found = _typed(seg[1:], codes.kinds("normative"), left, known, "normative")
    if found is None:
        return None
    kind, body, rest, sure = found
    if kind.code == "NĐ" and body.code != "CP":
        return None
    units, end = _units(rest[1:], rest[0].end)
    sure -= 0.1 if seg[0].token != year else 0.0
    canonical = f"{number}/{year}/{kind.code}-{body.code}" + "".join(f"-{u}" for u in units)
    others = tuple(f"{number}/{year}/{k}-{body.code}" for k in kind.others[:1])
    return _made("norm", canonical, number, year, kind.code, body.code, units, end, sure, others)


def _copy(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if not seg or seg[0].sep != "/" or seg[0].token not in codes.kinds("copies"):
        return None
    body = _issuer(seg[1].token, known, left.exact) if len(seg) > 1 and seg[1].sep == "-" else None
    end = seg[1].end if body else seg[0].end
    canonical = f"{number}/{seg[0].token}" + (f"-{body.code}" if body else "")
    return _made("copy", canonical, number, None, seg[0].token, body.code if body else "", (), end, 0.9)


def _party(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 2 or seg[0].sep != "-" or seg[1].sep == " ":
        return None
    kind = _kind(seg[0].token, codes.kinds("party"), left, "party")
    if kind is None:
        return None
    body, end = _issuer(seg[1].token, known, left.exact), seg[1].end
    if seg[1].sep == "-" and (body is None or body.code not in codes.party_issuers()):
        return None  # 72-NQ-TW: a dash for the slash, believed only before a Party body
    if body is None:
        return None
    if body.code not in codes.party_issuers() and body.code not in known and not (left.noun or left.so):
        return None
    units, end = _units(seg[2:], end)
    sure = 1.0 - kind.cost - body.cost - (0.1 if seg[1].sep == "-" else 0.0)
    canonical = f"{number}-{kind.code}/{body.code}" + "".join(f"-{u}" for u in units)
    return _made("party", canonical, number, None, kind.code, body.code, units, end, sure)


def _admin(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if not seg or seg[0].sep == "-":
        return None
    lost = seg[0].sep == " "
    if lost and not (left.noun or left.so):
        return None
    found = _typed(seg, codes.kinds("administrative"), left, known, "administrative")
    if found is None and left.noun in ("nghi dinh", "thong tu"):  # without a year since 1997 only by mistake: believed with its noun
        found = _typed(seg, frozenset({"NĐ", "TT"}), left, known, "normative")
    if found is None:
        return None
    kind, body, rest, sure = found
    if lost and (kind.cost or body.code not in codes.issuers()):
        return None
    units, end = _units(rest[1:], rest[0].end)
    canonical = f"{number}/{kind.code}-{body.code}" + "".join(f"-{u}" for u in units)
    others = tuple(f"{number}/{k}-{body.code}" for k in kind.others[:2]) + tuple(f"{number}/{kind.code}-{b}" for b in body.others[:1])
    return _made("admin", canonical, number, None, kind.code, body.code, units, end, sure - (0.3 if lost else 0.0), others)


def _cv(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if len(seg) < 2 or seg[0].sep != "/" or seg[1].sep != "-" or seg[0].token.isdigit():
        return None
    body = _issuer(seg[0].token, known, left.exact)
    if body is None or (body.code not in codes.issuers() and body.code not in known and not (left.noun or left.so)):
        return None
    units, end = _units(seg[1:], seg[0].end)
    if not units:
        return None
    if (
        body.code not in codes.issuers()
        and body.code not in known
        and codes.issuers().get(units[0], {}).get("level") in ("central", "ministry")
    ):
        return None  # a kind's code misread beyond recognition: 12/Q8Đ-BYT
    canonical = f"{number}/{body.code}" + "".join(f"-{u}" for u in units)
    return _made("cv", canonical, number, None, None, body.code, units, end, 0.95 - body.cost - (0.0 if left.noun or left.so else 0.1))


def _legacy(number: str, seg: list[Segment], left: Left, known: frozenset[str]) -> Identifier | None:
    if not seg or seg[0].sep == " " or seg[0].token not in codes.kinds("legacy") or left.noun is None:
        return None
    return _made("legacy", f"{number}{seg[0].sep}{seg[0].token}", number, None, None, seg[0].token, (), seg[0].end, 0.8)


FORMS = (_judgment, _qh, _joint, _vbhn, _norm, _copy, _party, _admin, _cv, _legacy)


# ---------------------------------------------------------------------------------------------------------------- parts


def _typed(
    seg: list[Segment], lexicon: frozenset[str], left: Left, known: frozenset[str], family: str
) -> tuple[Snap, Snap, list[Segment], float] | None:
    """Type code and issuer at the start of `seg`: apart (`QĐ-TTg`), or glued (`QĐTTg`); and the segments from the issuer on."""
    if not seg:
        return None
    kind = _kind(seg[0].token, lexicon, left, family)
    if kind and len(seg) > 1:
        body = _issuer(seg[1].token, known, left.exact)
        if seg[1].sep == " " and body is not None and body.code not in codes.issuers():
            body = None
        if seg[1].sep == "/" and not (body and body.code in codes.issuers()):
            body = None
        if body:
            return kind, body, seg[1:], 1.0 - kind.cost - body.cost - (0.1 if seg[1].sep != "-" else 0.0)
    token = tidy(seg[0].token)
    for k in range(len(token) - 2, 1, -1):
        head, tail = token[:k], token[k:]
        if head in lexicon and tail in codes.issuers():
            return Snap(head, 0.1), Snap(tail, 0.0), [Segment("-", False, tail, seg[0].end), *seg[1:]], 0.85
    return None


def _kind(token: str, lexicon: frozenset[str], left: Left, family: str) -> Snap | None:
    """The type code; the noun before the symbol wins where the stroke of đ alone is in doubt (`Hợp đồng số 12/HD-…`)."""
    found = snap(token, lexicon)
    if left.noun and left.noun in NOUNS:
        wanted = codes.code_of_noun(NOUNS[left.noun]) & lexicon
        near = snap(token, wanted) if wanted and (found is None or found.code not in wanted) else None
        if near and near.cost <= 0.45:
            return Snap(near.code, near.cost, (found.code,) if found else ())
    if found and found.cost == 0.0 and found.code in _STROKE:
        return Snap(found.code, 0.0, (_STROKE[found.code],))
    return found


_STROKE = {"HD": "HĐ", "HĐ": "HD", "DA": "ĐA", "ĐA": "DA"}


def _issuer(token: str, known: frozenset[str], exact: bool) -> Snap | None:
    """The issuer's code: of the lexicon, of the document's own head, or any well-formed code (the lexicon is open).

    Where the text is `exact`, an unknown code of letters stays as it is printed, but for a lost stroke: `HCTP` is not misread for `HCTĐ`.
    """
    token = tidy(token)
    if token in known:
        return Snap(token, 0.0)
    m = re.fullmatch(r"(UBTVQH|QH|BCĐ|BCD)(\d{1,4})", token)
    if m:
        return Snap(m[1].replace("BCD", "BCĐ") + m[2], 0.0)
    if exact and (numbered := re.fullmatch(r"(\D+)\d{1,3}", token)) and numbered[1] in codes.issuers():
        return Snap(token, 0.0)  # one of several bodies: `PTHADSKV5`
    found = snap(token, frozenset(codes.issuers()))
    if found and not (exact and found.cost >= 0.25 and token.isalpha() and _OPEN_CODE.fullmatch(token)):
        return found
    if _OPEN_CODE.fullmatch(token) and not token.isdigit():
        return Snap(token, 0.15)
    return None


def _units(seg: list[Segment], end: int) -> tuple[tuple[str, ...], int]:
    """The unit groups after an issuer (`-HC`, `-V03`), and where the symbol ends."""
    units = []
    for s in seg:
        token = codes.with_zero(tidy(s.token))
        if s.sep != "-" or not _UNIT.fullmatch(token) or (s.loose and not CAPS.fullmatch(token)):
            break
        if re.search(r"[a-z]{3}", token):
            break
        units.append(token)
        end = s.end
    return tuple(units), end


def _made(
    form: str,
    canonical: str,
    number: str,
    year: str | None,
    kind: str | None,
    issuer: str,
    units: tuple[str, ...],
    end: int,
    sure: float,
    others: tuple[str, ...] = (),
) -> Identifier:
    return Identifier(
        0, end, canonical, form, number, year, kind, issuer, units, min(sure, 1.0), tuple(o for o in others if o != canonical)
    )
