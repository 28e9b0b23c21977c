"""How does a file of any size come in, so that it is there whole or not at all?

It is written beside the files of its delivery as it comes, and put among them when its last byte is there:
one that is called off, cut short, beyond the limit or without room leaves nothing, and what bore its name
before is still there.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from wenqu.errors import BadInput, StoreFailed
from wenqu.services.inspection_files import check_size

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Incoming:
    """One file while it comes."""

    def __init__(self, target: Path, draft: Path, before: int, most: int) -> None:
        """Begin a file.

        Parameters
        ----------
        target
            Where it lies when it is whole.
        draft
            Folder in which it is written until then, on the same disk.
        before
            Size of what the delivery has already. [bytes]
        most
            Size that the delivery may have. [bytes]
        """
        self._target, self._name, self._before, self._most = target, target.name, before, most
        self._draft = draft / token_hex(8)
        self._size = 0
        with self._failures():
            draft.mkdir(parents=True, exist_ok=True)
            self._out = self._draft.open("wb", buffering=0)

    def write(self, part: bytes) -> None:
        """Write what has come.

        Raises
        ------
        BadInput
            More than the limit has come (``inspections-large``), or the disk is full (``inspections-room``).
        StoreFailed
            The disk refuses it.
        """
        self._size += len(part)
        check_size(self._name, self._before + self._size, self._most)
        with self._failures():
            left = memoryview(part)
            while left:
                left = left[self._out.write(left) :]

    def end(self, *, whole: bool) -> None:
        """End the file; one that is not whole is forgotten."""
        try:
            self._out.close()
            if whole:
                with self._failures():
                    self._target.parent.mkdir(parents=True, exist_ok=True)
                    self._draft.replace(self._target)
        finally:
            self._draft.unlink(missing_ok=True)  # there only when it is not whole

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in NO_ROOM:
                free = shutil.disk_usage(self._draft.parent).free
                raise BadInput(
                    "inspections-full", name=self._name, size=self._size >> 20, free=free >> 20
                ) from error
            raise StoreFailed("file", path=self._name, said=error.strerror or str(error)) from error
