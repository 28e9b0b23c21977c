"""What does a reader see of the choices that were worked out for a city's programme?"""

import json
from typing import Any

import orjson

from wenqu.planning.costs import read_catalogue
from wenqu.planning.verify import Verdict
from wenqu.records.alternative import Alternative
from wenqu.records.programme import Measure, Programme
from wenqu.services.choose_plan import alternatives, find_alternative, may_choose
from wenqu.services.city_state import CityState
from wenqu.services.plan_choices import CHOICES
from wenqu.services.plan_city import relaxed_sentences
from wenqu.services.rights import Person
from wenqu.services.scope_names import scope_names
from wenqu.store.database import Store
from wenqu.units import from_si

LISTED = 400  # differences that are told one by one


def view_choices(store: Store, state: CityState, person: Person, language: str) -> dict[str, Any]:
    """Return the chances, alternatives, steps and what is worth knowing, as they were worked out last.

    Parameters
    ----------
    store
        The whole store.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    may = not moment and may_choose(person, city)
    content = store.document(city, CHOICES, moment)
    base = {"may_choose": may, "simulated": state.network.city.simulated}
    current = _current(store, city, moment)
    if content is None:
        return {**base, "found": None, "alternatives": [], "current": current.id if current else ""}
    told: dict[str, Any] = orjson.loads(content)
    names = scope_names(state, language)
    for row in told["plants"]:
        row["name"] = names.get(row["plant"], row["plant"])
        row["low"], row["high"] = (from_si(row[key], "mg/L") for key in ("low", "high"))
    told["plant_sd"] = [
        {"plant": id_, "name": names.get(id_, id_), "sd": from_si(sd, "mg/L")}
        for id_, sd in told["plant_sd"].items()
    ]
    rows = [_row(one, current, names, language) for one in alternatives(store, city, moment)]
    return {
        **base,
        "found": told,
        "alternatives": rows,
        "current": current.id if current else "",
        "stale": current is not None and current.id != told["programme"],
    }


def _current(store: Store, city: str, moment: str | None) -> Programme | None:
    made = store.records(city, "programme", Programme, as_of=moment, last_run=True)
    return made[-1] if made else None


def _row(one: Alternative, current: Programme | None, names: dict[str, str], language: str) -> dict[str, Any]:
    made = one.programme
    relaxed = [Verdict(**row) for row in json.loads(made.rules).get("relaxations", [])]
    return {
        "id": one.id,
        "kind": one.kind,
        "value": one.value,
        "probability": one.probability,
        "status": made.status,
        "cost": made.cost,
        "bound": made.bound,
        "gap": made.gap,
        "chance": one.chance,
        "span": [one.low, one.high],
        "today": one.today,
        "draws": one.draws,
        "kept": one.kept,
        "form": one.form,
        "length_m": sum(row.length for row in made.measures),
        "count": len(made.measures),
        "years": [
            {"window": window, "cost": sum(row.cost for row in made.measures if row.window == window)}
            for window in made.windows
        ],
        "plants": [
            {
                "plant": row.plant, "name": names.get(row.plant, row.plant), "window": row.window,
                "chance": row.chance, "low": from_si(row.low, "mg/L"), "high": from_si(row.high, "mg/L"),
            }
            for row in one.plants
        ],
        "relaxed": relaxed_sentences(relaxed, language, names),
        "current": current is not None and made.id == current.id,
        "against": None if current is None else counted_differences(current, made),
    }  # fmt: skip


Deed = tuple[str, str, float, Measure]  # option, window, cost, one of its measures


def _packages(made: Programme) -> dict[str, Deed]:
    found: dict[str, Deed] = {}
    for row in made.measures:
        cost = found[row.package][2] if row.package in found else 0.0
        found[row.package] = (row.option, row.window, cost + row.cost, row)
    return found


def counted_differences(now: Programme, other: Programme) -> dict[str, float]:
    """Return how many packages another programme adds, drops, moves, does otherwise, and its extra cost."""
    ours, theirs = _packages(now), _packages(other)
    both = ours.keys() & theirs.keys()
    return {
        "cost": other.cost - now.cost,
        "added": len(theirs.keys() - ours.keys()),
        "dropped": len(ours.keys() - theirs.keys()),
        "moved": sum(ours[name][1] != theirs[name][1] for name in both),
        "otherwise": sum(ours[name][0] != theirs[name][0] for name in both),
    }


def view_differences(store: Store, state: CityState, id_: str) -> dict[str, Any]:
    """Return package by package how an alternative differs from the programme that stands.

    Raises
    ------
    Unknown
        There is no such alternative.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    found = find_alternative(store, city, id_, moment)
    now = _current(store, city, moment)
    ours = _packages(now) if now else {}
    theirs = _packages(found.programme)
    methods = {entry.key: {"zh": entry.zh, "en": entry.en} for entry in read_catalogue().methods}

    def deed(one: Deed | None) -> dict[str, Any] | None:
        if one is None:
            return None
        key = one[0].rpartition(":")[2]
        name = methods.get(key, {"zh": key, "en": key})
        return {"method": key, "method_name": name, "window": one[1], "cost": one[2]}

    rows: list[dict[str, Any]] = []
    for name in sorted(ours.keys() | theirs.keys()):
        before, after = ours.get(name), theirs.get(name)
        if before is not None and after is not None and before[:2] == after[:2]:
            continue
        some = after or before
        kind = "added" if before is None else "dropped" if after is None else "changed"
        rows.append(
            {
                "package": name, "asset": f"{some[3].asset_type}/{some[3].asset}" if some else "",
                "kind": kind, "before": deed(before), "after": deed(after),
            }
        )  # fmt: skip
    rows.sort(key=lambda row: -max(_cost(row["before"]), _cost(row["after"])))
    return {"id": id_, "count": len(rows), "rows": rows[:LISTED]}


def _cost(deed: dict[str, Any] | None) -> float:
    return 0.0 if deed is None else float(deed["cost"])
