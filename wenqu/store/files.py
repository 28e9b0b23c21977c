"""Where the bytes of documents lie: one file for each content, named by its SHA-256."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from wenqu.errors import StoreFailed


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that lies in the store."""

    sha256: str
    size: int  # bytes


def digest_at(source: Path) -> str:
    """Return the SHA-256 of a file of any size.

    Raises
    ------
    StoreFailed
        It cannot be read.
    """
    with _failures(source), source.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def keep_path(folder: Path, source: Path, *, ours: bool = False, digest: str = "") -> Kept:
    """Keep a file of any size without ever holding it in memory; what is there already is not written again.

    Parameters
    ----------
    ours
        The file is our own and nobody writes into it any more: where the disk can, it gets a second name
        instead of a copy.
    digest
        Its SHA-256, as ``digest_at`` has just told it; "" to have it reckoned.

    Raises
    ------
    StoreFailed
        It cannot be read or written: no permission, no space.
    """
    with _failures(source):
        name = digest or digest_at(source)
        path, size = place_of(folder, name), source.stat().st_size
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not (ours and _named_too(path, source)):
                _copied(path, source)
    return Kept(name, size)


def _named_too(path: Path, source: Path) -> bool:
    """Give a file a second name; False where that cannot be: a link, another disk."""
    if source.is_symlink():
        return False
    try:
        path.hardlink_to(source)
    except FileExistsError:  # another has kept the same meanwhile
        return True
    except OSError:
        return False
    path.chmod(0o644)
    return True


def _copied(path: Path, source: Path) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    os.close(handle)
    try:
        shutil.copyfile(source, draft)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)  # there only when something failed


def place_of(folder: Path, name: str) -> Path:
    """Return where the content with this SHA-256 lies."""
    return folder / name[:2] / name


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed("file", path=str(path), said=error.strerror or str(error)) from error


def keep_file(folder: Path, content: bytes) -> str:
    """Keep ``content`` and return its SHA-256; what is there already is not written again."""
    name = sha256(content).hexdigest()
    path = place_of(folder, name)
    if not path.exists():
        replace_file(path, content)
    return name


def kept_file(folder: Path, name: str) -> bytes:
    """Return the content with this SHA-256.

    Raises
    ------
    StoreFailed
        The file is gone or was changed.
    """
    path = place_of(folder, name)
    try:
        content = path.read_bytes()
    except OSError:
        raise StoreFailed("file-missing", path=str(path)) from None
    if sha256(content).hexdigest() != name:
        raise StoreFailed("file-changed", path=str(path))
    return content


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file so that it is there as a whole or not at all, whatever happens meanwhile.

    Raises
    ------
    StoreFailed
        It cannot be written: no permission, no space.
    """
    with _failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)  # there only when something failed
