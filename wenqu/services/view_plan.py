"""What does the current programme do, year by year, and what does it reach?"""

import json
from collections import Counter, defaultdict

from wenqu.errors import NotEnoughData
from wenqu.planning.costs import Method, read_catalogue
from wenqu.records.programme import Measure, Programme
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.programme_chance import told_chance
from wenqu.store.database import Store
from wenqu.units import from_si


def view_plan(store: Store, state: CityState) -> dict[str, object]:
    """Return the last programme in border units, with its proof, years, outlook and measures.

    Raises
    ------
    NotEnoughData
        The city has no programme yet.
    """
    programme = filed_records.programme(store, state)
    if programme is None:
        raise NotEnoughData("no-programme", city=state.network.city.code)
    plants = state.network.table("plant")
    methods = {entry.key: entry for entry in read_catalogue().methods}
    names = dict(zip(plants.ids, plants.column("name"), strict=True))
    return {
        "id": programme.id,
        "status": programme.status,
        "cost": programme.cost,
        "bound": programme.bound,
        "gap": programme.gap,
        "seconds": programme.seconds,
        "windows": list(programme.windows),
        "years": [_year(programme, window) for window in programme.windows],
        "outlook": [
            {
                "plant": entry.plant,
                "name": names.get(entry.plant) or entry.plant,
                "window": entry.window,
                "concentration": from_si(entry.concentration, "mg/L"),
                "threshold": from_si(entry.threshold, "mg/L"),
                "flow": from_si(entry.flow, "m³/d"),
                "load": from_si(entry.load, "kg/d"),
                "meets": entry.meets,
            }
            for entry in programme.outlook
        ],
        "measures": [_measure(measure, methods) for measure in programme.measures],
        "rules": json.loads(programme.rules),
        "catalogue": programme.catalogue,
        "catalogue_status": "default" if "default" in programme.catalogue else "own",
        "simulated": programme.simulated,
        "at": programme.at,
        "chance": told_chance(store, state),
    }


def _year(programme: Programme, window: str) -> dict[str, object]:
    chosen = [measure for measure in programme.measures if measure.window == window]
    by_method: defaultdict[str, float] = defaultdict(float)
    for measure in chosen:
        by_method[measure.method] += measure.cost
    return {
        "window": window,
        "cost": sum(measure.cost for measure in chosen),
        "length_m": sum(measure.length for measure in chosen),
        "count": len(chosen),
        "by_method": dict(by_method),
        "counts": dict(Counter(measure.method for measure in chosen)),
    }


def _measure(measure: Measure, methods: dict[str, Method]) -> dict[str, object]:
    method = methods.get(measure.method)
    name = {"zh": method.zh, "en": method.en} if method else {"zh": measure.method, "en": measure.method}
    return {
        "option": measure.option,
        "package": measure.package,
        "asset_type": measure.asset_type,
        "asset": measure.asset,
        "method": measure.method,
        "method_name": name,
        "window": measure.window,
        "cost": measure.cost,
        "length": measure.length,
        "district": measure.district,
        "plant": measure.plant,
        "flow_removed": from_si(measure.flow_removed, "m³/d"),
        "load_gained": from_si(measure.load_gained, "kg/d"),
        "reasons": list(measure.reasons),
    }
