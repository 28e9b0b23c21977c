"""What could be done at an asset or in a package, by which method, and why not by the others?"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.errors import Unknown
from wenqu.planning.costs import Catalogue, Method, works_cost
from wenqu.planning.options import (
    GRADE_WHEN_UNKNOWN,
    REASONS,
    Options,
    Sites,
    effects,
    fits,
    options,
    quantities,
)
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.plan_city import city_prices, city_rules, gather_evidence
from wenqu.services.plan_sites import gather_sites
from wenqu.store.database import Store
from wenqu.units import from_si

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Everything that could be done in a city as it stands."""

    sites: Sites
    book: Catalogue
    reason: npt.NDArray[np.uint8]  # (sites, methods) why a method does not fit, 0 when it does
    options: Options


def standing(store: Store, state: CityState) -> Standing:
    """Return sites, methods and options of a city, gathered once for each state of it.

    Raises
    ------
    NotEnoughData
        The city has neither grades nor a diagnosis.
    """
    return state.once("standing options", lambda: _standing(store, state))


def _standing(store: Store, state: CityState) -> Standing:
    city = state.network.city.code
    book = city_prices(store, city)
    sites = gather_sites(gather_evidence(store, state), city_rules(store, state))
    return Standing(sites, book, fits(sites, book), options(sites, book))


def options_of_asset(
    store: Store, state: CityState, type_: str, id_: str, seen: Collection[str] | None
) -> dict[str, Any]:
    """Return for each place at an asset every method with cost and effect, or why it does not fit.

    Parameters
    ----------
    seen
        Ids that the reader may know; None for all.
    """
    stands = standing(store, state)
    sites = stands.sites
    rows = [k for k in range(len(sites)) if sites.ids[k] == id_ and sites.asset_type[k] == type_]
    chosen = _chosen(store, state)
    return {
        "asset": {"type": type_, "id": id_},
        "places": [_place(stands, row, chosen, seen) for row in rows],
        "edition": stands.book.edition,
        "simulated": state.network.city.simulated,
    }


def options_of_package(
    store: Store, state: CityState, name: str, seen: Collection[str] | None
) -> dict[str, Any]:
    """Return the places of a package with their methods, and the options of the package as a whole.

    Raises
    ------
    Unknown
        There is no such package, or the reader may see nothing of it.
    """
    stands = standing(store, state)
    rows = np.flatnonzero(stands.sites.package == name)
    mine = [int(row) for row in rows if seen is None or stands.sites.ids[row] in seen]
    if not mine:
        raise Unknown("package", name=name)
    chosen = _chosen(store, state)
    return {
        "package": name,
        "places": [_place(stands, row, chosen, seen) for row in mine],
        "hidden": len(rows) - len(mine),
        "options": _whole(stands, name, chosen) if len(mine) == len(rows) else [],
        "edition": stands.book.edition,
        "simulated": state.network.city.simulated,
    }


def _chosen(store: Store, state: CityState) -> dict[tuple[str, str], tuple[str, str]]:
    """Return method and window of every package and asset in the current programme."""
    made = filed_records.programme(store, state)
    measures = made.measures if made else ()
    return {(one.package, one.asset): (one.method, one.window) for one in measures}


def _place(
    stands: Standing,
    row: int,
    chosen: dict[tuple[str, str], tuple[str, str]],
    seen: Collection[str] | None,
) -> dict[str, Any]:
    sites = stands.sites
    package, name = str(sites.package[row]), str(sites.ids[row])
    method, window = chosen.get((package, name), ("", ""))
    members = sites.ids[sites.package == sites.package[row]]
    some = _taken(sites, row)
    return {
        "asset_type": str(sites.asset_type[row]),
        "asset": name,
        "kind": str(sites.kind[row]),
        "package": package,
        "members": [str(one) for one in members if seen is None or one in seen],
        "length_m": float(sites.length[row]),
        "problem": bool(sites.problem[row]),
        "must": bool(sites.must[row]),
        "clean_m3_per_d": from_si(float(sites.clean[row]), "m³/d"),
        "missing_m3_per_d": from_si(float(sites.missing[row]), "m³/d"),
        "stays": None if sites.stays is None else float(sites.stays[row]),
        "chosen": {"method": method, "window": window} if method else None,
        "methods": [
            _method(entry, some, str(REASONS[stands.reason[row, k]]))
            for k, entry in enumerate(stands.book.methods)
        ],
    }


def _taken(sites: Sites, row: int) -> Sites:
    """Return one of the sites as sites of its own."""
    at = np.array([row])
    columns = {
        name: getattr(sites, name)[at]
        for name in Sites.__dataclass_fields__
        if name not in {"traits", "reasons", "stays"}
    }
    stays = None if sites.stays is None else sites.stays[at]
    traits = {name: values[at] for name, values in sites.traits.items()}
    return Sites(**columns, traits=traits, reasons=(sites.reasons[row],), stays=stays)


def _method(entry: Method, some: Sites, reason: str) -> dict[str, Any]:
    """Return what a method costs and does at one place, or the facts of why it does not fit."""
    told: dict[str, Any] = {"method": entry.key, "zh": entry.zh, "en": entry.en, "reason": reason}
    if reason != "fits":
        return told | {"fits": False, "facts": _facts(entry, some, reason)}
    units = quantities(some, entry)
    clean, sewage = effects(some, entry)
    cost = float(works_cost(entry, units, some.diameter, some.depth)[0])
    return told | {
        "fits": True,
        "facts": {},
        "units": float(units[0]),
        "price_per": entry.price_per,
        "cost": cost,
        "mobilisation": entry.mobilisation,
        "clean_m3_per_d": from_si(float(clean[0]), "m³/d"),
        "sewage_m3_per_d": from_si(float(sewage[0]), "m³/d"),
        "crew_days": entry.crew_days * float(units[0]) + entry.crew_days_fixed,
        "closure_days": entry.closure_days * float(units[0]) + entry.closure_fixed,
        "lanes": entry.lanes,
        "life": entry.life,
    }


def _facts(entry: Method, some: Sites, reason: str) -> dict[str, float | str]:
    """Return the numbers of the sentence ``plan.unfit.<reason>``."""
    millimetres = {"diameter-small": entry.min_diameter, "diameter-large": entry.max_diameter}
    if reason in millimetres:
        return {"value": round(1000 * float(some.diameter[0])), "limit": round(1000 * millimetres[reason])}
    if reason in {"grade", "grade-unknown"}:
        grade = int(some.grade[0]) or GRADE_WHEN_UNKNOWN
        return {"value": "ⅠⅡⅢⅣ"[grade - 1], "limit": "ⅠⅡⅢⅣ"[entry.max_grade - 1]}
    if reason == "many-spots":
        return {"value": int(some.spots[0]), "limit": int(entry.max_spots)}
    return {}


def _whole(
    stands: Standing, name: str, chosen: dict[tuple[str, str], tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return the options of a package: one for each method that leads, with the methods of its parts."""
    made, book = stands.options, stands.book
    found = []
    for row in np.flatnonzero(made.package_ids[made.package] == name).tolist():
        parts = slice(int(made.part_start[row]), int(made.part_start[row + 1]))
        used = [book.methods[k] for k in made.part_method[parts]]
        lead = book.method(str(made.ids[row]).rpartition(":")[2])
        assets = [str(stands.sites.ids[site]) for site in made.part_site[parts]]
        now = [chosen.get((name, asset), ("", ""))[0] for asset in assets]
        found.append(
            {
                "option": str(made.ids[row]),
                "method": lead.key,
                "zh": lead.zh,
                "en": lead.en,
                "cost": float(made.cost[row]),
                "crew_days": float(made.crew_days[row]),
                "clean_m3_per_d": from_si(float(made.part_clean[parts].sum()), "m³/d"),
                "sewage_m3_per_d": from_si(float(made.part_sewage[parts].sum()), "m³/d"),
                "parts": len(used),
                "others": len({one.key for one in used} - {lead.key}),
                "chosen": bool(now) and now == [one.key for one in used],
            }
        )
    return found
