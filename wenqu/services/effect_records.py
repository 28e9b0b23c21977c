"""What do meters and their controls say day by day, with the weather of the city?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.dry_day_model import DayRecord, day_record, with_weather
from wenqu.errors import NotEnoughData
from wenqu.series.events import Daily
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.services.city_state import CityState
from wenqu.services.dry_weather import Period, daily_rain_of
from wenqu.store.database import Store

FLOW = "flow"


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The flow of some meters and the rain of the city, as read."""

    flow: Mapping[str, Series]
    rain: Daily | None


@dataclass(frozen=True, slots=True, eq=False)
class Meters:
    """A meter and its control over the same days."""

    own: DayRecord
    control: DayRecord | None
    gauged: bool  # whether rain is known; else dry days are told by the flow
    simulated: bool


def read_flows(store: Store, city: str, assets: Collection[str]) -> Read:
    """Return the flow of some meters, with the rain of as long: a day is a file, so all are read at once."""
    found = store.read_many(city, FLOW, sorted({name for name in assets if name}))
    flows = {name: flagged(one) for name, one in found.items() if len(one)}
    if not flows:
        return Read({}, None)
    first, last = (
        min(one.times[0] for one in flows.values()),
        max(one.times[-1] for one in flows.values()),
    )
    return Read(flows, daily_rain_of(store, city, Period(str(first), str(last))))


def kept_flows(store: Store, state: CityState, assets: Collection[str]) -> Read:
    """Return the same, read once for a state and as many readings as there are."""
    city = state.network.city.code
    size = sum(entry.count for entry in store.series_index(city))
    names = ",".join(sorted(set(assets)))
    return state.once(f"effect flows {size} {names}", lambda: read_flows(store, city, assets))


def meters(read: Read, asset: str, control: str = "", metric: str = "day") -> Meters:
    """Return a meter and its control day by day.

    Raises
    ------
    NotEnoughData
        The meter has no readings of flow.
    """
    if asset not in read.flow:
        raise NotEnoughData("no-flow", meter=asset)
    own = day_record(read.flow[asset], read.rain, metric=metric)
    gauged, simulated = read.rain is not None, read.flow[asset].simulated
    if control not in read.flow:
        return Meters(own, None, gauged, simulated)
    beside = day_record(read.flow[control], read.rain, metric=metric)
    rows = np.full((len(own), beside.flow.shape[1]), np.nan)
    _, here, there = np.intersect1d(own.days, beside.days, return_indices=True)
    rows[here] = beside.flow[there]
    return Meters(own, with_weather(own.days, rows, read.rain), gauged, simulated)
