"""Which outline on the map has each area that was followed month by month?"""

import numpy as np

from wenqu.diagnosis.observers import observers
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.diagnosis.tree_posterior import areas as areas_of
from wenqu.services.city_state import CityState
from wenqu.services.isolate_district import node_places
from wenqu.services.month_problems import month_areas
from wenqu.services.rain_outlines import outline_around
from wenqu.store.database import Store


def month_outlines(store: Store, state: CityState) -> dict[str, object]:
    """Return the outline of each area as GeoJSON, by the id of the meter at which it ends."""
    return state.once("month outlines", lambda: _outlines(store, state))


def _outlines(store: Store, state: CityState) -> dict[str, object]:
    topology = state.topology
    order = pipe_order(topology)
    told = {one.asset for one in month_areas(store, state)}
    found, _ = observers(state.network, topology, order, ((id_, "flow") for id_ in sorted(told)))
    ends = {(one.first, one.last): one.id for one in found if one.placed and one.last > one.first}
    if not ends:
        return {}
    pairs = np.array(list(ends), dtype=np.int64)
    cell = areas_of(pairs[:, 0], pairs[:, 1], len(order.link))
    places = node_places(state.network)
    shapes: dict[str, object] = {}
    for area, id_ in enumerate(ends.values()):
        links = order.link[cell == area]
        nodes = np.unique(np.concatenate([topology.link_from[links], topology.link_to[links]]))
        shape = outline_around(state, places[nodes[nodes >= 0]])
        if shape is not None:
            shapes[id_] = shape
    return shapes
