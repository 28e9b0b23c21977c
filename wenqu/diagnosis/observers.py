"""Which readings stand at which place of the network?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.pipe_order import PipeOrder, above_link, above_node, side_flows
from wenqu.issues import Issue, Weight
from wenqu.network.model import Network
from wenqu.network.topology import Topology

TRACERS = ("bod5", "cod", "nh3n", "conductivity")


@dataclass(frozen=True, slots=True)
class Observer:
    """A place with readings: a meter, or a station or plant that reports by itself."""

    id: str  # of the meter; of the station or plant when it has no meter
    type: str  # meter | station | plant
    on_type: str  # type of the asset whose flow it is
    on_id: str
    series: tuple[tuple[str, str], ...]  # (quantity, asset id of the series)
    node: int  # node in whose subtree all measured water enters, -1 when it is no cut of the forest
    first: int  # interval of pipes above it
    last: int
    flow_error: float  # [-]
    bias_error: float  # [-]

    @property
    def placed(self) -> bool:
        """Whether its flow is the sum of everything above one place."""
        return self.node >= 0

    def asset_of(self, quantity: str) -> str:
        """Return the asset under which a quantity of this place is stored, "" for none."""
        return dict(self.series).get(quantity, "")


def observers(
    network: Network, topology: Topology, order: PipeOrder, stored: Iterable[tuple[str, str]]
) -> tuple[tuple[Observer, ...], tuple[Issue, ...]]:
    """Return the places with flow readings and what is wrong with the others.

    Parameters
    ----------
    stored
        (asset, quantity) of every series in the archive.

    Notes
    -----
    A meter's readings stand under its own id, or under that of the asset it is on. A station or
    plant with readings of its own and no meter is a place too. Of several meters on one asset the one
    with flow readings of its own comes first and the others are kept beside it.
    """
    known: dict[str, set[str]] = {}
    for asset, quantity in stored:
        known.setdefault(asset, set()).add(quantity)
    table = network.table("meter")
    found: list[Observer] = []
    issues: list[Issue] = []
    taken: set[str] = set()
    errors = [
        np.where(np.isnan(table.column(name)), default(name), table.column(name))
        for name in ("flow_error", "bias_error")
    ]
    for row, id_ in enumerate(table.ids):
        on_id = str(table.column("on_id")[row] or "")
        series = _series(known, str(id_), on_id)
        place = _place(topology, order, on_id)
        if place is None:
            issues.append(_issue("diagnosis.meter-on-unknown", str(id_), on=on_id))
            place = ("", -1, 0, 0)
        taken.add(on_id)
        if "flow" not in dict(series):
            issues.append(_issue("diagnosis.meter-without-readings", str(id_), on=on_id))
            continue
        if place[0] and place[1] < 0:
            issues.append(_issue("diagnosis.meter-no-cut", str(id_), on=on_id))
        found.append(
            Observer(str(id_), "meter", place[0], on_id, series, *place[1:], errors[0][row], errors[1][row])
        )
    for name in ("station", "plant"):
        for id_ in network.table(name).ids:
            if str(id_) in taken or "flow" not in known.get(str(id_), ()):
                continue
            place = _place(topology, order, str(id_))
            if place is not None:
                series = _series(known, str(id_), "")
                given = (default("flow_error"), default("bias_error"))
                found.append(Observer(str(id_), name, name, str(id_), series, *place[1:], *given))
    issues += [
        _issue("diagnosis.meter-side-flows", entry.id, count=count)
        for entry in found
        if entry.placed and (count := side_flows(topology, entry.node))
    ]
    return tuple(found), tuple(issues)


def _issue(code: str, id_: str, **facts: object) -> Issue:
    return Issue(code, Weight.DOUBT, "meter", id_, facts={"meter": id_, **facts})


def _series(known: dict[str, set[str]], id_: str, on_id: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for quantity in ("flow", *TRACERS):
        owner = next((asset for asset in (id_, on_id) if quantity in known.get(asset, ())), "")
        if owner:
            pairs.append((quantity, owner))
    return tuple(pairs)


def _place(topology: Topology, order: PipeOrder, on_id: str) -> tuple[str, int, int, int] | None:
    """Return type, node and interval of what a meter is on; node -1 when it is no cut, None if unknown."""
    there = np.flatnonzero(topology.node_ids == on_id)
    if len(there):
        node = int(there[0])
        return str(topology.node_type[node]), node, *above_node(order, topology, node)
    links = np.flatnonzero(topology.link_ids == on_id)
    if not len(links):
        return None
    link = int(links[0])
    span = above_link(order, topology, link)
    if span is None:
        return str(topology.link_type[link]), -1, 0, 0
    return str(topology.link_type[link]), int(topology.link_from[link]), *span


def metered(found: tuple[Observer, ...], pipes: int) -> npt.NDArray[np.bool_]:
    """Return which pipes lie above some placed meter. (n,)"""
    inside = np.zeros(pipes, dtype=np.bool_)
    for entry in found:
        inside[entry.first : entry.last] = True
    return inside
