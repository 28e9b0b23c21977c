"""Where do the rows of a bare table lie, and what are they? Points by their numbers, lines by their points.

Chinese survey firms deliver a table of points (X to the north, Y to the east, ground level, attachment)
and a table of lines (point to point, depths). Lines are drawn from the points; depths become levels.
Whatever is concluded is said.
"""

import csv
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.network.crs_candidates import NORTHING, zone_of_easting
from wenqu.network.formats.assembling import BadRow
from wenqu.network.formats.fieldmap import ColumnMap, LayerMap
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.values import converted, texts_of
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import Floats, Ints, Shapes
from wenqu.network.model import Column
from wenqu.network.schema import Field, asset_type

Pair = tuple[RawLayer, LayerMap]
NUMBER = Field("number", "number", (), "", "", required=False, zh="", en="", source="")
ENDS = (("from_id", "from_cover", "from_invert"), ("to_id", "to_cover", "to_invert"))


@dataclass(slots=True)
class Located:
    """Layers with shapes, each with its map, and what was concluded."""

    layers: list[Pair] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@cache
def features() -> dict[str, tuple[str, str]]:
    """Return what the words for attachments and features of points mean: word → type, kind."""
    text = (files("wenqu.network.formats") / "features.csv").read_text(encoding="utf-8")
    return {row["word"]: (row["type"], row["kind"]) for row in csv.DictReader(text.splitlines())}


def located(path: Path, read: list[Pair]) -> Located:
    """Return layers whose rows are of one type and have shapes as far as their columns tell.

    Raises
    ------
    BadInput
        Whether x runs to the north or to the east cannot be told from headings or numbers.
    """
    made = Located()
    if not any(entry.places or _is_bare_line(layer, entry) for layer, entry in read):
        made.layers = read
        return made
    swapped = _axes(path, read, made)
    pieces = [piece for pair in read for piece in _by_feature(*pair, made)]
    points = [_pointed(layer, entry, made, swapped=swapped) for layer, entry in pieces]
    known = _known_points(points)
    for layer, entry in points:
        drawn = _drawn(layer, entry, known, made) if _is_bare_line(layer, entry) else (layer, entry)
        made.layers.append(drawn)
    return made


def _is_bare_line(layer: RawLayer, entry: LayerMap) -> bool:
    kind = asset_type(entry.type)
    ends = {column.field for column in entry.columns} >= {"from_id", "to_id"}
    return kind.geometry == "line" and ends and not any(layer.kinds) and "wkt" not in entry.places


def _numbers(layer: RawLayer, column: str) -> Floats:
    if column not in layer.columns:
        return np.full(len(layer), np.nan)
    return np.asarray(converted(layer.columns[column], NUMBER).values, dtype=np.float64)


# Which way x runs.


def _axes(path: Path, read: list[Pair], made: Located) -> bool:
    """Return whether x and y have to change places to be east and north."""
    asked = [pair for pair in read if {"x", "y"} <= pair[1].places.keys()]
    said = {entry.axes for _, entry in asked if entry.axes}
    open_ = [(layer, entry) for layer, entry in asked if not entry.axes]
    if not open_:
        return said == {"north-east"}
    x = np.concatenate([_numbers(layer, entry.places["x"]) for layer, entry in open_])
    y = np.concatenate([_numbers(layer, entry.places["y"]) for layer, entry in open_])
    there = np.isfinite(x) & np.isfinite(y)
    if not there.any():
        return False
    layer, entry = open_[0]
    facts: dict[str, object] = {"x": entry.places["x"], "y": entry.places["y"], "layer": layer.name}
    place = Place(layer.file, layer.name)
    north_first = _tell(float(np.median(x[there])), float(np.median(y[there])))
    if north_first is None and any(_is_surveyed(layer) for layer, _ in open_):
        low, high = (x[there].min(), y[there].min()), (x[there].max(), y[there].max())
        raise BadInput(
            "axes", path=path.name, **facts, west=low[0], east=high[0], south=low[1], north=high[1]
        )
    code = {True: "table.axes-swapped", False: "table.axes-straight", None: "table.axes-assumed"}[north_first]
    made.issues.append(Issue(code, Weight.NOTE, place=place, facts=facts))
    return north_first is True


def _tell(x: float, y: float) -> bool | None:
    """Return whether x runs to the north, None when the numbers do not tell."""
    if abs(x) <= 180 and abs(y) <= 180:
        if 73 <= x <= 136 and 3 <= y <= 54:
            return False
        return True if 73 <= y <= 136 and 3 <= x <= 54 else None
    north, east = ([NORTHING[0] <= value <= NORTHING[1] for value in (x, y)], [_is_east(v) for v in (x, y)])
    if north[0] and east[1] and not (north[1] and east[0]):
        return True
    return False if north[1] and east[0] and not (north[0] and east[1]) else None


def _is_east(value: float) -> bool:
    return 5e4 <= value <= 9.5e5 or zone_of_easting(value) is not None


def _is_surveyed(layer: RawLayer) -> bool:
    """Tell whether a table is headed as Chinese surveys are, where X runs to the north."""
    return any(not name.isascii() for name in layer.columns) or "Exp_No" in layer.columns


# What each point is.


def _by_feature(layer: RawLayer, entry: LayerMap, made: Located) -> list[Pair]:
    """Return a table of points as one layer for each type that its attachments name."""
    columns = [entry.places[role] for role in ("attachment", "feature") if role in entry.places]
    columns = [column for column in columns if column in layer.columns]
    if not columns or asset_type(entry.type).geometry != "point":
        return [(layer, entry)]
    words = _words(layer, columns)
    meant = np.array([meaning(word) or (entry.type, "") for word in words], dtype=object).reshape(-1, 2)
    unknown = sorted({word for word in words if word and not meaning(word)})
    if unknown:
        facts: dict[str, object] = {
            "words": ", ".join(unknown[:20]),
            "count": len(unknown),
            "type": entry.type,
        }
        place = Place(layer.file, layer.name)
        made.issues.append(Issue("table.unknown-feature", Weight.DOUBT, entry.type, place=place, facts=facts))
    kept = replace(entry, extra={**entry.extra, **{name: name for name in columns}}, places=_rest(entry))
    pieces = []
    for type_ in dict.fromkeys(meant[:, 0]):
        rows = np.flatnonzero(meant[:, 0] == type_)
        piece, own = layer.take(rows), _retyped(kept, str(type_))
        kinds = [kind or None for kind in meant[rows, 1]]
        fields = {column.field for column in own.columns}
        if any(kinds) and "kind" not in fields and "kind" in {f.name for f in asset_type(own.type).fields}:
            name = _free("kind", piece)
            piece = replace(piece, columns={**piece.columns, name: pa.array(kinds, pa.string())})
            own = replace(own, columns=(*own.columns, ColumnMap("kind", name)))
        pieces.append((piece, own))
    if len(pieces) > 1:
        told = ", ".join(f"{own.type} {len(piece)}" for piece, own in pieces)
        facts = {"layer": layer.name, "types": told, "column": columns[0]}
        place = Place(layer.file, layer.name)
        made.issues.append(Issue("table.types-by-feature", Weight.NOTE, place=place, facts=facts))
    return pieces


def _words(layer: RawLayer, columns: list[str]) -> list[str]:
    """Return what each row is called: the attachment if there is one that is known, else the feature."""
    texts = [texts_of(layer.columns[column]) for column in columns]
    made = []
    for row in range(len(layer)):
        said = [str(text[row]) for text in texts if text[row] is not None]
        made.append(next((word for word in said if meaning(word)), said[0] if said else ""))
    return made


def meaning(word: str) -> tuple[str, str] | None:
    """Return the type and kind that a word means; the longest known word in it decides."""
    known = features()
    if word in known or word.isdecimal():
        return known.get(word)
    inside = [name for name in known if len(name) > 1 and not name.isdecimal() and name in word]
    return known[max(inside, key=len)] if inside else None


def _rest(entry: LayerMap) -> dict[str, str]:
    return {role: name for role, name in entry.places.items() if role not in {"attachment", "feature"}}


def _retyped(entry: LayerMap, type_: str) -> LayerMap:
    """Return a layer's map for rows of another type: fields that it lacks stay as they came."""
    if type_ == entry.type:
        return entry
    names = {one.name for one in asset_type(type_).fields}
    return replace(entry, type=type_, columns=tuple(one for one in entry.columns if one.field in names))


def _free(name: str, layer: RawLayer) -> str:
    own = f"({name})"
    while own in layer.columns:
        own = f"({own})"
    return own


# Where each point lies.


def _pointed(layer: RawLayer, entry: LayerMap, made: Located, *, swapped: bool) -> Pair:
    places, geometry = entry.places, asset_type(entry.type).geometry
    if any(layer.kinds) or not places:
        return layer, entry
    if "wkt" in places and places["wkt"] in layer.columns:
        return _from_wkt(layer, entry, made), entry
    if geometry == "point" and {"x", "y"} <= places.keys():
        coords = np.column_stack([_numbers(layer, places["x"]), _numbers(layer, places["y"])])
        coords = coords[:, ::-1] if swapped else coords
        kinds = np.where(np.isfinite(coords).all(axis=1), "point", "").astype(object)
        unplaced = np.flatnonzero(kinds == "")
        if len(unplaced):
            place = Place(layer.file, layer.name, int(layer.rows[unplaced[0]]))
            facts: dict[str, object] = {"count": len(unplaced), "x": places["x"], "y": places["y"]}
            made.issues.append(Issue("table.no-place", Weight.DOUBT, entry.type, place=place, facts=facts))
        coords[unplaced] = np.nan
        return replace(layer, shapes=Shapes.points(coords), kinds=kinds), entry
    if geometry == "line" and {"x", "y", "to_x", "to_y"} <= places.keys():
        ends = [_numbers(layer, places[role]) for role in ("x", "y", "to_x", "to_y")]
        return _between(layer, np.column_stack(ends[:2]), np.column_stack(ends[2:])), entry
    return layer, entry


def _from_wkt(layer: RawLayer, entry: LayerMap, made: Located) -> RawLayer:
    texts = texts_of(layer.columns[entry.places["wkt"]])
    drawn = shapely.from_wkt(texts, on_invalid="ignore")
    lost = np.array([text is not None and shape is None for text, shape in zip(texts, drawn, strict=True)])
    for row in np.flatnonzero(lost):
        made.bad.append(_bad(layer, entry, int(row), "table.bad-wkt", {"value": str(texts[row])[:80]}))
    shapes, kinds = shapes_of_wkb(pa.array(list(shapely.to_wkb(drawn)), pa.binary()))
    whole = replace(layer, shapes=shapes, kinds=kinds)
    return whole.take(np.flatnonzero(~lost)) if lost.any() else whole


def _between(layer: RawLayer, start: Floats, end: Floats) -> RawLayer:
    """Return a layer of straight lines between two points a row; rows without both have no shape."""
    whole = np.isfinite(start).all(axis=1) & np.isfinite(end).all(axis=1)
    coords = np.stack([start[whole], end[whole]], axis=1).reshape(-1, 2)
    starts = np.concatenate([[0], np.cumsum(2 * whole)]).astype(np.int64)
    kinds = np.where(whole, "line", "").astype(object)
    return replace(layer, shapes=Shapes.lines(np.ascontiguousarray(coords), starts), kinds=kinds)


# Lines by their points.


@dataclass(frozen=True, slots=True)
class _Points:
    rows: dict[str, int]
    coords: Floats  # (n, 2), NaN where a point has no place
    ground: Floats  # (n,) [m]


def _known_points(pairs: list[Pair]) -> _Points:
    rows: dict[str, int] = {}
    coords, ground = [], []
    for layer, entry in pairs:
        if asset_type(entry.type).geometry != "point" or entry.id not in layer.columns:
            continue
        first = len(rows)
        own = np.full((len(layer), 2), np.nan)
        there = np.flatnonzero(np.diff(layer.shapes.assets) == 1)
        own[there] = layer.shapes.coords[layer.shapes.parts[layer.shapes.assets[there]]]
        level = _field(layer, entry, "ground_level")
        kept: list[int] = []
        for row, name in enumerate(texts_of(layer.columns[entry.id])):
            if name is not None and name not in rows:
                rows[name] = first + len(kept)
                kept.append(row)
        coords.append(own[kept])
        ground.append(level[kept])
    empty = np.empty((0, 2))
    return _Points(rows, np.concatenate(coords or [empty]), np.concatenate(ground or [np.empty(0)]))


def _field(layer: RawLayer, entry: LayerMap, name: str) -> Floats:
    found = next((one for one in entry.columns if one.field == name and one.column in layer.columns), None)
    if found is None:
        return np.full(len(layer), np.nan)
    target = asset_type(entry.type).field(name)
    return np.asarray(converted(layer.columns[found.column], target, found.unit).values, dtype=np.float64)


def _drawn(layer: RawLayer, entry: LayerMap, known: _Points, made: Located) -> Pair:
    """Return a table of lines with their shapes, identities and levels.

    A line to a point that the table does not hold has no shape: another file may hold the point, and
    whether it is nowhere at all is for the rules to say.
    """
    column_of = {column.field: column.column for column in entry.columns}
    ends = [
        texts_of(layer.columns[column_of[name]]) for name, _, _ in ENDS if column_of[name] in layer.columns
    ]
    if len(ends) < 2:
        return layer, entry
    if not known.rows:
        facts: dict[str, object] = {"layer": layer.name, "count": len(layer)}
        place = Place(layer.file, layer.name)
        made.issues.append(Issue("table.no-points", Weight.DOUBT, entry.type, place=place, facts=facts))
        return _identified(layer, entry, ends, made)
    at = np.array([[known.rows.get(str(name), -1) for name in end] for end in ends]).reshape(2, -1)
    named = [str(end[row]) for end, own in zip(ends, at, strict=True) for row in np.flatnonzero(own < 0)]
    if named:
        facts = {"layer": layer.name, "count": int((at < 0).any(axis=0).sum()), "point": named[0]}
        place = Place(layer.file, layer.name)
        made.issues.append(Issue("table.unknown-point", Weight.NOTE, entry.type, place=place, facts=facts))
    nowhere = np.full((1, 2), np.nan)
    coords = np.concatenate([known.coords, nowhere])  # -1: a point that the table does not hold
    known = replace(known, coords=coords, ground=np.append(known.ground, np.nan))
    if not any(layer.kinds):
        layer = _between(layer, known.coords[at[0]], known.coords[at[1]])
    layer, entry = _levelled(layer, entry, known, [at[0], at[1]], made)
    return _identified(layer, entry, ends, made)


def _bad(layer: RawLayer, entry: LayerMap, row: int, code: str, facts: dict[str, object]) -> BadRow:
    place = Place(layer.file, layer.name, int(layer.rows[row]))
    raw = layer.raw(row)
    name = raw.get(entry.id)
    return BadRow(Issue(code, Weight.BLOCK, entry.type, str(name or ""), place, facts), raw)


def _identified(layer: RawLayer, entry: LayerMap, ends: list[Column], made: Located) -> Pair:
    """Return lines with an identity: that of their ends when the table has no number for them."""
    if entry.id in layer.columns or not len(layer):
        return layer, entry
    names: list[str | None] = []
    seen: dict[str, int] = {}
    for start, end in zip(*ends, strict=True):
        if start is None or end is None:
            names.append(None)
            continue
        name = f"{start}-{end}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    column = _free("id", layer)
    first = next((name for name in names if name), "")
    facts: dict[str, object] = {"layer": layer.name, "first": first}
    place = Place(layer.file, layer.name)
    made.issues.append(Issue("table.id-from-ends", Weight.NOTE, entry.type, place=place, facts=facts))
    columns = {**layer.columns, column: pa.array(names, pa.string())}
    return replace(layer, columns=columns), replace(entry, id=column)


def _levelled(layer: RawLayer, entry: LayerMap, known: _Points, places: list[Ints], made: Located) -> Pair:
    """Return lines with invert levels: the ground of their points less the depth, where none is given.

    CJJ 61-2017 measures the depth of gravity sewers to the inside bottom of the pipe (memory); pressure
    conduits are left alone.
    """
    fields = {column.field for column in entry.columns}
    if "pressure" in fields:
        return layer, entry
    columns, added, count = dict(layer.columns), [], 0
    for (_, cover, invert), rows in zip(ENDS, places, strict=True):
        if cover not in fields or invert in fields:
            continue
        level = known.ground[rows] - _field(layer, entry, cover)
        if np.isnan(level).all():
            continue
        name = _free(invert, layer)
        columns[name] = pa.array(np.round(level, 4), from_pandas=True)
        added.append(ColumnMap(invert, name))
        count += int(np.isfinite(level).sum())
    if not added:
        return layer, entry
    facts: dict[str, object] = {"layer": layer.name, "count": count}
    place = Place(layer.file, layer.name)
    made.issues.append(Issue("table.invert-from-depth", Weight.NOTE, entry.type, place=place, facts=facts))
    return replace(layer, columns=columns), replace(entry, columns=(*entry.columns, *added))
