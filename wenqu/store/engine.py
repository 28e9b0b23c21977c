"""How a database is reached, locked and left, and what it says when it fails."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wenqu.errors import StoreFailed
from wenqu.store.turns import turn
from wenqu.store.upgrade import bring_up_to_date

PATIENCE = 120  # seconds that a writer waits for the writer before it
_WRITES = "wenqu_writes"
CITIES = "wenqu_cities"  # option of an engine: codes that its transactions are about, "*" for all
BETWEEN = "\x1f"  # no code of a city has it


def engine_at(where: str, archive: str | None) -> tuple[sa.Engine, Path]:
    """Return the engine of an up-to-date store and its folder of readings and files.

    Raises
    ------
    StoreFailed
        It cannot be reached, read or written, or a newer Wenqu made it.
    """
    if re.match(r"postgres(ql)?(\+psycopg)?://", where):
        if not archive:
            raise StoreFailed("archive-missing")
        folder = _usable_folder(archive)
        engine = _postgres(where)
    elif "://" in where:
        raise StoreFailed("address", where=where.split("://", maxsplit=1)[0])
    else:
        folder = _usable_folder(where)
        engine = _sqlite(folder / "wenqu.sqlite")
        folder = _usable_folder(archive) if archive else folder
    try:
        with failures(engine), writing(engine) as connection:
            _lock_store(connection)
            bring_up_to_date(connection)
    except StoreFailed:
        engine.dispose()
        raise
    return engine, folder


def _usable_folder(path: str) -> Path:
    folder = Path(path).expanduser()
    try:
        if folder.exists() and not folder.is_dir():
            raise StoreFailed("not-a-folder", path=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed("no-permission", path=str(folder), said=error.strerror) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreFailed("no-permission", path=str(folder), said="os.access")
    return folder


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": PATIENCE})

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(where: str) -> sa.Engine:
    _, _, rest = where.partition("://")
    try:
        url = sa.make_url(f"postgresql+psycopg://{rest}")
    except sa.exc.ArgumentError:
        raise StoreFailed("address", where="postgresql") from None
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        """Say which cities the transaction is about: the policies of the tables ask for it."""
        cities = connection.get_execution_options().get(CITIES, "*")
        connection.exec_driver_sql("SELECT set_config('wenqu.cities', %s, true)", (cities,))

    return engine


@contextmanager
def writing(engine: sa.Engine, code: str = "") -> Iterator[sa.Connection]:
    """Give a connection in a writing transaction: committed at the end, undone by any error.

    ``code``: the city that is written, "" for what belongs to none. An embedded store has one writer for all.
    """
    row = "" if engine.dialect.name == "sqlite" else code
    where = engine.url.render_as_string(hide_password=True)
    with (
        turn(where, row, PATIENCE),
        engine.connect().execution_options(**{_WRITES: True}) as connection,
    ):
        transaction = connection.begin()
        try:
            yield connection
            if transaction.is_active:
                transaction.commit()
        finally:
            transaction.close()


def lock_city(connection: sa.Connection, code: str) -> None:
    """Wait until no other writer is at work on the city; held to the end of the transaction."""
    if connection.dialect.name == "postgresql":
        _lock(connection, f"wenqu city {code}")


def _lock_store(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        _lock(connection, "wenqu store")


def _lock(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


@contextmanager
def failures(engine: sa.Engine) -> Iterator[None]:
    """Turn what a database says into a StoreFailed with a sentence."""
    try:
        yield
    except sa.exc.TimeoutError as error:  # every connection of the pool is taken
        raise StoreFailed("busy", where=engine.url.database) from error
    except (sa.exc.DBAPIError, sqlite3.Error) as error:  # the driver's own past SQLAlchemy
        raise _failure(error, engine) from error


def _failure(error: sa.exc.DBAPIError | sqlite3.Error, engine: sa.Engine) -> StoreFailed:
    said = str(error.orig if isinstance(error, sa.exc.DBAPIError) else error).strip()
    where = engine.url.render_as_string(hide_password=True)
    facts: dict[str, Any] = {"where": engine.url.database, "path": engine.url.database, "said": said}
    for reason, pattern in _REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return StoreFailed(reason, **facts)
    lost = isinstance(error, sa.exc.DBAPIError) and (error.connection_invalidated or _is_connecting(error))
    if engine.dialect.name == "postgresql" and lost:
        return StoreFailed("unreachable", **{**facts, "where": where})
    return StoreFailed("database", **facts)


def _is_connecting(error: sa.exc.DBAPIError) -> bool:
    return isinstance(error, sa.exc.OperationalError) and error.statement is None


_REASONS = (
    ("busy", r"database is locked|lock timeout"),
    ("full", r"disk is full|No space left"),
    ("append-only", r"is append-only"),
    ("not-a-store", r"file is not a database|database disk image is malformed"),
    ("no-permission", r"readonly database|unable to open database file|permission denied"),
    ("no-postgis", r"extension \"postgis\""),
)
