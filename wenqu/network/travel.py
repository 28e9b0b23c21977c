"""How long does water travel? The velocity of each link, and the quickest or shortest ways up and down."""

import heapq
from dataclasses import dataclass

import numba
import numpy as np

from wenqu.network.checks.whole import gravity, levels, numbers
from wenqu.network.forest import Floats
from wenqu.network.model import Network
from wenqu.network.topology import Ints, Topology

# Velocity against that of the just-full pipe (circular section, Manning, n constant): 0.40 when a tenth of
# the height is filled, 1.14 at the most (0.81 of the height). Chow, Open-Channel Hydraulics, 1959, fig. 6-5.
SLOWEST, QUICKEST = 0.40, 1.14
# Where neither slope nor bore is on file, and in pressure mains: between the least velocity of sewers
# (0.6 m/s at the design filling) and those of pressure mains (0.7 to 2.0 m/s), both GB 50014.
ASSUMED, ASSUMED_LOW, ASSUMED_HIGH = 0.7, 0.4, 2.0  # [m/s]
ROUGHNESS = 0.013  # [s/m^(1/3)] the default of the asset tables
GIVEN, FULL_FLOW, ASSUMPTION = 0, 1, 2
METHODS = ("given", "full_flow", "assumed")


@dataclass(frozen=True, slots=True)
class Travel:
    """What a drop needs for each link. L links."""

    seconds: Floats  # (L,) [s]
    low: Floats  # (L,) [s] the quickest that the method allows
    high: Floats  # (L,) [s]
    velocity: Floats  # (L,) [m/s] NaN for what has no length
    method: Ints  # (L,) index into METHODS


def full_flow_velocity(height: Floats, slope: Floats, roughness: Floats) -> Floats:
    """Return the velocity of a circular pipe running just full, NaN where a value is missing. [m/s]

    Manning's equation with a hydraulic radius of a quarter of the height.

    Examples
    --------
    >>> full_flow_velocity(np.array([0.5]), np.array([0.003]), np.array([0.013])).round(3).tolist()
    [1.053]
    """
    with np.errstate(invalid="ignore"):
        sound = (height > 0) & (slope > 0) & (roughness > 0)
        speed = (height / 4) ** (2 / 3) * np.sqrt(np.where(sound, slope, 0)) / roughness
    return np.where(sound, speed, np.nan)


def travel(network: Network, topology: Topology, velocity: float | None = None) -> Travel:
    """Return how long water travels through each link.

    Parameters
    ----------
    velocity
        One velocity for every link; by default that of the just-full pipe. [m/s]
    """
    length = topology.link_length
    if velocity is not None:
        seconds = length / velocity
        speed = np.where(length > 0, velocity, np.nan)
        return Travel(seconds, seconds, seconds, speed, np.full(len(length), GIVEN))
    heights = levels(network, topology)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (heights.link_from - heights.link_to) / length
    slope = np.where(np.isnan(slope), numbers(network, "link", "slope"), slope)
    rough = numbers(network, "link", "roughness")
    bore = numbers(network, "link", "height")
    full = full_flow_velocity(bore, slope, np.where(np.isnan(rough), ROUGHNESS, rough))
    known = np.isfinite(full) & gravity(network, topology)
    speed = np.where(known, full, ASSUMED)
    fast = np.where(known, full * QUICKEST, ASSUMED_HIGH)
    slow = np.where(known, full * SLOWEST, ASSUMED_LOW)
    return Travel(
        length / speed,
        length / fast,
        length / slow,
        np.where(length > 0, speed, np.nan),
        np.where(known, FULL_FLOW, ASSUMPTION),
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """The cheapest ways from one node to all that it reaches, nearest first. k nodes."""

    nodes: Ints  # (k,)
    link: Ints  # (k,) the last link of the way, -1 for the node itself
    before: Ints  # (k,) place in ``nodes`` of the node before
    cost: Floats  # (k,)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _cheapest(
    node: int, csr: tuple[Ints, Ints], other: Ints, cost: Floats, end: int
) -> tuple[Ints, Ints, Ints, Floats]:
    start, links = csr
    place = {np.int64(-1): np.int64(-1)}
    nodes, last, before, total = [np.int64(0)], [np.int64(0)], [np.int64(0)], [0.0]
    nodes.clear()
    last.clear()
    before.clear()
    total.clear()
    heap = [(0.0, np.int64(node), np.int64(-1), np.int64(-1))]
    while heap:
        so_far, here, link, came = heapq.heappop(heap)
        if here in place:
            continue
        place[here] = np.int64(len(nodes))
        nodes.append(here)
        last.append(link)
        before.append(came)
        total.append(so_far)
        if here == end:
            break
        for at in range(start[here], start[here + 1]):
            there = np.int64(other[links[at]])
            if there >= 0 and there not in place:
                heapq.heappush(heap, (so_far + cost[links[at]], there, np.int64(links[at]), place[here]))
    return np.array(nodes), np.array(last), np.array(before), np.array(total)


def ways_down(topology: Topology, node: int, cost: Floats, end: int = -1) -> Ways:
    """Return the cheapest ways from a node down to all that it reaches, or only as far as ``end``."""
    csr = (topology.out_start, topology.out_link)
    return Ways(*_cheapest(node, csr, topology.link_to, cost, end))


def ways_up(topology: Topology, node: int, cost: Floats) -> Ways:
    """Return the cheapest ways to a node from all that lies above it."""
    csr = (topology.in_start, topology.in_link)
    return Ways(*_cheapest(node, csr, topology.link_from, cost, -1))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _summed(link: Ints, before: Ints, value: Floats) -> Floats:
    total = np.zeros(len(link))
    for place in range(len(link)):
        if link[place] >= 0:
            total[place] = total[before[place]] + value[link[place]]
    return total


def along(ways: Ways, value: Floats) -> Floats:
    """Return the sum of a value of the links along each way. (k,)"""
    found: Floats = _summed(ways.link, ways.before, value)
    return found


def way_to(ways: Ways, node: int) -> tuple[Ints, Ints]:
    """Return (nodes, links) of the way to a node in order; empty when there is none."""
    found = np.flatnonzero(ways.nodes == node)
    places = [int(found[0])] if len(found) else []
    while places and ways.before[places[-1]] >= 0:
        places.append(int(ways.before[places[-1]]))
    order = np.array(places[::-1], dtype=np.int64)
    return ways.nodes[order], ways.link[order[1:]]
