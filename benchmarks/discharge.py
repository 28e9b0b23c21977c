"""How near does a trace come to a discharge that sensors saw, against the highest sensor that saw it?"""

import platform
import time
from collections.abc import Iterator

import numpy as np
from search import horton_tree

from wenqu.diagnosis.discharge_trace import Signal, Trace, Wave, depths, trace_discharge
from wenqu.diagnosis.search_next import next_manholes
from wenqu.diagnosis.search_readings import Chances
from wenqu.diagnosis.search_region import Region, region
from wenqu.diagnosis.search_state import Belief, Reading, belief
from wenqu.diagnosis.search_tree import SearchTree

STEP, STEPS = 300.0, 240  # [s], 20 hours


class Spill:
    """One hidden pulse: simulated particle by particle, not with the kernels of the trace.

    Celerity, spread, the sensors' clocks and their gain are wrong by amounts that the trace does not know.
    """

    def __init__(self, tree: SearchTree, sensors: np.ndarray, rng: np.random.Generator) -> None:
        """Let something in above some sensor."""
        self.tree, below = tree, depths(tree)
        users = rng.choice(len(tree.parent), len(tree.parent) // 10, replace=False)
        self.prior = np.where(np.isin(np.arange(len(tree.parent)), users), 9.0, 0.2) * (tree.length > 0)
        seen = np.zeros(len(tree.parent), bool)
        for sensor in sensors:
            seen[sensor + 1 : tree.last[sensor]] = True
        weight = self.prior * seen
        self.place = int(rng.choice(len(tree.parent), p=weight / weight.sum()))
        self.start = int(rng.integers(20, 100))
        length, factor = rng.uniform(600, 4800), rng.uniform(0.85, 1.15)
        flow = 0.002 * tree.above(tree.length) / 100 + 0.002  # [m³/s]
        amount = rng.lognormal(np.log(400), 0.5) * 30
        spread = 60 * rng.lognormal(0, 0.6)  # [s] variance a second of travel
        out = self.start * STEP + rng.uniform(0, length, 20_000)
        self.signals = []
        for sensor in sensors:
            clean = np.zeros(STEPS)
            if sensor < self.place < tree.last[sensor]:
                way = below[self.place] - rng.uniform() * tree.step[self.place] - below[sensor]
                travel = way / (0.6 * factor)
                arrived = out + rng.normal(travel, np.sqrt(spread * travel), len(out)) + rng.normal(0, 60)
                cells = np.histogram(arrived, (np.arange(STEPS + 1) - 0.5) * STEP)[0]
                clean = rng.normal(1, 0.08) * amount * cells / len(out) / STEP / flow[sensor]
            noisy = clean + rng.normal(0, 0.02 * 800, STEPS)  # 2 % of 800 µS/cm
            self.signals.append(Signal(int(sensor), "conductivity", noisy, float(flow[sensor]), 16.0, 6000.0))

    def traced(self) -> tuple[Trace, Region]:
        """Return the trace and its 90 % region."""
        found = trace_discharge(self.tree, self.signals, STEP, wave=Wave(), prior=self.prior)
        return found, region(self.tree, Belief(found.mass, self.tree.above(found.mass)), 0.9)

    def followed(self, found: Trace, rng: np.random.Generator) -> tuple[float, bool]:
        """Return the 90 % region after six samples, one in twenty wrong, and whether it holds the place."""
        readings: list[Reading] = []
        chances = Chances()
        for _ in range(6):
            known = belief(self.tree, readings, prior=found.mass)
            place = next_manholes(self.tree, known, chances)[0].place
            above = place < self.place < self.tree.last[place]
            seen = bool(rng.uniform() < (chances.hit if above else chances.false))
            readings.append(Reading(place, chances.log_ratio(seen=seen)))
        near = region(self.tree, belief(self.tree, readings, prior=found.mass), 0.9)
        return near.length, self.place in near.places

    def nearest(self) -> float:
        """Return the length above the highest sensor that saw it and above no other: the usual answer."""
        saw = [one for one in self.signals if one.departure.max() > 5 * 16]
        if not saw:
            return float(self.tree.length.sum())
        top = max(saw, key=lambda one: one.place).place
        left = np.zeros(len(self.tree.parent), bool)
        left[top + 1 : self.tree.last[top]] = True
        for one in self.signals:
            if one not in saw and one.place > top:
                left[one.place + 1 : self.tree.last[one.place]] = False
        return float(self.tree.length[left].sum())


def sensors_of(tree: SearchTree, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return places for sensors: spread over the trunks, none on the last pipes of a street."""
    large = np.flatnonzero(tree.last - np.arange(len(tree.parent)) > len(tree.parent) / count / 3)
    return np.sort(rng.choice(large, min(count, len(large)), replace=False))


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield rank, region and coverage over generated pulses, fixed seeds."""
    count, pipes = (20, 1000) if quick else (100, 2000)
    tree = horton_tree(pipes, 3)
    rows, taken = [], 0.0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        spill = Spill(tree, sensors_of(tree, 30, rng), rng)
        start = time.perf_counter()
        found, near = spill.traced()
        taken += time.perf_counter() - start
        rank = int((found.mass > found.mass[spill.place]).sum()) + 1
        late = abs(found.start[spill.place] - spill.start)
        after = spill.followed(found, rng)
        rows.append((rank, near.length, spill.place in near.places, spill.nearest(), late, *after))
    told = np.array(rows, dtype=float)
    yield row("rank of the true place, median", float(np.median(told[:, 0])), None, "", count)
    yield row("true place among the first five", 100 * float((told[:, 0] <= 5).mean()), None, "%", count)
    peer = float(np.median(told[:, 3]))
    yield row("90 % region, median; above the sensor as peer", float(np.median(told[:, 1])), peer, "m", count)
    yield row("... after six samples", float(np.median(told[:, 5])), peer, "m", count, "< 300")
    yield row("true place in it after six samples", 100 * float(told[:, 6].mean()), None, "%", count)
    yield row("true place in the 90 % region", 100 * float(told[:, 2].mean()), None, "%", count, "≥ 85")
    yield row("error of the start, median", float(np.median(told[:, 4])) * STEP / 60, None, "min", count)
    yield row(f"seconds a trace, {pipes:,} pipes", taken / count, None, "s", count)


def row(
    name: str, ours: float, peer: float | None, unit: str, runs: int, target: str = ""
) -> dict[str, object]:
    """Return one measurement."""
    return {
        "name": name, "ours": ours, "peer": peer, "ratio": None if not peer else peer / ours, "unit": unit,
        "runs": runs, "target": target, "machine": platform.machine(),
    }  # fmt: skip
