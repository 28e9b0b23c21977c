"""How is a network handed over as a GeoPackage, a Shapefile or GeoJSON, so that it comes back whole?

Fields go out under their own names in SI, unknown columns under the names they came with. Where a
format cannot keep a name (ten bytes in a Shapefile, one case in a GeoPackage) the field map that
leads back goes along: inside a GeoPackage, beside the others.
"""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyproj import Transformer

from wenqu.errors import Refused
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap, LayerMap, fieldmap_text, write_fieldmap
from wenqu.network.formats.reading import KEY, TYPE_COLUMN
from wenqu.network.geometry import Shapes, geometries_from
from wenqu.network.model import Assets, Network
from wenqu.network.schema import asset_type

OGR_SHAPES = {"point": "Point", "line": "LineString", "polygon": "Polygon", "none": "None"}
DBASE_BYTES, DBASE_LARGEST, DBASE_STEP = 254, 1e22, 0.5e-15  # of a text, of a number, behind its point
DBASE_INTEGER = 10**18  # a whole number of 19 digits becomes another
KEPT = 1e-9  # share of a number that a table may lose
DEGREES = 1e-9  # GeoJSON coordinates are rounded to about 0.1 mm


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One table under the names that the format can keep."""

    table: pa.Table
    map: LayerMap

    def as_text(self) -> LayerMap:
        """Return the map for a format that keeps neither shapes nor the kind of a column."""
        kinds = {name: _kind(self.table.schema.field(name).type) for name in self.map.extra}
        places = {"wkt": "geometry"} if "geometry" in self.table.column_names else {}
        return replace(self.map, places=places, kinds=kinds)


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_floating(type_):
        return "number"
    if pa.types.is_integer(type_):
        return "integer"
    return "boolean" if pa.types.is_boolean(type_) else "text"


def used(network: Network) -> list[Assets]:
    """Return the tables that hold assets."""
    return [table for table in network.tables.values() if len(table)]


def write_geopackage(path: Path, network: Network) -> list[Path]:
    """Write one layer for each asset type, with the field map in the file's metadata."""
    path.unlink(missing_ok=True)
    made = [(table, outgoing(table, limit=0)) for table in used(network)]
    text = fieldmap_text(FieldMap(tuple(entry.map for _, entry in made)))
    for first, (table, entry) in enumerate(made):
        write_arrow(
            path,
            entry.table,
            table,
            network.city.crs,
            driver="GPKG",
            append=first > 0,
            layer=table.type,
            dataset_metadata={KEY: text},
        )
    return [path]


def write_shapefile(path: Path, network: Network) -> list[Path]:
    """Write one Shapefile for each asset type (``<stem>-<type>.shp``; one type: ``<stem>.shp``), in UTF-8.

    Types without shapes become a bare table (.dbf). Beside each lies the field map that gives back the
    names of more than ten bytes.
    """
    tables, written = used(network), []
    for table in tables:
        own = path if len(tables) == 1 else path.with_name(f"{path.stem}-{table.type}.shp")
        own = own.with_suffix(".dbf" if asset_type(table.type).geometry == "none" else ".shp")
        entry = outgoing(table, limit=10, layer=own.stem)
        demand_short(table, entry.table, DBASE_BYTES, "Shapefile")
        write_arrow(own, entry.table, table, network.city.crs, driver="ESRI Shapefile", encoding="UTF-8")
        beside = own.with_suffix(".fieldmap.json")
        write_fieldmap(beside, FieldMap((entry.map,)))
        written += [own, beside]
    return written


def write_geojson(path: Path, network: Network) -> list[Path]:
    """Write one collection in WGS 84 (RFC 7946); each feature says its ``asset_type``.

    Raises
    ------
    Refused
        The city's coordinate system is not known.
    """
    if not network.city.crs:
        raise Refused("crs-unknown", city=network.city.code, format="GeoJSON")
    turn = Transformer.from_crs(network.city.crs, "EPSG:4326", always_xy=True)
    features, maps = [], []
    for table in used(network):
        entry = outgoing(table, limit=0, layer=table.type)
        maps.append(entry.map)
        columns = [name for name in entry.table.column_names if name != "geometry"]
        x, y = (
            turn.transform(*table.shapes.coords.T) if len(table.shapes.coords) else (np.empty(0), np.empty(0))
        )
        shapes = table.shapes.with_coords(np.round(np.column_stack([x, y]) / DEGREES) * DEGREES)
        drawn = shapely.to_geojson(geometries_from(shapes, asset_type(table.type).geometry))
        for row, shape in zip(entry.table.select(columns).to_pylist(), drawn, strict=True):
            about = {TYPE_COLUMN: table.type} | {
                key: value for key, value in row.items() if value is not None
            }
            body = orjson.Fragment(shape) if shape is not None else None
            features.append({"type": "Feature", "properties": about, "geometry": body})
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    beside = path.with_suffix(".fieldmap.json")
    write_fieldmap(beside, FieldMap(tuple(maps)))
    return [path, beside]


def outgoing(table: Assets, limit: int, layer: str = "") -> Outgoing:
    """Return a table for Arrow, its columns named so that the format can keep them apart."""
    kinds = {entry.name: entry.kind for entry in asset_type(table.type).fields}
    taken = {"fid", "ogc_fid", "geom", "geometry", "wkb_geometry", TYPE_COLUMN}
    id_ = _name("id", taken, limit)
    columns: dict[str, pa.Array] = {id_: without_nul(pa.array(table.ids, pa.string()))}
    fields = []
    for name, values in table.fields.items():
        made = _arrow(values, kinds[name], limit > 0)
        if made.null_count < len(made):  # a field that nobody filled is no column
            own = _name(name, taken, limit)
            columns[own] = made
            fields.append(ColumnMap(name, own))
    extra, spelt = dict[str, str](), dict[str, str]()
    for name, values in table.extra.items():
        own = _name(name, taken, limit)
        columns[own] = _arrow(values, "", limit > 0)
        extra[own] = name
    if limit:
        written = {name: _spelt(column) for name, column in columns.items()}
        changed = [name for name in extra if written[name] is not columns[name]]
        spelt = {name: _kind(columns[name].type) for name in changed}
        columns = written
    geometry = asset_type(table.type).geometry
    if geometry != "none":
        columns["geometry"] = pa.array(list(shapely.to_wkb(_drawn(table, geometry))), pa.binary())
    return Outgoing(
        pa.table(columns),
        LayerMap(layer or table.type, table.type, id_, tuple(fields), "", extra, kinds=spelt),
    )


def _spelt(column: pa.Array) -> pa.Array:
    """Return a column of numbers as text where the table of a Shapefile would spoil one of them."""
    if pa.types.is_integer(column.type):
        low, high = pc.min(column).as_py(), pc.max(column).as_py()
        return column if max(abs(low or 0), abs(high or 0)) < DBASE_INTEGER else column.cast(pa.string())
    if not pa.types.is_floating(column.type):
        return column
    size = np.abs(np.nan_to_num(column.to_numpy(zero_copy_only=False)))
    if ((size < DBASE_LARGEST) & ((size == 0) | (size > DBASE_STEP / KEPT))).all():
        return column
    return pa.array([None if value is None else repr(value) for value in column.to_pylist()], pa.string())


def demand_short(assets: Assets, table: pa.Table, most: int, kind: str, *, letters: bool = False) -> None:
    """Refuse a table of which a text is longer than a format keeps, rather than cut it.

    Raises
    ------
    Refused
        It is; the first such text is named.
    """
    count = pc.utf8_length if letters else pc.binary_length
    for name in table.column_names:
        column = table.column(name)
        if not pa.types.is_string(column.type):
            continue
        sizes = count(column).fill_null(0).to_numpy()
        if len(sizes) and sizes.max() > most:
            id_ = str(assets.ids[int(sizes.argmax())])
            raise Refused("cell-long", type=assets.type, id=id_, column=name, format=kind, most=most)


def _several(table: Assets) -> bool:
    """Tell whether a shape of the table may need a multi-part geometry."""
    return bool((np.diff(table.shapes.assets) > 1).any())


def _drawn(table: Assets, geometry: str) -> npt.NDArray[np.object_]:
    """Return the geometries of a table, all multi-part ones if one of them is."""
    made = geometries_from(table.shapes, geometry)
    if not _several(table):
        return made
    many = shapely.MultiPolygon if geometry == "polygon" else shapely.MultiLineString
    for row, shape in enumerate(made):
        if shape is not None and not hasattr(shape, "geoms"):
            made[row] = many([shape])
    return made


def _name(name: str, taken: set[str], limit: int) -> str:
    """Return a name that the format keeps and nobody else has."""
    own = _shortened(name, limit)
    number = 2
    while own.casefold() in taken:
        tail = f"_{number}"
        own = _shortened(name, limit - len(tail) if limit else 0) + tail
        number += 1
    taken.add(own.casefold())
    return own


def _shortened(name: str, limit: int) -> str:
    if not limit:
        return name
    return name.replace(":", "_").encode()[:limit].decode(errors="ignore")  # as GDAL would write a colon


def _arrow(values: Any, kind: str, narrow: bool) -> pa.Array:
    """Return a column for Arrow; ``narrow`` formats have no booleans and no mixed columns."""
    if kind == "boolean":
        flags = pa.array(values, pa.int8(), mask=values < 0)
        return flags.cast(pa.int32()) if narrow else flags.cast(pa.bool_())
    if kind in {"number", "integer"} or values.dtype != object:
        return pa.array(values, from_pandas=True)
    there = {type(value) for value in values if value is not None}
    if len(there) > 1 and not there <= {int, float}:
        texts = pa.array([None if value is None else str(value) for value in values], pa.string())
        return without_nul(texts)
    made = pa.array(values, from_pandas=True)
    made = made.cast(pa.string()) if pa.types.is_null(made.type) else made
    return without_nul(made) if pa.types.is_string(made.type) else made


def without_nul(texts: pa.Array) -> pa.Array:
    """Return texts that no format cuts off, and no reader takes for something else than text."""
    return pc.replace_substring(texts, "\0", "") if pc.any(pc.match_substring(texts, "\0")).as_py() else texts


def write_arrow(path: Path, table: pa.Table, assets: Assets, crs: str, **how: Any) -> None:
    """Write one table of assets as one layer, through GDAL."""
    geometry = asset_type(assets.type).geometry
    shape = ("Multi" if _several(assets) else "") + OGR_SHAPES[geometry]
    named = {"geometry_name": "geometry", "geometry_type": shape} if geometry != "none" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a city whose coordinate system is not known
        pyogrio.write_arrow(table, path, crs=crs or None, **named, **how)


def reprojected(shapes: Shapes, from_crs: str, to_crs: str) -> Shapes:
    """Return shapes in another coordinate system (x to the east, y to the north)."""
    if not len(shapes.coords) or from_crs == to_crs:
        return shapes
    turn = Transformer.from_crs(from_crs, to_crs, always_xy=True)
    return shapes.with_coords(np.column_stack(turn.transform(*shapes.coords.T)))
