"""By what is it proved that works on a pipe are done and tight, and who accepted them?

Each proof names the pipes it speaks of and the day it was made as its author states it; the day it was
filed is that of the change which holds it, and nobody can state that one.
"""

from dataclasses import dataclass

ACCEPTED, WITHDRAWN = "accepted", "withdrawn"


@dataclass(frozen=True, slots=True)
class MaterialSample:
    """A sample of what was built in, and what the laboratory said."""

    id: str
    project: str
    lot: str
    assets: tuple[str, ...]
    date: str  # ISO date of the sample
    material: str
    passed: bool
    maker: str = ""
    batch: str = ""
    laboratory: str = ""
    file: str = ""  # document
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class HiddenWork:
    """What was looked at before it was covered: bedding, joints, backfill."""

    id: str
    project: str
    lot: str
    assets: tuple[str, ...]
    date: str
    part: str
    passed: bool
    photos: tuple[str, ...] = ()  # documents
    witness: str = ""  # of the supervisor
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class ClosedWaterTest:
    """A closed-water test of neighbouring manhole sections, as read on site."""

    id: str
    project: str
    lot: str
    assets: tuple[str, ...]  # the sections filled together
    date: str
    head: float  # [m] above the inner crown of the upstream end
    soak: float  # [s] filled before the reading began
    duration: float  # [s] of the reading
    water: float  # [m³] added to keep the level
    length: float = float("nan")  # [m] as the tester states it; the city's own length decides
    tester: str = ""
    witness: str = ""
    file: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class AsBuilt:
    """The pipe as it lies after the works: what the versioned edit of the network says of it."""

    id: str
    project: str
    lot: str
    asset: str  # the pipe as it is called now
    date: str  # ISO date the works on it were finished
    method: str
    replaces: tuple[str, ...] = ()  # pipes that it took the place of
    removed: bool = False  # taken out of use with nothing in its place
    surveyor: str = ""
    file: str = ""
    asset_type: str = "conduit"
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that an acceptance rests on."""

    kind: str  # closed_water, cctv, as_built, material, hidden
    id: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The word that a pipe is accepted, or no longer. The last one about a pipe stands."""

    id: str
    project: str
    lot: str
    asset: str
    date: str
    verdict: str  # ACCEPTED or WITHDRAWN
    by: str  # body that accepts
    proofs: tuple[Proof, ...] = ()
    rules: tuple[str, ...] = ()  # standard, edition and clause of each requirement that was held against it
    reason: str = ""
    asset_type: str = "conduit"
    simulated: bool = False
