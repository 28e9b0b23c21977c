"""Which parts of areas may drain elsewhere than the map says?

Every pipe is the root of what lies above it. Parts of one area that are about equally large and carry the
same areas cannot be told apart by meters: one stands for them all.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from wenqu.diagnosis.map_questions import Part, Question
from wenqu.diagnosis.pipe_order import PipeOrder, distances_down
from wenqu.network.topology import Topology

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
REACH = 100.0  # [m] between manholes that may be connected though nobody drew it
SIZES = (0.08, 0.17, 0.3, 0.45, 0.6, 0.75, 0.92)  # [-] of the area: borders between sizes that are told apart
MIDDLE = tuple(0.5 * (a + b) for a, b in pairwise(SIZES))
ALIKE = 4  # parts that look like one that is told
WHOLE = -2  # stands for a size: all that leaves an area


@dataclass(frozen=True, slots=True)
class Laid:
    """The n pipes in order, with the areas they belong to. A areas."""

    index: Topology
    order: PipeOrder
    cell: Ints  # (n,) as in the inversion
    made: Floats  # (n,) [m³/s] sewage that is expected
    clean: Floats  # (n,) [m³/s] clean water that is expected
    root: Ints  # (A,) pipe at the lower end of each area; -1 where there is none or water divides there


def parts_of(asked: Question, laid: Laid) -> list[Part]:
    """Return what may be led into any other area, each standing for those that look the same."""
    above = Above(asked, laid)
    like: dict[tuple[int, int, tuple[int, ...]], list[tuple[float, int]]] = {}
    for pipe in np.flatnonzero(above.size >= 0).tolist():
        carried = above.carried(pipe)
        if carried is not None:
            size = int(above.size[pipe])
            key = (int(laid.cell[pipe]), size, carried)
            like.setdefault(key, []).append((abs(float(above.share[pipe]) - MIDDLE[size]), pipe))
    return _whole(asked, laid) + [above.part(pipes, key[2]) for key, pipes in like.items()]


def parts_near(asked: Question, laid: Laid, at: Floats, reach: float = REACH) -> list[Part]:
    """Return what may be led into a manhole of another area nearby, each with the areas it may come to.

    Parameters
    ----------
    at
        Where each node lies, NaN where nobody knows. (N, 2) [m]
    reach
        How far the manhole may be. [m]
    """
    index, order = laid.index, laid.order
    main = index.main_link[index.group]
    pipe_of = np.where(main >= 0, order.place[main], -1)  # (N,) the pipe that leaves each node
    known = np.flatnonzero(np.isfinite(at).all(axis=1) & (pipe_of >= 0))
    if len(known) < 2:
        return []
    pairs = known[cKDTree(at[known]).query_pairs(reach, output_type="ndarray")]
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    one, other = pipe_of[pairs[:, 0]], pipe_of[pairs[:, 1]]
    above = Above(asked, laid)
    whole = {int(pipe): cell for cell, pipe in enumerate(laid.root.tolist()) if pipe >= 0}
    apart = laid.cell[one] != laid.cell[other]
    apart &= (other < above.first[one]) | (other >= above.last[one])
    apart &= (above.size[one] >= 0) | np.isin(one, list(whole))
    like: dict[tuple[int, int, tuple[int, ...], int], dict[int, tuple[float, float]]] = {}
    for (u, v), pipe, lands in zip(pairs[apart].tolist(), one[apart].tolist(), other[apart], strict=True):
        carried = () if pipe in whole else above.carried(pipe)
        if carried is None:
            continue
        to = int(laid.cell[lands])
        size = WHOLE if pipe in whole else int(above.size[pipe])
        way = float(np.hypot(*(at[u] - at[v])))
        key = (int(laid.cell[pipe]), size, carried, to)
        landing = way + max(float(above.down[v] - asked.ways.outlet[to]), 0.0)
        pipes = like.setdefault(key, {})
        pipes[pipe] = min(pipes.get(pipe, (np.inf, 0.0)), (way, landing))
    single = {part.root: part for part in _whole(asked, laid)}
    found = []
    for (_, size, carried, to), pipes in like.items():
        ranked = sorted((way, pipe) for pipe, (way, _) in pipes.items())
        nearest = ranked[0][1]
        part = single.get(nearest) if size == WHOLE else above.part(ranked, carried)
        if part is not None:
            found.append(replace(part, landing={to: pipes[nearest][1]}))
    return found


class Above:
    """What lies above each pipe: how much of its area, and which other areas."""

    def __init__(self, asked: Question, laid: Laid) -> None:
        self.asked, self.laid, self.down = asked, laid, distances_down(laid.index)
        self.first, self.last, self.share = _shares(laid)
        size = np.digitize(self.share, SIZES) - 1
        told = (size >= 0) & (size < len(SIZES) - 1) & asked.seen[laid.cell]
        self.size = np.where(told, size, -1)  # (n,) -1: too small, or nearly all
        self._single = np.bincount(asked.graph.source, minlength=len(asked.inner)) == 1
        self._above: dict[int, list[int]] = {}
        for one, other in zip(asked.graph.source.tolist(), asked.graph.target.tolist(), strict=True):
            self._above.setdefault(other, []).append(one)

    def carried(self, pipe: int) -> tuple[int, ...] | None:
        """Return the areas that come in above a pipe, None where one of them is no single meter's."""
        first, last = self.first[pipe], self.last[pipe]
        near = self._above.get(int(self.laid.cell[pipe]), [])
        inside = [one for one in near if first <= self.laid.root[one] < last]
        odd = any(not self._single[one] or self.asked.meter_of[one] < 0 for one in inside)
        return None if odd else tuple(inside)

    def part(self, pipes: list[tuple[float, int]], carried: tuple[int, ...]) -> Part:
        """Return the part above the first of some pipes that look alike, itself included."""
        ranked = [pipe for _, pipe in sorted(pipes)]
        pipe = ranked[0]
        laid = self.laid
        cell = int(laid.cell[pipe])
        down, link = self.down, laid.order.link
        low = float(down[laid.index.link_to[link[pipe]]])
        inside = np.arange(self.first[pipe], self.last[pipe])
        inside = inside[laid.cell[inside] == cell]
        weight = laid.made[inside] if laid.made[inside].sum() > 0 else laid.clean[inside] + 1e-30
        way = float((down[laid.index.link_from[link[inside]]] * weight).sum() / weight.sum()) - low
        rest = max(low - float(self.asked.ways.outlet[cell]), 0.0)
        share = float(self.share[pipe])
        return Part(cell, share, carried, max(way, 0.0), rest, root=pipe, alike=self._apart(ranked))

    def _apart(self, ranked: list[int]) -> tuple[int, ...]:
        """Return the next pipes of a list that lie neither above nor below one before them."""
        kept = [ranked[0]]
        for pipe in ranked[1:]:
            if len(kept) > ALIKE:
                break
            beside = [
                self.last[pipe] <= self.first[one] or self.last[one] <= self.first[pipe] for one in kept
            ]
            if all(beside):
                kept.append(pipe)
        return tuple(kept[1:])


def _whole(asked: Question, laid: Laid) -> list[Part]:
    """Return areas with a meter and one way on: all that leaves one may be led elsewhere."""
    ways = np.bincount(asked.graph.source, minlength=len(asked.inner))
    may = (ways == 1) & (asked.meter_of >= 0) & (laid.root >= 0)
    return [
        Part(cell, 1.0, (), float(asked.inner[cell]), 0.0, root=int(laid.root[cell]))
        for cell in np.flatnonzero(may).tolist()
    ]


def _shares(laid: Laid) -> tuple[Ints, Ints, Floats]:
    """Return the interval above each pipe and its share of its area; -1 beside the forest. (n,) each"""
    index, order = laid.index, laid.order
    group = index.group[index.link_from[order.link]]
    first, last = order.start[index.tin[group]], order.start[index.tout[group]]
    weight = laid.made if laid.made.sum() > 0 else laid.clean
    count = len(weight)
    key = laid.cell * count + np.arange(count)
    sort = np.argsort(key, kind="stable")
    walked = np.concatenate([[0.0], np.cumsum(weight[sort])])
    at = [np.searchsorted(key[sort], laid.cell * count + end) for end in (first, last)]
    whole = np.bincount(laid.cell, weight)[laid.cell]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (walked[at[1]] - walked[at[0]]) / whole
    share[index.main_link[group] != order.link] = np.nan
    return first, last, np.nan_to_num(share, nan=-1.0)
