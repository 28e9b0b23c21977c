"""Photos and voice notes of the street: kept by content, shown to those who may see what names them."""

from collections.abc import Iterable
from hashlib import sha256

from wenqu.errors import BadInput, Unknown
from wenqu.records.field_entry import FieldEntry, FieldFile
from wenqu.services.attachments import LARGEST, harmless, media_of
from wenqu.services.city_state import CityState
from wenqu.services.field_sight import may_see
from wenqu.services.rights import Person, demand, demand_account
from wenqu.services.upkeep_orders import orders, seen_by
from wenqu.store.database import Store
from wenqu.store.documents import DocumentInfo
from wenqu.store.files import Kept

FOLDER = "field/"  # field/<sha256> is a document of the city
NAMED = "field:"  # field:<sha256>/<name> is what a statement names
ENTRY = "field_entry"
SOUNDS = ((0, b"\x1aE\xdf\xa3", "audio/webm"), (0, b"OggS", "audio/ogg"), (4, b"ftyp", "audio/mp4"))
MORE = ((0, b"RIFF", "image/webp"), (4, b"ftyphei", "image/heic"), (4, b"ftypmif", "image/heic"))


def media_in_field(content: bytes) -> str:
    """Return what a photo or voice note is by its first bytes, "" for what is not taken."""
    for at, mark, media in (*MORE, *SOUNDS):
        if content[at : at + len(mark)] == mark:
            return media
    return media_of(content)


def keep_field_file(store: Store, city: str, digest: str, content: bytes, *, person: Person) -> None:
    """Keep a photo or voice note under its SHA-256; what is there already is not written again.

    Raises
    ------
    BadInput
        It is too large, of a kind that is not taken, or its content is not what its name says.
    Refused
        Nobody has signed in, or the person may read nothing here.
    """
    demand_account(person)
    demand(person, "read_attributes", city)
    if len(content) > LARGEST:
        raise BadInput("attachment-size", name=digest[:12], size=len(content), most=LARGEST)
    if sha256(content).hexdigest() != digest:
        raise BadInput("field-digest", digest=digest)
    media = media_in_field(content)
    if not media:
        raise BadInput("attachment-kind", name=digest[:12])
    with store.change(city, who=person.account, why="street: file") as change:
        change.write_document(f"{FOLDER}{digest}", content, media)


def keep_photo(store: Store, city: str, name: str, content: bytes, *, person: Person) -> str:
    """Keep a photo or voice note and return how a report names it."""
    digest = sha256(content).hexdigest()
    keep_field_file(store, city, digest, content, person=person)
    return name_of(FieldFile(digest, name))


def missing_files(store: Store, city: str, wanted: Iterable[str]) -> list[str]:
    """Return which of some contents are not kept yet."""
    return [digest for digest in dict.fromkeys(wanted) if kept_info(store, city, digest) is None]


def kept_info(store: Store, city: str, digest: str) -> DocumentInfo | None:
    """Return what is known of a kept content, None when it is not kept."""
    found = store.documents(city, f"{FOLDER}{digest}")
    return found[-1] if found else None


def kept_of(store: Store, city: str, file: FieldFile) -> tuple[Kept, str]:
    """Return the kept content of a file and what it is.

    Raises
    ------
    Unknown
        It was never sent.
    """
    info = kept_info(store, city, file.sha256)
    if info is None:
        raise Unknown(name=file.name, nearest="")
    return Kept(info.sha256, info.size), info.media


def name_of(file: FieldFile) -> str:
    """Return how a statement names a file."""
    return f"{NAMED}{file.sha256}/{file.name}"


def field_file(store: Store, state: CityState, digest: str, person: Person) -> tuple[bytes, dict[str, str]]:
    """Return a photo or voice note, and the headers under which it cannot do harm.

    Parameters
    ----------
    store
        The whole store.

    Raises
    ------
    Unknown
        There is none, or the person may not see any entry that names it.
    """
    city = state.network.city.code
    info = kept_info(store, city, digest)
    told = [
        (entry, file)
        for entry in store.records(city, ENTRY, FieldEntry)
        for file in entry.files
        if file.sha256 == digest and may_see(entry, state, person)
    ]
    own = info is not None and info.who == person.account and person.account
    if info is None or not (told or own or _of_an_order(store, city, digest, person)):
        raise Unknown(name=digest[:12], nearest="")
    content = store.document(city, f"{FOLDER}{digest}")
    if content is None:
        raise Unknown(name=digest[:12], nearest="")
    return content, shown(told[0][1].name if told else digest[:12], content)


def _of_an_order(store: Store, city: str, digest: str, person: Person) -> bool:
    """Tell whether an order that the person may see shows this photo."""
    seen = seen_by(person, city, orders(store, city)).values()
    photos = (name for one in seen for names in one.photos() for name in names)
    return any(name.startswith(f"{NAMED}{digest}/") for name in photos)


def shown(name: str, content: bytes) -> dict[str, str]:
    """Return headers of a photo or voice note: both are shown, nothing of them is run."""
    headers = harmless(name, content)
    media = media_in_field(content)
    if media.startswith(("image/", "audio/")):
        headers["Content-Type"] = media
        headers["Content-Disposition"] = headers["Content-Disposition"].replace("attachment", "inline", 1)
    return headers
