"""Where does a point of a shifted Chinese web map (GCJ-02, BD-09) lie truly, and the other way round?

GCJ-02 moves a point by 100 to 700 m, smoothly, inside a box around China; BD-09 moves it once more.
Both are published only as code; the numbers here are those of the public implementations
(eviltransform, MIT; ``a`` and ``ee`` of the Krassovsky ellipsoid). Coordinates are (n, 2): longitude,
latitude in degrees.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wenqu.network.geometry import Floats

AXIS = 6378245.0  # semi-major axis. [m]
SQUARED = 0.00669342162296594323  # squared eccentricity. [-]
BAIDU = np.pi * 3000.0 / 180.0
BOX = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north: outside it nothing is moved
STEPS = 12  # of the inverse; each takes about 1/1000 of the error that was left

Shift = Callable[[Floats], Floats]


def inside_china_box(lonlat: Floats) -> npt.NDArray[np.bool_]:
    """Return which points lie in the box in which GCJ-02 moves points."""
    west, south, east, north = BOX
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def gcj02_from_wgs84(lonlat: Floats) -> Floats:
    """Return WGS 84 points as GCJ-02 maps draw them; points outside China stay."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root + waves * 2.0 / 3.0
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root + waves * 2.0 / 3.0
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - SQUARED * np.sin(angle) ** 2
    dlat = np.degrees(north / (AXIS * (1.0 - SQUARED) / (magic * np.sqrt(magic))))
    dlon = np.degrees(east / (AXIS / np.sqrt(magic) * np.cos(angle)))
    moved = np.column_stack([lon + dlon, lat + dlat])
    return np.where(inside_china_box(lonlat)[:, None], moved, lonlat)


def wgs84_from_gcj02(lonlat: Floats) -> Floats:
    """Return true WGS 84 points of GCJ-02 ones, iterated until nothing moves by more than a millimetre."""
    return _inverse(gcj02_from_wgs84, lonlat)


def bd09_from_gcj02(lonlat: Floats) -> Floats:
    """Return GCJ-02 points as Baidu's maps draw them; points outside China stay."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU)
    moved = np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
    return np.where(inside_china_box(lonlat)[:, None], moved, lonlat)


def gcj02_from_bd09(lonlat: Floats) -> Floats:
    """Return GCJ-02 points of Baidu's ones, iterated."""
    return _inverse(bd09_from_gcj02, lonlat)


def bd09_from_wgs84(lonlat: Floats) -> Floats:
    """Return WGS 84 points as Baidu's maps draw them."""
    return bd09_from_gcj02(gcj02_from_wgs84(lonlat))


def wgs84_from_bd09(lonlat: Floats) -> Floats:
    """Return true WGS 84 points of Baidu's ones."""
    return wgs84_from_gcj02(gcj02_from_bd09(lonlat))


def _inverse(forward: Shift, lonlat: Floats) -> Floats:
    """Return what ``forward`` brings to the given points (fixed-point iteration)."""
    inside = inside_china_box(lonlat)
    target = lonlat[inside]
    guess = target.copy()
    for _ in range(STEPS):
        error = forward(guess) - target
        guess -= error
        if not len(error) or np.abs(error).max() < 1e-10:
            break
    made = lonlat.copy()
    made[inside] = guess
    return made


SHIFTED: dict[str, Shift] = {"GCJ-02": wgs84_from_gcj02, "BD-09": wgs84_from_bd09}


def shifted_name(text: str) -> str:
    """Return GCJ-02 or BD-09 when a text names one of them however it is spelt, else ""."""
    bare = text.upper().replace("-", "").replace(" ", "").replace("_", "").removesuffix("LL")
    return {"GCJ02": "GCJ-02", "GCJ": "GCJ-02", "BD09": "BD-09", "BD": "BD-09"}.get(bare, "")
