"""How much sewage is made and lost, and how much groundwater and river water enters, in every area at once?

Unknowns of each area: sewage made, sewage missing, groundwater, river water, none negative; of each meter its
bias and how much its wave is off in height and in speed; of the city the same two, the answers of groundwater
and river water to a metre of level, and the shift of every end member. Rows, each linear in the unknowns
around the last estimate (Gauss-Newton):

- shape: the mean dry flow of each hour = travelled waves of the sewage + the steady waters, times 1 + bias;
- mixing, for each tracer of a meter: Σ (c_k - C) Q_k = 0, so that the error of the meter stays outside;
- response to levels: k_G = α Σ g, k_R = β Σ r.

Priors: sewage made as billed; missing sewage and river water rare (Student-t by reweighting); groundwater
shared out by length and condition with one factor for the whole city.

References
----------
Derived for this project; the active set and the reweighting as in ``bounded_quadratic``. Mixing rows written
around the measured concentration keep the flow error out of the chemistry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from wenqu.diagnosis.bounded_quadratic import bounded_minimum
from wenqu.diagnosis.forcing_response import Response
from wenqu.diagnosis.travelled_waves import HOURS, Ways, waves

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MADE, MISSING, GROUND, RIVER = range(4)
KINDS = 4
SPEEDS = (0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.7)  # [m/s] tried for the wave
PASSES = 14
FREEDOM = 3.0  # of the Student-t of rare things
SIZES = {  # standard deviations that no file gives; see the manual
    "height": 0.05,  # of the wave at one meter
    "city_height": 0.10,
    "speed": 0.12,  # of log celerity at one meter
    "city_speed": 0.25,
    "hour": 0.02,  # of one hour of the wave, share of the sewage
    "ground_scale": 0.8,
    "ground_area": 0.8,
    "river_area": 1.0,
    "missing_area": 0.12,  # of the sewage made
    "answer": 0.8,  # of log α and log β
    "answer_area": 0.3,  # scatter of α and β between areas
    "local": 0.08,  # scatter of end members between areas
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings of one tracer at one meter, by hour of the day. Its unit is that of the end members."""

    meter: int
    tracer: int
    weight: Floats  # (24,) share of the readings in each hour
    weighted: Floats  # (24,) Σ of readings over their whole number, by hour
    sd: float  # [-] relative error of their mean


@dataclass(frozen=True, slots=True)
class Expected:
    """What is thought before any reading. A areas, M meters, K tracers."""

    made: Floats  # (A,) [m³/s]
    made_cv: Floats  # (A,) [-]
    ground: Floats  # (A,) [m³/s]
    river: Floats  # (A,) [m³/s]
    bias: Floats  # (M,) [-] sd of each meter's systematic error
    member: Floats  # (3, K) end members of sewage, groundwater, river water
    member_sd: Floats  # (3, K)
    ground_answer: float  # [1/m] α
    river_answer: float  # [1/m] β


@dataclass(frozen=True, slots=True)
class Heard:
    """What was measured in dry weather."""

    profile: Floats  # (M, 24) [m³/s] mean of each hour, NaN where never read
    profile_sd: Floats  # (M, 24) [m³/s] of that mean
    samples: Sequence[Sample]
    responses: Sequence[Response | None]  # (M,)


@dataclass(frozen=True, slots=True)
class Inversion:
    """The joint answer by area, kinds made, missing, groundwater, river."""

    mean: Floats  # (4, A) [m³/s] not negative
    free: Floats  # (4, A) [m³/s] without the bounds
    covariance: Floats  # (4 A, 4 A) [m⁶/s²], index kind · A + area
    prior_sd: Floats  # (4, A) [m³/s]
    celerity: float  # [m/s]
    bias: Floats  # (M,) [-] estimated error of each meter
    fit: Floats  # (M,) [-] rms misfit of the hours over their error
    evidence: float  # log density of the readings, to compare what is otherwise equal


@dataclass(frozen=True, slots=True)
class _Layout:
    areas: int
    meters: int
    tracers: int

    @property
    def size(self) -> int:
        return KINDS * self.areas + 3 * self.meters + 4 + 3 * self.tracers

    def of(self, kind: int) -> slice:
        return slice(kind * self.areas, (kind + 1) * self.areas)

    def meter(self, what: int) -> slice:
        start = KINDS * self.areas + what * self.meters
        return slice(start, start + self.meters)

    def city(self, what: int) -> int:
        return KINDS * self.areas + 3 * self.meters + what

    def member(self, kind: int, tracer: int) -> int:
        return KINDS * self.areas + 3 * self.meters + 4 + kind * self.tracers + tracer


BIAS, HEIGHT, SPEED = range(3)
CITY_HEIGHT, CITY_SPEED, ALPHA, BETA = range(4)


@dataclass(frozen=True, slots=True)
class _Rows:
    design: Floats
    value: Floats
    variance: Floats


def invert(expected: Expected, heard: Heard, ways: Ways, pattern: Floats) -> Inversion:
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
    unknown. Cost: a dense solve of 4 A + 3 M + 4 + 3 K unknowns for each of some 30 passes.
    """
    tried = [_solve(expected, heard, ways, (pattern, speed), passes=5) for speed in SPEEDS]
    best = max(tried, key=lambda found: found.evidence)
    return _solve(expected, heard, ways, (pattern, best.celerity), passes=PASSES)


def _solve(
    expected: Expected, heard: Heard, ways: Ways, wave: tuple[Floats, float], *, passes: int
) -> Inversion:
    areas, meters = ways.above.shape[1], ways.above.shape[0]
    layout = _Layout(areas, meters, expected.member.shape[1])
    pattern, speed = wave
    prior, spread = _prior(expected, layout)
    theta = prior.copy()
    river = (SIZES["river_area"] * expected.river) ** 2
    missing = (SIZES["missing_area"] * expected.made) ** 2
    start = (river.copy(), missing.copy())
    bounded = np.zeros(layout.size, dtype=np.bool_)
    bounded[: KINDS * areas] = True
    shape = waves(ways, pattern, speed)
    faster = (waves(ways, pattern, speed * 1.05) - waves(ways, pattern, speed / 1.05)) / (2 * np.log(1.05))
    for step in range(passes):
        rows = _rows(expected, heard, (shape, faster, ways.above), layout, theta)
        weighted = rows.design / rows.variance[:, None]
        precision = _precision(expected, layout, spread, (river, missing))
        matrix = weighted.T @ rows.design + precision
        right = weighted.T @ rows.value + precision @ prior
        following = bounded_minimum(matrix, right, bounded, bounded & (theta <= 0) if step else None)
        theta = following if step == 0 else 0.5 * (theta + following) if step < 4 else following
        if step:
            river = _rare(start[0], theta[layout.of(RIVER)] - prior[layout.of(RIVER)])
            missing = _rare(start[1], theta[layout.of(MISSING)] - prior[layout.of(MISSING)])
    rows = _rows(expected, heard, (shape, faster, ways.above), layout, theta)
    precision = _precision(expected, layout, spread, (river, missing))
    matrix = (rows.design / rows.variance[:, None]).T @ rows.design + precision
    factor = cho_factor(matrix)
    covariance = cho_solve(factor, np.eye(layout.size))
    free = cho_solve(factor, (rows.design / rows.variance[:, None]).T @ rows.value + precision @ prior)
    left = rows.value - rows.design @ theta
    away = theta - prior
    logs = 2 * np.log(np.diag(factor[0])).sum() - np.linalg.slogdet(precision)[1] + np.log(rows.variance).sum()
    evidence = -0.5 * (float((left**2 / rows.variance).sum()) + float(away @ precision @ away) + float(logs))
    held = KINDS * areas
    hours = meters * HOURS
    fit = np.sqrt(np.nanmean(np.where(np.isfinite(rows.variance[:hours]) & (rows.variance[:hours] < 1e20), left[:hours] ** 2 / rows.variance[:hours], np.nan).reshape(meters, HOURS), axis=1))
    return Inversion(
        theta[:held].reshape(KINDS, areas), free[:held].reshape(KINDS, areas), covariance[:held, :held],
        np.sqrt(np.linalg.inv(_precision(expected, layout, spread, start)).diagonal()[:held]).reshape(KINDS, areas),
        float(speed * np.exp(theta[layout.city(CITY_SPEED)])), theta[layout.meter(BIAS)], fit, evidence,
    )  # fmt: skip


def _rare(variance: Floats, moved: Floats) -> Floats:
    found: Floats = (FREEDOM * variance + moved**2) / (FREEDOM + 1)
    return found


def _prior(expected: Expected, layout: _Layout) -> tuple[Floats, Floats]:
    """Return means and standard deviations of all unknowns."""
    mean, sd = np.zeros(layout.size), np.zeros(layout.size)
    mean[layout.of(MADE)], sd[layout.of(MADE)] = expected.made, expected.made_cv * expected.made
    mean[layout.of(GROUND)], sd[layout.of(GROUND)] = expected.ground, SIZES["ground_area"] * expected.ground
    mean[layout.of(RIVER)] = expected.river
    sd[layout.meter(BIAS)] = expected.bias
    sd[layout.meter(HEIGHT)], sd[layout.meter(SPEED)] = SIZES["height"], SIZES["speed"]
    sd[layout.city(CITY_HEIGHT)], sd[layout.city(CITY_SPEED)] = SIZES["city_height"], SIZES["city_speed"]
    mean[layout.city(ALPHA)], mean[layout.city(BETA)] = (
        np.log(expected.ground_answer), np.log(expected.river_answer),
    )  # fmt: skip
    sd[layout.city(ALPHA)] = sd[layout.city(BETA)] = SIZES["answer"]
    if layout.tracers:
        sd[layout.member(0, 0) :] = expected.member_sd.ravel()
    return mean, sd


def _precision(expected: Expected, layout: _Layout, sd: Floats, rare: tuple[Floats, Floats]) -> Floats:
    """Return the prior precision; all groundwater has one more factor in common."""
    variance = sd**2
    variance[layout.of(RIVER)], variance[layout.of(MISSING)] = rare
    floor = 1e-8 * float(expected.made.mean() + expected.ground.mean()) ** 2
    held = slice(0, KINDS * layout.areas)
    variance[held] = np.maximum(variance[held], floor)
    found: Floats = np.diag(1.0 / np.maximum(variance, 1e-12 if not floor else 1e-300))
    ground = layout.of(GROUND)
    pulled = expected.ground / variance[ground] * SIZES["ground_scale"]
    found[ground, ground] -= np.outer(pulled, pulled) / (1 + float(pulled @ expected.ground) * SIZES["ground_scale"])
    return found


def _rows(
    expected: Expected,
    heard: Heard,
    seen: tuple[Floats, Floats, Mask],
    layout: _Layout,
    theta: Floats,
) -> _Rows:
    parts = [_shape_rows(heard, seen, layout, theta)]
    parts += [_mixing_row(expected, sample, seen, layout, theta) for sample in heard.samples]
    parts += [
        _response_rows(answer, meter, seen[2], layout, theta)
        for meter, answer in enumerate(heard.responses)
        if answer is not None
    ]
    return _Rows(
        np.concatenate([part.design for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.variance for part in parts]),
    )


def _waters(layout: _Layout, theta: Floats) -> tuple[Floats, Floats, Floats]:
    sewage = np.maximum(theta[layout.of(MADE)] - theta[layout.of(MISSING)], 0.0)
    return sewage, theta[layout.of(GROUND)], theta[layout.of(RIVER)]


def _shape_rows(heard: Heard, seen: tuple[Floats, Floats, Mask], layout: _Layout, theta: Floats) -> _Rows:
    shape, faster, above = seen
    sewage, ground, river = _waters(layout, theta)
    wave = np.einsum("mah,a->mh", shape, sewage)
    steady = above @ (ground + river)
    total = wave + steady[:, None]
    mean = above @ sewage
    tall = wave - mean[:, None]
    quick = np.einsum("mah,a->mh", faster, sewage)
    count = layout.meters * HOURS
    design = np.zeros((count, layout.size))
    flat = shape.transpose(0, 2, 1).reshape(count, -1)
    design[:, layout.of(MADE)], design[:, layout.of(MISSING)] = flat, -flat
    reach = np.repeat(above.astype(np.float64), HOURS, axis=0)
    design[:, layout.of(GROUND)] = design[:, layout.of(RIVER)] = reach
    at = np.arange(count)
    place = at // HOURS
    bias = theta[layout.meter(BIAS)]
    gain = (1 + bias)[place]
    design[:, : KINDS * layout.areas] *= gain[:, None]
    design[at, layout.meter(BIAS).start + place] = total.ravel()
    for own, city, column in ((HEIGHT, CITY_HEIGHT, tall), (SPEED, CITY_SPEED, quick)):
        design[at, layout.meter(own).start + place] = column.ravel()
        design[:, layout.city(city)] = column.ravel()
    # (1 + b) Hθ around the last estimate: b Hθ₀ comes twice and is taken back once
    value = heard.profile + (bias[:, None] * total)
    variance = heard.profile_sd**2 + (SIZES["hour"] * mean[:, None]) ** 2
    known = np.isfinite(value) & np.isfinite(variance)
    return _Rows(
        np.where(known.ravel()[:, None], design, 0.0),
        np.where(known, value, 0.0).ravel(),
        np.where(known, np.maximum(variance, 1e-20), 1e30).ravel(),
    )


def _mixing_row(
    expected: Expected, sample: Sample, seen: tuple[Floats, Floats, Mask], layout: _Layout, theta: Floats
) -> _Rows:
    shape, _, above = seen
    reach = above[sample.meter]
    k = sample.tracer
    member = expected.member[:, k] + theta[[layout.member(kind, k) for kind in range(3)]]
    concentration = float(sample.weighted.sum())
    wave = shape[sample.meter]  # (A, 24)
    sewage, ground, river = _waters(layout, theta)
    by_hour = wave @ sample.weight  # Σ_h w_h H
    foul = member[0] * by_hour - wave @ sample.weighted
    clean = [reach * (member[kind] - concentration) for kind in (1, 2)]
    design = np.zeros(layout.size)
    design[layout.of(MADE)], design[layout.of(MISSING)] = foul, -foul
    design[layout.of(GROUND)], design[layout.of(RIVER)] = clean
    flows = np.array([by_hour @ sewage, reach @ ground, reach @ river])
    for kind in range(3):
        design[layout.member(kind, k)] = flows[kind]
    value = float(sum(flows[kind] * theta[layout.member(kind, k)] for kind in range(3)))
    total = max(float(flows.sum()), 1e-12)
    local = sum(
        (SIZES["local"] * member[kind]) ** 2 * float((reach * water**2).sum())
        for kind, water in enumerate((sewage, ground, river))
    )
    variance = (sample.sd * concentration * total) ** 2 + local
    size = max(abs(float(member[0] * total)), 1e-12)
    return _Rows(design[None] / size * total, np.array([value / size * total]), np.array([variance * (total / size) ** 2]))


def _response_rows(answer: Response, meter: int, above: Mask, layout: _Layout, theta: Floats) -> _Rows:
    reach = above[meter].astype(np.float64)
    _, ground, river = _waters(layout, theta)
    bias = 1 + theta[layout.meter(BIAS).start + meter]
    designs, values, variances = [], [], []
    for kind, city, flow, seen, sd in (
        (GROUND, ALPHA, ground, answer.groundwater, answer.groundwater_sd),
        (RIVER, BETA, river, answer.river, answer.river_sd),
    ):
        if not np.isfinite(sd):
            continue
        per = float(np.exp(theta[layout.city(city)])) * bias
        total = per * float(reach @ flow)
        design = np.zeros(layout.size)
        design[layout.of(kind)] = per * reach
        design[layout.city(city)] = total
        design[layout.meter(BIAS).start + meter] = total / bias
        designs.append(design)
        values.append(seen + total * theta[layout.city(city)] + total / bias * (bias - 1))
        variances.append(sd**2 + (SIZES["answer_area"] * per) ** 2 * float((reach * flow**2).sum()) + 1e-20)
    if not designs:
        return _Rows(np.empty((0, layout.size)), np.empty(0), np.empty(0))
    return _Rows(np.array(designs), np.array(values), np.array(variances))
