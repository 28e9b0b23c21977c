"""How much sewage should enter each pipe, by the users' water?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.pipe_columns import Pipes
from wenqu.issues import Issue, Weight
from wenqu.network.topology import Ints, Topology

Floats = npt.NDArray[np.float64]
NOT_TO_A_SEWER = ("to_storm", "to_river", "none")  # connections whose sewage is known to go elsewhere


@dataclass(frozen=True, slots=True)
class ExpectedSewage:
    """Sewage by pipe in preorder."""

    generated: Floats  # (n,) [m³/s] of all users, wherever it goes
    connected: Floats  # (n,) [m³/s] of those not known to be connected elsewhere
    origin: str  # sources | catchments | length: what it was made from
    issues: tuple[Issue, ...]


def pipe_of_assets(there: Pipes, ids: Sequence[object]) -> Ints:
    """Return the pipe that takes what enters at each asset: a node's way down, the link itself, else -1."""
    topology, place = there.topology, there.order.place
    links = {str(id_): int(place[link]) for link, id_ in enumerate(topology.link_ids)}
    nodes = {str(id_): node for node, id_ in enumerate(topology.node_ids)}
    found = np.full(len(ids), -1, dtype=np.int64)
    for row, id_ in enumerate(ids):
        if id_ in nodes:
            found[row] = _way_down(topology, place, nodes[str(id_)])
        elif id_ is not None:
            found[row] = links.get(str(id_), -1)
    return found


def _way_down(topology: Topology, place: Ints, node: int) -> int:
    link = int(topology.main_link[topology.group[node]])
    return int(place[link]) if link >= 0 else -1


def expected_sewage(there: Pipes) -> ExpectedSewage:
    """Return the sewage of every pipe from the users, else from people, else nothing with an Issue.

    A source gives water_use × return_ratio where it connects. A city without sources takes the people
    of its catchments; one without either gets none here, and the prior spreads what the meters show.
    """
    found = _from_sources(there)
    if found.generated.sum() > 0:
        return found
    people = _from_catchments(there)
    if people.generated.sum() > 0:
        return ExpectedSewage(
            people.generated, people.connected, "catchments", (*found.issues, *people.issues)
        )
    issue = Issue("diagnosis.no-water-use", Weight.DOUBT, "source")
    nothing = np.zeros(len(there.length))
    return ExpectedSewage(nothing, nothing, "length", (*found.issues, issue))


def _from_sources(there: Pipes) -> ExpectedSewage:
    table = there.network.table("source")
    use, ratio = table.column("water_use"), table.column("return_ratio")
    ratio = np.where(np.isnan(ratio), default("return_ratio"), ratio)
    pipe = pipe_of_assets(there, list(table.column("connects_to")))
    known = ~np.isnan(use)
    issues = _counted("diagnosis.source-without-water", ~known, table.ids)
    issues += _counted("diagnosis.source-nowhere", known & (pipe < 0), table.ids)
    good = known & (pipe >= 0)
    elsewhere = np.isin(table.column("connection"), NOT_TO_A_SEWER)
    amount = np.where(good, use * ratio, 0.0)
    size = len(there.length)
    generated = np.bincount(pipe[good], weights=amount[good], minlength=size).astype(np.float64)
    mine = good & ~elsewhere
    connected = np.bincount(pipe[mine], weights=amount[mine], minlength=size).astype(np.float64)
    return ExpectedSewage(generated, connected, "sources", tuple(issues))


def _from_catchments(there: Pipes) -> ExpectedSewage:
    table = there.network.table("catchment")
    pipe = pipe_of_assets(there, list(table.column("outlet_id")))
    people = np.nan_to_num(table.column("population"))
    good = pipe >= 0
    amount = people * default("person_water") * default("return_ratio")
    generated = np.bincount(pipe[good], weights=amount[good], minlength=len(there.length)).astype(np.float64)
    issues = _counted("diagnosis.catchment-nowhere", ~good & (people > 0), table.ids)
    if generated.sum() > 0:
        issues.append(Issue("diagnosis.sewage-from-people", Weight.DOUBT, "source"))
    return ExpectedSewage(generated, generated, "catchments", tuple(issues))


def _counted(code: str, bad: npt.NDArray[np.bool_], ids: npt.NDArray[np.object_]) -> list[Issue]:
    """Return one Issue for all assets of a kind: a city may have a hundred thousand of them."""
    rows = np.flatnonzero(bad)
    if not len(rows):
        return []
    facts: dict[str, object] = {"count": len(rows), "first": ", ".join(str(ids[row]) for row in rows[:5])}
    type_ = "catchment" if "catchment" in code else "source"
    return [Issue(code, Weight.DOUBT, type_, str(ids[rows[0]]), facts=facts)]
