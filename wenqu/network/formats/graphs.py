"""What does a network in networkx's node-link JSON hold? Its nodes and links as layers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap, LayerMap
from wenqu.network.formats.proposing import completed
from wenqu.network.formats.raw import RawLayer, named_crs
from wenqu.network.formats.reading import layers_of_geofile
from wenqu.network.formats.sheets import column_of_cells
from wenqu.network.geometry import Shapes, shapes_from

Entries = list[dict[str, Any]]
LINKS = ("links", "edges")  # networkx wrote the first up to 3.3, the second since
ENDS = (ColumnMap("from_id", "source"), ColumnMap("to_id", "target"))
HEAD = 1 << 16  # bytes in which a collection of GeoJSON names itself
GEOJSON = {
    "FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString",
    "MultiLineString", "Polygon", "MultiPolygon", "Topology",
}  # fmt: skip


def is_graph(path: Path) -> bool:
    """Tell whether a JSON file is a graph of nodes and links."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if b'"FeatureCollection"' in file.read(HEAD):  # not read whole: it may be a city
            return False
    try:
        made = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return False
    return isinstance(made, dict) and _entries(made, "nodes", "id") is not None and _links(made) is not None


def layers_of_geojson(path: Path) -> Delivered:
    """Return the layers of a GeoJSON file.

    Raises
    ------
    FileUnreadable
        It is empty, cut short, no JSON, or JSON of something else.
    """
    try:
        return layers_of_geofile(path)
    except FileUnreadable as error:
        if error.reason != "gis":
            raise
        raise FileUnreadable(_what(path), path=path.name) from None


def _what(path: Path) -> str:
    """Return why a JSON file is none that can be read."""
    try:
        made = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return "no-json"
    named = isinstance(made, dict) and made.get("type") in GEOJSON
    return "broken-geojson" if named else "other-json"


def layers_of_graph(path: Path) -> Delivered:
    """Return nodes as manholes, links as conduits; in a directed graph, ends that nothing leaves as outfalls.

    A link without a drawing of its own is the straight line between its nodes.
    """
    made = orjson.loads(path.read_bytes())
    nodes, links = _entries(made, "nodes", "id") or [], _links(made) or []
    about = made.get("graph")
    named = about.get("crs", "") if isinstance(about, dict) else ""
    crs = named_crs(str(named)) if named else ""
    left, met = ({str(link[side]) for link in links} for side in ("source", "target"))
    ends = (met - left) if made.get("directed") else set()
    parts = {
        "manhole": [(row, one) for row, one in enumerate(nodes, 1) if str(one["id"]) not in ends],
        "outfall": [(row, one) for row, one in enumerate(nodes, 1) if str(one["id"]) in ends],
    }
    layers, maps = [], []
    for type_, rows in parts.items():
        if rows:
            layers.append(
                _layer(path, f"nodes-{type_}", rows, _points([one for _, one in rows]), "point", crs)
            )
            maps.append(LayerMap(layers[-1].name, type_, "id", ()))
    if links:
        layers.append(_layer(path, "links", list(enumerate(links, 1)), _lines(links, nodes), "line", crs))
        maps.append(LayerMap("links", "conduit", "id" if "id" in layers[-1].columns else "", ENDS))
    facts: dict[str, object] = {"nodes": len(nodes), "links": len(links), "outfalls": len(parts["outfall"])}
    told = Issue("format.graph", Weight.NOTE, place=Place(path.name), facts=facts)
    return Delivered(layers, [told], fieldmap=completed(FieldMap(tuple(maps)), layers))


def _entries(made: dict[str, Any], name: str, *needed: str) -> Entries | None:
    found = made.get(name)
    if not isinstance(found, list):
        return None
    whole = all(isinstance(one, dict) and all(key in one for key in needed) for one in found)
    return found if whole else None


def _links(made: dict[str, Any]) -> Entries | None:
    name = next((name for name in LINKS if name in made), "")
    return _entries(made, name, "source", "target")


def _layer(
    path: Path, name: str, rows: Sequence[tuple[int, dict[str, Any]]], shapes: Shapes, kind: str, crs: str
) -> RawLayer:
    drawn = {"x", "y"} if kind == "point" else {"geometry"}
    names = dict.fromkeys(key for _, one in rows for key in one if key not in drawn)
    columns = {key: _column([one.get(key) for _, one in rows]) for key in names}
    kinds = np.where(np.diff(shapes.assets) > 0, kind, "").astype(object)
    numbers = np.array([row for row, _ in rows], dtype=np.int64)
    return RawLayer(path.name, name, columns, shapes, kinds, numbers, crs)


def _column(values: list[object]) -> pa.Array:
    """Return values as a column; lists and objects as JSON."""
    plain = [orjson.dumps(one).decode() if isinstance(one, list | dict) else one for one in values]
    return column_of_cells(plain, typed=True)


def _place(node: dict[str, Any]) -> tuple[float, float] | None:
    x, y = node.get("x"), node.get("y")
    return (float(x), float(y)) if isinstance(x, int | float) and isinstance(y, int | float) else None


def _points(nodes: Entries) -> Shapes:
    return Shapes.points(np.array([_place(node) or (np.nan, np.nan) for node in nodes], dtype=float))


def _lines(links: Entries, nodes: Entries) -> Shapes:
    """Return the drawn line of each link, or the straight one between its nodes."""
    at = {str(node["id"]): place for node in nodes if (place := _place(node)) is not None}
    return shapes_from(np.array([*(_line(link, at) for link in links), None], dtype=object)[:-1])


def _line(link: dict[str, Any], at: dict[str, tuple[float, float]]) -> shapely.Geometry | None:
    text = link.get("geometry")
    drawn = shapely.from_wkt(text, on_invalid="ignore") if isinstance(text, str) else None
    ends = [at.get(str(link[side])) for side in ("source", "target")]
    if drawn is not None and drawn.geom_type in {"LineString", "MultiLineString"}:
        return drawn
    return None if None in ends else shapely.LineString(ends)
