"""Which pages of an Access file (Jet 4 and later) hold which table, and which bytes are its rows?

After the public notes on the format (HACKING of mdbtools). A file is pages of 4096 bytes; the definition of
the table of all tables is page 2; each table has a map of the pages that are its own, so that pages given
up long ago do not bring their rows back.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from wenqu.errors import FileUnreadable

PAGE = 4096
DATA, DEFINITION, MAP = b"\x01\x01", b"\x02\x01", b"\x05\x01"
NAMES = (b"Standard Jet DB", b"Standard ACE DB")
HEADER_KEY = bytes.fromhex("c7da396b")  # of the first page, the same in every file
CATALOGUE = 2  # page of the definition of the table of tables
DELETED, ELSEWHERE, OFFSET = 0x8000, 0x4000, 0x1FFF  # of the place of a row in its page
FIXED = 0x01  # flag of a column of a fixed width
BROKEN = (struct.error, IndexError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class AccessColumn:
    """One column of a table."""

    name: str
    kind: int  # number of its type
    number: int  # bit in the mask of what is there
    fixed: bool
    offset: int  # among the fixed bytes of a row
    place: int  # among the values of a row that have no fixed width
    width: int  # bytes
    scale: int  # digits behind the point of a decimal


@dataclass(frozen=True, slots=True)
class AccessTable:
    """What the definition of a table says."""

    page: int
    columns: tuple[AccessColumn, ...]
    varying: int  # columns without a fixed width
    rows: int  # that the file says it has
    owned: int  # pointer to the map of its pages


@dataclass(frozen=True, slots=True)
class Book:
    """The bytes of a file, page by page."""

    name: str
    data: bytes = field(repr=False)

    def page(self, number: int) -> bytes:
        """Return one page.

        Raises
        ------
        IndexError
            The file ends before it.
        """
        if not 0 <= number * PAGE < len(self.data):
            raise IndexError(number)
        return self.data[number * PAGE : (number + 1) * PAGE]

    def record(self, pointer: int) -> bytes:
        """Return the bytes at a pointer: a page, and a row of it."""
        page, row = self.page(pointer >> 8), pointer & 0xFF
        begin = struct.unpack_from("<H", page, 14 + 2 * row)[0] & OFFSET
        return page[begin : _end(page, row)]


def _end(page: bytes, row: int) -> int:
    return struct.unpack_from("<H", page, 12 + 2 * row)[0] & OFFSET if row else PAGE


def opened(name: str, data: bytes) -> Book:
    """Return a file whose pages can be read.

    Raises
    ------
    FileUnreadable
        It is no Access file, of Access 97 or older, cut short, locked by a password or encrypted.
    """
    if not data:
        raise FileUnreadable("empty", path=name)
    if data[4:19] not in NAMES:
        raise FileUnreadable("access", path=name)
    if data[0x14] == 0:
        raise FileUnreadable("access-old", path=name)
    if len(data) % PAGE or len(data) < 4 * PAGE:
        raise FileUnreadable("access-cut", path=name, size=len(data))
    head = rc4(HEADER_KEY, data[0x18:0x98])
    newer = data[0x14] > 1  # from Access 2007 on a password enciphers every page but the first
    if data[CATALOGUE * PAGE : CATALOGUE * PAGE + 2] != DEFINITION:
        locked = newer or head[0x26:0x2A] != bytes(4)
        raise FileUnreadable("access-locked" if locked else "access-damaged", path=name)
    if not newer and _password(head):
        raise FileUnreadable("access-locked", path=name)
    return Book(name, data)


def _password(head: bytes) -> bool:
    """Tell whether the first page keeps a password, masked by the day on which the file was made."""
    (made,) = struct.unpack_from("<d", head, 0x5A)
    try:
        mask = struct.pack("<i", int(made))
    except (struct.error, ValueError, OverflowError):
        return False
    kept = head[0x2A:0x52]
    return any(kept) and any(byte ^ mask[place % 4] for place, byte in enumerate(kept))


def rc4(key: bytes, data: bytes) -> bytes:
    """Return bytes enciphered, or deciphered, by RC4."""
    box, at = list(range(256)), 0
    for low in range(256):
        at = (at + box[low] + key[low % len(key)]) & 255
        box[low], box[at] = box[at], box[low]
    low = at = 0
    out = bytearray()
    for byte in data:
        low = (low + 1) & 255
        at = (at + box[low]) & 255
        box[low], box[at] = box[at], box[low]
        out.append(byte ^ box[(box[low] + box[at]) & 255])
    return bytes(out)


def table_at(book: Book, page: int) -> AccessTable:
    """Return the table whose definition begins at a page."""
    text = _definition(book, page)
    (rows,) = struct.unpack_from("<I", text, 16)
    varying, count = struct.unpack_from("<HH", text, 43)
    (indexes,) = struct.unpack_from("<I", text, 51)
    (owned,) = struct.unpack_from("<I", text, 55)
    at = 63 + 12 * indexes
    raw = [struct.unpack_from("<B4xHHHBB2xB5xHH", text, at + 25 * number) for number in range(count)]
    at += 25 * count
    columns = []
    for kind, number, place, _, _, scale, flags, offset, width in raw:
        (length,) = struct.unpack_from("<H", text, at)
        name = text[at + 2 : at + 2 + length].decode("utf-16-le", errors="replace")
        at += 2 + length
        columns.append(
            AccessColumn(name, kind, number, bool(flags & FIXED), offset, place, width, min(scale, 28))
        )
    return AccessTable(page, tuple(columns), varying, rows, owned)


def _definition(book: Book, page: int) -> bytes:
    """Return a definition, which may run over several pages, as one."""
    text, seen = b"", set[int]()
    while page and page not in seen:
        seen.add(page)
        part = book.page(page)
        if part[:2] != DEFINITION:
            raise ValueError(page)
        text += part[8:] if text else part
        (page,) = struct.unpack_from("<I", part, 4)
    return text


def rows_of(book: Book, table: AccessTable) -> Iterator[bytes]:
    """Yield the bytes of each row of a table; rows that were deleted are not among them."""
    for number in _pages(book, table):
        try:
            page = book.page(number)
        except IndexError:
            continue  # cut off: the file says how many rows there should be
        if page[:2] != DATA or struct.unpack_from("<I", page, 4)[0] != table.page:
            continue
        (count,) = struct.unpack_from("<H", page, 12)
        for row in range(min(count, (PAGE - 14) // 2)):
            (place,) = struct.unpack_from("<H", page, 14 + 2 * row)
            if place & DELETED:
                continue
            begin = place & OFFSET
            if not place & ELSEWHERE:
                yield page[begin : _end(page, row)]
                continue
            try:
                yield book.record(struct.unpack_from("<I", page, begin)[0])
            except BROKEN:
                yield b""  # its page is not there: a row that cannot be read


def _pages(book: Book, table: AccessTable) -> Iterator[int]:
    """Yield the numbers of the pages that are a table's own."""
    try:
        kept = book.record(table.owned)
        kind = kept[0]
    except BROKEN:
        yield from range(len(book.data) // PAGE)
        return
    if kind == 0:
        (first,) = struct.unpack_from("<I", kept, 1)
        yield from _marked(kept[5:], first)
        return
    for place, (page,) in enumerate(struct.iter_unpack("<I", kept[1 : 1 + (len(kept) - 1) // 4 * 4])):
        if page and book.page(page)[:2] == MAP:
            yield from _marked(book.page(page)[4:], place * 8 * (PAGE - 4))


def _marked(bits: bytes, first: int) -> Iterator[int]:
    for place, byte in enumerate(bits):
        if byte:
            yield from (first + 8 * place + bit for bit in range(8) if byte >> bit & 1)
