"""Measures of a record against gold (contract, section 5), as counts that add up over documents, with the list of what is wrong.

A false fact costs as much as a missing one, a duplicate of a right one is false, and what is absent on both sides earns nothing. Facts
of tasks and deadlines are counted over the whole document: a task left out makes its facts missing, an invented one makes them false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import zip_longest

from pipeline.evaluate import duties, same
from pipeline.evaluate.same import Fact, absent, key, symbol_key
from pipeline.evaluate.tally import FactCounts, FactError, Tally, said

SAME_NAME = 0.8  # token F1 from which two names of a document are one


def compare(made: Sequence[Fact], gold: Sequence[Fact], optional: bool = False) -> FactCounts:
    """The records of one input against gold, matched in order of print; one that has no partner is missing or false as a whole.

    `optional`: what gold lists in `tasks_optional` neither earns nor costs.
    """
    out = FactCounts()
    nothing: Fact = {}
    for m, g in zip_longest(made, gold, fillvalue=nothing):
        out += _document(duties.without_optional(m, g) if optional else m, g)
    return out


def _document(made: Fact, gold: Fact) -> FactCounts:
    pairs = duties.same_tasks(same.rows(made, "tasks"), same.rows(gold, "tasks"))
    out = _header(made.get("plan") or {}, gold.get("plan") or {})
    for name, measure in (("citations", _citations), ("sections", _sections), ("recipients", _recipients)):
        out += measure(same.rows(made, name), same.rows(gold, name))
    return out + duties.tasks(same.rows(made, "tasks"), same.rows(gold, "tasks"), pairs) + duties.deadlines(made, gold, pairs)


# ---------------------------------------------------------------------------------------------- plan


def _header(made: Fact, gold: Fact) -> FactCounts:
    errors, right, n_made, n_gold = [], 0, 0, 0
    for column, form in same.HEADER.items():
        m, g = form(made.get(column)), form(gold.get(column))
        n_made, n_gold, right = n_made + bool(m), n_gold + bool(g), right + (bool(g) and m == g)
        if m != g:
            errors.append(FactError("header", column, said(gold.get(column)) if g else None, said(made.get(column)) if m else None))
    m, g = key(made.get("issuing_authority_printed")), key(gold.get("issuing_authority_printed"))
    outside = Tally(int(bool(g) and m == g), int(bool(m)), int(bool(g)))
    is_plan = int(bool(gold) and made.get("is_plan") is not None and bool(made["is_plan"]) == bool(gold.get("is_plan")))
    tallies = {"header": Tally(right, n_made, n_gold), "issuing_authority_printed": outside}
    return FactCounts(tallies, {"is_plan": (is_plan, int(bool(gold)))}, tuple(errors))


# ---------------------------------------------------------------------------------------------- lists of facts


def _bag(component: str, made: list[str], gold: list[str], what: str = "") -> FactCounts:
    """Two multisets of keys; order doesn't matter."""
    m: Counter[str] = Counter(made)
    g: Counter[str] = Counter(gold)
    errors = [FactError(component, what, k, None) for k in (g - m).elements()]
    errors += [FactError(component, what, None, k) for k in (m - g).elements()]
    return FactCounts({component: Tally((m & g).total(), len(made), len(gold))}, {}, tuple(errors))


def _citations(made: list[Fact], gold: list[Fact]) -> FactCounts:
    numbered_made, numbered_gold = ([c for c in rows if symbol_key(c.get("cited_id"))] for rows in (made, gold))

    def dated(c: Fact) -> str:
        return f"{symbol_key(c['cited_id'])} {key(c.get('cited_date'))}".strip()

    def plain(c: Fact) -> str:
        return symbol_key(c["cited_id"])

    out = _bag("citations", [dated(c) for c in numbered_made], [dated(c) for c in numbered_gold])
    by_id = _bag("citations_by_id", [plain(c) for c in numbered_made], [plain(c) for c in numbered_gold])
    out += FactCounts(by_id.tallies)
    pairs = _paired(numbered_made, numbered_gold, dated, plain)
    for column in ("relation", "relation_subject", "cited_type", "cited_issuer", "mentions"):
        form = symbol_key if column == "relation_subject" else key
        asked = [(m, g) for m, g in pairs if not absent(g.get(column))]
        wrong = [(m, g) for m, g in asked if form(m.get(column)) != form(g.get(column))]
        found = tuple(
            FactError("citations", f"{column} of {g['cited_id']}", said(g.get(column)), said(m.get(column)) or "–") for m, g in wrong
        )
        out += FactCounts({}, {column: (len(asked) - len(wrong), len(asked))}, found)

    def name(c: Fact) -> str:
        return key(c.get("subject")) or key(c.get("raw"))

    named_made, named_gold = ([name(c) for c in rows if not symbol_key(c.get("cited_id"))] for rows in (made, gold))
    return out + _alike("named_documents", named_made, named_gold, SAME_NAME)


def _paired(made: list[Fact], gold: list[Fact], *forms: Callable[[Fact], str]) -> list[tuple[Fact, Fact]]:
    """Pairs of equal form, by the first form where that is possible, else by the next."""
    rest, open_, out = list(made), list(gold), []
    for form in forms:
        unmatched = []
        for g in open_:
            k = next((k for k, m in enumerate(rest) if form(m) == form(g)), None)
            if k is None:
                unmatched.append(g)
            else:
                out.append((rest.pop(k), g))
        open_ = unmatched
    return out


def _alike(component: str, made: list[str], gold: list[str], floor: float) -> FactCounts:
    pairs = same.greedy_pairs(made, gold, floor)
    errors = [FactError(component, "", gold[j], None) for j in sorted(set(range(len(gold))) - {j for _, j in pairs})]
    errors += [FactError(component, "", None, made[i]) for i in sorted(set(range(len(made))) - {i for i, _ in pairs})]
    return FactCounts({component: Tally(len(pairs), len(made), len(gold))}, {}, tuple(errors))


def _sections(made: list[Fact], gold: list[Fact]) -> FactCounts:
    def path(s: Fact) -> str:
        return key(s.get("section"))

    def whole(s: Fact) -> str:
        return f"{path(s)} | {key(s.get('title'))}"

    by_path = _bag("sections_by_path", [path(s) for s in made], [path(s) for s in gold])
    return _bag("sections", [whole(s) for s in made], [whole(s) for s in gold]) + FactCounts(by_path.tallies)


def _recipients(made: list[Fact], gold: list[Fact]) -> FactCounts:
    def name(r: Fact) -> str:
        return key(r.get("name"))

    out = _bag("recipients", [name(r) for r in made], [name(r) for r in gold])
    right = asked = kinds = 0
    errors = []
    pairs = _paired(made, gold, name)
    for m, g in pairs:
        kinds += key(m.get("kind") or "recipient") == key(g.get("kind") or "recipient")
        a, b = same.purpose_key(g.get("purpose")), same.purpose_key(m.get("purpose"))
        asked += bool(a or b)
        right += bool(a or b) and a == b
        if a != b:
            errors.append(FactError("recipients", f"purpose of {g.get('name')}", said(g.get("purpose")), said(m.get("purpose"))))
    return out + FactCounts({}, {"purpose": (right, asked), "kind": (kinds, len(pairs))}, tuple(errors))
