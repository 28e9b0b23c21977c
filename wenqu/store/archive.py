"""Where readings lie: one Parquet file for each city and day, only ever added to.

    <folder>/city=<code>/day=<YYYY-MM-DD>/part.parquet     asset, quantity, time, value, flags, simulated
    <folder>/city=<code>/day=<YYYY-MM-DD>/aside.parquet    second readings that differ from the kept ones

A file is replaced as a whole or not at all. A value never changes once it is there; only a missing one
is filled when the reading comes late.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wenqu.series.model import Series
from wenqu.store.files import replace_file

DAY = 86400
ROWS = 16384  # in one row group: what a reader of one series has to unpack at least
Key = tuple[str, str]  # asset, quantity
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of many series, in no particular order."""

    keys: list[Key]
    simulated: list[bool]  # of each key
    key: Ints  # (n,) row of ``keys``
    time: Ints  # (n,) [s] since 1970, local standard time
    value: npt.NDArray[np.float64]  # (n,) SI, NaN where missing
    flags: npt.NDArray[np.uint8]  # (n,)

    def take(self, rows: Ints | Bools) -> "Readings":
        """Return some of the readings."""
        picked = (self.key[rows], self.time[rows], self.value[rows], self.flags[rows])
        return Readings(self.keys, self.simulated, *picked)


def readings_of(rows: Sequence[Series]) -> Readings:
    """Return the readings of series as one table."""
    keys = sorted({(row.asset, row.quantity) for row in rows})
    place = {key: number for number, key in enumerate(keys)}
    simulated = [False] * len(keys)
    for row in rows:
        simulated[place[row.asset, row.quantity]] |= row.simulated
    owners = [np.full(len(row), place[row.asset, row.quantity], dtype=np.int64) for row in rows]
    return Readings(
        keys,
        simulated,
        np.concatenate([*owners, np.empty(0, np.int64)]),
        np.concatenate(
            [*(row.times.astype("datetime64[s]").astype(np.int64) for row in rows), np.empty(0, np.int64)]
        ),
        np.concatenate([*(row.values.astype(np.float64) for row in rows), np.empty(0)]),
        np.concatenate([*(row.flags.astype(np.uint8) for row in rows), np.empty(0, np.uint8)]),
    )


def by_day(readings: Readings) -> Iterator[tuple[str, Readings]]:
    """Yield each day with its readings."""
    day = readings.time // DAY
    order = np.argsort(day, kind="stable")
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order[:1]] - 1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        name = np.datetime_as_string(np.datetime64(int(day[rows[0]]), "D"))
        yield str(name), readings.take(rows)


def city_folder(folder: Path, code: str) -> Path:
    """Return the folder of a city; its code may hold any character."""
    return folder / f"city={quote(code, safe='')}"


def day_file(folder: Path, code: str, day: str) -> Path:
    """Return the file of one day of a city."""
    return city_folder(folder, code) / f"day={day}" / "part.parquet"


def aside_file(path: Path) -> Path:
    """Return the file beside a day's file that holds the differing second readings."""
    return path.with_name("aside.parquet")


def read_day(path: Path) -> Readings:
    """Return everything of one day; nothing when there is no file."""
    if not path.exists():
        return readings_of([])
    table = pq.ParquetFile(path, read_dictionary=["asset", "quantity"]).read()
    assets, quantities = (table[name].unify_dictionaries().combine_chunks() for name in ("asset", "quantity"))
    width = max(len(quantities.dictionary), 1)
    pair = assets.indices.to_numpy().astype(np.int64) * width + quantities.indices.to_numpy()
    pairs, first, key = np.unique(pair, return_index=True, return_inverse=True)
    names, kinds = assets.dictionary.to_pylist(), quantities.dictionary.to_pylist()
    simulated = table["simulated"].to_numpy()
    return Readings(
        [(names[number // width], kinds[number % width]) for number in pairs.tolist()],
        [bool(simulated[row]) for row in first],
        key.astype(np.int64),
        table["time"].to_numpy().astype("datetime64[s]").astype(np.int64),
        table["value"].to_numpy(),
        table["flags"].to_numpy(),
    )


def write_day(path: Path, readings: Readings) -> None:
    """Write everything of one day, sorted by asset, quantity and time; ``keys`` must be sorted."""
    order = np.lexsort((readings.time, readings.key))
    key = readings.key[order].astype(np.int32)
    assets, asset_of = _coded([asset for asset, _ in readings.keys])
    quantities, quantity_of = _coded([quantity for _, quantity in readings.keys])
    value = readings.value[order]
    table = pa.table(
        {
            "asset": pa.DictionaryArray.from_arrays(pa.array(asset_of[key]), assets),
            "quantity": pa.DictionaryArray.from_arrays(pa.array(quantity_of[key]), quantities),
            "time": pa.array(readings.time[order].astype("datetime64[s]").astype("datetime64[ms]")),
            "value": pa.array(value, mask=np.isnan(value)),
            "flags": pa.array(readings.flags[order]),
            "simulated": pa.array(np.array(readings.simulated, dtype=np.bool_)[key]),
        }
    )
    write_table(path, table)


def _coded(names: list[str]) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    unique = sorted(set(names))
    place = {name: number for number, name in enumerate(unique)}
    return pa.array(unique, pa.string()), np.array([place[name] for name in names], dtype=np.int32)


def write_table(path: Path, table: pa.Table) -> None:
    """Write a Parquet file as a whole or not at all."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", row_group_size=ROWS, store_schema=False)
    replace_file(path, buffer.getvalue())


def _united(old: Readings, new: Readings) -> tuple[list[Key], list[bool], Ints, Ints]:
    """Return the keys of both, and the rows of those for the readings of each."""
    known = dict(zip(new.keys, new.simulated, strict=True)) | dict(zip(old.keys, old.simulated, strict=True))
    keys = sorted(known)
    place = {key: number for number, key in enumerate(keys)}
    spots = [np.array([place[key] for key in side.keys], dtype=np.int64) for side in (old, new)]
    old_key, new_key = (
        spot[side.key] if len(spot) else side.key for spot, side in zip(spots, (old, new), strict=True)
    )
    return keys, [known[key] for key in keys], old_key, new_key


@dataclass(frozen=True, slots=True)
class Merged:
    """What a day holds after new readings came, and what became of these."""

    readings: Readings
    new: Readings  # now there and not before
    conflicting: Readings  # differ from the reading that is kept
    same: int  # were there already, or said nothing


def merge(old: Readings, new: Readings) -> Merged:
    """Add new readings to those of a day; the first reading of a time is kept, a gap is filled."""
    keys, simulated, old_key, new_key = _united(old, new)
    key, time = np.concatenate([old_key, new_key]), np.concatenate([old.time, new.time])
    value, flags = np.concatenate([old.value, new.value]), np.concatenate([old.flags, new.flags])
    both = Readings(keys, simulated, key, time, value, flags)
    arrived = np.arange(len(key)) >= len(old_key)
    order = np.lexsort((arrived, np.isnan(value), time, key))
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (np.diff(key[order]) != 0) | (np.diff(time[order]) != 0)
    winners = order[starts]
    winner = np.empty(len(order), dtype=np.int64)
    winner[order] = winners[np.cumsum(starts) - 1]
    lost = arrived & (winner != np.arange(len(order)))
    differs = lost & ~np.isnan(value) & (value != value[winner])
    return Merged(
        both.take(winners),
        both.take(winners[arrived[winners]]),
        both.take(differs),
        int(np.count_nonzero(lost & ~differs)),
    )


def with_flags(old: Readings, layer: Readings, keep: int) -> tuple[Readings, int]:
    """Return a day's readings with other flags, and how many changed; bits of ``keep`` stay set."""
    keys, simulated, old_key, layer_key = _united(old, layer)
    key, time = np.concatenate([old_key, layer_key]), np.concatenate([old.time, layer.time])
    order = np.lexsort((np.arange(len(key)), time, key))
    here, after = order[:-1], order[1:]
    pairs = (key[here] == key[after]) & (time[here] == time[after])
    pairs &= (here < len(old_key)) & (after >= len(old_key))
    rows, given = here[pairs], after[pairs] - len(old_key)
    flags = old.flags.copy()
    flags[rows] = layer.flags[given] | (old.flags[rows] & np.uint8(keep))
    changed = int(np.count_nonzero(flags != old.flags))
    return Readings(keys, simulated, old_key, old.time, old.value, flags), changed


def keep_aside(path: Path, readings: Readings, received: datetime) -> None:
    """Keep differing second readings beside the day's file; the same one again is not kept twice."""
    named = [readings.keys[number] for number in readings.key.tolist()]
    times = readings.time.astype("datetime64[s]").astype("datetime64[ms]")
    table = pa.table(
        {
            "asset": pa.array([asset for asset, _ in named], pa.string()),
            "quantity": pa.array([quantity for _, quantity in named], pa.string()),
            "time": pa.array(times),
            "value": pa.array(readings.value),
            "received": pa.array(np.full(len(named), received, dtype="datetime64[ms]")),
        }
    )
    if path.exists():
        table = pa.concat_tables([pq.ParquetFile(path).read(), table])
    columns = [table[name].to_pylist() for name in ("asset", "quantity", "time", "value")]
    first = {row: number for number, row in reversed(list(enumerate(zip(*columns, strict=True))))}
    write_table(path, table.take(sorted(first.values())))
