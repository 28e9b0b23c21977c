"""What do all readings of a city together say of every area between meters, and of every pipe?

The joint inversion answers for areas. A pipe has its expected share of what its area has; how far the shares
may be off is the prior's variance of a part of the area, ``s (1 - s)`` of it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.joint_unknowns import WATERS
from wenqu.diagnosis.lost_sewage import Lost
from wenqu.diagnosis.tree_posterior import areas

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PIPE_CV = 1.5  # [-] of the groundwater of one pipe around its share of its area
USER_CV = 0.3  # [-] of the sewage of one pipe around its share


@dataclass(frozen=True, slots=True)
class Cells:
    """What lies between meters, and one cell beside all meters, the last. n pipes, M meters, A cells."""

    of_pipe: Ints  # (n,)
    spans: Ints  # (A - 1, 2) first and last pipe (excluded) of each with all above it
    of_meter: Ints  # (M,) the cell that ends at each meter

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.spans) + 1

    def above(self) -> Floats:
        """Return which cells drain through each meter, 0 or 1. (M, A)"""
        first, last = self.spans[:, 0], self.spans[:, 1]
        holds = (first[:, None] <= first) & (last <= last[:, None])
        return np.pad(holds.astype(np.float64), ((0, 0), (0, 1)))[self.of_meter]


def cells_of(first: Ints, last: Ints, pipes: int) -> Cells:
    """Return the cells that meters cut a forest into.

    Parameters
    ----------
    first, last
        Interval of pipes above each meter. (M,)
    pipes
        Number of pipes n.
    """
    spans, place = np.unique(np.column_stack([first, last]), axis=0, return_inverse=True)
    spans = spans.astype(np.int64).reshape(-1, 2)
    return Cells(areas(spans[:, 0], spans[:, 1], pipes), spans, place.reshape(-1).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Joint:
    """What the joint inversion says of cells and meters, whether it was one solve or several."""

    mean: Floats  # (3, A) [m³/s]
    covariance: Floats  # (3, A, 3, A) [m⁶/s²]
    prior_sd: Floats  # (3, A) [m³/s]
    lost: Lost  # (A,)
    bias: Floats  # (M,) [-] how much each meter reads too much
    bias_sd: Floats  # (M,) [-]
    misfit: Floats  # (M,) what its rows leave over, rms in errors as they were widened
    loose: Floats  # (M,) [-] by how much they were widened


def joint_of(found: Inversion) -> Joint:
    """Return the answer of one solve."""
    count = found.mean.shape[1]
    covariance = found.covariance().reshape(WATERS, count, WATERS, count)
    at = np.arange(len(found.theta))[found.layout.bias]
    return Joint(
        found.mean, covariance, found.prior_sd, found.lost, found.bias, found.sd_of(at), found.misfit,
        found.loose,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CityPosterior:
    """The joint answer. Kinds: sewage that arrives, groundwater, river water. A cells, n pipes."""

    found: Joint
    cells: Cells
    share: Floats  # (3, n) part of its cell's water that each pipe is expected to have
    mean: Floats  # (3, A) [m³/s]
    covariance: Floats  # (3, A, 3, A) [m⁶/s²]
    prior_variance: Floats  # (3, A) [m⁶/s²] of each cell by itself
    common: Floats  # (3, A) [m³/s] sd of what all cells have in common: all groundwater more, or less
    lost: Lost  # (A,) of the sewage that should come by the bills
    billed: Floats  # (A,) [m³/s] that sewage; 0 throughout where nobody knows the bills

    def sums(self, reach: Floats) -> tuple[Floats, Floats, Floats]:
        """Return sums over parts of cells.

        Parameters
        ----------
        reach
            Part of each cell's water that each of B sums has, by kind. (B, 3, A)

        Returns
        -------
        mean
            (B, 3) [m³/s]
        covariance
            (B, 3, 3) [m⁶/s²]
        prior_variance
            (B, 3) [m⁶/s²]
        """
        mean = np.einsum("bka,ka->bk", reach, self.mean)
        within = np.einsum("bka,ka->bk", reach * (1 - reach), self.prior_variance)
        covariance = np.zeros((len(reach), WATERS, WATERS))
        for one in range(WATERS):
            for other in range(one, WATERS):
                half = reach[:, one] @ self.covariance[one, :, other]
                covariance[:, one, other] = covariance[:, other, one] = (half * reach[:, other]).sum(axis=1)
            covariance[:, one, one] += within[:, one]
        prior = np.einsum("bka,ka->bk", reach**2, self.prior_variance) + within
        prior += np.einsum("bka,ka->bk", reach, self.common) ** 2
        if not len(self.cells.of_meter):  # nothing was learnt
            prior = np.diagonal(covariance, axis1=1, axis2=2).copy()
        return mean, covariance, prior

    def part(self, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Return the part of each cell's water that some pipes have, by kind. (n,) → (3, A)"""
        cell = self.cells.of_pipe[chosen]
        return np.stack([np.bincount(cell, row[chosen], len(self.cells)) for row in self.share])

    def pipe_mean(self) -> Floats:
        """Return what enters each pipe. (3, n) [m³/s]"""
        found: Floats = self.share * self.mean[:, self.cells.of_pipe]
        return found

    def pipe_sd(self) -> Floats:
        """Return the standard deviations of what enters each pipe. (3, n) [m³/s]

        Sewage and groundwater of one pipe scatter around its share. River water comes in at few places: a
        pipe has all of it with the probability of its share, or none.
        """
        cell, found = self.cells.of_pipe, np.empty_like(self.share)
        for kind, scatter in enumerate((USER_CV, PIPE_CV, np.nan)):
            own = np.maximum(np.diagonal(self.covariance[kind, :, kind]), 0.0)
            part, size = self.share[kind], (self.mean[kind] ** 2 + own)[cell]
            around = part if np.isnan(scatter) else (scatter * part) ** 2
            found[kind] = np.sqrt(part**2 * own[cell] + around * (1 - part) * size)
        return found

    def pipe_lost(self) -> tuple[Floats, Floats]:
        """Return the sewage lost of each pipe and its standard deviation. (n,) each [m³/s]

        Of the users of an area those that are lost may be any: a pipe loses all of its part of what is lost
        with the probability of its share.
        """
        cell, part = self.cells.of_pipe, self.share[0]
        mean, variance = self.lost.mean[cell], self.lost.variance[cell]
        around = np.minimum(part, 1.0) * (1 - part) * np.minimum(mean, part * self.billed[cell]) * mean
        return part * mean, np.sqrt(part**2 * variance + np.maximum(around, 0.0))


def city_posterior(
    found: Joint, cells: Cells, pipes: Floats, billed: Floats | None, scale: float
) -> CityPosterior:
    """Return the joint inversion shared out to areas and pipes.

    Parameters
    ----------
    found
        The answer by cell.
    pipes
        What is expected of each pipe: sewage, groundwater, river water. (3, n) [m³/s]
    billed
        Sewage that should come by the bills, None where nobody knows it. (A,) [m³/s]
    scale
        Error that all groundwater had in common before. [-]
    """
    count = len(cells)
    whole = np.stack([np.bincount(cells.of_pipe, row, count) for row in pipes])
    share = pipes / np.where(whole > 0, whole, 1.0)[:, cells.of_pipe]
    common = np.stack([np.zeros(count), scale * whole[1], np.zeros(count)])
    lost, none = found.lost, np.zeros(count)
    if billed is None:
        lost = Lost(none, none, none, none, none, none + 1.0)
    return CityPosterior(
        found, cells, share, found.mean, found.covariance, found.prior_sd**2, common, lost,
        none if billed is None else billed,
    )  # fmt: skip
