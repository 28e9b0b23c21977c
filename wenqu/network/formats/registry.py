"""Which file formats can a network come in and leave in? The one table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wenqu.errors import BadInput, FileMissing, Refused
from wenqu.network.formats.access import layers_of_access
from wenqu.network.formats.comma_tables import layers_of_csv, write_csv
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.epanet import is_epanet, layers_of_epanet
from wenqu.network.formats.fieldmap import FieldMap
from wenqu.network.formats.flatgeobuf import layers_of_flatgeobuf, write_flatgeobuf
from wenqu.network.formats.geoparquet import layers_of_geoparquet, write_geoparquet
from wenqu.network.formats.graphs import is_graph, layers_of_geojson, layers_of_graph
from wenqu.network.formats.plain_columns import plainly
from wenqu.network.formats.reading import Reading, layers_of_geofile, understood
from wenqu.network.formats.workbooks import layers_of_workbook, write_workbook
from wenqu.network.formats.writing import write_geojson, write_geopackage, write_shapefile
from wenqu.network.model import Network


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how its files are named, read and written.

    A new format is one more row of ``FORMATS``.
    """

    name: str
    suffixes: tuple[str, ...]
    layers: Callable[..., Delivered]  # of a path; with the encoding that a person chose where ``encoded``
    write: Callable[[Path, Network], list[Path]]  # returns the files that it wrote
    holds: Callable[[Path], bool] | None = None  # told from others of that ending by what a file holds
    encoded: bool = False  # its files may be written in one of several encodings

    def can_read(self, path: Path) -> bool:
        """Tell whether a file is named like this format and, where that does not tell, is of it."""
        return path.suffix.lower() in self.suffixes and (self.holds is None or self.holds(path))

    def delivered(self, path: Path, encoding: str = "") -> Delivered:
        """Return the layers of a file, read in the encoding that a person chose, if it fits."""
        return self.layers(path, encoding) if encoding and self.encoded else self.layers(path)

    def read(
        self, path: Path, crs: str | None = None, fieldmap: FieldMap | None = None, encoding: str = ""
    ) -> Reading:
        """Read a file (see ``wenqu.network.formats.reading.understood``)."""
        if not path.exists():
            raise FileMissing(path=str(path))
        said = encoding or (fieldmap.encoding if fieldmap else "")
        return understood(path, self.delivered(path, said), crs, fieldmap)


def only_read(why: str) -> Callable[[Path, Network], list[Path]]:
    """Return how a format is written that nobody writes: not at all; it is said why, and what to take."""

    def write(path: Path, network: Network) -> list[Path]:
        raise Refused(f"only-read-{why}", path=path.name, city=network.city.code)

    return write


def _layers_of_drawing(path: Path) -> Delivered:
    from wenqu.network.formats.drawings import layers_of_drawing  # half a second that other files do not need

    return layers_of_drawing(path)


def _write_drawing(path: Path, network: Network) -> list[Path]:
    from wenqu.network.formats.drawing_own import write_drawing

    return write_drawing(path, network)


# Formats whose files are known by what they hold come last, and are asked first when a file is read.
FORMATS = (
    Format("GeoPackage", (".gpkg",), plainly(layers_of_geofile), write_geopackage),
    Format("Shapefile", (".shp", ".dbf"), plainly(layers_of_geofile), write_shapefile, encoded=True),
    Format("GeoJSON", (".geojson", ".json"), plainly(layers_of_geojson), write_geojson),
    Format("FlatGeobuf", (".fgb",), plainly(layers_of_flatgeobuf), write_flatgeobuf),
    Format("GeoParquet", (".parquet", ".geoparquet"), plainly(layers_of_geoparquet), write_geoparquet),
    Format("XLSX", (".xlsx", ".xlsm", ".xls", ".ods"), layers_of_workbook, write_workbook),
    Format("CSV", (".csv", ".txt", ".tsv"), layers_of_csv, write_csv, encoded=True),
    Format("Access", (".mdb", ".accdb"), layers_of_access, only_read("access")),
    Format("DXF", (".dxf",), _layers_of_drawing, _write_drawing),
    Format("node-link JSON", (".json",), layers_of_graph, only_read("graph"), is_graph),
    Format("EPANET INP", (".inp",), layers_of_epanet, only_read("epanet"), is_epanet),
)
WRITTEN = (
    "gpkg",
    "shp",
    "geojson",
    "fgb",
    "parquet",
    "xlsx",
    "csv",
    "tsv",
    "dxf",
)  # as they are named
SUFFIXES = tuple(dict.fromkeys(suffix for entry in FORMATS for suffix in entry.suffixes))


def format_of(path: Path) -> Format:
    """Return the format of a file by its name and, where several share an ending, by what it holds.

    Raises
    ------
    BadInput
        No format has files of that name.
    """
    for entry in sorted(FORMATS, key=lambda one: one.holds is None):
        if entry.can_read(path):
            return entry
    raise BadInput("format", path=path.name, known=", ".join(SUFFIXES))
