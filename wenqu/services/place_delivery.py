"""Where would the coordinates of a delivery lie, in the system or the own grid that a person names?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from pyproj import CRS, Transformer

from wenqu.errors import BadInput
from wenqu.network.crs_candidates import extent, nearest_place
from wenqu.network.formats.raw import PLAN, named_crs
from wenqu.network.geometry import Floats
from wenqu.network.grids import Grid, grid_from, grid_text
from wenqu.network.model import Network
from wenqu.network.shifted_maps import SHIFTED, shifted_name
from wenqu.services.city_grid import OWN, grid_said, kept_grid
from wenqu.services.crs_doubts import disagreement
from wenqu.services.recognise_delivery import drawn_by
from wenqu.store.database import Store

SEEN = 20_000  # coordinates that are looked at


def grid_given(said: object) -> Grid:
    """Return the grid that a form or the text of a file gives.

    Parameters
    ----------
    said
        Its plain dictionary; or ``{"text": …, "name": …}``, the file that holds it.
    """
    if isinstance(said, Mapping) and "text" in said:
        return grid_said(str(said["text"]).lstrip("\ufeff"), str(said.get("name", "")))
    return grid_from(said)


def where_it_lies(
    store: Store,
    before: Network,
    paths: Sequence[Path],
    answers: Mapping[str, Any],
    crs: str,
    grid: object,
) -> dict[str, Any]:
    """Return the extent of files in WGS 84 and the nearest large city, by a named system or a grid.

    The answer repeats a grid as plain parameters, as the delivery keeps it, and lists the files that name
    another system themselves, with where they would lie by it. A plan (``none``) has only this list.

    Raises
    ------
    BadInput
        The system or the grid cannot be used (``crs-unknown``, ``grid``), none is kept (``grid-none``), or
        the numbers are impossible in it (``crs-beyond``).
    """
    own = grid_given(grid) if grid else kept_grid(store, before.city.code) if crs == OWN else None
    drawn = [(path.name, *drawn_by(store, before, path, answers)) for path in paths]
    coords = np.concatenate([np.empty((0, 2)), *(there for _, there, _ in drawn)])
    meant = OWN if own else crs
    system = own.public if own else _system(crs)
    others = [(name, disagreement(named, meant, system, of, own)) for name, of, named in drawn]
    disagree = [_by_file(name, facts) for name, facts in others if facts]
    if crs == PLAN:
        return {"crs": PLAN, "grid": None, "disagree": disagree}
    seen = coords[:: max(len(coords) // SEEN, 1)]
    there = _in_degrees(seen, crs, own)
    there = there[np.isfinite(there).all(axis=1)]
    if not len(there) or bool((np.abs(np.median(there, axis=0)) > (180.0, 90.0)).any()):
        raise BadInput("crs-beyond", crs=own.public if own else crs)
    west, south, east, north = extent(there)
    place, place_at, distance = nearest_place(((west + east) / 2, (south + north) / 2))
    box = {"west": west, "south": south, "east": east, "north": north}
    given = orjson.loads(grid_text(own)) if own and grid else None
    there_by = {"place": place, "place_at": place_at, "distance": distance, "grid": given}
    return {**box, "crs": meant, **there_by, "disagree": disagree}


def _system(crs: str) -> str:
    """Return the system that a person's word stands for, "" for a plan."""
    return "EPSG:4490" if shifted_name(crs) else "" if crs == PLAN else named_crs(crs)


def _by_file(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a file would lie by the system that it names itself."""
    place, place_at, distance = nearest_place((facts["east"], facts["north"]))
    apart = None if np.isnan(facts["apart"]) else facts["apart"]
    return {
        "file": name,
        "named": facts["named"],
        "east": facts["east"],
        "north": facts["north"],
        "place": place,
        "place_at": place_at,
        "distance": distance,
        "apart": apart,
    }


def _in_degrees(coords: Floats, crs: str, own: Grid | None) -> Floats:
    shifted = shifted_name(crs)
    if shifted and not own:
        return SHIFTED[shifted](coords)
    plane = own.to_public(coords) if own else coords
    turn = Transformer.from_crs(CRS(own.public if own else named_crs(crs)), "EPSG:4326", always_xy=True)
    return np.column_stack(turn.transform(*plane.T))
