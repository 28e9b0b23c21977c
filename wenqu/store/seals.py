"""What did a change hold, as a digest that hangs on the digest of the change before?

Each part of a change (the row of the change itself, the versions of assets that it opened and those that it
ended, its records, documents …) has a digest of its own, so that a fault can be told by its part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any

import orjson
import sqlalchemy as sa

from wenqu.store.account_proof import account_faults
from wenqu.store.blocks import digest_of_content, packed_from
from wenqu.store.moments import text_of
from wenqu.store.tables import asset, block, change, city, decision, document, event, record, seal, waiting

EVENTS = ""  # the city under which the events of accounts are sealed
AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was sealed."""

    city: str  # "" among the events of accounts
    number: int  # change or event; 0 where no event tells of it
    part: str  # change, opened, blocks, ended, city, records, documents, waiting, asset, seal, grant …
    name: str = ""  # of the asset or account, where one is known


@dataclass(frozen=True, slots=True)
class Chain:
    """What became of the proof of one chain."""

    city: str
    first: int  # number of the first sealed change; 0 when there is none
    last: int
    head: str  # last seal: whoever notes it elsewhere can tell later that nothing was cut off
    faults: tuple[Fault, ...]


def seal_change(connection: sa.Connection, code: str, number: int) -> None:
    """Seal a change that is complete, in its own transaction."""
    _append(connection, code, number, parts_of(connection, code, number))


def seal_event(connection: sa.Connection, number: int) -> None:
    """Seal an event, in its own transaction."""
    _append(connection, EVENTS, number, {"event": _event(connection, number)})


def _append(connection: sa.Connection, code: str, number: int, parts: dict[str, str]) -> None:
    newest = sa.select(seal.c.digest).where(seal.c.city == code).order_by(seal.c.number.desc()).limit(1)
    before = connection.execute(newest).scalar() or ""
    text = _text(parts)
    row = {"city": code, "number": number, "parts": text, "digest": _link(code, number, text, before)}
    connection.execute(sa.insert(seal), row)


def _text(parts: dict[str, str]) -> str:
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS).decode()


def _link(code: str, number: int, parts: str, before: str) -> str:
    return sha256(orjson.dumps([code, number, parts, before])).hexdigest()


def parts_of(connection: sa.Connection, code: str, number: int) -> dict[str, str]:
    """Return the digest of each part of a change; a part that is empty is absent."""
    version = (asset.c.id, asset.c.type, asset.c.asset, asset.c.valid_from, _hex(connection, asset.c.digest))
    mine = sa.and_(change.c.city == code, change.c.number == number)
    blocked = (block.c.id, block.c.type, block.c.valid_from, block.c.size, block.c.low, block.c.high)
    chosen = {
        "change": sa.select(change.c.at, change.c.who, change.c.why, change.c.counts).where(mine),
        "opened": sa.select(*version)
        .where(asset.c.city == code, asset.c.valid_from == number, ~_of_block())
        .order_by(asset.c.id),
        "blocks": sa.select(*blocked, _hex(connection, block.c.digest))
        .where(block.c.city == code, block.c.valid_from == number)
        .order_by(block.c.id),
        "ended": sa.select(*version)
        .where(asset.c.city == code, asset.c.valid_to == number)
        .order_by(asset.c.id),
        "city": sa.select(city).where(city.c.city == code, city.c.change == number),
        "records": sa.select(record)
        .where(record.c.city == code, record.c.change == number)
        .order_by(record.c.id),
        "documents": sa.select(document)
        .where(document.c.city == code, document.c.change == number)
        .order_by(document.c.name),
        "waiting": sa.select(waiting)
        .where(waiting.c.city == code, waiting.c.change == number)
        .order_by(waiting.c.id),
        "decisions": sa.select(decision)
        .where(decision.c.city == code, decision.c.change == number)
        .order_by(decision.c.waiting, decision.c.turn),
    }
    made = {
        name: (_digest_of_many if name in MANY else _digest)(connection, statement)
        for name, statement in chosen.items()
    }
    return {name: digest for name, digest in made.items() if digest}


MANY = frozenset({"opened", "ended", "blocks"})  # parts that may have a million rows
AS_IT_IS = frozenset({str, int, float, bool, type(None)})  # most values of most rows


def _of_block() -> sa.ColumnElement[bool]:
    """Return the condition that a row was written out of a block: it is sealed there."""
    last = sa.select(block.c.id + block.c.size).where(block.c.id <= asset.c.id).order_by(block.c.id.desc())
    return asset.c.id < sa.func.coalesce(last.limit(1).scalar_subquery(), 0)


def _digest(connection: sa.Connection, statement: sa.Select[Any]) -> str:
    """Return the digest of rows in their order, "" when there are none."""
    made, some = sha256(), False
    for rows in connection.execute(statement).yield_per(AT_ONCE).partitions():
        some = True
        made.update(
            "\n".join(
                [repr(tuple([x if type(x) in AS_IT_IS else _plain(x) for x in row])) for row in rows]
            ).encode()
        )
        made.update(b"\n")
    return made.hexdigest() if some else ""


def _hex(connection: sa.Connection, column: sa.Column[bytes]) -> sa.ColumnElement[str]:
    """Return bytes as the database writes them in hexadecimal digits."""
    if connection.dialect.name == "postgresql":
        return sa.func.encode(column, "hex")
    return sa.func.lower(sa.func.hex(column))


def _digest_of_many(connection: sa.Connection, statement: sa.Select[Any]) -> str:
    """Return the digest of rows of nothing but texts and whole numbers, as the driver gives them."""
    made, some = sha256(), False
    cursor = connection.execute(statement).cursor
    while rows := cursor.fetchmany(AT_ONCE):
        some = True
        made.update("\n".join(map(repr, rows)).encode() + b"\n")
    cursor.close()
    return made.hexdigest() if some else ""


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return text_of(value) if hasattr(value, "isoformat") else value  # type: ignore[arg-type]


def _event(connection: sa.Connection, number: int) -> str:
    return _digest(connection, sa.select(event).where(event.c.number == number))


def verify_chain(connection: sa.Connection, code: str) -> Chain:
    """Prove one chain again, from its first seal to its last, and every version of every asset."""
    rows = connection.execute(sa.select(seal).where(seal.c.city == code).order_by(seal.c.number)).all()
    there = event.c.number if code == EVENTS else change.c.number
    numbers = sa.select(there) if code == EVENTS else sa.select(there).where(change.c.city == code)
    known = set(connection.execute(numbers).scalars())
    faults: list[Fault] = []
    before, expected = "", rows[0].number if rows else 0
    for row in rows:
        faults += [Fault(code, gone, "gap") for gone in range(expected, row.number)]
        if row.digest != _link(code, row.number, row.parts, before):
            faults.append(Fault(code, row.number, "seal"))
        said = orjson.loads(row.parts)
        is_event = code == EVENTS
        found = (
            {"event": _event(connection, row.number)} if is_event else parts_of(connection, code, row.number)
        )
        faults += [
            Fault(code, row.number, part)
            for part in sorted(said.keys() | found.keys())
            if said.get(part) != (found.get(part) or None)
        ]
        before, expected = row.digest, row.number + 1
    faults += [Fault(code, number, "gap") for number in sorted(known) if rows and number >= expected]
    if code == EVENTS:
        faults += [Fault(code, *found) for found in account_faults(connection)]
    else:
        faults += _contents(connection, code)
    first, last = (rows[0].number, rows[-1].number) if rows else (0, 0)
    return Chain(
        code,
        first,
        last,
        before,
        tuple(sorted(faults, key=lambda one: (not one.number, one.number, one.part))),
    )


def _contents(connection: sa.Connection, code: str) -> Iterator[Fault]:
    """Yield every version of an asset whose content is not what its digest says."""
    columns = (asset.c.type, asset.c.asset, asset.c.valid_from, asset.c.digest)
    chosen = sa.select(*columns, asset.c.fields, asset.c.extra, asset.c.geometry).where(asset.c.city == code)
    for rows in connection.execute(chosen.order_by(asset.c.id)).yield_per(AT_ONCE).partitions():
        for type_, name, since, digest, fields, extra, shape in rows:
            content = f"{fields}\n{extra or ''}\n".encode() + bytes(shape or b"")
            if blake2b(content, digest_size=16).digest() != bytes(digest):
                yield Fault(code, since, "asset", f"{type_} {name}")
    yield from _blocks(connection, code)


def _blocks(connection: sa.Connection, code: str) -> Iterator[Fault]:
    """Yield every block whose content is not what its digest says, and rows that are not as it has them."""
    for head in connection.execute(sa.select(block).where(block.c.city == code).order_by(block.c.id)):
        names = f"{head.type} {head.low} … {head.high}"
        if digest_of_content(head._mapping) != bytes(head.digest):  # noqa: SLF001 - its public name
            yield Fault(code, head.valid_from, "asset", names)
            continue
        held = packed_from(head, head.size)
        out = sa.select(asset.c.id, asset.c.asset, asset.c.digest, asset.c.valid_to).where(
            asset.c.id >= head.id, asset.c.id < head.id + head.size
        )
        for number, name, digest, ended in connection.execute(out).all():
            one = held.slice(number - head.id, number - head.id + 1)
            if (name, bytes(digest)) != (one.ids.text(0), one.digests[0]) or ended is None:
                yield Fault(code, head.valid_from, "asset", f"{head.type} {name}")


def verify_all(connection: sa.Connection) -> list[Chain]:
    """Prove every chain: that of the accounts first, then those of the cities."""
    codes = set(connection.execute(sa.select(change.c.city).distinct()).scalars())
    codes |= set(connection.execute(sa.select(seal.c.city).distinct()).scalars())
    return [verify_chain(connection, code) for code in (EVENTS, *sorted(codes - {EVENTS}))]
