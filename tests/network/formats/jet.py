"""A small writer of Access files (Jet 4), so that the reader can be tried without anybody's database.

It follows the public notes on the format (HACKING of mdbtools) and writes what Access writes: a masked
first page, maps of pages, the table of tables, rows deleted in place, rows moved to another page, packed
text, memos of all three kinds. Its files were read by ``mdb-tables``, ``mdb-schema`` and ``mdb-export`` of
Debian's mdbtools 1.0.0, by hand, with the values that went in; the tests have them read by
``access-parser`` as well.
"""

import datetime as dt
import struct
import uuid
from dataclasses import dataclass, field

from wenqu.network.formats.access_pages import HEADER_KEY, PAGE, rc4

KINDS = {
    "bool": (1, True, 0), "byte": (2, True, 1), "int": (3, True, 2), "long": (4, True, 4),
    "money": (5, True, 8), "single": (6, True, 4), "double": (7, True, 8), "date": (8, True, 8),
    "text": (10, False, 510), "ole": (11, False, 0), "memo": (12, False, 0), "guid": (15, True, 16),
    "decimal": (16, True, 17),
}  # fmt: skip
FORMS = {"byte": "<B", "int": "<h", "long": "<i", "single": "<f", "double": "<d"}
MADE = 45000.5  # the day on which the file says it was made
SCALE = 3
DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - dates of a table have no zone


@dataclass
class Table:
    """A table to be written."""

    columns: list  # of (name, kind)
    rows: list
    deleted: set = field(default_factory=set)  # numbers of rows that were deleted in place
    moved: set = field(default_factory=set)  # numbers of rows that lie on another page
    flags: int = 0
    packed: bool = False
    indirect: bool = False  # the map of its pages lies on pages of its own
    stale: list = field(default_factory=list)  # rows on a page that the table has given up


def packed(text):
    """Return text as Access packs it: bytes, stretches of other letters between zeros (so not 一, 4E00)."""
    if any(ord(letter) > 255 and ord(letter) % 256 == 0 for letter in text):
        return text.encode("utf-16-le")
    out, narrow = b"\xff\xfe", True
    for letter in text:
        fits = ord(letter) < 256
        out += b"" if fits == narrow else b"\0"
        narrow = fits
        out += letter.encode("latin-1" if fits else "utf-16-le")
    return out


class File:
    """The pages of one file in the making."""

    def __init__(self):
        """Begin with the first page and the page of maps."""
        self.pages = [b"", [], None]  # first page, rows of maps, definition of the table of tables

    def add(self, page):
        """Add a page and return its number."""
        self.pages.append(page)
        return len(self.pages) - 1

    def long(self, data):
        """Return a memo's head, and where its text goes: here, to one row, or along a chain."""
        if len(data) <= 60:
            return struct.pack("<III", len(data) | 0x80000000, 0, 0) + data
        if len(data) <= 3000:
            page = self.add(data_page(b"LVAL", [data]))
            return struct.pack("<III", len(data) | 0x40000000, page << 8, 0)
        pointer = 0
        pieces = [data[low : low + 3000] for low in range(0, len(data), 3000)]
        for piece in reversed(pieces):
            pointer = self.add(data_page(b"LVAL", [struct.pack("<I", pointer) + piece])) << 8
        return struct.pack("<III", len(data), pointer, 0)

    def cell(self, kind, value, table):
        """Return the bytes of one value."""
        if kind in FORMS:
            return struct.pack(FORMS[kind], value)
        if kind == "money":
            return struct.pack("<q", round(value * 10000))
        if kind == "date":
            days = (value - DAY_ZERO) / dt.timedelta(days=1)
            return struct.pack("<d", days)
        if kind == "guid":
            return uuid.UUID(value).bytes_le
        if kind == "decimal":
            number = round(abs(value) * 10**SCALE)
            words = [number >> shift & 0xFFFFFFFF for shift in (96, 64, 32, 0)]
            return struct.pack("<BIIII", 0x80 if value < 0 else 0, *words)
        if kind == "ole":
            return self.long(value)
        text = packed(value) if table.packed else value.encode("utf-16-le")
        return self.long(text) if kind == "memo" else text

    def row(self, table, values):
        """Return the bytes of one row."""
        fixed, varying, ends, mask = b"", b"", [], 0
        count = len(table.columns)
        at = 2 + sum(KINDS[kind][2] for _, kind in table.columns if KINDS[kind][1])
        for place, ((_, kind), value) in enumerate(zip(table.columns, values, strict=True)):
            _, is_fixed, width = KINDS[kind]
            there = bool(value) if kind == "bool" else value is not None
            mask |= there << place
            data = self.cell(kind, value, table) if there and kind != "bool" else b""
            if is_fixed:
                fixed += data.ljust(width, b"\0")
            else:
                ends.append(at + len(varying))
                varying += data
        row = struct.pack("<H", count) + fixed + varying
        if ends:
            table_of_ends = [at + len(varying), *reversed(ends)]
            row += b"".join(struct.pack("<H", end) for end in table_of_ends) + struct.pack("<H", len(ends))
        return row + mask.to_bytes((count + 7) // 8, "little")

    def map_of(self, numbers, *, indirect):
        """Return the pointer to a map of pages."""
        if indirect or max(numbers, default=0) >= 512:
            bits = bytearray(PAGE - 4)
            for number in numbers:
                bits[number // 8] |= 1 << number % 8
            page = self.add(b"\x05\x01\0\0" + bytes(bits))
            kept = b"\x01" + struct.pack("<I", page) + bytes(64)
        else:
            bits = bytearray(64)
            for number in numbers:
                bits[number // 8] |= 1 << number % 8
            kept = b"\0" + bytes(4) + bytes(bits)
        self.pages[1].append(kept)
        return 1 << 8 | len(self.pages[1]) - 1

    def write_table(self, table, page=None):
        """Write a table and return the number of its definition's page."""
        page = page or self.add(None)
        numbers = []
        there = []  # (bytes, flags) of the rows of the page in hand
        size = 0
        for number, values in enumerate(table.rows):
            data, flags = self.row(table, values), 0
            if number in table.moved:
                other = self.add(data_page(struct.pack("<I", page), [data], [0x8000]))
                numbers.append(other)
                data, flags = struct.pack("<I", other << 8), 0x4000
            flags |= 0xC000 if number in table.deleted else 0
            if size + len(data) + 2 > PAGE - 14:
                numbers.append(self.add(data_page(struct.pack("<I", page), *zip(*there, strict=True))))
                there, size = [], 0
            there.append((data, flags))
            size += len(data) + 2
        if there:
            numbers.append(self.add(data_page(struct.pack("<I", page), *zip(*there, strict=True))))
        if table.stale:
            self.add(data_page(struct.pack("<I", page), [self.row(table, row) for row in table.stale]))
        owned = self.map_of(numbers, indirect=table.indirect)
        free = self.map_of([], indirect=False)
        self.define(page, definition(table, owned, free))
        return page

    def define(self, page, text):
        """Lay a definition on its page and as many more as it takes."""
        pieces = [text[low : low + PAGE - 8] for low in range(0, len(text), PAGE - 8)]
        numbers = [page, *(self.add(None) for _ in pieces[1:])]
        for number, piece, after in zip(numbers, pieces, [*numbers[1:], 0], strict=True):
            head = b"\x02\x01" + struct.pack("<HI", PAGE - 8 - len(piece), after)
            self.pages[number] = (head + piece).ljust(PAGE, b"\0")


def definition(table, owned, free):
    """Return the definition of a table, less the head of its page."""
    columns, names, offset, place = b"", b"", 0, 0
    for number, (name, kind) in enumerate(table.columns):
        code, fixed, width = KINDS[kind]
        misc = (18, SCALE) if kind == "decimal" else (9, 4) if kind in {"text", "memo"} else (0, 0)
        columns += struct.pack(
            "<BIHHHBBHBBIHH", code, 0x659, number, place, number, *misc, 1 if kind in {"text", "memo"} else 0,
            3 if fixed else 2, int(table.packed and not fixed), 0, offset if fixed else 0, width,
        )  # fmt: skip
        offset, place = (offset + width, place) if fixed else (offset, place + 1)
        names += struct.pack("<H", 2 * len(name)) + name.encode("utf-16-le")
    kept = len(table.rows) - len(table.deleted)
    size = len(table.columns)
    head = struct.pack("<IIIII", 0x659, kept, 0, 1, 0) + bytes(8)
    head += struct.pack("<BHHHIIII", 0x53 if table.flags else 0x4E, size, place, size, 0, 0, owned, free)
    text = head + columns + names + b"\xff\xff"
    return struct.pack("<I", len(text) + 12) + text


def data_page(owner, rows, flags=None):
    """Return a page of rows, the first at its end."""
    offsets, body = b"", b""
    for row, flag in zip(rows, flags or [0] * len(rows), strict=True):
        body = row + body
        offsets += struct.pack("<H", PAGE - len(body) | flag)
    free = PAGE - 14 - len(offsets) - len(body)
    head = b"\x01\x01" + struct.pack("<H", free) + owner + bytes(4) + struct.pack("<H", len(rows))
    return head + offsets + bytes(free) + body


def first_page(version=1, password="", key=0, name=b"Standard Jet DB"):
    """Return the first page, masked as Access masks it."""
    head = bytearray(128)
    head[0x24:0x26] = struct.pack("<H", 936)
    head[0x26:0x2A] = struct.pack("<I", key)
    mask = struct.pack("<i", int(MADE)) * 10
    word = password.encode("utf-16-le").ljust(40, b"\0")
    head[0x2A:0x52] = bytes(one ^ two for one, two in zip(word, mask, strict=True))
    head[0x56:0x5A] = struct.pack("<I", 0x0804)
    head[0x5A:0x62] = struct.pack("<d", MADE)
    begin = b"\0\x01\0\0" + name + b"\0" + struct.pack("<I", version)
    return (begin + rc4(HEADER_KEY, bytes(head))).ljust(PAGE, b"\0")


def write_mdb(path, tables, links=(), **first):
    """Write tables (name → Table) as an Access file."""
    file = File()
    file.pages[0] = first_page(**first)
    columns = [
        ("Id", "long"), ("ParentId", "long"), ("Name", "text"), ("Type", "int"), ("DateCreate", "date"),
        ("DateUpdate", "date"), ("Flags", "long"), ("LvProp", "ole"),
    ]  # fmt: skip
    day = DAY_ZERO + dt.timedelta(45000)
    known = [[2, 0, "MSysObjects", 1, day, day, -0x80000000, None]]
    for name, table in tables.items():
        page = file.write_table(table)
        known.append([page, 0, name, 1, day, day, table.flags, None])
    known += [[0x1000 + number, 0, name, 6, day, day, 0, None] for number, name in enumerate(links)]
    file.write_table(Table(columns, known, flags=-0x80000000), page=2)
    file.pages[1] = data_page(struct.pack("<I", 0), file.pages[1])
    path.write_bytes(b"".join(bytes(page) for page in file.pages))
    return path
