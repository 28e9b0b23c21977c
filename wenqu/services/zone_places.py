"""Which zones of a city can be balanced? It, what a plant, a station or a meter drains, supply zones."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.observers import Observer
from wenqu.diagnosis.pipe_order import above_node
from wenqu.diagnosis.zone_balance import ARRIVING, PUMPED, TREATED
from wenqu.network.model import Assets
from wenqu.services.zone_readings import ZoneReadings

CITY, PLANT, STATION, METER, ZONE = "city", "plant", "station", "meter", "zone"
CLOSES = {CITY: TREATED, PLANT: TREATED, STATION: PUMPED, METER: ARRIVING, ZONE: ARRIVING}
WHOLE_CITY = "city"


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone that a balance can be made of."""

    type: str  # city | plant | station | meter | zone
    id: str
    name: str
    district: str
    above: tuple[int, int] | None = None  # interval of the pipes that drain to it, None where it is no such
    outlets: tuple[tuple[Observer, float], ...] = ()  # what measures all that leaves it, with its sign
    inner: tuple[Observer, ...] = field(default=(), compare=False)  # measured places within, outlet excluded

    @property
    def key(self) -> str:
        """Name of the zone in an address."""
        return self.type if self.type == CITY else f"{self.type}/{self.id}"


def zones_of(found: ZoneReadings) -> tuple[Zone, ...]:
    """Return every zone: the city first, then plants, stations, meters and supply zones."""
    there = found.there
    network = there.network
    plants = _table_zones(found, PLANT)
    outlets = tuple(one for plant in plants for one in plant.outlets)
    covered = bool(plants) and all(plant.outlets for plant in plants)
    city = Zone(
        CITY, WHOLE_CITY, network.city.zh or network.city.code, "", None,
        outlets if covered else (), tuple(one for one in found.places if one.on_type != PLANT),
    )  # fmt: skip
    meters = network.table(METER)
    rows = {str(id_): row for row, id_ in enumerate(meters.ids)}
    sewers = [
        Zone(
            METER, one.id, _text(meters, rows[one.id], "name") or one.id,
            _text(meters, rows[one.id], "district"), (one.first, one.last), ((one, 1.0),),
            _within(found, (one.first, one.last), one.id),
        )
        for one in found.places
        if one.id in rows and one.on_type not in {PLANT, STATION}
    ]  # fmt: skip
    return (city, *plants, *_table_zones(found, STATION), *sewers, *_supply_zones(found))


def _text(table: Assets, row: int, name: str) -> str:
    return str(table.column(name)[row] or "")


def _table_zones(found: ZoneReadings, type_: str) -> tuple[Zone, ...]:
    """Return the zones of plants or stations, with or without readings."""
    there, table = found.there, found.there.network.table(type_)
    own = {one.on_id: one for one in found.places if one.on_type == type_}
    made = []
    for row, id_ in enumerate(table.ids.tolist()):
        above = above_node(there.order, there.topology, there.topology.node(id_))
        one = own.get(id_)
        if one is None and not there.counted[slice(*above)].any():
            continue
        above = above if one is None else (one.first, one.last)
        made.append(
            Zone(
                type_, id_, _text(table, row, "name") or id_, _text(table, row, "district"), above,
                () if one is None else ((one, 1.0),),
                _within(found, above, id_),
            )
        )  # fmt: skip
    return tuple(made)


def _within(found: ZoneReadings, above: tuple[int, int], but: str) -> tuple[Observer, ...]:
    """Return the measured places above which nothing but pipes of an interval lies, one asset left out."""
    spans = np.array([(one.first, one.last) for one in found.places], dtype=np.int64).reshape(-1, 2)
    mine = (spans[:, 1] > spans[:, 0]) & (spans[:, 0] >= above[0]) & (spans[:, 1] <= above[1])
    return tuple(
        found.places[at]
        for at in np.flatnonzero(mine)
        if but not in (found.places[at].id, found.places[at].on_id)
    )


def _supply_zones(found: ZoneReadings) -> tuple[Zone, ...]:
    """Return the supply zones, closed by the meters that the register names as their ends."""
    table = found.there.network.table(METER)
    by_id = {one.id: one for one in found.places}
    ends: dict[str, list[tuple[Observer, float]]] = {}
    for row, id_ in enumerate(table.ids.tolist()):
        zone = table.column("zone")[row]
        if zone and id_ in by_id:
            sign = -1.0 if table.column("direction")[row] == "in" else 1.0
            ends.setdefault(str(zone), []).append((by_id[id_], sign))
    return tuple(
        Zone(ZONE, zone.id, zone.name, zone.district, None, tuple(ends.get(zone.id, ())))
        for zone in found.zones
    )


def outermost(places: tuple[Observer, ...], *types: str) -> tuple[Observer, ...]:
    """Return of measured places on some types those with none other of them below: no water counts twice.

    Of two that see the same pipes the first is kept.
    """
    mine = sorted((one for one in places if one.on_type in types), key=lambda one: (one.first, -one.last))
    kept, reach = [], -1
    for one in mine:  # intervals of a forest: each lies within another or beside it
        if one.last > reach:
            kept.append(one)
            reach = one.last
    return tuple(kept)


def assets_of(zone: Zone, found: ZoneReadings, share: npt.NDArray[np.float64]) -> set[str]:
    """Return every asset whose readings or register a balance tells of."""
    named = {zone.id} if zone.type != CITY else set()
    for one in (*(outlet for outlet, _ in zone.outlets), *zone.inner):
        named |= {asset for quantity, asset in one.series if quantity == "flow"}
    for row in np.flatnonzero(share > 0):
        named.add(found.zones[row].id)
    return named
