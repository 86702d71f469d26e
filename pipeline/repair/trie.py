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
REACH = 4.0  # nats a character that the cheapest way may still grow while another is not given up
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
def _spread(trie, one, two, low, segments, lead, trail, form, width, best, ends, hits, cells, leads, touched, count):  # type: ignore[no-untyped-def]
    """Lower best[unit] to the cost of the cheapest way to read the token as that unit in one case form; see `Search.find`.

    `ends[unit]` are the characters left before and behind the word, `hits` the units reached so far (hits[-1] is their number).
    `cells` is all INF before and after; `touched[i, d]` lists the nodes of depth d that were reached after i characters.
    """
    unit, start, child, glyph, start2, child2, double, small = trie
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
        longest = min(3, n - i)
        for d in range(deepest):
            for q in range(count[i, d]):
                k = touched[i, d, q]
                c = cells[i, k]
                if c > bound:
                    continue
                if unit[k] >= 0 and trail[i] < INF:
                    total = c + trail[i]
                    u = unit[k]
                    if total < best[u]:
                        if best[u] >= INF:
                            hits[hits[-1]] = u
                            hits[-1] += 1
                        best[u] = total
                        ends[u, 0] = leads[i, k]
                        ends[u, 1] = n - i
                shift = small if (form == 2 or (form == 1 and k == 0)) else 0
                pair = 2 if form == 2 else (1 if form == 1 and k == 0 else 0)
                for e in range(start[k], start[k + 1]):
                    g, to = glyph[e] + shift, child[e]
                    for length in range(longest + 1):
                        x = c + one[segments[i, length], g]
                        if x < cells[i + length, to] and x < bound + REACH * length:
                            if cells[i + length, to] >= INF:
                                touched[i + length, d + 1, count[i + length, d + 1]] = to
                                count[i + length, d + 1] += 1
                            cells[i + length, to] = x
                            leads[i + length, to] = leads[i, k]
                for e in range(start2[k], start2[k + 1]):
                    g = double[e, pair]
                    if low[i, g]:
                        to = child2[e]
                        for length in range(1, longest + 1):
                            x = c + two[i, length, g]
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


@numba.njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def _find(trie, one, pairs, segments, lead, trail, forms, form_cost, keep, window, widths, space):  # type: ignore[no-untyped-def]
    """Rows (form, unit, characters before, characters behind) and costs of the cheapest words, cheapest first; see `Search.find`."""
    best, ends, hits, two, low, cells, leads, touched, count, rows, costs = space
    first, ids, pair_cost = pairs
    n = len(lead) - 1
    for i in range(n + 1):
        for length in range(1, min(3, n - i) + 1):
            s = segments[i, length]
            for q in range(first[s, 0], first[s, 1]):
                two[i, length, ids[q]] = pair_cost[q]
                low[i, ids[q]] = True
    made = 0
    for form in forms:
        hits[-1] = 0
        for width in widths:
            _spread(trie, one, two, low, segments, lead, trail, form, width, best, ends, hits, cells, leads, touched, count)
            least = INF
            for q in range(hits[-1]):
                least = min(least, best[hits[q]])
            if least < EASY:
                break
        for q in range(hits[-1]):
            u = hits[q]
            costs[made] = best[u] + form_cost[form, u]
            rows[made, 0], rows[made, 1], rows[made, 2], rows[made, 3] = form, u, ends[u, 0], ends[u, 1]
            made += 1
            best[u] = INF
    for i in range(n + 1):
        for length in range(1, min(3, n - i) + 1):
            s = segments[i, length]
            for q in range(first[s, 0], first[s, 1]):
                two[i, length, ids[q]] = INF
                low[i, ids[q]] = False
    limit = INF
    for q in range(made):
        limit = min(limit, costs[q])
    limit += window
    kept = 0
    for q in range(made):  # the few that count move to the front
        if costs[q] <= limit:
            costs[kept] = costs[q]
            rows[kept] = rows[q]
            kept += 1
    order = np.argsort(costs[:kept], kind="mergesort")[:keep]
    return rows[:kept][order], costs[:kept][order]


class Search:
    """Searches of one channel over one trie; not shared between threads (it keeps work space)."""

    def __init__(self, trie: Trie, channel: Channel, units: int, widths: tuple[float, ...] = WIDTHS) -> None:
        self.trie, self.channel, self.widths = trie, channel, np.array(widths, np.float32)
        widest, deepest = np.bincount(trie.depth).max(), trie.depth.max() + 3
        self._arrays = (trie.unit, trie.start, trie.child, trie.glyph, trie.start2, trie.child2, trie.double, trie.small)
        n = LONGEST_TOKEN + 1
        self._space = (
            np.full(units, INF, np.float32),  # best
            np.empty((units, 2), np.int16),  # ends
            np.zeros(units + 1, np.int64),  # hits
            np.full((n, 4, len(trie.doubles)), INF, np.float32),  # two
            np.zeros((n, len(trie.doubles)), np.bool_),  # low
            np.full((n, len(trie.unit)), INF, np.float32),  # cells
            np.empty((n, len(trie.unit)), np.int8),  # leads
            np.empty((n, deepest, widest), np.int16),  # touched
            np.zeros((n, deepest), np.int64),  # count
            np.empty((3 * units, 4), np.int32),  # rows
            np.empty(3 * units, np.float32),  # costs
        )
        self._segments = np.zeros((n, 4), np.int32)

    def find(
        self,
        read: str,
        lead: NDArray[np.float32],
        trail: NDArray[np.float32],
        forms: tuple[int, ...],
        form_cost: NDArray[np.float32],
        keep: int,
        window: float,
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The words that a read token may be, cheapest first: rows of (case form, unit, characters left before, left behind), and costs.

        `lead[i]` is the cost of leaving `read[:i]` as marks before the word, `trail[i]` of leaving `read[i:]` behind it,
        `form_cost[form, unit]` that of a case form. At most `keep` words, none that costs over `window` nats more than the cheapest.
        """
        n, number = len(read), self.channel.number
        for i in range(n + 1):
            for length in range(min(3, n - i) + 1):
                self._segments[i, length] = number(read[i : i + length])
        one, pairs = self.channel.tables()
        rows, costs = _find(
            self._arrays, one, pairs, self._segments, lead, trail, np.array(forms), form_cost, keep, window, self.widths, self._space
        )  # fmt: skip
        return rows, costs
