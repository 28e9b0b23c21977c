"""A file of the street comes in pieces: after a cut it goes on where it stopped."""

import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from wenqu.errors import BadInput
from wenqu.services.attachments import LARGEST
from wenqu.services.field_files import keep_field_file, missing_files
from wenqu.services.rights import Person, demand, demand_account
from wenqu.store.database import Store

FOLDER = "field"
PIECE = 4_000_000  # bytes of one piece at most
KEPT = 14 * 86400.0  # [s] that an unfinished file waits for its rest
MOST_BEGUN = 100  # unfinished files of one account in a city; beyond, the oldest goes


def files_begun(store: Store, city: str, wanted: Iterable[str], person: Person) -> dict[str, int]:
    """Return how much has come of those files that are not whole yet. [bytes]"""
    home = _home(store, city, person)
    sizes = {digest: _size(home / digest) for digest in missing_files(store, city, wanted)}
    return {digest: size for digest, size in sizes.items() if size}


def keep_piece(
    store: Store, city: str, digest: str, content: bytes, *, start: int, size: int, person: Person
) -> int:
    """Put a piece of a file behind what has come; keep the file once it is whole.

    Parameters
    ----------
    digest
        SHA-256 of the whole file.
    start
        Where the piece begins. [bytes]
    size
        Of the whole file. [bytes]

    Returns
    -------
    int
        How much there is now. [bytes]

    Raises
    ------
    BadInput
        The file is too large, a piece before this one is missing, more came than was announced, or the
        whole is not what its name says: then it is begun anew.
    Refused
        Nobody has signed in, or the person may read nothing here.
    """
    demand_account(person)
    demand(person, "read_attributes", city)
    if size > LARGEST:
        raise BadInput("attachment-size", name=digest[:12], size=size, most=LARGEST)
    if len(content) > PIECE:
        raise BadInput("field-piece", digest=digest[:12], most=PIECE)
    if not missing_files(store, city, [digest]):
        return size
    path = _home(store, city, person) / digest
    there = _size(path)
    if start > there or start + len(content) > size:
        raise BadInput("field-offset", digest=digest[:12], start=start, there=there, size=size)
    _write(path, start, content)
    if start + len(content) < size:
        _tidy(path.parent)
        return start + len(content)
    try:
        keep_field_file(store, city, digest, path.read_bytes(), person=person)
    finally:
        path.unlink(missing_ok=True)
    return size


def _home(store: Store, city: str, person: Person) -> Path:
    """Return the folder of one person's unfinished files: nobody can spoil those of another."""
    own = sha256(person.account.encode()).hexdigest()[:20]
    return Path(store.address[1]) / FOLDER / quote(city, safe="") / own


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _write(path: Path, start: int, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.is_file() else "w+b") as out:
        out.seek(start)
        out.write(content)
        out.truncate()


def _tidy(folder: Path) -> None:
    """Forget files whose rest never came."""
    found = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    old = time.time() - KEPT
    for at, one in enumerate(found):
        if at >= MOST_BEGUN or one.stat().st_mtime < old:
            with suppress(OSError):
                one.unlink()
