"""What do all readings of a city together say of every area between meters, and of every pipe?

The joint inversion answers for areas. A pipe has its expected share of what its area has; how far the shares
may be off is the prior's variance of a part of the area, ``s (1 - s)`` of it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve

from wenqu.diagnosis.cell_graph import CellGraph
from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.joint_unknowns import WATERS
from wenqu.diagnosis.lost_sewage import Lost
from wenqu.diagnosis.split_cells import SplitCells
from wenqu.diagnosis.tree_posterior import areas

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PIPE_CV = 1.5  # [-] of the groundwater of one pipe around its share of its area
USER_CV = 0.3  # [-] of the sewage of one pipe around its share


@dataclass(frozen=True, slots=True)
class Cells:
    """What lies between meters, and one cell beside all meters, the last. n pipes, M meters, A cells."""

    of_pipe: Ints  # (n,) of the pipe's clean water
    spans: Ints  # (A - 1, 2) first and last pipe (excluded) of each with all above it by the main ways
    of_meter: Ints  # (M,) the cell that ends at each meter
    divided: SplitCells | None = None  # where water divides; cells are then those of its graph

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.spans) + 1 if self.divided is None else self.divided.graph.own.shape[1]

    @property
    def of_water(self) -> tuple[Ints, Ints, Ints]:
        """Return the cell of each pipe's sewage, which enters at its upper node, and of its clean waters."""
        foul = self.of_pipe if self.divided is None else self.divided.source
        return foul, self.of_pipe, self.of_pipe

    def summed(self, pipes: Floats) -> Floats:
        """Return sums over the pipes of each cell, by kind of water. (3, n) → (3, A)"""
        given = zip(self.of_water, pipes, strict=True)
        return np.stack([np.bincount(cell, row, len(self)) for cell, row in given]).astype(np.float64)

    def above(self) -> Floats:
        """Return what share of each cell's water passes each meter, as was thought before. (M, A)"""
        if self.divided is not None:
            return self.divided.graph.ways()[0]
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
class Passing:
    """What share of the waters passes each meter where they divide. X splits that are not sure."""

    share: Floats  # (M, A)
    slope: Floats  # (X, M, A) its change with each split
    covariance: Floats  # (X, X) of the splits
    with_flows: Floats  # (3, A, X) [m³/s] covariance with the flows
    before: Floats  # (X,) standard deviations before anything was heard
    sticks: Floats  # (X,) the splits themselves, as in CellGraph


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
    passing: Passing | None = None  # where water divides


def joint_of(found: Inversion, graph: CellGraph | None = None) -> Joint:
    """Return the answer of one solve; ``graph`` where water divides."""
    count = found.mean.shape[1]
    covariance = found.covariance().reshape(WATERS, count, WATERS, count)
    at = np.arange(len(found.theta))[found.layout.bias]
    return Joint(
        found.mean, covariance, found.prior_sd, found.lost, found.bias, found.sd_of(at), found.misfit,
        found.loose, None if graph is None else _passing(found, graph),
    )  # fmt: skip


def _passing(found: Inversion, graph: CellGraph) -> Passing:
    more, flows = found.layout.more, found.mean.size
    spread = cho_solve((found.factor, True), np.eye(len(found.theta))[:, more])
    arrived, change = graph.carried(np.zeros(1, dtype=np.complex128), found.theta[more])
    return Passing(
        arrived[:, :, 0].real, change[:, :, :, 0].real, spread[more],
        spread[:flows].reshape(*found.mean.shape, -1), graph.sd, found.theta[more].copy(),
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
        mean, covariance, prior = self._whole(reach)
        within = np.einsum("bka,ka->bk", reach * (1 - reach), self.prior_variance)
        kinds = np.arange(WATERS)
        covariance[:, kinds, kinds] += within
        prior += within
        if not len(self.cells.of_meter):  # nothing was learnt
            prior = np.diagonal(covariance, axis1=1, axis2=2).copy()
        return mean, covariance, prior

    def above(self) -> Floats:
        """Return what share of each cell's water passes each meter. (M, A)"""
        passing = self.found.passing
        return self.cells.above() if passing is None else passing.share

    def over_meters(self) -> tuple[Floats, Floats, Floats]:
        """Return sums of all that passes each meter, as ``sums``; where water divides, with that doubt."""
        share, passing = self.above(), self.found.passing
        mean, covariance, prior = self._whole(np.repeat(share[:, None], WATERS, axis=1))
        if passing is not None:
            slope = np.einsum("xma,ka->mkx", passing.slope, self.mean)
            cross = np.einsum("ma,kax,mlx->mkl", share, passing.with_flows, slope)
            covariance += cross + cross.transpose(0, 2, 1)
            covariance += np.einsum("mkx,xy,mly->mkl", slope, passing.covariance, slope)
            prior += slope**2 @ passing.before**2
        return mean, covariance, prior

    def _whole(self, reach: Floats) -> tuple[Floats, Floats, Floats]:
        """Return sums as ``sums`` does where the parts themselves are sure."""
        mean = np.einsum("bka,ka->bk", reach, self.mean)
        covariance = np.zeros((len(reach), WATERS, WATERS))
        for one in range(WATERS):
            for other in range(one, WATERS):
                half = reach[:, one] @ self.covariance[one, :, other]
                covariance[:, one, other] = covariance[:, other, one] = (half * reach[:, other]).sum(axis=1)
        prior = np.einsum("bka,ka->bk", reach**2, self.prior_variance)
        prior += np.einsum("bka,ka->bk", reach, self.common) ** 2
        return mean, covariance, prior

    def part(self, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Return the part of each cell's water that some pipes have, by kind. (n,) → (3, A)"""
        return self.cells.summed(np.where(chosen, self.share, 0.0))

    def pipe_mean(self) -> Floats:
        """Return what enters each pipe. (3, n) [m³/s]"""
        return self.share * _at(self.mean, self.cells)

    def pipe_sd(self) -> Floats:
        """Return the standard deviations of what enters each pipe. (3, n) [m³/s]

        Sewage and groundwater of one pipe scatter around its share. River water comes in at few places: a
        pipe has all of it with the probability of its share, or none.
        """
        found = np.empty_like(self.share)
        for kind, scatter in enumerate((USER_CV, PIPE_CV, np.nan)):
            cell, own = self.cells.of_water[kind], np.diagonal(self.covariance[kind, :, kind])
            own = np.maximum(own, 0.0)
            part, size = self.share[kind], (self.mean[kind] ** 2 + own)[cell]
            around = part if np.isnan(scatter) else (scatter * part) ** 2
            found[kind] = np.sqrt(part**2 * own[cell] + around * (1 - part) * size)
        return found

    def pipe_lost(self) -> tuple[Floats, Floats]:
        """Return the sewage lost of each pipe and its standard deviation. (n,) each [m³/s]

        Of the users of an area those that are lost may be any: a pipe loses all of its part of what is lost
        with the probability of its share.
        """
        cell, part = self.cells.of_water[0], self.share[0]
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
    whole = cells.summed(pipes)
    share = pipes / _at(np.where(whole > 0, whole, 1.0), cells)
    common = np.stack([np.zeros(count), scale * whole[1], np.zeros(count)])
    lost, none = found.lost, np.zeros(count)
    if billed is None:
        lost = Lost(none, none, none, none, none, none + 1.0)
    return CityPosterior(
        found, cells, share, found.mean, found.covariance, found.prior_sd**2, common, lost,
        none if billed is None else billed,
    )  # fmt: skip


def _at(values: Floats, cells: Cells) -> Floats:
    """Return the value of each pipe's cell, by kind of water. (3, A) → (3, n)"""
    return np.stack([row[cell] for row, cell in zip(values, cells.of_water, strict=True)])
