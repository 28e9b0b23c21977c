"""What do all meters of a city together say about every pipe?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.end_member_table import Table
from wenqu.diagnosis.observation_rows import Sighting, above, expected_split, observation_rows
from wenqu.diagnosis.positive_posterior import positive_mean, sparse_prior
from wenqu.diagnosis.tree_posterior import Posterior, Prior, Rows, Sums, area_sums, pipe_sd, posterior

Floats = npt.NDArray[np.float64]
RIVER = 2
PASSES = 2  # Gauss-Newton passes: errors of the mixing rows are taken from the split of the pass before
SWEEPS = 4  # of the reweighting that lets river water come from few places


@dataclass(frozen=True, slots=True)
class CityPosterior:
    """The joint answer. T = 3 kinds, n pipes, M meters, A areas."""

    result: Posterior  # without the bound at zero: its variances are used
    mean: Floats  # (T, n) [m³/s] no negative inflow
    sd: Floats  # (T, n) [m³/s]
    areas: Sums  # between meters; means not negative
    rows: Rows
    meter_area: npt.NDArray[np.int64]  # (M,) area that ends at each meter

    def above_meters(self) -> tuple[Floats, Floats]:
        """Return the sums above each meter (M, T) and their covariances (M, T, T). [m³/s, m⁶/s²]"""
        kinds, areas = self.mean.shape[0], len(self.areas.mean)
        first, last = self.result.area_first, self.result.area_last
        holds = (first[:, None] <= first[None]) & (last[None] <= last[:, None])
        reach = np.concatenate([holds, np.zeros((len(first), 1), np.bool_)], axis=1)[self.meter_area].astype(
            float
        )
        covariance = self.areas.covariance.reshape(areas, kinds, areas, kinds)
        half = np.tensordot(reach, covariance, axes=(1, 0))  # (M, T, A, T)
        return reach @ self.areas.mean, np.einsum("mkal,ma->mkl", half, reach)


def city_posterior(
    prior: Prior, sightings: Sequence[Sighting], tracers: Sequence[str], table: Table
) -> CityPosterior:
    """Return the posterior of every pipe from all placed meters.

    Parameters
    ----------
    prior
        What is expected; kinds are sewage, groundwater, river water.
    sightings
        Placed meters with their evidence. (M,)
    tracers
        Conservative tracers with end members.
    table
        End members.
    """
    split = expected_split(sightings, above(prior.mean, sightings))
    used = prior
    rows = observation_rows(sightings, tracers, table, split)
    for step in range(PASSES + SWEEPS):
        best = positive_mean(used, rows)
        split = above(best.mean, sightings)
        rows = observation_rows(sightings, tracers, table, split)
        if step >= PASSES - 1 and len(rows):
            used = sparse_prior(prior, best, RIVER)
    best = positive_mean(used, rows)
    result = posterior(used, rows)
    sums = area_sums(result)
    mean = np.zeros(sums.mean.shape)
    for kind, row in enumerate(best.mean):
        mean[:, kind] = np.bincount(result.area, weights=row, minlength=len(mean))
    areas = Sums(mean, sums.covariance, sums.prior_mean, sums.prior_variance)
    at = result.row_area[_flow_rows(sightings, tracers)]
    return CityPosterior(result, best.mean, pipe_sd(result), areas, rows, at)


def _flow_rows(sightings: Sequence[Sighting], tracers: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return which row is the flow row of each meter: it stands before the meter's mixing rows."""
    sizes = [1 + sum(name in entry.evidence.tracers for name in tracers) for entry in sightings]
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)[: len(sightings)]
