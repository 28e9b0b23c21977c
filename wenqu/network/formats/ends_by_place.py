"""At which points do lines end that name none? At the only one in snapping reach of each end."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.spatial import KDTree

from wenqu.issues import Issue, Place, Weight
from wenqu.network.checks.thresholds import threshold
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.values import texts_of
from wenqu.network.geometry import Floats
from wenqu.network.schema import asset_type

DEGREE = 111_320.0  # [m] of latitude; coordinates that may be degrees are taken as such
COLUMNS = (("from_id", "(from)"), ("to_id", "(to)"))


def with_ends(
    layers: list[RawLayer], map_: FieldMap, others: Sequence[RawLayer] = ()
) -> tuple[list[RawLayer], FieldMap, list[Issue]]:
    """Return layers whose lines name the points at which they are drawn to end, and what was concluded.

    An end with no point in reach, or with several, stays open: the rules propose what it may mean. The
    points of ``others`` count too.
    """
    places, names = _nodes([*others, *layers], map_)
    made, entries, issues = [], {entry.layer: entry for entry in map_.layers}, list[Issue]()
    for layer in layers:
        entry = entries.get(layer.name)
        if entry is None or asset_type(entry.type).role != "link":
            made.append(layer)
            continue
        missing = [pair for pair in COLUMNS if pair[0] not in {one.field for one in entry.columns}]
        ends = _found(layer, places, names)
        columns = {
            column: pa.array(ends[:, int(field == "to_id")].tolist(), pa.string())
            for field, column in missing
        }
        made.append(replace(layer, columns=layer.columns | columns))
        added = tuple(ColumnMap(field, column) for field, column in missing)
        entries[layer.name] = replace(entry, columns=(*entry.columns, *added))
        if missing:
            told = sum(len(column) - column.null_count for column in columns.values())
            facts: dict[str, object] = {"layer": layer.name, "count": told}
            facts |= {"open": len(columns) * len(layer) - told, "reach": threshold("snap")}
            place = Place(layer.file, layer.name)
            issues.append(Issue("format.ends-by-place", Weight.NOTE, entry.type, place=place, facts=facts))
    return made, replace(map_, layers=tuple(entries.values())), issues


def _nodes(layers: list[RawLayer], map_: FieldMap) -> tuple[Floats, npt.NDArray[np.object_]]:
    places, names = [np.empty((0, 2))], [np.empty(0, object)]
    for layer in layers:
        entry = map_.of(layer.name)
        if entry is None or asset_type(entry.type).role != "node" or entry.id not in layer.columns:
            continue
        there = np.flatnonzero(layer.kinds == "point")
        ids = np.asarray(texts_of(layer.columns[entry.id]), dtype=object)[there]
        coords = layer.shapes.take(there).coords
        named = np.array([name is not None for name in ids], dtype=bool)
        places.append(coords[named])
        names.append(ids[named])
    return np.concatenate(places), np.concatenate(names)


def _found(layer: RawLayer, places: Floats, names: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return for each line the points at its first and last vertex, None where that cannot be told. (n, 2)"""
    made = np.full((len(layer), 2), None, dtype=object)
    there = np.flatnonzero(layer.kinds == "line")
    if not len(places) or not len(there):
        return made
    parts = layer.shapes.parts[layer.shapes.assets]
    coords = layer.shapes.coords
    ends = np.stack([coords[parts[there]], coords[parts[there + 1] - 1]], axis=1)
    degrees = bool((np.abs(places) <= (180, 90)).all())
    reach = threshold("snap") / (DEGREE if degrees else 1.0)
    finite = np.isfinite(ends).all(axis=2)
    distance, near = KDTree(places).query(np.nan_to_num(ends, nan=1e18), k=2, distance_upper_bound=reach)
    own = np.concatenate([names, np.array([None], dtype=object)])
    one, other = own[near[..., 0]], own[near[..., 1]]
    alone = np.isfinite(distance[..., 0]) & (~np.isfinite(distance[..., 1]) | (one == other))
    exact = (distance[..., 0] == 0) & (distance[..., 1] > 0)
    made[there] = np.where((alone | exact) & finite, one, None)
    return made
