"""Who can mend or look at how much a day?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """A team; the last statement of an id stands, a rate of 0 ends it."""

    id: str
    name: str
    work: str  # survey or repair
    rate: float  # [m] a working day
    district: str = ""  # "" works wherever most is left
    begins: str = ""  # ISO date from which it is there
    simulated: bool = False
    gone: bool = False  # its making was taken back: there is no such team
