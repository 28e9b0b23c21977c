"""Which prices, assumptions and packages has a city set for its programme?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanningTable:
    """A table as a city states it; of several of one name the last holds, an empty one takes all back."""

    id: str
    name: str  # prices | assumptions | packages
    text: str  # CSV, of packages JSON
    reason: str
    simulated: bool = False
