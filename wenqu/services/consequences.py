"""What would follow at an asset: sewage and people above, a river beside, a plant below?"""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from shapely import STRtree, get_parts, points

from wenqu.network.geometry import Floats, centres, geometries_from
from wenqu.network.schema import asset_type
from wenqu.network.topology import Ints
from wenqu.network.traces import first_below, spans_above
from wenqu.services.asked_network import sources_of
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import plant_inflows
from wenqu.store.database import Store
from wenqu.works.problem_severity import Consequence


class Consequences:
    """A city, looked at once for all its problems."""

    def __init__(self, store: Store, state: CityState) -> None:
        """Look at nothing yet: each side is read when the first problem asks."""
        self._store, self._state = store, state
        self._centres: dict[str, Floats] = {}
        self._rows: dict[str, dict[str, int]] = {}

    def of(self, type_: str, id_: str, grade: int = 0) -> Consequence:
        """Return what would follow at an asset; what the city does not know is None."""
        row = self._row(type_, id_)
        if row < 0:
            return Consequence(grade)
        table, node = self._state.network.table(type_), self._node(type_, id_)
        place = str(table.column("importance")[row] or "") if "importance" in table.fields else ""
        return Consequence(
            grade,
            place,
            self._above(self._sewage, node),
            self._above(self._people, node),
            self._river(type_, row),
            self._plant(node),
        )

    def _row(self, type_: str, id_: str) -> int:
        if type_ not in self._rows:
            ids = self._state.network.table(type_).ids
            self._rows[type_] = {str(name): row for row, name in enumerate(ids)}
        return self._rows[type_].get(id_, -1)

    def _node(self, type_: str, id_: str) -> int:
        """Return the node above which its water enters: of a link its upper end, of a meter what it is on."""
        table = self._state.network.table(type_)
        on = str(table.column("on_id")[self._row(type_, id_)] or "") if "on_id" in table.fields else ""
        node, link = self._state.topology.find(on or id_)
        if node >= 0 or link < 0:
            return int(node)
        return int(self._state.topology.link_from[link])

    @cached_property
    def _sewage(self) -> Floats | None:
        """Return by preorder the share of all sewage, summed from the first node on. (N + 1,)"""
        sources = sources_of(self._state)
        return self._summed(sources.node, sources.sewage, share=True)

    @cached_property
    def _people(self) -> Floats | None:
        sources = sources_of(self._state)
        return self._summed(sources.node, sources.people, share=False)

    def _summed(self, node: Ints, value: Floats, *, share: bool) -> Floats | None:
        known = node >= 0
        total = float(value[known].sum())
        if total <= 0:
            return None
        topology = self._state.topology
        at = np.bincount(node[known], weights=value[known], minlength=len(topology.node_ids))
        summed = np.concatenate([[0.0], np.cumsum(at[topology.node_order])])
        return summed / total if share else summed

    def _above(self, summed: Floats | None, node: int) -> float | None:
        if summed is None or node < 0:
            return None
        start = self._state.topology.order_start
        return float(sum(
            summed[start[high]] - summed[start[low]] for low, high in spans_above(self._state.topology, node)
        ))  # fmt: skip

    @cached_property
    def _banks(self) -> tuple[STRtree, Floats] | None:
        """Return the drawn reaches and half the width of each part. [m]"""
        reaches = self._state.network.table("reach")
        shapes = geometries_from(reaches.shapes, asset_type("reach").geometry)
        drawn = np.flatnonzero(np.array([shape is not None for shape in shapes], dtype=np.bool_))
        if not len(drawn):
            return None
        parts, owner = get_parts(shapes[drawn], return_index=True)
        return STRtree(parts), np.nan_to_num(reaches.column("width"))[drawn[owner]] / 2

    def _river(self, type_: str, row: int) -> float | None:
        if self._banks is None:
            return None
        if type_ not in self._centres:
            self._centres[type_] = centres(self._state.network.table(type_).shapes)
        where = self._centres[type_][row]
        if np.isnan(where).any():
            return None
        tree, half = self._banks
        near, away = tree.query_nearest(points(where), return_distance=True, all_matches=False)
        return max(0.0, float(away[0] - half[near[0]]))

    @cached_property
    def _below(self) -> npt.NDArray[np.signedinteger]:
        topology = self._state.topology
        return first_below(topology, topology.node_type == "plant")

    @cached_property
    def _fed(self) -> dict[str, float]:
        """Return what arrives at each plant over its target. [-]"""
        return {
            one.id: one.bod5 / one.threshold
            for one in plant_inflows(self._store, self._state)
            if not np.isnan(one.bod5) and one.threshold > 0
        }

    def _plant(self, node: int) -> float | None:
        below = int(self._below[node]) if node >= 0 else -1
        return self._fed.get(str(self._state.topology.node_ids[below])) if below >= 0 else None
