"""In which coordinate system are the coordinates of a file: as it names it, or as a person says?"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pyproj import CRS

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.raw import PLAN, RawLayer, named_crs
from wenqu.network.geometry import Floats
from wenqu.network.shifted_maps import SHIFTED, shifted_name

WIDE = 4.0  # degrees that a city and its counties may measure
CHINA = (73.0, 3.0, 136.0, 54.0)  # degrees: west, south, east, north


@dataclass(frozen=True, slots=True)
class System:
    """The coordinate system in which a file is read, and where it comes from."""

    crs: str  # "" for a plan
    named: str = ""  # the first one other than ``crs`` that the file itself names, else the one it names
    presumed: bool = False  # by the format's rules; neither the file nor a person named it
    issues: tuple[Issue, ...] = ()


def system_of(path: Path, layers: list[RawLayer], given: str | None, *, asked: bool) -> System:
    """Return the coordinate system of layers; what a person gives goes before what the file names.

    Raises
    ------
    BadInput
        Nothing names one, or several are named, or metres are given for degrees; none that PROJ knows.
    """
    drawn = [layer for layer in layers if len(layer.shapes.coords)]
    named = list(dict.fromkeys(layer.crs for layer in drawn if layer.crs))
    said = list(dict.fromkeys(layer.crs for layer in drawn if layer.crs and not layer.presumed))
    own = said[0] if said else ""
    if given and shifted_name(given):
        facts: dict[str, object] = {"map": shifted_name(given)}
        note = Issue("format.unshifted", Weight.NOTE, place=Place(path.name), facts=facts)
        return System("EPSG:4490", own, issues=(note,))
    if given == PLAN:
        return System("", own, issues=(Issue("import.plan", Weight.NOTE, place=Place(path.name)),))
    coords = np.concatenate([np.empty((0, 2)), *(layer.shapes.coords for layer in drawn)])
    if given:
        system = named_crs(given)
        _demand_no_degrees(path, system, said, coords)
        other = [name for name in said if name != system]
        if not other:
            return System(system, own)
        facts = {"given": system, "named": short_crs(other[0])}
        note = Issue("format.crs-overridden", Weight.NOTE, place=Place(path.name), facts=facts)
        return System(system, other[0], issues=(note,))
    if len(named) > 1:
        raise BadInput("crs-several", path=path.name, named=", ".join(short_crs(name) for name in named))
    if not named and drawn and asked:
        low, high = np.nanmin(coords, axis=0), np.nanmax(coords, axis=0)
        raise BadInput("no-crs", path=path.name, west=low[0], south=low[1], east=high[0], north=high[1])
    return System(named[0] if named else "", own, presumed=bool(named) and not said)


def _demand_no_degrees(path: Path, given: str, said: list[str], coords: Floats) -> None:
    """Refuse a system in metres for degrees: the city would lie off the coast of Africa.

    They are degrees where the file says so and they are no wider than a city, or where all lie in China.
    A file that says nothing may be a plan of small numbers.
    """
    some = coords[np.isfinite(coords).all(axis=1)]
    if not len(some) or not CRS.from_user_input(given).is_projected:
        return
    low, high = some.min(axis=0), some.max(axis=0)
    says = bool(said) and all(CRS.from_user_input(name).is_geographic for name in said)
    city = bool((np.abs(some) <= (180.0, 90.0)).all() and (high - low <= WIDE).all())
    if (says and city) or bool((low > CHINA[:2]).all() and (high < CHINA[2:]).all()):
        facts = {"named": short_crs(said[0]) if said else "-", "given": short_crs(given), "path": path.name}
        box = {"west": low[0], "south": low[1], "east": high[0], "north": high[1]}
        raise BadInput("crs-degrees", **facts, **box)


def unshifted(layer: RawLayer, given: str | None) -> RawLayer:
    """Return a layer that was drawn on a shifted web map where it truly lies."""
    name = shifted_name(given or "")
    if not name or not len(layer.shapes.coords):
        return layer
    return replace(layer, shapes=layer.shapes.with_coords(SHIFTED[name](layer.shapes.coords)))


def short_crs(crs: str) -> str:
    """Return a system as a sentence names it: one without a number is a long text."""
    return crs if len(crs) < 40 else crs[:37] + "…"
