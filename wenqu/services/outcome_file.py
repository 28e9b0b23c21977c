"""How is what a check found kept in a file until it is accepted, however large the city?

It goes from one process to the next as a pickle. What makes a plain one slow is told apart here: columns of
texts go as Arrow's buffers, small records by their fields, small coordinate arrays by their bytes.
"""

import io
import pickle
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.issues import Issue, Place
from wenqu.network.edits import Edit
from wenqu.network.repairs.repair import Repair
from wenqu.network.staging import Flagged, Mended, Queued
from wenqu.store.files import replace_file

MANY = 1000  # values from which a column goes as Arrow's buffers
SMALL = 256  # numbers up to which an array goes by its bytes
RECORDS: tuple[type, ...] = (Place, Issue, Edit, Repair, Mended, Queued, Flagged)
Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


def write_outcome(path: Path, outcome: object) -> None:
    """Write what a check found: whole, or as it was before."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    pickler.dispatch_table = {**{record: _by_fields(record) for record in RECORDS}, np.ndarray: _array}
    pickler.dump(outcome)
    replace_file(path, file.getbuffer())


def read_outcome(path: Path) -> Any:
    """Return what was written; our own file beside the store."""
    return pickle.loads(path.read_bytes())  # noqa: S301


def _by_fields(record: type) -> Callable[[Any], Reduced]:
    values = attrgetter(*(entry.name for entry in fields(record)))
    return lambda one: (record, values(one))


def _array(array: npt.NDArray[Any]) -> Any:
    """Return how an array is made again."""
    if array.dtype == np.object_ and array.ndim == 1 and len(array) >= MANY:
        texts = _texts(array)
        if texts is not None:
            return _column, (texts,)
    if array.dtype == np.float64 and array.size <= SMALL:
        return _numbers, (array.tobytes(), array.shape)
    return array.__reduce_ex__(5)


def _texts(array: npt.NDArray[Any]) -> pa.Array | None:
    """Return a column of texts as Arrow keeps it, None when it holds anything else."""
    try:
        held = pa.array(array, from_pandas=False)
        held = held.cast(pa.large_string()) if pa.types.is_null(held.type) else held
    except (pa.ArrowException, UnicodeEncodeError, TypeError, ValueError, OverflowError):
        return None
    if not (pa.types.is_string(held.type) or pa.types.is_large_string(held.type)):
        return None
    first = held[: 10 * MANY]
    return held.dictionary_encode() if 2 * len(first.unique()) < len(first) else held


def _column(texts: pa.Array) -> npt.NDArray[np.object_]:
    if pa.types.is_dictionary(texts.type):
        pool = np.array([*texts.dictionary.to_pylist(), None], dtype=object)
        rows = texts.indices.fill_null(len(pool) - 1).to_numpy(zero_copy_only=False)
        return np.asarray(pool[rows])
    return np.asarray(texts.to_numpy(zero_copy_only=False))


def _numbers(content: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    return np.frombuffer(content).reshape(shape).copy()
