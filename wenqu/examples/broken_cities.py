"""Each rule with the city that breaks it: the little city with one thing wrong."""

from collections.abc import Callable, Iterable

import numpy as np
from pyproj import Transformer

from wenqu.examples.little_city import CORNER, along, at, little_city
from wenqu.network.formats.reading import stacked
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, Network, assets, column_of
from wenqu.network.schema import asset_type
from wenqu.network.shifted_maps import gcj02_from_wgs84


def with_table(network: Network, table: Assets) -> Network:
    """Return the network with another table of one type."""
    return Network(network.city, {**network.tables, table.type: table}, network.as_of)


def changed(type_: str, id_: str, **values: object) -> Network:
    """Return the little city with other values at one asset."""
    return altered(little_city(), type_, id_, **values)


def altered(network: Network, type_: str, id_: str, **values: object) -> Network:
    """Return a network with other values at one asset."""
    table = network.table(type_)
    row = network.row(type_, id_)
    columns = {}
    for name, value in values.items():
        whole = table.column(name).copy()
        whole[row] = column_of(asset_type(type_).field(name).kind, [value])[0]
        columns[name] = whole
    return with_table(network, table.replace(**columns))


def moved(type_: str, id_: str, line: Iterable[tuple[float, float]]) -> Network:
    """Return the little city with one asset drawn elsewhere; no place at all takes its shape."""
    return redrawn(little_city(), type_, id_, line)


def redrawn(network: Network, type_: str, id_: str, line: Iterable[tuple[float, float]]) -> Network:
    """Return a network with one asset drawn elsewhere."""
    table, row = network.table(type_), network.row(type_, id_)
    places = np.array(list(line), dtype=np.float64).reshape(-1, 2) + CORNER
    pieces = [places if place == row else table.shapes.of(place) for place in range(len(table))]
    starts = np.cumsum([0, *(len(piece) for piece in pieces)])
    shapes = Shapes.lines(np.concatenate(pieces), starts)
    return with_table(network, Assets(type_, table.ids, table.fields, shapes, table.extra))


def added(*tables: Assets) -> Network:
    """Return the little city with more assets."""
    network = little_city()
    for table in tables:
        known = network.table(table.type)
        network = with_table(network, stacked(known, table) if len(known) else table)
    return network


def conduit(start: str | None, end: str | None, *line: tuple[float, float], **values: object) -> Assets:
    """Return one sound conduit between two nodes."""
    sound = {
        "shape": "circular",
        "system": "sanitary",
        "height": 0.6,
        "material": "hdpe",
        "year": 2012,
        "from_id": start,
        "to_id": end,
    }
    columns = {name: [value] for name, value in {**sound, **values}.items()}
    return assets("conduit", ["C9"], columns, along(line))


def manhole(*places: tuple[float, float], invert: float = 3.4) -> Assets:
    """Return sound manholes N1, N2, …"""
    names = [f"N{number}" for number in range(1, len(places) + 1)]
    columns = {"ground_level": [5.0] * len(places), "invert_level": [invert] * len(places)}
    return assets("manhole", names, columns, at(*places))


def without_table(network: Network, type_: str) -> Network:
    """Return a network without the assets of one type."""
    tables = {name: table for name, table in network.tables.items() if name != type_}
    return Network(network.city, tables, network.as_of)


def shifted_gully() -> Network:
    """Return the little city with a gully where a web map draws it (GCJ-02)."""
    turn = Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(CORNER[0], CORNER[1] + 60)
    ((east, north),) = gcj02_from_wgs84(np.array([[lon, lat]]))
    x, y = turn.transform(east, north, direction="INVERSE")
    return moved("gully", "G1", ((x - CORNER[0], y - CORNER[1]),))


def far_gully() -> Network:
    """Return the little city with a gully, and the conduit from it, 40 km out of town."""
    network = redrawn(moved("gully", "G1", ((40000, 0),)), "conduit", "D1", ((40000, 0), (50, 60)))
    return altered(network, "conduit", "D1", length=None)


BROKEN: dict[str, Callable[[], Network]] = {
    "connectivity.no-end": lambda: added(conduit("M1", None, (0, 0), (0, -50))),
    "connectivity.unknown-end": lambda: added(conduit("M1", "NOWHERE", (0, 0), (0, -50))),
    "connectivity.same-node": lambda: added(conduit("M1", "M1", (0, 0), (5, 5), (0, 0))),
    "connectivity.duplicate-line": lambda: added(conduit("M2", "M3", (50, 0), (100, 0), height=0.3)),
    "connectivity.orphan-manhole": lambda: added(manhole((0, 30))),
    "connectivity.isolated": lambda: added(
        manhole((0, -50), (50, -50)), conduit("N1", "N2", (0, -50), (50, -50))
    ),
    "connectivity.dead-end": lambda: added(manhole((0, -50)), conduit("M1", "N1", (0, 0), (0, -50))),
    "connectivity.loop": lambda: added(
        assets("pump", ["PU9"], {"from_id": ["M3"], "to_id": ["M1"]}, along(((100, 0), (0, 0))))
    ),
    "connectivity.sewage-into-storm": lambda: changed("conduit", "D1", system="sanitary"),
    "connectivity.storm-into-sanitary": lambda: changed("conduit", "C1", system="storm"),
    "elevation.adverse-slope": lambda: changed("conduit", "C1", from_invert=3.5, to_invert=3.6),
    "elevation.reversed": lambda: redrawn(
        changed("conduit", "C2", from_id="M3", to_id="M2"), "conduit", "C2", ((100, 0), (50, 0))
    ),
    "elevation.invert-above-ground": lambda: changed("gully", "G1", invert_level=5.4, ground_level=5.3),
    "elevation.end-above-ground": lambda: changed("conduit", "C1", from_invert=5.1),
    "elevation.end-below-floor": lambda: changed("conduit", "C1", to_invert=3.2),
    "attribute.impossible-length": lambda: changed("conduit", "C1", length=0.0),
    "attribute.impossible-diameter": lambda: changed("conduit", "C1", height=-0.3),
    "attribute.impossible-year": lambda: changed("conduit", "C1", year=20122),
    "attribute.diameter-falls": lambda: changed("conduit", "C4", height=0.8),
    "attribute.unknown-code": lambda: changed("conduit", "C1", material="hdp"),
    "attribute.missing-code": lambda: changed("conduit", "C2", system=None),
    "attribute.missing-diameter": lambda: changed("conduit", "C1", height=None),
    "attribute.missing-material": lambda: changed("conduit", "C1", material=None),
    "attribute.missing-year": lambda: changed("conduit", "C1", year=None),
    "geometry.no-shape": lambda: moved("conduit", "C1", ()),
    "geometry.duplicate-point": lambda: added(
        manhole((0, 0.005), invert=3.6), conduit("N1", "M2", (0, 0.005), (50, 0), height=0.2)
    ),
    "geometry.end-misses": lambda: moved("conduit", "C1", ((0, 0), (48, 0))),
    "geometry.near-miss": lambda: moved("conduit", "C1", ((0, 0), (49.8, 0))),
    "geometry.crossing": lambda: added(
        manhole((25, -30), invert=3.6),
        conduit("N1", "M3", (25, -30), (25, 20), (100, 0), height=0.3, system="sanitary"),
    ),
    "geometry.manhole-on-pipe": lambda: added(manhole((25, 0), invert=3.4)),
    "geometry.swapped-axes": lambda: moved("gully", "G1", ((3171060 - 499000, 499000 - 3171000),)),
    "geometry.wrong-zone": lambda: moved("gully", "G1", ((40_000_000, 60),)),
    "geometry.shifted": shifted_gully,
    "geometry.outside": far_gully,
    "geometry.drawn-backwards": lambda: moved("conduit", "C1", ((50, 0), (0, 0))),
    "geometry.length-differs": lambda: changed("conduit", "C1", length=58.0),
    "geometry.far-away": lambda: without_table(far_gully(), "zone"),
}
