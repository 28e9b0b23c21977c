"""Which streets are inspected this year, with the crew-days there are, to find most?

Conduits are bundled into stretches of road first: a crew sets up once a stretch. What must be seen comes
first while days last; the rest is a knapsack, solved by HiGHS with a proved bound.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.solvers.linear import Rows, solve

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class YearlyPlan:
    """The stretches chosen, in the order of value a crew-day."""

    bundles: Names  # (b,) every stretch
    chosen: Bools  # (b,)
    must: Bools  # (b,) holds a conduit that must be seen
    value: Floats  # (b,) what an inspection of it is worth
    days: Floats  # (b,) [crew-days]
    length: Floats  # (b,) [m]
    bound: float  # no choice of these days is worth more
    left_over: Names  # stretches that must be seen and found no day

    @property
    def worth(self) -> float:
        """What the chosen stretches are worth together."""
        return float(self.value[self.chosen].sum())

    def order(self) -> Names:
        """Return the chosen stretches, the most worth a crew-day first."""
        a_day = self.value / np.maximum(self.days, 1e-12)
        rows = np.argsort(-a_day, kind="stable")
        return np.asarray(self.bundles[rows[self.chosen[rows]]])

    @property
    def gap(self) -> float:
        """How far the choice may be from the best. [-]"""
        return 0.0 if self.bound <= 0 else max(0.0, 1.0 - self.worth / self.bound)


def yearly_plan(  # noqa: PLR0913 a year has that many sides
    bundle: Names,
    value: Floats,
    length: Floats,
    must: Bools,
    crew_days: float,
    *,
    rate: float,
    setup: float,
    seconds: float = 10.0,
) -> YearlyPlan:
    """Choose the stretches of a year.

    Parameters
    ----------
    bundle
        Stretch of each conduit. (n,)
    value
        What an inspection of it is worth, at least 0. (n,)
    length
        (n,) [m] unknown lengths (NaN) take no time and are worth seeing only for their value
    must
        It has to be seen this year. (n,)
    crew_days
        Days of all crews together.
    rate
        Length that a crew films in a day. [m/d]
    setup
        Days that a crew needs before the first metre of a stretch.

    Raises
    ------
    BadInput
        Days, rate or set-up are negative, or the rate is zero.
    """
    if crew_days < 0 or rate <= 0 or setup < 0:
        raise BadInput("crew-days", days=crew_days, rate=rate, setup=setup)
    names, place = np.unique(bundle.astype(str), return_inverse=True)
    size = len(names)
    worth = np.bincount(place, np.maximum(np.nan_to_num(value), 0.0), size).astype(np.float64)
    metres = np.bincount(place, np.nan_to_num(length), size).astype(np.float64)
    needed = np.bincount(place, must, size) > 0
    days = setup + metres / rate
    first = _first(needed, worth, days, crew_days)
    rest = np.flatnonzero(~needed & (worth > 0))
    left = crew_days - float(days[first].sum())
    taken, bound = _knapsack(worth[rest], days[rest], left, seconds)
    chosen = first.copy()
    chosen[rest[taken]] = True
    bound += float(worth[first].sum())
    names = names.astype(object)
    return YearlyPlan(names, chosen, needed, worth, days, metres, bound, names[needed & ~first])


def _first(needed: Bools, worth: Floats, days: Floats, crew_days: float) -> Bools:
    """Return what must be seen and finds its days, the most worth a day first."""
    taken, left = np.zeros(len(needed), dtype=np.bool_), crew_days
    rows = np.flatnonzero(needed)
    for row in rows[np.argsort(-worth[rows] / days[rows], kind="stable")]:
        if days[row] <= left:
            taken[row], left = True, left - days[row]
    return taken


def _knapsack(worth: Floats, days: Floats, left: float, seconds: float) -> tuple[Bools, float]:
    """Return what is taken and the bound on its worth."""
    size = len(worth)
    if not size or days.sum() <= left:
        return np.ones(size, dtype=np.bool_), float(worth.sum())
    start = _first(np.ones(size, dtype=np.bool_), worth, days, left)
    rows = Rows()
    rows.add(np.arange(size), days, -np.inf, left)
    model = rows.model(-worth, np.zeros(size), np.ones(size), np.ones(size, dtype=np.bool_))
    found = solve(model, seconds=seconds, gap=1e-4, start=start.astype(np.float64))
    best = start if np.isnan(found.values).any() else np.asarray(found.values > 0.5)
    return best, float(min(-found.bound, worth.sum()))
