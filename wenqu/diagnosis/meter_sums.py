"""Where could meters stand, and what do sums over the pipes above each say?

Sites are intervals of pipes in preorder, nested or disjoint. No matrix of blocks by sites is made: one pass
over the pipes is enough for sums, and for their squares by block.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.next_measurement import Goal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sites:
    """C places where a meter could stand."""

    first: Ints  # (C,) interval of pipes above each
    last: Ints  # (C,)
    noise: Floats  # (C,) variance of the error of a reading [m⁶/s²]
    cost: Floats  # (C,) [yuan]

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.first)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of a value of the pipes above each site. (…, n) → (…, C)"""
        walked = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
        np.cumsum(values, axis=-1, out=walked[..., 1:])
        found: Floats = walked[..., self.last] - walked[..., self.first]
        return found


def squares(sites: Sites, goal: Goal, wanted: Floats) -> Floats:
    """Return Σ_b W_b (sum of ``wanted`` over the part of block b above each site)². (C,)

    Intervals are nested or disjoint: going through the pipes of a block in order, its sum above a site
    only changes where two of its parts meet, at the smallest interval around both.
    """
    order = np.lexsort((-sites.last, sites.first))
    first, last = sites.first[order], sites.last[order]
    outer = outer_intervals(first, last)
    inner = _inner(first, last, outer, len(wanted))
    pipe = np.flatnonzero((goal.label >= 0) & (inner >= 0))
    pipe = pipe[np.argsort(goal.label[pipe], kind="stable")]
    added = _meetings(pipe, goal.label, wanted, goal.weight, inner, outer, last)
    for place in range(len(order) - 1, -1, -1):
        if outer[place] >= 0:
            added[outer[place]] += added[place]
    found = np.empty(len(order))
    found[order] = added
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def outer_intervals(first: Ints, last: Ints) -> Ints:
    """Return the smallest other interval around each, -1 for none; sorted by first, larger ones first."""
    found = np.full(len(first), -1, np.int64)
    for place in range(1, len(first)):
        around = place - 1
        while around >= 0 and last[around] < last[place]:
            around = found[around]
        found[place] = around
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inner(first: Ints, last: Ints, outer: Ints, pipes: int) -> Ints:
    """Return the smallest interval around each pipe, -1 for none. (n,)"""
    found = np.full(pipes, -1, np.int64)
    here, place = -1, 0
    for pipe in range(pipes):
        while here >= 0 and last[here] <= pipe:
            here = outer[here]
        while place < len(first) and first[place] <= pipe:
            if last[place] > pipe:
                here = place
            place += 1
        found[pipe] = here
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _meetings(
    pipe: Ints, label: Ints, value: Floats, weight: Floats, inner: Ints, outer: Ints, last: Ints
) -> Floats:
    """Return by interval how much more the squared sum of every block is there than in the parts inside."""
    found = np.zeros(len(last))
    node = np.empty(len(last) + 1, np.int64)  # intervals that are open, the outer ones first
    held = np.empty(len(last) + 1)  # sum of the block inside each
    parts = np.empty(len(last) + 1)  # squares of the sums of the parts that were closed inside
    depth, block = 0, -1
    for place in range(len(pipe) + 1):
        end = place == len(pipe)
        j = 0 if end else pipe[place]
        fresh = end or label[j] != block
        while depth > 0 and (fresh or last[node[depth - 1]] <= j):
            depth -= 1
            closed, whole = node[depth], held[depth]
            found[closed] += weight[block] * (whole**2 - parts[depth])
            if fresh:
                meet = node[depth - 1] if depth > 0 else -1
            else:
                meet = outer[closed]
                while meet >= 0 and last[meet] <= j:
                    if depth > 0 and meet == node[depth - 1]:
                        break
                    meet = outer[meet]
            if meet < 0:
                continue
            if depth == 0 or node[depth - 1] != meet:
                node[depth], held[depth], parts[depth] = meet, 0.0, 0.0
                depth += 1
            held[depth - 1] += whole
            parts[depth - 1] += whole**2
        if end:
            break
        block = label[j]
        if depth == 0 or node[depth - 1] != inner[j]:
            node[depth], held[depth], parts[depth] = inner[j], 0.0, 0.0
            depth += 1
        held[depth - 1] += value[j]
    return found
