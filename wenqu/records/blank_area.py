"""A part of the city where people and water have no sewer within reach."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Premises:
    """Places that should drain to a sewer, as delivered: buildings, meters, a population grid."""

    name: str  # of the delivery
    at: str  # ISO time it was read
    ids: tuple[str, ...]
    x: tuple[float, ...]  # in the city's coordinate system
    y: tuple[float, ...]
    people: tuple[float, ...]  # NaN where not known
    sewage: tuple[float, ...]  # [m³/s] NaN where not known
    crs: str = ""  # of x and y
    read_in: str = ""  # coordinate system that the file was read in
    swapped: bool = False  # its x ran to the north


@dataclass(frozen=True, slots=True)
class BlankArea:
    """One area without a sewer within reach, as it was found."""

    id: str
    asset: str  # id of the zone (district) it lies in, "" for none
    asset_type: str
    reach: float  # [m]
    premises: int
    people: float
    sewage: float  # [m³/s]
    area: float  # [m²]
    distance: float  # [m] to the nearest pipe that carries sewage
    border: str  # polygon in the city's coordinate system, WKT
    source: str  # what was looked at: drainage users and villages, or the name of a delivery
    as_of: str = ""  # ISO date of the network, "" for the day it was filed
    simulated: bool = False
