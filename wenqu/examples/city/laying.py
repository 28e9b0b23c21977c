"""What lies beneath the streets of an example city of a given size?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.below import Below, below
from wenqu.examples.city.drains import Drains, sanitary_drains, storm_drains
from wenqu.examples.city.land import Ints, Land, land
from wenqu.examples.city.overflows import emergency_rows, overflow_junctions
from wenqu.examples.city.skeleton import Levels, Skeleton, fitting_spacing, levels, skeleton
from wenqu.examples.city.streets import Streets, streets

GROUND_PER_CONDUIT = 3030.0  # [m²] of built-up land
# The programme's city: twelve stations, sixty outfalls, eight of them combined overflows, for 6,000 conduits.
STATIONS, OUTFALLS, OVERFLOWS = 12 / 6000, 60 / 6000, 8 / 6000
COUNTED = 20_000  # conduits up to which stations are counted; beyond they stand wherever it gets too deep


@dataclass(frozen=True, slots=True)
class Laid:
    """The city below the streets, before anything is a table."""

    frame: Land
    plan: Streets
    sanitary: Drains
    storm: Drains
    pipes: Skeleton
    depth: Levels
    way: Below
    overflows: Ints  # junctions with a combined overflow
    emergency: Ints  # stations with an overflow, rows of the lifted junctions

    @property
    def doors(self) -> Ints:
        """Manholes that have a way to the river."""
        stations = self.pipes.sanitary_at[self.sanitary.lifted[self.emergency]]
        return np.concatenate([self.pipes.sanitary_at[self.overflows], stations])


def lay(conduits: int, seed: int) -> Laid:
    """Lay streets and sewers so that about ``conduits`` conduits result, those of the structures included."""
    generator = np.random.default_rng([seed, 1])
    frame = land(conduits * GROUND_PER_CONDUIT, generator)
    plan = streets(frame, generator)
    stations = max(2, round(STATIONS * conduits)) if conduits <= COUNTED else None
    sanitary = sanitary_drains(frame, plan, stations)
    combined = max(1, round(OVERFLOWS * min(conduits, 60_000)))
    emergency = max(1, len(sanitary.lifted) // 3)
    others = combined + emergency + len(np.unique(sanitary.outlet[sanitary.outlet >= 0]))
    outfalls = max(4, round(OUTFALLS * conduits) - others)
    storm = storm_drains(frame, plan, outfalls, generator)
    few = 2 * len(sanitary.lifted) + others + round(0.85 * outfalls) + 5  # conduits of the structures
    spacing = fitting_spacing(plan, (sanitary, storm), max(conduits - few, conduits // 2))
    pipes = skeleton(frame, plan, sanitary, storm, spacing)
    return Laid(
        frame,
        plan,
        sanitary,
        storm,
        pipes,
        levels(pipes),
        below(pipes, sanitary),
        overflow_junctions(frame, plan, pipes, sanitary, combined),
        emergency_rows(frame, pipes, sanitary, emergency),
    )
