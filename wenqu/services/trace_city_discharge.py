"""Where did the discharge come from that sensors of a city saw between two times?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.discharge_trace import Signal, Trace, Wave, trace_discharge
from wenqu.diagnosis.search_region import region
from wenqu.diagnosis.search_state import Belief
from wenqu.diagnosis.search_tree import SearchTree, search_tree
from wenqu.errors import BadInput, NotEnoughData
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.series.repair import regular
from wenqu.services.asked_network import sources_of
from wenqu.services.city_state import CityState
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
QUANTITIES = ("ph", "conductivity", "cod", "nh3n")
LOOKED_BACK = np.timedelta64(21, "D")  # days before the event that say what is usual at an hour
BEFORE = np.timedelta64(6, "h")  # the discharge may have begun so long before it was seen
LONGEST = np.timedelta64(4, "D")
DAY = 86400
USERS = 20.0  # times likelier on a pipe that takes a registered user than on one of the same length without
TOLD = 20  # places named
SPILL = 300.0  # [m³] of water three times as strong as usual: the prior of what a spell brings


def trace_city_discharge(store: Store, state: CityState, since: str, until: str) -> dict[str, Any]:
    """Return the likeliest places of a discharge, when it began, and the region that holds 90 %.

    Raises
    ------
    BadInput
        The times cannot be read, are the wrong way round, or more than four days apart.
    NotEnoughData
        No sensor at a place of the network has readings then and before.
    """
    first, last = _times(since, until)
    tree: SearchTree = state.once("search tree", lambda: search_tree(state.topology))
    step, signals = _signals(store, state, first - BEFORE, last)
    if not signals:
        raise NotEnoughData("discharge-trace", signals=0)
    prior = _prior(state, tree)
    found = trace_discharge(tree, signals, step, wave=Wave(), prior=prior)
    near = region(tree, Belief(found.mass, tree.above(found.mass)), 0.9)
    return {
        "since": since, "until": until, "step_s": step, "sensors": len({one.place for one in signals}),
        "quantities": sorted({one.quantity for one in signals}),
        "evidence": found.evidence, "seen": found.evidence > np.log(20), "celerity_factor": found.celerity,
        "region_m": near.length, "places": _places(state, found, (first - BEFORE, step)),
        "simulated": state.network.city.simulated,
    }  # fmt: skip


def _times(since: str, until: str) -> tuple[np.datetime64, np.datetime64]:
    try:
        first, last = np.datetime64(since, "s"), np.datetime64(until, "s")
    except ValueError as error:
        raise BadInput("discharge-times", since=since, until=until) from error
    if np.isnat(first) or np.isnat(last) or not first < last <= first + LONGEST:
        raise BadInput("discharge-times", since=since, until=until)
    return first, last


def _signals(
    store: Store, state: CityState, first: np.datetime64, last: np.datetime64
) -> tuple[float, list[Signal]]:
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
    found: list[Signal] = []
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
                found.append(Signal(place, name, departure, mean, noise, SPILL * max(usual, noise)))
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


def _prior(state: CityState, tree: SearchTree) -> Floats:
    """Return the weight of each place: its pipe's length, more where a registered user drains in."""
    sources = sources_of(state)
    users = np.zeros(len(tree.parent))
    known = sources.node >= 0
    np.add.at(users, state.topology.tin[state.topology.group[sources.node[known]]], 1.0)
    found: Floats = tree.length * (1 + USERS * (users > 0))
    return found


def _places(state: CityState, found: Trace, clock: tuple[np.datetime64, float]) -> list[dict[str, Any]]:
    topology, (first, step) = state.topology, clock
    order = np.argsort(-found.mass, kind="stable")[:TOLD]
    sources = sources_of(state)
    table = state.network.table("source")
    at = np.full(len(sources.node), -1)
    known = sources.node >= 0
    at[known] = topology.tin[topology.group[sources.node[known]]]
    rows = []
    for place in order[found.mass[order] > 0].tolist():
        node = topology.node_order[topology.order_start[place]]
        began = first + np.timedelta64(int(found.start[place] * step), "s")
        users = [str(table.ids[row]) for row in np.flatnonzero(at == place)]
        rows.append({
            "asset": f"{topology.node_type[node]}/{topology.node_ids[node]}",
            "share": float(found.mass[place]), "began": str(began), "users": users,
        })  # fmt: skip
    return rows
