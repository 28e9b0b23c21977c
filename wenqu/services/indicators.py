"""What are the programme's indicators worth today, and from which rows?"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from wenqu.records.denominator import Frozen
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import PlantInflow
from wenqu.services.programme_accounts import LIST_OF, accepted_on, denominator, stage_account
from wenqu.store.database import Store
from wenqu.supervision.pace import edges, gains, net_gains
from wenqu.supervision.targets import capacity_share, milestone


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row behind an indicator: how much it adds above and below the line."""

    type: str
    id: str
    district: str
    part: float  # what it adds to the numerator
    whole: float  # what it adds to the denominator
    since: str = ""  # ISO date from which it counts above the line


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: its rows, and the unit of numerator and denominator."""

    key: str
    unit: str
    rows: tuple[Evidence, ...]
    share: Callable[[tuple[Evidence, ...]], float]
    stage: str = ""  # of the programme, "" when it is no stage of it
    frozen: Frozen | None = None  # version of its denominator, None for the living network
    on: Callable[[str], Collection[str]] | None = None  # ids that counted on a day, where they may be lost

    def value(self, district: str = "") -> float:
        """Return the share of one district, of the whole city when none is named. [-]"""
        return self.share(tuple(row for row in self.rows if not district or row.district == district))

    def by_count(self, district: str = "") -> float:
        """Return the share by number where the value is one by length, NaN otherwise. [-]"""
        rows = [row for row in self.rows if not district or row.district == district]
        if self.unit != "m" or not rows:
            return math.nan
        return sum(bool(row.since) for row in rows) / len(rows)

    def gains(self, today: date, district: str = "") -> list[float]:
        """Return the share that a district or the city gained in each of the last twelve 30-day spans."""
        rows = [row for row in self.rows if not district or row.district == district]
        if self.on is not None:
            counted = [self.on(day) for day in edges(today)]
            reached = [math.fsum(row.whole for row in rows if row.id in some) for some in counted]
            return net_gains(reached, sum(row.whole for row in rows))
        parts = np.array([row.part for row in rows])
        return gains([row.since for row in rows], parts, sum(row.whole for row in rows), today)


def ratio(rows: tuple[Evidence, ...]) -> float:
    """Return the sum above the line over the sum below it; NaN when nothing stands below. [-]"""
    whole = sum(row.whole for row in rows)
    return sum(row.part for row in rows) / whole if whole > 0 else math.nan


def staged(store: Store, state: CityState, key: str, stage: str, today: date) -> Indicator:
    """Return a stage of the programme as an indicator, over the list that was frozen for it. [m]"""
    found = stage_account(store, state, stage, today.isoformat())
    reached, metres = found.reached, found.pipes.length_mm / 1000
    rows = [
        Evidence("conduit", id_, zone, float(length) if done else 0.0, float(length), day if done else "")
        for id_, zone, length, done, day in zip(
            found.pipes.ids,
            found.pipes.districts,
            metres.tolist(),
            reached.tolist(),
            found.since,
            strict=True,
        )
    ]
    frozen = denominator(store, state, LIST_OF[stage]).frozen
    on = partial(accepted_on, store, state) if stage == "accepted" else None
    return Indicator(key, "m", tuple(rows), ratio, stage, frozen, on)


def surveyed(store: Store, state: CityState, today: date) -> Indicator:
    """Return how much of the sewage network has been inspected, by length. [m]

    A conduit counts from its first inspection: looking again is no progress.
    """
    return staged(store, state, "surveyed", "surveyed", today)


def evaluated(store: Store, state: CityState, today: date) -> Indicator:
    """Return how much of the sewage network has been graded, by length. [m]"""
    return staged(store, state, "evaluated", "evaluated", today)


def repaired(store: Store, state: CityState, today: date) -> Indicator:
    """Return how much of the problem network has an accepted repair, by length. [m]

    What was built and not accepted does not count.
    """
    return staged(store, state, "repaired", "accepted", today)


def capacity_bod(inflows: tuple[PlantInflow, ...], today: date) -> Indicator:
    """Return the share of design capacity whose influent BOD5 is above its target. [m³/s]

    A plant without readings counts below the line only; while no plant at all has any, the share of
    the city is not nothing but unknown. Plants of industry alone do not count.
    """
    rule = milestone("capacity_bod", today)
    rows = [
        Evidence(
            "plant",
            plant.id,
            plant.district,
            plant.capacity * (capacity_share([plant.bod5], [plant.threshold], [1.0], rule.limit_operator)),
            plant.capacity,
        )
        for plant in inflows
        if plant.capacity > 0 and plant.kind != "industrial"
    ]
    read = {plant.id for plant in inflows if not math.isnan(plant.bod5)}

    def share(chosen: tuple[Evidence, ...]) -> float:
        return ratio(chosen) if any(row.id in read for row in chosen) else math.nan

    return Indicator("capacity_bod", "m³/s", tuple(rows), share)


def permits(state: CityState, today: date) -> Indicator:
    """Return the share of key drainage users whose permit is valid on the day. [count]"""
    users = state.network.table("source")
    key, number, begin, until, district = (
        users.column(name) for name in ("key_user", "permit_no", "permit_from", "permit_to", "district")
    )
    day = today.isoformat()
    rows = [
        Evidence(
            "source",
            str(id_),
            str(district[row] or ""),
            float(bool(number[row]) and str(begin[row] or "")[:10] <= day <= str(until[row] or "")[:10]),
            1.0,
        )
        for row, id_ in enumerate(users.ids)
        if key[row] == 1
    ]
    return Indicator("permits", "", tuple(rows), ratio)
