"""Which streets does a year's crew time look into, to find most?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.network.bundles import bundled
from wenqu.network.model import Assets
from wenqu.services.city_state import CityState
from wenqu.services.find_chance import find_chance
from wenqu.services.look_again import IN_USE, LISTED, Standing, day_of, standing
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.survey.yearly_plan import YearlyPlan, yearly_plan

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]

RATE, SETUP = 300.0, 0.15  # [m/d] a crew films, [d] to set up: defaults for the city to replace


@dataclass(frozen=True, slots=True)
class Year:
    """What a year of inspections is planned with."""

    crew_days: float  # [d] of all crews together
    kind: str = "structural"
    rate: float = RATE  # [m/d]
    setup: float = SETUP  # [d]
    overdue_first: bool = False


def plan_of(store: Store, state: CityState, year: Year) -> tuple[YearlyPlan, Standing, Floats, Names, Floats]:
    """Return the stretches that a year's crew-days should see, and from what.

    The worth of a conduit is the length expected to be found bad or leaking there, weighed by where it lies:
    chance x length x (1 + K/10), K the importance of the area by CJJ 181. What is overdue comes first where
    the city wants so.
    """
    made = standing(store, state)
    used = np.array([v in IN_USE for v in state.network.table("conduit").column("status")], dtype=np.bool_)
    weight = 1.0 + _importance(made.conduits) / 10.0
    chance = find_chance(store, state, day_of(state)).any[used]
    value = chance * made.length * weight
    streets = _streets(state, made.conduits, used)
    late = made.turns[year.kind].overdue <= day_of(state)  # of what was never seen, from its first day on
    must = late if year.overdue_first else np.zeros(len(made.length), np.bool_)
    days = {"rate": year.rate, "setup": year.setup, "seconds": 2.0}
    plan = yearly_plan(streets, value, made.length, must, year.crew_days, **days)
    return plan, made, chance, streets, value


def _importance(conduits: Assets) -> Floats:
    factors = condition_rules().factors["K"]
    known = {code: entry.value for code, entry in factors.items()}
    return np.array([known.get(code or "", 0.0) for code in conduits.column("importance")], dtype=np.float64)


def _streets(state: CityState, conduits: Assets, used: npt.NDArray[np.bool_]) -> Names:
    """Return the stretch of each conduit: neighbours on one road, itself where the road is not named."""
    topology = state.topology
    rows = np.flatnonzero(topology.link_type == "conduit")
    link = np.full(len(used), -1, dtype=np.int64)
    link[topology.link_row[rows]] = rows
    at = link[used]
    ends = (topology.link_from[at], topology.link_to[at])
    roads = np.array([str(name or "") for name in conduits.column("road").tolist()], dtype=object)
    return bundled(np.array([str(i) for i in conduits.ids], dtype=object), ends, roads, 0)


def plan_answer(store: Store, state: CityState, year: Year) -> dict[str, Any]:
    """Return the yearly plan for page and program: the stretches in order of worth a day, and the proof."""
    plan, made, _, streets, value = plan_of(store, state, year)
    at = {name: row for row, name in enumerate(plan.bundles.tolist())}
    order = [at[name] for name in plan.order().tolist()]
    inside: dict[str, list[int]] = {}
    for row, name in enumerate(streets.tolist()):
        inside.setdefault(name, []).append(row)
    return {
        "day": str(day_of(state)),
        "crew_days": year.crew_days,
        "days_used": float(plan.days[plan.chosen].sum()),
        "length_m": float(plan.length[plan.chosen].sum()),
        "expected_found_m": plan.worth,
        "bound_m": plan.bound,
        "gap": plan.gap,
        "left_over": plan.left_over.tolist()[:LISTED],
        "stretches": [
            _stretch(plan, row, made, value, inside[str(plan.bundles[row])]) for row in order[:LISTED]
        ],
        "count": len(order),
        "listed": LISTED,
        "method": find_chance(store, state, day_of(state)).method(),
        "simulated": state.network.city.simulated,
    }


def _stretch(plan: YearlyPlan, row: int, made: Standing, value: Floats, rows: list[int]) -> dict[str, Any]:
    return {
        "stretch": str(plan.bundles[row]),
        "road": str(made.conduits.column("road")[rows[0]] or ""),
        "district": str(made.district[rows[0]] or ""),
        "conduits": [str(made.conduits.ids[one]) for one in rows],
        "length_m": float(plan.length[row]),
        "days": float(plan.days[row]),
        "expected_found_m": float(value[rows].sum()),
        "must": bool(plan.must[row]),
    }
