"""What is known of each conduit beside its own fields: grades, problem, age, extraneous water, plan year."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.grading import Grade
from wenqu.network.model import Assets, Column, link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import ConduitPosterior
from wenqu.services.filed_records import grades, posterior, programme
from wenqu.services.problem_ledger import ledger
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.units import from_si

Floats = npt.NDArray[np.float64]
KM = 1000.0  # [m]
POOR, WORN = 3, 2  # grades from which CJJ 181 wants a conduit mended, and from which it is watched
# Problem states, the gravest first: of what stands in two, the first is told.
PROBLEMS = ("open", "planned", "repairing", "watch", "doubt", "sound")

# What the map says of a state in the life of a problem; what was refused, merged or split says nothing.
STANDS = {
    "found": "open", "reopened": "open", "confirmed": "open", "assigned": "planned", "due": "planned",
    "designed": "planned", "repairing": "repairing", "tested": "repairing", "reinspected": "repairing",
    "closed": "sound",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConduitFacts:
    """One value for each conduit, in the order of the city's table; NaN where nothing is known."""

    grade: Floats  # worse of repair and upkeep grade: 1 to 4, 0 for not inspected
    structural: Floats  # by F of the latest inspection: 1 to 4, 0 for not inspected
    functional: Floats  # by G of the latest inspection: 1 to 4, 0 for not inspected
    problem: npt.NDArray[np.object_]  # one of PROBLEMS; None where nothing is recorded
    age: Floats  # [a]
    extraneous_per_km: Floats  # [m³/(d·km)] border unit: the map's legend speaks it
    sureness: Floats  # [-] 1 - sd / mean of the extraneous water of its area, 0 to 1
    meter_area: npt.NDArray[np.object_]  # the meter at which its area ends; None above no meter
    plan_year: Floats  # year in which the programme mends it

    def columns(self) -> dict[str, Column]:
        """Return the columns by name, as the map's tiles carry them."""
        return {
            "grade": self.grade,
            "structural": self.structural,
            "functional": self.functional,
            "problem": self.problem,
            "age": self.age,
            "extraneous_per_km": self.extraneous_per_km,
            "sureness": self.sureness,
            "meter_area": self.meter_area,
            "plan_year": self.plan_year,
        }


def _filled(conduits: Assets, values: dict[str, float], missing: float) -> Floats:
    if not values:
        return np.full(len(conduits), missing)
    return np.array([values.get(str(id_), missing) for id_ in conduits.ids], dtype=np.float64)


def year_built(conduits: Assets) -> Floats:
    """Return the year each conduit was built: its year, else that of its date; NaN when unknown."""
    if "built_on" not in conduits.fields:
        return np.array(conduits.column("year"), dtype=np.float64)
    dates = [
        float(str(text)[:4]) if text and str(text)[:4].isdigit() else math.nan
        for text in conduits.column("built_on")
    ]
    years = conduits.column("year")
    return np.where(np.isnan(years), np.array(dates, dtype=np.float64), years)


def worse_grade(grade: Grade) -> int:
    """Return the worse of the repair and the upkeep grade; 0 when neither is known.

    Where soil or importance are not on file there is no RI or MI. The grade by the defects alone (F, G;
    CJJ 181 ch. 8) then stands for it: a broken conduit must not pass for a sound one.
    """
    return max(grade.repair_grade or grade.structural_grade, grade.upkeep_grade or grade.functional_grade)


def conduit_facts(store: Store, state: CityState, as_of: date | None = None) -> ConduitFacts:
    """Return what the records of a city say about each of its conduits.

    Parameters
    ----------
    store, state
        The store and the city's state, both as of the same moment.
    as_of
        The day ages are counted to; today when it is left out.
    """
    conduits = state.network.table("conduit")
    found = grades(store, state)
    worse = _filled(conduits, {id_: float(worse_grade(row)) for id_, row in found.items()}, 0.0)
    made = programme(store, state)
    years: dict[str, float] = {}
    for measure in made.measures if made else ():
        if not measure.window[:4].isdigit():
            continue
        year = float(measure.window[:4])
        for asset in measure.asset.split("|"):
            years[asset] = min(year, years.get(asset, math.inf))
    water = posterior(store, state)
    extraneous, sureness = _extraneous(conduits, water)
    planned = _filled(conduits, years, math.nan)
    return ConduitFacts(
        worse,
        _filled(conduits, {id_: float(row.structural_grade) for id_, row in found.items()}, 0.0),
        _filled(conduits, {id_: float(row.functional_grade) for id_, row in found.items()}, 0.0),
        _by_ledger(store, state, conduits, _problems(worse, planned, _doubted(store, state, conduits))),
        (as_of or now().date()).year - year_built(conduits),
        extraneous,
        sureness,
        _areas(conduits, water),
        planned,
    )


def facts_of(store: Store, state: CityState) -> ConduitFacts:
    """Return the facts of a city's conduits as of its state, made once for each state of it."""
    moment = state.network.as_of
    day = date.fromisoformat(moment[:10]) if moment else None
    return state.once("conduit-facts", lambda: conduit_facts(store, state, day))


def _doubted(store: Store, state: CityState, conduits: Assets) -> npt.NDArray[np.bool_]:
    """Return whose survey data wait in the queue; of a past day nobody kept that."""
    if state.network.as_of:
        return np.zeros(len(conduits), np.bool_)
    doubted = store.doubted(state.network.city.code, "conduit")
    if not doubted:
        return np.zeros(len(conduits), np.bool_)
    return np.array([str(id_) in doubted for id_ in conduits.ids], dtype=np.bool_)


def _by_ledger(
    store: Store, state: CityState, conduits: Assets, found: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return the problem states as the ledger has them, where a conduit has a problem on file."""
    lives = ledger(store, state.network.city.code, state.network.as_of or None).values()
    on_file: dict[str, set[str]] = {}
    for one in lives:
        stands = STANDS.get(one.state)
        if stands and one.problem.asset_type == "conduit":
            on_file.setdefault(one.problem.asset, set()).add(stands)
    if not on_file:
        return found
    made = found.copy()
    for row, id_ in enumerate(conduits.ids):
        told = on_file.get(str(id_))
        if told and not (told == {"open"} and found[row] == "planned"):
            made[row] = next(name for name in PROBLEMS if name in told)
    return made


def _problems(grade: Floats, planned: Floats, doubted: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return the problem state of each conduit by what is recorded of it; None where nothing is."""
    made = np.full(len(grade), None, dtype=object)
    tests = (
        (grade >= POOR) & np.isnan(planned),
        ~np.isnan(planned),
        np.zeros(len(grade), np.bool_),
        grade == WORN,
        doubted,
        grade > 0,
    )
    for state, rows in reversed(list(zip(PROBLEMS, tests, strict=True))):
        made[rows] = state
    return made


def _extraneous(conduits: Assets, found: ConduitPosterior | None) -> tuple[Floats, Floats]:
    missing = np.full(len(conduits), math.nan)
    if found is None:
        return missing, missing
    water = np.where(found.silent, math.nan, found.groundwater + found.river)
    mean = dict(zip(found.ids, water, strict=True))
    flow = _filled(conduits, mean, math.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_km = from_si(flow, "m³/d") / (link_lengths(conduits) / KM)
        own = 1.0 - np.hypot(found.groundwater_sd, found.river_sd) / (found.groundwater + found.river)
    told = own if found.sureness is None else found.sureness
    sure = np.clip(_filled(conduits, dict(zip(found.ids, told, strict=True)), math.nan), 0.0, 1.0)
    return np.where(np.isfinite(per_km), per_km, math.nan), np.where(np.isfinite(sure), sure, math.nan)


def _areas(conduits: Assets, found: ConduitPosterior | None) -> npt.NDArray[np.object_]:
    known = {} if found is None else dict(zip(found.ids, found.area, strict=True))
    return np.array([known.get(str(id_)) or None for id_ in conduits.ids], dtype=object)
