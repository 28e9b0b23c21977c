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
from wenqu.series.model import Series, series
from wenqu.services.case_members import Members, completed, river_is_told
from wenqu.services.case_tables import CaseTable, moments, read_table

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]
DAY = 86400.0
WATERS = ("sewage", "groundwater", "river")
LENGTH, CONDITION = 30.0, 5.0  # [m], [-] where a conduit does not say


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
    meters = _meters(folder, set(conduits.tolist()), issues)
    known = {meter.id for meter in meters}
    flow = {
        key[0]: found for key, found in _readings(folder, "flow.csv", "flow_m3_per_s", known, issues).items()
    }
    quality = _readings(folder, "quality.csv", "value", known, issues)
    levels = _optional(folder, "levels.csv", ["time"], issues)
    rain = _optional(folder, "rain.csv", ["time", "rain_mm_per_h"], issues)
    forcing = (
        _level(levels, "groundwater_m", "groundwater"), _level(levels, "river_m", "river_stage"),
        _level(rain, "rain_mm_per_h", "rain", 1e-3 / 3600),
    )  # fmt: skip
    issues += [row for table in (levels, rain) if table for row in table.issues]
    told = river_is_told(members, level=forcing[1] is not None)
    if not told:
        issues.append(Issue("case.no-river", Weight.NOTE, place=Place("endmembers.csv")))
    members, guessed = completed(members, {tracer for _, tracer in quality})
    issues += guessed
    sources, pattern = _sources(folder, network, issues), _pattern(folder, issues)
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


def _optional(folder: Path, name: str, needed: list[str], issues: list[Issue]) -> CaseTable | None:
    """Return a table, None (and an Issue) when it cannot be used."""
    try:
        return read_table(folder / name, needed)
    except FileUnreadable as error:
        facts = {"file": name, **error.facts}
        reason = error.key.rpartition(".")[2]
        weight = Weight.NOTE if reason == "absent" else Weight.FAULT
        issues.append(Issue(f"case.file-{reason}", weight, place=Place(name), facts=facts))
        return None


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
    length = table.numbers("length_m")
    wrong = ~(length > 0)
    table.tell("case.no-length", wrong, Weight.DOUBT, length=LENGTH)
    length = np.where(wrong, float(np.nanmedian(length[~wrong])) if (~wrong).any() else LENGTH, length)
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
    table = _optional(folder, "sources.csv", ["node_id", "sewage_m3_per_d"], issues)
    if table is None:
        return {}
    names = table.texts("node_id")
    strange = ~np.isin(names.astype(str), network.table("manhole").ids.astype(str))
    table.tell("case.unknown-node", strange)
    amount, spread = table.numbers("sewage_m3_per_d"), table.numbers("sd_rel")
    negative = amount < 0
    table.tell("case.negative-sewage", negative)
    spread = np.where(spread >= 0, spread, 0.25)
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
    table = _optional(folder, "storages.csv", ["node_id", "volume_m3"], issues)
    if table is None:
        return {}
    names, volume = table.texts("node_id"), table.numbers("volume_m3", needed=True)
    strange = ~np.isin(names.astype(str), network.table("manhole").ids.astype(str))
    table.tell("case.unknown-tank", strange)
    table.tell("case.tank-without-volume", (volume <= 0) & ~strange)
    issues += table.issues
    good = ~strange & (volume > 0)
    return {str(names[row]): float(volume[row]) for row in np.flatnonzero(good)}


def _meters(folder: Path, conduits: set[object], issues: list[Issue]) -> list[CaseMeter]:
    table = _optional(folder, "meters.csv", ["id", "conduit_id"], issues)
    if table is None:
        return []
    ids, places = table.texts("id"), table.texts("conduit_id")
    twice = ~_first_of(ids)
    table.tell("case.same-id", twice, column="id")
    strange = np.array([place not in conduits for place in places], dtype=np.bool_)
    table.tell("case.meter-on-unknown-conduit", strange & ~twice)
    random, bias = table.numbers("flow_error_rel"), table.numbers("bias_error_rel")
    issues += table.issues
    return [
        CaseMeter(
            str(ids[row]), str(places[row]),
            float(random[row]) if random[row] >= 0 else 0.05,
            float(bias[row]) if bias[row] >= 0 else 0.05,
        )
        for row in np.flatnonzero(~(twice | strange) & (ids != ""))
    ]  # fmt: skip


def _readings(
    folder: Path, name: str, column: str, meters: set[str], issues: list[Issue]
) -> dict[tuple[str, str], Series]:
    """Return the readings of a file by meter and tracer, sorted; of double times the first is kept."""
    table = _optional(folder, name, ["time", "meter_id", column], issues)
    if table is None:
        return {}
    times, values = moments(table), table.numbers(column)
    whose = table.texts("meter_id").astype(str)
    tracer = table.texts("tracer").astype(str)
    names, place = np.unique(whose, return_inverse=True)
    strange = ~np.isin(names, list(meters))
    for index in np.flatnonzero(strange):
        rows = place == index
        facts: dict[str, object] = {"file": name, "meter": str(names[index]), "rows": int(rows.sum())}
        line = table.line(int(np.flatnonzero(rows)[0]))
        issues.append(Issue("case.unknown-meter", Weight.FAULT, place=Place(name, "", line), facts=facts))
    usable = ~np.isnat(times) & ~strange[place]
    found: dict[tuple[str, str], Series] = {}
    kinds, kind = np.unique(tracer, return_inverse=True)
    key = place * len(kinds) + kind
    order = np.argsort(key, kind="stable")
    order = order[usable[order]]
    cuts = np.flatnonzero(np.diff(key[order])) + 1
    for rows in np.split(order, cuts) if len(order) else []:
        meter, what = str(names[place[rows[0]]]), str(kinds[kind[rows[0]]])
        made = series(meter, what or "flow", times[rows], values[rows])
        lost = len(rows) - len(made)
        unsorted = bool((np.diff(times[rows].astype(np.int64)) < 0).any())
        for code, wrong, count in (
            ("case.double-times", lost, lost),
            ("case.unsorted-times", unsorted, len(rows)),
        ):
            if wrong:
                facts = {"file": name, "meter": meter, "rows": count}
                issues.append(Issue(code, Weight.NOTE, "meter", meter, Place(name), facts))
        found[meter, what] = made
    issues += table.issues
    return found


def _members(folder: Path, issues: list[Issue]) -> Members:
    table = _optional(folder, "endmembers.csv", ["kind", "tracer", "mean", "sd"], issues)
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


def _pattern(folder: Path, issues: list[Issue]) -> Floats | None:
    table = _optional(folder, "pattern.csv", ["hour", "factor"], issues)
    if table is None:
        return None
    hour, factor = table.numbers("hour"), table.numbers("factor")
    issues += table.issues
    found = np.full(24, np.nan)
    good = (hour >= 0) & (hour < 24) & (factor >= 0)
    found[hour[good].astype(np.int64)] = factor[good]
    if np.isnan(found).any() or not found.mean() > 0:
        facts: dict[str, object] = {"hours": int(np.isnan(found).sum())}
        issues.append(Issue("case.pattern-incomplete", Weight.DOUBT, place=Place("pattern.csv"), facts=facts))
        return None
    return np.asarray(found / found.mean())


def _level(table: CaseTable | None, column: str, quantity: str, factor: float = 1.0) -> Series | None:
    if table is None or column not in table.columns:
        return None
    times, values = moments(table), table.numbers(column)
    good = ~np.isnat(times)
    if not (good & ~np.isnan(values)).any():
        return None
    return series(column, quantity, times[good], values[good] * factor)
