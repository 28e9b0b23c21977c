"""What has become of a city's assets since a change? Enough to bring a network that was read up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from wenqu.network.model import Assets, City
from wenqu.store.blocks import versions_of
from wenqu.store.network import city_in, number_at
from wenqu.store.rows import table_of
from wenqu.store.tables import asset, block


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
    rows = [tuple(row) for row in connection.execute(came.limit(most + 1))]
    gone = connection.execute(went.limit(most + 1)).all()
    inside = sa.select(block.c.type, sa.func.sum(block.c.size)).where(
        block.c.city == code, block.c.valid_from > since
    )
    blocks = connection.execute(inside.group_by(block.c.type)).all()
    if len(rows) + len(gone) + sum(size for _, size in blocks) > most:
        return None
    for type_, _ in blocks:
        rows += [
            (type_, one.asset, one.fields, one.extra, one.geometry)
            for one in versions_of(connection, code, type_)
            if one.valid_from > since
        ]
    rows.sort(key=lambda row: row[:2])
    by_type = groupby(rows, lambda row: row[0])
    put = {name: table_of(name, [row[1:] for row in some]) for name, some in by_type}
    there = {row[:2] for row in rows}
    closed = [row for row in gone if (row.type, row.asset) not in there]
    return News(
        city_in(connection, code),
        number_at(connection, code, None),
        put,
        {name: frozenset(row.asset for row in closed if row.type == name) for name, _ in closed},
    )
