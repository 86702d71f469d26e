"""Every rule of pipeline/rules/: its examples match in full and yield their groups, what stands in `never` does not match."""

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.extract.rules import Rule, load, table

RULES = Path(str(files("pipeline") / "rules"))


def _rule_files() -> list[str]:
    found = []
    for path in sorted(RULES.glob("*.toml")):
        rules = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
        if rules and all("pattern" in r and isinstance(r.get("examples", []), list) for r in rules) and _walks(rules):
            found.append(path.stem)
    return found


def _walks(rules: list[dict[str, object]]) -> bool:
    """Whether a file's examples are in the form that extract/rules.py reads: tables with `text`."""
    return all(isinstance(e, dict) and "text" in e for r in rules for e in r.get("examples", []))  # type: ignore[attr-defined]


RULE_LIST = [rule for name in _rule_files() for rule in load(name).rules]


def test_the_rules_of_this_part_are_walked() -> None:
    assert {"authority", "citations", "header", "identifiers", "recipients", "signature"} <= set(_rule_files())


@pytest.mark.parametrize("rule", RULE_LIST, ids=lambda r: r.id)
def test_examples_match_in_full_and_never_does_not(rule: Rule) -> None:
    looks_ahead = "(?=" in rule.pattern.pattern  # such a pattern can't match an example in full
    assert (rule.examples or looks_ahead) and rule.never, "a rule needs an example and a counter-example"
    for text, groups in rule.examples:
        m = rule.pattern.fullmatch(rule.read(text))
        assert m, f"{rule.id}: {text!r} does not match"
        for name, value in groups:
            assert m[name] == value, f"{rule.id}: {text!r} yields {name}={m[name]!r}"
    for text in rule.never:
        assert not rule.pattern.fullmatch(rule.read(text)), f"{rule.id}: {text!r} matches"


def test_rule_ids_are_unique() -> None:
    ids = [r.id for r in RULE_LIST]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["doc_types", "issuers", "provinces", "authorities", "abbreviations", "laws"])
def test_tables_have_no_empty_or_double_rows(name: str) -> None:
    rows = [tuple(r.values()) for r in table(name)]
    assert rows and len(rows) == len(set(rows))
    with (RULES / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        width = len(next(csv.reader(f)))
        assert all(len(row) == width for row in csv.reader(f))


def test_provinces_before_and_after_the_mergers() -> None:
    now = [r for r in table("provinces") if not r["valid_to"]]
    assert len(now) == 34
    before = [
        r
        for r in table("provinces")
        if (not r["valid_from"] or r["valid_from"] <= "2025-06-30") and (not r["valid_to"] or r["valid_to"] >= "2025-06-30")
    ]
    assert len(before) == 63
    assert {r["now"] for r in table("provinces")} == {r["name_vi"] for r in now}
