"""Are all parts of a Shapefile there, and as long as they say?"""

import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wenqu.errors import FileUnreadable

COUNT = 4  # byte of a table's head from which its number of rows stands


def demand_whole(path: Path) -> None:
    """Refuse a Shapefile of which a part is missing or shorter than it says: its rows would slip.

    A table that counts more rows than it holds is no part cut short where the shapes are as many as its rows.

    Raises
    ------
    FileUnreadable
        It is.
    """
    if path.suffix.lower() != ".shp":
        return
    shx = next((one for end in (".shx", ".SHX") if (one := path.with_suffix(end)).is_file()), None)
    if shx is None:
        raise FileUnreadable("no-shx", path=path.name, missing=path.with_suffix(".shx").name)
    with path.open("rb") as file:
        head = file.read(28)
    (words,) = struct.unpack_from(">I", head.ljust(28, b"\0"), 24)
    if path.stat().st_size < 2 * words:
        raise FileUnreadable("shp-cut", path=path.name, size=path.stat().st_size, declared=2 * words)
    table = path.with_suffix(".dbf")
    declared, there = _rows(table)
    if there < declared and there != max(shx.stat().st_size - 100, 0) // 8:
        raise FileUnreadable("cut-short", path=table.name, count=there, declared=declared)


def rows_lacking(path: Path) -> int:
    """Return how many rows a table says it has beyond those that are there; 0 for other files."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() not in {".shp", ".dbf"} or not table.is_file():
        return 0
    declared, there = _rows(table)
    return max(declared - there, 0)


def _rows(table: Path) -> tuple[int, int]:
    """Return how many rows a table says it has, and how many whole ones there are."""
    with table.open("rb") as file:
        head = file.read(32)
    declared, start, width = struct.unpack_from("<IHH", head.ljust(32, b"\0"), COUNT)
    return declared, max(table.stat().st_size - start, 0) // max(width, 1)


@contextmanager
def as_many_as_there_are(path: Path, lacking: int) -> Iterator[Path]:
    """Yield a copy of a Shapefile or a table that counts the rows that it has."""
    with TemporaryDirectory() as folder:
        for part in path.parent.glob(f"{path.stem}.*"):
            shutil.copy(part, folder)
        table = Path(folder, path.with_suffix(".dbf").name)
        declared, _ = _rows(table)
        with table.open("r+b") as file:
            file.seek(COUNT)
            file.write(struct.pack("<I", declared - lacking))
        yield Path(folder, path.name)
