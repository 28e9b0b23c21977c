"""Sewer flow of several years with week, season, rain and drift, and nothing built unless asked."""

import numpy as np
from scipy.signal import lfilter

from wenqu.diagnosis.dry_day_model import with_weather
from wenqu.series.events import Daily


def weather(days, generator):
    """Return daily rain of a wet climate: three rainy days in ten. [m]"""
    chance = 0.32 + 0.12 * np.cos(2 * np.pi * (np.arange(days) - 170) / 365.25)
    return np.where(generator.random(days) < chance, generator.gamma(0.8, 0.012, days), 0.0)


def forgetting(values, span):
    kept = np.exp(-1 / span)
    return lfilter([1 - kept], [1, -kept], values)


def flows(rain, generator, *, hours=1, season=0.12, wet=0.10, slow=0.03, noise=0.03, both=None):
    """Return daily or hourly flow around one. (d, h)"""
    days = len(rain)
    day = np.arange(days)
    groundwater = season * np.cos(2 * np.pi * (day - 60) / 365.25)
    for span, weight in ((6.0, 0.4), (45.0, 0.6)):
        memory = forgetting(rain, span)
        groundwater += weight * wet * (memory - memory.mean()) / memory.std()
    kept = np.exp(-1 / 60)  # the slow part that no model knows: half of it forgotten in six weeks
    drift = (0.0 if both is None else both) + slow * lfilter(
        [np.sqrt(1 - kept**2)], [1, -kept], generator.normal(size=days)
    )
    fresh = generator.normal(0, noise, days)
    weekly = np.where((day % 7) >= 5, 1.04, 1.0)
    level = weekly * (1 + groundwater + drift + fresh)
    level *= 1 + 8 * rain
    if hours == 1:
        return level[:, None]
    shape = 1 + 0.5 * np.sin(2 * np.pi * (np.arange(hours) - 8) / hours)
    return level[:, None] * shape * (1 + generator.normal(0, 0.05, (days, hours)))


def records(seed, days, count=1, *, hours=1, common=0.0, **shape):
    """Return meters under one sky as day records, and their flows."""
    generator = np.random.default_rng(seed)
    rain = weather(days, generator)
    at = np.datetime64("2019-01-01") + np.arange(days)
    sky = Daily(at, rain, np.ones(days))
    kept = np.exp(-1 / 60)
    both = common * lfilter([np.sqrt(1 - kept**2)], [1, -kept], generator.normal(size=days))
    rows = [flows(rain, generator, hours=hours, both=both, **shape) for _ in range(count)]
    return at, sky, rows


def record(at, sky, rows):
    return with_weather(at, rows, sky)
