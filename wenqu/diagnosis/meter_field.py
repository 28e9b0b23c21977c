"""How do possible readings and decision units vary together, and what is left of it after each reading?

Blocks are the units that are decided on, sites the manholes where a meter could stand. Before any meter the
covariances are sums over the pipes above a site; every common factor, every reading that stands and every
meter that is chosen changes them by one product of two columns. So no matrix of blocks by sites is made: what
the choice needs of it, the weighted sum of squares by site, is brought up to date by one pass over the pipes.
"""

from dataclasses import dataclass, field

import numba
import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from wenqu.diagnosis.next_measurement import Goal
from wenqu.diagnosis.tree_posterior import Posterior, loadings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CELLS = 4_000_000  # of a table that is made at once


@dataclass(frozen=True, slots=True)
class Sites:
    """C places where a meter could stand."""

    first: Ints  # (C,) interval of pipes above each
    last: Ints  # (C,)
    noise: Floats  # (C,) variance of the error of a reading [m⁶/s²]
    cost: Floats  # (C,) [yuan]

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.first)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of a value of the pipes above each site. (C,)"""
        walked = np.concatenate([[0.0], np.cumsum(values)])
        found: Floats = walked[self.last] - walked[self.first]
        return found


@dataclass(slots=True)
class MeterField:
    """Covariances by site, kept while meters are chosen. B blocks, C sites, k columns so far."""

    sites: Sites
    goal: Goal
    wanted: Floats  # (n,) variance of what is decided on, by pipe
    total: Floats  # (n,) variance of the flow, by pipe
    variance: Floats  # (B,) of each block's sum now
    own: Floats  # (C,) variance of the flow at each site now
    spread: Floats  # (C,) Σ_b W_b Cov(block b, site)²
    columns: Floats  # (k, C) what a factor or a reading has to do with each site
    loads: Floats  # (k, B) … and with each block
    signs: Floats  # (k,) + for a common factor, − for a reading
    plain: tuple[Floats, Floats, Floats]  # variance, own and spread before the first pick
    picks: list[int] = field(default_factory=list)
    base: int = 0  # columns before the first pick

    def doubt(self) -> float:
        """Return the weighted sum of the block variances now."""
        return float((self.goal.weight * np.maximum(self.variance, 0.0)).sum())

    def gains(self) -> Floats:
        """Return what a reading at each site would take from the doubt. (C,)"""
        found: Floats = np.maximum(self.spread, 0.0) / (np.maximum(self.own, 0.0) + self.sites.noise)
        return found

    def covariance(self, site: int) -> Floats:
        """Return the covariance of the flow at one site with that at every other, now. (C,)"""
        first, last = self.sites.first, self.sites.last
        low = np.maximum(first, first[site])
        high = np.maximum(low, np.minimum(last, last[site]))
        walked = np.concatenate([[0.0], np.cumsum(self.total)])
        found: Floats = walked[high] - walked[low]
        return found + mixed(self.signs * self.columns[:, site], self.columns)

    def on_blocks(self, site: int) -> Floats:
        """Return the covariance of the flow at one site with each block's sum, now. (B,)"""
        here = slice(int(self.sites.first[site]), int(self.sites.last[site]))
        label = self.goal.label[here]
        there = label >= 0
        plain = np.bincount(label[there], weights=self.wanted[here][there], minlength=self.goal.blocks)
        found: Floats = plain + (self.signs * self.columns[:, site]) @ self.loads
        return found

    def shared(self, load: Floats) -> Floats:
        """Return Σ_b W_b load_b Cov(block b, site) for every site. (C,)"""
        weighted = self.goal.weight * load
        there = self.goal.label >= 0
        by_pipe = np.where(there, self.wanted * weighted[self.goal.label], 0.0)
        return self.sites.sums(by_pipe) + mixed(self.signs * (self.loads @ weighted), self.columns)

    def take(self, site: int) -> Floats:
        """Take a reading at a site; return what it says of each block, squared sum is its gain. (B,)"""
        deviation = np.sqrt(max(float(self.own[site]), 0.0) + float(self.sites.noise[site]))
        column = self.covariance(site) / deviation
        load: Floats = self.on_blocks(site) / deviation
        told = float(self.goal.weight @ load**2)
        self.spread = self.spread - 2 * column * self.shared(load) + column**2 * told
        self.own = self.own - column**2
        self.variance = self.variance - load**2
        self.columns = np.concatenate([self.columns, column[None]])
        self.loads = np.concatenate([self.loads, load[None]])
        self.signs = np.append(self.signs, -1.0)
        self.picks.append(site)
        return load

    def without(self) -> tuple[Floats, Floats]:
        """Return the column and load of each pick as if it had been taken last. (k, C), (k, B)

        Leaving pick i out adds the product of its two rows back to the covariances.
        """
        own = slice(self.base, None)
        lower = np.tril(self.columns[own][:, self.picks].T)
        place = np.arange(len(self.picks))
        lower[place, place] += self.sites.noise[self.picks] / self._deviations()
        half = solve_triangular(lower, np.eye(len(place)), lower=True)
        precision = np.sqrt((half**2).sum(axis=0))[:, None]
        columns = half.T @ self.columns[own] / precision
        loads = half.T @ self.loads[own] / precision
        return columns, loads

    def _deviations(self) -> Floats:
        """Return the deviation of each pick's reading when it was taken: c = own / d, d² = own + noise."""
        column = self.columns[self.base :][np.arange(len(self.picks)), self.picks]
        noise = self.sites.noise[self.picks]
        found: Floats = (column + np.sqrt(column**2 + 4 * noise)) / 2
        return found

    def kept(self, picks: list[int]) -> "MeterField":
        """Return the field with other picks instead; this one stays as it is."""
        variance, own, spread = self.plain
        found = MeterField(
            self.sites, self.goal, self.wanted, self.total, variance, own, spread, self.columns[: self.base],
            self.loads[: self.base], self.signs[: self.base], self.plain, [], self.base,
        )  # fmt: skip
        for site in picks:
            found.take(site)
        return found


def mixed(factors: Floats, rows: Floats) -> Floats:
    """Return the sum of rows times their factors: short and wide, so that more threads only wait. (C,)"""
    found: Floats = np.einsum("k,kc->c", factors, rows)
    return found


def meter_field(result: Posterior, sites: Sites, goal: Goal) -> MeterField:
    """Return how sites and blocks vary together, given what is known now.

    Parameters
    ----------
    result
        Prior and the readings of meters that stand.
    sites
        Where a meter could stand.
    goal
        What is to be decided.
    """
    prior, rows = result.prior, result.rows
    there = goal.label >= 0
    columns, loads = [], []
    for kind, factor in enumerate(prior.scale):
        mean = np.bincount(goal.label[there], weights=prior.mean[kind][there], minlength=goal.blocks)
        columns.append(factor * sites.sums(prior.mean[kind]))
        loads.append(goal.kinds[kind] * factor * mean)
    signs = np.concatenate([np.ones(len(prior.scale)), -np.ones(len(rows))])
    if len(rows):
        columns += list(_by_row(result, sites))
        on_blocks = np.tensordot(loadings(result, goal.label, goal.blocks), goal.kinds, axes=(1, 0))
        loads += list(solve_triangular(result.factor, on_blocks.T, lower=True))
    wanted = goal.kinds @ prior.variance
    total = prior.variance.sum(axis=0)
    terms = (np.array(columns), np.array(loads), signs)
    return _field(sites, goal, (wanted, total), terms)


def _by_row(result: Posterior, sites: Sites) -> Floats:
    """Return what each standing reading, freed of those before, has to do with each site. (R, C)"""
    prior, rows = result.prior, result.rows
    found = np.zeros((len(rows), len(sites)))
    for kind in range(result.kinds):
        walked = np.concatenate([[0.0], np.cumsum(prior.variance[kind])])
        for row in range(len(rows)):
            low = np.maximum(sites.first, rows.first[row])
            high = np.maximum(low, np.minimum(sites.last, rows.last[row]))
            found[row] += rows.weights[row, kind] * (walked[high] - walked[low])
        found += np.outer(result.pull[kind], sites.sums(prior.mean[kind]))
    whole: Floats = solve_triangular(result.factor, found, lower=True)
    return whole


def _field(
    sites: Sites, goal: Goal, variances: tuple[Floats, Floats], terms: tuple[Floats, Floats, Floats]
) -> MeterField:
    wanted, total = variances
    columns, loads, signs = terms
    there = goal.label >= 0
    plain = np.bincount(goal.label[there], weights=wanted[there], minlength=goal.blocks)
    variance: Floats = plain + signs @ loads**2
    own = sites.sums(total) + signs @ columns**2
    spread = squares(sites, goal, wanted)
    signed = signs[:, None] * loads
    gram = (signed * goal.weight) @ signed.T
    step = max(1, CELLS // max(len(signs), 1))
    for low in range(0, len(sites), step):
        some = slice(low, low + step)
        spread[some] += ((gram @ columns[:, some]) * columns[:, some]).sum(axis=0)
    for sign, column, load in zip(signs, columns, loads, strict=True):
        by_pipe = np.where(there, wanted * (goal.weight * load)[goal.label], 0.0)
        spread += 2 * sign * column * sites.sums(by_pipe)
    start = (variance, own, spread)
    return MeterField(
        sites, goal, wanted, total, variance, own, spread, columns, loads, signs, start, [], len(signs)
    )


def squares(sites: Sites, goal: Goal, wanted: Floats) -> Floats:
    """Return Σ_b W_b (sum of ``wanted`` over the part of block b above each site)². (C,)

    Intervals are nested or disjoint: going through the pipes of a block in order, its sum above a site
    only changes where two of its parts meet, at the smallest interval around both.
    """
    order = np.lexsort((-sites.last, sites.first))
    first, last = sites.first[order], sites.last[order]
    outer = outer_intervals(first, last)
    inner = _inner(first, last, outer, len(wanted))
    pipe = np.flatnonzero((goal.label >= 0) & (inner >= 0))
    pipe = pipe[np.argsort(goal.label[pipe], kind="stable")]
    added = _meetings(pipe, goal.label, wanted, goal.weight, inner, outer, last)
    for place in range(len(order) - 1, -1, -1):
        if outer[place] >= 0:
            added[outer[place]] += added[place]
    found = np.empty(len(order))
    found[order] = added
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def outer_intervals(first: Ints, last: Ints) -> Ints:
    """Return the smallest other interval around each, -1 for none; sorted by first, larger ones first."""
    found = np.full(len(first), -1, np.int64)
    for place in range(1, len(first)):
        around = place - 1
        while around >= 0 and last[around] < last[place]:
            around = found[around]
        found[place] = around
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inner(first: Ints, last: Ints, outer: Ints, pipes: int) -> Ints:
    """Return the smallest interval around each pipe, -1 for none. (n,)"""
    found = np.full(pipes, -1, np.int64)
    here, place = -1, 0
    for pipe in range(pipes):
        while here >= 0 and last[here] <= pipe:
            here = outer[here]
        while place < len(first) and first[place] <= pipe:
            if last[place] > pipe:
                here = place
            place += 1
        found[pipe] = here
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _meetings(
    pipe: Ints, label: Ints, value: Floats, weight: Floats, inner: Ints, outer: Ints, last: Ints
) -> Floats:
    """Return by interval how much more the squared sum of every block is there than in the parts inside."""
    found = np.zeros(len(last))
    node = np.empty(len(last) + 1, np.int64)  # intervals that are open, the outer ones first
    held = np.empty(len(last) + 1)  # sum of the block inside each
    parts = np.empty(len(last) + 1)  # squares of the sums of the parts that were closed inside
    depth, block = 0, -1
    for place in range(len(pipe) + 1):
        end = place == len(pipe)
        j = 0 if end else pipe[place]
        fresh = end or label[j] != block
        while depth > 0 and (fresh or last[node[depth - 1]] <= j):
            depth -= 1
            closed, whole = node[depth], held[depth]
            found[closed] += weight[block] * (whole**2 - parts[depth])
            if fresh:
                meet = node[depth - 1] if depth > 0 else -1
            else:
                meet = outer[closed]
                while meet >= 0 and last[meet] <= j:
                    if depth > 0 and meet == node[depth - 1]:
                        break
                    meet = outer[meet]
            if meet < 0:
                continue
            if depth == 0 or node[depth - 1] != meet:
                node[depth], held[depth], parts[depth] = meet, 0.0, 0.0
                depth += 1
            held[depth - 1] += whole
            parts[depth - 1] += whole**2
        if end:
            break
        block = label[j]
        if depth == 0 or node[depth - 1] != inner[j]:
            node[depth], held[depth], parts[depth] = inner[j], 0.0, 0.0
            depth += 1
        held[depth - 1] += value[j]
    return found
