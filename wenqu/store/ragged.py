"""Many byte strings in one buffer: texts, shapes and digests of rows without an object for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

compiled = numba.njit(cache=True, nogil=True)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Byte strings one after another: string i is ``data[starts[i]:starts[i + 1]]``; an empty one is none."""

    data: Bytes
    starts: Ints  # (n + 1,)

    def __len__(self) -> int:
        """Return the number of strings."""
        return len(self.starts) - 1

    def span(self) -> Bytes:
        """Return the bytes of all strings, one after another."""
        return self.data[self.starts[0] : self.starts[-1]]

    def text(self, row: int) -> str:
        """Return one string as text."""
        return self.data[self.starts[row] : self.starts[row + 1]].tobytes().decode()

    @staticmethod
    def none(size: int) -> "Ragged":
        """Return ``size`` times nothing."""
        return Ragged(np.empty(0, np.uint8), np.zeros(size + 1, np.int64))

    @staticmethod
    def joined(parts: Sequence["Ragged"]) -> "Ragged":
        """Return the strings of several one after another."""
        sizes = np.concatenate([np.diff(part.starts) for part in parts])
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return Ragged(np.concatenate([part.span() for part in parts]), starts)

    @staticmethod
    def of_texts(values: npt.NDArray[Any]) -> "Ragged":
        """Return texts as their UTF-8 bytes."""
        return Ragged.of_arrow(pa.array(values, pa.large_string()))

    @staticmethod
    def of_bytes(values: list[bytes | None]) -> "Ragged":
        """Return byte strings, None as nothing."""
        return Ragged.of_arrow(pa.array(values, pa.large_binary()))

    @staticmethod
    def of_arrow(column: pa.Array) -> "Ragged":
        """Return the strings of an Arrow array of large strings or large binaries."""
        _, offsets, data = column.buffers()
        starts = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
        return Ragged(np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8), starts)

    def texts(self) -> list[str | None]:
        """Return every string as text, None for nothing."""
        return self._objects(pa.large_string())

    def blobs(self) -> list[bytes | None]:
        """Return every string as bytes, None for nothing."""
        return self._objects(pa.large_binary())

    def arrow(self, kind: pa.DataType) -> pa.Array:
        """Return the strings as an Arrow array of large strings or large binaries, null for nothing."""
        starts = np.ascontiguousarray(self.starts)
        there = np.packbits(np.diff(starts) > 0, bitorder="little")
        buffers = [pa.py_buffer(there), pa.py_buffer(starts), pa.py_buffer(np.ascontiguousarray(self.data))]
        return pa.Array.from_buffers(kind, len(self), buffers)

    def _objects(self, kind: pa.DataType) -> list[Any]:
        return self.arrow(kind).to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]
