"""Which rows of a register are asked for? Conditions as people can write them in an address.

``height>=300;material=hdpe|pvc;road~North;year=;built_on<2000-01-01`` — numbers in the unit of the heading;
``=`` with nothing behind it is empty, ``!=`` with nothing is filled, ``~`` is contains.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.errors import BadInput
from wenqu.services.register_tables import Mask, Rows

SHAPE = re.compile(r"\s*(\w+)\s*(~|>=|<=|!=|=|>|<)(.*)", re.DOTALL)
YES_NO = {"yes": 1, "true": 1, "1": 1, "是": 1, "no": 0, "false": 0, "0": 0, "否": 0}
FEW = 2  # values that are looked for one by one in a column of which nothing is made yet
ORDERS = {">=": pc.greater_equal, ">": pc.greater, "<=": pc.less_equal, "<": pc.less}
ROUNDING = 1e-9  # share by which two numbers may differ and still be the same: a unit was converted


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one column."""

    field: str
    op: str
    value: str


def conditions(text: str) -> list[Condition]:
    """Return the conditions of a filter.

    Raises
    ------
    BadInput
        A part is no condition (``list-filter``).
    """
    found = []
    for part in re.split(r"(?<!\\);", text):
        if part.strip():
            shape = SHAPE.fullmatch(part)
            if shape is None:
                raise BadInput("list-filter", part=part)
            value = shape.group(3).strip().replace(r"\;", ";")
            found.append(Condition(shape.group(1), shape.group(2), value))
    return found


def matching(rows: Rows, text: str) -> Mask:
    """Return the rows that meet every condition of a filter.

    Raises
    ------
    BadInput, UnknownType
        The filter cannot be read, or names a column that is not there.
    """
    mask = np.ones(len(rows), dtype=bool)
    for condition in conditions(text):
        mask &= _met(rows, condition)
    return mask


def _met(rows: Rows, asked: Condition) -> Mask:
    entry = rows.register.field(asked.field)
    column = rows.column(asked.field)
    if column.dtype.kind == "f" and entry.kind in {"number", "integer"}:
        return _numbers(column / entry.scale, asked)
    if entry.kind == "boolean":
        return _flags(column, asked)
    return _worded(rows, asked, several=entry.kind == "codes")


def _worded(rows: Rows, asked: Condition, *, several: bool) -> Mask:
    """Return the rows whose text meets a condition; dates in ISO form compare as texts do."""
    if asked.op == "~":
        low = asked.value.lower()
        return _mask(pc.match_substring(rows.lowered(asked.field), low)) & bool(low)
    some = asked.value.split("|")
    plain = asked.op == "=" and asked.value and not several and len(some) <= FEW
    if plain and not rows.has_strings(asked.field):
        column = rows.column(asked.field)  # quicker than to make strings of a million objects
        same: Mask = np.logical_or.reduce([np.asarray(column == value, dtype=bool) for value in some])
        return same
    texts = rows.strings(asked.field)
    empty = _mask(pc.is_null(texts))
    if not asked.value and asked.op in {"=", "!="}:
        return empty if asked.op == "=" else ~empty
    if asked.op in {"=", "!="}:
        if several:  # one of several in a cell
            words = rows.texts(asked.field)
            held = [bool(set(word.split("|")) & set(some)) for word in words.words]
            found: Mask = np.array([*held, False], dtype=bool)[words.places]
        else:
            found = _mask(pc.is_in(texts, pa.array(some, pa.large_string())))
        return found if asked.op == "=" else _but(found, empty)
    head = pc.utf8_slice_codeunits(texts, 0, len(asked.value))  # a shorter date is its whole span
    return _mask(ORDERS[asked.op](head, pa.scalar(asked.value, pa.large_string())))


def _mask(met: pa.Array) -> Mask:
    return np.asarray(met.fill_null(False).to_numpy(zero_copy_only=False))


def _numbers(values: np.typing.NDArray[np.float64], asked: Condition) -> Mask:
    if not asked.value:
        gone: Mask = np.isnan(values)
        return gone if asked.op == "=" else ~gone
    try:
        wanted = [float(part.replace(",", "").replace("\u2009", "")) for part in asked.value.split("|")]
    except ValueError:
        raise BadInput("filter-number", field=asked.field, value=asked.value) from None
    first, slack = wanted[0], abs(wanted[0]) * ROUNDING
    if asked.op in {"=", "~"}:
        same: Mask = np.logical_or.reduce([np.isclose(values, one, rtol=ROUNDING, atol=0) for one in wanted])
        return same
    if asked.op == "!=":
        return _but(np.isclose(values, first, rtol=ROUNDING, atol=0), np.isnan(values))
    limits = {
        ">=": lambda: values >= first - slack,
        "<=": lambda: values <= first + slack,
        ">": lambda: values > first + slack,
        "<": lambda: values < first - slack,
    }
    met: Mask = limits[asked.op]()
    return met


def _flags(column: np.typing.NDArray[np.int8], asked: Condition) -> Mask:
    if not asked.value:
        return column < 0 if asked.op == "=" else column >= 0
    wanted = {YES_NO.get(part.casefold(), -2) for part in asked.value.split("|")}
    if -2 in wanted:
        raise BadInput("filter-flag", field=asked.field, value=asked.value)
    found = np.isin(column, list(wanted))
    return ~found & (column >= 0) if asked.op == "!=" else found


def _but(found: Mask, empty: Mask) -> Mask:
    other: Mask = ~(found | empty)
    return other
