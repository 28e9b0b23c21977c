"""How many days does a crew need for each measure of a programme?"""

from collections.abc import Mapping, Sequence

import numpy as np

from wenqu.planning.costs import Catalogue, Method, works_cost
from wenqu.records.programme import Measure

UNKNOWN_DAYS = 2.0  # [d] of a method that the price table does not name, or that has no crew-days there


def crew_days(
    measures: Sequence[Measure], book: Catalogue, sizes: Mapping[str, float]
) -> tuple[list[float], set[str]]:
    """Return the crew-days of each measure, and the methods whose days had to be assumed. [d]

    A measure keeps how many metres, spots, points or premises it is made of. One of an older programme does
    not: then they are what is left of the cost without the mobilisation, over the price of one, rounded. The
    days that a method takes once a package are those of its first measure there.

    Parameters
    ----------
    sizes
        Diameter of each conduit. [m]
    """
    methods = {one.key: one for one in book.methods}
    first: set[tuple[str, str]] = set()
    made, assumed = [], set()
    for one in measures:
        method = methods.get(one.method)
        begins = (one.option, one.method) not in first
        first.add((one.option, one.method))
        if method is None or not (method.crew_days or method.crew_days_fixed):
            assumed.add(one.method)
            made.append(UNKNOWN_DAYS)
            continue
        units = _units(one, method, sizes.get(one.asset, float("nan")), begins=begins)
        made.append(method.crew_days * units + (method.crew_days_fixed if begins else 0.0))
    return made, assumed


def _units(one: Measure, method: Method, diameter: float, *, begins: bool) -> float:
    if one.units > 0:
        return one.units
    if method.price_per == "m":
        return one.length
    if not method.crew_days:
        return 1.0
    price = float(works_cost(method, np.ones(1), np.array([diameter]), np.array([np.nan]))[0])
    left = one.cost - (method.mobilisation if begins else 0.0)
    return max(1.0, float(round(left / price))) if price > 0 else 1.0
