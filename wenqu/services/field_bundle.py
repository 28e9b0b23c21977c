"""What does a crew take along into a street without a network: orders, a piece of the map, the forms?"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from wenqu.network.geometry import Floats
from wenqu.network.model import Assets
from wenqu.network.schema import asset_type, code_lists
from wenqu.operation.order_tables import steps
from wenqu.services.attachments import LARGEST
from wenqu.services.city_state import CityState
from wenqu.services.describe_registers import describe_field
from wenqu.services.edit_assets import plain_value
from wenqu.services.register_form import DEGREES, at_border, in_degrees
from wenqu.services.rights import Person
from wenqu.services.upkeep_orders import orders, seen_by
from wenqu.services.view_orders import may_step, order_row, order_tables
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.outfall_words import outfall_codes, weathers
from wenqu.works.problem_tables import kinds

AROUND = 300.0  # [m]
MOST = 4000  # assets
MOST_ORDERS = 200
TAKEN = ("conduit", "manhole", "outfall", "gate", "weir", "pump")
FORMS = ("conduit", "manhole", "outfall")
METRES = 111_320.0  # of a degree of latitude


def field_bundle(
    store: Store,
    state: CityState,
    person: Person,
    *,
    body: str = "",
    around: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return what a device keeps.

    Parameters
    ----------
    store
        The whole store; orders are cut to those of the person.
    state
        The city as the person sees it.
    body
        Only the orders of this upkeep body.
    around
        Longitude and latitude of a place whose neighbourhood comes along too.
    """
    city = state.network.city
    today = now().isoformat()[:10]
    runs = [
        one
        for one in seen_by(person, city.code, orders(store, city.code)).values()
        if one.open and (not body or one.order.body == body)
    ]
    runs.sort(key=lambda one: (not one.overdue(today), one.order.until or "9", one.order.id))
    taken = runs[:MOST_ORDERS]
    named = [name for one in taken for name in one.order.assets]
    assets, cut = _assets(state, named, around)
    table = order_tables()
    table["steps"] = {
        name: {**row, "from": list(steps()[name].from_), "to": steps()[name].to}
        for name, row in table["steps"].items()
    }
    return {
        "city": city.code,
        "made_at": now().isoformat(timespec="seconds"),
        "revision": state.network.version,
        "simulated": city.simulated,
        "person": person.account,
        "orders": [
            {
                **order_row(one, today),
                "events": [{**asdict(event), "place": list(event.place)} for event in one.events],
                "steps": may_step(one, city.code, person),
            }
            for one in taken
        ],
        "orders_cut": len(runs) > len(taken),
        "assets": assets,
        "cut": cut,
        "tables": table,
        "forms": forms(),
        "limits": {"file_bytes": LARGEST},
    }


def forms() -> dict[str, Any]:
    """Return what may be filled in: inspections by CJJ 181, findings of a patrol, fields of assets."""
    rules = condition_rules()
    codes = [
        {"code": kind.code, "zh": kind.zh, "en": kind.en, "family": kind.family,
         "levels": list(range(1, len(kind.scores) + 1))}
        for kind in rules.kinds.values()
    ]  # fmt: skip
    methods = [
        {"name": name, "zh": code.zh, "en": code.en}
        for name, code in code_lists()["inspection_method"].items()
    ]
    return {
        "inspection": {
            "methods": methods,
            "codes": codes,
            "manhole_codes": codes,
            "outfall_codes": [
                {"code": one.code, "zh": one.zh, "en": one.en, "dry": bool(one.tells), "levels": []}
                for one in outfall_codes()
            ],
            "weathers": [
                {"name": one["word"], "wet": bool(one["wet"]), "zh": one["zh"], "en": one["en"]}
                for one in weathers()
            ],
            "standard": "CJJ 181-2012",
        },
        "asset": {name: [describe_field(entry) for entry in asset_type(name).fields] for name in FORMS},
        "findings": [
            {"name": kind.name, "zh": kind.zh, "en": kind.en, "at": list(kind.at)}
            for kind in kinds().values()
        ],
    }


def _assets(
    state: CityState, named: Sequence[str], around: tuple[float, float] | None
) -> tuple[list[dict[str, Any]], bool]:
    """Return the assets of some orders and what lies within 300 m of them, the nearest first."""
    placed = {name: _middles(state, name) for name in TAKEN if len(state.network.table(name))}
    own = {
        (type_, row)
        for type_, _, id_ in (name.partition("/") for name in named)
        if type_ in placed and (row := state.network.known_row(type_, id_)) is not None
    }
    centres = np.array([placed[type_][row] for type_, row in own] + ([around] if around else []))
    centres = centres.reshape(-1, 2)[~np.isnan(centres.reshape(-1, 2)).any(axis=1)]
    found = [(-1.0, *one) for one in own]
    if len(centres):
        shrink = np.array([np.cos(np.radians(centres[:, 1].mean())), 1.0]) * METRES
        near = cKDTree(centres * shrink)
        for type_, points in placed.items():
            there = np.flatnonzero(~np.isnan(points).any(axis=1))
            away, _ = near.query(points[there] * shrink, distance_upper_bound=AROUND)
            close = np.isfinite(away)
            rows = zip(away[close].tolist(), there[close].tolist(), strict=True)
            found += [(metres, type_, row) for metres, row in rows if (type_, row) not in own]
    found.sort()
    return [_asset(state, type_, row) for _, type_, row in found[:MOST]], len(found) > MOST


def _middles(state: CityState, type_: str) -> Floats:
    """Return the middle of each asset in degrees, NaN where it has no shape. (n, 2)"""
    return state.once(f"middles-{type_}", lambda: _middle_points(state, state.network.table(type_)))


def _middle_points(state: CityState, table: Assets) -> Floats:
    shapes = state.placed(table.shapes, DEGREES)
    ends = shapes.parts[shapes.assets]
    found = np.full((len(table), 2), np.nan)
    there = np.flatnonzero(np.diff(ends) > 0)
    sums = np.concatenate([np.zeros((1, 2)), np.cumsum(shapes.coords, axis=0)])
    count = (ends[1:] - ends[:-1])[there, None]
    found[there] = (sums[ends[1:][there]] - sums[ends[:-1][there]]) / count
    return found


def _asset(state: CityState, type_: str, row: int) -> dict[str, Any]:
    table = state.network.table(type_)
    kind = asset_type(type_)
    values = {
        entry.name: at_border(entry, value)
        for entry in kind.fields
        if entry.name in table.fields and (value := plain_value(table.fields[entry.name], row)) is not None
    }
    bore = table.fields.get("height", table.fields.get("diameter"))
    size = float("nan") if bore is None else float(bore[row])
    first, last = table.shapes.assets[row], table.shapes.assets[row + 1]
    parts = [
        table.shapes.coords[table.shapes.parts[part] : table.shapes.parts[part + 1]]
        for part in range(first, last)
    ]
    return {
        "id": f"{type_}/{table.ids[row]}",
        "type": type_,
        "water": str(values.get("system") or ""),
        "diameter_mm": round(size * 1000.0, 1) if size == size else None,  # noqa: PLR0124 - NaN
        "coordinates": [point for part in in_degrees(state, parts) for point in part],
        "revision": state.network.version,
        "start": str(values.get("from_id") or ""),
        "end": str(values.get("to_id") or ""),
        "fields": values,
    }
