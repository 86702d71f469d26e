"""All units spelt out in a trie, and the exact search of the confusion channel over it: every unit's best cost for a read token.

A shortlist by unaccented letters would lose `chire thwe` → `chức thực`; here each cell (node, characters read) holds the best way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.repair.channel import Channel

LOWER, TITLE, UPPER = 0, 1, 2
INF = np.float32(1e9)
WIDTHS = (9.0, 14.0)  # nats behind the best way after as many characters at which one is given up; the second for hard tokens
EASY = 4.0  # a token that some unit explains at this cost needs no wider search
LONGEST_TOKEN = 24  # longer tokens are no single syllable


@dataclass(frozen=True)
class Trie:
    """Nodes in breadth-first order (children after parents). Edges of one glyph and of two, in CSR form; `unit[node]` or −1.

    Glyph numbers are those of `glyphs` (small letters first, then the same letters large); pair numbers those of `doubles`.
    """

    glyphs: list[str]
    doubles: list[str]
    unit: NDArray[np.int32]
    depth: NDArray[np.int32]
    start: NDArray[np.int32]
    child: NDArray[np.int32]
    glyph: NDArray[np.int32]
    start2: NDArray[np.int32]
    child2: NDArray[np.int32]
    double: NDArray[np.int32]  # [edge, case of the pair: small small, large small, large large]
    small: int  # number of small letters


def build(words: list[tuple[str, int]]) -> Trie:
    """The trie of (spelling in small letters, unit number)."""
    letters = sorted({c for w, _ in words for c in w})
    index = {c: k for k, c in enumerate(letters)}
    children: list[dict[str, int]] = [{}]
    ends: dict[int, int] = {}
    for word, unit in sorted(words):
        at = 0
        for c in word:
            if c not in children[at]:
                children[at][c] = len(children)
                children.append({})
            at = children[at][c]
        ends[at] = unit
    order, k = [0], 0
    while k < len(order):
        order += [children[order[k]][c] for c in sorted(children[order[k]])]
        k += 1
    number = {old: new for new, old in enumerate(order)}
    start, start2 = [0], [0]
    child: list[int] = []
    glyph: list[int] = []
    child2: list[int] = []
    depth = [0] * len(order)
    pairs: list[str] = []
    for old in order:
        for c in sorted(children[old]):
            child.append(number[children[old][c]])
            depth[child[-1]] = depth[number[old]] + 1
            glyph.append(index[c])
            for d in sorted(children[children[old][c]]):
                child2.append(number[children[children[old][c]][d]])
                pairs.append(c + d)
        start.append(len(child))
        start2.append(len(child2))
    doubles = sorted({form for p in pairs for form in (p, p[0].upper() + p[1], p.upper())})
    dindex = {d: k for k, d in enumerate(doubles)}
    units = np.full(len(order), -1, np.int32)
    for old, u in ends.items():
        units[number[old]] = u
    return Trie(
        letters + [c.upper() for c in letters],
        doubles,
        units,
        np.array(depth, np.int32),
        np.array(start, np.int32),
        np.array(child, np.int32),
        np.array(glyph, np.int32),
        np.array(start2, np.int32),
        np.array(child2, np.int32),
        np.array([[dindex[p], dindex[p[0].upper() + p[1]], dindex[p.upper()]] for p in pairs], np.int32).reshape(-1, 3),
        len(letters),
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def _search(trie, one, two, lead, trail, form, width, best, best_lead, best_trail, cells, leads, touched, count):  # type: ignore[no-untyped-def]
    """Fill best[unit] with the cost of the cheapest way to read the token as that unit in one case form; see `Search.units`.

    `cells` is all INF before and after; `touched[i, d]` lists the nodes of depth d that were reached after i characters.
    """
    unit, depth, start, child, glyph, start2, child2, double, small = trie
    n = len(lead) - 1
    deepest = touched.shape[1]
    count[: n + 1] = 0
    for i in range(n + 1):
        if lead[i] < INF:
            cells[i, 0] = lead[i]
            leads[i, 0] = i
            touched[i, 0, 0] = 0
            count[i, 0] = 1
    for i in range(n + 1):
        least = INF
        for d in range(deepest):
            for q in range(count[i, d]):
                least = min(least, cells[i, touched[i, d, q]])
        bound = least + width
        for d in range(deepest):
            for q in range(count[i, d]):
                k = touched[i, d, q]
                c = cells[i, k]
                if c > bound:
                    continue
                if unit[k] >= 0 and trail[i] < INF:
                    total = c + trail[i]
                    if total < best[unit[k]]:
                        best[unit[k]] = total
                        best_lead[unit[k]] = leads[i, k]
                        best_trail[unit[k]] = n - i
                shift = small if (form == 2 or (form == 1 and k == 0)) else 0
                pair = 2 if form == 2 else (1 if form == 1 and k == 0 else 0)
                longest = min(3, n - i)
                for e in range(start[k], start[k + 1]):
                    g, to = glyph[e] + shift, child[e]
                    for length in range(longest + 1):
                        x = c + one[i * 4 + length, g]
                        if x < cells[i + length, to]:
                            if cells[i + length, to] >= INF:
                                touched[i + length, d + 1, count[i + length, d + 1]] = to
                                count[i + length, d + 1] += 1
                            cells[i + length, to] = x
                            leads[i + length, to] = leads[i, k]
                for e in range(start2[k], start2[k + 1]):
                    g, to = double[e, pair], child2[e]
                    for length in range(1, longest + 1):
                        x = c + two[i * 4 + length, g]
                        if x < cells[i + length, to]:
                            if cells[i + length, to] >= INF:
                                touched[i + length, d + 2, count[i + length, d + 2]] = to
                                count[i + length, d + 2] += 1
                            cells[i + length, to] = x
                            leads[i + length, to] = leads[i, k]
    for i in range(n + 1):
        for d in range(deepest):
            for q in range(count[i, d]):
                cells[i, touched[i, d, q]] = INF


class Search:
    """Searches of one channel over one trie; not shared between threads (it keeps work space)."""

    def __init__(self, trie: Trie, channel: Channel, units: int) -> None:
        self.trie, self.channel, self.count = trie, channel, units
        widest, deepest = np.bincount(trie.depth).max(), trie.depth.max() + 3
        self._arrays = (trie.unit, trie.depth, trie.start, trie.child, trie.glyph, trie.start2, trie.child2, trie.double, trie.small)
        self._cells = np.full((LONGEST_TOKEN + 1, len(trie.unit)), INF, np.float32)
        self._leads = np.empty((LONGEST_TOKEN + 1, len(trie.unit)), np.int8)
        self._touched = np.empty((LONGEST_TOKEN + 1, deepest, widest), np.int32)
        self._count = np.zeros((LONGEST_TOKEN + 1, deepest), np.int64)
        self._one = np.empty((4 * (LONGEST_TOKEN + 1), len(trie.glyphs)), np.float32)
        self._two = np.full((4 * (LONGEST_TOKEN + 1), len(trie.doubles)), INF, np.float32)

    def units(
        self, read: str, lead: NDArray[np.float32], trail: NDArray[np.float32], forms: tuple[int, ...]
    ) -> list[tuple[int, NDArray[np.float32], NDArray[np.int8], NDArray[np.int8]]]:
        """For each case form: (form, cost of every unit, characters left before the word, characters left behind it).

        `lead[i]` is the cost of leaving `read[:i]` as marks before the word, `trail[i]` of leaving `read[i:]` behind it.
        """
        n = len(read)
        touched = []
        for i in range(n + 1):
            for length in range(min(3, n - i) + 1):
                one, ids, costs = self.channel.segment(read[i : i + length])
                self._one[i * 4 + length] = one
                if len(ids):
                    self._two[i * 4 + length, ids] = costs
                    touched.append((i * 4 + length, ids))
        out = []
        for form in forms:
            best = np.full(self.count, INF, np.float32)
            a, b = np.zeros(self.count, np.int8), np.zeros(self.count, np.int8)
            for width in WIDTHS:
                _search(
                    self._arrays, self._one, self._two, lead, trail, form, np.float32(width),
                    best, a, b, self._cells, self._leads, self._touched, self._count,
                )  # fmt: skip
                if best.min() < EASY:
                    break
            out.append((form, best, a, b))
        for row, ids in touched:
            self._two[row, ids] = INF
        return out
