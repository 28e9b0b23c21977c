"""What happened, when and where: something broke, the meter drifted, or the users changed?

Every state that may jump is tried in every month. The odds of a jump against none are those of a jump of
unknown size with a normal prior (Bayes factor); an alarm is given when the likelihood ratio is larger than
nearly all of what records without any jump give, drawn from the same model with the same gaps: 5 % in a
city and year. A single bad month at a meter is tried beside the jumps and left out when it explains more.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.month_states import BIAS, GROUND, PROBE, RIVER, SEWAGE, Areas, Layout, clean_size
from wenqu.diagnosis.state_smoother import Forward, Pull, drawn_scores

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FALSE_ALARMS = 0.05  # in a city and year without any jump
DRAWS = 400
LEAST_Z = 3.0  # however few states and months a record has: real months have heavier tails than drawn ones
SEED = 20261127
METER_JUMP, PROBE_JUMP = 0.1, 0.15  # [-] sd of a jump before the record is asked
SEWAGE_JUMP = 0.3  # of an area's sewage
CLEAN_JUMP = 1.0  # of an area's clean water, or a part of its sewage
CLEAN_OF_SEWAGE = 0.15
BEFORE = 2  # months that must lie before a jump
SPOILED = 0.3  # of a reading: sd of the error of a bad month
LEAST_ODDS = 0.05  # of an explanation that is still told


@dataclass(frozen=True, slots=True)
class Jumps:
    """The states that may jump. J of them."""

    state: Ints  # (J,) where it stands
    kind: Ints  # (J,) GROUND, RIVER, SEWAGE, BIAS or PROBE
    place: Ints  # (J,) area, meter, or number of the probe
    size: Floats  # (J,) sd of a jump before the record is asked


@dataclass(frozen=True, slots=True)
class Limits:
    """What is larger in hardly any record without a jump."""

    jump: float  # [-] of |z| over all states and months
    spoiled: float  # [-] of |z| over all readings


@dataclass(frozen=True, slots=True)
class Step:
    """One jump with what else would explain the same readings."""

    month: int
    jump: int  # its number among the jumps
    z: float
    odds: tuple[tuple[int, int, float], ...]  # kind, place, probability; what is below 5 % is left out
    first: int  # months that hold 90 % of its probability
    last: int
    beside: int  # the month before or after that shares it: what breaks within a month is half of it at first


def jumps_of(areas: Areas, layout: Layout) -> Jumps:
    """Return the states that may jump. River water jumps where some is expected."""
    clean = np.maximum(CLEAN_JUMP * clean_size(areas), CLEAN_OF_SEWAGE * areas.usual[SEWAGE])
    shares = areas.mean[RIVER] / np.maximum(areas.mean[: RIVER + 1].sum(axis=0), 1e-30)
    every = np.arange(layout.areas)
    wet = np.flatnonzero(shares > LEAST_ODDS)
    foul = np.flatnonzero(areas.mean[SEWAGE] > 1e-3 * float(areas.mean[SEWAGE].sum()))
    parts = [
        (GROUND, layout.of(GROUND).start, every, clean),
        (RIVER, layout.of(RIVER).start, wet, clean[wet]),
        (SEWAGE, layout.of(SEWAGE).start, foul, SEWAGE_JUMP * areas.usual[SEWAGE][foul]),
        (BIAS, layout.bias.start, np.arange(layout.meters), np.full(layout.meters, METER_JUMP)),
        (PROBE, layout.probe.start, np.arange(len(layout.probes)), np.full(len(layout.probes), PROBE_JUMP)),
    ]
    return Jumps(
        np.concatenate([start + place for _, start, place, _ in parts]).astype(np.int64),
        np.concatenate([np.full(len(place), kind) for kind, _, place, _ in parts]).astype(np.int64),
        np.concatenate([place for _, _, place, _ in parts]).astype(np.int64),
        np.concatenate([size for _, _, _, size in parts]).astype(np.float64),
    )


def scores(found: Pull, jumps: Jumps) -> tuple[Floats, Floats]:
    """Return z of every jump in every month, and the logarithm of its Bayes factor. (T, J), (T, J)

    The first months have none: one month alone before a jump may as well have been odd itself.
    """
    score, known = found.score[:, jumps.state], found.information[:, jumps.state]
    told = known * jumps.size**2 > 1e-3  # what the record cannot see is neither likely nor unlikely
    z = np.where(told, score / np.sqrt(np.where(told, known, 1.0)), 0.0)
    z[:BEFORE] = 0.0
    gain = known * jumps.size**2
    odds = 0.5 * (z**2 * gain / (1 + gain) - np.log1p(gain))
    odds = np.where(told, odds, -np.inf)
    odds[:BEFORE] = -np.inf
    return z, odds


def limits(forward: Forward, found: Pull, jumps: Jumps, years: float) -> Limits:
    """Return what is exceeded in 5 % of years without any jump, for a record of so many years."""
    rng = np.random.default_rng(SEED)
    rate = 1 - (1 - FALSE_ALARMS) ** max(years, 1.0)
    known = found.information[:, jumps.state]
    told = known * jumps.size**2 > 1e-3
    root = np.sqrt(np.where(told, known, np.inf))
    most = np.zeros(DRAWS)
    for month, score in drawn_scores(forward, DRAWS, rng):
        if month >= BEFORE:
            most = np.maximum(most, np.abs(score[jumps.state] / root[month][:, None]).max(axis=0))
    readings = max(1, sum(len(row.value) for row in forward.rows))
    spoiled = float(np.sqrt(2 * np.log(2 * readings / rate)))
    return Limits(max(float(np.quantile(most, 1 - rate)), LEAST_Z), spoiled)


def best(odds: Floats, z: Floats, jumps: Jumps) -> Step:
    """Return the likeliest jump with all that would explain the same readings."""
    month, jump = (int(one) for one in np.unravel_index(int(np.argmax(odds)), odds.shape))
    weight = np.exp(odds - odds[month, jump])
    weight /= weight.sum()
    whole = weight.sum(axis=0)
    order = [int(number) for number in np.argsort(-whole) if whole[number] >= LEAST_ODDS or number == jump]
    told = tuple(
        (int(jumps.kind[number]), int(jumps.place[number]), float(whole[number])) for number in order
    )
    first, last = _span(weight[:, jump] / max(float(whole[jump]), 1e-300), month)
    around = [one for one in (month - 1, month + 1) if BEFORE <= one < len(odds)]
    beside = max(around, key=lambda one: float(odds[one, jump]), default=month)
    return Step(month, jump, float(z[month, jump]), told, first, last, beside)


def _span(mass: Floats, middle: int) -> tuple[int, int]:
    """Return the shortest run of months around the likeliest one that holds 90 %."""
    first = last = middle
    while mass[first : last + 1].sum() < 0.9 and (first > 1 or last < len(mass) - 1):
        before = mass[first - 1] if first > 1 else -1.0
        after = mass[last + 1] if last < len(mass) - 1 else -1.0
        if before >= after:
            first -= 1
        else:
            last += 1
    return first, last
