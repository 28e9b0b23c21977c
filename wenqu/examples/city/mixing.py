"""What flows past every measured place of the example city, hour by hour, and what does it carry?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from wenqu.examples.city.ages import Ages
from wenqu.examples.city.balance import Balance
from wenqu.examples.city.below import Below
from wenqu.examples.city.blocks import Blocks
from wenqu.examples.city.land import Floats, Ints
from wenqu.examples.city.lists import rows
from wenqu.examples.city.points import Points
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.sums import sums
from wenqu.examples.city.users import PATTERNS, Users
from wenqu.examples.city.waves import LEAD, PER_HOUR, STEP, emission
from wenqu.examples.city.weather import HOURS, Weather
from wenqu.units import to_si

TRACERS = ("bod5", "cod", "nh3n", "conductivity")
WATERS = ("sewage", "groundwater", "river", "rain")
DECAY = (0.055, 0.03, 0.0, 0.0)  # [1/h] at 20 °C, by TRACERS
LEVELS = 25  # steps of the water table at which groundwater is counted
PAVED = 30.0  # [m²] of hard ground that drains to a metre of combined sewer
STRAY = 0.9  # [m²] of hard ground wrongly connected to a metre of sanitary sewer
SOAKED = 1.4  # [m²] of ground whose rain seeps to a metre of sewer over days
INTERCEPTED = 2.5  # [-] times the dry flow of an area that its combined sewers pass on


@dataclass(frozen=True)
class Sources:
    """What enters between one measured place and the next. M areas, L lags, T hours."""

    celerity: Floats  # (P,) [m/s] of the daily wave to each plant
    lag: Floats  # (M,) [s] from each place to its plant
    sewage: Floats  # (3, M, L) by PATTERNS and lag to the plant in STEPs [m³/s]
    strength: Floats  # (M,) of the sewage of each area against the city's [-]
    groundwater: Floats  # (M, LEVELS) at the steps of the water table [m³/s]
    steps: Floats  # (LEVELS,) water table less its mean [m]
    river: Floats  # (R, T) [m³/s]
    river_area: Ints  # (R,)
    rain: Floats  # (M, T) [m³/s]
    upstream: npt.NDArray[np.bool_]  # (M, M) place, area: whether the area drains past the place
    bias: Floats  # (M,) of the flow meters [-]


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes some of the places. k places, T hours."""

    parts: Floats  # (4, k, T) by WATERS [m³/s]
    loads: Floats  # (4, k, T) by TRACERS [kg/s], for conductivity S/m · m³/s


def strengths(kind: str) -> tuple[Floats, Floats]:
    """Return what one kind of water truly carries and its scatter between samples, by TRACERS. SI"""
    found = {row["tracer"]: row for row in rows("mixture") if row["kind"] == kind}
    mean = [to_si(float(found[name]["mean"]), found[name]["unit"]) for name in TRACERS]
    sd = [to_si(float(found[name]["sd"]), found[name]["unit"]) for name in TRACERS]
    return np.array(mean), np.array(sd)


def _drains_past(below: Ints) -> npt.NDArray[np.bool_]:
    upstream = np.eye(len(below), dtype=np.bool_)
    here, at = np.arange(len(below)), below.copy()
    while (at >= 0).any():
        moving = at >= 0
        upstream[at[moving], here[moving]] = True
        at = np.where(moving, below[np.maximum(at, 0)], -1)
    return upstream


def _histogram(area: Ints, lag: Floats, amount: Floats, shape: tuple[int, int]) -> Floats:
    """Return amounts by area and lag, each shared between the two steps it lies between."""
    step = np.minimum(lag.astype(np.int64), shape[1] - 2)
    part = lag - step
    cell = area * shape[1] + step
    total = sums(cell, amount * (1 - part), shape[0] * shape[1]) + sums(
        cell + 1, amount * part, shape[0] * shape[1]
    )
    return total.reshape(shape)


def _kernel(values: Floats, hours: float) -> Floats:
    keep = float(np.exp(-1 / hours))
    return np.asarray(lfilter([1 - keep], [1, -keep], values), dtype=np.float64)


def _rain(
    pipes: Skeleton, places: Points, dry: Floats, sky: Weather, generator: np.random.Generator
) -> Floats:
    """Return rain that reaches the sewers of every area: at once and over days; overflows cut its peaks."""
    size = len(places.manhole)
    area = places.area[pipes.start]
    sewer = area >= 0
    length = [
        sums(area[sewer], (pipes.length * (pipes.of_system == system))[sewer], size) for system in (1, 2)
    ]
    share = generator.gamma(1.2, 1 / 1.2, size)
    quick = PAVED * length[1] + STRAY * share * length[0]
    slow = SOAKED * (length[0] + length[1])
    peak = quick[:, None] * _kernel(sky.rain, 1.6)[None, :] * 0.8
    return np.minimum(peak, INTERCEPTED * dry[:, None]) + slow[:, None] * _kernel(sky.rain, 55.0)[None, :]


def sources(
    laid: tuple[Skeleton, Below], people: tuple[Users, Blocks], known: Ages, truth: Balance,
    measured: tuple[Points, Weather], seed: int,
) -> Sources:  # fmt: skip
    """Gather what enters between measured places, by kind of water."""
    pipes, way = laid
    users, city = people
    places, sky = measured
    generator = np.random.default_rng([seed, 111])
    count = len(places.manhole)
    celerity = generator.uniform(0.52, 0.72, int(way.plant.max()) + 1)
    plant = np.maximum(way.plant, 0)
    delay = np.nan_to_num(way.away) / celerity[plant]
    longest = int(delay.max() / STEP) + 3
    arriving = users.sewage * users.connected * (1 - truth.lost_share[city.of[users.manhole]])
    area = places.area[users.manhole]
    sewage = np.stack(
        [
            _histogram(
                area[users.pattern == kind],
                (delay[users.manhole] / STEP)[users.pattern == kind],
                arriving[users.pattern == kind],
                (count, longest),
            )
            for kind in range(len(PATTERNS))
        ]
    )
    steps = np.linspace(sky.water_table.min(), sky.water_table.max(), LEVELS)
    sewer = np.flatnonzero(truth.conductance > 0)
    at = places.area[pipes.start[sewer]]
    conductance, head = truth.conductance[sewer], known.head[sewer]
    groundwater = np.stack(
        [sums(at, conductance * np.maximum(head + step, 0), count) for step in steps], axis=1
    )
    opened = np.sqrt(np.maximum(sky.stage[None, :] + truth.sill[:, None], 0.0))
    river = truth.intrusion_flow[:, None] * opened / opened.mean(axis=1, keepdims=True)
    dry = sewage.sum(axis=(0, 2)) + groundwater.mean(axis=1)
    return Sources(
        celerity,
        delay[places.manhole],
        sewage,
        np.exp(generator.normal(0, 0.07, count)),
        groundwater,
        steps,
        river,
        places.area[truth.intrusion],
        _rain(pipes, places, dry, sky, generator),
        _drains_past(places.below),
        np.clip(generator.normal(0, 0.06, count), -0.13, 0.13),
    )


class Mixer:
    """Adds up what passes measured places, some at a time: a large city has thousands."""

    def __init__(self, given: Sources, sky: Weather, seed: int, hours: int = HOURS) -> None:
        """Prepare the last ``hours`` of the year."""
        self._given, self._hours = given, hours
        self._first = HOURS - hours
        self._swing = sky.water_table[self._first :]
        wave = emission(seed)
        lags = given.sewage.shape[2]
        end = LEAD + (self._first + np.arange(hours)) * PER_HOUR
        lag = np.minimum(np.arange(lags), LEAD - 1)
        self._wave = wave[:, end[:, None] - lag[None, :]]  # (3, T, L): what left l steps ago
        warm = 1.07 ** (sky.temperature[self._first :] - 20)
        self._fade = [
            np.exp(-(rate / 3600 * STEP) * warm[:, None] * np.arange(lags)[None, :]) if rate else None
            for rate in DECAY
        ]

    def passing(self, chosen: Ints) -> Passing:
        """Return all that passes the chosen places (at most some hundred at once)."""
        given = self._given
        past = given.upstream[chosen].astype(np.float64)
        flow = self._moved(chosen, past, np.ones(len(given.lag)))
        strong = self._moved(chosen, past, given.strength)
        table = past @ given.groundwater
        ground = np.stack([np.interp(self._swing, given.steps, row) for row in table])
        river = np.zeros((len(chosen), self._hours))
        for row, area in enumerate(given.river_area):
            river += np.outer(past[:, area], given.river[row, self._first :])
        rain = past @ given.rain[:, self._first :]
        parts = np.stack([flow[0], ground, river, rain])
        loads = np.empty((len(TRACERS), len(chosen), self._hours))
        means = [strengths(kind)[0] for kind in WATERS]
        for tracer in range(len(TRACERS)):
            sewage = strong[0] if self._fade[tracer] is None else strong[1 + tracer]
            loads[tracer] = means[0][tracer] * sewage
            for water in (1, 2, 3):
                loads[tracer] += means[water][tracer] * parts[water]
        return Passing(parts, loads)

    def _moved(self, chosen: Ints, past: Floats, weight: Floats) -> list[Floats]:
        """Return sewage at the chosen places: whole, then faded as each of the first two tracers. (k, T)"""
        given = self._given
        lags = given.sewage.shape[2]
        behind = given.lag[chosen] / STEP
        whole, part = behind.astype(np.int64), behind % 1.0
        made = [np.zeros((len(chosen), self._hours)) for _ in range(3)]
        padded = np.zeros((len(chosen), lags + 1))
        for kind in range(len(PATTERNS)):
            padded[:, :lags] = np.einsum("ka,al->kl", past, given.sewage[kind] * weight[:, None])
            first = np.minimum(np.arange(lags)[None, :] + whole[:, None], lags)
            after = np.minimum(first + 1, lags)
            row = np.arange(len(chosen))[:, None]
            # the wave has (lag at the plant - lag of the place) still behind it
            near = (1 - part)[:, None] * padded[row, first] + part[:, None] * padded[row, after]
            made[0] += (self._wave[kind] @ near.T).T
            for tracer in (0, 1):
                fade = self._fade[tracer]
                if fade is not None:
                    made[1 + tracer] += ((self._wave[kind] * fade) @ near.T).T
        return made
