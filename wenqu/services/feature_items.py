"""Which features of a collection does a question choose, and what is known of each? (OGC 17-069r4)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from wenqu.errors import BadInput, UnknownAsset
from wenqu.network.filtering import chosen
from wenqu.network.geometry import Shapes, geometries_from
from wenqu.network.model import Assets
from wenqu.network.schema import AssetType, asset_type
from wenqu.protocols.cql2 import Tree, read_filter
from wenqu.services.city_state import CityState
from wenqu.services.feature_collections import link, property_names
from wenqu.services.feature_systems import CRS84, brought_home, placed, system_of

MOST = 10_000  # features in one answer
DIGITS = {True: 9, False: 4}  # of degrees, of metres: about a tenth of a millimetre


@dataclass(frozen=True, slots=True)
class ItemsQuestion:
    """What is asked of a collection."""

    limit: int = 100
    offset: int = 0
    bbox: str = ""
    bbox_crs: str = CRS84
    crs: str = CRS84
    filter: str = ""
    filter_lang: str = "cql2-text"
    filter_crs: str = CRS84
    datetime: str = ""  # as it was given, for the links to other pages
    properties: Mapping[str, str] = field(default_factory=dict)  # property → value that it must have


@dataclass(frozen=True, slots=True)
class Page:
    """One page of features."""

    body: bytes
    crs: str  # identifier, for the header Content-Crs
    returned: int


def items(state: CityState, name: str, asked: ItemsQuestion, here: str, at: str) -> Page:
    """Return the features of one collection that a question chooses, a page of them, as GeoJSON.

    Parameters
    ----------
    here
        The address of the items, for the links to the next page.
    at
        ISO time of the answer.

    Raises
    ------
    BadInput
        A parameter or the filter cannot be used.
    UnknownType
        There is no such collection.
    """
    table = state.network.table(name)
    rows = np.flatnonzero(_wanted(state, table, asked))
    shown = rows[asked.offset : asked.offset + asked.limit]
    body = {
        "type": "FeatureCollection",
        "features": _features(state, table.take(shown), asked.crs),
        "links": _links(asked, here, len(rows)),
        "timeStamp": at,
        "numberMatched": len(rows),
        "numberReturned": len(shown),
    }
    return Page(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), asked.crs, len(shown))


def item(state: CityState, name: str, id_: str, crs: str, base: str) -> bytes:
    """Return one feature as GeoJSON.

    Raises
    ------
    UnknownAsset, UnknownType
        There is no such feature or collection.
    """
    table = state.network.table(name)
    found = np.flatnonzero(table.ids == id_)
    if not len(found):
        raise UnknownAsset(type=name, id=id_, nearest="")
    made = _features(state, table.take(found[:1]), crs)[0]
    here = f"{base}/collections/{name}"
    made["links"] = [
        link(f"{here}/items/{id_}", "self", "application/geo+json"),
        link(f"{here}/items/{id_}?f=html", "alternate", "text/html"),
        link(here, "collection"),
    ]
    return orjson.dumps(made, option=orjson.OPT_SERIALIZE_NUMPY)


def _wanted(state: CityState, table: Assets, asked: ItemsQuestion) -> npt.NDArray[np.bool_]:
    flags = np.ones(len(table), dtype=bool)
    if asked.bbox:
        flags &= _in_box(state, table, asked)
    if asked.properties:
        flags &= chosen(table, _equalities(asset_type(table.type), asked.properties))
    if asked.filter:
        tree: Tree = read_filter(asked.filter, asked.filter_lang)
        crs = system_of(state, asked.filter_crs, "filter-crs") if state.network.city.crs else ""
        flags &= chosen(table, tree, lambda shape: brought_home(state, shape, crs) if crs else shape)
    return flags


def _in_box(state: CityState, table: Assets, asked: ItemsQuestion) -> npt.NDArray[np.bool_]:
    try:
        numbers = [float(part) for part in asked.bbox.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {4, 6} or not np.isfinite(numbers).all():
        raise BadInput("parameter", name="bbox", value=asked.bbox[:80], known="xmin,ymin,xmax,ymax")
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if south > north:
        raise BadInput("parameter", name="bbox", value=asked.bbox[:80], known="ymin ≤ ymax")
    if not state.network.city.crs:
        return np.zeros(len(table), dtype=bool)
    crs = system_of(state, asked.bbox_crs, "bbox-crs")
    pieces = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]  # over the date line
    flags = np.zeros(len(table), dtype=bool)
    for left, right in pieces:
        flags |= chosen(
            table,
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [left, south, right, north]}]},
            lambda shape: brought_home(state, shape, crs),
        )
    return flags


def _equalities(kind: AssetType, properties: Mapping[str, str]) -> Tree:
    conditions = []
    for name, text in properties.items():
        value: Any = text
        if name != "id" and kind.field(name).kind in {"number", "integer"}:
            try:
                value = float(text)
            except ValueError:
                raise BadInput("parameter", name=name, value=text[:80], known="1.25") from None
        elif name != "id" and kind.field(name).kind == "boolean":
            value = text.casefold() in {"true", "1"}
        conditions.append({"op": "=", "args": [{"property": name}, value]})
    return {"op": "and", "args": conditions}


def check_names(name: str, given: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return which of the given parameters are properties of the collection.

    Raises
    ------
    BadInput
        One is neither a property nor a parameter of the interface (``parameter-unknown``).
    """
    properties = property_names(asset_type(name))
    for entry in given:
        if entry not in properties and entry not in known:
            raise BadInput(
                "parameter-unknown", name=entry[:80], known=", ".join([*known, *sorted(properties)])
            )
    return [entry for entry in given if entry in properties and entry not in known]


def _features(state: CityState, table: Assets, crs_uri: str) -> list[dict[str, Any]]:
    kind = asset_type(table.type)
    columns = {
        entry.name: _plain(table.fields[entry.name], entry.kind)
        for entry in kind.fields
        if entry.name in table.fields
    }
    for name, column in table.extra.items():
        columns.setdefault(name, _plain(column, ""))
    drawn: Sequence[Any] = [None] * len(table)
    if state.network.city.crs and kind.geometry != "none":
        drawn = _drawn(state, table.shapes, kind.geometry, crs_uri)
    names = list(columns)
    rows = zip(*columns.values(), strict=True) if columns else (() for _ in range(len(table)))
    return [
        {
            "type": "Feature",
            "id": str(id_),
            "geometry": shape,
            "properties": dict(zip(names, values, strict=True)),
        }
        for id_, shape, values in zip(table.ids, drawn, rows, strict=True)
    ]


def _drawn(state: CityState, shapes: Shapes, geometry: str, crs_uri: str) -> list[orjson.Fragment | None]:
    crs = system_of(state, crs_uri, "crs")
    turned = placed(state, shapes.coords, crs)
    small = len(turned) and bool(np.abs(turned).max() <= 400)
    made = shapes.with_coords(np.round(turned, DIGITS[bool(small)]))
    return [
        None if text is None else orjson.Fragment(text)
        for text in shapely.to_geojson(geometries_from(made, geometry))
    ]


def _plain(column: npt.NDArray[Any], kind: str) -> list[Any]:
    if kind == "boolean":
        return [None if value < 0 else bool(value) for value in column.tolist()]
    if kind == "integer":
        return [None if value != value else int(value) for value in column.tolist()]  # noqa: PLR0124
    return [None if value is None or value != value else value for value in column.tolist()]  # noqa: PLR0124


def _links(asked: ItemsQuestion, here: str, matched: int) -> list[dict[str, str]]:
    names = ("bbox", "bbox_crs", "crs", "filter", "filter_lang", "filter_crs", "datetime")
    plain = ItemsQuestion()
    kept = {
        name.replace("_", "-"): getattr(asked, name)
        for name in names
        if getattr(asked, name) != getattr(plain, name)
    }
    kept |= asked.properties

    def page(offset: int) -> str:
        return f"{here}?{urlencode({**kept, 'limit': asked.limit, 'offset': offset})}"

    made = [
        link(page(asked.offset), "self", "application/geo+json"),
        link(f"{page(asked.offset)}&f=html", "alternate", "text/html"),
    ]
    if asked.offset + asked.limit < matched:
        made.append(link(page(asked.offset + asked.limit), "next", "application/geo+json"))
    if asked.offset:
        made.append(link(page(max(0, asked.offset - asked.limit)), "prev", "application/geo+json"))
    return made
