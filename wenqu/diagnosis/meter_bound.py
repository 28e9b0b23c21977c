"""How little doubt could any set of k meters leave, whatever the set?

Let a meter stand at every site. What all of them together would tell of the units is a covariance matrix M;
the readings of k of them span k dimensions of what all of them span, so they take no more from the doubt
than the k largest eigenvalues of W½·M·W½ (Ky Fan). The errors of the meters and the waters that a flow
reading cannot tell apart are part of it. No matrix of the sites is made: on a tree, what a meter at every
site says is found in one pass up and one down; common factors and readings that stand are a correction of
low rank.

References
----------
K. Fan, On a theorem of Weyl concerning eigenvalues of linear transformations I, PNAS 35 (1949) 652-655.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh
from scipy.sparse.linalg import LinearOperator, eigsh

from wenqu.diagnosis.meter_field import MeterField
from wenqu.diagnosis.meter_sums import outer_intervals

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DENSE = 400  # units up to which all eigenvalues are computed
EXACT = 200  # eigenvalues beyond which the next are counted as large as the last: a looser bound, in minutes
TINY = 1e-300


def least_left(field: MeterField, count: int) -> Floats:
    """Return the share of today's doubt that any 0, 1, … ``count`` meters leave at least. (count + 1,)

    Parameters
    ----------
    field
        Sites and units; what was chosen so far does not count.
    count
        How many meters.
    """
    plain = field.kept([])
    doubt = plain.doubt()
    taken = np.concatenate([[0.0], np.cumsum(_largest(plain, count))])
    if count:
        taken[1] = min(taken[1], float(plain.gains().max(initial=0.0)))
    found: Floats = np.clip(1.0 - taken / max(doubt, TINY), 0.0, 1.0)
    return found


def _largest(field: MeterField, count: int) -> Floats:
    """Return the largest eigenvalues of what a meter at every site would tell, zeros beyond them."""
    found = np.zeros(count)
    if not len(field.sites) or not count:
        return found
    every = _Everywhere.of(field)
    blocks = field.goal.blocks
    if blocks <= DENSE or min(count, EXACT) >= blocks - 1:
        whole = np.stack([every.told(column) for column in np.eye(blocks)])
        values = eigvalsh((whole + whole.T) / 2)[::-1]
    else:
        operator = LinearOperator((blocks, blocks), matvec=every.told, dtype=np.float64)
        start = np.sqrt(np.maximum(field.goal.weight * field.variance, 0.0)) + TINY
        exact = min(count, EXACT)
        values = eigsh(operator, k=exact, which="LA", return_eigenvectors=False, v0=start)[::-1]
        values = np.append(values, np.full(count - exact, values[-1]))
    kept = min(count, blocks)
    found[:kept] = np.maximum(values[:kept], 0.0)
    return found


@dataclass(frozen=True)
class _Everywhere:
    """A meter at every site: what all of them tell together."""

    field: MeterField
    order: Ints  # (C,) sites by first pipe, larger intervals first
    outer: Ints  # (C,) the next interval around each, in that order
    before: Floats  # (C,) variance of the flow given the meters above
    after: Floats  # (C,) … and the one there
    solved: Floats  # (k, C) the columns of the field, solved
    inner: Floats  # (k, k) of the correction

    @classmethod
    def of(cls, field: MeterField) -> "_Everywhere":
        """Prepare the passes."""
        sites = field.sites
        order = np.lexsort((-sites.last, sites.first))
        outer = outer_intervals(sites.first[order], sites.last[order])
        whole = sites.sums(field.total)[order]
        own = whole.copy()
        inside = outer >= 0
        np.subtract.at(own, outer[inside], whole[inside])
        before, after = _variances(outer, np.maximum(own, 0.0), sites.noise[order])
        plain = cls(field, order, outer, before, after, np.zeros((0, len(sites))), np.zeros((0, 0)))
        solved = np.array([plain.solve(column) for column in field.columns]).reshape(field.columns.shape)
        inner = np.diag(field.signs) + field.columns @ solved.T
        return cls(field, order, outer, before, after, solved, inner)

    def solve(self, readings: Floats) -> Floats:
        """Return the readings over the covariance that they have without common factors. (C,)"""
        noise = self.field.sites.noise[self.order]
        given = readings[self.order]
        smooth = _smoothed(self.outer, self.before, self.after, noise, given)
        found = np.empty(len(given))
        found[self.order] = (given - smooth) / noise
        return found

    def told(self, units: Floats) -> Floats:
        """Return W½·M·W½ times a vector of the units. (B,)"""
        field = self.field
        half = np.sqrt(field.goal.weight)
        weighted = half * np.asarray(units).ravel()
        there = field.goal.label >= 0
        by_pipe = np.where(there, field.wanted * weighted[field.goal.label], 0.0)
        cross = field.sites.sums(by_pipe) + (field.signs * (field.loads @ weighted)) @ field.columns
        solved = self.solve(cross)
        if len(self.inner):
            solved = solved - np.linalg.solve(self.inner, field.columns @ solved) @ self.solved
        change = np.zeros(len(field.wanted) + 1)
        np.add.at(change, field.sites.first, solved)
        np.subtract.at(change, field.sites.last, solved)
        path = np.cumsum(change)[:-1] * field.wanted
        sums = np.bincount(field.goal.label[there], weights=path[there], minlength=field.goal.blocks)
        found: Floats = half * (sums + (field.signs * (field.columns @ solved)) @ field.loads)
        return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _variances(outer: Ints, own: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Return the variance of the flow at each site given the meters above, and with its own meter too."""
    before, after = own.copy(), np.zeros(len(own))
    for place in range(len(own) - 1, -1, -1):
        after[place] = before[place] * noise[place] / (before[place] + noise[place])
        if outer[place] >= 0:
            before[outer[place]] += after[place]
    return before, after


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _smoothed(outer: Ints, before: Floats, after: Floats, noise: Floats, given: Floats) -> Floats:
    """Return the flow that is expected at each site given the readings at all of them."""
    low, found = np.zeros(len(given)), np.zeros(len(given))
    for place in range(len(given) - 1, -1, -1):
        gain = before[place] / (before[place] + noise[place])
        found[place] = low[place] + gain * (given[place] - low[place])
        if outer[place] >= 0:
            low[outer[place]] += found[place]
    for place in range(len(given)):
        around = outer[place]
        if around >= 0 and before[around] > 0:
            found[place] += after[place] / before[around] * (found[around] - low[around])
    return found
