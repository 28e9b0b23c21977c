"""How does the sewage of the example city's users swing through the day, the week and the year?"""

import numpy as np
from scipy.signal import lfilter

from wenqu.examples.city.land import Floats
from wenqu.examples.city.lists import numbers
from wenqu.examples.city.users import PATTERNS
from wenqu.examples.city.weather import HOURS, YEAR_START

STEP = 900.0  # [s]
PER_HOUR = 4
LEAD = 96 * 2  # steps before the year starts, for what is still on its way
WEEKEND = (1.05, 1.10, 0.55)  # [-] of a weekday's flow, by PATTERNS
FESTIVAL = (np.datetime64("2025-01-27"), np.datetime64("2025-02-04"))
AWAY = (0.80, 0.55, 0.30)  # [-] of the usual flow in the spring festival, when workers go home


def emission(seed: int) -> Floats:
    """Return what each kind of user discharges at every quarter of an hour, with mean 1. (3, LEAD + steps)"""
    generator = np.random.default_rng([seed, 101])
    count = LEAD + HOURS * PER_HOUR
    times = YEAR_START + (np.arange(count) - LEAD) * np.timedelta64(15, "m")
    day = times.astype("datetime64[D]")
    number = day.astype(np.int64)
    weekend = (number + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    hour = (np.arange(count) - LEAD) / PER_HOUR
    season = 1 + 0.06 * np.cos(2 * np.pi * (hour / HOURS - 0.08))
    days = int(number[-1] - number[0]) + 1
    daily = 1 + lfilter([1.0], [1, -0.5], generator.normal(0, 0.03, days))[number - number[0]]
    away = (day >= FESTIVAL[0]) & (day < FESTIVAL[1])
    made = np.empty((len(PATTERNS), count))
    for row, name in enumerate(PATTERNS):
        shape = np.array(numbers("patterns", name))
        # people rise an hour later on free days
        clock = hour % 24 - np.where(weekend & (name == "household"), 0.8, 0.0)
        wave = np.interp(clock % 24, np.arange(25), np.append(shape, shape[0]))
        made[row] = (
            wave * season * daily * np.where(weekend, WEEKEND[row], 1.0) * np.where(away, AWAY[row], 1.0)
        )
        made[row] /= made[row, LEAD:].mean()
    return made
