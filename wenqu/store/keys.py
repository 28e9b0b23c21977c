"""Where does a store keep the secrets by which it signs? Beside its files, for its owner only."""

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from wenqu.errors import StoreFailed

Key = dict[str, str | list[str]]


def kept_key(folder: Path, name: str, make: Callable[[], Key]) -> Key:
    """Return a key of this name; the first who asks makes it.

    Raises
    ------
    StoreFailed
        It cannot be read or written.
    """
    path = folder / "keys" / f"{name}.json"
    try:
        if not path.exists():
            _write(path, orjson.dumps(make()))
        found: Key = orjson.loads(path.read_bytes())
    except OSError as error:
        raise StoreFailed("file", path=str(path), said=error.strerror or str(error)) from error
    except orjson.JSONDecodeError:
        raise StoreFailed("file-changed", path=str(path)) from None
    return found


def _write(path: Path, content: bytes) -> None:
    """Write a new file that nobody else can read; where another was first, theirs stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where there is one already, and never shows half a file
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
