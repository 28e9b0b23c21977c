"""What do all meters of a city say in dry weather, and what stands above each?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import DOCUMENT, Table, end_member_table
from wenqu.diagnosis.expected_groundwater import groundwater_weights
from wenqu.diagnosis.expected_inflow import balance, expected_inflow
from wenqu.diagnosis.expected_river import river_levels, river_weights
from wenqu.diagnosis.expected_sewage import ExpectedSewage, expected_sewage
from wenqu.diagnosis.meter_evidence import MeterEvidence, meter_evidence
from wenqu.diagnosis.meter_methods import Given, Stamp
from wenqu.diagnosis.night_sewage import default_pattern, night_factor
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.diagnosis.observers import TRACERS, Observer, metered, observers
from wenqu.diagnosis.pipe_columns import Pipes, pipes
from wenqu.diagnosis.pipe_order import distances_down, pipe_order
from wenqu.diagnosis.tree_posterior import Prior
from wenqu.errors import NotEnoughData
from wenqu.issues import Issue, Weight
from wenqu.network.topology import topology
from wenqu.series.events import Daily, daily_rain, dry_days
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.series.model import series as empty
from wenqu.services.grade_city import current_grades
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
SPAN = np.timedelta64(366, "D")  # the record that a diagnosis looks back on


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when readings are taken, ISO."""

    since: str
    until: str


@dataclass(frozen=True)
class DryWeather:
    """A city ready for diagnosis."""

    there: Pipes
    observers: tuple[Observer, ...]
    series: Mapping[str, Mapping[str, Series]]  # readings by observer id and quantity
    evidence: Mapping[str, MeterEvidence]  # by observer id; those that have enough dry days
    sightings: tuple[Sighting, ...]  # placed observers with evidence
    sewage: ExpectedSewage
    prior: Prior
    table: Table
    rain: Daily | None
    period: Period
    inputs: tuple[str, ...]  # the registers and tables with their edition
    issues: tuple[Issue, ...]
    stamp: Stamp


def readings(
    store: Store, city: str, chosen: Sequence[Observer], period: Period
) -> dict[str, dict[str, Series]]:
    """Return the readings of some places: observer id → quantity → series; one query a quantity."""
    found: dict[str, dict[str, Series]] = {entry.id: {} for entry in chosen}
    for quantity in ("flow", *TRACERS):
        owners = {entry.id: entry.asset_of(quantity) for entry in chosen if entry.asset_of(quantity)}
        if not owners:
            continue
        there = store.read_many(
            city, quantity, sorted(set(owners.values())), period.since or None, period.until or None
        )
        for id_, asset in owners.items():
            if asset in there and len(there[asset]):
                found[id_][quantity] = there[asset]
    return found


def period_of(store: Store, city: str, until: str = "") -> Period:
    """Return the last year of flow readings, up to a date if one is given."""
    lasts = [entry.last for entry in store.series_index(city) if entry.quantity == "flow" and entry.last]
    if not lasts:
        return Period("", until)
    end = min(max(lasts), f"{until[:10]}T23:59:59") if until else max(lasts)
    return Period(str(np.datetime64(end[:10]) - SPAN), end)


def daily_rain_of(store: Store, city: str, period: Period) -> Daily | None:
    """Return the mean daily rain over the gauges, None when no gauge has readings. [m]"""
    gauges = [
        daily_rain(flagged(series))
        for series in store.read_many(city, "rain", None, period.since or None, period.until or None).values()
        if len(series)
    ]
    if not gauges:
        return None
    first, last = min(gauge.days[0] for gauge in gauges), max(gauge.days[-1] for gauge in gauges)
    days = np.arange(first, last + 1)
    depth = np.full((len(gauges), len(days)), np.nan)
    for row, gauge in enumerate(gauges):
        depth[row, (gauge.days - first).astype(int)] = gauge.means
    known = (~np.isnan(depth)).sum(axis=0)
    mean = np.where(known > 0, np.nansum(depth, axis=0) / np.maximum(known, 1), np.nan)
    return Daily(days, mean, known / len(gauges))


def dry_weather(store: Store, city: str, *, who: str, at: str, until: str = "", only: str = "") -> DryWeather:
    """Read a city and say what is known of it in dry weather; whatever is left out is an Issue.

    Parameters
    ----------
    who, at
        Author and ISO time of the run.
    until
        Last day of the readings, "" for all.
    only
        The one place whose readings are wanted, "" for all places.
    """
    tenant, network = store.city(city), store.network(city)
    shape = topology(network)
    order = pipe_order(shape)
    index = store.series_index(city)
    found, issues = observers(network, shape, order, ((entry.asset, entry.quantity) for entry in index))
    there = pipes(network, shape, order, metered(found, len(order.link)))
    period = period_of(store, city, until)
    rain = daily_rain_of(store, city, period)
    dry = None if rain is None else rain.days[dry_days(rain)]
    more = [] if rain is not None else [Issue("diagnosis.no-rain-gauge", Weight.DOUBT, "gauge")]
    series = readings(store, city, [entry for entry in found if only in {"", entry.id}], period)
    evidence, few = _evidence(found, series, dry)
    more += few
    counted = np.where(there.counted, there.length, 0.0)
    sightings = tuple(
        Sighting(entry, evidence[entry.id], float(counted[entry.first : entry.last].sum()))
        for entry in found
        if entry.placed and entry.id in evidence
    )
    if not sightings and not only:
        more.append(Issue("diagnosis.no-meters", Weight.DOUBT, "meter"))
    own = store.document(city, DOCUMENT)
    table, unread = end_member_table(None if own is None else own.decode("utf-8"))
    sewage = expected_sewage(there)
    prior = _prior(store, city, (there, sewage, period), sightings)
    edition = f"network:{network.version}"
    inputs = (
        f"{edition}/sewage:{sewage.origin}",
        f"table:{DOCUMENT}:{'default' if own is None else 'city'}",
    )
    simulated = tenant.simulated or any(entry.simulated for entry in index)
    stamp = Stamp(edition, who, at, simulated)
    every = (*issues, *more, *unread, *sewage.issues)
    return DryWeather(
        there, found, series, evidence, sightings, sewage, prior, table, rain, period, inputs, every, stamp
    )


def _nothing(asset: str) -> Series:
    """Return a flow record without readings: the span that was asked for holds none."""
    return empty(asset, "flow", np.empty(0, "datetime64[s]"), np.empty(0))


def _evidence(
    found: Sequence[Observer],
    series: Mapping[str, Mapping[str, Series]],
    dry: npt.NDArray[np.datetime64] | None,
) -> tuple[dict[str, MeterEvidence], list[Issue]]:
    evidence: dict[str, MeterEvidence] = {}
    issues: list[Issue] = []
    for observer in found:
        if observer.id not in series:
            continue
        own = {"flow": _nothing(observer.id), **series[observer.id]}
        try:
            evidence[observer.id] = meter_evidence(own.pop("flow"), own, dry)
        except NotEnoughData as error:
            facts: dict[str, object] = {"meter": observer.id, **error.facts}
            issues.append(
                Issue("diagnosis.few-dry-days", Weight.DOUBT, observer.type, observer.id, facts=facts)
            )
    return evidence, issues


def _prior(
    store: Store, city: str, known: tuple[Pipes, ExpectedSewage, Period], sightings: Sequence[Sighting]
) -> Prior:
    there, sewage, period = known
    grades = {
        row.conduit: row.repair_grade for row in current_grades(store, city).values() if row.repair_grade
    }
    stages = store.read_many(city, "river_stage", None, period.since or None, period.until or None)
    means = {
        name: float(np.nanmean(good))
        for name, series in stages.items()
        if len(good := series.good()[~np.isnan(series.good())])
    }
    river = river_weights(there, river_levels(there.network, means))
    if means and not river.any():  # a river is read, and nobody knows where it could enter
        river = np.where(there.counted, there.length, 0.0)
    year = int(period.until[:4]) if period.until else 0
    ground = groundwater_weights(there, year, grades)
    first = np.array([entry.observer.first for entry in sightings], dtype=np.int64)
    last = np.array([entry.observer.last for entry in sightings], dtype=np.int64)
    flow = np.array([entry.evidence.flow for entry in sightings], dtype=np.float64)
    return expected_inflow(there, sewage, ground, river, balance(first, last, flow, sewage.connected))


def given_above(dry: DryWeather, observer: Observer) -> Given:
    """Return what is known above one place beside its readings."""
    mean, variance = dry.prior.mean[0], dry.prior.variance[0]
    here = slice(observer.first, observer.last)
    sewage = float(dry.sewage.connected[here].sum())
    sd = float(np.sqrt(variance[here].sum() + (dry.prior.scale[0] * mean[here].sum()) ** 2))
    factor = 1.0
    if sewage > 0:
        down = distances_down(dry.there.topology)
        start = dry.there.topology.link_from[dry.there.order.link[here]]
        delay = np.maximum(down[start] - down[observer.node], 0.0) / default("celerity")
        factor = night_factor(default_pattern(), delay, dry.sewage.connected[here])
    return Given(sewage, sd, factor, dry.inputs[:1], dry.table, dry.inputs[1])
