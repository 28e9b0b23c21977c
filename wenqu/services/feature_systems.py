"""In which coordinate systems are features given out, and in which order of axes? (OGC 18-058r1)"""

import re
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from wenqu.errors import BadInput
from wenqu.network.geometry import Floats
from wenqu.services.city_state import CityState

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ALWAYS = (CRS84, f"{EPSG}4326", f"{EPSG}4490", f"{EPSG}3857")  # WGS 84, CGCS2000, web maps
_CODE = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/|urn:ogc:def:crs:EPSG:[\d.]*:|EPSG:)(\d+)"
)
AROUND = 1.0  # room around a city in which the geometry of a question is kept whole [°]
MERCATOR = 85.0  # latitude to which web maps reach [°]
STEPS = 64  # pieces into which the side of a filter's box is cut before it is turned


def storage_system(state: CityState) -> str:
    """Return the identifier of the city's own coordinate system, "" when it has no public code."""
    found = _CODE.fullmatch(state.network.city.crs)
    return f"{EPSG}{found[1]}" if found else ""


def systems(state: CityState) -> list[str]:
    """Return the identifiers of the coordinate systems in which the city's features can be had."""
    if not state.network.city.crs:
        return []
    return [name for name in dict.fromkeys([*ALWAYS, storage_system(state)]) if name]


def system_of(state: CityState, uri: str, parameter: str) -> str:
    """Return what pyproj calls the system of an identifier.

    Raises
    ------
    BadInput
        The city's features are not given out in it (``parameter``).
    """
    found = _CODE.fullmatch(uri.strip("[]<>"))
    name = CRS84 if uri.strip("[]<>").endswith("CRS84") else f"{EPSG}{found[1]}" if found else uri
    known = systems(state)
    if name not in known:
        raise BadInput("parameter", name=parameter, value=uri[:80], known=", ".join(known))
    return "OGC:CRS84" if name == CRS84 else f"EPSG:{name.rpartition('/')[2]}"


@lru_cache(maxsize=64)
def north_first(crs: str) -> bool:
    """Tell whether the authority of a system names the northing or the latitude first."""
    try:
        return CRS(crs).axis_info[0].direction.lower() in {"north", "south"}
    except (CRSError, IndexError):
        return False


def placed(state: CityState, coords: Floats, crs: str) -> Floats:
    """Return coordinates of the city in another system, axes in the order of its authority."""
    turned = state.place(coords, crs)
    return turned[:, ::-1] if north_first(crs) and len(turned) else turned


def brought_home(state: CityState, shape: shapely.Geometry, crs: str) -> shapely.Geometry:
    """Return a geometry of a question in the coordinate system of the city.

    Its sides are cut before they are turned: a straight line of degrees is none on the grid.
    """
    own = state.network.city.crs
    asked = shapely.transform(shape, lambda coords: coords[:, ::-1]) if north_first(crs) else shape
    near = _near(state, asked, crs)
    if near.is_empty:
        return near
    longest = max(np.ptp(shapely.get_coordinates(near), axis=0).max(initial=0.0), 1e-9)
    fine = shapely.segmentize(near, longest / STEPS) if near.geom_type != "Point" else near
    turn = Transformer.from_crs(crs, own, always_xy=True).transform
    made: shapely.Geometry = shapely.transform(fine, lambda coords: np.column_stack(turn(*coords.T)))
    if not np.isfinite(shapely.get_coordinates(made)).all():
        raise BadInput("filter-geometry", said=shape.wkt[:80])
    return made


def _near(state: CityState, shape: shapely.Geometry, crs: str) -> shapely.Geometry:
    """Return what of a geometry lies near the city, x before y; the rest of it meets nothing there.

    A box of the whole world has no image on a grid of three degrees: its sides come out crossed.
    """
    west, south, east, north = state.bounds
    wide, high = AROUND + east - west, AROUND + north - south
    lower, upper = max(south - high, -MERCATOR), min(north + high, MERCATOR)
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    box = there.transform_bounds(max(west - wide, -180.0), lower, min(east + wide, 180.0), upper)
    region = shapely.box(*box)
    if not np.isfinite(box).all() or region.contains(shape):
        return shape
    return region.intersection(shapely.make_valid(shape))
