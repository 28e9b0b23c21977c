"""Which contents lie among the files of a store under no name?

A file is kept before the change that names it. A crash between the two leaves a content that no document
names, or a draft that was never whole; nothing is lost by it, but nobody would find it again.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from wenqu.store.files import Kept
from wenqu.store.moments import LOCAL
from wenqu.store.reached import Reached
from wenqu.store.tables import document

YOUNG = 3600.0  # [s] a file that is no older may belong to a change that is going on
DIGEST = 64  # letters of a SHA-256


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A file that no document names."""

    kept: Kept  # of a draft the sha256 is its file name
    written: str  # ISO time
    draft: bool  # was never whole


class FilesNamed(Reached):
    """The files of a store, and which of them nobody named."""

    def unnamed(self, age: float = YOUNG) -> list[Unnamed]:
        """Return the files that no document of any city names, the oldest first.

        Parameters
        ----------
        age
            Files that were written later than so long ago are left out. [s]
        """
        with self._reading() as connection:
            named = set(connection.execute(sa.select(document.c.sha256).distinct()).scalars())
        until = time.time() - age
        found = []
        for path in self._files.glob("??/*"):  # hidden ones too
            if path.name in named or not _is_ours(path):
                continue
            known = path.stat()
            if known.st_mtime <= until:
                at = datetime.fromtimestamp(known.st_mtime, UTC).astimezone(LOCAL)
                told = at.replace(tzinfo=None).isoformat(timespec="seconds")
                found.append(Unnamed(Kept(path.name, known.st_size), told, path.suffix == ".tmp"))
        return sorted(found, key=lambda one: one.written)

    def drop_draft(self, one: Unnamed) -> None:
        """Remove a file that was never whole."""
        for path in self._files.glob(f"??/{one.kept.sha256}"):
            if path.suffix == ".tmp":
                path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return path.is_file() and (path.suffix == ".tmp" or len(path.name) == DIGEST)
