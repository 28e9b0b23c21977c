"""Views that an account kept, and registers that a city keeps from those who only read.

Revision 0006.
"""

import sqlalchemy as sa
from alembic import op

from wenqu.store.columns import JsonText

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "kept_view",
        sa.Column("account", KEY, nullable=False),
        sa.Column("city", KEY, nullable=False),
        sa.Column("register", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("account", "city", "register", "name", name="kept_view_pk"),
    )
    op.create_table(
        "withheld",
        sa.Column("city", KEY, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sa.PrimaryKeyConstraint("city", "type", name="withheld_pk"),
    )
