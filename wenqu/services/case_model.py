"""What do the tables of a case say together: meters on a forest, what is expected, what was heard?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.backwater import REVERSE, Backwater, backwater, reversed_share
from wenqu.diagnosis.case_evidence import LEAST_DAYS, Cleaned, cleaned, dry_of, heard, responses, sample
from wenqu.diagnosis.joint_rows import Heard, Sample
from wenqu.diagnosis.joint_unknowns import Expected
from wenqu.diagnosis.pipe_order import PipeOrder, above_node, distances_down, pipe_order
from wenqu.diagnosis.split_cells import Split, Spot
from wenqu.diagnosis.travelled_waves import Ways
from wenqu.issues import Issue, Place, Weight
from wenqu.network.topology import Topology, topology
from wenqu.services.case_backwater import backwater_issues, less_trusted
from wenqu.services.case_cells import Cells, case_cells
from wenqu.services.case_checks import beyond, beyond_issue, bill_issues, level_issues, never_flows
from wenqu.services.case_files import WATERS, Case, CaseMeter
from wenqu.services.case_members import is_isotope

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
RIVER_SHARE = 0.2  # of the clean water, before anything is heard
WITH_CLEAN = 1.4  # of the sewage: what passes a tank
FULL = 0.5  # [-] of a tank's volume that is used on a dry day
NO_METER_CLEAN = 0.3  # of the sewage, where no meter says
NOTHING_CLEAN, NOTHING_CV = 0.5, 2.0  # of the sewage, where neither meters nor bills say; error of both
A_METRE = 0.1 / DAY  # [m³/s] sewage of a metre of sewer where nobody says: 80 m × 100 people/ha × 0.13 m³/d
ANSWER = 0.7  # [1/m] of groundwater and of river water, before anything is heard


@dataclass(frozen=True, slots=True)
class Placed:
    """A meter with the interval of pipes above it."""

    meter: CaseMeter
    first: int
    last: int
    link: int
    flow: Cleaned
    dry: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pipes:
    """The n pipes of a case in preorder."""

    name: npt.NDArray[np.object_]
    row: Ints  # in the file of conduits
    cell: Ints  # what lies between meters, numbered; the last number lies beside all meters
    source: Ints  # cell of the sewage that enters at its upper node: another one where water divides
    made: Floats  # [m³/s]
    ground: Floats
    river: Floats


@dataclass(frozen=True, slots=True)
class CaseModel:
    """A case ready for the inversion."""

    index: Topology
    order: PipeOrder
    pipes: Pipes
    meters: tuple[Placed, ...]
    tracers: tuple[str, ...]
    expected: Expected
    heard: Heard
    ways: Ways
    splits: tuple[Split, ...]  # where water divides
    issues: tuple[Issue, ...]


def case_model(case: Case) -> CaseModel:
    """Return the model of a case; whatever of it cannot be used is an Issue."""
    index = topology(case.network)
    order = pipe_order(index)
    issues: list[Issue] = []
    placed = _placed(case, index, order, issues)
    billed = _billed(case, index, order, issues)
    cells = _cells(case, index, order, placed, billed[0], issues)
    pipes, made_sd = _pipes(case, index, order, cells, placed, billed, issues)
    count = cells.count
    sums = {
        name: np.bincount(which, getattr(pipes, name), count).astype(np.float64)
        for name, which in (("made", pipes.source), ("ground", pipes.cell), ("river", pipes.cell))
    }
    spread = np.bincount(pipes.source, made_sd, count).astype(np.float64)
    tracers, samples = _samples(case, placed, issues)
    member = np.array([[case.members[water, tracer] for tracer in tracers] for water in WATERS])
    member = member.reshape(len(WATERS), len(tracers), 2)
    ways = cells.ways(index, order, pipes.made)
    unsure = (ways.graph.mean, ways.graph.sd) if ways.graph else (np.empty(0), np.empty(0))
    expected = Expected(
        sums["made"], np.where(sums["made"] > 0, spread / np.where(sums["made"] > 0, sums["made"], 1.0), 1.0),
        sums["ground"], sums["river"], np.array([one.meter.bias_error for one in placed]),
        member[:, :, 0], member[:, :, 1], ANSWER, ANSWER, *unsure,
        isotopes=frozenset(k for k, tracer in enumerate(tracers) if is_isotope(case.members, tracer)),
    )  # fmt: skip
    flows, dry = [one.flow for one in placed], [one.dry for one in placed]
    answers = responses(flows, dry, (case.groundwater, case.river), case.rain)
    issues += level_issues(case, flows, dry)
    told = heard(flows, dry, samples, answers)
    held = [_held(case, entry, distances_down(index)[index.link_from[order.link]]) for entry in placed]
    issues += backwater_issues([entry.meter.id for entry in placed], held, "flow.csv")
    told = less_trusted(told, held)
    return CaseModel(
        index, order, pipes, tuple(placed), tracers, expected, told, ways, cells.splits, tuple(issues)
    )


def _cells(
    case: Case, index: Topology, order: PipeOrder, placed: Sequence[Placed], made: Floats,
    issues: list[Issue],
) -> Cells:  # fmt: skip
    """Return what lies between the meters; places where water divides that are too many are told."""
    spots = [Spot(one.link, -1) for one in placed]
    bore = np.asarray(case.network.table("conduit").column("height"))[index.link_row]
    passing = WITH_CLEAN * np.concatenate([[0.0], np.cumsum(made)])
    tanks = {}
    for name, volume in case.tanks.items():
        first, last = above_node(order, index, index.node(name))
        through = float(passing[last] - passing[first]) or float(passing[-1])
        if through > 0:
            tanks[index.node(name)] = FULL * volume / through
    found = case_cells(index, order, spots, [(one.first, one.last) for one in placed], tanks, bore)
    if found.divided and found.divided.left_out:
        facts: dict[str, object] = {"places": found.divided.left_out, "most": len(found.splits)}
        issues.append(Issue("case.splits-left-out", Weight.DOUBT, place=Place("conduits.csv"), facts=facts))
    return found


def _held(case: Case, entry: Placed, down: Floats) -> Backwater:
    """Return the signs of backwater at a meter."""
    way = float(down[entry.first : entry.last].mean() - down[entry.first : entry.last].min())
    days = entry.flow.daily.days[entry.dry]
    return backwater(case.flow[entry.meter.id], days, case.pattern, stage=case.river, way=way)


def _placed(case: Case, index: Topology, order: PipeOrder, issues: list[Issue]) -> list[Placed]:
    row = {str(name): place for place, name in enumerate(index.link_ids)}
    found = []
    for meter in case.meters:
        link = row[meter.conduit]

        def tell(code: str, weight: Weight, more: dict[str, object], meter: CaseMeter = meter) -> None:
            told = {"meter": meter.id, "conduit": meter.conduit, **more}
            issues.append(Issue(code, weight, "meter", meter.id, Place("meters.csv"), told))

        node = int(index.link_from[link])
        if index.group[node] == index.group[index.link_to[link]]:
            tell("case.meter-beside-the-tree", Weight.FAULT, {})
            continue
        if meter.id not in case.flow:
            tell("case.meter-without-readings", Weight.FAULT, {})
            continue
        raw = case.flow[meter.id]
        flow = cleaned(raw, backwards=reversed_share(raw) >= REVERSE)
        if flow.doubted:
            counts: dict[str, object] = {
                name: flow.doubted.get(name, 0) for name in ("missing", "range", "flat", "jump")
            }
            tell("case.readings-doubted", Weight.NOTE, counts)
        dry = dry_of(flow.daily, case.rain)
        if dry.any() and never_flows(flow, dry):
            tell("case.meter-reads-nothing", Weight.FAULT, {})
            continue
        if dry.sum() < LEAST_DAYS:
            tell("case.few-dry-days", Weight.FAULT, {"days": int(dry.sum())})
            continue
        found.append(Placed(meter, *above_node(order, index, node), link, flow, dry))
    return found


def _pipes(
    case: Case, index: Topology, order: PipeOrder, cells: Cells, placed: list[Placed],
    billed: tuple[Floats, Floats], issues: list[Issue],
) -> tuple[Pipes, Floats]:  # fmt: skip
    """Return the pipes with what is expected of each, and the error of the sewage expected. [m³/s]"""
    made, spread = billed
    at = {name: row for row, name in enumerate(case.conduits.tolist())}
    name = index.link_ids[order.link]
    row = np.array([at[one] for one in name.tolist()], dtype=np.int64)
    length = index.link_length[order.link]
    weight = length * (1.0 + case.condition[row] / 5.0)
    clean, foul = NO_METER_CLEAN * float(made.sum()), float(made.sum())
    inside = np.ones(len(length), np.bool_)
    if placed:
        flow = np.array([float(one.flow.daily.means[one.dry].mean()) for one in placed])
        known = cells.balance(flow, made)
        clean, foul = known.clean, known.sewage
        issues += bill_issues(float(made.sum()) and foul, known.measured)
        inside = cells.cell < cells.count - 1
        inside = inside if inside.any() else np.ones(len(length), np.bool_)
    elif not made.sum() > 0:
        foul = A_METRE * float(length.sum())
        clean = NOTHING_CLEAN * foul
        issues.append(Issue("case.nothing-known", Weight.FAULT, facts={"sewage": foul * DAY}))
    if not made.sum() > 0:  # nobody knows the users' water
        made = length / max(float(length[inside].sum()), 1e-12) * foul
        spread = made * (1.0 if placed else NOTHING_CV)
    share = RIVER_SHARE if case.river_told else 0.0
    ground = weight / max(float(weight[inside].sum()), 1e-12) * clean * (1 - share)
    river = length / max(float(length[inside].sum()), 1e-12) * clean * share
    return Pipes(name, row, cells.cell, cells.source, made, ground, river), spread


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
            least = -np.inf if is_isotope(case.members, tracer) else 0.0
            one = None if readings is None else sample(readings, days, place, number, least=least)
            if one is None:
                continue
            off = beyond(case, tracer, one)
            if off is None:
                found.append(one)
            else:
                issues.append(beyond_issue(entry.meter.id, tracer, off))
    return tuple(usable), found
