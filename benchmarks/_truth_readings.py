"""What would the meters of a fictional city have read? The files of a case, and nothing of the truth."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _truth_city import DAY, HOURS, Knobs, Truth

PATTERN = np.array(
    [.55, .42, .36, .33, .34, .45, .85, 1.35, 1.5, 1.35, 1.25, 1.2,
     1.2, 1.1, 1.0, .98, 1.02, 1.15, 1.35, 1.5, 1.45, 1.25, .95, .75]
)  # fmt: skip
TRACERS = {  # mean in sewage, groundwater and river water, sd of each
    "nh3n_mg_per_l": ((40.0, 1.0, 2.0), (4.0, 0.5, 1.0)),
    "conductivity_us_per_cm": ((1000.0, 620.0, 380.0), (80.0, 60.0, 50.0)),
    "hardness_mg_per_l": ((220.0, 320.0, 120.0), (20.0, 30.0, 15.0)),
}


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


@dataclass(frozen=True)
class Forcing:
    """What moves the waters, by the hour. h hours."""

    clock: np.ndarray  # (h,) datetime64[s]
    groundwater: np.ndarray  # (h,) [m]
    stage: np.ndarray  # (h,) [m]
    rain: np.ndarray  # (h,) [mm/h]


@dataclass(frozen=True)
class Waters:
    """What flows past each meter. M meters, h hours. [m³/s]"""

    sewage: np.ndarray  # (M, h)
    ground: np.ndarray
    river: np.ndarray
    storm: np.ndarray


def observe(there: Truth, knobs: Knobs, seed: int, folder: Path) -> None:
    """Write what is known and what was read as the files of a case."""
    rng = np.random.default_rng([seed, 2])
    folder.mkdir(parents=True, exist_ok=True)
    moved = forcing(knobs, rng)
    flows = waters(there, knobs, moved, rng)
    total = flows.sewage + flows.ground + flows.river + flows.storm
    biased = 1 + knobs.bias * rng.standard_normal(len(there.meters))
    read = total * biased[:, None] * (1 + 0.03 * rng.standard_normal(total.shape))
    read[rng.random(read.shape) < 0.01] = np.nan
    for row in read:
        down = int(knobs.outages * len(row))
        start = int(rng.integers(len(row) - down))
        row[start : start + down] = np.nan
    write_known(there, folder)
    write_table(folder / "flow.csv", ["time", "meter_id", "flow_m3_per_s"], long_rows(moved.clock, read))
    if knobs.tracers:
        _write_tracers(there, knobs, moved, flows, rng, folder)
    stamps = moved.clock.astype(str).tolist()
    if knobs.levels:
        levels = zip(stamps, moved.groundwater, moved.stage, strict=True)
        write_table(
            folder / "levels.csv", ["time", "groundwater_m", "river_m"],
            [(time, f"{ground:.3f}", f"{river:.3f}") for time, ground, river in levels],
        )  # fmt: skip
    if knobs.rain:
        fallen = zip(stamps, moved.rain, strict=True)
        write_table(
            folder / "rain.csv", ["time", "rain_mm_per_h"], [(time, f"{value:.2f}") for time, value in fallen]
        )


def forcing(knobs: Knobs, rng: np.random.Generator) -> Forcing:
    """Return levels and rain."""
    hours = knobs.days * HOURS
    clock = np.datetime64("2024-01-01T00:00:00") + np.arange(hours) * np.timedelta64(3600, "s")
    season = np.arange(hours) / (365 * HOURS)
    groundwater = 3.0 + 0.25 * np.sin(2 * np.pi * season) + ar(rng, hours, 20 * HOURS, 0.15)
    stage = 2.2 + ar(rng, hours, 4 * HOURS, 0.25) + 0.05 * np.sin(2 * np.pi * np.arange(hours) / 12.4)
    rain = np.zeros(hours)
    if knobs.rain:
        for at in np.flatnonzero(rng.random(hours) < 1 / (6 * HOURS)):
            span = int(rng.integers(2, 14))
            rain[at : at + span] += rng.gamma(0.8, 2.5, len(rain[at : at + span]))
    stage += 0.02 * np.convolve(rain, np.exp(-np.arange(72) / 24))[:hours]
    return Forcing(clock, groundwater, stage, rain)


def waters(there: Truth, knobs: Knobs, moved: Forcing, rng: np.random.Generator) -> Waters:
    """Return what flows past each meter: every pipe sends its wave with its own delay."""
    areas = len(there.meters)
    own = knobs.celerity * rng.lognormal(0, 0.14, areas)[there.area]
    late = np.zeros(len(there.parent))
    for pipe, below in enumerate(there.parent):
        late[pipe] = there.length[pipe] / own[pipe] + (late[below] if below >= 0 else 0)
    pattern = PATTERN * rng.lognormal(0, 0.05, HOURS)
    wave = np.fft.rfft(pattern / pattern.mean())
    turn = -2j * np.pi * np.arange(len(wave)) / DAY
    sent = above(there, there.sewage[:, None] * np.exp(turn * late[:, None]))
    shape = np.fft.irfft(sent * np.exp(-turn * late[there.meters][:, None]) * wave, HOURS, axis=1)
    alpha = 0.8 * rng.lognormal(0, 0.3, areas)[there.area]
    beta = 1.2 * rng.lognormal(0, 0.3, areas)[there.area]
    base = above(there, np.stack([there.ground, there.ground * alpha], axis=1))
    ground = np.maximum(base[:, :1] + base[:, 1:] * (moved.groundwater - moved.groundwater.mean()), 0.0)
    wet = np.flatnonzero(there.river)
    rise = moved.stage - moved.stage.mean()
    inlet = there.river[wet, None] * np.maximum(1 + beta[wet, None] * rise, 0.0)
    inside = (there.meters[:, None] <= wet) & (wet < (there.meters + there.size[there.meters])[:, None])
    reach = above(there, there.length * rng.lognormal(0, 0.5, areas)[there.area])
    tail = sum(np.exp(-np.arange(240) / k) / k for k in (4.0, 24.0, 96.0)) / 3
    storm = np.convolve(moved.rain, tail)[: len(moved.rain)] * 2e-8 * reach[:, None]
    day = 1 + 0.03 * rng.standard_normal(knobs.days)
    week = np.where(np.arange(knobs.days) % 7 >= 5, 1.03, 1.0)
    sewage = np.tile(shape, knobs.days) * np.repeat(day * week / week.mean(), HOURS)
    return Waters(sewage, ground, inside.astype(float) @ inlet, storm)


def _write_tracers(
    there: Truth, knobs: Knobs, moved: Forcing, flows: Waters, rng: np.random.Generator, folder: Path
) -> None:
    hours, areas = len(moved.clock), len(there.meters)
    often = np.arange(3, hours, 6)
    wet = np.convolve(moved.rain, np.ones(48))[:hours][often] > 0
    inflow = np.stack([there.sewage, there.ground, there.river])
    plain = np.maximum(above(there, inflow.T), 1e-15)
    whole = flows.sewage + flows.ground + flows.river + 1e-15
    rows = []
    for tracer, (means, sds) in TRACERS.items():
        true = np.array(means) + np.array(sds) * rng.standard_normal(3)
        member = true[:, None] * np.exp(knobs.local * rng.standard_normal((3, areas)))
        at = above(there, (inflow * member[:, there.area]).T) / plain
        mixed = (flows.sewage * at[:, :1] + flows.ground * at[:, 1:2] + flows.river * at[:, 2:]) / whole
        off = 1 + knobs.tracer * rng.standard_normal(areas)
        said = mixed[:, often] * off[:, None] * (1 + 0.03 * rng.standard_normal((areas, len(often))))
        said[:, wet] = np.nan
        rows += [(time, meter, tracer, value) for time, meter, value in long_rows(moved.clock[often], said)]
    write_table(folder / "quality.csv", ["time", "meter_id", "tracer", "value"], rows)
    write_members(folder)


def write_members(folder: Path) -> None:
    """Write the end members as they are thought to be."""
    rows = [
        (kind, tracer, means[place], sds[place])
        for tracer, (means, sds) in TRACERS.items()
        for place, kind in enumerate(("sewage", "groundwater", "river"))
    ]
    write_table(folder / "endmembers.csv", ["kind", "tracer", "mean", "sd"], rows)


def write_known(there: Truth, folder: Path) -> None:
    rows = []
    for pipe, parent in enumerate(there.parent):
        below = "OUT" if parent < 0 else f"N{parent}"
        rows.append(
            (
                f"P{pipe}",
                f"N{pipe}",
                below,
                f"{there.length[pipe]:.2f}",
                "",
                f"A{there.area[pipe]}",
                there.condition[pipe],
            )
        )
    heads = ["id", "from_id", "to_id", "length_m", "diameter_m", "area_id", "condition"]
    write_table(folder / "conduits.csv", heads, rows)
    write_table(folder / "sources.csv", ["node_id", "sewage_m3_per_d", "sd_rel"],
           [(f"N{pipe}", f"{value * DAY:.5f}", 0.2) for pipe, value in enumerate(there.billed)])  # fmt: skip
    write_table(folder / "meters.csv", ["id", "conduit_id", "flow_error_rel", "bias_error_rel"],
           [(f"M{i}", f"P{pipe}", 0.03, 0.06) for i, pipe in enumerate(there.meters)])  # fmt: skip
    write_table(folder / "pattern.csv", ["hour", "factor"], list(enumerate(PATTERN / PATTERN.mean())))


def long_rows(clock: np.ndarray, values: np.ndarray) -> list[tuple[str, str, str]]:
    stamps = clock.astype(str)
    return [
        (stamps[k], f"M{i}", f"{row[k]:.8f}")
        for i, row in enumerate(values)
        for k in np.flatnonzero(~np.isnan(row))
    ]


def write_table(path: Path, heads: list[str], rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(heads)
        writer.writerows(rows)
