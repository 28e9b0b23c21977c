"""Files that were handed in and are not in a city yet: kept by content, looked at, checked, accepted."""

import hashlib
import re
import shutil
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import IO, Any
from urllib.parse import quote

import orjson

from wenqu.errors import BadInput, Unknown
from wenqu.network.formats.encodings import demand_encoding
from wenqu.network.formats.fieldmap import fieldmap_from
from wenqu.network.formats.registry import SUFFIXES
from wenqu.network.grids import grid_from
from wenqu.services.outcome_file import read_outcome, write_outcome
from wenqu.services.read_files import How
from wenqu.services.stage_import import Import
from wenqu.services.unpacked_files import CHUNK, readable, safe_name, unpack
from wenqu.store.files import replace_file

CHECKED = "checked.pickle"
DRAFT = ".draft-"  # files that are being received
OLD = 48 * 3600.0  # [s] without a new file, after which nobody sends the rest


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was handed in at once."""

    id: str
    city: str
    who: str
    at: str
    files: tuple[str, ...]  # names, sanitised
    size: int  # bytes
    state: str = "received"  # received, checked, accepted
    answers: dict[str, Any] = field(default_factory=dict)  # crs, crs_of, encoding_of, fieldmaps, …
    summary: dict[str, Any] | None = None  # of the check
    result: dict[str, Any] | None = None  # of the acceptance


class Deliveries:
    """The deliveries beside one store's archive."""

    def __init__(self, folder: Path, only: str = "") -> None:
        """Keep deliveries in a folder; ``only``: those of one account, the others are as if not there."""
        self._folder = folder
        self._only = only

    def receive(self, city: str, who: str, files: Iterable[tuple[str, IO[bytes]]], most: int) -> Delivery:
        """Keep files; an archive (ZIP) is unpacked. The same content again is the same delivery.

        Raises
        ------
        BadInput
            More bytes than ``most``, an archive that cannot be unpacked, or no file of a known format.
        """
        place = self._folder / quote(city, safe="")
        place.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        draft = place / f"{DRAFT}{token_hex(6)}"
        draft.mkdir()
        try:
            digest, size = _kept(draft, files, most, self._only)
            names = tuple(sorted(path.name for path in draft.iterdir()))
            if not readable([draft / name for name in names]):
                known = ", ".join(SUFFIXES)
                raise BadInput("format", path=", ".join(names) or "-", known=known)
            made = Delivery(
                digest[:20], city, who, datetime.now().astimezone().isoformat(timespec="seconds"), names, size
            )
            home = place / made.id
            if (home / "delivery.json").is_file():
                return self.delivery(city, made.id)
            shutil.rmtree(home, ignore_errors=True)  # left by whoever was ended while keeping the same
            home.mkdir()
            draft.rename(home / "files")
            self._keep(made)
            return made
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _home(self, city: str, id_: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{20}", id_):
            raise Unknown("delivery", name=id_)
        return self._folder / quote(city, safe="") / id_

    def delivery(self, city: str, id_: str) -> Delivery:
        """Return one delivery.

        Raises
        ------
        Unknown
            There is none of that id.
        """
        path = self._home(city, id_) / "delivery.json"
        if not path.is_file():
            raise Unknown("delivery", name=id_)
        plain = orjson.loads(path.read_bytes())
        if self._only and plain["who"] != self._only:
            raise Unknown("delivery", name=id_)
        return Delivery(**{**plain, "files": tuple(plain["files"])})

    def known(self, city: str) -> list[Delivery]:
        """Return the deliveries of a city, newest first."""
        found = [
            Delivery(**{**plain, "files": tuple(plain["files"])})
            for path in (self._folder / quote(city, safe="")).glob("*/delivery.json")
            if (plain := orjson.loads(path.read_bytes()))["who"] == self._only or not self._only
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def answer(self, one: Delivery, answers: dict[str, Any]) -> Delivery:
        """Keep what a person said about a delivery; what was checked before no longer counts.

        Raises
        ------
        BadInput, UnknownType, UnknownUnit
            A field map or a grid cannot be used.
        """
        self.how(replace(one, answers={**one.answers, **answers}))
        made = self._keep(replace(one, answers={**one.answers, **answers}, state="received", summary=None))
        (self._home(one.city, one.id) / CHECKED).unlink(missing_ok=True)
        return made

    def checked(self, one: Delivery, made: Import, summary: dict[str, Any]) -> Delivery:
        """Keep the outcome of a check until it is accepted."""
        write_outcome(self._home(one.city, one.id) / CHECKED, made)
        return self._keep(replace(one, state="checked", summary=summary))

    def outcome(self, one: Delivery) -> Import:
        """Return what a check found.

        Raises
        ------
        BadInput
            The delivery was not checked, or not since it was answered.
        """
        path = self._home(one.city, one.id) / CHECKED
        if not path.is_file():
            raise BadInput("delivery-unchecked", name=", ".join(one.files))
        made: Import = read_outcome(path)
        return made

    def accepted(self, one: Delivery, result: dict[str, Any]) -> Delivery:
        """Keep what became of a delivery."""
        made = self._keep(replace(one, state="accepted", result=result))
        (self._home(one.city, one.id) / CHECKED).unlink(missing_ok=True)
        return made

    def drop(self, one: Delivery) -> None:
        """Forget a delivery and its files."""
        shutil.rmtree(self._home(one.city, one.id), ignore_errors=True)

    def paths(self, one: Delivery) -> list[Path]:
        """Return the files that are read, those that only belong to others left out."""
        home = self._home(one.city, one.id) / "files"
        return readable([home / name for name in one.files])

    def how(self, one: Delivery) -> How:
        """Return what a person said as the import takes it."""
        said = one.answers
        maps = {name: fieldmap_from(plain, name) for name, plain in said.get("fieldmaps", {}).items()}
        return How(
            said.get("crs", ""),
            said.get("crs_of", {}),
            None,
            maps,
            said.get("firm", ""),
            said.get("survey", ""),
            grid_from(said["grid"]) if said.get("grid") else None,
            encoding_of=_known(said.get("encoding_of", {})),
            overrule_of=frozenset(said.get("overrule", ())),
        )

    def _keep(self, one: Delivery) -> Delivery:
        replace_file(self._home(one.city, one.id) / "delivery.json", orjson.dumps(asdict(one), default=str))
        return one


def _known(encodings: Mapping[str, str]) -> dict[str, str]:
    """Return the encodings that a person chose, by file.

    Raises
    ------
    BadInput
        One of them is none that is offered.
    """
    for name in encodings.values():
        demand_encoding(name)
    return dict(encodings)


def _sweep(place: Path) -> None:
    """Drop what was being received when a service ended, long ago."""
    for draft in place.glob(f"{DRAFT}*"):
        if time.time() - draft.stat().st_mtime > OLD:
            shutil.rmtree(draft, ignore_errors=True)


def _kept(folder: Path, files: Iterable[tuple[str, IO[bytes]]], most: int, own: str) -> tuple[str, int]:
    whole, size = hashlib.sha256(own.encode()), 0
    for given, stream in files:
        name = safe_name(given)
        path = folder / name
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise BadInput("delivery-large", name=name, most=most >> 20)
                out.write(chunk)
        if zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
            size += unpack(path, folder, most, size)
            path.unlink()
    for path in sorted(folder.iterdir()):
        whole.update(path.name.encode() + b"\0")
        with path.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest(), size
