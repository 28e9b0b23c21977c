"""What does the folder of a case hold: a network, expected sewage, meters, readings, levels, rain?

The contract stands in docs/guide (diagnose). Whatever cannot be used is an Issue with its file and line; the
rest is used.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.model import City, Network, assets
from wenqu.series.model import Series
from wenqu.services.case_members import Members, completed, river_is_told
from wenqu.services.case_pattern import pattern_of
from wenqu.services.case_readings import forward, level_of, optional_table, readings
from wenqu.services.case_tables import read_table

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]
DAY = 86400.0
WATERS = ("sewage", "groundwater", "river")
LENGTH, CONDITION = 30.0, 5.0  # [m], [-] where a conduit does not say
SUREST = 0.05  # [-] no bill says more exactly how much sewage is made: the water used is not all returned
USUAL = 0.05  # [-] error of a meter that does not say
EXACT = 0.01  # [-] nor does any meter in a sewer err less


@dataclass(frozen=True, slots=True)
class CaseMeter:
    """A flow meter on a conduit."""

    id: str
    conduit: str
    flow_error: float  # [-] 1 sd
    bias_error: float  # [-] 1 sd


@dataclass
class Case:
    """A case as read. n conduits."""

    network: Network
    conduits: Names  # (n,) ids, in the order of the file
    area: Names  # (n,) area of each, "" for none
    condition: Floats  # (n,) 0 good … 10 bad
    sources: dict[str, tuple[float, float]]  # node → sewage [m³/s], sd [m³/s]
    meters: list[CaseMeter]
    flow: dict[str, Series]  # by meter
    quality: dict[tuple[str, str], Series]  # by meter and tracer, in the unit of the file
    members: Members
    pattern: Floats  # (24,) mean 1
    pattern_known: bool  # the case has its own
    groundwater: Series | None = None  # [m]
    river: Series | None = None  # [m]
    rain: Series | None = None  # [m/s]
    river_told: bool = True  # whether any end member or level is a river's
    issues: list[Issue] = field(default_factory=list)
    tanks: dict[str, float] = field(default_factory=dict)  # node → volume [m³]


def read_case(folder: Path) -> Case:
    """Return the case of a folder.

    Raises
    ------
    FileUnreadable
        ``conduits.csv`` cannot be used at all. Of every other file what is missing is an Issue.
    """
    issues: list[Issue] = []
    network, conduits, area, condition = _conduits(folder / "conduits.csv", issues)
    members = _members(folder, issues)
    meters, known = _meters(folder, set(conduits.tolist()), issues)
    read = readings(folder, "flow.csv", "flow_m3_per_s", known, issues)
    flow = forward({meter: found for (meter, _), found in read.items()}, issues)
    quality = readings(folder, "quality.csv", "value", known, issues)
    levels = optional_table(folder, "levels.csv", ["time"], issues)
    rain = optional_table(folder, "rain.csv", ["time", "rain_mm_per_h"], issues)
    forcing = (
        level_of(levels, "groundwater_m", "groundwater"), level_of(levels, "river_m", "river_stage"),
        level_of(rain, "rain_mm_per_h", "rain", 1e-3 / 3600),
    )  # fmt: skip
    issues += [row for table in (levels, rain) if table for row in table.issues]
    told = river_is_told(members, level=forcing[1] is not None)
    if not told:
        issues.append(Issue("case.no-river", Weight.NOTE, place=Place("endmembers.csv")))
    members, guessed = completed(members, {tracer for _, tracer in quality})
    issues += guessed
    sources, pattern = _sources(folder, network, issues), pattern_of(folder, issues)
    day, day_known = (default_pattern(), False) if pattern is None else (pattern, True)
    return Case(
        network,
        conduits,
        area,
        condition,
        sources,
        meters,
        flow,
        quality,
        members,
        day,
        day_known,
        *forcing,
        told,
        issues,
        _tanks(folder, network, issues),
    )


def _first_of(ids: Names) -> npt.NDArray[np.bool_]:
    """Return which rows are the first of their id."""
    _, first = np.unique(ids.astype(str), return_index=True)
    found = np.zeros(len(ids), dtype=np.bool_)
    found[first] = True
    return found


def _conduits(path: Path, issues: list[Issue]) -> tuple[Network, Names, Names, Floats]:
    table = read_table(path, ["id", "from_id", "to_id"])
    ids = table.texts("id")
    unnamed = ids == ""
    twice = ~_first_of(ids) & ~unnamed
    table.tell("case.no-id", unnamed)
    table.tell("case.same-id", twice, column="id")
    start, end = table.texts("from_id"), table.texts("to_id")
    endless = (start == "") | (end == "") | (start == end)
    table.tell("case.no-ends", endless & ~unnamed & ~twice)
    table.keep(~(unnamed | twice | endless))
    if not len(table):
        raise FileUnreadable("no-conduits", path=path.name)
    length = table.numbers("length_m")
    wrong = ~(length > 0)
    table.tell("case.no-length", wrong, Weight.DOUBT, length=LENGTH)
    length = np.where(wrong, float(np.nanmedian(length[~wrong])) if (~wrong).any() else LENGTH, length)
    table.tell("case.no-area", table.texts("area_id") == "", Weight.NOTE)
    bore = table.numbers("diameter_m")
    state = table.numbers("condition")
    table.tell("case.condition-out-of-range", (state < 0) | (state > 10), Weight.DOUBT)
    state = np.clip(state, 0, 10)
    middle = float(np.nanmean(state)) if (~np.isnan(state)).any() else CONDITION
    issues += table.issues
    start, end = table.texts("from_id"), table.texts("to_id")
    nodes = np.unique(np.concatenate([start, end]).astype(str)).astype(object)
    tables = {
        "manhole": assets("manhole", nodes.tolist(), {}),
        "conduit": assets(
            "conduit", table.texts("id").tolist(),
            {"from_id": start, "to_id": end, "length": length, "height": np.where(bore > 0, bore, np.nan)},
        ),
    }  # fmt: skip
    network = Network(City("case"), tables)
    return network, table.texts("id"), table.texts("area_id"), np.where(np.isnan(state), middle, state)


def _sources(folder: Path, network: Network, issues: list[Issue]) -> dict[str, tuple[float, float]]:
    table = optional_table(folder, "sources.csv", ["node_id", "sewage_m3_per_d"], issues)
    if table is None:
        return {}
    names = table.texts("node_id")
    strange = ~np.isin(names.astype(str), network.table("manhole").ids.astype(str))
    table.tell("case.unknown-node", strange)
    amount, spread = table.numbers("sewage_m3_per_d"), table.numbers("sd_rel")
    negative = amount < 0
    table.tell("case.negative-sewage", negative)
    too_sure = (spread >= 0) & (spread < SUREST) & (amount > 0)
    table.tell("case.bills-too-sure", too_sure, Weight.NOTE, least=100 * SUREST)
    spread = np.where(spread >= 0, np.maximum(spread, SUREST), 0.25)
    found: dict[str, tuple[float, float]] = {}
    for name, value, sd in zip(names, amount / DAY, spread, strict=True):
        if value >= 0:
            before = found.get(name, (0.0, 0.0))
            found[name] = (before[0] + float(value), before[1] + float(value * sd))
    kept = set(network.table("manhole").ids.tolist())
    issues += table.issues
    return {name: value for name, value in found.items() if name in kept}


def _tanks(folder: Path, network: Network, issues: list[Issue]) -> dict[str, float]:
    """Return the volume of every tank that water passes. The file may be absent: most cities have none."""
    if not (folder / "storages.csv").exists():
        return {}
    table = optional_table(folder, "storages.csv", ["node_id", "volume_m3"], issues)
    if table is None:
        return {}
    names, volume = table.texts("node_id"), table.numbers("volume_m3", needed=True)
    strange = ~np.isin(names.astype(str), network.table("manhole").ids.astype(str))
    table.tell("case.unknown-tank", strange)
    table.tell("case.tank-without-volume", (volume <= 0) & ~strange)
    issues += table.issues
    good = ~strange & (volume > 0)
    return {str(names[row]): float(volume[row]) for row in np.flatnonzero(good)}


def _meters(folder: Path, conduits: set[object], issues: list[Issue]) -> tuple[list[CaseMeter], set[str]]:
    """Return the meters that stand on a conduit, and the ids of all."""
    table = optional_table(folder, "meters.csv", ["id", "conduit_id"], issues)
    if table is None:
        return [], set()
    ids, places = table.texts("id"), table.texts("conduit_id")
    unnamed = ids == ""
    table.tell("case.no-id", unnamed)
    twice = ~_first_of(ids) & ~unnamed
    table.tell("case.same-id", twice, column="id")
    strange = np.array([place not in conduits for place in places], dtype=np.bool_)
    table.tell("case.meter-on-unknown-conduit", strange & ~twice & ~unnamed)
    random, bias = table.numbers("flow_error_rel"), table.numbers("bias_error_rel")
    too_sure = ((random >= 0) & (random < EXACT)) | ((bias >= 0) & (bias < EXACT))
    table.tell("case.meter-too-sure", too_sure, Weight.NOTE, least=100 * EXACT)
    issues += table.issues
    found = [
        CaseMeter(
            str(ids[row]), str(places[row]),
            max(float(random[row]), EXACT) if random[row] >= 0 else USUAL,
            max(float(bias[row]), EXACT) if bias[row] >= 0 else USUAL,
        )
        for row in np.flatnonzero(~(twice | strange | unnamed))
    ]  # fmt: skip
    return found, set(ids[~unnamed].tolist())


def _members(folder: Path, issues: list[Issue]) -> Members:
    table = optional_table(folder, "endmembers.csv", ["kind", "tracer", "mean", "sd"], issues)
    if table is None:
        return {}
    kinds, tracers = table.texts("kind"), table.texts("tracer")
    table.tell("case.unknown-water", ~np.isin(kinds.astype(str), WATERS))
    mean, sd = table.numbers("mean", needed=True), table.numbers("sd", needed=True)
    good = np.isin(kinds.astype(str), WATERS) & np.isfinite(mean) & (sd >= 0)
    issues += table.issues
    return {
        (str(kinds[row]), str(tracers[row])): (float(mean[row]), float(sd[row]))
        for row in np.flatnonzero(good)
    }
