"""Which files prove the steps of a problem? Kept by content: what a step named never becomes another."""

import hashlib
from urllib.parse import quote

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.services.attachments import harmless, taken
from wenqu.services.problem_ledger import may, problem_of
from wenqu.services.rights import WORKS, Person, demand_account
from wenqu.store.database import Store

FOLDER = "problem"  # problem/<id>/<digest>/<name> is a document of the city
FILE = "file:"  # file:<digest>/<name> is a proof that a step names
DIGITS = 32  # of the digest, 128 bits: nobody makes another file that has them too


def keep_proof(store: Store, city: str, id_: str, name: str, content: bytes, *, person: Person) -> str:
    """Keep a file with a problem and return the proof that a step can name: ``file:<digest>/<name>``.

    Raises
    ------
    Unknown
        There is no such problem, or the person may not know of it.
    Refused
        The person may take no step there but leave a note.
    BadInput
        The file is too large, of a kind that is not taken, or has no name.
    """
    demand_account(person)
    one = problem_of(store, city, id_, person)
    if not any(may(person, action, city, one, zone) for action in WORKS for zone in ("", one.offered)):
        raise Refused("problem-rights", step="evidence", action=", ".join(WORKS))
    plain, media = taken(name, content)
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    with store.change(city, who=person.account, why=f"{id_}: {plain}") as change:
        change.write_document(proof_document(id_, digest, plain), content, media)
    return f"{FILE}{digest}/{plain}"


def proof(
    store: Store, city: str, id_: str, digest: str, name: str, person: Person
) -> tuple[bytes, dict[str, str]]:
    """Return a file of a problem, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such file, or no such problem for this person.
    """
    problem_of(store, city, id_, person)
    content = store.document(city, proof_document(id_, digest, name))
    if content is None:
        raise Unknown(name=name, nearest="")
    return content, harmless(name, content)


def check_proofs(store: Store, city: str, id_: str, evidence: tuple[str, ...]) -> None:
    """Refuse evidence that names a file which is not kept.

    Raises
    ------
    BadInput
        A ``file:`` is named that nobody handed in for this problem.
    """
    for one in evidence:
        if one.startswith(FILE):
            digest, _, name = one.removeprefix(FILE).partition("/")
            if not store.documents(city, proof_document(id_, digest, name)):
                raise BadInput("problem-file", name=name or one)


def proof_document(id_: str, digest: str, name: str) -> str:
    """Return the document in which a file of a problem is kept."""
    return f"{FOLDER}/{quote(id_, safe='')}/{digest}/{name}"
