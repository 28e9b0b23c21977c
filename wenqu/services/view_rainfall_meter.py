"""What did one rain do at one meter: rain, flow as read, dry-day flow and model?"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.rain_response import Record, Response, rain_response
from wenqu.errors import NotEnoughData
from wenqu.records.rain import MeterEvent
from wenqu.series.model import series as empty
from wenqu.services.city_state import CityState
from wenqu.services.view_rainfall import DAY, HOUR, Row, inputs_of, meter_row, meters_of
from wenqu.store.database import Store

BEFORE, AFTER = np.timedelta64(24, "h"), np.timedelta64(12, "h")  # shown around an event


def view_rainfall_meter(
    store: Store, state: CityState, id_: str, event: str = "", whole: tuple[Store, CityState] | None = None
) -> Row:
    """Return one meter and the course of one of its events: rain, flow as read, dry-day flow, model.

    Parameters
    ----------
    event
        ISO time at which the event began, "" for the largest that was seen.
    whole
        The city as it is, where ``state`` is what a reader sees of it: what rain does at a meter that the
        reader sees hangs on gauges and pipes beyond.

    Raises
    ------
    NotEnoughData
        Nothing was worked out for this meter.
    """
    filed = next((one for one in meters_of(store, state) if one.asset == id_), None)
    if filed is None:
        raise NotEnoughData("rain-unfiled", meter=id_)
    every, city = whole or (store, state)
    given = inputs_of(every, city)
    place = next((row for row, one in enumerate(given.placed) if one.id == id_), None)
    if place is None or not given.gauges:
        raise NotEnoughData("rain-unfiled", meter=id_)
    chosen = _chosen(filed.events, event)

    def read() -> tuple[Record, Response]:
        owner = given.placed[place].asset_of("flow")
        flows = every.read_many(
            state.network.city.code, "flow", [owner], given.period.since or None, given.period.until or None
        )
        none = empty(owner, "flow", np.empty(0, "datetime64[s]"), np.empty(0))
        record = given.record(place, flows.get(owner) or none)
        return record, rain_response(record)

    record, response = city.once(f"rain at {id_} {filed.at}", read)
    shown = slice(0, 0)
    if chosen is not None:
        first = np.searchsorted(record.times, np.datetime64(chosen.since) - BEFORE)
        last = np.searchsorted(record.times, np.datetime64(chosen.end) + AFTER)
        shown = slice(int(first), int(last))
    return {
        **meter_row(state, filed),
        "events": [_event(one) for one in reversed(filed.events)],
        "event": None if chosen is None else _event(chosen),
        "chart": {
            "times": [str(one) for one in record.times[shown]],
            "rain_mm_h": _plain(record.rain[shown] * HOUR * 1e3),
            "flow": _plain(record.flow[shown] * DAY),
            "dry": _plain(response.baseline[shown] * DAY),
            "model": _plain((response.baseline + response.answered)[shown] * DAY),
        },
        "since": filed.since,
        "until": filed.until,
        "simulated": filed.simulated,
    }


def _plain(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(one) else round(float(one), 4) for one in values]


def _chosen(events: Sequence[MeterEvent], since: str) -> MeterEvent | None:
    named = next((one for one in events if one.since == since), None)
    seen = [one for one in events if not one.left_out] or list(events)
    return named or max(seen, key=lambda one: one.depth, default=None)


def _event(one: MeterEvent) -> Row:
    return {
        "since": one.since, "until": one.until, "end": one.end, "depth_mm": one.depth * 1e3,
        "peak_mm_h": one.peak_rain * HOUR * 1e3, "volume_m3": one.volume, "low": one.low, "high": one.high,
        "foretold_m3": one.foretold, "peak_m3_d": one.peak * DAY, "left_out": one.left_out,
        "flags": list(one.flags),
    }  # fmt: skip
