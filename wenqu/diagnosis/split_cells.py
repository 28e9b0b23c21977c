"""Into which cells do meters, places where the water divides, and tanks cut a network?

Every pipe follows the way down to the first meter, tank or place where the water divides for good: a place
whose branches come to different meters. Branches that meet again before any meter are no split. Loops are
one place each. One pass over the links, from the ends of the network up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.cell_graph import TANK_ERROR, CellGraph, bottom_up, stick_prior
from wenqu.diagnosis.pipe_order import PipeOrder, distances_down
from wenqu.network.topology import Topology

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
OUT = -1  # the way ends at no meter
MOST = 40  # places at which the water divides; of more, those with the most pipes above


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a meter stands: at the upper end of a link, or in a node."""

    link: int  # -1: in the node
    node: int


@dataclass(frozen=True, slots=True)
class Split:
    """A place where the water divides."""

    node: str  # where it stands, one of the loop's nodes when it is a loop
    links: tuple[str, ...]  # ids of the branches
    stick: int  # number of its first stick
    cell: int  # the cell whose water divides here
    node_type: str


@dataclass(frozen=True, slots=True)
class SplitCells:
    """The cells of a network. n pipes in order, A cells of which the last has no way on."""

    graph: CellGraph
    cell: Ints  # (n,) of the pipe's own clean water
    source: Ints  # (n,) of the sewage that enters at its upper node
    outlet: Floats  # (A,) [m] from the cell's lower end by the main way to the end of its network
    splits: tuple[Split, ...]
    left_out: int  # places where the water divides that were too many


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _next(
    group: int, links: tuple[Ints, Ints, Ints], out_at: Ints, out: Ints, key: Ints, comes: Ints
) -> tuple[bool, int]:
    """Return whether the branches of a group come to different cells, and where its main way comes to."""
    _, end, main = links
    several, before, by_main = False, -2, -2
    for at in range(out_at[group], out_at[group + 1]):
        link = out[at]
        goes = key[link] if key[link] >= 0 else comes[end[link]]
        several = several or before not in (-2, goes)
        before = goes
        if link == main[group]:
            by_main = goes
    return several, by_main


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _follow(
    links: tuple[Ints, Ints, Ints], at_group: tuple[Ints, Ints, Ints, Ints], keys: tuple[Ints, Ints, int],
    allowed: Mask,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return what each group comes to first, and the groups where the water divides, from the ends up."""
    start = links[0]
    out_at, out, in_at, into = at_group
    key, tank, first = keys
    groups = len(links[2])
    comes = np.full(groups, -1, np.int64)
    waiting = np.zeros(groups, np.int64)
    for group in range(groups):
        waiting[group] = out_at[group + 1] - out_at[group]
    ready = np.empty(groups, np.int64)
    tail = 0
    for group in range(groups):
        if waiting[group] == 0:
            ready[tail] = group
            tail += 1
    split = np.empty(groups, np.int64)
    count = 0
    place = 0
    while place < tail:
        group = ready[place]
        place += 1
        if out_at[group + 1] > out_at[group]:
            several, one = _next(group, links, out_at, out, key, comes)
            if several and allowed[group]:
                one = first + count
                split[count] = group
                count += 1
            comes[group] = one
        if tank[group] >= 0:
            comes[group] = tank[group]
        for at in range(in_at[group], in_at[group + 1]):
            above = start[into[at]]
            waiting[above] -= 1
            if waiting[above] == 0:
                ready[tail] = above
                tail += 1
    return comes, split[:count]


def split_cells(
    index: Topology, order: PipeOrder, meters: Sequence[Spot], tanks: Mapping[int, float], weight: Floats
) -> SplitCells | None:
    """Return the cells, None when neither a split nor a tank asks for them: then intervals do.

    Parameters
    ----------
    meters
        Where each meter stands; a link must not lie inside a loop. (M,)
    tanks
        Seconds that water stays, by node.
    weight
        How much water each link takes where the water divides, in parts; 0: none in dry weather. (L,)
    """
    start, end = _groups(index, weight)
    metered = np.unique(np.array([spot.link for spot in meters if spot.link >= 0], dtype=np.int64))
    stops = {int(index.group[spot.node]): 0.0 for spot in meters if spot.link < 0}
    stops |= {int(index.group[node]): seconds for node, seconds in tanks.items()}
    held = np.full(len(index.parent), -1, dtype=np.int64)
    held[list(stops)] = len(metered) + np.arange(len(stops))
    key = np.full(len(start), -1, dtype=np.int64)
    key[metered] = np.arange(len(metered))
    first = len(metered) + len(stops)
    size = index.tout - index.tin
    given = ((start, end, index.main_link), _leaving(start, end, len(held)), (key, held, first))
    comes, places = _follow(*given, np.ones(len(held), np.bool_))
    left_out = max(len(places) - MOST, 0)
    if left_out:
        chosen = np.zeros(len(held), np.bool_)
        chosen[places[np.argsort(-size[places], kind="stable")[:MOST]]] = True
        comes, places = _follow(*given, chosen)
    if not len(places) and not tanks:
        return None
    found = _Followed(index, start, end, key, comes, metered, stops, places)
    return _made(found, order, meters, weight, left_out)


def _groups(index: Topology, weight: Floats) -> tuple[Ints, Ints]:
    """Return the groups of both ends of each link that leads on, -1 where it does not."""
    known = (index.link_from >= 0) & (index.link_to >= 0)
    start = np.where(known, index.group[index.link_from], -1).astype(np.int64)
    end = np.where(known, index.group[index.link_to], -1).astype(np.int64)
    main = np.zeros(len(start), np.bool_)
    main[index.main_link[index.main_link >= 0]] = True
    leads = known & (start != end) & (main | (weight > 0))
    return np.where(leads, start, -1), np.where(leads, end, -1)


def _leaving(start: Ints, end: Ints, groups: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return links by the group they leave and by the group they enter: starts, then links."""
    found = []
    for ends in (start, end):
        links = np.argsort(ends, kind="stable")
        found += [np.searchsorted(ends[links], np.arange(groups + 1)), links]
    return found[0], found[1], found[2], found[3]


@dataclass(frozen=True)
class _Followed:
    """A network whose every group knows what it comes to first."""

    index: Topology
    start: Ints  # (L,) group that each link leaves, -1 where it does not lead on
    end: Ints  # (L,)
    key: Ints  # (L,) cell that ends at the link
    comes: Ints  # (G,) cell that the water of a group comes to
    metered: Ints  # links with meters
    stops: dict[int, float]  # groups with a meter or a tank, and the seconds that water stays
    places: Ints  # groups where it divides

    @property
    def cells(self) -> int:
        """Return the number of cells; the last has no way on."""
        return len(self.metered) + len(self.stops) + len(self.places) + 1

    @cached_property
    def down(self) -> Floats:
        """Return the way from each group to the end of its network. (G,) [m]"""
        found = np.zeros(len(self.index.parent))
        found[self.index.group] = distances_down(self.index)  # one of a loop's nodes
        return found

    @cached_property
    def outlet(self) -> Floats:
        """Return the way from the lower end of each cell to the end of its network. (A,) [m]"""
        at = [*self.start[self.metered].tolist(), *self.stops, *self.places.tolist()]
        return np.append(self.down[np.array(at, dtype=np.int64)], 0.0)

    def onward(self, link: int) -> tuple[int, float]:
        """Return the cell that the water of a link comes to and how far its lower end is."""
        if self.key[link] >= 0:
            return int(self.key[link]), 0.0
        return self.below(link)

    def below(self, link: int) -> tuple[int, float]:
        """Return the cell below a link and how far its lower end is."""
        cell = int(self.comes[self.end[link]])
        way = self.index.link_length[link] + self.down[self.end[link]] - self.outlet[cell]
        return cell, max(float(way), 0.0)

    def leaving(self) -> dict[int, list[int]]:
        """Return the links that leave each place where the water stops or divides."""
        found: dict[int, list[int]] = {group: [] for group in [*self.stops, *self.places.tolist()]}
        for link in np.flatnonzero(np.isin(self.start, list(found))).tolist():
            found[int(self.start[link])].append(link)
        return found


def _made(
    there: _Followed, order: PipeOrder, meters: Sequence[Spot], weight: Floats, left_out: int
) -> SplitCells:
    """Write the graph down: a cell for each metered link, each stop, each split, and one beside all."""
    index, cells = there.index, there.cells
    stop_at = len(there.metered)
    split_at = stop_at + len(there.stops)
    leaving = there.leaving()
    dividing = {group: split_at + place for place, group in enumerate(there.places.tolist())}
    ways = [(place, *there.below(link), -1, 0, 1) for place, link in enumerate(there.metered.tolist())]
    for place, group in enumerate(there.stops):
        if group in dividing:
            ways.append((stop_at + place, dividing[group], 0.0, -1, 0, 1))
        elif index.main_link[group] >= 0:
            ways.append((stop_at + place, *there.onward(int(index.main_link[group])), -1, 0, 1))
    mean, sd, splits, stick = [np.empty(0)], [np.empty(0)], [], 0
    for group, cell in dividing.items():
        links = leaving[group]
        thought = stick_prior(np.maximum(weight[links], 1e-9))
        ways += [(cell, *there.onward(link), stick, branch, len(links)) for branch, link in enumerate(links)]
        at = index.link_from[index.main_link[group]]
        names = tuple(str(index.link_ids[link]) for link in links)
        splits.append(Split(str(index.node_ids[at]), names, stick, cell, str(index.node_type[at])))
        mean.append(thought[0])
        sd.append(thought[1])
        stick += len(links) - 1
    tanks = np.array([stop_at + place for place, stay in enumerate(there.stops.values()) if stay > 0])
    seconds = np.array([stay for stay in there.stops.values() if stay > 0], dtype=np.float64)
    own = np.zeros((len(meters), cells), dtype=np.bool_)
    stopped = list(there.stops)
    for row, spot in enumerate(meters):
        on = there.key[spot.link] if spot.link >= 0 else stop_at + stopped.index(int(index.group[spot.node]))
        own[row, on] = True
    gone = np.array([way for way in ways if way[1] != OUT]).reshape(-1, 6)
    source, target, first, branch, branches = gone[:, [0, 1, 3, 4, 5]].astype(np.int64).T
    graph = CellGraph(
        source, target, gone[:, 2].astype(np.float64), first, branch, branches, own,
        bottom_up(source, target, cells), np.concatenate([*mean, np.log(seconds)]),
        np.concatenate([*sd, np.full(len(seconds), TANK_ERROR)]), tanks.astype(np.int64),
    )  # fmt: skip
    enters = there.comes[index.group[index.link_from[order.link]]]
    end, key = there.end[order.link], there.key[order.link]
    own_way = np.where(key >= 0, key, np.where(end >= 0, there.comes[end], enters))
    clean, foul = (np.where(found == OUT, cells - 1, found) for found in (own_way, enters))
    return SplitCells(graph, clean, foul, there.outlet, tuple(splits), left_out)
