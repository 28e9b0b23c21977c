"""Which layers are administrative districts? They are completed, and mended where they must be."""

import csv
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS, Geod

from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.values import texts_of
from wenqu.network.geometry import geometries_from, shapes_from

CODED = ("adcode", "code", "行政区划代码", "区划代码", "XZQDM", "gb", "id")  # columns, the surest first
CODE = re.compile(r"^(?:156)?([1-8]\d{5})(?:000000)?$")  # GB/T 2260; 156 is China in ISO 3166
NAMED = re.compile(r"[省市区县旗州盟]$")
EARTH = Geod(ellps="WGS84")


@cache
def changed_codes() -> dict[str, dict[str, str]]:
    """Return the codes that are no longer in use, with what replaced each."""
    text = (files("wenqu.network.formats") / "changed_codes.csv").read_text(encoding="utf-8")
    return {row["old"]: row for row in csv.DictReader(text.splitlines())}


def as_districts(layer: RawLayer) -> tuple[RawLayer, list[Issue]]:
    """Return a layer of districts with present codes, kinds and valid shapes; any other as it is."""
    column = _coded(layer)
    if not column:
        return layer, []
    codes, issues = _present(layer, column)
    kinds = ["city" if code.endswith("00") else "district" for code in codes]
    made = {"code": pa.array(codes, pa.string()), "kind": pa.array(kinds, pa.string())}
    rest = {name: values for name, values in layer.columns.items() if name not in {"parent", column}}
    kept = {"parent (file)": layer.columns["parent"]} if "parent" in layer.columns else {}
    columns = {**rest, **kept, **made, "id": made["code"]}
    whole, mended = _mended(replace(layer, columns=columns), codes)
    return whole, [*issues, *mended]


def _coded(layer: RawLayer) -> str:
    """Return the column of district codes, "" when the layer is none of districts."""
    if not len(layer) or "kind" in layer.columns or layer.drawn() != {"polygon"}:
        return ""
    known = {name.casefold(): name for name in layer.columns}
    named = next((known[name] for name in ("name", "名称") if name in known), "")
    if not named or not all(NAMED.search(str(text)) for text in texts_of(layer.columns[named])):
        return ""
    for wanted in CODED:
        column = known.get(wanted.casefold(), "")
        if not column:
            continue
        texts = texts_of(layer.columns[column])
        codes = [CODE.match(str(text)) for text in texts]
        if all(codes) and len({str(text) for text in texts}) == len(layer):
            return column
    return ""


def _present(layer: RawLayer, column: str) -> tuple[list[str], list[Issue]]:
    """Return the codes as they are in use today, with an Issue for each that is not."""
    codes, issues = [], []
    for text, row in zip(texts_of(layer.columns[column]), layer.rows, strict=True):
        code = str(text).removeprefix("156")[:6]
        changed = changed_codes().get(code)
        if changed:
            place = Place(layer.file, layer.name, int(row))
            facts: dict[str, object] = {**changed, "layer": layer.name}
            issues.append(Issue("format.changed-code", Weight.NOTE, "zone", changed["new"], place, facts))
            code = changed["new"]
        codes.append(code)
    return codes, issues


def _mended(layer: RawLayer, codes: list[str]) -> tuple[RawLayer, list[Issue]]:
    """Return a layer whose polygons are valid; of what ``make_valid`` leaves, polygons are kept."""
    drawn = geometries_from(layer.shapes, "polygon")
    issues = []
    for row in np.flatnonzero(~shapely.is_valid(drawn)):
        before, after = drawn[row], _polygons(shapely.make_valid(drawn[row]))
        facts: dict[str, object] = {
            "why": shapely.is_valid_reason(before),
            "before": _area(before, layer.crs) / 1e6,
            "after": _area(after, layer.crs) / 1e6,
        }
        place = Place(layer.file, layer.name, int(layer.rows[row]))
        issues.append(Issue("format.shape-mended", Weight.NOTE, "zone", codes[row], place, facts))
        drawn[row] = after
    return (replace(layer, shapes=shapes_from(drawn)) if issues else layer), issues


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(np.array([shape])))
    kept = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return shapely.MultiPolygon(kept)


def _area(shape: shapely.Geometry, crs: str) -> float:
    """Return an area [m²]; degrees are measured on the ellipsoid."""
    if not crs or CRS(crs).is_geographic:
        return abs(float(EARTH.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))
    return float(shape.area)
