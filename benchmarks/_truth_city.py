"""A fictional sewer tree with a known truth, and what its meters would have read.

Nothing of Wenqu takes part here: the generator must not share the physics of the methods it judges beyond
what water does (it adds up, it takes time, it mixes).
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

HOURS = 24
DAY = 86400.0
PATTERN = np.array(
    [.55, .42, .36, .33, .34, .45, .85, 1.35, 1.5, 1.35, 1.25, 1.2,
     1.2, 1.1, 1.0, .98, 1.02, 1.15, 1.35, 1.5, 1.45, 1.25, .95, .75]
)  # fmt: skip
TRACERS = {  # mean in sewage, groundwater and river water, sd of each
    "nh3n_mg_per_l": ((40.0, 1.0, 2.0), (4.0, 0.5, 1.0)),
    "conductivity_us_per_cm": ((1000.0, 620.0, 380.0), (80.0, 60.0, 50.0)),
    "hardness_mg_per_l": ((220.0, 320.0, 120.0), (20.0, 30.0, 15.0)),
}


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
    bills: float = 0.2  # error of the expected sewage of an area
    levels: bool = True
    tracers: bool = True
    rain: bool = True


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


def tree(pipes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return parent, length, way down and size of a tree in preorder: cheapest ways over a rough grid.

    Bifurcation and length ratios of such trees lie in the range of real sewers (3 to 5 and 1.5 to 3.5).
    """
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
    length = np.maximum(rng.gamma(6, 57.5 / 6, pipes), 8.0)
    down = np.zeros(pipes)
    for pipe in range(pipes):
        down[pipe] = length[pipe] + (down[parent[pipe]] if parent[pipe] >= 0 else 0.0)
    return parent, length, down, size[preorder]


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


def truth(knobs: Knobs, seed: int) -> Truth:
    """Return a city whose every inflow is known."""
    rng = np.random.default_rng([seed, 1])
    parent, length, down, size = tree(knobs.pipes, rng)
    meters = cuts(parent, length, knobs.meters)
    area = deepest(parent, meters)
    areas = len(meters)
    dense = rng.lognormal(0, 0.35, areas)[area] * rng.gamma(1.5, 1 / 1.5, len(parent))
    made = length * dense
    made *= 0.10 / DAY * length.sum() / made.sum()
    lost = np.where(rng.random(areas) < knobs.losing, rng.uniform(0.2, 0.8, areas), 0.0)
    sewage = made * (1 - lost[area])
    billed = made * np.maximum(1 + knobs.bills * rng.standard_normal(areas), 0.2)[area]
    state = 5 + 2 * rng.standard_normal(areas)[area] + 1.5 * rng.standard_normal(len(parent))
    ground = length * np.exp(0.25 * state) * rng.lognormal(0, 0.6, areas)[area] * rng.gamma(0.4, 2.5, len(parent))
    clean = sewage.sum() * knobs.extraneous / (1 - knobs.extraneous)
    ground *= clean * (1 - knobs.river) / ground.sum()
    river = np.zeros(len(parent))
    places = rng.choice(len(parent), max(3, areas // 8), replace=False)
    river[places] = rng.pareto(1.5, len(places)) + 0.3
    river *= clean * knobs.river / max(river.sum(), 1e-12)
    seen = np.clip(np.round(state + rng.normal(0, 1.0, len(parent)), 1), 0, 10)
    return Truth(parent, length, down, size, seen, meters, area, made, billed, sewage, ground, river)


def above(there: Truth, values: np.ndarray) -> np.ndarray:
    """Return sums above each meter. (n, …) → (M, …)"""
    walked = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    return walked[there.meters + there.size[there.meters]] - walked[there.meters]


def ar(rng: np.random.Generator, size: int, memory: float, sd: float) -> np.ndarray:
    """Return a random walk that comes back, with this memory in steps."""
    keep = np.exp(-1 / memory)
    found = np.empty(size)
    now = sd * rng.standard_normal()
    for step in range(size):
        now = keep * now + sd * np.sqrt(1 - keep**2) * rng.standard_normal()
        found[step] = now
    return found


def observe(there: Truth, knobs: Knobs, seed: int, folder: Path) -> None:
    """Write what is known and what was read as the files of a case."""
    rng = np.random.default_rng([seed, 2])
    folder.mkdir(parents=True, exist_ok=True)
    pipes, areas = len(there.parent), len(there.meters)
    hours = knobs.days * HOURS
    clock = np.datetime64("2024-01-01T00:00:00") + np.arange(hours) * np.timedelta64(3600, "s")
    # forcing
    season = np.arange(hours) / (365 * HOURS)
    groundwater = 3.0 + 0.25 * np.sin(2 * np.pi * season) + ar(rng, hours, 20 * HOURS, 0.15)
    stage = 2.2 + ar(rng, hours, 4 * HOURS, 0.25) + 0.05 * np.sin(2 * np.pi * np.arange(hours) / 12.4)
    rain = np.zeros(hours)
    if knobs.rain:
        start = np.flatnonzero(rng.random(hours) < 1 / (6 * HOURS))
        for at in start:
            span = int(rng.integers(2, 14))
            rain[at : at + span] += rng.gamma(0.8, 2.5, len(rain[at : at + span]))
    stage += 0.02 * np.convolve(rain, np.exp(-np.arange(72) / 24))[:hours]
    # sewage wave at each meter: one day, from every pipe with its own delay
    own = knobs.celerity * rng.lognormal(0, 0.14, areas)[there.area]
    late = np.zeros(pipes)
    for pipe in range(pipes):
        late[pipe] = there.length[pipe] / own[pipe] + (late[there.parent[pipe]] if there.parent[pipe] >= 0 else 0)
    pattern = PATTERN * rng.lognormal(0, 0.05, HOURS)
    pattern /= pattern.mean()
    wave = np.fft.rfft(pattern)
    turn = -2j * np.pi * np.arange(len(wave)) / DAY
    parts = above(there, there.sewage[:, None] * np.exp(turn * late[:, None])) * np.exp(-turn * late[there.meters][:, None])
    shape = np.fft.irfft(parts * wave, HOURS, axis=1)  # (M, 24) [m³/s]
    # slow waters
    alpha = 0.8 * rng.lognormal(0, 0.3, areas)[there.area]
    beta = 1.2 * rng.lognormal(0, 0.3, areas)[there.area]
    mean_g, mean_r = groundwater.mean(), stage.mean()
    base = above(there, np.stack([there.ground, there.ground * alpha], axis=1))
    ground = np.maximum(base[:, :1] + base[:, 1:] * (groundwater - mean_g), 0.0)
    wet = np.flatnonzero(there.river)
    inlet = there.river[wet, None] * np.maximum(1 + beta[wet, None] * (stage - mean_r), 0.0)
    inside = (there.meters[:, None] <= wet) & (wet < (there.meters + there.size[there.meters])[:, None])
    river = inside.astype(float) @ inlet
    reach = above(there, there.length * rng.lognormal(0, 0.5, areas)[there.area])
    tail = sum(np.exp(-np.arange(240) / k) / k for k in (4.0, 24.0, 96.0)) / 3
    storm = np.convolve(rain, tail)[:hours] * 2e-8 * reach[:, None]
    day = 1 + 0.03 * rng.standard_normal(knobs.days)
    week = np.where(np.arange(knobs.days) % 7 >= 5, 1.03, 1.0)
    sewage = np.tile(shape, knobs.days) * np.repeat(day * week, HOURS)
    total = sewage + ground + river + storm
    biased = 1 + knobs.bias * rng.standard_normal(areas)
    read = total * biased[:, None] * (1 + 0.03 * rng.standard_normal(total.shape))
    read[rng.random(read.shape) < 0.01] = np.nan
    scale = _write_known(there, folder, areas)
    _table(folder / "flow.csv", ["time", "meter_id", "flow_m3_per_s"], _long(clock, read))
    if knobs.tracers:
        rows = []
        often = np.arange(3, hours, 6)
        for tracer, (means, sds) in TRACERS.items():
            true = np.array(means) + np.array(sds) * rng.standard_normal(3)
            member = true[:, None] * np.exp(knobs.local * rng.standard_normal((3, areas)))
            inflow = np.stack([there.sewage, there.ground, there.river]) * member[:, there.area]
            load = above(there, inflow.T)
            plain = above(there, np.stack([there.sewage, there.ground, there.river]).T)
            means_at = load / np.maximum(plain, 1e-15)
            mixed = (sewage * means_at[:, :1] + ground * means_at[:, 1:2] + river * means_at[:, 2:]) / (
                sewage + ground + river + 1e-15
            )
            off = 1 + knobs.tracer * rng.standard_normal(areas)
            said = mixed[:, often] * off[:, None] * (1 + 0.03 * rng.standard_normal((areas, len(often))))
            wet_hour = np.convolve(rain, np.ones(48))[:hours][often] > 0
            said[:, wet_hour] = np.nan
            rows += [(*row[:2], tracer, row[2]) for row in _long(clock[often], said)]
        _table(folder / "quality.csv", ["time", "meter_id", "tracer", "value"], rows)
        _table(
            folder / "endmembers.csv", ["kind", "tracer", "mean", "sd"],
            [(kind, tracer, means[i], sds[i]) for tracer, (means, sds) in TRACERS.items()
             for i, kind in enumerate(("sewage", "groundwater", "river"))],
        )  # fmt: skip
    if knobs.levels:
        _table(folder / "levels.csv", ["time", "groundwater_m", "river_m"],
               [(str(t), f"{g:.3f}", f"{r:.3f}") for t, g, r in zip(clock, groundwater, stage, strict=True)])  # fmt: skip
    if knobs.rain:
        _table(folder / "rain.csv", ["time", "rain_mm_per_h"], [(str(t), f"{v:.2f}") for t, v in zip(clock, rain, strict=True)])
    del scale


def _write_known(there: Truth, folder: Path, areas: int) -> None:
    rows = []
    for pipe, parent in enumerate(there.parent):
        below = "OUT" if parent < 0 else f"N{parent}"
        rows.append((f"P{pipe}", f"N{pipe}", below, f"{there.length[pipe]:.2f}", "", f"A{there.area[pipe]}", there.condition[pipe]))
    heads = ["id", "from_id", "to_id", "length_m", "diameter_m", "area_id", "condition"]
    _table(folder / "conduits.csv", heads, rows)
    _table(folder / "sources.csv", ["node_id", "sewage_m3_per_d", "sd_rel"],
           [(f"N{pipe}", f"{value * DAY:.5f}", 0.2) for pipe, value in enumerate(there.billed)])  # fmt: skip
    _table(folder / "meters.csv", ["id", "conduit_id", "flow_error_rel", "bias_error_rel"],
           [(f"M{i}", f"P{pipe}", 0.03, 0.06) for i, pipe in enumerate(there.meters)])  # fmt: skip
    _table(folder / "pattern.csv", ["hour", "factor"], list(enumerate(PATTERN / PATTERN.mean())))


def _long(clock: np.ndarray, values: np.ndarray) -> list[tuple[str, str, str]]:
    stamps = clock.astype(str)
    return [
        (stamps[k], f"M{i}", f"{row[k]:.6f}")
        for i, row in enumerate(values)
        for k in np.flatnonzero(~np.isnan(row))
    ]


def _table(path: Path, heads: list[str], rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(heads)
        writer.writerows(rows)


def write_truth(there: Truth, path: Path) -> None:
    """Write the sums by area, apart from the case. [m³/d]"""
    areas = len(there.meters)
    sums = {
        name: (np.bincount(there.area, values, areas) * DAY).tolist()
        for name, values in (
            ("sewage", there.sewage), ("groundwater", there.ground), ("river", there.river),
            ("missing", there.made - there.sewage),
        )
    }  # fmt: skip
    path.write_text(json.dumps({f"A{i}": {k: v[i] for k, v in sums.items()} for i in range(areas)}))
