"""How is the joint posterior said of each meter and of each area between meters?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.diagnosis.meter_methods import Stamp
from wenqu.diagnosis.night_flow import Z90
from wenqu.diagnosis.observation_rows import Sighting, above
from wenqu.records.finding import Finding

Floats = npt.NDArray[np.float64]
# quantity → weights of sewage, groundwater, river water
PARTS = {
    "extraneous": np.array([0.0, 1.0, 1.0]),
    "groundwater": np.array([0.0, 1.0, 0.0]),
    "river": np.array([0.0, 0.0, 1.0]),
    "sewage": np.array([1.0, 0.0, 0.0]),
}


def posterior_findings(
    found: CityPosterior,
    sightings: Sequence[Sighting],
    generated: Floats,
    inputs: tuple[str, ...],
    stamp: Stamp,
) -> tuple[Finding, ...]:
    """Return what the posterior says above each meter and in the area that ends at it.

    Quantities above the meter: extraneous, groundwater, river, sewage, missing. In the area between it
    and the next meters above: the same with ``area_`` before, and the share of the prior variance that
    the data took away in ``facts["data_share"]``; of several meters at one place the first tells the area.

    Parameters
    ----------
    generated
        Sewage of all users by pipe. (n,) [m³/s]
    inputs
        What the posterior was made from.
    """
    sums, covariances = found.above_meters()
    made_above = above(generated[None], sightings)[:, 0]
    areas = len(found.areas.mean)
    made_area = np.bincount(found.result.area, weights=generated, minlength=areas)
    kinds = found.areas.mean.shape[1]
    blocks = found.areas.covariance.reshape(areas, kinds, areas, kinds)
    made: list[Finding] = []
    told: set[int] = set()
    for row, entry in enumerate(sightings):
        days = entry.evidence.daily.days[entry.evidence.dry]
        base = Finding(
            entry.observer.type, entry.observer.id, "tree_posterior", "", math.nan, math.nan, math.nan,
            "m³/s", str(days[0]), str(days[-1]), inputs, (), stamp.version, stamp.by, stamp.at,
            stamp.simulated,
        )  # fmt: skip
        made += list(_said(base, sums[row], covariances[row], float(made_above[row]), ""))
        area = int(found.meter_area[row])
        if area in told:  # two meters at one place end the same area: it must not be counted twice
            continue
        told.add(area)
        share = data_share(found, area)
        facts: dict[str, float | str] = {"data_share": share, "prior_share": 1.0 - share}
        own = replace(base, facts=facts)
        made += list(
            _said(own, found.areas.mean[area], blocks[area, :, area], float(made_area[area]), "area_")
        )
    return tuple(made)


def data_share(found: CityPosterior, area: int) -> float:
    """Return the share of the prior variance of an area's extraneous water that the data took away. [-]"""
    kinds = found.areas.mean.shape[1]
    there = slice(area * kinds, (area + 1) * kinds)
    part = PARTS["extraneous"]
    before = float(part**2 @ found.areas.prior_variance[area])
    after = float(part @ found.areas.covariance[there, there] @ part)
    return max(0.0, 1.0 - after / before) if before > 0 else 0.0


def _said(
    base: Finding, mean: Floats, covariance: Floats, generated: float, prefix: str
) -> Iterator[Finding]:
    for quantity, part in PARTS.items():
        value = float(part @ mean)
        half = Z90 * math.sqrt(max(float(part @ covariance @ part), 0.0))
        yield replace(
            base, quantity=prefix + quantity, value=value, low=max(value - half, 0.0), high=value + half
        )
    if generated > 0:
        value = generated - float(mean[0])
        half = Z90 * math.sqrt(max(float(covariance[0, 0]), 0.0))
        yield replace(
            base,
            quantity=f"{prefix}missing",
            value=value,
            low=value - half,
            high=value + half,
            facts={**base.facts, "generated": generated},
        )
