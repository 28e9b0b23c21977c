"""What did the inspections of the example city see?"""

import numpy as np
import numpy.typing as npt

from wenqu.examples.city.land import Ints
from wenqu.examples.city.lists import rows
from wenqu.examples.city.marks import Names
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.wear import Wear
from wenqu.records.inspection import Defect, Inspection

SHARE = (0.62, 0.50, 0.33)  # of the streets inspected, by district
SEEN = 0.9  # of the defects that a crew notices
CREWS = ("问渠管网检测一队", "问渠管网检测二队", "方源检测有限公司", "天光管道检测有限公司")


def inspected(pipes: Skeleton, district: Ints, seed: int) -> npt.NDArray[np.bool_]:
    """Return which conduits were inspected: whole streets, storm sewers less. (C,)"""
    generator = np.random.default_rng([seed, 41])
    streets = int(pipes.of_street.max()) + 1
    draw = generator.random(streets)[pipes.of_street]
    share = np.array(SHARE)[district[pipes.start]]
    return draw < np.where(pipes.of_system > 0, share * 1.12, share * 0.8)


def inspections(
    pipes: Skeleton, state: Wear, given: tuple[npt.NDArray[np.bool_], Names], seed: int
) -> list[Inspection]:
    """Return the inspection records by CJJ 181-2012: CCTV, some by QV. ``given``: which, ids."""
    looked, ids = given
    generator = np.random.default_rng([seed, 42])
    chosen = np.flatnonzero(looked)
    day = np.datetime64("2023-03-01") + generator.integers(0, 800, int(pipes.of_street.max()) + 1).astype(
        "timedelta64[D]"
    )
    dates = np.datetime_as_string(day[pipes.of_street[chosen]])
    noticed = generator.random(len(state.conduit)) < SEEN
    misread = generator.random(len(state.conduit))
    begin = np.searchsorted(state.conduit, np.arange(len(pipes.start) + 1))
    codes = [row["code"] for row in rows("defect_mix")]
    highest = [int(row["highest"]) for row in rows("defect_mix")]
    lengths, levels = np.round(pipes.length, 2), state.level
    made = []
    for number, (conduit, date) in enumerate(zip(chosen.tolist(), dates, strict=True), start=1):
        name, key, at = str(ids[conduit]), f"JC{number:06d}", str(date)
        defects = tuple(
            Defect(
                name,
                codes[state.mix[row]],
                _level(int(levels[row]), float(misread[row]), highest[state.mix[row]]),
                float(state.start[row]),
                float(state.length[row]),
                at,
                key,
                ("0309", "0903", "1200", "0012")[row % 4],
            )
            for row in range(begin[conduit], begin[conduit + 1])
            if noticed[row]
        )
        made.append(
            Inspection(
                key,
                name,
                "qv" if number % 6 == 0 else "cctv",
                at,
                float(lengths[conduit]),
                "downstream" if number % 3 else "upstream",
                CREWS[pipes.of_street[conduit] % len(CREWS)],
                defects=tuple(sorted(defects, key=lambda one: one.start)),
                simulated=True,
            )
        )
    return made


def _level(true: int, draw: float, highest: int) -> int:
    """Return the level a crew writes down: one in ten is one off."""
    off = -1 if draw < 0.05 else (1 if draw > 0.95 else 0)
    return min(max(true + off, 1), highest)
