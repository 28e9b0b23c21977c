"""Which parts of areas may drain elsewhere than the map says?

Every pipe is the root of what lies above it. Parts of one area that are about equally large and carry the
same areas cannot be told apart by meters: one stands for them all.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.map_questions import Part, Question
from wenqu.diagnosis.pipe_order import PipeOrder, distances_down
from wenqu.network.topology import Topology

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SIZES = (0.08, 0.17, 0.3, 0.45, 0.6, 0.75, 0.92)  # [-] of the area: borders between sizes that are told apart


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
    """Return what may be led elsewhere, each standing for those that look the same."""
    first, last, share = _shares(laid)
    found = _whole(asked, laid)
    carried = _carried(asked, laid, first, last)
    group = np.digitize(share, SIZES) - 1
    middle = np.append(0.5 * (np.array(SIZES[:-1]) + np.array(SIZES[1:])), 1.0)
    may = (group >= 0) & (group < len(SIZES) - 1) & asked.seen[laid.cell]
    may &= np.array([row is not None for row in carried])
    best: dict[tuple[int, int, tuple[int, ...]], int] = {}
    for pipe in np.flatnonzero(may).tolist():
        key = (int(laid.cell[pipe]), int(group[pipe]), carried[pipe] or ())
        if key not in best or abs(share[pipe] - middle[group[pipe]]) < abs(
            share[best[key]] - middle[group[pipe]]
        ):
            best[key] = pipe
    return found + [
        part_at(asked, laid, pipe, (int(first[pipe]), int(last[pipe])), float(share[pipe]), key[2])
        for key, pipe in best.items()
    ]


def part_at(
    asked: Question, laid: Laid, pipe: int, span: tuple[int, int], share: float, carried: tuple[int, ...]
) -> Part:
    """Return the part above one pipe, itself included."""
    cell = int(laid.cell[pipe])
    down = distances_down(laid.index)
    link = laid.order.link
    low = float(down[laid.index.link_to[link[pipe]]])
    inside = np.arange(*span)
    inside = inside[laid.cell[inside] == cell]
    weight = laid.made[inside] if laid.made[inside].sum() > 0 else laid.clean[inside] + 1e-30
    way = float((down[laid.index.link_from[link[inside]]] * weight).sum() / weight.sum()) - low
    return Part(
        cell, share, carried, max(way, 0.0), max(low - float(asked.ways.outlet[cell]), 0.0), root=pipe
    )


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


def _carried(asked: Question, laid: Laid, first: Ints, last: Ints) -> list[tuple[int, ...] | None]:
    """Return the areas that come in through each part, None where one of them is no single meter."""
    found: list[tuple[int, ...] | None] = [()] * len(first)
    by_area: dict[int, list[int]] = {}
    for one, other in zip(asked.graph.source.tolist(), asked.graph.target.tolist(), strict=True):
        by_area.setdefault(other, []).append(one)
    single = np.bincount(asked.graph.source, minlength=len(asked.inner)) == 1
    for area, above in by_area.items():
        pipes = np.flatnonzero(laid.cell == area)
        for pipe in pipes.tolist():
            inside = [one for one in above if first[pipe] <= laid.root[one] < last[pipe]]
            odd = any(not single[one] or asked.meter_of[one] < 0 for one in inside)
            found[pipe] = None if odd else tuple(inside)
    return found
