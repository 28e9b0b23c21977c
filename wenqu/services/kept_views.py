"""Which views of a register has a person kept on the server, to find them on every device?"""

from collections.abc import Mapping

from wenqu.errors import BadInput, Refused
from wenqu.services.register_tables import register
from wenqu.services.rights import Person, demand
from wenqu.store.database import Store

PARTS = ("filter", "sort", "columns", "group")  # of the page's address
LONGEST = 100  # characters of a name
LARGEST = 4000  # characters of a part
MOST = 100  # views of one register


def views_of(store: Store, person: Person, city: str, name: str) -> dict[str, dict[str, str]]:
    """Return the person's views of a register; nobody who has not signed in has any.

    Raises
    ------
    Refused
        The person may read nothing of the city's values.
    UnknownType
        There is no such register.
    """
    demand(person, "read_attributes", city)
    return store.views.of(person.account, city, register(name).name) if person.account else {}


def keep_view(
    store: Store, person: Person, city: str, name: str, title: str, parts: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Keep a view under a title and return all of them.

    Raises
    ------
    BadInput
        The title is empty or too long, a part is not known or too long, or there are too many (``view``).
    Refused
        Nobody has signed in.
    """
    before = views_of(store, person, city, name)
    if not person.account:
        raise Refused("sign-in")
    told = title.strip()
    fit = 0 < len(told) <= LONGEST and all(
        part in PARTS and len(value) <= LARGEST for part, value in parts.items()
    )
    if not fit or (told not in before and len(before) >= MOST):
        raise BadInput("view", name=told[:LONGEST], longest=LONGEST, most=MOST, known=", ".join(PARTS))
    kept = {part: value for part, value in parts.items() if value}
    store.views.keep(person.account, city, name, told, kept)
    return views_of(store, person, city, name)


def drop_view(store: Store, person: Person, city: str, name: str, title: str) -> dict[str, dict[str, str]]:
    """Let a view go and return what is left."""
    views_of(store, person, city, name)
    if not person.account:
        raise Refused("sign-in")
    store.views.drop(person.account, city, name, title)
    return views_of(store, person, city, name)
