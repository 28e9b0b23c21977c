"""What does the page show of problems: the ledger, one life with its timeline, what waits for whom?"""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from wenqu.errors import Unknown
from wenqu.network.model import link_lengths
from wenqu.records.problem import ProblemEvent
from wenqu.services.city_state import CityState
from wenqu.services.merged_problems import Overlap, overlaps
from wenqu.services.problem_filter import Sought, choices, fits
from wenqu.services.problem_ledger import alarms, ledger, may, problem_of, seen_by
from wenqu.services.problem_lists import road_of, zone_name
from wenqu.services.rights import Person, allows, reach
from wenqu.services.sight import are_districts
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_life import OF_THE_OFFERED, Life, deadline, open_steps
from wenqu.works.problem_tables import Step, emergencies, kinds, states, steps

PROPOSED = 200  # overlaps that are shown
LISTED = 2000  # rows of an answer; the lists as files have all
READ = "read_attributes"
ALL = Sought()


def view_problems(store: Store, state: CityState, person: Person, sought: Sought = ALL) -> dict[str, Any]:
    """Return the problems a person may see: counts by state, rows (open and overdue first), the tables.

    Counts are of all that fits but for the state; rows are of the state, and overdue, if that is asked.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    whole = state.once("problem-ledger", lambda: ledger(store, city, moment))
    lives = seen_by(person, city, whole)
    at = state.network.as_of or now().isoformat(timespec="minutes")
    anyhow = replace(sought, state="", overdue=False)
    chosen = [one for one in lives.values() if fits(one, anyhow, at)]
    chosen.sort(
        key=lambda one: (not one.stands.open, not one.overdue(at), -one.problem.severity, one.problem.id)
    )
    shown = [one for one in chosen if fits(one, sought, at)]
    return {
        "states": {
            name: {
                "count": sum(one.state == name for one in chosen),
                "length_m": sum(one.problem.length for one in chosen if one.state == name),
            }
            for name in states()
        },
        "overdue": sum(one.overdue(at) for one in chosen),
        "rows": [_row(one, state, at) for one in shown[:LISTED]],
        "count": len(chosen),
        "fitting": len(shown),
        "choices": choices(lives.values()),
        "overlaps": [_overlap(pair) for pair in overlaps(chosen)][:PROPOSED],
        "districts": _districts(store, city, person),
        "listed": LISTED,
        "tables": _tables(),
        "simulated": state.network.city.simulated,
    }


def _length(one: Life, state: CityState) -> float:
    """Return how long the conduit of a problem is, 0 of what is none. [m]"""
    problem = one.problem
    row = state.network.known_row("conduit", problem.asset) if problem.asset_type == "conduit" else None
    return 0.0 if row is None else float(np.nan_to_num(link_lengths(state.network.table("conduit"))[row]))


def _row(one: Life, state: CityState, at: str) -> dict[str, Any]:
    problem = one.problem
    return {
        "id": problem.id,
        "asset_type": problem.asset_type,
        "asset": problem.asset,
        "kind": problem.kind,
        "origin": problem.origin,
        "severity": problem.severity,
        "emergency": problem.emergency,
        "what": problem.what,
        "found_on": problem.found_on,
        "state": one.state,
        "open": one.stands.open,
        "owes": one.stands.owes,
        "since": one.since,
        "district": one.district,
        "district_name": zone_name(state.network, one.district),
        "offered": one.offered,
        "road": road_of(state.network, problem.asset_type, problem.asset),
        "body": one.body,
        "person": one.person,
        "due": one.due,
        "overdue": one.overdue(at),
        "length_m": problem.length,
        "version": one.version,
    }


def _tables() -> dict[str, Any]:
    """Return how kinds, states and steps are called, and what steps need."""
    return {
        "kinds": {row.name: {"zh": row.zh, "en": row.en, "at": row.at} for row in kinds().values()},
        "states": {row.name: {"zh": row.zh, "en": row.en, "open": row.open} for row in states().values()},
        "steps": {
            row.name: {"zh": row.zh, "en": row.en, "needs": row.needs, "from": row.from_, "who": row.who}
            for row in steps().values()
        },
        "emergencies": {row.name: {"zh": row.zh, "en": row.en} for row in emergencies()},
    }


def view_problem(store: Store, state: CityState, id_: str, person: Person) -> dict[str, Any]:
    """Return one problem: where it stands, its timeline with evidence, and what the person may do next."""
    city, moment = state.network.city.code, state.network.as_of or None
    one = problem_of(store, city, id_, person, moment)
    at = state.network.as_of or now().isoformat(timespec="minutes")
    rule = deadline(one.problem)
    return {
        **_row(one, state, at),
        "stretch": [one.problem.start, one.problem.end],
        "asset_length_m": _length(one, state),
        "reasons": list(one.problem.reasons),
        "evidence": list(one.problem.evidence),
        "by": one.problem.by,
        "at": one.problem.at,
        "others": list(one.others),
        "districts": _districts(store, city, person),
        "overlaps": [] if moment else [
            _overlap(pair) for pair in overlaps(_beside(store, city, person, one))
            if id_ in {pair.merged.problem.id, pair.into.problem.id}
        ],
        "rule": asdict(rule),
        "timeline": [_event(event) for event in one.events],
        "steps": [] if moment else [
            {"step": step.name, "needs": step.needs, "zh": step.zh, "en": step.en}
            for step in open_steps(one)
            if _takes(person, step, city, one)
        ],
        "tables": _tables(),
        "simulated": one.problem.simulated,
    }  # fmt: skip


def view_after(store: Store, state: CityState, id_: str, person: Person) -> dict[str, Any]:
    """Return a problem after a step; of one that the step took out of the person's sight only that."""
    try:
        return view_problem(store, state, id_, person)
    except Unknown:
        return {"id": id_, "gone": True}


def _districts(store: Store, city: str, person: Person) -> list[dict[str, str]]:
    """Return every district of a city for those who may hand a problem over, their own or not.

    Another's is called by its number: what it is named may be read by those who read its register.
    """
    if not reach(person, "decide", city):
        return []
    zones = store.network(city, types=["zone"]).table("zone")
    rows = zip(zones.ids, zones.column("name"), are_districts(zones), strict=True)
    return [
        {"id": str(id_), "name": str((name if allows(person, READ, city, str(id_)) else "") or id_)}
        for id_, name, named in rows
        if named
    ]


def _beside(store: Store, city: str, person: Person, one: Life) -> list[Life]:
    """Return the problems at the same asset, itself too."""
    here = one.problem.asset_type, one.problem.asset
    lives = seen_by(person, city, ledger(store, city)).values()
    return [other for other in lives if (other.problem.asset_type, other.problem.asset) == here]


def _overlap(pair: Overlap) -> dict[str, Any]:
    """Return a proposal to merge, with what was seen of both."""
    return {
        name: {
            "id": one.problem.id, "version": one.version, "state": one.state, "asset": one.problem.asset,
            "found_on": one.problem.found_on, "stretch": [one.problem.start, one.problem.end],
        }
        for name, one in (("merged", pair.merged), ("into", pair.into))
    }  # fmt: skip


def _takes(person: Person, step: Step, city: str, one: Life) -> bool:
    if not person.account:
        return False
    zone = one.offered if step.name in OF_THE_OFFERED else ""
    return step.who == READ or may(person, step.who, city, one, zone)


def _event(event: ProblemEvent) -> dict[str, Any]:
    return {**asdict(event), "evidence": list(event.evidence), "others": list(event.others)}


def view_alarms(store: Store, city: str, person: Person) -> dict[str, Any]:
    """Return the alarms a person may see, the open ones first."""
    rows = [
        {**asdict(alarm), "noted": asdict(noted) if noted else None}
        for alarm, noted in alarms(store, city, person)
    ]
    table = {row.name: {"zh": row.zh, "en": row.en} for row in emergencies()}
    return {"rows": rows, "open": sum(row["noted"] is None for row in rows), "emergencies": table}
