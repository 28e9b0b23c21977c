"""What lies in a delivery of inspections: reports, pictures and films in their folders, archives unpacked?

Every file is written as it comes, never held in memory; no name leads out of the delivery's folder, and
an archive that would swell beyond the limit is refused before it is unpacked.
"""

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from wenqu.errors import BadInput
from wenqu.services.unpacked_files import CHUNK, safe_name

MANY = 20_000  # files of one delivery
SPARE = 256 << 20  # bytes of the disk that stay free
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}
FILMS = {".mp4", ".mpg", ".mpeg", ".avi", ".mov", ".mkv", ".webm", ".wmv", ".m4v", ".ts", ".mp2", ".vob"}
BESIDE = {".db", ".ini", ".lnk", ".tmp"}  # what systems leave in folders


def safe_path(given: str) -> PurePosixPath:
    r"""Return the path of a file within its delivery, without anything that leads out of it.

    Examples
    --------
    >>> str(safe_path("../../etc/passwd")), str(safe_path("C:\\影像\\W1-W2\\1.jpg"))
    ('etc/passwd', 'C_/影像/W1-W2/1.jpg')
    """
    parts = PurePosixPath(given.replace("\\", "/").lstrip("/")).parts
    kept = [safe_name(part) for part in parts if part not in {"..", ".", "/"}]
    return PurePosixPath(*(kept or ["file"]))


def is_media(path: Path) -> bool:
    """Tell whether a file is a picture or a film by its ending."""
    return path.suffix.lower() in PICTURES | FILMS


def check_size(name: str, size: int, most: int) -> None:
    """Refuse a delivery that is larger than the limit [bytes].

    Raises
    ------
    BadInput
        ``inspections-large``.
    """
    if size > most:
        raise BadInput("inspections-large", name=name, size=size >> 20, most=most >> 20)


def check_room(folder: Path, name: str, size: int, before: int, most: int) -> None:
    """Refuse what is beyond the limit or has no room, before a byte of it is taken.

    Raises
    ------
    BadInput
        ``inspections-large`` or ``inspections-room``.
    """
    check_size(name, before + size, most)
    free = free_of(folder)
    if size > free:
        raise BadInput("inspections-room", name=name, size=size >> 20, free=free >> 20)


def free_of(folder: Path) -> int:
    """Return how much may still be written beside a folder, less what always stays free. [bytes]"""
    return max(shutil.disk_usage(folder).free - SPARE, 0)


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder and in those within it."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                size += size_of(Path(entry.path))
            elif entry.is_file():
                size += entry.stat().st_size
    return size


def write_stream(path: Path, chunks: Iterable[bytes], name: str, before: int, most: int) -> int:
    """Write what comes into a file and return its size [bytes]; a file that grows too large is gone again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size, whole = 0, False
    try:
        with path.open("wb") as out:
            for chunk in chunks:
                size += len(chunk)
                check_size(name, before + size, most)
                out.write(chunk)
        whole = True
    finally:
        if not whole:
            path.unlink(missing_ok=True)
    return size


def read_chunks(stream: IO[bytes]) -> Iterable[bytes]:
    """Yield what a stream holds, piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk


def lay_out(folder: Path, most: int) -> None:
    """Unpack every archive (ZIP) of a delivery where it lies, its folders kept.

    Raises
    ------
    BadInput
        It cannot be unpacked, or holds more files or bytes than one may.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() == ".zip":
            _unpack(path, path.with_suffix(""), folder, most)
            path.unlink()


def _unpack(path: Path, into: Path, whole: Path, most: int) -> None:
    before = size_of(whole) - path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _left_out(info)]
            if len(members) > MANY:
                raise BadInput("delivery-many", name=path.name, count=len(members), most=MANY)
            check_room(whole, path.name, sum(info.file_size for info in members), before, most)
            for info in members:
                with archive.open(info) as source:
                    target = into / safe_path(_called(info))
                    before += write_stream(target, read_chunks(source), path.name, before, most)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise BadInput("delivery-archive", name=path.name, said=str(error)) from None


def _left_out(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename).name
    return info.filename.startswith("__MACOSX/") or name == ".DS_Store" or name.casefold() == "thumbs.db"


def _called(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:
        return info.filename
    return info.filename.encode("cp437", errors="replace").decode("gb18030", errors="replace")


def swollen(path: Path, most: int) -> bool:
    """Tell whether a report that is an archive itself (docx, xlsx) would swell beyond the limit."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(info.file_size for info in archive.infolist()) > most
    except (zipfile.BadZipFile, OSError, ValueError):
        return False  # its reader says what is wrong with it


def reports_of(folder: Path) -> list[Path]:
    """Return the files of a delivery that may be reports: no pictures, films, nor what systems leave."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not is_media(path)
        and path.suffix.lower() not in BESIDE
        and not path.name.startswith((".", "~$"))
    ]


def media_by_name(folder: Path) -> dict[str, list[Path]]:
    """Return the pictures and films of a delivery by name, in small letters."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_media(path):
            found.setdefault(path.name.casefold(), []).append(path)
    return found


def chosen_media(found: dict[str, list[Path]], told: str, beside: tuple[str, ...]) -> Path | None:
    """Return the file that a report means by a name, None when there is none or it is not clear which.

    Parameters
    ----------
    told
        As the report writes it, with or without folders; without an ending it fits any.
    beside
        Names of the pipe and its manholes: of two files of one name the one in a folder called so is meant.
    """
    path = safe_path(told)
    name = path.name.casefold()
    some = found.get(name) or [
        one for known, paths in found.items() if known.rpartition(".")[0] == name for one in paths
    ]
    if len(some) > 1:
        ending = tuple(part.casefold() for part in path.parts)
        exact = [
            one for one in some if tuple(part.casefold() for part in one.parts[-len(ending) :]) == ending
        ]
        near = [one for one in exact or some if any(name and name in one.parts[-2] for name in beside)]
        some = near or exact or some
    return some[0] if len(some) == 1 else None
