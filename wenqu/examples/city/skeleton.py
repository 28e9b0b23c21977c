"""Where do the manholes of the example city stand, and which conduits join them?"""

from dataclasses import dataclass

import numba
import numpy as np

from wenqu.examples.city.bores import COVER
from wenqu.examples.city.drains import COMBINED, SANITARY, STORM, Drains
from wenqu.examples.city.land import Floats, Ints, Land
from wenqu.examples.city.streets import Streets

SIDE = 2.6  # [m] the sanitary sewer lies left, the storm sewer right of a street's middle


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Manholes and the gravity conduits along streets. N manholes, C conduits."""

    x: Floats  # (N,) [m]
    y: Floats  # (N,) [m]
    ground: Floats  # (N,) [m]
    system: Ints  # (N,) index of SYSTEMS
    junction: Ints  # (N,) junction of the streets, -1 within a street
    street: Ints  # (N,) a street it stands in
    reach: Floats  # (N,) cost down to the outlet: falls along every conduit
    sanitary_at: Ints  # (J,) sanitary or combined manhole of each junction, -1 without one
    storm_at: Ints  # (J,) storm manhole of each junction, -1 without one
    start: Ints  # (C,) manhole
    end: Ints  # (C,) manhole
    of_system: Ints  # (C,) index of SYSTEMS
    of_street: Ints  # (C,)
    diameter: Floats  # (C,) [m]
    slope: Floats  # (C,) least slope [-]
    length: Floats  # (C,) [m]


@dataclass(frozen=True, slots=True)
class Levels:
    """How deep everything lies."""

    upper: Floats  # (C,) invert where a conduit begins [m]
    lower: Floats  # (C,) invert where it ends [m]
    bottom: Floats  # (N,) lowest invert at a manhole [m]


def _segments(plan: Streets, drains: Drains, spacing: float) -> Ints:
    return np.maximum(2, np.round(plan.length[drains.street] / spacing)).astype(np.int64)


def conduit_count(plan: Streets, sets: tuple[Drains, ...], spacing: float) -> int:
    """Return how many conduits the streets would hold with manholes about ``spacing`` apart."""
    return int(sum((_segments(plan, drains, spacing) - drains.headed).sum() for drains in sets))


def fitting_spacing(plan: Streets, sets: tuple[Drains, ...], wanted: int) -> float:
    """Return the manhole spacing that gives the number of conduits wanted. [m]"""
    low, high = 15.0, 90.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if conduit_count(plan, sets, middle) > wanted else (low, middle)
    return high


def _points(
    plan: Streets, drains: Drains, spacing: float, side: float
) -> tuple[Floats, Floats, Ints, Ints, Floats, Ints, Ints]:
    """Return the manholes of one system: junctions first, then those within the streets."""
    segments = _segments(plan, drains, spacing)
    used = np.unique(np.concatenate([drains.up[~drains.headed], drains.down, drains.up[drains.tree]]))
    at = np.full(len(plan.x), -1, np.int64)
    at[used] = np.arange(len(used))
    inner = segments - 1
    sewer = np.repeat(np.arange(len(segments)), inner)
    begin = np.concatenate([[0], np.cumsum(inner)])
    share = (np.arange(len(sewer)) - begin[sewer] + 1) / segments[sewer]
    street = drains.street[sewer]
    first, last = drains.up[sewer], drains.down[sewer]
    east, north = plan.x[last] - plan.x[first], plan.y[last] - plan.y[first]
    turned = np.where(plan.start[street] == first, 1.0, -1.0)
    off = (4 * share * (1 - share) * plan.bow[street] * plan.length[street] + side) * turned
    size = np.hypot(east, north)
    x = plan.x[first] + east * share - north / size * off
    y = plan.y[first] + north * share + east / size * off
    reach = drains.reach[last] + drains.cost[sewer] * (1 - share)
    of_junction = np.zeros(len(plan.x), np.int64)
    of_junction[drains.up] = drains.street
    of_junction[drains.down] = drains.street
    return (
        np.concatenate([plan.x[used] + 0.7 * side, x]),
        np.concatenate([plan.y[used] - 0.7 * side, y]),
        np.concatenate([used, np.full(len(x), -1)]),
        np.concatenate([of_junction[used], street]),
        np.concatenate([drains.reach[used], reach]),
        at,
        begin + len(used),
    )


def _conduits(drains: Drains, segments: Ints, at: Ints, inner: Ints) -> tuple[Ints, Ints, Ints]:
    """Return start, end and sewer of the conduits of one system."""
    count = segments - drains.headed
    sewer = np.repeat(np.arange(len(segments)), count)
    begin = np.concatenate([[0], np.cumsum(count)])
    step = np.arange(len(sewer)) - begin[sewer] + drains.headed[sewer]
    start = np.where(step == 0, at[drains.up[sewer]], inner[sewer] + step - 1)
    last = step + 1 == segments[sewer]
    end = np.where(last, at[drains.down[sewer]], inner[sewer] + step)
    return start, end, sewer


def skeleton(frame: Land, plan: Streets, sanitary: Drains, storm: Drains, spacing: float) -> Skeleton:
    """Set manholes along every sewer and join them."""
    made, joined = [], []
    for drains, side in ((sanitary, SIDE), (storm, -SIDE)):
        x, y, junction, street, reach, at, inner = _points(plan, drains, spacing, side)
        start, end, sewer = _conduits(drains, _segments(plan, drains, spacing), at, inner)
        made.append((x, y, junction, street, reach, at))
        joined.append((start, end, sewer))
    shift = len(made[0][0])
    x, y, junction, street, reach = (np.concatenate([made[0][n], made[1][n]]) for n in range(5))
    start, end = (np.concatenate([joined[0][n], joined[1][n] + shift]) for n in range(2))
    below, above = joined[0][2], joined[1][2]
    system = np.full(len(x), STORM, np.int64)
    system[:shift] = SANITARY
    of_system = np.concatenate([sanitary.system[below], storm.system[above]])
    combined = of_system == COMBINED
    system[start[combined]] = system[end[combined]] = COMBINED
    length = np.hypot(x[end] - x[start], y[end] - y[start])
    return Skeleton(
        x,
        y,
        frame.ground_level(x, y),
        system,
        junction,
        street,
        reach,
        made[0][5],
        np.where(made[1][5] >= 0, made[1][5] + shift, -1),
        start,
        end,
        of_system,
        np.concatenate([sanitary.street[below], storm.street[above]]),
        np.concatenate([sanitary.diameter[below], storm.diameter[above]]),
        np.concatenate([sanitary.slope[below], storm.slope[above]]),
        length,
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _sink(
    order: Ints, ends: tuple[Ints, Ints], ground: Floats, pipe: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """Lay conduits in the order of the water: crowns level at manholes, covered everywhere, never rising."""
    start, end = ends
    diameter, slope, length = pipe
    crown = ground - COVER - 0.05
    bottom = np.full(len(ground), np.inf)
    upper = np.empty(len(start))
    lower = np.empty(len(start))
    for conduit in order:
        above, below = start[conduit], end[conduit]
        bore = diameter[conduit]
        upper[conduit] = min(min(crown[above], ground[above] - COVER) - bore, bottom[above])
        fallen = upper[conduit] - slope[conduit] * length[conduit]
        lower[conduit] = min(fallen, ground[below] - COVER - bore)
        bottom[above] = min(bottom[above], upper[conduit])
        bottom[below] = min(bottom[below], lower[conduit])
        crown[below] = min(crown[below], lower[conduit] + bore)
    return upper, lower, bottom


def levels(frame: Skeleton) -> Levels:
    """Return the inverts of all conduits and manholes."""
    order = np.argsort(-frame.reach[frame.start], kind="stable")
    pipe = (frame.diameter, frame.slope, frame.length)
    upper, lower, bottom = _sink(order, (frame.start, frame.end), frame.ground, pipe)
    return Levels(upper, lower, bottom)
