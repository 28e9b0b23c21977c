"""What is already drawn? Rows gathered one by one, for assets that are few."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from wenqu.examples.city.land import Floats
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, assets
from wenqu.network.schema import asset_type


@dataclass(slots=True)
class Draft:
    """Assets by type: id, shape in local coordinates and the fields that are known."""

    rows: dict[str, list[tuple[str, Floats, Mapping[str, object]]]] = field(default_factory=dict)

    def add(self, type_: str, id_: str, place: Floats, /, **fields: object) -> str:
        """Add one asset; a point is (2,), a line or ring (k, 2), nothing (0,). Return its id."""
        self.rows.setdefault(type_, []).append((id_, place, fields))
        return id_

    def count(self, type_: str) -> int:
        """Return how many assets of a type are drawn."""
        return len(self.rows.get(type_, []))

    def shape(self, type_: str, origin: Floats) -> Shapes:
        """Return the shapes of one type in the city's coordinate system."""
        shapes = [shape for _, shape, _ in self.rows.get(type_, [])]
        if asset_type(type_).geometry == "none" or not shapes:
            return Shapes.empty(len(shapes))
        if asset_type(type_).geometry == "point":
            return Shapes.points(np.array(shapes) + origin)
        starts = np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])]).astype(np.int64)
        return Shapes.lines(np.concatenate(shapes) + origin, starts)

    def table(self, type_: str, origin: Floats) -> Assets:
        """Return one type as a table of assets."""
        rows = self.rows.get(type_, [])
        known = sorted({name for _, _, fields in rows for name in fields})
        columns = {name: [fields.get(name) for _, _, fields in rows] for name in known}
        return assets(type_, [id_ for id_, _, _ in rows], columns, self.shape(type_, origin))
