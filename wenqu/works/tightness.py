"""Is a closed-water test passed, by GB 50268?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from wenqu.records.acceptance import ClosedWaterTest
from wenqu.standards.tables import PER_DAY_AND_KM, closed_water, rows
from wenqu.units import to_si
from wenqu.works.requirements import is_plastic, limit

NEAR = 1e-9  # [-] two figures this close are one


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that keeps a pipe from being accepted: code of its sentence, with the facts."""

    code: str  # works.lack.<code>
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """A pipe as it lies in the network."""

    id: str
    length: float  # [m] NaN when it is not known
    diameter: float  # [m] NaN when it is not known
    material: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Tightness:
    """What a test says, by which row of which table."""

    allowed: float  # [m³] NaN when it cannot be known
    water: float  # [m³]
    rate: float  # [m²/s] as measured, m³ per second and metre
    sources: tuple[str, ...]  # table or formula, of each section
    statuses: tuple[str, ...]
    lacks: tuple[Lack, ...]

    @property
    def passed(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.lacks


def tightness(test: ClosedWaterTest, pipes: Mapping[str, Built], methods: Mapping[str, str]) -> Tightness:
    """Hold a closed-water test against the standard.

    What may leak is the sum over the sections, each by its own diameter, material and length of the
    network: what the test sheet says of length is not believed where it is more.

    Parameters
    ----------
    pipes
        The sections as built, by id.
    methods
        What was done to each: a lining makes it a plastic pipe.
    """
    sections = [pipes[id_] for id_ in test.assets if id_ in pipes]
    lacks = [Lack("closed-water-section", {"pipe": id_}) for id_ in test.assets if id_ not in pipes]
    lacks += [
        Lack("closed-water-pipe", {"pipe": pipe.id})
        for pipe in sections
        if math.isnan(pipe.length) or math.isnan(pipe.diameter) or not pipe.material
    ]
    lacks += _conditions(test)
    known = [pipe for pipe in sections if not math.isnan(pipe.length + pipe.diameter)]
    rules = [
        (pipe, closed_water(pipe.diameter, plastic=is_plastic(pipe.material, methods.get(pipe.id, ""))))
        for pipe in known
    ]
    total = sum(pipe.length for pipe in known)
    whole = len(known) == len(test.assets) and bool(known)
    allowed = sum(rule.volume(pipe.length, test.duration) for pipe, rule in rules) if whole else math.nan
    if whole and test.length > total * (1 + limit("length_excess")):
        lacks.append(Lack("closed-water-length", {"stated": test.length, "length": total}))
    if not math.isfinite(test.water) or test.water < 0:
        lacks.append(Lack("closed-water-unread", {"test": test.id}))
    elif whole and test.water > allowed * (1 + NEAR):
        lacks.append(Lack("closed-water-leaks", {"water": test.water * 1000, "allowed": allowed * 1000}))
    rate = test.water / (total * test.duration) if whole and total * test.duration > 0 else math.nan
    return Tightness(
        allowed,
        test.water,
        rate,
        tuple(rule.source for _, rule in rules),
        tuple(rule.status for _, rule in rules),
        tuple(lacks),
    )


def _conditions(test: ClosedWaterTest) -> list[Lack]:
    """Return what was wrong with how the test was done: head, soaking, duration, sections."""
    asked = {row["rule"]: (float(row["value"]), row["unit"]) for row in rows("closed_water_rules.csv")}
    head = asked["head"][0]
    soak, observe = to_si(*asked["soak"]), to_si(*asked["observe"])
    found = []
    if not test.head >= head * (1 - NEAR):
        found.append(Lack("closed-water-head", {"head": test.head, "asked": head}))
    if not test.soak >= soak * (1 - NEAR):
        found.append(Lack("closed-water-soak", {"hours": test.soak / 3600, "asked": soak / 3600}))
    if not test.duration >= observe * (1 - NEAR):
        found.append(Lack("closed-water-short", {"minutes": test.duration / 60, "asked": observe / 60}))
    if len(set(test.assets)) > asked["sections"][0] or not test.assets:
        found.append(
            Lack("closed-water-sections", {"count": len(test.assets), "asked": int(asked["sections"][0])})
        )
    return found


def measured(rate: float) -> float:
    """Return a measured rate in the unit of the standard's table. [m³/(24 h·km)]"""
    return rate / PER_DAY_AND_KM
