"""Where does clean water enter a city's sewers, how much, and how sure is that?"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.diagnosis.identifiability import Identifiability
from wenqu.diagnosis.meter_evidence import MeterEvidence
from wenqu.diagnosis.meter_methods import meter_findings
from wenqu.diagnosis.moving_minimum import moving_minimum
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.diagnosis.observers import Observer
from wenqu.diagnosis.posterior_findings import METHOD, data_share, posterior_findings, sureness
from wenqu.errors import NotEnoughData, UnknownAsset
from wenqu.issues import Issue
from wenqu.progress import Progress, silent
from wenqu.records.finding import Finding
from wenqu.series.events import Daily
from wenqu.services.area_waters import AREAS, area_waters, areas_document
from wenqu.services.dry_weather import DryWeather, dry_weather, given_above
from wenqu.services.joint_city import JointCity, joint_city
from wenqu.services.plants_diagnosed import diagnosed_plants
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
POSTERIOR = "posterior.parquet"
MEDIA = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class MeterDiagnosis:
    """All methods at one place, with the series of its chart. d days."""

    meter: str
    findings: tuple[Finding, ...]
    issues: tuple[Issue, ...]
    days: npt.NDArray[np.datetime64]  # (d,) datetime64[D]
    flow: Floats  # (d,) daily mean [m³/s]
    dry: npt.NDArray[np.bool_]  # (d,)
    night_minimum: Floats  # (d,) [m³/s]
    moving_minimum: Floats  # (d,) least daily flow of 21 days [m³/s]
    rain: Floats  # (d,) [m], NaN where no gauge was read


@dataclass(frozen=True, slots=True)
class CityDiagnosis:
    """What one diagnosis of a city made."""

    city: str
    findings: tuple[Finding, ...]
    issues: tuple[Issue, ...]
    identifiability: Identifiability
    tracers: tuple[str, ...]  # that took part in the posterior
    meters: int  # placed, with enough dry days
    pipes: int
    seconds: float  # [s]
    simulated: bool


@dataclass(frozen=True, slots=True)
class ConduitPosterior:
    """The joint posterior of every conduit, as filed. n conduits, flows in m³/s."""

    ids: npt.NDArray[np.object_]
    groundwater: Floats
    groundwater_sd: Floats
    river: Floats
    river_sd: Floats
    lost: Floats  # sewage of its users that does not arrive
    lost_sd: Floats
    area: npt.NDArray[np.object_]  # meter at which the area of the conduit ends, "" above no meter
    data_share: Floats  # [-] of the area's extraneous water: what the data, not the prior, says
    sureness: Floats | None = None  # [-] 1 - sd / mean of the area's extraneous water, 0 to 1

    @property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Which conduits nothing was inferred of: storm sewers and the like, no part of any area. (n,)"""
        doubt = self.groundwater_sd + self.river_sd + self.lost_sd
        return np.asarray((self.area == "") & (doubt == 0), dtype=np.bool_)


def diagnose_meter(
    store: Store, city: str, meter_id: str, *, who: str = "", until: str = ""
) -> MeterDiagnosis:
    """Return all methods side by side for one meter, station or plant, with the filed joint posterior.

    Parameters
    ----------
    meter_id
        Id of a meter, or of a station or plant with readings of its own.
    until
        Last day of the readings, "" for all.

    Raises
    ------
    UnknownAsset
        No such meter, or it has no readings.
    NotEnoughData
        There are too few dry days.
    """
    dry = dry_weather(store, city, who=who, at=_now(), until=until, only=meter_id)
    chosen = next((entry for entry in dry.observers if entry.id == meter_id), None)
    if chosen is None:
        raise UnknownAsset(type="meter", id=meter_id, nearest="")
    if meter_id not in dry.evidence:
        few = next(
            row for row in dry.issues if row.code == "diagnosis.few-dry-days" and row.asset == meter_id
        )
        raise NotEnoughData("dry-days", **few.facts)
    found, issues = _methods(dry, chosen)
    filed = [
        row
        for row in store.records(city, "finding", Finding, last_run=True)
        if row.asset == meter_id and row.method == METHOD
    ]
    mine = tuple(row for row in dry.issues if row.asset == meter_id)
    return _chart(chosen, dry.evidence[meter_id], dry.rain, ((*found, *filed), mine + issues))


def _chart(
    observer: Observer,
    seen: MeterEvidence,
    rain: Daily | None,
    said: tuple[tuple[Finding, ...], tuple[Issue, ...]],
) -> MeterDiagnosis:
    depth = np.full(len(seen.daily.days), np.nan)
    if rain is not None:
        _, here, there = np.intersect1d(seen.daily.days, rain.days, return_indices=True)
        depth[here] = rain.means[there]
    try:
        least = moving_minimum(seen.daily.means, 0.0).minimum
    except NotEnoughData:
        least = np.full(len(depth), np.nan)
    return MeterDiagnosis(
        observer.id, *said, seen.daily.days, seen.daily.means, seen.dry, seen.minima, least, depth
    )


def _methods(dry: DryWeather, observer: Observer) -> tuple[tuple[Finding, ...], tuple[Issue, ...]]:
    length = np.where(dry.there.counted, dry.there.length, 0.0)[observer.first : observer.last].sum()
    entry = Sighting(observer, dry.evidence[observer.id], float(length))
    return meter_findings(entry, given_above(dry, observer), dry.stamp)


def diagnose_city(
    store: Store, city: str, *, who: str, progress: Progress = silent, until: str = ""
) -> CityDiagnosis:
    """Diagnose a city from its meters, registers and tables, and file the findings in one change.

    Every meter by every method, every area and pipe by the joint posterior, every plant as a waterfall
    with the next manholes to open. What cannot be used is an Issue in the result and in the store.

    Parameters
    ----------
    who
        Author of the change.
    progress
        Told the share that is done.
    until
        Last day of the readings, "" for all.
    """
    start = perf_counter()
    dry = dry_weather(store, city, who=who, at=_now(), until=until)
    progress(0.4)
    findings: list[Finding] = []
    issues: list[Issue] = list(dry.issues)
    for observer in dry.observers:
        if observer.id in dry.evidence:
            made, more = _methods(dry, observer)
            findings += made
            issues += more
    progress(0.6)
    found = joint_city(store, city, dry)
    together = {entry.observer.id for entry in found.sightings}
    issues = [one for one in issues if one.code != "diagnosis.meter-no-cut" or one.asset not in together]
    issues += found.issues
    inputs = (*dry.inputs, *_series_inputs(found), *found.inputs)
    findings += posterior_findings(found.posterior, found.sightings, dry.sewage.generated, inputs, dry.stamp)
    progress(0.8)
    of_plants, bare = diagnosed_plants(dry, found)
    findings += of_plants
    issues += bare
    known = found.identifiability
    findings = [
        replace(
            row,
            notes=row.notes + (known.codes if row.method == METHOD else ()),
            facts={key: said if isinstance(said, str) else float(said) for key, said in row.facts.items()},
        )
        for row in findings
    ]
    with store.change(city, who=who, why="diagnose") as change:
        change.add_records("finding", findings)
        change.add_records("diagnosis-issue", issues)
        names = _area_names(found)
        change.write_document(POSTERIOR, _document(dry, found.posterior, names), MEDIA)
        change.write_document(AREAS, areas_document(area_waters(found.posterior, names)), MEDIA)
    progress(1.0)
    return CityDiagnosis(
        city, tuple(findings), tuple(issues), known, found.tracers, len(found.sightings),
        len(dry.there.length), perf_counter() - start, dry.stamp.simulated,
    )  # fmt: skip


def _series_inputs(found: JointCity) -> tuple[str, ...]:
    wanted = ("flow", *found.tracers)
    return tuple(
        f"series:{asset}/{quantity}"
        for entry in found.sightings
        for quantity, asset in entry.observer.series
        if quantity in wanted
    )


def _area_names(joint: JointCity) -> npt.NDArray[np.object_]:
    """Return the meter, or the place where water divides, at which each area ends, "" above none."""
    found = joint.posterior
    names = np.full(len(found.cells), "", dtype=object)
    for entry, area in zip(reversed(joint.sightings), found.cells.of_meter[::-1], strict=True):
        names[area] = entry.observer.id  # of two meters at one place the first tells the area
    for split in () if found.cells.divided is None else found.cells.divided.splits:
        names[split.cell] = split.node  # at its lower end water divides
    return names


def _document(dry: DryWeather, found: CityPosterior, names: npt.NDArray[np.object_]) -> bytes:
    """Return the posterior of every conduit and channel as a Parquet table."""
    link = dry.there.order.link
    kinds = dry.there.topology.link_type[link]
    kept = np.isin(kinds, ["conduit", "channel"])
    area = found.cells.of_pipe[kept]
    mean, sd, (lost, lost_sd) = found.pipe_mean(), found.pipe_sd(), found.pipe_lost()
    elsewhere = np.maximum(dry.sewage.generated - dry.sewage.connected, 0.0)
    columns: Mapping[str, object] = {
        "id": _texts(dry.there.topology.link_ids[link[kept]]),
        "type": _texts(kinds[kept]).dictionary_encode(),
        "groundwater": mean[1][kept],
        "groundwater_sd": sd[1][kept],
        "river": mean[2][kept],
        "river_sd": sd[2][kept],
        "lost": (lost + elsewhere)[kept],
        "lost_sd": lost_sd[kept],
        "area": _texts(names[area]).dictionary_encode(),
        "data_share": data_share(found)[area],
        "sureness": sureness(found)[area],
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _texts(names: npt.NDArray[np.object_]) -> pa.Array:
    return pa.array([str(name) for name in names], pa.string())  # a type given spares a look at pandas


def read_posterior(store: Store, city: str, as_of: str | None = None) -> ConduitPosterior | None:
    """Return the filed posterior of every conduit, None when the city was never diagnosed."""
    content = store.rows_of_assets(city, POSTERIOR, as_of)
    if content is None:
        return None
    table = pq.read_table(io.BytesIO(content))
    numbers = {
        name: table[name].to_numpy() for name in table.column_names if name not in {"id", "type", "area"}
    }
    ids, area = (np.array(table[name].to_pylist(), dtype=object) for name in ("id", "area"))
    return ConduitPosterior(ids=ids, area=area, **numbers)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
