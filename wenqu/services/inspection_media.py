"""Where are the pictures and films of an inspection shown from: the store, a folder, another address?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wenqu.errors import Unknown
from wenqu.records.handed import Handed
from wenqu.services.attachments import SHOWN
from wenqu.services.city_state import CityState
from wenqu.services.delivery_sources import source_name
from wenqu.services.file_inspections import FILM_MEDIA
from wenqu.services.inspection_files import FILMS, safe_path
from wenqu.store.database import Store


def linked_media(city: str, id_: str, handed: Sequence[Handed], films: str) -> list[dict[str, Any]]:
    """Return the pictures and films of an inspection: where each is shown from, or that it did not come."""
    made: dict[str, dict[str, Any]] = {}
    for entry in handed:
        for name in entry.media:
            made[name] = {
                "name": name,
                "kind": _kind(name),
                "address": _address(city, id_, name),
                "here": True,
            }
    for entry in handed:
        for name in entry.missing:
            address = _elsewhere(city, id_, name, films)
            here = address.startswith("cities/")
            made.setdefault(name, {"name": name, "kind": _kind(name), "address": address, "here": here})
    return list(made.values())


def source_of(store: Store, state: CityState, entry: Handed) -> str:
    """Return the address of the report in which an inspection came, "" where it is not kept or not theirs."""
    city, name = state.network.city.code, source_name(entry.delivery, entry.file)
    there = entry.delivery and entry.file and store.document_path(city, name) is not None
    query = f"id={quote(entry.inspection, safe='')}&delivery={quote(entry.delivery, safe='')}"
    return f"cities/{quote(city, safe='')}/inspections/source?{query}" if there else ""


def source_path(store: Store, state: CityState, id_: str, delivery: str, handed: Sequence[Handed]) -> Path:
    """Return where the report lies in which an inspection came in a delivery.

    Raises
    ------
    Unknown
        It is not kept, or not the reader's.
    """
    entry = next((one for one in handed if one.delivery == delivery), None)
    if entry is not None:
        name = source_name(entry.delivery, entry.file)
        path = store.document_path(state.network.city.code, name)
        if path is not None and path.is_file():
            return path
    raise Unknown("inspection-media", name=entry.file if entry else delivery, inspection=id_)


def _kind(name: str) -> str:
    return "film" if Path(name).suffix.lower() in FILMS else "picture"


def _address(city: str, id_: str, name: str) -> str:
    query = f"id={quote(id_, safe='')}&name={quote(name, safe='')}"
    return f"cities/{quote(city, safe='')}/inspections/media?{query}"


def _elsewhere(city: str, id_: str, name: str, films: str) -> str:
    """Return where a film lies that was not handed in: at an address, in a folder, or nowhere."""
    if _kind(name) != "film" or not films:
        return ""
    if films.startswith(("https://", "http://")):
        return films.replace("{file}", quote(str(safe_path(name))))
    return _address(city, id_, name) if film_in_folder(films, name) else ""


def film_in_folder(films: str, name: str) -> Path | None:
    """Return a film in the folder of films, None when it is not there: no name leads out of the folder."""
    folder = Path(films.partition("{file}")[0])
    path = folder / safe_path(name)
    for one in (path, folder / path.name):
        if one.is_file() and one.suffix.lower() in FILMS and one.resolve().is_relative_to(folder.resolve()):
            return one
    return None


def media_path(
    store: Store, state: CityState, id_: str, name: str, handed: Sequence[Handed], films: str
) -> tuple[Path, str]:
    """Return where a picture or film lies, and what it is.

    Raises
    ------
    Unknown
        The inspection names no such picture or film, or it did not come.
    """
    city = state.network.city.code
    for entry in handed:
        if name in entry.media:
            path = store.document_path(city, entry.media[name])
            if path is not None and path.is_file():
                return path, store.documents(city, entry.media[name])[0].media
    local = bool(films) and not films.startswith(("https://", "http://"))
    if local and any(name in entry.missing for entry in handed):
        found = film_in_folder(films, name)
        if found is not None:
            return found, FILM_MEDIA.get(found.suffix.lower(), "application/octet-stream")
    raise Unknown("inspection-media", name=name, inspection=id_)


def media_headers(name: str, kind: str) -> dict[str, str]:
    """Return the headers under which a file from a crew cannot do harm."""
    shown = kind in SHOWN or kind.startswith("video/")
    base = name.replace("\\", "/").rpartition("/")[2]
    return {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(base)}",
        "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
    }
