"""Which problems do the months of a city show: where something broke, and where sewage went missing?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wenqu.records.finding import Finding
from wenqu.records.month import AreaMonths, MonthRun
from wenqu.records.problem import Problem
from wenqu.services.city_state import CityState
from wenqu.services.problem_places import Places
from wenqu.store.database import Store
from wenqu.works.dated import dated

RUN, AREA, EVENT, METHOD = "month-run", "month-area", "month-event", "month_steps"
EVIDENCE = "finding:month_step"
SURE = 0.8  # probability from which a step is a problem of the network and no longer a question
BREAKS = ("step_groundwater", "step_river")
LOSSES = ("step_sewage",)


def month_run(store: Store, state: CityState) -> MonthRun | None:
    """Return the last run over the months, None when there was none."""
    city, moment = state.network.city.code, state.network.as_of or None
    found = store.records(city, RUN, MonthRun, as_of=moment, last_run=True)
    return found[-1] if found else None


def month_areas(store: Store, state: CityState) -> list[AreaMonths]:
    """Return the months of every area by the last run."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once(
        "month areas", lambda: store.records(city, AREA, AreaMonths, as_of=moment, last_run=True)
    )


def month_events(store: Store, state: CityState) -> list[Finding]:
    """Return what happened by the last run over the months; nothing when that run found nothing."""
    city, moment = state.network.city.code, state.network.as_of or None
    areas = month_areas(store, state)
    found = store.records(city, EVENT, Finding, as_of=moment, last_run=True)
    return [one for one in found if areas and one.at == areas[0].at]


def odds_of(event: Finding) -> list[tuple[str, str, str, float]]:
    """Return kind, type and id of the meter, and probability of everything that may have happened."""
    rows = [row.split("|") for row in str(event.facts.get("odds", "")).split(";") if row]
    return [(kind, type_, id_, float(share)) for kind, type_, id_, share in rows]


def sureness(event: Finding) -> Mapping[str, float]:
    """Return how likely it was water at this place, or sewage, by quantity of the step."""
    found: dict[str, float] = {}
    for kind, _, id_, share in odds_of(event):
        if id_ == event.asset:
            found[f"step_{kind}"] = found.get(f"step_{kind}", 0.0) + share
    return found


def month_problems(store: Store, state: CityState) -> list[Problem]:
    """Return a problem for each area into which more clean water surely came, or from which sewage went."""
    events = month_events(store, state)
    return list(_problems(Places(store, state), events)) if events else []


def _problems(place: Places, events: Iterable[Finding]) -> Iterable[Problem]:
    for event in events:
        sure = sureness(event)
        broke = event.value > 0 and sum(sure.get(name, 0.0) for name in BREAKS) >= SURE
        lost = event.value < 0 and sum(sure.get(name, 0.0) for name in LOSSES) >= SURE
        if not (broke and event.quantity in BREAKS) and not (lost and event.quantity in LOSSES):
            continue
        kind = "extraneous" if broke else "missing_sewage"
        day = f"{event.facts['month']}-01"
        one = place.problem(
            kind, event.asset, 0, event.asset_type, origin="meter", found_on=event.at[:10],
            evidence=(dated(EVIDENCE, day),),
        )  # fmt: skip
        yield replace(one, reasons=(*one.reasons, f"month_step:{event.facts['month']}"))
