"""Which files does a delivery bring: those it names, those in its folders, those packed in its archives?"""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from wenqu.errors import BadInput, FileMissing
from wenqu.network.formats.registry import SUFFIXES

CHUNK = 1 << 20
MANY = 200  # files of one archive
LONGEST = 120  # characters of a file's name


@contextmanager
def laid_out(paths: Sequence[Path], most: int) -> Iterator[list[Path]]:
    """Yield the files of a delivery, archives (ZIP) unpacked, folders opened; what was unpacked goes again.

    Raises
    ------
    FileMissing
        There is no such file.
    BadInput
        An archive cannot be unpacked or holds more than ``most`` bytes; nothing in it, or in a folder, is
        of a known format.
    """
    with tempfile.TemporaryDirectory(prefix="wenqu-") as made:
        found = []
        for number, path in enumerate(paths):
            if not path.exists():
                raise FileMissing(path=str(path))
            packed = path.suffix.lower() == ".zip" and path.is_file()
            if not packed and not path.is_dir():
                found.append(path)
                continue
            folder = Path(made) / str(number) if packed else path
            if packed:
                folder.mkdir()
                unpack(path, folder, most)
            held = readable([one for one in folder.iterdir() if one.is_file()])
            if not held:
                raise BadInput("format", path=path.name, known=", ".join(SUFFIXES))
            found += held
        yield found


def readable(paths: Sequence[Path]) -> list[Path]:
    """Return the files that hold layers: not the parts of a Shapefile, nor notes beside a table."""
    shapes = {path.with_suffix("").name.casefold() for path in paths if path.suffix.lower() == ".shp"}
    found = []
    for path in sorted(paths):
        suffix = path.suffix.lower()
        beside = suffix == ".dbf" and path.with_suffix("").name.casefold() in shapes
        if suffix in SUFFIXES and not beside and not path.name.endswith(".fieldmap.json"):
            found.append(path)
    tables = [path for path in found if path.suffix.lower() != ".txt"]
    return tables or found  # a text beside a model or a drawing is a note


def unpack(path: Path, folder: Path, most: int, before: int = 0) -> int:
    """Unpack an archive flat into a folder; names of Chinese archives without the UTF-8 flag are GBK.

    Returns the size of what it held [bytes]; ``before`` counts to ``most`` too. What macOS adds is left out.

    Raises
    ------
    BadInput
        It cannot be unpacked, or holds more files or bytes than one may.
    """
    size = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _added(info)]
            if len(members) > MANY:
                raise BadInput("delivery-many", name=path.name, count=len(members), most=MANY)
            for info, name in zip(members, _flat_names(path, members, folder), strict=True):
                with archive.open(info) as source, (folder / name).open("xb") as out:
                    while chunk := source.read(CHUNK):
                        size += len(chunk)
                        if before + size > most:
                            raise BadInput("delivery-large", name=path.name, most=most >> 20)
                        out.write(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
        FileExistsError,
    ) as error:
        raise BadInput("delivery-archive", name=path.name, said=str(error)) from None
    return size


def _added(info: zipfile.ZipInfo) -> bool:
    return info.filename.startswith("__MACOSX/") or PurePosixPath(info.filename).name == ".DS_Store"


def _flat_names(path: Path, members: list[zipfile.ZipInfo], folder: Path) -> list[str]:
    """Return a name for each member: its own, or with its folders when two would be called the same.

    The files of one Shapefile lie in one folder, so that they stay together either way.
    """
    told = []
    for info in members:
        name = info.filename
        if not info.flag_bits & 0x800:
            name = name.encode("cp437", errors="replace").decode("gb18030", errors="replace")
        told.append(PurePosixPath(name.replace("\\", "/")))
    names = [safe_name(one.name) for one in told]
    taken = {entry.name.casefold() for entry in folder.iterdir()}
    if len({name.casefold() for name in names} | taken) == len(names) + len(taken):
        return names
    return [safe_name("-".join((path.stem, *(part for part in one.parts if part != "..")))) for one in told]


def safe_name(given: str) -> str:
    """Return a file's name without folders and without what a file system or a reader trips over.

    Examples
    --------
    >>> safe_name("../../etc/passwd"), safe_name("管段 2026.shp"), safe_name("a:b*?.csv")
    ('passwd', '管段 2026.shp', 'a_b__.csv')
    """
    name = PurePosixPath(given.replace("\\", "/")).name
    name = re.sub(r'[\x00-\x1f<>:"|?*/]', "_", name).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    return (stem[: LONGEST - len(suffix)] + dot + suffix if dot else name[:LONGEST]) or "file"
