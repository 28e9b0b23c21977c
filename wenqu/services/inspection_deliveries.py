"""Inspections that were handed in and are not filed yet: files kept as they come, looked at, accepted."""

import pickle
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

import orjson

from wenqu.errors import BadInput, Unknown
from wenqu.services.incoming_file import Incoming
from wenqu.services.inspection_files import check_room, free_of, safe_path, size_of
from wenqu.store.database import Store
from wenqu.store.files import replace_file

FOLDER = "inspections"
COMING = "coming"  # what is not whole yet
CHECKED = "checked.pickle"


@dataclass(frozen=True, slots=True)
class InspectionDelivery:
    """What is handed in together: reports, pictures, films."""

    id: str
    city: str
    who: str
    at: str  # ISO time
    files: tuple[str, ...] = ()  # with their folders
    size: int = 0  # bytes
    state: str = "receiving"  # receiving, checked, accepted
    summary: dict[str, Any] | None = None  # of the check
    result: dict[str, Any] | None = None  # of the acceptance


class InspectionDeliveries:
    """The deliveries of inspections beside one store's archive."""

    def __init__(self, folder: Path, most: int, only: str = "") -> None:
        """Keep deliveries in a folder, each of at most so many bytes; ``only``: those of one account."""
        self._folder = folder
        self.most = most
        self._only = only

    def begin(self, city: str, who: str, size: int = 0) -> InspectionDelivery:
        """Open a delivery into which files are put one by one.

        Parameters
        ----------
        size
            Of all that will come, 0 when it is not known. [bytes]

        Raises
        ------
        BadInput
            It would be larger than the limit, or the disk has no room: nothing is opened.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        free, facts = free_of(self._folder), {"size": size >> 20, "most": self.most >> 20}
        if size > self.most:
            raise BadInput("inspections-all-large", **facts)
        if size > free:
            raise BadInput("inspections-all-room", free=free >> 20, **facts)
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        made = InspectionDelivery(token_hex(10), city, who, at)
        self.files(made).mkdir(parents=True)
        return self._keep(made)

    def incoming(self, one: InspectionDelivery, name: str, size: int) -> Incoming:
        """Begin a file of a delivery; ``size`` as announced [bytes], 0 when it is not.

        Raises
        ------
        BadInput
            The delivery would be larger than the limit, or the disk has no room: nothing is taken of it.
        """
        if one.state == "accepted":
            raise BadInput("inspections-closed", name=name)
        path = self.files(one) / safe_path(name)
        before = size_of(self.files(one)) - (path.stat().st_size if path.is_file() else 0)
        check_room(self.files(one), path.name, size, before, self.most)
        return Incoming(path, self.files(one).parent / COMING, before, self.most)

    def take(self, one: InspectionDelivery, name: str, chunks: Iterable[bytes], size: int = 0) -> None:
        """Put a whole file into a delivery."""
        coming, whole = self.incoming(one, name, size), False
        try:
            for part in chunks:
                coming.write(part)
            whole = True
        finally:
            coming.end(whole=whole)

    def counted(self, one: InspectionDelivery) -> InspectionDelivery:
        """Return a delivery with the files that it has now; what was checked before no longer counts."""
        home = self.files(one)
        shutil.rmtree(home.parent / COMING, ignore_errors=True)  # of a service that was ended meanwhile
        names = tuple(sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()))
        (home.parent / CHECKED).unlink(missing_ok=True)
        return self._keep(replace(one, files=names, size=size_of(home), state="receiving", summary=None))

    def delivery(self, city: str, id_: str) -> InspectionDelivery:
        """Return one delivery.

        Raises
        ------
        Unknown
            There is none of that id.
        """
        if not re.fullmatch(r"[0-9a-f]{20}", id_):
            raise Unknown("delivery", name=id_)
        path = self._folder / quote(city, safe="") / id_ / "delivery.json"
        if not path.is_file():
            raise Unknown("delivery", name=id_)
        found = _read(path)
        if self._only and found.who != self._only:
            raise Unknown("delivery", name=id_)
        return found

    def known(self, city: str) -> list[InspectionDelivery]:
        """Return the deliveries of a city, newest first."""
        rows: Iterator[InspectionDelivery] = (
            _read(path) for path in (self._folder / quote(city, safe="")).glob("*/delivery.json")
        )
        found = [one for one in rows if not self._only or one.who == self._only]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def files(self, one: InspectionDelivery) -> Path:
        """Return the folder with the files of a delivery."""
        return self._folder / quote(one.city, safe="") / one.id / "files"

    def checked(self, one: InspectionDelivery, made: object, summary: dict[str, Any]) -> InspectionDelivery:
        """Keep the outcome of a check until it is accepted."""
        replace_file(self.files(one).parent / CHECKED, pickle.dumps(made, protocol=5))
        return self._keep(replace(one, state="checked", summary=summary))

    def outcome(self, one: InspectionDelivery) -> Any:
        """Return what a check found.

        Raises
        ------
        BadInput
            The delivery was not checked.
        """
        path = self.files(one).parent / CHECKED
        if not path.is_file():
            raise BadInput("delivery-unchecked", name=", ".join(one.files[:3]))
        return pickle.loads(path.read_bytes())  # noqa: S301 - our own file beside the store

    def accepted(self, one: InspectionDelivery, result: dict[str, Any]) -> InspectionDelivery:
        """Keep what became of a delivery; its files lie in the store now and go here."""
        (self.files(one).parent / CHECKED).unlink(missing_ok=True)
        for name in (self.files(one).name, COMING):
            shutil.rmtree(self.files(one).parent / name, ignore_errors=True)
        return self._keep(replace(one, state="accepted", result=result))

    def drop(self, one: InspectionDelivery) -> None:
        """Forget a delivery and its files."""
        shutil.rmtree(self.files(one).parent, ignore_errors=True)

    def _keep(self, one: InspectionDelivery) -> InspectionDelivery:
        replace_file(self.files(one).parent / "delivery.json", orjson.dumps(asdict(one), default=str))
        return one


def _read(path: Path) -> InspectionDelivery:
    plain = orjson.loads(path.read_bytes())
    return InspectionDelivery(**{**plain, "files": tuple(plain["files"])})


def inspection_deliveries(store: Store, megabytes: int, only: str = "") -> InspectionDeliveries:
    """Return the deliveries of inspections beside a store's archive."""
    return InspectionDeliveries(Path(store.address[1]) / FOLDER, megabytes << 20, only)
