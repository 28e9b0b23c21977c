"""Which rules must give way so that a programme becomes possible, by how much, and who lets them?"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.planning.conditions import KINDS
from wenqu.planning.plants import aims, best_concentrations
from wenqu.planning.rules import Rules, rules_text
from wenqu.services.city_state import CityState
from wenqu.services.plan_city import RULES
from wenqu.services.programme_proof import PROOF, read_proof
from wenqu.services.relaxed_causes import NOTHING, Barred, barred_names
from wenqu.services.relaxed_conditions import LISTS, condition_patch
from wenqu.services.replan_asked import patched_rules
from wenqu.services.replan_facts import rule_said
from wenqu.services.replan_ground import base_programme, city_rules
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.services.scope_names import scope_names
from wenqu.services.wording_plan import verdict_sentence
from wenqu.store.database import Store
from wenqu.units import from_si

STEP = 1e-3  # [-] shares are let by whole thousandths
WAN = 1e4  # [yuan]
LOCAL_LIMITS = {  # rule: its list in rules.json, what names the row, its table of limits
    "district-budget": ("district_budgets", "district", "limits_wan_yuan"),
    "method-crew": ("method_crew_days", "method", "limits_d"),
}
MILESTONES = {"share": "capacity_share", "length": "length_share"}


def patch_of(
    row: Mapping[str, Any], rules: Rules, barred: Barred = NOTHING, *, instead: bool = False
) -> dict[str, Any] | None:
    """Return the smallest change of the rules that lets one missed rule go; None where none would.

    Limits are raised to the next whole 万元 or day, shares lowered to the next whole thousandth.

    Parameters
    ----------
    barred
        What rules say must not be done. Where that is all that a date or a length misses, it may be done
        again: what causes a miss goes before the target does.
    instead
        The target goes although something causes its miss; None where nothing does.
    """
    body = json.loads(rules_text(rules))
    causes = barred.cause(row)
    if instead and not causes:
        return None
    if causes and not instead:
        return {"must_not": [one for one in body["must_not"] if one["name"] not in causes]}
    rule, window = str(row["rule"]), str(row["window"])
    reached = math.nan if row["reached"] is None else float(row["reached"])
    if math.isnan(reached):
        return condition_patch(row, body)
    lower = max(math.floor(reached / STEP + 1e-9) * STEP, 0.0)
    simple: dict[str, dict[str, Any]] = {
        "budget": {"budget_wan_yuan": {window: float(math.ceil(reached / WAN))}},
        "crew": {"crew_days": {window: float(math.ceil(reached))}},
        "pace": {"pace": _more_pace(rules.pace, row, reached)},
        "must": {"must_by": ""},
        "guard": {"load_guard": False},
    }
    if rule in MILESTONES:
        name = MILESTONES[rule]
        return {name: [_lowered(one, row, lower) for one in body[name]]}
    if rule in LOCAL_LIMITS:
        name, key, limits = LOCAL_LIMITS[rule]
        size = WAN if limits == "limits_wan_yuan" else 1.0
        raised = {window: float(math.ceil(reached / size))}
        return {name: [
            {**one, limits: {**one.get(limits, {}), **raised}} if one[key] == row["scope"] else one
            for one in body[name]
        ]}  # fmt: skip
    return simple.get(rule) or condition_patch(row, body)


def _more_pace(pace: float, row: Mapping[str, Any], reached: float) -> float:
    """Return the share that lets it go: what is asked has the dearest package on top of it already."""
    over = max(reached - float(row["demanded"]), 0.0)
    return min(math.ceil((pace + over) / STEP - 1e-9) * STEP, 1.0)


def _lowered(one: dict[str, Any], row: Mapping[str, Any], lower: float) -> dict[str, Any]:
    """Return a milestone lowered where it is the one that is missed: due by then, for that district."""
    scope = str(row["scope"])
    mine = one.get("district", "") in ({scope, "*"} if scope else {""})
    share = row["demanded"] if isinstance(row["demanded"], int | float) else 0.0
    same = one["by"] <= str(row["window"]) and float(one["share"]) >= float(share) - 1e-6
    return {**one, "share": min(float(one["share"]), round(lower, 9))} if mine and same else one


def merged(patches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several changes of the rules as one: of shares the lower stands, of limits the higher."""
    made: dict[str, Any] = {}
    for patch in patches:
        for name, value in patch.items():
            made[name] = _both(name, made[name], value) if name in made else value
    return made


def _both(name: str, one: Any, other: Any, lower: bool = False) -> Any:
    """Return the looser of two values of one rule; of lists that lose rows what both leave."""
    if isinstance(one, dict) and isinstance(other, dict):
        least = str(one.get("operator", "")).startswith(">")
        return {
            key: _both(key, one[key], other[key], lower=least)
            if key in one and key in other else {**one, **other}[key]
            for key in one | other
        }  # fmt: skip
    if name in LISTS:
        return [row for row in one if row in other]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_both(name, first, second) for first, second in zip(one, other, strict=True)]
    if isinstance(one, float) and isinstance(other, float):
        smaller = name in {"share", "amount"} or (lower and name == "threshold_mg_per_L")
        return min(one, other) if smaller else max(one, other)
    return one if other is None else other


def relaxations(store: Store, state: CityState, language: str) -> dict[str, Any]:
    """Return what the programme misses, the smallest change of rules for each, and what plants can reach.

    Raises
    ------
    NotEnoughData
        The city has no programme yet.
    """
    city = state.network.city.code
    programme, _ = base_programme(store, city)
    rules = city_rules(store, city, programme)
    rows = json.loads(programme.rules or "{}").get("relaxations", [])
    body = json.loads(rules_text(rules))
    names, barred = scope_names(state, language), barred_names(store, city)
    return {
        "programme": programme.id,
        "status": programme.status,
        "rows": [
            {"rule": row["rule"], "scope": row["scope"], "window": row["window"],
             "said": verdict_sentence(row, language, names), "patch": patch, "to": _to(patch, body),
             "cause": list(barred.cause(row)), "instead": other, "instead_to": _to(other, body)}
            for row in rows
            for patch, other in [(patch_of(row, rules, barred), patch_of(row, rules, barred, instead=True))]
        ],
        "plants": _reachable(store, state),
    }  # fmt: skip


def _to(patch: Mapping[str, Any] | None, body: Mapping[str, Any]) -> dict[str, str]:
    """Return in short what each list of further conditions would say, or which of its rows would go."""
    return {
        name: f"− {rule_said(body[name], value)}" if name in LISTS else rule_said(value, body[name])
        for name, value in (patch or {}).items()
        if name in KINDS
    }


def _reachable(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return what each plant could reach if money were no object; null where nothing is known of its load."""
    city = state.network.city.code
    content = store.document(city, PROOF)
    if content is None:
        return []
    proof = read_proof(content)
    table = state.network.table("plant")
    names = dict(zip(table.ids, table.column("name"), strict=True))
    best = best_concentrations(proof.options, proof.plants, proof.rules)
    wanted = aims(proof.plants, proof.rules)
    made = []
    for row, name in enumerate(proof.plants.ids):
        value = float(best[row])
        known = bool(np.isfinite(value))
        made.append(
            {"plant": str(name), "name": names.get(name) or str(name),
             "counts": bool(proof.plants.counts[row]), "wanted": from_si(float(wanted[row]), "mg/L"),
             "best": from_si(value, "mg/L") if known else None,
             "can": known and value >= float(wanted[row]) * (1 - 1e-9)}
        )  # fmt: skip
    return made


def relax_rules(
    store: Store,
    city: str,
    programme: str,
    which: Sequence[int],
    *,
    why: str,
    person: Person,
    instead: bool = False,
) -> dict[str, Any]:
    """Let some of the rules go that the programme misses, as a new version of the city's rules.

    Parameters
    ----------
    programme
        Id of the programme whose relaxations are meant: it must still be the one that stands.
    which
        Their places; all of them when empty.
    instead
        Where something causes a miss, let the target go rather than its cause.

    Raises
    ------
    Refused
        The person does not decide in all of the city, or another programme stands by now.
    BadInput
        No reason is given, or the rules would make no sense.
    Unknown
        There is no such relaxation.
    """
    demand_account(person)
    demand(person, "decide", city)
    if not reach(person, "decide", city).whole:
        raise Refused("rights-part", city=city)
    if not why.strip():
        raise BadInput("replan-why")
    with store.change(city, who=person.account, why=f"rules: {why.strip()}") as change:
        stands, _ = base_programme(store, city)
        if stands.id != programme:
            raise Refused("replan-stale")
        rows = json.loads(stands.rules or "{}").get("relaxations", [])
        if not rows:
            raise NotEnoughData("no-relaxations")
        chosen = list(which) or list(range(len(rows)))
        if not all(0 <= place < len(rows) for place in chosen):
            raise Unknown("relaxation", name=", ".join(str(place) for place in chosen))
        rules = city_rules(store, city, stands)
        barred = barred_names(store, city)
        patches = [
            (patch_of(rows[place], rules, barred, instead=True) if instead else None)
            or patch_of(rows[place], rules, barred)
            for place in chosen
        ]
        patch = merged([one for one in patches if one is not None])
        made = patched_rules(rules, json.dumps(patch))
        change.write_document(RULES, rules_text(made).encode(), "application/json")
    return patch
