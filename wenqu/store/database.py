"""Where a city's data is kept and read again: one store, embedded or on PostgreSQL."""

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import orjson
import sqlalchemy as sa

from wenqu.errors import BadInput
from wenqu.network.model import City, Network
from wenqu.store.accounts import Accounts
from wenqu.store.changes import Change, OpenChange, check_code
from wenqu.store.documents import DocumentInfo, digest_of, list_documents
from wenqu.store.engine import BETWEEN, CITIES, engine_at, failures, lock_city, writing
from wenqu.store.files import Kept, keep_path, kept_file, place_of
from wenqu.store.gis_views import make_views
from wenqu.store.keys import Key as Secret
from wenqu.store.keys import kept_key
from wenqu.store.moments import Moment, end_of, text_of
from wenqu.store.network import (
    AssetVersion,
    Box,
    cities_in,
    city_in,
    number_at,
    read_history,
    read_network,
)
from wenqu.store.news import News, read_news
from wenqu.store.pulls import Pull, note_pull, read_pulls
from wenqu.store.records import Filing, read_filings, read_records
from wenqu.store.seals import Chain, verify_all
from wenqu.store.series_kept import SeriesKept
from wenqu.store.standing import Touched, read_closed, read_touched, touched_names
from wenqu.store.tables import change
from wenqu.store.unnamed import FilesNamed
from wenqu.store.views import Views
from wenqu.store.waiting_kept import WaitingKept

Statement = TypeVar("Statement")


class Store(SeriesKept, WaitingKept, FilesNamed):
    """Everything that is known about every city. Open one with ``open_store``."""

    @property
    def accounts(self) -> Accounts:
        """Return who can sign in and what they have been granted."""
        return Accounts(self._engine, self._fresh)

    @property
    def near(self) -> bool:
        """Tell whether the store is a file beside us: what is asked with each request takes no time."""
        return self._fresh.near

    @property
    def views(self) -> Views:
        """Return which views of its registers an account kept."""
        return Views(self._engine)

    def narrowed(self, cities: Iterable[str]) -> "Store":
        """Return this store with transactions that are about some cities only.

        On PostgreSQL, under a role that does not own the tables, the database then shows no other; elsewhere
        nothing is different.
        """
        other = copy.copy(self)
        other._engine = self._engine.execution_options(**{CITIES: BETWEEN.join(cities)})  # noqa: SLF001 - ours
        return other

    def verify(self) -> list[Chain]:
        """Prove again that nothing was changed behind the store's back: every chain of changes."""
        with self._reading() as connection:
            return verify_all(connection)

    def close(self) -> None:
        """Let go of the connections; the store can be opened again."""
        self._fresh.close()
        self._engine.dispose()

    def cities(self) -> list[City]:
        """Return every city, in the order of their codes."""
        with self._reading() as connection:
            return cities_in(connection)

    def version(self, code: str) -> int:
        """Return the number of the last change of a city."""

        def ask() -> int:
            with self._reading() as connection:
                city_in(connection, code)
                return number_at(connection, code, None)

        return self._fresh.answer(("version", code), ask)

    def network(
        self,
        code: str,
        as_of: Moment | None = None,
        types: Sequence[str] | None = None,
        box: Box | None = None,
    ) -> Network:
        """Return the assets of a city as they are or were.

        Parameters
        ----------
        as_of
            ISO time or date (the end of that day); None is now.
        types
            Asset types to read; None is all of them.
        box
            Only assets whose box touches (x lowest, y lowest, x highest, y highest), in the city's
            coordinate system.

        Raises
        ------
        UnknownCity
            The store has no such city.
        """
        with self._reading() as connection:
            return read_network(connection, code, as_of, None if types is None else tuple(types), box)

    def news(self, code: str, since: int, most: int) -> News | None:
        """Return what became of a city's assets after a change, None when that is more than ``most``."""
        with self._reading() as connection:
            return read_news(connection, code, since, most)

    def changes(self, code: str, limit: int = 100, as_of: Moment | None = None) -> list[Change]:
        """Return the last changes of a city, newest first, those up to a moment where one is given."""
        chosen = sa.select(change).where(change.c.city == code).order_by(change.c.number.desc()).limit(limit)
        if as_of is not None:
            chosen = chosen.where(change.c.at <= end_of(as_of))
        with self._reading() as connection:
            city_in(connection, code)
            rows = connection.execute(chosen).all()
        return [
            Change(row.number, text_of(row.at), row.who, row.why, orjson.loads(row.counts)) for row in rows
        ]

    def history(self, code: str, type: str, id: str) -> list[AssetVersion]:  # noqa: A002
        """Return every version of one asset, oldest first; empty when it never was."""
        with self._reading() as connection:
            city_in(connection, code)
            return read_history(connection, code, type, id)

    def closed(self, code: str, ids: Iterable[str]) -> list[tuple[str, str, AssetVersion]]:
        """Return type, id and last version of the assets with these ids that are there no more."""
        with self._reading() as connection:
            return read_closed(connection, code, ids)

    def touched(self, code: str, number: int) -> list[Touched]:
        """Return what one change did to assets, and what stands on it."""
        with self._reading() as connection:
            city_in(connection, code)
            return read_touched(connection, code, number)

    def count_touched(self, code: str, number: int) -> int:
        """Return how many assets one change touched."""
        with self._reading() as connection:
            city_in(connection, code)
            return len(touched_names(connection, code, number))

    @contextmanager
    def change(self, code: str, *, who: str, why: str) -> Iterator[OpenChange]:
        """Open a change of a city: one transaction that is recorded as a whole or did not happen.

        Another writer of the same city waits until it is done. A change that changed nothing is not
        recorded. The first thing written for a new city is the city (``put_city``).

        Raises
        ------
        BadInput
            Nobody is named, no reason is given, or the code cannot name a city.
        Refused
            This thread has a change open already.
        """
        if not who.strip() or not why.strip():
            raise BadInput("change-unsigned", city=code)
        check_code(code)
        with self._alone(), failures(self._engine), writing(self._engine, code) as connection:
            lock_city(connection, code)
            opened = OpenChange(connection, code, who, why, self._files)
            yield opened
            if not opened.complete():
                opened.number -= 1
                connection.rollback()

    def records(
        self,
        code: str,
        kind: str,
        cls: type[Statement],
        as_of: Moment | None = None,
        last_run: bool = False,
        of: Collection[str] | None = None,
    ) -> list[Statement]:
        """Return the statements of one kind, oldest first.

        Parameters
        ----------
        cls
            The frozen dataclass they are made of.
        as_of
            Only those that had been made by then.
        last_run
            Only those of the newest change that made any of this kind.
        of
            Assets whose statements are enough; where they are many, others come too.
        """
        with self._reading() as connection:
            city_in(connection, code)
            number = number_at(connection, code, as_of)
            return read_records(connection, code, kind, cls, number, last_run, of)

    def filed(
        self, code: str, kind: str, cls: type[Statement], as_of: Moment | None = None
    ) -> list[tuple[Statement, Filing]]:
        """Return the statements of one kind with the change that filed each, oldest first."""
        with self._reading() as connection:
            city_in(connection, code)
            number = number_at(connection, code, as_of)
            made = read_records(connection, code, kind, cls, number, last_run=False)
            return list(zip(made, read_filings(connection, code, kind, number), strict=True))

    def sees_all(self, code: str) -> bool:
        """Tell whether nothing of a city is cut away from what this store gives."""
        return bool(self.city(code))

    def frozen_list(self, code: str, name: str) -> bytes | None:
        """Return the signed list behind a percentage, whole: whoever asks cuts what is shown of it."""
        return self.document(code, name)

    def rows_of_assets(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return a document that is a Parquet table with a row for each asset, None when there is none."""
        return self.document(code, name, as_of)

    def secret(self, name: str, make: Callable[[], Secret]) -> Secret:
        """Return a key that this store signs with; the first who asks makes it."""
        return kept_key(self._folder, name, make)

    def document(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return the bytes of a document, None when there is none of that name.

        Raises
        ------
        StoreFailed
            Its file is gone or was changed.
        """
        with self._reading() as connection:
            city_in(connection, code)
            digest = digest_of(connection, code, name, number_at(connection, code, as_of))
        return None if digest is None else kept_file(self._files, digest)

    def keep(self, code: str, path: Path, *, ours: bool = False, digest: str = "") -> Kept:
        """Keep the content of a file, of any size, for a document of a change that follows.

        ``ours``: nobody writes into it any more, so that it needs no copy. ``digest``: its SHA-256, if known.
        """
        self.city(code)
        return keep_path(self._files, path, ours=ours, digest=digest)

    def document_path(self, code: str, name: str) -> Path | None:
        """Return where a document's content lies, for what is too large to be read at once; None as above."""
        with self._reading() as connection:
            city_in(connection, code)
            digest = digest_of(connection, code, name, number_at(connection, code, None))
        return None if digest is None else place_of(self._files, digest)

    def documents(self, code: str, name: str | None = None) -> list[DocumentInfo]:
        """Return the newest version of every document, or with a name all versions of it, newest first."""
        with self._reading() as connection:
            city_in(connection, code)
            return list_documents(connection, code, name)

    @property
    def address(self) -> tuple[str, str]:
        """Return where ``open_store`` finds this store again: its place, and its folder of files."""
        url, archive = self._engine.url, str(self._files.parent)
        if self._engine.dialect.name == "sqlite":
            return str(Path(str(url.database)).parent), archive
        return url.render_as_string(hide_password=False), archive

    def note_pull(self, code: str, pull: Pull) -> None:
        """Write down that somebody took something from a city."""
        note_pull(self._folder, code, pull)

    def pulls(self, code: str) -> list[Pull]:
        """Return who took what from a city, newest first."""
        return read_pulls(self._folder, code)

    def make_gis_views(self, code: str, reader: str = "") -> list[str]:
        """Make the views through which a GIS reads a city on PostGIS; return their names.

        A role of the database given as ``reader`` may read them, and needs no right to the tables for that.

        Raises
        ------
        Refused
            The store is embedded.
        Unknown
            The database has no role of that name.
        """
        with failures(self._engine), writing(self._engine) as connection:
            return make_views(connection, city_in(connection, code), reader)


def open_store(where: str | Path, archive: str | Path | None = None) -> Store:
    """Open the store in a folder (embedded) or on PostgreSQL; a new one is made, an older one upgraded.

    Parameters
    ----------
    where
        A folder, or a ``postgresql://`` address of a database with PostGIS.
    archive
        Folder of readings and files; needed on PostgreSQL, else it is the same folder.

    Raises
    ------
    StoreFailed
        It cannot be reached, read or written, or a newer Wenqu made it.
    """
    engine, folder = engine_at(str(where), None if archive is None else str(archive))
    return Store(engine, folder)
