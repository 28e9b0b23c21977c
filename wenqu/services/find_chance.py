"""What is the chance that looking into a conduit today finds it bad? From grades, age and diagnosis.

Of a conduit with a grade: its last grade carried on by a chain. Of one never seen: boosted trees where enough
was inspected, else the chain from its first day. Where diagnosis knows the extraneous water of a conduit, the
chance that it leaks counts too.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from wenqu.errors import NotEnoughData
from wenqu.network.model import Assets, link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import KM, POOR, year_built
from wenqu.services.diagnose_city import ConduitPosterior
from wenqu.services.filed_records import grades, inspections, posterior
from wenqu.services.sinking_ground import sinking
from wenqu.store.database import Store
from wenqu.survey.deterioration import Chain, fitted_chain, published_chains
from wenqu.survey.selection import Selection, selection
from wenqu.survey.survival import Survival, survival
from wenqu.survey.values import is_day
from wenqu.units import to_si

if TYPE_CHECKING:  # heavy, and only named here
    from wenqu.survey.condition_model import ConditionModel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAKY = to_si(150.0, "m³/d") / KM  # [m²/s] extraneous water a metre from which a conduit counts as leaking
ONE_HOT = ("material", "system", "soil", "groundwater_class", "joint")
DISTRICT = ("district",)  # crews are sent by district: it tells who was chosen, not who is bad
NUMBERS = ("height", "slope", "from_cover", "to_cover")
DAYS = 365.25  # [d/a]


@dataclass(frozen=True, slots=True)
class FindChance:
    """What is expected of each conduit, and from what. (n,) in the order of the city's table."""

    bad: Floats  # [-] chance that an inspection grades it Ⅲ or worse and nobody knows it yet
    leak: Floats  # [-] chance that it takes in more than the limit; NaN where diagnosis says nothing
    grade: Ints  # last structural grade, 0 for never graded
    seen: Floats  # [a] years since it was graded, NaN for never
    age: Floats  # [a] today, NaN where not known
    assumed_age: float  # [a] taken where it is not known
    chain: Chain
    model: "ConditionModel | None"  # None while too little was inspected
    curve: Survival | None
    chosen: Selection  # what each inspected one counts, for those like it that nobody saw

    @property
    def any(self) -> Floats:
        """Chance that it is bad or leaks. [-]"""
        return np.asarray(1.0 - (1.0 - self.bad) * (1.0 - np.nan_to_num(self.leak)))

    def method(self) -> dict[str, Any]:
        """Return by what the chances were made, for whoever reads them."""
        return {
            "never_seen": "trees" if self.model else "chain",
            "chain": self.chain.name,
            "chain_source": self.chain.source,
            "inspections": self.model.inspections if self.model else self.chain.inspections,
            "assumed_age": self.assumed_age,
            "ages_unknown": int(np.isnan(self.age).sum()),
            "leak_known": int((~np.isnan(self.leak)).sum()),
            "weighted": not self.chosen.even,
            "effective": self.chosen.effective,
        }


def find_chance(store: Store, state: CityState, today: np.datetime64) -> FindChance:
    """Return what is expected of each conduit of a city, made once for each state of it and day."""
    return state.once(f"find-chance {today}", lambda: _made(store, state, today))


def _made(store: Store, state: CityState, today: np.datetime64) -> FindChance:
    conduits = state.network.table("conduit")
    row_of = {str(id_): row for row, id_ in enumerate(conduits.ids)}
    year = int(str(today)[:4])
    age = year - year_built(conduits)
    grade, seen = np.zeros(len(conduits), dtype=np.int64), np.full(len(conduits), math.nan)
    at = inspections(store, state)
    for id_, row in grades(store, state).items():
        looked = at.get(id_)
        if id_ in row_of and looked is not None and is_day(looked.date[:10]):
            grade[row_of[id_]] = row.structural_grade
            days = (today - np.datetime64(looked.date[:10], "D")).astype(int)
            seen[row_of[id_]] = max(days, 0) / DAYS
    known = np.flatnonzero((grade > 0) & ~np.isnan(seen))
    aged = known[~np.isnan(age[known])]
    then = np.maximum(age[aged] - seen[aged], 0.0)
    ground = {"subsidence": sinking(state).astype(np.float64)}
    chosen = selection(features(conduits, age, DISTRICT) | ground, known)
    counts = chosen.weights[np.isin(known, aged)]
    chain = _chain(then, grade[aged], counts)
    model = _model(features(conduits, age) | ground, known, grade, chosen.weights)
    assumed = float(np.nanmedian(age)) if (~np.isnan(age)).any() else 0.0
    bad = _bad(chain, model, np.where(np.isnan(age), assumed, age), (grade, seen))
    leak = _leak(conduits, posterior(store, state))
    return FindChance(
        bad, leak, grade, seen, age, assumed, chain, model, _curve(then, grade[aged], counts), chosen
    )


def _chain(ages: Floats, grade: Ints, weights: Floats) -> Chain:
    try:
        return fitted_chain(ages, grade, weights=weights)
    except NotEnoughData:
        return published_chains()["single"]


def _curve(ages: Floats, grade: Ints, weights: Floats) -> Survival | None:
    try:
        return survival(ages, grade >= POOR, weights)
    except NotEnoughData:
        return None


def _model(facts: dict[str, Floats], known: Ints, grade: Ints, weights: Floats) -> "ConditionModel | None":
    from wenqu.survey.condition_model import condition_model

    try:
        return condition_model(facts, known, grade[known] >= POOR, weights=weights)
    except NotEnoughData:
        return None


def features(conduits: Assets, age: Floats, more: tuple[str, ...] = ()) -> dict[str, Floats]:
    """Return what the trees learn from: numbers as they are, one column for each code that occurs."""
    made = {"age": age, "length": link_lengths(conduits)}
    made |= {name: np.asarray(conduits.column(name), dtype=np.float64) for name in NUMBERS}
    for name in (*ONE_HOT, *more):
        column = conduits.column(name)
        for code in sorted({str(value) for value in column.tolist() if value}):
            made[f"{name}={code}"] = np.asarray(column == code, dtype=np.float64)
    return made


def _bad(chain: Chain, model: "ConditionModel | None", age: Floats, last: tuple[Ints, Floats]) -> Floats:
    """Return the chance of finding what nobody knows yet: of one already known as bad there is none."""
    grade, seen = last
    worst = len(chain.matrix)
    made = np.zeros(len(age))
    for row, (one, since, years) in enumerate(zip(grade, np.nan_to_num(seen), age, strict=True)):
        if one >= POOR:
            continue
        if one:
            made[row] = chain.after(float(since), np.eye(worst)[one - 1])[POOR - 1 :].sum()
        elif model is not None:
            made[row] = model.chance[row]
        else:
            made[row] = chain.after(max(float(years), 0.0))[POOR - 1 :].sum()
    return made


def _leak(conduits: Assets, found: ConduitPosterior | None) -> Floats:
    if found is None:
        return np.full(len(conduits), math.nan)
    mean = dict(zip(found.ids, found.groundwater + found.river, strict=True))
    sd = dict(zip(found.ids, np.hypot(found.groundwater_sd, found.river_sd), strict=True))
    flow = np.array([mean.get(str(id_), math.nan) for id_ in conduits.ids], dtype=np.float64)
    spread = np.array([sd.get(str(id_), math.nan) for id_ in conduits.ids], dtype=np.float64)
    limit = LEAKY * link_lengths(conduits)
    return np.asarray(norm.sf(limit, loc=flow, scale=np.maximum(spread, 1e-12)))
