"""A case whose water divides below its first area: what is made and enters is known."""

from pathlib import Path

import numpy as np

from tests.services.tree_case import AMMONIA, DAY, DAYS, HOURS, SPEED, write_tables
from wenqu.diagnosis.night_sewage import default_pattern

SEWAGE = {"A": 3000.0, "B": 1200.0, "C": 900.0}  # [m³/d]
GROUND = {"A": 1500.0, "B": 300.0, "C": 800.0}
PIPES = 4  # of 300 m in each area


def write(
    folder: Path, taken: float, *, meters: str = "ABC", tank: float = 0.0, hidden: bool = False, seed: int = 5
) -> Path:
    """Write a case: area A's water divides at node S, this share to area B, the rest to area C.

    Parameters
    ----------
    meters
        Areas that have a meter at their lower end.
    tank
        Hours that water stays in a tank at S.
    hidden
        Whether the file of conduits leaves the branch to C out.
    """
    chance = np.random.default_rng(seed)
    conduits = [row for area in "ABC" for row in _line(area)]
    if hidden:
        conduits = [row for row in conduits if row["id"] != "C0"]
    sources = [
        {"node_id": f"{area}{n}", "sewage_m3_per_d": SEWAGE[area] / PIPES, "sd_rel": 0.2}
        for area in "ABC"
        for n in range(1 if area != "A" else 0, PIPES + (area != "A"))
        if n < PIPES or area != "A"
    ]
    day = np.repeat(1 + 0.01 * chance.standard_normal(DAYS), HOURS)
    shapes = {area: _shape(area, taken, tank) for area in "ABC"}
    steady = {
        "A": GROUND["A"],
        "B": taken * GROUND["A"] + GROUND["B"],
        "C": (1 - taken) * GROUND["A"] + GROUND["C"],
    }  # fmt: skip
    clock = np.datetime64("2024-03-01T00:00:00") + np.arange(DAYS * HOURS) * np.timedelta64(3600, "s")
    flow, quality = [], []
    for area in meters:
        foul = np.tile(shapes[area], DAYS) * day
        total = foul + steady[area]
        mixed = (AMMONIA["sewage"] * foul + AMMONIA["groundwater"] * steady[area]) / total
        read = total * (1 + 0.01 * chance.standard_normal(len(total)))
        flow += [
            {"time": str(time), "meter_id": f"M{area}", "flow_m3_per_s": value / DAY}
            for time, value in zip(clock, read, strict=True)
        ]
        quality += [
            {"time": str(clock[at]), "meter_id": f"M{area}", "tracer": "nh3n_mg_per_l", "value": mixed[at]}
            for at in range(5, len(clock), 6)
        ]
    tables = {
        "conduits.csv": conduits,
        "sources.csv": sources,
        "meters.csv": [
            {"id": f"M{area}", "conduit_id": f"{area}{PIPES - (area == 'A')}", "flow_error_rel": 0.03,
             "bias_error_rel": 0.03}
            for area in meters
        ],
        "flow.csv": flow,
        "quality.csv": quality,
        "endmembers.csv": [
            {"kind": kind, "tracer": "nh3n_mg_per_l", "mean": mean, "sd": 0.05 * mean}
            for kind, mean in AMMONIA.items()
        ],
        "pattern.csv": [{"hour": hour, "factor": factor} for hour, factor in enumerate(default_pattern())],
    }  # fmt: skip
    if tank:
        through = (SEWAGE["A"] + GROUND["A"]) / HOURS
        tables["storages.csv"] = [{"node_id": "S", "volume_m3": 2 * tank * through}]
    return write_tables(folder, tables)


def _line(area: str) -> list[dict[str, object]]:
    """Return the conduits of an area: A ends in S, B and C begin there."""
    names = [f"{area}{n}" for n in range(PIPES + (area != "A"))]
    names = [*names, "S"] if area == "A" else ["S", *names[1:], f"{area}out"]
    return [
        {"id": f"{area}{n}", "from_id": names[n], "to_id": names[n + 1], "length_m": 300.0, "area_id": area,
         "condition": 5}
        for n in range(len(names) - 1)
    ]  # fmt: skip


def _shape(area: str, taken: float, tank: float) -> np.ndarray:
    """Return the day of sewage at the meter of an area. (24,) [m³/d]"""
    wave = np.fft.rfft(default_pattern())
    order = np.arange(len(wave))
    flat = 1 / (1 + 2j * np.pi * order * tank / HOURS)

    def late(way: float) -> np.ndarray:
        return np.exp(-2j * np.pi * order * way / SPEED / DAY)

    upper = sum(late(300.0 * (PIPES - n)) for n in range(PIPES)) * SEWAGE["A"] / PIPES
    if area == "A":
        return np.fft.irfft(wave * (upper * np.exp(2j * np.pi * order * 300.0 / SPEED / DAY)), HOURS)
    share = taken if area == "B" else 1 - taken
    own = sum(late(300.0 * (PIPES - n)) for n in range(PIPES)) * SEWAGE[area] / PIPES
    return np.fft.irfft(wave * (share * upper * flat * late(300.0 * PIPES) + own), HOURS)
