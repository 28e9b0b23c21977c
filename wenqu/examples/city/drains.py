"""Which way does each street of the example city drain, in how large a sewer, and where is it lifted?"""

from dataclasses import dataclass, replace

import numba
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from wenqu.examples.city.land import Flags, Floats, Ints, Land
from wenqu.examples.city.lists import rows
from wenqu.examples.city.streets import Streets
from wenqu.examples.city.sums import sums

STORM, SANITARY, COMBINED = 0, 1, 2
SYSTEMS = np.array(["storm", "sanitary", "combined"], dtype=object)
COVER = 0.9  # [m] least cover of a crown
SEWAGE_RATE = 9.0e-6  # [m³/s per m] peak sewage and seepage that a metre of sewer is laid for
STORM_RATE = 7.0e-4  # [m³/s per m] design storm flow of a metre of street
INTERCEPTED = 2.0  # [-] times the dry flow that an interceptor passes on
HOPS = 3  # streets that a pressure main runs along


@dataclass(frozen=True, slots=True)
class Drains:
    """Sewers along streets, each drawn from its upper to its lower junction. S sewers, J junctions."""

    up: Ints  # (S,) junction
    down: Ints  # (S,) junction
    street: Ints  # (S,)
    system: Ints  # (S,) index of SYSTEMS
    tree: Flags  # (S,) carries the water of its upper junction on
    headed: Flags  # (S,) begins one manhole below its upper junction
    diameter: Floats  # (S,) [m]
    slope: Floats  # (S,) least slope [-]
    cost: Floats  # (S,) what its length counts in the choice of ways
    reach: Floats  # (J,) such cost down to the outlet, inf where nothing drains
    parent: Ints  # (J,) next junction down, -1 at an outlet and where nothing drains
    outlet: Ints  # (J,) junction of its outlet, -1 where nothing drains
    lifted: Ints  # (P,) junctions with a pumping station
    delivered: Ints  # (P,) junctions that they pump to


def pipe_table(storm: bool) -> tuple[Floats, Floats, Floats]:
    """Return diameters [m], least slopes [-] and design flows [m³/s] of the pipes on the market.

    Full flow of a circle by Manning (n = 0.013); sanitary sewers are laid for three quarters of it.
    """
    chosen = [row for row in rows("pipes") if row["system"] == ("storm" if storm else "sanitary")]
    diameter = np.array([float(row["diameter"]) for row in chosen])
    slope = np.array([float(row["slope"]) for row in chosen])
    full = np.pi * diameter**2 / 4 * (diameter / 4) ** (2 / 3) * np.sqrt(slope) / 0.013
    return diameter, slope, full * (1.0 if storm else 0.75)


def _tree(
    lanes: tuple[Ints, Ints, Floats], ground: Floats, roots: Ints, reach: float
) -> tuple[Floats, Ints, Ints]:
    """Return cost to the outlet, next junction and outlet of all junctions: the cheapest ways down."""
    start, end, length = lanes
    rise = np.maximum(ground[end] - ground[start], 0)  # paid when the water runs start → end
    fall = np.maximum(ground[start] - ground[end], 0)
    size = len(ground)
    matrix = csr_array(
        (
            np.concatenate([length + 150 * rise, length + 150 * fall]),
            (np.concatenate([end, start]), np.concatenate([start, end])),
        ),
        shape=(size, size),
    )
    cost, before, outlet = dijkstra(
        matrix, indices=roots, min_only=True, return_predecessors=True, limit=reach
    )
    nothing = ~np.isfinite(cost)
    parent = np.where((before < 0) | nothing, -1, before).astype(np.int64)
    return cost, parent, np.where(nothing, -1, outlet).astype(np.int64)


def _directed(
    plan: Streets, cost: Floats, parent: Ints, ground: Floats
) -> tuple[Ints, Ints, Ints, Flags, Floats]:
    """Return up, down, street, tree and cost of one sewer along every street that drains."""
    start, end = plan.start, plan.end
    both = np.flatnonzero(np.isfinite(cost[start]) & np.isfinite(cost[end]))
    start, end = start[both], end[both]
    forward, backward = parent[start] == end, parent[end] == start
    beside = ~(forward | backward)
    downhill = ground[start] > ground[end]
    from_start = forward | (beside & downhill)
    up, down = np.where(from_start, start, end), np.where(from_start, end, start)
    weight = np.where(beside, plan.length[both], cost[up] - cost[down])
    return up, down, both, ~beside, weight


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _lay(
    order: Ints,
    tree: tuple[Ints, Floats, Floats, Floats, Flags],
    pipes: tuple[Floats, Floats, Floats],
    rules: tuple[float, Flags, bool],
) -> tuple[Floats, Floats, Flags, Floats]:
    """Lay the tree once, from the far ends down; return diameter, slope, lifted and flow by junction."""
    parent, length, ground, own, combined = tree
    diameters, slopes, flows = pipes
    limit, allowed, chosen_only = rules
    size = len(parent)
    dry = own.copy()
    wet = np.zeros(size)
    crown = ground - COVER - 0.5
    least = np.full(size, diameters[0])
    diameter = np.zeros(size)
    slope = np.zeros(size)
    lifted = np.zeros(size, np.bool_)
    for here in order:
        down = parent[here]
        if combined[here]:
            wet[here] += 0.5 * STORM_RATE / SEWAGE_RATE * own[here]
        else:
            wet[here] = min(wet[here], INTERCEPTED * dry[here])
        flow = dry[here] + wet[here]
        row = min(np.searchsorted(flows, flow), len(flows) - 1)
        if combined[here]:
            row = max(row, 1)
        diameter[here] = max(diameters[row], least[here])
        slope[here] = slopes[np.searchsorted(diameters, diameter[here])]
        if down < 0:
            continue
        start = min(crown[here], ground[here] - COVER) - diameter[here]
        deep = ground[here] - start
        if (allowed[here] and chosen_only) or (not chosen_only and deep > limit):
            lifted[here] = True
            target = down
            for _ in range(HOPS - 1):
                if parent[target] >= 0:
                    target = parent[target]
            dry[target] += dry[here]
            wet[target] += min(wet[here], INTERCEPTED * dry[here])
            again = 1 if combined[here] else 0
            diameter[here] = diameters[again]
            slope[here] = slopes[again]
            start = ground[here] - COVER - diameter[here]
        else:
            dry[down] += dry[here]
            wet[down] += wet[here]
        least[down] = max(least[down], diameter[here])
        lower = min(start - slope[here] * length[here] + diameter[here], ground[down] - COVER)
        crown[down] = min(crown[down], lower)
    return diameter, slope, lifted, dry


def _stations(
    order: Ints,
    tree: tuple[Ints, Floats, Floats, Floats, Flags],
    pipes: tuple[Floats, Floats, Floats],
    wanted: int | None,
) -> tuple[Floats, Floats, Flags]:
    """Lay the tree with stations where it gets too deep, exactly ``wanted`` of them if a number is given."""
    free = np.zeros(len(tree[0]), np.bool_)
    if wanted is None:
        diameter, slope, lifted, _ = _lay(order, tree, pipes, (6.0, free, False))
        return diameter, slope, lifted
    low, high = 1.8, 14.0
    for _ in range(24):
        middle = (low + high) / 2
        enough = int(_lay(order, tree, pipes, (middle, free, False))[2].sum()) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    _, _, lifted, flow = _lay(order, tree, pipes, (low, free, False))
    found = np.flatnonzero(lifted)
    chosen = free.copy()
    chosen[found[np.argsort(-flow[found], kind="stable")][:wanted]] = True
    diameter, slope, lifted, _ = _lay(order, tree, pipes, (0.0, chosen, True))
    return diameter, slope, lifted


def _laid(
    plan: Streets, ground: Floats, way: tuple[Floats, Ints, Ints], system: int, wanted: int | None
) -> Drains:
    """Return the sewers of one system along all streets that its tree reaches."""
    cost, parent, outlet = way
    up, down, street, tree, weight = _directed(plan, cost, parent, ground)
    size = len(ground)
    length = np.zeros(size)
    length[up[tree]] = plan.length[street[tree]]
    rate = STORM_RATE if system == STORM else SEWAGE_RATE
    own = sums(np.where(tree, up, down), plan.length[street] * rate, size)
    combined = np.zeros(size, np.bool_)
    if system != STORM:
        combined[up[tree]] = plan.old[up[tree]]
    pipes = pipe_table(system == STORM)
    reached = np.flatnonzero(np.isfinite(cost))
    order = reached[np.argsort(-cost[reached], kind="stable")]
    forest = (parent, length, ground, own, combined)
    if system == STORM:
        diameter, slope, _, _ = _lay(order, forest, pipes, (np.inf, np.zeros(size, np.bool_), False))
        lifted = np.zeros(size, np.bool_)
    else:
        diameter, slope, lifted = _stations(order, forest, pipes, wanted)
    kind = np.full(len(up), system, np.int64)
    if system != STORM:
        kind[plan.old[up] & plan.old[down]] = COMBINED
    small = np.where((kind == SANITARY) & ~(plan.old[up] & tree), 0, 1)
    least = pipes[0][small]
    raised = np.flatnonzero(lifted)
    target = parent[raised]
    for _ in range(HOPS - 1):
        target = np.where(parent[target] >= 0, parent[target], target)
    return Drains(
        up,
        down,
        street,
        kind,
        tree,
        ~tree | lifted[up],
        np.where(tree, np.maximum(diameter[up], least), least),
        np.where(tree, slope[up], pipes[1][small]),
        weight,
        cost,
        parent,
        outlet,
        raised,
        target,
    )


def plant_junctions(frame: Land, plan: Streets) -> Ints:
    """Return the junction where each cell's sewage ends: by the river, down in the east."""
    score = frame.river_distance(plan.x, plan.y) / 300 - plan.x / 650 + frame.ground_level(plan.x, plan.y)
    order = np.lexsort((score, plan.cell))
    cell, first, count = np.unique(plan.cell[order], return_index=True, return_counts=True)
    park = cell >= (frame.mains + 1) * (frame.canals + 1)
    return order[first[(count >= max(5, 0.15 * np.median(count))) | (park & (count >= 5))]]


def sanitary_drains(frame: Land, plan: Streets, stations: int | None) -> Drains:
    """Return the sanitary and combined sewers: a tree to each plant, stations where it gets too deep."""
    ground = frame.ground_level(plan.x, plan.y)
    lane = np.where(plan.avenue, 0.55, 1.0) * plan.length
    way = _tree((plan.start, plan.end, lane), ground, plant_junctions(frame, plan), np.inf)
    return _laid(plan, ground, way, SANITARY, stations)


def storm_drains(frame: Land, plan: Streets, outfalls: int, generator: np.random.Generator) -> Drains:
    """Return the storm sewers outside the old towns: a tree to each of ``outfalls`` places on a bank."""
    ground = frame.ground_level(plan.x, plan.y)
    away = frame.river_distance(plan.x, plan.y)
    new = ~(plan.old[plan.start] & plan.old[plan.end])
    part = replace(
        plan,
        start=plan.start[new],
        end=plan.end[new],
        length=plan.length[new],
        bow=plan.bow[new],
        avenue=plan.avenue[new],
        road=plan.road[new],
    )
    touched = np.zeros(len(plan.x), np.bool_)
    touched[part.start] = touched[part.end] = True
    shore = np.flatnonzero(touched & (away < np.sort(away[touched])[min(3 * outfalls, touched.sum() - 1)]))
    along = shore[np.lexsort((plan.x[shore] + plan.y[shore], plan.cell[shore]))]
    roots = np.unique(along[np.linspace(0, len(along) - 1, min(outfalls, len(along))).astype(np.int64)])
    way = _tree((part.start, part.end, part.length), ground, roots, 1900.0)
    made = _laid(part, ground, way, STORM, None)
    kept = made.tree | (generator.random(len(made.tree)) < 0.38)
    return replace(
        made,
        up=made.up[kept],
        down=made.down[kept],
        street=np.flatnonzero(new)[made.street[kept]],
        system=made.system[kept],
        tree=made.tree[kept],
        headed=made.headed[kept],
        diameter=made.diameter[kept],
        slope=made.slope[kept],
        cost=made.cost[kept],
    )
