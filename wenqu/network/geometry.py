"""Where things lie: coordinates as arrays, Shapely only at the border."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of n assets: coordinates, parts and owners, two offset arrays deep.

    A point has one part of one coordinate, a line one part, a polygon one part a ring. A ring that
    runs counter-clockwise opens a new polygon, clockwise ones are its holes. An asset without a
    shape has no part.
    """

    coords: Floats  # (m, 2) in the city's coordinate system
    parts: Ints  # (p + 1,) part → coordinates
    assets: Ints  # (n + 1,) asset → parts

    def __len__(self) -> int:
        """Return the number of assets."""
        return len(self.assets) - 1

    @staticmethod
    def empty(size: int) -> "Shapes":
        """Return the shapes of ``size`` assets that have none."""
        return Shapes(np.empty((0, 2)), np.zeros(1, np.int64), np.zeros(size + 1, np.int64))

    @staticmethod
    def points(coords: Floats) -> "Shapes":
        """Return one point an asset; NaN coordinates mean that it has no shape."""
        there = ~np.isnan(coords).any(axis=1)
        kept = np.ascontiguousarray(coords[there], dtype=np.float64)
        return Shapes(
            kept, np.arange(len(kept) + 1), np.concatenate([[0], np.cumsum(there)]).astype(np.int64)
        )

    @staticmethod
    def lines(coords: Floats, starts: Ints) -> "Shapes":
        """Return one line an asset from coordinates and their offsets (n + 1)."""
        filled = np.diff(starts) > 0
        parts = np.concatenate([starts[:-1][filled], starts[-1:]]).astype(np.int64)
        return Shapes(coords, parts, np.concatenate([[0], np.cumsum(filled)]).astype(np.int64))

    def take(self, rows: Ints) -> "Shapes":
        """Return the shapes of some assets, in the order asked for."""
        part_rows, assets = _gather(self.assets, rows)
        coord_rows, parts = _gather(self.parts, part_rows)
        return Shapes(self.coords[coord_rows], parts, assets)

    def of(self, row: int) -> Floats:
        """Return all coordinates of one asset, (k, 2)."""
        first, last = self.parts[self.assets[row]], self.parts[self.assets[row + 1]]
        return self.coords[first:last]

    def with_coords(self, coords: Floats) -> "Shapes":
        """Return the same shapes elsewhere (another coordinate system)."""
        return Shapes(coords, self.parts, self.assets)


def _gather(offsets: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the items that belong to ``rows`` and their new offsets."""
    sizes = offsets[rows + 1] - offsets[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    items = np.arange(starts[-1]) + np.repeat(offsets[rows] - starts[:-1], sizes)
    return items, starts


def bounds(shapes: Shapes) -> Floats:
    """Return the box of every asset as (n, 4): x lowest, y lowest, x highest, y highest; NaN if none."""
    from wenqu.network.boxes import boxes  # compiled: whoever draws nothing does not wait for it

    return boxes(np.ascontiguousarray(shapes.coords, np.float64), shapes.parts[shapes.assets])


def centres(shapes: Shapes) -> Floats:
    """Return one point for each asset, (n, 2): the point, the middle vertex, or the box's middle."""
    boxes = bounds(shapes)
    return np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])


def drawn_alike(one: Shapes, other: Shapes, near: float = 0.0) -> npt.NDArray[np.bool_]:
    """Return which assets have the same parts and vertices, none further apart than ``near``. (n,)"""
    first = [shapes.parts[shapes.assets] for shapes in (one, other)]
    sizes = [np.diff(starts) for starts in first]
    alike: npt.NDArray[np.bool_] = (sizes[0] == sizes[1]) & (np.diff(one.assets) == np.diff(other.assets))
    same = np.flatnonzero(alike & (sizes[0] > 0))
    if len(same):
        count = sizes[0][same]
        owner = np.repeat(np.arange(len(same)), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        left = one.coords[np.repeat(first[0][same], count) + within]
        right = other.coords[np.repeat(first[1][same], count) + within]
        near_by = (np.abs(left - right) <= near) | (np.isnan(left) & np.isnan(right))
        alike[same[np.unique(owner[~near_by.all(axis=1)])]] = False
    return alike


def line_lengths(shapes: Shapes) -> Floats:
    """Return the drawn length of every asset's line, NaN where there is none. [m]"""
    lengths = np.full(len(shapes), np.nan)
    if not len(shapes.coords):
        return lengths
    steps = np.append(np.hypot(*np.diff(shapes.coords, axis=0).T), 0.0)
    steps[shapes.parts[1:] - 1] = 0.0  # from the end of a part nothing leads on
    starts, ends = shapes.parts[shapes.assets[:-1]], shapes.parts[shapes.assets[1:]]
    there = ends > starts
    # Line by line: the same line has the same length to the last digit wherever it stands in a table.
    lengths[there] = np.add.reduceat(steps, starts[there])
    return lengths


def shapes_from(geometries: npt.NDArray[np.object_]) -> Shapes:
    """Return the shapes of Shapely geometries; None and empty ones become assets without a shape.

    Multi-part lines keep their parts, polygons are turned so that outer rings run counter-clockwise.
    """
    polygons = shapely.orient_polygons(geometries, exterior_cw=False)
    rings, owners = [], []
    for owner, geometry in enumerate(polygons):
        for part in _parts_of(geometry):
            rings.append(part)
            owners.append(owner)
    sizes = np.array([len(ring) for ring in rings], dtype=np.int64)
    coords = np.concatenate(rings) if rings else np.empty((0, 2))
    counts = np.bincount(np.array(owners, dtype=np.int64), minlength=len(polygons))
    return Shapes(
        coords,
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def _parts_of(geometry: shapely.Geometry | None) -> list[Floats]:
    if geometry is None or geometry.is_empty:
        return []
    if geometry.geom_type == "Polygon":
        return [shapely.get_coordinates(ring) for ring in (geometry.exterior, *geometry.interiors)]
    if hasattr(geometry, "geoms"):
        return [part for piece in geometry.geoms for part in _parts_of(piece)]
    return [shapely.get_coordinates(geometry)]


def geometries_from(shapes: Shapes, geometry: str) -> npt.NDArray[np.object_]:
    """Return Shapely geometries of a kind (point, line, polygon); None where an asset has none."""
    made = np.full(len(shapes), None, dtype=object)
    counts = np.diff(shapes.assets)
    single = np.flatnonzero(counts == 1)
    first = shapes.assets[single]
    if geometry == "point":
        made[single] = shapely.points(shapes.coords[shapes.parts[first]])
    elif geometry == "line":
        sizes = shapes.parts[first + 1] - shapes.parts[first]
        long_enough = single[sizes >= 2]
        if len(long_enough):
            rows, starts = _gather(shapes.parts, shapes.assets[long_enough])
            owner = np.repeat(np.arange(len(long_enough)), np.diff(starts))
            made[long_enough] = shapely.linestrings(shapes.coords[rows], indices=owner)
    many = np.flatnonzero(counts > (0 if geometry == "polygon" else 1))
    for row in many:
        spans = range(shapes.assets[row], shapes.assets[row + 1])
        parts = [shapes.coords[shapes.parts[span] : shapes.parts[span + 1]] for span in spans]
        made[row] = _polygon(parts) if geometry == "polygon" else shapely.MultiLineString(parts)
    return made


def _polygon(rings: list[Floats]) -> shapely.Geometry:
    outers: list[tuple[Floats, list[Floats]]] = []
    for ring in rings:
        if not outers or shapely.is_ccw(shapely.linearrings(ring)):
            outers.append((ring, []))
        else:
            outers[-1][1].append(ring)
    polygons = [shapely.Polygon(outer, holes) for outer, holes in outers]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
