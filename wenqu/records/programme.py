"""A programme of repairs: what is done where, how, when, for how much, and what it reaches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One repair of one package (a conduit, an outfall, a group of premises) in one window."""

    option: str
    package: str
    asset_type: str
    asset: str
    method: str  # row of the price catalogue
    window: str  # the year it is finished in
    cost: float  # [yuan]
    length: float  # [m]
    district: str
    plant: str
    flow_removed: float  # [m³/s] clean water kept out
    load_gained: float  # [kg/s] BOD5 brought to the plant
    reasons: tuple[str, ...] = ()  # ids of the problems, defects or findings behind it
    units: float = 0.0  # metres, spots, points or premises of the method; 0 where an older programme lacks it


@dataclass(frozen=True, slots=True)
class PlantOutlook:
    """What a plant receives at the end of one window."""

    plant: str
    window: str
    flow: float  # [m³/s]
    load: float  # [kg/s]
    concentration: float  # [kg/m³]
    threshold: float  # [kg/m³]
    meets: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """A chosen programme with its proof."""

    id: str
    status: str  # proved | feasible | infeasible
    measures: tuple[Measure, ...]
    outlook: tuple[PlantOutlook, ...]
    windows: tuple[str, ...]
    cost: float  # [yuan]
    bound: float  # [yuan] no programme under the same rules is cheaper
    gap: float  # [-] (cost - bound) / cost
    seconds: float  # [s]
    rules: str  # the rules it was made under, as JSON
    catalogue: str  # edition of the price table, marked default or the city's own
    simulated: bool = False
    at: str = ""
    by: str = ""
