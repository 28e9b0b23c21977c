"""Rows of deliveries that wait to be mended, and what was decided about each.

Revision 0002, written out in full.
"""

import sqlalchemy as sa
from alembic import op

from wenqu.store.columns import JsonText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables; neither is ever changed."""
    op.create_table(
        "waiting",
        sa.Column("id", ID, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("delivery", KEY, nullable=False),
        sa.Column("rule", KEY, nullable=False),
        sa.Column("weight", KEY, nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("asset_type", KEY, nullable=False),
        sa.Column("asset", KEY, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer()),
        sa.Column("x", sa.Double()),
        sa.Column("y", sa.Double()),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="waiting_pk"),
        sa.ForeignKeyConstraint(["city", "change"], ["change.city", "change.number"], name="waiting_city_fk"),
    )
    op.create_index("waiting_rule", "waiting", ["city", "rule"])
    op.create_index("waiting_asset", "waiting", ["city", "asset_type", "asset"])
    op.create_table(
        "decision",
        sa.Column("waiting", ID, nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("waiting", "turn", name="decision_pk"),
        sa.ForeignKeyConstraint(["waiting"], ["waiting.id"], name="decision_waiting_fk"),
        sa.ForeignKeyConstraint(
            ["city", "change"], ["change.city", "change.number"], name="decision_city_fk"
        ),
    )
    postgres = op.get_context().dialect.name == "postgresql"
    for table in ("waiting", "decision"):
        for event in ("UPDATE", "DELETE"):
            trigger = f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            if postgres:
                op.execute(trigger + "FOR EACH ROW EXECUTE FUNCTION wenqu_refuse()")
            else:
                said = f"wenqu: {table} is append-only"
                op.execute(trigger + f"BEGIN SELECT RAISE(ABORT, '{said}'); END")
