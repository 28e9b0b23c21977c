"""Which scores of its own did the crew of the example city state? Most as they are due, some misread."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from wenqu.diagnosis.grading_defects import Segment
from wenqu.diagnosis.wrong_readings import figures_under
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.standards.condition import condition_rules

STATED = (
    "S",
    "S_max",
    "F",
    "S_M",
    "RI",
    "structural_grade",
    "Y",
    "Y_max",
    "G",
    "Y_M",
    "MI",
    "functional_grade",
)
MISREAD = ("sum", "no_weight", "density_by_F", "always_factors")  # one sheet in four, one way after the other
EVERY = 4
DECIMALS = 2  # as reports round


def with_scores(
    handed: Iterable[Handed], seen: Mapping[str, Inspection], pipes: Mapping[str, Segment], slack: float
) -> list[Handed]:
    """Return how inspections were handed in, with what their crew says of each pipe.

    Parameters
    ----------
    seen
        The inspections by id.
    pipes
        The conduits that they are of, by id.
    slack
        How far beyond the end a defect may lie. [m]
    """
    made = []
    for number, one in enumerate(handed, 1):
        pipe = pipes.get(one.asset)
        ways = () if number % EVERY else (MISREAD[number // EVERY % len(MISREAD)],)
        if pipe is not None:
            figures = figures_under(ways, pipe, seen[one.inspection].defects, condition_rules(), slack)
            one = replace(one, stated=_rounded(figures))  # noqa: PLW2901
        made.append(one)
    return made


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {
        name: round(figures[name], DECIMALS) for name in STATED if math.isfinite(figures.get(name, math.nan))
    }
