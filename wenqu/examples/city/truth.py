"""What is true beneath the example city? Written beside the store, read by tests and benchmarks alone."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.errors import FileMissing
from wenqu.examples.city.below import sums_above
from wenqu.examples.city.land import Floats
from wenqu.examples.city.mixing import DECAY, TRACERS, WATERS, strengths
from wenqu.examples.city.sums import sums
from wenqu.examples.city.whole import ExampleCity

ARRAYS = "truth.npz"
FACTS = "truth.json"
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Truth:
    """Means of the year to 2025-06-30, SI. C conduits, B blocks, P plants, M meters, R river places."""

    conduit: Texts  # (C,) ids of the conduits along streets
    groundwater: Floats  # (C,) what enters each [m³/s]
    generated: Floats  # (C,) sewage of the users at its upper manhole, wherever it goes [m³/s]
    sewage: Floats  # (C,) sewage that arrives there [m³/s]
    river: Floats  # (C,) [m³/s]
    block: Texts  # (B,)
    block_generated: Floats  # (B,) [m³/s]
    block_lost: Floats  # (B,) never connected or gone on the way [m³/s]
    plant: Texts  # (P,)
    plant_parts: Floats  # (4, P) by WATERS [m³/s]
    plant_celerity: Floats  # (P,) [m/s]
    meter: Texts  # (M,)
    meter_parts: Floats  # (4, M) by WATERS [m³/s]
    meter_dry: Floats  # (4, M) the same on dry days: no rain on the day and the two before it [m³/s]
    meter_bias: Floats  # (M,) [-]
    place: Texts  # (R,) manhole where the river enters
    place_flow: Floats  # (R,) [m³/s]

    @property
    def extraneous_share(self) -> float:
        """Groundwater and river over all that the plants receive in dry weather. [-]"""
        clean = self.plant_parts[1:3].sum()
        return float(clean / (clean + self.plant_parts[0].sum()))


def truth(city: ExampleCity) -> Truth:
    """Return the truth of a city."""
    balance, pipes, way = city.grown.balance, city.laid.pipes, city.laid.way
    size = len(pipes.x)
    plants = np.flatnonzero(city.points.kind == 2)
    ground = sums_above(way, sums(pipes.start, balance.groundwater, size))
    sewage = sums_above(way, balance.sewage)
    river = sums_above(way, sums(balance.intrusion, balance.intrusion_flow, size))
    at = city.points.manhole
    rain = city.sources.rain.mean(axis=1)
    parts = np.stack([sewage[at], ground[at], river[at], city.sources.upstream.astype(np.float64) @ rain])
    sent = _by_conduit(city, balance.generated)
    block_generated = sums(city.grown.blocks.of, balance.generated, len(city.grown.blocks.x))
    arrived = sums(city.grown.blocks.of, balance.sewage, len(city.grown.blocks.x))
    return Truth(
        city.conduits,
        balance.groundwater,
        sent,
        _by_conduit(city, balance.sewage),
        _by_conduit(city, sums(balance.intrusion, balance.intrusion_flow, size)),
        np.array([f"DY{row + 1:04d}" for row in range(len(city.grown.blocks.x))], dtype=object),
        block_generated,
        block_generated - arrived,
        np.array(city.plants, dtype=object),
        parts[:, plants],
        city.sources.celerity,
        np.array(city.meters, dtype=object),
        parts,
        np.stack([sewage[at], *_dry_parts(city)]),
        city.sources.bias,
        city.manholes[balance.intrusion],
        balance.intrusion_flow,
    )


def dry_hours(rain: Floats) -> npt.NDArray[np.bool_]:
    """Return the hours of days without a millimetre of rain on them and on the two days before. (T,)"""
    wet = (rain.reshape(-1, 24).sum(axis=1) * 3600) >= 1e-3
    touched = wet | np.append(False, wet[:-1]) | np.append([False, False], wet[:-2])
    return np.repeat(~touched, 24)


def _dry_parts(city: ExampleCity) -> tuple[Floats, Floats, Floats]:
    """Return groundwater, river and rain past every measured place on dry days. (M,) each [m³/s]"""
    given, sky = city.sources, city.grown.sky
    past, dry = given.upstream.astype(np.float64), dry_hours(sky.rain)
    # groundwater is a table over the water table's steps: its mean is one weight a step
    weights = np.array(
        [np.interp(sky.water_table[dry], given.steps, unit).mean() for unit in np.eye(len(given.steps))]
    )
    river = sums(given.river_area, given.river[:, dry].mean(axis=1), len(past))
    return past @ (given.groundwater @ weights), past @ river, past @ given.rain[:, dry].mean(axis=1)


def _by_conduit(city: ExampleCity, at_manhole: Floats) -> Floats:
    """Return what enters at manholes by the conduit that leaves them; a station's or plant's is left out."""
    found = np.zeros(len(city.conduits))
    there = city.laid.way.conduit >= 0
    found[city.laid.way.conduit[there]] = at_manhole[there]
    return found


def write_truth(city: ExampleCity, folder: Path) -> None:
    """Write the truth into a folder of its own: arrays, and tables that a person can read."""
    folder.mkdir(parents=True, exist_ok=True)
    found = truth(city)
    columns = {name: getattr(found, name) for name in Truth.__slots__}
    arrays = {name: value.astype(str) if value.dtype == object else value for name, value in columns.items()}
    np.savez_compressed(folder / ARRAYS, **arrays)
    ends = {
        kind: {name: float(value) for name, value in zip(TRACERS, strengths(kind)[0], strict=True)}
        for kind in WATERS
    }
    facts = {
        "seed": city.seed,
        "conduits": len(city.network.table("conduit")),
        "period": ["2024-07-01", "2025-06-30"],
        "extraneous_share": found.extraneous_share,
        "end_members_si": ends,
        "decay_per_hour_at_20_degrees": dict(zip(TRACERS, DECAY, strict=True)),
        "simulated": True,
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _table(folder / "plants.csv", ("plant", *WATERS), zip(found.plant, *found.plant_parts, strict=True))
    _table(
        folder / "meters.csv",
        ("meter", "bias", *WATERS),
        zip(found.meter, found.meter_bias, *found.meter_parts, strict=True),
    )
    _table(folder / "river_places.csv", ("manhole", "flow"), zip(found.place, found.place_flow, strict=True))
    _table(
        folder / "blocks.csv",
        ("block", "generated", "lost"),
        zip(found.block, found.block_generated, found.block_lost, strict=True),
    )
    _table(folder / "flaws.csv", ("type", "id", "what"), ((one.type, one.id, one.what) for one in city.flaws))


def _table(path: Path, header: tuple[str, ...], lines: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)  # type: ignore[arg-type]


def read_truth(folder: Path) -> Truth:
    """Read the truth back. For tests and benchmarks alone: no method may know it.

    Raises
    ------
    FileMissing
        The folder holds no truth.
    """
    path = folder / ARRAYS
    if not path.is_file():
        raise FileMissing(path=str(path))
    with np.load(path, allow_pickle=False) as arrays:
        columns = {
            name: arrays[name].astype(object) if arrays[name].dtype.kind == "U" else arrays[name]
            for name in Truth.__slots__
        }
    return Truth(**columns)
