"""How does a drawing (DXF) that we wrote give back what went into it, also after somebody drew on it?"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import orjson
import pyarrow as pa
from ezdxf.layouts.layout import Modelspace

from wenqu.errors import Refused
from wenqu.network.formats.drawing_entities import Drawn
from wenqu.network.formats.drawing_marks import MOST, OWN, keep, mark, pieces
from wenqu.network.formats.fieldmap import FieldMap, fieldmap_from, fieldmap_text
from wenqu.network.formats.raw import RawLayer, named_crs
from wenqu.network.formats.writing import outgoing, used
from wenqu.network.geometry import Floats, Shapes
from wenqu.network.model import Assets, Network
from wenqu.network.schema import asset_type

COLOURS = {"storm": 5, "sanitary": 30, "combined": 6, "supply": 3}  # of AutoCAD's index
SIGN = 0.35  # [m] radius of the sign of a point


def write_drawing(path: Path, network: Network) -> list[Path]:
    """Write points as blocks and lines as polylines, on layers <type>-<system>, each with its row (XDATA).

    Raises
    ------
    Refused
        The row of an asset is longer than an entity may carry.
    """
    drawing = ezdxf.new("R2010", units=6)  # type: ignore[attr-defined]
    space = drawing.modelspace()
    maps, schemas, loose = [], {}, {}
    for table in used(network):
        entry = outgoing(table, limit=0)
        maps.append(entry.map)
        plain = entry.table.drop_columns([name for name in ("geometry",) if name in entry.table.column_names])
        schemas[table.type] = base64.b64encode(plain.schema.serialize().to_pybytes()).decode()
        drawing.blocks.new(_block(table.type)).add_circle((0, 0), SIGN)
        rows = _drawn_rows(space, table, plain)
        if rows:
            loose[table.type] = rows
    for layer in {str(entity.dxf.layer) for entity in space}:
        colour = COLOURS.get(layer.rpartition("-")[2], 7)
        drawing.layers.add(layer, color=colour)
    about = {"crs": network.city.crs, "map": fieldmap_text(FieldMap(tuple(maps))), "kinds": schemas}
    keep(drawing, pieces(about | {"loose": loose}))
    drawing.saveas(path)
    return [path]


def _block(type_: str) -> str:
    return f"{OWN}_{type_}"


def _drawn_rows(space: Modelspace, table: Assets, plain: pa.Table) -> dict[str, Any]:
    """Draw the assets of a table; return the rows that have no shape, by number."""
    kind, loose = asset_type(table.type).geometry, {}
    systems = table.fields.get("system", np.full(len(table), None, dtype=object))
    for number, row in enumerate(plain.to_pylist()):
        about = {key: value for key, value in row.items() if value is not None}
        first, last = table.shapes.assets[number : number + 2]
        parts = [
            table.shapes.coords[slice(*table.shapes.parts[part : part + 2])] for part in range(first, last)
        ]
        layer = f"{table.type}-{systems[number]}" if systems[number] else table.type
        if not parts:
            loose[str(number)] = about
        for place, coords in enumerate(parts):
            own = {"t": table.type, "n": number, "p": place} | ({} if place else {"row": about})
            texts = pieces(own)
            if sum(map(len, texts)) > MOST:
                raise Refused("row-long", type=table.type, id=str(table.ids[number]), format="DXF", most=MOST)
            mark(_entity(space, kind, coords, {"layer": layer}, table.type), texts)
    return loose


def _entity(space: Modelspace, kind: str, coords: Floats, how: dict[str, str], type_: str) -> Any:
    points = [(float(x), float(y)) for x, y in coords]
    if kind == "point":
        return space.add_blockref(_block(type_), points[0], dxfattribs=how)
    ring = kind == "polygon"
    return space.add_lwpolyline(points[:-1] if ring else points, close=ring, dxfattribs=how)


def own_layers(
    path: Path, about: Mapping[str, Any], drawn: Sequence[Drawn]
) -> tuple[list[RawLayer], FieldMap, list[Drawn]]:
    """Return what an export of ours put into a drawing, its map, and the entities that are not ours."""
    if not {"map", "kinds"} <= about.keys():
        return [], FieldMap(()), list(drawn)
    kinds = {
        type_: pa.ipc.read_schema(pa.BufferReader(base64.b64decode(text)))
        for type_, text in about["kinds"].items()
    }
    found: dict[str, dict[int, list[Drawn]]] = {type_: {} for type_ in kinds}
    rest = []
    for one in drawn:
        if one.ours.get("t") in found:
            found[one.ours["t"]].setdefault(int(one.ours["n"]), []).append(one)
        else:
            rest.append(one)
    crs = named_crs(about["crs"]) if about.get("crs") else ""
    layers = [
        _layer(path, type_, kinds[type_], found[type_], about.get("loose", {}).get(type_, {}), crs)
        for type_ in kinds
    ]
    return layers, fieldmap_from(orjson.loads(about["map"]), path.name), rest


def _layer(
    path: Path, type_: str, schema: pa.Schema, found: dict[int, list[Drawn]], loose: dict[str, Any], crs: str
) -> RawLayer:
    kind = asset_type(type_).geometry
    numbers = sorted({*found, *map(int, loose)})
    rows, parts, owners = [], [], [0]
    for number in numbers:
        pieces_ = sorted(found.get(number, []), key=lambda one: int(one.ours["p"]))
        rows.append(
            next((one.ours["row"] for one in pieces_ if "row" in one.ours), loose.get(str(number), {}))
        )
        parts += [one.coords[:, :2] for one in pieces_]
        owners.append(len(parts))
    columns = {entry.name: _column([row.get(entry.name) for row in rows], entry.type) for entry in schema}
    coords = np.concatenate([np.empty((0, 2)), *parts])
    starts = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    shapes = Shapes(coords, starts, np.array(owners, dtype=np.int64))
    drawn = np.where(np.diff(shapes.assets) > 0, kind, "").astype(object)
    return RawLayer(path.name, type_, columns, shapes, drawn, np.array(numbers, dtype=np.int64) + 1, crs)


def _column(values: list[object], type_: pa.DataType) -> pa.Array:
    made = pa.array(values)
    return made.cast(type_) if made.type != type_ else made
