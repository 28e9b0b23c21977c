"""How fast has it gone of late, and where does that lead by the date?

Method: what was gained in each of the last twelve spans of thirty days is taken as a sample of what a span
gains; the forecast is today's value plus the mean times the spans left. Its 90 % band is the prediction
interval of a sum of m further spans after n were seen, t·s·√(m + m²/n) with Student's t for n - 1 degrees of
freedom: the scatter of the spans to come, and what twelve spans cannot tell about their mean. Where good
spans follow good ones (a season, a large lot) the sum scatters more: the band is widened by
√((1 + r)/(1 - r)) with the correlation r of neighbouring spans, corrected for its bias in short series
(Kendall) and held between 0 and 0.7. How often it holds what then comes is tested on made-up programmes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt

from wenqu.supervision.targets import YEAR

SPAN_DAYS, SPANS = 30, 12
METHOD = "pace.spans-30d-t90-r1"
MOST_R = 0.7  # [-] twelve spans cannot tell a higher correlation from a trend
T95 = {11: 1.7959}  # 95 % point of Student's t by degrees of freedom


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the pace of late leads by a date."""

    low: float  # [-] 5 %
    mid: float
    high: float  # [-] 95 %
    date: str
    method: str = METHOD


def gains(since: Sequence[str], weight: npt.NDArray[np.float64], whole: float, today: date) -> list[float]:
    """Return the share gained in each of the last twelve spans, oldest first; empty when nothing is dated.

    Parameters
    ----------
    since
        ISO date from which each row counts, "" when it does not.
    weight
        What each row adds.
    whole
        The denominator, in the unit of the weights.
    """
    days = np.asarray(since, dtype=np.str_)
    if whole <= 0 or not (days != "").any():
        return []
    return [
        float(weight[(days > begin) & (days <= end)].sum()) / whole for begin, end in pairwise(edges(today))
    ]


def edges(today: date) -> list[str]:
    """Return the ISO dates between which the last twelve spans lie, oldest first."""
    return [(today - timedelta(days=SPAN_DAYS * back)).isoformat() for back in range(SPANS, -1, -1)]


def net_gains(reached: Sequence[float], whole: float) -> list[float]:
    """Return what was gained in each span of what may be lost again; empty when nothing ever counted.

    Parameters
    ----------
    reached
        The numerator on each of the dates of ``edges``.
    whole
        The denominator, in the same unit.

    Examples
    --------
    >>> net_gains([0.0, 2.0, 1.0], 10.0)
    [0.2, -0.1]
    """
    if whole <= 0 or not any(reached):
        return []
    return [(end - begin) / whole for begin, end in pairwise(reached)]


def pace(gained: list[float]) -> float:
    """Return the share gained a year, NaN when it is not known. [1/a]"""
    return sum(gained) * YEAR / (SPAN_DAYS * SPANS) if gained else math.nan


def forecast(value: float, gained: list[float], today: date, until: str) -> Forecast | None:
    """Extend the pace of late to a date; None when it is past or nothing is known."""
    spans = (date.fromisoformat(until) - today).days / SPAN_DAYS
    if not gained or math.isnan(value) or spans <= 0:
        return None
    count = len(gained)
    band = T95[count - 1] * stdev(gained) * math.sqrt(spans + spans**2 / count) * _widened(gained)
    mid = value + fmean(gained) * spans
    low, mid, high = (min(1.0, max(value, end)) for end in (mid - band, mid, mid + band))
    return Forecast(low, mid, high, until)


def _widened(gained: list[float]) -> float:
    """Return by how much the sum of spans that hang together scatters more than that of others. [-]"""
    mean = fmean(gained)
    apart = [gain - mean for gain in gained]
    square = sum(gap * gap for gap in apart)
    if square <= 0:
        return 1.0
    found = sum(one * other for one, other in pairwise(apart)) / square
    r = min(MOST_R, max(0.0, found + (1 + 3 * found) / len(gained)))
    return math.sqrt((1 + r) / (1 - r))


def reached_on(value: float, gained: list[float], today: date, target: float) -> str:
    """Return the day on which the pace of late reaches a target, "" when it never does."""
    left, rate = target - value, fmean(gained) / SPAN_DAYS if gained else 0.0
    if left <= 0:
        return today.isoformat()
    if rate <= 0 or math.isnan(value):
        return ""
    days = math.ceil(left / rate - 1e-9)
    return (today + timedelta(days=days)).isoformat() if days < 100 * YEAR else ""
