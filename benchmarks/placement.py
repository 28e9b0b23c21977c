"""What do meters tell that were placed by their use for decisions, against other ways of placing them?

Ten thousand pipes, leakage by length and 0.8 % unknown hot spots, decision units of about 3 km, meters
that are 6 % wrong. The figure is the share of the doubt about the units that is left, in closed form.
"""

import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from search import horton_tree

from wenqu.diagnosis.blocks import cut_forest
from wenqu.diagnosis.meter_bound import least_left
from wenqu.diagnosis.meter_field import MeterField, meter_field
from wenqu.diagnosis.meter_placement import Purse, place_meters
from wenqu.diagnosis.meter_sums import Sites
from wenqu.diagnosis.next_measurement import Goal
from wenqu.diagnosis.search_tree import SearchTree
from wenqu.diagnosis.tree_posterior import Prior, Rows, posterior

PIPES, HOT, ERROR = 10_000, 0.008, 0.06
LONGER = 1.6  # a pipe of the tree is 36 m, one of the real tree that was measured first 57 m
COUNTS = (20, 40, 80)
NONE = Rows(np.empty(0, int), np.empty(0, int), np.empty((0, 1)), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Town:
    """A tree with its prior and units."""

    tree: SearchTree
    length: np.ndarray
    flow: np.ndarray  # above each place, sewage included
    field: MeterField


def town(pipes: int, seed: int) -> Town:
    """Return a tree whose extraneous water is 42 % of the dry flow: half by length, half from hot spots."""
    tree = horton_tree(pipes, seed)
    length, number = tree.length * LONGER, np.arange(pipes)
    _, label = np.unique(cut_forest(tree.parent, number, length, 3000.0), return_inverse=True)
    hot = length.sum() / (HOT * pipes)
    mean = length + HOT * hot
    variance = length**2 + HOT * (2 - HOT) * hot**2
    walked = np.concatenate([[0.0], np.cumsum(mean / 0.42)])
    flow = walked[tree.last] - walked[number]
    blocks = int(label.max()) + 1
    known = posterior(Prior(mean[None], variance[None], np.zeros(1)), NONE)
    sites = Sites(number, tree.last, (ERROR * flow) ** 2, np.ones(pipes))
    goal = Goal(label.astype(np.int64), blocks, np.ones(1), np.ones(blocks))
    return Town(tree, length, flow, meter_field(known, sites, goal))


def left(here: Town, picks: list[int]) -> float:
    """Return the share of the doubt that a set of meters leaves."""
    return here.field.kept(picks).doubt() / here.field.doubt()


def most_uncertain(here: Town, count: int) -> list[int]:
    """Return the sites of the D-optimal greedy choice: each the least known one against its error."""
    found = here.field.kept([])
    for _ in range(count):
        worth = found.own / found.sites.noise
        worth[found.picks] = 0.0
        found.take(int(worth.argmax()))
    return found.picks


def even(here: Town, own: np.ndarray, count: int) -> list[int]:
    """Return the outlets of pieces that are equal by length or flow."""
    low, high = 0.0, float(own.sum())
    number = np.arange(len(own))
    for _ in range(40):
        target = (low + high) / 2
        heads = np.unique(cut_forest(here.tree.parent, number, own, target))
        low, high = (target, high) if len(heads) > count else (low, target)
    heads = np.unique(cut_forest(here.tree.parent, number, own, high))
    return heads[:count].tolist()


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield what is left after 20, 40 and 80 meters, by every way, with the bound; the mean of five trees."""
    towns = [town(PIPES, seed) for seed in range(1, 2 if quick else 6)]
    for count in COUNTS:
        rows: dict[str, list[float]] = {}
        for here in towns:
            start = time.perf_counter()
            greedy = place_meters(here.field, Purse(count), swap=False)
            seconds = time.perf_counter() - start
            ours = place_meters(here.field, Purse(count))
            rng = np.random.default_rng(count)
            guesses = [rng.choice(PIPES, count, replace=False).tolist() for _ in range(5)]
            own = here.flow - np.bincount(here.tree.parent[1:], weights=here.flow[1:], minlength=PIPES)
            told = {
                "ours": ours.left, "greedy": greedy.left, "seconds": seconds,
                "bound": float(least_left(here.field, count)[-1]),
                "D-greedy": left(here, most_uncertain(here, count)),
                "equal length": left(here, even(here, here.length, count)),
                "equal flow": left(here, even(here, own, count)),
                "largest trunks": left(here, np.argsort(-here.flow, kind="stable")[:count].tolist()),
                "random": float(np.mean([left(here, one) for one in guesses])),
            }  # fmt: skip
            for name, value in told.items():
                rows.setdefault(name, []).append(value)
        mean = {name: float(np.mean(values)) for name, values in rows.items()}
        mark = {20: "≤ 0.868", 40: "≤ 0.752", 80: "≤ 0.555"}[count]
        for name in ("D-greedy", "equal length", "equal flow", "largest trunks", "random"):
            yield row(f"doubt left by {count}, peer {name}", mean["ours"], mean[name], "", len(towns), mark)
        yield row(f"doubt left by {count}, no set leaves less", mean["ours"], mean["bound"], "", len(towns))
        yield row(f"gap to that bound, {count}", mean["ours"] - mean["bound"], None, "", len(towns))
        yield row(f"doubt left by {count} without swaps", mean["greedy"], None, "", len(towns))
        yield row(f"seconds for {count}, greedy", mean["seconds"], None, "s", len(towns), "≤ 1")


def row(
    name: str, ours: float, peer: float | None, unit: str, runs: int, target: str = ""
) -> dict[str, object]:
    """Return one measurement."""
    return {
        "name": name, "ours": ours, "peer": peer, "ratio": None if not peer else peer / ours, "unit": unit,
        "runs": runs, "target": target, "machine": platform.machine(),
    }  # fmt: skip
