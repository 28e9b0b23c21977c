"""Which way does the water of each street of the example city run?"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from wenqu.examples.city.land import Flags, Floats, Ints, Land
from wenqu.examples.city.streets import Streets


def ways_down(
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


def directed(
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


def plant_junctions(frame: Land, plan: Streets) -> Ints:
    """Return the junction where each cell's sewage ends: by the river, down in the east."""
    score = frame.river_distance(plan.x, plan.y) / 300 - plan.x / 650 + frame.ground_level(plan.x, plan.y)
    order = np.lexsort((score, plan.cell))
    cell, first, count = np.unique(plan.cell[order], return_index=True, return_counts=True)
    park = cell >= (frame.mains + 1) * (frame.canals + 1)
    return order[first[(count >= max(5, 0.15 * np.median(count))) | (park & (count >= 5))]]
