"""Which network does an INP file describe, and what is wrong with the file?"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wenqu.errors import FileMissing, FileUnreadable
from wenqu.hydraulics.swmm.assets import Collected, Record, collect
from wenqu.hydraulics.swmm.curves import Curve, curves_of, derived_values
from wenqu.hydraulics.swmm.drawing import Drawing, drawing, shapes_of
from wenqu.hydraulics.swmm.file_references import check_file_references
from wenqu.hydraulics.swmm.layouts import ATTACHED, DRAWN, OBJECTS
from wenqu.hydraulics.swmm.sections import InpModel, parse_inp
from wenqu.issues import Issue, Place, Weight
from wenqu.network.model import Assets, City, Network, column_of
from wenqu.network.schema import asset_type

# What no asset table has a field for, kept as extra columns: dry-weather flow [m³/s] and the tag.
EXTRA = {"dwf_m3_per_s": "number", "tag": "text"}
# Sections that are wholly understood or hold nothing of the network: nothing to say about them.
PLAIN = {*OBJECTS, *ATTACHED, *DRAWN, "", "TITLE", "OPTIONS", "REPORT", "TAGS", "MAP", "BACKDROP", "LABELS",
         "EVAPORATION", "CURVES", "TIMESERIES", "PATTERNS", "PROFILES", "FILES"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class InpReading:
    """An INP file, read."""

    network: Network
    model: InpModel  # the file row by row; its ``content`` is the document "model.inp"
    issues: tuple[Issue, ...]  # in the order of the file
    encoding: str
    counts: dict[str, int]  # assets by type


def read_inp(
    source: str | Path | bytes, city: City, *, name: str = "", beside: Collection[str] = ()
) -> InpReading:
    """Return the network of an EPA SWMM 5 input file, everything in SI.

    Coordinates are taken as they stand: the file does not say in which coordinate system they are,
    ``city.crs`` does.

    Parameters
    ----------
    source
        Path of the file, or its bytes.
    city
        The city that the assets belong to.
    name
        What the file is called in issues; of a path its own name.
    beside
        Names of the files that were delivered with it; of a path those of its folder.

    Raises
    ------
    FileMissing
        There is no such file.
    FileUnreadable
        It is empty, no text, no SWMM model, or cannot be opened.
    UnknownUnit
        FLOW_UNITS is none of the engine's six.
    """
    content, name, beside = _opened(source, name, beside)
    model, issues = parse_inp(content, name)
    found = collect(model)
    drawn = drawing(model, found)
    curves = curves_of(model)
    tables = {type_: _table(type_, found, drawn, curves) for type_ in found.records if found.records[type_]}
    issues += [*found.issues, *drawn.issues, *check_file_references(model, beside)]
    issues += [*_check_kept(model), *_check_clock(model), *_check_rings(found, drawn, name)]
    ordered = tuple(sorted(issues, key=lambda issue: issue.place.row or 0))
    counts = Counter({type_: len(table) for type_, table in tables.items()})
    return InpReading(Network(city, tables), model, ordered, model.encoding, dict(counts))


def _opened(
    source: str | Path | bytes, name: str, beside: Collection[str]
) -> tuple[bytes, str, Collection[str]]:
    if isinstance(source, bytes):
        return source, name, beside
    path = Path(source)
    if not path.is_file():
        raise FileMissing(path=str(source))
    try:
        content = path.read_bytes()
        return content, name or path.name, beside or [other.name for other in path.parent.iterdir()]
    except OSError as error:
        raise FileUnreadable("system", path=str(source), said=error.strerror or "") from error


def _table(type_: str, found: Collected, drawn: Drawing, curves: dict[str, Curve]) -> Assets:
    """Return the table of one type from its records."""
    records = found.records[type_]
    rows: list[Record] = [
        {**derived_values(type_, record, curves, found.units), **record} for record in records.values()
    ]
    known = {entry.name: entry.kind for entry in asset_type(type_).fields}
    present = {name: None for row in rows for name in row}
    columns = {
        name: column_of(kind, [row.get(name) for row in rows])
        for name, kind in {**known, **EXTRA}.items()
        if name in present
    }
    fields = {name: column for name, column in columns.items() if name in known}
    extra = {name: column for name, column in columns.items() if name not in known}
    ids = np.empty(len(records), dtype=object)
    ids[:] = list(records)
    return Assets(type_, ids, fields, shapes_of(type_, found, drawn), extra)


def _check_kept(model: InpModel) -> Iterator[Issue]:
    """Yield the sections that stay in the model for the engine and are no assets."""
    for section in model.sections:
        rows = sum(bool(row.tokens) for row in section.rows)
        if section.known and section.name not in PLAIN and rows and section.header is not None:
            place = model.place(section.name, section.header)
            yield Issue("inp.kept", Weight.NOTE, place=place, facts={"name": section.name, "rows": rows})


def _check_clock(model: InpModel) -> Iterator[Issue]:
    """Yield times of day that no clock shows."""
    for name in ("START_TIME", "END_TIME", "REPORT_START_TIME"):
        value = model.option(name)
        if value.startswith("24:"):
            place = model.place("OPTIONS", model.options[name])
            yield Issue("inp.midnight", Weight.NOTE, place=place, facts={"option": name, "text": value})


def _check_rings(found: Collected, drawn: Drawing, name: str) -> Iterator[Issue]:
    """Yield the catchments whose ring encloses nothing."""
    lines = {key: line for line, key in reversed(drawn.owners.items()) if key[0] == "catchment"}
    for id_ in found.records.get("catchment", {}):
        ring = drawn.of("POLYGONS", ("catchment", id_))
        if ring and len(set(ring)) < 3:
            place = Place(name, "POLYGONS", lines["catchment", id_])
            facts: dict[str, object] = {"corners": len(ring)}
            yield Issue("inp.ring-short", Weight.NOTE, "catchment", id_, place, facts)
