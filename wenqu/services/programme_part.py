"""What of a city's programme may somebody see who sees a part of the city?"""

import json
import math
from dataclasses import replace

from wenqu.records.programme import Measure, Programme
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.store.database import Store


def programme_part(store: Store, state: CityState, whole: Store | None = None) -> Programme | None:
    """Return the last programme, cut to the assets and plants that are seen; None when there is none.

    Parameters
    ----------
    store, state
        What the person sees.
    whole
        The store as it is: a programme speaks of the whole city and is no one's to read who sees a part.
    """
    code = state.network.city.code
    if whole is None or store.sees_all(code):
        return filed_records.programme(store, state)
    return state.once("programme part", lambda: _cut(whole, state))


def _cut(whole: Store, state: CityState) -> Programme | None:
    code, moment = state.network.city.code, state.network.as_of or None
    made = whole.records(code, "programme", Programme, as_of=moment, last_run=True)
    if not made:
        return None
    last = made[-1]
    plants = {str(id_) for id_ in state.network.table("plant").ids}
    there = {
        type_: {str(id_) for id_ in state.network.table(type_).ids}
        for type_ in {one.asset_type for one in last.measures}
    }
    mine = tuple(one for one in last.measures if _seen(one, there))
    zones = {str(id_) for id_ in state.network.table("zone").ids}
    rules = json.loads(last.rules) if last.rules else {}
    lengths = {name: value for name, value in rules.get("problem_length_m", {}).items() if name in zones}
    kept = {**{name: rules[name] for name in ("clean_bod_mg_per_L", "windows") if name in rules},
            "problem_length_m": lengths}  # fmt: skip
    return replace(
        last, measures=mine, outlook=tuple(one for one in last.outlook if one.plant in plants),
        cost=math.fsum(one.cost for one in mine), bound=math.nan, gap=math.nan, rules=json.dumps(kept),
    )  # fmt: skip


def _seen(one: Measure, there: dict[str, set[str]]) -> bool:
    return all(name in there[one.asset_type] for name in one.asset.split("|"))
