"""Does the monthly record tell what broke, where and when, and how often does it cry wolf?

Cities of their own seeds, two years of hourly readings. The usual practice beside it: the monthly mean of
the night minimum rose by more than 20 % from one month to the next at a meter below the area; and the same
with the threshold that gives as many false alarms as ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from _months_city import Watched, watched
from _truth_city import Knobs
from _truth_readings import PATTERN

from wenqu.diagnosis.month_history import MonthHistory, month_history
from wenqu.diagnosis.month_means import month_means
from wenqu.diagnosis.month_record import month_record, night_shares
from wenqu.diagnosis.month_states import BIAS, GROUND, RIVER, SEWAGE, Areas
from wenqu.series.events import daily_means, daily_rain, dry_days
from wenqu.series.model import series

KNOBS = Knobs(pipes=1500, meters=12, days=730)
FIRST_SEED = 3001
QUIET, TRIED = {False: 60, True: 6}, {False: 20, True: 3}
SIZES = (0.1, 0.2, 0.4, 0.8)
USUAL = 0.2
START = np.datetime64("2024-01-01")
YEARS = KNOBS.days / 365.25


@dataclass(frozen=True)
class Seen:
    """One city as both ways saw it."""

    city: Watched
    history: MonthHistory
    nights: np.ndarray  # (T, M) monthly mean of the night minimum


def seen(seed: int, kind: str = "none", share: float = 0.0, months: int = 0) -> Seen:
    """Return a city and what is said of it, from its first months only where they are given."""
    city = watched(KNOBS, seed, kind, share)
    return told(city, months)


def told(city: Watched, months: int = 0) -> Seen:
    """Return what is said of the first months of a city."""
    moved = city.moved
    until = (np.datetime64("2024-01") + months).astype("datetime64[D]") if months else START + KNOBS.days
    hours = slice(None, int((until - START).astype(int)) * 24)
    clock = moved.clock[hours]
    rain = daily_rain(series("R", "rain", clock, moved.rain[hours] / 3.6e6))
    dry = rain.days[dry_days(rain)]
    levels = {
        "groundwater": daily_means(series("G", "groundwater", clock, moved.groundwater[hours])),
        "river_stage": daily_means(series("Z", "river_stage", clock, moved.stage[hours])),
    }
    means = [
        month_means(series(f"M{m}", "flow", clock, row[hours]), {}, dry) for m, row in enumerate(city.flow)
    ]
    record = month_record(means, (), {}, rain, levels)
    history = month_history(record, expected(city, record.usual))
    return Seen(city, history, record.mean - record.wave)


def expected(city: Watched, usual: np.ndarray) -> Areas:
    """Return what is expected of the areas: sewage by the bills, clean water by length."""
    there = city.there
    meters, areas = there.meters, len(there.meters)
    holds = (meters[:, None] <= meters[None]) & (meters[None] < (meters + there.size[meters])[:, None])
    made = np.bincount(there.area, there.billed, areas)
    length = np.bincount(there.area, there.length, areas)
    clean = max(float(usual[0]) - float(made.sum()), 0.1 * float(made.sum()))
    ground, river = 0.8 * clean * length / length.sum(), 0.2 * clean * length / length.sum()
    ways = there.down / 0.5, (there.down[meters] - there.length[meters]) / 0.5
    night = night_shares(holds, there.area, ways, there.billed, PATTERN / PATTERN.mean())
    spread = [(1.2, ground), (2.0, river), (0.25, made)]
    covariance = np.stack(
        [np.diag((cv * mean) ** 2) + np.outer(0.3 * mean, 0.3 * mean) for cv, mean in spread]
    )
    return Areas(holds, np.stack([ground, river, made]), covariance, night, np.full(areas, KNOBS.bias))


def rises(one: Seen) -> np.ndarray:
    """Return the rise of the night minimum from month to month at every meter. (T - 1, M)"""
    return one.nights[1:] / np.maximum(one.nights[:-1], 1e-9) - 1


def step_month(one: Seen) -> int:
    """Return the first month that is wholly or mostly after the step."""
    day = START + one.city.step.day
    return int((day.astype("datetime64[M]") - START.astype("datetime64[M]")).astype(int))


def below(one: Seen) -> np.ndarray:
    """Return the meters below the place of the step. (M,)"""
    meters, place = one.city.there.meters, one.city.there.meters[one.city.step.place]
    return (meters <= place) & (place < meters + one.city.there.size[meters])


def ours_hit(one: Seen, kinds: tuple[int, ...], sign: int) -> bool:
    """Tell whether the right thing was named at the right place within a month."""
    when = step_month(one)
    return any(
        event.kind in kinds and event.place == one.city.step.place and np.sign(event.size) == sign
        and event.first - 1 <= when <= event.last + 1
        for event in one.history.events
    )  # fmt: skip


def usual_hit(one: Seen, threshold: float) -> bool:
    """Tell whether a meter below the place rose by more than the threshold within a month of the step."""
    when = step_month(one)
    part = rises(one)[max(when - 1, 0) : when + 1, below(one)]
    return bool((part > threshold).any())


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield false alarms on records in which nothing happened, then hits by size beside usual practice."""
    count, tried = QUIET[quick], TRIED[quick]
    quiet = [seen(FIRST_SEED + city) for city in range(count)]
    wrong = sum(bool(one.history.events) for one in quiet)
    rate = 1 - (1 - wrong / count) ** (1 / YEARS)
    most = np.array([float(np.nanmax(rises(one))) for one in quiet])
    theirs = 1 - (1 - min(float((most > USUAL).mean()), 0.999)) ** (1 / YEARS)
    yield row("false alarms, of a city and year", rate, theirs, count, "≤ 0.05", "share")
    equal = float(np.quantile(most, 1 - max(wrong / count, 0.5 / count)))
    yield row("rise of the night minimum with as many false alarms", equal, None, count, "", "share")
    for share in SIZES:
        cities = [seen(FIRST_SEED + 500 + city, "groundwater", share) for city in range(tried)]
        found = float(np.mean([ours_hit(one, (GROUND, RIVER), 1) for one in cities]))
        name = f"hits, {100 * share:.0f} % of the area's flow more"
        yield row(
            f"{name}, of night minimum > 20 %",
            found,
            float(np.mean([usual_hit(one, USUAL) for one in cities])),
            tried,
            "",
            "share",
        )
        yield row(
            f"{name}, at as many false alarms",
            found,
            float(np.mean([usual_hit(one, equal) for one in cities])),
            tried,
            "more",
            "share",
        )
    for kind, kinds, sign in (("sewage", (SEWAGE,), -1), ("meter", (BIAS,), 1)):
        cities = [seen(FIRST_SEED + 800 + city, kind, 0.2) for city in range(tried)]
        found = float(np.mean([ours_hit(one, kinds, sign) for one in cities]))
        mistaken = float(
            np.mean([any(event.kind in (GROUND, RIVER) for event in one.history.events) for one in cities])
        )
        yield row(f"{kind} by 20 %: named as such; told as clean water", found, mistaken, tried, "", "share")


def row(name: str, ours: float, peer: float | None, runs: int, target: str, unit: str) -> dict[str, object]:
    """Return one row of the table."""
    ratio = None if not peer else ours / peer
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": ratio,
        "unit": unit,
        "runs": runs,
        "target": target,
    }
