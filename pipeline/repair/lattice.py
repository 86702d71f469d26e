"""The lattice of readings and the beam search through it.

A node stands between two read tokens; an edge is one way to read the one or two tokens it spans: up to `UNITS` units of the language
model at a cost of the channel. The search runs over the whole document, so its cost is linear in the length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.repair.language import Language, step

SIBLINGS = 0.5  # weight of the model of sibling texts; 0.5 to 0.8 do alike
UNITS = 4  # units of one edge
AHEAD = 3  # tokens after which a choice is judged against its rivals: the language model sees no further back


@dataclass(frozen=True)
class Lattice:
    """Edges sorted by the node they leave. `first[p]:first[p+1]` are those of node p; `units` is padded with −1."""

    first: NDArray[np.int32]
    to: NDArray[np.int32]
    cost: NDArray[np.float32]
    units: NDArray[np.int32]


@numba.njit(cache=True)
def _beam(lm, near, share, first, to, cost, units, width, slack):  # type: ignore[no-untyped-def]
    """Forward search. Returns states by node: CSR offsets, cost, back state, edge.

    `near` is the language model of sibling texts, mixed in with weight `share`; with 0 it is not asked.
    """
    nodes = len(first)  # one more than tokens
    room = 0
    for p in range(nodes - 1):
        room = max(room, first[p + 1] - first[p])
    limit = width * room * 2 + 4
    # arrivals wait in two buffers: for the next node and for the one after
    w_cost = np.empty((2, limit), np.float64)
    w_state = np.empty((2, limit, 6), np.int64)
    w_back = np.empty((2, limit), np.int64)
    w_edge = np.empty((2, limit), np.int64)
    count = np.zeros(2, np.int64)
    ahead = np.full(2, 1e18)  # cost of the best arrival so far, by buffer: one far behind it will not be kept
    offsets = np.zeros(nodes + 1, np.int64)
    s_cost = np.empty(nodes * width, np.float64)
    s_back = np.empty(nodes * width, np.int64)
    s_edge = np.empty(nodes * width, np.int64)
    s_state = np.empty((width, 6), np.int64)
    # node 0: one state, after a clause end
    total = 0
    w_cost[0, 0], w_back[0, 0], w_edge[0, 0] = 0.0, -1, -1
    w_state[0, 0] = np.array([0, -1, -1, 0, -1, -1])
    count[0] = 1
    for p in range(nodes):
        here = p & 1
        there = 1 - here
        n = count[here]
        order = np.argsort(w_cost[here, :n])
        begin = total
        kept = 0
        best = w_cost[here, order[0]] if n else 0.0
        for q in range(n):
            k = order[q]
            if kept == width or w_cost[here, k] > best + slack:
                break
            twin = False
            for j in range(kept):
                if (s_state[j] == w_state[here, k]).all():
                    twin = True
                    break
            if twin:
                continue
            s_state[kept] = w_state[here, k]
            s_cost[total], s_back[total], s_edge[total] = w_cost[here, k], w_back[here, k], w_edge[here, k]
            kept += 1
            total += 1
        offsets[p + 1] = total
        # the buffer of this node becomes that of the node after the next; but edges of two tokens from p-1 are already there
        count[here] = 0
        ahead[here] = 1e18
        if p == nodes - 1:
            break
        for j in range(kept):
            for e in range(first[p], first[p + 1]):
                c = s_cost[begin + j] + cost[e]
                slot = there if to[e] == p + 1 else here
                if c > ahead[slot] + slack:
                    continue
                a, b, d = s_state[j, 0], s_state[j, 1], s_state[j, 2]
                f, g, h = s_state[j, 3], s_state[j, 4], s_state[j, 5]
                for u in range(units.shape[1]):
                    if units[e, u] < 0:
                        break
                    x, a, b, d = step(lm, a, b, d, units[e, u])
                    if share > 0:
                        y, f, g, h = step(near, f, g, h, units[e, u])
                        x = -np.log((1 - share) * np.exp(-x) + share * np.exp(-y))
                    c += x
                m = count[slot]
                if m < limit and c <= ahead[slot] + slack:
                    ahead[slot] = min(ahead[slot], c)
                    w_cost[slot, m], w_back[slot, m], w_edge[slot, m] = c, begin + j, e
                    w_state[slot, m, 0], w_state[slot, m, 1], w_state[slot, m, 2] = a, b, d
                    w_state[slot, m, 3], w_state[slot, m, 4], w_state[slot, m, 5] = f, g, h
                    count[slot] = m + 1
    return offsets, s_cost[:total], s_back[:total], s_edge[:total]


@numba.njit(cache=True)
def _rivals(offsets, s_cost, s_back, s_edge, to, begins, path, ahead, most):  # type: ignore[no-untyped-def]
    """For each edge of the best path: up to `most` rival edges that leave the same node, and how much worse each is (nats)."""
    n = len(path)
    rival = np.full((n, most), -1, np.int64)
    worse = np.full((n, most), 1e9, np.float64)
    nodes = len(offsets) - 1
    for k in range(n):
        e = path[k]
        p = begins[e]
        q = min(p + ahead, nodes - 1)
        if q < to[e]:
            q = to[e]
        best_of = 1e18
        for s in range(offsets[q], offsets[q + 1]):
            if s_cost[s] < best_of:
                best_of = s_cost[s]
        own = 1e18
        for s in range(offsets[q], offsets[q + 1]):
            t = s
            while s_edge[t] >= 0 and begins[s_edge[t]] > p:
                t = s_back[t]
            f = s_edge[t]
            if f < 0 or begins[f] != p:
                continue
            if f == e:
                if s_cost[s] < own:
                    own = s_cost[s]
                continue
            at = -1
            for j in range(most):
                if rival[k, j] == f:
                    at = j
                    break
            if at >= 0:
                if s_cost[s] < worse[k, at]:
                    worse[k, at] = s_cost[s]
                continue
            weak = 0
            for j in range(most):
                if worse[k, j] > worse[k, weak]:
                    weak = j
            if s_cost[s] < worse[k, weak]:
                rival[k, weak] = f
                worse[k, weak] = s_cost[s]
        for j in range(most):
            if rival[k, j] >= 0:
                worse[k, j] -= own if own < 1e17 else best_of
    return rival, worse


def best_path(
    language: Language, lattice: Lattice, width: int, near: Language | None = None, slack: float = 18.0
) -> tuple[list[int], NDArray[np.int64], NDArray[np.float64]]:
    """(edges of the best path, rival edges of each, how many nats worse each rival is). Empty for an empty lattice.

    `width` states are kept a node, none more than `slack` nats behind the best. `near`: a model of sibling texts to mix in.
    """
    if len(lattice.first) < 2:
        return [], np.zeros((0, 4), np.int64), np.zeros((0, 4))
    share = SIBLINGS if near else 0.0
    offsets, cost, back, edge = _beam(
        language.tuple(), (near or language).tuple(), share, lattice.first, lattice.to, lattice.cost, lattice.units, width, slack
    )
    last = offsets[-2]
    at = int(last + np.argmin(cost[last : offsets[-1]]))
    path = []
    while edge[at] >= 0:
        path.append(int(edge[at]))
        at = int(back[at])
    path.reverse()
    begins = np.repeat(np.arange(len(lattice.first) - 1), np.diff(lattice.first))
    rival, worse = _rivals(offsets, cost, back, edge, lattice.to, begins, np.array(path), AHEAD, 4)
    return path, rival, worse
