"""What has been filed about a city? Read once for each state of it, however many questions ask."""

from wenqu.diagnosis.grading import Grade
from wenqu.issues import Issue
from wenqu.records.finding import Finding
from wenqu.records.inspection import Inspection
from wenqu.records.programme import Programme
from wenqu.records.rain import FINDINGS
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import ConduitPosterior, read_posterior
from wenqu.services.grade_city import current_grades, latest
from wenqu.services.sounded_inspections import sounded
from wenqu.services.standing_inspections import standing_inspections
from wenqu.store.database import Store

BACKWATER = "backwater."  # issues whose code begins so: a meter is held back, or wired the wrong way round


def _asked(state: CityState) -> tuple[str, str | None]:
    return state.network.city.code, state.network.as_of or None


def findings(store: Store, state: CityState) -> list[Finding]:
    """Return the findings of the last diagnosis."""
    city, moment = _asked(state)
    return state.once(
        "findings", lambda: store.records(city, "finding", Finding, as_of=moment, last_run=True)
    )


def rain_findings(store: Store, state: CityState) -> list[Finding]:
    """Return the findings of the last run of the response to rain."""
    city, moment = _asked(state)
    return state.once(
        "rain findings", lambda: store.records(city, FINDINGS, Finding, as_of=moment, last_run=True)
    )


def grades(store: Store, state: CityState) -> dict[str, Grade]:
    """Return the grade of each conduit by the last grading."""
    city, moment = _asked(state)
    return state.once("grades", lambda: current_grades(store, city, moment))


def inspections(store: Store, state: CityState) -> dict[str, Inspection]:
    """Return the survey of each conduit that counts."""
    city, moment = _asked(state)
    conduits = state.network.table("conduit")

    def read() -> dict[str, Inspection]:
        judged = sounded(store, city, standing_inspections(store, city, moment), conduits, moment)
        return latest(judged.rows, conduits=conduits, unjudged=judged.unjudged)

    return state.once("inspections", read)


def first_seen(store: Store, state: CityState) -> dict[str, str]:
    """Return the day of the first survey of each conduit; "" where the inspection names none."""
    city, moment = _asked(state)

    def read() -> dict[str, str]:
        first: dict[str, str] = {}
        for row in standing_inspections(store, city, moment):
            if row.looked_inside:
                days = [day for day in (row.date[:10], first.get(row.asset, "")) if day]
                first[row.asset] = min(days, default="")
        return first

    return state.once("first-seen", read)


def programme(store: Store, state: CityState) -> Programme | None:
    """Return the last programme, None when there is none."""
    city, moment = _asked(state)

    def read() -> Programme | None:
        made = store.records(city, "programme", Programme, as_of=moment, last_run=True)
        return made[-1] if made else None

    return state.once("programme", read)


def posterior(store: Store, state: CityState) -> ConduitPosterior | None:
    """Return the posterior of every conduit, None when the city was never diagnosed."""
    city, moment = _asked(state)
    return state.once("posterior", lambda: read_posterior(store, city, as_of=moment))


def diagnosis_issues(store: Store, state: CityState) -> list[Issue]:
    """Return what the last diagnosis left out or trusted less."""
    city, moment = _asked(state)
    return state.once(
        "diagnosis-issues",
        lambda: store.records(city, "diagnosis-issue", Issue, as_of=moment, last_run=True),
    )


def held_back(store: Store, state: CityState) -> list[Issue]:
    """Return which meters the last diagnosis found in backwater, or wired the wrong way round."""
    return [issue for issue in diagnosis_issues(store, state) if issue.code.startswith(BACKWATER)]
