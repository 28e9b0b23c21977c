"""What does a row of an Access table say, column by column?"""

import datetime as dt
import math
import struct
import uuid
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from wenqu.network.formats.access_pages import BROKEN, AccessColumn, AccessTable, Book

BOOLEAN, TEXT, MEMO, NUMERIC = 1, 10, 12, 16
OLE, BINARY, COMPLEX = 11, 9, 18
LEFT_OUT = {BINARY, OLE, COMPLEX}  # pictures, attachments and other things that are no value
DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - dates of a table have no zone
HERE, ONE_PAGE = 0x80000000, 0x40000000  # where the text of a memo stands
LONGEST = 0x3FFFFFFF
PACKED = b"\xff\xfe"  # text whose letters below 256 take one byte

Value = object


def values_of(book: Book, table: AccessTable, row: bytes) -> list[Value]:
    """Return the values of one row, None where there is nothing.

    Raises
    ------
    ValueError
        The row is shorter than what it says of itself.
    """
    try:
        (count,) = struct.unpack_from("<H", row)
        mask = row[len(row) - (count + 7) // 8 :]
        ends = _ends(row, len(mask)) if table.varying else []
        return [_value(book, column, row, mask, count, ends) for column in table.columns]
    except BROKEN as error:
        raise ValueError(str(error)) from None


def _ends(row: bytes, masked: int) -> list[int]:
    """Return where each value without a fixed width begins, and where the last one ends."""
    at = len(row) - masked - 2
    (count,) = struct.unpack_from("<H", row, at)
    if at - 2 * (count + 1) < 2:
        raise ValueError(count)
    return [struct.unpack_from("<H", row, at - 2 - 2 * place)[0] for place in range(count + 1)]


def _value(book: Book, column: AccessColumn, row: bytes, mask: bytes, count: int, ends: list[int]) -> Value:
    there = column.number < count and mask[column.number // 8] >> (column.number % 8) & 1
    if column.kind == BOOLEAN:
        return bool(there) if column.number < count else None
    if not there or column.kind in LEFT_OUT:
        return None
    if column.fixed:
        return _read(book, column, row[2 + column.offset : 2 + column.offset + column.width])
    if column.place >= len(ends) - 1:
        return None
    return _read(book, column, row[ends[column.place] : ends[column.place + 1]])


def _read(book: Book, column: AccessColumn, data: bytes) -> Value:
    if column.kind == TEXT:
        return text_of(data)
    if column.kind == MEMO:
        return text_of(_long(book, data))
    if column.kind == NUMERIC:
        return _decimal(data, column.scale)
    read = READERS.get(column.kind)
    return read(data) if read else None


def text_of(data: bytes) -> str:
    """Return text: UTF-16, or packed (bytes, with stretches of UTF-16 between zeros)."""
    if not data.startswith(PACKED):
        return data[: len(data) // 2 * 2].decode("utf-16-le", errors="replace").rstrip("\0")
    text, packed, at = "", True, 2
    while at < len(data):
        if data[at] == 0:
            packed, at = not packed, at + 1
            continue
        end = at + 1
        if packed:
            end = data.find(b"\0", at)
            end = len(data) if end < 0 else end
            text += data[at:end].decode("latin-1")
        else:
            end = at + 2
            while end + 1 < len(data) and data[end]:
                end += 2
            text += data[at:end].decode("utf-16-le", errors="replace")
        at = end
    return text


def _long(book: Book, data: bytes) -> bytes:
    """Return the bytes of a memo: behind its head, in one row elsewhere, or in a chain of them."""
    size, pointer = struct.unpack_from("<II", data)
    if size & HERE:
        return data[12 : 12 + (size & LONGEST)]
    if size & ONE_PAGE:
        return book.record(pointer)[: size & LONGEST]
    text, seen = b"", set[int]()
    while pointer and pointer not in seen and len(text) < size:
        seen.add(pointer)
        part = book.record(pointer)
        (pointer,) = struct.unpack_from("<I", part)
        text += part[4:]
    return text[:size]


def _decimal(data: bytes, scale: int) -> float | int:
    """Return a scaled decimal: a sign, then four words, the highest first."""
    high, upper, lower, low = struct.unpack_from("<IIII", data, 1)
    number = Decimal(high << 96 | upper << 64 | lower << 32 | low).scaleb(-scale)
    number = -number if data[0] & 0x80 else number
    return int(number) if scale == 0 else float(number)


def _single(data: bytes) -> float:
    """Return a number of single width by its own digits: 1.35 is 1.35, not 1.3500000238."""
    (number,) = struct.unpack_from("<f", data)
    return float(str(np.float32(number))) if math.isfinite(number) else number


def _moment(data: bytes) -> dt.datetime | dt.date:
    """Return a day and time: days since 1899-12-30, the time of day always forward."""
    (days,) = struct.unpack_from("<d", data)
    rest, whole = math.modf(days)
    made = DAY_ZERO + dt.timedelta(days=whole, seconds=round(abs(rest) * 86400))
    return made if rest else made.date()


def _plain(form: str) -> Callable[[bytes], Value]:
    def read(data: bytes) -> Value:
        return struct.unpack_from(form, data)[0]

    return read


def _money(data: bytes) -> float:
    return float(Decimal(struct.unpack_from("<q", data)[0]) / 10000)


READERS: dict[int, Callable[[bytes], Value]] = {
    2: _plain("<B"),
    3: _plain("<h"),
    4: _plain("<i"),
    5: _money,
    6: _single,
    7: _plain("<d"),
    8: _moment,
    15: lambda data: "{" + str(uuid.UUID(bytes_le=data[:16])).upper() + "}",
    19: _plain("<q"),
}
KNOWN = {BOOLEAN, TEXT, MEMO, NUMERIC, *READERS}
