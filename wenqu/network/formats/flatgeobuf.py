"""How is a FlatGeobuf file read, rows without shape included, and written?

GDAL's Arrow reader of this format ends the program at a row without shape (3.12), so columns come through
Arrow without shapes, and shapes by the older way.
"""

import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio

from wenqu.errors import FileUnreadable
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.fieldmap import FieldMap, write_fieldmap
from wenqu.network.formats.raw import RawLayer, columns_of, named_crs, with_whole_texts
from wenqu.network.formats.reading import by_type, own_map
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.formats.writing import outgoing, used, write_arrow
from wenqu.network.model import Network

MAGIC = b"fgb"
BROKEN = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pa.ArrowException,
    OSError,  # GDAL in the middle of a stream
    UnicodeDecodeError,
)


def layers_of_flatgeobuf(path: Path) -> Delivered:
    """Return the one layer of a FlatGeobuf file with the field map beside it.

    Raises
    ------
    FileUnreadable
        It is empty, cut short, or no FlatGeobuf file.
    """
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if not start:
        raise FileUnreadable("empty", path=str(path))
    if start != MAGIC:
        raise FileUnreadable("gis", path=str(path), said="not FlatGeobuf")
    try:
        layers = by_type(_layer(path))
    except BROKEN as error:
        raise FileUnreadable("gis", path=str(path), said=str(error)) from error
    return Delivered(layers, fieldmap=own_map(path, layers))


def _layer(path: Path) -> RawLayer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on single rows; the count is checked below
        if not len(pyogrio.list_layers(path)):  # the head itself is cut short
            raise FileUnreadable("gis", path=str(path), said="no layer")
        info = pyogrio.read_info(path)
        meta, table = pyogrio.read_arrow(path, read_geometry=False)
        shapes = pyogrio.raw.read(path, columns=[])[2]
    declared, there = int(info["features"]), min(table.num_rows, len(shapes))
    if table.num_rows != len(shapes) or (declared > 0 and declared != there):
        raise FileUnreadable("cut-short", path=str(path), count=there, declared=declared)
    drawn, kinds = shapes_of_wkb(pa.array(list(shapes), pa.binary()))
    columns = columns_of(table, {meta["fid_column"]})
    crs = named_crs(meta["crs"]) if meta["crs"] else ""
    rows = np.arange(1, table.num_rows + 1)
    return with_whole_texts(RawLayer(path.name, str(info["layer_name"]), columns, drawn, kinds, rows, crs))


def write_flatgeobuf(path: Path, network: Network) -> list[Path]:
    """Write one file for each asset type (``<stem>-<type>.fgb``; one type: ``<stem>.fgb``).

    Without the spatial index, which would change the order of rows and refuse those without shape. Beside
    each lies the field map.
    """
    tables, written = used(network), []
    for table in tables:
        own = path if len(tables) == 1 else path.with_name(f"{path.stem}-{table.type}{path.suffix}")
        own.unlink(missing_ok=True)
        entry = outgoing(table, limit=0, layer=own.stem)
        how = {"driver": "FlatGeobuf", "layer": own.stem, "SPATIAL_INDEX": "NO"}
        write_arrow(own, entry.table, table, network.city.crs, **how)
        beside = own.with_suffix(".fieldmap.json")
        write_fieldmap(beside, FieldMap((entry.map,)))
        written += [own, beside]
    return written
