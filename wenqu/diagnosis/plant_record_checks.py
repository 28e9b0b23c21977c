"""What in a plant's own table cannot be, or looks like another unit?"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from wenqu.issues import Issue, Weight

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
# What the median of a plant's inflow lies between, in SI; beyond it another unit is likely.
USUAL = {
    "bod5": (5e-3, 2.0), "cod": (1e-2, 5.0), "nh3n": (5e-4, 0.3), "tp": (1e-4, 0.1), "ss": (5e-3, 5.0),
    "conductivity": (0.005, 5.0), "temperature": (0.0, 45.0),
}  # fmt: skip
FACTORS = (24.0, 1000.0)  # m³/h for m³/d, mg for g
NEAR = 0.2  # [-] how near a month's median is to such a factor
FEWEST = 5  # readings of a month
GAPS = 0.05  # [-] share of the days that may be absent before it is told


def checked(
    table: tuple[Days, Mapping[str, Floats]], twice: int, unread: int, swapped: int
) -> tuple[dict[str, Floats], tuple[Issue, ...]]:
    """Return the figures without those that cannot be, and what is wrong or doubtful.

    Parameters
    ----------
    table
        Days, and figures by quantity in SI.
    twice, unread
        Rows of a day that was there already; figures and days that are none.
    swapped
        Days that would be read if the month stood first.
    """
    days, figures = table
    issues = []
    values = {}
    for quantity, every in figures.items():
        below = every < 0 if quantity != "temperature" else np.zeros(len(every), np.bool_)
        values[quantity] = np.where(below, np.nan, every)
        if below.any():
            first = str(days[np.flatnonzero(below)[0]])
            issues.append(
                _issue("negative", Weight.FAULT, quantity=quantity, count=int(below.sum()), first=first)
            )
        issues += _units(days, quantity, values[quantity])
    if twice:
        issues.append(_issue("twice", Weight.DOUBT, count=twice))
    if swapped:
        issues.append(_issue("month-first", Weight.FAULT, count=swapped))
    if unread - swapped > 0:
        issues.append(_issue("unread", Weight.DOUBT, count=unread - swapped))
    whole = int((days[-1] - days[0]).astype(np.int64)) + 1
    if whole - len(days) > GAPS * whole:
        issues.append(_issue("gaps", Weight.NOTE, missing=whole - len(days), days=whole))
    return values, tuple(issues)


def _units(days: Days, quantity: str, values: Floats) -> list[Issue]:
    good = values[np.isfinite(values)]
    if len(good) < FEWEST:
        return []
    middle = float(np.median(good))
    low, high = USUAL.get(quantity, (0.0, np.inf))
    if not low <= middle <= high:
        return [_issue("unit", Weight.FAULT, quantity=quantity, median=float(f"{middle:.3g}"))]
    month = days.astype("datetime64[M]")
    for one in np.unique(month):
        mine = values[(month == one) & np.isfinite(values)]
        apart = float(np.median(mine)) / middle if len(mine) >= FEWEST and middle > 0 else 1.0
        for factor in FACTORS:
            if apart > 0 and abs(np.log(max(apart, 1 / apart) / factor)) < NEAR:
                facts: dict[str, object] = {"quantity": quantity, "month": str(one), "factor": int(factor)}
                return [_issue("unit-change", Weight.FAULT, **facts)]
    return []


def _issue(code: str, weight: Weight, **facts: object) -> Issue:
    return Issue(f"diagnosis.record-{code}", weight, facts=facts)
