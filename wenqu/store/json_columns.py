"""How do the columns of a table become one JSON object a row, without an object of Python for each value?

A whole column is written as one JSON array by orjson, cut into its elements, and the elements are put
behind their keys row by row. The text of each row is to the byte what orjson makes of a dictionary of
the row (keys in the order of the alphabet, missing values left out); a test holds the two together.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from wenqu.network.model import Column
from wenqu.store.ragged import Bytes, Ints, Ragged, compiled

EXACT = 2.0**53  # floats up to it hold every whole number
_PLAIN = {str, type(None), bool, int}


class Uneven(Exception):
    """A column holds what only the slow way can tell about."""


@compiled
def _cut(text: Bytes, starts: Ints, ends: Ints) -> int:
    """Note first byte and end of every element of a JSON array (``null`` as nothing); return their number."""
    depth, quoted, count = 0, False, 0
    place, first = 1, 1
    last = len(text) - 1
    while place <= last:
        sign = text[place]
        if quoted:
            if sign == 92:  # a backslash: what follows is escaped
                place += 1
            elif sign == 34:
                quoted = False
        elif sign == 34:
            quoted = True
        elif sign in (91, 123):
            depth += 1
        elif depth > 0 and sign in (93, 125):
            depth -= 1
        elif depth == 0 and (sign == 44 or place == last):
            if count < len(starts):
                nothing = place - first == 4 and text[first] == 110
                starts[count], ends[count] = first, first if nothing else place
            count += 1
            first = place + 1
        place += 1
    return count


@compiled
def _joined(data: Bytes, first: Ints, sizes: Ints, keys: Bytes, key_starts: Ints) -> tuple[Bytes, Ints]:
    """Return ``{"key":value,…}`` of each row and where each begins; values of one column lie together."""
    columns, rows = first.shape
    starts = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        size = 2
        for column in range(columns):
            if sizes[column, row] > 0:
                size += sizes[column, row] + key_starts[column + 1] - key_starts[column] + 1
        starts[row + 1] = starts[row] + max(size - 1, 2) if size > 2 else starts[row] + 2
    made = np.empty(starts[rows], np.uint8)
    for row in range(rows):
        to = starts[row]
        made[to] = 123
        to += 1
        for column in range(columns):
            size = sizes[column, row]
            if size == 0:
                continue
            if to > starts[row] + 1:
                made[to] = 44
                to += 1
            for place in range(key_starts[column], key_starts[column + 1]):
                made[to] = keys[place]
                to += 1
            begin = first[column, row]
            for place in range(begin, begin + size):
                made[to] = data[place]
                to += 1
        made[to] = 125
    return made, starts


def json_rows(columns: Mapping[str, tuple[Column, str]], size: int) -> Ragged:
    """Return the JSON object of each of ``size`` rows; a column comes with its field's kind, "" if unknown.

    Raises
    ------
    Uneven
        A value cannot be kept, or is of a kind that only the slow way knows.
    """
    names = sorted(columns)
    texts = [_array_text(*columns[name]) for name in names]
    first, sizes = np.empty((len(names), size), np.int64), np.empty((len(names), size), np.int64)
    at = 0
    for row, text in enumerate(texts):
        if _cut(text, first[row], sizes[row]) != size and size:
            raise Uneven
        sizes[row] -= first[row]
        first[row] += at
        at += len(text)
    keys = Ragged.of_bytes([orjson.dumps(name) + b":" for name in names])
    data = np.concatenate([*texts, np.empty(0, np.uint8)])
    return Ragged(*_joined(data, first, sizes, keys.data, keys.starts))


def _array_text(column: Column, kind: str) -> Bytes:
    """Return a column as the text of one JSON array, missing values as null."""
    if kind in {"number", "integer"}:
        return _numbers(column, kind)
    if kind == "boolean" and column.dtype.kind in "iuf":
        if column.dtype.kind == "f":
            raise Uneven
        told = (column > 0).astype(object)
        told[column < 0] = None
        return _dumped(told.tolist())
    if column.dtype.kind == "f":
        return _numbers(column, "number")
    if column.dtype.kind in "iub":
        return _dumped(np.ascontiguousarray(column))
    if column.dtype.kind != "O":
        raise Uneven
    values = column.tolist()
    if not set(map(type, values)) <= _PLAIN:
        raise Uneven
    return _dumped(values)


def _numbers(column: Column, kind: str) -> Bytes:
    try:
        numbers = np.ascontiguousarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise Uneven from None
    if np.isinf(numbers).any():
        raise Uneven
    if kind == "number":
        return _dumped(numbers)
    missing = np.isnan(numbers)
    if (np.abs(numbers[~missing]) >= EXACT).any():
        raise Uneven
    if not missing.any():
        return _dumped(numbers.astype(np.int64))
    whole = np.where(missing, 0.0, numbers).astype(np.int64).astype(object)
    whole[missing] = None
    return _dumped(whole.tolist())


def _dumped(values: npt.NDArray[Any] | list[Any]) -> Bytes:
    try:
        text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        raise Uneven from None
    return np.frombuffer(text, np.uint8)
