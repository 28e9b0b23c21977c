"""Which holidays, seasons, steps and milestones has a city set for itself?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgrammeTable:
    """A table as a city states it; of several of one name the last holds, an empty one takes all back."""

    id: str
    name: str  # holidays | seasons | steps | milestones
    text: str  # CSV with the columns of its name
    reason: str
    simulated: bool = False
