"""What would a format not give back of a network? Told before it is written."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wenqu.issues import Issue, Weight
from wenqu.network.model import Assets, Network

NO_EMPTY = {"shp", "dbf", "xlsx", "csv", "tsv"}  # an empty text comes back as nothing
TRIMMED = {"shp", "dbf"}  # blanks around a text go
MODEL = "inp"
OF_A_MODEL = {"manhole", "outfall", "storage", "conduit", "pump", "weir", "gate", "catchment", "gauge"}
NAMED, MORE = 8, " …"  # columns that a sentence lists, and what stands for the others


def losses(network: Network, ending: str) -> list[Issue]:
    """Return what a file of this ending would not give back: a doubt for each type and kind of loss.

    Texts that are too long are not among them: those are refused when the file is written.
    """
    ending, told = ending.casefold().lstrip("."), list[Issue]()
    for table in network.tables.values():
        if not len(table):
            continue
        if ending == MODEL:
            told += _of_a_model(table)
        else:
            told += column_losses(table.type, {"id": table.ids, **table.fields, **table.extra}, ending)
    return told


def column_losses(type_: str, columns: Mapping[str, Any], ending: str) -> list[Issue]:
    """Return what a format does to the values of some columns: empty texts, blanks, NUL, infinite numbers.

    Parameters
    ----------
    columns
        Numbers, or texts as objects, by the name of the column.
    ending
        That of the file, without its point.
    """
    texts = {name: _texts(values) for name, values in columns.items() if values.dtype == object}
    told = []
    if ending in NO_EMPTY:
        told += lost("export.empty-texts", type_, {n: sum(not v for v in of) for n, of in texts.items()})
    if ending in TRIMMED:
        told += lost("export.blanks", type_, {n: sum(map(_is_padded, of)) for n, of in texts.items()})
    told += lost("export.nul", type_, {n: sum("\0" in v for v in of) for n, of in texts.items()})
    told += lost("export.infinite", type_, {n: _infinite(values) for n, values in columns.items()})
    return told


def lost(code: str, type_: str, counts: Mapping[str, int]) -> list[Issue]:
    """Return one doubt that names the columns in which something is lost, none where nothing is."""
    some = {name: int(count) for name, count in counts.items() if count}
    if not some:
        return []
    names = ", ".join(list(some)[:NAMED]) + (MORE if len(some) > NAMED else "")
    facts: dict[str, object] = {"columns": names, "count": sum(some.values()), "kinds": len(some)}
    return [Issue(code, Weight.DOUBT, type_, facts=facts)]


def _of_a_model(table: Assets) -> list[Issue]:
    told = lost("export.own-columns", table.type, dict.fromkeys(table.extra, len(table)))
    if table.type not in OF_A_MODEL:
        told.append(Issue("export.not-in-model", Weight.DOUBT, table.type, facts={"count": len(table)}))
    return told


def _texts(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _is_padded(value: str) -> bool:
    return value != value.strip(" ") and bool(value.strip(" "))


def _infinite(values: Any) -> int:
    if values.dtype.kind == "f":
        return int(np.isinf(values).sum())
    return sum(isinstance(value, float) and abs(value) == np.inf for value in values if value is not None)
