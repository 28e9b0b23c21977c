"""What must a file also say before the engine accepts an asset?

Only assets that the file does not have yet are completed; each assumption is an Issue.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from wenqu.hydraulics.swmm.assets import ASCII_UPPER, Record, number
from wenqu.hydraulics.swmm.engine_assets import NODES, EngineAssets, links_of
from wenqu.hydraulics.swmm.layouts import END_OF, LEVEL_OF
from wenqu.hydraulics.swmm.quantities import FileUnits, plain
from wenqu.hydraulics.swmm.sections import quoted
from wenqu.issues import Weight
from wenqu.series.model import Series

NO_RAIN = "no_rain"  # gauge and time series where nobody gave any rain
ASSUMED_HEIGHT = 0.3  # [m] least diameter of a municipal sanitary conduit
ASSUMED_AREA = 1.0  # [m²]
# Type, the field that names a curve, and what stands in for a curve that is not there.
CURVED: tuple[tuple[str, str, Record], ...] = (
    ("storage", "curve", {}),
    ("pump", "curve", {}),
    ("outfall", "tide_curve", {"kind": "free"}),
    ("gate", "rating_curve", {"rating_coefficient": 1.0, "rating_exponent": 0.5}),
)
FULL_DEPTH = 1000.0  # deeper than any wet well, in either unit


def complete(seen: EngineAssets, known: set[tuple[str, str]], curves: set[str]) -> None:
    """Complete the new assets in place: ends, lengths, sections, inverts and curves.

    Parameters
    ----------
    seen
        The assets as the engine sees them.
    known
        Type and name of those that the file has.
    curves
        Names, in capitals, of the curves that the file has.
    """
    _leave_out(seen, known)
    _complete_gauges(seen, known)
    for type_, name, record in links_of(seen):
        if type_ == "conduit" and (type_, name) not in known:
            _complete_conduit(name, record, seen)
    _complete_inverts(seen, known)
    for type_, field, instead in CURVED:
        for name, record in seen.records[type_].items():
            curve = str(record.get(field, ""))
            if curve and (type_, name) not in known and curve.translate(ASCII_UPPER) not in curves:
                seen.note("inp.no-curve", Weight.DOUBT, type_, name, curve=record.pop(field))
                record.update(
                    {key: value for key, value in instead.items() if key == "kind" or key not in record}
                )
    for name, record in seen.records["storage"].items():
        if not {"curve", "area"} & record.keys() and ("storage", name) not in known:
            record["area"] = _area(name, record, seen)


def _area(name: str, record: Record, seen: EngineAssets) -> float:
    """Return the area of a storage that has no curve: its volume over its depth. [m²]"""
    depth = number(record.get("depth", 0.0))
    if depth > 0 and "volume" in record:
        return number(record["volume"]) / depth
    seen.note("inp.assumed", Weight.DOUBT, "storage", name, field="area", value=ASSUMED_AREA, unit="m²")
    return ASSUMED_AREA


def _leave_out(seen: EngineAssets, known: set[tuple[str, str]]) -> None:
    """Take out the new links that lack an end and the new catchments that lack an outlet."""
    for type_, name, record in list(links_of(seen)):
        missing = [side for side in ("from_id", "to_id") if seen.node(str(record.get(side))) is None]
        if missing and (type_, name) not in known:
            del seen.records[type_][name]
            seen.note("inp.left-out", Weight.FAULT, type_, name, missing=", ".join(missing))
    for name, record in list(seen.records["catchment"].items()):
        outlet = str(record.get("outlet_id"))
        there = seen.node(outlet) is not None or outlet in seen.records["catchment"]
        if not there and ("catchment", name) not in known:
            del seen.records["catchment"][name]
            seen.note("inp.left-out", Weight.FAULT, "catchment", name, missing="outlet_id")


def _complete_gauges(seen: EngineAssets, known: set[tuple[str, str]]) -> None:
    """Give every new catchment a gauge: the only one there is, else one under which it stays dry."""
    gauges = seen.records["gauge"]
    for name, record in seen.records["catchment"].items():
        if ("catchment", name) in known or record.get("gauge") in gauges:
            continue
        taken = next(iter(gauges)) if len(gauges) == 1 else NO_RAIN
        gauges.setdefault(taken, {})
        record["gauge"] = taken
        seen.note("inp.assumed", Weight.DOUBT, "catchment", name, field="gauge", value=taken, unit="")


def _complete_conduit(name: str, record: Record, seen: EngineAssets) -> None:
    if "length" not in record:
        coords = seen.shapes["conduit", name]
        drawn = float(np.hypot(*np.diff(coords, axis=0).T).sum()) if len(coords) > 1 else 0.0
        record["length"] = max(drawn, 1.0)
        facts = {"field": "length", "value": round(number(record["length"]), 3), "unit": "m"}
        seen.note("inp.assumed", Weight.DOUBT, "conduit", name, **facts)
    if record.get("shape") in {"custom", "irregular", "street"}:
        # The curve or transect of another file is not in this one.
        facts = {"field": "shape", "value": "circular", "unit": ""}
        seen.note("inp.assumed", Weight.DOUBT, "conduit", name, **facts)
        record["shape"] = "circular"
    if "height" not in record and record.get("shape") != "dummy":
        record["height"] = ASSUMED_HEIGHT
        seen.note(
            "inp.assumed", Weight.FAULT, "conduit", name, field="height", value=ASSUMED_HEIGHT, unit="m"
        )


def _complete_inverts(seen: EngineAssets, known: set[tuple[str, str]]) -> None:
    """Give every new node an invert, no higher than the conduits that end there."""
    ends = defaultdict(list)
    for _, _, record in links_of(seen):
        for side, end in (("from_id", "from_offset"), ("to_id", "to_offset")):
            if LEVEL_OF[end] in record and side == END_OF[end]:
                ends[str(record.get(side))].append(number(record[LEVEL_OF[end]]))
    for type_ in NODES:
        for name, record in seen.records[type_].items():
            if (type_, name) not in known:
                _complete_invert(type_, name, record, ends[name], seen)


def _complete_invert(type_: str, name: str, record: Record, ends: list[float], seen: EngineAssets) -> None:
    if "invert_level" not in record:
        if ends:
            value = min(ends)
        elif {"ground_level", "depth"} <= record.keys():
            value = number(record["ground_level"]) - number(record["depth"])
        else:
            value = number(record.get("ground_level", 0.0))
        record["invert_level"] = value
        seen.note(
            "inp.assumed", Weight.DOUBT, type_, name, field="invert_level", value=round(value, 3), unit="m"
        )
    elif ends and min(ends) < number(record["invert_level"]):
        lowered = number(record["invert_level"]) - min(ends)
        if "depth" in record:
            record["depth"] = number(record["depth"]) + lowered
        record["invert_level"] = min(ends)
        seen.note("inp.bottom-lowered", Weight.NOTE, type_, name, by=round(lowered, 3))


def pump_curve_lines(seen: EngineAssets, known: set[tuple[str, str]], units: FileUnits) -> Iterator[str]:
    """Yield a curve for each new pump of which only the design flow is known, and name it in the pump."""
    for name, record in seen.records["pump"].items():
        flow = record.get("design_flow")
        if ("pump", name) in known or "curve" in record or not flow:
            continue
        curve = record["curve"] = f"{name}_flow"
        rate = plain(number(flow) / units.factor("flow"))
        yield f"{quoted(curve)} PUMP2 {plain(FULL_DEPTH)} {rate}"


def rain_lines(rain: Mapping[str, Series], units: FileUnits) -> Iterator[str]:
    """Yield the rows of [TIMESERIES] for rain by gauge, in the file's units of intensity."""
    for gauge, series in rain.items():
        for time, value in zip(series.times, series.values, strict=True):
            day, _, clock = str(time).partition("T")
            year, month, date = day.split("-")
            rate = plain(max(float(np.nan_to_num(value)), 0.0) / units.factor("rate"))
            yield f"{quoted(rain_name(gauge))} {month}/{date}/{year} {clock} {rate}"


def rain_name(gauge: str) -> str:
    """Return the name of the time series that a gauge's rain is written under."""
    return f"rain_{gauge}"


def interval_of(series: Series) -> float:
    """Return the recording interval of a series: the commonest step. [s]"""
    if len(series) < 2:
        return 3600.0
    steps, times = np.unique(np.diff(series.times).astype(np.int64), return_counts=True)
    return float(steps[np.argmax(times)])
