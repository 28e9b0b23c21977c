"""What is each manhole and conduit of the example city called?"""

import numpy as np
import numpy.typing as npt

from wenqu.examples.city.land import DISTRICTS, Ints, Land
from wenqu.examples.city.skeleton import Skeleton

LETTERS = np.array(["Y", "W", "H"], dtype=object)  # 雨水, 污水, 合流: by index of SYSTEMS
Names = npt.NDArray[np.object_]


def districts_of(frame: Land, pipes: Skeleton) -> Ints:
    """Return the district (index of DISTRICTS) of every manhole."""
    return frame.district(frame.compartment(pipes.x, pipes.y))


def _numbered(district: Ints, system: Ints, letter: str) -> Names:
    width = max(5, len(str(len(district))))
    stems = np.array([f"{name}-{kind}{letter}" for name in DISTRICTS for kind in LETTERS], dtype=object)
    stem = stems[district * len(LETTERS) + system]
    return np.array([f"{a}{n:0{width}d}" for a, n in zip(stem, range(1, len(stem) + 1), strict=True)], object)


def manhole_ids(district: Ints, pipes: Skeleton) -> Names:
    """Return the ids of all manholes: district, kind of water, number."""
    return _numbered(district, pipes.system, "")


def conduit_ids(district: Ints, pipes: Skeleton) -> Names:
    """Return the ids of all conduits along streets: district, kind of water, number."""
    return _numbered(district[pipes.start], pipes.of_system, "G")
