"""Which waters is a mixture made of, told by its tracers?

Interval 5-95 %: two end members: first-order propagation of the errors of the reading and of both end
members; n end members: the 5th and 95th percentile of seeded draws of readings and end members within their
errors. Neither contains decay: COD and BOD5 fall on the way, so their clean share is an upper bound.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
Z90 = 1.6448536269514722
DECAYING = frozenset({"bod5", "cod"})


@dataclass(frozen=True, slots=True)
class CleanShare:
    """Share of clean water in a mixture of two waters."""

    share: float  # [-] may leave 0…1 when the reading lies outside the end members
    sd: float  # [-]
    low: float  # [-]
    high: float  # [-]
    upper_bound: bool  # the tracer decays, so the true share is at most this


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of T waters in a mixture."""

    shares: Floats  # (T,) [-] at least 0, sum 1
    low: Floats  # (T,) [-] 5th percentile of the draws
    high: Floats  # (T,) [-] 95th percentile
    misfit: float  # [-] root mean square of the readings' misfits in their errors


def two_end_members(
    reading: tuple[float, float],
    sewage: tuple[float, float],
    clean: tuple[float, float],
    *,
    tracer: str = "",
) -> CleanShare:
    """Return the clean share x = (C_s - C) / (C_s - C_g) with its propagated error.

    Parameters
    ----------
    reading, sewage, clean
        Concentration and standard deviation of the mixture and its two waters, in one unit.
    tracer
        Quantity; decaying ones make the share an upper bound.

    Raises
    ------
    BadInput
        The end members are equal.

    Notes
    -----
    σ_x² = [x² σ_g² + (1 - x)² σ_s² + σ_C²] / (C_s - C_g)².

    Examples
    --------
    >>> round(two_end_members((130, 0), (350, 0), (5, 0)).share, 4)
    0.6377
    """
    span = sewage[0] - clean[0]
    if span == 0:
        raise BadInput("end-members-equal", value=sewage[0])
    share = (sewage[0] - reading[0]) / span
    spread = (share * clean[1]) ** 2 + ((1 - share) * sewage[1]) ** 2 + reading[1] ** 2
    sd = float(np.sqrt(spread) / abs(span))
    return CleanShare(share, sd, share - Z90 * sd, share + Z90 * sd, tracer in DECAYING)


def _supports(kinds: int) -> list[npt.NDArray[np.int64]]:
    numbers = range(1, 2**kinds)
    return [np.flatnonzero([(number >> bit) & 1 for bit in range(kinds)]) for number in numbers]


def _shares(readings: Floats, members: Floats) -> tuple[Floats, Floats]:
    """Return shares (D, T) and squared misfit (D,) of scaled readings (D, K) and members (D, T, K).

    Every set of waters that may be present is solved with Σx = 1; of those without a negative share
    the best fitting one is the constrained optimum.
    """
    draws, kinds, _ = members.shape
    best = np.full(draws, np.inf)
    shares = np.zeros((draws, kinds))
    for support in _supports(kinds):
        chosen, size = members[:, support], len(support)
        system = np.zeros((draws, size + 1, size + 1))
        system[:, :size, :size] = chosen @ chosen.transpose(0, 2, 1)
        system[:, size, :size] = system[:, :size, size] = 1.0
        right = np.ones((draws, size + 1))
        right[:, :size] = (chosen @ readings[:, :, None])[:, :, 0]
        found = (np.linalg.pinv(system, rcond=1e-12) @ right[:, :, None])[:, :size, 0]
        misfit = (((chosen * found[:, :, None]).sum(axis=1) - readings) ** 2).sum(axis=1)
        fair = (found >= -1e-12).all(axis=1) & (np.abs(found.sum(axis=1) - 1) < 1e-6)
        better = fair & (misfit < best - 1e-12)
        best[better] = misfit[better]
        full = np.zeros((int(better.sum()), kinds))
        full[:, support] = np.maximum(found[better], 0.0)
        shares[better] = full
    return shares, best


def end_members(
    readings: Floats,
    readings_sd: Floats,
    members: Floats,
    members_sd: Floats,
    *,
    draws: int = 400,
    seed: int = 1,
) -> Mixture:
    """Return the shares of T waters from K tracers: least squares with x ≥ 0 and Σx = 1.

    Parameters
    ----------
    readings, readings_sd
        Tracers of the mixture and their standard deviations > 0. (K,)
    members, members_sd
        Tracers of each water and their standard deviations. (T, K)
    draws, seed
        Number and seed of the draws that make the interval.

    Raises
    ------
    BadInput
        Shapes do not fit or an error is not positive.
    """
    kinds, tracers = members.shape
    if readings.shape != (tracers,) or members_sd.shape != members.shape or (readings_sd <= 0).any():
        raise BadInput("end-members-shape", kinds=kinds, tracers=tracers, readings=len(readings))
    shares, misfit = _shares((readings / readings_sd)[None], (members / readings_sd)[None])
    generator = np.random.default_rng(seed)
    drawn = readings + readings_sd * generator.normal(size=(draws, tracers))
    waters = members + members_sd * generator.normal(size=(draws, kinds, tracers))
    spread, _ = _shares(drawn / readings_sd, np.maximum(waters, 0.0) / readings_sd)
    low, high = np.percentile(spread, [5, 95], axis=0)
    return Mixture(shares[0], low, high, float(np.sqrt(misfit[0] / tracers)))
