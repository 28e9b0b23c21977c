"""The first shape of the store: everything.

Revision 0001, written out in full so that later shapes of ``tables.py`` cannot change it.
"""

import sqlalchemy as sa
from alembic import op

from wenqu.store.columns import JsonText, Wkb
from wenqu.store.guards import postgres_guards, sqlite_guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_change(table: str, number: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["city", number], ["change.city", "change.number"], name=f"{table}_city_fk"
    )


def upgrade() -> None:
    """Create the tables, their indexes and their guards."""
    postgres = op.get_context().dialect.name == "postgresql"
    if postgres:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    _changes()
    _assets()
    _statements()
    _series()
    if postgres:
        op.create_index("asset_geometry", "asset", ["geometry"], postgresql_using="gist")
    for statement in postgres_guards() if postgres else sqlite_guards():
        op.execute(statement)


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("city", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("counts", JsonText()),
        sa.PrimaryKeyConstraint("city", "number", name="change_pk"),
    )
    op.create_index("change_at", "change", ["city", "at"])
    op.create_table(
        "city",
        sa.Column("city", KEY, nullable=False),
        sa.Column("change", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city", "change", name="city_pk"),
        _of_change("city", "change"),
    )


def _assets() -> None:
    op.create_table(
        "asset",
        sa.Column("id", ID, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("asset", KEY, nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Integer()),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("extra", JsonText()),
        sa.Column("geometry", Wkb()),
        sa.Column("west", sa.Double()),
        sa.Column("south", sa.Double()),
        sa.Column("east", sa.Double()),
        sa.Column("north", sa.Double()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="asset_pk"),
        sa.CheckConstraint("valid_to > valid_from", name="asset_validity"),
        sa.UniqueConstraint("city", "type", "asset", "valid_from", name="asset_city_type_asset_valid_from"),
        _of_change("asset", "valid_from"),
    )
    still = sa.text("valid_to IS NULL")
    op.create_index(
        "asset_open",
        "asset",
        ["city", "type", "asset"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )


def _statements() -> None:
    op.create_table(
        "record",
        sa.Column("id", ID, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("asset_type", KEY, nullable=False),
        sa.Column("asset", KEY, nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="record_pk"),
        _of_change("record", "change"),
    )
    op.create_index("record_kind", "record", ["city", "kind", "change"])
    op.create_index("record_asset", "record", ["city", "asset_type", "asset"])
    op.create_table(
        "document",
        sa.Column("city", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("change", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city", "name", "change", name="document_pk"),
        _of_change("document", "change"),
    )


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("city", KEY, nullable=False),
        sa.Column("asset", KEY, nullable=False),
        sa.Column("quantity", KEY, nullable=False),
        sa.Column("first", sa.DateTime()),
        sa.Column("last", sa.DateTime()),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("city", "asset", "quantity", name="series_pk"),
    )
