"""Who can sign in, which tokens are out, which role has been given where, what is kept from readers?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from wenqu.errors import Refused, Unknown
from wenqu.store.account_proof import digest_of_hash
from wenqu.store.engine import failures, lock_city, writing
from wenqu.store.fresh import Fresh
from wenqu.store.moments import now, text_of
from wenqu.store.seals import EVENTS, seal_event
from wenqu.store.tables import account, event, granted, session, token, withheld


@dataclass(frozen=True, slots=True)
class Account:
    """One who can sign in."""

    name: str
    title: str
    must_change: bool
    disabled: bool
    elsewhere: bool  # signs in by the city's own sign-in (OIDC)


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One role of one account at one place; the account "" is anybody."""

    id: str
    account: str
    role: str
    city: str
    district: str
    body: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token, without its secret."""

    id: str
    account: str
    name: str
    actions: tuple[str, ...]
    at: str  # ISO time
    expires: str  # ISO time
    revoked: bool


class Accounts:
    """The accounts of a store. Everything written is an event with author and time, sealed in a chain."""

    def __init__(self, engine: sa.Engine, fresh: Fresh) -> None:
        """Look after the accounts behind an engine; what each request asks is kept while it holds."""
        self._engine = engine
        self._fresh = fresh

    @property
    def near(self) -> bool:
        """Tell whether who asks is known without waiting: the accounts are in a file beside us."""
        return self._fresh.near

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with failures(self._engine), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self, who: str, what: str, **body: object) -> Iterator[sa.Connection]:
        """Open a transaction that ends with its event."""
        with failures(self._engine), writing(self._engine) as connection:
            lock_city(connection, EVENTS)
            yield connection
            number = (connection.execute(sa.select(sa.func.max(event.c.number))).scalar() or 0) + 1
            said = orjson.dumps(body).decode()
            row = {"number": number, "at": now(), "who": who, "what": what, "body": said}
            connection.execute(sa.insert(event), row)
            seal_event(connection, number)

    def any(self) -> bool:
        """Tell whether there is any account."""
        with self._reading() as connection:
            return connection.execute(sa.select(account.c.name).limit(1)).first() is not None

    def all(self) -> list[Account]:
        """Return every account."""
        with self._reading() as connection:
            return [_account(row) for row in connection.execute(sa.select(account).order_by(account.c.name))]

    def get(self, name: str) -> Account:
        """Return one account.

        Raises
        ------
        Unknown
            There is no such account.
        """
        with self._reading() as connection:
            row = connection.execute(sa.select(account).where(account.c.name == name)).first()
        if row is None:
            raise Unknown("account", name=name)
        return _account(row)

    def password(self, name: str) -> str:
        """Return the hash of an account's password, "" when it has none, is disabled, or is not there."""
        mine = sa.and_(account.c.name == name, account.c.disabled.is_(False))
        with self._reading() as connection:
            return connection.execute(sa.select(account.c.password).where(mine)).scalar() or ""

    def by_subject(self, subject: str) -> str:
        """Return the name of the enabled account with a subject of another sign-in, "" when there is none."""
        mine = sa.and_(account.c.subject == subject, account.c.disabled.is_(False))
        with self._reading() as connection:
            return connection.execute(sa.select(account.c.name).where(mine)).scalar() or ""

    def add(self, name: str, title: str, password: str, who: str, subject: str = "") -> None:
        """Add an account; its password (a hash) must be changed at the first sign-in.

        Raises
        ------
        Refused
            There is one of that name.
        """
        row = {
            "name": name, "title": title, "password": password, "subject": subject,
            "must_change": bool(password), "disabled": False, "at": now(),
        }  # fmt: skip
        told = {"title": title, "subject": subject, "kept": digest_of_hash(password)}
        with self._writing(who, "account-add", account=name, **told) as connection:
            if connection.execute(sa.select(account.c.name).where(account.c.name == name)).first():
                raise Refused("account-twice", name=name)
            connection.execute(sa.insert(account), row)

    def set_password(self, name: str, password: str, who: str, *, must_change: bool) -> None:
        """Set the hash of a password and end every session of the account."""
        self.get(name)
        kept = digest_of_hash(password)
        with self._writing(who, "account-password", account=name, kept=kept) as connection:
            mine = sa.update(account).where(account.c.name == name)
            connection.execute(mine.values(password=password, must_change=must_change))
            connection.execute(sa.update(session).where(session.c.account == name).values(ended=True))

    def set_disabled(self, name: str, who: str, *, disabled: bool) -> None:
        """Shut an account or open it again; its sessions end, its tokens are void while it is shut."""
        self.get(name)
        what = "account-disable" if disabled else "account-enable"
        with self._writing(who, what, account=name) as connection:
            connection.execute(sa.update(account).where(account.c.name == name).values(disabled=disabled))
            connection.execute(sa.update(session).where(session.c.account == name).values(ended=True))

    def grants(self, name: str | None = None) -> list[GrantRow]:
        """Return the grants that hold, of one account or of all."""
        return list(self._fresh.answer(("grants", name), lambda: self._grants(name)))

    def _grants(self, name: str | None) -> tuple[GrantRow, ...]:
        chosen = sa.select(granted).where(granted.c.revoked.is_(False))
        chosen = chosen if name is None else chosen.where(granted.c.account == name)
        order = (granted.c.account, granted.c.city, granted.c.role, granted.c.id)
        with self._reading() as connection:
            return tuple(
                GrantRow(row.id, row.account, row.role, row.city, row.district, row.body)
                for row in connection.execute(chosen.order_by(*order))
            )

    def grant(self, row: GrantRow, who: str) -> None:
        """Give a role; the same one is not given twice."""
        if row.account:
            self.get(row.account)
        same = ("account", "role", "city", "district", "body")
        if any(all(getattr(one, name) == getattr(row, name) for name in same) for one in self.grants()):
            return
        values = {name: getattr(row, name) for name in ("id", *same)}
        with self._writing(who, "grant", **values) as connection:
            connection.execute(sa.insert(granted), {**values, "revoked": False})

    def revoke(self, id_: str, who: str) -> None:
        """Take a role back."""
        with self._writing(who, "revoke", id=id_) as connection:
            connection.execute(sa.update(granted).where(granted.c.id == id_).values(revoked=True))

    def withheld(self, city: str) -> frozenset[str]:
        """Return the asset types that a city keeps from those who only read."""

        def ask() -> frozenset[str]:
            with self._reading() as connection:
                rows = connection.execute(sa.select(withheld.c.type).where(withheld.c.city == city))
                return frozenset(row.type for row in rows)

        return self._fresh.answer(("withheld", city), ask)

    def set_shared(self, city: str, type_: str, who: str, *, shared: bool) -> None:
        """Share a register with those who only read, or keep it from them."""
        if shared == (type_ not in self.withheld(city)):
            return
        mine = sa.and_(withheld.c.city == city, withheld.c.type == type_)
        with self._writing(who, "share" if shared else "withhold", city=city, type=type_) as connection:
            connection.execute(sa.delete(withheld).where(mine))
            if not shared:
                connection.execute(sa.insert(withheld), {"city": city, "type": type_})

    def begin_session(self, name: str, digest: str) -> None:
        """Write down that somebody signed in."""
        with self._writing(name, "sign-in", account=name, session=digest) as connection:
            row = {"digest": digest, "account": name, "at": now(), "ended": False}
            connection.execute(sa.insert(session), row)

    def session(self, digest: str) -> tuple[Account, datetime] | None:
        """Return whose session it is and since when, None when it ended or never was."""
        return self._fresh.answer(("session", digest), lambda: self._session(digest))

    def _session(self, digest: str) -> tuple[Account, datetime] | None:
        joined = session.join(account, account.c.name == session.c.account)
        mine = sa.and_(session.c.digest == digest, session.c.ended.is_(False), account.c.disabled.is_(False))
        chosen = sa.select(account, session.c.at.label("since")).select_from(joined).where(mine)
        with self._reading() as connection:
            row = connection.execute(chosen).first()
        return None if row is None else (_account(row), row.since)

    def end_session(self, digest: str) -> None:
        """Write down that somebody signed out."""
        with failures(self._engine), writing(self._engine) as connection:
            connection.execute(sa.update(session).where(session.c.digest == digest).values(ended=True))

    def tokens(self) -> list[TokenRow]:
        """Return every token, the newest first."""
        with self._reading() as connection:
            return [_token(row) for row in connection.execute(sa.select(token).order_by(token.c.at.desc()))]

    def add_token(self, row: TokenRow, digest: str, expires: datetime, who: str) -> None:
        """Keep a token by the digest of its secret."""
        values = {"id": row.id, "account": row.account, "name": row.name, "actions": " ".join(row.actions)}
        told = {**values, "expires": text_of(expires), "digest": digest}
        with self._writing(who, "token-new", **told) as connection:
            rest = {"digest": digest, "at": now(), "expires": expires, "revoked": False}
            connection.execute(sa.insert(token), {**values, **rest})

    def token(self, digest: str) -> TokenRow | None:
        """Return the token with this digest if it is neither revoked nor expired nor its account shut."""
        found = self._fresh.answer(("token", digest), lambda: self._token(digest))
        return found[0] if found and found[1] > now() else None

    def _token(self, digest: str) -> tuple[TokenRow, datetime] | None:
        joined = token.join(account, account.c.name == token.c.account)
        mine = sa.and_(token.c.digest == digest, token.c.revoked.is_(False), account.c.disabled.is_(False))
        with self._reading() as connection:
            row = connection.execute(sa.select(token).select_from(joined).where(mine)).first()
        return None if row is None else (_token(row), row.expires)

    def revoke_token(self, id_: str, who: str) -> None:
        """Make a token void."""
        with self._writing(who, "token-revoke", id=id_) as connection:
            connection.execute(sa.update(token).where(token.c.id == id_).values(revoked=True))


def _account(row: sa.Row[Any]) -> Account:
    return Account(row.name, row.title, bool(row.must_change), bool(row.disabled), bool(row.subject))


def _token(row: sa.Row[Any]) -> TokenRow:
    actions = tuple(row.actions.split())
    return TokenRow(
        row.id, row.account, row.name, actions, text_of(row.at), text_of(row.expires), bool(row.revoked)
    )
