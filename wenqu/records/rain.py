"""What rain does at a meter and in an area, as filed: one run of the rainfall response of a city."""

from dataclasses import dataclass

METERS, AREAS, FINDINGS, ISSUES = "rain_meter", "rain_area", "rain_finding", "rain_issue"  # kinds of records


@dataclass(frozen=True, slots=True)
class MeterEvent:
    """One rain event at one meter."""

    since: str  # ISO time at which the rain began
    until: str  # at which it ended
    end: str  # at which the answer was over
    depth: float  # [m] above this meter
    peak_rain: float  # [m/s]
    volume: float  # [m³] that rain added; NaN when it cannot be told
    low: float  # [m³] 5 %
    high: float  # [m³] 95 %
    foretold: float  # [m³] by the response of the meter
    peak: float  # [m³/s] that rain added at most
    left_out: str = ""  # why it does not count: rain_unread, flow_unread, unseen, unanswered
    flags: tuple[str, ...] = ()  # cut (the next rain came first), night (it rained at night only)


@dataclass(frozen=True, slots=True)
class Share:
    """An area whose whole rain arrives, with its interval."""

    value: float  # [m²]
    low: float  # 5 %
    high: float  # 95 %


@dataclass(frozen=True, slots=True)
class Triangle:
    """One triangle of the unit hydrograph."""

    r: float  # [-] of the rain on the ground above the meter
    sd: float  # [-]
    t: float  # [s] time to peak
    k: float  # [-] recession over time to peak


@dataclass(frozen=True, slots=True)
class Comparison:
    """Events of one kind against the others."""

    about: str  # season (May to October against the rest), wetness (after a wet month), size (large rains)
    verdict: str  # more, less, same, unknown
    ratio: float  # [-]
    low: float
    high: float
    here: int  # events of the kind
    there: int  # others


@dataclass(frozen=True, slots=True)
class MeterRain:
    """What rain does at one meter."""

    asset_type: str
    asset: str
    since: str
    until: str
    ground: float  # [m²] above it
    basis: str  # of the ground: catchments, width (a strip along the sewers)
    depth: float  # [m] of rain in the record
    fast: Share  # inflow
    slow: Share  # infiltration after rain
    memory: Share  # groundwater that weeks of rain have raised
    lag: float  # [s] from rain to meter
    triangles: tuple[Triangle, ...]
    skill: float  # [-] of the memories: share of the variation foretold in parts not fitted
    triangles_skill: float  # [-] of the triangles
    events: tuple[MeterEvent, ...]
    compared: tuple[Comparison, ...]
    rises: int  # rises of the flow without rain
    gauge_distance: float  # [m] to the nearest gauge, NaN when nobody knows
    notes: tuple[str, ...] = ()
    version: str = ""
    by: str = ""
    at: str = ""
    simulated: bool = False

    @property
    def better(self) -> str:
        """Return which model foretells more: memories or triangles."""
        return "triangles" if self.triangles and self.triangles_skill > self.skill else "memories"


@dataclass(frozen=True, slots=True)
class AreaRain:
    """What rain does in the area that ends at a meter."""

    asset_type: str
    asset: str  # the meter at which it ends
    ground: float  # [m²]
    length: float  # [m] of sewers
    depth: float  # [m] of rain in the record
    fast: Share
    slow: Share
    total: Share
    data_share: float  # [-] of the prior variance that the meters took away
    events: tuple[tuple[str, float, float, float], ...]  # since, R and its 5 and 95 % of each event [-]
    since: str = ""
    until: str = ""
    version: str = ""
    by: str = ""
    at: str = ""
    simulated: bool = False
