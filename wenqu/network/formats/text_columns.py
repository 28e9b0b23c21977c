"""How does a column of text cells become one Arrow array, each distinct text once if it can be?

Cells come block by block as places in bytes that stay near the processor. A column that says the same
again and again becomes codes and a short dictionary at once; any other becomes its texts, one after another.
"""

import os
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.formats.unaligned import put_word, word_at
from wenqu.network.formats.wkb import compiled
from wenqu.network.geometry import Ints

Bytes = npt.NDArray[np.uint8]
Small = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]
Piece = tuple[Bytes, Small, npt.NDArray[np.bool_] | None]  # texts, their ends, which are there
Known = tuple[Small, Bytes, Small, Words]  # slots, the texts, where each ends, how each starts
FEW = 8  # rows a distinct text at least, for a column to stay a dictionary
MOST = 1 << 14  # distinct texts up to which a column may stay one
ROOM = 1 << 20  # bytes of them
SLOTS = 4 * MOST
FIRST = 1000  # rows after which more texts than half as many end it
POSITIONED = hasattr(os, "preadv")  # whether bytes of a file can be read from a place on
ABSENT = -1  # size of a cell without a value


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@compiled
def _start(words: Words, at: int, size: int) -> tuple[np.uint64, np.uint64]:
    """Return the first sixteen bytes of a text as two numbers, zeros behind its end."""
    one, other = np.uint64(0), np.uint64(0)
    if size > 0:
        one = word_at(words, at)
        if size < 8:
            one &= (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
    if size > 8:
        other = word_at(words, at + 8)
        if size < 16:
            other &= (np.uint64(1) << np.uint64(8 * size - 64)) - np.uint64(1)
    return one, other


@compiled
def _same_rest(data: Bytes, at: int, pool: Bytes, start: int, size: int) -> bool:
    """Tell whether two texts with the same beginning are equal."""
    same = True
    for place in range(16, size):
        same &= data[at + place] == pool[start + place]
    return same


@compiled
def _coded(
    cells: tuple[Bytes, Words, Ints, Small], codes: Small, known: Known, count: int
) -> tuple[int, int]:
    """Give each cell the number of its text; return how many cells have one and how many texts there are.

    Stops at the first cell for whose text there is no more room.
    """
    data, words, begins, sizes = cells
    slots, pool, ends, starts = known
    for row in range(len(begins)):
        size, at = sizes[row], begins[row]
        if size < 0:
            codes[row] = -1
            continue
        one, other = _start(words, at, size)
        value = (one ^ (other * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
        for place in range(16, size):
            value = (value ^ np.uint64(data[at + place])) * np.uint64(0x100000001B3)
        slot = np.int64((value ^ np.uint64(size)) >> np.uint64(40)) & (len(slots) - 1)
        while True:
            code = slots[slot]
            if code >= 0 and starts[code, 0] == one and starts[code, 1] == other:
                first = ends[code]
                if ends[code + 1] - first == size and (size <= 16 or _same_rest(data, at, pool, first, size)):
                    break
            if code < 0:
                if count >= len(starts) or ends[count] + size > len(pool) - 16:
                    return row, count
                code = count
                slots[slot], starts[code, 0], starts[code, 1] = code, one, other
                for place in range(size):
                    pool[ends[code] + place] = data[at + place]
                ends[code + 1] = ends[code] + size
                count += 1
                break
            slot = (slot + 1) & (len(slots) - 1)
        codes[row] = code
    return len(begins), count


@compiled
def copied(words: Words, begins: Ints, sizes: Small) -> tuple[Bytes, Small, bool]:
    """Return the texts one after another, where each ends, and whether all are there."""
    ends = np.empty(len(sizes), np.int32)
    total, whole = 0, True
    for row in range(len(sizes)):
        if sizes[row] > 0:
            total += sizes[row]
        elif sizes[row] < 0:
            whole = False
        ends[row] = total
    made = np.empty(total // 8 + 2, np.uint64)
    to = 0
    for row in range(len(sizes)):
        at, size = begins[row], sizes[row]
        for done in range(0, size, 8):  # the last word may write too much, and the next text over it
            put_word(made, to + done, word_at(words, at + done))
        to += max(size, 0)
    return made.view(np.uint8)[:total], ends, whole


class TextColumn:
    """One column of a run of rows that is being read; ``add`` its cells in order, then ``joined``."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.rows = 0
        self.gaps = False  # whether any cell is empty
        self._codes: list[Small] | None = []
        self._known = (
            np.full(SLOTS, -1, np.int32),
            np.empty(ROOM, np.uint8),
            np.zeros(MOST + 1, np.int32),
            np.empty((MOST, 2), np.uint64),
        )
        self._count = 0
        self.pieces: list[Piece] = []

    def add(self, data: Bytes, begins: Ints, sizes: Small) -> None:
        """Take the cells of the next rows: where each begins in ``data``, how long it is, ``ABSENT`` if none.

        ``data`` is a whole number of eight bytes long and has sixteen to spare behind the last cell.
        """
        self.gaps = self.gaps or bool((sizes < 0).any())
        if self._codes is not None:
            codes = np.empty(len(begins), np.int32)
            done, self._count = _coded(
                (data, data.view(np.uint64), begins, sizes), codes, self._known, self._count
            )
            self._codes.append(codes[:done])
            self.rows += done
            if done == len(begins) and self._count * 2 <= max(self.rows, FIRST):
                return
            begins, sizes = begins[done:], sizes[done:]
            self._give_up(np.concatenate(self._codes))
        self.rows += len(begins)
        self._copy(data, begins, sizes)

    def _copy(self, data: Bytes, begins: Ints, sizes: Small) -> None:
        made, ends, whole = copied(data.view(np.uint64), begins, sizes)
        self.pieces.append((made, ends, None if whole else sizes >= 0))

    def _give_up(self, codes: Small) -> None:
        """Write out what was coded so far: the column has too many distinct texts."""
        _, pool, ends, _ = self._known
        lengths = np.append(np.diff(ends[: self._count + 1]), ABSENT).astype(np.int32)
        self._copy(pool, ends[:-1].astype(np.int64)[codes], lengths[codes])
        self._codes = None

    @property
    def is_coded(self) -> bool:
        """Tell whether it is still codes and a dictionary."""
        return self._codes is not None

    def distinct(self) -> list[bytes]:
        """Return the texts that have numbers so far."""
        _, pool, ends, _ = self._known
        held, at = pool[: ends[self._count]].tobytes(), ends[: self._count + 1].tolist()
        return [held[low:high] for low, high in pairwise(at)]

    def write_codes(self, names: Small, to: Small) -> None:
        """Write the number of each row's text, by other ``names``, of which the last stands for none."""
        row = 0
        for codes in self._codes or ():
            np.take(names, codes, out=to[row : row + len(codes)], mode="wrap")  # -1 is the last
            row += len(codes)

    def write_out(self) -> None:
        """Make codes texts again."""
        if self._codes is not None:
            self._give_up(np.concatenate([*self._codes, np.empty(0, np.int32)]))


def _binary(pieces: list[Piece]) -> pa.Array:
    """Return pieces of texts that stand one after another as an array of bytes."""
    data = np.concatenate([np.empty(0, np.uint8), *(piece[0] for piece in pieces)])
    wide = len(data) >= 2**31
    starts = np.zeros(1 + sum(len(piece[1]) for piece in pieces), np.int64 if wide else np.int32)
    row = base = 0
    for made, ends, _ in pieces:
        np.add(ends, base, out=starts[row + 1 : row + 1 + len(ends)])
        row, base = row + len(ends), base + len(made)
    valid = None
    if any(there is not None for _, _, there in pieces):
        masks = [np.ones(len(ends), np.bool_) if there is None else there for _, ends, there in pieces]
        valid = pa.py_buffer(np.packbits(np.concatenate(masks), bitorder="little"))
    kind = pa.large_binary() if wide else pa.binary()
    return pa.Array.from_buffers(kind, row, [valid, pa.py_buffer(starts), pa.py_buffer(data)])


def one_text(data: Bytes, begins: Ints, sizes: Small) -> pa.Array:
    """Return some bytes of ``data`` as an array."""
    made, ends, whole = copied(data.view(np.uint64), begins, sizes)
    return _binary([(made, ends, None if whole else sizes >= 0)])


def joined(runs: list[TextColumn]) -> pa.Array:
    """Return the runs of one column one after another: a dictionary if few texts fill it, else bytes."""
    if all(run.is_coded for run in runs):
        known: dict[bytes, int] = {}
        names = [
            np.array([*(known.setdefault(text, len(known)) for text in run.distinct()), ABSENT], np.int32)
            for run in runs
        ]
        if len(known) * FEW <= sum(run.rows for run in runs):
            return _dictionary(runs, names, list(known))
    for run in runs:
        run.write_out()
    return _binary([piece for run in runs for piece in run.pieces])


def _dictionary(runs: list[TextColumn], names: list[Small], known: list[bytes]) -> pa.DictionaryArray:
    codes = np.empty(sum(run.rows for run in runs), np.int32)
    row = 0
    for run, own in zip(runs, names, strict=True):
        run.write_codes(own, codes[row:])
        row += run.rows
    gone = codes < 0 if any(run.gaps for run in runs) else None
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=gone), pa.array(known, pa.binary()))


def texts(array: pa.Array, encoding: str = "UTF-8") -> pa.Array:
    """Return bytes as texts.

    Raises
    ------
    ValueError
        Some are none in this encoding.
    """
    coded = pa.types.is_dictionary(array.type)
    held = array.dictionary if coded else array
    large = pa.types.is_large_binary(held.type)
    kind = pa.large_string() if large else pa.string()
    _, offsets, data = held.buffers()
    first, last = np.frombuffer(offsets, np.int64 if large else np.int32)[[0, -1]]
    plain = data is None or _is_ascii(np.frombuffer(data, np.uint8)[first:last])
    if plain or encoding.upper() in {"UTF-8", "UTF8"}:
        made = held.view(kind)
        if not plain:
            made.validate(full=True)
    else:
        made = pa.array([_decoded(value, encoding) for value in held.to_pylist()], kind)
    return pa.DictionaryArray.from_arrays(array.indices, made) if coded else made


def _decoded(value: bytes | None, encoding: str) -> str | None:
    return None if value is None else value.decode(encoding)


@compiled
def _is_ascii(data: Bytes) -> bool:
    seen = np.uint8(0)
    for place in range(len(data)):
        seen |= data[place]
    return bool(seen < 128)
