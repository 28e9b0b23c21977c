"""What do all nodes and all links say, in the order of the topology?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS

from wenqu.network.geometry import Floats, centres, line_lengths
from wenqu.network.model import Network, missing_column
from wenqu.network.schema import asset_type, types_of
from wenqu.network.topology import Topology

Flags = npt.NDArray[np.bool_]
Made = TypeVar("Made")
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Levels:
    """Heights of nodes and of the ends of links, NaN where not known."""

    invert: Floats  # (N,) [m]
    ground: Floats  # (N,) [m] the surveyed one, else invert plus depth
    link_from: Floats  # (L,) [m] invert of the upstream end
    link_to: Floats  # (L,) [m]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where nodes and links lie, NaN where they have no shape."""

    nodes: Floats  # (N, 2)
    first: Floats  # (L, 2) where the line starts
    last: Floats  # (L, 2)
    middle: Floats  # (L, 2)
    length: Floats  # (L,) [m]


class Whole:
    """One network with what several rules ask of it, each worked out once."""

    def __init__(self, network: Network, topology: Topology, known: Mapping[str, Any] | None = None) -> None:
        """Start with nothing worked out, or with what is known of the city of which this is a part."""
        self.network = network
        self.topology = topology
        self._kept: dict[str, Any] = dict(known or {})

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what ``make`` returns, made once for this network."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    @cached_property
    def drawn(self) -> Drawn:
        """Return where everything lies."""
        return drawn(self.network)

    @cached_property
    def levels(self) -> Levels:
        """Return the heights of nodes and ends."""
        return levels(self.network, self.topology)

    @cached_property
    def gravity(self) -> Flags:
        """Return which links water runs down by itself: no pressure main, no siphon. (L,)"""
        return gravity(self.network, self.topology)

    @cached_property
    def in_metres(self) -> bool:
        """Tell whether distances on the map are metres."""
        return in_metres(self.network)

    @cached_property
    def bore(self) -> Floats:
        """Return the height of every link, NaN where not known. (L,) [m]"""
        return numbers(self.network, "link", "height")

    @cached_property
    def system(self) -> Texts:
        """Return the kind of water of every link. (L,)"""
        return texts(self.network, "link", "system")

    @cached_property
    def node_system(self) -> Texts:
        """Return the kind of water of every node. (N,)"""
        return texts(self.network, "node", "system")

    def spans(self, role: str) -> dict[str, slice]:
        """Return where the nodes or links of each type stand in the topology."""
        found, at = {}, 0
        for type_ in types_of(role):
            found[type_] = slice(at, at + len(self.network.table(type_)))
            at = found[type_].stop
        return found

    def are(self, role: str, *types: str) -> Flags:
        """Return which nodes or links are of some types."""
        spans = self.spans(role)
        flags_ = np.zeros(max((span.stop for span in spans.values()), default=0), dtype=bool)
        for type_ in types:
            flags_[spans[type_]] = True
        return flags_

    def ends(self) -> tuple[Floats, Floats]:
        """Return where the two nodes of every link lie, NaN where not known. (L, 2) each"""
        nodes = np.vstack([self.drawn.nodes, [[np.nan, np.nan]]])
        return nodes[self.topology.link_from], nodes[self.topology.link_to]


def is_one_of(column: Texts, values: tuple[str, ...]) -> Flags:
    """Return which texts are one of some values."""
    found = pc.is_in(pa.array(column, pa.string()), pa.array(values, pa.string()))
    return np.asarray(found.to_numpy(zero_copy_only=False))


def numbers(network: Network, role: str, field: str) -> Floats:
    """Return a number of all nodes or links; NaN for types without that field."""
    return np.concatenate([np.empty(0), *_columns(network, role, field, "number")]).astype(np.float64)


def texts(network: Network, role: str, field: str) -> Texts:
    """Return a text or code of all nodes or links; None for types without that field."""
    return np.concatenate([np.empty(0, object), *_columns(network, role, field, "text")])


def given(column: npt.NDArray[Any]) -> Flags:
    """Return where a column has a value: not NaN, not None."""
    if column.dtype == object:
        there: Flags = pc.is_valid(pa.array(column, from_pandas=True)).to_numpy(zero_copy_only=False)
        return there
    return ~np.isnan(column.astype(np.float64))


def flags(network: Network, role: str, field: str) -> Flags:
    """Return where a yes-or-no field of all nodes or links says yes."""
    said = np.concatenate([np.empty(0, np.int8), *_columns(network, role, field, "boolean")])
    yes: Flags = said == 1
    return yes


def _columns(network: Network, role: str, field: str, kind: str) -> list[npt.NDArray[np.generic]]:
    columns = []
    for name in types_of(role):
        table = network.table(name)
        known = {entry.name for entry in asset_type(name).fields}
        columns.append(table.column(field) if field in known else missing_column(kind, len(table)))
    return columns


def levels(network: Network, topology: Topology) -> Levels:
    """Return the heights that the surveyed levels, depths and offsets amount to."""
    invert = numbers(network, "node", "invert_level")
    ground, depth = numbers(network, "node", "ground_level"), numbers(network, "node", "depth")
    invert = np.where(np.isnan(invert), ground - depth, invert)
    ends = []
    for side, node in (("from", topology.link_from), ("to", topology.link_to)):
        surveyed = numbers(network, "link", f"{side}_invert")
        offset = np.nan_to_num(numbers(network, "link", f"{side}_offset"))
        below = np.append(invert, np.nan)[node]  # node -1 takes the last one
        ends.append(np.where(np.isnan(surveyed), below + offset, surveyed))
    return Levels(invert, np.where(np.isnan(ground), invert + depth, ground), ends[0], ends[1])


def drawn(network: Network) -> Drawn:
    """Return where everything lies."""
    nodes = [np.empty((0, 2)), *(centres(network.table(name).shapes) for name in types_of("node"))]
    first, last, middle, length = [np.empty((0, 2))], [np.empty((0, 2))], [np.empty((0, 2))], [np.empty(0)]
    for name in types_of("link"):
        shapes = network.table(name).shapes
        start, end = shapes.parts[shapes.assets[:-1]], shapes.parts[shapes.assets[1:]]
        for into, place in ((first, start), (last, end - 1), (middle, (start + end) // 2)):
            found = np.full((len(shapes), 2), np.nan)
            found[end > start] = shapes.coords[place[end > start]]
            into.append(found)
        length.append(line_lengths(shapes))
    joined = [np.concatenate(part) for part in (nodes, first, last, middle)]
    return Drawn(joined[0], joined[1], joined[2], joined[3], np.concatenate(length))


def in_metres(network: Network) -> bool:
    """Tell whether distances on the map are metres: all but geographic coordinate systems."""
    return not (network.city.crs and CRS.from_user_input(network.city.crs).is_geographic)


def gravity(network: Network, topology: Topology) -> Flags:
    """Return which links water runs down by itself: conduits without pressure or siphon, channels."""
    pressed = is_one_of(texts(network, "link", "pressure"), ("pressure",))
    pressed |= is_one_of(texts(network, "link", "shape"), ("force_main",))
    by_type = Whole(network, topology).are("link", "conduit", "channel")
    return by_type & ~pressed & ~flags(network, "link", "siphon")
