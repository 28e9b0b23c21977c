"""The rows of SQLite pages as arrays: compiled, and within their bounds whatever the bytes say."""

import numpy as np
import numpy.typing as npt

from wenqu.network.formats.unaligned import turned, word_at
from wenqu.network.formats.wkb import compiled
from wenqu.network.geometry import Floats, Ints

Bytes = npt.NDArray[np.uint8]
Small = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
SKIP, REAL, WHOLE, TEXT, SHAPE = 0, 1, 2, 3, 4  # what a column is read as
LEAF = 13  # first byte of a page that holds rows
ENVELOPES = np.array([0, 32, 48, 48, 64])  # bytes of the box before a shape, by its kind


@compiled
def _varint(data: Bytes, at: int) -> tuple[int, int]:
    """Return a whole number of one to nine bytes and where the next begins."""
    value = 0
    for step in range(8):
        byte = int(data[at + step])
        value = (value << 7) | (byte & 127)
        if byte < 128:
            return value, at + step + 1
    return (value << 8) | int(data[at + 8]), at + 9


@compiled
def _big(data: Bytes, at: int, size: int) -> int:
    """Return an unsigned whole number, the most first."""
    value = 0
    for step in range(size):
        value = (value << 8) | int(data[at + step])
    return value


@compiled
def local_bytes(size: int, usable: int) -> int:
    """Return how many bytes of a row stand in its own page."""
    if size <= usable - 35:
        return size
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    return local if local <= usable - 35 else least


@compiled
def cells_of(data: Bytes, pages: Ints, usable: int, cells: tuple[Ints, Ints, Ints]) -> bool:
    """Find the rows of some leaves: where each begins, its size, and the page in which it goes on (0: none).

    Returns False when the pages are damaged.
    """
    begins, sizes, further = cells
    row = 0
    for page in pages:
        count = _big(data, page + 3, 2)
        if data[page] != LEAF or 8 + 2 * count > usable or row + count > len(begins):
            return False
        for cell in range(count):
            place = _big(data, page + 8 + 2 * cell, 2)
            if place < 8 or place + 4 > usable:
                return False
            size, at = _varint(data, page + place)
            _, at = _varint(data, at)
            if size < 1 or size > 2**31 - 1:
                return False
            local = local_bytes(size, usable)
            if at + local + (4 if local < size else 0) > page + usable:
                return False
            begins[row], sizes[row] = at, size
            further[row] = _big(data, at + local, 4) if local < size else 0
            if local < size and further[row] == 0:
                return False
            row += 1
    return row == len(begins)


@compiled
def _length(serial: int) -> int:
    """Return the bytes of a value by its serial type, -1 for one that is not in use."""
    if serial >= 12:
        return (serial - 12) // 2
    if 0 <= serial <= 4:
        return serial
    if serial == 5:
        return 6
    if serial in (6, 7):
        return 8
    return 0 if serial in (8, 9) else -1


@compiled
def _signed(data: Bytes, at: int, serial: int, size: int) -> int:
    """Return a whole number as it is kept."""
    if serial >= 8:
        return serial - 8
    value = _big(data, at, size)
    if size < 8 and value >= 1 << (8 * size - 1):
        value -= 1 << (8 * size)
    return value


@compiled
def records_of(  # noqa: C901, PLR0912 a call that takes the arrays would cost more than it does
    rows: tuple[Bytes, Ints, Ints],
    columns: tuple[Ints, Ints],
    made: tuple[Floats, Ints, Flags],
    held: tuple[Ints, Small],
) -> bool:
    """Take the values of some rows apart; False when one is not of its column's kind or the row is damaged.

    Parameters
    ----------
    rows
        Bytes, and where each row begins and how long it is.
    columns
        What each column is read as, and its place among those read alike.
    made
        Numbers, whole numbers (by column) and what is absent, to be filled.
    held
        Where the texts, and last the shape, of each row begin and how long they are, to be filled.
    """
    data, begins, sizes = rows
    roles, places = columns
    reals, wholes, absent = made
    bits, words = reals.view(np.uint64), data.view(np.uint64)
    for row in range(len(begins)):
        at = begins[row]
        end = at + sizes[row]
        head, place = _varint(data, at)
        stop = at + head
        body = stop
        if head < 1 or stop > end:
            return False
        for column in range(len(roles)):
            if place >= stop:
                return False
            serial = int(data[place])
            if serial < 128:
                place += 1
            else:
                serial, place = _varint(data, place)
            size = _length(serial)
            role, own = roles[column], places[column]
            if size < 0 or body + size > end or not _fits(serial, role):
                return False
            if serial == 0:
                absent[column, row] = True
            elif role >= TEXT:
                where = own if role == TEXT else len(held[0]) - 1
                held[0][where, row], held[1][where, row] = body, size
            elif role == REAL and serial == 7:
                bits[own, row] = turned(word_at(words, body))
            elif role == REAL:
                reals[own, row] = float(_signed(data, body, serial, size))
            elif role == WHOLE:
                wholes[own, row] = _signed(data, body, serial, size)
            body += size
        if place != stop:
            return False
    return True


@compiled
def _fits(serial: int, role: int) -> bool:
    """Tell whether a value's type is one of its column's."""
    if serial == 0 or role == SKIP:
        return True
    if role >= TEXT:
        return serial >= 12 and (serial % 2 == 1) == (role == TEXT)
    return serial <= 9 and (serial != 7 or role == REAL)


@compiled
def well_known(data: Bytes, begins: Ints, sizes: Small) -> bool:
    """Strip the head of every shape, so that well-known binary is left; False when one has another head."""
    for row in range(len(begins)):
        size, at = sizes[row], begins[row]
        if size < 0:
            continue
        if size < 8 or data[at] != 71 or data[at + 1] != 80 or data[at + 2] != 0 or data[at + 3] & 32:
            return False
        box = (data[at + 3] >> 1) & 7
        if box > 4 or size < 8 + ENVELOPES[box] + 5:
            return False
        begins[row] += 8 + ENVELOPES[box]
        sizes[row] -= np.int32(8 + ENVELOPES[box])
    return True


@compiled
def simple_shapes(data: Bytes, begins: Ints, sizes: Small) -> tuple[int, Floats, Ints]:
    """Return kind (1 points, 2 lines), coordinates and how many of them each row has.

    Kind 0: there is something else than flat points or lines, or a point that is nowhere.
    """
    counts = np.zeros(len(begins), np.int64)
    total, kind = 0, 0
    for row in range(len(begins)):
        at = begins[row]
        if sizes[row] < 0:
            continue
        if sizes[row] < 9 or data[at] != 1 or data[at + 2] or data[at + 3] or data[at + 4]:
            return 0, np.empty((0, 2)), counts
        own = int(data[at + 1])
        points, head = 1, 5
        if own == 2:
            points, head = 0, 9
            for step in range(4):
                points |= int(data[at + 5 + step]) << (8 * step)
        if own not in (1, 2) or (kind and own != kind) or points < own or head + 16 * points != sizes[row]:
            return 0, np.empty((0, 2)), counts
        counts[row] = points
        kind = own
        total += points
    coords = np.empty((total, 2))
    words, raw = data.view(np.uint64), coords.reshape(-1).view(np.uint64)
    to = 0
    for row in range(len(begins)):
        size = 2 * counts[row]
        at = begins[row] + sizes[row] - 8 * size
        for number in range(size):
            raw[to + number] = word_at(words, at + 8 * number)
        to += size
    return kind if not np.isnan(coords).any() else 0, coords, counts


@compiled
def known_kinds(data: Bytes, begins: Ints, sizes: Small) -> bool:
    """Tell whether all shapes are points, lines or polygons, or several of a kind, flat or with heights."""
    for row in range(len(begins)):
        at = begins[row]
        if sizes[row] < 0:
            continue
        code = 0
        for step in range(4):
            code |= int(data[at + 1 + step]) << (8 * (step if data[at] else 3 - step))
        plain = (code & 0x1FFFFFFF) % 1000
        if data[at] > 1 or plain < 1 or plain > 6:
            return False
    return True


@compiled
def holds_zero(data: Bytes) -> bool:
    """Tell whether there is a byte 0."""
    found = 0
    for place in range(len(data)):
        found += data[place] == 0
    return found > 0
