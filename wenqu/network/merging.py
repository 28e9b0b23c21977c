"""How do two sets of tables become one, and how are some rows taken out?"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.formats.reading import stacked
from wenqu.network.model import Assets

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
