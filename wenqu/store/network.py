"""What a city had as of one change: its assets, the history of one, its boxes."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from wenqu.errors import UnknownCity
from wenqu.network.model import Assets, City, Network
from wenqu.network.schema import asset_type, asset_types
from wenqu.store.blocks import packed_at, versions_of
from wenqu.store.columns_back import assets_of
from wenqu.store.moments import Moment, end_of, text_of
from wenqu.store.rows import fields_of
from wenqu.store.tables import asset, change, city

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """One version of one asset and who made it."""

    number: int  # change that opened it
    valid_from: str  # ISO time
    valid_to: str  # ISO time, "" while it is valid
    who: str
    why: str
    fields: dict[str, object] = field(default_factory=dict)  # SI; a missing value is an absent key
    extra: dict[str, object] = field(default_factory=dict)
    wkb: bytes | None = None  # coordinate system of the city


def cities_in(connection: sa.Connection) -> list[City]:
    """Return every city as it is now, in the order of their codes."""
    newest = sa.select(city.c.city, sa.func.max(city.c.change).label("change")).group_by(city.c.city)
    last = newest.subquery()
    joined = city.join(last, sa.and_(city.c.city == last.c.city, city.c.change == last.c.change))
    return [
        _city(row) for row in connection.execute(sa.select(city).select_from(joined).order_by(city.c.city))
    ]


def _city(row: sa.Row[tuple[object, ...]]) -> City:
    return City(row.city, row.zh, row.en, row.crs, bool(row.simulated))


def city_in(connection: sa.Connection, code: str, number: int | None = None) -> City:
    """Return one city as it was at change ``number``, or is now.

    Raises
    ------
    UnknownCity
        The store has no such city.
    """
    chosen = sa.select(city).where(city.c.city == code).order_by(city.c.change.desc()).limit(1)
    row = connection.execute(chosen if number is None else chosen.where(city.c.change <= number)).first()
    if row is not None:
        return _city(row)
    if number is not None:  # before its first change: the city is known, and was empty
        return city_in(connection, code)
    known = connection.execute(sa.select(city.c.city).distinct().order_by(city.c.city)).scalars()
    raise UnknownCity(city=code, known=", ".join(known))


def number_at(connection: sa.Connection, code: str, as_of: Moment | None) -> int:
    """Return the number of the last change of a city up to a moment (None: now), 0 when there is none."""
    chosen = sa.select(sa.func.max(change.c.number)).where(change.c.city == code)
    if as_of is not None:
        chosen = chosen.where(change.c.at <= end_of(as_of))
    return connection.execute(chosen).scalar() or 0


def read_network(
    connection: sa.Connection,
    code: str,
    as_of: Moment | None = None,
    types: tuple[str, ...] | None = None,
    box: Box | None = None,
) -> Network:
    """Return the assets of a city as of a moment; see ``Store.network``."""
    moment = None if as_of is None else text_of(end_of(as_of))
    number = number_at(connection, code, as_of)
    there = city_in(connection, code, number if as_of is not None else None)
    names = tuple(asset_types()) if types is None else tuple(asset_type(name).name for name in types)
    tables = {name: _read_table(connection, code, name, (number, as_of is None), box) for name in names}
    return Network(there, {name: table for name, table in tables.items() if len(table)}, moment or "", number)


def _read_table(
    connection: sa.Connection, code: str, type_: str, state: tuple[int, bool], box: Box | None
) -> Assets:
    number, now = state
    chosen = sa.select(asset.c.asset, asset.c.fields, asset.c.extra, asset.c.geometry).where(
        asset.c.city == code, asset.c.type == type_
    )
    if now:
        chosen = chosen.where(asset.c.valid_to.is_(None))
    else:
        open_then = sa.or_(asset.c.valid_to.is_(None), asset.c.valid_to > number)
        chosen = chosen.where(asset.c.valid_from <= number, open_then)
    if box is not None:
        chosen = chosen.where(_within(box, connection.dialect.name))
    found = connection.execute(chosen.order_by(asset.c.asset))
    rows = found.cursor.fetchall()  # as the driver gives them: no object for each row
    return assets_of(type_, list(packed_at(connection, code, type_, number, box)), rows)


def _within(box: Box, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that an asset's box touches ``box``: by the index, then exactly."""
    west, south, east, north = box
    exact = sa.and_(
        asset.c.west <= east, asset.c.east >= west, asset.c.south <= north, asset.c.north >= south
    )
    if dialect == "postgresql":
        indexed: sa.ColumnElement[bool] = sa.text(
            "asset.geometry && ST_MakeEnvelope(:bx0, :by0, :bx1, :by1)"
        ).bindparams(bx0=west, by0=south, bx1=east, by1=north)  # type: ignore[assignment]
    else:
        tree = sa.text(
            "SELECT id FROM asset_box WHERE west <= :bx1 AND east >= :bx0 AND south <= :by1 AND north >= :by0"
        ).bindparams(bx0=west, by0=south, bx1=east, by1=north)
        indexed = asset.c.id.in_(tree.columns(sa.column("id", sa.Integer)).scalar_subquery())
    return sa.and_(indexed, exact)


def read_history(connection: sa.Connection, code: str, type_: str, id_: str) -> list[AssetVersion]:
    """Return every version of one asset, oldest first; an empty list when it never was."""
    columns = (asset.c.valid_from, asset.c.valid_to, asset.c.fields, asset.c.extra, asset.c.geometry)
    chosen = sa.select(*columns).where(asset.c.city == code, asset.c.type == type_, asset.c.asset == id_)
    rows = [tuple(row) for row in connection.execute(chosen)]
    rows += [
        (one.valid_from, None, one.fields, one.extra, one.geometry)
        for one in versions_of(connection, code, type_, [id_])
    ]
    numbers = {number for row in rows for number in row[:2] if number is not None}
    made = sa.select(change).where(change.c.city == code, change.c.number.in_(numbers))
    by = {row.number: row for row in connection.execute(made)}
    return [
        AssetVersion(
            since,
            text_of(by[since].at),
            text_of(by[until].at) if until in by else "",
            by[since].who,
            by[since].why,
            dict(fields_of(fields)),
            dict(fields_of(extra)) if extra else {},
            shape,
        )
        for since, until, fields, extra, shape in sorted(rows, key=lambda row: row[0])
    ]
