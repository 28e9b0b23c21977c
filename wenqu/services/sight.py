"""What of a city may a person see? The one filter that stands before every question."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.network.geometry import Shapes, centres, geometries_from
from wenqu.network.id_join import rows_of
from wenqu.network.model import Assets, Network
from wenqu.network.schema import Field, asset_type
from wenqu.services.rights import Person, Reach, reach

Mask = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]
BODIES = ("owner", "keeper")
NAMING = ("asset", "conduit")  # attributes by which a statement names its asset
ATTACHED = "attachment"  # attachment/<type>/<quoted id>/<file> is a document of an asset
NAMED_BY_ASSET = {"attachment", "inspections"}  # so is <one of these>/<type>/<quoted id>/…


@dataclass(frozen=True, slots=True)
class Sight:
    """Where in one city a person may read shapes, and where values."""

    geometry: Reach
    attributes: Reach
    hidden: frozenset[str] = frozenset()  # asset types that the city keeps from those who only read

    @property
    def whole(self) -> bool:
        """Tell whether everything of the city may be read."""
        return self.geometry.whole and self.attributes.whole and not self.hidden

    def __bool__(self) -> bool:
        """Tell whether anything may be read."""
        return bool(self.geometry) or bool(self.attributes)


def sight_of(person: Person, city: str) -> Sight:
    """Return what a person may read in a city."""
    return Sight(reach(person, "read_geometry", city), reach(person, "read_attributes", city))


def seen(network: Network, sight: Sight) -> Network:
    """Return what of a network may be seen: other assets are absent, a right not held leaves blanks.

    A reference to an asset that is absent is blank too: its id is no less theirs than its place.

    An asset belongs to the district of its field ``district``, else to the district zone it lies in, else
    to that of an asset it names; to a body as owner or keeper. One of which no district is known is
    seen only by those who see the whole city.
    """
    if sight.whole:
        return network
    open_ = {name: table for name, table in network.tables.items() if name not in sight.hidden}
    if sight.geometry.whole and sight.attributes.whole:
        return Network(network.city, known_ends(open_), network.as_of, network.version)
    districts = districts_of(network)
    tables = {}
    for name, table in open_.items():
        shape = within(table, districts[name], sight.geometry)
        value = within(table, districts[name], sight.attributes)
        kept = shape | value
        if kept.any():
            tables[name] = _blanked(table.take(kept), shape[kept], value[kept])
    return Network(network.city, known_ends(tables), network.as_of, network.version)


def known_ends(tables: Mapping[str, Assets]) -> dict[str, Assets]:
    """Return tables whose references to assets that stand in none of them are blank."""
    return {
        name: table.replace(**blank) if (blank := dict(_ends_known(table, tables))) else table
        for name, table in tables.items()
    }


def _ends_known(table: Assets, tables: Mapping[str, Assets]) -> Iterator[tuple[str, Names]]:
    """Yield the columns of references that name an absent asset, without those names."""
    for entry in references_of(table.type):
        column = table.fields.get(entry.name)
        if column is None or not len(column):
            continue
        there = [tables[of].ids for of in entry.of if of in tables]
        (rows,) = rows_of(np.concatenate([np.empty(0, object), *there]), column)
        strange = (rows < 0) & ~_missing(column)
        if strange.any():
            found = column.copy()
            found[strange] = None
            yield entry.name, found


def references_of(type_: str) -> tuple[Field, ...]:
    """Return the fields of a type that name another asset."""
    return tuple(entry for entry in asset_type(type_).fields if entry.kind == "asset")


def known_fields(
    type_: str, fields: Mapping[str, object], there: Mapping[str, set[str]]
) -> dict[str, object]:
    """Return the fields of a version without names of assets that are not seen."""
    strange = {
        ref.name
        for ref in references_of(type_)
        if fields.get(ref.name) and not any(fields[ref.name] in there[of] for of in ref.of)
    }
    return {name: value for name, value in fields.items() if name not in strange}


def within(table: Assets, districts: Names, there: Reach) -> Mask:
    """Return which assets of a table lie where a person may do something."""
    if there.whole:
        return np.ones(len(table), dtype=np.bool_)
    mask = np.zeros(len(table), dtype=np.bool_)
    for district, body in there.places:
        mine = np.ones(len(table), dtype=np.bool_)
        if district:
            mine &= np.asarray(districts == district, dtype=np.bool_)
        if body:
            mine &= _of_body(table, body)
        mask |= mine
    return mask


def _of_body(table: Assets, body: str) -> Mask:
    mask = np.zeros(len(table), dtype=np.bool_)
    for name in BODIES:
        if name in table.fields:
            mask |= np.asarray(table.fields[name] == body, dtype=np.bool_)
    return mask


def _blanked(table: Assets, shape: Mask, value: Mask) -> Assets:
    shapes = table.shapes if shape.all() else _without(table.shapes, ~shape)
    if value.all():
        return Assets(table.type, table.ids, table.fields, shapes, table.extra)
    kinds = {entry.name: entry.kind for entry in asset_type(table.type).fields}
    fields = {name: _hidden(column, kinds[name], ~value) for name, column in table.fields.items()}
    extra = {name: _hidden(column, "text", ~value) for name, column in table.extra.items()}
    return Assets(table.type, table.ids, fields, shapes, extra)


def _hidden(column: npt.NDArray[np.generic], kind: str, rows: Mask) -> npt.NDArray[np.generic]:
    blank: object = {"number": np.nan, "integer": np.nan, "boolean": -1}.get(kind)
    hidden = column.astype(object) if blank is None else column.copy()
    hidden[rows] = blank  # type: ignore[assignment]
    return hidden


def _without(shapes: Shapes, rows: Mask) -> Shapes:
    counts = np.where(rows, 0, np.diff(shapes.assets))
    kept = shapes.take(np.flatnonzero(~rows).astype(np.int64))
    return Shapes(kept.coords, kept.parts, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def districts_of(network: Network) -> dict[str, Names]:
    """Return the district of every asset by type: id of a zone, None where it is not known."""
    named = {name: _named(table) for name, table in network.tables.items()}
    _from_zones(network, named)
    _from_references(network, named)
    return named


def are_districts(zones: Assets) -> Mask:
    """Return which zones are districts."""
    return np.asarray(zones.column("kind") == "district", dtype=np.bool_)


def _named(table: Assets) -> Names:
    column = table.fields.get("district")
    found = np.full(len(table), None, dtype=object) if column is None else column.astype(object).copy()
    found[found == ""] = None
    if table.type == "zone":
        own = are_districts(table)
        found[own] = table.ids[own]
    return found


def _missing(column: Names) -> Mask:
    return np.array([value is None for value in column.tolist()], dtype=np.bool_)


def _from_zones(network: Network, named: dict[str, Names]) -> None:
    zones = network.table("zone")
    rows = np.flatnonzero(are_districts(zones))
    if not len(rows):
        return
    areas = geometries_from(zones.shapes.take(rows), "polygon")
    ids, areas = zones.ids[rows][areas != None], areas[areas != None]  # noqa: E711 - an array asks each
    tree = shapely.STRtree(shapely.make_valid(areas))
    for name, table in network.tables.items():
        open_rows = np.flatnonzero(_missing(named[name]))
        if not len(open_rows) or not len(table.shapes.coords):
            continue
        middles = centres(table.shapes.take(open_rows))
        there = np.flatnonzero(np.isfinite(middles).all(axis=1))
        which, zone = tree.query(shapely.points(middles[there]), predicate="intersects")
        named[name][open_rows[there[which[::-1]]]] = ids[zone[::-1]]  # on a border: the first zone


def _from_references(network: Network, named: dict[str, Names]) -> None:
    for name, table in network.tables.items():
        for entry in asset_type(name).fields:
            open_rows = np.flatnonzero(_missing(named[name]))
            if entry.kind != "asset" or entry.name not in table.fields or not len(open_rows):
                continue
            for target in entry.of:
                if target not in network.tables:
                    continue
                place = dict(zip(network.tables[target].ids.tolist(), named[target].tolist(), strict=True))
                values = table.fields[entry.name][open_rows].tolist()
                found = [place.get(value) for value in values]
                for row, district in zip(open_rows.tolist(), found, strict=True):
                    if named[name][row] is None:
                        named[name][row] = district


def ids_within(network: Network, there: Reach, hidden: Collection[str] = ()) -> set[str]:
    """Return the ids of the assets where a person may do something, without those of hidden types.

    Readings, statements and files name an asset by its id alone. An id that assets of several types carry
    is theirs only where all of these are: else one of their gullies would open what was said of a pipe.
    """
    mine, others = _sides(network, there, hidden)
    return mine - others


def ids_beyond(network: Network, there: Reach) -> set[str]:
    """Return the ids that some asset carries where a person may not do something."""
    return _sides(network, there, ())[1]


def _sides(network: Network, there: Reach, hidden: Collection[str]) -> tuple[set[str], set[str]]:
    districts = {} if there.whole else districts_of(network)
    sides: tuple[set[str], set[str]] = (set(), set())
    for type_, table in network.tables.items():
        inside = np.full(len(table), type_ not in hidden)
        if not there.whole:
            inside &= within(table, districts[type_], there)
        sides[0].update(map(str, table.ids[inside].tolist()))
        sides[1].update(map(str, table.ids[~inside].tolist()))
    return sides


def names_only(statement: object, ids: set[str]) -> bool:
    """Tell whether a statement is about assets, and about none but these."""
    names = [str(getattr(statement, name)) for name in NAMING if getattr(statement, name, "")]
    names += [str(name) for name in getattr(statement, "assets", ())]
    return bool(names) and all(name in ids for name in names)


def belongs_to(document: str, ids: set[str]) -> bool:
    """Tell whether a document is attached to one of some assets."""
    parts = document.split("/")
    if parts[0] in NAMED_BY_ASSET and len(parts) > 3:
        return unquote(parts[2]) in ids
    return parts[0] == ATTACHED and len(parts) > 3 and unquote("/".join(parts[2:-1])) in ids
