"""Which rows of deliveries wait to be mended, and what was decided about each?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from wenqu.errors import Unknown
from wenqu.store.moments import text_of
from wenqu.store.tables import change, decision, waiting

OPEN = "open"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
FEW = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row that waits outside, or one doubt about an asset that entered."""

    rule: str
    weight: str
    inside: bool  # the asset is in the city
    type: str
    asset: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    at: tuple[float, float] | None = None  # in the city's coordinate system
    body: Mapping[str, Any] = field(default_factory=dict)  # facts, edit, proposals, raw, waits_for
    delivery: str = ""
    id: int = 0  # given by the store
    change: int = 0  # change that brought it
    state: str = OPEN
    decided: Mapping[str, object] = field(default_factory=dict)  # who, when, why, change of the newest turn
    brought_by: str = ""  # account


@dataclass(frozen=True, slots=True)
class Sought:
    """Which waiting rows are asked for; what is empty does not narrow."""

    state: str = OPEN
    rule: str = ""
    type: str = ""
    inside: bool | None = None
    text: str = ""  # part of an id or of a file's name
    ids: tuple[int, ...] = ()
    assets: tuple[str, ...] = ()  # ids of assets


def insert_waiting(connection: sa.Connection, city: str, number: int, rows: Iterable[Waiting]) -> int:
    """Write rows that wait, in the order in which they are shown; return their number."""
    made = [
        {
            "city": city,
            "change": number,
            "delivery": row.delivery,
            "rule": row.rule,
            "weight": row.weight,
            "inside": row.inside,
            "asset_type": row.type,
            "asset": row.asset,
            "file": row.file,
            "sheet": row.sheet,
            "row": row.row,
            "x": row.at[0] if row.at else None,
            "y": row.at[1] if row.at else None,
            "body": orjson.dumps(dict(row.body), option=_OPTIONS, default=str).decode(),
        }
        for row in rows
    ]
    if made:
        connection.execute(sa.insert(waiting), made)
    return len(made)


def insert_decisions(
    connection: sa.Connection, city: str, number: int, ids: Sequence[int], state: str, why: str
) -> int:
    """Write what was decided about some rows of a city.

    Raises
    ------
    Unknown
        The city has no such row.
    """
    turns: dict[int, int] = {}
    for first in range(0, len(ids), FEW):
        few = list(ids[first : first + FEW])
        chosen = (
            sa.select(waiting.c.id, sa.func.max(decision.c.turn))
            .select_from(waiting.outerjoin(decision, decision.c.waiting == waiting.c.id))
            .where(waiting.c.city == city, waiting.c.id.in_(few))
            .group_by(waiting.c.id)
        )
        turns |= {row[0]: (row[1] or 0) + 1 for row in connection.execute(chosen)}
    gone = [id_ for id_ in ids if id_ not in turns]
    if gone:
        raise Unknown("waiting", name=gone[0], city=city)
    rows = [
        {"waiting": id_, "turn": turn, "city": city, "change": number, "state": state, "why": why}
        for id_, turn in turns.items()
    ]
    if rows:
        connection.execute(sa.insert(decision), rows)
    return len(rows)


def _joined() -> tuple[Any, Any]:
    """Return waiting rows with the newest decision about each, and that decision."""
    turn = sa.func.max(decision.c.turn).label("turn")
    newest = sa.select(decision.c.waiting, turn).group_by(decision.c.waiting).subquery()
    last = decision.alias("last")
    joined = (
        waiting.outerjoin(newest, newest.c.waiting == waiting.c.id)
        .outerjoin(last, sa.and_(last.c.waiting == newest.c.waiting, last.c.turn == newest.c.turn))
        .outerjoin(change, sa.and_(change.c.city == waiting.c.city, change.c.number == last.c.change))
    )
    return joined, last


def _conditions(city: str, sought: Sought, last: Any) -> list[Any]:
    found = [waiting.c.city == city]
    if sought.state == OPEN:
        found.append(sa.or_(last.c.state.is_(None), last.c.state == OPEN))
    elif sought.state:
        found.append(last.c.state == sought.state)
    if sought.rule:
        found.append(waiting.c.rule == sought.rule)
    if sought.type:
        found.append(waiting.c.asset_type == sought.type)
    if sought.inside is not None:
        found.append(waiting.c.inside == sought.inside)
    if sought.text:
        like = "%" + sought.text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        found.append(sa.or_(*(c.like(like, escape="\\") for c in (waiting.c.asset, waiting.c.file))))
    if sought.ids:
        found.append(waiting.c.id.in_(sought.ids))
    if sought.assets:
        found.append(waiting.c.asset.in_(sought.assets))
    return found


def read_waiting(
    connection: sa.Connection, city: str, sought: Sought, first: int = 0, most: int | None = None
) -> list[Waiting]:
    """Return waiting rows, oldest first."""
    joined, last = _joined()
    came = change.alias("came")
    chosen = (
        sa.select(waiting, last.c.state, last.c.why.label("reason"), last.c.change.label("by"))
        .add_columns(change.c.who, change.c.at, came.c.who.label("brought_by"))
        .select_from(
            joined.join(came, sa.and_(came.c.city == waiting.c.city, came.c.number == waiting.c.change))
        )
        .where(*_conditions(city, sought, last))
        .order_by(waiting.c.id)
        .offset(first)
    )
    rows = connection.execute(chosen if most is None else chosen.limit(most)).all()
    return [_row(row) for row in rows]


def _row(row: Any) -> Waiting:
    decided = {}
    if row.state:
        decided = {"who": row.who, "at": text_of(row.at), "why": row.reason, "change": row.by}
    return Waiting(
        row.rule,
        row.weight,
        bool(row.inside),
        row.asset_type,
        row.asset,
        row.file,
        row.sheet,
        row.row,
        None if row.x is None else (row.x, row.y),
        orjson.loads(row.body),
        row.delivery,
        row.id,
        row.change,
        row.state or OPEN,
        decided,
        row.brought_by,
    )


def count_waiting(connection: sa.Connection, city: str, sought: Sought) -> list[tuple[str, str, bool, int]]:
    """Return rule, weight, inside and number of the waiting rows, the most frequent first."""
    joined, last = _joined()
    count = sa.func.count().label("number")
    keys = (waiting.c.rule, waiting.c.weight, waiting.c.inside)
    chosen = (
        sa.select(*keys, count)
        .select_from(joined)
        .where(*_conditions(city, sought, last))
        .group_by(*keys)
        .order_by(count.desc(), waiting.c.rule)
    )
    return [(row[0], row[1], bool(row[2]), row[3]) for row in connection.execute(chosen)]


def confirmed_in(connection: sa.Connection, city: str) -> list[tuple[str, str, str]]:
    """Return (rule, type, id) of every finding that a person has confirmed as right."""
    joined, last = _joined()
    chosen = (
        sa.select(waiting.c.rule, waiting.c.asset_type, waiting.c.asset)
        .select_from(joined)
        .where(waiting.c.city == city, last.c.state == "confirmed")
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(chosen)]


def open_keys(connection: sa.Connection, city: str) -> dict[tuple[str, str, str], int]:
    """Return the id of each open row by (rule, type, asset)."""
    joined, last = _joined()
    chosen = (
        sa.select(waiting.c.rule, waiting.c.asset_type, waiting.c.asset, waiting.c.id)
        .select_from(joined)
        .where(*_conditions(city, Sought(), last))
    )
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(chosen)}


def decided_in(connection: sa.Connection, city: str, number: int) -> list[int]:
    """Return the rows that one change decided on."""
    chosen = sa.select(decision.c.waiting).where(decision.c.city == city, decision.c.change == number)
    return list(connection.execute(chosen.order_by(decision.c.waiting)).scalars())
