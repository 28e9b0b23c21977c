"""Where the bytes of documents lie: one file for each content, named by its SHA-256."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from wenqu.errors import StoreFailed


def keep_file(folder: Path, content: bytes) -> str:
    """Keep ``content`` and return its SHA-256; what is there already is not written again."""
    name = sha256(content).hexdigest()
    path = folder / name[:2] / name
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
    path = folder / name[:2] / name
    try:
        content = path.read_bytes()
    except OSError:
        raise StoreFailed("file-missing", path=str(path)) from None
    if sha256(content).hexdigest() != name:
        raise StoreFailed("file-changed", path=str(path))
    return content


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole or not at all, whatever happens meanwhile.

    Raises
    ------
    StoreFailed
        It cannot be written: no permission, no space.
    """
    try:
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
    except OSError as error:
        raise StoreFailed("file", path=str(path), said=error.strerror or str(error)) from error
