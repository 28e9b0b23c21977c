"""Which problems does the evidence of a city show? From grades, network checks, diagnosis; and by hand.

A problem is known again by asset, kind and stretch: evidence that comes a second time files nothing, evidence
that returns after a problem was closed opens it again.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.errors import BadInput, Unknown
from wenqu.network.checks.registry import found_everywhere
from wenqu.records.inspection import Inspection
from wenqu.records.problem import Alarm, Problem, ProblemEvent
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.filed_records import grades, inspections, posterior
from wenqu.services.problem_ledger import ALARM, EVENT, PROBLEM, ledger
from wenqu.services.problem_places import Places, identity
from wenqu.services.rights import WORKS, Person, allows, demand
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.units import to_si
from wenqu.works.problem_life import Life
from wenqu.works.problem_severity import EMERGENCY, emergency
from wenqu.works.problem_tables import kinds

PROBLEM_FROM = 3  # grade Ⅲ of RI or MI
MISCONNECTED = ("connectivity.sewage-into-storm", "connectivity.storm-into-sanitary")
WET = to_si(500.0, "m³/d") / 1000.0  # [m²/s] extraneous water a metre from which a conduit is a problem
SURE = 0.5  # [-] and how sure diagnosis must be: 1 - sd / mean
ORIGINS = ("cctv", "check", "outfall", "meter", "patrol", "citizen", "audit", "hand")
NOWHERE = "-"  # no district: only who decides for the whole city files it
RULES, METER = "rule:", "finding:extraneous"


@dataclass(frozen=True, slots=True)
class Filed:
    """What one run of looking for problems did."""

    filed: tuple[str, ...]
    reopened: tuple[str, ...]
    known: int  # evidence whose problem is on file and open
    alarms: tuple[str, ...]


def find_problems(store: Store, state: CityState, *, person: Person) -> Filed:
    """File a problem for all evidence that has none yet, and open again what came back.

    Raises
    ------
    Refused
        The person may decide nowhere in the city; what lies beyond their district is left to others.
    """
    city = state.network.city.code
    demand(person, "decide", city)
    place = Places(state)
    found = [*_graded(store, state, place), *_misconnected(store, state, place), *_wet(store, state, place)]
    mine = [one for one in found if allows(person, "decide", city, one.district or NOWHERE)]
    return file_problems(store, city, mine, person=person)


def file_problems(store: Store, city: str, found: Sequence[Problem], *, person: Person) -> Filed:
    """File problems that are not on file, reopen closed ones whose evidence is new, raise alarms."""
    who, at = person.account, now().isoformat(timespec="seconds")
    with store.change(city, who=who, why="problems") as change:
        there = ledger(store, city)
        new = [replace(one, by=one.by or who, at=at) for one in _once(found) if one.id not in there]
        back = [event for one in found if (event := _returned(there.get(one.id), one, who, at))]
        raised = [_alarm(one) for one in new if one.emergency]
        for kind, rows in ((PROBLEM, new), (EVENT, back), (ALARM, raised)):
            if rows:
                change.add_records(kind, rows)
    known = sum(one.id in there and there[one.id].stands.open for one in found)
    return Filed(
        tuple(one.id for one in new),
        tuple(one.problem for one in back),
        known,
        tuple(one.id for one in raised),
    )


def _once(found: Iterable[Problem]) -> list[Problem]:
    return list({one.id: one for one in found}.values())


def _returned(before: Life | None, now_: Problem, who: str, at: str) -> ProblemEvent | None:
    """Return the step by which evidence moves a problem that is on file.

    Closed or refused, and the evidence is none of the old: it is opened again. Tested or re-inspected, and a
    camera still sees it after the repair: it goes back to whoever repaired it.
    """
    if before is None or before.state not in {"closed", "refused", "tested", "reinspected"}:
        return None
    if before.state in {"tested", "reinspected"}:
        return _sent_back(before, now_, who, at)
    old = set(before.problem.evidence)
    for event in before.events:
        old |= set(event.evidence)
    new = tuple(one for one in now_.evidence if one not in old)
    later = before.state == "refused" or now_.found_on > before.closed_at[:10]
    if not new or not later:
        return None
    return ProblemEvent(
        uuid4().hex,
        before.problem.id,
        "reopen",
        at,
        who,
        "evidence",
        evidence=new,
        simulated=now_.simulated,
        asset_type=now_.asset_type,
        asset=now_.asset,
    )


def _sent_back(before: Life, now_: Problem, who: str, at: str) -> ProblemEvent | None:
    mended = max((event.at for event in before.events if event.step == "test"), default="")[:10]
    looks = tuple(name for name in now_.evidence if name.startswith("inspection:"))
    told = {name for event in before.events if event.step == "fail_test" for name in event.evidence}
    if not looks or now_.found_on < mended or set(looks) <= told:
        return None
    return ProblemEvent(
        uuid4().hex, now_.id, "fail_test", at, who, "evidence", evidence=looks, simulated=now_.simulated,
        asset_type=now_.asset_type, asset=now_.asset,
    )  # fmt: skip


def _alarm(one: Problem) -> Alarm:
    told = [reason for reason in one.reasons if reason.startswith("emergency:")]
    why = told[0].removeprefix("emergency:") if told else ""
    return Alarm(
        f"A-{one.id[2:]}", one.id, one.asset_type, one.asset, why, one.at, one.district, one.simulated
    )


def _graded(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    """Yield a problem for each conduit of RI or MI Ⅲ and worse (F or G where soil or importance lack)."""
    looked = inspections(store, state)
    for conduit, grade in grades(store, state).items():
        seen = looked.get(conduit)
        if seen is None or conduit not in place.row:
            continue
        for kind, level in _levels(grade):
            if level >= PROBLEM_FROM:
                yield _emergent(place.problem(
                    kind, conduit, level, origin="cctv", found_on=seen.date[:10],
                    evidence=(f"inspection:{seen.id}", f"grade:{conduit}"),
                ), seen)  # fmt: skip


def _levels(grade: Grade) -> tuple[tuple[str, int], ...]:
    structural = grade.repair_grade or grade.structural_grade
    functional = grade.upkeep_grade or grade.functional_grade
    return (("structural", structural), ("functional", functional))


def _emergent(one: Problem, seen: Inspection) -> Problem:
    why = emergency(one.kind, seen.defects) if one.kind == "structural" else ""
    if not why:
        return one
    return replace(one, severity=EMERGENCY, emergency=True, reasons=(*one.reasons, f"emergency:{why}"))


def _misconnected(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    day = (state.network.as_of or now().isoformat())[:10]
    right = frozenset(
        store.confirmed(state.network.city.code)
    )  # somebody has said that it is as it should be
    for code, type_, asset in found_everywhere(state.network, state.topology, right):
        if code in MISCONNECTED and type_ == "conduit":
            yield place.problem(
                "misconnection",
                asset,
                0,
                origin="check",
                found_on=day,
                evidence=(f"{RULES}{code}",),
            )


def _wet(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    found = posterior(store, state)
    if found is None:
        return
    filed = store.documents(state.network.city.code, POSTERIOR)  # a later diagnosis is new evidence
    day = (filed[0].at if filed else now().isoformat())[:10]
    flow = found.groundwater + found.river
    spread = np.hypot(found.groundwater_sd, found.river_sd)
    for conduit, mean, sd in zip(found.ids, flow, spread, strict=True):
        row = place.row.get(str(conduit))
        if row is None or place.length[row] <= 0 or mean / place.length[row] < WET or 1 - sd / mean < SURE:
            continue
        yield place.problem(
            "extraneous", str(conduit), 0, origin="meter", found_on=day, evidence=(f"{METER} {day}",)
        )


def report_problem(  # noqa: PLR0913 what, where, by whom
    store: Store,
    state: CityState,
    *,
    asset_type: str,
    asset: str,
    kind: str,
    origin: str,
    what: str,
    found_on: str,
    person: Person,
    start: float = math.nan,
    end: float = math.nan,
    evidence: tuple[str, ...] = (),
) -> Filed:
    """File a problem that somebody saw.

    Raises
    ------
    BadInput
        The kind or the origin is not in the tables, or nothing is said about it.
    Unknown
        There is no such asset.
    Refused
        The person may neither decide, inspect nor work there.
    """
    city = state.network.city.code
    if kind not in kinds() or origin not in ORIGINS or not what.strip():
        raise BadInput(
            "problem", kind=kind, origin=origin, kinds=", ".join(kinds()), origins=", ".join(ORIGINS)
        )
    if asset not in set(state.network.table(asset_type).ids.tolist()):
        raise Unknown(name=asset, nearest="")
    place = Places(state)
    zone = str(place.districts.get(asset_type, {}).get(asset) or "")
    if not any(allows(person, action, city, zone) for action in WORKS):
        demand(person, "inspect", city, zone)
    base = place.problem(kind, asset, 0)
    length = end - start if kinds()[kind].counts_length and end > start else base.length
    why = emergency(kind)
    made = replace(
        base, id=identity(kind, asset_type, asset, start), asset_type=asset_type, asset=asset, origin=origin,
        found_on=found_on[:10], what=what.strip(), start=start, end=end, length=length, district=zone,
        evidence=evidence, emergency=bool(why), severity=EMERGENCY if why else base.severity,
        reasons=(*base.reasons, f"emergency:{why}") if why else base.reasons,
    )  # fmt: skip
    return file_problems(store, city, [made], person=person)
