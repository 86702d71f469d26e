"""The ways to read one token, laid out for the lattice: candidates as arrays, spelt out only where somebody asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.lattice import UNITS
from pipeline.repair.trie import INF, LOWER, TITLE

STRONG = re.compile(r"[.;:!?…]")  # marks that end a clause


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token stands: among capitals, at the beginning of a sentence, of a line; among words with Vietnamese marks."""

    capitals: bool = False
    sentence: bool = False
    line: bool = False
    marked: bool = False  # no English model writes such marks, so a known word is what was printed
    only: bool = False  # among capitals, and read in a case that it cannot have there


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a token: its text (one or two words), the units that the language model sees, and the cost of the channel."""

    words: tuple[str, ...]
    units: tuple[int, ...]
    cost: float
    printed: str = ""  # the word without its marks, where the channel made it; adaptation learns from these
    read: str = ""


@dataclass(frozen=True)
class Words:
    """Words that the channel found for a token, its cheapest first, spelt out only where somebody asks: most never are."""

    token: str
    rows: NDArray[np.int32]  # (case form, unit, characters before, characters behind), see `Search.find`
    cost: NDArray[np.float32]
    marks: tuple[dict[int, str], dict[int, str]]  # opening and closing marks without specks, by where the word begins and ends
    names: Sequence[str]  # of the units
    stop: int

    def __len__(self) -> int:
        return len(self.cost)

    def units(self) -> NDArray[np.int32]:
        """Units of all words as rows padded with −1."""
        out = np.full((len(self), UNITS), -1, np.int32)
        out[:, 0] = self.rows[:, 1]
        strong = np.array([bool(STRONG.search(self.token[len(self.token) - k :])) if k else False for k in range(len(self.token) + 1)])
        out[strong[self.rows[:, 3]], 1] = self.stop
        return out

    def __getitem__(self, at: int) -> Candidate:
        form, unit, first, behind = (int(x) for x in self.rows[at])
        end = len(self.token) - behind
        word = self.names[unit]
        word = word if form == LOWER else word[0].upper() + word[1:] if form == TITLE else word.upper()
        lead, trail = self.token[:first], self.token[end:]
        units = (unit, self.stop) if STRONG.search(trail) else (unit,)
        text = self.marks[0].get(first, lead) + word + self.marks[1].get(end, trail)
        return Candidate((text,), units, float(self.cost[at]), word, self.token[first:end])


@dataclass(frozen=True)
class Options:
    """The ways to read a token, as arrays for the lattice: costs, units padded with −1; `at` spells one out."""

    words: Words | None
    others: tuple[Candidate, ...]
    cost: NDArray[np.float32]
    units: NDArray[np.int32]

    @staticmethod
    def of(others: Sequence[Candidate], words: Words | None = None, extra: float = 0.0) -> Options:
        """Lay out: first the `words`, each at `extra` nats more, then the others."""
        units = np.full((len(others), UNITS), -1, np.int32)
        for row, c in enumerate(others):
            units[row, : len(c.units)] = c.units[:UNITS]
        cost = np.array([c.cost for c in others], np.float32)
        if words is not None:
            cost, units = np.concatenate([words.cost + np.float32(extra), cost]), np.concatenate([words.units(), units])
        return Options(words, tuple(others), cost, units)

    def __len__(self) -> int:
        return len(self.cost)

    def at(self, k: int) -> Candidate:
        """Way number k."""
        known = 0 if self.words is None else len(self.words)
        c = self.others[k - known] if self.words is None or k >= known else self.words[k]
        return Candidate(c.words, c.units, float(self.cost[k]), c.printed, c.read)

    def least(self) -> float:
        """Cost of the cheapest way."""
        return float(self.cost.min()) if len(self) else float(INF)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a line: its text and where it stands in `line.raw`."""

    line: int
    text: str
    start: int
    end: int
    place: Place


@dataclass(frozen=True, slots=True)
class Edge:
    """A candidate over the tokens `begin` to `end - 1`."""

    begin: int
    end: int
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen edge, how sure it is, and the texts it beat."""

    edge: Edge
    confidence: float
    rivals: tuple[tuple[str, float], ...]
