"""Which versions of some assets stand now, what was there before, and what one change did to whom?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from wenqu.network.model import Assets
from wenqu.store.blocks import versions_of
from wenqu.store.network import AssetVersion, read_history
from wenqu.store.rows import table_of
from wenqu.store.tables import asset, block

FEW = 500  # ids a statement


@dataclass(frozen=True, slots=True)
class Touched:
    """What one change did to one asset."""

    type: str
    id: str
    before: AssetVersion | None  # None: the change made the asset
    after: AssetVersion | None  # None: the change closed it
    later: AssetVersion | None  # the version that somebody made on top since
    closed_later: bool = False  # somebody closed since what the change left


def read_standing(
    connection: sa.Connection, code: str, type_: str, ids: Iterable[str]
) -> tuple[Assets, dict[str, int]]:
    """Return the assets with these ids as they are now, and by id the change that made the version."""
    rows: list[Any] = []
    chosen = sa.select(
        asset.c.asset, asset.c.fields, asset.c.extra, asset.c.geometry, asset.c.valid_from
    ).where(asset.c.city == code, asset.c.type == type_, asset.c.valid_to.is_(None))
    ids = list(ids)
    for few in _few(ids):
        rows += connection.execute(chosen.where(asset.c.asset.in_(few))).all()
    rows += [
        (one.asset, one.fields, one.extra, one.geometry, one.valid_from)
        for one in versions_of(connection, code, type_, ids)
    ]
    return table_of(type_, [row[:4] for row in rows]), {row[0]: row[4] for row in rows}


def read_there(
    connection: sa.Connection, code: str, types: Sequence[str], ids: Iterable[str]
) -> dict[str, set[str]]:
    """Return by type which of the ids are there now."""
    found: dict[str, set[str]] = {}
    chosen = sa.select(asset.c.type, asset.c.asset).where(
        asset.c.city == code, asset.c.type.in_(types), asset.c.valid_to.is_(None)
    )
    ids = list(ids)
    for few in _few(ids):
        for type_, id_ in connection.execute(chosen.where(asset.c.asset.in_(few))):
            found.setdefault(type_, set()).add(id_)
    for type_ in types:
        held = {one.asset for one in versions_of(connection, code, type_, ids)}
        if held:
            found.setdefault(type_, set()).update(held)
    return found


def read_closed(
    connection: sa.Connection, code: str, ids: Iterable[str]
) -> list[tuple[str, str, AssetVersion]]:
    """Return type, id and last version of the assets with these ids, of any type, that are there no more."""
    chosen = sa.select(asset.c.type, asset.c.asset).where(asset.c.city == code, asset.c.valid_to.is_not(None))
    ended: set[tuple[str, str]] = set()
    for few in _few(ids):
        found = connection.execute(chosen.where(asset.c.asset.in_(few)).distinct())
        ended |= {(row.type, row.asset) for row in found}
    there = read_there(connection, code, sorted({type_ for type_, _ in ended}), [id_ for _, id_ in ended])
    return [
        (type_, id_, read_history(connection, code, type_, id_)[-1])
        for type_, id_ in sorted(ended)
        if id_ not in there.get(type_, ())
    ]


def read_touched(connection: sa.Connection, code: str, number: int) -> list[Touched]:
    """Return what change ``number`` did to assets, in the order of type and id."""
    return [
        _touched(type_, id_, read_history(connection, code, type_, id_), number)
        for type_, id_ in sorted(touched_names(connection, code, number))
    ]


def touched_names(connection: sa.Connection, code: str, number: int) -> set[tuple[str, str]]:
    """Return type and id of the assets that change ``number`` touched."""
    mine = sa.or_(asset.c.valid_from == number, asset.c.valid_to == number)
    chosen = sa.select(asset.c.type, asset.c.asset).where(asset.c.city == code, mine).distinct()
    names = {(row.type, row.asset) for row in connection.execute(chosen)}
    inside = sa.select(block.c.type).where(block.c.city == code, block.c.valid_from == number).distinct()
    for type_ in connection.execute(inside).scalars().all():
        held = versions_of(connection, code, type_)
        names |= {(type_, one.asset) for one in held if one.valid_from == number}
    return names


def _touched(type_: str, id_: str, versions: list[AssetVersion], number: int) -> Touched:
    earlier = [entry for entry in versions if entry.number < number]
    after = next((entry for entry in versions if entry.number == number), None)
    later = next((entry for entry in versions if entry.number > number), None)
    before = earlier[-1] if earlier and (after is None or _meets(earlier[-1], after)) else None
    closed_later = after is not None and bool(after.valid_to) and later is None
    return Touched(type_, id_, before, after, later, closed_later)


def _meets(one: AssetVersion, next_: AssetVersion) -> bool:
    return one.valid_to == next_.valid_from


def _few(ids: Iterable[str]) -> Iterator[list[str]]:
    running = iter(dict.fromkeys(ids))
    while few := list(islice(running, FEW)):
        yield few
