"""What of an inversion is needed to ask whether its map is right, and what does another map make of it?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from wenqu.diagnosis.arriving_sewage import Sites, sites
from wenqu.diagnosis.cell_graph import CellGraph, bottom_up, tree_graph
from wenqu.diagnosis.joint_inversion import Inversion, settled
from wenqu.diagnosis.joint_rows import Heard, shape_error
from wenqu.diagnosis.joint_unknowns import (
    CITY_SPEED,
    GROUND,
    KINDS,
    RIVER,
    SEWAGE,
    Expected,
    Layout,
    Sizes,
    prior,
)
from wenqu.diagnosis.model_evidence import log_evidence
from wenqu.diagnosis.travelled_waves import Ways, harmonics, travel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Complexes = npt.NDArray[np.complex128]
SHARE_ERROR = 0.5  # of the logit of the share that moves: bills and leaks are not spread evenly
RARE = 2.0  # what is rare is let be this much more than thought, when many maps are screened
PASSES = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an area with all that drains through it."""

    cell: int  # the area
    share: float  # [-] of the area's own water; 1: all of it, and what leaves its lower end is led away
    carried: tuple[int, ...]  # areas above it whose water comes in through the part
    way: float  # [m] from the middle of the part to its lower end
    rest: float  # [m] from there to the lower end of the area
    landing: Mapping[int, float] | None = (
        None  # [m] by area it may drain to; None: any, landing in its middle
    )
    root: int = -1  # what the asker calls it by
    alike: tuple[int, ...] = ()  # roots of other parts that meters cannot tell from it


@dataclass(frozen=True, slots=True)
class Question:
    """An inversion whose map is questioned. A areas."""

    expected: Expected
    heard: Heard
    ways: Ways
    pattern: Floats  # (24,)
    sizes: Sizes
    found: Inversion
    graph: CellGraph
    inner: Floats  # (A,) [m] mean way of an area's sewage to its lower end
    drains: Mask  # (A, A) the area of a row drains through that of a column
    seen: Mask  # (A,) some meter sees its water
    meter_of: Ints  # (A,) a meter at its lower end, -1 for none
    length: Floats  # (A, A) [m] of the way from one area's lower end to that of the area below it


def question(
    expected: Expected, heard: Heard, ways: Ways, pattern: Floats, sizes: Sizes, found: Inversion
) -> Question:
    """Return an inversion with its areas as a graph."""
    graph = ways.graph or tree_graph(ways.above, ways.outlet, _own(ways))
    areas = ways.above.shape[1]
    weight = np.bincount(ways.area, ways.sewage, areas)
    inside = (ways.down - ways.outlet[ways.area]) * ways.sewage
    inner = np.bincount(ways.area, inside, areas) / np.where(weight > 0, weight, 1.0)
    drains = np.zeros((areas, areas), dtype=np.bool_)
    length = np.zeros((areas, areas))
    length[graph.source, graph.target] = graph.length
    below: list[list[int]] = [[] for _ in range(areas)]
    for one, other in zip(graph.source.tolist(), graph.target.tolist(), strict=True):
        below[one].append(other)
    for cell in graph.order.tolist():
        for other in below[cell]:
            drains[cell] |= drains[other]
            drains[cell, other] = True
    meter_of = np.full(areas, -1, dtype=np.int64)
    meters, cells = np.nonzero(graph.own)
    meter_of[cells] = meters
    seen = np.asarray(np.asarray(ways.above).astype(np.bool_).any(axis=0))
    told = replace(heard, loose=found.loose)
    return Question(expected, told, ways, pattern, sizes, found, graph, inner, drains, seen, meter_of, length)


def _own(ways: Ways) -> Mask:
    """Return which meter stands at the lower end of which area: the one that fewest areas drain through."""
    above = np.asarray(ways.above).astype(np.bool_)
    size = above.sum(axis=1)
    own = np.zeros(above.shape, dtype=np.bool_)
    for area in np.flatnonzero(above.any(axis=0)):
        meters = np.flatnonzero(above[:, area])
        own[meters[size[meters] == size[meters].min()], area] = True
    return own


@dataclass(frozen=True, slots=True)
class FlowRows:
    """The flow rows of an inversion, to try what a step of the flows would explain. M meters."""

    source: Complexes  # (A, ORDERS) the day of one unit of sewage
    arrived: Complexes  # (M, ORDERS) [m³/s] what the estimate lets arrive, without the meters' own errors
    error: Floats  # (M, ORDERS) [m³/s]
    known: Mask  # (M · (2 ORDERS - 1),)
    left: Floats  # (R,) covariance⁻¹ × (read - expected)
    inverse: Floats  # (R, R) covariance⁻¹

    def gain(self, step: Complexes, least: float) -> Floats:
        """Return the log likelihood ratio of steps of the flow, an upper bound of it where that is too small.

        (M, T, ORDERS) → (T,). The quadratic part only takes away, so most steps need the linear part alone.
        """
        scaled = step / np.where(np.isfinite(self.error), self.error, 1.0)[:, None]
        parts = np.concatenate([scaled.real, scaled[:, :, 1:].imag], axis=2)
        flat = parts.transpose(1, 0, 2).reshape(step.shape[1], -1)[:, self.known]
        found = np.asarray(flat @ self.left)
        likely = found > least
        found[likely] -= 0.5 * np.einsum(
            "tr,rs,ts->t", flat[likely], self.inverse, flat[likely], optimize=True
        )
        return found


def flow_rows(asked: Question) -> FlowRows:
    """Return the flow rows with what the other unknowns may explain of them taken into their covariance."""
    found, layout = asked.found, asked.found.layout
    theta, heard = found.theta, asked.heard
    source = harmonics(asked.pattern)
    thought = prior(asked.expected, layout, asked.sizes, source)
    there = travel(asked.ways, found.celerity, theta[layout.more] if layout.unsure else None)
    sewage = theta[layout.of(SEWAGE)][:, None] * source
    foul = np.einsum("mak,ak->mk", there.kept, sewage)
    arrived = foul.copy()
    arrived[:, 0] += there.share @ (theta[layout.of(GROUND)] + theta[layout.of(RIVER)])
    error = np.maximum(shape_error(heard, asked.sizes, arrived[:, 0], foul[:, 0]), 1e-15)
    read = np.concatenate([heard.mean[:, None], heard.waves], axis=1)
    fine = np.isfinite(read) & np.isfinite(error)
    known = np.concatenate([fine, fine[:, 1:]], axis=1).ravel()
    rows = found.rows.meter >= 0
    design = found.rows.design[rows]
    mean, precision = thought.mean.copy(), thought.precision.copy()
    bills = sites(asked.expected.made, asked.expected.made_cv, thought.floor)
    at = np.arange(layout.size)
    foul, river = at[layout.of(SEWAGE)], at[layout.of(RIVER)]
    mean[foul], precision[foul, foul] = bills.mean, 1 / bills.variance
    precision[river, river] /= RARE**2
    factor = cho_factor(design.T @ design + precision)
    inverse = np.eye(len(design)) - design @ cho_solve(factor, design.T)
    left = found.rows.left[rows] + design @ (theta - mean)
    day = np.broadcast_to(source, (layout.areas, len(source)))
    return FlowRows(np.asarray(day), arrived, error, known, inverse @ left, inverse)


def evidence_with(asked: Question, part: Part, to: int | None) -> tuple[float, Floats]:
    """Return the log density of the readings with a part led elsewhere, and the flows then. (4, A)

    Parameters
    ----------
    to
        The area it drains to; None: as the map has it, said in the same way, to compare.
    """
    if part.share >= 1:
        graph = asked.graph if to is None else _led(asked, part, to)
        areas = asked.found.layout.areas
    else:
        graph = _divided(asked, part, to)
        areas = asked.found.layout.areas + 1
    one, fresh = asked.expected, np.zeros(areas - asked.found.layout.areas)
    expected = replace(
        one, made=np.append(one.made, fresh), made_cv=np.append(one.made_cv, fresh + 1),
        ground=np.append(one.ground, fresh), river=np.append(one.river, fresh), more=graph.mean,
        more_sd=graph.sd,
    )  # fmt: skip
    share, _, through = graph.ways()
    outlet = np.append(asked.ways.outlet, asked.ways.outlet[part.cell])[:areas]
    ways = replace(asked.ways, above=share, outlet=outlet, through=through, graph=graph)
    start = _start(asked, expected, ways)
    wave = (asked.pattern, asked.found.celerity)
    found = settled(expected, asked.heard, ways, wave, asked.sizes, start, PASSES)
    return log_evidence(found, expected, asked.pattern, asked.sizes), found.mean


def _start(asked: Question, expected: Expected, ways: Ways) -> tuple[Floats, Sites]:
    """Return the estimate of the map as it is, for a graph with another area and another split."""
    was = asked.found.layout
    now = Layout(ways.above.shape[1], was.meters, was.tracers, ways.unsure)
    found = np.zeros(now.size)
    theta = asked.found.theta
    for kind in range(KINDS):
        found[now.of(kind)][: was.areas] = theta[was.of(kind)]
    kept = was.more.start - was.bias.start
    found[now.bias.start : now.bias.start + kept] = theta[was.bias.start : was.more.start]
    found[now.city(CITY_SPEED)] = 0.0  # the speed found is the one that is given
    found[now.more] = expected.more
    sticks = len(asked.graph.mean) - len(asked.graph.tank)
    fresh = now.unsure - was.unsure
    if was.unsure:
        found[now.more][:sticks] = theta[was.more][:sticks]
        found[now.more][sticks + fresh :] = theta[was.more][sticks:]
    bills = asked.found.bills
    if now.areas > was.areas:  # nobody is billed in the area that is new
        least = sites(np.zeros(1), np.ones(1), float(bills.error.min()) ** 2)
        bills = Sites(
            np.append(bills.billed, least.billed), np.append(bills.error, least.error),
            np.append(bills.mean, least.mean), np.append(bills.variance, least.variance),
            np.append(bills.heard, least.heard), np.append(bills.heard_variance, least.heard_variance),
            bills.scale,
        )  # fmt: skip
    return found, bills


def _led(asked: Question, part: Part, to: int) -> CellGraph:
    """Return the graph with all that leaves an area led into another one."""
    graph = asked.graph
    mine = graph.source == part.cell
    kept = np.flatnonzero(~mine)
    if mine.any():
        kept = np.sort(np.append(kept, np.flatnonzero(mine)[0]))
    return _ordered(
        replace(
            graph,
            source=graph.source[kept],
            target=np.where(mine[kept], to, graph.target[kept]),
            length=np.where(mine[kept], asked.inner[to], graph.length[kept]),
            split=np.where(mine[kept], -1, graph.split[kept]),
            branch=np.where(mine[kept], 0, graph.branch[kept]),
            branches=np.where(mine[kept], 1, graph.branches[kept]),
        )
    )


def _divided(asked: Question, part: Part, to: int | None) -> CellGraph:
    """Return the graph with a share of an area led away; a new last area has what was at its lower end."""
    graph, low = asked.graph, len(asked.inner)
    goes = low if to is None else to
    away = 0.0 if to is None else part.way + asked.inner[to] - asked.inner[part.cell]
    source = np.where(graph.source == part.cell, low, graph.source)
    target = np.where(graph.target == part.cell, low, graph.target)
    length = graph.length.copy()
    if to is not None:
        led = np.isin(graph.source, part.carried) & (graph.target == part.cell)
        target = np.where(led, to, target)
        length = np.where(led, np.maximum(length - part.rest, 0.0) + asked.inner[to], length)
    stick = len(graph.mean) - len(graph.tank)
    share = float(np.clip(part.share, 0.02, 0.98))
    own = np.concatenate([graph.own, graph.own[:, [part.cell]]], axis=1)
    own[:, part.cell] = False
    return _ordered(
        CellGraph(
            np.append(source, [part.cell, part.cell]), np.append(target, [goes, low]),
            np.append(length, [away, 0.0]), np.append(graph.split, [stick, stick]),
            np.append(graph.branch, [0, 1]), np.append(graph.branches, [2, 2]), own, graph.order,
            np.insert(graph.mean, stick, np.log(share / (1 - share))),
            np.insert(graph.sd, stick, SHARE_ERROR),
            np.where(graph.tank == part.cell, low, graph.tank),
        )
    )  # fmt: skip


def _ordered(graph: CellGraph) -> CellGraph:
    return replace(graph, order=bottom_up(graph.source, graph.target, graph.own.shape[1]))
