"""Where Alembic runs the steps: on the connection it is handed."""

from typing import Any

import sqlalchemy as sa
from alembic import context

from wenqu.store.columns import Wkb
from wenqu.store.tables import metadata


def options(dialect: str) -> dict[str, Any]:
    """Return what Alembic needs to know to compare a store with the tables of the code."""
    from sqlalchemy.dialects.postgresql.base import ischema_names

    ischema_names["geometry"] = Wkb  # a PostGIS column is read back as what it is

    def in_store(name: str | None, kind: str, _: object) -> bool:
        """Return whether a thing in the store is ours: not the R-tree, not what PostGIS brings along."""
        foreign = ("asset_box", "spatial_ref_sys")
        return not (kind == "table" and name is not None and name.startswith(foreign))

    def in_code(_: sa.schema.SchemaItem, name: str | None, *__: object) -> bool:
        """Return whether a thing in the code belongs into this store: SQLite has no GiST index."""
        return not (dialect == "sqlite" and name == "asset_geometry")

    return {
        "target_metadata": metadata,
        "render_as_batch": True,
        "compare_type": True,
        "include_name": in_store,
        "include_object": in_code,
    }


def run() -> None:
    """Run the steps in the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, **options(connection.dialect.name))
    context.run_migrations()


if __name__ == "env_py":  # the name Alembic gives it; anyone else only looks
    run()
