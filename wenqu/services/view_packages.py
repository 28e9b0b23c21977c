"""Which packages is a city's programme made of, who made those by hand, and what does each cost at least?"""

from collections.abc import Collection
from typing import Any

import numpy as np

from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.package_hands import hands_of
from wenqu.services.plan_assumptions import assumed_of
from wenqu.services.plan_tables import PACKAGES, versions
from wenqu.services.rights import Person, reach
from wenqu.services.view_options import standing
from wenqu.store.database import Store
from wenqu.units import from_si

LISTED = 50  # steps that are told


def view_packages(
    store: Store, state: CityState, person: Person, seen: Collection[str] | None
) -> dict[str, Any]:
    """Return every package that the reader may see something of, and the steps that made some by hand.

    Parameters
    ----------
    seen
        Ids that the reader may know; None for all. A package is told as what of it is seen.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    stands = standing(store, state)
    sites, made = stands.sites, stands.options
    hands = hands_of(store, city, moment)
    road = _roads(state)
    cheapest = _cheapest(made.package, made.cost, len(made.package_ids))
    best = dict(zip(made.package_ids.tolist(), cheapest, strict=True))
    programme = filed_records.programme(store, state)
    chosen = {one.package: (one.window, one.method) for one in (programme.measures if programme else ())}
    rows: dict[str, dict[str, Any]] = {}
    for k, name in enumerate(sites.package.tolist()):
        id_ = str(sites.ids[k])
        if seen is not None and id_ not in seen:
            continue
        row = rows.get(name)
        if row is None:
            window, method = chosen.get(name, ("", ""))
            row = rows[name] = {
                "id": str(name),
                "by_hand": name in hands,
                "kind": str(sites.kind[k]),
                "asset_type": str(sites.asset_type[k]),
                "members": [],
                "roads": [],
                "district": str(sites.district[k]),
                "plant": str(sites.plant[k]),
                "length_m": 0.0,
                "problem_m": 0.0,
                "clean_m3_per_d": 0.0,
                "cost_from": best.get(name),
                "window": window,
                "method": method,
            }
        row["members"].append(id_)
        row["length_m"] += float(sites.length[k])
        row["problem_m"] += float(sites.length[k]) if sites.problem[k] else 0.0
        row["clean_m3_per_d"] += float(from_si(float(sites.clean[k]), "m³/d"))
        street = road.get(id_, "")
        if street and street not in row["roads"]:
            row["roads"].append(street)
    whole = seen is None
    return {
        "rows": sorted(rows.values(), key=lambda row: (-row["length_m"], row["id"])),
        "by_hand": sum(row["by_hand"] for row in rows.values()),
        "steps": [
            {"id": one.id, "at": one.at, "by": one.by, "reason": one.reason}
            for one in versions(store, city, PACKAGES, moment)
        ][:LISTED] if whole else [],
        "longest_m": assumed_of(store, city, moment).package_length,
        "methods": {one.key: {"zh": one.zh, "en": one.en} for one in stands.book.methods},
        "may": bool(reach(person, "decide", city)),
        "simulated": state.network.city.simulated,
    }  # fmt: skip


def _cheapest(package: Any, cost: Any, count: int) -> list[float | None]:
    least = np.full(count, np.inf)
    np.minimum.at(least, package, cost)
    return [float(value) if np.isfinite(value) else None for value in least]


def _roads(state: CityState) -> dict[str, str]:
    table = state.network.table("conduit")
    return {str(id_): str(name or "") for id_, name in zip(table.ids, table.column("road"), strict=True)}
