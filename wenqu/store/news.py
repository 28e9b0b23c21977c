"""What has become of a city's assets since a change? Enough to bring a network that was read up to date."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wenqu.network.model import Assets, City
from wenqu.store.network import city_in, number_at
from wenqu.store.rows import table_of
from wenqu.store.tables import asset


@dataclass(frozen=True, slots=True)
class News:
    """What is otherwise than it was."""

    city: City
    number: int  # of the last change that is in it
    put: Mapping[str, Assets]  # new and changed assets by type, in the order of their ids
    closed: Mapping[str, frozenset[str]]  # ids by type


def read_news(connection: sa.Connection, code: str, since: int, most: int) -> News | None:
    """Return what changes after ``since`` made of a city, None when they touched more than ``most`` of it."""
    came = sa.select(asset.c.type, asset.c.asset, asset.c.fields, asset.c.extra, asset.c.geometry).where(
        asset.c.city == code, asset.c.valid_from > since, asset.c.valid_to.is_(None)
    )
    went = sa.select(asset.c.type, asset.c.asset).where(
        asset.c.city == code, asset.c.valid_to > since, asset.c.valid_from <= since
    )
    rows = connection.execute(came.order_by(asset.c.type, asset.c.asset).limit(most + 1)).all()
    gone = connection.execute(went.limit(most + 1)).all()
    if len(rows) + len(gone) > most:
        return None
    types = dict.fromkeys(row.type for row in rows)
    put = {name: table_of(name, [row[1:] for row in rows if row.type == name]) for name in types}
    there = {(row.type, row.asset) for row in rows}
    closed = [row for row in gone if (row.type, row.asset) not in there]
    return News(
        city_in(connection, code),
        number_at(connection, code, None),
        put,
        {name: frozenset(row.asset for row in closed if row.type == name) for name, _ in closed},
    )
