"""What does a map tile hold? Mapbox vector tiles (specification 2.1) from coordinate arrays.

Coordinates are Web-Mercator metres. A layer is prepared once (values numbered and encoded); a tile
is then encoded from any choice of its rows in well under a millisecond. The bytes are uncompressed
and layers are joined by concatenation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.protocols.mvt_cutting import LINE, POINT, POLYGON, Floats, Ints
from wenqu.protocols.mvt_features import DIRECT, HASHED, ONCE, Numbers, features, gathered, numbered
from wenqu.protocols.mvt_writing import Bytes, text_messages
from wenqu.protocols.tiles import HALF_WORLD, Tile

EXTENT = 4096  # units along the side of a tile
FEW = 4096  # values of the first columns up to which a tile numbers them in a plain table
BUFFER = 64  # units kept beyond the edge, so that strokes are not cut where tiles meet
KINDS = {"point": POINT, "line": LINE, "polygon": POLYGON}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of n assets, ready to be cut into tiles."""

    name: str
    kind: int  # geometry type of the specification
    shapes: tuple[Floats, Ints, Ints]  # coords (m, 2) [m], parts (p + 1,), assets (n + 1,)
    ids: Ints  # (n,) number of the feature in the tile, ≥ 0
    keys: tuple[str, ...]
    values: Numbers  # (n, k) number of each value in the blob, -1 where missing
    blob: Bytes  # the value messages one after another
    starts: Ints  # (v + 1,) where each begins
    ways: Ints  # (k,) how each column numbers its values within a tile
    firsts: Ints  # (k + 1,) number of the first value of each column


def layer(
    name: str,
    kind: str,
    shapes: tuple[Floats, Ints, Ints],
    ids: npt.NDArray[np.integer[Any]],
    attributes: Mapping[str, npt.NDArray[Any] | pa.Array],
    order: Ints | None = None,
    distinct: frozenset[str] = frozenset(),
) -> Layer:
    """Return a layer prepared for encoding.

    Parameters
    ----------
    name
        Name of the layer in the tile.
    kind
        point, line or polygon.
    shapes
        Coordinates (m, 2) in Web-Mercator metres, part offsets (p + 1,), asset offsets (n + 1,).
        Polygon rings: counter-clockwise ones are outer rings, clockwise ones their holes.
    ids
        Non-negative numbers of the features, (n,).
    attributes
        Columns of n values: text, numbers or booleans; None and NaN are left out of the tile.
    order
        The row of the columns that each feature has, when they stand in another order.
    distinct
        Columns whose values nearly all differ, as identities do: nothing is gained by looking for equal ones.
    """
    rows = np.arange(len(ids)) if order is None else order
    numbers, pieces, sizes = [], [np.empty(0, np.uint8)], [np.empty(0, np.int64)]
    total, firsts, ways = 0, [0], []
    few_first = sorted(
        ((name, *_dictionary(column, rows, name in distinct)) for name, column in attributes.items()),
        key=_values,
    )
    for _, codes, blob, lengths in few_first:
        numbers.append(codes)
        pieces.append(blob)
        sizes.append(lengths)
        total += len(lengths)
        firsts.append(total)
        once = len(lengths) == np.count_nonzero(codes >= 0)
        ways.append(DIRECT if total <= FEW else ONCE if once else HASHED)
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    coords, parts, assets = shapes
    arrays = (np.ascontiguousarray(coords, np.float64), parts.astype(np.int64), assets.astype(np.int64))
    return Layer(
        name,
        KINDS[kind],
        arrays,
        ids.astype(np.int64),
        tuple(name for name, *_ in few_first),
        numbered(np.array(numbers, np.int32).reshape(len(numbers), len(ids)), np.array(firsts, np.int64)),
        np.concatenate(pieces),
        starts,
        np.array(ways, np.int64),
        np.array(firsts, np.int64),
    )


def encode_layer(made: Layer, rows: Ints, tile: Tile) -> bytes:
    """Return the bytes of one layer of a tile; empty when none of the rows shows in it.

    Lines are clipped to the buffered tile (and split), points are chosen, polygons are cut; vertices
    are rounded to whole units and repeated ones left out; what shrinks to nothing is dropped.
    """
    scale = EXTENT * 2.0**tile.z / (2 * HALF_WORLD)
    frame = (
        scale,
        HALF_WORLD * scale - tile.x * EXTENT,
        HALF_WORLD * scale - tile.y * EXTENT,
        float(-BUFFER),
        float(EXTENT + BUFFER),
    )
    about = (made.ids, made.values, made.ways, made.firsts)
    body, used = features(made.kind, made.shapes, about, np.ascontiguousarray(rows, np.int64), frame)
    if not len(body):
        return b""
    content = b"".join(
        [
            b"\x78\x02",
            _text(0x0A, made.name),
            body.tobytes(),
            *(_text(0x1A, key) for key in made.keys),
            gathered(made.blob, made.starts, used).tobytes(),
            b"\x28" + _varint(EXTENT),
        ]
    )
    return b"\x1a" + _varint(len(content)) + content


def _values(column: tuple[str, Numbers, Bytes, Ints]) -> int:
    """Return how many values a column has."""
    return len(column[3])


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _text(tag: int, text: str) -> bytes:
    data = text.encode()
    return bytes([tag]) + _varint(len(data)) + data


def _dictionary(
    column: npt.NDArray[Any] | pa.Array, rows: Ints, distinct: bool
) -> tuple[Numbers, Bytes, Ints]:
    """Return the code of every row (-1 missing) and the value messages with their sizes."""
    if isinstance(column, np.ndarray) and column.dtype.kind == "f" and len(column):
        first = column[0]
        if (np.isnan(column) if np.isnan(first) else column == first).all():  # of a city, many are so
            missing = bool(np.isnan(first))
            codes = np.full(len(rows), -1 if missing else 0, np.int32)
            return codes, *_doubles(np.array([] if missing else [first], "<f8"))
    held = column if isinstance(column, pa.Array) else pa.array(column, from_pandas=True)
    if distinct and not held.null_count:
        return np.arange(len(rows), dtype=np.int32), *_messages(held.take(pa.array(rows)))
    encoded = held.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes[rows], *_messages(encoded.dictionary)


def _messages(distinct: pa.Array) -> tuple[Bytes, Ints]:
    """Return the value messages of some values with their sizes."""
    if pa.types.is_floating(distinct.type):
        return _doubles(distinct.to_numpy(zero_copy_only=False).astype("<f8"))
    if pa.types.is_string(distinct.type):
        return _texts(distinct)
    messages = [_message(value) for value in distinct.to_pylist()]
    sizes = np.array([len(message) for message in messages], dtype=np.int64)
    return np.frombuffer(b"".join(messages), dtype=np.uint8), sizes


def _doubles(values: npt.NDArray[np.float64]) -> tuple[Bytes, Ints]:
    messages = np.empty((len(values), 11), np.uint8)
    messages[:, :3] = (0x22, 9, 0x19)  # layer.values, nine bytes, value.double_value
    messages[:, 3:] = values.view(np.uint8).reshape(-1, 8)
    return messages.ravel(), np.full(len(values), 11, np.int64)


def _texts(values: pa.Array) -> tuple[Bytes, Ints]:
    """Return the value messages of many texts at once."""
    _, offsets, data = values.buffers()
    span = slice(values.offset, values.offset + len(values) + 1)
    starts = np.frombuffer(offsets, np.int32)[span].astype(np.int64)
    return text_messages(np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8), starts)


def _message(value: object) -> bytes:
    """Return one value message (specification 2.1, 4.1): text, boolean or signed integer."""
    if isinstance(value, bool):
        inner = bytes([0x38, int(value)])
    elif isinstance(value, int):
        inner = b"\x30" + _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    else:
        inner = _text(0x0A, str(value))
    return b"\x22" + _varint(len(inner)) + inner
