"""How is the joint inversion said of each meter and of each area between meters?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.diagnosis.lost_sewage import LOSING, MOST
from wenqu.diagnosis.meter_methods import Stamp
from wenqu.diagnosis.night_flow import Z90
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.issues import Issue, Weight
from wenqu.records.finding import Finding

Floats = npt.NDArray[np.float64]
METHOD = "joint_inversion"
TAIL = 0.05
ODD = 3.0  # errors by which a meter may differ from all others before that is told
LEAST_BIAS = 1e-4  # [-] that a meter may be off, whatever it says
# quantity → weights of sewage, groundwater, river water
PARTS = {
    "extraneous": np.array([0.0, 1.0, 1.0]),
    "groundwater": np.array([0.0, 1.0, 0.0]),
    "river": np.array([0.0, 0.0, 1.0]),
    "sewage": np.array([1.0, 0.0, 0.0]),
}


@dataclass(frozen=True, slots=True)
class _Missing:
    """Sewage that does not arrive, of one sum. [m³/s]"""

    mean: float
    low: float
    high: float
    generated: float
    prior_share: float  # [-]


def posterior_findings(
    found: CityPosterior,
    sightings: Sequence[Sighting],
    generated: Floats,
    inputs: tuple[str, ...],
    stamp: Stamp,
) -> tuple[Finding, ...]:
    """Return what the joint inversion says above each meter, in the area that ends at it, and of the meter.

    Quantities above the meter: extraneous, groundwater, river, sewage, missing. In the area between it
    and the next meters above: the same with ``area_`` before, each with the share of its variance that the
    data took away in ``facts["data_share"]``; of several meters at one place the first tells the area.
    ``meter_bias`` is how much the meter reads too much, with what its rows leave over in ``misfit``.

    Parameters
    ----------
    generated
        Sewage of all users by pipe, wherever it goes. (n,) [m³/s]
    inputs
        What the inversion was made from.
    """
    cells = found.cells
    above = found.above()
    count = len(cells)
    made_by_cell = np.bincount(cells.of_water[0], generated, count).astype(np.float64)
    over_meters = found.over_meters()
    of_areas = found.sums(np.repeat(np.eye(count)[:, None], 3, axis=1))
    made: list[Finding] = []
    told: set[int] = set()

    def _area(base: Finding, area: int) -> Iterator[Finding]:
        lost = _missing(found, np.eye(count)[area], made_by_cell)
        return _said(base, [one[area] for one in of_areas], lost, "area_")

    for row, entry in enumerate(sightings):
        days = entry.evidence.daily.days[entry.evidence.dry]
        base = Finding(
            entry.observer.type, entry.observer.id, METHOD, "", math.nan, math.nan, math.nan,
            "m³/s", str(days[0]), str(days[-1]), inputs, (), stamp.version, stamp.by, stamp.at,
            stamp.simulated,
        )  # fmt: skip
        made.append(_meter(found, base, row, entry))
        lost = _missing(found, above[row], made_by_cell)
        made += _said(base, [one[row] for one in over_meters], lost, "")
        area = int(cells.of_meter[row])
        if area in told:  # two meters at one place end the same area: it must not be counted twice
            continue
        told.add(area)
        made += _area(base, area)
    for split in cells.divided.splits if cells.divided is not None and sightings else ():
        base = replace(made[0], asset_type=split.node_type, asset=split.node)
        made += _area(base, split.cell)
    return tuple(made)


def odd_meters(found: CityPosterior, sightings: Sequence[Sighting]) -> list[Issue]:
    """Return the meters that all other evidence contradicts."""
    told, seen = [], found.found
    for place, entry in enumerate(sightings):
        if _is_odd(found, place, entry):
            facts: dict[str, object] = {
                "meter": entry.observer.id, "bias": 100 * float(seen.bias[place]),
                "allowed": 100 * max(entry.observer.bias_error, LEAST_BIAS),
                "misfit": float(np.nan_to_num(seen.misfit[place] * seen.loose[place])),
            }  # fmt: skip
            code = "diagnosis.meter-contradicts"
            told.append(Issue(code, Weight.DOUBT, entry.observer.type, entry.observer.id, facts=facts))
    return told


def _is_odd(found: CityPosterior, place: int, entry: Sighting) -> bool:
    """Return whether a meter would have to be off by far more than it says, or its day is not followed."""
    seen = found.found
    off = abs(float(seen.bias[place])) > ODD * max(entry.observer.bias_error, LEAST_BIAS)
    return bool(off or seen.misfit[place] * seen.loose[place] > ODD)


def data_share(found: CityPosterior) -> Floats:
    """Return the share of the variance of each area's clean water that the data took away. (A,) [-]"""
    _, covariance, prior = found.sums(np.repeat(np.eye(len(found.cells))[:, None], 3, axis=1))
    part = PARTS["extraneous"]
    return 1.0 - _left(np.einsum("k,bkl,l->b", part, covariance, part), prior @ part**2)


def sureness(found: CityPosterior) -> Floats:
    """Return how sure each area's clean water is: 1 - sd / mean, 0 to 1. (A,) [-]"""
    mean, covariance, _ = found.sums(np.repeat(np.eye(len(found.cells))[:, None], 3, axis=1))
    part = PARTS["extraneous"]
    size, spread = mean @ part, np.sqrt(np.maximum(np.einsum("k,bkl,l->b", part, covariance, part), 0.0))
    sure: Floats = np.clip(1.0 - spread / np.where(size > 0, size, np.inf), 0.0, 1.0) * (size > 0)
    return sure


def _left(after: Floats, before: Floats) -> Floats:
    """Return what is left of a variance, from 0 to 1."""
    known = before > 0
    return np.where(known, np.clip(after / np.where(known, before, 1.0), 0.0, 1.0), 1.0)


def _meter(found: CityPosterior, base: Finding, row: int, entry: Sighting) -> Finding:
    seen = found.found
    bias, half = float(seen.bias[row]), Z90 * float(seen.bias_sd[row])
    misfit = float(np.nan_to_num(seen.misfit[row] * seen.loose[row]))
    facts: dict[str, float | str] = {
        "misfit": misfit, "trusted": float(1.0 / seen.loose[row]),
        "contradicts": float(_is_odd(found, row, entry)),
    }  # fmt: skip
    return replace(
        base, quantity="meter_bias", value=bias, low=bias - half, high=bias + half, unit="-", facts=facts
    )


def _missing(found: CityPosterior, part: Floats, generated: Floats) -> _Missing | None:
    """Return the sewage that parts of areas miss: lost on the way, or of users known to drain elsewhere."""
    made, billed = float(part @ generated), float(part @ found.billed)
    if not made > 0:
        return None
    lost = found.lost
    elsewhere = max(made - billed, 0.0)
    mean, variance = float(part @ lost.mean), float(part**2 @ lost.variance)
    # what is lost is far from normal: the halves of the intervals of areas add up each by itself
    below = float(np.sqrt(part**2 @ (lost.mean - lost.low) ** 2))
    above = float(np.sqrt(part**2 @ (lost.high - lost.mean) ** 2))
    nothing = float(np.prod(lost.nothing[part > 0]))
    low, high = 0.0 if nothing > TAIL else max(mean - below, 0.0), mean + above
    # against the error that the guess before would have by what is known now: an area found to lose is less
    # sure than one of which nothing was heard, and yet the readings said so
    guess = LOSING * MOST / 2 * billed
    before = max(float(part**2 @ lost.before), variance + (mean - guess) ** 2)
    share = float(_left(np.array(variance), np.array(before)))
    return _Missing(mean + elsewhere, low + elsewhere, high + elsewhere, made, share)


def _said(base: Finding, sums: Sequence[Floats], missing: _Missing | None, prefix: str) -> Iterator[Finding]:
    mean, covariance, prior = sums
    for quantity, part in PARTS.items():
        value = float(part @ mean)
        variance = max(float(part @ covariance @ part), 0.0)
        half = Z90 * math.sqrt(variance)
        share = float(_left(np.array(variance), np.array(float(part**2 @ prior))))
        yield replace(
            base, quantity=prefix + quantity, value=value, low=max(value - half, 0.0), high=value + half,
            facts={"data_share": 1.0 - share, "prior_share": share},
        )  # fmt: skip
    if missing is not None:
        share = missing.prior_share
        yield replace(
            base, quantity=f"{prefix}missing", value=missing.mean, low=missing.low, high=missing.high,
            facts={"generated": missing.generated, "data_share": 1.0 - share, "prior_share": share},
        )  # fmt: skip
