"""Which sewers lie in the streets of the example city?"""

from dataclasses import dataclass, replace

import numpy as np

from wenqu.examples.city.bores import HOPS, SEWAGE_RATE, STORM_RATE, laid_tree, lifted_tree, pipe_table
from wenqu.examples.city.land import Flags, Floats, Ints, Land
from wenqu.examples.city.streets import Streets
from wenqu.examples.city.sums import sums
from wenqu.examples.city.ways import directed, plant_junctions, ways_down

STORM, SANITARY, COMBINED = 0, 1, 2
SYSTEMS = np.array(["storm", "sanitary", "combined"], dtype=object)


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


def _laid(
    plan: Streets, ground: Floats, way: tuple[Floats, Ints, Ints], system: int, wanted: int | None
) -> Drains:
    """Return the sewers of one system along all streets that its tree reaches."""
    cost, parent, outlet = way
    up, down, street, tree, weight = directed(plan, cost, parent, ground)
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
        diameter, slope, _, _ = laid_tree(order, forest, pipes, (np.inf, np.zeros(size, np.bool_), False))
        lifted = np.zeros(size, np.bool_)
    else:
        diameter, slope, lifted = lifted_tree(order, forest, pipes, wanted)
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


def sanitary_drains(frame: Land, plan: Streets, stations: int | None) -> Drains:
    """Return the sanitary and combined sewers: a tree to each plant, stations where it gets too deep."""
    ground = frame.ground_level(plan.x, plan.y)
    lane = np.where(plan.avenue, 0.55, 1.0) * plan.length
    way = ways_down((plan.start, plan.end, lane), ground, plant_junctions(frame, plan), np.inf)
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
    way = ways_down((part.start, part.end, part.length), ground, roots, 1900.0)
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
