"""What is shown of the months of a city: what happened, where, and the chart of one area?"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wenqu.errors import Unknown
from wenqu.records.finding import Finding
from wenqu.records.month import AreaMonths
from wenqu.services.city_state import CityState
from wenqu.services.month_outlines import month_outlines
from wenqu.services.month_problems import SURE, month_areas, month_events, month_run, odds_of
from wenqu.services.rights import Person, reach
from wenqu.services.view_diagnosis import place_of
from wenqu.store.database import Store
from wenqu.units import from_si

QUANTITIES = ("extraneous", "groundwater", "river", "sewage")
WATER = ("groundwater", "river")


def view_months(store: Store, state: CityState, person: Person) -> dict[str, Any]:
    """Return what happened in the city, what each area has now, and from what that was made."""
    run, areas = month_run(store, state), month_areas(store, state)
    events, outlines = month_events(store, state), month_outlines(store, state)
    city = state.network.city
    return {
        "run": None if run is None else {
            "since": run.since, "until": run.until, "areas": run.areas, "meters": run.meters,
            "forcings": list(run.forcings), "tracers": list(run.tracers), "false_alarms": run.false_alarms,
            "limit": run.limit, "misfit": run.misfit, "spread": dict(run.spread), "at": run.at, "by": run.by,
        },
        "events": [event_row(state, one) for one in sorted(events, key=_latest)],
        "areas": [
            {**_area_row(state, one, events), "outline": outlines.get(one.asset)} for one in areas
        ],
        "may_run": not state.network.as_of and reach(person, "decide", city.code).whole,
        "simulated": city.simulated,
    }  # fmt: skip


def _latest(event: Finding) -> tuple[int, float]:
    year, month = str(event.facts["month"]).split("-")
    return -(12 * int(year) + int(month)), -abs(event.value)


def event_row(state: CityState, event: Finding) -> dict[str, Any]:
    """Return one step as it is told: what it is, how large, how sure, what else it may be."""
    rows, kind = odds_of(event), event.quantity.removeprefix("step_")
    sure = sum(share for other, _, id_, share in rows if id_ == event.asset and _same(other, event.quantity))
    return {
        "asset": f"{event.asset_type}/{event.asset}", "name": name_of(state, event.asset_type, event.asset),
        "at": place_of(state, event.asset), "what": told_of(event), "kind": kind,
        "month": str(event.facts["month"]), "first": event.since, "last": event.until,
        **_sized(event), "unit": "m³/d" if event.unit == "m³/s" else "%",
        "z": event.facts["z"], "sure": sure, "problem": sure >= SURE and told_of(event) in {"broke", "lost"},
        "others": [
            {"kind": other, "asset": f"{type_}/{id_}" if (seen := _seen(state, type_, id_)) else "",
             "name": name_of(state, type_, id_) if seen else "", "share": share}
            for other, type_, id_, share in rows
            if not (id_ == event.asset and kind == other)
        ],
        "inputs": list(event.inputs),
    }  # fmt: skip


def _same(kind: str, quantity: str) -> bool:
    """Tell whether two explanations are one in effect: groundwater or river water, both are clean water."""
    own = quantity.removeprefix("step_")
    return kind == own or (kind in WATER and own in WATER)


def told_of(event: Finding) -> str:
    """Return what a step means: broke, mended, lost (sewage went), users (sewage came), meter or probe."""
    kind = event.quantity.removeprefix("step_")
    if kind in WATER:
        return "broke" if event.value > 0 else "mended"
    if kind == "sewage":
        return "users" if event.value > 0 else "lost"
    return kind


def _sized(event: Finding) -> dict[str, float]:
    factor = float(from_si(1.0, "m³/d")) if event.unit == "m³/s" else 100.0
    return {"size": event.value * factor, "low": event.low * factor, "high": event.high * factor}


def _seen(state: CityState, type_: str, id_: str) -> bool:
    return state.network.known_row(type_, id_) is not None


def name_of(state: CityState, type_: str, id_: str) -> str:
    """Return the name of a meter, station or plant, else its id."""
    row = state.network.known_row(type_, id_)
    return id_ if row is None else str(state.network.table(type_).column("name")[row] or id_)


def _area_row(state: CityState, one: AreaMonths, events: Iterable[Finding]) -> dict[str, Any]:
    last = {
        name: _number(from_si(values[row][-1], "m³/d"))
        for name, values in (("value", one.mean), ("low", one.low), ("high", one.high))
        for row in (0,)
    }
    mine = [event for event in events if event.asset == one.asset]
    row = state.network.known_row(one.asset_type, one.asset)
    district = "" if row is None else str(state.network.table(one.asset_type).column("district")[row] or "")
    return {
        "asset": f"{one.asset_type}/{one.asset}", "name": name_of(state, one.asset_type, one.asset),
        "district": district, "at": _spot(state, one), **last, "change": _change(one),
        "what": told_of(mine[0]) if mine else "",
    }  # fmt: skip


def _spot(state: CityState, one: AreaMonths) -> list[float] | None:
    at = place_of(state, one.asset)
    row = state.network.known_row(one.asset_type, one.asset)
    if at is not None or row is None or one.asset_type != "meter":
        return at
    return place_of(state, str(state.network.table("meter").column("on_id")[row]))


def _change(one: AreaMonths) -> float | None:
    """Return the change of extraneous water at usual levels from the first to the last month. [m³/d]"""
    return _number(from_si(one.base[-1] - one.base[0], "m³/d")) if one.base else None


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def view_area(store: Store, state: CityState, asset: str) -> dict[str, Any]:
    """Return one area month by month, with what happened in it.

    Raises
    ------
    Unknown
        There is no such area for this person.
    """
    type_, _, id_ = asset.partition("/")
    one = next(
        (row for row in month_areas(store, state) if (row.asset_type, row.asset) == (type_, id_)), None
    )
    if one is None:
        raise Unknown(name=asset, nearest="")
    events = [event_row(state, event) for event in month_events(store, state) if event.asset == id_]
    return {
        "asset": asset, "name": name_of(state, type_, id_), "at": _spot(state, one),
        "chart": {
            "months": list(one.months), **_waters(one),
            "base": _flows(one.base), "read": _flows(one.read), "spoiled": list(one.spoiled),
        },
        "events": sorted(events, key=lambda row: str(row["month"])), "inputs": list(one.inputs),
        "as_of": one.at, "by": one.by, "simulated": one.simulated,
    }  # fmt: skip


def _waters(one: AreaMonths) -> Mapping[str, dict[str, list[float | None]]]:
    return {
        name: {"value": _flows(one.mean[row]), "low": _flows(one.low[row]), "high": _flows(one.high[row])}
        for row, name in enumerate(QUANTITIES)
    }


def _flows(values: Iterable[float]) -> list[float | None]:
    return [_number(from_si(value, "m³/d")) for value in values]
