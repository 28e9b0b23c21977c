"""What in a case can be read but cannot be meant: tracers off their end members, bills off the meters, …?"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.case_evidence import LEAST_LEVELS, Cleaned
from wenqu.diagnosis.joint_rows import Sample
from wenqu.diagnosis.joint_unknowns import Sizes
from wenqu.issues import Issue, Place, Weight
from wenqu.series.events import daily_means, days_in
from wenqu.services.case_files import WATERS, Case

DAY = 86400.0
FAR = 3.0  # errors of an end member beyond which no mixture lies
MANY_BILLS, FEW_BILLS = 2.0, 0.1  # billed over measured water, from which the two do not speak of one city


def never_flows(flow: Cleaned, dry: npt.NDArray[np.bool_]) -> bool:
    """Return whether a meter read nothing but zero on its dry days: it is dead, or its sewer is dry."""
    return not (np.abs(flow.daily.means[dry]) > 0).any()


def beyond(case: Case, tracer: str, one: Sample) -> tuple[float, float, float] | None:
    """Return the mean of readings that no mixture of the end members has, and their bounds, else None."""
    means, sds = np.array([case.members[water, tracer] for water in WATERS]).T
    span = float(means.max() - means.min())
    error = np.hypot(sds, Sizes().tracer * np.maximum(np.abs(means), span))
    low, high = float((means - FAR * error).min()), float((means + FAR * error).max())
    value = float(one.weighted.sum())
    return None if low <= value <= high else (value, low, high)


def beyond_issue(meter: str, tracer: str, seen: tuple[float, float, float]) -> Issue:
    """Return that the readings of a tracer lie where no mixture can."""
    value, low, high = seen
    facts: dict[str, object] = {"meter": meter, "tracer": tracer, "value": value, "low": low, "high": high}
    return Issue("case.tracer-beyond", Weight.DOUBT, "meter", meter, Place("quality.csv"), facts)


def level_issues(case: Case, flows: Sequence[Cleaned], dry: Sequence[npt.NDArray[np.bool_]]) -> list[Issue]:
    """Return the levels that share too few dry days with every meter to say anything."""
    told: list[Issue] = []
    for name, level in (("groundwater_m", case.groundwater), ("river_m", case.river)):
        if level is None or not flows:
            continue
        by_day = daily_means(level, 0.5)
        days = by_day.days[~np.isnan(by_day.means)]
        shared = max(
            int(days_in(flow.daily.days[chosen], days).sum()) for flow, chosen in zip(flows, dry, strict=True)
        )
        if shared < LEAST_LEVELS:
            facts: dict[str, object] = {"column": name, "days": shared, "least": LEAST_LEVELS}
            told.append(Issue("case.level-not-shared", Weight.DOUBT, place=Place("levels.csv"), facts=facts))
        elif float(np.nanstd(by_day.means)) < 1e-3:
            told.append(
                Issue("case.level-still", Weight.DOUBT, place=Place("levels.csv"), facts={"column": name})
            )
    return told


def bill_issues(billed: float, measured: float) -> list[Issue]:
    """Return that bills and meters cannot speak of one city. [m³/s]"""
    if not (billed > 0 and measured > 0) or FEW_BILLS < billed / measured < MANY_BILLS:
        return []
    code = "case.bills-above-meters" if billed > measured else "case.bills-below-meters"
    facts: dict[str, object] = {"billed": billed * DAY, "measured": measured * DAY}
    return [Issue(code, Weight.DOUBT, place=Place("sources.csv"), facts=facts)]
