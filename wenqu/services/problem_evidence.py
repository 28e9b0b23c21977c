"""Which problems does the evidence on file show: grades, checks of the network, diagnosis, outfalls?"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.network.checks.registry import found_everywhere
from wenqu.records.inspection import Inspection
from wenqu.records.problem import Problem
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.filed_records import findings, grades, inspections, posterior
from wenqu.services.month_problems import month_problems
from wenqu.services.problem_places import Places
from wenqu.services.running_outfalls import running_outfalls
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.survey.sounded_silt import CODE as DEPOSIT
from wenqu.survey.values import is_day
from wenqu.works.dated import dated
from wenqu.works.problem_severity import EMERGENCY, emergency

PROBLEM_FROM = 3  # grade Ⅲ of RI or MI
MISCONNECTED = ("connectivity.sewage-into-storm", "connectivity.storm-into-sanitary")
RULES, WET, MISSING = "rule:", "finding:extraneous", "finding:missing"


def evidence_of(store: Store, state: CityState) -> list[Problem]:
    """Return a problem for all evidence of a city, whether it is on file or not."""
    place = Places(store, state)
    return [
        *_graded(store, state, place),
        *_misconnected(store, state, place),
        *_wet(store, state, place),
        *_missing(store, state, place),
        *_running(store, state, place),
        *month_problems(store, state),
    ]


def emergencies_of(store: Store, state: CityState, assets: Collection[str]) -> list[Problem]:
    """Return the problems of some conduits that are emergencies by what was seen in them."""
    return [one for one in _graded(store, state, Places(store, state), assets) if one.emergency]


def _graded(
    store: Store, state: CityState, place: Places, only: Collection[str] | None = None
) -> Iterable[Problem]:
    """Yield a problem for each conduit of RI or MI Ⅲ and worse (F or G where soil or importance lack)."""
    looked = inspections(store, state)
    for conduit, grade in grades(store, state).items():
        seen = looked.get(conduit)
        if seen is None or conduit not in place.row or (only is not None and conduit not in only):
            continue
        for kind, level in levels(grade):
            if level >= PROBLEM_FROM or (kind == "structural" and emergency(kind, seen.defects)):
                looks, day = _looked_by(kind, seen)
                yield _emergent(place.problem(
                    kind, conduit, level, origin="cctv", found_on=day if is_day(day) else "",
                    evidence=(*(f"inspection:{one}" for one in looks), f"grade:{conduit}"),
                ), seen)  # fmt: skip


def _looked_by(kind: str, seen: Inspection) -> tuple[tuple[str, ...], str]:
    """Return the looks that saw a kind of problem and the day of the last: deposits may be a sonar's."""
    own = ("", *seen.runs)
    sounded = [row for row in seen.defects if row.code == DEPOSIT and row.inspection not in own]
    if kind != "functional" or not sounded:
        return (seen.id,), seen.date[:10]
    return (*dict.fromkeys(row.inspection for row in sounded), seen.id), max(row.at for row in sounded)[:10]


def levels(grade: Grade) -> tuple[tuple[str, int], ...]:
    """Return the kinds of problem that a grade tells of, with the level of each."""
    structural = grade.repair_grade or grade.structural_grade
    functional = grade.upkeep_grade or grade.functional_grade
    return (("structural", structural), ("functional", functional))


def _emergent(one: Problem, seen: Inspection) -> Problem:
    why = emergency(one.kind, seen.defects) if one.kind == "structural" else ""
    if not why:
        return one
    return replace(one, severity=EMERGENCY, emergency=True, reasons=(*one.reasons, f"emergency:{why}"))


def _misconnected(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    """Yield a problem for each mis-connection that the checks find now: a check is evidence of its moment."""
    moment = state.network.as_of or now().isoformat(timespec="seconds")
    right = frozenset(store.confirmed(state.network.city.code))  # somebody has said that it should be so
    for code, type_, asset in found_everywhere(state.network, state.topology, right):
        if code in MISCONNECTED and type_ == "conduit":
            yield place.problem(
                "misconnection", asset, 0, origin="check", found_on=moment[:10],
                evidence=(dated(f"{RULES}{code}", moment),),
            )  # fmt: skip


def _wet(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    """Yield a problem for each conduit that by the last diagnosis surely takes in too much clean water."""
    found = posterior(store, state)
    if found is None:
        return
    filed = store.documents(state.network.city.code, POSTERIOR)  # a later diagnosis is new evidence
    day = (filed[0].at if filed else now().isoformat())[:10]
    flow = found.groundwater + found.river
    spread = np.hypot(found.groundwater_sd, found.river_sd)
    least, sure = place.rules["wet"].limit, place.rules["sure"].limit
    for conduit, mean, sd in zip(found.ids, flow, spread, strict=True):
        row = place.row.get(str(conduit))
        if row is None or place.length[row] <= 0 or mean / place.length[row] < least or 1 - sd / mean < sure:
            continue
        yield place.problem(
            "extraneous", str(conduit), 0, origin="meter", found_on=day, evidence=(dated(WET, day),)
        )


def _missing(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    """Yield a problem for each area whose sewage by the last diagnosis surely does not all arrive."""
    for row in findings(store, state):
        made = float(row.facts.get("generated", 0.0))
        if row.quantity != "area_missing" or made <= 0 or not row.low > 0:
            continue
        share = row.value / made
        if place.rules["missing"].holds(share):
            one = place.problem(
                "missing_sewage", row.asset, 0, row.asset_type, origin="meter", found_on=row.at[:10],
                evidence=(dated(MISSING, row.at[:10]),),
            )  # fmt: skip
            yield replace(one, reasons=(*one.reasons, f"missing:{share:.2f}"))


def _running(store: Store, state: CityState, place: Places) -> Iterable[Problem]:
    """Yield a problem for each outfall that runs in dry weather, with all that tells so."""
    for outfall, signs in running_outfalls(store, state, place.rules).items():
        newest = max(signs, key=lambda sign: sign.day)
        yield place.problem(
            "outfall", outfall, 0, "outfall", origin=newest.origin, found_on=newest.day,
            evidence=tuple(sign.evidence for sign in signs), what=newest.what,
        )  # fmt: skip
