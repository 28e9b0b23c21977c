"""How are thousands of drawings drawn to the manholes that they all but meet, at once?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.thresholds import threshold
from wenqu.network.edits import Edit
from wenqu.network.geometry import Shapes
from wenqu.network.model import Network
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair
from wenqu.network.topology import Ints


def snapped_shapes(seen: Seeing, network: Network, links: Ints) -> dict[str, Shapes]:
    """Return by type the shapes of all links, with the ends of some drawn to their nodes within ``snap``.

    Parameters
    ----------
    network
        What is seen, other drawings perhaps snapped already.
    links
        Numbers in the topology of links that have a drawing, (n,).
    """
    graph, reach = seen.topology, threshold("snap")
    made = {}
    for type_ in dict.fromkeys(graph.link_type[links].tolist()):
        some = links[graph.link_type[links] == type_]
        shapes, rows = network.table(type_).shapes, graph.link_row[some]
        coords = shapes.coords.copy()
        first = shapes.parts[shapes.assets[rows]]
        last = shapes.parts[shapes.assets[rows + 1]] - 1
        for vertex, node in ((first, graph.link_from[some]), (last, graph.link_to[some])):
            known = np.flatnonzero(node >= 0)
            at, place = vertex[known], seen.drawn.nodes[node[known]]
            near = np.hypot(*(place - coords[at]).T) <= reach
            coords[at[near]] = place[near]
        made[type_] = shapes.with_coords(coords)
    return made


def snaps(issues: list[Issue], shapes: dict[str, Shapes], rows: Ints) -> Iterator[Repair]:
    """Yield the repairs that made such shapes, one a finding, each certain."""
    for issue, row in zip(issues, rows.tolist(), strict=True):
        there = shapes[issue.type]
        spans = range(int(there.assets[row]), int(there.assets[row + 1]))
        parts = tuple(there.coords[there.parts[n] : there.parts[n + 1]] for n in spans)
        facts = {"node": issue.facts["node"], "distance": issue.facts["distance"]}
        yield repair(issue, "snap-end", (Edit(issue.type, issue.asset, parts=parts),), Sure.CERTAIN, **facts)
