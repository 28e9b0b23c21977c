"""What is shown of a programme's schedule: lots, crews, months, critical chain, what is reached by when?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from wenqu.messages import LANGUAGES, say
from wenqu.planning.crew_order import crews_wanted
from wenqu.planning.critical_chain import Chain, chains, lot_buffer, why_late
from wenqu.planning.lot_dates import Planned, Task
from wenqu.planning.lot_steps import WORKS
from wenqu.planning.lots import Lot
from wenqu.planning.reach_by_date import Reach
from wenqu.planning.work_days import WorkDays
from wenqu.records.lot_delay import LotDelay
from wenqu.services.city_state import Cities, CityState
from wenqu.services.describe_city import districts
from wenqu.services.lot_schedule import CitySchedule, Ground, lot_schedule
from wenqu.services.programme_tables import Rules
from wenqu.services.rights import Person, allows, demand, reach
from wenqu.services.view_teams import view_teams
from wenqu.supervision.own_tables import day_rows
from wenqu.units import from_si

Seen = frozenset[str] | None  # districts that the person may read, None for all


def seen_districts(person: Person, city: str) -> Seen:
    """Return the districts whose lots a person may read, None for all of them.

    Raises
    ------
    Refused
        The person may read nothing of the city.
    """
    demand(person, "read_attributes", city)
    there = reach(person, "read_attributes", city)
    return None if there.whole else frozenset(zone for zone, body in there.places if zone and not body)


def view_schedule(known: Cities, city: str, person: Person, as_of: str = "") -> dict[str, Any]:
    """Return the schedule of the last programme: made for the whole city, shown where it may be read.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    Refused
        The person may read nothing of the city.
    """
    seen = seen_districts(person, city)
    state = known.whole.state(city, as_of)
    made = lot_schedule(known.whole.store, state)
    zones = {one["id"]: one["name"] for one in districts(state)}
    return told_schedule(made, state, seen) | {
        "districts": {id_: name for id_, name in zones.items() if seen is None or id_ in seen},
        "may": allows(person, "decide", city) and not as_of,
        "teams": _teams(view_teams(known.whole.store, state), made, seen),
    }


def _teams(rows: Sequence[Mapping[str, Any]], made: CitySchedule, seen: Seen) -> dict[str, Any]:
    """Return how many teams of repair the register has today, and the crews that the schedule counts with."""
    today = made.ground.today.isoformat()
    there = [
        one
        for one in rows
        if one["work"] == "repair" and one["rate"] > 0 and one["begins"] <= today
        and (seen is None or not one["district"] or one["district"] in seen)
    ]  # fmt: skip
    mine = [lot for lot in made.planned.lots if is_seen(lot.district, seen)]
    pools = {lot.pool for lot in mine if not lot.let}  # what is let has the crew of its contractor
    return {
        "count": len(there),
        "m_per_day": sum(one["rate"] for one in there),
        "crews": sum(made.ground.crews[pool] for pool in pools),
    }


def told_schedule(made: CitySchedule, state: CityState, seen: Seen) -> dict[str, Any]:
    """Return a schedule as it is sent."""
    ground, planned = made.ground, made.planned
    way = chains(planned)
    critical = {(link.lot, link.step) for chain in way for link in chain.links}
    zones = {one["id"]: one["name"] for one in districts(state)}
    mine = [lot for lot in planned.lots if is_seen(lot.district, seen)]
    jobs = list(planned.jobs.values())
    wanted = state.once("crews wanted", lambda: crews_wanted(jobs, ground.crews, ground.days))
    first = min(
        [ground.today, *(ground.days.day(task.begin) for lot in mine for task in planned.tasks[lot.id])]
    )
    last = max(
        [ground.today, *(_last(planned, lot) for lot in mine), *(date.fromisoformat(lot.due) for lot in mine)]
    )
    return {
        "day": ground.today.isoformat(),
        "first": first.isoformat(),
        "last": last.isoformat(),
        **_programme(ground),
        "lots": [_lot(made, lot, zones, critical) for lot in mine],
        "done": _done(ground, seen),
        "chains": [_chain(chain, planned, seen) for chain in way],
        "reach": [told_reach(one) for one in made.reached() if reach_seen(one, state, seen)],
        "plants": plant_names(state, seen),
        "proof": {
            "late": max(0, planned.order.late),
            "least": max(0, min(planned.order.least_late, planned.order.late)),
            "ends": ground.days.day(planned.order.stop - 1).isoformat(),
            "least_ends": ground.days.day(min(planned.order.least_stop, planned.order.stop) - 1).isoformat(),
        },
        "pools": [
            {"pool": pool, "crews": count, "ground": ground_of(planned, pool), "wanted": wanted[pool]}
            for pool, count in sorted(ground.crews.items())
            if any(lot.pool == pool for lot in mine)
        ],
        "delays": [
            {"lot": one.lot, "step": one.step, "until": one.until, "reason": one.reason, "at": filing.at,
             "by": filing.who, "there": counts(made, one)}
            for one, filing in made.delays
            if is_seen(one.district, seen)
        ],
        "assumed": {"methods": list(ground.assumed), "published": sorted(ground.tables.calendar.published)},
        "tables": _tables(ground.tables),
        "calendar": _calendar(ground, first, last),
    }  # fmt: skip


def _programme(ground: Ground) -> dict[str, Any]:
    told = ground.programme
    return {
        "programme": {"id": told.id, "at": told.at, "status": told.status},
        "windows": list(told.windows),
        "simulated": told.simulated,
    }


def counts(made: CitySchedule, one: LotDelay) -> bool:
    """Tell whether a stated delay is that of a lot of this programme, or of one under contract."""
    let = {lot.id for lot in made.ground.lots if lot.let}
    return one.lot in let or one.programme == made.ground.programme.id


def is_seen(district: str, seen: Seen) -> bool:
    """Tell whether what is of a district may be read."""
    return seen is None or district in seen


def reach_seen(one: Reach, state: CityState, seen: Seen) -> bool:
    """Tell whether what is reached of a rule may be read: the city's sums, and what is of one's districts."""
    if seen is None or not one.scope:
        return True
    if one.rule != "plant":
        return one.scope in seen
    table = state.network.table("plant")
    zone = dict(zip(table.ids.tolist(), table.column("district").tolist(), strict=True))
    return zone.get(one.scope) in seen


def plant_names(state: CityState, seen: Seen) -> dict[str, str]:
    """Return the name of each plant that may be read by id, its id where it has none."""
    table = state.network.table("plant")
    rows = zip(table.ids, table.column("name"), table.column("district"), strict=True)
    return {str(id_): str(name or id_) for id_, name, zone in rows if is_seen(zone, seen)}


def lot_name(lot: Lot, tables: Rules, zones: Mapping[str, str], language: str) -> str:
    """Return how a lot is called: as it was let, else year, district, trade and number."""
    if lot.name:
        return lot.name
    trade = next(one for one in tables.trades if one.trade == lot.trade)
    facts = {"window": lot.window, "trade": getattr(trade, language), "number": lot.id.rpartition("-")[2]}
    zone = zones.get(lot.district, lot.district) or say("backward.nowhere", language)
    return say("schedule.lot", language, district=zone, **facts)


def _last(planned: Planned, lot: Lot) -> date:
    return planned.days.day(planned.accepted(lot.id) - 1)


def span(days: WorkDays, begin: int, stop: int) -> tuple[str, str]:
    """Return first and last day of a span; of one without days its begin twice."""
    return days.day(begin).isoformat(), days.day(max(begin, stop - 1)).isoformat()


def _lot(
    made: CitySchedule, lot: Lot, zones: Mapping[str, str], critical: set[tuple[str, str]]
) -> dict[str, Any]:
    planned, tables = made.planned, made.ground.tables
    tasks = planned.tasks[lot.id]
    works = next(task for task in tasks if task.step == WORKS)
    late = planned.late(lot.id)
    spare = min(task.spare for task in tasks)
    begins, _ = span(planned.days, min(task.begin for task in tasks), 0)
    return {
        "id": lot.id,
        "name": {language: lot_name(lot, tables, zones, language) for language in LANGUAGES},
        "trade": lot.trade,
        "ground": lot.ground,
        "pool": lot.pool,
        "crew": works.crew,
        "window": lot.window,
        "district": lot.district,
        "let": lot.let,
        "days": lot.days,
        "length": sum(one.length for one in lot.repairs),
        "cost": sum(one.cost for one in lot.repairs),
        "count": len(lot.repairs),
        "assets": [f"{one.asset_type}/{one.asset.split('|')[0]}" for one in lot.repairs],
        "due": lot.due,
        "begins": begins,
        "ends": _last(planned, lot).isoformat(),
        "late": late,
        "spare": spare,
        "state": "late" if late > 0 else "at_risk" if spare < lot_buffer(tasks) else "on_time",
        "why": why_late(planned, lot, made.holds),
        "critical": any((lot.id, task.step) in critical for task in tasks),
        "closed": [list(one) for one in lot.closed],
        "tasks": [_task(planned.days, task, (lot.id, task.step) in critical) for task in tasks],
        "months": by_month(planned.days, works, sum(one.length for one in lot.repairs)),
    }


def _task(days: WorkDays, task: Task, critical: bool) -> dict[str, Any]:
    begins, ends = span(days, task.begin, task.stop)
    return {
        "step": task.step,
        "begins": begins,
        "ends": ends,
        "days": task.need,
        "latest": days.day(task.latest).isoformat(),
        "spare": task.spare,
        "after": list(task.after),
        "critical": critical,
    }


def by_month(days: WorkDays, works: Task, length: float) -> dict[str, list[float]]:
    """Return by month the crew-days of works and the metres that they make, in shares of the days."""
    made: dict[str, list[float]] = {}
    at, whole = works.begin, days.between(works.kind, works.begin, works.stop)
    while at < works.stop and whole > 0:
        day = days.day(at)
        turn = days.number(date(day.year + day.month // 12, day.month % 12 + 1, 1))
        part = days.between(works.kind, at, min(turn, works.stop)) / whole
        if part > 0:
            made[day.isoformat()[:7]] = [part * works.need, part * length]
        at = turn
    return made


def _done(ground: Ground, seen: Seen) -> dict[str, Any]:
    rows = [row for row in ground.accepted if is_seen(ground.repairs[row].district, seen)]
    return {"count": len(rows), "length": sum(ground.repairs[row].length for row in rows)}


def _chain(chain: Chain, planned: Planned, seen: Seen) -> dict[str, Any]:
    days = planned.days
    zone = {lot.id: lot.district for lot in planned.lots}
    return {
        "due": days.day(chain.due - 1).isoformat(),
        "ends": days.day(chain.stop - 1).isoformat(),
        "state": chain.state,
        "needed": chain.needed,
        "spare": chain.spare,
        "links": [asdict(link) for link in chain.links if is_seen(zone[link.lot], seen)],
        "hidden": sum(not is_seen(zone[link.lot], seen) for link in chain.links),
        "feeding": [asdict(one) for one in chain.feeding if is_seen(zone[one.lot], seen)],
    }


def told_reach(one: Reach) -> dict[str, Any]:
    """Return what is reached of a rule in border units: mg/L at a plant."""
    told = asdict(one)
    if one.rule == "plant":
        for name in ("demanded", "reached", "promised", "short"):
            told[name] = from_si(told[name], "mg/L")
    return told


def ground_of(planned: Planned, pool: str) -> str:
    """Return the ground on which a pool works most."""
    counts = Counter(lot.ground for lot in planned.lots if lot.pool == pool)
    return counts.most_common(1)[0][0] if counts else ""


def _tables(tables: Rules) -> dict[str, Any]:
    return {
        "steps": [asdict(one) for one in tables.lot_steps],
        "trades": [asdict(one) for one in tables.trades],
        "closures": [asdict(one) for one in tables.closures],
        "seasons": [asdict(one) for one in tables.calendar.seasons if one.work in {"repair", "trench"}],
    }


def _calendar(ground: Ground, first: date, last: date) -> dict[str, Any]:
    """Return the days off, the weekends that are worked, and the years that are not published."""
    calendar = ground.tables.calendar
    rows = [
        row for row in day_rows(ground.tables.days) if first.isoformat() <= row["date"] <= last.isoformat()
    ]
    years = range(ground.today.year, last.year + 1)
    return {
        "days": rows,
        "unpublished": [year for year in years if year not in calendar.published],
        "working": calendar.count(ground.today, last),
    }
