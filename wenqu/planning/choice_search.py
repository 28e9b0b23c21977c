"""What is known of a programme while it is sought: prices and their bound, the cheapest so far, the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.planning.portfolio import Floats, Ints, Portfolio
from wenqu.planning.pricing import Bound, bound_of, has_few
from wenqu.planning.whole_numbers import Found, Part

LATE = 0.2  # of the time is kept for the programme
SAME = 1e-9  # [-] costs that differ by less do not differ
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Mixed:
    """The answer of a continuous model, and the part of the portfolio that was open in it."""

    found: Found
    part: Part


@dataclass(slots=True)
class Search:
    """What is known while searching."""

    given: Portfolio
    begun: float
    end: float
    gap: float
    tell: Progress
    prices: Floats = field(default_factory=lambda: np.empty(0))
    bound: float = -np.inf
    exact: float = -np.inf  # [yuan] bound of the same prices, the packages of small plants chosen exactly
    on: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    chosen: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    cost: float = np.inf
    mixed: Mixed | None = None

    def left(self) -> float:
        """Return the time that is left. [s]"""
        return self.end - time.monotonic()

    @property
    def there(self) -> bool:
        """Tell whether a programme has been found."""
        return bool(np.isfinite(self.cost))

    def over(self) -> bool:
        """Tell whether the time is up."""
        return self.left() <= 0

    def late(self) -> bool:
        """Tell whether what is left of the time belongs to the programme, not to the prices."""
        return self.left() <= LATE * (self.end - self.begun)

    def learn(self, prices: Floats) -> Bound:
        """Take prices up if they prove more; return what they prove."""
        found = bound_of(self.given, prices)
        if found.value > self.bound or not len(self.prices):
            self.prices, self.bound, self.on = prices, found.value, found.on
        return found

    def prove(self) -> None:
        """Prove more of the prices where few packages lie above a plant."""
        if has_few(self.given):
            found = bound_of(self.given, self.prices, exactly=True).value
            self.exact = max(self.exact, found - SAME * abs(found) if np.isfinite(found) else found)

    def take(self, chosen: Ints, *, among_equals: bool = False) -> None:
        """Take a choice up if it keeps every rule and is cheaper (or as cheap)."""
        cost = float(self.given.cost[chosen].sum())
        if cost < self.cost * (1 + SAME * among_equals) and self.given.holds(chosen):
            self.chosen, self.cost = chosen, cost

    def near(self, part: float = 1.0) -> bool:
        """Tell whether cost and bound are as near as asked."""
        bound = max(self.bound, self.exact)
        return np.isfinite(self.cost) and self.cost - bound <= part * self.gap * self.cost
