"""Versions that enter together can stand in blocks; two indexes that stood twice stand once.

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FINISHED = "(SELECT counts FROM change WHERE city = OLD.city AND number = OLD.valid_from) IS NOT NULL"
MINE = (
    "current_setting('wenqu.cities', true) = '*' OR "
    "city = ANY(string_to_array(current_setting('wenqu.cities', true), chr(31)))"
)


def upgrade() -> None:
    """Create the table, its guards, and on PostgreSQL its policy."""
    op.create_table(
        "block",
        sa.Column("id", ID, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("low", KEY, nullable=False),
        sa.Column("high", KEY, nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("extra", sa.LargeBinary()),
        sa.Column("geometry", sa.LargeBinary()),
        sa.Column("boxes", sa.LargeBinary()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="block_pk"),
        sa.ForeignKeyConstraint(
            ["city", "valid_from"], ["change.city", "change.number"], name="block_city_fk"
        ),
    )
    op.create_index("block_type", "block", ["city", "type"])
    for name in ("asset_from", "asset_to"):  # the same as asset_began and asset_ended
        op.drop_index(name, "asset")
    if op.get_context().dialect.name == "postgresql":
        _on_postgres()
        return
    said = "BEGIN SELECT RAISE(ABORT, 'wenqu: block is append-only'); END"
    op.execute(f"CREATE TRIGGER block_no_update BEFORE UPDATE ON block {said}")
    op.execute(f"CREATE TRIGGER block_no_delete BEFORE DELETE ON block WHEN {FINISHED} {said}")


def _on_postgres() -> None:
    op.execute(
        "CREATE TRIGGER block_no_update BEFORE UPDATE ON block FOR EACH ROW EXECUTE FUNCTION wenqu_refuse()"
    )
    op.execute(
        "CREATE TRIGGER block_no_delete BEFORE DELETE ON block "
        "FOR EACH ROW EXECUTE FUNCTION wenqu_keep_finished()"
    )
    op.execute("ALTER TABLE block ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY block_mine ON block USING ({MINE}) WITH CHECK ({MINE})")
