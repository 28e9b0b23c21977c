"""倒排工期 of a city: what is left in each district, which teams are there, who must begin when?"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from wenqu.errors import BadInput
from wenqu.records.team import Team
from wenqu.services.city_state import Cities, CityState
from wenqu.services.district_goals import Goal, goals, plan_back
from wenqu.services.programme_accounts import stage_account
from wenqu.services.programme_tables import Rules, rules_of
from wenqu.services.rights import Person, reach
from wenqu.services.view_figures import counted_day, day_of
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.supervision.accounting import Account
from wenqu.supervision.backward import Backward, Crew
from wenqu.supervision.own_tables import day_rows
from wenqu.supervision.steps import lead, steps_after, steps_before
from wenqu.supervision.targets import Target, milestone

MM = 1000  # [mm/m]
WORKS = {"survey": ("surveyed", "surveyed"), "repair": ("repaired", "accepted")}  # work → target, stage


def teams_of(store: Store, state: CityState) -> list[Team]:
    """Return the teams that are there: of each id the last statement, none whose rate has become 0."""
    city, moment = state.network.city.code, state.network.as_of or None
    last = {team.id: team for team in store.records(city, "team", Team, as_of=moment)}
    return [team for team in last.values() if team.rate > 0]


def view_backward(
    known: Cities, city: str, person: Person, as_of: str = "", until: str = "", on: str = ""
) -> dict[str, Any]:
    """Return the backward schedules of survey and repair; a part is read by its rows.

    Parameters
    ----------
    until
        ISO date to count back from; the next milestone, or the last, when it is left out.
    on
        ISO date from which is counted, by what is known as of ``as_of``; that day itself when it is left out.

    Raises
    ------
    BadInput
        The date to count back from is none, or lies so far ahead that nobody can plan for it; the day to
        count from is none or lies ahead of what is known.
    """
    whole = known.whole
    state = whole.state(city, as_of)
    today = date.fromisoformat(counted_day(state, on))
    end = _until(until, today)
    teams = teams_of(whole.store, state)
    there = reach(person, "read_attributes", city)
    mine = None if there.whole else {district for district, _ in there.places}
    works = {work: _work(whole.store, state, work, teams, today, end) for work in WORKS}
    for told in works.values():
        told["districts"] = [row for row in told["districts"] if mine is None or row["district"] in mine]
        told["teams"] = [row for row in told["teams"] if mine is None or row["district"] in {*mine, ""}]
    last = max(today, *(_last_day(told) for told in works.values()))
    return {
        "day": today.isoformat(),
        "known": day_of(state),
        "works": works,
        "calendar": _calendar(today, last, rules_of(whole.store, state)),
        "simulated": state.network.city.simulated or any(team.simulated for team in teams),
    }


def _until(text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        end = date.fromisoformat(text)
    except ValueError:
        raise BadInput("works-day", day=text) from None
    if (end - today).days > 3660:
        raise BadInput("backward-far", day=text)
    return end


def _work(
    store: Store, state: CityState, work: str, teams: list[Team], today: date, until: date | None
) -> dict[str, Any]:
    key, stage = WORKS[work]
    target, rules = milestone(key, today), rules_of(store, state)
    end = until or date.fromisoformat(target.date)
    found = stage_account(store, state, stage, today.isoformat())
    own = () if until else rules.milestones
    aims = goals(found, key, (end.isoformat(), target.target), own, today)
    mine = [team for team in teams if team.work == work]
    crews = [Crew(one.id, one.name, one.rate, one.district, one.begins) for one in mine]
    plan = plan_back(aims, crews, today, rules, work)
    unlet = _unlet(store, state, found) if work == "repair" else {}
    busy = {span.team for one in plan for span in one.teams}
    return {
        "target": _target(target),
        "date": end.isoformat(),
        "past": end < today,
        "asked": until is not None,
        "empty": not len(found.pipes.ids),  # nothing is done where there is nothing
        "lead": lead(work, rules.steps),
        "left": sum(goal.left for goal in aims.values()),
        "short": sum(one.short for one in plan),
        "districts": [_row(one, work, found, unlet, rules, aims[one.district]) for one in plan],
        "teams": [{**asdict(team), "busy": team.id in busy} for team in mine],
        "steps": [asdict(one) for one in rules.steps if one.work == work],
    }


def _unlet(store: Store, state: CityState, found: Account) -> dict[str, float]:
    """Return what of each district is neither done nor in any lot yet. [m]"""
    ledger = works_ledger(store, state)
    let = {name for project in ledger.projects.values() for name in project.assets} | set(ledger.places())
    pipes, sums = found.pipes, Counter[str]()
    rows = zip(pipes.ids, pipes.districts, pipes.length_mm.tolist(), found.reached.tolist(), strict=True)
    for id_, zone, length, done in rows:
        if not done and id_ not in let:
            sums[zone] += length
    return {zone: length / MM for zone, length in sums.items()}


def _row(
    one: Backward, work: str, found: Account, unlet: Mapping[str, float], rules: Rules, goal: Goal
) -> dict[str, Any]:
    share = found.by_district()[one.district]
    open_ = min(one.left, unlet.get(one.district, 0.0))
    begins = date.fromisoformat(one.begins) if one.begins else None
    done = date.fromisoformat(one.done_by)
    before = steps_before(work, begins, rules.calendar, rules.steps) if begins else ()
    return {
        **asdict(one),
        "goal": goal.told(),
        "of": share.of_mm / MM,
        "done": share.length_mm / MM,
        "count": share.of_count - share.count,
        "unlet": open_,
        "before": [asdict(step) for step in before],
        "after": [asdict(step) for step in steps_after(work, done, rules.calendar, rules.steps)],
    }


def _target(target: Target) -> dict[str, Any]:
    return {
        "key": target.key,
        "label": {"zh": target.zh, "en": target.en},
        "target": target.target,
        "operator": target.operator,
        "date": target.date,
        "formula": {"zh": target.formula_zh, "en": target.formula_en},
        "edition": target.edition,
        "status": target.status,
    }


def _last_day(told: Mapping[str, Any]) -> date:
    """Return the last day that a schedule speaks of."""
    days = [told["date"], *(row["ends"] or row["done_by"] for row in told["districts"])]
    return max(date.fromisoformat(day) for day in days)


def _calendar(today: date, last: date, rules: Rules) -> dict[str, Any]:
    """Return the days off and the seasons of the time between, and which years are not published."""
    years = range(today.year, last.year + 1)
    return {
        "last": last.isoformat(),
        "days": [row for row in day_rows(rules.days) if today.isoformat() < row["date"] <= last.isoformat()],
        "unpublished": [year for year in years if year not in rules.calendar.published],
        "seasons": [asdict(one) for one in rules.calendar.seasons],
        "working": rules.calendar.count(today, last),
        "all": max(0, math.floor((last - today) / timedelta(days=1))),
    }
