"""How does a GIS look into the store? One view a city and asset type on PostGIS, columns typed and explained.

A view asks with the rights of who made it, and holds one city alone: a login of the database that is given
the views needs no right to the tables, where the history of every city lies. ``security_barrier`` keeps a
function of the reader's from being shown rows before the view's own condition has cut them.
"""

import hashlib
import re
from collections.abc import Callable

import sqlalchemy as sa

from wenqu.errors import Refused, Unknown
from wenqu.network.model import City
from wenqu.network.schema import AssetType, asset_types
from wenqu.store.tables import asset
from wenqu.store.wkb import srid_of

CASTS = {"number": "double precision", "integer": "bigint", "boolean": "boolean", "date": "text"}
SHAPES = {"point": "Point", "line": "Geometry", "polygon": "Geometry"}  # a line may have several parts
LONGEST = 40  # letters of the city's code in the name of its schema


def schema_name(code: str) -> str:
    """Return the name of a city's schema: its code if that can be one, else a name made from it."""
    plain = re.sub(r"[^a-z0-9_]+", "_", code.casefold()).strip("_")[:LONGEST]
    if plain == code:
        return f"city_{plain}"
    return f"city_{plain}_{hashlib.sha256(code.encode()).hexdigest()[:8]}"


def make_views(connection: sa.Connection, city: City, reader: str = "") -> list[str]:
    """Make the views of one city anew and return their names.

    Parameters
    ----------
    reader
        Role of the database that may read them from now on, beside those who might before.

    Raises
    ------
    Refused
        The store is not on PostgreSQL (``views-embedded``).
    Unknown
        The database has no such role (``database-role``).
    """
    if connection.dialect.name != "postgresql":
        raise Refused("views-embedded", city=city.code)
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = schema_name(city.code)
    connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}"))
    there = connection.execute(
        sa.select(asset.c.type).where(asset.c.city == city.code, asset.c.valid_to.is_(None)).distinct()
    ).scalars()
    readers = _readers(connection, schema)
    if reader:
        known = connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars().all()
        if reader not in known:
            shown = ", ".join(name for name in sorted(known) if not name.startswith("pg_"))
            raise Unknown("database-role", name=reader, known=shown)
        readers |= {reader}
    made = []
    for name in sorted(set(there)):
        kind = asset_types()[name]
        view = f"{quote(schema)}.{quote(name)}"
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view}")
        connection.exec_driver_sql(_view(view, kind, city, quote=quote))
        for statement in _comments(view, kind, quote=quote):
            connection.exec_driver_sql(statement)
        made.append(f"{schema}.{name}")
    for role in sorted(readers):
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)}")
        connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {quote(schema)} TO {quote(role)}")
    return made


def _readers(connection: sa.Connection, schema: str) -> set[str]:
    """Return the roles that may read a view of a schema: making it anew would take that from them."""
    asked = sa.text(
        "SELECT DISTINCT grantee::regrole::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace,"
        " aclexplode(relacl) WHERE nspname = :schema AND grantee NOT IN (0, relowner)"
        " AND privilege_type = 'SELECT'"
    )
    found = connection.execute(asked, {"schema": schema}).scalars()
    return {name.removeprefix('"').removesuffix('"').replace('""', '"') for name in found}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _view(view: str, kind: AssetType, city: City, *, quote: Callable[[str], str]) -> str:
    columns = ["id AS fid", "asset AS id"]
    for entry in kind.fields:
        value = f"(fields->>{_text(entry.name)})"
        cast = CASTS.get(entry.kind, "text")
        columns.append(f"{value}::{cast} AS {quote(entry.name)}")
    if kind.geometry in SHAPES:
        columns.append(f"geometry::geometry({SHAPES[kind.geometry]}, {srid_of(city.crs)}) AS geometry")
    where = f"city = {_text(city.code)} AND type = {_text(kind.name)} AND valid_to IS NULL"
    head = f"CREATE VIEW {view} WITH (security_barrier = true)"
    return f"{head} AS SELECT {', '.join(columns)} FROM asset WHERE {where}"  # noqa: S608


def _comments(view: str, kind: AssetType, *, quote: Callable[[str], str]) -> list[str]:
    made = [f"COMMENT ON VIEW {view} IS {_text(f'{kind.zh} {kind.en}')}"]
    for entry in kind.fields:
        unit = f" [{entry.unit}]" if entry.unit else ""
        said = _text(f"{entry.zh} {entry.en}{unit}")
        made.append(f"COMMENT ON COLUMN {view}.{quote(entry.name)} IS {said}")
    return made
