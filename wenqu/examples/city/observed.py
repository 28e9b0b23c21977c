"""What do the instruments of the example city say, with their errors, gaps and faults?"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from wenqu.examples.city.land import Floats, Ints
from wenqu.examples.city.mixing import TRACERS, Mixer, Passing, Sources
from wenqu.examples.city.points import Points
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.weather import HOURS, Weather
from wenqu.series.model import Series, series

BATCH = 64  # places worked at once
FLOW_NOISE = 0.03
TRACER_NOISE = (0.07, 0.06, 0.06, 0.02)  # [-] of a reading, by TRACERS
LOWEST = (0.002, 0.005, 0.0003, 0.005)  # what an instrument resolves, by TRACERS, SI
# Faults in a year, and the readings that each spoils on average.
GAPS, GAP = 5.0, 14.0
SPIKES = 6.0
FROZEN, FREEZE = 1.2, 30.0
BLIPS = 2.5


def partial_depth(share: Floats) -> Floats:
    """Return water depth over diameter of a circular conduit from its flow over full flow (Manning). [-]"""
    angle = np.linspace(0.05, 2 * np.pi, 200)
    area = (angle - np.sin(angle)) / (2 * np.pi)
    flow = area * (area * 2 * np.pi / angle) ** (2 / 3)
    rising = np.arange(len(flow)) <= int(np.argmax(flow))
    depth = (1 - np.cos(angle / 2)) / 2
    return np.interp(share, flow[rising], depth[rising])


def _level(pipes: Skeleton, places: Points, chosen: Ints, flow: Floats) -> Floats:
    """Return water depths: of a conduit by Manning, of a wet well or an inlet by its load. (k, T) [m]"""
    made = np.empty_like(flow)
    for row, place in enumerate(chosen):
        if places.kind[place] == 0:
            conduit = places.number[place]
            bore, slope = pipes.diameter[conduit], max(float(pipes.slope[conduit]), 5e-4)
            full = np.pi * bore**2 / 4 * (bore / 4) ** (2 / 3) * np.sqrt(slope) / 0.013
            share = flow[row] / full
            made[row] = bore * partial_depth(share) + 0.4 * np.maximum(share - 1.07, 0)
        else:
            made[row] = 0.8 + 0.5 * flow[row] / flow[row].mean()
    return made


def _spans(rate: float, mean: float, hours: int, generator: np.random.Generator) -> list[slice]:
    count = int(generator.poisson(rate * hours / HOURS))
    starts = generator.integers(0, hours, count)
    return [slice(int(at), int(at + 1 + generator.exponential(mean))) for at in starts]


def _spoiled(
    values: Floats, generator: np.random.Generator, *, flow: bool
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return readings with faults in them, and which of them never came."""
    hours, made = len(values), values.copy()
    for span in _spans(FROZEN, FREEZE, hours, generator):
        made[span] = made[span.start]
    for span in _spans(SPIKES, 0.0, hours, generator):
        made[span] *= generator.uniform(4, 9)
    if flow:
        for span in _spans(BLIPS, 1.0, hours, generator):
            made[span] = -0.05 * values.mean()
    missing = np.zeros(hours, np.bool_)
    for span in _spans(GAPS, GAP, hours, generator):
        missing[span] = True
    return made, missing


def _noise(hours: int, sd: float, generator: np.random.Generator) -> Floats:
    """Return relative noise: half of it fresh every hour, half of it lasting for half a day."""
    fresh, slow = generator.normal(0, 1, (2, hours))
    lasting = lfilter([np.sqrt(1 - 0.92**2)], [1, -0.92], slow)
    return np.asarray(1 + sd * np.sqrt(0.5) * (fresh + lasting), dtype=np.float64)


def _one(
    asset: str,
    quantity: str,
    times: npt.NDArray[np.datetime64],
    values: Floats,
    generator: np.random.Generator,
) -> Series:
    made, missing = _spoiled(values, generator, flow=quantity == "flow")
    kept = ~missing
    return series(asset, quantity, times[kept], made[kept], simulated=True)


def place_series(
    pipes: Skeleton, places: Points, assets: list[str], mixed: tuple[Sources, Mixer], sky: Weather, seed: int
) -> Iterator[Series]:
    """Yield the readings of every place: flow, level, four tracers; ``assets`` are their owners."""
    given, mixer = mixed
    for first in range(0, len(assets), BATCH):
        chosen = np.arange(first, min(first + BATCH, len(assets)))
        passing = mixer.passing(chosen)
        flow = passing.parts.sum(axis=0)
        depth = _level(pipes, places, chosen, flow)
        times = sky.times[-flow.shape[1] :]
        for row, place in enumerate(chosen):
            generator = np.random.default_rng([seed, 121, int(place)])
            for quantity, values in _readings(given, passing, (row, int(place)), depth[row], generator):
                yield _one(assets[place], quantity, times, values, generator)


def _readings(
    given: Sources, passing: Passing, which: tuple[int, int], depth: Floats, generator: np.random.Generator
) -> Iterator[tuple[str, Floats]]:
    row, place = which
    flow = passing.parts[:, row].sum(axis=0)
    hours = len(flow)
    shown = flow * (1 + given.bias[place]) * _noise(hours, FLOW_NOISE, generator)
    yield "flow", np.round(shown, 6)
    shown = np.maximum(depth + generator.normal(0, 0.006, hours), 0.0)
    yield "level", np.round(shown, 3).astype(np.float64)
    for tracer, name in enumerate(TRACERS):
        carried = passing.loads[tracer, row] / np.maximum(flow, 1e-9)
        read = carried * _noise(hours, TRACER_NOISE[tracer], generator)
        yield name, np.round(np.maximum(read, LOWEST[tracer]), 5)


def gauge_series(
    gauges: list[tuple[str, str, float]], sky: Weather, seed: int, hours: int = HOURS
) -> Iterator[Series]:
    """Yield the readings of the gauges, each given by id, quantity and mean level. [m]"""
    times = sky.times[-hours:]
    for number, (id_, quantity, mean) in enumerate(gauges):
        generator = np.random.default_rng([seed, 131, number])
        if quantity == "rain":
            values = np.round(sky.rain[-hours:] * generator.uniform(0.92, 1.08) * 3.6e6, 1) / 3.6e6
            yield series(id_, quantity, times, values, simulated=True)
            continue
        wave = sky.stage if quantity == "river_stage" else sky.water_table * generator.uniform(0.9, 1.1)
        values = mean + wave[-hours:] + generator.normal(0, 0.01, hours)
        yield _one(id_, quantity, times, np.round(values, 3), generator)
