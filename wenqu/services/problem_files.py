"""Which files prove the steps of a problem?"""

from urllib.parse import quote

from wenqu.errors import Refused
from wenqu.services.named_files import check_named, keep_named, named_file
from wenqu.services.problem_ledger import may, problem_of
from wenqu.services.rights import WORKS, Person, demand_account
from wenqu.store.database import Store


def home_of(id_: str) -> str:
    """Return under what the files of a problem are kept."""
    return f"problem/{quote(id_, safe='')}"


def keep_proof(store: Store, city: str, id_: str, name: str, content: bytes, *, person: Person) -> str:
    """Keep a file with a problem and return the proof that a step can name.

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
    return keep_named(store, city, home_of(id_), name, content, who=person.account)


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
    return named_file(store, city, home_of(id_), digest, name)


def check_proofs(store: Store, city: str, id_: str, evidence: tuple[str, ...]) -> None:
    """Refuse evidence that names a file which nobody handed in for this problem.

    Raises
    ------
    BadInput
        ``problem-file``.
    """
    check_named(store, city, home_of(id_), evidence, "problem-file")
