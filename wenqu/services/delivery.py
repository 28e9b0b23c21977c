"""What does a delivered file bring, whatever its format?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import orjson

from wenqu.hydraulics.swmm.read import InpReading, read_inp
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.assembling import BadRow
from wenqu.network.formats.epanet import is_epanet
from wenqu.network.formats.fieldmap import FieldMap, fieldmap_from, fieldmap_text
from wenqu.network.formats.raw import PLAN, named_crs
from wenqu.network.formats.reading import Reading
from wenqu.network.formats.registry import format_of
from wenqu.network.model import Assets, City
from wenqu.services.crs_evidence import find_crs

MODEL = "model.inp"
SUPPLY = "water-supply.inp"
# In which sections of a model the assets of a type are defined.
SECTIONS = {
    "manhole": ("JUNCTIONS", "DIVIDERS"),
    "storage": ("STORAGE",),
    "outfall": ("OUTFALLS",),
    "conduit": ("CONDUITS",),
    "channel": ("CONDUITS",),
    "pump": ("PUMPS",),
    "weir": ("WEIRS",),
    "gate": ("ORIFICES", "OUTLETS"),
    "catchment": ("SUBCATCHMENTS",),
    "gauge": ("RAINGAGES",),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Tables, doubts, rows to be mended and documents of one file."""

    tables: Mapping[str, Assets]
    crs: str  # "" when nothing names it
    issues: tuple[Issue, ...]
    bad: tuple[BadRow, ...] = ()  # rows that could not be read as assets
    encoding: str = ""
    documents: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)  # name → content and media
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)  # of assets that issues may name
    named: str = ""  # coordinate system that the file names itself, whatever was said
    presumed: bool = False  # ``crs`` is what the format's rules say; nobody named it


def map_name(path: Path) -> str:
    """Return the name of the document that keeps a file's field map for the next delivery."""
    return f"fieldmap/{path.name}.json"


def kept_map(content: bytes | None, name: str) -> FieldMap | None:
    """Return a field map that was kept, open to columns that have come since."""
    return None if content is None else replace(fieldmap_from(orjson.loads(content), name), open=True)


def read_delivery(
    path: Path, city: City, crs: str | None, fieldmap: FieldMap | None, encoding: str = ""
) -> Delivery:
    """Read a file of any known format.

    ``encoding`` is the one that a person chose for a table; it is kept with the field map.

    Raises
    ------
    FileMissing, FileUnreadable
        It cannot be read at all.
    BadInput
        It holds nothing known, or names no coordinate system where its format should.
    UnknownUnit
        A unit in it is not in the registry.
    """
    model = path.suffix.lower() == ".inp"
    if model and not is_epanet(path):
        return _inp(path, city, crs)
    reading = format_of(path).read(path, crs, fieldmap, encoding)
    text = fieldmap_text(reading.fieldmap).encode()
    documents = {map_name(path): (text, "application/json")}
    system, notes = reading.crs, list[Issue]()
    if model:  # of water supply: kept whole, as what it says beyond its network has no place here
        content = path.read_bytes()
        documents[SUPPLY] = (content, "text/plain")
        if not crs:
            system, notes = _evidence(path, content.decode("utf-8", errors="replace"), city)
    return Delivery(
        reading.tables,
        system,
        (*reading.issues, *notes),
        reading.bad,
        reading.encoding,
        documents,
        InFile(reading),
        reading.named or (find_crs(path, "").crs if model else ""),
        reading.presumed,
    )


class InFile(Mapping[tuple[str, str], Place]):
    """Where each asset of a reading stood, by type and id; looked up when asked, as few rows ever are."""

    def __init__(self, reading: Reading) -> None:
        self._ids = {type_: table.ids for type_, table in reading.tables.items()}
        self._reading = replace(reading, tables={}, issues=(), bad=())

    @cached_property
    def _rows(self) -> dict[str, dict[str, int]]:
        return {
            type_: dict(zip(ids.tolist(), range(len(ids)), strict=True)) for type_, ids in self._ids.items()
        }

    def __getitem__(self, asset: tuple[str, str]) -> Place:
        type_, id_ = asset
        return self._reading.place(type_, self._rows[type_][id_])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((type_, id_) for type_, rows in self._rows.items() for id_ in rows)

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))


class InFiles(Mapping[tuple[str, str], Place]):
    """The places of several files as one; of an asset that two files name, the first file's."""

    def __init__(self, files: Sequence[Mapping[tuple[str, str], Place]]) -> None:
        self._files = files

    def __getitem__(self, asset: tuple[str, str]) -> Place:
        for file in self._files:
            if asset in file:
                return file[asset]
        raise KeyError(asset)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(dict.fromkeys(asset for file in self._files for asset in file))

    def __len__(self) -> int:
        return len(set().union(*self._files))


def _inp(path: Path, city: City, crs: str | None) -> Delivery:
    given = named_crs(crs) if crs and crs != PLAN else ""
    reading = read_inp(path, replace(city, crs=given))
    text = reading.model.content.decode(reading.encoding, errors="replace")
    system, notes = (reading.network.city.crs, _plan(path, crs)) if crs else _evidence(path, text, city)
    bad = tuple(_bad_line(issue, reading) for issue in reading.issues if issue.weight is Weight.BLOCK)
    documents = {MODEL: (reading.model.content, "text/plain")}
    lines = _lines(reading)
    return Delivery(
        reading.network.tables,
        system,
        (*reading.issues, *notes),
        bad,
        reading.encoding,
        documents,
        lines,
        find_crs(path, text).crs if crs else system,
    )


def _lines(reading: InpReading) -> dict[tuple[str, str], Place]:
    """Return where each asset is first defined: the row that opens with its name."""
    name = reading.model.name
    sections = {
        (section.name, row.tokens[0]): row.line
        for section in reversed(reading.model.sections)
        for row in reversed(section.rows)
        if row.tokens
    }
    places = {}
    for type_, table in reading.network.tables.items():
        known = SECTIONS.get(type_, ())
        for id_ in table.ids:
            found = next((section for section in known if (section, id_) in sections), None)
            if found:
                places[type_, str(id_)] = Place(name, found, sections[found, id_])
    return places


def _plan(path: Path, crs: str) -> list[Issue]:
    return [Issue("import.plan", Weight.NOTE, place=Place(path.name))] if crs == PLAN else []


def _evidence(path: Path, text: str, city: City) -> tuple[str, list[Issue]]:
    """Return the coordinate system of a model and the note that says where it comes from."""
    found = find_crs(path, text)
    place = Place(path.name)
    if found.crs:
        facts: dict[str, object] = {"crs": found.crs, "file": found.file}
        return found.crs, [Issue("import.crs-from-file", Weight.NOTE, place=place, facts=facts)]
    if found.several:
        facts = {"codes": ", ".join(found.several), "file": found.file, "path": path.name}
        return city.crs, [Issue("import.crs-contradictory", Weight.DOUBT, place=place, facts=facts)]
    code = "import.crs-of-city" if city.crs else "import.crs-unknown"
    facts = {"crs": city.crs, "path": path.name}
    return city.crs, [Issue(code, Weight.DOUBT, place=place, facts=facts)]


def _bad_line(issue: Issue, reading: InpReading) -> BadRow:
    place, raw = issue.place, ""
    for section in reading.model.sections:
        raw = next((row.text for row in section.rows if row.line == place.row), raw)
    return BadRow(issue, {"line": raw})
