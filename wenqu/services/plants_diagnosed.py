"""What comes to each plant of a city, why is it thin, and which manholes should be opened next?"""

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.diagnosis.meter_evidence import weighted_mean
from wenqu.diagnosis.plant_findings import Arriving, PlantRecord, next_manholes, plant_findings
from wenqu.errors import NotEnoughData
from wenqu.issues import Issue, Weight
from wenqu.records.finding import Finding
from wenqu.series.flags import flagged
from wenqu.series.repair import regular
from wenqu.services.dry_weather import DryWeather
from wenqu.services.joint_city import JointCity
from wenqu.services.plant_inflow import influent
from wenqu.services.plant_shares import PlantShares, plant_shares

Floats = npt.NDArray[np.float64]


def diagnosed_plants(dry: DryWeather, found: JointCity) -> tuple[list[Finding], list[Issue]]:
    """Return waterfall and next manholes of every plant, and the plants of which nothing can be said."""
    findings: list[Finding] = []
    issues: list[Issue] = []
    table = dry.there.network.table("plant")
    targets = table.column("bod_target")
    measured = [entry.node for entry in dry.observers if entry.placed]
    known = found.known()
    shares = plant_shares(dry, found.posterior)
    for row, id_ in enumerate(table.ids):
        node = dry.there.topology.node(str(id_))
        named: dict[str, object] = {"plant": str(id_)}
        arriving = _arriving(dry, found, node, shares)
        if arriving is None:
            issues.append(
                Issue("diagnosis.plant-without-sewers", Weight.DOUBT, "plant", str(id_), facts=named)
            )
            continue
        target = 0.1 if np.isnan(targets[row]) else float(targets[row])
        plant = _plant_record(dry, (str(id_), node, target))
        try:
            given = (dry.table, dry.inputs[1], dry.stamp)
            findings += plant_findings(arriving, dry.there, dry.sewage.generated, plant, given)
        except NotEnoughData:
            issues.append(
                Issue("diagnosis.plant-without-sewage", Weight.DOUBT, "plant", str(id_), facts=named)
            )
        findings += next_manholes(known, dry.there, plant, measured, dry.stamp)
    return findings, issues


def _plant_record(dry: DryWeather, asked: tuple[str, int, float]) -> PlantRecord:
    id_, node, target = asked
    missing = (float("nan"), float("nan"))
    observer = next((entry for entry in dry.observers if entry.on_id == id_), None)
    if observer is None or observer.id not in dry.evidence:
        return PlantRecord(id_, node, target, (0.0, 0.0), missing, "", "", dry.inputs[:1])
    seen = dry.evidence[observer.id]
    known = ~np.isnan(seen.daily.means)
    rain = max(0.0, float(seen.daily.means[known].mean()) - seen.flow)
    series = dry.series[observer.id]
    bod5, inputs = missing, [f"series:{observer.asset_of('flow')}/flow"]
    if "bod5" in series:
        hourly = regular(flagged(series["flow"]))
        mean = weighted_mean(flagged(series["bod5"]), hourly, seen.daily, seen.daily.days)
        if mean is not None:
            bod5 = (mean.mean, mean.sd)
            inputs.append(f"series:{observer.asset_of('bod5')}/bod5")
    days = seen.daily.days[known]
    error = (rain, float(np.hypot(0.2 * rain, observer.bias_error * seen.flow)))
    assessed = influent(series.get("flow"), series.get("bod5"))[1]
    return PlantRecord(id_, node, target, error, bod5, str(days[0]), str(days[-1]), tuple(inputs), assessed)


def _arriving(dry: DryWeather, found: JointCity, node: int, shares: PlantShares | None) -> Arriving | None:
    """Return what comes to a plant: where water divides above one that is metered, what passes its meter.

    None: no sewer leads there.
    """
    known, made = found.posterior, dry.sewage.generated
    metered = [row for row, entry in enumerate(found.sightings) if entry.observer.node == node]
    if known.found.passing is not None and metered:
        flow, covariance, _ = (one[metered[0]] for one in known.over_meters())
        by_cell = np.bincount(known.cells.of_water[0], made, len(known.cells))
        return Arriving(flow, covariance, float(known.above()[metered[0]] @ by_cell))
    if shares is not None:
        return _divided(known, made, shares, node)
    mine = dry.there.plant == node
    if not mine.any():
        return None
    flow, covariance, _ = (one[0] for one in known.sums(known.part(mine)[None]))
    return Arriving(flow, covariance, float(made[mine].sum()))


def _divided(known: CityPosterior, made: Floats, shares: PlantShares, node: int) -> Arriving | None:
    """Return what comes to a plant where water divides above some plant, by the shares of the splits."""
    means = known.pipe_mean()
    share, slope = shares.of(node, means[0], means[1:])
    if not share.any():
        return None
    reach = known.cells.summed(known.share * share[[0, 1, 1]])
    flow, covariance, _ = (one[0] for one in known.sums(reach[None]))
    covariance = covariance + slope @ shares.covariance @ slope.T
    return Arriving(flow, covariance, float(share[0] @ made))
