"""What day of sewage does a case state: 24 hours, half hours, hours numbered from 1, or only some of them?"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.issues import Issue, Place, Weight
from wenqu.services.case_readings import optional_table

Floats = npt.NDArray[np.float64]
HOURS = 24
FINER = (48, 96, 144, 288)  # rows of a day that are numbered through
ABSENT = 4  # hours that may be put in between their neighbours


def pattern_of(folder: Path, issues: list[Issue]) -> Floats | None:
    """Return the day of sewage, mean 1; None (and an Issue) where the file does not give one. (24,)"""
    table = optional_table(folder, "pattern.csv", ["hour", "factor"], issues)
    if table is None:
        return None
    hour, factor = table.numbers("hour"), table.numbers("factor")
    issues += table.issues

    def tell(code: str, weight: Weight, **facts: object) -> None:
        issues.append(Issue(f"case.pattern-{code}", weight, place=Place("pattern.csv"), facts=facts))

    known = np.isfinite(hour) & (factor >= 0)
    hour, factor = hour[known], factor[known]
    if len(hour) in FINER and np.array_equal(np.sort(hour), np.arange(len(hour))):
        tell("numbered", Weight.NOTE, rows=len(hour), minutes=60 * HOURS // len(hour))
        hour = hour * HOURS / len(hour)
    elif len(hour) == HOURS and np.array_equal(np.sort(hour), np.arange(1, HOURS + 1)):
        tell("from-one", Weight.NOTE)
        hour = hour - 1
    inside = (hour >= 0) & (hour < HOURS)
    if not inside.all():
        tell("outside", Weight.DOUBT, rows=int((~inside).sum()))
    of = hour[inside].astype(np.int64)
    count = np.bincount(of, minlength=HOURS)
    found = np.bincount(of, factor[inside], HOURS) / np.where(count > 0, count, 1)
    absent = int((count == 0).sum())
    if absent > ABSENT or not found.sum() > 0:
        tell("incomplete", Weight.DOUBT, hours=absent)
        return None
    if absent:
        tell("filled", Weight.NOTE, hours=absent)
        there = np.flatnonzero(count > 0)
        found = np.interp(np.arange(HOURS), there, found[there], period=HOURS)
    return np.asarray(found / found.mean())
