"""The schedule of a city's programme: its lots, let or not, and when each step of each is done."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from wenqu.errors import NotEnoughData
from wenqu.planning.lot_dates import Holds, Planned, plan_lots
from wenqu.planning.lots import Lot, Repair, closed_on, make_lots
from wenqu.planning.reach_by_date import Reach, reach
from wenqu.planning.rules import Rules as Law
from wenqu.planning.rules import rules_from
from wenqu.planning.trades import Trade, trade_of
from wenqu.planning.work_days import DESK, WorkDays
from wenqu.records.lot_delay import LotDelay
from wenqu.records.programme import Programme
from wenqu.records.project import Lot as LetLot
from wenqu.records.project import Project
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.crew_work import crew_days
from wenqu.services.grade_city import current_grades
from wenqu.services.learned_prices import own_prices
from wenqu.services.lot_conditions import closed_streets, closed_with, pairs_of
from wenqu.services.plan_sites import worst_grade
from wenqu.services.programme_tables import Rules, rules_of
from wenqu.services.view_figures import day_of
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.successors import heirs
from wenqu.supervision.working_days import Calendar

DELAY = "lot_delay"
YEARS = 8  # after the last date anybody asks for: what is not done by then is said to be out of sight
Let = tuple[Project, LetLot]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a schedule is made of, before any delay is counted."""

    programme: Programme
    law: Law
    tables: Rules
    today: date
    days: WorkDays
    repairs: tuple[Repair, ...]
    accepted: Mapping[int, str]  # row of the repairs → ISO date
    lots: tuple[Lot, ...]
    row_lot: Mapping[int, str]  # row of the repairs → its lot, of those not accepted
    crews: Mapping[str, int]
    assumed: tuple[str, ...]  # methods whose crew-days are assumed
    pairs: tuple[tuple[str, str], ...]  # lots of which the second waits for the first
    capacity: Mapping[str, float]  # [m³/s] of the plants that count


@dataclass(frozen=True, slots=True, eq=False)
class CitySchedule:
    """A schedule as it stands: with the delays that were stated."""

    ground: Ground
    delays: tuple[tuple[LotDelay, Filing], ...]  # the last statement of each step, newest first
    holds: Holds
    planned: Planned

    def reached(self, planned: Planned | None = None) -> list[Reach]:
        """Return what is reached by each date of the rules by a schedule, this one when none is given."""
        told, own = planned or self.planned, self.ground
        done = dict(own.accepted)
        for row, lot in own.row_lot.items():
            done[row] = own.days.day(told.accepted(lot) - 1).isoformat()
        frozen = json.loads(own.programme.rules).get("problem_length_m") or _lengths(own.repairs)
        return reach(own.repairs, done, own.law, frozen, own.programme.outlook, own.capacity)


def lot_schedule(store: Store, state: CityState) -> CitySchedule:
    """Return the schedule of the last programme as of a state.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    BadInput
        With these crews the lots are not done within sight.
    """
    return state.once("lot schedule", lambda: _schedule(store, state))


def _schedule(store: Store, state: CityState) -> CitySchedule:
    ground = _ground(store, state)
    delays = standing_delays(store, state, ground)
    holds = holds_of([one for one, _ in delays], ground)
    planned = planned_with(ground, holds)
    return CitySchedule(ground, delays, holds, planned)


def planned_with(ground: Ground, holds: Holds, keep: Planned | None = None) -> Planned:
    """Return the schedule with steps that are late; its crews and turns as in another one, or the best."""
    steps = ground.tables.lot_steps
    return plan_lots(ground.lots, steps, ground.crews, ground.days, holds, keep, ground.pairs)


def standing_delays(store: Store, state: CityState, ground: Ground) -> tuple[tuple[LotDelay, Filing], ...]:
    """Return the delays that were stated and not taken back, the newest first.

    The lots of another programme are others, even where one has the same name: what was said of them stays
    in the list and does not count. A lot under contract is the same one whatever the programme.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    let = {lot.id for lot in ground.lots if lot.let}
    last = {
        (one.lot, one.step, "" if one.lot in let else one.programme): (one, filing)
        for one, filing in store.filed(city, DELAY, LotDelay, moment)
    }
    standing = [pair for pair in last.values() if pair[0].until]
    return tuple(sorted(standing, key=lambda pair: pair[1].at, reverse=True))


def holds_of(delays: Sequence[LotDelay], ground: Ground) -> dict[tuple[str, str], int]:
    """Return the days before which steps are not over, of lots that are there and of days to come."""
    let = {lot.id: lot.let for lot in ground.lots}
    made = {
        (one.lot, one.step): ground.days.number(date.fromisoformat(one.until)) + 1
        for one in delays
        if one.lot in let and (let[one.lot] or one.programme == ground.programme.id)
    }
    return {key: day for key, day in made.items() if day > 0}


def _lengths(repairs: Sequence[Repair]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for one in repairs:
        sums[""] += one.problem  # type: ignore[assignment]
        sums[one.district] += one.problem  # type: ignore[assignment]
    return dict(sums)


def _ground(store: Store, state: CityState) -> Ground:
    programme = filed_records.programme(store, state)
    city = state.network.city.code
    if programme is None:
        raise NotEnoughData("no-programme", city=city)
    tables, today = rules_of(store, state), date.fromisoformat(day_of(state))
    law = rules_from(programme.rules, int(programme.windows[0][:4]))
    repairs, assumed = _repairs(store, state, programme, law)
    ledger = works_ledger(store, state)
    accepted = _accepted(repairs, ledger)
    tables = replace(tables, closures=(*tables.closures, *closed_streets(law, tables.trades)))
    lots, row_lot, crews = _lots(repairs, accepted, ledger, tables)
    lots = [closed_with(lot, law) for lot in lots]
    ends = [f"{window[:4]}-12-31" for window in programme.windows] + [lot.due for lot in lots]
    days = work_days(tables.calendar, today, date.fromisoformat(max(ends)))
    plants = state.network.table("plant")
    capacity = {
        str(id_): float(size)
        for id_, size, kind in zip(plants.ids, plants.column("capacity"), plants.column("kind"), strict=True)
        if kind != "industrial" and np.isfinite(size)
    }
    return Ground(
        programme, law, tables, today, days, tuple(repairs), accepted, tuple(lots), row_lot, crews,
        tuple(sorted(assumed)), pairs_of(law, lots), capacity,
    )  # fmt: skip


def work_days(calendar: Calendar, today: date, last: date) -> WorkDays:
    """Return what each day from tomorrow until some years after the last date is worth on each ground."""
    first = today + timedelta(days=1)
    last = max(last, today) + timedelta(days=366 * YEARS)
    repair = calendar.worth(first, last, "repair")
    trench = np.minimum(repair, calendar.worth(first, last, "trench"))
    return WorkDays(first, {DESK: (repair > 0).astype(np.float64), "trenchless": repair, "trench": trench})


def _repairs(store: Store, state: CityState, programme: Programme, law: Law) -> tuple[list[Repair], set[str]]:
    """Return the measures as work for crews, and the methods whose days are assumed."""
    table = state.network.table("conduit")
    roads = dict(zip(table.ids.tolist(), table.column("road").tolist(), strict=True))
    sizes = dict(zip(table.ids.tolist(), table.column("height").tolist(), strict=True))
    grades = current_grades(store, state.network.city.code, programme.at or None)  # what it was made on
    book = own_prices(store, state.network.city.code)
    days, assumed = crew_days(programme.measures, book, sizes)
    made = []
    for one, need in zip(programme.measures, days, strict=True):
        grade = worst_grade(grades[one.asset]) if one.asset_type == "conduit" and one.asset in grades else 0
        made.append(
            Repair(
                one.option, one.package, one.asset_type, one.asset, one.method, one.window, one.district,
                one.plant, str(roads.get(one.asset) or ""), need, one.length, one.cost, one.flow_removed,
                one.load_gained, one.length if grade >= law.problem_grade else 0.0,
                bool(law.must_by) and grade >= law.must_grade,
            )
        )  # fmt: skip
    return made, assumed


def _accepted(repairs: Sequence[Repair], ledger: Ledger) -> dict[int, str]:
    """Return by row the day on which the last of the pipes that lie there now was accepted."""
    after, accepted = ledger.after, ledger.accepted
    made = {}
    for row, one in enumerate(repairs):
        if one.asset_type == "conduit":
            now = [accepted.get(name) for name in heirs(one.asset, after)]
            if all(now):
                made[row] = max(entry.date[:10] for entry in now if entry)
    return made


def _lots(
    repairs: Sequence[Repair], accepted: Mapping[int, str], ledger: Ledger, tables: Rules
) -> tuple[list[Lot], dict[int, str], dict[str, int]]:
    """Return the lots that are let and those to be let, whose each row is, and the crews of each pool."""
    after, places = ledger.after, ledger.places()
    let: dict[tuple[str, str], list[int]] = defaultdict(list)
    let_as: dict[tuple[str, str], Let] = {}
    free: list[int] = []
    for row, one in enumerate(repairs):
        if row in accepted:
            continue
        there = [places[name] for name in heirs(one.asset, after) if name in places]
        if one.asset_type == "conduit" and there:
            project, lot, _ = there[-1]
            let[project.id, lot.id].append(row)
            let_as[project.id, lot.id] = project, lot
        else:
            free.append(row)
    made = make_lots([repairs[row] for row in free], tables.trades, tables.closures)
    crews = {one.trade: one.crews for one in tables.trades}
    for key in sorted(let):
        under = _let_lot(let_as[key], [repairs[row] for row in let[key]], ledger, tables)
        crews[under.pool] = 1
        made.append(under)
    by_name = {(one.option, one.asset, one.method): lot.id for lot in made for one in lot.repairs}
    row_lot = {
        row: by_name[one.option, one.asset, one.method]
        for row, one in enumerate(repairs)
        if row not in accepted
    }
    return made, row_lot, crews


def _let_lot(let: Let, mine: Sequence[Repair], ledger: Ledger, tables: Rules) -> Lot:
    """Return a lot under contract with what is still to be built; its contractor's crew does it."""
    project, lot = let
    shut: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in tables.closures:
        shut[one.road, one.ground].add((one.since, one.until))
    built = {one.asset for one in ledger.as_built}
    after = ledger.after
    left = [replace(one, days=0.0) if built.issuperset(heirs(one.asset, after)) else one for one in mine]
    trade = _main_trade(mine, tables.trades)
    body = next((party.body for party in project.answerable(lot) if party.role == "contractor"), "")
    window = max(one.window for one in mine)
    closed = {span for one in left if one.days for span in closed_on(one.road, trade.ground, shut)}
    return Lot(
        f"{project.id}/{lot.id}", trade.trade, trade.ground, f"@{body or project.id}", window,
        project.district, tuple(left), project.ends[:10] or f"{window[:4]}-12-31", project.begins[:10],
        f"{project.name} {lot.name}", let=True, closed=tuple(sorted(closed)),
    )  # fmt: skip


def _main_trade(mine: Sequence[Repair], some: Sequence[Trade]) -> Trade:
    """Return the trade that has most of the days."""
    sums: dict[str, float] = defaultdict(float)
    for one in mine:
        sums[trade_of(one.method, some).trade] += one.days
    name = max(sorted(sums), key=lambda trade: sums[trade])
    return next(one for one in some if one.trade == name)
