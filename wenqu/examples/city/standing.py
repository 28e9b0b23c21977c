"""On what do the structures of the example city stand?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.land import DISTRICTS, Floats, Ints, Land
from wenqu.examples.city.marks import Names
from wenqu.examples.city.rivers import Reach, nearest_reach
from wenqu.examples.city.skeleton import Levels, Skeleton
from wenqu.examples.city.streets import Streets

SIZES = (0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)  # [m] pressure mains
GROUP = "问渠市供排水集团"


@dataclass(frozen=True, slots=True)
class Base:
    """What the structures stand on."""

    frame: Land
    plan: Streets
    pipes: Skeleton
    depth: Levels
    ids: Names  # (N,) of the manholes
    district: Ints  # (N,) index of DISTRICTS
    incoming: Floats  # (N,) largest bore that ends at a manhole [m]
    course: list[Reach]
    banks: Floats  # (J, 2) nearest place on a bank from each junction [m]
    shores: Ints  # (J,) reach there

    def at(self, manhole: int) -> Floats:
        """Where a manhole stands. [m]"""
        return np.array([self.pipes.x[manhole], self.pipes.y[manhole]])

    def zone(self, manhole: int) -> str:
        """Return the district of a manhole."""
        return DISTRICTS[self.district[manhole]]

    def bank(self, manhole: int, aside: float = 0.0) -> Floats:
        """Return the nearest place on a bank from the junction of a manhole, some metres aside. [m]"""
        place: Floats = self.banks[self.pipes.junction[manhole]] + np.array([aside, 0.0])
        return place

    def reach(self, manhole: int) -> Reach:
        """Return the reach at that bank."""
        return self.course[int(self.shores[self.pipes.junction[manhole]])]


def base(
    frame: Land, plan: Streets, laid: tuple[Skeleton, Levels], marks: tuple[Names, Ints], course: list[Reach]
) -> Base:
    """Put together what the structures stand on."""
    pipes, depth = laid
    incoming = np.zeros(len(pipes.x))
    np.maximum.at(incoming, pipes.end, pipes.diameter)
    np.maximum.at(incoming, pipes.start, 0.3)
    banks = _banks(frame, plan)
    shores = nearest_reach(course, banks[:, 0], banks[:, 1])
    return Base(frame, plan, pipes, depth, marks[0], marks[1], incoming, course, banks, shores)


def _banks(frame: Land, plan: Streets) -> Floats:
    x, y = plan.x.copy(), plan.y.copy()
    for _ in range(3):
        away = frame.river_distance(x, y) + 1.0
        east, north = frame.toward_river(x, y)
        x, y = x + away * east, y + away * north
    return np.column_stack([x, y])


def add_conduit(draft: Draft, ends: tuple[str, str], line: Floats, **fields: object) -> str:
    """Add one short conduit of a structure."""
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    given = {"shape": "circular", "barrels": 1, "roughness": 0.013, "pressure": "gravity", **fields}
    return draft.add(
        "conduit",
        f"LG{draft.count('conduit') + 1:05d}",
        line,
        from_id=ends[0],
        to_id=ends[1],
        length=round(max(length, 0.5), 2),
        status="in_use",
        owner=GROUP,
        **{"material": "reinforced_concrete", "soil": "mucky_soil", "importance": "other", **given},
    )
