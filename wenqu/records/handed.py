"""How an inspection was handed over, and what its contractor said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Handed:
    """One inspection in one delivery. A later delivery that brings more of the same adds another."""

    asset: str
    inspection: str  # id under which the inspection is filed
    number: str  # its number as written; two inspections may bear the same
    name: str = ""  # of the asset as written
    start: str = ""  # manhole where the camera went in, as written
    end: str = ""
    delivery: str = ""
    file: str = ""  # report that tells of it
    where: str = ""  # place in the report
    stated: Mapping[str, float | str] = field(default_factory=dict)  # figures that the contractor claims
    facts: Mapping[str, str] = field(default_factory=dict)  # columns that have no field of ours
    media: Mapping[str, str] = field(default_factory=dict)  # picture or film as written → document
    missing: tuple[str, ...] = ()  # pictures and films that were named and did not come
    digest: str = ""  # of what was seen: the same again is known by it
    matched: str = ""  # how the asset was found: code, manholes, length, hand
    asset_type: str = "conduit"
    simulated: bool = False
