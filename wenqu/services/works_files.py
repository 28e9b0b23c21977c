"""Which files prove works? Kept by content: what a proof names never becomes another."""

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from wenqu.errors import BadInput, Unknown
from wenqu.services.attachments import harmless, taken
from wenqu.services.rights import WORKS, Person, demand_account
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store

FOLDER = "works"  # works/<project>/<digest>/<name> is a document of the city
FILE = "file:"  # file:<digest>/<name> is what a proof names
DIGITS = 32  # of the digest, 128 bits
ATTACHED = "attachment/conduit/"  # a proof may name a file of its pipe too


def keep_file(store: Store, city: str, project: str, name: str, content: bytes, *, person: Person) -> str:
    """Keep a file with a project and return what a proof can name: ``file:<digest>/<name>``.

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
    plain, media = taken(name, content)
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    with store.change(city, who=person.account, why=f"{project}: {plain}") as change:
        change.write_document(_document(project, digest, plain), content, media)
    return f"{FILE}{digest}/{plain}"


def file_of(store: Store, city: str, project: str, digest: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return a file of a project, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such file.
    """
    content = store.document(city, _document(project, digest, name))
    if content is None:
        raise Unknown(name=name, nearest="")
    return content, harmless(name, content)


def check_files(store: Store, city: str, project: str, named: Iterable[str]) -> None:
    """Refuse a proof that names a file which is not kept.

    Raises
    ------
    BadInput
        A ``file:`` is named that nobody handed in for this project.
    """
    for one in named:
        if one.startswith(FILE):
            digest, _, name = one.removeprefix(FILE).partition("/")
            if not store.documents(city, _document(project, digest, name)):
                raise BadInput("works-no-file", name=name or one)


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


def _document(project: str, digest: str, name: str) -> str:
    return f"{FOLDER}/{quote(project, safe='')}/{digest}/{name}"
