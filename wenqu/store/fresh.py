"""Which answers of the database still hold, because nothing was committed since they were asked?

SQLite tells with one number whether any other connection, of this process or another, has committed
(``PRAGMA data_version``); what is asked with every request is then not asked again. PostgreSQL has no such
number, and is asked.
"""

import sqlite3
import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import sqlalchemy as sa

Made = TypeVar("Made")
MOST = 4096  # answers kept at once


class Fresh:
    """Answers that are kept until anything in the database changes. Safe to share between threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._path = engine.url.database if engine.dialect.name == "sqlite" else None
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._kept: tuple[int, dict[Hashable, Any]] = (-1, {})

    @property
    def near(self) -> bool:
        """Tell whether an answer is a matter of less than a millisecond: the database is a file."""
        return self._path is not None

    def answer(self, question: Hashable, ask: Callable[[], Made]) -> Made:
        """Return what ``ask`` returns, or returned since the last commit."""
        stamp = self._stamp()  # before asking: what is committed meanwhile makes a newer one
        if stamp is None:
            return ask()
        at, answers = self._kept
        if at != stamp or len(answers) > MOST:
            answers = {}
            self._kept = (stamp, answers)
        if question not in answers:
            answers[question] = ask()
        made: Made = answers[question]
        return made

    def _stamp(self) -> int | None:
        if self._path is None:
            return None
        with self._lock:
            if self._connection is None:  # it never writes, so that every commit is another's
                self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
