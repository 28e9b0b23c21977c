"""How much of the rain gets into the sewers of a city, fast and slowly, where, and how sure is that?"""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.event_volumes import event_volumes, rises_without_rain
from wenqu.diagnosis.meter_methods import Stamp
from wenqu.diagnosis.rain_response import clock_ahead, rain_response
from wenqu.diagnosis.rtk import fit_rtk
from wenqu.errors import NotEnoughData, Refused
from wenqu.issues import Issue, Weight
from wenqu.network.topology import topology
from wenqu.progress import Progress, part, silent
from wenqu.records.rain import AREAS, FINDINGS, ISSUES, METERS, AreaRain, MeterRain
from wenqu.series.model import Series
from wenqu.series.model import series as empty
from wenqu.services.jobs import Job, Jobs
from wenqu.services.part_import import brings_all
from wenqu.services.rain_inputs import SELDOM, RainInputs, rain_inputs
from wenqu.services.rain_rows import Heard, area_rows, findings_of, meter_row
from wenqu.services.rights import Person, demand
from wenqu.store.database import Store, open_store

FAR = 10_000.0  # [m] from which a gauge tells little of a rain


@dataclass(frozen=True, slots=True)
class RainfallResponse:
    """What one run made."""

    city: str
    meters: tuple[MeterRain, ...]
    areas: tuple[AreaRain, ...]
    issues: tuple[Issue, ...]
    events: int
    seconds: float  # [s]
    simulated: bool


def hear_meter(given: RainInputs, place: int, flow: Series) -> Heard:
    """Return what rain does at one placed meter.

    Raises
    ------
    NotEnoughData
        Its record is too short, too coarse, or it never rained while it was read.
    """
    gap = (
        float(np.median(np.diff(flow.times).astype("timedelta64[s]").astype(np.int64)))
        if len(flow) > 1
        else 0
    )
    if gap > SELDOM:
        raise NotEnoughData("rain-seldom", hours=round(gap / 3600, 1), most=SELDOM / 3600)
    record = given.record(place, flow)
    response = rain_response(record)
    land = float(given.ground.above[place] @ given.ground.size)
    triangles = fit_rtk(record, response.level, response.weight, response.lag, land)
    events = event_volumes(record, response, given.events(record))
    return Heard(place, record, response, triangles, events, rises_without_rain(record, response))


def rainfall_response(
    store: Store, city: str, *, who: str, progress: Progress = silent, until: str = ""
) -> RainfallResponse:
    """Find what rain does in a city and file it in one change: meters, areas, events, findings.

    Parameters
    ----------
    who
        Author of the change.
    progress
        Told the share that is done.
    until
        Last day of the readings, "" for all.
    """
    start = perf_counter()
    network = store.network(city)
    given = rain_inputs(store, network, topology(network), until)
    progress(0.1)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    stamp = Stamp(f"network:{given.there.network.version}", who, at, given.simulated)
    with threadpool_limits(1):  # these matrices are small: threads only wait for one another
        heard, issues = _heard(store, city, given, part(progress, 0.1, 0.8))
        meters = [meter_row(given, one, stamp) for one in heard]
        areas = area_rows(given, heard, stamp)
    progress(0.9)
    every = (*given.issues, *issues)
    with store.change(city, who=who, why="rainfall response") as change:
        change.add_records(METERS, meters)
        change.add_records(AREAS, areas)
        change.add_records(FINDINGS, findings_of(meters, areas))
        change.add_records(ISSUES, every)
    progress(1.0)
    return RainfallResponse(
        city, tuple(meters), tuple(areas), every, len(given.storms), perf_counter() - start, given.simulated
    )


def begin_rainfall(jobs: Jobs, store: Store, city: str, person: Person) -> Job:
    """Start the run as a job.

    Raises
    ------
    Refused
        The person may not bring data into the whole city, of which this speaks.
    """
    demand(person, "import", city)
    if not brings_all(person, city):
        raise Refused("rights-part", city=city)
    where, archive = store.address
    told = {"where": where, "archive": archive, "city": city, "who": person.account}
    about = {"kind": "rainfall", "city": city, "who": person.account, "about": city, "subject": "rainfall"}
    return jobs.start("wenqu.services.rainfall_response:rainfall_job", told, **about)


def rainfall_job(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Find what rain does in a city, as a job."""
    store = open_store(given["where"], given["archive"])
    try:
        made = rainfall_response(store, given["city"], who=given["who"], progress=progress)
        return {"meters": len(made.meters), "areas": len(made.areas), "events": made.events}
    finally:
        store.close()


def _heard(store: Store, city: str, given: RainInputs, progress: Progress) -> tuple[list[Heard], list[Issue]]:
    heard: list[Heard] = []
    issues: list[Issue] = []
    if not given.gauges or not given.placed:
        return heard, issues
    owners = sorted({one.asset_of("flow") for one in given.placed})
    flows = store.read_many(city, "flow", owners, given.period.since or None, given.period.until or None)
    for place, observer in enumerate(given.placed):
        named: dict[str, object] = {"meter": observer.id}
        owner = observer.asset_of("flow")
        flow = flows.get(owner) or empty(owner, "flow", np.empty(0, "datetime64[s]"), np.empty(0))
        try:
            heard.append(hear_meter(given, place, flow))
        except NotEnoughData as error:  # short, none, seldom
            code = error.reason.replace("rain-", "rain.")
            issues.append(
                Issue(code, Weight.DOUBT, observer.type, observer.id, facts={**named, **error.facts})
            )
        progress((place + 1) / len(given.placed))
    for one in heard:
        issues += list(_doubts(given, one))
    return heard, issues


def _doubts(given: RainInputs, one: Heard) -> list[Issue]:
    """Return what is odd about the answer of a meter."""
    observer = given.placed[one.place]
    named: dict[str, object] = {"meter": observer.id}
    found = []

    def doubt(code: str, **facts: object) -> None:
        found.append(Issue(code, Weight.DOUBT, observer.type, observer.id, facts={**named, **facts}))

    distance = given.distance_at(one.place)
    if distance > FAR:
        doubt("rain.gauge-far", distance=distance / 1000)
    if one.rises >= 3:
        doubt("rain.rises-without-rain", count=one.rises)
    unanswered = sum(event.left_out == "unanswered" for event in one.events)
    if unanswered:
        doubt("rain.unanswered", count=unanswered)
    land = float(given.ground.above[one.place] @ given.ground.size)
    if one.response.speeds[:2].sum() > land:
        doubt("rain.more-than-falls", times=float(one.response.speeds[:2].sum() / max(land, 1.0)))
    elif one.triangles.held:
        doubt("rain.held")
    ahead = clock_ahead(one.record, one.response)
    if ahead:
        doubt("rain.clock", hours=ahead)
    if one.response.skill < 0.05:
        doubt("rain.not-foretold")
    return found
