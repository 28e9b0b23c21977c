"""What do gauges and meters of a city say about rain, on one grid, and which ground lies between them?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.observers import Observer, metered, observers
from wenqu.diagnosis.pipe_columns import Pipes, pipes
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.diagnosis.rain_events import Storm, storms
from wenqu.diagnosis.rain_ground import Ground, ground
from wenqu.diagnosis.rain_record import (
    Gauge,
    believed_in_rain,
    gauge_weights,
    gauges_read,
    mixed,
    rain_matrix,
)
from wenqu.diagnosis.rain_response import Record, parts_of
from wenqu.issues import Issue, Weight
from wenqu.network.geometry import centres
from wenqu.network.model import Network
from wenqu.network.topology import Topology
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.series.model import series as new_series
from wenqu.series.repair import HOUR, regular
from wenqu.services.dry_weather import Period, period_of
from wenqu.services.isolate_district import node_places
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
QUARTER = 900
MANY = 60  # meters, from which an hourly grid must do
SELDOM = 2 * HOUR  # [s] between readings of a meter that cannot follow a storm


@dataclass(frozen=True, eq=False)
class RainInputs:
    """A city ready to be asked what rain does. M placed meters, S areas, T steps."""

    there: Pipes
    placed: tuple[Observer, ...]  # with a place in the tree, the first M
    ground: Ground
    period: Period
    times: npt.NDArray[np.datetime64]  # (T,)
    step: int  # [s]
    area_rain: Floats  # (S, T) [m/s]
    distance: Floats  # (S,) [m] to the nearest gauge
    storms: tuple[Storm, ...]  # of the mean rain over all areas
    gauges: tuple[Gauge, ...]
    issues: tuple[Issue, ...]
    simulated: bool

    def rain_at(self, meter: int) -> Floats:
        """Return the rain above a placed meter. (T,) [m/s]"""
        weight = self.ground.above[meter] * np.maximum(self.ground.size, 1.0)
        found: Floats = mixed(self.area_rain, weight[None] / weight.sum())[0]
        return found

    def distance_at(self, meter: int) -> float:
        """Return how far the nearest gauge stands from the middle of what lies above a meter. [m]"""
        weight = self.ground.above[meter] * np.maximum(self.ground.size, 1.0)
        return float((weight @ self.distance) / weight.sum())

    def record(self, meter: int, flow: Series) -> Record:
        """Return the record of a placed meter."""
        rain = self.rain_at(meter)
        as_series = new_series("", "rain", self.times, rain)
        hourly = regular(believed_in_rain(flagged(flow), as_series), self.step)
        found = np.full(len(self.times), np.nan)
        _, here, there = np.intersect1d(self.times, hourly.times, return_indices=True)
        found[here] = hourly.good()[there]
        return Record(self.times, float(self.step), found, rain, parts_of(self.times))

    def events(self, record: Record) -> tuple[Storm, ...]:
        """Return the city's events with the rain that fell above one meter."""
        return tuple(_above(one, record) for one in self.storms)


def _above(one: Storm, record: Record) -> Storm:
    here = record.rain[one.first : one.last]
    known = np.isfinite(here)
    depth = float(here[known].sum() * record.step)
    peak = float(here[known].max(initial=0.0))
    return replace(one, depth=depth, peak=peak, whole=bool(known.mean() >= 0.9) if len(known) else False)


def rain_inputs(store: Store, network: Network, shape: Topology, until: str = "") -> RainInputs:
    """Return what a city's gauges and meters say about rain; whatever is left out is an Issue.

    Parameters
    ----------
    until
        Last day of the readings, "" for all.
    """
    city = network.city.code
    order = pipe_order(shape)
    index = store.series_index(city)
    found, issues = observers(network, shape, order, ((entry.asset, entry.quantity) for entry in index))
    there = pipes(network, shape, order, metered(found, len(order.link)))
    placed = tuple(one for one in found if one.placed)
    period = period_of(store, city, until)
    land = ground(there, placed)
    given = store.read_many(city, "rain", None, period.since or None, period.until or None)
    step = HOUR if len(placed) > MANY else max(QUARTER, _usual_step(given.values()))
    gauges, doubts = gauges_read(given, _gauge_places(there), step)
    more = list(doubts)
    if not given:
        more.append(Issue("rain.no-gauge", Weight.DOUBT, "gauge"))
    elif not gauges:
        more.append(Issue("rain.no-gauge-believed", Weight.DOUBT, "gauge"))
    if not placed:
        more.append(Issue("rain.no-meter", Weight.DOUBT, "meter"))
    times = _grid([one.rain.times for one in gauges], step)
    weights, distance = gauge_weights(gauges, _middles(there, land)) if gauges else _nothing(land)
    area_rain = mixed(rain_matrix(gauges, times), weights) if gauges else np.empty((len(land.ends), 0))
    whole = np.maximum(land.size, 1.0) / np.maximum(land.size, 1.0).sum() if len(land.ends) else np.empty(0)
    rain = mixed(area_rain, whole[None])[0] if len(land.ends) and gauges else np.empty(len(times))
    kept = storms(times, rain) if len(land.ends) else ()
    if kept and all(one.night for one in kept) and len(kept) > 9:
        more.append(Issue("rain.night-only", Weight.DOUBT, "gauge", facts={"count": len(kept)}))
    about = [one for one in issues if one.code.startswith("diagnosis.meter")]
    return RainInputs(
        there, placed, land, period, times, step, area_rain, distance, kept, gauges,
        (*about, *more), network.city.simulated or any(entry.simulated for entry in index),
    )  # fmt: skip


def _nothing(land: Ground) -> tuple[Floats, Floats]:
    return np.empty((len(land.ends), 0)), np.full(len(land.ends), np.nan)


def _usual_step(given: Iterable[Series]) -> int:
    steps = [
        float(np.median(np.diff(one.times).astype("timedelta64[s]").astype(np.int64)))
        for one in given
        if len(one) > 1
    ]
    longest = max(steps, default=float(HOUR))
    return next((one for one in (QUARTER, 2 * QUARTER, HOUR) if longest <= one), HOUR)


def _grid(found: Sequence[npt.NDArray[np.datetime64]], step: int) -> npt.NDArray[np.datetime64]:
    """Return the regular times from the first to the last reading of any gauge."""
    there = [one for one in found if len(one)]
    if not there:
        return np.empty(0, "datetime64[s]")
    first, last = min(one[0] for one in there), max(one[-1] for one in there)
    return np.arange(first, last + np.timedelta64(step, "s"), np.timedelta64(step, "s"))


def _gauge_places(there: Pipes) -> dict[str, Floats]:
    """Return where each gauge stands: its own place, else that of the asset it stands on."""
    table = there.network.table("gauge")
    at = centres(table.shapes)
    nodes = node_places(there.network)
    place = {str(id_): row for row, id_ in enumerate(there.topology.node_ids)}
    found: dict[str, Floats] = {}
    for id_, own, on in zip(table.ids, at, table.column("on_id"), strict=True):
        row = place.get(str(on), -1)
        found[str(id_)] = nodes[row] if np.isnan(own).any() and row >= 0 else own
    return found


def _middles(there: Pipes, land: Ground) -> Floats:
    """Return the middle of the sewers of each area. (S, 2) [m]"""
    at = node_places(there.network)[there.topology.link_from[there.order.link]]
    good = (land.of_pipe >= 0) & np.isfinite(at).all(axis=1)
    count = np.bincount(land.of_pipe[good], minlength=len(land.ends))
    sums = [
        np.bincount(land.of_pipe[good], weights=at[good, axis], minlength=len(land.ends)) for axis in (0, 1)
    ]
    return np.where(count[:, None] > 0, np.stack(sums, axis=1) / np.maximum(count, 1)[:, None], np.nan)
