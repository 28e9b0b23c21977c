"""How does a file of buildings, water meters or grid cells become places with people and flow?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput, FileMissing
from wenqu.network.crs_candidates import NORTHING
from wenqu.network.formats.proposing import SPOKEN_UNITS, place_names, plain, without_unit
from wenqu.network.formats.raw import RawLayer, named_crs
from wenqu.network.formats.registry import format_of
from wenqu.network.formats.values import texts_of
from wenqu.network.geometry import Floats, geometries_from
from wenqu.network.shifted_maps import SHIFTED, shifted_name
from wenqu.services.city_state import transformed
from wenqu.services.crs_doubts import beyond, disagreement
from wenqu.units import to_si

# Columns by the names that deliveries use; the first that is there counts.
LONGITUDE = ("lon", "lng", "long", "longitude", "经度")
LATITUDE = ("lat", "latitude", "纬度")
X = ("x", *LONGITUDE, "横坐标", "东坐标")
Y = ("y", *LATITUDE, "纵坐标", "北坐标")
PEOPLE = ("population", "people", "pop", "persons", "人口", "人数", "常住人口")
FLOW = ("flow m3 d", "water m3 d", "flow", "用水量", "日用水量", "水量")
NAME = ("id", "name", "编号", "名称", "户号", "表号")
FLOW_UNIT = "m³/d"  # of a flow whose heading names no unit


@dataclass(frozen=True, slots=True)
class PremisesFile:
    """What a file holds: n places, in the order of its rows."""

    ids: tuple[str, ...]
    where: Floats  # (n, 2) in the coordinate system asked for, NaN where a row has no place
    people: Floats  # (n,) NaN where not known
    flow: Floats  # (n,) [m³/s] NaN where not known
    crs: str  # that the file was read in
    swapped: bool  # its x ran to the north


def read_premises(path: Path, crs: str, target: str, *, overrule: bool = False) -> PremisesFile:
    """Read a file of any format that a network may come in: points, polygons, or columns of x and y.

    Parameters
    ----------
    crs
        Coordinate system that a person names; also GCJ-02 and BD-09. Needed when the file names none.
    target
        Coordinate system of the city, "" when it has none: then places stay as they are.
    overrule
        The file is wrong where it names another system than ``crs``.

    Raises
    ------
    FileMissing, FileUnreadable
        There is no such file, or it cannot be read.
    BadInput
        Nothing in it has a place (``premises-columns``), it names no coordinate system (``no-crs``), another
        one than ``crs`` (``premises-crs-disagrees``), or one in which its numbers are impossible
        (``crs-beyond``).
    UnknownUnit
        The heading of the flow names a unit that is not in the registry.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    layers = [layer for layer in format_of(path).layers(path).layers if len(layer)]
    located = [(layer, there) for layer in layers if (there := _places(layer)) is not None]
    if not located:
        found = ", ".join(dict.fromkeys(name for layer in layers for name in layer.columns))
        raise BadInput("premises-columns", path=path.name, found=found)
    some = [layer for layer, _ in located]
    raw = [there for _, there in located]
    swapped = runs_north(_known(np.concatenate(raw)))
    raw = [there[:, ::-1] if swapped else there for there in raw]
    systems = [
        _system(path, layer, _known(there), crs, overrule) for layer, there in zip(some, raw, strict=True)
    ]
    if not all(systems):
        known = _known(np.concatenate(raw))
        west, south = known.min(axis=0, initial=np.inf)
        east, north = known.max(axis=0, initial=-np.inf)
        raise BadInput("no-crs", path=path.name, west=west, south=south, east=east, north=north)
    where = np.concatenate([turned(*one, target) for one in zip(raw, systems, strict=True)])
    names = [name for layer in some for name in _names(layer)]
    ids = tuple(name or str(number) for number, name in enumerate(names, 1))
    people, flow = (np.concatenate([read(layer) for layer in some]) for read in (_people, _flow))
    return PremisesFile(ids, where, people, flow, ", ".join(dict.fromkeys(systems)), swapped)


def _known(places: Floats) -> Floats:
    return places[np.isfinite(places).all(axis=1)]


def _system(path: Path, layer: RawLayer, known: Floats, crs: str, overrule: bool) -> str:
    """Return the coordinate system of a layer, "" when nobody names it; never against what the file says.

    Raises
    ------
    BadInput
        See ``read_premises``.
    """
    if crs and layer.crs and not overrule:
        said = "EPSG:4490" if shifted_name(crs) else named_crs(crs)
        other = disagreement(named_crs(layer.crs), crs, said, known)
        if other:
            raise BadInput("premises-crs-disagrees", path=path.name, **other)
    source = crs or layer.crs or ("EPSG:4326" if in_degrees(layer) else "")
    if source and not shifted_name(source) and beyond(named_crs(source), known):
        raise BadInput("crs-beyond", crs=source)
    return source


def _places(layer: RawLayer) -> Floats | None:
    """Return where each row lies, None for a layer that says nothing of it."""
    if any(layer.kinds):
        import shapely

        there = np.full((len(layer), 2), np.nan)
        for kind in {"point", "line", "polygon"} & set(layer.kinds.tolist()):
            rows = np.flatnonzero(layer.kinds == kind)
            middle = shapely.centroid(geometries_from(layer.shapes.take(rows), kind))
            there[rows] = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
        return there
    x, y = x_of(layer), y_of(layer)
    return None if not x or not y else np.column_stack([numbers_of(layer, x), numbers_of(layer, y)])


def x_of(layer: RawLayer) -> str:
    """Return the column of the easting, or of what the heading calls x; "" when there is none."""
    return column_of(layer, X) or _in_the_role(layer, "east", "x")


def y_of(layer: RawLayer) -> str:
    """Return the column of the northing, or of what the heading calls y; "" when there is none."""
    return column_of(layer, Y) or _in_the_role(layer, "north", "y")


def _in_the_role(layer: RawLayer, *roles: str) -> str:
    """Return the column whose heading says a place as the tables of points and lines do (``places.csv``)."""
    known = place_names()
    there = {known.get(plain(without_unit(column)[0]), ""): column for column in reversed(layer.columns)}
    return next((there[role] for role in roles if role in there), "")


def in_degrees(layer: RawLayer) -> bool:
    """Tell whether a layer's columns of coordinates are named as degrees."""
    return not any(layer.kinds) and plain(without_unit(x_of(layer))[0]) in map(plain, LONGITUDE)


def runs_north(places: Floats) -> bool:
    """Tell whether x is a northing of China and y is none, as survey firms write it."""
    if not len(places):
        return False
    x, y = np.median(places, axis=0)
    return bool(NORTHING[0] < x < NORTHING[1] and not NORTHING[0] < y < NORTHING[1])


def turned(places: Floats, source: str, target: str) -> Floats:
    """Return places of one coordinate system, shifted ones too, in another, when both have a name."""
    shifted = shifted_name(source)
    if shifted:
        places, source = SHIFTED[shifted](places), "EPSG:4326"
    if not target or not source or named_crs(source) == target:
        return places
    return transformed(places, source, target)


def column_of(layer: RawLayer, names: Sequence[str]) -> str:
    """Return the layer's column of the first name that it has, "" when it has none."""
    there = {plain(without_unit(column)[0]): column for column in reversed(layer.columns)}
    return next((there[plain(name)] for name in names if plain(name) in there), "")


def numbers_of(layer: RawLayer, column: str) -> Floats:
    """Return a column as numbers, NaN where none stands."""
    return np.array([_number(text) for text in texts_of(layer.columns[column])], dtype=np.float64)


def _number(text: str | None) -> float:
    try:
        return float((text or "nan").replace(",", ""))
    except ValueError:
        return float("nan")


def _names(layer: RawLayer) -> npt.NDArray[np.object_]:
    column = column_of(layer, NAME)
    return texts_of(layer.columns[column]) if column else np.full(len(layer), None, dtype=object)


def _people(layer: RawLayer) -> Floats:
    column = column_of(layer, PEOPLE)
    return numbers_of(layer, column) if column else np.full(len(layer), np.nan)


def _flow(layer: RawLayer) -> Floats:
    column = column_of(layer, FLOW)
    if not column:
        return np.full(len(layer), np.nan)
    spoken = without_unit(column)[1]
    return to_si(numbers_of(layer, column), SPOKEN_UNITS.get(spoken.casefold(), spoken) or FLOW_UNIT)
