"""How much sewage still runs in the small hours, after it has travelled to the meter?

The daily wave of sewage is smeared by travel: far sewage of the evening arrives in the night. A night
allowance made without travel time takes that sewage for groundwater.
"""

import csv
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
HOUR = 3600.0


@cache
def _table() -> tuple[float, ...]:
    text = (files("wenqu.diagnosis") / "sewage_pattern.csv").read_text(encoding="utf-8")
    return tuple(float(row["factor"]) for row in csv.DictReader(text.splitlines()))


def default_pattern() -> Floats:
    """Return the default daily pattern of sewage at the source, mean 1. (24,) [-]"""
    factors = np.array(_table())
    found: Floats = factors / factors.mean()
    return found


def travelled_pattern(pattern: Floats, delay: Floats, amount: Floats) -> Floats:
    """Return the daily pattern of sewage at a meter: the pattern at the sources, each part delayed.

    Parameters
    ----------
    pattern
        Hourly factors at the source, the value at the start of each hour, linear between, mean 1. (24,) [-]
    delay
        Travel time from each source to the meter, at least 0. (m,) [s]
    amount
        Sewage of each source, at least 0. (m,) [m³/s]

    Returns
    -------
    Floats
        Hourly factors at the meter. (24,) [-]

    Raises
    ------
    BadInput
        There is no sewage at all, or a delay is negative.
    """
    total = float(amount.sum())
    if total <= 0 or (len(delay) and delay.min() < 0):
        raise BadInput("night-sewage", total=total)
    whole, part = np.divmod(delay / HOUR, 1.0)
    hour = whole.astype(np.int64) % 24
    early = np.bincount(hour, weights=amount * (1 - part), minlength=24)
    late = np.bincount((hour + 1) % 24, weights=amount * part, minlength=24)
    width = (early + late) / total  # share of the sewage that arrives after 0, 1, … 23 hours
    shifted = np.stack([np.roll(pattern, hours) for hours in range(24)])
    found: Floats = width @ shifted
    return found


def night_factor(pattern: Floats, delay: Floats, amount: Floats) -> float:
    """Return least hourly sewage over mean sewage at a meter, after travel. [-]"""
    travelled = travelled_pattern(pattern, delay, amount)
    return float(travelled.min() / travelled.mean())
