"""How much clean water, by which method, where, and what to measure next: as the page shows it."""

import math
from collections import defaultdict

import numpy as np

from wenqu.diagnosis.cards import cards
from wenqu.errors import UnknownAsset
from wenqu.issues import Issue
from wenqu.messages import LANGUAGES
from wenqu.network.geometry import centres
from wenqu.network.traces import first_below
from wenqu.records.finding import Finding
from wenqu.services.asset_card import finding_row
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import diagnose_meter
from wenqu.services.filed_records import findings, held_back
from wenqu.services.plant_inflow import daily, plant_inflows, read_plants
from wenqu.services.wording import issue_sentences
from wenqu.store.database import Store
from wenqu.supervision.targets import meets
from wenqu.units import from_si

POSTERIOR = "joint_inversion"
CONTRADICTS = 3.0  # errors: what a meter's rows may leave over
AREAS = 40  # sent with a plant, largest first


def place_of(state: CityState, id_: str) -> list[float] | None:
    """Return where an asset lies as longitude and latitude [°]; None when nobody knows."""
    try:
        type_, row = state.network.find(id_)
    except UnknownAsset:
        return None
    shapes = state.placed(state.network.table(type_).shapes.take(np.array([row])), "EPSG:4326")
    at = centres(shapes)[0]
    return None if np.isnan(at).any() else [float(at[0]), float(at[1])]


def named(state: CityState, type_: str, id_: str) -> dict[str, object]:
    """Return what a place with readings is called, what it is on and where it lies."""
    try:
        row = state.network.row(type_, id_)
    except UnknownAsset:
        return {"id": id_, "type": type_, "name": id_, "district": "", "on_id": id_, "at": None}
    table = state.network.table(type_)
    on = table.column("on_id")[row] if type_ == "meter" else id_
    return {
        "id": id_,
        "type": type_,
        "name": table.column("name")[row] or id_,
        "district": table.column("district")[row] or "",
        "on_id": on,
        "at": place_of(state, id_) or place_of(state, str(on)),
    }


def contradicts(row: Finding) -> bool:
    """Return whether all other evidence contradicts a meter; older diagnoses say only how it is missed."""
    return bool(row.facts.get("contradicts", float(row.facts.get("misfit", 0.0)) > CONTRADICTS))


def _told(issue: Issue) -> dict[str, dict[str, str]]:
    """Return an issue in words, in every language."""
    return {language: issue_sentences(issue, language) for language in LANGUAGES}


def view_diagnosis(store: Store, state: CityState) -> dict[str, object]:
    """Return all meters with their methods side by side, plants, cards and what cannot be told apart."""
    by_meter: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    said: dict[str, None] = {}
    odd: set[tuple[str, str]] = set()
    for row in findings(store, state):
        if row.quantity == "meter_bias" and contradicts(row):
            odd.add((row.asset_type, row.asset))
        if row.quantity == "extraneous":
            by_meter[row.asset_type, row.asset].append(row)
        said |= dict.fromkeys(note for note in row.notes if note.startswith("diagnosis.identify."))
    held = defaultdict(list)
    for issue in held_back(store, state):
        held[issue.asset].append(_told(issue))
    order = {name: place for place, name in enumerate(cards())}
    meters = [
        {
            **named(state, type_, id_),
            "contradicts": (type_, id_) in odd,
            "held": held[id_],
            "methods": [finding_row(row) for row in sorted(rows, key=lambda row: order.get(row.method, 99))],
        }
        for (type_, id_), rows in by_meter.items()
    ]
    return {
        "meters": meters,
        "plants": [
            {
                "id": plant.id,
                "name": plant.name,
                "bod5": from_si(plant.bod5, "mg/L"),
                "threshold": from_si(plant.threshold, "mg/L"),
                "meets": None if math.isnan(plant.bod5) else meets(plant.bod5, plant.threshold, ">"),
            }
            for plant in plant_inflows(store, state)
        ],
        "cards": {
            name: {
                "name": {"zh": card.zh, "en": card.en},
                "asks": {"zh": card.asks_zh, "en": card.asks_en},
                "trust": {"zh": card.trust_zh, "en": card.trust_en},
                "formula": card.formula,
                "source": card.source,
            }
            for name, card in cards().items()
        },
        "identifiability": list(said),
        "simulated": state.network.city.simulated,
    }


def view_meter(store: Store, state: CityState, id_: str) -> dict[str, object]:
    """Return one meter: every method with its interval, and the days behind them in border units.

    Raises
    ------
    UnknownAsset
        There is no such meter, or it has no readings.
    NotEnoughData
        There are too few dry days.
    """
    made = diagnose_meter(store, state.network.city.code, id_, until=state.network.as_of)
    told = [row for row in made.findings if row.quantity == "extraneous"]
    type_ = next((row.asset_type for row in made.findings), "meter")
    return {
        **named(state, type_, id_),
        "methods": [finding_row(row) for row in told],
        "others": [finding_row(row) for row in made.findings if row.quantity != "extraneous"],
        "chart": {
            "days": [str(day) for day in made.days],
            "flow": from_si(made.flow, "m³/d"),
            "dry": made.dry,
            "minimum": from_si(made.night_minimum, "m³/d"),
            "moving_minimum": from_si(made.moving_minimum, "m³/d"),
            "rain": from_si(made.rain, "mm"),
            "extraneous": {
                row.method: [from_si(value, "m³/d") for value in (row.low, row.value, row.high)]
                for row in told
            },
        },
        "notes": sorted({note for row in told for note in row.notes}),
        "issues": [
            {"code": issue.code, "weight": issue.weight, "facts": issue.facts, "told": _told(issue)}
            for issue in (*(one for one in held_back(store, state) if one.asset == id_), *made.issues)
        ],
        "simulated": state.network.city.simulated,
    }


def view_plant(store: Store, state: CityState, id_: str) -> dict[str, object]:
    """Return one plant: the waterfall in mg/L, the areas above it, the next manholes, and its record.

    Raises
    ------
    UnknownAsset
        There is no such plant.
    """
    row = state.network.row("plant", id_)
    told = findings(store, state)
    mine = [entry for entry in told if entry.method == "plant_dilution" and entry.asset == id_]
    steps = sorted(
        (entry for entry in mine if "order" in entry.facts), key=lambda entry: float(entry.facts["order"])
    )
    sealed = next((entry for entry in mine if entry.quantity == "sealed"), None)
    return {
        "id": id_,
        "name": state.network.table("plant").column("name")[row] or id_,
        "waterfall": [
            {
                "key": entry.quantity,
                "value": from_si(entry.value, "mg/L"),
                "low": from_si(entry.low, "mg/L"),
                "high": from_si(entry.high, "mg/L"),
                "level": from_si(float(entry.facts["level"]), "mg/L"),
            }
            for entry in steps
        ],
        "inputs": list(steps[0].inputs) if steps else [],
        "areas": areas_above(state, told, id_),
        "next": [
            {
                "id": entry.asset,
                "type": entry.asset_type,
                "at": place_of(state, entry.asset),
                "gain": entry.value,
                "rank": entry.facts["rank"],
                "facts": dict(entry.facts),
            }
            for entry in told
            if entry.method == "next_measurement" and entry.facts.get("plant") == id_
        ],
        "verdict": None
        if sealed is None
        else {
            "keys": list(sealed.notes),
            "facts": dict(sealed.facts),
            "sealed": [from_si(value, "mg/L") for value in (sealed.low, sealed.value, sealed.high)],
        },
        "series": _series(store, state, id_),
        "simulated": state.network.city.simulated,
    }


def areas_above(state: CityState, told: list[Finding], plant: str) -> list[dict[str, object]]:
    """Return the areas between meters that drain to a plant, the wettest first. [m³/s]"""
    plants = plant_below(state)
    rows = []
    for entry in told:
        if entry.method != POSTERIOR or entry.quantity not in {"area_extraneous", "area_missing"}:
            continue
        found = named(state, entry.asset_type, entry.asset)
        if plants.get(str(found["on_id"])) == plant:
            rows.append((entry, found))
    missing = {entry.asset: entry for entry, _ in rows if entry.quantity == "area_missing"}
    wet = sorted(
        ((e, n) for e, n in rows if e.quantity == "area_extraneous"), key=lambda pair: -pair[0].value
    )
    return [
        {
            **place,
            "extraneous": _interval(entry),
            "missing": _interval(missing[entry.asset]) if entry.asset in missing else None,
            "data_share": entry.facts.get("data_share"),
        }
        for entry, place in wet[:AREAS]
    ]


def _interval(entry: Finding) -> dict[str, float]:
    return {"value": entry.value, "low": entry.low, "high": entry.high}


def plant_below(state: CityState) -> dict[str, str]:
    """Return the plant that each node and link drains to, by id; "" for none."""
    return state.once("plant-of", lambda: _plant_of(state))


def _plant_of(state: CityState) -> dict[str, str]:
    topology = state.topology
    below = first_below(topology, topology.node_type == "plant")
    names = np.where(below >= 0, topology.node_ids[np.maximum(below, 0)], "") if len(below) else below
    found = dict(zip(topology.node_ids, names, strict=True))
    for link, start in zip(topology.link_ids, topology.link_from, strict=True):
        found[link] = names[start] if start >= 0 else ""
    return found


def _series(store: Store, state: CityState, plant: str) -> dict[str, object]:
    flow, bod = (read_plants(store, state, quantity, [plant]).get(plant) for quantity in ("flow", "bod5"))
    if flow is None:
        return {"days": [], "flow": [], "bod5": []}
    days, flows = daily(flow)
    loads = np.full(len(days), np.nan)
    if bod is not None:
        bod_days, bods = daily(bod)
        _, left, right = np.intersect1d(days, bod_days, return_indices=True)
        loads[left] = bods[right]
    return {
        "days": [str(day) for day in days],
        "flow": from_si(flows, "m³/d"),
        "bod5": from_si(loads, "mg/L"),
    }
