"""How does a delivery of many assets enter the store at once: as columns, its indexes built at the end?

A change that puts many assets opens one ``Load``. On SQLite they become blocks (``wenqu.store.blocks``); on
PostgreSQL the rows go in by binary COPY, and while the store is as good as empty its
indexes and constraints step aside and are made again from what is there. All of it is inside the
transaction of the change: the guards stand again before anybody else sees a row.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from wenqu.errors import StoreFailed
from wenqu.store.blocks import write_blocks
from wenqu.store.packed import Packed
from wenqu.store.ragged import Bytes, Ints, compiled

MANY = 5_000  # assets from which on a table enters as columns
EMPTY = 20_000  # rows of a PostgreSQL store up to which its indexes step aside
COLUMNS = (
    "city", "type", "asset", "valid_from", "fields", "extra", "geometry",
    "west", "south", "east", "north", "digest",
)  # fmt: skip


class Load(Protocol):
    """Many assets on their way into one store."""

    def write(self, city: str, type_: str, number: int, rows: Packed) -> None:
        """Write the rows of one type, valid from change ``number`` on."""

    def finish(self) -> None:
        """Build what was put off."""


def load_into(connection: sa.Connection, coming: int, srid: int) -> Load:
    """Return the load for the kind of store; ``coming`` assets are on their way."""
    if connection.dialect.name == "postgresql":
        return PostgresLoad(connection, coming, srid)
    return SqliteLoad(connection)


class SqliteLoad:
    """Rows in blocks."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def write(self, city: str, type_: str, number: int, rows: Packed) -> None:
        """Write the rows of one type, valid from change ``number`` on."""
        write_blocks(self._connection, city, type_, number, rows)

    def finish(self) -> None:
        """Nothing was put off."""


class PostgresLoad:
    """Rows by binary COPY; indexes step aside while the store is as good as empty."""

    def __init__(self, connection: sa.Connection, coming: int, srid: int) -> None:
        self._connection = connection
        self._srid = srid
        self._again: list[str] = []
        few = f"SELECT count(*) FROM (SELECT 1 FROM asset LIMIT {EMPTY + 1}) AS few"  # noqa: S608
        if coming > EMPTY and connection.exec_driver_sql(few).scalar_one() <= EMPTY:
            self._step_aside()

    def _step_aside(self) -> None:
        """Drop what can be built faster afterwards, unless somebody else is reading."""
        ask = self._connection.exec_driver_sql
        constraints = ask(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'asset'::regclass AND contype IN ('u', 'f') ORDER BY contype DESC"
        ).all()
        indexes = ask(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = 'asset'::regclass AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
        ).all()
        try:
            with self._connection.begin_nested():
                ask("SET LOCAL lock_timeout = '2s'")
                for name, _ in constraints:
                    ask(f'ALTER TABLE asset DROP CONSTRAINT "{name}"')
                for name, _ in indexes:
                    ask(f"DROP INDEX {name}")
        except sa.exc.DBAPIError:  # in use, or not ours: then row by row
            return
        self._again = [definition for _, definition in indexes]
        self._again += [f'ALTER TABLE asset ADD CONSTRAINT "{name}" {text}' for name, text in constraints]

    def write(self, city: str, type_: str, number: int, rows: Packed) -> None:
        """Write the rows of one type, valid from change ``number`` on."""
        import psycopg

        head = b"".join(_field(text.encode()) for text in (city, type_))
        valid = _field(number.to_bytes(4, "big"))
        body = _copied(
            len(COLUMNS),
            np.frombuffer(head, np.uint8),
            np.frombuffer(valid, np.uint8),
            (rows.ids.data, rows.ids.starts),
            (rows.fields.data, rows.fields.starts),
            (rows.extra.data, rows.extra.starts),
            (rows.shapes.data, rows.shapes.starts),
            self._srid,
            np.isnan(rows.boxes[:, 0]),
            np.ascontiguousarray(rows.boxes).astype(">f8").view(np.uint8).reshape(-1),
            np.frombuffer(b"".join(rows.digests), np.uint8).reshape(-1, 16),
        )
        cursor = self._connection.connection.cursor()
        statement = f"COPY asset ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        try:
            with cursor.copy(statement) as copy:
                copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
                copy.write(memoryview(body))  # type: ignore[arg-type]
                copy.write(b"\xff\xff")
        except psycopg.Error as error:  # COPY goes past SQLAlchemy, its errors too
            raise StoreFailed("database", said=str(error).strip()) from error
        finally:
            cursor.close()

    def finish(self) -> None:
        """Make indexes and constraints again."""
        if self._again:
            self._connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        for statement in self._again:
            self._connection.exec_driver_sql(statement)
        self._again = []


def _field(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


@compiled
def _put(made: Bytes, to: int, data: Bytes, first: int, last: int) -> int:
    for place in range(first, last):
        made[to] = data[place]
        to += 1
    return to


@compiled
def _size(made: Bytes, to: int, size: int) -> int:
    for step in range(4):
        made[to + step] = (size >> (24 - 8 * step)) & 255
    return to + 4


@compiled
def _text(made: Bytes, to: int, column: tuple[Bytes, Ints], row: int) -> int:
    """Write one string, nothing as NULL."""
    data, starts = column
    size = starts[row + 1] - starts[row]
    if size == 0:
        return _size(made, to, -1)
    return _put(made, _size(made, to, size), data, starts[row], starts[row + 1])


@compiled
def _shape(made: Bytes, to: int, column: tuple[Bytes, Ints], row: int, srid: int) -> int:
    """Write well-known binary in the extended form that tells the coordinate system."""
    data, starts = column
    first, last = starts[row], starts[row + 1]
    if first == last or srid == 0:
        return _text(made, to, column, row)
    to = _put(made, _size(made, to, last - first + 4), data, first, first + 5)
    made[to - 1] |= 0x20
    for step in range(4):
        made[to + step] = (srid >> (8 * step)) & 255
    return _put(made, to + 4, data, first + 5, last)


@compiled
def _copied(  # noqa: PLR0913, PLR0917 - the columns of a row
    columns: int, head: Bytes, valid: Bytes, ids: tuple[Bytes, Ints], fields: tuple[Bytes, Ints],
    extra: tuple[Bytes, Ints], shapes: tuple[Bytes, Ints], srid: int, bare: npt.NDArray[np.bool_],
    boxes: Bytes, digests: Bytes,
) -> Bytes:  # fmt: skip
    """Return the rows in the binary form of COPY."""
    rows = len(bare)
    own = len(ids[0]) + len(fields[0]) + len(extra[0]) + len(shapes[0])
    made = np.empty(own + rows * (2 + len(head) + len(valid) + 4 * 5 + 4 + 48 + 16), np.uint8)
    to = 0
    for row in range(rows):
        made[to], made[to + 1] = 0, columns
        to = _put(made, to + 2, head, 0, len(head))
        to = _text(made, to, ids, row)
        to = _put(made, to, valid, 0, len(valid))
        to = _text(made, to, fields, row)
        to = _text(made, to, extra, row)
        to = _shape(made, to, shapes, row, srid)
        for side in range(4):
            if bare[row]:
                to = _size(made, to, -1)
            else:
                at = 32 * row + 8 * side
                to = _put(made, _size(made, to, 8), boxes, at, at + 8)
        to = _size(made, to, 16)
        for place in range(16):
            made[to] = digests[row, place]
            to += 1
    return made[:to]
