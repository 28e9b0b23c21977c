"""How large is the region that still can hold the source, and what lies within reach of one manhole?"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.search_state import Belief
from wenqu.diagnosis.search_tree import SearchTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STACK = 8192  # places within one reach
LOOKED_AT = 40  # likeliest pipes around which a centre is looked for


@dataclass(frozen=True, slots=True)
class Region:
    """The likeliest pipes that together hold most of the belief."""

    places: Ints  # likeliest per metre first
    length: float  # [m]
    share: float  # [-] belief that they hold


@dataclass(frozen=True, slots=True)
class Reach:
    """The manhole around which the source most likely is."""

    place: int
    share: float  # [-] belief that the source lies within the radius of it, along the pipes


def region(tree: SearchTree, known: Belief, share: float = 0.95) -> Region:
    """Return the shortest set of pipes that holds a share of the belief that there is a source."""
    density = known.mass / np.maximum(tree.length, 1e-9)
    order = np.argsort(-density, kind="stable")
    walked = np.cumsum(known.mass[order])
    last = int(np.searchsorted(walked, share * walked[-1] - 1e-12)) + 1
    chosen = order[:last]
    return Region(chosen, float(tree.length[chosen].sum()), float(walked[min(last, len(walked)) - 1]))


def best_reach(tree: SearchTree, known: Belief, radius: float) -> Reach:
    """Return the manhole that has most of the belief within a radius along the pipes."""
    centres = likely(tree, known, LOOKED_AT)
    centres = np.unique(np.concatenate([centres, tree.parent[centres][tree.parent[centres] >= 0]]))
    place, share = _best(tree.start, tree.child, tree.parent, tree.step, known.mass, radius, centres)
    return Reach(int(place), float(share))


def likely(tree: SearchTree, known: Belief, count: int) -> Ints:
    """Return the places whose pipes are likeliest per metre, at most ``count``, in no order."""
    density = known.mass / np.maximum(tree.length, 1e-9)
    if count >= len(density):
        return np.arange(len(density))
    return np.argpartition(density, -count)[-count:].astype(np.int64)


def within_reach(tree: SearchTree, place: int, radius: float) -> Floats:
    """Return which part of each place's pipe lies within a radius of one place. (N,)"""
    found = np.zeros(len(tree.parent))
    _spread(tree.start, tree.child, tree.parent, tree.step, radius, place, found)
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _part(length: float, left: float) -> float:
    return 1.0 if length <= left else left / length


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _spread(
    start: Ints, child: Ints, parent: Ints, step: Floats, radius: float, centre: int, found: Floats
) -> None:
    place, way, back = np.empty(STACK, np.int64), np.empty(STACK), np.empty(STACK, np.int64)
    place[0], way[0], back[0] = centre, 0.0, -2
    top = 1
    while top > 0:
        top -= 1
        here, gone, came = place[top], way[top], back[top]
        for entry in range(start[here] - 1, start[here + 1]):
            down = entry < start[here]  # first the way down, then every way up
            there = parent[here] if down else child[entry]
            if there == came:
                continue
            pipe = here if down else there
            found[pipe] = max(found[pipe], _part(step[pipe], radius - gone))
            if there >= 0 and gone + step[pipe] < radius and top < STACK - 1:
                place[top], way[top], back[top] = there, gone + step[pipe], here
                top += 1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def reach_share(
    start: Ints, child: Ints, parent: Ints, step: Floats, mass: Floats, radius: float, centre: int
) -> float:
    """Return the belief within a radius of one place."""
    place, way, back = np.empty(STACK, np.int64), np.empty(STACK), np.empty(STACK, np.int64)
    place[0], way[0], back[0] = centre, 0.0, -2
    top, share = 1, 0.0
    while top > 0:
        top -= 1
        here, gone, came = place[top], way[top], back[top]
        for entry in range(start[here] - 1, start[here + 1]):
            down = entry < start[here]
            there = parent[here] if down else child[entry]
            if there == came:
                continue
            pipe = here if down else there
            share += mass[pipe] * _part(step[pipe], radius - gone)
            if there >= 0 and gone + step[pipe] < radius and top < STACK - 1:
                place[top], way[top], back[top] = there, gone + step[pipe], here
                top += 1
    return share


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _best(
    start: Ints, child: Ints, parent: Ints, step: Floats, mass: Floats, radius: float, centres: Ints
) -> tuple[int, float]:
    best, most = centres[0], -1.0
    for centre in centres:
        share = reach_share(start, child, parent, step, mass, radius, centre)
        if share > most:
            best, most = centre, share
    return best, most
