"""What lies between meters: intervals of pipes on a forest, cells of a graph where water divides?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.expected_inflow import Balance, balance_of, outermost
from wenqu.diagnosis.pipe_order import PipeOrder, distances_down
from wenqu.diagnosis.split_cells import Split, SplitCells, Spot, split_cells
from wenqu.diagnosis.travelled_waves import Ways, ways_of, ways_on
from wenqu.diagnosis.tree_posterior import areas
from wenqu.network.topology import Topology

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BORE = 0.3  # [m] where a conduit does not say
CARRIES = {"conduit": 1.0, "channel": 1.0, "pump": 1.0, "gate": 0.05, "weir": 0.02}  # when equally wide
WIDE = 8.0 / 3.0  # power of the bore in what a full pipe carries


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a case. n pipes in order, M meters."""

    cell: Ints  # (n,) of the pipe's clean water; the last number lies beside all meters
    source: Ints  # (n,) of the sewage that enters at its upper node
    count: int
    spans: Ints  # (M, 2) pipes above each meter by the main ways
    meter_down: Floats  # (M,) [m]
    divided: SplitCells | None  # where water divides or is stored

    @property
    def splits(self) -> tuple[Split, ...]:
        """Return the places where water divides."""
        return self.divided.splits if self.divided else ()

    def ways(self, index: Topology, order: PipeOrder, made: Floats) -> Ways:
        """Return the ways of the sewage."""
        down = distances_down(index)[index.link_from[order.link]]
        if self.divided is not None:
            outlet = self.divided.outlet
            return ways_on(self.divided.graph, (self.source, made, down), self.meter_down, outlet)
        first, last = self.spans[:, 0], self.spans[:, 1]
        pairs = np.unique(self.spans, axis=0)
        return ways_of(self.cell, made, down, self.meter_down, (first, last), pairs)

    def balance(self, flow: Floats, made: Floats) -> Balance:
        """Return how much clean water the outermost meters show. [m³/s]"""
        first, last = self.spans[:, 0], self.spans[:, 1]
        if self.divided is None:
            chosen = outermost(first, last)
            walked = np.concatenate([[0.0], np.cumsum(made)])
            return balance_of(flow[chosen], (walked[last] - walked[first])[chosen])
        share, _, _ = self.divided.graph.ways()
        own = self.divided.graph.own
        above = (share @ own.T.astype(np.float64)) > 0  # (meter, meter whose water it sees)
        again = np.array([(own[:row] == own[row]).all(axis=1).any() for row in range(len(own))])
        chosen = (above.sum(axis=0) == (own.astype(np.int64) @ own.T).sum(axis=1)) & ~again
        return balance_of(flow[chosen], (share @ np.bincount(self.source, made, self.count))[chosen])


def case_cells(
    index: Topology, order: PipeOrder, spots: Sequence[Spot], spans: Sequence[tuple[int, int]],
    tanks: dict[int, float], bore: Floats, carries: Mapping[str, float] = CARRIES,
) -> Cells:  # fmt: skip
    """Return the cells between meters.

    Parameters
    ----------
    spots, spans
        Where each meter stands and the pipes above it by the main ways. (M,)
    tanks
        Seconds that water stays, by node.
    bore
        Of each link, NaN where not known. (L,) [m]
    carries
        What a link of each type carries in dry weather when equally wide; others carry nothing.
    """
    down = distances_down(index)
    nodes = np.array(
        [index.link_from[one.link] if one.link >= 0 else one.node for one in spots], dtype=np.int64
    )
    held = np.array(spans, dtype=np.int64).reshape(-1, 2)
    weight = usual_flow(index, bore, carries)
    divided = split_cells(index, order, spots, tanks, weight) if len(spots) else None
    if divided is not None:
        count = divided.graph.own.shape[1]
        return Cells(divided.cell, divided.source, count, held, down[nodes], divided)
    pairs = np.unique(held, axis=0)
    cell = areas(pairs[:, 0], pairs[:, 1], len(order.link))
    return Cells(cell, cell, len(pairs) + 1, held, down[nodes], None)


def usual_flow(index: Topology, bore: Floats, carries: Mapping[str, float] = CARRIES) -> Floats:
    """Return how much water each link takes in dry weather where the water divides, in parts. (L,)"""
    usual = np.array([carries.get(kind, 0.0) for kind in index.link_type.tolist()])
    width = np.where(bore > 0, bore, float(np.nanmedian(bore)) if (bore > 0).any() else BORE)
    return np.asarray(usual * width**WIDE)
