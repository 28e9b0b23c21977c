"""Where does clean water get in and where is sewage lost, in a case given as a folder of tables?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.case_evidence import Cleaned, cleaned, dry_of, heard, responses, sample
from wenqu.diagnosis.joint_inversion import GROUND, KINDS, MADE, MISSING, RIVER, Expected, Heard, Inversion, invert
from wenqu.diagnosis.pipe_order import PipeOrder, above_link, distances_down, pipe_order, side_flows
from wenqu.diagnosis.travelled_waves import Ways
from wenqu.diagnosis.tree_posterior import areas
from wenqu.issues import Issue, Place, Weight
from wenqu.network.topology import Topology, topology
from wenqu.services.case_files import Case, CaseMeter, read_case

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
Z90 = 1.6448536269514722
RIVER_SHARE = 0.2
CLEAN_LEAST = 0.1
WATERS = ("sewage", "groundwater", "river", "missing")


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
class CaseAnswer:
    """What is said of a case. U areas, n conduits. [m³/s]"""

    case: Case
    names: npt.NDArray[np.object_]  # (U,) area ids
    mean: Floats  # (4, U) sewage, groundwater, river, missing
    low: Floats
    high: Floats
    prior_share: Floats
    conduits: npt.NDArray[np.object_]  # (n,)
    extraneous: Floats  # (n,)
    extraneous_sd: Floats  # (n,)
    inversion: Inversion | None
    meters: tuple[Placed, ...]
    issues: tuple[Issue, ...]


def diagnose_case(folder: Path) -> CaseAnswer:
    """Read a case and answer it.

    Raises
    ------
    FileUnreadable
        There is no usable ``conduits.csv``.
    """
    case = read_case(folder)
    index = topology(case.network)
    order = pipe_order(index)
    issues = list(case.issues)
    placed = _placed(case, index, order, issues)
    return _answer(case, index, order, placed, issues)


def _placed(case: Case, index: Topology, order: PipeOrder, issues: list[Issue]) -> list[Placed]:
    row = {str(name): place for place, name in enumerate(index.link_ids)}
    down = distances_down(index)
    found = []
    for meter in case.meters:
        link = row[meter.conduit]
        span = above_link(order, index, link)
        facts: dict[str, object] = {"meter": meter.id, "conduit": meter.conduit}
        if span is None:
            issues.append(Issue("case.meter-beside-the-tree", Weight.DOUBT, "meter", meter.id, facts=facts))
            continue
        if meter.id not in case.flow:
            issues.append(Issue("case.meter-without-readings", Weight.DOUBT, "meter", meter.id, facts=facts))
            continue
        if beside := side_flows(index, int(index.link_from[link])):
            issues.append(Issue("case.water-may-pass-beside", Weight.DOUBT, "meter", meter.id, facts={**facts, "links": beside}))
        flow = cleaned(case.flow[meter.id])
        if flow.doubted:
            told = {**facts, **{name: flow.doubted.get(name, 0) for name in ("missing", "range", "flat", "jump")}}
            issues.append(Issue("case.readings-doubted", Weight.NOTE, "meter", meter.id, facts=told))
        dry = dry_of(flow.daily, case.rain)
        if dry.sum() < 5:
            few = {**facts, "days": int(dry.sum())}
            issues.append(Issue("case.few-dry-days", Weight.DOUBT, "meter", meter.id, facts=few))
            continue
        node = int(index.link_from[link])
        found.append(Placed(meter, *span, float(down[node]), flow, dry))
    return found


def _by_pipe(case: Case, index: Topology, order: PipeOrder, issues: list[Issue]) -> tuple[Floats, Floats]:
    """Return expected sewage of each pipe in preorder and its sd. (n,) [m³/s]"""
    made, spread = np.zeros(len(order.link)), np.zeros(len(order.link))
    for name, (value, sd) in case.sources.items():
        link = int(index.main_link[index.group[index.node(name)]])
        if link < 0:
            facts: dict[str, object] = {"node": name, "m3_per_d": value * DAY}
            issues.append(Issue("case.source-at-the-end", Weight.DOUBT, place=Place("sources.csv"), facts=facts))
            continue
        made[order.place[link]] += value
        spread[order.place[link]] += sd
    return made, spread


def _samples(case: Case, placed: list[Placed], issues: list[Issue]) -> tuple[list[str], list[object]]:
    tracers = sorted({tracer for _, tracer in case.quality})
    usable = []
    for tracer in tracers:
        absent = [water for water in ("sewage", "groundwater", "river") if (water, tracer) not in case.members]
        if absent:
            facts: dict[str, object] = {"tracer": tracer, "waters": ", ".join(absent)}
            issues.append(Issue("case.tracer-without-end-member", Weight.DOUBT, place=Place("endmembers.csv"), facts=facts))
        else:
            usable.append(tracer)
    found = []
    for place, entry in enumerate(placed):
        for number, tracer in enumerate(usable):
            readings = case.quality.get((entry.meter.id, tracer))
            if readings is not None and (one := sample(readings, entry.flow.daily.days[entry.dry], place, number)):
                found.append(one)
    return usable, found


def _answer(case: Case, index: Topology, order: PipeOrder, placed: list[Placed], issues: list[Issue]) -> CaseAnswer:
    count = len(order.link)
    pairs = np.unique(np.array([(one.first, one.last) for one in placed], dtype=np.int64).reshape(-1, 2), axis=0)
    label = areas(pairs[:, 0], pairs[:, 1], count)
    atoms = len(pairs) + 1
    first = np.array([one.first for one in placed], dtype=np.int64)
    last = np.array([one.last for one in placed], dtype=np.int64)
    above = np.concatenate(
        [(first[:, None] <= pairs[None, :, 0]) & (pairs[None, :, 1] <= last[:, None]), np.zeros((len(placed), 1), np.bool_)],
        axis=1,
    )
    made, made_sd = _by_pipe(case, index, order, issues)
    length = index.link_length[order.link]
    at = {name: row for row, name in enumerate(case.conduits.tolist())}
    file_row = np.array([at[name] for name in index.link_ids[order.link].tolist()], dtype=np.int64)
    weight = length * (1.0 + case.condition[file_row] / 5.0)
    mean_flow = np.array([float(one.flow.daily.means[one.dry].mean()) for one in placed])
    sewage = np.bincount(label, weights=made, minlength=atoms)
    from wenqu.diagnosis.expected_inflow import balance

    known = balance(first, last, mean_flow, made) if placed else None
    clean = known.clean if known else 0.3 * float(made.sum())
    inside = label < len(pairs) if placed else np.ones(count, np.bool_)
    ground = weight / max(float(weight[inside].sum()), 1e-12) * clean * (1 - RIVER_SHARE)
    river = length / max(float(length[inside].sum()), 1e-12) * clean * RIVER_SHARE
    if not made.sum() > 0:
        made = length / float(length.sum()) * (known.sewage if known else 0.0)
        sewage = np.bincount(label, weights=made, minlength=atoms)
        made_sd = made
    tracers, samples = _samples(case, placed, issues)
    member = np.array([[case.members[water, tracer] for tracer in tracers] for water in ("sewage", "groundwater", "river")]).reshape(3, len(tracers), 2)
    spread = np.bincount(label, weights=made_sd, minlength=atoms)
    expected = Expected(
        sewage, np.where(sewage > 0, spread / np.where(sewage > 0, sewage, 1.0), 1.0),
        np.bincount(label, weights=ground, minlength=atoms), np.bincount(label, weights=river, minlength=atoms),
        np.array([one.meter.bias_error for one in placed]), member[:, :, 0], member[:, :, 1], 0.7, 0.7,
    )  # fmt: skip
    answers = responses([one.flow.daily for one in placed], (case.groundwater, case.river), case.rain)
    told = heard([one.flow for one in placed], [one.dry for one in placed], samples, answers)
    node_down = distances_down(index)
    ways = Ways(label, made, node_down[index.link_from[order.link]], np.array([one.down for one in placed]), above)
    inversion = invert(expected, told, ways, case.pattern)
    return _shared(case, index, order, (label, made, ground, river, file_row), inversion, tuple(placed), tuple(issues))


def _shared(
    case: Case, index: Topology, order: PipeOrder, by_pipe: tuple[Ints, Floats, Floats, Floats, Ints],
    found: Inversion, placed: tuple[Placed, ...], issues: tuple[Issue, ...],
) -> CaseAnswer:  # fmt: skip
    """Share the answer of the atoms out to the areas of the case and to the pipes."""
    label, made, ground, river, file_row = by_pipe
    atoms = found.mean.shape[1]
    names, area = np.unique(case.area[file_row].astype(str), return_inverse=True)
    cell, place = np.unique(np.column_stack([area, label]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    share = np.zeros((KINDS, len(cell)))
    for kind, weight in ((MADE, made), (MISSING, made), (GROUND, ground), (RIVER, river)):
        total = np.bincount(label, weights=weight, minlength=atoms)[cell[:, 1]]
        share[kind] = np.bincount(place, weights=weight, minlength=len(cell)) / np.where(total > 0, total, 1.0)
    reach = np.zeros((KINDS, len(names), atoms))
    for kind in range(KINDS):
        reach[kind, cell[:, 0], cell[:, 1]] = share[kind]
    covariance = found.covariance.reshape(KINDS, atoms, KINDS, atoms)
    within = [
        (reach[kind] * (1 - reach[kind])) @ found.prior_sd[kind] ** 2 for kind in range(KINDS)
    ]
    mean = np.stack([reach[kind] @ found.mean[kind] for kind in range(KINDS)])
    prior = np.stack([np.sqrt((reach[kind] ** 2) @ found.prior_sd[kind] ** 2 + within[kind]) for kind in range(KINDS)])

    def variance(one: int, other: int) -> Floats:
        return np.einsum("ua,ab,ub->u", reach[one], covariance[one, :, other], reach[other])

    own = np.stack([variance(kind, kind) + within[kind] for kind in range(KINDS)])
    sewage = mean[MADE] - mean[MISSING]
    sewage_variance = own[MADE] + own[MISSING] - 2 * variance(MADE, MISSING)
    means = np.stack([np.maximum(sewage, 0), mean[GROUND], mean[RIVER], mean[MISSING]])
    sds = np.sqrt(np.maximum(np.stack([sewage_variance, own[GROUND], own[RIVER], own[MISSING]]), 0))
    priors = np.stack([np.hypot(prior[MADE], prior[MISSING]), prior[GROUND], prior[RIVER], prior[MISSING]])
    low, high = np.maximum(means - Z90 * sds, 0), means + Z90 * sds
    part = np.stack([ground / np.maximum(np.bincount(label, weights=ground, minlength=atoms)[label], 1e-300), river / np.maximum(np.bincount(label, weights=river, minlength=atoms)[label], 1e-300)])
    extraneous = part[0] * found.mean[GROUND][label] + part[1] * found.mean[RIVER][label]
    spread = sum(
        part[i] ** 2 * np.diag(covariance[kind, :, kind])[label] + part[i] * (1 - part[i]) * found.prior_sd[kind][label] ** 2
        for i, kind in enumerate((GROUND, RIVER))
    )
    conduit = index.link_ids[order.link]
    return CaseAnswer(
        case, names.astype(object), means, low, high, np.clip((sds / np.maximum(priors, 1e-300)) ** 2, 0, 1), conduit,
        extraneous, np.sqrt(spread), found, placed, issues,
    )  # fmt: skip
