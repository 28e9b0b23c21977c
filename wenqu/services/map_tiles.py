"""What does the map draw? The city's layers as vector tiles."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import shapely
from isal import igzip

from wenqu.network.geometry import Shapes, geometries_from
from wenqu.network.model import Assets, Column
from wenqu.network.schema import types_of
from wenqu.network.trunks import drained_length
from wenqu.protocols.tiles import Tile
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import ConduitFacts, facts_of
from wenqu.services.map_layers import DrawnLayer, column_or_missing, display_place, drawn
from wenqu.store.database import Store

NODES_FROM = 14
PLACES_FROM = 12
LINK_FIELDS = (("system", "code"), ("height", "number"), ("material", "code"), ("name", "text"))


def map_of(store: Store, state: CityState, datum: str = "") -> "CityMap":
    """Return the map of a city, made once for each state of it and each datum of the base map below."""
    return state.once(f"map-{datum}", lambda: CityMap(state, facts_of(store, state), datum))


class CityMap:
    """The layers of one city, made once and cut into tiles on demand."""

    def __init__(self, state: CityState, facts: ConduitFacts, datum: str = "") -> None:
        """Keep what the layers are made from; nothing is made before it is asked for."""
        self.state = state
        self.facts = facts
        self.place = display_place(state, datum)

    def _tables(self, names: tuple[str, ...]) -> list[Assets]:
        return [self.state.network.table(name) for name in names]

    def _points(self, name: str, types: tuple[str, ...]) -> DrawnLayer:
        tables = self._tables(types)
        columns = {
            field: np.concatenate([column_or_missing(table, field, kind) for table in tables])
            for field, kind in (("system", "code"), ("name", "text"))
        }
        return drawn(self.place, (name, "point"), tables, columns)

    @cached_property
    def links(self) -> DrawnLayer:
        """Return all links with what the map colours them by."""
        tables = self._tables(types_of("link"))
        columns: dict[str, Column] = {
            name: np.concatenate([column_or_missing(table, name, kind) for table in tables])
            for name, kind in LINK_FIELDS
        }
        conduits = [table.type == "conduit" for table in tables]
        for name, values in self.facts.columns().items():
            columns[name] = np.concatenate(
                [
                    values
                    if own
                    else np.full(len(table), None if values.dtype == object else np.nan, values.dtype)
                    for own, table in zip(conduits, tables, strict=True)
                ]
            )
        # The topology lists the links table by table as well.
        return drawn(self.place, ("link", "line"), tables, columns, drained_length(self.state.topology))

    @cached_property
    def nodes(self) -> DrawnLayer:
        """Return all nodes."""
        return self._points("node", types_of("node"))

    @cached_property
    def main_nodes(self) -> DrawnLayer:
        """Return the plants, stations and outfalls: what is shown of the nodes from far away."""
        return self._points("node", ("plant", "station", "outfall"))

    @cached_property
    def places(self) -> DrawnLayer:
        """Return drainage users, meters, gauges and other places."""
        return self._points("place", types_of("place"))

    @cached_property
    def areas(self) -> DrawnLayer:
        """Return zones and catchments."""
        tables = self._tables(("zone", "catchment"))
        columns = {
            field: np.concatenate([column_or_missing(table, field, kind) for table in tables])
            for field, kind in (("kind", "code"), ("name", "text"))
        }
        return drawn(self.place, ("area", "polygon"), tables, columns)

    @cached_property
    def names(self) -> DrawnLayer:
        """Return one point for the name of each district: a polygon would be named once in every tile."""
        zones = self.state.network.table("zone")
        drawn_at_all = np.diff(zones.shapes.assets) > 0
        named = zones.take(np.flatnonzero((zones.column("kind") == "district") & drawn_at_all))
        inside = shapely.get_coordinates(shapely.point_on_surface(geometries_from(named.shapes, "polygon")))
        points = replace(named, shapes=Shapes.points(inside))
        return drawn(self.place, ("area-name", "point"), [points], {"name": points.column("name")})

    @cached_property
    def rivers(self) -> DrawnLayer:
        """Return river reaches."""
        table = self.state.network.table("reach")
        columns = {name: table.column(name) for name in ("name", "river")}
        return drawn(self.place, ("river", "line"), [table], columns)

    def shown(self, z: int) -> list[DrawnLayer]:
        """Return the layers that are drawn at a zoom, lowest first."""
        made = [
            self.areas,
            self.names,
            self.rivers,
            self.links,
            self.nodes if z >= NODES_FROM else self.main_nodes,
        ]
        return [*made, self.places] if z >= PLACES_FROM else made

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return one tile, gzipped; empty bytes when nothing shows in it."""
        tile = Tile(z, x, y)
        body = b"".join(entry.cut(tile) for entry in self.shown(z))
        return igzip.compress(body, 1) if body else b""
