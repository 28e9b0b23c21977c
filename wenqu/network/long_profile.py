"""How does a way through the network look from the side? Ground, inverts, crowns, slopes, by distance."""

from dataclasses import dataclass, field

import numpy as np

from wenqu.network.checks.whole import Levels, gravity, numbers, texts
from wenqu.network.model import Network
from wenqu.network.topology import Ints, Topology


@dataclass(frozen=True, slots=True)
class Stop:
    """One node on the way. NaN where a level is not known."""

    type: str
    id: str
    name: str
    distance: float  # [m] from the start of the way
    ground: float  # [m]
    invert: float  # [m] lowest of the node and the pipes that meet here


@dataclass(frozen=True, slots=True)
class Stretch:
    """One link on the way."""

    type: str
    id: str
    start: float  # [m] from the start of the way
    end: float  # [m]
    from_invert: float  # [m]
    to_invert: float  # [m]
    height: float  # [m] bore or height of the section
    slope: float  # [-] positive downstream
    adverse: bool  # a gravity pipe that rises
    system: str = ""
    material: str = ""
    pressed: bool = False

    def invert_at(self, distance: float) -> float:
        """Return the invert between both ends, at a distance from the start of the way. [m]"""
        share = (distance - self.start) / max(self.end - self.start, 1e-9)
        return self.from_invert + share * (self.to_invert - self.from_invert)


@dataclass(frozen=True, slots=True)
class Mark:
    """A defect at its place."""

    link: str
    distance: float  # [m] from the start of the way
    length: float  # [m] along the pipe
    code: str
    level: int
    at: str = ""  # ISO date of the inspection


@dataclass(frozen=True, slots=True)
class Water:
    """A water level at its place."""

    asset: str
    distance: float  # [m]
    level: float  # [m]
    at: str = ""  # ISO time


@dataclass(frozen=True, slots=True)
class LongProfile:
    """A way from the side."""

    stops: tuple[Stop, ...]
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...] = field(default=())
    waters: tuple[Water, ...] = field(default=())
    simulated: bool = False

    @property
    def length(self) -> float:
        """Length of the way. [m]"""
        return self.stops[-1].distance if self.stops else 0.0


def long_profile(
    network: Network, topology: Topology, heights: Levels, way: tuple[Ints, Ints]
) -> LongProfile:
    """Return the profile of a way of nodes and links in order, without defects and water levels."""
    nodes, links = way
    bore = numbers(network, "link", "height")
    slope = numbers(network, "link", "slope")
    system, material = texts(network, "link", "system"), texts(network, "link", "material")
    runs_down = gravity(network, topology)
    at = np.concatenate([[0.0], np.cumsum(topology.link_length[links])])
    stretches = []
    for place, link in enumerate(links):
        first, last = float(heights.link_from[link]), float(heights.link_to[link])
        length = float(topology.link_length[link])
        fall = (first - last) / length if length > 0 and first == first and last == last else slope[link]  # noqa: PLR0124 - NaN
        stretches.append(
            Stretch(
                str(topology.link_type[link]),
                str(topology.link_ids[link]),
                float(at[place]),
                float(at[place + 1]),
                first,
                last,
                float(bore[link]),
                float(fall),
                bool(runs_down[link] and fall < 0),
                str(system[link] or ""),
                str(material[link] or ""),
                not runs_down[link],
            )
        )
    stops = []
    for place, node in enumerate(nodes):
        around = [float(heights.invert[node])]
        around += [stretches[place - 1].to_invert] if place else []
        around += [stretches[place].from_invert] if place < len(stretches) else []
        known = [level for level in around if level == level]  # noqa: PLR0124 - NaN
        type_, row = str(topology.node_type[node]), int(topology.node_row[node])
        names = network.table(type_).column("name")
        stops.append(
            Stop(
                type_,
                str(topology.node_ids[node]),
                str(names[row] or ""),
                float(at[place]),
                float(heights.ground[node]),
                min(known, default=float("nan")),
            )
        )
    return LongProfile(tuple(stops), tuple(stretches), simulated=network.city.simulated)
