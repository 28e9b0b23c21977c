"""Which outline on the map has the area that ends at a meter?"""

from collections.abc import Callable

import numpy as np
import shapely

from wenqu.network.geometry import Floats
from wenqu.services.city_state import CityState
from wenqu.services.isolate_district import node_places
from wenqu.services.rain_inputs import RainInputs
from wenqu.store.database import Store

POINTS = 1500  # of an area that its outline is made from
AROUND = 40.0  # [m] beside its outermost manholes
TIGHT = 0.3  # ratio of a concave hull: 0 follows every manhole, 1 is convex


def outlines(
    store: Store, state: CityState, inputs: Callable[[Store, CityState], RainInputs]
) -> dict[str, object]:
    """Return the outline of each area as GeoJSON, by the id of the meter at which it ends."""
    return state.once("rain outlines", lambda: _outlines(state, inputs(store, state)))


def _outlines(state: CityState, given: RainInputs) -> dict[str, object]:
    topology, order = given.there.topology, given.there.order
    places = node_places(state.network)
    found: dict[str, object] = {}
    for area, end in enumerate(given.ground.ends):
        links = order.link[given.ground.of_pipe == area]
        nodes = np.unique(np.concatenate([topology.link_from[links], topology.link_to[links]]))
        at = places[nodes[nodes >= 0]]
        outline = outline_around(state, at)
        if outline is not None:
            found[given.placed[end].id] = outline
    return found


def outline_around(state: CityState, at: Floats) -> dict[str, object] | None:
    """Return the outline of what lies around some places as GeoJSON, None when no place is known. (n, 2)"""
    at = at[np.isfinite(at).all(axis=1)]
    if not len(at):
        return None
    at = at[:: max(1, len(at) // POINTS)]
    cloud = shapely.MultiPoint(at)
    hull = shapely.concave_hull(cloud, ratio=TIGHT) if len(at) > 3 else cloud
    return _as_geojson(state, shapely.simplify(shapely.buffer(hull, AROUND), AROUND / 4))


def _as_geojson(state: CityState, shape: shapely.Geometry) -> dict[str, object]:
    parts = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
    rings = [
        [state.place(np.asarray(ring.coords), "EPSG:4326").round(6).tolist()
         for ring in (one.exterior, *one.interiors)]
        for one in parts
    ]  # fmt: skip
    return {"type": "MultiPolygon", "coordinates": rings}
