"""Which file formats can a network come in and leave in? The one table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wenqu.errors import BadInput
from wenqu.network.formats.fieldmap import FieldMap
from wenqu.network.formats.reading import Reading, read_geofile
from wenqu.network.formats.writing import write_geojson, write_geopackage, write_shapefile
from wenqu.network.model import Network


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how its files are named, read and written.

    A new format is one more row of ``FORMATS``.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, str | None, FieldMap | None], Reading]
    write: Callable[[Path, Network], list[Path]]  # returns the files that it wrote

    def can_read(self, path: Path) -> bool:
        """Tell whether a file is named like this format."""
        return path.suffix.lower() in self.suffixes


FORMATS = (
    Format("GeoPackage", (".gpkg",), read_geofile, write_geopackage),
    Format("Shapefile", (".shp", ".dbf"), read_geofile, write_shapefile),
    Format("GeoJSON", (".geojson", ".json"), read_geofile, write_geojson),
)


def format_of(path: Path) -> Format:
    """Return the format of a file by its name.

    Raises
    ------
    BadInput
        No format has files of that name.
    """
    for entry in FORMATS:
        if entry.can_read(path):
            return entry
    known = ", ".join(suffix for entry in FORMATS for suffix in entry.suffixes)
    raise BadInput("format", path=path.name, known=known)
