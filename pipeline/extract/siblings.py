"""Which reading of each marker is meant, by the order of siblings: a beam search over stacks of open parts.

The next sibling costs nothing, a gap or a restart something, and a marker that OCR may have misread (`1.` for `I.`) its own price.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from pipeline.extract.markers import RESTART, Marker, Value

_RANK = {"part": 0, "chapter": 1, "item": 2, "letter": 3, "roman": 4, "article": 4, "arabic": 5, "multi": 6, "point": 7}
_BEAM = 24
_BEHIND = 8.0  # cost by which a state may lie behind the best; dearer ones are not followed
_SHORT = 3  # characters; the path of a part of the first level


class Choice(NamedTuple):
    """How a paragraph was read, its path, the part it stands in, and the part that is open after it; what was chosen
    before is shared between states, so that long texts cost no copying."""

    before: Choice | None
    reading: Marker | None  # None: a plain paragraph
    path: str
    parent: int | None
    opened: int | None


class _Open(NamedTuple):
    """An open part: its scheme, the index of its paragraph, its path."""

    scheme: str
    node: int
    path: str


class _Part(NamedTuple):
    """What the cost of all that follows depends on of an open part; `short`: of the first level, with a short label."""

    scheme: str
    value: Value
    capitals: bool
    short: bool


class _Shape:
    """The open parts of a state in so far as the cost of all that follows depends on them: of two states of one shape the dearer one
    need not be followed. There is one object for each shape, which remembers where markers may stand in it.
    """

    __slots__ = ("_moves", "_under", "above", "parts")

    def __init__(self, parts: tuple[_Part, ...], above: tuple[_Shape, ...]) -> None:
        self.parts, self.above = parts, above  # `above[k]`: the shape of the first k parts
        self._under: dict[_Part, _Shape] = {}
        self._moves: dict[tuple[object, ...], tuple[_Move, ...]] = {}

    def under(self, part: _Part) -> _Shape:
        """The shape with one more part."""
        if part not in self._under:
            self._under[part] = _Shape((*self.parts, part), (*self.above, self))
        return self._under[part]

    def moves(self, r: Marker, key: tuple[object, ...]) -> tuple[_Move, ...]:
        """Where marker `r` may stand; `key` holds all of it that matters to that."""
        found = self._moves.get(key)
        if found is None:
            found = tuple(
                (cost, keep, (*self.above, self)[keep].under(_Part(r.scheme, r.value, r.capitals, not keep and len(r.label) < _SHORT)))
                for cost, keep in _places(self.parts, r)
            )
            self._moves[key] = found
        return found


_Move = tuple[float, int, _Shape]  # what the place costs, how many of the open parts stay open, and the shape after it
_State = tuple[float, tuple[_Open, ...], _Shape, Choice | None]
_Step = tuple[float, _State, Marker | None, int]  # cost, from where, the marker (None: a plain paragraph), how many parts stay open


def chosen(paragraphs: Iterable[tuple[int, tuple[Marker, ...]]]) -> list[Choice]:
    """The cheapest consistent reading of the paragraphs with a marker, in order: each is its index and the readings of its marker."""
    beam: list[_State] = [(0.0, (), _Shape((), ()), None)]
    for k, options in paragraphs:
        keyed = [(r, (r.scheme, r.value, r.capitals, r.restart, r.label[:1].isdigit(), len(r.label) < _SHORT)) for r in options]
        plain_cost = _plain_cost(options[0])
        grown: dict[_Shape, _Step] = {}
        for state in beam:
            cost, _, shape, _ = state
            for r, key in keyed:
                for step, keep, after in shape.moves(r, key):
                    total = cost + step + r.cost
                    if after not in grown or total < grown[after][0]:
                        grown[after] = (total, state, r, keep)
            plain = cost + plain_cost
            if shape not in grown or plain < grown[shape][0]:
                grown[shape] = (plain, state, None, 0)
        bound = min(map(_cost, grown.values())) + _BEHIND
        near = sorted(((step[0], n) for n, step in enumerate(grown.values()) if step[0] <= bound))[:_BEAM]
        steps = tuple(grown.items())
        beam = [_grown(*steps[n], k) for _, n in near]
    out: list[Choice] = []
    last = beam[0][3]
    while last is not None:
        out.append(last)
        last = last.before
    return out[::-1]


_cost = itemgetter(0)


def _grown(shape: _Shape, step: _Step, node: int) -> _State:
    """The state after a step: made only for the few that are followed."""
    total, (_, stack, _, history), r, keep = step
    if r is None:
        above = stack[-1].node if stack else None
        return total, stack, shape, Choice(history, None, "", above, above)
    opened = _open(stack[:keep], r, node)
    parent = stack[keep - 1].node if keep else None
    return total, opened, shape, Choice(history, r, opened[-1].path, parent, node)


def _plain_cost(r: Marker) -> float:
    """What it costs to take a paragraph with a marker for a plain one: much where its words are those of a heading in capitals."""
    if r.scheme in ("point", "letter"):
        return 0.9
    if not r.length:
        return 1.3  # a heading without a marker, which may never have had one
    return RESTART + 0.2 if r.scheme == "roman" and r.capitals else 1.4


def _places(parts: tuple[_Part, ...], r: Marker) -> list[tuple[float, int]]:
    """Where a marker may stand: what the place costs, and how many of the open parts stay open above it."""
    if r.scheme == "multi":
        return [_place_multi(parts, r)]
    out = []
    for j in range(len(parts) - 1, -1, -1):
        if parts[j].scheme == r.scheme:
            gap = r.value[0] - parts[j].value[0]
            cost = 0.0 if gap == 1 else 0.3 + 0.5 * min(gap - 1, 4) if gap > 1 else r.restart
            if r.capitals != parts[j].capitals and parts[j].short:
                cost += 0.7  # `1. MỤC ĐÍCH` and `2. Yêu cầu` are no siblings
            out.append((cost, j))
            break
    else:
        for j in range(len(parts), -1, -1):
            if j and _RANK[parts[j - 1].scheme] > _RANK[r.scheme]:
                continue
            cost = 0.0 if r.value[0] == 1 else 0.7 + 0.15 * min(r.value[0], 6)
            out.append((cost + (0.4 if j < len(parts) else 0.0), j))
            break
        if parts and _RANK[parts[-1].scheme] > _RANK[r.scheme] and r.value[0] == 1:
            out.append((0.9, len(parts)))
    return out


def _place_multi(parts: tuple[_Part, ...], r: Marker) -> tuple[float, int]:
    if not r.label[0].isdigit():  # `II.1`: the part's own number is printed
        keep = next((j for j in range(len(parts), 0, -1) if parts[j - 1].scheme == "roman"), 0)
        return (0.0 if keep else 0.5), keep
    prefix = r.value[:-1]
    for j in range(len(parts) - 1, -1, -1):
        s = parts[j]
        if s.scheme in ("multi", "arabic") and s.value == prefix:
            return (0.0 if r.value[-1] == 1 else 0.6), j + 1
        if s.scheme == "multi" and s.value[:-1] == prefix:
            gap = r.value[-1] - s.value[-1]
            return (0.0 if gap == 1 else 0.5), j
    keep = next((j for j in range(len(parts), 0, -1) if parts[j - 1].scheme not in ("arabic", "multi", "point")), 0)
    lost = any(s.scheme == "arabic" for s in parts)
    return (0.9 if lost else 0.2), keep


def _open(above: tuple[_Open, ...], r: Marker, node: int) -> tuple[_Open, ...]:
    """The open parts with the marker's own under them."""
    if r.scheme == "multi" and not r.label[0].isdigit():
        path = r.label
    else:
        shown: tuple[_Open, ...] | list[_Open] = above
        if r.scheme == "multi":  # its printed number holds those of the Arabic parts above it
            shown = [s for s in above if s.scheme not in ("arabic", "multi")]
        path = f"{shown[-1].path}.{r.label}" if shown else r.label
    return (*above, _Open(r.scheme, node, path))
