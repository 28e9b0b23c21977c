"""What is the cheapest choice from a portfolio, or a part of it, by whole-number programming (HiGHS)?"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from wenqu.planning.portfolio import Floats, Ints, Portfolio
from wenqu.solvers.linear import Model, Solution, Status, relaxed, solve

TEN_THOUSAND = 1e4  # costs in 万元: numbers near 1 for the solver
FEASIBLE = 1e-9  # rows are divided by their size
DEAREST = 50.0  # a row missed by the whole of its size costs as much as this many whole programmes


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a portfolio that is still open; everything else is settled."""

    options: Ints  # (m,) options that may be chosen
    settled: Ints  # options that are chosen already, of other packages
    on: npt.NDArray[np.bool_] | None = None  # (k,) plants that must comply; None: they are chosen too


@dataclass(frozen=True, slots=True)
class Fines:
    """At which prices rules may be missed; inf: not at all."""

    rows: Floats  # (r,) [yuan/unit]
    share: float = math.inf  # [yuan] for the whole of each share of plants that must comply


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for a part."""

    status: Status
    chosen: Ints  # options, the settled ones included; of a relaxed model those above one half
    shares: Floats  # (m,) of the open options
    objective: float  # [yuan] settled options included
    bound: float  # [yuan] of this part
    prices: Floats  # (r,) [yuan/unit] of a relaxed model; empty otherwise
    slack: Floats  # (r,) by how much of its size each row is missed, where that was allowed; else empty
    share: Floats  # (m,) weight of the plants that comply, where they were chosen; else empty
    seconds: float


def everything(given: Portfolio, on: npt.NDArray[np.bool_] | None = None) -> Part:
    """Return the part that leaves everything open."""
    return Part(np.arange(len(given.cost)), np.empty(0, np.int64), on)


def heavy_fines(given: Portfolio) -> Fines:
    """Return prices on the rows that are above any that options could pay."""
    return Fines(DEAREST * max(dearest_cost(given), TEN_THOUSAND) / given.size)


def dearest_cost(given: Portfolio) -> float:
    """Return what a programme costs that takes the dearest option of every package. [yuan]"""
    return float(np.maximum.reduceat(given.cost, given.start[:-1]).sum()) if len(given.cost) else 0.0


def choose(
    given: Portfolio,
    part: Part,
    *,
    seconds: float,
    gap: float = 0.0,
    whole: bool = True,
    fines: Fines | None = None,
    start: Ints | None = None,
) -> Found:
    """Return the cheapest choice from a part.

    Parameters
    ----------
    given, part
        What is chosen from.
    seconds
        Longest time. [s]
    gap
        Distance from the bound that will do, in parts of the open cost. [-]
    whole
        Options are chosen or not; else shares of them are (and prices come with the answer).
    fines
        Rules may be missed, at these prices.
    start
        Options of a known choice.
    """
    model, rows, plants = _model(given, part, fines)
    size = len(part.options)
    if whole:
        known = None
        if start is not None:
            known = np.full(len(model.cost), np.nan)
            known[:size] = np.isin(part.options, start)
        found = solve(model, seconds=seconds, gap=gap, feasibility=FEASIBLE, start=known)
    else:
        found = relaxed(model, seconds=seconds)
    spent = float(given.cost[part.settled].sum())
    none = np.empty(0)
    if not np.isfinite(found.objective):
        bound = math.inf if found.status is Status.INFEASIBLE else spent + found.bound * TEN_THOUSAND
        return Found(
            found.status, np.empty(0, np.int64), none, math.inf, bound, none, none, none, found.seconds
        )
    shares = found.values[:size]
    missed = np.zeros(len(given.rows))
    if fines is not None:
        missed[rows] = np.maximum(found.values[size + plants :][: len(rows)], 0.0)
    return Found(
        found.status,
        np.concatenate([part.settled, part.options[shares > 0.5]]),
        shares,
        found.objective * TEN_THOUSAND + spent,
        found.bound * TEN_THOUSAND + spent,
        none if whole else _prices(given, found, rows, len(model.row_lower)),
        missed if fines is not None else none,
        _reached(given, found.values[size : size + plants]) if plants else none,
        found.seconds,
    )


def _reached(given: Portfolio, comply: Floats) -> Floats:
    """Return the weight of every share. (m,)"""
    able = given.able
    return np.bincount(given.share[able], given.weight[able] * comply, len(given.demand)).astype(np.float64)


def _prices(given: Portfolio, found: Solution, rows: Ints, count: int) -> Floats:
    """Return the price of every row of the portfolio from the duals; rows come first in the model."""
    prices = np.zeros(len(given.rows))
    if len(found.row_duals) == count:
        prices[rows] = np.maximum(found.row_duals[: len(rows)], 0.0) * TEN_THOUSAND / given.size[rows]
    return prices


def _model(given: Portfolio, part: Part, fines: Fines | None) -> tuple[Model, Ints, int]:
    """Return the model, which rows of the portfolio it begins with, and how many plants are to be chosen.

    Columns: the open options, then a yes or no a plant that may comply, then slacks.
    """
    of_plant, size = given.of_plant, given.size
    plants = np.flatnonzero(given.able) if part.on is None else np.empty(0, np.int64)
    if part.on is None:
        rows = np.flatnonzero((of_plant < 0) | np.append(given.able, False)[of_plant])
    else:
        rows = np.flatnonzero((of_plant < 0) | np.append(part.on, False)[of_plant])
    m = len(part.options)
    adds = given.coefficients(part.options).tocsr()[rows]
    lower = given.amount[rows] - given.sums(part.settled)[rows]
    adds = sparse.diags_array(1 / size[rows]) @ adds
    lower = lower / size[rows]
    choice = sparse.csr_array((len(rows), len(plants)))
    if len(plants):
        place = np.full(len(given.able) + 1, -1)
        place[plants] = np.arange(len(plants))
        owned = np.flatnonzero(of_plant[rows] >= 0)
        depth = np.maximum(lower[owned] - _worst(given, part, adds[owned]), 0.0)
        choice = sparse.csr_array((-depth, (owned, place[of_plant[rows[owned]]])), (len(rows), len(plants)))
        lower[owned] -= depth
    package, group = np.unique(given.packages_of(part.options), return_inverse=True)
    once = sparse.csr_array((np.ones(m), (group, np.arange(m))), (len(package), m))
    blocks = [[adds, choice], [once, None]]
    low, high = [lower, np.full(len(package), -np.inf)], [np.full(len(rows), np.inf), np.ones(len(package))]
    shares = len(given.demand) if len(plants) else 0
    if shares:
        scale = np.where(given.demand > 0, given.demand, 1.0)
        weight = given.weight[plants] / scale[given.share[plants]]
        counted = (given.share[plants], np.arange(len(plants)))
        blocks.append([None, sparse.csr_array((weight, counted), (shares, len(plants)))])
        low.append(given.demand / scale - 1e-9)
        high.append(np.full(shares, np.inf))
    matrix = sparse.block_array(blocks, format="csr") if m + len(plants) else sparse.csr_array((len(rows), 0))
    cost = np.concatenate([given.cost[part.options] / TEN_THOUSAND, np.zeros(len(plants))])
    dear = np.empty(0)  # fines on the rows, in their order, then on the share
    if fines is not None:
        dear = fines.rows[rows] * size[rows]
        dear = np.append(dear, np.full(shares, fines.share))
        at = np.append(np.arange(len(rows)), matrix.shape[0] - shares + np.arange(shares))
        eye = sparse.csr_array((np.ones(len(dear)), (at, np.arange(len(dear)))), (matrix.shape[0], len(dear)))
        matrix = sparse.hstack([matrix, eye], format="csr")
        cost = np.concatenate([cost, np.where(np.isfinite(dear), dear, 0.0) / TEN_THOUSAND])
    upper = np.concatenate([np.ones(m + len(plants)), np.where(np.isfinite(dear), np.inf, 0.0)])
    made = Model(
        cost, np.zeros(len(cost)), upper,
        np.arange(len(cost)) < m + len(plants),
        np.concatenate(low), np.concatenate(high),
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.float64),
    )  # fmt: skip
    return made, rows, len(plants)


def _worst(given: Portfolio, part: Part, adds: sparse.csr_array) -> Floats:
    """Return the least that each row can have. (rows)"""
    _, group = np.unique(given.packages_of(part.options), return_inverse=True)
    least = np.zeros(adds.shape[0])
    if not (adds.data < 0).any():
        return least
    for row in range(adds.shape[0]):
        span = slice(adds.indptr[row], adds.indptr[row + 1])
        low = np.zeros(int(group.max(initial=0)) + 1)
        np.minimum.at(low, group[adds.indices[span]], adds.data[span])
        least[row] = low.sum()
    return least
