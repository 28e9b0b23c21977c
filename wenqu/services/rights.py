"""Who may do what, where? Roles are a table, a person holds grants, one function decides."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.errors import Refused

EVERYWHERE = "*"  # as the city of a grant: all cities
# What a person can be asked to be allowed. Geometry and attributes are rights of their own.
READ = ("read_geometry", "read_attributes")
EDIT = ("edit_geometry", "edit_attributes")
# Problems and works: decide what is done about one, do it, inspect what was done.
WORKS = ("decide", "work", "inspect")
ACTIONS = (*READ, *EDIT, "import", "export", *WORKS, "share", "administer")
WHOLE = ("share", "administer")  # cannot be had for a part of a city: not cut asset by asset


@dataclass(frozen=True, slots=True)
class Role:
    """What one kind of people may do: a row of ``roles.csv``."""

    name: str
    zh: str
    en: str
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one place."""

    role: str  # a row of roles.csv
    city: str  # code, or EVERYWHERE
    district: str = ""  # id of a zone, "" the whole city
    body: str = ""  # owner or keeper of the assets, "" any


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: an account, a token, the local command line, or nobody."""

    account: str  # name of the account, "" for a reader who has not signed in
    grants: tuple[Grant, ...] = ()
    local: bool = False  # whoever holds the store's files may do everything
    actions: tuple[str, ...] = ACTIONS  # a token may be for some actions only
    token: bool = False  # asks by a token: it can neither sign in nor hand out rights
    must_change: bool = False  # signed in with a one-time password: nothing opens before it is changed


LOCAL = Person("local", local=True)
NOBODY = Person("")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where in one city a person may do one thing."""

    whole: bool = False
    places: tuple[tuple[str, str], ...] = ()  # district, body; "" is any

    def __bool__(self) -> bool:
        """Tell whether there is any place at all."""
        return self.whole or bool(self.places)


@cache
def roles() -> dict[str, Role]:
    """Return every role by name."""
    text = (files("wenqu.services") / "roles.csv").read_text(encoding="utf-8")
    return {
        row["role"]: Role(
            row["role"], row["zh"], row["en"], frozenset(name for name in ACTIONS if row[name] == "yes")
        )
        for row in csv.DictReader(text.splitlines())
    }


def reach(person: Person, action: str, city: str) -> Reach:
    """Return where in a city a person may do something."""
    if person.local:
        return Reach(whole=True)
    if action not in person.actions:
        return Reach()
    places = {
        (grant.district, grant.body)
        for grant in person.grants
        if grant.city in {EVERYWHERE, city}
        and grant.role in roles()
        and action in roles()[grant.role].actions
    }
    return Reach(whole=True) if ("", "") in places else Reach(places=tuple(sorted(places)))


def allows(person: Person, action: str, city: str, district: str = "", body: str = "") -> bool:
    """Tell whether a person may do something; see ``demand``."""
    there = reach(person, action, city)
    if there.whole:
        return True
    if action in WHOLE:
        return False
    return any(
        (not district or own in {"", district}) and (not body or whose in {"", body})
        for own, whose in there.places
    )


def demand(person: Person, action: str, city: str, district: str = "", body: str = "") -> None:
    """Refuse what a person may not do.

    Without a district and a body the question is whether the person may do it anywhere in the city: what
    is read is then cut to what is theirs (``wenqu.services.sight``), and so is what is written or brought
    in. Sharing and administering go by whole cities.

    Raises
    ------
    Refused
        No grant of the person allows the action there (``rights``), nobody has signed in (``sign-in``), or
        the one-time password was not changed yet (``password-first``).
    """
    if allows(person, action, city, district, body):
        return
    if not person.account:
        raise Refused("sign-in")
    if person.must_change:
        raise Refused("password-first")
    raise Refused("rights", action=action, city=city, district=district, body=body)


def demand_account(person: Person) -> None:
    """Refuse whoever has not signed in.

    Raises
    ------
    Refused
        Nobody has signed in (``sign-in``).
    """
    if not person.local and not person.account:
        raise Refused("sign-in")


def demand_any_read(person: Person, city: str) -> None:
    """Refuse a person who may read nothing of a city.

    Raises
    ------
    Refused
        See ``demand``.
    """
    if not any(allows(person, action, city) for action in READ):
        demand(person, "read_attributes", city)
