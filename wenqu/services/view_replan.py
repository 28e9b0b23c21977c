"""What is shown of programmes made anew: what can be asked, a proposal, the history, a difference?"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from wenqu.errors import Unknown
from wenqu.messages import say
from wenqu.network.geometry import geometries_from
from wenqu.network.model import Network
from wenqu.network.schema import asset_type
from wenqu.planning.assumptions import assumptions
from wenqu.planning.costs import read_catalogue
from wenqu.planning.rules import rules_text
from wenqu.records.programme import Programme
from wenqu.records.replan import Fact, Replan
from wenqu.services.city_state import CityState
from wenqu.services.drawn_chance import read_chance
from wenqu.services.effect_ledger import effect_ledger
from wenqu.services.file_replan import refusal_of
from wenqu.services.learned_prices import PRICES
from wenqu.services.programme_chance import programme_chance
from wenqu.services.programme_difference import programme_difference
from wenqu.services.replan_asked import Asked, book_text, lot_name
from wenqu.services.replan_city import FOLDER, REPLAN
from wenqu.services.replan_facts import unit_price_of
from wenqu.services.replan_ground import base_programme, city_rules, first_open, gather_ground
from wenqu.services.rights import Person, demand, reach
from wenqu.services.scope_names import scope_names
from wenqu.services.standing_works import ACCEPTED, standing_pipes
from wenqu.services.wording_plan import missed_sentence, verdict_sentence
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store

DEGREES = "EPSG:4326"
PROPOSED = 10  # proposals that are listed
TOLD_UNITS = {"kg/m³": " mg/L", "-": "", "m": " m"}  # units of an assumption as they are told
DRAWN = 4000  # changed assets that are drawn


def may_plan(person: Person, city: str) -> bool:
    """Tell whether a person may make the programme of a city anew: it speaks of the whole city."""
    return reach(person, "decide", city).whole


def what_to_ask(store: Store, state: CityState, person: Person, language: str) -> dict[str, Any]:
    """Return what is otherwise than when the programme was made, and what can be asked to be otherwise.

    Raises
    ------
    NotEnoughData
        The city has no programme yet.
    """
    city = state.network.city.code
    may = may_plan(person, city)
    base, at = base_programme(store, city)
    found: dict[str, Any] = {"programme": base.id, "at": at, "may": may}
    if not may:
        return found
    rules = city_rules(store, city, base)
    body = json.loads(rules_text(rules))
    ledger = effect_ledger(store, city)
    book = read_catalogue(book_text(store, city, PRICES))
    return found | {
        "facts": told_facts(gather_ground(store, city, Asked()).facts, language, state),
        "methods": [
            {"key": one.key, "name": {"zh": one.zh, "en": one.en}, "unit": one.price_per,
             "price": unit_price_of(one)}
            for one in book.methods
        ],
        "windows": list(rules.windows),
        "first_open": first_open(store, state, rules),
        "budgets": body["budget_wan_yuan"],
        "change_prices": body["change_price_yuan"],
        "lots": _lots(store, state),
        "proposals": _proposals(store, city, base.id),
        "verifications": [
            {"id": id_, "name": one.name,
             "verdict": ledger.judged[id_].verdict if id_ in ledger.judged else "",
             "methods": [name for name, _ in one.methods]}
            for id_, one in ledger.verifications.items()
        ],
    }  # fmt: skip


def _lots(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return the lots with how many of their pipes stand accepted."""
    status = {one.asset: one for one in standing_pipes(store, state)}
    done: dict[str, int] = {}
    for one in status.values():
        done[one.lot] = done.get(one.lot, 0) + (one.status == ACCEPTED)
    return [
        {"id": lot_name(project.id, lot.id), "project": project.name, "name": lot.name,
         "pipes": len(lot.works), "accepted": done.get(lot_name(project.id, lot.id), 0)}
        for project in works_ledger(store, state).projects.values()
        for lot in project.lots
    ]  # fmt: skip


def _proposals(store: Store, city: str, base: str) -> list[dict[str, Any]]:
    """Return the last proposals against a programme, newest first."""
    made = [one for one in store.records(city, REPLAN, Replan) if one.base == base]
    return [
        {"id": one.id, "at": one.at, "by": one.by, "status": one.programme.status,
         "cost": one.programme.cost, "assumed": one.assumed}
        for one in reversed(made[-PROPOSED:])
    ]  # fmt: skip


def told_facts(facts: Sequence[Fact], language: str, state: CityState) -> list[dict[str, Any]]:
    """Return facts with their sentences."""
    return [
        {"kind": one.kind, "said": fact_sentence(one, language, state.network), "count": len(one.assets),
         "assets": list(one.assets[:20]), "ids": list(one.ids), "assumed": one.assumed}
        for one in facts
    ]  # fmt: skip


def fact_sentence(fact: Fact, language: str, network: Network) -> str:
    """Return a fact in words."""
    return say(f"replan.fact.{fact.kind}", language, **_told(fact, language, network))


def _told(fact: Fact, language: str, network: Network) -> Mapping[str, object]:
    about = fact.about
    methods = {one.key: getattr(one, language, one.zh) for one in read_catalogue().methods}
    if fact.methods:
        about = methods.get(fact.about, fact.about)
    elif fact.kind == "plant":
        table = network.table("plant")
        names = dict(zip(table.ids, table.column("name"), strict=True))
        about = names.get(fact.about) or fact.about
    elif fact.kind == "rule":
        about = say(f"page.plan.rule_{fact.about}", language)
    elif fact.kind == "assumption":
        about = getattr(assumptions()[fact.about], language, fact.about)
    scale = 100.0 if fact.kind == "effect" else 1000.0 if fact.unit == "kg/m³" else 1.0

    def number(value: float | None) -> str:
        return (
            "–"
            if value is None
            else f"{value * scale:,.4g}"
            if abs(value * scale) < 1e4
            else f"{value * scale:,.0f}"
        )

    share = 0.0
    if fact.before and fact.after is not None:
        share = fact.after / fact.before - 1
    return {
        "about": about, "unit": TOLD_UNITS.get(fact.unit, fact.unit), "before": number(fact.before),
        "after": number(fact.after), "share": share, "said": fact.said, "count": len(fact.assets),
        "ids": ", ".join(fact.ids) or "–",
    }  # fmt: skip


def programmes(store: Store, city: str) -> dict[str, tuple[Programme, str]]:
    """Return every programme that was filed, by id, with the time of its filing."""
    return {row.id: (row, filing.at) for row, filing in store.filed(city, "programme", Programme)}


def view_history(store: Store, state: CityState) -> dict[str, Any]:
    """Return the programmes that were filed, newest first."""
    city = state.network.city.code
    proposals = {one.programme.id: one for one in store.records(city, REPLAN, Replan)}
    rows = []
    for id_, (one, at) in reversed(programmes(store, city).items()):
        made = proposals.get(id_)
        rows.append(
            {"id": id_, "at": at, "by": one.by, "status": one.status, "cost": one.cost, "gap": one.gap,
             "count": len({each.package for each in one.measures}),
             "length_m": sum(each.length for each in one.measures),
             "base": made.base if made else "", "facts": len(made.facts) if made else 0,
             "change_price": made.change_price if made else 0.0, "catalogue": one.catalogue}
        )  # fmt: skip
    return {"rows": rows}


def view_difference(store: Store, state: CityState, before: str, after: str, language: str) -> dict[str, Any]:
    """Return the difference between two programmes that were filed.

    Raises
    ------
    Unknown
        There is no such programme.
    """
    city = state.network.city.code
    known = programmes(store, city)
    for name in (before, after):
        if name not in known:
            raise Unknown("programme", name=name)
    made = next(
        (one for one in store.records(city, REPLAN, Replan)
         if one.programme.id == after and one.base == before), None,
    )  # fmt: skip
    facts = made.facts if made else ()
    found = programme_difference(known[before][0], known[after][0], facts)
    return found | _shown(found, state) | {"facts": told_facts(facts, language, state)}


def replan_of(store: Store, city: str, id_: str) -> Replan:
    """Return one proposal.

    Raises
    ------
    Unknown
        There is no such proposal.
    """
    for one in store.records(city, REPLAN, Replan):
        if one.id == id_:
            return one
    raise Unknown("replan", name=id_)


def view_proposal(store: Store, state: CityState, id_: str, person: Person, language: str) -> dict[str, Any]:
    """Return a proposal: what it changes against its base, from which facts, and whether it can be filed.

    Raises
    ------
    Refused
        The person does not decide in all of the city.
    Unknown
        There is no such proposal.
    """
    city = state.network.city.code
    demand(person, "decide", city)
    made = replan_of(store, city, id_)
    base = programmes(store, city)[made.base][0]
    found = programme_difference(base, made.programme, made.facts)
    rules = json.loads(made.programme.rules)
    refused = refusal_of(store, city, made)
    names = scope_names(state, language)
    return found | _shown(found, state) | {
        "id": made.id,
        "facts": told_facts(made.facts, language, state),
        "asked": json.loads(made.asked),
        "change_price": made.change_price,
        "changes": rules["replan"]["changes"],
        "keeping": [missed_sentence(json.loads(one), language, names) for one in made.keeping],
        "keeping_cost": made.keeping_cost,
        "chance": _chances(store, state, base, made),
        "overdue": list(made.overdue),
        "relaxed": [verdict_sentence(one, language, names) for one in rules["relaxations"]],
        "assumed": made.assumed,
        "refused": refused and say(f"replan.not-filed.{refused}", language),
        "simulated": made.simulated,
    }  # fmt: skip


def _chances(store: Store, state: CityState, base: Programme, made: Replan) -> dict[str, Any]:
    """Return how probable the programme before reaches its targets, and the proposal."""
    content = store.document(state.network.city.code, f"{FOLDER}{made.id}/chance.json")
    both = {
        "before": programme_chance(store, state, base),
        "after": None if content is None else read_chance(content),
    }
    return {
        name: {"chance": one.chance, "span": [one.low, one.high], "draws": one.draws}
        if one is not None and one.targets else None
        for name, one in both.items()
    }  # fmt: skip


def _shown(found: Mapping[str, Any], state: CityState) -> dict[str, Any]:
    """Return the changed assets as they lie on the map, and the names of the plants."""
    table = state.network.table("plant")
    names = dict(zip(table.ids, table.column("name"), strict=True))
    wanted: dict[str, dict[str, str]] = {}
    for row in found["rows"]:
        for asset in row["assets"]:
            wanted.setdefault(row["asset_type"], {}).setdefault(asset, row["what"])
    features = [feature for type_, assets in wanted.items() for feature in _features(state, type_, assets)][
        :DRAWN
    ]
    return {
        "names": {str(row["plant"]): names.get(row["plant"]) or row["plant"] for row in found["plants"]},
        "drawn": {"type": "FeatureCollection", "features": features},
    }


def _features(state: CityState, type_: str, assets: Mapping[str, str]) -> list[dict[str, Any]]:
    if type_ not in state.network.tables:
        return []
    table = state.network.table(type_)
    rows = np.flatnonzero(np.isin(table.ids.astype(str), list(assets)))
    some = table.take(rows)
    drawn = geometries_from(state.placed(some.shapes, DEGREES), asset_type(type_).geometry)
    return [
        {
            "type": "Feature",
            "geometry": orjson.loads(shapely.to_geojson(shape)),
            "properties": {"id": str(name), "type": type_, "what": assets[str(name)]},
        }
        for name, shape in zip(some.ids, drawn, strict=True)
        if shape is not None and not shape.is_empty
    ]
