"""Which photos and files belong to an asset? Kept by content in the file store, never served as a page."""

from urllib.parse import quote, unquote

from wenqu.errors import BadInput, Unknown
from wenqu.services.rights import Person, demand
from wenqu.store.database import Store

PREFIX = "attachment"
LARGEST = 25_000_000  # bytes
# What a file is, by how it begins: what its name says is not believed.
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),  # DOCX and XLSX too
)
SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp"}  # all else is a download


def media_of(content: bytes) -> str:
    """Return what a file is by its first bytes, "" for what is not taken.

    Examples
    --------
    >>> media_of(b"%PDF-1.7 ...")
    'application/pdf'
    >>> media_of(b"<html>")
    ''
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return next((media for begin, media in BEGINNINGS if content.startswith(begin)), "")


def taken(name: str, content: bytes) -> tuple[str, str]:
    """Return the plain name of a file that is handed in, and what it is by its first bytes.

    Raises
    ------
    BadInput
        It is too large, of a kind that is not taken, or has no name.
    """
    media = media_of(content)
    plain = name.replace("\\", "/").rpartition("/")[2].strip()
    if not plain or not plain.isprintable():
        raise BadInput("attachment-name", name=name)
    if len(content) > LARGEST:
        raise BadInput("attachment-size", name=plain, size=len(content), most=LARGEST)
    if not media:
        raise BadInput("attachment-kind", name=plain)
    return plain, media


def attach(  # noqa: PLR0913 what, to what, by whom
    store: Store, city: str, type_: str, id_: str, name: str, content: bytes, *, person: Person, who: str = ""
) -> str:
    """Keep a file with an asset and return the document's name.

    Raises
    ------
    BadInput
        It is too large, of a kind that is not taken, or has no name.
    """
    demand(person, "edit_attributes", city)
    plain, media = taken(name, content)
    document = f"{folder_of(type_, id_)}{plain}"
    with store.change(city, who=who or person.account, why=f"{type_} {id_}: {plain}") as change:
        if id_ not in change.there([type_], [id_]).get(type_, ()):
            raise Unknown(name=id_, nearest="")
        change.write_document(document, content, media)
    return document


def folder_of(type_: str, id_: str) -> str:
    """Return how the names of the documents of one row of a register begin."""
    return f"{PREFIX}/{type_}/{quote(id_, safe='')}/"


def attachments_of(store: Store, city: str, type_: str, id_: str) -> list[dict[str, object]]:
    """Return the files of an asset, newest first."""
    folder = folder_of(type_, id_)
    found = [entry for entry in store.documents(city) if entry.name.startswith(folder)]
    return [
        {
            "name": unquote(entry.name.removeprefix(folder)),
            "media": entry.media,
            "image": entry.media in SHOWN,
            "size": entry.size,
            "who": entry.who,
            "at": entry.at,
        }
        for entry in sorted(found, key=lambda entry: entry.at, reverse=True)
    ]


def attached(store: Store, city: str, type_: str, id_: str, name: str) -> tuple[bytes, dict[str, str]]:
    """Return one file and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        The asset has no such file.
    """
    content = store.document(city, f"{folder_of(type_, id_)}{name}")
    if content is None:
        raise Unknown(name=name, nearest="")
    return content, harmless(name, content)


def harmless(name: str, content: bytes) -> dict[str, str]:
    """Return the headers under which a file that somebody handed in cannot do harm."""
    media = media_of(content) or "application/octet-stream"
    how = "inline" if media in SHOWN else "attachment"
    return {
        "Content-Type": media,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
    }
