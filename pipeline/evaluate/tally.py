"""Counts of facts that add up over documents: what is right, made and there, shares, and the list of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The components whose F1 make the macro F1; one that is empty on both sides is left out of it.
COMPONENTS = ("header", "citations", "sections", "tasks", "task_facts", "deadlines", "recipients")
# Further tallies, beside or inside the components.
PARTS = (
    "citations_by_id",
    "named_documents",
    "sections_by_path",
    "responsible",
    "coordinating",
    "reports_to",
    "targets",
    "issuing_authority_printed",
)
SHARES = (
    "exact_text",
    "task_section",
    "relation",
    "relation_subject",
    "cited_type",
    "cited_issuer",
    "mentions",
    "purpose",
    "kind",
    "is_plan",
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Facts that are right, that were made, and that are there in gold."""

    right: int = 0
    made: int = 0
    there: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.made + other.made, self.there + other.there)

    @property
    def precision(self) -> float | None:
        """Right ones among those made; None where none was."""
        return self.right / self.made if self.made else None

    @property
    def recall(self) -> float | None:
        """Right ones among those there; None where none is."""
        return self.right / self.there if self.there else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where nothing was made and nothing is there."""
        return 2 * self.right / (self.made + self.there) if self.made + self.there else None


@dataclass(frozen=True, slots=True)
class FactError:
    """One difference: component, what of it (a column, or the fact as a whole), gold's value and the made one (None: none there)."""

    component: str
    what: str
    gold: str | None
    made: str | None

    @property
    def kind(self) -> str:
        """missing, false or wrong."""
        return "false" if self.gold is None else "missing" if self.made is None else "wrong"


@dataclass(frozen=True, slots=True)
class FactCounts:
    """Tallies by name (COMPONENTS, PARTS), shares by name (SHARES) as (part, whole), and the errors behind them."""

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    shares: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    errors: tuple[FactError, ...] = ()

    def __add__(self, other: FactCounts) -> FactCounts:
        tallies = {n: self.tallies.get(n, Tally()) + other.tallies.get(n, Tally()) for n in {**self.tallies, **other.tallies}}
        zero = (0, 0)
        shares = {}
        for n in {**self.shares, **other.shares}:
            (a, b), (c, d) = self.shares.get(n, zero), other.shares.get(n, zero)
            shares[n] = (a + c, b + d)
        return FactCounts(tallies, shares, self.errors + other.errors)

    def tally(self, name: str) -> Tally:
        """The tally of that name; empty where nothing was counted."""
        return self.tallies.get(name, Tally())

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 of the components that are not empty on both sides."""
        each = [f for name in COMPONENTS if (f := self.tally(name).f1) is not None]
        return sum(each) / len(each) if each else None


def said(value: object) -> str | None:
    """A cell as an error tells it."""
    return None if value is None or value == "" else str(value)
