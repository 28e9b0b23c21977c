"""What does the joint inversion say of a city, from its registers, bills, meters, tracers and levels?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.city_evidence import chosen_of, expected_areas, heard_city, mean_level
from wenqu.diagnosis.city_posterior import Cells, CityPosterior, Joint, cells_of, city_posterior, joint_of
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.identifiability import Identifiability, identifiability
from wenqu.diagnosis.joint_inversion import DEFAULT, invert
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.map_doubts import TEMPER
from wenqu.diagnosis.map_questions import question
from wenqu.diagnosis.meter_batches import Batch, joined, meter_batches
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.observation_rows import Sighting, above, observation_rows, usable_tracers
from wenqu.diagnosis.pipe_order import distances_down
from wenqu.diagnosis.posterior_findings import odd_meters
from wenqu.diagnosis.tree_posterior import Posterior, posterior
from wenqu.diagnosis.wrong_inputs import Told, without_faults
from wenqu.issues import Issue, Weight
from wenqu.series.model import Series
from wenqu.services.border_batches import border_batches
from wenqu.services.case_faults import fault_issues
from wenqu.services.city_splits import (
    branch_meters,
    divided_cells,
    doubted_splits,
    water_divides,
    ways_between,
)
from wenqu.services.city_topology import Drawn, doubted_map, held_back, places
from wenqu.services.dry_weather import DryWeather, Period
from wenqu.store.database import Store

Ints = npt.NDArray[np.int64]
# A city's users differ from area to area in their day, and its sewers in their depth below the groundwater:
# more than in a case that brings a pattern of its own.
SIZES = replace(DEFAULT, hour=0.2, wave=0.03, height=0.1, mean=0.01, answer_area=0.8, ground_area=1.5)
MOST = 80  # meters solved together
TOGETHER = 160  # where water divides: a minute instead of seconds, but no batch knows of another's branches
DOUBT, NOT_ASKED = "map.may-be-wrong", "map.not-asked"
LEVELS = ("groundwater", "river_stage")


@dataclass(frozen=True, slots=True)
class JointCity:
    """The joint answer of a city."""

    posterior: CityPosterior
    heard: Heard
    tracers: tuple[str, ...]
    identifiability: Identifiability
    inputs: tuple[str, ...]  # series of the levels
    issues: tuple[Issue, ...]
    dry: DryWeather
    sightings: tuple[Sighting, ...]  # all meters that were solved together, those on side branches last

    def known(self) -> Posterior:
        """Return what is known of every pipe as sums over the forest, for the choice of the next manhole.

        Its rows are flow and mixing rows alone; its means are those of the joint inversion.
        """
        mean = self.posterior.pipe_mean()
        split = above(mean, self.dry.sightings)
        rows = observation_rows(self.dry.sightings, self.tracers, self.dry.table, split)
        return replace(posterior(self.dry.prior, rows), mean=mean)


def joint_city(store: Store, city: str, dry: DryWeather) -> JointCity:
    """Return the joint inversion of a city that is ready for it."""
    forest = dry
    branches = branch_meters(dry)
    count = len(dry.sightings) + len(branches)
    many_divided = count > MOST and (bool(branches) or water_divides(dry))
    most = TOGETHER if many_divided and count <= TOGETHER else MOST
    if count <= most:  # else they are solved in batches, along the main ways
        dry = replace(dry, sightings=(*dry.sightings, *branches))
    tracers, issues = usable_tracers(dry.sightings, dry.table)
    first = np.array([entry.observer.first for entry in dry.sightings], dtype=np.int64)
    last = np.array([entry.observer.last for entry in dry.sightings], dtype=np.int64)
    pipes = dry.prior.mean
    bills = bool(dry.sewage.generated.sum() > 0)
    gauges = {quantity: _gauges(store, city, quantity, dry.period) for quantity in LEVELS}
    levels = tuple(mean_level(list(gauges[quantity].values())) for quantity in LEVELS)
    heard = heard_city(dry.sightings, dry.series, tracers, (levels[0], levels[1]), dry.rain)
    heard, held = held_back(store, city, dry, heard, list(gauges["river_stage"].values()))
    batches = meter_batches(first, last, most)
    borders = _borders(dry, (first, last), batches) if bills and len(batches) > 1 else []
    times = len(batches) + len(borders)
    solve = _Solve(dry, tracers, heard, bills=bills, divided=len(batches) == 1, times=times)
    with threadpool_limits(1):  # these matrices are small: threads only wait for one another
        answers = [(batch, *solve.of(np.concatenate([batch.own, batch.above]))) for batch in batches]
        beside = [issue for chosen in borders for issue in solve.of(chosen)[2] if issue.code == DOUBT]
    doubts = [issue for *_, more in answers for issue in more]
    doubts = [*_told_once(doubts), *_others(beside, doubts)]
    if len(batches) > 1 and many_divided:
        facts: dict[str, object] = {"meters": len(dry.sightings), "most": TOGETHER}
        doubts.append(Issue("map.splits-not-asked", Weight.NOTE, facts=facts))
    if len(batches) == 1:
        cells, joint = answers[0][1:3]
    else:
        cells = cells_of(first, last, pipes.shape[1])
        beside = answers[0][1].of_pipe == len(answers[0][1]) - 1
        outside = cells.summed(pipes)[:, -1], pipes[:, beside].sum(axis=1)
        joint = joined([(batch, part, said) for batch, part, said, _ in answers], cells, outside)
    said = city_posterior(joint, cells, pipes, cells.summed(pipes)[0] if bills else None, SIZES.ground_scale)
    answered = tuple(
        name
        for name, field in zip(LEVELS, ("groundwater_sd", "river_sd"), strict=True)
        if any(one is not None and np.isfinite(getattr(one, field)) for one in heard.responses)
    )
    inputs = tuple(f"series:{id_}/{quantity}" for quantity in answered for id_ in gauges[quantity])
    known = identifiability(
        tracers, dry.table, default("tracer_error"), water_use=dry.sewage.origin == "sources",
        meters=len(dry.sightings), levels=answered, inlets=bool(pipes[2].sum() > 0),
    )  # fmt: skip
    return JointCity(
        said,
        heard,
        tracers,
        known,
        inputs,
        (*issues, *held, *odd_meters(said, dry.sightings), *doubts),
        forest,
        dry.sightings,
    )


@dataclass(frozen=True)
class _Solve:
    """One city, solved for some of its meters at a time."""

    dry: DryWeather
    tracers: tuple[str, ...]
    heard: Heard
    bills: bool
    divided: bool  # whether it is asked how water divides: only where all meters are solved together
    times: int  # how often the map is asked

    def of(self, chosen: Ints) -> tuple[Cells, Joint, list[Issue]]:
        """Return what lies between some meters, what they say of it, and where the map may be wrong."""
        dry = replace(self.dry, sightings=tuple(self.dry.sightings[row] for row in chosen))
        heard, pipes, topology = chosen_of(self.heard, chosen), dry.prior.mean, dry.there.topology
        first = np.array([entry.observer.first for entry in dry.sightings], dtype=np.int64)
        last = np.array([entry.observer.last for entry in dry.sightings], dtype=np.int64)
        cells = cells_of(first, last, pipes.shape[1])
        if self.divided:
            cells = divided_cells(dry, cells)
        counted = np.where(dry.there.counted, dry.there.length, 0.0)
        expected = expected_areas(
            cells, pipes, counted, dry.sightings, self.tracers, dry.table, bills=self.bills
        )
        down = distances_down(topology)
        at = np.array([down[entry.observer.node] for entry in dry.sightings], dtype=np.float64)
        start = topology.link_from[dry.there.order.link]
        ways = ways_between(cells, pipes[0], (down[start], at), (first, last))
        found = invert(expected, heard, ways, default_pattern(), SIZES)
        drawn = Drawn(dry, cells.of_pipe, self.bills, self.times)
        told = Told(expected, heard, ways, default_pattern(), SIZES, found)
        doubts = _doubts(drawn, told)
        best, faults = without_faults(told)
        by_map = max((float(str(one.facts.get("log_bayes", 0))) for one in doubts), default=-np.inf)
        if faults and sum(fault.gain for fault in faults) > TEMPER * by_map:  # else the map says it all
            meters = [(entry.observer.type, entry.observer.id) for entry in dry.sightings]
            not_believed = fault_issues(meters, best.found, faults, files=False)
            told, doubts = best, [*not_believed, *_doubts(drawn, best)]
        return cells, joint_of(told.found, ways.graph), [*doubts, *doubted_splits(cells, told.found)]


def _borders(dry: DryWeather, spans: tuple[Ints, Ints], batches: Sequence[Batch]) -> list[Ints]:
    """Return the meters to be asked together where batches lie beside each other."""
    index, order, cells = dry.there.topology, dry.there.order, cells_of(*spans, dry.prior.mean.shape[1])
    main = index.main_link[index.group]
    pipe = np.where(main >= 0, order.place[main], -1)
    meter_of = np.full(len(cells), -1, dtype=np.int64)
    meter_of[cells.of_meter] = np.arange(len(cells.of_meter))
    meter = np.where(pipe >= 0, meter_of[cells.of_pipe[pipe]], -1)
    return border_batches(places(dry.there.network, index), meter, spans, batches)


def _told_once(found: Sequence[Issue]) -> list[Issue]:
    """Return the issues of all batches; that the map was not asked is told once."""
    silent = [issue for issue in found if issue.code == NOT_ASKED]
    return [*(issue for issue in found if issue.code != NOT_ASKED), *silent[:1]]


def _others(found: Sequence[Issue], before: Sequence[Issue]) -> list[Issue]:
    """Return the doubts of the map about conduits of which none was told before."""
    told = {issue.asset for issue in before if issue.code == DOUBT}
    best: dict[str, Issue] = {}
    for issue in sorted(found, key=lambda one: -float(str(one.facts["chance"]))):
        if issue.asset not in told:
            best.setdefault(issue.asset, issue)
    return list(best.values())


def _doubts(drawn: Drawn, told: Told) -> list[Issue]:
    asked = question(told.expected, told.heard, told.ways, told.pattern, told.sizes, told.found)
    return doubted_map(drawn, asked)


def _gauges(store: Store, city: str, quantity: str, period: Period) -> dict[str, Series]:
    return dict(store.read_many(city, quantity, None, period.since or None, period.until or None))
