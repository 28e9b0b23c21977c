"""Who may do what, where? Roles are a table, a person holds grants, one function decides."""

from dataclasses import dataclass

from wenqu.errors import Refused

EVERYWHERE = "*"  # as the city of a grant: all cities
# What a person can be asked to be allowed. Geometry and attributes are rights of their own.
READ = ("read_geometry", "read_attributes")
EDIT = ("edit_geometry", "edit_attributes")
ACTIONS = (*READ, *EDIT, "import", "export", "share", "administer")


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


LOCAL = Person("local", local=True)


def demand(person: Person, action: str, city: str, district: str = "", body: str = "") -> None:
    """Refuse what a person may not do.

    Raises
    ------
    Refused
        No grant of the person allows the action there (``rights``).
    """
    if not person.local:
        raise Refused("rights", action=action, city=city, district=district, body=body)
