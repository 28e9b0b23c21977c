"""What do the tables of a case say together: meters on a forest, what is expected, what was heard?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.case_evidence import LEAST_DAYS, Cleaned, cleaned, dry_of, heard, responses, sample
from wenqu.diagnosis.expected_inflow import balance
from wenqu.diagnosis.joint_rows import Heard, Sample
from wenqu.diagnosis.joint_unknowns import Expected
from wenqu.diagnosis.pipe_order import PipeOrder, above_link, distances_down, pipe_order, side_flows
from wenqu.diagnosis.travelled_waves import Ways, ways_of
from wenqu.diagnosis.tree_posterior import areas
from wenqu.issues import Issue, Place, Weight
from wenqu.network.topology import Topology, topology
from wenqu.services.case_files import WATERS, Case, CaseMeter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
RIVER_SHARE = 0.2  # of the clean water, before anything is heard
NO_METER_CLEAN = 0.3  # of the sewage, where no meter says
ANSWER = 0.7  # [1/m] of groundwater and of river water, before anything is heard


@dataclass(frozen=True, slots=True)
class Placed:
    """A meter with the interval of pipes above it."""

    meter: CaseMeter
    first: int
    last: int
    down: float  # [m]
    flow: Cleaned
    dry: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pipes:
    """The n pipes of a case in preorder."""

    name: npt.NDArray[np.object_]
    row: Ints  # in the file of conduits
    cell: Ints  # what lies between meters, numbered; the last number lies beside all meters
    made: Floats  # [m³/s]
    ground: Floats
    river: Floats


@dataclass(frozen=True, slots=True)
class CaseModel:
    """A case ready for the inversion."""

    pipes: Pipes
    meters: tuple[Placed, ...]
    tracers: tuple[str, ...]
    expected: Expected
    heard: Heard
    ways: Ways
    issues: tuple[Issue, ...]


def case_model(case: Case) -> CaseModel:
    """Return the model of a case; whatever of it cannot be used is an Issue."""
    index = topology(case.network)
    order = pipe_order(index)
    issues: list[Issue] = []
    placed = _placed(case, index, order, issues)
    first = np.array([one.first for one in placed], dtype=np.int64)
    last = np.array([one.last for one in placed], dtype=np.int64)
    pairs = np.unique(np.column_stack([first, last]), axis=0)
    cell = areas(pairs[:, 0], pairs[:, 1], len(order.link))
    pipes, made_sd = _pipes(case, index, order, cell, placed, issues)
    count = len(pairs) + 1
    sums = {
        name: np.bincount(cell, getattr(pipes, name), count).astype(np.float64)
        for name in ("made", "ground", "river")
    }
    spread = np.bincount(cell, made_sd, count).astype(np.float64)
    tracers, samples = _samples(case, placed, issues)
    member = np.array([[case.members[water, tracer] for tracer in tracers] for water in WATERS])
    member = member.reshape(len(WATERS), len(tracers), 2)
    expected = Expected(
        sums["made"], np.where(sums["made"] > 0, spread / np.where(sums["made"] > 0, sums["made"], 1.0), 1.0),
        sums["ground"], sums["river"], np.array([one.meter.bias_error for one in placed]),
        member[:, :, 0], member[:, :, 1], ANSWER, ANSWER,
    )  # fmt: skip
    flows, dry = [one.flow for one in placed], [one.dry for one in placed]
    answers = responses(flows, dry, (case.groundwater, case.river), case.rain)
    down = distances_down(index)[index.link_from[order.link]]
    meter_down = np.array([one.down for one in placed])
    ways = ways_of(cell, pipes.made, down, meter_down, (first, last), pairs)
    told = heard(flows, dry, samples, answers)
    return CaseModel(pipes, tuple(placed), tracers, expected, told, ways, tuple(issues))


def _placed(case: Case, index: Topology, order: PipeOrder, issues: list[Issue]) -> list[Placed]:
    row = {str(name): place for place, name in enumerate(index.link_ids)}
    down = distances_down(index)
    found = []
    for meter in case.meters:
        link = row[meter.conduit]

        def tell(code: str, weight: Weight, more: dict[str, object], meter: CaseMeter = meter) -> None:
            told = {"meter": meter.id, "conduit": meter.conduit, **more}
            issues.append(Issue(code, weight, "meter", meter.id, Place("meters.csv"), told))

        span = above_link(order, index, link)
        if span is None:
            tell("case.meter-beside-the-tree", Weight.FAULT, {})
            continue
        if meter.id not in case.flow:
            tell("case.meter-without-readings", Weight.FAULT, {})
            continue
        node = int(index.link_from[link])
        if beside := side_flows(index, node):
            tell("case.water-may-pass-beside", Weight.DOUBT, {"links": beside})
        flow = cleaned(case.flow[meter.id])
        if flow.doubted:
            counts: dict[str, object] = {
                name: flow.doubted.get(name, 0) for name in ("missing", "range", "flat", "jump")
            }
            tell("case.readings-doubted", Weight.NOTE, counts)
        dry = dry_of(flow.daily, case.rain)
        if dry.sum() < LEAST_DAYS:
            tell("case.few-dry-days", Weight.FAULT, {"days": int(dry.sum())})
            continue
        found.append(Placed(meter, *span, float(down[node]), flow, dry))
    return found


def _pipes(
    case: Case, index: Topology, order: PipeOrder, cell: Ints, placed: list[Placed], issues: list[Issue]
) -> tuple[Pipes, Floats]:
    """Return the pipes with what is expected of each, and the error of the sewage expected. [m³/s]"""
    made, spread = _billed(case, index, order, issues)
    at = {name: row for row, name in enumerate(case.conduits.tolist())}
    name = index.link_ids[order.link]
    row = np.array([at[one] for one in name.tolist()], dtype=np.int64)
    length = index.link_length[order.link]
    weight = length * (1.0 + case.condition[row] / 5.0)
    clean, foul = NO_METER_CLEAN * float(made.sum()), float(made.sum())
    inside = np.ones(len(length), np.bool_)
    if placed:
        first, last = (np.array([getattr(one, end) for one in placed]) for end in ("first", "last"))
        flow = np.array([float(one.flow.daily.means[one.dry].mean()) for one in placed])
        known = balance(first, last, flow, made)
        clean, foul = known.clean, known.sewage
        inside = cell < cell.max()
        inside = inside if inside.any() else np.ones(len(length), np.bool_)
    if not made.sum() > 0:  # nobody knows the users' water
        made = length / max(float(length[inside].sum()), 1e-12) * foul
        spread = made.copy()
    ground = weight / max(float(weight[inside].sum()), 1e-12) * clean * (1 - RIVER_SHARE)
    river = length / max(float(length[inside].sum()), 1e-12) * clean * RIVER_SHARE
    return Pipes(name, row, cell, made, ground, river), spread


def _billed(case: Case, index: Topology, order: PipeOrder, issues: list[Issue]) -> tuple[Floats, Floats]:
    made, spread = np.zeros(len(order.link)), np.zeros(len(order.link))
    for name, (value, sd) in case.sources.items():
        link = int(index.main_link[index.group[index.node(name)]])
        if link < 0:
            facts: dict[str, object] = {"node": name, "amount": value * DAY}
            issues.append(
                Issue("case.source-at-the-end", Weight.DOUBT, place=Place("sources.csv"), facts=facts)
            )
            continue
        made[order.place[link]] += value
        spread[order.place[link]] += sd
    return made, spread


def _samples(
    case: Case, placed: Sequence[Placed], issues: list[Issue]
) -> tuple[tuple[str, ...], list[Sample]]:
    usable = []
    for tracer in sorted({tracer for _, tracer in case.quality}):
        absent = [water for water in WATERS if (water, tracer) not in case.members]
        if absent:
            facts: dict[str, object] = {"tracer": tracer, "waters": ", ".join(absent)}
            where = Place("endmembers.csv")
            issues.append(Issue("case.tracer-without-end-member", Weight.DOUBT, place=where, facts=facts))
        else:
            usable.append(tracer)
    found = []
    for place, entry in enumerate(placed):
        days = entry.flow.daily.days[entry.dry]
        for number, tracer in enumerate(usable):
            readings = case.quality.get((entry.meter.id, tracer))
            one = None if readings is None else sample(readings, days, place, number)
            if one is not None:
                found.append(one)
    return tuple(usable), found
