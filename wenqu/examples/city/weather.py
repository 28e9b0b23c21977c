"""What rain, river and groundwater did the example city have in its year?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from wenqu.examples.city.land import Floats

YEAR_START = np.datetime64("2024-07-01T00:00:00")
HOURS = 8760
# Rainy days and mean depth of a rainy day [mm] by month: plum rain in June, typhoons in August and September.
RAINY_DAYS = (10, 11, 13, 12, 13, 16, 9, 11, 11, 7, 8, 8)
RAIN_DEPTH = (6, 7, 9, 9, 10, 15, 13, 17, 15, 8, 7, 5)


@dataclass(frozen=True, slots=True)
class Weather:
    """One year of hours. T = 8760."""

    times: npt.NDArray[np.datetime64]  # (T,) datetime64[s]
    rain: Floats  # (T,) [m/s]
    water_table: Floats  # (T,) groundwater level less its mean of the year [m]
    stage: Floats  # (T,) river stage less its mean of the year [m]
    temperature: Floats  # (T,) sewage [°C]


def _rain(months: npt.NDArray[np.int64], generator: np.random.Generator) -> Floats:
    """Return hourly rain: events of one to fourteen hours with a peak in their first third. [m/s]"""
    depth = np.zeros(HOURS)
    for day in range(HOURS // 24):
        month = int(months[day * 24])
        if generator.random() > RAINY_DAYS[month] / 30:
            continue
        total = generator.gamma(0.8, RAIN_DEPTH[month] / 0.8)
        hours = int(generator.integers(1, 15))
        start = day * 24 + int(generator.integers(0, 24))
        shape = generator.gamma(1.5, 1.0, hours) * np.exp(
            -np.abs(np.arange(hours) - hours / 3) / (hours / 2 + 1)
        )
        end = min(start + hours, HOURS)
        depth[start:end] += (total * shape / shape.sum())[: end - start]
    return np.round(depth, 1) * 1e-3 / 3600


def _memory(values: Floats, hours: float) -> Floats:
    """Return an exponential memory of hourly values with unit gain."""
    keep = float(np.exp(-1 / hours))
    return np.asarray(lfilter([1 - keep], [1, -keep], values), dtype=np.float64)


def weather(seed: int) -> Weather:
    """Draw one year, 2024-07-01 to 2025-06-30."""
    generator = np.random.default_rng([seed, 51])
    times = YEAR_START + np.arange(HOURS) * np.timedelta64(1, "h")
    months = times.astype("datetime64[M]").astype(np.int64) % 12
    rain = _rain(months, generator)
    hour = np.arange(HOURS)
    season = np.cos(2 * np.pi * (hour / HOURS - 0.02))  # highest in July, lowest in January
    slow = _memory(rain, 45 * 24)
    table = 0.26 * season + 0.20 * (slow - slow.mean()) / slow.std()
    table += 0.10 * (_memory(rain, 60) - rain.mean()) / _memory(rain, 60).std()
    flood = _memory(rain, 30)
    spring = 0.13 + 0.05 * np.cos(2 * np.pi * hour / (14.77 * 24))
    tide = spring * np.cos(2 * np.pi * hour / 12.42)
    drift = _memory(generator.normal(0, 1, HOURS), 24 * 12)
    stage = 0.13 * season + 0.17 * (flood - flood.mean()) / flood.std() + tide + 0.11 * drift / drift.std()
    warm = 20.5 + 6.5 * np.cos(2 * np.pi * (hour / HOURS - 0.07))
    return Weather(times, rain, table - table.mean(), stage - stage.mean(), warm)
