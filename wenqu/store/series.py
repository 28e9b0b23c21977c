"""What the gauges said: readings into the archive, and an index of what lies there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from wenqu.errors import BadInput, Refused
from wenqu.network.model import City
from wenqu.series.model import Flag, Series
from wenqu.store import archive
from wenqu.store.archive import Key, Readings
from wenqu.store.moments import from_seconds, now, text_of
from wenqu.store.readings import spans
from wenqu.store.tables import series

Span = tuple[datetime | None, datetime | None, int]


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What became of the readings that were written."""

    new: int = 0  # times that had no reading before
    same: int = 0  # known already
    conflicting: int = 0  # differ from the first reading of that time, kept aside


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What the archive has of one quantity at one asset."""

    asset: str
    quantity: str
    first: str  # ISO time of the first reading, "" when all are missing
    last: str
    count: int  # readings, missing ones left out
    simulated: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two different readings of one time: the kept one and the one that came later."""

    asset: str
    quantity: str
    at: str  # ISO time of the reading
    kept: float  # SI
    other: float  # SI
    received: str  # ISO time the other one came


def check_series(city: City, rows: Sequence[Series]) -> None:
    """Refuse readings that cannot be kept.

    Raises
    ------
    BadInput
        Columns are not of one length, a time is missing, a value is infinite, a name is empty.
    Refused
        A simulated city gets readings that do not say so, or a real one invented readings.
    """
    for row in rows:
        facts = {"asset": row.asset, "quantity": row.quantity}
        if not row.asset.strip() or not row.quantity.strip():
            raise BadInput("series-name", **facts)
        if not len(row.times) == len(row.values) == len(row.flags):
            raise BadInput("series-length", **facts)
        if np.isnat(row.times).any() or np.isinf(row.values).any():
            raise BadInput("series-value", **facts)
        if row.simulated != city.simulated:
            raise Refused("series-simulated", city=city.code, **facts)


def index_of(connection: sa.Connection, code: str, folder: Path) -> list[SeriesInfo]:
    """Return what the archive has of a city, by asset and quantity."""
    chosen = sa.select(series).where(series.c.city == code).order_by(series.c.asset, series.c.quantity)
    rows = connection.execute(chosen).all()
    counted = spans(folder, code) if any(row.stale for row in rows) else {}
    found = []
    for row in rows:
        first, last, count = _span(row)
        if row.stale:
            first, last, count = counted.get((row.asset, row.quantity), (None, None, 0))
        if count or not row.stale:
            found.append(
                SeriesInfo(row.asset, row.quantity, text_of(first), text_of(last), count, row.simulated)
            )
    return found


def _span(row: sa.Row[Any]) -> Span:
    return row.first, row.last, row._mapping["count"]  # noqa: SLF001 - a tuple has a count of its own


def announce(connection: sa.Connection, code: str, keys: Sequence[Key], simulated: bool) -> set[Key]:
    """Mark series as being written and return those whose last writing never ended.

    If this writing does not end either, the mark stays and their readings are counted again.
    """
    chosen = sa.select(series.c.asset, series.c.quantity, series.c.stale).where(series.c.city == code)
    known = {(row.asset, row.quantity): bool(row.stale) for row in connection.execute(chosen)}
    fresh = [key for key in keys if key not in known]
    if fresh:
        begun = {"city": code, "count": 0, "simulated": simulated, "stale": True}
        connection.execute(
            sa.insert(series), [{**begun, "asset": asset, "quantity": quantity} for asset, quantity in fresh]
        )
    _mark(connection, code, [key for key in keys if key in known and not known[key]])
    return {key for key in keys if known.get(key, False)}


def _mark(connection: sa.Connection, code: str, keys: Sequence[Key]) -> None:
    if keys:
        statement = sa.update(series).where(_is_key(code)).values(stale=True)
        connection.execute(
            statement, [{"its_asset": asset, "its_quantity": quantity} for asset, quantity in keys]
        )


def _is_key(code: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        series.c.city == code,
        series.c.asset == sa.bindparam("its_asset"),
        series.c.quantity == sa.bindparam("its_quantity"),
    )


def write_readings(folder: Path, code: str, readings: Readings) -> tuple[WriteCounts, dict[Key, Span]]:
    """Add readings to the days they belong to; return the counts and the span of what is new by series."""
    new, same, conflicting = 0, 0, 0
    grown: dict[Key, Span] = {}
    received = now()
    for day, arrived in archive.by_day(readings):
        path = archive.day_file(folder, code, day)
        merged = archive.merge(archive.read_day(path), arrived)
        if len(merged.new.key):
            archive.write_day(path, merged.readings)
        if len(merged.conflicting.key):
            archive.keep_aside(archive.aside_file(path), merged.conflicting, received)
        new += len(merged.new.key)
        same += merged.same
        conflicting += len(merged.conflicting.key)
        _grow(grown, merged.new)
    return WriteCounts(new, same, conflicting), grown


def _grow(grown: dict[Key, Span], new: Readings) -> None:
    there = new.take(~np.isnan(new.value))
    order = np.argsort(there.key, kind="stable")
    owners, starts = np.unique(there.key[order], return_index=True)
    for owner, rows in zip(owners.tolist(), np.split(order, starts[1:]), strict=False):
        times = there.time[rows]
        span = (from_seconds(int(times.min())), from_seconds(int(times.max())), len(rows))
        grown[new.keys[owner]] = joined(grown.get(new.keys[owner], (None, None, 0)), span)


def joined(one: Span, other: Span) -> Span:
    """Return the span of two spans together."""
    firsts = [span[0] for span in (one, other) if span[0] is not None]
    lasts = [span[1] for span in (one, other) if span[1] is not None]
    return min(firsts, default=None), max(lasts, default=None), one[2] + other[2]


def settle(
    connection: sa.Connection,
    code: str,
    keys: Sequence[Key],
    grown: dict[Key, Span],
    counted: dict[Key, Span],
) -> None:
    """Write the spans of what is new into the index (of ``counted`` series the whole span)."""
    chosen = sa.select(series).where(series.c.city == code)
    before = {(row.asset, row.quantity): _span(row) for row in connection.execute(chosen)}
    rows = []
    for key in keys:
        first, last, count = (
            counted[key] if key in counted else joined(before[key], grown.get(key, (None, None, 0)))
        )
        rows.append(
            {"its_asset": key[0], "its_quantity": key[1], "since": first, "until": last, "readings": count}
        )
    if rows:
        statement = (
            sa.update(series)
            .where(_is_key(code))
            .values(
                first=sa.bindparam("since"),
                last=sa.bindparam("until"),
                count=sa.bindparam("readings"),
                stale=False,
            )
        )
        connection.execute(statement, rows)


def write_layer(folder: Path, code: str, layer: Readings, keep_manual: bool) -> int:
    """Set the flags of readings that are there; return how many changed. Values are not touched."""
    changed = 0
    for day, given in archive.by_day(layer):
        path = archive.day_file(folder, code, day)
        flagged, count = archive.with_flags(
            archive.read_day(path), given, int(Flag.MANUAL) if keep_manual else 0
        )
        if count:
            archive.write_day(path, flagged)
            changed += count
    return changed
