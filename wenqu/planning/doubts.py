"""How unsure is what a programme brings: waters by area with their covariance, methods, what plants receive?

What a part of an option brings is its expected value times three factors of mean 1: of its area and water
(they vary together, by the posterior), of the site itself (how the area's water is shared out), and of the
method (its Beta). First-order, a plant's margin has the variance f·R·f + Σ(u·cv)² + Σ(b·cv)² + (Q·sd)².
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, aims, option_aims
from wenqu.planning.rules import Rules
from wenqu.planning.verify import Choice

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
LEAST = 0.05  # [-] of its mean: no draw of a plant's flow falls below


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is unsure, relative to what is expected. n sites, m methods, p plants, k factors."""

    factors: tuple[tuple[str, str], ...]  # (k) area and water: groundwater, river, missing
    covariance: Floats  # (k, k) [-] of the factors, relative to their means
    site_factor: Ints  # (n,) row of the factors, -1 for none
    site_cv: Floats  # (n,) [-] of the site by itself, around its share of the area
    clean_bod: Floats  # (n,) [kg/m³]
    sewage_bod: Floats  # (n,) [kg/m³]
    beta: Floats  # (m, 2) Beta(a, b) of each method of the catalogue
    plant_sd: Floats  # (p,) [kg/m³] of what a plant receives today, as a year's mean
    together: bool = True  # the covariance is the posterior's; else areas were taken to be independent

    @property
    def method_cv(self) -> Floats:
        """Return the relative standard deviation of each method's effect. [-] (m,)"""
        a, b = self.beta[:, 0], self.beta[:, 1]
        return np.sqrt(b / (a * (a + b + 1)))


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all options, as a plant feels them. q parts."""

    option: Ints  # (q,)
    site: Ints  # (q,)
    method: Ints  # (q,)
    factor: Ints  # (q,) row of the factors, -1 for none
    flow: Floats  # (q,) [m³/s]
    load: Floats  # (q,) [kg/s]
    margin: Floats  # (q,) [kg/s] load - aim·flow


def parts_of(options: Options, plants: Plants, rules: Rules, doubts: Doubts) -> Parts:
    """Return the parts of the options with what each adds to flow, load and margin of its plant."""
    option = np.repeat(np.arange(len(options)), np.diff(options.part_start))
    site = options.part_site
    aim = option_aims(options, plants, rules)[option]
    flow = options.part_sewage - options.part_clean
    load = doubts.sewage_bod[site] * options.part_sewage - doubts.clean_bod[site] * options.part_clean
    return Parts(
        option, site, options.part_method, doubts.site_factor[site], flow, load, load - aim * flow
    )  # fmt: skip


def plant_rows(options: Options, plants: Plants) -> Ints:
    """Return the row of the plant below each option, -1 for none. (o,)"""
    place = {str(name): row for row, name in enumerate(plants.ids)}
    of_package = np.array([place.get(str(name), -1) for name in options.plant], dtype=np.int64)
    return of_package[options.package] if len(options) else np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Spread:
    """First-order spread of one plant's margin under some repairs."""

    sd: float  # [kg/s]
    of_option: (
        Floats  # (o,) [kg/s] what a unit of each option adds to it: the tangent, Σ over chosen = sd - base
    )
    base: float  # [kg/s] what today's readings add


def spread_of(
    doubts: Doubts, parts: Parts, plants: Plants, row: int, inside: Bools, chosen: Bools | Floats
) -> Spread:
    """Return the spread of a plant's margin and its tangent there.

    The spread is a norm, so the tangent never exceeds it: ``base + Σ of_option·x <= sd(x)`` for every x.

    Parameters
    ----------
    doubts, parts, plants
        What is unsure of what.
    row
        The plant.
    inside
        Which parts drain to it. (q,)
    chosen
        Which of them the programme has, or how much of each. (q,)
    """
    count = int(parts.option.max()) + 1 if len(parts.option) else 0
    sd_today = float(np.nan_to_num(plants.flow[row] * doubts.plant_sd[row]))
    picked = np.flatnonzero(inside & (chosen > 0))
    value = parts.margin[picked] * chosen[picked]
    known = parts.factor[picked] >= 0
    of_factor = np.bincount(parts.factor[picked][known], value[known], len(doubts.factors))
    of_site = np.bincount(parts.site[picked], value, len(doubts.site_cv))
    of_method = np.bincount(parts.method[picked], value, len(doubts.beta))
    spread = doubts.covariance @ of_factor
    own, wide = of_site * doubts.site_cv**2, of_method * doubts.method_cv**2
    variance = float(of_factor @ spread + own @ of_site + wide @ of_method) + sd_today**2
    sd = math.sqrt(max(variance, 0.0))
    slope: Floats = np.zeros(count)
    if sd > 0:
        rows = np.flatnonzero(inside)
        each = own[parts.site[rows]] + wide[parts.method[rows]]
        each += np.append(spread, 0.0)[parts.factor[rows]]  # the place -1 holds 0
        slope += np.bincount(parts.option[rows], parts.margin[rows] * each / sd, count)
    return Spread(sd, slope, sd_today**2 / sd if sd > 0 else 0.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What draws of everything unsure make of a programme. s draws, p plants, w windows."""

    concentration: Floats  # (s, p, w) [kg/m³] NaN where nothing is measured
    meets: Bools  # (s, p, w)


def drawn(
    options: Options,
    plants: Plants,
    rules: Rules,
    choice: Choice,
    doubts: Doubts,
    *,
    draws: int,
    seed: int = 1,
) -> Drawn:
    """Return what every plant receives at the end of every window, in draws of all that is unsure.

    Area waters are lognormal with the means and covariances of the posterior, the share of a site is
    gamma, a method's effect is its Beta, today's readings are normal. All keep their means.
    """
    generator = np.random.default_rng(seed)
    windows, count = len(rules.windows), len(plants.ids)
    parts = parts_of(options, plants, rules, doubts)
    window = np.full(len(options), -1, dtype=np.int64)
    window[choice.options] = choice.windows
    used = np.flatnonzero(window[parts.option] >= 0)
    times = _multiples(doubts, parts, used, draws, generator)
    place = plant_rows(options, plants)[parts.option[used]] * windows + window[parts.option[used]]
    kept = place >= 0
    flow, load = np.zeros((draws, count * windows)), np.zeros((draws, count * windows))
    for cell in np.unique(place[kept]):
        mine = place == cell
        flow[:, cell] = times[:, mine] @ parts.flow[used[mine]]
        load[:, cell] = times[:, mine] @ parts.load[used[mine]]
    shape = (draws, count, windows)
    error = generator.normal(size=(draws, count)) * np.nan_to_num(doubts.plant_sd * plants.flow)
    flow = plants.flow[:, None] + np.cumsum(flow.reshape(shape), axis=2)
    flow = np.maximum(flow, LEAST * plants.flow[:, None])
    load = (plants.load + error)[:, :, None] + np.cumsum(load.reshape(shape), axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(flow > 0, np.maximum(load, 0.0) / flow, np.nan)
    aim = aims(plants, rules)[:, None]
    return Drawn(concentration, concentration >= aim * (1 - 1e-9))


def _multiples(
    doubts: Doubts, parts: Parts, used: Ints, draws: int, generator: np.random.Generator
) -> Floats:
    """Return by what each used part is multiplied in each draw. (s, used)"""
    named = np.unique(parts.factor[used][parts.factor[used] >= 0])
    times = np.ones((draws, len(used)))
    if len(named):
        root = _log_root(doubts.covariance[np.ix_(named, named)])
        log = generator.normal(size=(draws, root.shape[1])) @ root.T
        factor = np.ones((draws, len(doubts.factors) + 1))
        factor[:, named] = np.exp(log - 0.5 * (root**2).sum(axis=1))
        times *= factor[:, parts.factor[used]]  # the place -1 holds 1
    sites, at = np.unique(parts.site[used], return_inverse=True)
    times *= _gamma(doubts.site_cv[sites], draws, generator)[:, at]
    methods, at = np.unique(parts.method[used], return_inverse=True)
    a, b = doubts.beta[methods].T
    beta = generator.beta(a, b, size=(draws, len(methods))) / (a / (a + b))
    found: Floats = times * beta[:, at]
    return found


def _log_root(covariance: Floats) -> Floats:
    """Return L with L·Lᵀ the covariance of the logarithms of lognormals with this relative covariance."""
    log = np.log1p(np.maximum(covariance, -0.95))
    size, axes = np.linalg.eigh((log + log.T) / 2)
    root = axes * np.sqrt(np.maximum(size, 0.0))
    scale = np.sqrt(np.maximum(np.diagonal(log), 0.0)) / np.maximum(np.sqrt((root**2).sum(axis=1)), 1e-300)
    found: Floats = root * scale[:, None]  # cutting the negative axes must not widen any
    return found


def _gamma(cv: Floats, draws: int, generator: np.random.Generator) -> Floats:
    """Return draws of mean 1 and the given relative standard deviations. (s, len(cv))"""
    sure = cv <= 1e-9
    shape = 1 / np.where(sure, 1.0, cv) ** 2
    made = generator.gamma(shape, 1 / shape, size=(draws, len(cv)))
    found: Floats = np.where(sure, 1.0, made)
    return found


def known_now(doubts: Doubts, factors: Ints) -> Doubts:
    """Return what stays unsure once some factors are known: the covariance given them."""
    rest = doubts.covariance
    some = rest[np.ix_(factors, factors)]
    taken = rest[:, factors] @ np.linalg.pinv(some) @ rest[factors]
    left = rest - taken
    left[factors], left[:, factors] = 0.0, 0.0
    return Doubts(
        doubts.factors, (left + left.T) / 2, doubts.site_factor, doubts.site_cv, doubts.clean_bod,
        doubts.sewage_bod, doubts.beta, doubts.plant_sd, doubts.together,
    )  # fmt: skip
