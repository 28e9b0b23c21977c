"""Which rows do the readings of a city give, linear around an estimate?

- Shape: mean and waves of each meter's dry day = travelled waves of the sewage + steady waters, × (1 + bias).
- Mixing, for each tracer of a meter: Σ (c_k - C) Q_k = 0, so that the error of the meter stays outside.
- Response to levels: k_G = (1 + bias) α Σ g, k_R = (1 + bias) β Σ r.

End members, α and β scatter between areas; meters one below the other share the areas above both, and so
the errors of their rows are alike.

References
----------
Derived for this project. Mixing rows written around the measured concentration keep the flow error out of
the chemistry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular

from wenqu.diagnosis.forcing_response import Response
from wenqu.diagnosis.joint_unknowns import (
    ALPHA,
    BETA,
    CITY_SPEED,
    FLATTER,
    GROUND,
    HEIGHT,
    RIVER,
    SEWAGE,
    SPEED,
    TALLER,
    Expected,
    Layout,
    Sizes,
)
from wenqu.diagnosis.travelled_waves import ORDERS, Travel, hours_of

FLATTER_WAY = 10_000.0  # [m]
Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings of one tracer at one meter, by hour of the day. Its unit is that of the end members."""

    meter: int
    tracer: int
    weight: Floats  # (24,) share of the readings in each hour
    weighted: Floats  # (24,) Σ of readings over their whole number, by hour
    sd: float  # error of their mean from their scatter


@dataclass(frozen=True, slots=True)
class Heard:
    """What was measured in dry weather. M meters."""

    mean: Floats  # (M,) [m³/s] NaN where not known
    mean_sd: Floats  # (M,) [m³/s]
    waves: Complexes  # (M, ORDERS - 1) [m³/s] NaN where not known
    waves_sd: Floats  # (M, ORDERS - 1) [m³/s] of each part
    samples: Sequence[Sample]
    responses: Sequence[Response | None]  # (M,)
    loose: Floats  # (M,) [-] by how much the errors of a meter's flow rows are widened, 1 to begin with


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows whose errors are independent and of size 1. R rows, N unknowns."""

    design: Floats  # (R, N)
    value: Floats  # (R,) seen, plus what the estimate alone explains: J θ₀ + y - f(θ₀)
    left: Floats  # (R,) y - f(θ₀)
    logs: float  # Σ of the logarithms of the variances before
    meter: npt.NDArray[np.int64]  # (R,) whose flow the row is about, -1 for other rows


@dataclass(frozen=True, slots=True)
class _Estimate:
    """The flows of an estimate."""

    theta: Floats
    sewage: Floats  # (A,)
    ground: Floats
    river: Floats
    bias: Floats  # (M,)


def rows_of(
    expected: Expected, heard: Heard, seen: tuple[Complexes, Travel], layout: Layout, sizes: Sizes,
    theta: Floats,
) -> Rows:  # fmt: skip
    """Return all rows around an estimate.

    Parameters
    ----------
    seen
        Harmonics of the pattern, and what the ways do to them.
    theta
        The estimate. (N,)
    """
    now = _Estimate(
        theta, theta[layout.of(SEWAGE)], theta[layout.of(GROUND)], theta[layout.of(RIVER)],
        theta[layout.bias],
    )  # fmt: skip
    field, sent = _field(seen, layout, theta)
    quick = seen[1].faster(sent * now.sewage[:, None])
    bent = np.einsum("xmak,ak->xmk", seen[1].bent, sent * now.sewage[:, None])
    parts = [_shape(heard, (field, quick, bent, seen[1]), layout, sizes, now)]
    parts += _mixing(expected, heard.samples, (field, bent, seen[1]), layout, sizes, now)
    parts += _answers(heard.responses, seen[1], layout, sizes, now)
    return Rows(
        np.concatenate([part.design for part in parts]), np.concatenate([part.value for part in parts]),
        np.concatenate([part.left for part in parts]), float(sum(part.logs for part in parts)),
        np.concatenate([part.meter for part in parts]),
    )  # fmt: skip


def _field(seen: tuple[Complexes, Travel], layout: Layout, theta: Floats) -> tuple[Complexes, Complexes]:
    """Return harmonics of one unit of sewage at every meter (M, A, ORDERS), and as it is sent (A, ORDERS).

    What the speeds of single areas change is linear around the middle speed, and so is only in the rows.
    """
    pattern, travel = seen
    errors = theta[layout.pattern].reshape(2, ORDERS - 1)
    source = pattern.copy()
    source[1:] *= 1 + errors[0] + 1j * errors[1]
    tall = np.ones((layout.areas, ORDERS))
    tall[:, 1:] += theta[layout.of(HEIGHT)][:, None] + theta[layout.city(TALLER)]
    sent = source * tall
    return travel.kept * sent, sent


def _shape(
    heard: Heard, seen: tuple[Complexes, Complexes, Complexes, Travel], layout: Layout, sizes: Sizes,
    now: _Estimate,
) -> Rows:  # fmt: skip
    field, quick, bent, travel = seen
    above = travel.share
    meters = layout.meters
    gain = (1 + now.bias)[:, None]
    whole = np.einsum("mak,a->mk", field, now.sewage)
    speeds = now.theta[layout.of(SPEED)] + now.theta[layout.city(CITY_SPEED)]
    flatter = _flatter(travel.turn, quick)
    whole += np.einsum("mak,a->mk", quick, speeds) + flatter * now.theta[layout.city(FLATTER)]
    steady = above @ (now.ground + now.river)
    model = whole.copy()
    model[:, 0] += steady
    design = np.zeros((meters, 2 * ORDERS - 1, layout.size))

    def put(at: slice | int, values: Complexes) -> None:
        """Write columns: real parts of mean and waves, then the imaginary parts of the waves."""
        design[:, :ORDERS, at], design[:, ORDERS:, at] = values.real, values[:, 1:].imag

    flow = gain[:, :, None] * field.transpose(0, 2, 1)
    put(layout.of(SEWAGE), flow)
    design[:, 0, layout.of(GROUND)] = design[:, 0, layout.of(RIVER)] = gain * above
    tall = 1 + now.theta[layout.of(HEIGHT)] + now.theta[layout.city(TALLER)]
    flow *= now.sewage / tall
    flow[:, 0] = 0.0
    put(layout.of(HEIGHT), flow)
    put(layout.city(TALLER), flow.sum(axis=2))
    faster = gain[:, :, None] * quick.transpose(0, 2, 1)
    put(layout.of(SPEED), faster)
    put(layout.city(CITY_SPEED), faster.sum(axis=2))
    put(layout.city(FLATTER), gain * flatter)
    put(layout.more, gain[:, :, None] * bent.transpose(1, 2, 0))
    design[:, 0, layout.more] += gain * (travel.bent_share @ (now.ground + now.river)).T
    errors = now.theta[layout.pattern].reshape(2, ORDERS - 1)
    unit = gain * whole[:, 1:] / (1 + errors[0] + 1j * errors[1])
    for order in range(ORDERS - 1):
        real, turned = layout.pattern.start + order, layout.pattern.start + ORDERS - 1 + order
        design[:, 1 + order, real], design[:, ORDERS + order, real] = unit[:, order].real, unit[:, order].imag
        design[:, 1 + order, turned] = -unit[:, order].imag
        design[:, ORDERS + order, turned] = unit[:, order].real
    at = np.arange(meters)
    design[at, :ORDERS, layout.bias.start + at] = model.real
    design[at, ORDERS:, layout.bias.start + at] = model[:, 1:].imag
    left = np.concatenate([heard.mean[:, None], heard.waves], axis=1) - gain * model
    sd = shape_error(heard, sizes, model[:, 0], whole[:, 0])
    missed = np.concatenate([left.real, left[:, 1:].imag], axis=1).ravel()
    error = np.maximum(np.concatenate([sd, sd[:, 1:]], axis=1).ravel(), 1e-15)
    known = np.isfinite(missed) & np.isfinite(error)
    scaled = design.reshape(-1, layout.size) if known.all() else design.reshape(-1, layout.size)[known]
    scaled /= error[known, None]
    rest = missed[known] / error[known]
    whose = np.repeat(at, 2 * ORDERS - 1)[known]
    return Rows(scaled, rest + scaled @ now.theta, rest, 2 * float(np.log(error[known]).sum()), whose)


def shape_error(heard: Heard, sizes: Sizes, mean: Complexes, foul: Complexes) -> Floats:
    """Return the error of the mean and of each part of each wave. (M, ORDERS) [m³/s]

    Parameters
    ----------
    mean, foul
        Flow and sewage that the estimate lets arrive. (M,) [m³/s]
    """
    steady = np.hypot(heard.mean_sd, sizes.mean * np.abs(mean))[:, None]
    waves = np.hypot(heard.waves_sd, sizes.wave * np.abs(foul)[:, None])
    return np.asarray(np.concatenate([steady, waves], axis=1) * heard.loose[:, None])


def _flatter(turn: Complexes, quick: Complexes) -> Complexes:
    """Return what all waves lose by flattening on their ways, per unit of the unknown. (M, ORDERS)

    The change with the speed is ``-turn`` times the way, so the way of each wave is read back from it.
    """
    way = -quick.sum(axis=1)[:, 1:] / turn[1:]
    found = np.zeros((len(quick), ORDERS), dtype=np.complex128)
    found[:, 1:] = -(np.arange(1, ORDERS) ** 2) * way / FLATTER_WAY
    return found


def _shared(design: Floats, left: Floats, covariance: Floats, theta: Floats) -> Rows:
    factor = cholesky(covariance, lower=True)
    scaled = solve_triangular(factor, design, lower=True)
    rest = solve_triangular(factor, left, lower=True)
    logs = 2 * float(np.log(np.diag(factor)).sum())
    return Rows(scaled, rest + scaled @ theta, rest, logs, np.full(len(left), -1))


def _mixing(
    expected: Expected, samples: Sequence[Sample], seen: tuple[Complexes, Complexes, Travel], layout: Layout,
    sizes: Sizes, now: _Estimate,
) -> list[Rows]:  # fmt: skip
    field, bent, travel = seen
    found = []
    for tracer in range(layout.tracers):
        chosen = [sample for sample in samples if sample.tracer == tracer]
        if not chosen:
            continue
        at = np.array([sample.meter for sample in chosen])
        member = expected.member[:, tracer] + now.theta[[layout.member(water, tracer) for water in range(3)]]
        seen_at = np.array([sample.weighted.sum() for sample in chosen])
        wave = hours_of(field[at])  # (R, A, 24)
        by_hour = np.einsum("rah,rh->ra", wave, np.array([sample.weight for sample in chosen]))
        known = np.einsum("rah,rh->ra", wave, np.array([sample.weighted for sample in chosen]))
        reach = travel.share[at]
        flows = np.stack([by_hour @ now.sewage, reach @ now.ground, reach @ now.river])
        design = np.zeros((len(chosen), layout.size))
        foul = member[0] * by_hour - known
        design[:, layout.of(SEWAGE)] = foul
        design[:, layout.of(GROUND)] = reach * (member[1] - seen_at)[:, None]
        design[:, layout.of(RIVER)] = reach * (member[2] - seen_at)[:, None]
        for water in range(3):
            design[:, layout.member(water, tracer)] = flows[water]
        other = hours_of(bent[:, at])  # (X, R, 24)
        divided = travel.bent_share[:, at]
        for row, one in enumerate(chosen):
            wave_now = other[:, row] @ (member[0] * one.weight - one.weighted)
            steady = (member[1:] - seen_at[row]) @ np.stack([now.ground, now.river]) @ divided[:, row].T
            design[row, layout.more] = wave_now + steady
        clean = (member[1] - seen_at) * flows[1] + (member[2] - seen_at) * flows[2]
        left = -(foul @ now.sewage + clean)
        own_span = sizes.isotope if tracer in expected.isotopes else sizes.span
        most = own_span * max(float(np.ptp(expected.member[:, tracer])), 1e-9)
        off = np.hypot([sample.sd for sample in chosen], np.minimum(sizes.tracer * np.abs(seen_at), most))
        own = off * np.maximum(flows.sum(axis=0), 1e-12)
        waters = np.stack([now.sewage, now.ground, now.river])
        local = np.minimum(sizes.local * np.abs(member), most)
        scatter = ((local[:, None] * waters) ** 2).sum(axis=0)
        size = max(float(np.abs(member[0])), 1e-9) * np.maximum(flows.sum(axis=0), 1e-12)
        covariance = (reach * scatter) @ reach.T + np.diag(own**2 + (1e-4 * size) ** 2)
        found.append(_shared(design, left, covariance, now.theta))
    return found


def _answers(
    responses: Sequence[Response | None], travel: Travel, layout: Layout, sizes: Sizes, now: _Estimate
) -> list[Rows]:
    found = []
    for kind, city, flow, which in ((GROUND, ALPHA, now.ground, 0), (RIVER, BETA, now.river, 1)):
        seen = [
            (meter, (one.groundwater, one.groundwater_sd) if which == 0 else (one.river, one.river_sd))
            for meter, one in enumerate(responses)
            if one is not None
        ]
        seen = [row for row in seen if np.isfinite(row[1][1])]
        if not seen:
            continue
        at = np.array([meter for meter, _ in seen])
        value = np.array([pair[0] for _, pair in seen])
        sd = np.array([pair[1] for _, pair in seen])
        reach = travel.share[at]
        per = float(np.exp(now.theta[layout.city(city)]))
        gain = 1 + now.bias[at]
        total = per * (reach @ flow)
        design = np.zeros((len(at), layout.size))
        design[:, layout.of(kind)] = (per * gain)[:, None] * reach
        design[:, layout.city(city)] = gain * total
        design[np.arange(len(at)), layout.bias.start + at] = total
        design[:, layout.more] = (per * gain)[:, None] * (travel.bent_share[:, at] @ flow).T
        scatter = (sizes.answer_area * per * np.maximum(flow, 0.0)) ** 2
        covariance = (reach * scatter) @ reach.T + np.diag(sd**2 + 1e-24)
        found.append(_shared(design, value - gain * total, covariance, now.theta))
    return found
