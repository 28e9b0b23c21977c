"""Does a price table hold what cannot be meant, such as 元 where 万元 was typed?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue, Place, Weight
from wenqu.planning.costs import STANDARD_DEPTH, Catalogue, Method, unit_price

MISTAKEN = 1000.0  # times dearer or cheaper: a unit was mistaken, no market is that wide
FAR = 5.0  # times: worth a second look
EFFECT_FAR = 0.25  # [-] of the water at the site
TYPICAL = 0.6  # [m] where a method has no range of diameters


def price_doubts(book: Catalogue, usual: Catalogue) -> Iterator[Issue]:
    """Yield the prices and effects that lie far from those of a usual table, method by method.

    Parameters
    ----------
    book
        The table that was given.
    usual
        What it is held against; methods that it lacks are not judged.
    """
    known = {entry.key: entry for entry in usual.methods}
    for row, entry in enumerate(book.methods, start=2):
        before = known.get(entry.key)
        if before is None or before.price_per != entry.price_per:
            continue
        place = Place("catalogue.csv", row=row)
        pairs = [("price_a, price_b", _price(entry, before), _price(before, before))]
        pairs.append(("mobilisation", entry.mobilisation, before.mobilisation))
        for field, value, was in pairs:
            if value > 0 and was > 0:
                yield from _priced(entry, place, field, (value, was))
        if abs(entry.effect - before.effect) > EFFECT_FAR:
            facts: dict[str, object] = {
                "value": round(100 * entry.effect),
                "usual": round(100 * before.effect),
            }
            yield Issue("catalogue.effect", Weight.DOUBT, "method", entry.key, place, facts)


def _priced(entry: Method, place: Place, field: str, pair: tuple[float, float]) -> Iterator[Issue]:
    value, was = pair
    times = max(value / was, was / value)
    facts: dict[str, object] = {"field": field, "value": float(f"{value:.4g}"), "usual": float(f"{was:.4g}")}
    facts["times"] = float(f"{times:.3g}")
    if times >= MISTAKEN:
        yield Issue("catalogue.unit", Weight.BLOCK, "method", entry.key, place, facts)
    elif times >= FAR:
        yield Issue("catalogue.far", Weight.DOUBT, "method", entry.key, place, facts)


def _price(entry: Method, at: Method) -> float:
    """Return the price of one unit at the middle of a method's range, at the standard depth. [yuan]"""
    middle = (at.min_diameter + at.max_diameter) / 2 if np.isfinite(at.max_diameter) else TYPICAL
    price = unit_price(entry, np.array([middle]), np.array([STANDARD_DEPTH]))
    return float(price[0])
