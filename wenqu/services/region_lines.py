"""How is a set of likely pipes drawn: lines with a weight, only those that the reader may see?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.network.geometry import geometries_from
from wenqu.services.city_state import CityState

DEGREES = "EPSG:4326"


def region_lines(
    whole: CityState, seen: CityState, places: npt.NDArray[np.int64], density: npt.NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Return the pipes by which places drain as GeoJSON features, weighted against the densest.

    Parameters
    ----------
    whole, seen
        The city as it is, and as the reader may see it.
    places
        Of the search tree.
    density
        Belief per metre at each of them.
    """
    topology = whole.topology
    links = topology.main_link[np.argsort(topology.tin)[places]]
    weights = density / max(float(density.max(initial=0.0)), 1e-300)
    rows: list[dict[str, Any]] = []
    for link, weight in zip(links.tolist(), weights.tolist(), strict=True):
        id_ = str(topology.link_ids[link]) if link >= 0 else ""
        type_ = str(topology.link_type[link]) if link >= 0 else ""
        row = seen.network.known_row(type_, id_) if link >= 0 else None
        if row is not None:
            rows.append({"type": type_, "id": id_, "row": row, "weight": round(weight, 4)})
    return _lines(seen, rows)


def _lines(seen: CityState, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for type_ in dict.fromkeys(row["type"] for row in rows):
        some = [row for row in rows if row["type"] == type_]
        taken = seen.network.table(type_).shapes.take(np.array([row["row"] for row in some], np.int64))
        shapes = geometries_from(seen.placed(taken, DEGREES), "line")
        for row, line in zip(some, shapes, strict=True):
            if line is None or line.geom_type != "LineString":
                continue
            at = np.round(np.asarray(line.coords), 7).tolist()
            found.append({
                "type": "Feature",
                "properties": {"type": type_, "id": row["id"], "weight": row["weight"]},
                "geometry": {"type": "LineString", "coordinates": at},
            })  # fmt: skip
    return found
