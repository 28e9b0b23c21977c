"""What came into a zone, what left it, and what of it does nobody explain? By day, month or year.

Every column is a mean flow of the period with its interval 5-95 %. The random error of a meter shrinks with
the days it was read, its bias and the doubt of the return ratio do not. A period of which less than half the
days were read has no figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Span = tuple[float, float, float]  # value, 5 %, 95 % [m³/s]
NOTHING: Span = (float("nan"),) * 3
Z90 = 1.6448536269514722
PERIODS = {"day": "D", "month": "M", "year": "Y"}
LEAST = 0.5  # share of the days of a period that must be read
SUPPLY, ARRIVING, PUMPED, TREATED = "supply", "arriving", "pumped", "treated"
ENDS = (TREATED, PUMPED, ARRIVING)  # the last of the chain that was read closes the balance


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One column of the balance day by day."""

    daily: Floats  # (d,) [m³/s] NaN where it was not read
    random: float = 0.1  # [-] 1 sd of one day
    bias: float = 0.05  # [-] 1 sd of the whole record


@dataclass(frozen=True, slots=True)
class ZonePeriod:
    """The balance of one period."""

    period: str  # YYYY, YYYY-MM or YYYY-MM-DD
    days: int
    columns: Mapping[str, Span]  # supply (already as sewage), arriving, pumped, treated
    unexplained: Span  # [m³/s] last column less returned supply; below 0: lost on the way
    closed_by: str  # the column that closes the balance, "" when none can


def zone_balance(
    days: Days, flows: Mapping[str, Flow], return_ratio: tuple[float, float], *, by: str = "month"
) -> tuple[ZonePeriod, ...]:
    """Return the balance of a zone period by period.

    Parameters
    ----------
    days
        Days of the columns, without a break. (d,) datetime64[D]
    flows
        Columns by name; supply is metered water before the return ratio.
    return_ratio
        Share of the supply that returns as sewage and its standard deviation. [-]
    by
        day, month or year.
    """
    owner = days.astype(f"datetime64[{PERIODS[by]}]")
    made = []
    for period in np.unique(owner):
        mine = owner == period
        known = {name: _mean(flow, mine) for name, flow in flows.items()}
        if SUPPLY in known:
            known[SUPPLY] = _times(known[SUPPLY], return_ratio)
        closed = next((name for name in ENDS if name in known and np.isfinite(known[name][0])), "")
        rest = NOTHING
        if closed and np.isfinite(known.get(SUPPLY, NOTHING)[0]):
            end, start = known[closed], known[SUPPLY]
            rest = _span(end[0] - start[0], float(np.hypot(end[1], start[1])))
        columns = {name: _span(mean, sd) for name, (mean, sd) in known.items()}
        made.append(
            ZonePeriod(str(period), int(mine.sum()), columns, rest, closed if rest is not NOTHING else "")
        )
    return tuple(made)


def _mean(flow: Flow, mine: npt.NDArray[np.bool_]) -> tuple[float, float]:
    values = flow.daily[mine]
    good = values[np.isfinite(values)]
    if len(good) < LEAST * len(values) or not len(good):
        return (float("nan"), float("nan"))
    mean = float(good.mean())
    random = flow.random * float(np.sqrt((good**2).sum())) / len(good)
    return (mean, float(np.hypot(random, flow.bias * mean)))


def _times(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] * other[0], float(np.hypot(one[1] * other[0], one[0] * other[1])))


def _span(mean: float, sd: float) -> Span:
    return (mean, mean - Z90 * sd, mean + Z90 * sd)
