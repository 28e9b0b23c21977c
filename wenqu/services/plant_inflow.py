"""What does each plant receive?"""

import math
from dataclasses import dataclass

import numpy as np

from wenqu.series.model import Series
from wenqu.services.city_state import CityState
from wenqu.store.database import Store

SPAN = np.timedelta64(365, "D")
DAY = np.timedelta64(1, "D")
FEWEST_DAYS = 30
Z90 = 1.645  # half-width of a 90 % interval in standard errors
LEAST_TARGET = 0.1  # [kg/m³] where the plant has no target of its own


@dataclass(frozen=True, slots=True)
class PlantInflow:
    """The last year's influent of one plant."""

    id: str
    name: str
    district: str
    kind: str  # municipal or industrial, "" when it is unknown
    capacity: float  # [m³/s] design capacity; 0 when it is unknown
    flow: float  # [m³/s] mean
    bod5: float  # [kg/m³] flow-weighted mean of daily means; NaN with fewer than 30 days
    bod5_low: float  # [kg/m³] 90 % interval of that mean, from the scatter of monthly means
    bod5_high: float  # [kg/m³]
    threshold: float  # [kg/m³]
    days: int  # days with both flow and BOD5
    since: str  # ISO date
    until: str


def daily(series: Series) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Return days and the mean of each from readings that are not doubted."""
    good = ~np.isnan(series.good())
    days = series.times[good].astype("datetime64[D]")
    unique, place = np.unique(days, return_inverse=True)
    return unique, np.bincount(place, series.values[good]) / np.maximum(np.bincount(place), 1)


def plant_inflows(store: Store, state: CityState) -> tuple[PlantInflow, ...]:
    """Return what each plant received over the last year of its readings (until the state's date)."""
    return state.once("plant-inflows", lambda: _inflows(store, state))


def _inflows(store: Store, state: CityState) -> tuple[PlantInflow, ...]:
    plants = state.network.table("plant")
    names = [str(id_) for id_ in plants.ids]
    flows, bods = (read_plants(store, state, quantity, names) for quantity in ("flow", "bod5"))
    columns = {name: plants.column(name) for name in ("name", "district", "kind", "capacity", "bod_target")}
    made = []
    for row, id_ in enumerate(names):
        target = columns["bod_target"][row]
        flow, bod5, low, high, days, span = influent(flows.get(id_), bods.get(id_))
        made.append(
            PlantInflow(
                id_,
                str(columns["name"][row] or id_),
                str(columns["district"][row] or ""),
                str(columns["kind"][row] or ""),
                float(np.nan_to_num(columns["capacity"][row])),
                flow,
                bod5,
                low,
                high,
                LEAST_TARGET if np.isnan(target) else float(target),
                days,
                *span,
            )
        )
    return tuple(made)


def plant_concentrations(store: Store, state: CityState, quantity: str) -> dict[str, float]:
    """Return the flow-weighted mean of a quantity in the influent of each plant over the last year. [kg/m³]

    NaN with fewer than 30 days on which both were read.
    """
    names = [str(id_) for id_ in state.network.table("plant").ids]
    flows, read = (read_plants(store, state, name, names) for name in ("flow", quantity))
    return {name: influent(flows.get(name), read.get(name))[1] for name in names}


def read_plants(store: Store, state: CityState, quantity: str, plants: list[str]) -> dict[str, Series]:
    """Return the readings of one quantity at plants as of the state's date; those that have any."""
    found = store.read_many(
        state.network.city.code, quantity, assets=plants, until=state.network.as_of or None
    )
    return {asset: readings for asset, readings in found.items() if len(readings)}


def influent(
    flow: Series | None, bod: Series | None
) -> tuple[float, float, float, float, int, tuple[str, str]]:
    """Return the last year's mean flow, the concentration that is assessed, its interval, days and span.

    The concentration is the mean of the daily means, weighted with the daily flows: what programmes are
    judged by. [m³/s, unit of the readings]
    """
    nothing = (math.nan, math.nan, math.nan, math.nan, 0, ("", ""))
    if flow is None:
        return nothing
    flow_days, flows = daily(flow)
    if not len(flow_days):
        return nothing
    recent = flow_days > flow_days[-1] - SPAN
    flow_days, flows = flow_days[recent], flows[recent]
    mean = float(flows.mean())
    span = (str(flow_days[0]), str(flow_days[-1]))
    if bod is None:
        return (mean, math.nan, math.nan, math.nan, 0, span)
    bod_days, bods = daily(bod)
    both, left, right = np.intersect1d(flow_days, bod_days, return_indices=True)
    if len(both) < FEWEST_DAYS:
        return (mean, math.nan, math.nan, math.nan, len(both), span)
    flows, bods = flows[left], bods[right]
    if flows.sum() <= 0:
        return (mean, math.nan, math.nan, math.nan, len(both), span)
    weighted = float((flows * bods).sum() / flows.sum())
    _, place = np.unique(both.astype("datetime64[M]"), return_inverse=True)
    volume, load = np.bincount(place, flows), np.bincount(place, flows * bods)
    monthly = load[volume > 0] / volume[volume > 0]  # a month in which nothing came has no concentration
    error = Z90 * float(monthly.std(ddof=1)) / math.sqrt(len(monthly)) if len(monthly) > 1 else math.nan
    return (mean, weighted, weighted - error, weighted + error, len(both), span)
