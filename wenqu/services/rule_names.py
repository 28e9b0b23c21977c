"""Which names may the rules of a programme use, and which do they use that the city does not have?"""

from collections.abc import Iterable, Iterator
from typing import Any

from wenqu.issues import Issue, Place, Weight
from wenqu.planning.conditions import AMOUNTS, FUNDS, OPERATORS, PLACES, POLLUTANTS
from wenqu.planning.rules import Rules
from wenqu.planning.rules_check import FILE
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import own_prices
from wenqu.store.database import Store


def rule_names(store: Store, state: CityState) -> dict[str, Any]:
    """Return the plants, districts, methods, streets and words that rules may use."""
    network, city = state.network, state.network.city.code
    plants, zones = network.table("plant"), network.table("zone")
    districts = zip(_named(zones.ids, zones.column("name")), zones.column("kind"), strict=True)
    return {
        "plants": _named(plants.ids, plants.column("name")),
        "districts": [row for row, kind in districts if kind == "district"],
        "methods": [
            {"id": entry.key, "zh": entry.zh, "en": entry.en} for entry in own_prices(store, city).methods
        ],
        "streets": sorted({str(name) for name in network.table("conduit").column("road") if name}),
        "pollutants": list(POLLUTANTS),
        "operators": list(OPERATORS),
        "funds": list(FUNDS),
        "places": list(PLACES),
        "amounts": list(AMOUNTS),
    }


def _named(ids: Iterable[object], names: Iterable[object]) -> list[dict[str, str]]:
    return [{"id": str(id_), "name": str(name or id_)} for id_, name in zip(ids, names, strict=True)]


def strangers(store: Store, state: CityState, rules: Rules) -> Iterator[Issue]:
    """Yield the plants, districts, methods, streets and packages of rules that the city does not have."""
    names = rule_names(store, state)
    programme = filed_records.programme(store, state)
    places = {measure.package for measure in programme.measures} if programme else set()
    for table in state.network.tables.values():
        places |= {str(id_) for id_ in table.ids}
    known = {
        "plant": {row["id"] for row in names["plants"]},
        "district": {row["id"] for row in names["districts"]} | {"*"},
        "method": {row["id"] for row in names["methods"]},
        "street": set(names["streets"]),
        "place": places,
    }
    for kind, field, name in (*_of_waters_and_money(rules), *_of_places(rules)):
        if name and name not in known[kind]:
            facts: dict[str, object] = {"field": field, "value": name, "kind": kind}
            yield Issue("rules.stranger", Weight.DOUBT, "rule", field, Place(FILE), facts)


def _of_waters_and_money(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, where it stands, name) of the plants, districts and methods that rules name."""
    for k, length in enumerate(rules.lengths):
        yield "district", f"length_share[{k}].district", length.district
    for k, margin in enumerate(rules.margins):
        yield "plant", f"plant_margins[{k}].plant", margin.plant
    for k, flow in enumerate(rules.flows):
        yield "plant", f"flow_limits[{k}].plant", flow.plant
    for k, fund in enumerate(rules.funds):
        yield from (("district", f"funds[{k}].districts", name) for name in fund.districts)
        yield from (("method", f"funds[{k}].methods", name) for name in fund.methods)
    for k, budget in enumerate(rules.district_budgets):
        yield "district", f"district_budgets[{k}].district", budget.district
    for k, days in enumerate(rules.method_days):
        yield "method", f"method_crew_days[{k}].method", days.method
    for k, least in enumerate(rules.least):
        yield "district", f"minimum_work[{k}].district", least.district


def _of_places(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Yield the same of streets, packages and assets."""
    for k, closed in enumerate(rules.moratoria):
        kind = {"package": "place", "asset": "place"}.get(closed.of, closed.of)
        if kind in {"place", "street", "district"}:
            yield kind, f"moratoria[{k}].name", closed.name
        yield from (("method", f"moratoria[{k}].methods", name) for name in closed.methods)
    for k, order in enumerate(rules.orders):
        yield "place", f"precedence[{k}].first", order.first
        yield "place", f"precedence[{k}].then", order.then
    for k, wanted in enumerate(rules.must_do):
        yield "place", f"must_do[{k}].name", wanted.name
    for k, barred in enumerate(rules.must_not):
        yield "place", f"must_not[{k}].name", barred.name
