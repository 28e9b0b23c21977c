"""How many manholes must be opened until a source is found, against walking up branch by branch?"""

import platform
import time
from collections.abc import Iterator

import numpy as np

from wenqu.diagnosis.search_next import Rules, next_manholes
from wenqu.diagnosis.search_readings import Chances, Tracer
from wenqu.diagnosis.search_region import best_reach, within_reach
from wenqu.diagnosis.search_state import Reading, belief
from wenqu.diagnosis.search_tree import SearchTree, tree_of

PIPES = 10_000
RULES = Rules(radius=200.0, sure=0.965)
MOST = 80  # readings after which a search is given up


def horton_tree(pipes: int, seed: int) -> SearchTree:
    """Return a tree that branches like real sewers (Tokunaga, bifurcation ratio near 4), 36 m a pipe."""
    rng = np.random.default_rng(seed)
    order, parent = 1, np.zeros(0)
    while len(parent) < pipes:
        order += 1
        parent = np.array(_grown(order, rng))
    while len(parent) > pipes:  # houses that were never built
        leaves = np.flatnonzero(np.bincount(parent[1:], minlength=len(parent)) == 0)
        keep = np.ones(len(parent), bool)
        keep[rng.permutation(leaves)[: min(len(parent) - pipes, len(leaves) // 3 + 1)]] = False
        number = np.cumsum(keep) - 1
        parent = np.where(parent >= 0, number[parent], -1)[keep]
    step = np.clip(rng.lognormal(np.log(33), 0.4, pipes), 5, 120)
    step[0] = 5.0
    return tree_of(_preorder(parent), step)


def _grown(order: int, rng: np.random.Generator) -> list[int]:
    parent, left = [-1], [(0, order)]
    while left:
        here, rank = left.pop()
        sides = [low for low in range(1, rank) for _ in range(rng.poisson(2.0 ** (rank - low - 1)))]
        for side in (*rng.permutation(sides).astype(int).tolist(), None):
            for _ in range(1 + rng.poisson(2.0)):
                parent.append(here)
                here = len(parent) - 1
            if side is not None:
                left.append((here, side))
        if rank > 1:
            left += [(here, rank - 1)] * 2
    return parent


def _preorder(parent: np.ndarray) -> np.ndarray:
    children: list[list[int]] = [[] for _ in parent]
    for place, below in enumerate(parent.tolist()):
        if below >= 0:
            children[below].append(place)
    found, left = [], [(0, -1)]
    while left:
        place, below = left.pop()
        left += [(one, len(found)) for one in children[place]]
        found.append(below)
    return np.array(found, dtype=np.int64)


class World:
    """One hidden source; answers samples, some of them wrongly."""

    def __init__(self, tree: SearchTree, rng: np.random.Generator) -> None:
        """Hide it anywhere along the pipes."""
        self.tree, self.rng = tree, rng
        self.pipe = int(rng.choice(len(tree.parent), p=tree.length / tree.length.sum()))
        self.along = rng.uniform() * tree.step[self.pipe]

    def above(self, place: int) -> bool:
        """Tell whether its water passes a place."""
        return place < self.pipe < self.tree.last[place]

    def seen(self, place: int, chances: Chances) -> bool:
        """Return a yes or no."""
        return bool(self.rng.uniform() < (chances.hit if self.above(place) else chances.false))

    def value(self, place: int, tracer: Tracer) -> float:
        """Return a measured value."""
        true = self.above(place) != (self.rng.uniform() < tracer.wrong)
        return float(self.rng.normal(tracer.signal if true else tracer.background, tracer.sd))

    def distance(self, place: int) -> float:
        """Return the way along the pipes to a place. [m]"""
        ends = [
            (self.pipe, self.along),
            (int(self.tree.parent[self.pipe]), self.tree.step[self.pipe] - self.along),
        ]
        return min(gone + self._way(end, place) for end, gone in ends if end >= 0)

    def _way(self, one: int, other: int) -> float:
        gone = 0.0
        while one != other:
            low = max(one, other)
            gone += self.tree.step[low]
            one, other = min(one, other), int(self.tree.parent[low])
        return gone


def searched(world: World, chances: Chances, tracer: Tracer | None = None) -> tuple[int, bool]:
    """Return how many samples our search took, and whether it was right."""
    readings: list[Reading] = []
    while True:
        known = belief(world.tree, readings)
        reach = best_reach(world.tree, known, RULES.radius)
        if reach.share >= RULES.sure or len(readings) >= MOST:
            return len(readings), world.distance(reach.place) <= RULES.radius
        place = next_manholes(world.tree, known, chances, rules=RULES)[0].place
        told = (
            chances.log_ratio(seen=world.seen(place, chances))
            if tracer is None
            else tracer.log_ratio(world.value(place, tracer))
        )
        readings.append(Reading(place, told))


def walked(world: World, chances: Chances) -> tuple[int, bool]:
    """Return the same for a crew that walks up from the outlet and tries each branch at every fork.

    It follows the first branch in which it sees something (three samples, most count), and where it sees
    nothing in any it takes the source to be there.
    """
    tree, here, count = world.tree, 0, 0
    while True:
        children = tree.child[tree.start[here] : tree.start[here + 1]]
        if len(children) == 0:
            break
        if len(children) == 1:
            if tree.last[here] - here < 8:  # the last pipes of a street: one looks into each manhole
                count += 3
                if sum(world.seen(here, chances) for _ in range(3)) < 2:
                    break
            here = int(children[0])
            continue
        onward = -1
        for child in children:
            count += 3
            if sum(world.seen(int(child), chances) for _ in range(3)) >= 2:
                onward = int(child)
                break
        if onward < 0:
            break
        here = onward
    return count, world.distance(here) <= RULES.radius


def halved(world: World, chances: Chances) -> tuple[int, bool]:
    """Return the same for a crew that halves what is left by length and believes two of three samples."""
    tree, count = world.tree, 0
    left = tree.length.copy()
    while True:
        total = left.sum()
        heaviest = int(left.argmax())
        part = within_reach(tree, heaviest, RULES.radius)
        if (left * part).sum() >= 0.999 * total or count >= MOST:
            return count, world.distance(heaviest) <= RULES.radius
        place = int(np.abs(tree.above(left) / total - 0.5).argmin())
        seen = sum(world.seen(place, chances) for _ in range(2))
        count += 2
        if seen == 1:
            count += 1
            seen += world.seen(place, chances)
        inside = np.zeros(len(left), bool)
        inside[place + 1 : tree.last[place]] = True
        left[inside != (seen >= 2)] = 0.0
        if not left.sum() > 0:
            return count, False


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield readings and successes of 200 random sources on trees of 10,000 pipes, fixed seeds."""
    chances, sources = Chances(0.95, 0.05), 40 if quick else 200
    trees = [horton_tree(PIPES, seed) for seed in range(1, 3 if quick else 6)]
    found: dict[str, list[tuple[int, bool]]] = {"ours": [], "graded": [], "walked": [], "halved": []}
    tracer = Tracer(0.0, 1.0, 1 / 3.29, 1e-3)  # a threshold half way would be wrong in 5 of 100
    start = time.perf_counter()
    for number in range(sources):
        tree = trees[number % len(trees)]
        for name, search in (
            ("ours", lambda world: searched(world, chances)),
            ("graded", lambda world: searched(world, tracer.chances(), tracer)),
            ("walked", lambda world: walked(world, chances)),
            ("halved", lambda world: halved(world, chances)),
        ):
            found[name].append(search(World(tree, np.random.default_rng(1000 + number))))
    taken = (time.perf_counter() - start) / sources
    mean = {name: float(np.mean([count for count, _ in rows])) for name, rows in found.items()}
    right = {name: 100 * float(np.mean([ok for _, ok in rows])) for name, rows in found.items()}
    yield row(
        "readings, walking up branch by branch as peer", mean["ours"], mean["walked"], "", sources, "≤ 15"
    )
    yield row("readings, halving by length as peer", mean["ours"], mean["halved"], "", sources)
    yield row("readings with a graded value", mean["graded"], mean["walked"], "", sources)
    yield row("found within 200 m, walking as peer", right["ours"], right["walked"], "%", sources, "≥ 97")
    yield row("found within 200 m, halving as peer", right["ours"], right["halved"], "%", sources)
    yield row("found within 200 m, graded value", right["graded"], right["walked"], "%", sources)
    yield row("seconds a source, all four", taken, None, "s", sources)
    if not quick:
        yield from _large()


def _large() -> Iterator[dict[str, object]]:
    """Yield the seconds of one choice on a million pipes."""
    tree = horton_tree(1_000_000, 1)
    next_manholes(tree, belief(tree, []), Chances())
    start = time.perf_counter()
    readings: list[Reading] = []
    for _ in range(12):
        known = belief(tree, readings)
        place = next_manholes(tree, known, Chances())[0].place
        readings.append(Reading(place, Chances().log_ratio(seen=bool(known.above[place] > 0.5))))
    yield row("next of 1,000,000 pipes", (time.perf_counter() - start) / 12, None, "s", 12, "≤ 1")


def row(
    name: str, ours: float, peer: float | None, unit: str, runs: int, target: str = ""
) -> dict[str, object]:
    """Return one measurement."""
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": None if not peer else peer / ours,
        "unit": unit,
        "runs": runs,
        "target": target,
        "machine": platform.machine(),
    }
