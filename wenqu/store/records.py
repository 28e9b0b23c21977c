"""How a statement (a frozen dataclass) becomes JSON and comes back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from wenqu.errors import BadInput, StoreFailed
from wenqu.store.moments import text_of
from wenqu.store.tables import change, record

Statement = TypeVar("Statement")
Row = dict[str, Any]
FEW = 500  # assets up to which only their statements are read


@dataclass(frozen=True, slots=True)
class Filing:
    """When and by whom a statement was filed: what its author cannot state."""

    number: int  # of the change
    at: str  # ISO time
    who: str
    why: str = ""


_ADAPTERS: dict[type, Any] = {}


def _adapter(cls: type) -> Any:
    """Return the reader and writer of a class; pydantic is imported when the first is needed.

    A field that had another name when older statements were filed is read under both: the class says so
    in ``EARLIER``, which also holds for the dataclasses within it.
    """
    if cls not in _ADAPTERS:
        from pydantic import AliasChoices, AliasGenerator, ConfigDict, TypeAdapter

        earlier = getattr(cls, "EARLIER", {})

        def read_as(name: str) -> str | AliasChoices:
            return AliasChoices(name, earlier[name]) if name in earlier else name

        # JSON knows no NaN; as text a float field reads it back, and the open end of an interval with it.
        config = ConfigDict(
            ser_json_inf_nan="strings", alias_generator=AliasGenerator(validation_alias=read_as)
        )
        _ADAPTERS[cls] = TypeAdapter(list[cls], config=config)  # type: ignore[valid-type]
    return _ADAPTERS[cls]


def bodies_of(kind: str, statements: Sequence[object]) -> list[Row]:
    """Return kind, asset and body of each statement, ready for table ``record``.

    Raises
    ------
    BadInput
        A statement holds a value that is not of its field's type.
    """
    from pydantic_core import PydanticSerializationError

    rows: list[Row] = []
    for number, statement in enumerate(statements):
        try:
            body = _adapter(type(statement)).dump_json([statement], warnings="error")
        except PydanticSerializationError as error:
            raise BadInput("record", kind=kind, row=number, said=str(error)) from None
        rows.append(
            {
                "kind": kind,
                "asset_type": str(getattr(statement, "asset_type", getattr(statement, "type", ""))),
                "asset": str(getattr(statement, "asset", "")),
                "body": body[1:-1].decode(),
            }
        )
    return rows


def read_records(
    connection: sa.Connection,
    code: str,
    kind: str,
    cls: type[Statement],
    number: int,
    last_run: bool,
    of: Collection[str] | None = None,
) -> list[Statement]:
    """Return the statements of one kind up to change ``number``, oldest first; of few assets only theirs.

    Raises
    ------
    StoreFailed
        What is stored is not a statement of this class.
    """
    from pydantic import ValidationError

    chosen = sa.and_(record.c.city == code, record.c.kind == kind, record.c.change <= number)
    if last_run:
        newest = sa.select(sa.func.max(record.c.change)).where(chosen).scalar_subquery()
        chosen = sa.and_(record.c.city == code, record.c.kind == kind, record.c.change == newest)
    if of is not None and len(of) <= FEW:
        chosen = sa.and_(chosen, record.c.asset.in_(sorted(of)))
    found = connection.execute(sa.select(record.c.body).where(chosen).order_by(record.c.id)).scalars()
    try:
        made: list[Statement] = _adapter(cls).validate_json("[" + ",".join(found) + "]")
    except ValidationError as error:
        says = error.errors(include_url=False)[0]
        raise StoreFailed("record", kind=kind, cls=cls.__name__, said=says["msg"]) from None
    return made


def read_filings(connection: sa.Connection, code: str, kind: str, number: int) -> list[Filing]:
    """Return the filing of each statement that ``read_records`` gives, in the same order."""
    chosen = (
        sa.select(record.c.change, change.c.at, change.c.who, change.c.why)
        .join(change, sa.and_(change.c.city == record.c.city, change.c.number == record.c.change))
        .where(record.c.city == code, record.c.kind == kind, record.c.change <= number)
        .order_by(record.c.id)
    )
    known: dict[int, Filing] = {}
    made = []
    for changed, at, who, why in connection.execute(chosen):
        if changed not in known:
            known[changed] = Filing(changed, text_of(at), who, why)
        made.append(known[changed])
    return made
