"""What do the files of a delivery bring, each in the city's coordinate system?"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from pyproj import CRS, Transformer

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.network.edits import Edit
from wenqu.network.formats.fieldmap import FieldMap, LayerMap
from wenqu.network.formats.raw import PLAN
from wenqu.network.formats.writing import reprojected
from wenqu.network.geometry import Floats, Shapes
from wenqu.network.grids import Grid, grid_text
from wenqu.network.model import City, Network
from wenqu.progress import Progress
from wenqu.services.city_grid import DOCUMENT, OWN, kept_grid
from wenqu.services.crs_doubts import abroad, beyond, disagreement
from wenqu.services.delivery import Delivery, kept_map, map_name, read_delivery
from wenqu.store.database import Store

MARGIN = 6.0  # so far outside its area a system is still used [°]
FILE_MAP = re.compile(r"fieldmap/[^/]+\.json")  # the kept map of one file
LOOKED_AT = 100  # kept maps, the newest, in which the columns of a new file are looked for
# Why a file waits while the others enter, and how it is told.
LEFT_OUT = {
    "no-layer": "import.file-left-out",
    "no-crs": "import.file-asks-crs",
    "crs-abroad": "import.file-asks-crs",
}


@dataclass(frozen=True, slots=True)
class How:
    """What a person said about a delivery; what is empty is found out or asked."""

    crs: str = ""
    crs_of: Mapping[str, str] = field(default_factory=dict)  # by file name, before ``crs``
    fieldmap: FieldMap | None = None
    fieldmap_of: Mapping[str, FieldMap] = field(default_factory=dict)  # by file name
    firm: str = ""  # its field maps are used again
    survey: str = ""
    grid: Grid | None = None  # parameters of the city's own grid, kept from now on
    encoding: str = ""  # of tables that do not say theirs
    encoding_of: Mapping[str, str] = field(default_factory=dict)  # by file name, before ``encoding``
    overrule: bool = False  # what is said goes before another system that a file names
    overrule_of: Collection[str] = ()  # the files of which a person said so


def read_files(
    store: Store, before: Network, paths: Sequence[Path], how: How, progress: Progress
) -> tuple[City, list[tuple[str, Delivery]]]:
    """Return the city with its coordinate system, and what each file brings, with its name.

    A file in which nothing is known, or that names no coordinate system, is left out, and it is said, as
    long as another one brings something.

    Raises
    ------
    BadInput, FileMissing, FileUnreadable, UnknownUnit
        A file cannot be used, or none names a coordinate system and none is given (never guessed).
    """
    city, read, strange = before.city, list[tuple[str, Delivery]](), dict[str, BadInput]()
    alike = alike_maps(store, before, how.firm)
    for number, path in enumerate(paths):
        given = how.fieldmap_of.get(path.name) or how.fieldmap
        map_ = given or remembered_map(store, before, path, how.firm, alike)
        try:
            one = _read(store, path, city, how, map_)
            _expected(path, one, before, _said(how, path))
            one = _possible(path, one, city, _said(how, path))
        except BadInput as error:
            if error.reason not in LEFT_OUT:
                raise
            strange[path.name] = error
            continue
        city, one = _placed(city, one)
        read.append((path.name, one))
        progress((number + 1) / len(paths))
    if not read:
        raise next(iter(strange.values()))
    told = [_left_out(name, error) for name, error in strange.items()]
    name, first = read[0]
    return city, [(name, replace(first, issues=(*first.issues, *told))), *read[1:]]


def _expected(path: Path, one: Delivery, before: Network, said: str) -> None:
    """Ask where nobody names a system and the format's own would place a file abroad.

    Raises
    ------
    BadInput
        ``crs-abroad``, with the extent.
    """
    far = abroad(one.crs, drawn_coords(one), before) if one.presumed and not said else None
    if far:
        raise BadInput("crs-abroad", path=path.name, **far)


def _agreed(path: Path, one: Delivery, how: How, own: Grid | None = None) -> Delivery:
    """Return what a file brings if it and a person do not name different systems.

    Raises
    ------
    BadInput
        They do, and nobody said that the file is wrong: ``crs-disagrees``, with both places.
    """
    said = _said(how, path)
    if not said or how.overrule or path.name in how.overrule_of:
        return one
    other = disagreement(one.named, said, one.crs, drawn_coords(one), own)
    if other:
        raise BadInput("crs-plan-disagrees" if said == PLAN else "crs-disagrees", path=path.name, **other)
    return one


def _left_out(name: str, error: BadInput) -> Issue:
    code, facts = LEFT_OUT[str(error.reason)], {**error.facts, "path": name}
    return Issue(code, Weight.DOUBT, place=Place(name), facts=facts)


def drawn_coords(one: Delivery) -> Floats:
    """Return the coordinates of everything that a file draws."""
    shapes = [table.shapes.coords for table in one.tables.values() if len(table.shapes.coords)]
    return np.concatenate(shapes) if shapes else np.empty((0, 2))


def _possible(path: Path, one: Delivery, city: City, said: str) -> Delivery:
    """Return a delivery whose system can be the true one: what a file wrongly names is not believed.

    Plane coordinates whose named system cannot be theirs enter as a plan; degrees that are none are asked
    for, as their scale is not known.
    """
    coords = drawn_coords(one)
    if not beyond(one.crs, coords):
        return _doubted(path, one, coords)
    if CRS.from_user_input(one.crs).is_geographic:
        west, south = np.nanmin(coords, axis=0)
        east, north = np.nanmax(coords, axis=0)
        raise BadInput("no-crs", path=path.name, west=west, south=south, east=east, north=north)
    if said or city.crs:
        raise BadInput("crs-beyond", crs=one.crs)
    facts: dict[str, object] = {"path": path.name, "crs": one.crs}
    note = Issue("import.crs-impossible", Weight.DOUBT, place=Place(path.name), facts=facts)
    return replace(one, crs="", issues=(*one.issues, note))


def _doubted(path: Path, one: Delivery, coords: Floats) -> Delivery:
    """Return a delivery with a doubt where it lies far outside the area for which its system is made."""
    system = CRS.from_user_input(one.crs) if one.crs and len(coords) else None
    area = system.area_of_use if system else None
    if system is None or area is None or area.west > area.east:
        return one
    turn = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    middle = np.nanmedian(coords, axis=0)
    if _within(area.bounds, *turn.transform(*middle)):
        return one
    east, north = turn.transform(*middle)
    turned = _within(area.bounds, *turn.transform(*middle[::-1]))
    code = "import.axes-turned" if turned else "import.outside-area"
    facts: dict[str, object] = {"path": path.name, "crs": one.crs, "east": float(east), "north": float(north)}
    return replace(one, issues=(*one.issues, Issue(code, Weight.DOUBT, place=Place(path.name), facts=facts)))


def _within(area: tuple[float, float, float, float], east: float, north: float) -> bool:
    west, south, easternmost, northernmost = area
    wide = west - MARGIN <= east <= easternmost + MARGIN
    return wide and south - MARGIN <= north <= northernmost + MARGIN


def firm_map_name(firm: str, path: Path) -> str:
    """Return the name of the document that keeps a firm's field map for files of one kind."""
    return f"fieldmap/{firm}/{path.suffix.lower().lstrip('.')}.json"


def alike_maps(store: Store, before: Network, firm: str) -> tuple[LayerMap, ...]:
    """Return the maps of layers that earlier files of a firm (or of none named) had, newest first."""
    if not before.version:
        return ()
    kept = [one for one in store.documents(before.city.code) if FILE_MAP.fullmatch(one.name)]
    found: list[LayerMap] = []
    for one in sorted(kept, key=lambda one: one.number, reverse=True)[:LOOKED_AT]:
        map_ = kept_map(store.document(before.city.code, one.name), one.name)
        if map_ is not None and map_.firm == firm:
            told = (one.name.removeprefix("fieldmap/").removesuffix(".json"), one.at[:10])
            found += [replace(layer, taken_from=told) for layer in map_.layers if layer.headings]
    return tuple(found)


def remembered_map(
    store: Store, before: Network, path: Path, firm: str, alike: tuple[LayerMap, ...] = ()
) -> FieldMap | None:
    """Return the field map of an earlier delivery: of the firm if one is named, else of the same file.

    ``alike`` goes along: maps of files of other names, for layers that have the same columns.
    """
    if not before.version:
        return None
    names = [firm_map_name(firm, path)] if firm else []
    for name in (*names, map_name(path)):
        found = kept_map(store.document(before.city.code, name), name)
        if found is not None:
            return replace(found, alike=alike)
    return FieldMap((), open=True, alike=alike) if alike else None


def _said(how: How, path: Path) -> str:
    return how.crs_of.get(path.name) or how.crs or (OWN if how.grid else "")


def _read(store: Store, path: Path, city: City, how: How, map_: FieldMap | None) -> Delivery:
    """Read one file; what is in the city's own grid comes in the public system that it leads to."""
    crs, encoding = _said(how, path), how.encoding_of.get(path.name) or how.encoding
    if crs == PLAN and city.crs:
        raise BadInput("crs-plan", path=path.name, crs=city.crs)
    if crs != OWN:
        return _agreed(path, read_delivery(path, city, crs or None, map_, encoding), how)
    grid = how.grid or kept_grid(store, city.code)
    one = _agreed(path, read_delivery(path, city, grid.public, map_, encoding), how, grid)
    note = Issue("import.from-grid", Weight.NOTE, place=Place(path.name), facts={"public": grid.public})
    kept = {DOCUMENT: (grid_text(grid).encode(), "application/json")} if how.grid else {}
    moved = _moved(one, lambda shapes: shapes.with_coords(grid.to_public(shapes.coords)), grid.public, note)
    return replace(moved, documents={**one.documents, **kept})


def _placed(city: City, delivery: Delivery) -> tuple[City, Delivery]:
    """Return the city and the delivery in its coordinate system, with a note when it had to be turned."""
    source, target = delivery.crs, city.crs
    if not target or not source or source == target:
        return replace(city, crs=target or source), delivery
    note = Issue("import.reprojected", Weight.NOTE, facts={"from": source, "to": target})
    return city, _moved(delivery, lambda shapes: reprojected(shapes, source, target), target, note)


def _moved(delivery: Delivery, turn: Callable[[Shapes], Shapes], crs: str, note: Issue) -> Delivery:
    """Return a delivery in another coordinate system, its bad rows too, and the note that says so."""
    tables = {type_: replace(table, shapes=turn(table.shapes)) for type_, table in delivery.tables.items()}
    bad = tuple(replace(row, edit=_turned(row.edit, turn)) for row in delivery.bad)
    return replace(delivery, tables=tables, bad=bad, crs=crs, issues=(*delivery.issues, note))


def _turned(edit: Edit | None, turn: Callable[[Shapes], Shapes]) -> Edit | None:
    if edit is None or not edit.parts:
        return edit
    coords = np.concatenate(edit.parts)
    starts = np.cumsum([0, *(len(piece) for piece in edit.parts)])
    turned = turn(Shapes(coords, starts, np.array([0, len(edit.parts)]))).coords
    return replace(edit, parts=tuple(turned[a:b] for a, b in pairwise(starts)))
