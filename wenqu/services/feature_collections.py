"""Which collections of features has a city, and what can be asked of each? (OGC 17-069r4, 19-079r2)"""

from typing import Any

import numpy as np

from wenqu.network.geometry import bounds
from wenqu.network.schema import AssetType, Field, asset_type, asset_types, code_lists
from wenqu.services.city_state import NOWHERE, CityState
from wenqu.services.feature_systems import CRS84, storage_system, systems

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
)
# What a JSON schema calls a field's kind.
KINDS: dict[str, dict[str, object]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "codes": {"type": "array", "items": {"type": "string"}},
}
FORMATS = {"point": "geometry-point", "line": "geometry-multilinestring", "polygon": "geometry-multipolygon"}


def link(href: str, rel: str, media: str = "application/json", title: str = "") -> dict[str, str]:
    """Return one link of an answer."""
    made = {"href": href, "rel": rel, "type": media}
    return {**made, "title": title} if title else made


def landing(state: CityState, base: str, openapi: str) -> dict[str, Any]:
    """Return the landing page of a city's interface."""
    city = state.network.city
    return {
        "title": city.zh or city.en or city.code,
        "description": "问渠 Wenqu" + (" · 模拟数据 simulated data" if city.simulated else ""),
        "links": [
            link(base, "self"),
            link(f"{base}?f=html", "alternate", "text/html"),
            link(openapi, "service-desc", "application/vnd.oai.openapi+json;version=3.1"),
            link(f"{base}/conformance", "conformance"),
            link(f"{base}/collections", "data"),
        ],
    }


def collections(state: CityState, base: str) -> dict[str, Any]:
    """Return what is known of every collection that holds anything."""
    names = [name for name in asset_types() if len(state.network.table(name))]
    return {
        "links": [
            link(f"{base}/collections", "self"),
            link(f"{base}/collections?f=html", "alternate", "text/html"),
        ],
        "crs": systems(state),
        "collections": [collection(state, base, name) for name in names],
    }


def collection(state: CityState, base: str, name: str) -> dict[str, Any]:
    """Return what is known of one collection.

    Raises
    ------
    UnknownType
        There is no such asset type.
    """
    kind = asset_type(name)
    here = f"{base}/collections/{kind.name}"
    made: dict[str, Any] = {
        "id": kind.name,
        "title": f"{kind.zh} {kind.en}",
        "itemType": "feature",
        "links": [
            link(here, "self"),
            link(f"{here}?f=html", "alternate", "text/html"),
            link(f"{here}/items", "items", "application/geo+json"),
            link(
                f"{here}/queryables",
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                "application/schema+json",
            ),
        ],
    }
    if box := _extent(state, kind.name):
        made["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
    if systems(state):
        made["crs"] = systems(state)
        if storage_system(state):
            made["storageCrs"] = storage_system(state)
    return made


def _extent(state: CityState, name: str) -> list[float]:
    """Return the box of a collection in degrees; that of the city where nothing has a shape, else nothing."""
    boxes = bounds(state.network.table(name).shapes)
    there = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(there):
        return [] if state.bounds == NOWHERE else list(state.bounds)
    corners = np.array([there[:, :2].min(axis=0), there[:, 2:].max(axis=0)])
    box = np.asarray(state.place(corners, "EPSG:4326")).ravel()
    return [float(value) for value in box] if np.isfinite(box).all() else []


def queryables(base: str, name: str) -> dict[str, Any]:
    """Return the properties that a filter may name, as a JSON schema. Numbers are SI."""
    kind = asset_type(name)
    properties: dict[str, Any] = {"id": {"title": "编号 id", "type": "string"}}
    properties |= {entry.name: _property(entry) for entry in kind.fields}
    if kind.geometry in FORMATS:
        properties["geometry"] = {"format": FORMATS[kind.geometry], "x-ogc-role": "primary-geometry"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{name}/queryables",
        "type": "object",
        "title": f"{kind.zh} {kind.en}",
        "properties": properties,
        "additionalProperties": False,
    }


def _property(entry: Field) -> dict[str, object]:
    made: dict[str, object] = {"title": f"{entry.zh} {entry.en}", **KINDS.get(entry.kind, {"type": "string"})}
    if entry.kind == "code":
        made["enum"] = list(code_lists()[entry.of[0]])
    if entry.unit:
        made["x-ogc-unit"] = entry.unit
    return made


def property_names(kind: AssetType) -> set[str]:
    """Return the properties that an address may name."""
    return {"id", *(entry.name for entry in kind.fields)}
