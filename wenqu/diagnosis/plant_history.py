"""How diluted was a plant's inflow month by month, how likely is its target met, and what cannot be known?

Dilution is told twice, by the flow (what runs beyond the least of the record) and by the conductivity (what
lies below its strongest days), both against the plant's own best days: the record of one plant holds no
absolute share. Interval 5-95 %: bootstrap over days, of the reference too, with the conductivity of the clean
water within its error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.plant_record import PlantDays
from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Span = tuple[float, float, float]  # value, 5 %, 95 %
NOTHING: Span = (float("nan"),) * 3
YEAR = 365  # [d] that a target is judged on
FEWEST = 10  # readings of a month
DRAWS = 400
BEST_FLOW, BEST_TRACER = 0.1, 0.9  # quantiles of the least diluted days
FOLLOWS = -0.15  # a log-log slope of tracer on flow above this is no dilution


@dataclass(frozen=True, slots=True)
class PlantMonth:
    """One month of a plant; shares are clean water beyond what the best days of the record hold."""

    month: str  # YYYY-MM
    days: int
    flow: float  # [m³/s]
    by_flow: Span  # [-]
    by_conductivity: Span  # [-]
    means: Mapping[str, float]  # quantity → flow-weighted mean
    year_bod5: Span  # [kg/m³] flow-weighted mean of the year that ends here
    chance: float  # of that mean at or above the target


@dataclass(frozen=True, slots=True)
class PlantHistory:
    """The months with what ties tracers to flow and what cannot be known."""

    months: tuple[PlantMonth, ...]
    slopes: Mapping[str, Span]  # quantity → log-log slope on flow, pure dilution by empty water -1
    agreement: float  # correlation of the two dilutions over the months, NaN when one is missing
    unknown: tuple[str, ...]  # keys of sentences: what this record cannot tell


def plant_history(
    record: PlantDays, target: float, clean: tuple[float, float], *, seed: int = 1
) -> PlantHistory:
    """Return the dilution of a plant month by month.

    Parameters
    ----------
    target
        BOD5 that the plant shall receive. [kg/m³]
    clean
        Conductivity of the clean water and its standard deviation. [S/m]

    Raises
    ------
    NotEnoughData
        No month has enough readings of flow.
    """
    flow, tracer = record.of("flow"), record.of("conductivity")
    month = record.days.astype("datetime64[M]")
    names = [one for one in np.unique(month) if np.isfinite(flow[month == one]).sum() >= FEWEST]
    if not names:
        raise NotEnoughData("plant-months", days=int(np.isfinite(flow).sum()))
    generator = np.random.default_rng(seed)
    references = _references(flow, tracer, generator), generator.normal(*clean, DRAWS)
    months = []
    for one in names:
        mine = month == one
        year = _year_mean(record, int(np.flatnonzero(mine)[-1]))
        months.append(
            PlantMonth(
                str(one), int(np.isfinite(flow[mine]).sum()), float(np.nanmean(flow[mine])),
                _share(flow[mine], references[0][0], None, generator),
                _share(tracer[mine], references[0][1], references[1], generator),
                {name: value for name in record.values if name != "flow"
                 if np.isfinite(value := weighted(flow[mine], record.values[name][mine]))},
                year, chance_of(year, target),
            )
        )  # fmt: skip
    slopes = {
        name: slope(flow, values, generator)
        for name, values in record.values.items()
        if name not in {"flow", "temperature"}
    }
    both = np.array([(one.by_flow[0], one.by_conductivity[0]) for one in months])
    both = both[np.isfinite(both).all(axis=1)]
    agreement = float(np.corrcoef(both.T)[0, 1]) if len(both) > 3 else float("nan")
    return PlantHistory(tuple(months), slopes, agreement, tuple(_unknown(record, slopes)))


def weighted(flow: Floats, values: Floats) -> float:
    """Return the flow-weighted mean of the days that have both; NaN without."""
    good = np.isfinite(flow) & np.isfinite(values) & (flow > 0)
    return float((flow[good] * values[good]).sum() / flow[good].sum()) if good.any() else float("nan")


def chance_of(mean: Span, target: float) -> float:
    """Return the chance that a mean known by its interval is at or above a target."""
    sd = (mean[2] - mean[1]) / (2 * 1.6448536269514722)
    if not np.isfinite(mean[0]) or not sd > 0:
        return float("nan")
    return 1.0 - NormalDist(mean[0], sd).cdf(target)


def ratio_loss(plant: tuple[float, float], source: tuple[float, float]) -> Span:
    """Return the share of a decaying load lost on the way, by its ratio to a tracer that stays (TP, NH4-N).

    ℓ = 1 - (BOD/TP at the plant) / (BOD/TP at the source): dilution changes both alike and drops out.

    Parameters
    ----------
    plant, source
        Ratio and its standard deviation.

    Examples
    --------
    >>> round(ratio_loss((25.0, 1.0), (40.0, 2.0))[0], 3)
    0.375
    """
    left = plant[0] / source[0]
    sd = left * float(np.hypot(plant[1] / plant[0], source[1] / source[0]))
    return (1 - left, 1 - left - 1.645 * sd, 1 - left + 1.645 * sd)


def slope(flow: Floats, values: Floats, generator: np.random.Generator) -> Span:
    """Return the log-log slope of a concentration on flow with its bootstrap interval over weeks."""
    good = np.isfinite(flow) & np.isfinite(values) & (flow > 0) & (values > 0)
    if good.sum() < 3 * FEWEST:
        return NOTHING
    x, y = np.log(flow[good]), np.log(values[good])
    x, y = x - x.mean(), y - y.mean()  # sums of squares of small numbers
    weeks = np.arange(len(x)) // 7
    draws = generator.integers(0, weeks[-1] + 1, (DRAWS, weeks[-1] + 1))
    sums = np.stack([np.bincount(weeks, one) for one in (np.ones(len(x)), x, y, x * x, x * y)])
    count, first, second, square, product = sums[:, draws].sum(axis=2)
    spread = square - first**2 / count
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(spread > 0, (product - first * second / count) / spread, 0.0)
    low, high = np.percentile(found, [5, 95])
    return (_slope(x, y), float(low), float(high))


def _slope(x: Floats, y: Floats) -> float:
    spread = float(((x - x.mean()) ** 2).sum())
    return float(((x - x.mean()) * (y - y.mean())).sum() / spread) if spread > 0 else 0.0


def _references(flow: Floats, tracer: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Return draws of the least flow and the strongest conductivity of the record."""
    made = []
    for values, share in ((flow, BEST_FLOW), (tracer, BEST_TRACER)):
        good = values[np.isfinite(values)]
        if len(good) < FEWEST:
            made.append(np.full(DRAWS, np.nan))
            continue
        draws = generator.choice(good, (DRAWS, len(good)))
        made.append(np.quantile(draws, share, axis=1))
    return made[0], made[1]


def _share(values: Floats, best: Floats, clean: Floats | None, generator: np.random.Generator) -> Span:
    """Return the share of clean water beyond the best days: 1 - Q*/Q, or 1 - (C - C_e)/(C* - C_e)."""
    good = values[np.isfinite(values)]
    if len(good) < FEWEST or not np.isfinite(best).all():
        return NOTHING
    mean = generator.choice(good, (DRAWS, len(good))).mean(axis=1)
    drawn = 1 - best / mean if clean is None else 1 - (mean - clean) / (best - clean)
    middle = float(np.median(drawn))
    low, high = np.percentile(drawn, [5, 95])
    return (middle, float(low), float(high))


def _year_mean(record: PlantDays, last: int) -> Span:
    """Return the flow-weighted BOD5 of the year that ends with a row, its error from the months in it."""
    day = record.days[last]
    if day - record.days[0] < np.timedelta64(YEAR - 31, "D"):
        return NOTHING
    rows = (record.days > day - np.timedelta64(YEAR, "D")) & (record.days <= day)
    flow, bod5 = record.of("flow")[rows], record.of("bod5")[rows]
    mean = weighted(flow, bod5)
    months = record.days[rows].astype("datetime64[M]")
    each = np.array([weighted(flow[months == one], bod5[months == one]) for one in np.unique(months)])
    each = each[np.isfinite(each)]
    if len(each) < 6 or not np.isfinite(mean):
        return NOTHING
    half = 1.645 * float(each.std(ddof=1)) / len(each) ** 0.5
    return (mean, mean - half, mean + half)


def _unknown(record: PlantDays, slopes: Mapping[str, Span]) -> list[str]:
    """Return what this record cannot tell."""
    there = {name for name, values in record.values.items() if np.isfinite(values).sum() >= 3 * FEWEST}
    said = ["absolute", "where"]
    if not there & {"tp", "nh3n"}:
        said.append("loss")
    conductivity, cod = slopes.get("conductivity", NOTHING), slopes.get("cod", NOTHING)
    if "conductivity" not in there:
        said.append("no-tracer")
    elif not conductivity[2] < 0 or conductivity[0] > FOLLOWS:
        said.append("salt")
    if np.isfinite(cod[0]) and not cod[2] < 0:
        said.append("strength")
    return said
