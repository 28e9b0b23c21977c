"""A layer of the map: shapes, attributes and index of some assets, made once and cut into tiles."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.geometry import Floats, Shapes, bounds
from wenqu.network.model import Assets, Column, missing_column
from wenqu.network.quick_places import quickly
from wenqu.network.schema import asset_type
from wenqu.network.shifted_maps import gcj02_from_wgs84
from wenqu.protocols.mvt import Layer, encode_layer, layer
from wenqu.protocols.tiles import HALF_WORLD, Tile, TileIndex, along_curve
from wenqu.services.city_state import CityState

MERCATOR = "EPSG:3857"
THIN_BELOW = 14  # zoom under which a tile may be too full
UNLIKE = frozenset({"id"})  # columns whose values differ
CELLS = 2**20  # tiles of a zoom that are counted in a table
AT_MOST = 12_000  # assets of a layer in one thinned tile: about 250 kB as sent
Ints = npt.NDArray[np.int64]


def column_or_missing(table: Assets, name: str, kind: str) -> Column:
    """Return a column, or missing values where the type has no such field."""
    known = {entry.name for entry in asset_type(table.type).fields}
    return table.column(name) if name in known else missing_column(kind, len(table))


def joined(shapes: list[Shapes]) -> Shapes:
    """Return the shapes of several tables one after another."""
    filled = [entry for entry in shapes if len(entry)]
    if len(filled) == 1:
        return filled[0]
    coords = np.concatenate([np.empty((0, 2)), *(entry.coords for entry in shapes)])
    sizes = [np.empty(0, np.int64), *(np.diff(entry.parts) for entry in shapes)]
    counts = [np.empty(0, np.int64), *(np.diff(entry.assets) for entry in shapes)]
    parts, assets = (np.concatenate([[0], np.cumsum(np.concatenate(each))]) for each in (sizes, counts))
    return Shapes(coords, parts.astype(np.int64), assets.astype(np.int64))


def display_place(state: CityState, datum: str) -> Callable[[Floats], Floats]:
    """Return how coordinates of the city come to Web-Mercator metres of a map in ``datum``.

    A base map in GCJ-02 is drawn shifted by hundreds of metres: every vertex of ours follows it there.
    """
    if datum != "gcj02":
        return lambda coords: quickly(lambda some: state.place(some, MERCATOR), coords)

    def shifted(coords: Floats) -> Floats:
        degrees = gcj02_from_wgs84(state.place(coords, "EPSG:4326"))
        x = degrees[:, 0] / 180 * HALF_WORLD
        y = np.arctanh(np.sin(np.radians(degrees[:, 1]))) / np.pi * HALF_WORLD
        return np.column_stack([x, y])

    return shifted  # its shift is no smooth function: every place by itself


@dataclass(frozen=True)
class DrawnLayer:
    """A layer of the map with its index. n assets."""

    made: Layer
    boxes: Floats  # (n, 4) [m] Web-Mercator
    index: TileIndex
    weight: Floats  # (n,) what is kept first when a tile is too full

    def cut(self, tile: Tile) -> bytes:
        """Return this layer of one tile; empty bytes when nothing shows in it."""
        rows = self.index.of_tile(tile)
        if tile.z < THIN_BELOW and len(self.weight) > AT_MOST:
            rows = rows[self.weight[rows] > self.threshold(tile.z)]
        return encode_layer(self.made, rows, tile) if len(rows) else b""

    @cached_property
    def _thresholds(self) -> dict[int, float]:
        return {}

    def threshold(self, z: int) -> float:
        """Return the weight above which assets are drawn at one zoom: the fullest tile decides for all.

        One threshold for the whole city keeps a trunk whole where it passes from tile to tile.
        """
        if z not in self._thresholds:
            self._thresholds[z] = _threshold(self.boxes, self.weight, z)
        return self._thresholds[z]


def _threshold(boxes: Floats, weight: Floats, z: int) -> float:
    side = 2 * HALF_WORLD / 2**z
    there = np.flatnonzero(~np.isnan(boxes[:, 0]))
    middle = (boxes[there, :2] + boxes[there, 2:]) / 2 / side
    cells = np.floor(middle).astype(np.int64)
    low, high = (cells.min(axis=0), cells.max(axis=0)) if len(cells) else (np.zeros(2, np.int64),) * 2
    wide, tall = (high - low + 1).tolist()
    if 0 < wide * tall <= CELLS:
        of = ((cells[:, 0] - low[0]) * tall + cells[:, 1] - low[1]).astype(np.int32)
    else:  # a place gone astray
        _, of = np.unique((cells[:, 0] << 32) + cells[:, 1], return_inverse=True)
    full = np.flatnonzero(np.bincount(of) > AT_MOST)
    worst = -np.inf
    for one in full:  # a handful: only tiles that are too full
        inside = weight[there[of == one]]
        worst = max(worst, float(np.partition(inside, len(inside) - AT_MOST)[len(inside) - AT_MOST]))
    return worst


def drawn(
    place: Callable[[Floats], Floats],
    about: tuple[str, str],
    tables: list[Assets],
    columns: dict[str, Column],
    weight: Floats | None = None,
) -> DrawnLayer:
    """Return a layer of the assets of some tables.

    Parameters
    ----------
    place
        How their coordinates come to Web-Mercator metres.
    about
        Name of the layer; point, line or polygon.
    columns
        What the tiles carry beside id and type, one value an asset.
    weight
        What is kept first when a tile is too full.
    """
    shapes = joined([table.shapes for table in tables])
    shapes = shapes.with_coords(place(shapes.coords)) if len(shapes.coords) else shapes
    filled = [table for table in tables if len(table)]
    ids = np.concatenate([np.empty(0, object), *(table.ids for table in filled)])
    each = np.repeat(np.arange(len(filled), dtype=np.int32), [len(table) for table in filled])
    types = pa.DictionaryArray.from_arrays(each, pa.array([table.type for table in filled], pa.string()))
    boxes = bounds(shapes)
    order = along_curve(boxes)  # what one tile needs then lies together in memory
    shapes, boxes = shapes.take(order), boxes[order]
    told = {"id": ids, "type": types, **columns}
    made = layer(*about, (shapes.coords, shapes.parts, shapes.assets), order, told, order, UNLIKE)
    kept_first = np.zeros(len(ids)) if weight is None else np.nan_to_num(weight)[order]
    return DrawnLayer(made, boxes, TileIndex.of(boxes), kept_first)
