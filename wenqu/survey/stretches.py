"""From where to where does a continuous defect run, when two rows open and close it?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from wenqu.records.inspection import Defect

OPENS, CLOSES = "AS", "BEF"  # EN 13508-2: A, B; older German files: A, E; PACP: S, F


@dataclass(frozen=True, slots=True)
class Stretches:
    """The rows of one inspection, with the length of each continuous defect at the row that opens it."""

    rows: tuple[Defect, ...]
    open: tuple[int, ...]  # places of rows that nothing closes
    loose: tuple[int, ...]  # places of rows that close what nothing opened


def with_stretches(rows: Sequence[Defect]) -> Stretches:
    """Give each opening row (A1) the distance to its closing row (B1) as length; keep both rows.

    Examples
    --------
    >>> seen = [Defect("", "BBA", 0, 2.0, continuous="A1"), Defect("", "BBA", 0, 5.5, continuous="B1")]
    >>> [row.length for row in with_stretches(seen).rows]
    [3.5, 0.0]
    """
    made = list(rows)
    opened: dict[str, int] = {}
    loose = []
    unclosed = []
    for place, row in enumerate(rows):
        letter, mark = row.continuous[:1], row.continuous[1:]
        if letter and letter in OPENS:
            if mark in opened:
                unclosed.append(opened[mark])
            opened[mark] = place
        elif letter and letter in CLOSES:
            if mark not in opened:
                loose.append(place)
                continue
            first = opened.pop(mark)
            length = row.start - rows[first].start
            if math.isfinite(length):
                made[first] = replace(made[first], length=round(abs(length), 6))
    return Stretches(tuple(made), tuple(sorted([*unclosed, *opened.values()])), tuple(loose))
