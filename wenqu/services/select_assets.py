"""Which assets lie in what was drawn on the map? All of them, not only those that the screen shows."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from wenqu.errors import BadInput, UnknownAsset
from wenqu.network.formats.registry import format_of
from wenqu.network.geometry import Shapes, bounds, geometries_from
from wenqu.network.model import Assets, Network, link_lengths
from wenqu.network.schema import asset_type, asset_types
from wenqu.services.city_state import CityState

KEPT = 64  # selections held in memory; an older one is drawn again
MOST_CORNERS = 10_000
Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen at one time: ids by type."""

    id: str
    city: str
    account: str
    ids: dict[str, tuple[str, ...]]


class Selections:
    """The last selections of everybody. Safe to share between threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: OrderedDict[str, Selection] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, city: str, account: str, ids: dict[str, tuple[str, ...]]) -> Selection:
        """Keep ids as a selection; the same ids of the same person get the same name."""
        text = repr((city, account, sorted(ids.items())))
        made = Selection(hashlib.sha256(text.encode()).hexdigest()[:12], city, account, ids)
        with self._lock:
            self._kept[made.id] = made
            self._kept.move_to_end(made.id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def of(self, city: str, account: str, id_: str) -> Selection:
        """Return a selection of a person.

        Raises
        ------
        UnknownAsset
            It is no longer kept, or is somebody else's.
        """
        with self._lock:
            made = self._kept.get(id_)
        if made is None or (made.city, made.account) != (city, account):
            raise UnknownAsset("selection", id=id_)
        return made


def ids_inside(state: CityState, ring: Ring, types: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Return the ids of the assets that meet a ring (longitude, latitude), by type.

    Raises
    ------
    BadInput
        The ring has fewer than three corners, too many, or crosses itself.
    """
    if not 3 <= len(ring) <= MOST_CORNERS:
        raise BadInput("ring", corners=len(ring), most=MOST_CORNERS)
    corners = np.array(ring, dtype=np.float64)
    if not np.isfinite(corners).all():
        raise BadInput("ring", corners=len(ring), most=MOST_CORNERS)
    area = shapely.Polygon(corners)
    if not area.is_valid:
        raise BadInput("ring-crossed")
    shapely.prepare(area)
    found = {}
    for name, table in state.network.tables.items():
        if (types and name not in types) or not len(table.shapes.coords):
            continue
        rows = _inside(state.placed(table.shapes, "EPSG:4326"), asset_type(name).geometry, area)
        if len(rows):
            found[name] = tuple(table.ids[rows].tolist())
    return found


def _inside(shapes: Shapes, geometry: str, area: shapely.Polygon) -> np.ndarray:
    """Return the rows that meet an area: boxes first, then the true shapes of those that are near."""
    west, south, east, north = area.bounds
    boxes = bounds(shapes)
    near = np.flatnonzero(
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    )
    made = geometries_from(shapes.take(near), geometry)
    meets: np.ndarray = near[shapely.intersects(area, made)]
    return meets


def chosen(state: CityState, ids: dict[str, tuple[str, ...]]) -> dict[str, Assets]:
    """Return the tables of the assets that a selection names and the reader sees."""
    tables = {}
    for name, wanted in ids.items():
        table = state.network.table(name)
        rows = np.flatnonzero(np.isin(table.ids.astype(str), np.array(wanted, dtype=str)))
        if len(rows):
            tables[name] = table.take(rows)
    return tables


def count_selection(state: CityState, made: Selection) -> dict[str, object]:
    """Return what a selection holds: counts by type, lengths by kind of water. [m]"""
    tables = chosen(state, made.ids)
    lengths: dict[str, float] = {}
    for name, table in tables.items():
        if asset_type(name).role != "link":
            continue
        known = {entry.name for entry in asset_type(name).fields}
        systems = table.column("system") if "system" in known else np.full(len(table), None, object)
        for system, length in zip(systems, np.nan_to_num(link_lengths(table)), strict=True):
            lengths[system or "other"] = lengths.get(system or "other", 0.0) + float(length)
    return {
        "id": made.id,
        "total": sum(len(table) for table in tables.values()),
        "counts": {name: len(tables[name]) for name in asset_types() if name in tables},
        "length_m": lengths,
    }


def export_selection(state: CityState, made: Selection, path: Path) -> list[Path]:
    """Write what a selection holds in the format that the ending of the path names."""
    tables = chosen(state, made.ids)
    network = Network(state.network.city, tables, state.network.as_of, state.network.version)
    return format_of(path).write(path, network)
