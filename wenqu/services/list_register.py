"""Which rows of a register does a reader see: filtered, sorted, a page of them, with totals and groups?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.errors import BadInput
from wenqu.network.model import Column, column_of
from wenqu.services.city_state import CityState
from wenqu.services.register_filter import matching
from wenqu.services.register_tables import Rows, Texts, rows_of_register, texts_of
from wenqu.store.database import Store

Ints = npt.NDArray[np.int64]
MOST = 2000  # rows a page
FEW = 4000  # rows up to which the first of an order are picked without sorting all
GROUPS = 1000  # groups an answer
EVERY = "*"  # as the only column: all that hold anything
SHOWN_FIRST = 10  # columns of a reader who chose none


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader wants to see of a register."""

    where: str = ""
    sort: str = ""  # "-height,id": the first counts most, - is falling
    columns: tuple[str, ...] = ()  # () are those that somebody filled, the first ten
    group: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 50
    ids: frozenset[str] | None = None  # only these: a selection


def list_register(store: Store, state: CityState, name: str, asked: Asked) -> dict[str, object]:
    """Return a page of a register, column by column, with the totals of all that was found.

    Raises
    ------
    BadInput, UnknownType
        A filter cannot be read, or a column is not there.
    """
    rows = rows_of_register(store, state, name)
    found = found_rows(rows, asked)
    names = columns_of(rows, asked.columns)
    page = sorted_rows(rows, found, asked.sort, asked.offset + min(asked.limit, MOST))[asked.offset :]
    return {
        "register": name,
        "total": len(rows),
        "found": len(found),
        "offset": asked.offset,
        "columns": names,
        "ids": rows.ids[page].tolist(),
        "cells": {column: cells(rows, column, page) for column in names},
        "totals": {column: _total_of(rows, column, found) for column in names if _adds_up(rows, column)},
        "groups": _groups(rows, found, asked.group, names) if asked.group else None,
        "filled": filled(rows),
        "version": state.network.version,
    }


def is_at_hand(state: CityState, name: str, asked: Asked) -> bool:
    """Tell whether a page takes no time: the first rows, in their order, and all totals known."""
    table = state.network.tables.get(name)
    if table is None or asked.where or asked.sort or asked.group or asked.ids or not asked.columns:
        return False
    fields = [(column, table.fields[column]) for column in asked.columns if column in table.fields]
    return bool(state.made(f"register/{name}/filled")) and all(
        column.dtype.kind == "O" or state.made(_totalled(f"register/{name}", of)) for of, column in fields
    )


def _totalled(key: str, column: str) -> str:
    return f"{key}/{column}/total"


def _total_of(rows: Rows, name: str, found: Ints) -> dict[str, float | int | None]:
    """Return the total of a column, of all rows only once."""
    if len(found) < len(rows):
        return _total(rows, name, found)
    return rows.state.once(_totalled(rows.key, name), lambda: _total(rows, name, found))


def found_rows(rows: Rows, asked: Asked) -> Ints:
    """Return the rows that are asked for, in the order of the register."""
    mask = matching(rows, asked.where)
    if asked.ids is not None:
        mask &= np.fromiter((id_ in asked.ids for id_ in rows.ids.tolist()), dtype=bool, count=len(rows))
    return np.flatnonzero(mask)


def filled(rows: Rows) -> list[str]:
    """Return the columns in which anything stands."""

    def find() -> list[str]:
        return ["id", *(e.name for e in rows.register.fields[1:] if _any(rows.columns.get(e.name)))]

    return rows.state.once(f"{rows.key}/filled", find)


def _any(column: Column | None) -> bool:
    if column is None:
        return False
    if column.dtype.kind == "f":
        return not bool(np.isnan(column).all())
    if column.dtype == np.int8:
        return bool((column >= 0).any())
    return any(value is not None for value in column)


def columns_of(rows: Rows, wanted: Sequence[str]) -> list[str]:
    """Return the columns to show.

    Raises
    ------
    UnknownType
        One of them is not there.
    """
    if not wanted:
        there = filled(rows)
        naming = [name for name in rows.register.naming if name in there]
        first = [entry.name for entry in rows.register.fields if entry.required and entry.name in there]
        shown = dict.fromkeys([*naming, *first, *there])
        if naming:  # they say in words what the id is made of
            shown.pop("id", None)
        return list(shown)[:SHOWN_FIRST]
    if list(wanted) == [EVERY]:
        there = filled(rows)
        return [entry.name for entry in rows.register.fields if entry.name in there]
    return [rows.register.field(name).name for name in dict.fromkeys(wanted)]


def sorted_rows(rows: Rows, found: Ints, sort: str, wanted: int) -> Ints:
    """Return the first ``wanted`` of some rows in an order; only as many are sorted as are wanted.

    Raises
    ------
    UnknownType
        A column of the order is not there.
    """
    parts = [part.strip() for part in sort.split(",") if part.strip()]
    if not parts:
        return found[:wanted]
    if wanted <= FEW:
        return _first(rows, found, parts, wanted)
    keys = [_key(rows, part) for part in parts]
    chosen = np.sort(_narrowed(found, keys, wanted))
    order = np.lexsort([key[chosen] for key in reversed(keys)])
    return chosen[order][:wanted]


def _first(rows: Rows, found: Ints, parts: Sequence[str], wanted: int) -> Ints:
    """Return the first few of some rows in an order: those alike stay as they stand."""
    lead = parts[0]
    if rows.is_number(lead.lstrip("-+")) and 0 < wanted < len(found):  # most are out of the question
        values = _key(rows, lead)[found]
        found = found[values <= np.partition(values, wanted - 1)[wanted - 1]]
    columns, order = {}, []
    for number, part in enumerate(parts):
        name = part.lstrip("-+")
        if rows.is_number(name):
            columns[f"{number}"] = pa.array(_key(rows, part)[found])
            order.append((f"{number}", "ascending"))
        else:
            rows.register.field(name)
            columns[f"{number}"] = rows.strings_at(name, found)
            columns[f"{number} gone"] = pc.is_null(columns[f"{number}"]).cast(pa.int8())
            order.append((f"{number} gone", "ascending"))
            order.append((f"{number}", "descending" if part.startswith("-") else "ascending"))
    columns["row"] = pa.array(np.arange(len(found)))
    table = pa.table(columns)
    first = pc.select_k_unstable(table, min(wanted, len(found)), sort_keys=[*order, ("row", "ascending")])
    picked: Ints = found[first.to_numpy()]
    return picked


def _narrowed(tied: Ints, keys: Sequence[npt.NDArray[np.float64]], wanted: int) -> Ints:
    """Return the first of rows that are alike by every key before these, in no order."""
    if wanted <= 0:
        return tied[:0]
    if not keys or len(tied) <= wanted:
        return tied[:wanted]
    values = keys[0][tied]
    edge = np.partition(values, wanted - 1)[wanted - 1]
    sure = tied[values < edge]
    return np.concatenate([sure, _narrowed(tied[values == edge], keys[1:], wanted - len(sure))])


def _key(rows: Rows, part: str) -> npt.NDArray[np.float64]:
    """Return what a column sorts by: small comes first, what is missing last either way."""
    falling, name = part.startswith("-"), part.lstrip("-+")
    entry = rows.register.field(name)

    def make() -> npt.NDArray[np.float64]:
        if rows.is_number(name):
            values = rows.column(name).astype(np.float64)
            gone = values < 0 if entry.kind == "boolean" else np.isnan(values)
        else:
            texts = rows.texts(name)
            values, gone = texts.ranks.astype(np.float64), texts.places < 0
        return np.where(gone, np.inf, -values if falling else values)

    return rows.state.once(f"{rows.key}/{name}/sort{'-' if falling else '+'}", make)


def cells(rows: Rows, name: str, page: Ints) -> list[object]:
    """Return the values of some rows in the unit of the heading, None where there is none."""
    entry, column = rows.register.field(name), rows.column(name)[page]
    if entry.kind == "boolean" and column.dtype == np.int8:
        return [None if value < 0 else bool(value) for value in column.tolist()]
    if column.dtype.kind == "f":
        values = column / entry.scale
        whole = entry.kind == "integer"
        return [None if v != v else int(v) if whole else float(f"{v:.12g}") for v in values.tolist()]  # noqa: PLR0124
    return list(column.tolist())


def _adds_up(rows: Rows, name: str) -> bool:
    return rows.register.field(name).kind in {"number", "integer"} and rows.is_number(name)


def _total(rows: Rows, name: str, found: Ints) -> dict[str, float | int | None]:
    values = rows.column(name)[found]
    there = values[~np.isnan(values)] / rows.register.field(name).scale
    if not len(there):
        return {"count": 0, "sum": None, "mean": None, "low": None, "high": None}
    total = float(there.sum())
    return {
        "count": len(there),
        "sum": total,
        "mean": total / len(there),
        "low": float(there.min()),
        "high": float(there.max()),
    }


def _groups(rows: Rows, found: Ints, by: Sequence[str], names: Sequence[str]) -> list[dict[str, object]]:
    """Return count and sums of each combination of values, the largest first."""
    parts = [rows.texts(name) if not rows.is_number(name) else _as_words(rows, name) for name in by]
    together = np.zeros(len(found), dtype=np.int64)
    for part in parts:
        together = together * (len(part.words) + 1) + part.places[found] + 1
    distinct, first, group, count = np.unique(
        together, return_index=True, return_inverse=True, return_counts=True
    )
    sums = {}
    for name in names:
        if _adds_up(rows, name) and name not in by:
            values = np.nan_to_num(rows.column(name)[found]) / rows.register.field(name).scale
            sums[name] = np.bincount(group, values, len(distinct))
    order = np.argsort(-count, kind="stable")[:GROUPS]
    return [
        {
            "values": [_word(part.words, int(part.places[found[first[place]]])) for part in parts],
            "count": int(count[place]),
            "sums": {name: float(of[place]) for name, of in sums.items()},
        }
        for place in order
    ]


def _as_words(rows: Rows, name: str) -> Texts:
    def make() -> Texts:
        return texts_of(column_of("text", cells(rows, name, np.arange(len(rows)))))

    return rows.state.once(f"{rows.key}/{name}/words", make)


def _word(words: Sequence[str], place: int) -> str | None:
    return None if place < 0 else words[place]


def asked_of(
    where: str, sort: str, columns: str, group: str, offset: int = 0, limit: int = 50, ids: str = ""
) -> Asked:
    """Return a question from the words of an address.

    Raises
    ------
    BadInput
        Offset or limit make no page (``page``).
    """
    if offset < 0 or not 0 < limit <= MOST:
        raise BadInput("page", offset=offset, limit=limit, most=MOST)
    lists = (tuple(part.strip() for part in text.split(",") if part.strip()) for text in (columns, group))
    shown, by = lists
    only = frozenset(ids.split(",")) if ids else None
    return Asked(where, sort, shown, by, offset, limit, only)
