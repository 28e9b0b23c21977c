"""Where is the asset one looks for?"""

import numpy as np

from wenqu.network.geometry import centres
from wenqu.network.schema import asset_types
from wenqu.services.city_state import CityState

FOUND_AT_MOST = 30
ORDER = ("plant", "station", "outfall", "meter", "gauge", "zone", "reach", "source")


def search_assets(state: CityState, words: str) -> list[dict[str, object]]:
    """Return up to 30 assets whose id or name holds ``words``: whole ones, then beginnings, then the rest."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    found: list[tuple[int, int, str, str, int, str]] = []
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    for type_, table in state.network.tables.items():
        names = table.column("name")
        for row, id_ in enumerate(table.ids):
            name = names[row] or ""
            low = str(id_).casefold()
            if wanted in low or wanted in str(name).casefold():
                spelt = (low, str(name).casefold())
                closeness = 0 if wanted in spelt else 1 if any(x.startswith(wanted) for x in spelt) else 2
                found.append((closeness, ranks.get(type_, len(ORDER)), str(id_), type_, row, str(name)))
    found.sort()
    return [_hit(state, type_, row, id_, name) for _, _, id_, type_, row, name in found[:FOUND_AT_MOST]]


def _hit(state: CityState, type_: str, row: int, id_: str, name: str) -> dict[str, object]:
    kind = asset_types()[type_]
    shapes = state.network.table(type_).shapes.take(np.array([row]))
    at = centres(state.placed(shapes, "EPSG:4326"))[0]
    return {
        "type": type_,
        "id": id_,
        "name": name,
        "label": {"zh": kind.zh, "en": kind.en},
        "at": None if np.isnan(at).any() else [float(at[0]), float(at[1])],
    }
