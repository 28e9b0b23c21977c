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
    RATIO,
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
    by what is left over. Cost: a dense solve of 5 A + M + 14 + 3 K unknowns for each of some 30 passes.
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
    at = np.arange(layout.size)
    last = np.r_[at[layout.of(RIVER)], at[layout.of(GROUND)], layout.city(RATIO), at[layout.of(SEWAGE)]]
    bounded = last != layout.city(RATIO)
    pinned = np.zeros(len(last), dtype=np.bool_)
    for step in range(passes):
        rows = rows_of(expected, heard, seen, layout, sizes, theta)
        near = theta if step or start is not None else None
        precision, middle = rare.precision(bills, near), rare.mean(bills)
        parted = Parted(gram(rows.design, rows.meter) + precision, last)
        right = rows.design.T @ rows.value + precision @ middle
        following = parted.minimum(right, pinned, bounded)
        pinned = bounded & (following[last] <= 0)
        theta = 0.5 * (theta + following) if 0 < step < 4 else following
        if near is not None:
            apart = parted.variances_of(np.vstack([-arriving(bills), np.eye(areas)]))
            bills = moved(bills, without_common_error(bills, layout, theta), apart)
        if ways.unsure:  # where the water divides, another split is another way for every wave
            theta[layout.more] = np.clip(theta[layout.more], *_within(expected))
            seen = (source, travel(ways, wave[1], theta[layout.more]))
    rows = rows_of(expected, heard, seen, layout, sizes, theta)
    known = gram(rows.design, rows.meter)
    precision = rare.precision(bills, theta)
    parted = Parted(known + precision, rare.at)
    narrow = rare.without_bills(theta)[rare.at, rare.at]
    for _ in range(WIDER):  # what is rare may be where it was not found: as wide as it may still be
        plain = rare.without_bills(theta, parted.variances(len(rare.at)))
        parted.added(plain[rare.at, rare.at] - narrow)
    factor = cholesky(known + with_common_error(plain, bills, layout), lower=True)
    away = theta - thought.mean
    away[layout.of(SEWAGE)] = 0.0
    logs = parted.logs - (rare.logs(plain) - np.log(bills.error**2).sum()) + rows.logs
    told = density(without_common_error(bills, layout, theta), bills)
    evidence = told - 0.5 * (float(rows.left @ rows.left) + float(away @ plain @ away) + float(logs))
    prior_sd = thought.sd[: WATERS * areas].reshape(WATERS, areas).copy()
    common = thought.sd[layout.city(RATIO)] * expected.made
    prior_sd[SEWAGE] = np.sqrt(sites(expected.made, expected.made_cv, thought.floor).variance + common**2)
    lost = lost_sewage(
        bills.heard, np.sqrt(bills.heard_variance), expected.made, expected.made_cv * bills.scale
    )
    ratio = float(theta[layout.city(RATIO)])
    lost = _made_otherwise(lost, 1 + ratio, float(_variances(factor, np.array([layout.city(RATIO)]))[0]))
    return Inversion(
        layout, theta, factor, prior_sd, lost,
        float(wave[1] * np.exp(theta[layout.city(CITY_SPEED)])), theta[layout.bias], rows, evidence,
        heard.loose, bills,
    )  # fmt: skip


def _within(expected: Expected) -> tuple[Floats, Floats]:
    """Return between what splits and tanks are looked for: far out, a slope says nothing of the rest."""
    return expected.more - FAR * expected.more_sd, expected.more + FAR * expected.more_sd


def with_common_error(precision: Floats, bills: Sites, layout: Layout) -> Floats:
    """Return the precision of a prior when the bills are those of ``bills`` and err in common too. (N, N)

    Where its site says ``m`` of an area it is ``m + c·ρ`` when all bills are too low by the share ρ, c being
    what arrives of its bill.
    """
    found, foul, ratio = precision.copy(), np.arange(layout.areas), layout.city(RATIO)
    carried = arriving(bills)
    found[foul, foul] = 1 / bills.variance
    found[foul, ratio] = found[ratio, foul] = -carried / bills.variance
    found[ratio, ratio] += float((carried**2 / bills.variance).sum())
    return found


def without_common_error(bills: Sites, layout: Layout, theta: Floats) -> Floats:
    """Return the sewage that would arrive if the bills had no error in common. (A,) [m³/s]"""
    return np.asarray(theta[layout.of(SEWAGE)] - theta[layout.city(RATIO)] * arriving(bills))


def arriving(bills: Sites) -> Floats:
    """Return what arrives of the bill of each area, as its site has it. (A,) [m³/s]"""
    return np.clip(bills.mean, 0.0, bills.billed)


def _made_otherwise(lost: Lost, size: float, unsure: float) -> Lost:
    """Return what is lost when all bills are off by a factor, sure to a variance."""
    size = max(size, 0.0)
    return replace(
        lost, mean=size * lost.mean, low=size * lost.low, high=size * lost.high,
        variance=size**2 * lost.variance + unsure * lost.mean**2,
    )  # fmt: skip


class _Rare:
    """Prior where a few areas may be far from what is expected."""

    def __init__(self, thought: Prior, layout: Layout, freedom: float) -> None:
        self.thought, self.freedom, self.layout = thought, freedom, layout
        self.foul = np.arange(layout.areas)
        self.at = np.r_[layout.of(RIVER), layout.city(TALLER), layout.city(RATIO)]
        self.taller, self.ground = layout.city(TALLER), layout.of(GROUND)

    def mean(self, bills: Sites) -> Floats:
        """Return the middle of the prior. (N,)"""
        found = self.thought.mean.copy()
        found[self.foul] = bills.mean
        return found

    def precision(self, bills: Sites, theta: Floats | None, spread: Floats | float = 0.0) -> Floats:
        """Return the precision around an estimate of this variance, of the plain prior without one. (N, N)"""
        return with_common_error(self.without_bills(theta, spread), bills, self.layout)

    def without_bills(self, theta: Floats | None, spread: Floats | float = 0.0) -> Floats:
        """Return it without what the bills say. (N, N)"""
        found = self.thought.precision.copy()
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
