"""How a document is cited: the cue that stands nearest before the citation, and who does the citing."""

from __future__ import annotations

import re
from functools import cache

from pipeline.extract.literals import may_match, needed
from pipeline.extract.mentions import Mention, proposer
from pipeline.extract.rules import Rule, load

NEAR, FAR = 40, 1500  # mentions, and characters, before a mention among which the one that holds it is looked for
_PROPOSED_TOO = re.compile(r";(?: va)? cua [^;.\n]{3,90} tai(?: cac)? $")
REACH = 600  # characters of the sentence before a citation in which its cue is looked for


def relate(found: list[Mention], text: str, folded: str) -> None:
    """Sets relation, rule and citing of each mention, in order of print.

    A citation inside another's subject belongs to that document (`160/NQ-CP … Kế hoạch thực hiện Chỉ thị số 05-CT/TW`); a member of a
    list has the relation of the list.
    """
    masked = _masked(found, folded)
    for k, m in enumerate(found):
        near = [j for j in range(k - 1, max(k - 1 - NEAR, -1), -1) if m.start - found[j].start < FAR]
        outer = next((j for j in near if _inside(m, found[j]) and found[j].identifier), None)
        if outer is not None:
            _relate_nested(found, k, outer, folded)
            continue
        if any(found[j].identifier is None and found[j].start < m.start < found[j].end for j in near):
            m.relation, m.rule = "sua_doi_bo_sung", "laws.amends"
            continue
        before = next((found[j] for j in near if found[j].citing is None and not (found[j].start <= m.start < found[j].end)), None)
        if before is not None and _listed(before, m, masked):
            m.relation, m.rule = before.relation, before.rule
            if m.listed and m.issuer is None and before.issuer and before.issuer[1] <= before.start:
                m.issuer = before.issuer
            continue
        if before is not None and before.relation == "theo_de_nghi" and _PROPOSED_TOO.search(masked, before.end, m.noun_start):
            m.relation, m.rule = before.relation, before.rule
        elif m.rule != "relations.issued":
            m.relation, m.rule = _of_sentence(folded, masked, m)
        proposer(m, text, folded)


def _relate_nested(found: list[Mention], k: int, outer: int, folded: str) -> None:
    """The relation of a mention inside the subject of mention `outer`."""
    m, home = found[k], found[outer]
    previous = next((j for j in range(k - 1, outer, -1) if found[j].citing == outer and _joined(found[j], m, folded)), None)
    m.citing = outer
    if previous is not None:
        m.relation, m.rule = found[previous].relation, found[previous].rule
        return
    start = home.subject[0] if home.subject else home.start
    rule = _nearest(folded[start : m.noun_start], (*load("citations").starting("nested."), *_own()))
    m.relation, m.rule = (rule.value("relation"), rule.id) if rule else ("dan_chieu", "relations.default")


def _inside(m: Mention, other: Mention) -> bool:
    return other.subject is not None and other.subject[0] <= m.start < other.subject[1]


def _masked(found: list[Mention], folded: str) -> str:
    """The folded text with each whole citation blanked out by `\\0`, so that words inside a subject are no cues."""
    out = list(folded)
    for m in found:
        a, b = m.whole
        for k in range(a, max(b, m.end)):
            out[k] = "\0" if out[k] != "\n" else "\n"
    return "".join(out)


_CONNECT = re.compile(r"[\s,;]*(?:(?:va|cung|hoac)\s+)?(?:cac\s+|mot so\s+)?[\s,;-]*")


def _joined(a: Mention, b: Mention, folded: str) -> bool:
    return bool(_CONNECT.fullmatch(folded[max(a.whole[1], a.end) : b.noun_start])) if a.subject is None else False


def _listed(before: Mention, m: Mention, masked: str) -> bool:
    """Whether a mention goes on with a list: nothing but commas and `và` parts it from the one before."""
    between = masked[max(before.whole[1], before.end) : m.noun_start].replace("\0", "")
    return "\n" not in between and bool(_CONNECT.fullmatch(between))


@cache
def _own() -> tuple[Rule, ...]:
    return load("citations").starting("relations.")


_SENTENCE = re.compile(r"[.;]\s|\n")


def _of_sentence(folded: str, masked: str, m: Mention) -> tuple[str, str]:
    """The relation by the cues of the sentence before a citation; `Căn cứ` at its beginning outweighs a mere `tại` or `theo`."""
    floor = max(m.noun_start - REACH, 0)
    start = floor
    for stop in _SENTENCE.finditer(masked, floor, m.noun_start):
        start = stop.end()
    here = masked[start : m.noun_start]
    paragraph = max(m.noun_start - 4 * REACH, 0)
    paragraph = max(masked.rfind("\n", paragraph, m.noun_start) + 1, paragraph)
    opening = re.match(r"[\s\-+•\d.)a-z]{0,5}?\s*(can cu)\b", masked[paragraph : m.noun_start])
    rule = _nearest(here, _own())
    if opening and (rule is None or rule.value("relation") in ("theo", "dan_chieu", "can_cu")):
        return "can_cu", "relations.can_cu"
    if rule is None and start > paragraph:
        # a clause after `;` without a cue of its own goes on with the one before
        rule = _nearest(masked[paragraph : m.noun_start], _own()) if ";" in masked[paragraph : m.noun_start] else None
    if rule is None:
        return "dan_chieu", "relations.default"
    return rule.value("relation"), rule.id


def _nearest(words: str, rules: tuple[Rule, ...]) -> Rule | None:
    """The rule whose cue ends last in `words`; of two that end at one place the longer, then the first."""
    best: tuple[int, int, int] | None = None
    chosen = None
    for order, rule in enumerate(rules):
        if not may_match(needed(rule.pattern), words):
            continue
        for m in rule.pattern.finditer(words):
            rank = (m.end(), -m.start(), -order)
            if best is None or rank > best:
                best, chosen = rank, rule
    return chosen
