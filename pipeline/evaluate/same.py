"""What counts as equal when facts are compared (samples' README, "What counts as equal"): keys that equal facts share.

Equal: letter case, kinds of blanks, quotes and dashes, Markdown `*`, final punctuation, hóa and hoá, hằng năm and hàng năm; in symbols
leading zeros; a null `end_op` and `<=`; `2025` and its first or last day; the order of an RRULE's parts. Other diacritics must be right.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from pipeline.text import old_tone, one_blank, plain_dashes

Fact = Mapping[str, Any]

_DASH = re.compile(r"\s*-\s*")
_UNSEEN = str.maketrans(dict.fromkeys("\"“”„«»'‘’*"))
_EDGES = " .,;:/"
_YEARS_AT_END = re.compile(r"\s*giai đoạn \d{4}-\d{4}$")
_ISO_PART = re.compile(r"\d{4}(?:-\d\d)?")
_DAY_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d).*)?")
_OPERATORS = {"": "=", "≥": ">=", "≤": "<=", "==": "=", "≈": "~"}


@cache
def pairs(where: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The rewritings of rules/equal.toml for `where` (any, purpose, campaign), in order."""
    rules = tomllib.loads(files("pipeline").joinpath("rules/equal.toml").read_text(encoding="utf-8"))["pair"]
    return tuple(
        (re.compile(("^" if r.get("start") else r"(?<!\w)") + re.escape(r["from"]) + ("" if r.get("start") else r"(?!\w)")), r["to"])
        for r in rules
        if r["where"] == where
    )


def _rewritten(text: str, where: str) -> str:
    for pattern, to in pairs(where):
        text = pattern.sub(to, text)
    return text


def absent(value: object) -> bool:
    """Whether a cell holds nothing: null, an empty text or list, NaN."""
    return value is None or value == "" or value == [] or value == {} or value == () or value != value


@lru_cache(maxsize=50_000)
def _key(text: str) -> str:
    text = plain_dashes(unicodedata.normalize("NFC", text).casefold()).translate(_UNSEEN)
    text = one_blank(_DASH.sub("-", text)).strip(_EDGES)
    text = re.sub(r"\s+([,.;:)])", r"\1", text)
    return _rewritten(old_tone(text), "any")


def key(value: object) -> str:
    """The form that equal texts share; empty for absent. `“Hoà giải” ;` and `hòa giải` have one key."""
    return "" if absent(value) else _key(str(value))


def symbol_key(value: object) -> str:
    """The form that equal document symbols share; letter case counts: `05-CT/TW` and `5 – CT/TW`, but not `QĐ-TTG` and `QĐ-TTg`."""
    if absent(value):
        return ""
    text = plain_dashes(unicodedata.normalize("NFC", str(value)).replace("Ð", "Đ"))
    return re.sub(r"^0+(?=\d)", "", "".join(text.split()))


def campaign_key(value: object) -> str:
    """A campaign's name without the years at its end and the words `phong trào thi đua` before it."""
    return _rewritten(_YEARS_AT_END.sub("", key(value)), "campaign")


def purpose_key(value: object) -> str:
    """A recipient's purpose without brackets and short forms: `(để b/c)` and `báo cáo`."""
    return _rewritten(_rewritten(key(value).strip("()"), "purpose"), "purpose")


def mode_key(value: object) -> str:
    """A signing mode by its letters: `KT.` and `kt`."""
    return "".join(c for c in key(value) if c.isalpha())


def tokens(value: object) -> list[str]:
    """Words and numbers of a text's key."""
    return re.findall(r"\w+", key(value))


def token_f1(a: object, b: object) -> float:
    """F1 of two texts as multisets of words; 1 where both are empty."""
    left, right = Counter(tokens(a)), Counter(tokens(b))
    if not left or not right:
        return float(left == right)
    return 2 * (left & right).total() / (left.total() + right.total())


def names(task: Fact, column: str) -> list[str]:
    """The keys of a list column as a set, sorted; a CSV cell joined by ` | ` is split."""
    value = task.get(column)
    if absent(value):
        return []
    entries = value.split(" | ") if isinstance(value, str) else value if isinstance(value, (list, tuple)) else [value]
    return sorted({key(x) for x in entries} - {""})


def rows(record: Fact, name: str) -> list[Fact]:
    """The rows of one table of a record."""
    return [row for row in record.get(name) or () if isinstance(row, dict)]


def greedy_pairs(made: Sequence[object], gold: Sequence[object], floor: float) -> list[tuple[int, int]]:
    """One-to-one pairs (made index, gold index) of texts, the likest by token F1 first, ties in order of print; none below `floor`."""
    bags = [[Counter(tokens(t)) for t in texts] for texts in (made, gold)]
    found = []
    for j, g in enumerate(bags[1]):
        for i, m in enumerate(bags[0]):
            size = g.total() + m.total()
            f1 = 2 * (g & m).total() / size if size else 1.0
            if f1 >= floor:
                found.append((-f1, j, i))
    used_made: set[int] = set()
    used_gold: set[int] = set()
    out = []
    for _, j, i in sorted(found):
        if i not in used_made and j not in used_gold:
            used_made.add(i)
            used_gold.add(j)
            out.append((i, j))
    return sorted(out, key=lambda pair: pair[1])


# ---------------------------------------------------------------------------------------------- targets


def targets(task: Fact) -> list[Fact]:
    """The targets of a task."""
    return [t for t in task.get("targets") or () if isinstance(t, dict)]


def same_target(a: Fact, b: Fact, with_op: bool = True) -> bool:
    """Equal quantity and operator, and a unit that begins alike or shares half its words (`hộ` and `hộ nghèo`); `%` only with `%`."""
    try:
        if abs(float(a["quantity"]) - float(b["quantity"])) > 1e-9:
            return False
    except (KeyError, TypeError, ValueError):
        return False
    ops = [_OPERATORS.get(op, op) for op in (str(t.get("op") or "").strip() for t in (a, b))]
    units = [str(t.get("unit")).strip() for t in (a, b)]
    if any("%" in u for u in units):
        alike = units[0] == units[1]
    else:
        u, v = (tokens(x) for x in units)
        n = min(len(u), len(v))
        alike = n > 0 and (u[:n] == v[:n] or token_f1(*units) >= 0.5)
    return alike and (not with_op or ops[0] == ops[1])


# ---------------------------------------------------------------------------------------------- time


def first_day(value: object) -> str:
    """An ISO date; of a year or a month its first day."""
    text = "" if absent(value) else str(value).strip()
    return text + "-01-01"[len(text) - 4 :] if _ISO_PART.fullmatch(text) else text


def last_day(value: object) -> str:
    """An ISO date; of a year or a month its last day."""
    text = "" if absent(value) else str(value).strip()
    if not _ISO_PART.fullmatch(text):
        return text
    if len(text) == 4:
        return text + "-12-31"
    month = int(text[5:])
    return f"{text}-{monthrange(int(text[:4]), month)[1]:02d}" if 1 <= month <= 12 else text


def same_moment(a: str, b: str) -> bool:
    """Equal days; times of day must agree where both give one."""
    if a == b:
        return True
    x, y = _DAY_AND_TIME.fullmatch(a), _DAY_AND_TIME.fullmatch(b)
    return bool(x and y and x[1] == y[1] and (x[2] is None or y[2] is None or x[2] == y[2]))


def rrule_key(value: object) -> str:
    """Recurrence rules in one order of rules, parts and values, without the default INTERVAL=1."""
    if absent(value):
        return ""
    rules = []
    for rule in str(value).upper().replace("RRULE:", "").split("|"):
        parts = [p.partition("=") for p in re.split(r"[;\s]+", rule.strip()) if p and p != "INTERVAL=1" and not p.startswith("COUNT_PER")]
        rules.append(";".join(sorted(f"{name}={','.join(sorted(values.split(',')))}" for name, _, values in parts)))
    return " | ".join(sorted(r for r in rules if r))


def operator_key(value: object) -> str:
    """`<`, or `<=` for anything else."""
    return "<" if str(value or "").strip() == "<" else "<="


_EVENTS = ("conditional", "relative", "by_guidance")


def same_kind(gold: Fact, made: Fact) -> bool:
    """Equal kinds; an event without a date is right under `conditional` and under `relative`."""
    kinds = {key(gold.get("kind")), key(made.get("kind"))}
    return len(kinds) == 1 or (absent(gold.get("start")) and absent(gold.get("end")) and kinds == {"relative", "conditional"})


def same_deadline(gold: Fact, made: Fact) -> bool:
    """All fields equal; the anchor clause, which no two readers cut alike, by 60 % of its words, and only where no day is known."""
    fits = (
        same_kind(gold, made)
        and same_moment(first_day(gold.get("start")), first_day(made.get("start")))
        and same_moment(last_day(gold.get("end")), last_day(made.get("end")))
        and operator_key(gold.get("end_op")) == operator_key(made.get("end_op"))
        and rrule_key(gold.get("rrule")) == rrule_key(made.get("rrule"))
    )
    dated = any(str(gold.get(k) or "")[:1].isdigit() for k in ("start", "end"))
    if not fits or dated or absent(gold.get("anchor")) or key(gold.get("kind")) not in _EVENTS:
        return fits
    return token_f1(gold.get("anchor"), made.get("anchor")) >= 0.6


HEADER: Mapping[str, Callable[[object], str]] = {
    "doc_type": key,
    "number": symbol_key,
    "issue_date": key,
    "place": key,
    "title": key,
    "campaign": campaign_key,
    "issuing_authority": key,
    "parent_authority": key,
    "signer_name": key,
    "signer_title": key,
    "signing_mode": mode_key,
    "signed_for": key,
    "period_start": first_day,
    "period_end": last_day,
}
