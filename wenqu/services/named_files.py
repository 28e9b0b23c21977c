"""Files that a statement names, ``file:<digest>/<name>``: kept by content, so that none becomes another."""

import hashlib
from collections.abc import Iterable

from wenqu.errors import BadInput, Unknown
from wenqu.services.attachments import harmless, taken
from wenqu.store.database import Store

FILE = "file:"
DIGITS = 32  # of the digest, 128 bits: nobody makes another file that has them too


def document_of(home: str, digest: str, name: str) -> str:
    """Return the document in which a file is kept.

    Parameters
    ----------
    home
        What the file belongs to, as ``problem/<id>`` or ``works/<project>``.
    """
    return f"{home}/{digest}/{name}"


def keep_named(store: Store, city: str, home: str, name: str, content: bytes, *, who: str) -> str:
    """Keep a file and return how a statement names it.

    Raises
    ------
    BadInput
        The file is too large, of a kind that is not taken, or has no name.
    """
    plain, media = taken(name, content)
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    with store.change(city, who=who, why=f"{home.partition('/')[2]}: {plain}") as change:
        change.write_document(document_of(home, digest, plain), content, media)
    return f"{FILE}{digest}/{plain}"


def named_file(store: Store, city: str, home: str, digest: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return a file, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such file.
    """
    content = store.document(city, document_of(home, digest, name))
    if content is None:
        raise Unknown(name=name, nearest="")
    return content, harmless(name, content)


def check_named(store: Store, city: str, home: str, named: Iterable[str], reason: str) -> None:
    """Refuse a statement that names a file which nobody handed in.

    Raises
    ------
    BadInput
        With this reason.
    """
    for one in named:
        if one.startswith(FILE):
            digest, _, name = one.removeprefix(FILE).partition("/")
            if not store.documents(city, document_of(home, digest, name)):
                raise BadInput(reason, name=name or one)
