"""Who stands at the door? A session in a cookie, a token in a header, or a visitor."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from wenqu.errors import Refused
from wenqu.services.access import is_known_name
from wenqu.services.accounts import change_password, digest_of, fits
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.store.accounts import Account, Accounts
from wenqu.store.moments import now

COOKIE = "wenqu"
IDLE = 8 * 3600.0  # [s] without a request until a session ends
LONGEST = timedelta(days=7)  # a session lives at most
TRIES = 10  # failed sign-ins of one name from one address …
ALL_TRIES = 100  # … and of one name, or from one address
WINDOW = 900.0  # [s]
READING = {"GET", "HEAD", "OPTIONS"}


@dataclass
class _Failures:
    """Failed sign-ins of the last quarter of an hour."""

    times: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, name: str, address: str) -> None:
        """Refuse who failed too often."""
        with self.lock:
            start = time.monotonic() - WINDOW
            for key in [key for key, some in self.times.items() if some[-1] < start]:
                del self.times[key]
            for key, most in (((name, address), TRIES), ((name, ""), ALL_TRIES), (("", address), ALL_TRIES)):
                if sum(at >= start for at in self.times.get(key, ())) >= most:
                    raise Refused("too-many")

    def add(self, name: str, address: str) -> None:
        """Note a failed sign-in."""
        with self.lock:
            for key in ((name, address), (name, ""), ("", address)):
                self.times.setdefault(key, deque(maxlen=ALL_TRIES)).append(time.monotonic())


class Entrance:
    """The door of a service. Without accounts it is that of one process alone, where everybody is local."""

    def __init__(self, accounts: Accounts | None = None, names: tuple[str, ...] = ()) -> None:
        """Stand before the accounts of a store, under the host names that are ours."""
        self._accounts = accounts
        self._names = names
        self._failures = _Failures()
        self._used: dict[str, float] = {}  # digest of a session: when it was last used
        self._hashing = threading.Semaphore(2)  # a hash takes 64 MiB

    @property
    def names(self) -> tuple[str, ...]:
        """Return the host names that are ours."""
        return self._names

    @property
    def guarded(self) -> bool:
        """Tell whether there are accounts behind the door at all."""
        return self._accounts is not None

    @property
    def near(self) -> bool:
        """Tell whether ``person`` answers without waiting for another machine."""
        return self._accounts is None or self._accounts.near

    @property
    def accounts(self) -> Accounts:
        """Return the accounts behind the door."""
        if self._accounts is None:
            raise Refused("no-accounts")
        return self._accounts

    def person(self, headers: Mapping[str, str], cookies: Mapping[str, str], method: str) -> Person:
        """Return who asks.

        Raises
        ------
        Refused
            The host name is not ours (``host``), a token is not valid (``token``), or a page from elsewhere
            would write with a session (``cross-site``).
        """
        if not is_known_name(headers.get("host", ""), self._names):
            raise Refused("host", host=headers.get("host", ""))
        if self._accounts is None:
            return LOCAL
        said = headers.get("authorization", "")
        if said:
            return self._by_token(said)
        found = self.signed_in(cookies)
        if found is None:
            return Person("", self._grants(""))
        if method not in READING:
            check_origin(headers)
        if found.must_change:
            return Person(found.name, must_change=True)
        return Person(found.name, self._grants(found.name) + self._grants(""))

    def _by_token(self, said: str) -> Person:
        kind, _, secret = said.partition(" ")
        found = self.accounts.token(digest_of(secret.strip())) if kind.lower() == "bearer" else None
        if found is None:
            raise Refused("token")
        grants = self._grants(found.account) + self._grants("")
        return Person(found.account, grants, actions=found.actions, token=True)

    def _grants(self, name: str) -> tuple[Grant, ...]:
        rows = self.accounts.grants(name)
        return tuple(Grant(row.role, row.city, row.district, row.body) for row in rows)

    def signed_in(self, cookies: Mapping[str, str]) -> Account | None:
        """Return the account whose session the cookie holds, None when there is none that still lives."""
        secret = cookies.get(COOKIE, "")
        if not secret:
            return None
        digest = digest_of(secret)
        found = self.accounts.session(digest)
        last = self._used.get(digest, time.monotonic())
        if found is None or now() - found[1] > LONGEST or time.monotonic() - last > IDLE:
            self._used.pop(digest, None)
            return None
        self._used[digest] = time.monotonic()
        return found[0]

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Return the secret of a new session.

        Raises
        ------
        Refused
            Name or password is wrong (``sign-in-wrong``), or it was tried too often (``too-many``).
        """
        self._failures.check(name, address)
        with self._hashing:
            right = fits(self.accounts, name, password)
        if not right:
            self._failures.add(name, address)
            raise Refused("sign-in-wrong")
        return self.begin(name)

    def change_password(self, who: Person, old: str, new: str, address: str) -> None:
        """Change one's own password, no quicker than one may sign in.

        Raises
        ------
        Refused
            Nobody has signed in, the old one is wrong or the new one is no other.
        """
        if not who.account or who.token:
            raise Refused("sign-in")
        self._failures.check(who.account, address)
        try:
            with self._hashing:
                change_password(self.accounts, who.account, old, new)
        except Refused:
            self._failures.add(who.account, address)
            raise

    def begin(self, name: str) -> str:
        """Return the secret of a new session of somebody who proved who it is."""
        secret = secrets.token_urlsafe(32)
        self.accounts.begin_session(name, digest_of(secret))
        return secret

    def let_in(self, subject: str) -> str:
        """Return the secret of a new session of the account that another sign-in vouches for.

        Raises
        ------
        Refused
            No account is known by this subject, or it is shut (``oidc-unknown``).
        """
        name = self.accounts.by_subject(subject)
        if not name:
            raise Refused("oidc-unknown", subject=subject)
        return self.begin(name)

    def sign_out(self, cookies: Mapping[str, str]) -> None:
        """End the session of the cookie."""
        if cookies.get(COOKIE):
            self.accounts.end_session(digest_of(cookies[COOKIE]))


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse a writing request that another page than ours sent through a user's browser.

    Raises
    ------
    Refused
        Neither ``Sec-Fetch-Site`` nor ``Origin`` says that it is our own page (``cross-site``).
    """
    site = headers.get("sec-fetch-site", "")
    if site:
        ours = site in {"same-origin", "none"}
    else:
        _, _, origin = headers.get("origin", "").partition("://")
        ours = bool(origin) and origin.casefold() == headers.get("host", "").casefold()
    if not ours:
        raise Refused("cross-site")
