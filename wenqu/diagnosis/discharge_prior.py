"""Which drainage users are likely to have let in what sensors saw, before the readings say where?

A user's chance against one whose trade says nothing, by the quantities that departed: by the concentration
that is registered for it (permit, sampling) where there is one, else by its trade. A user who had closed
before has none.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
TYPICAL = {"cod": 0.4, "nh3n": 0.04}  # [kg/m³] of sewage: a user of so much is neither likelier nor less
LEAST, MOST = 0.2, 8.0


@cache
def trade_factors() -> Mapping[str, Mapping[str, float]]:
    """Return by trade how likely it is to make each quantity depart, against a trade that says nothing."""
    text = (files("wenqu.diagnosis") / "trade_substances.csv").read_text(encoding="utf-8")
    return {
        row["trade"]: {name: float(row[name]) for name in ("ph", "conductivity", "cod", "nh3n")}
        for row in csv.DictReader(text.splitlines())
    }


def user_factors(
    trades: Sequence[str], registered: Mapping[str, Floats], quantities: Sequence[str]
) -> Floats:
    """Return how much likelier each user is than one of whom nothing is known. (U,)

    Parameters
    ----------
    trades
        Trade of each user, "" where unknown. (U,)
    registered
        Concentrations by quantity, NaN where unknown. (U,) [kg/m³]
    quantities
        What departed; with several the mean of their logarithms counts.
    """
    table = trade_factors()
    logs = np.zeros(len(trades))
    for name in quantities:
        own = np.array([table.get(trade, {}).get(name, 1.0) for trade in trades])
        known = registered.get(name)
        if known is not None and name in TYPICAL:
            said = np.clip(np.nan_to_num(known / TYPICAL[name], nan=1.0), LEAST, MOST)
            own = np.where(np.isfinite(known), said, own)
        logs += np.log(own)
    found: Floats = np.exp(logs / max(len(quantities), 1))
    return found
