"""Whose turn is it to write? Writers of one process wait in a row before they take a connection.

A writer that waits for the writer before it must hold nothing that this one needs. Waiting inside the
database, each would hold a connection of the pool; when all are held by writers that wait, the one at work
finds none to read with, and nobody goes on.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from wenqu.errors import StoreFailed

_guard = threading.Lock()
_rows: WeakValueDictionary[tuple[str, str], threading.Lock] = WeakValueDictionary()


@contextmanager
def turn(store: str, what: str, patience: float) -> Iterator[None]:
    """Wait until no other thread of this process writes there.

    Parameters
    ----------
    store
        Address of the database.
    what
        What is written: the code of a city where each has its own writers.
    patience
        How long to wait. [s]

    Raises
    ------
    StoreFailed
        The others took longer (``busy``).
    """
    with _guard:
        row = _rows.setdefault((store, what), threading.Lock())
    if not row.acquire(timeout=patience):
        raise StoreFailed("busy", where=store)
    try:
        yield
    finally:
        row.release()
