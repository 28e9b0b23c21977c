"""How shapes become well-known binary and come back, all assets at once."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes, geometries_from

_POINTS = (GeometryType.POINT,)
_LINES = (GeometryType.LINESTRING, GeometryType.MULTILINESTRING)
_POLYGONS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)


def wkb_from(shapes: Shapes, geometry: str) -> list[bytes | None]:
    """Return the well-known binary (little endian, 2D) of every asset, None where it has no shape.

    Raises
    ------
    BadInput
        A coordinate is not finite, or the coordinates make no geometry of this kind. Facts: row.
    """
    if not np.isfinite(shapes.coords).all():
        coordinate = int(np.flatnonzero(~np.isfinite(shapes.coords).all(axis=1))[0])
        part = int(np.searchsorted(shapes.parts, coordinate, side="right")) - 1
        row = int(np.searchsorted(shapes.assets, part, side="right")) - 1
        raise BadInput("shape", row=row, geometry=geometry)
    try:
        made = geometries_from(shapes, geometry)
    except (shapely.errors.GEOSException, ValueError):
        raise BadInput("shape", row=_first_impossible(shapes, geometry), geometry=geometry) from None
    lost = np.flatnonzero(shapely.is_missing(made) & (np.diff(shapes.assets) > 0))
    if len(lost):
        raise BadInput("shape", row=int(lost[0]), geometry=geometry)
    return shapely.to_wkb(made, byte_order=1, output_dimension=2).tolist()  # type: ignore[no-any-return]


def _first_impossible(shapes: Shapes, geometry: str) -> int:
    for row in range(len(shapes)):
        try:
            geometries_from(shapes.take(np.array([row])), geometry)
        except (shapely.errors.GEOSException, ValueError):
            return row
    return 0


def shapes_of(wkb: npt.NDArray[np.object_]) -> Shapes:
    """Return the shapes that well-known binary holds; None is an asset without a shape."""
    made = shapely.from_wkb(wkb)
    there = ~(shapely.is_missing(made) | shapely.is_empty(made))
    if not there.any():
        return Shapes.empty(len(wkb))
    coords, parts, owners = _ragged(made[there])
    counts = np.zeros(len(wkb), dtype=np.int64)
    counts[there] = owners
    return Shapes(coords, parts, np.concatenate([[0], np.cumsum(counts)]))


def _ragged(
    made: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return coordinates, offsets of the parts, and the number of parts of each geometry."""
    kinds = np.unique(shapely.get_type_id(made))
    if np.isin(kinds, _POINTS).all():
        return shapely.get_coordinates(made), np.arange(len(made) + 1), np.ones(len(made), dtype=np.int64)
    if np.isin(kinds, _LINES).all() or np.isin(kinds, _POLYGONS).all():
        _, coords, offsets = shapely.to_ragged_array(made, include_z=False)
        parts, *above = (np.asarray(offset, dtype=np.int64) for offset in offsets)
        owners = np.arange(len(parts))
        for offset in above:
            owners = owners[offset]
        return coords, parts, np.diff(owners)
    pieces = [_ragged(made[row : row + 1]) for row in range(len(made))]  # kinds mixed: rare
    sizes = np.concatenate([np.diff(parts) for _, parts, _ in pieces])
    return (
        np.concatenate([coords for coords, _, _ in pieces]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([owners for _, _, owners in pieces]),
    )


def with_srid(wkb: bytes | None, srid: int) -> bytes | None:
    """Return the extended form that tells PostGIS the coordinate system; unchanged when it is 0."""
    if wkb is None or not srid:
        return wkb
    kind = int.from_bytes(wkb[1:5], "little") | 0x20000000
    return b"\x01" + kind.to_bytes(4, "little") + srid.to_bytes(4, "little") + wkb[5:]


def srid_of(crs: str) -> int:
    """Return the number of an EPSG coordinate system, 0 when it is another or not known."""
    authority, _, number = crs.upper().partition(":")
    return int(number) if authority == "EPSG" and number.isdecimal() and int(number) <= 998999 else 0
