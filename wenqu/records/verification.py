"""How will works be judged, when were they finished, and what was the verdict?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verification:
    """What was registered before the works; nobody can change it afterwards, and an id is used once."""

    id: str
    name: str
    asset: str  # the meter
    control: str  # a meter that the works do not touch, "" for none
    metric: str  # day or night
    begins: str  # ISO date on which the works begin
    dry_days: int  # that the meter is judged on
    expected: float  # [-] share of the dry-day flow that goes; negative where sewage comes
    rate: float  # of a false "seen"
    least: float  # [-] change that the owner asks for
    power: float
    threshold: float  # [-] with the control
    threshold_alone: float  # [-] without it
    share: float  # of the control's change that is taken off
    sd: float  # [-] of a change when nothing is built
    band: str  # ahead or around: how the history was cut
    windows: int
    apart: float
    since: str  # ISO date, first day of the history
    registered: str  # ISO date
    by: str
    methods: tuple[tuple[str, float], ...] = ()  # method of the price table, share of the effect
    contractor: str = ""
    project: str = ""
    note: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class WorksEnd:
    """The day on which the works of a verification were finished. The first statement stands."""

    verification: str
    asset: str
    date: str
    by: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, filed once: later readings do not change it."""

    verification: str
    asset: str
    verdict: str  # seen, not_seen, blind
    change: float  # [-]
    low: float  # [-] 5 %
    high: float  # [-] 95 %
    sd: float  # [-]
    threshold: float  # [-]
    dry_days: int
    since: str
    until: str
    control: str  # none, used, gaps, stopped, broke
    flow: float  # [m³/s] expected in the window without works
    date: str
    by: str
    simulated: bool = False
