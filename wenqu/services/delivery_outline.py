"""What does a delivery look like on a small map, before anything of it is in the city?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wenqu.network.geometry import Floats, Ints
from wenqu.network.model import Assets
from wenqu.services.city_state import CityState

DRAWN = 3000  # points and lines; of more, each n-th
CORNERS = 24  # of one line or ring
PLACES = 6  # decimals of a degree: 0.1 m


def outline(state: CityState, tables: Mapping[str, Assets]) -> dict[str, Any]:
    """Return points and lines of the assets as one collection of two features, in degrees.

    Of a large delivery a part is drawn, of a long line its main corners: it shows where and what it is.
    """
    total = sum(len(table.shapes.parts) - 1 for table in tables.values())
    step = max(-(-total // DRAWN), 1)
    pieces = [
        _corners(table.shapes.coords, table.shapes.parts, part)
        for table in tables.values()
        for part in range(0, len(table.shapes.parts) - 1, step)
    ]
    degrees = np.round(state.place(np.concatenate([np.empty((0, 2)), *pieces]), "EPSG:4326"), PLACES)
    drawn = np.split(degrees, np.cumsum([len(piece) for piece in pieces])[:-1]) if pieces else []
    drawn = [piece for piece in drawn if len(piece) and np.isfinite(piece).all()]
    lines = [piece.tolist() for piece in drawn if len(piece) > 1]
    points = [piece[0].tolist() for piece in drawn if len(piece) == 1]
    return {
        "type": "FeatureCollection",
        "features": [_feature("MultiLineString", lines), _feature("MultiPoint", points)],
    }


def _corners(coords: Floats, parts: Ints, part: int) -> Floats:
    first, last = int(parts[part]), int(parts[part + 1])
    rows = np.unique(np.linspace(first, last - 1, min(CORNERS, last - first)).astype(np.int64))
    return coords[rows]


def _feature(kind: str, coordinates: list[Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}
