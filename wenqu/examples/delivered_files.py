"""How does a survey firm write it down? A workbook of points and lines, GBK shapefiles."""

import csv
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
import xlsxwriter

from wenqu.examples.broken_delivery import Planted, broken_delivery
from wenqu.network.formats.writing import write_geopackage
from wenqu.network.geometry import centres, geometries_from
from wenqu.network.model import Network
from wenqu.network.schema import asset_type, code_lists
from wenqu.units import from_si

SCHEMA = "shenzhen_ps"  # names and units of the columns
LAYERS = {"manhole": "PS_POINT", "conduit": "PS_PIPE"}
SHEETS = {"manhole": "管点", "conduit": "管线"}
WRONG = {"PSize": "管径mm", "High": "地面标高"}  # columns that the firm named as it liked
ADDED = {  # and those that it has beyond the standard
    "manhole": {"invert_level": ("井底标高", "m")},
    "conduit": {"year": ("埋设年代", "")},
}


def write_delivery(network: Network, folder: Path, seed: int = 1) -> tuple[Planted, ...]:
    """Write a city with bad rows of every rule as a survey firm would; return the bad rows.

    ``普查成果.xlsx`` holds a table of points and one of lines, ``PS_POINT.shp`` and ``PS_PIPE.shp`` the same
    in GBK, ``其余设施.gpkg`` all other assets; ``planted.csv`` lists what is bad, for those who want to know.
    """
    broken, planted = broken_delivery(network, seed)
    folder.mkdir(parents=True, exist_ok=True)
    tables = {type_: _as_delivered(broken, type_) for type_ in LAYERS}
    _workbook(folder / "普查成果.xlsx", broken, tables)
    for type_, name in LAYERS.items():
        _shapefile(folder / f"{name}.shp", broken, type_, tables[type_])
    others = {type_: table for type_, table in broken.tables.items() if type_ not in LAYERS}
    write_geopackage(folder / "其余设施.gpkg", Network(broken.city, others))
    with (folder / "planted.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["rule", "type", "id"])
        rows.writerows([row.rule, row.type, row.id] for row in planted)
    return planted


def _columns_of(type_: str) -> dict[str, tuple[str, str]]:
    """Return column and unit of each field in the firm's tables."""
    text = (files("wenqu.network.formats") / "aliases.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["schema"] == SCHEMA and row["type"] == type_:
            found.setdefault(row["field"], (WRONG.get(row["alias"], row["alias"]), row["unit"]))
    return found | ADDED[type_]


def _as_delivered(network: Network, type_: str) -> dict[str, list[object]]:
    """Return the firm's columns: its names and units, codes by their Chinese name."""
    table = network.table(type_)
    columns = _columns_of(type_)
    made: dict[str, list[object]] = {columns["id"][0]: [str(id_) for id_ in table.ids]}
    for field, (column, unit) in columns.items():
        if field == "id" or field not in table.fields:
            continue
        entry = asset_type(type_).field(field)
        names = code_lists().get(entry.of[0], {}) if entry.kind == "code" else {}
        values = table.fields[field].tolist()
        if entry.kind in {"number", "integer"}:
            scale = from_si(1.0, unit) if unit and unit != entry.unit else 1.0
            made[column] = [None if np.isnan(value) else round(value * scale, 3) for value in values]
        elif entry.kind == "boolean":
            made[column] = [{1: "是", 0: "否"}.get(value) for value in values]
        else:
            made[column] = [names[value].zh if value in names else value for value in values]
    return made


def _workbook(path: Path, network: Network, tables: Mapping[str, Mapping[str, list[object]]]) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    for type_, columns in tables.items():
        sheet = book.add_worksheet(SHEETS[type_])
        named = dict(columns)
        if type_ == "manhole":
            places = centres(network.table(type_).shapes)
            for name, values in (("东坐标", places[:, 0]), ("北坐标", places[:, 1])):
                named[name] = [None if np.isnan(value) else round(float(value), 3) for value in values]
        sheet.write_row(0, 0, list(named))
        for number, row in enumerate(zip(*named.values(), strict=True), 1):
            sheet.write_row(number, 0, row)
    book.close()


def _short(name: str) -> str:
    """Return a name as a dBASE table keeps it: ten bytes."""
    return name.encode("GBK")[:10].decode("GBK", errors="ignore")


def _shapefile(path: Path, network: Network, type_: str, columns: Mapping[str, list[object]]) -> None:
    table = network.table(type_)
    geometry = asset_type(type_).geometry
    shapes = shapely.to_wkb(geometries_from(table.shapes, geometry))
    arrays = {_short(name): pa.array(values) for name, values in columns.items()}
    arrays = {n: a.cast(pa.string()) if pa.types.is_null(a.type) else a for n, a in arrays.items()}
    made = pa.table({**arrays, "geometry": pa.array(list(shapes), pa.binary())})
    shape = {"point": "Point", "line": "LineString"}[geometry]
    pyogrio.write_arrow(
        made,
        path,
        crs=network.city.crs or None,
        geometry_name="geometry",
        geometry_type=shape,
        driver="ESRI Shapefile",
        encoding="GBK",
    )
