"""How does everything that a store keeps reach its database, its files and its readings?"""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from wenqu.errors import Refused
from wenqu.network.model import City
from wenqu.store.engine import failures
from wenqu.store.fresh import Fresh
from wenqu.store.network import city_in


class Reached:
    """A store's database and folders, and how one reads them or writes them alone."""

    def __init__(self, engine: sa.Engine, archive: Path) -> None:
        self._engine = engine
        self._folder = archive
        self._files = archive / "files"
        self._readings = archive / "series"
        self._here = threading.local()
        self._fresh = Fresh(engine)
        weakref.finalize(self, engine.dispose)
        weakref.finalize(self, self._fresh.close)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with failures(self._engine), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._here, "changing", False):
            raise Refused("change-within-change")
        self._here.changing = True
        try:
            yield
        finally:
            self._here.changing = False

    def city(self, code: str) -> City:
        """Return one city.

        Raises
        ------
        UnknownCity
            The store has no such city; the known ones are given.
        """
        with self._reading() as connection:
            return city_in(connection, code)
