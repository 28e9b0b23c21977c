"""What would a format not give back of a network? Told before it is written."""

from typing import Any

import numpy as np

from wenqu.issues import Issue, Weight
from wenqu.network.model import Assets, Network

NO_EMPTY = {"shp", "dbf", "xlsx", "csv"}  # an empty text comes back as nothing
TRIMMED = {"shp", "dbf"}  # blanks around a text go
MODEL = "inp"
NAMED = 8  # columns that a sentence lists


def losses(network: Network, ending: str) -> list[Issue]:
    """Return what a file of this ending would not give back: a doubt for each type and kind of loss.

    Texts that are too long are not among them: those are refused when the file is written.
    """
    ending, told = ending.casefold().lstrip("."), list[Issue]()
    for table in network.tables.values():
        if not len(table):
            continue
        if ending in NO_EMPTY:
            told += _said("export.empty-texts", table, {n: _count(v, _is_empty) for n, v in _texts(table)})
        if ending in TRIMMED:
            told += _said("export.blanks", table, {n: _count(v, _is_padded) for n, v in _texts(table)})
        if ending == MODEL and table.extra:
            told += _said("export.own-columns", table, dict.fromkeys(table.extra, len(table)))
    return told


def _texts(table: Assets) -> list[tuple[str, Any]]:
    every = {**table.fields, **table.extra}
    return [(name, values) for name, values in every.items() if values.dtype == object]


def _count(values: Any, lost: Any) -> int:
    return int(np.count_nonzero([lost(value) for value in values.tolist()]))


def _is_empty(value: object) -> bool:
    return value == ""


def _is_padded(value: object) -> bool:
    return isinstance(value, str) and value != value.strip(" ") and bool(value.strip(" "))


def _said(code: str, table: Assets, counts: dict[str, int]) -> list[Issue]:
    some = {name: count for name, count in counts.items() if count}
    if not some:
        return []
    names = ", ".join(list(some)[:NAMED]) + (" …" if len(some) > NAMED else "")
    facts: dict[str, object] = {"columns": names, "count": sum(some.values()), "kinds": len(some)}
    return [Issue(code, Weight.DOUBT, table.type, facts=facts)]
