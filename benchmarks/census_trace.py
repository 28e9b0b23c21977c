"""What lies above, and which plant, in a network of a million pipes, against igraph, rustworkx and SciPy.

All sides get the same graph as integers and answer with the same set of nodes; the best peer of each row is
shown. "view" is the answer as an interval of the preorder, which is what the map and the sums use; "copy" is
an array of the node numbers.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import igraph
import numpy as np
import rustworkx
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from wenqu.network.forest import forest
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, City, Network
from wenqu.network.topology import Topology, topology
from wenqu.network.traces import first_below, nodes_above, spans_above

PLANTS = 20


@dataclass
class Graph:
    """Pipes as pairs of nodes; the first twenty of ``plants`` are where all flows to."""

    nodes: int
    start: np.ndarray
    end: np.ndarray
    plants: np.ndarray


def graph(nodes: int, extra: float = 0.0, seed: int = 5) -> Graph:
    """Return trees of mean depth 183, ids shuffled.

    ``extra`` is the share of links beside the trees: nine in ten lead to another branch near by or run
    beside their own, one in ten is a loop.
    """
    rng = np.random.default_rng(seed)
    reach = max(2, int(nodes / 183))  # a node drains to one of the latest before it: long thin trees
    parent = np.arange(nodes) - rng.integers(1, reach, nodes)
    wild = parent < PLANTS
    parent[wild] = rng.integers(0, PLANTS, int(wild.sum()))
    own = np.arange(PLANTS, nodes)
    start, end = own, parent[PLANTS:]
    count = int(extra * nodes)
    if count:
        up = rng.integers(PLANTS + reach, nodes, count)
        near = parent[parent[parent[up]]]
        children = np.argsort(parent, kind="stable")
        first = np.searchsorted(parent[children], near)
        many = np.searchsorted(parent[children], near, side="right") - first
        side = children[first + (rng.random(count) * many).astype(np.int64)]
        side = np.where(side == parent[parent[up]], near, side)  # an only branch: a relief sewer beside it
        loops = rng.random(count) < 0.1
        start = np.concatenate([start, np.where(loops, near, up)])
        end = np.concatenate([end, np.where(loops, up, np.where(side < up, side, near))])
    name = rng.permutation(nodes)
    order = rng.permutation(len(start))
    return Graph(nodes, name[start[order]], name[end[order]], name[:PLANTS])


def network(given: Graph) -> Network:
    """Return the graph as tables with text ids, as the store hands them out."""
    ids = np.array([f"WS{node:07d}" for node in range(given.nodes)], dtype=object)
    is_plant = np.zeros(given.nodes, np.bool_)
    is_plant[given.plants] = True
    links = len(given.start)
    ends = [_fresh(ids[nodes]) for nodes in (given.start, given.end)]
    columns = {"from_id": ends[0], "to_id": ends[1], "length": np.full(links, 30.0),
              "height": np.full(links, 0.4)}  # fmt: skip
    names = np.array([f"GD{link:07d}" for link in range(links)], dtype=object)
    tables = [
        Assets("manhole", ids[~is_plant], {}, Shapes.empty(given.nodes - PLANTS)),
        Assets("plant", ids[is_plant], {}, Shapes.empty(PLANTS)),
        Assets("conduit", names, columns, Shapes.empty(links)),
    ]
    return Network(City("bench"), {table.type: table for table in tables})


def _fresh(ids: np.ndarray) -> np.ndarray:
    """Return texts that are objects of their own, as a file or a store hands them out."""
    return ids.astype(str).astype(object)


@dataclass
class Peers:
    """The same graph in each library, links turned up the stream where it asks what lies above."""

    igraph: igraph.Graph
    rustworkx: rustworkx.PyDiGraph
    scipy: csr_array

    def above(self, node: int) -> dict[str, Callable[[], object]]:
        """Return how each library is asked what lies above a node."""
        return {
            "igraph": lambda: self.igraph.subcomponent(node, mode="in"),
            "rustworkx": lambda: rustworkx.ancestors(self.rustworkx, node),
            "SciPy": lambda: breadth_first_order(self.scipy, node, return_predecessors=False),
        }


def _rustworkx(given: Graph) -> rustworkx.PyDiGraph:
    made = rustworkx.PyDiGraph()
    made.add_nodes_from(range(given.nodes))
    made.add_edges_from_no_data(list(zip(given.start.tolist(), given.end.tolist(), strict=True)))
    return made


def _scipy(given: Graph) -> csr_array:
    ones = np.ones(len(given.start), np.int8)
    return csr_array((ones, (given.end, given.start)), shape=(given.nodes, given.nodes))


def _igraph(given: Graph) -> igraph.Graph:
    return igraph.Graph(given.nodes, np.column_stack([given.start, given.end]), directed=True)


def _seconds(task: Callable[[], object], runs: int, loops: int = 1) -> float:
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        for _ in range(loops):
            task()
        taken.append((time.perf_counter() - begin) / loops)
    return statistics.median(taken)


def _rounds(tasks: dict[str, tuple[Callable[[], object], int]], runs: int) -> dict[str, float]:
    """Return the median seconds of each task, all run in turn. [s]"""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, (task, loops) in tasks.items():
            taken[name].append(_seconds(task, 1, loops))
    return {name: statistics.median(times) for name, times in taken.items()}


def _row(name: str, ours: float, peers: dict[str, float], runs: int, unit: str = "s") -> dict[str, object]:
    best = min(peers, key=peers.__getitem__)
    return {"name": f"{name}, {best}", "ours": ours, "peer": peers[best], "ratio": peers[best] / ours,
            "unit": unit, "runs": runs}  # fmt: skip


def _differ(what: str) -> None:
    raise ArithmeticError(f"the two sides differ: {what}")


def _starts(index: Topology, sizes: Sequence[int]) -> list[int]:
    """Return for each size the node with the nearest number of nodes above it along the forest."""
    above = index.order_start[index.tout] - index.order_start[index.tin]
    groups = [int(np.argmin(np.abs(above - size))) for size in sizes]
    return [int(index.node_order[index.order_start[index.tin[group]]]) for group in groups]


def _above(told: str, index: Topology, peers: Peers, runs: int) -> Iterator[dict[str, object]]:
    for size, node in zip((115_000, 5_000), _starts(index, (115_000, 5_000)), strict=True):
        mine = np.sort(nodes_above(index, node))
        for who, ask in peers.above(node).items():
            theirs = np.sort(np.fromiter(ask(), np.int64))  # type: ignore[call-overload]
            if who == "rustworkx":
                theirs = np.union1d(theirs, [node])
            if not np.array_equal(mine, theirs):
                _differ(f"above {node}, {who}")
        tasks = {who: (ask, 1) for who, ask in peers.above(node).items()}
        kept = np.empty(len(mine), np.int32)  # a buffer that the caller keeps: no new pages for each answer
        tasks["intervals"] = (lambda node=node: spans_above(index, node), 200)
        tasks["view or list"] = (lambda node=node: nodes_above(index, node), 200)
        tasks["copied out"] = (lambda node=node, kept=kept: np.copyto(kept, nodes_above(index, node)), 50)
        taken = _rounds(tasks, runs)
        others = {who: taken[who] for who in ("igraph", "rustworkx", "SciPy")}
        for kind in ("intervals", "view or list", "copied out"):
            yield _row(f"above {len(mine):,} nodes ({size:,}), {kind}, {told}", taken[kind], others, runs)


def _plants(given: Graph, index: Topology, peers: Peers, runs: int) -> dict[str, object]:
    chosen = np.zeros(given.nodes, np.bool_)
    place = np.array([index.node(f"WS{node:07d}") for node in given.plants])
    chosen[place] = True

    def scipy() -> np.ndarray:
        found = np.full(given.nodes, -1)
        for plant in given.plants:
            found[breadth_first_order(peers.scipy, plant, return_predecessors=False)] = plant
        return found

    tasks = {"ours": (lambda: first_below(index, chosen), 1), "SciPy": (scipy, 1)}
    taken = _rounds(tasks, runs)
    return _row(f"plant of every node, {given.nodes:,}", taken.pop("ours"), taken, runs)


def _bytes(index: Topology) -> int:
    parts = (index.main_link, index.parent, index.tin, index.tout, index.node_order, index.order_start)
    shared = 0 if index.group.base is index.order_start else index.group.nbytes
    return sum(part.nbytes for part in parts) + shared + index.side_from.nbytes + index.side_to.nbytes


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    nodes, runs = (300_000, 3) if quick else (1_000_000, 7)
    forest(np.array([0, 1, 2]), np.array([1, 0, 1]), 3)  # compiles the kernels
    for told, extra in (("forest", 0.0), ("1 % loops and bifurcations", 0.01)):
        given = graph(nodes, extra)
        peers = Peers(_igraph(given), _rustworkx(given), _scipy(given))
        bare = network(given)
        index = _same_numbers(given, topology(bare))
        first_below(index, np.zeros(nodes, np.bool_))
        yield from _above(told, index, peers, runs)
        yield {"name": f"memory of the index, {told}", "ours": _bytes(index) / 2**20, "peer": None,
               "ratio": None, "unit": "MiB", "runs": 1, "target": "≤ 30"}  # fmt: skip
        if not extra:
            yield _plants(given, topology(bare), peers, runs)
        del peers
        gc.collect()
        tasks = {
            "ours": (lambda: forest(given.start, given.end, nodes), 1),  # noqa: B023
            "igraph": (lambda: _igraph(given), 1),  # noqa: B023
            "rustworkx": (lambda: _rustworkx(given), 1),  # noqa: B023
            "SciPy": (lambda: _scipy(given), 1),  # noqa: B023
        }
        taken = _rounds(tasks, max(3, runs // 2))
        ours = taken.pop("ours")
        sorted_only = {"SciPy (sorted pipes, no index)": taken.pop("SciPy")}
        whole = _row(f"whole index from integers, {told}", ours, taken, max(3, runs // 2))
        yield {**whole, "target": "≤ 0.15 s"}
        yield _row(f"whole index from integers, {told}", ours, sorted_only, max(3, runs // 2))
        kept = topology(bare)
        again = _seconds(lambda: topology(bare), 3)  # noqa: B023
        yield _row(f"topology from tables with text ids, {told}", again, taken, 3)
        for what, now in (("attributes", _attributes(bare)), ("ends, a manhole more", _ends(bare))):
            yield _edit(f"an edit of three pipes' {what}, {told}", bare, kept, now)


def _attributes(was: Network) -> Network:
    """Return the network after an edit of three pipes, every column an array of its own as after any edit."""
    table = was.table("conduit").take(np.arange(len(was.table("conduit"))))
    lengths = table.column("length").copy()
    lengths[[5, 500, 5000]] += 1.0
    return Network(was.city, {**was.tables, "conduit": table.replace(length=lengths)})


def _ends(was: Network) -> Network:
    table, wells = was.table("conduit"), was.table("manhole")
    ends = table.column("to_id").copy()
    ends[[5, 500, 5000]] = ["WSnew", ends[6], "nowhere"]
    ids = np.append(wells.ids, np.array(["WSnew"], dtype=object))
    manholes = Assets("manhole", ids, {}, Shapes.empty(len(ids)))
    again = table.take(np.arange(len(table))).replace(to_id=ends)
    return Network(was.city, {**was.tables, "conduit": again, "manhole": manholes})


def _edit(name: str, was: Network, kept: Topology, now: Network) -> dict[str, object]:
    """Return the time of bringing an index up to date beside that of the whole, with the same result."""
    kept.find("")  # the ids are looked up in what a question before the edit has made
    times: dict[str, list[float]] = {"edited": [], "whole": []}
    for _ in range(3):
        begin = time.perf_counter()
        made = topology(now, (was, kept))
        times["edited"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        whole = topology(now)
        times["whole"].append(time.perf_counter() - begin)
    for entry in fields(whole):
        if not np.array_equal(getattr(made, entry.name), getattr(whole, entry.name)):
            _differ(f"{name}: {entry.name}")
    ours, peer = (statistics.median(entry) for entry in times.values())
    return {"name": f"{name}, the whole", "ours": ours, "peer": peer, "ratio": peer / ours, "unit": "s",
            "runs": 3}  # fmt: skip


def _same_numbers(given: Graph, made: Topology) -> Topology:
    """Return the index over the graph's own integers, so that sets can be compared with the peers'."""
    found = forest(given.start, given.end, given.nodes)
    if len(found.parent) != len(made.parent):
        _differ("groups")
    return Topology(
        made.node_type, made.node_row, made.node_ids, made.link_type, made.link_row, made.link_ids,
        given.start.astype(np.int32), given.end.astype(np.int32), made.link_length, made.preference,
        found.group, found.main_link, found.parent, found.tin, found.tout, found.node_order,
        found.order_start, found.side_from, found.side_to,
    )  # fmt: skip
