"""A case on any tree of conduits of 300 m, drawn as one likes: the map may differ from what is true."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from wenqu.diagnosis.night_sewage import default_pattern

DAY, HOURS, DAYS, SPEED, LENGTH = 86400.0, 24, 45, 0.6, 300.0
AMMONIA = {"sewage": 40.0, "groundwater": 1.0, "river": 2.0}
Tree = dict[str, str]  # conduit → the conduit below, "" at the outlet


def write_tables(folder: Path, tables: Mapping[str, list[dict[str, object]]]) -> Path:
    """Write the tables of a case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def comb(teeth: int = 5, pipes: int = 4) -> tuple[Tree, dict[str, str]]:
    """Return a trunk with side lines, and the area of each conduit: T, A, B, C …"""
    tree = {f"T{n}": f"T{n - 1}" if n else "" for n in range(teeth)}
    area = dict.fromkeys(tree, "T")
    for tooth in range(teeth):
        name = chr(ord("A") + tooth)
        for n in range(pipes):
            tree[f"{name}{n}"] = f"{name}{n - 1}" if n else f"T{tooth}"
            area[f"{name}{n}"] = name
    return tree, area


def write(
    folder: Path, drawn: Tree, true: Tree, area: Mapping[str, str], sewage: Mapping[str, float],
    ground: Mapping[str, float], *, seed: int = 3, bills: float = 0.1,
) -> Path:  # fmt: skip
    """Write a case whose readings come from the true tree. Waters by area. [m³/d]"""
    chance = np.random.default_rng(seed)
    areas = sorted(set(area.values()))
    size = {name: sum(one == name for one in area.values()) for name in areas}
    clock = np.datetime64("2024-03-01T00:00:00") + np.arange(DAYS * HOURS) * np.timedelta64(3600, "s")
    wave, order = np.fft.rfft(default_pattern()), np.arange(13)
    day = np.repeat(1 + 0.02 * chance.standard_normal(DAYS), HOURS)
    flow, quality = [], []
    for name in areas:
        meter = f"{name}0"
        shape, steady = np.zeros(13, complex), 0.0
        for pipe, own in area.items():
            late, at = LENGTH, pipe
            while at not in {meter, ""}:
                at = true[at]
                late += LENGTH
            if at == meter:
                turn = np.exp(-2j * np.pi * order * (late - LENGTH) / SPEED / DAY)
                shape += wave * turn * sewage[own] / size[own]
                steady += ground[own] / size[own]
        foul = np.tile(np.fft.irfft(shape, HOURS), DAYS) * day
        total = (foul + steady) * (1 + 0.01 * chance.standard_normal(len(clock)))
        mixed = (AMMONIA["sewage"] * foul + AMMONIA["groundwater"] * steady) / (foul + steady)
        flow += [
            {"time": str(time), "meter_id": f"M{name}", "flow_m3_per_s": value / DAY}
            for time, value in zip(clock, total, strict=True)
        ]
        quality += [
            {"time": str(clock[at]), "meter_id": f"M{name}", "tracer": "nh3n_mg_per_l", "value": mixed[at]}
            for at in range(5, len(clock), 6)
        ]
    off = {name: 1 + bills * chance.standard_normal() for name in areas}
    tables = {
        "conduits.csv": [
            {"id": pipe, "from_id": f"N{pipe}", "to_id": f"N{below}" if below else "OUT",
             "length_m": LENGTH, "area_id": area[pipe], "condition": 5}
            for pipe, below in drawn.items()
        ],
        "sources.csv": [
            {"node_id": f"N{pipe}", "sewage_m3_per_d": off[own] * sewage[own] / size[own], "sd_rel": 0.15}
            for pipe, own in area.items()
        ],
        "meters.csv": [
            {"id": f"M{name}", "conduit_id": f"{name}0", "flow_error_rel": 0.03, "bias_error_rel": 0.04}
            for name in areas
        ],
        "flow.csv": flow,
        "quality.csv": quality,
        "endmembers.csv": [
            {"kind": kind, "tracer": "nh3n_mg_per_l", "mean": mean, "sd": 0.05 * mean}
            for kind, mean in AMMONIA.items()
        ],
        "pattern.csv": [{"hour": hour, "factor": factor} for hour, factor in enumerate(default_pattern())],
    }  # fmt: skip
    return write_tables(folder, tables)
