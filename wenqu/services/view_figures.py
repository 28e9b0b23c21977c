"""The percentages of the programme: each with its list, its pipes, their proofs and the rule."""

import re
from dataclasses import asdict
from datetime import date
from typing import Any

from wenqu.errors import BadInput
from wenqu.services.city_state import CityState
from wenqu.services.describe_city import districts
from wenqu.services.figure_links import proof_links
from wenqu.services.figure_proofs import heirs_grounds
from wenqu.services.freeze_figures import bridge_now, bridge_told
from wenqu.services.programme_accounts import (
    LIST_OF,
    LISTS,
    all_accounts,
    frozen_versions,
    stage_account,
)
from wenqu.services.programme_tables import rules_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.accounting import Account
from wenqu.supervision.milestones import milestones
from wenqu.supervision.own_tables import OwnMilestone
from wenqu.supervision.targets import Target, milestone

DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
LISTED = 2000  # pipes of an answer; the signed file has all
TARGET_OF = {
    "surveyed": "surveyed", "evaluated": "evaluated", "problem": "evaluated",
    "repaired": "repaired", "accepted": "repaired",
}  # fmt: skip
STAGE_OF = {"surveyed": "surveyed", "evaluated": "evaluated", "repaired": "accepted"}  # of an indicator


def day_of(state: CityState) -> str:
    """Return the day of the question: the as-of date, else today."""
    return (state.network.as_of or now().isoformat())[:10]


def counted_day(state: CityState, on: str = "") -> str:
    """Return the day that is counted on: one asked for, by what the state knows, else the state's own.

    Figures have two days: what was known (the state's), and what is stated to have been done by a day.

    Raises
    ------
    BadInput
        It is no date, or lies beyond what the state knows: nothing can be counted ahead.
    """
    known = day_of(state)
    if on and not DAY.fullmatch(on):
        raise BadInput("works-day", day=on)
    if on and on > known:
        raise BadInput("figure-ahead", day=on, known=known)
    return on or known


def view_figures(store: Store, state: CityState, on: str = "") -> dict[str, Any]:
    """Return every stage by length and by count, by district, its list, and the milestones.

    With ``on`` what is stated for that ISO day is counted by what the state knows, and what was filed only
    later counts too; ``known`` says on which day it was known.
    """
    day = counted_day(state, on)
    accounts = all_accounts(store, state, day)
    return {
        "day": day,
        "known": day_of(state),
        "names": {one["id"]: one["name"] for one in districts(state)},
        "stages": {
            stage: {
                "list": LIST_OF[stage],
                "whole": asdict(found.whole()),
                "districts": {name: asdict(share) for name, share in found.by_district().items()},
                "rule": rule_told(rule_of(stage, day)),
            }
            for stage, found in accounts.items()
        },
        "lists": {key: [asdict(one) for one in frozen_versions(store, state, key)] for key in LISTS},
        "milestones": _milestones(store, state, day),
        "own_milestones": _own_milestones(store, state, day),
        "simulated": state.network.city.simulated,
    }


def rule_of(stage: str, day: str) -> Target:
    """Return the rule that a stage is counted by: that of the milestone next to the day."""
    return milestone(TARGET_OF[stage], date.fromisoformat(day))


def rule_told(rule: Target) -> dict[str, Any]:
    """Return formula and edition of a rule as they are sent."""
    return {
        "formula": {"zh": rule.formula_zh, "en": rule.formula_en},
        "edition": rule.edition,
        "status": rule.status,
    }


def _milestones(store: Store, state: CityState, day: str) -> list[dict[str, Any]]:
    """Return every milestone with what had been reached by its date, and what is reached on the day."""
    made = []
    for one in milestones():
        stage = STAGE_OF.get(one.indicator)
        now_, then = None, None
        if stage is not None:
            now_ = stage_account(store, state, stage, day).whole()
            then = stage_account(store, state, stage, min(one.date, day)).whole() if one.date < day else None
        made.append(
            {
                **asdict(one),
                "stage": stage or "",
                "today": None if now_ is None else now_.by_length,
                "on_date": None if then is None else then.by_length,
                "past": one.date < day,
            }
        )
    return made


def _own_milestones(store: Store, state: CityState, day: str) -> list[dict[str, Any]]:
    """Return what the city and its districts ask of themselves, with what each had reached."""
    zones = {str(name) for name in state.network.table("zone").ids}

    def reached(one: OwnMilestone, then: str) -> float | None:
        found = stage_account(store, state, STAGE_OF[one.indicator], then)
        share = found.by_district().get(one.district) if one.district else found.whole()
        return None if share is None else share.by_length

    return [
        {
            **asdict(one),
            "stage": STAGE_OF[one.indicator],
            "today": reached(one, day),
            "on_date": reached(one, one.date) if one.date < day else None,
            "past": one.date < day,
        }
        for one in rules_of(store, state).milestones
        if not one.district or one.district in zones
    ]


def view_stage(
    store: Store, state: CityState, stage: str, district: str = "", on: str = ""
) -> dict[str, Any]:
    """Return the pipes behind one percentage: length, district, from when it counts, proofs and rules."""
    found = stage_account(store, state, stage, counted_day(state, on))
    rows = [row for row in _plain_rows(found) if not district or row["district"] == district]
    rows.sort(key=lambda row: not row["counts"])  # what counts comes first
    listed = [_proved(store, state, stage, row, found.day) for row in rows[:LISTED]]
    links = proof_links(store, state)
    return {
        "stage": stage,
        "day": found.day,
        "rule": rule_told(rule_of(stage, found.day)),
        "count": len(rows),
        "counted": sum(row["counts"] for row in rows),
        "rows": [{**row, **links(row["pipe"], row["proofs"])} for row in listed],
        "listed": LISTED,
    }


def figure_rows(store: Store, state: CityState, stage: str, on: str = "") -> list[dict[str, Any]]:
    """Return every pipe of a stage with its proofs and rules."""
    found = stage_account(store, state, stage, counted_day(state, on))
    return [_proved(store, state, stage, row, found.day) for row in _plain_rows(found)]


def _plain_rows(found: Account) -> list[dict[str, Any]]:
    pipes = found.pipes
    return [
        {"pipe": id_, "district": zone, "length_mm": int(length), "counts": bool(done), "since": since}
        for id_, zone, length, done, since in zip(
            pipes.ids, pipes.districts, pipes.length_mm, found.reached, found.since, strict=True
        )
    ]


def _proved(store: Store, state: CityState, stage: str, row: dict[str, Any], day: str) -> dict[str, Any]:
    """Return a row with what it counts by; a look at a pipe that does not count is no proof of it."""
    found = heirs_grounds(store, state, stage, row["pipe"], day) if row["counts"] else None
    return {
        **row,
        "filed": found.filed if found else "",
        "proofs": [asdict(proof) for proof in found.proofs] if found else [],
        "rules": list(found.rules) if found else [],
    }


def view_bridge(store: Store, state: CityState, key: str) -> dict[str, Any] | None:
    """Return how the city as it is differs from the frozen list; None when nothing was frozen."""
    found = bridge_now(store, state, key)
    return None if found is None else bridge_told(found)
