"""How do the rows of one layer become assets, and which rows cannot?"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.issues import Issue, Place, Weight
from wenqu.network.edits import Edit, edit_of
from wenqu.network.formats.fieldmap import ColumnMap, LayerMap
from wenqu.network.formats.plain_texts import all_plain_and_different
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.values import (
    as_delivered,
    converted,
    is_day_number,
    known_codes,
    sizes,
    text_of,
    texts_of,
)
from wenqu.network.geometry import Ints
from wenqu.network.model import Assets, Column, Columns, Later
from wenqu.network.schema import AssetType, Field, asset_type, code_lists

Fields = dict[str, Column | Later]
MANY = 10_000  # values of one rule and column told one by one; the rest are counted

DOUBTFUL = {"format.unlikely-unit", "format.column-missing", "format.no-id-column"}
OTHER, OTHERS = "other", frozenset({"其他", "其它"})
NO_ROWS = np.empty(0, np.int64)
SHOWN = 8  # codes that are listed
POINTED = frozenset({"weir", "gate", "pump"})  # links that surveys deliver as points
LINK_AT_POINT = "format.link-at-point"  # a weir or a gate whose survey knows where it is, not what it joins
DUPLICATES = frozenset({"format.duplicate-id", "format.duplicate-elsewhere"})


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not enter, as it came."""

    issue: Issue
    raw: dict[str, object]
    edit: Edit | None = None  # makes the asset as far as it could be read, under its delivered or a made id


@dataclass(frozen=True, slots=True)
class Assembled:
    """The assets of one layer, from which rows they come, and what was found on the way."""

    assets: Assets
    rows: Ints  # (n,) row in the file of each asset
    issues: list[Issue] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def assemble(layer: RawLayer, map_: LayerMap) -> Assembled:
    """Return the assets of a layer; rows without identity or with an impossible shape stay behind."""
    kind = asset_type(map_.type)
    ids, id_issues, certain = _ids(layer, map_)
    blocked = dict(_blocked(layer, kind, ids, certain=certain))
    edits = _as_edits(layer, map_, kind, ids, np.array(list(blocked), dtype=np.int64))
    bad = [
        _bad_row(layer, map_, (row, edit), ids, found)
        for (row, found), edit in zip(blocked.items(), edits, strict=True)
    ]
    good, names = layer, ids
    if blocked:
        kept = np.delete(np.arange(len(layer)), np.array(list(blocked), dtype=np.int64))
        good, names = layer.take(kept), ids[kept]
    fields, extra, issues = _columns(good, map_, kind, names)
    made = Assets(map_.type, names, Columns(fields), good.shapes, extra)
    return Assembled(made, good.rows, [*id_issues, *issues], bad)


def _ids(layer: RawLayer, map_: LayerMap) -> tuple[Column, list[Issue], bool]:
    """Return the identities, what is to be said of them, and whether all are certainly there and differ."""
    if map_.id in layer.columns:
        column = layer.columns[map_.id]
        with ThreadPoolExecutor(1) as beside:
            certain = beside.submit(all_plain_and_different, column)
            return texts_of(column), [], certain.result()
    numbered = np.array([f"{layer.name}-{row}" for row in layer.rows], dtype=object)
    first = str(numbered[0]) if len(numbered) else layer.name
    return numbered, [_note("format.no-id-column", layer, map_, first=first)], False


def _blocked(
    layer: RawLayer, kind: AssetType, ids: Column, *, certain: bool
) -> Iterator[tuple[int, tuple[str, dict[str, object]]]]:
    """Yield each row that cannot enter, once, with the rule and its facts.

    ``certain`` says that all identities are there and differ.
    """
    none = np.zeros(len(layer), dtype=np.bool_)
    nameless = repeated = wrong = none
    first = np.empty(0, np.int64)
    if not certain:
        nameless = pa.array(ids, pa.string()).is_null().to_numpy(zero_copy_only=False)
        repeated, first = _repeated(ids)
    if kind.geometry != "none" and not layer.drawn() <= {"", kind.geometry}:
        wrong = (layer.kinds != "") & (layer.kinds != kind.geometry)
    impossible = _impossible(layer, kind.geometry) & ~wrong
    points = np.diff(layer.shapes.assets)
    several = (points > 1) & (kind.geometry == "point") & ~wrong
    for row in np.flatnonzero(nameless | repeated | wrong | impossible | several):
        if nameless[row]:
            yield int(row), ("format.no-id", {})
        elif repeated[row]:
            yield int(row), ("format.duplicate-id", {"first": int(layer.rows[first[row]])})
        elif wrong[row]:
            pointed = kind.name in POINTED and layer.kinds[row] == "point"
            code = LINK_AT_POINT if pointed else "format.wrong-shape"
            yield int(row), (code, {"drawn": layer.kinds[row], "wanted": kind.geometry})
        elif several[row]:
            yield int(row), ("format.several-points", {"count": int(points[row])})
        else:
            yield int(row), ("format.impossible-shape", {"wanted": kind.geometry})


def _repeated(ids: Column) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return which rows repeat an identity, and the row that has it first."""
    encoded = pa.array(ids, pa.string()).dictionary_encode()
    if len(encoded.dictionary) + encoded.null_count == len(ids):
        return np.zeros(len(ids), dtype=bool), np.arange(len(ids))
    codes = encoded.indices.fill_null(-1)
    numbers = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    first_of = first[inverse]
    return (first_of != np.arange(len(ids))) & (numbers >= 0), first_of


def _impossible(layer: RawLayer, geometry: str) -> npt.NDArray[np.bool_]:
    """Return which rows have a shape that no map can draw: not finite, or with too few points."""
    shapes = layer.shapes
    least = {"point": 1, "line": 2, "polygon": 4}.get(geometry, 1)
    if not len(shapes.coords) or (np.diff(shapes.parts).min() >= least and np.isfinite(shapes.coords).all()):
        return np.zeros(len(shapes), dtype=np.bool_)
    owner = np.repeat(np.arange(len(shapes)), np.diff(shapes.assets))
    sizes_ = np.diff(shapes.parts)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[owner[sizes_ < least]] = True
    endless = ~np.isfinite(shapes.coords).all(axis=1)
    bad[np.repeat(owner, sizes_)[endless]] = True
    return bad


def _bad_row(
    layer: RawLayer,
    map_: LayerMap,
    read: tuple[int, Edit],
    ids: Column,
    found: tuple[str, dict[str, object]],
) -> BadRow:
    code, facts = found
    row, edit = read
    place = Place(layer.file, layer.name, int(layer.rows[row]))
    name = ids[row] or ""
    issue = Issue(code, Weight.BLOCK, map_.type, name, place, {"column": map_.id, **facts})
    return BadRow(issue, layer.raw(row), edit)


def _as_edits(layer: RawLayer, map_: LayerMap, kind: AssetType, ids: Column, rows: Ints) -> list[Edit]:
    """Return rows as edits that would make their assets; shapes only where they fit the type."""
    if not len(rows):
        return []
    some = layer.take(rows)
    made = [f"{layer.name}-{layer.rows[row]}" for row in rows]
    names = np.array([ids[row] or name for row, name in zip(rows, made, strict=True)], dtype=object)
    fields, extra, _ = _columns(some, map_, kind, names)
    table = Assets(map_.type, names, Columns(fields), some.shapes, extra)
    fits = ~_impossible(some, kind.geometry) & (some.kinds == kind.geometry)
    fits &= (np.diff(some.shapes.assets) < 2) | (kind.geometry != "point")
    edits = [edit_of(table, row) for row in range(len(rows))]
    return [edit if fit else replace(edit, parts=None) for edit, fit in zip(edits, fits, strict=True)]


def _columns(
    layer: RawLayer, map_: LayerMap, kind: AssetType, ids: Column
) -> tuple[Fields, dict[str, Column], list[Issue]]:
    fields: Fields = {}
    extra: dict[str, Column] = {}
    issues: list[Issue] = []
    for entry in map_.columns:
        if entry.column not in layer.columns:
            issues.append(_note("format.column-missing", layer, map_, column=entry.column, field=entry.field))
            continue
        target = kind.field(entry.field)
        values, failed, left = _filled(layer, map_, entry, target, fields)
        if len(layer) and not _all_missing(values, target):
            fields[entry.field] = values
        if len(left):
            extra[entry.column] = left
            issues += _failures(layer, map_, entry, target, ids, failed)
            issues += _as_other(layer, map_, entry, failed, left)
        numbered = target.kind == "date" and _serials(layer.columns[entry.column])
        if numbered:
            facts = {"column": entry.column, "count": numbered}
            issues.append(_note("format.date-from-number", layer, map_, **facts))
        if entry.assumed:
            issues.append(_note("format.assumed-unit", layer, map_, column=entry.column, unit=entry.unit))
        issues += _unlikely(layer, map_, entry, target, values)
    unknown = [name for name in layer.columns if name not in map_.known()]
    for name in unknown:
        extra[map_.extra.get(name, name)] = as_delivered(layer.columns[name], map_.kinds.get(name, ""))
    new = [name for name in unknown if name not in map_.extra]
    if new:
        listed = ", ".join(new)
        issues.append(_note("format.unknown-columns", layer, map_, columns=listed, count=len(new)))
    return fields, extra, issues


def _filled(
    layer: RawLayer, map_: LayerMap, entry: ColumnMap, target: Field, fields: Fields
) -> tuple[Column | Later, Ints, Column]:
    """Return the values of one field, the rows that could not be read, and what stood there (if any).

    What stood there is also kept of codes that our list only knows as "other".
    """
    column = layer.columns[entry.column]
    listed = target.kind in {"code", "codes"}
    codes = known_codes(target.of[0], map_.schema, entry.codes, map_.type) if listed else {}
    result = converted(column, target, entry.unit, codes)
    failed = result.failed
    merged = _merged(column, target, codes) if listed else NO_ROWS
    if not len(failed) and not len(merged):
        return result.held, failed, failed
    values = result.values
    if target.name == "height" and map_.type == "conduit":
        widths, heights = sizes(column, entry.unit)
        read = ~np.isnan(widths)
        values = np.where(read, heights, values)
        earlier = fields.get("width")
        fields["width"] = np.where(read, widths, earlier if isinstance(earlier, np.ndarray) else np.nan)
        failed = failed[~read[failed]]
    left = np.full(len(layer), None, dtype=object)
    told = np.union1d(failed, merged)
    left[told] = [column[int(row)].as_py() for row in told]
    return values, failed, left


def _merged(column: pa.Array, target: Field, codes: Mapping[str, str]) -> Ints:
    """Return the rows whose code is one of another list that ours has no word for: it becomes "other"."""
    own = code_lists()[target.of[0]].get(OTHER)
    if own is None:
        return NO_ROWS
    ours = {OTHER, own.zh.casefold(), own.en.casefold(), *OTHERS}
    foreign = {spelling for spelling, code in codes.items() if code == OTHER and spelling not in ours}
    if not foreign:
        return NO_ROWS
    encoded = column.dictionary_encode()
    hits = [(text_of(value) or "").casefold() in foreign for value in encoded.dictionary.to_pylist()]
    if not any(hits):
        return NO_ROWS
    places = encoded.indices.fill_null(len(hits)).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.array([*hits, False])[places])


def _as_other(
    layer: RawLayer, map_: LayerMap, entry: ColumnMap, failed: Ints, left: Column
) -> Iterator[Issue]:
    """Yield one Issue about the codes of a column that only became "other"."""
    kept = np.array([value is not None for value in left], dtype=np.bool_)
    kept[failed] = False
    if kept.any():
        listed = ", ".join(sorted({str(value) for value in left[kept]})[:SHOWN])
        facts = {"column": entry.column, "codes": listed, "count": int(kept.sum()), "field": entry.field}
        yield _note("format.code-as-other", layer, map_, **facts)


def _serials(column: pa.Array) -> int:
    """Return how many dates of a column are the day numbers of a spreadsheet."""
    if pa.types.is_temporal(column.type):
        return 0
    if pa.types.is_dictionary(column.type) and not any(map(is_day_number, column.dictionary.to_pylist())):
        return 0
    counted = column.value_counts()
    values, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    return sum(count for value, count in zip(values, counts, strict=True) if is_day_number(value))


def _all_missing(values: Column | Later, target: Field) -> bool:
    if isinstance(values, Later):
        return values.missing
    if target.kind in {"number", "integer"}:
        return bool(np.isnan(values).all())
    if target.kind == "boolean":
        return bool((values < 0).all())
    return all(value is None for value in values)


def _failures(
    layer: RawLayer, map_: LayerMap, entry: ColumnMap, target: Field, ids: Column, failed: Ints
) -> Iterator[Issue]:
    """Yield an Issue for each value that could not be read, and one that counts those beyond the first."""
    code = "format.unknown-code" if target.kind in {"code", "codes"} else f"format.bad-{target.kind}"
    for row in failed[:MANY]:
        place = Place(layer.file, layer.name, int(layer.rows[row]))
        value = layer.columns[entry.column][int(row)].as_py()
        unit = entry.unit or target.unit
        facts: dict[str, object] = {
            "value": value, "column": entry.column, "field": target.name, "unit": unit,
        }  # fmt: skip
        yield Issue(code, Weight.DOUBT, map_.type, ids[row], place, facts)
    if len(failed) > MANY:
        more = len(failed) - MANY
        yield _note("format.more-like-it", layer, map_, rule=code, column=entry.column, count=more)


def _unlikely(
    layer: RawLayer, map_: LayerMap, entry: ColumnMap, target: Field, values: Column | Later
) -> Iterator[Issue]:
    """Yield a doubt when most diameters are impossible: the unit was taken wrongly."""
    if target.name != "height" or map_.type != "conduit" or not len(layer) or isinstance(values, Later):
        return
    there = values[~np.isnan(values) & (values > 0)]
    middle = float(np.median(there)) if len(there) else 0.3
    if not 0.02 <= middle <= 10:
        unit = entry.unit or target.unit
        yield _note("format.unlikely-unit", layer, map_, column=entry.column, unit=unit, middle=middle)


def _note(code: str, layer: RawLayer, map_: LayerMap, **facts: object) -> Issue:
    weight = Weight.DOUBT if code in DOUBTFUL else Weight.NOTE
    facts = {"layer": layer.name, "file": layer.file, **facts}
    return Issue(code, weight, map_.type, "", Place(layer.file, layer.name), facts)
