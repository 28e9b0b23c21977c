"""Whether a store is of today, older (then it is brought up to date) or newer (then it is refused)."""

from pathlib import Path

import sqlalchemy as sa

from wenqu.errors import StoreFailed
from wenqu.store.tables import REVISION

_HERE = Path(__file__).parent / "migrations"


def revision_of(connection: sa.Connection) -> str | None:
    """Return the revision of a store, None when it is empty.

    Raises
    ------
    StoreFailed
        Something else than a Wenqu store lies there.
    """
    there = sa.inspect(connection)
    if there.has_table("alembic_version") and there.has_table("change"):
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    foreign = [name for name in there.get_table_names() if name not in {"spatial_ref_sys", "alembic_version"}]
    if set(foreign) & {"change", "city", "asset", "record", "document", "series"}:
        raise StoreFailed("not-a-store", where=connection.engine.url.render_as_string())
    return None


def bring_up_to_date(connection: sa.Connection) -> None:
    """Bring the store to the newest revision, in the caller's transaction.

    Raises
    ------
    StoreFailed
        The store was made by a newer Wenqu, or it is something else.
    """
    found = revision_of(connection)
    if found == REVISION:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    if found is not None and found not in known:
        raise StoreFailed("newer", found=found, known=REVISION)
    command.upgrade(config, "head")
