"""How is a GeoParquet file (1.1, WKB) read and written? One file holds one type of asset."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from wenqu.errors import FileUnreadable
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.fieldmap import FieldMap, fieldmap_text
from wenqu.network.formats.raw import RawLayer, columns_of, named_crs, with_whole_texts
from wenqu.network.formats.reading import KEY, by_type, own_map
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.formats.writing import outgoing, used
from wenqu.network.geometry import Shapes
from wenqu.network.model import Network

GEO = b"geo"  # where the format keeps what its shapes are
VERSION = "1.1.0"
DEFAULT_CRS = "OGC:CRS84"  # of a file that says nothing (GeoParquet 1.1, "crs")


def layers_of_geoparquet(path: Path) -> Delivered:
    """Return the one layer of a GeoParquet file, or of a Parquet table without shapes.

    Raises
    ------
    FileUnreadable
        It is empty, cut short, no Parquet file, or keeps its shapes otherwise than as WKB.
    """
    if path.stat().st_size == 0:
        raise FileUnreadable("empty", path=str(path))
    try:
        layer = _layer(path, pq.ParquetFile(path).read())
    except (pa.ArrowException, OSError, ValueError, CRSError) as error:  # also metadata that is no JSON
        raise FileUnreadable("gis", path=str(path), said=str(error)) from error
    layers = by_type(layer)
    return Delivered(layers, fieldmap=own_map(path, layers))


def _layer(path: Path, table: pa.Table) -> RawLayer:
    metadata = table.schema.metadata or {}
    about = orjson.loads(metadata.get(GEO, b"{}"))
    shape = str(about.get("primary_column", ""))
    told = about.get("columns", {}).get(shape, {})
    if shape and (shape not in table.column_names or told.get("encoding") != "WKB"):
        raise FileUnreadable("no-wkb", path=str(path), encoding=str(told.get("encoding", "-")))
    if shape:
        shapes, kinds = shapes_of_wkb(table.column(shape))
    else:
        shapes, kinds = Shapes.empty(table.num_rows), np.repeat(np.array([""], dtype=object), table.num_rows)
    columns = columns_of(table, set(about.get("columns", {})))
    rows = np.arange(1, table.num_rows + 1)
    crs = _crs(told) if shape else ""
    text = metadata.get(KEY.encode(), b"").decode()
    own = _for(text, path.stem)
    presumed = bool(shape) and "crs" not in told
    layer = RawLayer(path.name, path.stem, columns, shapes, kinds, rows, crs, None, own, presumed=presumed)
    return with_whole_texts(layer)


def _for(text: str, layer: str) -> str:
    """Return the field map of a file of ours for the name that the file has now."""
    made = orjson.loads(text) if text else {}
    if len(made.get("layers", {})) != 1:
        return text
    return orjson.dumps({"layers": {layer: next(iter(made["layers"].values()))}}).decode()


def _crs(told: dict[str, Any]) -> str:
    """Return the coordinate system of a column: absent means the default, null means unknown."""
    if "crs" not in told:
        return named_crs(DEFAULT_CRS)
    return named_crs(CRS.from_json_dict(told["crs"]).to_wkt()) if told["crs"] else ""


def write_geoparquet(path: Path, network: Network) -> list[Path]:
    """Write one file for each asset type (``<stem>-<type>.parquet``; one type: ``<stem>.parquet``).

    The field map stands in the file's metadata. A type without shapes becomes a plain Parquet table.
    """
    tables, written = used(network), []
    for table in tables:
        own = path if len(tables) == 1 else path.with_name(f"{path.stem}-{table.type}{path.suffix}")
        entry = outgoing(table, limit=0, layer=own.stem)
        metadata = {KEY: fieldmap_text(FieldMap((entry.map,)))}
        if "geometry" in entry.table.column_names:
            crs = CRS(network.city.crs).to_json_dict() if network.city.crs else None
            told: dict[str, object] = {"encoding": "WKB", "geometry_types": [], "crs": crs}
            made = {"version": VERSION, "primary_column": "geometry", "columns": {"geometry": told}}
            metadata[GEO.decode()] = orjson.dumps(made).decode()
        pq.write_table(entry.table.replace_schema_metadata(metadata), own, compression="zstd")
        written.append(own)
    return written
