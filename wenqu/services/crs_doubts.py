"""Is it doubtful in which coordinate system a file is? It says one and a person another, or nobody does."""

import numpy as np
from pyproj import CRS, Transformer

from wenqu.network.formats.raw import PLAN, named_crs
from wenqu.network.formats.systems import short_crs
from wenqu.network.geometry import Floats
from wenqu.network.grids import Grid
from wenqu.network.model import Network
from wenqu.network.shifted_maps import inside_china_box, shifted_name
from wenqu.services.city_grid import OWN

HALF = 0.5  # more than so much of the coordinates off the globe: the system is a wrong one
SEEN = 2000  # coordinates that are looked at
SAME = 1e-5  # so near two systems place the same numbers where they are one [°]
NEAR = 2.0  # so far from a city its next file may lie [°]
ALIKE = {"World Geodetic System 1984", "China 2000"}  # apart by centimetres


def beyond(crs: str, coords: Floats) -> bool:
    """Tell whether most coordinates are impossible in a system: off the globe."""
    finite = coords[np.isfinite(coords).all(axis=1)]
    if not crs or not len(finite):
        return False
    if CRS.from_user_input(crs).is_geographic:
        return bool((np.abs(finite) > (360.0, 90.0)).any(axis=1).mean() > HALF)
    some = finite[:: max(len(finite) // SEEN, 1)]
    return bool((~np.isfinite(_degrees(crs, some)).all(axis=1)).mean() > HALF)


def disagreement(
    named: str, said: str, crs: str, coords: Floats, own: Grid | None = None
) -> dict[str, object] | None:
    """Return what is to be shown where a person names another system than a file does; None where none is.

    What the file names and what cannot be true of its numbers is no evidence. Degrees of WGS 84 or CGCS2000
    that a person knows to come from a shifted web map contradict nothing: no file can name those.

    Parameters
    ----------
    named, said
        The system that the file names, and the word of a person (also ``grid``, ``none``, GCJ-02, BD-09).
    crs
        The system that ``said`` stands for, "" for a plan.
    coords
        (n, 2) as delivered. [m or °]
    own
        The city's own grid, when that is what was said; ``crs`` is the system that it leads to.

    Returns
    -------
    dict
        ``named``, ``given`` as sentences name them; the middle of the file by each [°] and how far apart the
        two are [km], NaN for a plan.
    """
    if not named or beyond(named, coords):
        return None
    if shifted_name(said) and CRS.from_user_input(named).is_geographic:
        return None
    if said != PLAN and not own and beyond(crs, coords):
        return None  # impossible: that is told by itself
    by_file = _middle(named, coords)
    by_word = (np.nan, np.nan) if said == PLAN else _middle(crs, own.to_public(coords) if own else coords)
    if said not in {OWN, PLAN} and not shifted_name(said) and _same(named, crs, by_file, by_word):
        return None
    return {
        "named": short_crs(named),
        "given": said if said in {OWN, PLAN} or shifted_name(said) else short_crs(named_crs(said)),
        "east": by_file[0],
        "north": by_file[1],
        "given_east": by_word[0],
        "given_north": by_word[1],
        "apart": _apart(by_file, by_word),
    }


def abroad(crs: str, coords: Floats, before: Network) -> dict[str, object] | None:
    """Return the extent of degrees that nobody named and that lie outside China and far from the city.

    None where they lie where they may be expected. [°]
    """
    some = coords[np.isfinite(coords).all(axis=1)]
    if not len(some) or beyond(crs, coords):
        return None
    middle = _middle(crs, some)
    if inside_china_box(np.array([middle]))[0] or _near_city(middle, before):
        return None
    (west, south), (east, north) = some.min(axis=0), some.max(axis=0)
    return {"west": west, "south": south, "east": east, "north": north}


def _near_city(middle: tuple[float, float], before: Network) -> bool:
    drawn = [table.shapes.coords for table in before.tables.values() if len(table.shapes.coords)]
    if not before.city.crs or not drawn:
        return False
    return bool(np.abs(np.subtract(_middle(before.city.crs, drawn[0]), middle)).max() <= NEAR)


def _same(named: str, given: str, by_file: tuple[float, float], by_word: tuple[float, float]) -> bool:
    """Tell whether two names mean one system: of one datum, and the same numbers lie in the same place."""
    if CRS.from_user_input(named).equals(CRS.from_user_input(given), ignore_axis_order=True):
        return True
    datums = {_datum(named), _datum(given)}
    alike = len(datums) == 1 or datums <= ALIKE
    return alike and bool(np.abs(np.subtract(by_file, by_word)).max() < SAME)


def _datum(crs: str) -> str:
    base = CRS.from_user_input(crs).geodetic_crs
    return base.datum.name.removesuffix(" ensemble") if base and base.datum else ""


def _degrees(crs: str, coords: Floats) -> Floats:
    return np.column_stack(Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*coords.T))


def _middle(crs: str, coords: Floats) -> tuple[float, float]:
    """Return longitude and latitude of the middle of coordinates. [°]"""
    some = coords[np.isfinite(coords).all(axis=1)][:SEEN]
    if not len(some):
        return np.nan, np.nan
    east, north = _degrees(crs, np.median(some, axis=0)[None])[0]
    return float(east), float(north)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return about how far two places are apart. [km]"""
    east = (one[0] - other[0]) * np.cos(np.radians((one[1] + other[1]) / 2))
    return float(np.hypot(east, one[1] - other[1]) * 111.2)
