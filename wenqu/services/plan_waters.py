"""What is known of a city's waters before its sewers are planned, and where does each come in?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.grading import Grade
from wenqu.network.model import Network
from wenqu.network.topology import Topology
from wenqu.network.traces import first_below
from wenqu.planning.assumptions import NOTHING_SET, Assumed
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules
from wenqu.records.blank_area import BlankArea
from wenqu.records.finding import Finding
from wenqu.services.diagnose_city import ConduitPosterior

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a city's sewers before a programme is made."""

    network: Network
    topology: Topology
    grades: Mapping[str, Grade]
    posterior: ConduitPosterior | None
    findings: tuple[Finding, ...]
    plants: Plants
    blank: tuple[BlankArea, ...] = ()  # areas that no sewer reaches
    assumed: Assumed = NOTHING_SET  # what no measurement says
    by_hand: Mapping[str, str] = field(default_factory=dict)  # conduit → package that somebody put it into


def clean_water(known: Evidence) -> tuple[dict[str, float], dict[str, float]]:
    """Return expected groundwater and river water of every conduit. [m³/s]"""
    if known.posterior is None:
        return {}, {}
    found = known.posterior
    return (
        dict(zip(found.ids, np.maximum(found.groundwater, 0.0).tolist(), strict=True)),
        dict(zip(found.ids, np.maximum(found.river, 0.0).tolist(), strict=True)),
    )


def back_doors(topology: Topology) -> dict[int, str]:
    """Return by which outfall the river may come back into each sewer: link → outfall id.

    A back door is a link from a node that drains to a plant to one that drains to an outfall; its water
    shows in the pipe by which the sewer goes on.
    """
    to_plant = first_below(topology, topology.node_type == "plant")
    to_outfall = first_below(topology, topology.node_type == "outfall")
    start, end = topology.link_from, topology.link_to
    known = (start >= 0) & (end >= 0)
    doors = known & (to_plant[start] >= 0) & (to_plant[end] < 0) & (to_outfall[end] >= 0)
    doors &= topology.node_type[start] != "plant"
    found: dict[int, str] = {}
    for link in np.flatnonzero(doors):
        pipe = int(topology.main_link[topology.group[start[link]]])
        if pipe >= 0:
            found.setdefault(pipe, str(topology.node_ids[to_outfall[end[link]]]))
    return found


def plants_below(topology: Topology) -> Texts:
    """Return the id of the plant below every node, "" for none; one more "" answers the index -1."""
    below = first_below(topology, topology.node_type == "plant")
    names = np.where(below >= 0, topology.node_ids[below], "") if len(below) else np.empty(0, dtype=object)
    return np.append(names, "").astype(object)


def conduit_links(known: Evidence) -> Ints:
    """Return the link of every conduit in the topology, in table order."""
    mine = np.flatnonzero(known.topology.link_type == "conduit")
    rows = np.empty(len(mine), dtype=np.int64)
    rows[known.topology.link_row[mine]] = mine
    return rows


def texts(column: npt.NDArray[np.object_]) -> Texts:
    """Return a column as texts, "" where it has none."""
    return np.array(["" if value is None else str(value) for value in column], dtype=object)


def upper_nodes(known: Evidence) -> Ints:
    """Return the upper node of every conduit, in table order."""
    return known.topology.link_from[conduit_links(known)]


def arriving_sewage(known: Evidence, rules: Rules) -> Floats:
    """Return the BOD5 of the sewage as it arrives at each plant. [kg/m³] (n,)

    (load - clean BOD5·clean flow) / (flow - clean flow), with the clean water of the posterior above the
    plant; rain stays in the sewage, so that the figure is on the safe side. 0 where nothing is measured.
    """
    return sewage_concentration(known, known.plants.load, rules.clean_bod)


def sewage_concentration(known: Evidence, load: Floats, clean: float) -> Floats:
    """Return the concentration of any pollutant in the sewage as it arrives at each plant. [kg/m³] (n,)

    Parameters
    ----------
    load
        What arrives at each plant in all. [kg/s] (n,)
    clean
        Concentration of the clean water. [kg/m³]
    """
    flow = known.plants.flow
    thin = _clean_flows(known)
    rest = np.where(np.isnan(flow) | (flow <= thin), np.inf, flow - thin)
    return np.nan_to_num(np.maximum((load - clean * thin) / rest, 0.0))


def _clean_flows(known: Evidence) -> Floats:
    """Return the clean water that reaches each plant, at most nine tenths of its flow. [m³/s] (n,)"""
    ground, river = clean_water(known)
    link, ids = conduit_links(known), known.network.table("conduit").ids
    start = known.topology.link_from[link]
    below = (
        np.where(start >= 0, plants_below(known.topology)[start], "") if len(link) else np.empty(0, object)
    )
    clean = np.array([ground.get(i, 0.0) + river.get(i, 0.0) for i in ids], dtype=np.float64)
    sums = np.array([float(clean[below == name].sum()) for name in known.plants.ids], dtype=np.float64)
    return np.minimum(sums, 0.9 * np.nan_to_num(known.plants.flow))
