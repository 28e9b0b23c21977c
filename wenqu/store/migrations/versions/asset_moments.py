"""Which assets a change made and closed is found by an index.

Revision 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both indexes."""
    op.create_index("asset_began", "asset", ["city", "valid_from"])
    ended = sa.text("valid_to IS NOT NULL")
    op.create_index("asset_ended", "asset", ["city", "valid_to"], sqlite_where=ended, postgresql_where=ended)
