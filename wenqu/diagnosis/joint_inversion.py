"""How much sewage arrives and is lost, how much groundwater and river water enters, in all areas at once?

The most probable unknowns of ``joint_unknowns`` given the rows of ``joint_rows`` (Gauss-Newton), flows not
negative (active set), river water rare (Student-t by reweighting), the bills a mixture (``arriving_sewage``).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky, solve_triangular

from wenqu.diagnosis.arriving_sewage import Sites, density, moved, sites
from wenqu.diagnosis.joint_rows import Heard, Rows, rows_of
from wenqu.diagnosis.joint_unknowns import (
    CITY_SPEED,
    GROUND,
    RIVER,
    SEWAGE,
    TALLER,
    WATERS,
    Expected,
    Layout,
    Prior,
    Sizes,
    prior,
)
from wenqu.diagnosis.lost_sewage import Lost, lost_sewage
from wenqu.diagnosis.normal_equations import Parted, gram
from wenqu.diagnosis.travelled_waves import Ways, harmonics, travel

Floats = npt.NDArray[np.float64]
SPEEDS = (0.13, 0.2, 0.32, 0.5, 0.8, 1.25, 2.0)  # [m/s] tried for the wave
TRIAL, PASSES, WIDER, LOOSER = 3, 12, 3, 2
BESIDE, MANY = 2, 100 * 100  # trials at once, where so many pairs of meters and areas are worth it
FAR = 4.0  # errors from the guess within which splits are looked for
FREE_TALLER = 0.3
FITS = 1.5  # errors that may be left over before a meter is trusted less
DEFAULT = Sizes()


@dataclass(frozen=True, slots=True)
class Inversion:
    """The joint answer by area, kinds sewage that arrives, groundwater, river. N unknowns."""

    layout: Layout
    theta: Floats  # (N,)
    factor: Floats  # (N, N) lower factor of the precision
    prior_sd: Floats  # (3, A) [m³/s]
    lost: Lost  # of each area
    celerity: float  # [m/s]
    bias: Floats  # (M,) [-] estimated error of each meter
    rows: Rows
    evidence: float  # log density of the readings, to compare what is otherwise equal
    loose: Floats  # (M,) [-] by how much the errors of each meter's rows were widened
    bills: Sites  # what stands for the bills

    @property
    def misfit(self) -> Floats:
        """Return what the rows of each meter's flow leave over, rms in errors, NaN without such rows. (M,)"""
        flow = self.rows.meter >= 0
        whose, count = self.rows.meter[flow], self.layout.meters
        rows = np.bincount(whose, minlength=count)
        squares = np.bincount(whose, self.rows.left[flow] ** 2, count)
        return np.asarray(np.sqrt(np.where(rows > 0, squares, np.nan) / np.maximum(rows, 1)))

    @property
    def mean(self) -> Floats:
        """Return the flows, not negative. (3, A) [m³/s]"""
        return self.theta[: WATERS * self.layout.areas].reshape(WATERS, -1)

    def sd_of(self, at: npt.NDArray[np.int64]) -> Floats:
        """Return the standard deviations of some unknowns."""
        return np.sqrt(_variances(self.factor, at))

    def covariance(self) -> Floats:
        """Return the covariance of the flows without the bounds. (3 A, 3 A) [m⁶/s²]"""
        held = WATERS * self.layout.areas
        return np.asarray(cho_solve((self.factor, True), np.eye(len(self.theta))[:, :held])[:held])


def invert(
    expected: Expected, heard: Heard, ways: Ways, pattern: Floats, sizes: Sizes = DEFAULT
) -> Inversion:
    """Return the joint posterior of all areas.

    Parameters
    ----------
    expected
        Priors.
    heard
        Dry-weather evidence.
    ways
        Areas and meters on the forest.
    pattern
        Daily pattern of sewage at the source, mean 1. (24,)

    Notes
    -----
    The speed of the wave is searched on a grid first, by the density of the readings, then refined as an
    unknown. Meters whose day the model cannot follow are trusted less: the errors of their rows are widened
    by what is left over. Cost: a dense solve of 5 A + M + 11 + 3 K unknowns for each of some 30 passes.
    """

    def trial(speed: float) -> tuple[float, float]:
        told = _solve(expected, heard, ways, (pattern, speed), sizes, passes=TRIAL)
        return told.evidence, told.celerity

    with ThreadPoolExecutor(BESIDE if ways.above.size >= MANY else 1) as pool:
        _, celerity = max(pool.map(trial, SPEEDS), key=lambda told: told[0])
    found = _solve(expected, heard, ways, (pattern, celerity), sizes, passes=PASSES)
    for _ in range(LOOSER):
        misfit = np.nan_to_num(found.misfit, nan=1.0)
        if (misfit <= FITS).all():
            break
        heard = replace(heard, loose=heard.loose * np.where(misfit > FITS, misfit, 1.0))
        again = _solve(expected, heard, ways, (pattern, found.celerity), sizes, passes=PASSES)
        found = again
    return found


def tried(
    expected: Expected, heard: Heard, ways: Ways, wave: tuple[Floats, float], sizes: Sizes, *,
    passes: int = TRIAL,
) -> Inversion:  # fmt: skip
    """Return the estimate at a given pattern (24,) and speed of the wave [m/s], to choose between many."""
    return _solve(expected, heard, ways, wave, sizes, passes=passes)


def settled(
    expected: Expected, heard: Heard, ways: Ways, wave: tuple[Floats, float], sizes: Sizes,
    start: tuple[Floats, Sites], passes: int,
) -> Inversion:  # fmt: skip
    """Return the posterior at a given speed of the wave, from an estimate that is near it.

    Parameters
    ----------
    wave
        Daily pattern at the source (24,), and celerity [m/s].
    start
        The estimate (N,), and what stands for the bills.
    passes
        How often the rows are made anew.
    """
    return _solve(expected, heard, ways, wave, sizes, passes=passes, start=start)


def _solve(
    expected: Expected, heard: Heard, ways: Ways, wave: tuple[Floats, float], sizes: Sizes, *, passes: int,
    start: tuple[Floats, Sites] | None = None,
) -> Inversion:  # fmt: skip
    meters, areas = ways.above.shape
    layout = Layout(areas, meters, expected.member.shape[1], ways.unsure)
    source = harmonics(wave[0])
    thought = prior(expected, layout, sizes, source)
    seen = (source, travel(ways, wave[1]))
    theta = thought.mean.copy() if start is None else start[0].copy()
    rare = _Rare(thought, layout, sizes.freedom)
    bills = sites(expected.made, expected.made_cv, thought.floor) if start is None else start[1]
    flows = np.concatenate([np.arange(layout.size)[layout.of(kind)] for kind in (RIVER, GROUND, SEWAGE)])
    pinned = np.zeros(len(flows), dtype=np.bool_)
    for step in range(passes):
        rows = rows_of(expected, heard, seen, layout, sizes, theta)
        near = theta if step or start is not None else None
        precision, middle = rare.precision(bills, near), rare.mean(bills)
        parted = Parted(gram(rows.design, rows.meter) + precision, flows)
        following = parted.minimum(rows.design.T @ rows.value + precision @ middle, pinned)
        pinned = following[flows] <= 0
        theta = 0.5 * (theta + following) if 0 < step < 4 else following
        if near is not None:
            bills = moved(bills, theta[layout.of(SEWAGE)], parted.variances(areas))
        if ways.unsure:  # where the water divides, another split is another way for every wave
            theta[layout.more] = np.clip(theta[layout.more], *_within(expected))
            seen = (source, travel(ways, wave[1], theta[layout.more]))
    rows = rows_of(expected, heard, seen, layout, sizes, theta)
    known = gram(rows.design, rows.meter)
    precision = rare.precision(bills, theta)
    parted = Parted(known + precision, rare.at)
    narrow = precision[rare.at, rare.at]
    for _ in range(WIDER):  # what is rare may be where it was not found: as wide as it may still be
        precision = rare.precision(bills, theta, parted.variances(len(rare.at)))
        parted.added(precision[rare.at, rare.at] - narrow)
    away = theta - thought.mean
    away[layout.of(SEWAGE)] = 0.0
    plain = rare.logs(precision) - np.log(bills.error**2).sum()
    logs = parted.logs - plain + rows.logs
    told = density(theta[layout.of(SEWAGE)], bills)
    evidence = told - 0.5 * (float(rows.left @ rows.left) + float(away @ precision @ away) + float(logs))
    prior_sd = thought.sd[: WATERS * areas].reshape(WATERS, areas).copy()
    prior_sd[SEWAGE] = np.sqrt(sites(expected.made, expected.made_cv, thought.floor).variance)
    lost = lost_sewage(
        bills.heard, np.sqrt(bills.heard_variance), expected.made, expected.made_cv * bills.scale
    )
    return Inversion(
        layout, theta, cholesky(known + precision, lower=True), prior_sd, lost,
        float(wave[1] * np.exp(theta[layout.city(CITY_SPEED)])), theta[layout.bias], rows, evidence,
        heard.loose, bills,
    )  # fmt: skip


def _within(expected: Expected) -> tuple[Floats, Floats]:
    """Return between what splits and tanks are looked for: far out, a slope says nothing of the rest."""
    return expected.more - FAR * expected.more_sd, expected.more + FAR * expected.more_sd


class _Rare:
    """Prior where a few areas may be far from what is expected."""

    def __init__(self, thought: Prior, layout: Layout, freedom: float) -> None:
        self.thought, self.freedom = thought, freedom
        self.foul = np.arange(layout.areas)
        self.at = np.r_[layout.of(RIVER), layout.city(TALLER)]
        self.taller, self.ground = layout.city(TALLER), layout.of(GROUND)

    def mean(self, bills: Sites) -> Floats:
        """Return the middle of the prior. (N,)"""
        found = self.thought.mean.copy()
        found[self.foul] = bills.mean
        return found

    def precision(self, bills: Sites, theta: Floats | None, spread: Floats | float = 0.0) -> Floats:
        """Return the precision around an estimate of this variance, of the plain prior without one. (N, N)"""
        found = self.thought.precision.copy()
        found[self.foul, self.foul] = 1 / bills.variance
        if theta is None:
            found[self.taller, self.taller] = FREE_TALLER**-2
        else:
            start = self.thought.sd[self.at] ** 2
            away = (theta - self.thought.mean)[self.at]
            found[self.at, self.at] = (self.freedom + 1) / (self.freedom * start + away**2 + spread)
        return found

    def logs(self, precision: Floats) -> float:
        """Return log |precision| of all but the sewage; areas share nothing but groundwater."""
        together = precision[self.ground, self.ground]
        alone = np.diag(precision).copy()
        alone[self.foul], alone[self.ground] = 1.0, 1.0
        return float(np.log(alone).sum() + np.linalg.slogdet(together)[1])


def _variances(factor: Floats, at: npt.NDArray[np.int64]) -> Floats:
    """Return some diagonal elements of the inverse of a matrix, from its lower factor."""
    unit = np.zeros((len(factor), len(at)))
    unit[at, np.arange(len(at))] = 1.0
    return np.asarray((solve_triangular(np.tril(factor), unit, lower=True) ** 2).sum(axis=0))
