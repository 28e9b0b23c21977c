"""How will works be judged? Registered and sealed before they begin."""

import math
from dataclasses import dataclass, replace

import numpy as np

from wenqu.diagnosis.dry_day_model import METRICS
from wenqu.diagnosis.effect_null import bands, days_needed
from wenqu.diagnosis.effect_verdict import Asked, terms_of
from wenqu.errors import BadInput, NotEnoughData, Refused
from wenqu.records.verification import Verification
from wenqu.services.city_state import Cities
from wenqu.services.effect_ledger import VERIFICATION, effect_ledger
from wenqu.services.effect_records import FLOW, Meters, meters, read_flows
from wenqu.services.effect_rights import demand_decision
from wenqu.services.file_works import check_day, new_id
from wenqu.services.rights import Person
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import project_of
from wenqu.store.database import Store
from wenqu.store.moments import now


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the owner states; the rest is told by the history of the meter."""

    meter: str
    begins: str  # ISO date
    expected: float  # [-]
    id: str = ""
    name: str = ""
    control: str = ""
    metric: str = "day"
    dry_days: int = 0  # 0: as many as the history says are needed
    rate: float = 0.025
    least: float = 0.0  # [-]
    power: float = 0.8
    methods: tuple[tuple[str, float], ...] = ()
    contractor: str = ""
    project: str = ""
    note: str = ""


def register_effect(known: Cities, city: str, wanted: Wanted, *, person: Person) -> Verification:
    """Register a verification and seal it; it must be done before the works begin.

    Raises
    ------
    BadInput
        A figure is out of its range, the day is none, or the control is the meter itself.
    Refused
        The works have begun, the id was used, or the person may not decide there.
    NotEnoughData
        The history of the meter tells no band, or the effect is too small to be seen in any span it can tell;
        or the person may not read the meter.
    """
    store = known.whole.store
    demand_decision(known, city, wanted.project, wanted.meter, person)
    check_wanted(wanted)
    _demand_read(known, city, wanted)
    today = now().date().isoformat()
    if wanted.begins <= today:
        raise Refused("verification-late", begins=wanted.begins, today=today)
    read = read_flows(store, city, (wanted.meter, wanted.control))
    with store.change(city, who=person.account, why=f"verification {wanted.id or wanted.meter}") as change:
        wanted = _of_project(store, city, wanted)
        made = made_verification(meters(read, wanted.meter, wanted.control, wanted.metric), wanted)
        if made.id in effect_ledger(store, city).verifications:
            raise Refused("proof-twice", id=made.id)
        simulated = made.simulated or store.city(city).simulated
        made = replace(made, registered=today, by=person.account, simulated=simulated)
        change.add_records(VERIFICATION, [made])
    return made


def _demand_read(known: Cities, city: str, wanted: Wanted) -> None:
    """Refuse meters of which the person may read nothing: a verification tells what they read."""
    there = {one.asset for one in known.store.series_index(city) if one.quantity == FLOW}
    for name in (wanted.meter, wanted.control):
        if name and name not in there:
            raise NotEnoughData("no-flow", meter=name)


def check_wanted(wanted: Wanted) -> None:
    """Refuse what cannot be registered, whatever the readings say.

    Raises
    ------
    BadInput
        A figure is out of its range, the day is none, or the control is the meter itself.
    """
    check_day(wanted.begins)
    good = (
        0 < abs(wanted.expected) < 1
        and 0 < wanted.rate < 0.5
        and 0.5 <= wanted.power < 1
        and 0 <= wanted.least < 1
        and 0 <= wanted.dry_days <= 720
        and wanted.metric in METRICS
    )
    if not good:
        raise BadInput("verification-form", meter=wanted.meter)
    if wanted.control == wanted.meter:
        raise BadInput("verification-control", meter=wanted.meter)


def _of_project(store: Store, city: str, wanted: Wanted) -> Wanted:
    """Return what is wanted with methods and contractor of the project where none are given."""
    if not wanted.project:
        return wanted
    ledger = read_ledger(store, city)
    project, _ = project_of(ledger, wanted.project)
    begun = [row.date for row in ledger.as_built if row.project == project.id]
    if begun:
        raise Refused("verification-late", begins=min(begun)[:10], today=now().date().isoformat())
    lengths: dict[str, float] = {}
    for lot in project.lots:
        for work in lot.works:
            long = work.length if math.isfinite(work.length) else 0.0
            lengths[work.method] = lengths.get(work.method, 0.0) + long
    whole = math.fsum(lengths.values())
    methods = tuple((key, value / whole) for key, value in sorted(lengths.items())) if whole > 0 else ()
    builder = next((party.body for party in project.parties if party.role == "contractor"), "")
    return replace(
        wanted, methods=wanted.methods or methods, contractor=wanted.contractor or builder,
        name=wanted.name or project.name,
    )  # fmt: skip


def made_verification(found: Meters, wanted: Wanted) -> Verification:
    """Return the verification with the thresholds that the history tells.

    Raises
    ------
    NotEnoughData
        The history is too short for the dry days, or no span of it would show the effect.
    """
    begins = np.datetime64(wanted.begins[:10])
    until = int(np.searchsorted(found.own.days, begins))
    span = wanted.dry_days
    if not span:
        known = bands(found.own, until, found.control)
        span = days_needed(known, abs(wanted.expected), wanted.rate, wanted.power)
        if not span:
            least = min((band.needed(wanted.rate, wanted.power) for band in known), default=math.nan)
            facts = {"expected": abs(wanted.expected) * 100, "least": least * 100, "days": until}
            why = "verification-blind" if known else "verification-history"
            raise NotEnoughData(why, meter=wanted.meter, **facts)
    asked = Asked(begins, span, wanted.expected, wanted.rate, wanted.least, wanted.power)
    told = terms_of(found.own, found.control, asked)
    if told is None:
        raise NotEnoughData("verification-history", meter=wanted.meter, days=until)
    terms, band = told
    return Verification(
        wanted.id or new_id("V"), wanted.name or wanted.meter, wanted.meter, wanted.control, wanted.metric,
        wanted.begins[:10], span, wanted.expected, wanted.rate, wanted.least, wanted.power, terms.threshold,
        terms.threshold_alone, terms.share, band.sd, band.kind, band.windows, band.apart,
        str(found.own.days[0]), "", "", wanted.methods, wanted.contractor, wanted.project,
        wanted.note, found.simulated,
    )  # fmt: skip
