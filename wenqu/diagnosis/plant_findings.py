"""What does one plant receive, why so thin, and which manholes should be opened next?"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.blocks import blocks
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import WATERS, Table
from wenqu.diagnosis.meter_methods import Stamp
from wenqu.diagnosis.next_measurement import Goal, next_measurements
from wenqu.diagnosis.pipe_columns import Pipes
from wenqu.diagnosis.pipe_order import above_node, distances_down
from wenqu.diagnosis.plant_dilution import PlantWaters, decay_loss, plant_dilution
from wenqu.diagnosis.tree_posterior import Posterior
from wenqu.records.finding import Finding

Floats = npt.NDArray[np.float64]
CANDIDATES = 1500  # most manholes that are weighed for one plant
FINE = 3.0  # candidates stand this many times as close as the blocks are long


@dataclass(frozen=True, slots=True)
class Arriving:
    """What comes to a plant in dry weather."""

    flow: Floats  # (3,) [m³/s] sewage, groundwater, river
    covariance: Floats  # (3, 3) [m⁶/s²]
    made: float  # [m³/s] sewage of its users


@dataclass(frozen=True, slots=True)
class PlantRecord:
    """What a plant itself reports."""

    id: str
    node: int
    target: float  # [kg/m³]
    rain: tuple[float, float]  # [m³/s] rain water in the mean of the record
    bod5: tuple[float, float]  # [kg/m³] flow-weighted mean of the record, NaN without readings
    since: str
    until: str
    inputs: tuple[str, ...]
    assessed: float = math.nan  # [kg/m³] mean of daily means, by which the target is judged


def plant_findings(
    arriving: Arriving,
    there: Pipes,
    generated: Floats,
    plant: PlantRecord,
    given: tuple[Table, str, Stamp],
) -> tuple[Finding, ...]:
    """Return the waterfall of a plant and its verdict as findings.

    Raises
    ------
    NotEnoughData
        No sewage is known to come to the plant.
    """
    table, table_input, stamp = given
    made = arriving.made
    tracer = [table[kind, "bod5"] for kind in WATERS]
    waters = PlantWaters(
        arriving.flow,
        arriving.covariance,
        (made, default("sewage_scale") * made),
        plant.rain,
        np.array([member.mean for member in tracer]),
        np.array([member.sd for member in tracer]),
        decay_loss(travel_time(there, generated, plant.node)),
        plant.bod5,
        plant.target,
        plant.assessed,
    )
    answer = plant_dilution(waters)
    inputs = (*plant.inputs, table_input)
    base = Finding(
        "plant", plant.id, "plant_dilution", "", math.nan, math.nan, math.nan, "kg/m³",
        plant.since, plant.until, inputs, (), stamp.version, stamp.by, stamp.at, stamp.simulated,
    )  # fmt: skip
    rows = [
        replace(base, quantity=step.key, value=step.change, low=step.low, high=step.high,
                facts={"level": step.level, "order": float(place)})
        for place, step in enumerate(answer.steps)
    ]  # fmt: skip
    facts: dict[str, float | str] = {
        "verdict": answer.verdict,
        "chance": answer.verdict_chance,
        "clean_share": answer.clean_share,
        "clean_share_low": answer.clean_share_low,
        "clean_share_high": answer.clean_share_high,
        "clean_share_allowed": answer.clean_share_allowed,
        "target": plant.target,
    }
    if math.isfinite(plant.assessed):
        facts["assessed"] = plant.assessed
    notes = [f"diagnosis.verdict.{answer.verdict}"]
    if answer.unmeasured:
        notes.insert(0, f"diagnosis.verdict.unmeasured-{answer.unmeasured}")
    if tracer[0].status == "default":
        notes.append("diagnosis.note.default-end-members")
    sealed = replace(
        base, quantity="sealed", value=answer.sealed, low=answer.sealed_low, high=answer.sealed_high,
        notes=tuple(notes), facts=facts,
    )  # fmt: skip
    return (*rows, sealed)


def travel_time(there: Pipes, sewage: Floats, node: int) -> float:
    """Return the flow-weighted mean travel time of the sewage to a node. [s]"""
    first, last = above_node(there.order, there.topology, node)
    down = distances_down(there.topology)
    start = there.topology.link_from[there.order.link[first:last]]
    amount = sewage[first:last]
    if not amount.sum() > 0:
        return 0.0
    return float(amount @ np.maximum(down[start] - down[node], 0.0) / amount.sum()) / default("velocity")


def next_manholes(
    known: Posterior,
    there: Pipes,
    plant: PlantRecord,
    measured: Sequence[int],
    stamp: Stamp,
    *,
    top: int = 3,
) -> tuple[Finding, ...]:
    """Return the manholes above a plant whose flow, measured next, would teach most about its blocks.

    Parameters
    ----------
    known
        What is known of every pipe now.
    measured
        Nodes that are measured already.
    """
    mine = there.plant == plant.node
    length = np.where(mine & there.counted, there.length, 0.0)
    target = min(default("block_length"), max(float(length.sum()) / 8.0, 1.0))
    coarse = blocks(there.topology, there.order, length, target)
    kept, label = np.unique(np.where(mine, coarse.of_pipe, -1), return_inverse=True)
    label = label.reshape(-1) - (kept[0] < 0)
    kept = kept[kept >= 0]
    nodes = _candidates(there, plant.node, length, target / FINE, set(measured))
    if not len(nodes) or not len(kept):
        return ()
    spans = np.array([above_node(there.order, there.topology, node) for node in nodes], dtype=np.int64)
    goal = Goal(label, len(kept), np.array([0.0, 1.0, 1.0]), np.ones(len(kept)))
    picks = next_measurements(known, spans[:, 0], spans[:, 1], goal, error=default("flow_error"), top=top)
    base = Finding(
        "manhole", "", "next_measurement", "gain", math.nan, math.nan, math.nan, "-",
        plant.since, plant.until, plant.inputs, ("diagnosis.note.next-manhole",),
        stamp.version, stamp.by, stamp.at, stamp.simulated,
    )  # fmt: skip
    topology = there.topology
    return tuple(
        replace(
            base,
            asset=str(topology.node_ids[nodes[pick.candidate]]),
            value=pick.gain,
            facts={
                "plant": plant.id,
                "rank": float(rank),
                "expected": pick.expected,
                "expected_sd": pick.expected_sd,
                "length": float(length[slice(*spans[pick.candidate])].sum()),
                "block_outlet": _outlet(there, int(coarse.head[kept[pick.block]])),
                "block_sd_before": pick.sd_before,
                "block_sd_after": pick.sd_after,
            },
        )
        for rank, pick in enumerate(picks, start=1)
    )


def _candidates(there: Pipes, plant: int, length: Floats, spacing: float, measured: set[int]) -> list[int]:
    """Return manholes above a plant, ``spacing`` metres of sewer apart, those with most above them first."""
    topology = there.topology
    first, last = above_node(there.order, topology, plant)
    fine = blocks(topology, there.order, length, spacing)
    found: list[tuple[float, int]] = []
    for head in fine.head:
        node = _manhole(there, int(head))
        if node < 0 or node in measured:
            continue
        low, high = above_node(there.order, topology, node)
        above = float(length[low:high].sum())
        if first <= low and high <= last and above > 0:
            found.append((-above, node))
    return [node for _, node in sorted(found)[:CANDIDATES]]


def _manhole(there: Pipes, group: int) -> int:
    """Return a manhole of a group, -1 when it has none."""
    return next(iter(_manholes(there, group)), -1)


def _manholes(there: Pipes, group: int) -> Iterator[int]:
    topology = there.topology
    number = topology.tin[group]
    for node in topology.node_order[topology.order_start[number] : topology.order_start[number + 1]]:
        if topology.node_type[node] == "manhole":
            yield int(node)


def _outlet(there: Pipes, group: int) -> str:
    topology = there.topology
    return str(topology.node_ids[topology.node_order[topology.order_start[topology.tin[group]]]])
