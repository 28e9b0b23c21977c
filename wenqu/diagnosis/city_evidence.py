"""What is expected of the areas between a city's meters, and what do its meters and gauges say together?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.case_evidence import cleaned, heard, responses_by_day, sample
from wenqu.diagnosis.city_posterior import Cells
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import KINDS, Table
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.joint_unknowns import Expected
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.series.events import Daily, daily_means
from wenqu.series.flags import flagged
from wenqu.series.model import Series

Floats = npt.NDArray[np.float64]
ANSWER = 0.7  # [1/m] of groundwater and of river water, before anything is heard
LEAST_CV, MOST_CV = 0.05, 0.3  # [-] of the sewage expected of one area


def expected_areas(
    cells: Cells, pipes: Floats, counted: Floats, sightings: Sequence[Sighting], tracers: Sequence[str],
    table: Table, *, bills: bool,
) -> Expected:  # fmt: skip
    """Return what is thought of each area before any reading.

    Parameters
    ----------
    pipes
        Sewage, groundwater, river water expected of each pipe. (3, n) [m³/s]
    counted
        Length of each sewer that takes in water, 0 of others. (n,) [m]
    bills
        Whether the users' water is known: without it the sewage is as unsure as can be.
    """
    made, ground, river = cells.summed(pipes)
    length = np.bincount(cells.of_pipe, counted, len(cells))
    blocks = np.maximum(length / default("block_length"), 1e-3)
    cv = np.hypot(default("sewage_scale"), default("sewage_block_cv") / np.sqrt(blocks))
    cv = np.clip(cv, LEAST_CV, MOST_CV) if bills else np.ones(len(cells))
    member = np.array([[(table[k, t].mean, table[k, t].sd) for t in tracers] for k in KINDS])
    member = member.reshape(len(KINDS), len(tracers), 2)
    bias = np.array([entry.observer.bias_error for entry in sightings], dtype=np.float64)
    unsure = () if cells.divided is None else (cells.divided.graph.mean, cells.divided.graph.sd)
    return Expected(made, cv, ground, river, bias, member[:, :, 0], member[:, :, 1], ANSWER, ANSWER, *unsure)


def heard_city(
    sightings: Sequence[Sighting], series: Mapping[str, Mapping[str, Series]], tracers: Sequence[str],
    levels: tuple[Daily | None, Daily | None], rain: Daily | None,
) -> Heard:  # fmt: skip
    """Return the dry-weather evidence of all placed meters.

    Parameters
    ----------
    series
        Readings by observer id and quantity.
    levels
        Groundwater level and river stage by day, each as a difference from its own mean. [m]
    rain
        Depth of rain by day. [m]
    """
    flows = [cleaned(series[entry.observer.id]["flow"]) for entry in sightings]
    dry = [
        entry.evidence.dry & ~np.isnan(flow.daily.means) for entry, flow in zip(sightings, flows, strict=True)
    ]
    samples = []
    for place, entry in enumerate(sightings):
        days = entry.evidence.daily.days[entry.evidence.dry]
        for number, tracer in enumerate(tracers):
            readings = series[entry.observer.id].get(tracer)
            one = None if readings is None else sample(readings, days, place, number)
            if one is not None:
                samples.append(one)
    answers = responses_by_day(flows, dry, levels, rain)
    return heard(flows, dry, samples, answers, mean_levels=False)


def chosen_of(heard: Heard, chosen: npt.NDArray[np.int64]) -> Heard:
    """Return the evidence of some meters, in the order given."""
    place = {int(meter): row for row, meter in enumerate(chosen)}
    samples = [replace(one, meter=place[one.meter]) for one in heard.samples if one.meter in place]
    return replace(
        heard, mean=heard.mean[chosen], mean_sd=heard.mean_sd[chosen], waves=heard.waves[chosen],
        waves_sd=heard.waves_sd[chosen], samples=samples,
        responses=[heard.responses[row] for row in chosen], loose=heard.loose[chosen],
    )  # fmt: skip


def mean_level(gauges: Sequence[Series]) -> Daily | None:
    """Return how far a level stands from its mean by day, over all gauges; None without a reading. [m]

    Each gauge counts as the difference from its own mean, so that one that stops does not move the rest.
    """
    found = [daily_means(flagged(one), 0.5) for one in gauges if len(one)]
    found = [one for one in found if not np.isnan(one.means).all()]
    if not found:
        return None
    first, last = min(one.days[0] for one in found), max(one.days[-1] for one in found)
    days = np.arange(first, last + 1)
    total, count = np.zeros(len(days)), np.zeros(len(days))
    for one in found:
        there = ~np.isnan(one.means)
        place = (one.days[there] - first).astype(int)
        np.add.at(total, place, one.means[there] - one.means[there].mean())
        np.add.at(count, place, 1.0)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Daily(days, means, count / len(found))
