"""Loads the rules of `pipeline/rules/`: TOML with patterns over named pieces, and CSV tables.

A TOML file holds `[pieces]` (named parts of patterns, written `{NAME}` in a pattern), plain word lists under other tables, and any
number of `[[rule]]` with `id`, `pattern`, `examples`, `never`, and optional `on`: `text` (the default, the words as they are) or `fold`
(lower case, no diacritics, đ as d: the pattern is written so too). An example is a table with `text`, which the pattern must match
in full, and the named groups it must yield; what stands in `never` must not match in full. tests/test_rules.py walks them all.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.text import fold, nfc, one_blank, plain_dashes


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern; `id` is what `Evidence.rule` names (`header.number_line`)."""

    id: str
    pattern: re.Pattern[str]
    on: str
    examples: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...]
    never: tuple[str, ...]
    values: tuple[tuple[str, str], ...]

    def read(self, text: str) -> str:
        """`text` in the form that the pattern is written for; same length."""
        text = plain_dashes(text)
        return fold(text) if self.on == "fold" else text

    def value(self, name: str) -> str:
        """A further key of the rule (`relation = "can_cu"`); raises KeyError where it has none."""
        return dict(self.values)[name]


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One TOML file: its rules in order, and everything else as it stands in `table`; what was asked for once is kept."""

    rules: tuple[Rule, ...]
    table: dict[str, Any]
    _by_id: dict[str, Rule] = field(default_factory=dict)
    _groups: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    _words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _folded: dict[str, frozenset[str]] = field(default_factory=dict)

    def __getitem__(self, rule_id: str) -> Rule:
        if not self._by_id:
            self._by_id.update((r.id, r) for r in self.rules)
        return self._by_id[rule_id]

    def starting(self, prefix: str) -> tuple[Rule, ...]:
        """The rules whose id starts with `prefix`, in order."""
        if prefix not in self._groups:
            self._groups[prefix] = tuple(r for r in self.rules if r.id.startswith(prefix))
        return self._groups[prefix]

    def words(self, name: str) -> tuple[str, ...]:
        """A word list `[words] name = [...]`."""
        if name not in self._words:
            self._words[name] = tuple(nfc(w) for w in self.table["words"][name])
        return self._words[name]

    def folded(self, name: str) -> frozenset[str]:
        """The same list folded, for look-up."""
        if name not in self._folded:
            self._folded[name] = frozenset(fold(w) for w in self.words(name))
        return self._folded[name]


@cache
def load(name: str) -> RuleFile:
    """The rules of `pipeline/rules/<name>.toml`. Raises ValueError for a pattern that does not compile."""
    table = tomllib.loads(nfc((files("pipeline") / "rules" / f"{name}.toml").read_text(encoding="utf-8")))
    pieces: dict[str, str] = dict(table.get("pieces", {}))
    for _ in range(4):  # pieces may use pieces
        pieces = {k: fill(v, pieces) for k, v in pieces.items()}
    rules = []
    for raw in table.get("rule", []):
        try:
            pattern = re.compile(fill(raw["pattern"], pieces))
        except re.error as e:
            raise ValueError(f"{name}.toml, rule {raw['id']}: {e}") from None
        examples = tuple((str(e["text"]), tuple((k, v or None) for k, v in e.items() if k != "text")) for e in raw.get("examples", []))
        values = tuple((k, v) for k, v in raw.items() if isinstance(v, str) and k not in ("id", "pattern", "on"))
        rules.append(Rule(raw["id"], pattern, raw.get("on", "text"), examples, tuple(raw.get("never", ())), values))
    return RuleFile(tuple(rules), table)


def fill(pattern: str, pieces: dict[str, str]) -> str:
    """`{NAME}` replaced by the piece NAME as a group; counts like `{1,3}` stay."""
    return re.sub(r"\{([A-Z][A-Z_0-9]*)\}", lambda m: f"(?:{pieces[m[1]]})" if m[1] in pieces else m[0], pattern)


def alternatives(words: tuple[str, ...] | frozenset[str] | list[str]) -> str:
    """The words as one alternation, longest first; a blank stands for any run of blanks."""
    return "|".join(re.escape(one_blank(w)).replace(r"\ ", r"\s+") for w in sorted(words, key=lambda w: (-len(w), w)))


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `pipeline/rules/<name>.csv`, NFC."""
    text = nfc((files("pipeline") / "rules" / f"{name}.csv").read_text(encoding="utf-8"))
    return tuple(csv.DictReader(text.splitlines()))
