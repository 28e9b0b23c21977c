"""How do two sets of tables become one, and how are some rows taken out?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.formats.reading import stacked
from wenqu.network.geometry import Ints, Shapes
from wenqu.network.model import Assets, City, Column, Network, missing_column
from wenqu.network.schema import asset_type

NONE = np.empty(0, np.int64)


def merged(known: Mapping[str, Assets], new: Mapping[str, Assets]) -> dict[str, Assets]:
    """Return the tables as they become: new rows in the place of known ones with the same id."""
    tables = dict(known)
    for type_, table in new.items():
        if type_ in tables and len(tables[type_]) and len(table):
            tables[type_] = _in_place(tables[type_], table)
        elif len(table) or type_ not in tables:
            tables[type_] = table
    return tables


def _in_place(known: Assets, new: Assets) -> Assets:
    """Return two tables as one; a row that was known stays where it was, new ones follow."""
    replaced = amid(known, new.ids)
    if not replaced.any():
        return stacked(known, new)
    both = stacked(known.take(~replaced), new)
    index = pc.index_in(pa.array(new.ids, pa.string()), pa.array(known.ids, pa.string()))
    places = index.fill_null(len(known)).to_numpy(zero_copy_only=False)
    order = np.argsort(np.concatenate([np.flatnonzero(~replaced), places]), kind="stable")
    return both.take(order)


def split_off(table: Assets, ids: Iterable[str]) -> tuple[Assets, Assets]:
    """Return the rows whose id is not among ``ids``, and those whose id is."""
    among = amid(table, ids)
    if len(table) and among.all():
        return table.take(NONE), table
    return (table.take(~among), table.take(among)) if among.any() else (table, table.take(NONE))


def amid(table: Assets, ids: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Return which rows of a table have one of some ids."""
    named = pa.array(ids if isinstance(ids, np.ndarray) else list(ids), pa.string())
    return np.asarray(pc.is_in(pa.array(table.ids, pa.string()), named).to_numpy(zero_copy_only=False))


def up_to_date(
    network: Network,
    city: City,
    version: int,
    news: tuple[Mapping[str, Assets], Mapping[str, Iterable[str]]],
) -> Network:
    """Return a network after some assets were put and others closed; each table in the order of its ids.

    Parameters
    ----------
    network
        As it was, each table in the order of its ids.
    news
        What was put and the ids of what was closed, by type.
    """
    put, closed = news
    tables = dict(network.tables)
    for type_ in {*put, *closed}:
        old = network.table(type_)
        new = put.get(type_, old.take(NONE))
        left = ~amid(old, [*closed.get(type_, ()), *new.ids])
        tables[type_] = _without_empty(_in_order(old, left, new), old.take(~left))
    return Network(city, {name: table for name, table in tables.items() if len(table)}, "", version)


def _in_order(old: Assets, left: npt.NDArray[np.bool_], new: Assets) -> Assets:
    """Return the rows of a table that are left and new ones, in the order of their ids, as one."""
    rows = np.flatnonzero(left)
    places = np.searchsorted(old.ids[rows], new.ids)
    return stacked(old, new).take(np.insert(rows, places, np.arange(len(old), len(old) + len(new))))


def _without_empty(table: Assets, gone: Assets) -> Assets:
    """Return a table without the columns that only rows which are gone had filled."""

    def kept(columns: Mapping[str, Column], before: Mapping[str, Column]) -> dict[str, Column]:
        return {
            name: column
            for name, column in columns.items()
            if name not in before or not _any(before[name]) or _any(column)
        }

    return replace(table, fields=kept(table.fields, gone.fields), extra=kept(table.extra, gone.extra))


def _any(column: Column) -> bool:
    """Tell whether any value of a column is not missing."""
    if column.dtype == np.int8:
        return bool((column != -1).any())
    return bool(np.isfinite(column).any() if column.dtype.kind == "f" else (column != None).any())  # noqa: E711


def filled_up(known: Assets, new: Assets) -> Assets:
    """Return rows that come, with what they do not speak of from the known rows of the same id.

    A delivery without a column says nothing about that field, and one without shapes nothing of the
    places. An empty cell in a column that is there does say something.
    """
    place = pc.index_in(pa.array(new.ids, pa.string()), pa.array(known.ids, pa.string()))
    old = place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.flatnonzero(old >= 0)
    if not len(rows):
        return new
    kinds = {entry.name: entry.kind for entry in asset_type(new.type).fields}

    def kept(columns: Mapping[str, Column], before: Mapping[str, Column]) -> dict[str, Column]:
        made = dict(columns)
        for name in before.keys() - columns.keys():
            made[name] = missing_column(kinds.get(name, "text"), len(new))
            made[name][rows] = before[name][old[rows]]
        return made

    fields, extra = kept(new.fields, known.fields), kept(new.extra, known.extra)
    bare = rows[np.diff(new.shapes.assets)[rows] == 0]
    bare = bare[np.diff(known.shapes.assets)[old[bare]] > 0]
    return Assets(new.type, new.ids, fields, with_shapes(new.shapes, bare, known.shapes, old[bare]), extra)


def with_shapes(shapes: Shapes, rows: Ints, others: Shapes, theirs: Ints) -> Shapes:
    """Return shapes in which some rows have those of other rows."""
    if not len(rows):
        return shapes
    added = others.take(theirs)
    both = Shapes(
        np.concatenate([shapes.coords, added.coords]),
        np.concatenate([shapes.parts, added.parts[1:] + shapes.parts[-1]]),
        np.concatenate([shapes.assets, added.assets[1:] + shapes.assets[-1]]),
    )
    order = np.arange(len(shapes.assets) - 1)
    order[rows] = len(order) + np.arange(len(rows))
    return both.take(order)
