"""What happened in a city month by month? Filed with its evidence; what broke becomes a problem at once."""

from dataclasses import asdict
from typing import Any

import numpy as np

from wenqu.diagnosis.month_history import Event, MonthHistory, month_history
from wenqu.diagnosis.month_states import BIAS, PROBE, STEP_KINDS
from wenqu.diagnosis.month_steps import FALSE_ALARMS
from wenqu.diagnosis.night_flow import Z90
from wenqu.errors import Refused
from wenqu.progress import Progress, part, silent
from wenqu.records.finding import Finding
from wenqu.records.month import AreaMonths, MonthRun
from wenqu.services.city_months import CityMonths, city_months
from wenqu.services.city_state import CityState
from wenqu.services.find_problems import file_problems
from wenqu.services.jobs import Job, Jobs
from wenqu.services.month_problems import AREA, EVENT, METHOD, RUN, month_problems
from wenqu.services.rights import Person, demand, reach
from wenqu.services.uncollected import uncollected
from wenqu.store.database import Store, open_store
from wenqu.store.moments import now

METER_LIKE = (BIAS, PROBE)


def follow_months(
    store: Store, city: str, *, person: Person, until: str = "", progress: Progress = silent
) -> dict[str, Any]:
    """Follow all areas of a city month by month and file what happened; return the run and the problems.

    Parameters
    ----------
    until
        Last day of the readings, "" for all.

    Raises
    ------
    NotEnoughData
        No meter was read in six months.
    """
    at = now().isoformat(timespec="seconds")
    ready = city_months(
        store, city, who=person.account, at=at, until=until, progress=part(progress, 0.0, 0.4)
    )
    history = month_history(ready.record, ready.areas, progress=part(progress, 0.4, 0.95))
    run = _run(ready, history, at, person.account)
    with store.change(city, who=person.account, why="months") as change:
        change.add_records(RUN, [run])
        change.add_records(AREA, areas_told(ready, history, at, person.account))
        events = events_told(ready, history, at, person.account)
        if events:
            change.add_records(EVENT, events)
    state = CityState(store.network(city))
    filed = file_problems(store, city, month_problems(store, state), person=person)
    progress(1.0)
    return {**asdict(run), "problems": list(filed.filed), "reopened": list(filed.reopened)}


def start_months(jobs: Jobs, store: Store, city: str, *, person: Person) -> Job:
    """Start following the months of a city as a job.

    Raises
    ------
    Refused
        The person does not decide in the whole city: all its meters take part, and problems are filed.
    """
    demand(person, "decide", city)
    if not reach(person, "decide", city).whole:
        raise Refused("months-whole", city=city)
    where, archive = store.address
    given = {"where": where, "archive": archive, "city": city, "person": person}
    about = {"kind": "months", "city": city, "who": person.account, "about": city, "subject": "months"}
    return jobs.start("wenqu.services.follow_months:months_job", given, **about)


@uncollected()
def months_job(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Follow the months of a city in a child process."""
    store = open_store(given["where"], given["archive"])
    try:
        return follow_months(store, given["city"], person=given["person"], progress=progress)
    finally:
        store.close()


def _run(ready: CityMonths, history: MonthHistory, at: str, who: str) -> MonthRun:
    record = ready.record
    return MonthRun(
        str(record.months[0]), str(record.months[-1]), len(ready.ends), len(ready.meters),
        record.forcing_names, ready.tracers, len(history.events), history.limits.jump, FALSE_ALARMS,
        tuple((name, float(value)) for name, value in asdict(history.spread).items()), history.misfit,
        at, who, ready.dry.stamp.simulated,
    )  # fmt: skip


def areas_told(ready: CityMonths, history: MonthHistory, at: str, who: str) -> list[AreaMonths]:
    """Return the months of every area as they are filed."""
    months = tuple(str(month) for month in ready.record.months)
    found = []
    for area, meter in enumerate(ready.ends.tolist()):
        one = ready.meters[meter]
        mean, low, high = (
            tuple(tuple(row) for row in np.round(array[:, :, area].T, 9).tolist())
            for array in (history.mean, history.low, history.high)
        )
        spoiled = sorted({months[month] for month, at_meter in history.spoiled if at_meter == meter})
        found.append(AreaMonths(
            one.type, one.id, months, mean, low, high, tuple(np.round(history.base[:, area], 9).tolist()),
            tuple(np.round(ready.record.mean[:, meter], 9).tolist()), tuple(spoiled),
            _inputs(ready, meter), at, who, ready.dry.stamp.simulated,
        ))  # fmt: skip
    return found


def _inputs(ready: CityMonths, meter: int) -> tuple[str, ...]:
    wanted = {"flow", *ready.tracers}
    series = (
        f"series:{asset}/{quantity}" for quantity, asset in ready.meters[meter].series if quantity in wanted
    )
    return (*ready.dry.inputs, *series)


def events_told(ready: CityMonths, history: MonthHistory, at: str, who: str) -> list[Finding]:
    """Return what happened as findings: size with its interval, first and last month, what else it may be."""
    months = [str(month) for month in ready.record.months]
    found = []
    for event in history.events:
        meter = _meter(ready, event.kind, event.place)
        one = ready.meters[meter]
        half = Z90 * event.sd
        odds = ";".join(
            f"{STEP_KINDS[kind]}|{ready.meters[_meter(ready, kind, place)].type}|"
            f"{ready.meters[_meter(ready, kind, place)].id}|{share:.3f}"
            for kind, place, share in event.odds
        )  # fmt: skip
        facts: dict[str, float | str] = {"month": months[event.month], "z": round(event.z, 2), "odds": odds}
        found.append(Finding(
            one.type, one.id, METHOD, f"step_{STEP_KINDS[event.kind]}", event.size, event.size - half,
            event.size + half, "-" if event.kind in METER_LIKE else "m³/s", months[event.first],
            months[event.last], _inputs(ready, meter), (), ready.dry.stamp.version, who, at,
            ready.dry.stamp.simulated, facts,
        ))  # fmt: skip
    return found


def _meter(ready: CityMonths, kind: int, place: int) -> int:
    """Return the meter at which an area ends, or the meter itself."""
    return place if kind in METER_LIKE else int(ready.ends[place])


__all__ = ["Event", "areas_told", "events_told", "follow_months", "months_job", "start_months"]
