"""What was each area month by month, by one run over all meters?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AreaMonths:
    """The waters of the area that ends at a meter. t months; flows in m³/s."""

    asset_type: str  # of the meter, or the station or plant that reports
    asset: str
    months: tuple[str, ...]  # YYYY-MM
    mean: tuple[tuple[float, ...], ...]  # (4, t) extraneous, groundwater, river water, sewage
    low: tuple[tuple[float, ...], ...]  # 5 %
    high: tuple[tuple[float, ...], ...]  # 95 %
    base: tuple[float, ...]  # (t,) extraneous water at usual levels
    read: tuple[float, ...]  # (t,) mean dry flow of the meter, NaN where it was not read
    spoiled: tuple[str, ...]  # months of the meter that were left out
    inputs: tuple[str, ...]
    at: str  # ISO time of the run
    by: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class MonthRun:
    """One run over the months of a city, whatever it found."""

    since: str  # YYYY-MM
    until: str
    areas: int
    meters: int
    forcings: tuple[str, ...]  # what was known to move the clean water
    tracers: tuple[str, ...]
    events: int
    limit: float  # [-] |z| from which a jump is told
    false_alarms: float  # [-] in a city and year
    spread: tuple[tuple[str, float], ...]  # what was learnt from the record
    misfit: float  # [-]
    at: str
    by: str
    simulated: bool = False
