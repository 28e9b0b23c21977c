"""Which views of its registers has an account kept? Its own affair: no event is sealed for them."""

import orjson
import sqlalchemy as sa

from wenqu.store.engine import failures, writing
from wenqu.store.tables import kept_view


class Views:
    """The views that accounts kept under names: filter, order, columns, groups."""

    def __init__(self, engine: sa.Engine) -> None:
        """Look after the views that lie behind an engine."""
        self._engine = engine

    def of(self, account: str, city: str, register: str) -> dict[str, dict[str, str]]:
        """Return the views that an account kept of a register, by name."""
        chosen = sa.select(kept_view.c.name, kept_view.c.body).where(*_mine(account, city, register))
        with failures(self._engine), self._engine.connect() as connection, connection.begin():
            rows = connection.execute(chosen.order_by(kept_view.c.name)).all()
        return {row.name: orjson.loads(row.body) for row in rows}

    def keep(self, account: str, city: str, register: str, name: str, body: dict[str, str]) -> None:
        """Keep a view; one of the same name is replaced."""
        row = {"account": account, "city": city, "register": register, "name": name}
        with failures(self._engine), writing(self._engine) as connection:
            connection.execute(sa.delete(kept_view).where(*_mine(account, city, register, name)))
            connection.execute(sa.insert(kept_view), {**row, "body": orjson.dumps(body).decode()})

    def drop(self, account: str, city: str, register: str, name: str) -> None:
        """Let a view go."""
        with failures(self._engine), writing(self._engine) as connection:
            connection.execute(sa.delete(kept_view).where(*_mine(account, city, register, name)))


def _mine(account: str, city: str, register: str, name: str | None = None) -> list[sa.ColumnElement[bool]]:
    found = [kept_view.c.account == account, kept_view.c.city == city, kept_view.c.register == register]
    return found if name is None else [*found, kept_view.c.name == name]
