"""What does the map draw? The city's layers as vector tiles."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
from isal import igzip

from wenqu.network.geometry import Shapes, bounds
from wenqu.network.model import Assets, missing_column
from wenqu.network.schema import asset_type, types_of
from wenqu.protocols.mvt import Layer, encode_layer, layer
from wenqu.protocols.tiles import Tile, TileIndex
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import ConduitFacts, conduit_facts
from wenqu.store.database import Store

MERCATOR = "EPSG:3857"
THIN_BELOW = 12  # zoom under which only the larger links are drawn
NODES_FROM = 14
PLACES_FROM = 12
LINKS_AT_MOST = 12_000  # of one tile below THIN_BELOW: the widest are kept


@dataclass(frozen=True)
class DrawnLayer:
    """A layer of the map with its index."""

    made: Layer
    index: TileIndex
    weight: npt.NDArray[np.float64]  # (n,) what is kept first when a tile is too full


def column_or_missing(table: Assets, name: str, kind: str) -> npt.NDArray[np.object_]:
    """Return a column, or missing values where the type has no such field."""
    known = {entry.name for entry in asset_type(table.type).fields}
    return table.column(name) if name in known else missing_column(kind, len(table))


def joined(shapes: list[Shapes]) -> Shapes:
    """Return the shapes of several tables one after another."""
    coords = np.concatenate([np.empty((0, 2)), *(entry.coords for entry in shapes)])
    sizes = [np.empty(0, np.int64), *(np.diff(entry.parts) for entry in shapes)]
    counts = [np.empty(0, np.int64), *(np.diff(entry.assets) for entry in shapes)]
    parts, assets = (np.concatenate([[0], np.cumsum(np.concatenate(each))]) for each in (sizes, counts))
    return Shapes(coords, parts.astype(np.int64), assets.astype(np.int64))


def map_of(store: Store, state: CityState) -> "CityMap":
    """Return the map of a city, made once for each state of it."""
    moment = state.network.as_of
    day = date.fromisoformat(moment[:10]) if moment else None
    return state.once("map", lambda: CityMap(state, conduit_facts(store, state, day)))


class CityMap:
    """The layers of one city, made once and cut into tiles on demand."""

    def __init__(self, state: CityState, facts: ConduitFacts) -> None:
        """Keep what the layers are made from; nothing is made before it is asked for."""
        self.state = state
        self.facts = facts

    def _drawn(
        self, name: str, kind: str, tables: list[Assets], columns: dict[str, npt.NDArray[np.object_]]
    ) -> DrawnLayer:
        shapes = self.state.placed(joined([table.shapes for table in tables]), MERCATOR)
        ids = np.concatenate([np.empty(0, object), *(table.ids for table in tables)])
        types = np.concatenate(
            [np.empty(0, object), *(np.full(len(table), table.type, object) for table in tables)]
        )
        weight = columns.get("height", np.zeros(len(ids))).astype(np.float64)
        made = layer(
            name,
            kind,
            (shapes.coords, shapes.parts, shapes.assets),
            np.arange(len(ids)),
            {"id": ids, "type": types, **columns},
        )
        return DrawnLayer(made, TileIndex.of(bounds(shapes)), np.nan_to_num(weight))

    @cached_property
    def links(self) -> DrawnLayer:
        """Return all links with what the map colours them by."""
        tables = [self.state.network.table(name) for name in types_of("link")]
        columns: dict[str, npt.NDArray[np.object_]] = {
            name: np.concatenate([column_or_missing(table, name, kind) for table in tables])
            for name, kind in (
                ("system", "code"),
                ("height", "number"),
                ("material", "code"),
                ("name", "text"),
            )
        }
        conduits = [table.type == "conduit" for table in tables]
        for name, values in self.facts.columns().items():
            columns[name] = np.concatenate(
                [
                    values if own else np.full(len(table), np.nan)
                    for own, table in zip(conduits, tables, strict=True)
                ]
            )
        return self._drawn("link", "line", tables, columns)

    @cached_property
    def nodes(self) -> DrawnLayer:
        """Return all nodes."""
        tables = [self.state.network.table(name) for name in types_of("node")]
        system = np.concatenate([column_or_missing(table, "system", "code") for table in tables])
        names = np.concatenate([column_or_missing(table, "name", "text") for table in tables])
        rank = np.concatenate(
            [np.full(len(table), float(table.type in {"plant", "station"})) for table in tables]
        )
        return self._drawn("node", "point", tables, {"system": system, "name": names, "height": rank})

    @cached_property
    def places(self) -> DrawnLayer:
        """Return drainage users, meters, gauges and other places."""
        tables = [self.state.network.table(name) for name in types_of("place")]
        names = np.concatenate([column_or_missing(table, "name", "text") for table in tables])
        return self._drawn("place", "point", tables, {"name": names})

    @cached_property
    def areas(self) -> DrawnLayer:
        """Return zones and catchments."""
        tables = [self.state.network.table(name) for name in ("zone", "catchment")]
        kinds = np.concatenate([column_or_missing(table, "kind", "code") for table in tables])
        names = np.concatenate([column_or_missing(table, "name", "text") for table in tables])
        return self._drawn("area", "polygon", tables, {"kind": kinds, "name": names})

    @cached_property
    def rivers(self) -> DrawnLayer:
        """Return river reaches."""
        table = self.state.network.table("reach")
        return self._drawn(
            "river", "line", [table], {"name": table.column("name"), "river": table.column("river")}
        )

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return one tile, gzipped; empty bytes when nothing shows in it."""
        tile = Tile(z, x, y)
        shown = [self.areas, self.rivers, self.links]
        if z >= NODES_FROM:
            shown.append(self.nodes)
        if z >= PLACES_FROM:
            shown.append(self.places)
        if z < NODES_FROM:
            shown.append(self._main_nodes)
        body = b"".join(self._cut(entry, tile) for entry in shown)
        return igzip.compress(body, 1) if body else b""

    @cached_property
    def _main_nodes(self) -> DrawnLayer:
        """Return the plants, stations and outfalls: what is shown of the nodes from far away."""
        tables = [self.state.network.table(name) for name in ("plant", "station", "outfall")]
        names = np.concatenate([column_or_missing(table, "name", "text") for table in tables])
        return self._drawn("node", "point", tables, {"name": names})

    @staticmethod
    def _cut(drawn: DrawnLayer, tile: Tile) -> bytes:
        rows = drawn.index.of_tile(tile)
        if tile.z < THIN_BELOW and len(rows) > LINKS_AT_MOST:
            widest = np.argsort(-drawn.weight[rows], kind="stable")[:LINKS_AT_MOST]
            rows = np.sort(rows[widest])
        return encode_layer(drawn.made, rows, tile) if len(rows) else b""
