"""What came into a zone, what left it, and what does nobody explain: the balance of one zone of a city."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.observers import Observer
from wenqu.diagnosis.zone_balance import (
    ARRIVING,
    PUMPED,
    SUPPLY,
    TREATED,
    Flow,
    Span,
    ZonePeriod,
    zone_balance,
)
from wenqu.diagnosis.zone_supply import Share, share_above, share_by_plant
from wenqu.errors import Unknown
from wenqu.issues import Issue, Weight
from wenqu.services.zone_places import CITY, CLOSES, PLANT, STATION, ZONE, Zone, outermost, zones_of
from wenqu.services.zone_readings import METERED, SupplyZone, ZoneReadings

Floats = npt.NDArray[np.float64]
NOBODY_SAYS = 0.05  # share of a period's days that may miss before it is told
SURE = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """One stream into or out of a zone in one period."""

    type: str  # zone | bills | meter | station | plant
    id: str
    name: str
    flow: Span  # [m³/s]


@dataclass(frozen=True, slots=True)
class ZoneBalance:
    """The balance of a zone with the streams of one period and its faults."""

    zone: Zone
    by: str
    return_ratio: tuple[float, float]
    periods: tuple[ZonePeriod, ...]
    chosen: str  # the period that the streams are of, "" when there is none
    supplied: tuple[Part, ...]  # by supply zone, largest first
    ways: tuple[Part, ...]  # by the last measured places on the way, largest first
    measured_length: float  # [-] share of the zone's sewers that lies above those places
    issues: tuple[Issue, ...]


def balance_zone(found: ZoneReadings, key: str, *, by: str = "month", period: str = "") -> ZoneBalance:
    """Return the balance of one zone.

    Parameters
    ----------
    key
        city, or type and id of a plant, a station, a meter or a supply zone: ``plant/WWTP1``.
    by
        day, month, year or all.
    period
        The period whose streams are told; the last that has a figure when it is left out.

    Raises
    ------
    Unknown
        There is no such zone, or no such period.
    """
    zone = next((one for one in zones_of(found) if one.key == key), None)
    if zone is None:
        raise Unknown("balance-zone", name=key)
    share = share_of(found, zone)
    periods = periods_of(found, zone, share, by)
    if period and period not in {one.period for one in periods}:
        raise Unknown("balance-period", name=period)
    chosen = period or _last(periods)
    mine = _days_of(found, chosen)
    ways = _ways(zone)
    return ZoneBalance(
        zone, by, _ratio(share), periods, chosen, _supplied(found, share, mine),
        tuple(sorted((_part(found, one, mine) for one in ways), key=_size)),
        _covered(found, zone, ways), tuple(_issues(found, zone, share, periods)),
    )  # fmt: skip


def periods_of(found: ZoneReadings, zone: Zone, share: Share, by: str) -> tuple[ZonePeriod, ...]:
    """Return the balance of a zone period by period."""
    flows = _flows(found, zone, share)
    return zone_balance(found.days, flows, _ratio(share), by=by, dry=found.dry, ends=(CLOSES[zone.type],))


def _ratio(share: Share) -> tuple[float, float]:
    """Return the share of the supply that returns, and its standard deviation."""
    return share.ratio, default("return_ratio_error") * share.ratio / default("return_ratio")


def share_of(found: ZoneReadings, zone: Zone) -> Share:
    """Return what of the city's supply belongs to a zone."""
    supplied = np.array([one.id == zone.id for one in found.zones], dtype=np.bool_)
    if zone.type == ZONE:
        return _share_of_zone(found, supplied)
    if found.users.use.sum() > 0:
        return share_above(found.users, found.known, zone.above)
    drains = np.array([zone.type == CITY or one.plant == zone.id for one in found.zones], dtype=np.bool_)
    return share_by_plant(drains, found.known)


def _share_of_zone(found: ZoneReadings, mine: npt.NDArray[np.bool_]) -> Share:
    """Return a supply zone's own supply, with the ratio that its users say."""
    row = int(np.flatnonzero(mine)[0])
    users, known = found.users, found.known
    own = (users.zone == row) & (users.pipe >= 0)
    came = float((users.use * users.ratio)[own].sum() * known.scale[row])
    whole = float(known.mean[row])
    usual = (1 - default("supply_loss")) * default("return_ratio")
    ratio = came / whole if known.billed[row] > 0 and whole > 0 else usual
    return Share(mine.astype(np.float64), 0.0, ratio)


def _flows(found: ZoneReadings, zone: Zone, share: Share) -> dict[str, Flow]:
    flows = {}
    supply = _supply(found, share)
    if supply is not None and np.isfinite(share.ratio):
        flows[SUPPLY] = supply
    closing = CLOSES[zone.type]
    between = {ARRIVING: ("conduit", "channel", "manhole"), PUMPED: (STATION,), TREATED: (PLANT,)}
    for name, types in between.items():
        outlets = (
            zone.outlets if name == closing else tuple((one, 1.0) for one in outermost(zone.inner, *types))
        )
        if outlets:
            flows[name] = _flow(found, outlets)
    return flows


def _flow(found: ZoneReadings, outlets: Sequence[tuple[Observer, float]]) -> Flow:
    return Flow(
        np.stack([sign * found.flows[one.id] for one, sign in outlets]),
        np.array([one.flow_error for one, _ in outlets]),
        np.array([one.bias_error for one, _ in outlets]),
    )


def _supply(found: ZoneReadings, share: Share) -> Flow | None:
    """Return the supply that belongs to a zone, a row for each supply zone and one for other bills."""
    rows = np.flatnonzero(share.of_zone > 0)
    values = [share.of_zone[row] * found.zones[row].daily for row in rows]
    bias = [_bias(found.zones[row]) for row in rows]
    if share.loose > 0:
        values.append(np.full(len(found.days), share.loose))
        bias.append(default("register_bias"))
    if not values:
        return None
    return Flow(np.stack(values), default("supply_error"), np.array(bias))


def _bias(zone: SupplyZone) -> float:
    return default("supply_bias" if zone.origin == METERED else "register_bias")


def _last(periods: Sequence[ZonePeriod]) -> str:
    """Return the last period that was closed; the last of all when none was."""
    closed = [one.period for one in periods if one.closed_by]
    every = [one.period for one in periods]
    return (closed or every or [""])[-1]


def _days_of(found: ZoneReadings, period: str) -> npt.NDArray[np.bool_]:
    if "/" in period or not period:
        return np.ones(len(found.days), dtype=np.bool_)
    return np.array([str(day).startswith(period) for day in found.days], dtype=np.bool_)


def _mean(daily: Floats, random: float, bias: float, mine: npt.NDArray[np.bool_]) -> Span:
    days = np.arange(int(mine.sum())).astype("datetime64[D]")
    told = zone_balance(days, {ARRIVING: Flow(daily[mine], random, bias)}, (1.0, 0.0), by="all")
    return told[0].columns[ARRIVING] if told else (float("nan"),) * 3


def _supplied(found: ZoneReadings, share: Share, mine: npt.NDArray[np.bool_]) -> tuple[Part, ...]:
    parts = []
    for row in np.flatnonzero(share.of_zone > 0):
        one = found.zones[row]
        daily = share.of_zone[row] * one.daily
        parts.append(Part(ZONE, one.id, one.name, _mean(daily, default("supply_error"), _bias(one), mine)))
    if share.loose > 0:
        flat = np.full(len(mine), share.loose)
        parts.append(Part("bills", "", "", _mean(flat, 0.0, default("register_bias"), mine)))
    return tuple(sorted(parts, key=_size))


def _size(part: Part) -> float:
    return -float(np.nan_to_num(part.flow[0]))


def _ways(zone: Zone) -> tuple[Observer, ...]:
    """Return the last measured places on the way to a zone's outlet."""
    types = ("conduit", "channel", "manhole", STATION)
    if zone.type == CITY:
        return tuple(one for one, _ in zone.outlets)
    return outermost(zone.inner, *types)


def _part(found: ZoneReadings, one: Observer, mine: npt.NDArray[np.bool_]) -> Part:
    """Return what one measured place passed."""
    type_ = one.on_type if one.on_type in {STATION, PLANT} else "meter"
    id_ = one.on_id if type_ != "meter" else one.id
    table = found.there.network.table(type_)
    at = np.flatnonzero(table.ids == id_)
    name = str(table.column("name")[at[0]] or id_) if len(at) else id_
    return Part(type_, id_, name, _mean(found.flows[one.id], one.flow_error, one.bias_error, mine))


def _covered(found: ZoneReadings, zone: Zone, ways: Sequence[Observer]) -> float:
    """Return which share of a zone's sewer length lies above some measured places."""
    length = np.where(found.there.counted, found.there.length, 0.0)
    whole = float(length.sum() if zone.above is None else length[slice(*zone.above)].sum())
    inside = np.zeros(len(length), dtype=np.bool_)
    for one in ways:
        inside[one.first : one.last] = True
    return float(length[inside].sum()) / whole if whole > 0 else float("nan")


def _issues(found: ZoneReadings, zone: Zone, share: Share, periods: Sequence[ZonePeriod]) -> list[Issue]:
    """Return what is wrong with a balance."""

    def told(code: str, weight: Weight = Weight.DOUBT, **facts: object) -> Issue:
        type_ = "" if zone.type == CITY else zone.type
        return Issue(f"diagnosis.balance-{code}", weight, type_, zone.id if type_ else "", facts=facts)

    issues = []
    closing = CLOSES[zone.type]
    if not zone.outlets:
        issues.append(told("no-outlet", Weight.FAULT, zone=zone.name))
    if not np.isfinite(share.ratio):
        issues.append(told("no-supply", Weight.FAULT, zone=zone.name))
    mine = np.flatnonzero(share.of_zone > 0)
    unmetered = [found.zones[row].id for row in mine if found.zones[row].origin != METERED]
    if unmetered:
        issues.append(told("unmetered", count=len(unmetered), first=", ".join(unmetered[:5])))
    doubted = [found.zones[row].id for row in mine if found.known.doubted[row]]
    if doubted:
        issues.append(told("bills", count=len(doubted), first=", ".join(doubted[:5])))
    if found.dry is None and len(found.days):
        issues.append(told("no-rain", Weight.NOTE))
    days = sum(one.days for one in periods)
    for name in (SUPPLY, closing):
        read = sum((one.read or {}).get(name, 0) for one in periods)
        if days and name in (periods[0].read or {}) and days - read > NOBODY_SAYS * days:
            issues.append(told(f"missing-{name}", missing=days - read, days=days))
    below = [one.period for one in periods if one.unexplained[2] < SURE]
    if below:
        issues.append(told("negative", count=len(below), of=len(periods), first=", ".join(below[:5])))
    return issues
