"""How do possible readings and decision units vary together, and what is left of it after each reading?

Blocks are the units that are decided on, sites the manholes where a meter could stand. Before any meter the
covariances are sums over the pipes above a site; every common factor, every reading that stands and every
meter that is chosen changes them by one product of two columns. So no matrix of blocks by sites is made: what
the choice needs of it, the weighted sum of squares by site, is brought up to date by one pass over the pipes.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from wenqu.diagnosis.meter_sums import Sites, squares
from wenqu.diagnosis.next_measurement import Goal
from wenqu.diagnosis.tree_posterior import Posterior, loadings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CELLS = 4_000_000  # of a table that is made at once
LEAST_ROOM = 16  # columns for which room is made at once


@dataclass(slots=True)
class MeterField:
    """Covariances by site, kept while meters are chosen. B blocks, C sites, k columns so far.

    Sites and labels count runs: pipes next to each other that no site and no block tells apart. N of them.
    """

    sites: Sites
    goal: Goal
    wanted: Floats  # (N,) variance of what is decided on, by run
    total: Floats  # (N,) variance of the flow, by run
    variance: Floats  # (B,) of each block's sum now
    own: Floats  # (C,) variance of the flow at each site now
    spread: Floats  # (C,) Σ_b W_b Cov(block b, site)²
    columns: Floats  # (k, C) what a factor or a reading has to do with each site
    loads: Floats  # (k, B) … and with each block
    signs: Floats  # (k,) + for a common factor, − for a reading
    plain: tuple[Floats, Floats, Floats]  # variance, own and spread before the first pick
    picks: list[int] = field(default_factory=list)
    base: int = 0  # columns before the first pick
    room: tuple[Floats, Floats] | None = None  # columns and loads with room for more

    def doubt(self) -> float:
        """Return the weighted sum of the block variances now."""
        return float((self.goal.weight * np.maximum(self.variance, 0.0)).sum())

    def gains(self) -> Floats:
        """Return what a reading at each site would take from the doubt. (C,)"""
        found: Floats = np.maximum(self.spread, 0.0) / (np.maximum(self.own, 0.0) + self.sites.noise)
        return found

    def covariance(self, site: int) -> Floats:
        """Return the covariance of the flow at one site with that at every other, now. (C,)"""
        found: Floats = self._plain(site) + (self.signs * self.columns[:, site]) @ self.columns
        return found

    def _plain(self, site: int) -> Floats:
        """Return the same before any factor, reading or pick. (C,)"""
        first, last = self.sites.first, self.sites.last
        low = np.maximum(first, first[site])
        high = np.maximum(low, np.minimum(last, last[site]))
        walked = np.concatenate([[0.0], np.cumsum(self.total)])
        found: Floats = walked[high] - walked[low]
        return found

    def on_blocks(self, site: int) -> Floats:
        """Return the covariance of the flow at one site with each block's sum, now. (B,)"""
        here = slice(int(self.sites.first[site]), int(self.sites.last[site]))
        label = self.goal.label[here]
        there = label >= 0
        plain = np.bincount(label[there], weights=self.wanted[here][there], minlength=self.goal.blocks)
        found: Floats = plain + (self.signs * self.columns[:, site]) @ self.loads
        return found

    def shared(self, loads: Floats) -> Floats:
        """Return Σ_b W_b load_b Cov(block b, site) of each load (L, B) for every site. (L, C)"""
        weighted = self.goal.weight * loads
        there = self.goal.label >= 0
        by_run = np.where(there, self.wanted * weighted[:, self.goal.label], 0.0)
        return self.sites.sums(by_run) + (self.signs * (weighted @ self.loads.T)) @ self.columns

    def take(self, site: int) -> Floats:
        """Take a reading at a site; return what it says of each block, squared sum is its gain. (B,)"""
        deviation = np.sqrt(max(float(self.own[site]), 0.0) + float(self.sites.noise[site]))
        load: Floats = self.on_blocks(site) / deviation
        weighted = self.goal.weight * load
        there = self.goal.label >= 0
        by_run = np.where(there, self.wanted * weighted[self.goal.label], 0.0)
        factors = np.stack([self.signs * self.columns[:, site], self.signs * (self.loads @ weighted)])
        column, shared = factors @ self.columns  # in one pass: they are what takes the time
        column = (column + self._plain(site)) / deviation
        shared = shared + self.sites.sums(by_run)
        told = float(weighted @ load)
        self.spread = self.spread - 2 * column * shared + column**2 * told
        self.own = self.own - column**2
        self.variance = self.variance - load**2
        self._append(column, load)
        self.picks.append(site)
        return load

    def _append(self, column: Floats, load: Floats) -> None:
        count = len(self.signs)
        if self.room is None or count == len(self.room[0]):
            more = max(LEAST_ROOM, count)
            self.room = (
                np.concatenate([self.columns, np.empty((more, len(column)))]),
                np.concatenate([self.loads, np.empty((more, len(load)))]),
            )
        self.room[0][count], self.room[1][count] = column, load
        self.columns, self.loads = self.room[0][: count + 1], self.room[1][: count + 1]
        self.signs = np.append(self.signs, -1.0)

    def give_up(self, place: int) -> None:
        """Give up one pick, as if it had never been taken; all others stay as they are.

        The columns are L⁻¹ times the covariances of picks and sites, L Lᵀ those of the readings. Without a
        row of L, turns of two neighbours after the other make the rest a factor again; what the turns leave
        last is what the pick alone told.
        """
        columns, loads = self.columns[self.base :], self.loads[self.base :]
        lower = np.delete(self._factor(), place, axis=0)
        for row in range(place, len(lower)):
            one, two = lower[row, row], lower[row, row + 1]
            size = np.hypot(one, two)
            turn = np.array([[one, two], [-two, one]]) / size
            both = slice(row, row + 2)
            lower[row:, both] = lower[row:, both] @ turn.T
            columns[both], loads[both] = turn @ columns[both], turn @ loads[both]
        column, load = columns[-1], loads[-1]
        (shared,) = self.shared(load[None])
        self.spread = self.spread + 2 * column * shared + column**2 * float(self.goal.weight @ load**2)
        self.own = self.own + column**2
        self.variance = self.variance + load**2
        self.columns, self.loads, self.signs = self.columns[:-1], self.loads[:-1], self.signs[:-1]
        del self.picks[place]

    def without(self) -> tuple[Floats, Floats]:
        """Return the column and load of each pick as if it had been taken last. (k, C), (k, B)

        Leaving pick i out adds the product of its two rows back to the covariances.
        """
        own = slice(self.base, None)
        half = solve_triangular(self._factor(), np.eye(len(self.picks)), lower=True)
        precision = np.sqrt((half**2).sum(axis=0))[:, None]
        columns = half.T @ self.columns[own] / precision
        loads = half.T @ self.loads[own] / precision
        return columns, loads

    def _factor(self) -> Floats:
        """Return L: L Lᵀ is the covariance of the readings at the picks before any was taken. (P, P)"""
        lower = np.tril(self.columns[self.base :][:, self.picks].T)
        place = np.arange(len(self.picks))
        lower[place, place] += self.sites.noise[self.picks] / self._deviations()
        return lower

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
    sites, goal, starts = _runs(sites, goal)
    sums = np.add.reduceat(wanted, starts), np.add.reduceat(total, starts)
    return _field(sites, goal, sums, terms)


def _runs(sites: Sites, goal: Goal) -> tuple[Sites, Goal, Ints]:
    """Return sites and goal that count runs of pipes, and the first pipe of each: far fewer than pipes."""
    pipes = len(goal.label)
    new = np.zeros(pipes + 1, dtype=np.bool_)
    new[0] = new[sites.first] = new[sites.last] = True
    new[1:-1] |= np.diff(goal.label) != 0
    starts = np.flatnonzero(new[:-1])
    run = np.append(np.cumsum(new[:-1]) - 1, len(starts))
    return (
        replace(sites, first=run[sites.first], last=run[sites.last]),
        replace(goal, label=goal.label[starts]),
        starts,
    )


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
