"""What stands in the layers of a GIS file, before anybody says what it means?"""

import re
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from wenqu.errors import BadInput, FileMissing, FileUnreadable
from wenqu.network.formats.encodings import Encoding, encoding_of_dbf
from wenqu.network.formats.geopackage import read_geopackage
from wenqu.network.formats.shapefile import read_quickly
from wenqu.network.formats.shapefile_parts import as_many_as_there_are, demand_whole, rows_lacking
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import Shapes

BYTES = "ISO-8859-1"  # reads each byte as a letter
GEOJSON = {".geojson", ".json"}
NAMING = re.compile(rb'"crs"\s*:\s*\{')  # of a GeoJSON that names its system, as before RFC 7946
LOOKED_AT = 1 << 16  # bytes at either end of a GeoJSON
SIGN = "\ufffd"  # stands for bytes that are no text


@dataclass(frozen=True, slots=True)
class RawLayer:
    """One layer as delivered: n rows."""

    file: str
    name: str
    columns: dict[str, pa.Array]  # as the file types them
    shapes: Shapes
    kinds: npt.NDArray[Any]  # (n,) point, line, polygon or "" of each row
    rows: npt.NDArray[np.int64]  # (n,) row in the file, counted from 1
    crs: str  # "EPSG:4549", or WKT of one without a number, "" when the file names none
    encoding: Encoding | None = None  # of a Shapefile's table
    metadata: str = ""  # the field map that a file of ours carries
    broken: tuple[str, ...] = ()  # columns with bytes that were no text; ``SIGN`` stands for them
    lacking: int = 0  # rows that a table says it has beyond those that are there
    presumed: bool = False  # ``crs`` is what the format's rules say of a file that names none

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def drawn(self) -> set[str]:
        """Return the kinds of shapes that there are."""
        same = self.kinds.strides == (0,)  # one kind that stands for all rows
        return set((self.kinds[:1] if same else self.kinds).tolist())

    def take(self, chosen: npt.NDArray[np.int64]) -> "RawLayer":
        """Return some rows."""
        columns = {name: column.take(pa.array(chosen)) for name, column in self.columns.items()}
        return replace(
            self,
            columns=columns,
            shapes=self.shapes.take(chosen),
            kinds=self.kinds[chosen],
            rows=self.rows[chosen],
        )

    def raw(self, row: int) -> dict[str, object]:
        """Return one row as it came, for the queue of rows to be mended."""
        return {name: column[row].as_py() for name, column in self.columns.items()}


PLAN = "none"  # as a coordinate system: a plan whose place on the earth nobody knows


@lru_cache(maxsize=64)
def named_crs(text: str) -> str:
    """Return the short name of a coordinate system (EPSG:n), or its WKT when it has none.

    Raises
    ------
    BadInput
        It is no coordinate system that PROJ knows.
    """
    try:
        found = CRS.from_user_input(text)
    except CRSError:
        raise BadInput("crs-unknown", crs=text) from None
    authority = found.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(found.to_wkt())


def read_layers(path: Path, metadata_key: str, said: str = "") -> list[RawLayer]:
    """Read every layer of a GeoPackage, Shapefile or GeoJSON file through Arrow.

    ``said`` is the encoding that a person chose for the table of a Shapefile.

    Raises
    ------
    FileMissing
        There is no such file.
    FileUnreadable
        It is empty, or is not what its name says.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    if path.stat().st_size == 0:
        raise FileUnreadable("empty", path=str(path))
    encoding = _encoding(path, said)
    lacking = rows_lacking(path)
    if lacking:
        with as_many_as_there_are(path, lacking) as sound:
            return [replace(layer, lacking=lacking) for layer in read_layers(sound, metadata_key, said)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a name does not fit what a file holds is no matter
            names = [str(name) for name, _ in pyogrio.list_layers(path)]
        return [_layer(path, name, encoding, metadata_key) for name in names]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise FileUnreadable("gis", path=str(path), said=str(error)) from error


def columns_of(table: pa.Table, but: set[str]) -> dict[str, pa.Array]:
    """Return the columns of a table but some; a name that comes again is told apart by its number."""
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(table.column_names):
        if name in but:
            continue
        own, number = str(name), 2
        while own in columns:
            own, number = f"{name}#{number}", number + 1
        columns[own] = table.column(place).combine_chunks()
    return columns


def with_whole_texts(layer: RawLayer) -> RawLayer:
    """Return a layer whose texts are texts: a sign stands for bytes that no encoding explains."""
    mended: dict[str, pa.Array] = {}
    for name, column in layer.columns.items():
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            held = column.cast(pa.large_binary()).to_pylist()
            texts = [None if value is None else value.decode("utf-8", "replace") for value in held]
            mended[name] = pa.array(texts, pa.string())
    return replace(layer, columns={**layer.columns, **mended}, broken=tuple(mended)) if mended else layer


def _encoding(path: Path, said: str) -> Encoding | None:
    if path.suffix.lower() not in {".shp", ".dbf"}:
        return None
    table = path.with_suffix(".dbf")
    if not table.is_file():
        raise FileUnreadable("no-dbf", path=str(path), missing=table.name)
    demand_whole(path)
    return encoding_of_dbf(table, said)


def _info(path: Path, name: str, spoken: str | None) -> dict[str, Any]:
    """Return what GDAL says of a layer, even where a column's name is cut in the middle of a character."""
    try:
        return dict(pyogrio.read_info(path, layer=name, encoding=spoken))
    except UnicodeDecodeError:
        info = dict(pyogrio.read_info(path, layer=name, encoding=BYTES))
        names = [_said(str(field), spoken or "UTF-8", "ignore") for field in info["fields"]]
        return {**info, "fields": np.array(names, dtype=object)}


def _said(text: str, encoding: str, errors: str = "replace") -> str:
    """Return what bytes, each read as a letter, say in their encoding."""
    return text.encode(BYTES).decode(encoding, errors)


def _spoken(table: pa.Table, encoding: str) -> pa.Table:
    """Return a table that was read byte by byte in its encoding, its names as far as they go."""
    columns = [
        pa.array([None if value is None else _said(value, encoding) for value in column.to_pylist()])
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=[_said(name, encoding, "ignore") for name in table.column_names])


def _layer(path: Path, name: str, encoding: Encoding | None, metadata_key: str) -> RawLayer:
    spoken = encoding.name if encoding else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on single rows; what matters is checked below
        info = _info(path, name, spoken)
        quick = read_quickly(path, encoding.name, info) if encoding else read_geopackage(path, name, info)
        metadata = str((info.get("dataset_metadata") or {}).get(metadata_key, ""))
        if quick is not None:
            crs = named_crs(info["crs"]) if info["crs"] else ""
            rows = np.arange(1, len(quick.kinds) + 1)
            held = (quick.columns, quick.shapes, quick.kinds, rows, crs, encoding, metadata)
            return RawLayer(path.name, name, *held)
        try:
            meta, table = pyogrio.read_arrow(path, layer=name, encoding=spoken, **_as_written(path))
        except UnicodeDecodeError:
            meta, table = pyogrio.read_arrow(path, layer=name, encoding=BYTES)
            table = _spoken(table, spoken or "UTF-8")
    geometry = meta["geometry_name"] or "wkb_geometry"
    columns = columns_of(table, {geometry, meta["fid_column"]})
    if geometry in table.column_names:
        shapes, kinds = shapes_of_wkb(table.column(geometry))
    else:
        shapes, kinds = Shapes.empty(table.num_rows), np.repeat(np.array([""], dtype=object), table.num_rows)
    layer = RawLayer(
        path.name,
        name,
        columns,
        shapes,
        kinds,
        np.arange(1, table.num_rows + 1),
        named_crs(meta["crs"]) if meta["crs"] else "",
        encoding,
        metadata,
        presumed=path.suffix.lower() in GEOJSON and not _names_a_system(path),
    )
    return with_whole_texts(layer)


def _as_written(path: Path) -> dict[str, str]:
    """Return how GDAL is told that a text of a GeoJSON that looks like a time is one: it drops the zone."""
    return {"DATE_AS_STRING": "YES"} if path.suffix.lower() in GEOJSON else {}


def _names_a_system(path: Path) -> bool:
    """Tell whether a GeoJSON has the member "crs", at its beginning or its end; else it is WGS 84 by rule."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
        file.seek(max(len(head), path.stat().st_size - LOOKED_AT))
        return bool(NAMING.search(head) or NAMING.search(file.read()))
