"""What does a delivered GIS file hold? Its tables, its doubts and the rows that could not enter."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.network.edits import edit_of
from wenqu.network.formats.assembling import Assembled, BadRow, assemble
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.districts import as_districts
from wenqu.network.formats.fieldmap import FieldMap, LayerMap, fieldmap_of
from wenqu.network.formats.placing import located
from wenqu.network.formats.proposing import completed, propose
from wenqu.network.formats.raw import RawLayer, read_layers
from wenqu.network.formats.systems import system_of, unshifted
from wenqu.network.formats.values import text_of
from wenqu.network.geometry import Ints, Shapes
from wenqu.network.model import Assets, Column, missing_column
from wenqu.network.schema import asset_type, asset_types, foreign_schemas

KEY = "wenqu_fieldmap"  # where a GeoPackage of ours keeps its field map
TYPE_COLUMN = "asset_type"  # says in a file of one layer what each row is


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a delivery."""

    tables: Mapping[str, Assets]
    crs: str
    issues: tuple[Issue, ...] = ()
    bad: tuple[BadRow, ...] = ()
    encoding: str = ""  # of a Shapefile's table
    counts: Mapping[str, int] = field(default_factory=dict)  # good rows by asset type
    fieldmap: FieldMap = field(
        default_factory=lambda: FieldMap(())
    )  # the map that was used; keep it for the next delivery
    origins: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)  # by type: layers it came from
    rows: Mapping[str, Ints] = field(default_factory=dict)  # by type: (n, 2) origin and row of each asset
    named: str = ""  # coordinate system that the file itself names, whatever was given
    presumed: bool = False  # the system is that of the format's rules; nobody named it

    def place(self, type_: str, row: int) -> Place:
        """Return where the asset in a row of a table stood."""
        origin, number = self.rows[type_][row]
        layer = self.origins[type_][origin]
        return Place(layer.file, layer.sheet, int(number))


def layers_of_geofile(path: Path, encoding: str = "") -> Delivered:
    """Return the layers of a GeoPackage, a Shapefile or a GeoJSON file with the field map that it carries.

    ``encoding`` is the one that a person chose for the table of a Shapefile.

    Raises
    ------
    FileMissing, FileUnreadable
        It cannot be read at all.
    """
    layers = [piece for layer in read_layers(path, KEY, encoding) for piece in by_type(layer)]
    own = own_map(path, layers)
    if own:
        return Delivered([_with_empty(layer, own) for layer in layers], [*_lacking(layers)], fieldmap=own)
    seen = [as_districts(layer) for layer in layers]
    told = [issue for _, issues in seen for issue in issues]
    return Delivered([layer for layer, _ in seen], [*_lacking(layers), *told])


def _lacking(layers: Iterable[RawLayer]) -> Iterator[Issue]:
    """Yield a doubt about each table that counts more rows than it has."""
    for layer in layers:
        if layer.lacking:
            facts: dict[str, object] = {"count": len(layer), "declared": len(layer) + layer.lacking}
            yield Issue("format.rows-lacking", Weight.DOUBT, place=Place(layer.file, layer.name), facts=facts)


def _with_empty(layer: RawLayer, own: FieldMap) -> RawLayer:
    """Return a layer with the unknown columns that went out empty, which some formats leave out."""
    map_ = own.of(layer.name)
    gone = [name for name in (map_.extra if map_ else ()) if name not in layer.columns]
    empty = {name: pa.nulls(len(layer), pa.string()) for name in gone}
    return replace(layer, columns={**layer.columns, **empty})


def read_geofile(path: Path, crs: str | None = None, fieldmap: FieldMap | None = None) -> Reading:
    """Read a GeoPackage, a Shapefile or a GeoJSON file (see ``understood``)."""
    return understood(path, layers_of_geofile(path), crs, fieldmap)


def chosen_map(delivered: Delivered, fieldmap: FieldMap | None) -> FieldMap:
    """Return the map that is used: the given one, else the file's own, else a proposal."""
    only_alike = fieldmap is not None and fieldmap.open and not fieldmap.layers
    given = (
        None if only_alike and delivered.fieldmap else fieldmap
    )  # a file of ours says itself what it holds
    map_ = given or delivered.fieldmap or propose(delivered.layers)
    return completed(map_, delivered.layers) if map_.open else map_


def understood(
    path: Path, delivered: Delivered, crs: str | None = None, fieldmap: FieldMap | None = None
) -> Reading:
    """Return what the layers of a delivery hold.

    Parameters
    ----------
    path
        The file that they come from.
    delivered
        Its layers.
    crs
        The coordinate system, when the file names none or a wrong one; also GCJ-02 and BD-09.
    fieldmap
        What the columns mean; without it the file's own map is used, else one is proposed.

    Raises
    ------
    BadInput
        The file names no coordinate system and none is given (never guessed); no layer is known.
    UnknownUnit
        A column names a unit that is not in the registry.
    """
    layers = delivered.layers
    map_ = chosen_map(delivered, fieldmap)
    read = [(layer, entry) for layer in layers if (entry := map_.of(layer.name)) is not None]
    if not read:
        known = ", ".join(asset_types())
        raise BadInput("no-layer", path=path.name, layers=", ".join(x.name for x in layers), known=known)
    found = located(path, read)
    by = system_of(path, [layer for layer, _ in found.layers], crs, asked=not delivered.model)
    issues = [*by.issues, *delivered.issues, *_encoding_issues(layers), *found.issues]
    strange = read if delivered.fieldmap is None else []  # of an export of ours everything is known
    issues += [issue for layer, entry in strange if (issue := _undrawn(layer, entry.type))]
    issues += [_empty(layer) for layer, _ in read if not len(layer)]
    for layer in layers:
        if map_.of(layer.name) is None:
            facts: dict[str, object] = {"layer": layer.name, "count": len(layer)}
            place = Place(layer.file, layer.name)
            issues.append(Issue("format.unknown-layer", Weight.DOUBT, place=place, facts=facts))
    issues += [_by_columns(layer, entry) for layer, entry in read if entry.taken_from[0]]
    issues += [_unconfirmed(layer, entry.schema) for layer, entry in read if is_unconfirmed(entry.schema)]
    straight = [(unshifted(layer, crs), entry) for layer, entry in found.layers]
    assembled = [(layer, assemble(layer, entry)) for layer, entry in straight]
    encodings = {layer.encoding.name for layer in layers if layer.encoding}
    said = next((layer.encoding.name for layer in layers if layer.encoding and layer.encoding.said), "")
    map_ = replace(map_, encoding=said, alike=(), layers=_with_headings(map_, layers))
    bad = [*delivered.bad, *found.bad]
    made = _joined(assembled, by.crs, issues, bad, ", ".join(sorted(encodings)), map_)
    presumed = by.presumed and delivered.fieldmap is None  # an export of ours is in degrees, it is known
    return replace(made, named=by.named, presumed=presumed)


def _with_headings(map_: FieldMap, layers: Iterable[RawLayer]) -> tuple[LayerMap, ...]:
    """Return the maps of layers with the columns that they had: a file of another name is known by them.

    A layer that comes with some of its columns only says nothing of the others: they are still its.
    """
    there = {layer.name: tuple(layer.columns) for layer in layers}
    come = [(one, there.get(one.layer, ())) for one in map_.layers]
    return tuple(one if set(one.headings) >= set(new) else replace(one, headings=new) for one, new in come)


def _by_columns(layer: RawLayer, entry: LayerMap) -> Issue:
    facts: dict[str, object] = {
        "layer": layer.name,
        "file": entry.taken_from[0],
        "date": entry.taken_from[1],
    }
    return Issue("format.map-by-columns", Weight.NOTE, place=Place(layer.file, layer.name), facts=facts)


def _empty(layer: RawLayer) -> Issue:
    return Issue(
        "format.no-rows", Weight.DOUBT, place=Place(layer.file, layer.name), facts={"layer": layer.name}
    )


def _undrawn(layer: RawLayer, type_: str) -> Issue | None:
    """Return what is to be told of a drawn layer some of whose rows lie nowhere; of lines a rule asks."""
    shapes = layer.shapes
    known = np.isfinite(shapes.coords).all(axis=1)
    counts = np.diff(np.concatenate([[0], np.cumsum(known)])[shapes.parts[shapes.assets]])
    absent = int((counts == 0).sum())
    if type_ in {"conduit", "channel"} or absent in {0, len(layer)}:
        return None
    first = int(layer.rows[np.flatnonzero(counts == 0)[0]])
    facts: dict[str, object] = {"layer": layer.name, "count": absent}
    return Issue(
        "format.rows-not-drawn", Weight.DOUBT, type_, place=Place(layer.file, layer.name, first), facts=facts
    )


def is_unconfirmed(schema: str) -> bool:
    """Tell whether nobody has yet held a schema's names and codes against its text."""
    known = foreign_schemas().get(schema)
    return known is not None and known.status == "memory"


def _unconfirmed(layer: RawLayer, schema: str) -> Issue:
    facts: dict[str, object] = {"layer": layer.name, "schema": foreign_schemas()[schema].short}
    return Issue("format.schema-unconfirmed", Weight.NOTE, place=Place(layer.file, layer.name), facts=facts)


def by_type(layer: RawLayer) -> list[RawLayer]:
    """Return a layer that says of each row what it is as one layer a type."""
    if TYPE_COLUMN not in layer.columns:
        return [layer]
    types = np.array(layer.columns[TYPE_COLUMN].cast(pa.string()).to_pylist(), dtype=object)
    rest = {name: column for name, column in layer.columns.items() if name != TYPE_COLUMN}
    bare = replace(layer, columns=rest)
    pieces = []
    for name in dict.fromkeys(types):
        piece = replace(bare.take(np.flatnonzero(types == name)), name=text_of(name) or layer.name)
        filled = {key: column for key, column in piece.columns.items() if column.null_count < len(column)}
        pieces.append(replace(piece, columns=filled))
    return pieces


def own_map(path: Path, layers: list[RawLayer]) -> FieldMap | None:
    """Return the map that a file of ours carries, in its metadata or beside it."""
    beside = path.with_suffix(".fieldmap.json")
    text: bytes | str = next((layer.metadata for layer in layers if layer.metadata), "")
    name = path.name
    if not text and beside.is_file():
        text, name = beside.read_bytes(), beside.name
    return replace(fieldmap_of(text, name), open=True) if text else None


def _encoding_issues(layers: list[RawLayer]) -> list[Issue]:
    told = [(layer, found) for layer in layers if (found := layer.encoding) and not found.plain]
    issues = []
    for layer, found in told:
        weight, facts = Weight.NOTE, dict[str, object](encoding=found.name, declared=found.declared)
        if found.other:
            code, weight = "format.encoding-doubtful", Weight.DOUBT
            facts = {
                "encoding": found.name,
                "other": found.other,
                "one": found.shown[0],
                "two": found.shown[1],
            }
        elif found.said:
            code = "format.encoding-said"
        elif found.name.casefold() != found.declared.casefold():
            code = "format.encoding-corrected" if found.declared else "format.encoding-recognised"
        else:
            continue
        issues.append(Issue(code, weight, place=Place(layer.file, layer.name), facts=facts))
    return issues


def _joined(
    assembled: list[tuple[RawLayer, Assembled]],
    crs: str,
    issues: list[Issue],
    earlier: list[BadRow],
    encoding: str,
    map_: FieldMap,
) -> Reading:
    """Return one reading of all layers; a type may come in several layers."""
    tables: dict[str, Assets] = {}
    origins: dict[str, tuple[Place, ...]] = {}
    rows: dict[str, Ints] = {}
    bad = list(earlier)
    for layer, made in assembled:
        issues += made.issues
        bad += made.bad
        table, type_ = made.assets, made.assets.type
        number = len(origins.get(type_, ()))
        come = np.column_stack([np.full(len(table), number), made.rows])
        if type_ in tables:
            fresh = ~np.isin(table.ids.astype(str), tables[type_].ids.astype(str))
            bad += _taken(layer, made, fresh, origins[type_])
            table = stacked(tables[type_], table.take(fresh))
            come = np.concatenate([rows[type_], come[fresh]])
        tables[type_], rows[type_] = table, come
        origins[type_] = (*origins.get(type_, ()), Place(layer.file, layer.name))
    issues += [entry.issue for entry in bad]
    counts = {name: len(table) for name, table in tables.items()}
    return Reading(tables, crs, tuple(issues), tuple(bad), encoding, counts, map_, origins, rows)


def _taken(
    layer: RawLayer, made: Assembled, fresh: npt.NDArray[np.bool_], before: Iterable[Place]
) -> list[BadRow]:
    """Return the rows whose identity another layer has already used."""
    rows, others = [], ", ".join(dict.fromkeys(place.sheet or place.file for place in before))
    for row in np.flatnonzero(~fresh):
        name, number = made.assets.ids[row], int(made.rows[row])
        facts: dict[str, object] = {"other": others}
        place = Place(layer.file, layer.name, number)
        issue = Issue("format.duplicate-elsewhere", Weight.BLOCK, made.assets.type, name, place, facts)
        raw = layer.raw(int(np.flatnonzero(layer.rows == number)[0]))
        rows.append(BadRow(issue, raw, edit_of(made.assets, int(row))))
    return rows


def stacked(first: Assets, second: Assets) -> Assets:
    """Return the assets of two tables of one type one after another."""
    kind = asset_type(first.type)
    kinds = {entry.name: entry.kind for entry in kind.fields}
    names = dict.fromkeys([*first.fields, *second.fields])
    fields = {
        name: np.concatenate(
            [table.fields.get(name, missing_column(kinds[name], len(table))) for table in (first, second)]
        )
        for name in names
    }
    extras: dict[str, Column] = {}
    for name in dict.fromkeys([*first.extra, *second.extra]):
        parts = [table.extra.get(name, np.full(len(table), None, object)) for table in (first, second)]
        extras[name] = np.concatenate([part.astype(object) for part in parts])
    one, two = first.shapes, second.shapes
    shapes = Shapes(
        np.concatenate([one.coords, two.coords]),
        np.concatenate([one.parts, two.parts[1:] + one.parts[-1]]),
        np.concatenate([one.assets, two.assets[1:] + one.assets[-1]]),
    )
    return Assets(first.type, np.concatenate([first.ids, second.ids]), fields, shapes, extras)
