"""Which reaches and sections do the rivers of the example city have?"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from wenqu.examples.city.land import CANAL_HALF_WIDTH, DISTRICTS, MAIN_HALF_WIDTH, Floats, Ints, Land
from wenqu.examples.city.lists import names

STEP = 60.0  # [m] between the points of a river's line


@dataclass(frozen=True, slots=True)
class Reach:
    """One reach from its upper to its lower end, in local coordinates."""

    id: str
    name: str
    river: str
    line: Floats  # (k, 2) [m]
    upstream: str  # id of the reach above, "" at the top
    downstream: str  # id of the reach below, "" at the sea
    half_width: float  # [m]
    level: float  # normal water level [m]
    district: str


def _beyond(frame: Land) -> float:
    """Return how far the rivers run on beyond the city. [m]"""
    return 300.0 + 0.06 * frame.width


def _main(frame: Land, river: int) -> Floats:
    x = np.arange(-_beyond(frame), frame.width + _beyond(frame), STEP)
    return np.column_stack([x, frame.main(river, x)])


def _canal(frame: Land, gap: int, canal: int) -> Floats:
    """Return a canal's line from its source to the main river: all run south but those of the south."""
    y = np.arange(-_beyond(frame), frame.height + _beyond(frame), STEP / 2)
    x = frame.canal(gap, canal, y)
    inside = frame.gap(x, y) == gap
    line = np.column_stack([x[inside], y[inside]])
    return line if gap == 0 else line[::-1]


def _pieces(line: Floats, cuts: list[int]) -> list[Floats]:
    edges = [0, *sorted(cuts), len(line) - 1]
    return [line[first : last + 1] for first, last in pairwise(edges) if last > first]


def _named(kind: str, number: int) -> str:
    words = names(kind)
    return words[number % len(words)] + ("" if number < len(words) else f"{number // len(words) + 1}支")


def reaches(frame: Land) -> list[Reach]:
    """Return all reaches: main rivers are cut where canals join and once more below, canals in the middle."""
    made: list[Reach] = []
    lines: list[tuple[str, list[Floats], float]] = []
    mouths: dict[int, list[float]] = {river: [] for river in range(frame.mains)}
    canals = []
    for gap in range(frame.mains + 1):
        for number in range(frame.canals):
            line = _canal(frame, gap, number)
            mouths[max(gap - 1, 0)].append(float(line[-1, 0]))
            name = _named("canal", gap * frame.canals + number)
            canals.append((name, _pieces(line, [len(line) // 2]), CANAL_HALF_WIDTH))
    for river in range(frame.mains):
        line = _main(frame, river)
        at = [*mouths[river], 0.82 * frame.width]
        cuts = sorted({int(np.clip(round((x + _beyond(frame)) / STEP), 2, len(line) - 3)) for x in at})
        lines.append((_named("main", river), _pieces(line, cuts), MAIN_HALF_WIDTH))
    lines += canals
    for name, pieces, half in lines:
        first = len(made)
        for number, piece in enumerate(pieces):
            middle = piece[len(piece) // 2 : len(piece) // 2 + 1]
            place = frame.compartment(middle[:, 0], middle[:, 1])
            made.append(
                Reach(
                    f"HD{first + number + 1:03d}",
                    f"{name}{'上中下末'[number] if len(pieces) <= 4 else f'第{number + 1}'}段",
                    name,
                    piece,
                    f"HD{first + number:03d}" if number else "",
                    f"HD{first + number + 2:03d}" if number + 1 < len(pieces) else "",
                    half,
                    float(frame.water_level(middle[:, 0])[0]),
                    DISTRICTS[int(frame.district(place)[0])],
                )
            )
    return made


def nearest_reach(course: list[Reach], x: Floats, y: Floats) -> Ints:
    """Return the nearest reach (index) of points."""
    owner = np.repeat(np.arange(len(course)), [len(reach.line) for reach in course])
    tree = cKDTree(np.concatenate([reach.line for reach in course]))
    found: Ints = owner[tree.query(np.column_stack([x, y]))[1]].astype(np.int64)
    return found
