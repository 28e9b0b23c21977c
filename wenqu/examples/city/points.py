"""Where does the example city measure?"""

from dataclasses import dataclass

import numba
import numpy as np

from wenqu.examples.city.below import Below, first_chosen, sums_above
from wenqu.examples.city.drains import Drains
from wenqu.examples.city.land import Floats, Ints
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.sums import sums


@dataclass(frozen=True, slots=True)
class Points:
    """The places whose outflow is measured: conduits, then stations, then plants. M points."""

    manhole: Ints  # (M,) the flow that leaves it is measured
    kind: Ints  # (M,) 0 conduit, 1 station, 2 plant
    number: Ints  # (M,) row of the conduit, the station or the plant
    area: Ints  # (N,) first point at or below each manhole, -1 for storm water
    below: Ints  # (M,) next point down, -1 at a plant


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _picked(order: Ints, way: tuple[Ints, Ints, Ints], own: Floats, rule: tuple[float, Ints]) -> Ints:
    """Return the manholes with a meter below: where ``limit`` metres lie above without one."""
    following, conduit, junction = way
    limit, taken = rule
    above = own.copy()
    chosen = np.zeros(len(own), np.int64)
    for here in order:
        if taken[here]:
            above[here] = 0.0
        elif above[here] >= limit and conduit[here] >= 0 and junction[here] >= 0:
            chosen[here] = 1
            above[here] = 0.0
        if following[here] >= 0:
            above[following[here]] += above[here]
    return np.flatnonzero(chosen)


def point_count(conduits: int) -> int:
    """Return how many meters stand on conduits: 30 in a city of 6,000, fewer a conduit beyond."""
    return max(4, round(30 * float((conduits / 6000) ** (1.0 if conduits <= 6000 else 0.6))))


def points(pipes: Skeleton, way: Below, sanitary: Drains, conduits: int) -> Points:
    """Place meters so that about the same length of sewer lies between two, stations and plants."""
    wanted = point_count(conduits)
    stations = pipes.sanitary_at[sanitary.lifted]
    plants = np.flatnonzero((way.next < 0) & (way.plant >= 0))
    plants = plants[np.argsort(way.plant[plants])]
    taken = np.zeros(len(pipes.x), np.int64)
    taken[stations] = taken[plants] = 1
    own = sums(pipes.start, pipes.length * (pipes.of_system > 0), len(pipes.x))
    tree = (way.next, way.conduit, pipes.junction)
    low, high = 100.0, float(own.sum())
    for _ in range(40):
        middle = (low + high) / 2
        enough = len(_picked(way.order, tree, own, (middle, taken))) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    found = _picked(way.order, tree, own, (low, taken))
    large = np.argsort(-sums_above(way, own)[found], kind="stable")[:wanted]
    meters = np.sort(found[large])
    manhole = np.concatenate([meters, stations, plants])
    area = first_chosen(way, manhole)
    down = np.where(way.next[manhole] >= 0, area[way.next[manhole]], -1)
    kind = np.repeat([0, 1, 2], [len(meters), len(stations), len(plants)])
    number = np.concatenate([way.conduit[meters], np.arange(len(stations)), np.arange(len(plants))])
    return Points(manhole, kind, number, area, down)
