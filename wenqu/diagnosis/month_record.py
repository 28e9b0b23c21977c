"""How are the months of all meters and what moved them laid side by side?"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.end_member_table import Table
from wenqu.diagnosis.month_forcing import month_forcings
from wenqu.diagnosis.month_means import MonthMeans
from wenqu.diagnosis.month_rows import MonthRecord
from wenqu.diagnosis.night_sewage import travelled_pattern
from wenqu.series.events import Daily

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WATERS = ("groundwater", "river", "sewage")
NIGHT = 4  # hours
LEAST_RELATIVE = 1e-3


def month_record(
    meters: Sequence[MonthMeans], tracers: Sequence[str], table: Table, rain: Daily | None,
    levels: Mapping[str, Daily],
) -> MonthRecord:  # fmt: skip
    """Return the record of all meters over the months in which any was read.

    Parameters
    ----------
    meters
        Months of each meter. (M,)
    tracers
        Tracers with end members in ``table``. (K,)
    rain, levels
        What moves the clean water, by day.
    """
    spans = [(one.months[0], one.months[-1]) for one in meters if len(one.months)]
    first = min((span[0] for span in spans), default=np.datetime64("1970-01"))
    last = max((span[1] for span in spans), default=first - 1)
    months = np.arange(first, last + 1)
    size = (len(months), len(meters))
    mean, mean_sd, wave, wave_sd = (np.full(size, np.nan) for _ in range(4))
    tracer, tracer_sd = (np.full((*size, len(tracers)), np.nan) for _ in range(2))
    for place, one in enumerate(meters):
        if not len(one.months):
            continue
        start = int((one.months[0] - first).astype(int))
        rows = slice(start, start + len(one.months))
        for array, values in zip(
            (mean, mean_sd, wave, wave_sd), (one.mean, one.mean_sd, one.wave, one.wave_sd), strict=True
        ):
            array[rows, place] = values
        for number, name in enumerate(tracers):
            if name in one.tracer:
                tracer[rows, place, number], tracer_sd[rows, place, number] = one.tracer[name]
    names, forcing = month_forcings(months, rain, levels) if len(months) else ((), np.zeros((0, 0)))
    member = np.array([[table[water, name].mean for name in tracers] for water in WATERS]).reshape(3, -1)
    error = np.array([[table[water, name].sd for name in tracers] for water in WATERS]).reshape(3, -1)
    relative = np.maximum(error / np.maximum(np.abs(member), 1e-12), LEAST_RELATIVE)
    return MonthRecord(
        months, mean, mean_sd, wave, wave_sd, tracer, tracer_sd, forcing, names, member, relative
    )


def night_shares(
    above: npt.NDArray[np.bool_], cell: Ints, ways: tuple[Floats, Floats], sewage: Floats, pattern: Floats
) -> Floats:
    """Return how much of the sewage of each area runs by night at each meter, over its mean. (M, A) [-]

    Parameters
    ----------
    above
        Whether an area drains through a meter. (M, A)
    cell
        Area of each pipe. (n,)
    ways
        Travel time to the outlet from each pipe and from each meter. (n,), (M,) [s]
    sewage
        (n,) [m³/s]
    pattern
        Of the day at the source, mean 1. (24,)
    """
    found = np.zeros(above.shape)
    order = np.argsort(cell, kind="stable")
    cuts = np.searchsorted(cell[order], np.arange(above.shape[1] + 1))
    members = [order[low:high] for low, high in pairwise(cuts.tolist())]
    members = [some[sewage[some] > 0] for some in members]
    for meter, reach in enumerate(above):
        areas = [area for area in np.flatnonzero(reach).tolist() if len(members[area])]
        if not areas:
            continue
        waves = [
            travelled_pattern(
                pattern, np.maximum(ways[0][members[area]] - ways[1][meter], 0.0), sewage[members[area]]
            )
            for area in areas
        ]
        amounts = np.array([sewage[members[area]].sum() for area in areas])
        whole = amounts @ np.array(waves)
        around = np.stack([np.roll(whole, -shift) for shift in range(NIGHT)]).mean(axis=0)
        hours = (int(np.argmin(around)) + np.arange(NIGHT)) % 24
        for area, wave in zip(areas, waves, strict=True):
            found[meter, area] = float(wave[hours].mean() / wave.mean())
    return found
