"""What one city has: a table of columns for each asset type."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.errors import UnknownAsset
from wenqu.network.geometry import Shapes, line_lengths
from wenqu.network.schema import asset_type, asset_types

Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class City:
    """The tenant: whose assets these are."""

    code: str
    zh: str = ""
    en: str = ""
    crs: str = ""  # "EPSG:4549", "" while it is not known
    simulated: bool = False  # every figure of a simulated city says so


def missing_column(kind: str, size: int) -> Column:
    """Return a column of ``size`` missing values of a field kind.

    Numbers and integers are float64 with NaN, booleans int8 with -1, all else object with None.
    """
    if kind in {"number", "integer"}:
        return np.full(size, np.nan)
    if kind == "boolean":
        return np.full(size, -1, dtype=np.int8)
    return np.full(size, None, dtype=object)


def column_of(kind: str, values: Iterable[object]) -> Column:
    """Return values (None where missing) as a column of a field kind."""
    rows = list(values)
    column = missing_column(kind, len(rows))
    for row, value in enumerate(rows):
        if value is not None:
            column[row] = value
    return column


@dataclass(frozen=True, slots=True)
class Later:
    """A column that nobody has asked for yet."""

    make: Callable[[], Column]
    missing: bool  # whether no row has a value


class Columns(Mapping[str, Column]):
    """Columns by name; what a file holds as bytes becomes Python's texts when it is first asked for."""

    def __init__(self, held: Mapping[str, Column | Later]) -> None:
        """Hold columns, made or to be made later."""
        self._held = dict(held)

    def __getitem__(self, name: str) -> Column:
        """Return one column."""
        held = self._held[name]
        if isinstance(held, Later):
            held = self._held[name] = held.make()
        return held

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._held)

    def __len__(self) -> int:
        """Return how many columns there are."""
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a column, without making it."""
        return name in self._held


@dataclass(frozen=True, slots=True)
class Assets:
    """All assets of one type: ids, columns of SI values, shapes, and columns nobody knows yet."""

    type: str
    ids: Column  # object, str, unique
    fields: Mapping[str, Column]  # by field name; a field without any value may be absent
    shapes: Shapes
    extra: Mapping[str, Column] = field(default_factory=dict)  # unknown columns, kept as delivered

    def __len__(self) -> int:
        """Return the number of assets."""
        return len(self.ids)

    def column(self, name: str) -> Column:
        """Return one column by field name, all missing if nobody filled it.

        Raises
        ------
        UnknownType
            The type has no such field.
        """
        entry = asset_type(self.type).field(name)
        if name in self.fields:
            return self.fields[name]
        return missing_column(entry.kind, len(self))

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Assets":
        """Return the assets at ``rows`` (indices or a mask), in that order."""
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        return Assets(
            self.type,
            self.ids[chosen],
            {name: column[chosen] for name, column in self.fields.items()},
            self.shapes.take(chosen),
            {name: column[chosen] for name, column in self.extra.items()},
        )

    def replace(self, **columns: Column) -> "Assets":
        """Return the same assets with other values in some columns."""
        return Assets(self.type, self.ids, {**self.fields, **columns}, self.shapes, self.extra)


def assets(
    type_: str,
    ids: Iterable[str],
    columns: Mapping[str, Iterable[object]],
    shapes: Shapes | None = None,
    extra: Mapping[str, Column] | None = None,
) -> Assets:
    """Return a table of assets from plain lists, checked against the type's fields.

    Raises
    ------
    UnknownType
        The type, or one of the columns, is not in the asset tables.
    """
    kind = asset_type(type_)
    names = np.array(list(ids), dtype=object)
    made: dict[str, Column] = {}
    for name, values in columns.items():
        entry = kind.field(name)
        made[name] = values if isinstance(values, np.ndarray) else column_of(entry.kind, values)
    return Assets(type_, names, made, Shapes.empty(len(names)) if shapes is None else shapes, extra or {})


@dataclass(frozen=True)
class Network:
    """What a city has, as of one moment. Functions take a Network; it does nothing itself."""

    city: City
    tables: Mapping[str, Assets]
    as_of: str = ""  # ISO time, "" for now
    version: int = 0  # number of the last change that is in it; caches key on it

    def table(self, type_: str) -> Assets:
        """Return all assets of one type; an empty table when there are none."""
        if type_ in self.tables:
            return self.tables[type_]
        asset_type(type_)
        return Assets(type_, np.empty(0, dtype=object), {}, Shapes.empty(0))

    @cached_property
    def _rows(self) -> dict[str, dict[str, int]]:
        return {
            name: dict(zip(table.ids.tolist(), range(len(table)), strict=True))
            for name, table in self.tables.items()
        }

    def known_row(self, type_: str, id_: str) -> int | None:
        """Return the row of one asset in its table, None when there is no such asset."""
        return self._rows.get(type_, {}).get(id_)

    def row(self, type_: str, id_: str) -> int:
        """Return the row of one asset in its table.

        Raises
        ------
        UnknownAsset
            There is no such asset; the nearest id is given.
        """
        row = self.known_row(type_, id_)
        if row is None:
            near = difflib.get_close_matches(id_, [str(name) for name in self.table(type_).ids[:20000]], n=1)
            raise UnknownAsset(type=type_, id=id_, nearest=near[0] if near else "")
        return row

    def find(self, id_: str) -> tuple[str, int]:
        """Return type and row of the asset with this id, whatever its type (nodes before links).

        Raises
        ------
        UnknownAsset
            No type has such an asset.
        """
        for role in ("node", "link", "area", "place", "thing"):
            for name, entry in asset_types().items():
                if entry.role == role and id_ in self._rows.get(name, {}):
                    return name, self._rows[name][id_]
        known = [str(name) for table in self.tables.values() for name in table.ids[:20000]]
        near = difflib.get_close_matches(id_, known, n=1)
        raise UnknownAsset("any", id=id_, nearest=near[0] if near else "")


def link_lengths(table: Assets) -> npt.NDArray[np.float64]:
    """Return the length of every link: the surveyed one, else that of its drawn line. [m]"""
    if "length" not in {entry.name for entry in asset_type(table.type).fields}:
        return line_lengths(table.shapes)
    surveyed = table.column("length")
    missing = np.isnan(surveyed)
    return np.where(missing, line_lengths(table.shapes), surveyed) if missing.any() else surveyed


def summary(network: Network) -> dict[str, object]:
    """Count the assets of each type and add up the lengths of the links. [m]"""
    present = {name: table for name, table in network.tables.items() if len(table)}
    lengths = {
        name: round(float(np.nansum(link_lengths(table))), 3)
        for name, table in present.items()
        if asset_type(name).geometry == "line" and asset_type(name).role == "link"
    }
    return {
        "city": network.city.code,
        "counts": {name: len(present[name]) for name in asset_types() if name in present},
        "length_m": lengths,
        "crs": network.city.crs,
        "simulated": network.city.simulated,
    }
