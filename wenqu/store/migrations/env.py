"""Where Alembic runs the steps: on the connection it is handed."""

from alembic import context

from wenqu.store.tables import metadata


def of_alembic(name: str | None, kind: str) -> bool:
    """Return whether Alembic looks after this: not the R-tree, not what PostGIS brings along."""
    return not (kind == "table" and name is not None and name.startswith(("asset_box", "spatial_ref_sys")))


def run() -> None:
    """Run the steps in the caller's transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
        include_name=lambda name, kind, _: of_alembic(name, kind),
    )
    context.run_migrations()


if __name__ == "env_py":  # the name Alembic gives it; anyone else only looks
    run()
