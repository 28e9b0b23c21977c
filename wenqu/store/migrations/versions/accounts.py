"""Accounts, sessions, tokens, grants, the events of all these, and the chain of seals.

Revision 0003, written out in full. Changes made before it bear no seal: the chain begins here.
"""

import sqlalchemy as sa
from alembic import op

from wenqu.store.columns import JsonText

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BY_CITY = ("change", "city", "asset", "record", "document", "series", "waiting", "decision")
# A role that does not own the tables sees the cities that its transaction names, and none when it names none.
MINE = (
    "current_setting('wenqu.cities', true) = '*' OR "
    "city = ANY(string_to_array(current_setting('wenqu.cities', true), chr(31)))"
)


def upgrade() -> None:
    """Create the tables, their guards, and on PostgreSQL the policies of rows."""
    _people()
    _rights()
    _chain()
    postgres = op.get_context().dialect.name == "postgresql"
    for table in ("event", "seal"):
        for name in ("UPDATE", "DELETE"):
            trigger = f"CREATE TRIGGER {table}_no_{name.lower()} BEFORE {name} ON {table} "
            if postgres:
                op.execute(trigger + "FOR EACH ROW EXECUTE FUNCTION wenqu_refuse()")
            else:
                said = f"wenqu: {table} is append-only"
                op.execute(trigger + f"BEGIN SELECT RAISE(ABORT, '{said}'); END")
    if postgres:
        for table in BY_CITY:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {table}_mine ON {table} USING ({MINE}) WITH CHECK ({MINE})")


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("name", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="account_pk"),
    )
    op.create_table(
        "session",
        sa.Column("digest", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="session_pk"),
    )


def _rights() -> None:
    op.create_table(
        "token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="token_pk"),
        sa.UniqueConstraint("digest", name="token_digest"),
    )
    op.create_table(
        "granted",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("role", KEY, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("district", KEY, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="granted_pk"),
    )


def _chain() -> None:
    op.create_table(
        "event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="event_pk"),
    )
    op.create_table(
        "seal",
        sa.Column("city", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parts", JsonText(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("city", "number", name="seal_pk"),
    )
    ended = sa.text("valid_to IS NOT NULL")
    op.create_index("asset_from", "asset", ["city", "valid_from"])
    op.create_index("asset_to", "asset", ["city", "valid_to"], sqlite_where=ended, postgresql_where=ended)
    op.create_index("record_change", "record", ["city", "change"])
    op.create_index("waiting_change", "waiting", ["city", "change"])
