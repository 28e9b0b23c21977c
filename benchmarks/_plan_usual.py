"""How is a programme usually made: in order of severity, of benefit per yuan, by a genetic algorithm?"""

import numpy as np
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.problem import ElementwiseProblem
from pymoo.operators.crossover.pntx import PointCrossover
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.operators.sampling.rnd import IntegerRandomSampling
from pymoo.optimize import minimize

from wenqu.planning.portfolio import Floats, Ints, Portfolio


class Filling:
    """A programme that grows option by option while budgets and crews last."""

    def __init__(self, given: Portfolio) -> None:
        """Start with nothing."""
        self.given = given
        self.adds = given.coefficients()
        self.limits = np.flatnonzero(given.amount < 0)  # budgets and crews stand as negative sums
        self.sums = np.zeros(len(given.rows))
        self.chosen: list[int] = []

    def take(self, options: Ints) -> bool:
        """Take the first of a package's options that the budgets allow; tell whether one was taken."""
        for option in options.tolist():
            span = slice(self.adds.indptr[option], self.adds.indptr[option + 1])
            rows, values = self.adds.indices[span], self.adds.data[span]
            after = self.sums[rows] + values
            if (after >= self.given.amount[rows])[np.isin(rows, self.limits)].all():
                self.sums[rows] = after
                self.chosen.append(option)
                return True
        return False

    def enough(self) -> bool:
        """Tell whether every rule is kept."""
        return self.given.holds(np.array(self.chosen, dtype=np.int64))


def in_order(given: Portfolio, order: Ints, method: int, windows: int) -> Ints:
    """Return a programme made package by package with one method, until it is enough."""
    filling = Filling(given)
    step = max(len(order) // 200, 1)
    for place, package in enumerate(order.tolist()):
        first = int(given.start[package]) + method * windows
        filling.take(np.arange(first, first + windows))
        if place % step == 0 and filling.enough():
            break
    return np.array(filling.chosen, dtype=np.int64)


def severity(given: Portfolio, worth: Floats, windows: int, seed: int) -> Ints:
    """Return the programme of common practice: lining, the worst first as a noisy survey sees it."""
    noisy = worth * np.random.default_rng(seed).lognormal(0, 1.2, len(worth))
    return in_order(given, np.argsort(-noisy, kind="stable"), 2, windows)


def greedy(given: Portfolio, worth: Floats, windows: int) -> Ints:
    """Return the programme in order of benefit per yuan, lining everywhere."""
    cost = given.cost[given.start[:-1] + 2 * windows]
    return in_order(given, np.argsort(-worth / cost, kind="stable"), 2, windows)


class _Choices(ElementwiseProblem):
    """One whole number a package: which of its options is chosen, 0 for none; no rule may be missed."""

    def __init__(self, given: Portfolio) -> None:
        """Take every package's number of options as the upper bound."""
        self.given = given
        super().__init__(
            n_var=len(given.start) - 1, n_obj=1, n_ieq_constr=2, vtype=int, xl=0, xu=np.diff(given.start)
        )

    def chosen(self, numbers: Ints) -> Ints:
        """Return the options behind the numbers."""
        taken = np.flatnonzero(numbers > 0)
        return self.given.start[taken] + numbers[taken] - 1

    def _evaluate(self, x: Ints, out: dict[str, object], *_: object, **__: object) -> None:
        chosen = self.chosen(x)
        missed = self.given.missed(chosen)
        always = float(missed[self.given.of_plant < 0].sum())
        lacking = self.given.demand - self.given.reached(self.given.complying(chosen))
        share = float(np.maximum(lacking / np.maximum(self.given.demand, 1.0), 0.0).sum())
        if share > 0:  # how far the plants are away tells it where to go
            share += float(missed[self.given.of_plant >= 0].sum())
        out["F"] = [float(self.given.cost[chosen].sum()) / 1e6]
        out["G"] = [always, share]


def genetic(given: Portfolio, seconds: float, seed: int) -> Ints:
    """Return the programme of a genetic algorithm (pymoo's, its own settings for whole numbers)."""
    problem = _Choices(given)
    way = GA(
        pop_size=100, sampling=IntegerRandomSampling(), eliminate_duplicates=True,
        crossover=PointCrossover(n_points=2, repair=RoundingRepair()),
        mutation=PM(eta=3.0, vtype=float, repair=RoundingRepair()),
    )  # fmt: skip
    made = minimize(problem, way, ("time", f"00:{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"), seed=seed)
    best = made.X if made.X is not None else made.pop[np.argmin(made.pop.get("CV"))].X
    return problem.chosen(np.asarray(best, dtype=np.int64))
