"""How are the messages of a vector tile written, byte by byte?"""

import numpy as np
import numpy.typing as npt

from wenqu.protocols.mvt_cutting import LINE, LINE_TO, MOVE_TO, Floats, Ints, compiled

Bytes = npt.NDArray[np.uint8]


@compiled
def put(out: Bytes, at: int, value: int) -> int:
    """Write one unsigned varint; return the next free place."""
    while value >= 128:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def _put_short(out: Bytes, at: int, value: int) -> int:
    """Write a varint that is mostly below 2^14, without a branch to mispredict there."""
    if value >= 16384:
        return put(out, at, value)
    more = value > 127
    out[at] = (value & 127) | (more << 7)
    out[at + 1] = value >> 7
    return at + 1 + more


@compiled
def varint_size(value: int) -> int:
    """Return the length of a varint."""
    total = 1
    while value >= 128:
        value >>= 7
        total += 1
    return total


@compiled
def _sizes(values: Ints, count: int) -> int:
    """Return the length of some varints below 2^35, without a branch to mispredict."""
    total = count
    for place in range(count):
        value = values[place]
        total += (value > 0x7F) + (value > 0x3FFF) + (value > 0x1FFFFF) + (value > 0xFFFFFFF)
    return total


@compiled
def _head(
    out: Bytes, at: int, about: tuple[int, int], told: tuple[Ints, int], sizes: tuple[int, int, int]
) -> int:
    """Write what stands before the geometry of a feature: lengths, id, tags, type (specification 4.2)."""
    kind, number = about
    tags, size = told
    body, tag_bytes, shape_bytes = sizes
    out[at] = 0x12
    at = put(out, at + 1, body)
    out[at] = 0x08
    at = put(out, at + 1, number)
    if size:
        out[at] = 0x12
        at = put(out, at + 1, tag_bytes)
        for place in range(size):
            at = _put_short(out, at, tags[place])
    out[at], out[at + 1], out[at + 2] = 0x18, kind, 0x22
    return put(out, at + 3, shape_bytes)


@compiled
def whole_line(out: Bytes, at: int, number: int, told: tuple[Ints, int], line: tuple[Floats, int]) -> int:
    """Write the message of a line of which every vertex is kept: geometry first, its head before it."""
    tags, size = told
    kept, count = line
    tag_bytes = _sizes(tags, size)
    head = 7 + varint_size(number) + (1 + varint_size(tag_bytes) + tag_bytes if size else 0)
    start = end = at + head
    out[end] = 1 << 3 | MOVE_TO
    x, y = int(kept[0, 0]), int(kept[0, 1])
    end = _put_short(out, end + 1, (x << 1) ^ (x >> 63))
    end = _put_short(out, end, (y << 1) ^ (y >> 63))
    end = _put_short(out, end, (count - 1) << 3 | LINE_TO)
    for row in range(1, count):
        dx, dy = int(kept[row, 0]) - x, int(kept[row, 1]) - y
        end = _put_short(out, end, (dx << 1) ^ (dx >> 63))
        end = _put_short(out, end, (dy << 1) ^ (dy >> 63))
        x, y = x + dx, y + dy
    shape_bytes = end - start
    body = head - 3 + varint_size(shape_bytes) + shape_bytes
    late = (
        varint_size(shape_bytes) - 1 + varint_size(body) - 1
    )  # by how much the two lengths are longer than a byte
    if late:
        for place in range(end - 1, start - 1, -1):
            out[place + late] = out[place]
    _head(out, at, (LINE, number), told, (body, tag_bytes, shape_bytes))
    return end + late


@compiled
def feature(
    out: Bytes, at: int, about: tuple[int, int], told: tuple[Ints, int], shape: tuple[Ints, int]
) -> int:
    """Write one feature message from the commands of its geometry."""
    tags, size = told
    commands, length = shape
    tag_bytes, shape_bytes = _sizes(tags, size), _sizes(commands, length)
    body = 4 + varint_size(about[1]) + varint_size(shape_bytes) + shape_bytes
    if size:
        body += 1 + varint_size(tag_bytes) + tag_bytes
    at = _head(out, at, about, told, (body, tag_bytes, shape_bytes))
    for place in range(length):
        at = put(out, at, commands[place])
    return at


@compiled
def text_messages(data: Bytes, starts: Ints) -> tuple[Bytes, Ints]:
    """Return the value messages (specification 2.1, 4.1) of texts one after another, and their sizes."""
    count = len(starts) - 1
    sizes = np.empty(count, np.int64)
    for row in range(count):
        length = starts[row + 1] - starts[row]
        inner = 1 + varint_size(length) + length
        sizes[row] = 1 + varint_size(inner) + inner
    out = np.empty(sizes.sum(), np.uint8)
    at = 0
    for row in range(count):
        length = starts[row + 1] - starts[row]
        out[at] = 0x22
        at = put(out, at + 1, 1 + varint_size(length) + length)
        out[at] = 0x0A
        at = put(out, at + 1, length)
        for place in range(starts[row], starts[row + 1]):
            out[at] = data[place]
            at += 1
    return out, sizes
