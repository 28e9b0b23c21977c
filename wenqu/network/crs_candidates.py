"""In which coordinate systems could these numbers be, and where would they then lie? Evidence, no guess."""

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from pyproj import Transformer

from wenqu.network.geometry import Floats
from wenqu.network.shifted_maps import SHIFTED, inside_china_box

LAND = (73.0, 17.0, 136.0, 54.5)  # box of the mainland with Hainan [degree]
NORTHING = (1.8e6, 6.1e6)  # of China in a Gauss–Krüger zone [m]
WIDEST = 3.5  # how far from its meridian a zone is used in practice [degree]
FARTHEST = 1.3e6  # from a large city: beyond it lies no part of the country [m]
SEEN = 20_000  # coordinates that are looked at
STRAY = 1.0  # of them to each side may be slips [%]


@dataclass(frozen=True, slots=True)
class Zone:
    """One Gauss–Krüger zone of CGCS2000."""

    width: int  # 3 or 6 [degree]
    number: int
    meridian: int  # [degree]
    prefixed: bool  # the number stands before the easting
    crs: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system that the numbers fit."""

    crs: str  # "EPSG:4549", or GCJ-02, BD-09
    west: float
    south: float
    east: float
    north: float  # extent in WGS 84 [degree]
    place: dict[str, str]  # the nearest large city, zh and en
    place_at: tuple[float, float]  # its longitude and latitude [degree]
    distance: float  # from that city, or from ``near`` when it is given [m]
    why: str  # key of the sentence ``coordinates.<why>``
    facts: dict[str, object]
    swapped: bool = False  # x and y have to change places


@cache
def zones() -> tuple[Zone, ...]:
    """Return the zones of CGCS2000: EPSG 4491–4501 and 4502–4512 (6°), 4513–4533 and 4534–4554 (3°)."""
    made = []
    for step in range(11):  # 6°: zones 13 to 23, meridians 75° to 135°
        made.append(Zone(6, 13 + step, 75 + 6 * step, True, f"EPSG:{4491 + step}"))
        made.append(Zone(6, 13 + step, 75 + 6 * step, False, f"EPSG:{4502 + step}"))
    for step in range(21):  # 3°: zones 25 to 45
        made.append(Zone(3, 25 + step, 75 + 3 * step, True, f"EPSG:{4513 + step}"))
        made.append(Zone(3, 25 + step, 75 + 3 * step, False, f"EPSG:{4534 + step}"))
    return tuple(made)


def zone_of_easting(easting: float) -> Zone | None:
    """Return the zone whose number stands before an easting (40512345.6 → 3° zone 40), None if none does."""
    number, rest = divmod(easting, 1e6)
    if not 5e4 <= rest <= 9.5e5:
        return None
    return next((zone for zone in zones() if zone.prefixed and zone.number == number), None)


def crs_candidates(coords: Floats, near: tuple[float, float] | None = None) -> list[Candidate]:
    """Return every usual system that the coordinates fit, the likeliest place first.

    Parameters
    ----------
    coords
        (n, 2) as delivered, x first. [m or degree]
    near
        Longitude and latitude of a place that the city is known to be at; candidates near it go first.
    """
    finite = coords[np.isfinite(coords).all(axis=1)]
    if not len(finite):
        return []
    seen = finite[:: max(len(finite) // SEEN, 1)]
    found = _plane(seen, near) + _swapped(_plane(seen[:, ::-1], near))
    found = found or _geographic(seen, near)
    if not found:
        found = _swapped(_geographic(seen[:, ::-1], near))
    return sorted(found, key=lambda one: one.distance)


def _swapped(found: list[Candidate]) -> list[Candidate]:
    return [replace(one, swapped=True) for one in found]


def _geographic(coords: Floats, near: tuple[float, float] | None) -> list[Candidate]:
    middle = np.median(coords, axis=0)
    if not (abs(middle[0]) <= 180 and abs(middle[1]) <= 90) or np.abs(coords).max() > 180:
        return []
    if not inside_china_box(middle[None])[0]:
        return [_candidate("EPSG:4326", coords, near, "degrees-abroad", {})]
    west, south, east, north = LAND
    if not (west <= middle[0] <= east and south <= middle[1] <= north):
        return []
    made = [_candidate(crs, coords, near, "degrees", {}) for crs in ("EPSG:4490", "EPSG:4326")]
    return made + [
        _candidate(name, turn(coords), near, "degrees-shifted", {}) for name, turn in SHIFTED.items()
    ]


def _plane(coords: Floats, near: tuple[float, float] | None) -> list[Candidate]:
    """Return the Gauss–Krüger zones that the numbers fit, x to the east and y to the north."""
    x, y = (float(value) for value in np.median(coords, axis=0))
    if not NORTHING[0] <= y <= NORTHING[1]:
        return []
    prefixed = zone_of_easting(x)
    if prefixed:
        return [_zone(prefixed, coords, near, "zone-number")]
    if not 5e4 <= x <= 9.5e5:
        return []
    # a zone of 6° without its number is the same projection as the zone of 3° around the same meridian
    usual = [zone for zone in zones() if not zone.prefixed and zone.width == 3]
    made = [_zone(zone, coords, near, "zone-meridian") for zone in usual]
    west, south, east, north = LAND
    return [
        one
        for one in made
        if west <= (one.west + one.east) / 2 <= east
        and south <= (one.south + one.north) / 2 <= north
        and abs((one.west + one.east) / 2 - float(str(one.facts["meridian"]))) <= WIDEST
        and (near is not None or one.distance <= FARTHEST)
    ]


def _zone(zone: Zone, coords: Floats, near: tuple[float, float] | None, why: str) -> Candidate:
    turn = Transformer.from_crs(zone.crs, "EPSG:4326", always_xy=True)
    facts: dict[str, object] = {"width": zone.width, "number": zone.number, "meridian": zone.meridian}
    return _candidate(zone.crs, np.column_stack(turn.transform(*coords.T)), near, why, facts)


def _candidate(
    crs: str, lonlat: Floats, near: tuple[float, float] | None, why: str, facts: dict[str, object]
) -> Candidate:
    west, south, east, north = extent(lonlat)
    middle = ((west + east) / 2, (south + north) / 2)
    name, spot, away = nearest_place(middle)
    distance = _apart(middle, near) if near else away
    return Candidate(crs, west, south, east, north, name, spot, distance, why, facts)


def extent(lonlat: Floats) -> tuple[float, float, float, float]:
    """Return west, south, east and north of coordinates without the few that a slip put far away."""
    there = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not len(there):
        return (np.nan, np.nan, np.nan, np.nan)
    low = np.percentile(there, STRAY, axis=0, method="lower")
    high = np.percentile(there, 100.0 - STRAY, axis=0, method="higher")
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def nearest_place(spot: tuple[float, float]) -> tuple[dict[str, str], tuple[float, float], float]:
    """Return the nearest large city of a longitude and latitude, where it is [°], and how far. [m]"""
    names, spots = _capitals()
    away = [_apart(spot, other) for other in spots]
    nearest = int(np.argmin(away))
    return names[nearest], spots[nearest], away[nearest]


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return about how far two places are apart. [m]"""
    east = np.radians(one[0] - other[0]) * np.cos(np.radians((one[1] + other[1]) / 2))
    return float(6.371e6 * np.hypot(east, np.radians(one[1] - other[1])))


@cache
def _capitals() -> tuple[list[dict[str, str]], list[tuple[float, float]]]:
    text = (files("wenqu.network") / "capitals.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return (
        [{"zh": row["zh"], "en": row["en"]} for row in rows],
        [(float(row["lon"]), float(row["lat"])) for row in rows],
    )
