"""Where should a city's next meters stand: how many, for how much, and what would they tell?"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from wenqu.diagnosis.blocks import Blocks, blocks
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.meter_field import meter_field
from wenqu.diagnosis.meter_placement import Pick, Placement, Purse, place_meters
from wenqu.diagnosis.meter_sums import Sites
from wenqu.diagnosis.next_measurement import Goal
from wenqu.diagnosis.observation_rows import above as sums_above
from wenqu.diagnosis.observation_rows import expected_split, observation_rows, usable_tracers
from wenqu.diagnosis.tree_posterior import Posterior, posterior
from wenqu.errors import BadInput, NotEnoughData
from wenqu.progress import Progress, part, silent
from wenqu.services.dry_weather import DryWeather, dry_weather
from wenqu.services.meter_sites import CitySites, city_sites, read_sites
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
DOCUMENT = "diagnosis/placement.json"
MEDIA = "application/json"
STAKES = ("water", "bod")
MOST = 1000  # meters that can be asked for
DAY = 86400.0
CLEAN = 0.005  # [kg/m³] BOD5 of clean water where the city's table does not say


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    meters: int = 10
    budget: float = 0.0  # [yuan] 0: as many as asked for, whatever they cost
    stake: str = "water"  # a m³ counts the same everywhere, or by the kg BOD5 that a plant misses by it
    unit: float = 0.0  # [m] sewer length of a unit that is decided on, 0: the default
    error: float = 0.0  # [-] of a reading, 0: the default
    sites: str = ""  # CSV of the city: id, cost_yuan, access


def place_city_meters(
    store: Store, city: str, wanted: Wanted, *, who: str, progress: Progress = silent
) -> dict[str, Any]:
    """Choose where a city's next meters should stand, and file the choice as a document of the city.

    Raises
    ------
    BadInput
        More meters than can be asked for, a budget, unit or error that cannot be, an unknown stake.
    NotEnoughData
        There is no manhole for a meter or nothing that a meter could tell.
    """
    wanted = check_wanted(wanted)
    given = read_sites(wanted.sites)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    dry = dry_weather(store, city, who=who, at=at)
    progress(0.5)
    result = _known(dry)
    measured = np.array([one.node for one in dry.observers if one.placed], dtype=np.int64)
    sites = city_sites(dry.there, measured, given, len(result.rows) + wanted.meters)
    units = blocks(dry.there.topology, dry.there.order, _length(dry), wanted.unit)
    if not len(sites.node):
        raise NotEnoughData("placement", sites=0, units=len(units.head))
    field = meter_field(result, _priced(result, sites, wanted.error), _goal(dry, units, wanted.stake))
    progress(0.6)
    purse = Purse(min(wanted.meters, len(sites.node)), wanted.budget or np.inf)
    found = place_meters(field, purse, progress=part(progress, 0.6, 0.98))
    if not found.doubt > 0:
        raise NotEnoughData("placement", sites=len(sites.node), units=len(units.head))
    told = _told(dry, (result, sites, units), found, wanted)
    with store.change(city, who=who, why="place meters") as change:
        change.write_document(DOCUMENT, orjson.dumps(told), MEDIA)
    progress(1.0)
    return told


def check_wanted(wanted: Wanted) -> Wanted:
    """Return what is asked for with the defaults filled in.

    Raises
    ------
    BadInput
        It cannot be.
    """
    good = (
        1 <= wanted.meters <= MOST
        and 0 <= wanted.budget <= 1e12
        and wanted.stake in STAKES
        and (wanted.unit == 0 or 100 <= wanted.unit <= 1e6)
        and 0 <= wanted.error < 1
    )
    if not good:
        raise BadInput(
            "placement-wanted", meters=wanted.meters, most=MOST, budget=wanted.budget, stake=wanted.stake,
            stakes=", ".join(STAKES), unit=wanted.unit, error=wanted.error,
        )  # fmt: skip
    return replace(
        wanted, unit=wanted.unit or default("block_length"),
        error=wanted.error or default("placed_meter_error"),
    )  # fmt: skip


def _length(dry: DryWeather) -> Floats:
    return np.where(dry.there.counted, dry.there.length, 0.0)


def _known(dry: DryWeather) -> Posterior:
    """Return what the meters that stand tell of every pipe: only its covariances are used."""
    tracers, _ = usable_tracers(dry.sightings, dry.table)
    split = expected_split(dry.sightings, sums_above(dry.prior.mean, dry.sightings))
    return posterior(dry.prior, observation_rows(dry.sightings, tracers, dry.table, split))


def _priced(result: Posterior, sites: CitySites, error: float) -> Sites:
    plain = Sites(sites.first, sites.last, np.ones(len(sites.node)), sites.cost)
    flow = np.maximum(plain.sums(result.mean.sum(axis=0)), 0.0)
    return replace(plain, noise=(error * flow) ** 2 + 1e-14)


def _goal(dry: DryWeather, units: Blocks, stake: str) -> Goal:
    """Return the units with what a doubt about the clean water of each costs."""
    count = len(units.head)
    weight = np.ones(count)
    if stake == "bod":
        weight = _bod_weight(dry, units)
    label = np.where(dry.there.counted, units.of_pipe, -1)
    return Goal(label, count, np.array([0.0, 1.0, 1.0]), weight)


def _bod_weight(dry: DryWeather, units: Blocks) -> Floats:
    """Return by unit the square of the kg BOD5 that its plant misses for each m³ of clean water."""
    table = dry.there.network.table("plant")
    targets = dict(zip(table.ids.astype(str).tolist(), table.column("bod_target").tolist(), strict=True))
    member = dry.table["groundwater", "bod5"].mean if ("groundwater", "bod5") in dry.table else CLEAN
    found = np.zeros(len(units.head))
    plants = dry.there.plant
    for node in np.unique(plants[plants >= 0]).tolist():
        target = targets.get(str(dry.there.topology.node_ids[node]), np.nan)
        lacks = (0.1 if np.isnan(target) else float(target)) - member
        found[np.unique(units.of_pipe[plants == node])] = max(lacks, 0.0) ** 2
    return found


def _told(
    dry: DryWeather, known: tuple[Posterior, CitySites, Blocks], found: Placement, wanted: Wanted
) -> dict[str, Any]:
    result, sites, units = known
    topology = dry.there.topology
    walked = np.concatenate([[0.0], np.cumsum(_length(dry))])
    flows = np.concatenate([[0.0], np.cumsum(result.mean.sum(axis=0))])

    def row(rank: int, pick: Pick) -> dict[str, Any]:
        low, high = int(sites.first[pick.site]), int(sites.last[pick.site])
        outlet = topology.node_order[topology.order_start[topology.tin[units.head[pick.block]]]]
        return {
            "rank": rank,
            "asset": f"manhole/{topology.node_ids[sites.node[pick.site]]}",
            "taken": pick.taken, "left": pick.left, "bound": float(found.bound[rank]),
            "cost_yuan": float(sites.cost[pick.site]),
            "above_m": float(walked[high] - walked[low]),
            "flow_m3_per_d": float(flows[high] - flows[low]) * DAY,
            "flow_sd_m3_per_d": pick.flow_sd * DAY,
            "unit_outlet": f"{topology.node_type[outlet]}/{topology.node_ids[outlet]}",
            "unit_m": float(units.length[pick.block]),
            "unit_sd_before_m3_per_d": pick.sd_before * DAY,
            "unit_sd_after_m3_per_d": pick.sd_after * DAY,
        }  # fmt: skip

    return {
        "at": dry.stamp.at, "by": dry.stamp.by, "version": dry.stamp.version,
        "simulated": dry.stamp.simulated,
        "wanted": {**asdict(wanted), "sites": bool(wanted.sites.strip())},
        "standing": len(dry.sightings), "sites": len(sites.node), "sites_left_out": sites.thinned,
        "unknown_sites": list(sites.unknown[:20]), "units": len(units.head),
        "picks": [row(rank, pick) for rank, pick in enumerate(found.picks, start=1)],
        "left": found.left, "gap": found.gap, "cost_yuan": found.cost, "swaps": found.swaps,
    }  # fmt: skip
