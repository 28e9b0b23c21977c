"""Which users send clean water, which areas have no sewer, and which conduits take house connections?"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from wenqu.network.geometry import centres
from wenqu.services.asked_network import RETURNED
from wenqu.services.plan_waters import Evidence, plants_below, texts, upper_nodes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

INDUSTRY = ("industry", "industrial_park")
JOINED = ("", "connected", "unknown")  # states of a connection in which its water may be in the sewer
OF_NOTE = 1e-6  # [m³/s] less than this is nothing
FARTHEST = 2000.0  # [m] beyond it a blank area has a plant of its own, not a sewer


@dataclass(frozen=True, slots=True)
class Users:
    """Places where users' water is to be moved. n rows."""

    asset_type: str
    ids: list[str]
    package: list[str]
    plant: list[str]
    district: list[str]
    premises: Floats  # (n,)
    flow: Floats  # (n,) [m³/s]
    bod: Floats  # (n,) [kg/m³], NaN for that of the city's sewage or clean water
    reasons: tuple[tuple[str, ...], ...]


def laterals(known: Evidence) -> Floats:
    """Return how many users are on file whose connection runs into each conduit, in table order.

    A user connected to a manhole counts at the conduit by which that manhole is left.
    """
    users, conduits = known.network.table("source"), known.network.table("conduit")
    counts = Counter(str(name) for name in users.column("connects_to") if name)
    ids = texts(conduits.ids)
    found = np.array([counts.get(name, 0) for name in ids], dtype=np.float64)
    topology, start = known.topology, upper_nodes(known)
    if not len(ids):
        return found
    main = np.append(topology.main_link[topology.group], -1)[start]
    link = {str(name): place for place, name in enumerate(topology.link_ids)}
    own = np.array([link.get(name, -2) for name in ids], dtype=np.int64)
    at_node = np.array([counts.get(str(name), 0) for name in topology.node_ids] + [0], dtype=np.float64)
    return found + np.where(main == own, at_node[start], 0.0)


def clean_industries(known: Evidence) -> Users:
    """Return the industrial users whose registered BOD5 is so low that their water thins the sewage."""
    table = known.network.table("source")
    nodes = {str(name): place for place, name in enumerate(known.topology.node_ids)}
    links = {str(name): int(known.topology.link_to[k]) for k, name in enumerate(known.topology.link_ids)}
    joins, bod = texts(table.column("connects_to")), table.column("bod5")
    share = np.where(np.isnan(table.column("return_ratio")), RETURNED, table.column("return_ratio"))
    flow = np.nan_to_num(table.column("water_use")) * share
    node = np.array([nodes.get(name, links.get(name, -1)) for name in joins], dtype=np.int64)
    chosen = np.isin(texts(table.column("trade")), INDUSTRY) & (node >= 0) & (flow > OF_NOTE)
    chosen &= np.isin(texts(table.column("connection")), JOINED)
    chosen &= np.array([not value for value in table.column("closed_on")], dtype=np.bool_)
    chosen &= np.nan_to_num(bod, nan=np.inf) <= known.assumed.industry_bod
    rows = np.flatnonzero(chosen)
    plant = plants_below(known.topology)[node[rows]] if len(rows) else np.empty(0, object)
    ids = [str(name) for name in table.ids[rows]]
    return Users(
        "source",
        ids,
        [f"user:{name}" for name in ids],
        [str(name) for name in plant],
        list(texts(table.column("district"))[rows]),
        np.ones(len(rows)),
        flow[rows],
        bod[rows].astype(np.float64),
        tuple((f"user:{name}",) for name in ids),
    )


def blank_places(known: Evidence) -> Users:
    """Return the areas without a sewer, each at the sewer that it would be joined to."""
    conduits = known.network.table("conduit")
    plant = plants_below(known.topology)[upper_nodes(known)] if len(conduits) else np.empty(0, object)
    where = centres(conduits.shapes)
    foul = np.isin(texts(conduits.column("system")), ("sanitary", "combined"))
    usable = np.flatnonzero((plant != "") & foul & np.isfinite(where).all(axis=1))
    areas = [one for one in known.blank if one.sewage > OF_NOTE]
    if not areas or not len(usable):
        return Users("conduit", [], [], [], [], np.empty(0), np.empty(0), np.empty(0), ())
    middle = np.array(
        [shapely.get_coordinates(shapely.centroid(shapely.from_wkt(a.border)))[0] for a in areas]
    )
    far, near = cKDTree(where[usable]).query(middle)
    kept = [(area, int(usable[row])) for area, row, d in zip(areas, near, far, strict=True) if d <= FARTHEST]
    return Users(
        "conduit",
        [str(conduits.ids[row]) for _, row in kept],
        [f"blank:{area.id}" for area, _ in kept],
        [str(plant[row]) for _, row in kept],
        [area.asset for area, _ in kept],
        np.array([float(area.premises) for area, _ in kept]),
        np.array([area.sewage for area, _ in kept]),
        np.full(len(kept), np.nan),
        tuple((f"blank:{area.id}",) for area, _ in kept),
    )
