"""How are accounts, roles and tokens given and taken, and by whom?"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.services.rights import ACTIONS, EVERYWHERE, Grant, Person, allows, demand, roles
from wenqu.store.accounts import Account, Accounts, GrantRow, TokenRow
from wenqu.store.moments import now

SHORTEST = 12  # characters of a password
LONGEST = 256  # hashing time grows with what is hashed
LONGEST_DAYS = 730  # of a token
FIRST = "admin"
TOKEN_ACTIONS = tuple(name for name in ACTIONS if name != "administer")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has, so that an unknown name takes as long as a known one."""
    return _hasher().hash(secrets.token_hex(16))


def digest_of(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fits(accounts: Accounts, name: str, password: str) -> bool:
    """Tell whether a password is that of an account; takes as long when there is no such account."""
    kept = accounts.password(name)
    try:
        right = _hasher().verify(kept or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(kept)


def hash_of(name: str, password: str) -> str:
    """Return the hash of a new password.

    Raises
    ------
    BadInput
        It is too short or too long, or it is the name of the account.
    """
    if not SHORTEST <= len(password) <= LONGEST or password.casefold().count(name.casefold()) * len(
        name
    ) * 2 > len(password):
        raise BadInput("password", least=SHORTEST, most=LONGEST)
    return _hasher().hash(password)


def new_secret() -> str:
    """Return a one-time password that can be read out."""
    return "-".join(secrets.token_hex(2) for _ in range(5))


def ensure_administrator(accounts: Accounts) -> str:
    """Make the first account of a store and return its one-time password; "" when there are accounts."""
    if accounts.any():
        return ""
    password = new_secret()
    accounts.add(FIRST, "", hash_of(FIRST, password), "wenqu")
    accounts.grant(GrantRow(_id(), FIRST, "administrator", EVERYWHERE, "", ""), "wenqu")
    return password


def _id() -> str:
    return secrets.token_hex(8)


def _unlent(person: Person) -> None:
    """Refuse a token where only somebody who signed in may act."""
    if person.token:
        raise Refused("token-administers")


def add_account(accounts: Accounts, person: Person, name: str, title: str = "", subject: str = "") -> str:
    """Add an account and return its one-time password; "" for one that signs in elsewhere.

    Raises
    ------
    Refused
        The person does not administer every city, or there is an account of that name.
    BadInput
        The name cannot be one.
    """
    _unlent(person)
    demand(person, "administer", EVERYWHERE)
    if not name or name != name.strip() or not name.isprintable() or len(name) > 100 or "/" in name:
        raise BadInput("account-name", name=name)
    password = "" if subject else new_secret()
    accounts.add(
        name, title.strip()[:200], hash_of(name, password) if password else "", person.account, subject
    )
    return password


def reset_password(accounts: Accounts, person: Person, name: str) -> str:
    """Give an account a new one-time password and return it."""
    _unlent(person)
    demand(person, "administer", EVERYWHERE)
    password = new_secret()
    accounts.set_password(name, hash_of(name, password), person.account, must_change=True)
    return password


def change_password(accounts: Accounts, name: str, old: str, new: str) -> None:
    """Change one's own password.

    Raises
    ------
    Refused
        The old one is not right, or the new one is the old one.
    """
    if not fits(accounts, name, old) or old == new:
        raise Refused("password")
    accounts.set_password(name, hash_of(name, new), name, must_change=False)


def set_disabled(accounts: Accounts, person: Person, name: str, *, disabled: bool) -> None:
    """Shut an account or open it again; nobody shuts the own one."""
    _unlent(person)
    demand(person, "administer", EVERYWHERE)
    if name == person.account:
        raise Refused("account-own")
    accounts.set_disabled(name, person.account, disabled=disabled)


def all_accounts(accounts: Accounts, person: Person) -> list[dict[str, object]]:
    """Return the accounts with those of their grants that the person administers."""
    _administers_anything(person)
    given = accounts.grants()
    mine = [row for row in given if allows(person, "administer", row.city)]
    everyone = allows(person, "administer", EVERYWHERE)
    found = [Account("", "", must_change=False, disabled=False, elsewhere=False), *accounts.all()]
    rows = [
        {**asdict(one), "grants": [asdict(row) for row in mine if row.account == one.name]} for one in found
    ]
    return [row for row in rows if everyone or row["grants"]]


def _administers_anything(person: Person) -> None:
    _unlent(person)
    if not any(allows(person, "administer", grant.city) for grant in person.grants):
        demand(person, "administer", EVERYWHERE)


def give_grant(accounts: Accounts, person: Person, account: str, grant: Grant) -> None:
    """Give a role at a place that the person administers.

    Raises
    ------
    Refused
        The person does not administer the city, or anybody would get more than a reader's role.
    Unknown
        There is no such role or account.
    """
    _unlent(person)
    demand(person, "administer", grant.city)
    if grant.role not in roles():
        raise Unknown("role", name=grant.role, known=", ".join(roles()))
    if not grant.city.strip():
        raise BadInput("city-code", city=grant.city)
    if not account and grant.role != "public_reader":
        raise Refused("grant-anybody", role=grant.role)
    row = GrantRow(_id(), account, grant.role, grant.city, grant.district, grant.body)
    accounts.grant(row, person.account)


def take_grant(accounts: Accounts, person: Person, id_: str) -> None:
    """Take a role back; nobody takes the own administration of everything, so that one remains."""
    _unlent(person)
    found = [row for row in accounts.grants() if row.id == id_]
    if not found or not allows(person, "administer", found[0].city):
        demand(person, "administer", EVERYWHERE)
        raise Unknown("grant", name=id_)
    own = found[0].account == person.account and found[0].role == "administrator"
    if own and found[0].city == EVERYWHERE:
        raise Refused("account-own")
    accounts.revoke(id_, person.account)


def new_token(
    accounts: Accounts, person: Person, name: str, actions: Sequence[str], days: int, account: str = ""
) -> tuple[TokenRow, str]:
    """Make a token for oneself (or, administering everything, for another account) and return its secret.

    Raises
    ------
    Refused
        Nobody has signed in, or the token would be another's.
    BadInput
        An action does not exist or cannot be lent, or it would live too long.
    """
    _unlent(person)
    owner = account or person.account
    if not owner:
        raise Refused("sign-in")
    if owner != person.account or person.local:
        demand(person, "administer", EVERYWHERE)
        accounts.get(owner)
    unfit = [one for one in actions if one not in TOKEN_ACTIONS]
    if unfit or not actions or not 1 <= days <= LONGEST_DAYS or not name.strip():
        raise BadInput("token", known=", ".join(TOKEN_ACTIONS), most=LONGEST_DAYS)
    secret = f"wq_{secrets.token_urlsafe(32)}"
    expires = now() + timedelta(days=days)
    chosen = tuple(one for one in TOKEN_ACTIONS if one in actions)
    row = TokenRow(
        _id(), owner, name.strip()[:100], chosen, now().isoformat(), expires.isoformat(), revoked=False
    )
    accounts.add_token(row, digest_of(secret), expires, person.account)
    return row, secret


def tokens_of(accounts: Accounts, person: Person) -> list[TokenRow]:
    """Return one's own tokens; all of them to who administers everything."""
    _unlent(person)
    if not person.account:
        raise Refused("sign-in")
    everyone = allows(person, "administer", EVERYWHERE)
    return [
        row for row in accounts.tokens() if everyone or (person.account and row.account == person.account)
    ]


def take_token(accounts: Accounts, person: Person, id_: str) -> None:
    """Make a token void."""
    if id_ not in {row.id for row in tokens_of(accounts, person)}:
        raise Unknown("token", name=id_)
    accounts.revoke_token(id_, person.account)
