"""What are the programme's indicators worth today, and from which rows?"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.network.model import link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.filed_records import first_seen, grades
from wenqu.services.plant_inflow import PlantInflow
from wenqu.store.database import Store
from wenqu.supervision.targets import capacity_share, milestone

PROBLEM_FROM = 3  # grade Ⅲ
SPAN_DAYS, SPANS = 30, 12  # the pace of late is counted over twelve spans of thirty days
SEWAGE = ("sanitary", "combined")


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

    def value(self, district: str = "") -> float:
        """Return the share of one district, of the whole city when none is named. [-]"""
        return self.share(tuple(row for row in self.rows if not district or row.district == district))

    def gains(self, today: date, district: str = "") -> list[float]:
        """Return the share that a district or the city gained in each of the last twelve 30-day spans."""
        rows = [row for row in self.rows if not district or row.district == district]
        dated = [row for row in rows if row.since]
        whole = sum(row.whole for row in rows)
        if not dated or whole <= 0:
            return []
        edges = [(today - timedelta(days=SPAN_DAYS * back)).isoformat() for back in range(SPANS, -1, -1)]
        return [
            sum(row.part for row in dated if begin < row.since <= end) / whole
            for begin, end in pairwise(edges)
        ]


def ratio(rows: tuple[Evidence, ...]) -> float:
    """Return the sum above the line over the sum below it; NaN when nothing stands below. [-]"""
    whole = sum(row.whole for row in rows)
    return sum(row.part for row in rows) / whole if whole > 0 else math.nan


def surveyed(store: Store, state: CityState, today: date) -> Indicator:
    """Return how much of the sewage network has been inspected, by length. [m]

    A conduit counts from its first inspection: looking again is no progress.
    """
    conduits = state.network.table("conduit")
    seen = {id_: day for id_, day in first_seen(store, state).items() if day <= today.isoformat()}
    lengths, system, district = (
        np.nan_to_num(link_lengths(conduits)),
        conduits.column("system"),
        conduits.column("district"),
    )
    rows = [
        Evidence(
            "conduit",
            str(id_),
            str(district[row] or ""),
            float(lengths[row]) if str(id_) in seen else 0.0,
            float(lengths[row]),
            seen.get(str(id_), ""),
        )
        for row, id_ in enumerate(conduits.ids)
        if system[row] in SEWAGE
    ]
    return Indicator("surveyed", "m", tuple(rows), ratio)


def repaired(store: Store, state: CityState) -> Indicator:
    """Return how much of the problem network has an accepted repair, by length. [m]

    Acceptances are records of the works stage; a city without any has repaired nothing that counts.
    """
    conduits = state.network.table("conduit")
    graded = grades(store, state)
    lengths, system, district = (
        np.nan_to_num(link_lengths(conduits)),
        conduits.column("system"),
        conduits.column("district"),
    )
    rows = [
        Evidence("conduit", str(id_), str(district[row] or ""), 0.0, float(lengths[row]))
        for row, id_ in enumerate(conduits.ids)
        if system[row] in SEWAGE and _is_problem(graded.get(str(id_)))
    ]
    return Indicator("repaired", "m", tuple(rows), ratio)


def _is_problem(grade: Grade | None) -> bool:
    return grade is not None and worse_grade(grade) >= PROBLEM_FROM


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
