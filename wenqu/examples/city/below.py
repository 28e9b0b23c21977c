"""What lies below what: the tree of sewage in the example city, as arrays."""

from dataclasses import dataclass

import numba
import numpy as np

from wenqu.examples.city.drains import Drains
from wenqu.examples.city.land import Floats, Ints
from wenqu.examples.city.skeleton import Skeleton


@dataclass(frozen=True, slots=True)
class Below:
    """The way of the sewage from every sanitary or combined manhole. N manholes."""

    next: Ints  # (N,) manhole below, -1 at a plant and for storm water
    conduit: Ints  # (N,) conduit along a street that leaves it, -1 into a station or plant
    order: Ints  # manholes of the sewage tree, each before all below it
    away: Floats  # (N,) way along the sewers to the plant [m], NaN for storm water
    plant: Ints  # (N,) row of the plant it drains to, -1 for storm water


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _add_up(order: Ints, following: Ints, own: Floats) -> Floats:
    total = own.copy()
    for here in order:
        if following[here] >= 0:
            total[following[here]] += total[here]
    return total


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inherit(order: Ints, following: Ints, own: Ints) -> Ints:
    found = own.copy()
    for place in range(len(order) - 1, -1, -1):
        here = order[place]
        if found[here] < 0 and following[here] >= 0:
            found[here] = found[following[here]]
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _walked(order: Ints, following: Ints, step: Floats) -> Floats:
    away = np.full(len(following), np.nan)
    for place in range(len(order) - 1, -1, -1):
        here = order[place]
        away[here] = step[here] + (away[following[here]] if following[here] >= 0 else 0.0)
    return away


def below(pipes: Skeleton, sanitary: Drains) -> Below:
    """Return the tree of sewage: conduits, and pressure mains from the lifted junctions."""
    size = len(pipes.x)
    following, conduit = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    sewage = np.flatnonzero(pipes.of_system > 0)
    following[pipes.start[sewage]] = pipes.end[sewage]
    conduit[pipes.start[sewage]] = sewage
    step = np.zeros(size)
    step[pipes.start[sewage]] = pipes.length[sewage]
    lifted, target = pipes.sanitary_at[sanitary.lifted], pipes.sanitary_at[sanitary.delivered]
    following[lifted] = target
    step[lifted] = 1.15 * np.hypot(pipes.x[lifted] - pipes.x[target], pipes.y[lifted] - pipes.y[target])
    order = np.flatnonzero(pipes.system > 0)
    order = order[np.argsort(-pipes.reach[order], kind="stable")]
    roots = pipes.sanitary_at[np.unique(sanitary.outlet[sanitary.outlet >= 0])]
    plant = np.full(size, -1, np.int64)
    plant[roots] = np.arange(len(roots))
    return Below(
        following,
        conduit,
        order,
        _walked(order, following, step),
        _inherit(order, following, plant),
    )


def sums_above(way: Below, own: Floats) -> Floats:
    """Return for every manhole the sum of ``own`` over itself and all manholes above it."""
    return _add_up(way.order, way.next, own)


def first_chosen(way: Below, chosen: Ints) -> Ints:
    """Return for every manhole which of ``chosen`` is the first at or below it, as a position."""
    own = np.full(len(way.next), -1, np.int64)
    own[chosen] = np.arange(len(chosen))
    return _inherit(way.order, way.next, own)
