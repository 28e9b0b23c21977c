"""Where does each statement of a register lie? At the asset that it names; drawn as GeoPackage or GeoJSON."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyogrio
import shapely
from pyproj import Transformer

from wenqu.errors import Refused
from wenqu.network.formats.writing import without_nul
from wenqu.network.geometry import geometries_from
from wenqu.network.model import Column, Network
from wenqu.network.schema import asset_type, asset_types
from wenqu.services.register_tables import Rows

Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
NAMING = ("asset", "conduit", "assets")
SEVERAL = "; "  # between the assets of a cell
DECIMALS = 9  # of degrees


def drawn_records(rows: Rows, order: Ints, names: Sequence[str], kind: str) -> bytes:
    """Return the chosen rows and columns as one layer: what is stored, each row with the shape of its assets.

    Rows that name no asset, or one that is not in the network, have no shape.

    Raises
    ------
    Refused
        GeoJSON needs degrees, and the city's coordinate system is not known (``crs-unknown``).
    """
    network = rows.state.network
    shapes = shapes_of_rows(rows, order)
    if kind == "geojson":
        return _geojson(rows, order, names, shapes)
    columns = {name: _arrow(rows.column(name)[order]) for name in names}
    drawn = any(shape is not None for shape in shapes)
    if drawn:
        columns["geometry"] = pa.array(list(shapely.to_wkb(shapes)), pa.binary())
    how = {"geometry_name": "geometry", "geometry_type": "Unknown"} if drawn else {}
    with TemporaryDirectory(prefix="wenqu-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a city whose coordinate system is not known
        path = Path(folder) / "register.gpkg"
        layer = rows.register.name.replace("-", "_")
        pyogrio.write_arrow(
            pa.table(columns), path, driver="GPKG", layer=layer, crs=network.city.crs or None, **how
        )
        return path.read_bytes()


def _arrow(column: Column) -> pa.Array:
    if column.dtype == np.int8:
        return pa.array(column, pa.int8(), mask=column < 0).cast(pa.bool_())
    if column.dtype != object:
        return pa.array(column, from_pandas=True)
    return without_nul(pa.array([None if value is None else str(value) for value in column], pa.string()))


def shapes_of_rows(rows: Rows, order: Ints) -> Shapes:
    """Return the shape of each of some rows in the city's coordinate system, None where it has none. (n,)"""
    network = rows.state.network
    placed: list[list[tuple[str, int]]] = [[] for _ in order]
    for name in NAMING:
        if any(entry.name == name for entry in rows.register.fields):
            for at, cell in enumerate(rows.column(name)[order]):
                if cell and not placed[at]:
                    types = _types(rows, int(order[at]))
                    some = (_place(network, one, types) for one in str(cell).split(SEVERAL))
                    placed[at] = [place for place in some if place]
    known = _drawn(network, {place for places in placed for place in places})
    made = np.full(len(order), None, dtype=object)
    for at, places in enumerate(placed):
        shapes = [known[place] for place in places if known[place] is not None]
        if shapes:
            made[at] = shapes[0] if len(shapes) == 1 else _together(shapes)
    return made


def _place(network: Network, name: str, types: Sequence[str]) -> tuple[str, int] | None:
    """Return type and row of an asset, written type/id or id."""
    own, _, id_ = name.rpartition("/")
    for type_ in [own] if own else types:
        row = network.known_row(type_, id_)
        if row is not None:
            return type_, row
    return None


def _drawn(network: Network, places: set[tuple[str, int]]) -> dict[tuple[str, int], shapely.Geometry | None]:
    """Return the geometry of each asset, drawn type by type."""
    found: dict[tuple[str, int], shapely.Geometry | None] = {}
    for type_ in {type_ for type_, _ in places}:
        at = sorted(row for of, row in places if of == type_)
        shapes = geometries_from(network.table(type_).shapes.take(np.array(at)), asset_type(type_).geometry)
        found |= {(type_, row): shape for row, shape in zip(at, shapes, strict=True)}
    return found


def _types(rows: Rows, row: int) -> list[str]:
    for name in ("asset_type", "type"):
        if any(entry.name == name for entry in rows.register.fields):
            told = rows.column(name)[row]
            return [str(told)] if told else []
    return ["conduit", *(name for name in asset_types() if name != "conduit")]


def _together(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    if {shape.geom_type for shape in shapes} == {"LineString"}:
        return shapely.MultiLineString(shapes)
    return shapely.GeometryCollection(shapes)


def _geojson(rows: Rows, order: Ints, names: Sequence[str], shapes: Shapes) -> bytes:
    city = rows.state.network.city
    if not city.crs:
        raise Refused("crs-unknown", city=city.code, format="GeoJSON")
    turn = Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    table = [_arrow(rows.column(name)[order]).to_pylist() for name in names]
    features = []
    for at, shape in enumerate(shapes):
        about = {name: cells[at] for name, cells in zip(names, table, strict=True) if cells[at] is not None}
        turned = None
        if shape is not None:
            turned = shapely.transform(
                shape, lambda xy: np.round(np.column_stack(turn.transform(*xy.T)), DECIMALS)
            )
        body = orjson.Fragment(shapely.to_geojson(turned)) if turned is not None else None
        features.append({"type": "Feature", "properties": about, "geometry": body})
    return orjson.dumps({"type": "FeatureCollection", "features": features})
