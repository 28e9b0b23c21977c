"""Which documents a city has, and which content each of their versions."""

from dataclasses import dataclass

import sqlalchemy as sa

from wenqu.store.moments import text_of
from wenqu.store.tables import change, document


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """The newest version of one document."""

    name: str
    media: str
    size: int  # bytes
    sha256: str
    number: int  # change that wrote it
    at: str  # ISO time
    who: str


def digest_of(connection: sa.Connection, code: str, name: str, number: int) -> str | None:
    """Return the SHA-256 of a document as of change ``number``, None when there was none."""
    chosen = (
        sa.select(document.c.sha256)
        .where(document.c.city == code, document.c.name == name, document.c.change <= number)
        .order_by(document.c.change.desc())
        .limit(1)
    )
    return connection.execute(chosen).scalar()


def list_documents(connection: sa.Connection, code: str, name: str | None) -> list[DocumentInfo]:
    """Return the newest version of every document, or all versions of one, newest first."""
    joined = document.join(
        change, sa.and_(change.c.city == document.c.city, change.c.number == document.c.change)
    )
    chosen = sa.select(document, change.c.at, change.c.who).select_from(joined).where(document.c.city == code)
    if name is not None:
        chosen = chosen.where(document.c.name == name)
    found = [
        DocumentInfo(row.name, row.media, row.size, row.sha256, row.change, text_of(row.at), row.who)
        for row in connection.execute(chosen.order_by(document.c.name, document.c.change.desc()))
    ]
    if name is not None:
        return found
    newest: dict[str, DocumentInfo] = {}
    for entry in found:
        newest.setdefault(entry.name, entry)
    return list(newest.values())
