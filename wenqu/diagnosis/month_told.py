"""How are the waters of an area told month by month: never negative, with what is usual beside them?"""

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from wenqu.diagnosis.month_rows import MonthRecord
from wenqu.diagnosis.month_states import GROUND, RIVER, SEWAGE, USERS, WET, Areas, Layout, clean_size
from wenqu.diagnosis.state_smoother import Forward, smoothed

Floats = npt.NDArray[np.float64]


def waters_told(areas: Areas, layout: Layout, record: MonthRecord, last: Forward) -> tuple[Floats, ...]:
    """Return mean, bounds and base of the waters of every area in every month. (T, 4, A), (T, A)"""
    count, months = layout.areas, len(record.months)
    clean, every = clean_size(areas), np.arange(layout.areas)
    wanted = []
    for month in range(months):
        rows = np.zeros((5, count, layout.size))
        for row, water in ((1, GROUND), (2, RIVER), (3, SEWAGE), (4, GROUND)):
            rows[row, every, layout.of(water).start + every] = 1.0
        rows[4, every, layout.of(RIVER).start + every] = 1.0
        for number, name in enumerate(record.forcing_names):
            row = 2 if name == "river_stage" and areas.mean[RIVER].any() else 1
            rows[row, every, layout.answer(number).start + every] = record.forcing[month, number]
        for row, what in ((1, WET), (3, USERS)):
            rows[row, every, layout.passing(what).start + every] = 1.0
        rows[1, every, layout.common(WET)] = clean
        rows[3, every, layout.common(USERS)] = areas.usual[SEWAGE]
        rows[0] = rows[1] + rows[2]
        wanted.append(rows.reshape(5 * count, layout.size))
    mean, variance = smoothed(last, wanted)
    sd = np.sqrt(np.maximum(variance, 0.0)).reshape(months, 5, count)
    middle, low, high = not_negative(mean.reshape(months, 5, count), sd)
    return middle[:, :4], low[:, :4], high[:, :4], middle[:, 4]


def not_negative(mean: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, 5 % and 95 % of normal densities cut off at 0."""
    there = sd > 0
    size = np.where(there, sd, 1.0)
    start = -np.clip(mean / size, -30.0, 30.0)  # 0 in units of the density
    # what lies above 0: share ndtr(-start); the density at 0 over that share gives the mean
    share = np.exp(-0.5 * start**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-start))
    middle = np.where(there, np.maximum(-start * size + size * share, 0.0), np.maximum(mean, 0.0))
    bounds = []
    for level in (0.95, 0.05):  # of what lies above
        z = -ndtri(level * ndtr(-start))
        bounds.append(np.where(there, np.maximum(-start * size + size * z, 0.0), middle))
    return middle, bounds[0], np.maximum(bounds[1], middle)
