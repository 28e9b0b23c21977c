"""Cities of a few meters over two years, whose waters are known and in which one thing may happen."""

from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.month_forcing import month_forcings
from wenqu.diagnosis.month_rows import MonthRecord
from wenqu.diagnosis.month_states import Areas

BELOW = (-1, 0, 0, 1, 1, 2)  # the meter below each meter; the first is the outlet
NIGHT = 0.45
SEWAGE = np.array([10.0, 8.0, 12.0, 9.0, 7.0, 11.0]) / 1000
CLEAN = np.array([4.0, 6.0, 3.0, 5.0, 4.0, 6.0]) / 1000


@dataclass
class Made:
    """Readings before they become a record. T months, M meters."""

    clean: np.ndarray
    sewage: np.ndarray
    bias: np.ndarray  # (T, M)
    level: np.ndarray  # (T,)
    missing: np.ndarray  # (T, M)
    tracer: bool = False
    levels: bool = True


MEMBERS = np.array([[0.06], [0.03], [0.10]])


def quiet(seed=1, months=24, answer=0.15):
    """Return a city in which nothing happens but the seasons."""
    rng = np.random.default_rng(seed)
    meters = len(BELOW)
    level = np.sin(np.arange(months) * 2 * np.pi / 12 + 1) + 0.2 * rng.standard_normal(months)
    clean = CLEAN * (1 + answer * np.outer(level, rng.lognormal(0, 0.4, meters)))
    clean *= 1 + 0.02 * rng.standard_normal(clean.shape)
    sewage = SEWAGE * (1 + 0.02 * rng.standard_normal((months, meters)))
    sewage *= 1 + 0.04 * rng.standard_normal((months, 1))
    bias = np.repeat(0.05 * rng.standard_normal((1, meters)), months, axis=0)
    return Made(clean, sewage, bias, level, np.zeros((months, meters), dtype=bool))


def reach():
    """Return which areas drain through which meters. (M, M)"""
    found = np.eye(len(BELOW), dtype=bool)
    for meter in range(len(BELOW) - 1, 0, -1):
        found[BELOW[meter]] |= found[meter]
    return found


def read(made, seed=2):
    """Return what the meters read month by month, and what is expected of the areas."""
    rng = np.random.default_rng(seed)
    above = reach()
    gain = 1 + made.bias
    flow = (made.clean + made.sewage) @ above.T * gain
    wave = (1 - NIGHT) * made.sewage @ above.T * gain
    tracer = (MEMBERS[0, 0] * made.clean + MEMBERS[2, 0] * made.sewage) @ above.T / (flow / gain)
    flow = flow * (1 + 0.006 * rng.standard_normal(flow.shape))
    wave = wave * (1 + 0.010 * rng.standard_normal(flow.shape))
    tracer = tracer * (1 + 0.01 * rng.standard_normal(flow.shape))
    for values in (flow, wave, tracer):
        values[made.missing] = np.nan
    months = np.datetime64("2024-01") + np.arange(len(flow))
    level = ((made.level - made.level.mean()) / made.level.std())[:, None]
    count = 1 if made.tracer else 0
    names, forcing = ("groundwater",), level
    if not made.levels:
        names, forcing = month_forcings(months, None, {})
    record = MonthRecord(
        months, flow, 0.006 * flow, wave, 0.01 * wave, tracer[:, :, None][:, :, :count],
        0.01 * tracer[:, :, None][:, :, :count], forcing, names, MEMBERS[:, :count],
        np.full((3, count), 0.05),
    )  # fmt: skip
    meters = len(BELOW)
    mean = np.stack([np.full(meters, 0.005), np.zeros(meters), 1.1 * SEWAGE])
    covariance = np.stack([np.diag(mean[0] ** 2), np.zeros((meters, meters)), np.diag((0.2 * mean[2]) ** 2)])
    return record, Areas(above, mean, covariance, np.where(above, NIGHT, 0.0), np.full(meters, 0.05))
