"""What stands in the layers of a GIS file, before anybody says what it means?"""

import warnings
from dataclasses import dataclass, replace
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
from wenqu.network.formats.shapefile import read_quickly
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import Shapes


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

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

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


def read_layers(path: Path, metadata_key: str) -> list[RawLayer]:
    """Read every layer of a GeoPackage, Shapefile or GeoJSON file through Arrow.

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
    encoding = _encoding(path)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        return [_layer(path, name, encoding, metadata_key) for name in names]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as error:
        raise FileUnreadable("gis", path=str(path), said=str(error)) from error


def _encoding(path: Path) -> Encoding | None:
    if path.suffix.lower() not in {".shp", ".dbf"}:
        return None
    table = path.with_suffix(".dbf")
    if not table.is_file():
        raise FileUnreadable("no-dbf", path=str(path), missing=table.name)
    return encoding_of_dbf(table)


def _layer(path: Path, name: str, encoding: Encoding | None, metadata_key: str) -> RawLayer:
    spoken = encoding.name if encoding else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on single rows; what matters is checked below
        info = pyogrio.read_info(path, layer=name, encoding=spoken)
        quick = read_quickly(path, encoding.name, info) if encoding else None
        if quick is not None:
            crs = named_crs(info["crs"]) if info["crs"] else ""
            rows = np.arange(1, len(quick.kinds) + 1)
            return RawLayer(path.name, name, quick.columns, quick.shapes, quick.kinds, rows, crs, encoding)
        meta, table = pyogrio.read_arrow(path, layer=name, encoding=spoken)
    geometry = meta["geometry_name"] or "wkb_geometry"
    columns = {
        str(column): table.column(column).combine_chunks()
        for column in table.column_names
        if column not in {geometry, meta["fid_column"]}
    }
    if geometry in table.column_names:
        shapes, kinds = shapes_of_wkb(table.column(geometry))
    else:
        shapes, kinds = Shapes.empty(table.num_rows), np.full(table.num_rows, "", dtype=object)
    return RawLayer(
        path.name,
        name,
        columns,
        shapes,
        kinds,
        np.arange(1, table.num_rows + 1),
        named_crs(meta["crs"]) if meta["crs"] else "",
        encoding,
        str((info.get("dataset_metadata") or {}).get(metadata_key, "")),
    )
