"""What did all meters of a city read month by month, and what is expected of the areas between them?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.mixing import DECAYING
from wenqu.diagnosis.month_means import MonthMeans, month_means, nothing_read
from wenqu.diagnosis.month_record import WATERS, month_record, night_shares
from wenqu.diagnosis.month_rows import MonthRecord
from wenqu.diagnosis.month_states import Areas
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.observers import TRACERS, Observer
from wenqu.diagnosis.pipe_order import distances_down
from wenqu.diagnosis.tree_posterior import areas as areas_of
from wenqu.errors import NotEnoughData
from wenqu.progress import Progress, silent
from wenqu.series.events import Daily, daily_means, dry_days
from wenqu.series.flags import flagged
from wenqu.services.dry_weather import DryWeather, Period, daily_rain_of, dry_weather
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
LONGEST = np.timedelta64(5 * 366, "D")  # record that is looked back on
TOGETHER = 40  # meters read at once
LEVELS = ("groundwater", "river_stage")
KINDS = {"sewage": 0, "groundwater": 1, "river": 2}  # as the prior has them


@dataclass(frozen=True, slots=True)
class CityMonths:
    """A city ready to be followed month by month. M meters, A areas."""

    dry: DryWeather
    meters: tuple[Observer, ...]  # (M,)
    ends: npt.NDArray[np.int64]  # (A,) the meter at which each area ends
    record: MonthRecord
    areas: Areas
    tracers: tuple[str, ...]


def city_months(
    store: Store, city: str, *, who: str, at: str, until: str = "", progress: Progress = silent
) -> CityMonths:
    """Return the months of all meters that stand at a place of the network.

    Raises
    ------
    NotEnoughData
        No meter with readings stands at a place of the network.
    """
    dry = dry_weather(store, city, who=who, at=at, until=until)
    progress(0.3)
    placed = tuple(one for one in dry.observers if one.placed and one.last > one.first)
    if not placed or not dry.period.until:
        raise NotEnoughData("months-no-meter")
    span = Period(str(np.datetime64(dry.period.until[:10]) - LONGEST), dry.period.until)
    rain = daily_rain_of(store, city, span)
    days = None if rain is None else rain.days[dry_days(rain)]
    tracers = tuple(
        name for name in TRACERS
        if name not in DECAYING and all((water, name) in dry.table for water in WATERS)
    )  # fmt: skip
    means = _means(store, city, placed, (tracers, span, days), progress)
    read = tuple(
        name
        for name in tracers
        if any(np.isfinite(one.tracer[name][0]).any() for one in means if name in one.tracer)
    )
    record = month_record(means, read, dry.table, rain, _levels(store, city, span))
    ends, areas = _areas(dry, placed)
    return CityMonths(dry, placed, ends, record, areas, read)


def _means(
    store: Store, city: str, placed: Sequence[Observer],
    how: tuple[tuple[str, ...], Period, npt.NDArray[np.datetime64] | None], progress: Progress,
) -> list[MonthMeans]:  # fmt: skip
    tracers, span, days = how
    found: list[MonthMeans] = []
    for start in range(0, len(placed), TOGETHER):
        some = placed[start : start + TOGETHER]
        series = {}
        for quantity in ("flow", *tracers):
            assets = sorted({one.asset_of(quantity) for one in some} - {""})
            series[quantity] = (
                store.read_many(city, quantity, assets, span.since, span.until) if assets else {}
            )
        for one in some:
            flow = series["flow"].get(one.asset_of("flow"))
            if flow is None or not len(flow):
                found.append(nothing_read())
                continue
            named = {name: series[name].get(one.asset_of(name)) for name in tracers}
            found.append(
                month_means(flow, {name: row for name, row in named.items() if row is not None}, days)
            )
        progress(0.3 + 0.6 * (start + len(some)) / len(placed))
    return found


def _levels(store: Store, city: str, span: Period) -> Mapping[str, Daily]:
    """Return the mean level over the gauges of each kind by day, each gauge around its own mean. [m]"""
    found = {}
    for quantity in LEVELS:
        gauges = [
            daily_means(flagged(row), 0.5)
            for row in store.read_many(city, quantity, None, span.since, span.until).values()
            if len(row)
        ]
        gauges = [one for one in gauges if np.isfinite(one.means).any()]
        if gauges:
            found[quantity] = _together(gauges)
    return found


def _together(gauges: Sequence[Daily]) -> Daily:
    first, last = min(one.days[0] for one in gauges), max(one.days[-1] for one in gauges)
    days = np.arange(first, last + 1)
    total, count = np.zeros(len(days)), np.zeros(len(days))
    for one in gauges:
        known = np.isfinite(one.means)
        place = (one.days[known] - first).astype(np.int64)
        total[place] += one.means[known] - one.means[known].mean()
        count[place] += 1
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Daily(days, mean, count / len(gauges))


def _areas(dry: DryWeather, placed: Sequence[Observer]) -> tuple[npt.NDArray[np.int64], Areas]:
    """Return at which meter each area ends, and what is expected of the areas."""
    first = np.array([one.first for one in placed], dtype=np.int64)
    last = np.array([one.last for one in placed], dtype=np.int64)
    pairs, ends = np.unique(np.column_stack([first, last]), axis=0, return_index=True)
    above = (first[:, None] <= pairs[None, :, 0]) & (pairs[None, :, 1] <= last[:, None])
    count, size = len(pairs), dry.prior.mean.shape[1]
    cell = areas_of(pairs[:, 0], pairs[:, 1], size)

    def sums(values: Floats) -> Floats:
        return np.bincount(cell, weights=values, minlength=count + 1)[:count].astype(np.float64)

    kinds = [KINDS[water] for water in WATERS]
    mean = np.stack([sums(dry.prior.mean[kind]) for kind in kinds])
    own = np.stack([sums(dry.prior.variance[kind]) for kind in kinds])
    scale = dry.prior.scale[kinds]
    common = scale[:, None] * mean
    covariance = np.stack([np.diag(one) + np.outer(two, two) for one, two in zip(own, common, strict=True)])
    topology, speed = dry.there.topology, default("celerity")
    down = distances_down(topology)
    start = topology.link_from[dry.there.order.link]
    ways = down[start] / speed, down[np.array([one.node for one in placed])] / speed
    night = night_shares(above, cell, ways, dry.prior.mean[KINDS["sewage"]], default_pattern())
    bias = np.array([max(one.bias_error, 0.01) for one in placed])
    return ends.astype(np.int64), Areas(above, mean, covariance, night, bias)
