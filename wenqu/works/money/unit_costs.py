"""What did a metre cost, by method, diameter and contractor? Statistics over contracts, with their interval.

One contract says one price of a method and a class of diameter, however many metres it has: its price with
variations, apportioned by its own unit prices to the pipes that stand accepted. A lot of several methods
without unit prices says nothing of either and is left out. The interval is that of the median when
contracts are drawn again with replacement (percentile bootstrap, 90 %); too few contracts get none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from wenqu.works.money.payable import LENGTH, Book, LotPipe, weights

CLASSES = ((0.0, 0.4), (0.4, 0.8), (0.8, math.inf))  # [m] larger than, and no larger than
UNKNOWN = "?"  # class of pipes whose diameter nobody knows
DRAWS, SEED = 2000, 20260101
LEVEL = (0.05, 0.95)
MIXED, NOTHING = "mixed", "nothing_accepted"


@dataclass(frozen=True, slots=True)
class Observation:
    """What one contract says of one method and class of diameter."""

    contract: str
    contractor: str
    method: str
    size: str  # class of diameter
    diameter: float  # [m] mean over its metres, NaN when not known
    metres: float  # [m] accepted
    price: float  # [yuan/m]
    year: int  # in which it was signed


@dataclass(frozen=True, slots=True)
class Statistic:
    """Several observations of one kind. [yuan/m]"""

    count: int  # contracts
    metres: float
    median: float
    quarter: float
    three_quarters: float
    least: float
    most: float
    low: float | None  # 5 % of the median, None when there are too few contracts
    high: float | None
    years: tuple[int, int]
    contracts: tuple[str, ...]


def class_of(diameter: float) -> str:
    """Return the class of a diameter, in millimetres as people write it."""
    for above, up_to in CLASSES:
        if above < diameter <= up_to:
            if up_to == math.inf:
                return f">{above * 1000:.0f}"
            return f"{above * 1000:.0f}–{up_to * 1000:.0f}" if above else f"≤{up_to * 1000:.0f}"
    return UNKNOWN


def observations(book: Book, day: str) -> tuple[list[Observation], str]:
    """Return what a contract says on a day, and why it says nothing ("" when it does)."""
    weighs, basis = weights(book.contract, book.pipes)
    whole = sum(weighs)
    if basis == LENGTH and len({one.method for one in book.pipes}) > 1:
        return [], MIXED
    groups: dict[tuple[str, str], list[tuple[LotPipe, int]]] = {}
    for one, weight in zip(book.pipes, weighs, strict=True):
        if one.on(day) and one.length_mm and weight:
            groups.setdefault((one.method, class_of(one.diameter)), []).append((one, weight))
    if not groups or book.price(day) <= 0:
        return [], NOTHING
    return [_observed(book, day, key, some, whole) for key, some in groups.items()], ""


def _observed(
    book: Book, day: str, key: tuple[str, str], some: Sequence[tuple[LotPipe, int]], whole: int
) -> Observation:
    length = sum(one.length_mm for one, _ in some)
    fen = book.price(day) * Fraction(sum(weight for _, weight in some), whole)
    contract = book.contract
    return Observation(
        contract.id, contract.contractor, *key,
        sum(one.diameter * one.length_mm for one, _ in some) / length,
        length / 1000, float(fen * 10 / length), int(contract.signed[:4]),
    )  # fmt: skip  # fen and mm: yuan/m = fen / 100 / (mm / 1000)


def statistic(rows: Sequence[tuple[str, float, float, int]], fewest: int) -> Statistic:
    """Return the statistic of observations: contract, value, metres, year.

    Of one contract its mean weighed by metres counts, so that no contract counts twice.
    """
    by_contract: dict[str, list[tuple[float, float]]] = {}
    for contract, value, metres, _ in rows:
        by_contract.setdefault(contract, []).append((value, metres))
    values = np.array(
        [
            float(np.average([v for v, _ in some], weights=[m for _, m in some]))
            for some in by_contract.values()
        ]
    )
    quarter, median, three = (float(one) for one in np.quantile(values, (0.25, 0.5, 0.75)))
    low = high = None
    if len(values) >= max(2, fewest):
        drawn = np.random.default_rng(SEED).choice(values, (DRAWS, len(values)))
        low, high = (float(one) for one in np.quantile(np.median(drawn, axis=1), LEVEL))
    years = [year for _, _, _, year in rows]
    return Statistic(
        len(values), math.fsum(metres for _, _, metres, _ in rows), median, quarter, three,
        float(values.min()), float(values.max()), low, high, (min(years), max(years)), tuple(by_contract),
    )  # fmt: skip


def deflated(rows: Sequence[Observation], index: Mapping[int, float]) -> tuple[dict[int, float], int]:
    """Return by year the factor that brings prices to the last year, and that year; 0: they stay as signed.

    Prices are only deflated when the index of every year of signing is known: never some of them.
    """
    years = {one.year for one in rows}
    if not years or not years <= set(index):
        return dict.fromkeys(years, 1.0), 0
    last = max(years)
    return {year: index[last] / index[year] for year in years}, last
