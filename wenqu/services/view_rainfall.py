"""What does rain do in the sewers of a city: areas, meters and events, as the page shows it?"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from wenqu.errors import UnknownAsset
from wenqu.issues import Issue
from wenqu.records.rain import AREAS, ISSUES, METERS, AreaRain, MeterEvent, MeterRain, Share
from wenqu.services.city_state import CityState
from wenqu.services.rain_inputs import RainInputs, rain_inputs
from wenqu.services.rain_outlines import outlines
from wenqu.services.view_diagnosis import place_of
from wenqu.store.database import Store

YEAR, DAY, HOUR = 365.2425 * 86400.0, 86400.0, 3600.0
Row = dict[str, object]


def meters_of(store: Store, state: CityState) -> list[MeterRain]:
    """Return what the last run filed of the meters."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once("rain meters", lambda: store.records(city, METERS, MeterRain, moment, last_run=True))


def areas_of(store: Store, state: CityState) -> list[AreaRain]:
    """Return what the last run filed of the areas."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once("rain areas", lambda: store.records(city, AREAS, AreaRain, moment, last_run=True))


def view_rainfall(store: Store, state: CityState) -> Row:
    """Return areas, meters and events of the last run, largest first, and what was left out."""
    meters, areas = meters_of(store, state), areas_of(store, state)
    city, moment = state.network.city.code, state.network.as_of or None
    issues = store.records(city, ISSUES, Issue, moment, last_run=True)
    first = meters[0] if meters else None
    shapes = outlines(store, state, inputs_of) if areas else {}
    rows = [{**_area(state, one), "outline": shapes.get(one.asset)} for one in areas]
    return {
        "at": first.at if first else "",
        "by": first.by if first else "",
        "since": min((one.since for one in meters), default=""),
        "until": max((one.until for one in meters), default=""),
        "basis": meters[0].basis if meters else "",
        "areas": sorted(rows, key=lambda row: -_number(row["m3_per_year"])),
        "meters": [meter_row(state, one) for one in meters],
        "events": _events(meters, areas),
        "issues": [
            {"code": one.code, "weight": one.weight, "asset": one.asset, "facts": one.facts} for one in issues
        ],
        "simulated": bool(first.simulated) if first else state.network.city.simulated,
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _named(state: CityState, type_: str, id_: str) -> Row:
    try:
        row = state.network.row(type_, id_)
    except UnknownAsset:
        return {"id": id_, "type": type_, "name": id_, "district": "", "at": None}
    table = state.network.table(type_)
    on = str(table.column("on_id")[row] or "") if type_ == "meter" else id_
    at = place_of(state, id_) or place_of(state, on)
    return {"id": id_, "type": type_, "name": table.column("name")[row] or id_,
            "district": table.column("district")[row] or "", "at": at}  # fmt: skip


def _part(share: Share, size: float) -> Row:
    return {"value": share.value / size, "low": share.low / size, "high": share.high / size}


def _yearly(since: str, until: str, depth: float) -> float:
    """Return the rain of a year like the record. [m/a]"""
    seconds = float((np.datetime64(until) - np.datetime64(since)).astype("timedelta64[s]").astype(np.int64))
    return depth * YEAR / max(seconds, DAY)


def _area(state: CityState, one: AreaRain) -> Row:
    yearly = _yearly(one.since, one.until, one.depth)
    return {
        **_named(state, one.asset_type, one.asset),
        "ground_ha": one.ground / 1e4,
        "length_km": one.length / 1e3,
        "fast": _part(one.fast, one.ground),
        "slow": _part(one.slow, one.ground),
        "total": _part(one.total, one.ground),
        "m3_per_year": one.total.value * yearly,
        "data_share": one.data_share,
        "events": [list(event) for event in one.events],
    }


def meter_row(state: CityState, one: MeterRain) -> Row:
    """Return what is shown of a meter."""
    usable = sum(not event.left_out for event in one.events)
    return {
        **_named(state, one.asset_type, one.asset),
        "ground_ha": one.ground / 1e4,
        "fast": _part(one.fast, max(one.ground, 1.0)),
        "slow": _part(one.slow, max(one.ground, 1.0)),
        "memory": _part(one.memory, max(one.ground, 1.0)),
        "lag_h": one.lag / HOUR,
        "triangles": [asdict(row) for row in one.triangles],
        "skill": one.skill,
        "triangles_skill": one.triangles_skill,
        "better": one.better,
        "compared": [asdict(row) for row in one.compared],
        "usable": usable,
        "gauge_km": one.gauge_distance / 1e3,
        "notes": list(one.notes),
    }


def _events(meters: Sequence[MeterRain], areas: Sequence[AreaRain]) -> list[Row]:
    """Return the events of the city, latest first; R over all areas where enough meters saw the event."""
    by_event: defaultdict[str, list[MeterEvent]] = defaultdict(list)
    for meter in meters:
        for event in meter.events:
            by_event[event.since].append(event)
    ground = sum(one.ground for one in areas)
    let_in: defaultdict[str, float] = defaultdict(float)
    for area in areas:
        for since, r, _, _ in area.events:
            let_in[since] += r * area.ground
    made: list[Row] = []
    for since, events in sorted(by_event.items(), reverse=True):
        first = events[0]
        depth = float(np.mean([one.depth for one in events]))
        reasons = [one.left_out for one in events if one.left_out]
        share = let_in[since] / ground if since in let_in and ground > 0 else None
        made.append({
            "since": since, "until": first.until, "depth_mm": depth * 1e3,
            "peak_mm_h": max(one.peak_rain for one in events) * HOUR * 1e3,
            "seen": len(events) - len(reasons), "meters": len(events), "r": share,
            "volume_m3": None if share is None else share * ground * depth,
            "left_out": max(set(reasons), key=reasons.count) if 2 * len(reasons) > len(events) else "",
            "flags": list(first.flags),
        })  # fmt: skip
    return made


def inputs_of(store: Store, state: CityState) -> RainInputs:
    """Return the gauges and the ground of a city, read once for a state and as many readings as there are."""
    size = sum(entry.count for entry in store.series_index(state.network.city.code))
    until = state.network.as_of or ""
    return state.once(f"rain inputs {size}", lambda: rain_inputs(store, state.network, state.topology, until))
