"""How is a programme usually made: in order of severity, of benefit per yuan, by a genetic algorithm?"""

import numpy as np

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
