"""Which conduits lie where the ground sinks? In a zone of that kind, by the middle of each."""

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.network.geometry import geometries_from
from wenqu.services.city_state import CityState

KIND = "subsidence"


def sinking(state: CityState) -> npt.NDArray[np.bool_]:
    """Return which conduits lie in a zone of subsidence, read once for a state. (n,)"""
    return state.once("sinking", lambda: _sinking(state))


def _sinking(state: CityState) -> npt.NDArray[np.bool_]:
    conduits, zones = state.network.table("conduit"), state.network.table("zone")
    made = np.zeros(len(conduits), dtype=np.bool_)
    rows = np.flatnonzero(zones.column("kind") == KIND)
    if not len(rows) or not len(conduits):
        return made
    areas = geometries_from(zones.shapes.take(rows), "polygon")
    middles = shapely.line_interpolate_point(geometries_from(conduits.shapes, "line"), 0.5, normalized=True)
    made[shapely.STRtree(middles).query(areas, predicate="intersects")[1]] = True
    return made
