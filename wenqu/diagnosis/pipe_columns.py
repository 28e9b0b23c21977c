"""How are the fields of conduits read in the order of the pipes?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.pipe_order import PipeOrder
from wenqu.network.model import Network
from wenqu.network.schema import asset_type
from wenqu.network.topology import Ints, Topology
from wenqu.network.traces import first_below

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pipes:
    """A network as pipes in preorder. n pipes, N nodes."""

    network: Network
    topology: Topology
    order: PipeOrder
    length: Floats  # (n,) [m]
    plant: Ints  # (n,) node of the plant it drains to, -1 for none
    counted: Mask  # (n,) gravity sewer that may take in water and drains to a plant or past a meter


def pipes(network: Network, topology: Topology, order: PipeOrder, metered: Mask | None = None) -> Pipes:
    """Return the pipes of a network with what every method asks of them.

    Parameters
    ----------
    metered
        Pipes above some meter, (n,): they count even when they reach no plant.
    """
    is_plant = topology.node_type == "plant"
    below = first_below(topology, is_plant)
    start = topology.link_from[order.link]
    plant = below[start] if len(start) else np.empty(0, np.int64)
    effluent = is_plant[start] if len(start) else np.empty(0, np.bool_)
    plant = np.where(effluent, -1, plant)
    whole = Pipes(network, topology, order, topology.link_length[order.link], plant, plant >= 0)
    gravity = np.isin(topology.link_type[order.link], ["conduit", "channel"])
    gravity &= text_column(whole, "pressure") != "pressure"
    reached = (plant >= 0) if metered is None else (plant >= 0) | (metered & ~effluent)
    return Pipes(network, topology, order, whole.length, plant, gravity & reached)


def number_column(there: Pipes, field: str) -> Floats:
    """Return a number field of conduits and channels by pipe, NaN elsewhere. (n,)"""
    found = np.full(len(there.order.link), np.nan)
    for name in ("conduit", "channel"):
        if field in {entry.name for entry in asset_type(name).fields}:
            mine = there.topology.link_type[there.order.link] == name
            rows = there.topology.link_row[there.order.link[mine]]
            found[mine] = there.network.table(name).column(field)[rows]
    return found


def text_column(there: Pipes, field: str) -> npt.NDArray[np.object_]:
    """Return a text field of conduits by pipe, None elsewhere. (n,)"""
    found = np.full(len(there.order.link), None, dtype=object)
    mine = there.topology.link_type[there.order.link] == "conduit"
    rows = there.topology.link_row[there.order.link[mine]]
    found[mine] = there.network.table("conduit").column(field)[rows]
    return found


def upstream_inverts(there: Pipes) -> Floats:
    """Return the invert of each pipe's upper end: its own level, else its manhole's. (n,) [m]"""
    node = there.topology.link_from[there.order.link]
    floor = np.full(len(there.topology.node_ids), np.nan)
    for name in set(there.topology.node_type.tolist()):
        fields = {entry.name for entry in asset_type(name).fields}
        mine = there.topology.node_type == name
        rows = there.topology.node_row[mine]
        table = there.network.table(name)
        level = table.column("invert_level")[rows] if "invert_level" in fields else np.full(len(rows), np.nan)
        if {"ground_level", "depth"} <= fields:
            dug = table.column("ground_level")[rows] - table.column("depth")[rows]
            level = np.where(np.isnan(level), dug, level)
        floor[mine] = level
    offset = np.nan_to_num(number_column(there, "from_offset"))
    own = number_column(there, "from_invert")
    return np.where(np.isnan(own), floor[node] + offset, own)
