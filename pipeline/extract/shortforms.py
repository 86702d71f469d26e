"""Further mentions of a document that is cited in full before: by its number alone, by its issuer, by `nêu trên`, by a declared short name.

`Quyết định số 666` after `Quyết định số 666/QĐ-TTg`; `Kế hoạch của Bộ Tư pháp`; `Nghị quyết nêu trên`; `(sau đây gọi tắt là Đề án 06)`.
What no full citation before it explains is no citation.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extract import names
from pipeline.extract.mentions import Mention, noun_pattern, noun_words
from pipeline.extract.rules import load
from pipeline.text import fold, one_blank

_MIN_ALIAS = 6  # letters of a declared short name: `Kế hoạch` alone names this plan as often as that one
_MOST_ALIASES = 40  # in one document


@dataclass(frozen=True, slots=True)
class Short:
    """`text[start:end]` means the document of mention `of`, an index into the full mentions; `rule` is its id in citations.toml."""

    start: int
    end: int
    of: int
    rule: str


def short_forms(text: str, folded: str, found: Sequence[Mention]) -> tuple[Short, ...]:
    """The short mentions in the text, in order of print, beside the full ones in `found` (in order of print)."""
    out = [*_of_noun(text, folded, found), *_declared(folded, found)]
    taken = bytearray(len(text) + 1)
    for m in found:
        taken[m.noun_start : m.end] = b"\1" * (m.end - m.noun_start)
    kept = []
    for s in sorted(out, key=lambda s: (s.start, -s.end)):
        if not any(taken[s.start : s.end]):
            kept.append(s)
            taken[s.start : s.end] = b"\1" * (s.end - s.start)
    return tuple(kept)


class _Cited:
    """The full mentions of one kind so far: the last of each number, of each issuer, and of all."""

    def __init__(self) -> None:
        self.by_number: dict[str, int] = {}
        self.by_issuer: dict[str, int] = {}
        self.last = -1

    def add(self, k: int, m: Mention, folded: str) -> None:
        if m.identifier:
            number = m.identifier.number.lstrip("0")
            self.by_number[number] = self.by_number[f"{number}/{m.identifier.year}"] = self.last = k
        if m.issuer:
            self.by_issuer[one_blank(folded[slice(*m.issuer)])] = k


def _of_noun(text: str, folded: str, found: Sequence[Mention]) -> list[Short]:
    """`Quyết định 666`, `Quyết định số 666`, `Quyết định nêu trên`, `Kế hoạch của Bộ Tư pháp`."""
    number, above = load("citations")["short.number"], load("citations")["short.above"]
    cited: dict[str, _Cited] = {}
    done = 0
    out = []
    for noun in noun_pattern().finditer(folded):
        start = noun.start("noun")
        while done < len(found) and found[done].end <= start:
            if found[done].identifier:
                cited.setdefault(fold(found[done].noun or ""), _Cited()).add(done, found[done], folded)
            done += 1
        known = cited.get(one_blank(noun["noun"]))
        if noun["many"] or known is None:
            continue
        if m := number.pattern.match(folded, noun.end()):
            key = m["number"].lstrip("0") + (f"/{m['year']}" if m["year"] else "")
            if key in known.by_number:
                out.append(Short(start, m.end(), known.by_number[key], number.id))
        elif m := above.pattern.match(folded, noun.end()):
            out.append(Short(start, m.end(), known.last, above.id))
        elif text[start].isupper() and (of_body := re.compile(r"\s+cua\s+").match(folded, noun.end())):
            name = names.at(text, folded, of_body.end())
            of = known.by_issuer.get(one_blank(folded[of_body.end() : name.end])) if name else None
            if of is not None and name:
                out.append(Short(start, name.end, of, "short.issuer"))
    return out


def _declared(folded: str, found: Sequence[Mention]) -> list[Short]:
    """Where a short name stands that was declared behind a citation."""
    rule = load("citations")["short.declared"]
    ends = [m.end for m in found]
    aliases: dict[str, tuple[int, int]] = {}  # short name → (where it is declared, the mention it stands for)
    for m in rule.pattern.finditer(folded):
        name = m["name"].strip(' "“”')
        of = bisect.bisect_right(ends, m.start()) - 1
        near = of >= 0 and found[of].identifier is not None and m.start() <= found[of].whole[1] + 3
        if near and len(name) >= _MIN_ALIAS and name not in noun_words() and len(aliases) < _MOST_ALIASES:
            aliases.setdefault(name, (m.start("name"), of))
    out = []
    for name, (at, of) in aliases.items():
        again = re.compile(rf"(?<!\w){re.escape(name)}(?!\w|[/-]\w)")
        out += [Short(a.start(), a.end(), of, rule.id) for a in again.finditer(folded, at)]
    return out
