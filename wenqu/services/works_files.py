"""Which files prove works?"""

from collections.abc import Iterable
from urllib.parse import quote

from wenqu.services.named_files import FILE, check_named, keep_named, named_file
from wenqu.services.rights import WORKS, Person, demand_account
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store

ATTACHED = "attachment/conduit/"  # a proof may name a file of its pipe too


def _home(project: str) -> str:
    return f"works/{quote(project, safe='')}"


def keep_file(store: Store, city: str, project: str, name: str, content: bytes, *, person: Person) -> str:
    """Keep a file with a project and return what a proof can name.

    Raises
    ------
    Unknown
        There is no such project.
    Refused
        The person may neither decide, work nor inspect there.
    BadInput
        The file is too large, of a kind that is not taken, or has no name.
    """
    demand_account(person)
    one, _ = project_of(read_ledger(store, city), project)
    demand_part(person, WORKS, city, one)
    return keep_named(store, city, _home(project), name, content, who=person.account)


def file_of(store: Store, city: str, project: str, digest: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return a file of a project, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such file.
    """
    return named_file(store, city, _home(project), digest, name)


def check_files(store: Store, city: str, project: str, named: Iterable[str]) -> None:
    """Refuse a proof that names a file which nobody handed in for this project.

    Raises
    ------
    BadInput
        ``works-no-file``.
    """
    check_named(store, city, _home(project), named, "works-no-file")


def file_row(city: str, project: str, named: str) -> dict[str, str]:
    """Return how a file of a proof is shown and opened; it has no address where it is not kept here."""
    home = f"cities/{quote(city, safe='')}"
    if named.startswith(FILE):
        digest, _, name = named.removeprefix(FILE).partition("/")
        path = f"{home}/projects/{quote(project, safe='')}/files/{digest}/{quote(name, safe='')}"
        return {"name": name, "address": path}
    if named.startswith(ATTACHED):
        pipe, _, name = named.removeprefix(ATTACHED).partition("/")
        path = f"{home}/registers/conduit/attachment?id={pipe}&name={quote(name, safe='')}"
        return {"name": name, "address": path}
    return {"name": named, "address": ""}
