"""Where did the discharge come from that sensors of a city saw between two times?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.discharge_trace import Signal, Trace, Wave, trace_discharge
from wenqu.diagnosis.search_next import next_manholes
from wenqu.diagnosis.search_readings import Chances
from wenqu.diagnosis.search_region import region
from wenqu.diagnosis.search_state import Belief
from wenqu.diagnosis.search_tree import SearchTree, search_tree
from wenqu.errors import BadInput, NotEnoughData
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.series.repair import regular
from wenqu.services.city_state import CityState
from wenqu.services.drainage_users import DrainageUsers, drainage_users
from wenqu.services.region_lines import region_lines
from wenqu.services.search_belief import openable
from wenqu.services.view_searches import asset_at, degrees_of
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
QUANTITIES = ("ph", "conductivity", "cod", "nh3n")
LOOKED_BACK = np.timedelta64(21, "D")  # days before the event that say what is usual at an hour
BEFORE = np.timedelta64(6, "h")  # the discharge may have begun so long before it was seen
LONGEST = np.timedelta64(4, "D")
DAY = 86400
TOLD = 20  # places named
DRAWN = 1500  # pipes of the region that are drawn
SHARE = 0.9  # [-] belief that the region holds
SAW = 6.0  # errors of a reading by which a departure is more than chance
SURE = 0.99  # [-] of one place, from which on no sample is worth it
SPILL = 300.0  # [m³] of water three times as strong as usual: the prior of what a spell brings


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """One series that took part."""

    meter: str
    signal: Signal
    peak: float  # largest departure over the error of a reading, with its sign

    @property
    def saw(self) -> bool:
        """Tell whether it departed by more than chance does."""
        return abs(self.peak) > SAW


def trace_city_discharge(
    store: Store, state: CityState, since: str, until: str, without: Sequence[str] = (),
    quantities: Sequence[str] = QUANTITIES,
) -> dict[str, Any]:  # fmt: skip
    """Return the likeliest places of a discharge, when it began, the region that holds 90 %, the next sample.

    Parameters
    ----------
    since, until
        When sensors saw it.
    without
        Meters that shall not count.
    quantities
        Which of pH, conductivity, COD and ammonia count.

    Raises
    ------
    BadInput
        The times cannot be read, are the wrong way round or more than four days apart; a quantity is unknown.
    NotEnoughData
        No sensor at a place of the network has readings then and before.
    """
    first, last = _times(since, until)
    if strange := [name for name in quantities if name not in QUANTITIES]:
        raise BadInput("discharge-quantity", name=", ".join(strange), known=", ".join(QUANTITIES))
    tree: SearchTree = state.once("search tree", lambda: search_tree(state.topology))
    step, every = _sensors(store, state, first - BEFORE, last)
    used = [one for one in every if one.meter not in without and one.signal.quantity in quantities]
    if not used:
        raise NotEnoughData("discharge-trace", signals=0)
    shown = sorted({one.signal.quantity for one in used if one.saw})
    users = drainage_users(state, shown, str(first)[:10])
    signals = [one.signal for one in used]
    found = trace_discharge(tree, signals, step, wave=Wave(), prior=users.prior(tree))
    known = Belief(found.mass, tree.above(found.mass))
    near = region(tree, known, SHARE)
    density = (found.mass / np.maximum(tree.length, 1e-9))[near.places[:DRAWN]]
    return {
        "since": since, "until": until, "step_s": step, "share": SHARE,
        "sensors": [{**_sensor_row(state, one), "used": one in used} for one in every], "quantities": shown,
        "evidence": found.evidence, "seen": found.evidence > np.log(20), "celerity_factor": found.celerity,
        "region_m": near.length, "pipes": len(near.places),
        "lines": {"type": "FeatureCollection",
                  "features": region_lines(state, state, near.places[:DRAWN], density)},
        "places": _places(state, found, (first - BEFORE, step), (users, tree, used)),
        "next": _next(state, tree, known), "simulated": state.network.city.simulated,
    }  # fmt: skip


def _sensor_row(state: CityState, one: Sensor) -> dict[str, Any]:
    return {
        "meter": one.meter, "quantity": one.signal.quantity, "peak": one.peak, "saw": one.saw,
        "at": degrees_of(state, one.signal.place),
    }  # fmt: skip


def _next(state: CityState, tree: SearchTree, known: Belief) -> list[dict[str, Any]]:
    """Return the manhole whose sample would tell most of the place, while it lasts or leaves traces."""
    shut = ~openable(state, state)
    picks = next_manholes(tree, known, Chances(), barred=shut) if known.mass.max() < SURE else ()
    return [
        {"asset": asset_at(state, one.place), "at": degrees_of(state, one.place), "above": one.above,
         "bits": one.bits}
        for one in picks
    ]  # fmt: skip


def _times(since: str, until: str) -> tuple[np.datetime64, np.datetime64]:
    try:
        first, last = np.datetime64(since, "s"), np.datetime64(until, "s")
    except ValueError as error:
        raise BadInput("discharge-times", since=since, until=until) from error
    if np.isnat(first) or np.isnat(last) or not first < last <= first + LONGEST:
        raise BadInput("discharge-times", since=since, until=until)
    return first, last


def _sensors(
    store: Store, state: CityState, first: np.datetime64, last: np.datetime64
) -> tuple[float, list[Sensor]]:
    """Return the step of the readings and what departs from the usual at every sensor."""
    city, table = state.network.city.code, state.network.table("meter")
    on = {str(id_): str(on_id or "") for id_, on_id in zip(table.ids, table.column("on_id"), strict=True)}
    window = (str(first - LOOKED_BACK), str(last))
    held = {name: store.read_many(city, name, None, *window) for name in (*QUANTITIES, "flow")}
    steps = [
        float(np.median(np.diff(one.times).astype(int)))
        for name in QUANTITIES for one in held[name].values() if len(one) > 1
    ]  # fmt: skip
    step = max(300.0, float(np.median(steps))) if steps else 300.0
    found: list[Sensor] = []
    for name in QUANTITIES:
        for asset, series in held[name].items():
            place = _sensor(state, on.get(asset, asset))
            flow = held["flow"].get(asset)
            made = None if place < 0 or flow is None else _departure(series, step, first, last)
            if made is None or flow is None:
                continue
            mean = float(np.nanmean(flow.good())) if np.isfinite(flow.good()).any() else 0.0
            departure, noise, usual = made
            if mean > 0 and noise > 0:
                signal = Signal(place, name, departure, mean, noise, SPILL * max(usual, noise))
                peak = float(departure[np.nanargmax(np.abs(departure))])
                found.append(Sensor(asset, signal, peak / noise))
    return step, found


def _sensor(state: CityState, id_: str) -> int:
    """Return the place a sensor stands at: its node, or the upper end of its pipe's lower node."""
    node, link = state.topology.find(id_)
    if node < 0 and link >= 0:
        node = int(state.topology.link_to[link])
    return int(state.topology.tin[state.topology.group[node]]) if node >= 0 else -1


def _departure(
    series: Series, step: float, first: np.datetime64, last: np.datetime64
) -> tuple[Floats, float, float] | None:
    """Return readings less the median of their time of day before, their scatter, and the usual value."""
    even = regular(flagged(series), int(step))
    values, times = even.good(), even.times
    before = (times < first) & np.isfinite(values)
    if before.sum() < 3 * DAY / step:
        return None
    slot = (times.astype(np.int64) % DAY // int(step)).astype(int)
    usual = np.full(int(DAY // step) + 1, np.nan)
    for number in np.unique(slot[before]):
        usual[number] = np.median(values[before & (slot == number)])
    rest = values - usual[slot]
    noise = 1.4826 * float(np.nanmedian(np.abs(rest[before])))
    grid = np.arange(first, last, np.timedelta64(int(step), "s"))
    place = np.searchsorted(times, grid)
    place[place == len(times)] = len(times) - 1
    there = np.abs((times[place] - grid).astype(int)) < step
    found = np.where(there, rest[place], np.nan)
    return (found, noise, float(np.nanmedian(values))) if np.isfinite(found).any() else None


def _places(
    state: CityState, found: Trace, clock: tuple[np.datetime64, float],
    known: tuple[DrainageUsers, SearchTree, Sequence[Sensor]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the likeliest places, each with its users and the sensors below it that saw it or did not."""
    (first, step), (users, tree, sensors) = clock, known
    order = np.argsort(-found.mass, kind="stable")[:TOLD]
    rows = []
    for place in order[found.mass[order] > 0].tolist():
        below = [one for one in sensors if one.signal.place < place < tree.last[one.signal.place]]
        rows.append({
            "asset": asset_at(state, place), "at": degrees_of(state, place),
            "share": float(found.mass[place]),
            "began": str(first + np.timedelta64(int(found.start[place] * step), "s")),
            "users": users.at(place),
            "saw": sorted({one.meter for one in below if one.saw}),
            "blind": sorted({one.meter for one in below} - {one.meter for one in below if one.saw}),
        })  # fmt: skip
    return rows
