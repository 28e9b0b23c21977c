"""Do the tables of accounts hold what the sealed events say, and nothing more?

A role, a token or a password written into the database by hand makes no event: whoever retells all events
in their order finds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa

from wenqu.store.moments import text_of
from wenqu.store.tables import account, event, granted, session, token, withheld

UNKNOWN = "?"  # a digest that older events do not tell
SESSION_ENDS = frozenset({"account-password", "account-disable", "account-enable"})
GIVEN = ("account", "role", "city", "district", "body")
LENT = ("account", "name", "actions", "expires")
Told = dict[Any, tuple[object, ...]]


def digest_of_hash(password: str) -> str:
    """Return what an event says of the hash of a password; "" of none."""
    return sha256(password.encode()).hexdigest() if password else ""


@dataclass
class _Story:
    """What the events say, told in their order."""

    accounts: Told = field(default_factory=dict)  # by name: title, subject, digest of the hash, disabled
    grants: Told = field(default_factory=dict)  # by id: account, role, city, district, body, revoked
    tokens: Told = field(default_factory=dict)  # by id: account, name, actions, expiry, digest, revoked
    withheld: Told = field(default_factory=dict)  # by city and type
    sessions: Told = field(default_factory=dict)  # by digest: account
    since: datetime | None = None  # from when on the events name each session
    numbers: dict[tuple[str, Any], int] = field(default_factory=dict)  # last event about each of these
    shut: set[Any] = field(default_factory=set)  # sessions that a later event ended

    def tell(self, number: int, at: datetime, what: str, body: dict[str, Any]) -> None:
        """Let one event happen."""
        part, key = self._happen(at, what, body)
        self.numbers[part, key] = number

    def _happen(self, at: datetime, what: str, body: dict[str, Any]) -> tuple[str, Any]:
        if what == "sign-in":
            return self._sign_in(at, body)
        if what in {"share", "withhold"}:
            where = (body["city"], body["type"])
            self.withheld.pop(where, None)
            if what == "withhold":
                self.withheld[where] = ()
            return "withheld", where
        if what == "grant":
            self.grants[body["id"]] = (*(body[name] for name in GIVEN), False)
            return "grant", body["id"]
        if what == "token-new":
            lent = [body[name] for name in LENT]
            self.tokens[body["id"]] = (*lent, body.get("digest", UNKNOWN), False)
            return "token", body["id"]
        if what in {"revoke", "token-revoke"}:
            kind = "grant" if what == "revoke" else "token"
            of = self.grants if kind == "grant" else self.tokens
            if body["id"] in of:
                of[body["id"]] = (*of[body["id"]][:-1], True)
            return kind, body["id"]
        return self._change_account(what, body)

    def _change_account(self, what: str, body: dict[str, Any]) -> tuple[str, Any]:
        name = body["account"]
        title, subject, kept, disabled = self.accounts.get(name, ("", "", UNKNOWN, False))
        if what == "account-add":
            title, subject = body["title"], body["subject"]
        if what in {"account-add", "account-password"}:
            kept = body.get("kept", UNKNOWN)
        if what in {"account-disable", "account-enable"}:
            disabled = what == "account-disable"
        if what in SESSION_ENDS:
            self.shut |= {digest for digest, (whose,) in self.sessions.items() if whose == name}
        self.accounts[name] = (title, subject, kept, disabled)
        return "account", name

    def _sign_in(self, at: datetime, body: dict[str, Any]) -> tuple[str, Any]:
        digest = body.get("session", "")
        if digest:
            self.since = self.since or at
            self.sessions[digest] = (body["account"],)
        return "session", digest


def account_faults(connection: sa.Connection) -> Iterator[tuple[int, str, str]]:
    """Yield event, part and name of whatever stands in a table of accounts and not in the events, or lacks.

    The event is the last one about it, 0 where there was none. Hashes of passwords, secrets of tokens and
    sessions are looked at where the events name their digests: older events do not.
    """
    story = _Story()
    for row in connection.execute(sa.select(event).order_by(event.c.number)):
        story.tell(row.number, row.at, row.what, orjson.loads(row.body))
    found = {
        "account": (_accounts(connection), story.accounts),
        "grant": (_grants(connection), story.grants),
        "token": (_tokens(connection), story.tokens),
        "withheld": (_withheld(connection), story.withheld),
    }
    for part, (there, said) in found.items():
        for key in {**there, **said}:
            if not _same(there.get(key), said.get(key)):
                yield story.numbers.get((part, key), 0), part, _name(key, there.get(key))
    for row in connection.execute(sa.select(session)):
        known = story.sessions.get(row.digest)
        unheard = known is None and story.since is not None and row.at >= story.since
        taken = known is not None and known != (row.account,)
        opened = row.digest in story.shut and not row.ended
        if unheard or taken or opened:
            yield story.numbers.get(("session", row.digest), 0), "session", row.account


def _same(there: tuple[object, ...] | None, said: tuple[object, ...] | None) -> bool:
    if there is None or said is None:
        return there is said
    return all(one in {other, UNKNOWN} for one, other in zip(said, there, strict=True))


def _name(key: object, there: tuple[object, ...] | None) -> str:
    return " ".join(map(str, [*(key if isinstance(key, tuple) else [key]), *(there or ())[:1]]))


def _accounts(connection: sa.Connection) -> Told:
    return {
        row.name: (row.title, row.subject, digest_of_hash(row.password), bool(row.disabled))
        for row in connection.execute(sa.select(account))
    }


def _grants(connection: sa.Connection) -> Told:
    return {
        row.id: (row.account, row.role, row.city, row.district, row.body, bool(row.revoked))
        for row in connection.execute(sa.select(granted))
    }


def _tokens(connection: sa.Connection) -> Told:
    return {
        row.id: (row.account, row.name, row.actions, text_of(row.expires), row.digest, bool(row.revoked))
        for row in connection.execute(sa.select(token))
    }


def _withheld(connection: sa.Connection) -> Told:
    return {(row.city, row.type): () for row in connection.execute(sa.select(withheld))}
