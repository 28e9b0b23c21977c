"""How is a dBASE table read at the speed of its bytes?

Texts, numbers and dates of the .dbf beside a Shapefile are taken as arrays; each distinct text is decoded
once. What is unusual (deleted records, values out of form, bytes that the encoding cannot hold) is left to
GDAL: ``read_table`` then raises ``Unusual``.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.formats.text_columns import ABSENT, TextColumn, cores, joined, one_text, texts
from wenqu.network.formats.wkb import compiled
from wenqu.network.geometry import Floats, Ints

Bytes = npt.NDArray[np.uint8]
Small = npt.NDArray[np.int32]
Table = npt.NDArray[np.uint8]  # (n, width)
BLOCK = 2000  # records
SPARE = 64  # bytes behind them
EXACT = 2.0**52  # whole numbers up to it are exact as floats


class Unusual(Exception):
    """Something that GDAL should read."""


def read_table(dbf: Path, encoding: str, info: dict[str, Any], rows: int) -> dict[str, pa.Array]:
    """Return the columns of a table of so many records.

    ``info`` is what GDAL says of its fields: their names and types.

    Raises
    ------
    Unusual
        GDAL should read it.
    """
    with dbf.open("rb", buffering=0) as file:
        head = np.frombuffer(file.read(1 << 16), np.uint8)
        size, start, width = (int(head[at : at + n].view(f"<u{n}")[0]) for at, n in ((4, 4), (8, 2), (10, 2)))
        whole = dbf.stat().st_size
        names, types = list(info["fields"]), list(map(str, info["dtypes"]))
        described = (start - 33) // 32
        if (
            size != rows
            or described != len(names)
            or len(set(names)) < len(names)
            or whole < start + size * width
        ):
            raise Unusual
        cells = _cells(head, types, width)
        blocks = max(1, min(cores(), 4, size // BLOCK))
        edges = np.linspace(0, size, blocks + 1).astype(np.int64).tolist()
        runs = [_Run(file.fileno(), start, width, low, high) for low, high in pairwise(edges)]
        if blocks == 1:
            parts = [_part(runs[0], cells)]
        else:
            with ThreadPoolExecutor(blocks) as pool:
                parts = list(pool.map(lambda run: _part(run, cells), runs))
    return {
        str(name): _column([part[number] for part in parts], cell, encoding)
        for number, (name, cell) in enumerate(zip(names, cells, strict=True))
    }


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where one column stands in every record."""

    at: int
    width: int
    letter: str  # type in the file
    type: str  # type that GDAL gives it


@dataclass(frozen=True, slots=True)
class _Run:
    """Some records of a table."""

    file: int
    start: int  # byte of the first record of the table
    width: int  # bytes of a record
    low: int
    high: int


def _cells(head: Bytes, types: list[str], width: int) -> list[_Cell]:
    cells, at = [], 1
    for number, type_ in enumerate(types):
        entry = head[32 + 32 * number : 64 + 32 * number]
        cell = _Cell(at, int(entry[16]), chr(entry[11]), type_)
        text = cell.letter == "C" and type_ == "object"
        number_ = cell.letter in {"N", "F"} and type_ in {"int32", "int64", "float64"}
        day = cell.letter == "D" and type_.startswith("datetime64")
        if not (text or number_ or day):
            raise Unusual
        cells.append(cell)
        at += cell.width
    if at != width:
        raise Unusual
    return cells


def _part(run: _Run, cells: list[_Cell]) -> list[Any]:
    """Return what stands in each column of some records, in the form that ``_column`` puts together.

    A block of records stays near the processor while one column after another is taken from it.
    """
    made: list[Any] = [TextColumn() if cell.letter == "C" else [] for cell in cells]
    buffer = np.zeros((BLOCK * run.width + SPARE) // 8 * 8, np.uint8)
    begins, sizes = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int32)
    for low in range(run.low, run.high, BLOCK):
        rows = min(BLOCK, run.high - low)
        length = rows * run.width
        if os.preadv(run.file, [buffer.data[:length]], run.start + low * run.width) != length:
            raise Unusual
        records = buffer[:length].reshape(rows, run.width)
        if (records[:, 0] != 32).any():  # deleted ones
            raise Unusual
        for cell, column in zip(cells, made, strict=True):
            if cell.letter == "C":
                _spans(buffer, (cell.at, run.width, cell.width), begins[:rows], sizes[:rows])
                column.add(buffer, begins[:rows], sizes[:rows])
            else:
                column.append(_piece(records[:, cell.at : cell.at + cell.width], cell))
    return made


def _piece(cells: Table, cell: _Cell) -> Any:
    """Return numbers with what each cell is, or days."""
    if cell.letter == "D":
        return _dates(cells)
    numbers, state = _numbers(cells)
    if (state > 1).any():
        numbers[state > 1] = _slowly(np.ascontiguousarray(cells[state > 1]))
    return numbers, state


def _column(parts: list[Any], cell: _Cell, encoding: str) -> pa.Array:
    if cell.letter == "C":
        return texts(joined(parts), encoding)
    pieces = [piece for part in parts for piece in part]
    if cell.letter == "D":
        return pa.concat_arrays(pieces or [pa.array([], pa.date32())])
    none = (np.empty(0), np.empty(0, np.uint8))
    numbers, state = (np.concatenate([piece[side] for piece in [*pieces, none]]) for side in range(2))
    whole = cell.type != "float64"
    if whole and ((np.abs(numbers) > EXACT) | (numbers != np.floor(numbers)) | (state > 1)).any():
        raise Unusual
    gone = state == 1
    return pa.array(numbers.astype(cell.type, copy=False), mask=gone if gone.any() else None)


@compiled
def _span(cells: Table, row: int) -> tuple[int, int]:
    """Return first byte and end of what stands in a cell between blanks."""
    first, last = 0, cells.shape[1]
    while first < last and cells[row, first] == 32:
        first += 1
    while last > first and (cells[row, last - 1] == 32 or cells[row, last - 1] == 0):
        last -= 1
    return first, last


@compiled
def _decimal(cells: Table, row: int, first: int, last: int) -> tuple[int, int]:
    """Return digits and how many stand behind the point, without zeros at the end; -1 for too many."""
    value, digits, behind, zeros, point = 0, 0, 0, 0, False
    if first == last:
        return -1, 0
    for place in range(first, last):
        sign = cells[row, place]
        if sign == 48 and point:
            zeros += 1  # they count when a digit follows
        elif 48 <= sign <= 57:
            for _ in range(zeros):
                value *= 10
            behind += zeros + 1 if point else 0
            digits += zeros + 1 if value > 0 or sign > 48 else 0
            if digits > 18 or behind > 22:
                return -1, 0
            value, zeros = value * 10 + int(sign) - 48, 0
        elif sign == 46 and not point:
            point = True
        else:
            return -1, 0
    return value, behind


@compiled
def _quotient(value: int, power: float) -> float:
    """Return the float that is nearest to value / power, NaN when that cannot be told in passing.

    The remainder of the division of floats is itself exact, and corrects it.
    """
    if value < 9007199254740992:
        return value / power
    near = float(value)
    rest = float(value - int(near))
    found = near / power
    scaled = 134217729.0 * found  # Dekker: the product of two floats as two floats
    one = scaled - (scaled - found)
    other = found - one
    scaled = 134217729.0 * power
    two = scaled - (scaled - power)
    second = power - two
    product = found * power
    lost = ((one * two - product) + one * second + other * two) + other * second
    step = (((near - product) - lost) + rest) / power
    if found + step * (1.0 - 1e-14) != found + step * (1.0 + 1e-14):
        return np.nan
    return found + step


@compiled
def _numbers(cells: Table) -> tuple[Floats, npt.NDArray[np.uint8]]:
    """Return numbers and what each cell is: 0 exact, 1 nothing, 2 to be read by the slow way."""
    rows = cells.shape[0]
    numbers, state = np.zeros(rows), np.zeros(rows, np.uint8)
    tens = 10.0 ** np.arange(23)
    for row in range(rows):
        first, last = _span(cells, row)
        if first == last or cells[row, first] == 42:  # blanks or asterisks
            state[row] = 1
            continue
        minus = cells[row, first] == 45
        value, behind = _decimal(cells, row, first + 1 if minus else first, last)
        number = _quotient(value, tens[behind]) if value >= 0 else np.nan
        if np.isnan(number):
            state[row] = 2
        else:
            numbers[row] = -number if minus else number
    return numbers, state


def _slowly(cells: Table) -> Floats:
    """Return numbers of more digits than can be told apart in passing."""
    rows, width = cells.shape
    data = np.zeros((rows * width + SPARE) // 8 * 8, np.uint8)
    data[: rows * width] = cells.reshape(-1)
    begins, sizes = np.empty(rows, np.int64), np.empty(rows, np.int32)
    _spans(data, (0, width, width), begins, sizes)
    held = one_text(data, begins, sizes).view(pa.string())
    held.validate(full=True)
    return np.asarray(held.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _dates(cells: Table) -> pa.Array:
    if cells.shape[1] != 8:
        raise Unusual
    empty = (cells == 32).all(axis=1) | (cells == 48).all(axis=1)
    digits = cells.astype(np.int64) - 48
    digits[empty] = [2, 0, 0, 0, 0, 1, 0, 1]
    if ((digits < 0) | (digits > 9)).any():
        raise Unusual
    year, month, day = (
        digits[:, low:high] @ 10 ** np.arange(high - low)[::-1] for low, high in ((0, 4), (4, 6), (6, 8))
    )
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (day - 1)
    if ((month < 1) | (month > 12) | (day < 1) | (year < 1) | (days.astype("datetime64[M]") != months)).any():
        raise Unusual
    return pa.array(days.astype("datetime64[D]"), mask=empty)


@compiled
def _end(cell: Bytes) -> int:
    """Return where the blanks begin that fill the rest of a cell; sixteen are looked at together."""
    last = len(cell)
    while last >= 16:
        block = cell[last - 16 : last]
        other = np.uint8(0)
        for place in range(16):
            other |= block[place] ^ np.uint8(32)
        if other != 0:
            break
        last -= 16
    while last > 0 and cell[last - 1] == 32:
        last -= 1
    return last


@compiled
def _spans(records: Bytes, where: tuple[int, int, int], begins: Ints, sizes: Small) -> None:
    """Find the texts of a column without the blanks at their ends; one of blanks only is absent.

    A text stands at the first of ``where`` in every record of so many bytes, the third bytes long. It is
    guessed that it is as long as the longest before it: then the rest is looked at all together.
    """
    begin, step, width = where
    guess = 0
    for row in range(len(begins)):
        at = row * step + begin
        tail = records[at + guess : at + width]
        other = np.uint8(0)
        for place in range(len(tail)):
            other |= tail[place] ^ np.uint8(32)
        last = guess
        if other:
            last = _end(records[at : at + width])
            guess = min(last + 7 & -8, width)
        while last > 0 and records[at + last - 1] == 32:
            last -= 1
        first = 0
        while first < last and records[at + first] == 32:
            first += 1
        end = first
        while end < last and records[at + end] != 0:
            end += 1
        while end > first and records[at + end - 1] == 32:
            end -= 1
        begins[row], sizes[row] = at + first, end - first if end > first else ABSENT
