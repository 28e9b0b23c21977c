"""A fictional sewer tree with a known truth.

Nothing of Wenqu takes part here: the generator must not share the physics of the methods it judges beyond
what water does (it adds up, it takes time, it mixes).
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

HOURS = 24
DAY = 86400.0


@dataclass(frozen=True)
class Knobs:
    """What is varied from one truth to the next."""

    pipes: int = 10_000
    meters: int = 40
    days: int = 150
    extraneous: float = 0.42  # share of dry flow
    river: float = 0.25  # of the extraneous water
    losing: float = 0.2  # share of the areas that lose sewage
    celerity: float = 0.6  # [m/s] mean; 0.3 to 1.0
    bias: float = 0.06  # sd of the meters' systematic error
    tracer: float = 0.06  # sd of a laboratory's or probe's systematic error
    local: float = 0.08  # scatter of end members between areas
    bills: float = 0.2  # sd of the expected sewage of one source, each by itself
    ratio: float = 0.1  # sd of what all sources of an area have in common: what of their water returns
    spots: float = 0.4  # shape of the leakage of pipes: less is fewer, larger leaks
    outages: float = 0.0  # share of the record that a meter is down, in one piece
    levels: bool = True
    tracers: bool = True
    rain: bool = True


@dataclass(frozen=True)
class Tree:
    """Pipes in preorder, the outlet first. n pipes."""

    parent: np.ndarray  # (n,) pipe below, -1 at the outlet
    length: np.ndarray  # [m]
    down: np.ndarray  # [m] way from the upper end to the outlet
    size: np.ndarray  # pipes above, itself included


@dataclass(frozen=True)
class Truth:
    """A tree in preorder with what really enters at each pipe. n pipes, A = M areas."""

    parent: np.ndarray  # (n,) pipe below, -1 at the outlet
    length: np.ndarray  # [m]
    down: np.ndarray  # [m] way from the upper end to the outlet
    size: np.ndarray  # pipes above, itself included
    condition: np.ndarray
    meters: np.ndarray  # (M,) pipe of each meter
    area: np.ndarray  # (n,) the deepest meter below each pipe, as its number
    made: np.ndarray  # (n,) sewage made [m³/s]
    billed: np.ndarray  # (n,) sewage expected from bills
    sewage: np.ndarray  # (n,) that arrives
    ground: np.ndarray
    river: np.ndarray


def varied(knobs: Knobs, seed: int) -> Knobs:
    """Return the knobs with what differs from city to city drawn anew."""
    rng = np.random.default_rng([seed, 4])
    return replace(
        knobs, extraneous=rng.uniform(0.2, 0.6), river=rng.uniform(0.1, 0.4), losing=rng.uniform(0.1, 0.3),
        celerity=rng.uniform(0.3, 1.0), spots=rng.uniform(0.2, 0.8), outages=rng.uniform(0.0, 0.2),
    )  # fmt: skip


def tree(pipes: int, rng: np.random.Generator) -> Tree:
    """Return a tree of cheapest ways over a rough grid; ``horton`` compares it with sewers."""
    side = int(np.ceil(np.sqrt(pipes + 1)))
    cell = np.arange(side * side).reshape(side, side)
    one = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    two = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    cost = rng.gamma(1.2, 1.0, len(one)) + 0.05
    graph = scipy.sparse.csr_array((cost, (one, two)), shape=(side * side, side * side))
    outlet = int(rng.integers(side))
    way, before = dijkstra(graph, directed=False, indices=outlet, return_predecessors=True)
    order = np.argsort(way, kind="stable")[1 : pipes + 1]
    kept = np.full(side * side, -1)
    kept[order] = np.arange(pipes)
    kept[outlet] = -2
    parent = np.where(before[order] == outlet, -1, kept[before[order]])
    if (parent < 0).sum() > 1:  # one outlet pipe
        first = int(np.flatnonzero(parent < 0)[0])
        parent[(parent < 0) & (np.arange(pipes) != first)] = first
    return ordered(parent, np.maximum(rng.gamma(6, 57.5 / 6, pipes), 8.0))


def ordered(parent: np.ndarray, length: np.ndarray) -> Tree:
    """Return the tree of pipes that each stand behind the one below, in preorder."""
    pipes = len(parent)
    size = np.ones(pipes, np.int64)
    for pipe in range(pipes - 1, 0, -1):
        size[parent[pipe]] += size[pipe]
    place = np.zeros(pipes, np.int64)
    following = np.ones(pipes, np.int64)
    for pipe in range(1, pipes):
        place[pipe] = place[parent[pipe]] + following[parent[pipe]]
        following[parent[pipe]] += size[pipe]
    preorder = np.argsort(place)
    parent = np.where(parent[preorder] < 0, -1, place[parent[preorder]])
    length = length[preorder]
    down = np.zeros(pipes)
    for pipe in range(pipes):
        down[pipe] = length[pipe] + (down[parent[pipe]] if parent[pipe] >= 0 else 0.0)
    return Tree(parent, length, down, size[preorder])


def in_preorder(nodes: list[str], ways: dict[str, tuple[str, float]], outlet: str) -> Tree:
    """Return the tree of named nodes, each with the node below and the length of the way there [m]."""
    above: dict[str, list[str]] = {}
    for node in nodes:
        above.setdefault(ways[node][0], []).append(node)
    order = above[outlet][:1]  # one outlet pipe; what enters beside it enters it
    place = {order[0]: 0}
    parent = [-1]
    waiting = [(node, 0) for node in above[outlet][1:]] + [(node, 0) for node in above.get(order[0], [])]
    while waiting:
        node, below = waiting.pop(0)
        place[node] = len(order)
        order.append(node)
        parent.append(below)
        waiting += [(upper, place[node]) for upper in above.get(node, [])]
    return ordered(np.array(parent), np.array([ways[node][1] for node in order]))


def cuts(parent: np.ndarray, length: np.ndarray, meters: int) -> np.ndarray:
    """Return the pipes of meters that cut the tree into pieces of about equal length, the outlet first."""
    low, high = 0.0, float(length.sum())
    best = np.array([0])
    for _ in range(40):
        target = (low + high) / 2
        carried = length.copy()
        found = [0]
        for pipe in range(len(parent) - 1, 0, -1):
            if carried[pipe] >= target:
                found.append(pipe)
            else:
                carried[parent[pipe]] += carried[pipe]
        if len(found) > meters:
            low = target
        else:
            high, best = target, np.array(found)
    return np.sort(best)


def deepest(parent: np.ndarray, meters: np.ndarray) -> np.ndarray:
    """Return for each pipe the number of the first meter on its way down."""
    area = np.full(len(parent), -1)
    area[meters] = np.arange(len(meters))
    for pipe in range(len(parent)):
        if area[pipe] < 0:
            area[pipe] = area[parent[pipe]]
    return area


def truth(knobs: Knobs, seed: int, given: Tree | None = None) -> Truth:
    """Return a city whose every inflow is known, on a tree of its own or on one that is given."""
    rng = np.random.default_rng([seed, 1])
    network = tree(knobs.pipes, rng) if given is None else given
    parent, length, down, size = network.parent, network.length, network.down, network.size
    meters = cuts(parent, length, knobs.meters)
    area = deepest(parent, meters)
    areas = len(meters)
    dense = rng.lognormal(0, 0.35, areas)[area] * rng.gamma(1.5, 1 / 1.5, len(parent))
    made = length * dense
    made *= 0.10 / DAY * length.sum() / made.sum()
    lost = np.where(rng.random(areas) < knobs.losing, rng.uniform(0.2, 0.8, areas), 0.0)
    sewage = made * (1 - lost[area])
    returned = np.maximum(1 + knobs.ratio * rng.standard_normal(areas), 0.2)[area]
    own = np.random.default_rng([seed, 5]).standard_normal(len(parent))
    billed = made * returned * np.maximum(1 + knobs.bills * own, 0.0)
    state = 5 + 2 * rng.standard_normal(areas)[area] + 1.5 * rng.standard_normal(len(parent))
    ground = (
        length
        * np.exp(0.25 * state)
        * rng.lognormal(0, 0.6, areas)[area]
        * rng.gamma(knobs.spots, 1 / knobs.spots, len(parent))
    )
    clean = sewage.sum() * knobs.extraneous / (1 - knobs.extraneous)
    ground *= clean * (1 - knobs.river) / ground.sum()
    river = np.zeros(len(parent))
    places = rng.choice(len(parent), max(3, areas // 8), replace=False)
    river[places] = rng.pareto(1.5, len(places)) + 0.3
    river *= clean * knobs.river / max(river.sum(), 1e-12)
    seen = np.clip(np.round(state + rng.normal(0, 1.0, len(parent)), 1), 0, 10)
    return Truth(parent, length, down, size, seen, meters, area, made, billed, sewage, ground, river)


def area_truth(there: Truth) -> dict[str, dict[str, float]]:
    """Return the truth by area [m³/d], with what was billed, length [m] and length × condition [m]."""
    areas = len(there.meters)
    sums = {
        name: np.bincount(there.area, values, areas) * DAY
        for name, values in (
            ("sewage", there.sewage), ("groundwater", there.ground), ("river", there.river),
            ("missing", there.made - there.sewage), ("billed", there.billed), ("length", there.length / DAY),
            ("worn", there.length * there.condition / DAY),
        )
    }  # fmt: skip
    return {f"A{area}": {name: float(values[area]) for name, values in sums.items()} for area in range(areas)}
