"""An alternative to the programme: chosen under other rules or another probability, kept beside it."""

from dataclasses import dataclass

from wenqu.records.programme import Programme


@dataclass(frozen=True, slots=True)
class PlantChance:
    """How probable it is that a plant meets its target at the end of a window."""

    plant: str
    window: str
    chance: float  # [-]
    low: float  # [kg/m³] 5 % of what it receives
    high: float  # [kg/m³] 95 %


@dataclass(frozen=True, slots=True)
class Alternative:
    """One programme that could be chosen instead, and how probable its success is."""

    id: str
    study: str  # alternatives that were worked out together
    kind: str  # probability | budget | later | share
    value: float  # asked probability, share of the money, windows later, share of capacity less
    programme: Programme
    probability: float  # [-] asked of each plant that counts as meeting
    chance: float  # [-] that all its targets for plants are met, drawn
    low: float  # 90 % interval of that, from the number of draws
    high: float
    today: float  # [-] that the targets of today's rules are met
    draws: int
    kept: bool  # every rule that is not left to chance is kept
    plants: tuple[PlantChance, ...]
    form: str  # linear form of the margins: tangent, summed, "" for the means alone
    at: str = ""
    by: str = ""
    simulated: bool = False
