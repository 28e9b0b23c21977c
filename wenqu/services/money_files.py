"""Which files prove money that was granted? Those of a contract lie with its project."""

from collections.abc import Iterable
from urllib.parse import quote

from wenqu.services.money_rights import demand_fund
from wenqu.services.named_files import FILE, check_named, keep_named, named_file
from wenqu.services.rights import Person, demand_account
from wenqu.store.database import Store


def _home(district: str) -> str:
    return f"money/{quote(district, safe='') or '-'}"


def keep_fund_file(
    store: Store, city: str, district: str, name: str, content: bytes, *, person: Person
) -> str:
    """Keep the document of a fund and return what a fund can name.

    Raises
    ------
    Refused
        The person may not grant money of that place.
    BadInput
        The file is too large, of a kind that is not taken, or has no name.
    """
    demand_account(person)
    demand_fund(person, city, district)
    return keep_named(store, city, _home(district), name, content, who=person.account)


def fund_file(store: Store, city: str, district: str, digest: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return the document of a fund, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such file.
    """
    return named_file(store, city, _home(district), digest, name)


def check_fund_files(store: Store, city: str, district: str, named: Iterable[str]) -> None:
    """Refuse a fund that names a file which nobody handed in for its place.

    Raises
    ------
    BadInput
        ``works-no-file``.
    """
    check_named(store, city, _home(district), named, "works-no-file")


def fund_file_row(city: str, district: str, named: str) -> dict[str, str]:
    """Return how the document of a fund is shown and opened."""
    if not named.startswith(FILE):
        return {"name": named, "address": ""}
    digest, _, name = named.removeprefix(FILE).partition("/")
    home = f"cities/{quote(city, safe='')}/money/files/{quote(district, safe='') or '-'}"
    return {"name": name, "address": f"{home}/{digest}/{quote(name, safe='')}"}
