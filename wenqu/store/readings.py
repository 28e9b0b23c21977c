"""Which readings of which time: one SQL text over the archive."""

import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from wenqu.series.model import Series
from wenqu.store.archive import Key, city_folder
from wenqu.store.moments import Moment, begin_of, end_of

CHOSEN = """
    SELECT asset, epoch(time)::BIGINT AS time, value, flags, simulated
    FROM read_parquet($files)
    WHERE quantity = $quantity AND time BETWEEN $since AND $until AND {assets}
    ORDER BY asset, time
"""
SPANS = """
    SELECT asset, quantity, min(time) AS first, max(time) AS last, count(*) AS count
    FROM read_parquet($files)
    WHERE value IS NOT NULL
    GROUP BY asset, quantity
"""
ASIDE = """
    SELECT a.asset, a.quantity, a.time, p.value AS kept, a.value AS other, a.received
    FROM read_parquet($files) AS a
    LEFT JOIN read_parquet($parts) AS p USING (asset, quantity, time)
    ORDER BY a.asset, a.quantity, a.time, a.received
"""
_ONE_AT_A_TIME = threading.Lock()


@cache
def _engine() -> Any:
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": False})


def _cursor() -> Any:
    with _ONE_AT_A_TIME:
        return _engine().cursor()


def _files(folder: Path, code: str, name: str, days: tuple[str, str] = ("", "~")) -> list[str]:
    since, until = (f"day={day}" for day in days)
    there = city_folder(folder, code)
    if not there.is_dir():
        return []
    found = (day / name for day in sorted(there.iterdir()) if since <= day.name <= until)
    return [str(path) for path in found if path.exists()]


def read_readings(
    folder: Path,
    code: str,
    quantity: str,
    assets: Sequence[str] | None,
    since: Moment | None,
    until: Moment | None,
) -> dict[str, Series]:
    """Return one quantity's readings by asset, sorted by time; both ends belong to the span."""
    first = datetime.min if since is None else begin_of(since)  # noqa: DTZ901 - local time has no zone
    last = datetime.max if until is None else end_of(until)  # noqa: DTZ901
    files = _files(folder, code, "part.parquet", (first.date().isoformat(), last.date().isoformat()))
    if not files or (assets is not None and not assets):
        return {}
    given: dict[str, Any] = {"files": files, "quantity": quantity, "since": first, "until": last}
    chosen = "TRUE"
    if assets is not None:
        chosen = "asset = $asset" if len(assets) == 1 else "list_contains($assets, asset)"
        given |= {"asset": assets[0]} if len(assets) == 1 else {"assets": list(assets)}
    with _cursor() as cursor:
        table = cursor.execute(CHOSEN.format(assets=chosen), given).to_arrow_table()
    return {series.asset: series for series in _split(table, quantity)}


def _split(table: Any, quantity: str) -> list[Series]:
    names = table["asset"].combine_chunks().dictionary_encode()
    owner = names.indices.to_numpy()
    times = table["time"].to_numpy().astype("datetime64[s]")
    values = table["value"].to_numpy()
    flags, simulated = table["flags"].to_numpy(), table["simulated"].to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner)]
    return [
        Series(
            names.dictionary[int(owner[first])].as_py(),
            quantity,
            times[first:last].copy(),
            values[first:last].astype(np.float64),
            flags[first:last].astype(np.uint8),
            bool(simulated[first]),
        )
        for first, last in pairwise(starts)
        if last > first
    ]


def spans(folder: Path, code: str) -> dict[Key, tuple[datetime, datetime, int]]:
    """Return first time, last time and number of the readings of every series, counted in the archive."""
    files = _files(folder, code, "part.parquet")
    if not files:
        return {}
    with _cursor() as cursor:
        rows = cursor.execute(SPANS, {"files": files}).fetchall()
    return {(asset, quantity): (first, last, count) for asset, quantity, first, last, count in rows}


def read_aside(folder: Path, code: str) -> list[tuple[str, str, datetime, float | None, float, datetime]]:
    """Return asset, quantity, time, kept value, other value, when it came, of every differing reading."""
    files = _files(folder, code, "aside.parquet")
    if not files:
        return []
    parts = [str(Path(path).with_name("part.parquet")) for path in files]
    with _cursor() as cursor:
        rows: list[tuple[str, str, datetime, float | None, float, datetime]] = cursor.execute(
            ASIDE, {"files": files, "parts": parts}
        ).fetchall()
    return rows
