"""Which day is asked about, and by what is known when?"""

from dataclasses import dataclass

from wenqu.services.city_state import CityState
from wenqu.services.view_figures import counted_day


@dataclass(frozen=True, slots=True)
class Past:
    """What is stated for a day, by what had been filed by a moment; as it is now when neither is named."""

    known: str | None = None  # moment by which it had been filed
    day: str = ""  # ISO date for which it is stated, "" all that had been filed

    def holds(self, at: str) -> bool:
        """Tell whether what is dated so had come to be by the day; what bears no date had."""
        return not self.day or at[:10] <= self.day

    @property
    def back(self) -> bool:
        """Tell whether it is looked back: then there is nothing to do."""
        return bool(self.known or self.day)


NOW = Past()


def past_of(state: CityState, on: str = "") -> Past:
    """Return the day of a question to a state.

    Raises
    ------
    BadInput
        The day is none, or lies beyond what the state knows.
    """
    return Past(state.network.as_of or None, counted_day(state, on) if on else "")
