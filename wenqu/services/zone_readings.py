"""What do the supply meters, sewer meters, stations and plants of a city say day by day?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.expected_sewage import NOT_TO_A_SEWER, pipe_of_assets
from wenqu.diagnosis.observers import Observer, metered, observers
from wenqu.diagnosis.pipe_columns import Pipes, pipes
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.diagnosis.zone_supply import Supplies, Users, supplies
from wenqu.issues import Issue
from wenqu.network.geometry import centres, geometries_from
from wenqu.network.model import Network
from wenqu.series.events import daily_means, dry_days
from wenqu.series.flags import flagged
from wenqu.series.model import Flag, Series
from wenqu.services.city_state import CityState
from wenqu.services.dry_weather import daily_rain_of, period_of
from wenqu.store.database import Store

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
METERED, REGISTER = "metered", "register"  # how the supply of a zone is known


@dataclass(frozen=True, slots=True, eq=False)
class SupplyZone:
    """One zone that water is supplied to."""

    id: str
    name: str
    district: str
    plant: str
    origin: str  # metered | register
    daily: Floats  # (d,) [m³/s]


@dataclass(frozen=True, slots=True, eq=False)
class ZoneReadings:
    """All that balances are made of. d days."""

    days: Days  # (d,) without a break
    dry: Mask | None  # (d,) None where no rain gauge is heard
    zones: tuple[SupplyZone, ...]
    users: Users
    known: Supplies
    there: Pipes
    places: tuple[Observer, ...]  # with readings of flow that are not all doubted
    flows: Mapping[str, Floats]  # (d,) [m³/s] by observer id
    issues: tuple[Issue, ...]


def zone_readings(store: Store, state: CityState) -> ZoneReadings:
    """Return the readings of a city of the last year by day; made once for a state.

    Notes
    -----
    Readings added later are seen with the next change of the city, or by a fresh state.
    """
    return state.once("zone readings", lambda: _readings(store, state))


def _readings(store: Store, state: CityState) -> ZoneReadings:
    network, code = state.network, state.network.city.code
    order = pipe_order(state.topology)
    index = store.series_index(code)
    found, issues = observers(
        network, state.topology, order, ((entry.asset, entry.quantity) for entry in index)
    )
    there = pipes(network, state.topology, order, metered(found, len(order.link)))
    period = period_of(store, code, network.as_of)
    owners = {entry.id: entry.asset_of("flow") for entry in found}
    limits = (period.since or None, period.until or None)
    raw = store.read_many(code, "flow", sorted(set(owners.values())), *limits)
    supplied = store.read_many(code, "supply", None, *limits)
    days = _days([*raw.values(), *supplied.values()])
    by_asset = {asset: by_day(series, days) for asset, series in raw.items()}
    flows = {id_: by_asset[asset] for id_, asset in owners.items() if asset in by_asset}
    flows = {id_: daily for id_, daily in flows.items() if np.isfinite(daily).any()}
    zones = _zones(network, {asset: by_day(series, days) for asset, series in supplied.items()}, len(days))
    users = _users(network, there, [zone.id for zone in zones])
    mean = np.array([_mean(zone.daily) for zone in zones], dtype=np.float64)
    rain = daily_rain_of(store, code, period)
    dry = None
    if rain is not None and len(days):
        dry = np.isin(days, rain.days[dry_days(rain)])
    places = tuple(entry for entry in found if entry.id in flows and entry.placed)
    known = supplies(users, mean)
    return ZoneReadings(days, dry, zones, users, known, there, places, flows, issues)


def _days(every: list[Series]) -> Days:
    """Return the days from the first reading to the last, without a break."""
    ends = [series.times[[0, -1]].astype("datetime64[D]") for series in every if len(series)]
    if not ends:
        return np.empty(0, "datetime64[D]")
    first, last = min(one[0] for one in ends), max(one[1] for one in ends)
    return np.arange(first, last + 1)


def by_day(series: Series, days: Days) -> Floats:
    """Return the mean of each day from readings that are not doubted, NaN where too few are good.

    Of what is read once a day, a jump is weather and two equal days are no stuck gauge.
    """
    made = np.full(len(days), np.nan)
    told = flagged(series)
    if len(series) > 1 and np.median(np.diff(series.times)) >= np.timedelta64(1, "D"):
        told = replace(told, flags=told.flags & ~np.uint8(Flag.JUMP | Flag.FLAT) | series.flags)
    daily = daily_means(told)
    _, here, there = np.intersect1d(days, daily.days, return_indices=True)
    made[here] = daily.means[there]
    return made


def _mean(daily: Floats) -> float:
    return float(np.nanmean(daily)) if np.isfinite(daily).any() else float("nan")


def _zones(network: Network, read: Mapping[str, Floats], days: int) -> tuple[SupplyZone, ...]:
    """Return the zones with supply: those that are metered, else metering zones by their register.

    Of a zone within a zone the inner ones count: water must not be counted twice.
    """
    table = network.table("zone")
    parents = dict(zip(table.ids.tolist(), table.column("parent").tolist(), strict=True))
    written, kinds = table.column("water_supply"), table.column("kind")
    chosen = {str(id_) for id_ in table.ids if np.isfinite(read.get(str(id_), np.empty(0))).any()}
    if not chosen:
        chosen = {str(table.ids[row]) for row in np.flatnonzero((kinds == "metering") & (written > 0))}
    chosen -= {above for id_ in chosen for above in _above(id_, parents)}
    made = []
    for row, id_ in enumerate(table.ids.tolist()):
        if id_ not in chosen:
            continue
        daily = read.get(id_)
        origin = METERED if daily is not None else REGISTER
        values = daily if daily is not None else np.full(days, float(written[row]))
        name, district, plant = (
            str(table.column(field)[row] or "") for field in ("name", "district", "plant")
        )
        made.append(SupplyZone(id_, name or id_, district, plant, origin, values))
    return tuple(made)


def _above(id_: str, parents: Mapping[str, object]) -> set[str]:
    """Return the zones that a zone lies in."""
    found: set[str] = set()
    above = parents.get(id_)
    while isinstance(above, str) and above and above not in found:
        found.add(above)
        above = parents.get(above)
    return found


def _users(network: Network, there: Pipes, zones: list[str]) -> Users:
    """Return the users of water with the supply zone that each stands in."""
    table = network.table("source")
    use, ratio = np.nan_to_num(table.column("water_use")), table.column("return_ratio")
    pipe = pipe_of_assets(there, list(table.column("connects_to")))
    elsewhere = np.isin(table.column("connection"), NOT_TO_A_SEWER)
    return Users(
        _zone_of(network, zones),
        np.where(elsewhere, -1, pipe),
        np.maximum(use, 0.0),
        np.where(np.isnan(ratio), default("return_ratio"), ratio),
    )


def _zone_of(network: Network, zones: list[str]) -> npt.NDArray[np.int64]:
    """Return in which supply zone each user stands: the smallest of those round it, -1 for none."""
    users, table = network.table("source"), network.table("zone")
    found = np.full(len(users), -1, dtype=np.int64)
    rows = np.array([network.row("zone", zone) for zone in zones], dtype=np.int64)
    if not len(rows) or not len(users) or not len(users.shapes.coords):
        return found
    areas = geometries_from(table.shapes.take(rows), "polygon")
    drawn = np.flatnonzero(np.array([area is not None for area in areas.tolist()]))
    tree = shapely.STRtree(shapely.make_valid(areas[drawn]))
    places = centres(users.shapes)
    there = np.flatnonzero(np.isfinite(places).all(axis=1))
    which, area = tree.query(shapely.points(places[there]), predicate="intersects")
    order = np.argsort(-shapely.area(areas[drawn[area]]), kind="stable")  # the smallest is written last
    found[there[which[order]]] = drawn[area[order]]
    return found
