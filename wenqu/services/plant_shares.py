"""What share of each pipe's water comes to a plant that nobody meters, where the water divides above it?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.diagnosis.split_cells import Spot, split_cells
from wenqu.network.checks.whole import numbers
from wenqu.services.case_cells import usual_flow
from wenqu.services.city_splits import CARRIES
from wenqu.services.dry_weather import DryWeather

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlantShares:
    """Shares of n pipes that come to each of P plants, with the doubt of the S splits above them."""

    row: dict[int, int]  # node of the plant → place
    foul: Ints  # (n,) cell of each pipe's sewage
    clean: Ints  # (n,)
    share: Floats  # (P, A)
    slope: Floats  # (S, P, A) its change with each split
    covariance: Floats  # (S, S)

    def of(self, node: int, foul: Floats, clean: Floats) -> tuple[Floats, Floats]:
        """Return the share of each pipe's sewage and clean waters, and how three sums change with the splits.

        Parameters
        ----------
        foul, clean
            Mean sewage of each pipe (n,), and its groundwater and river water (2, n). [m³/s]

        Returns
        -------
        tuple of arrays
            (2, n) and (3, S) [m³/s]
        """
        at = self.row[node]
        cells = self.share.shape[1]
        sums = [np.bincount(self.foul, foul, cells)] + [np.bincount(self.clean, row, cells) for row in clean]
        share = np.stack([self.share[at, self.foul], self.share[at, self.clean]])
        return share, np.stack([self.slope[:, at] @ one for one in sums])


def plant_shares(dry: DryWeather, known: CityPosterior) -> PlantShares | None:
    """Return what comes to the plants of a city, None when water divides above none of them.

    A split that the meters measured is taken as they found it; any other by its bores, as unsure as that is.
    """
    index, order = dry.there.topology, dry.there.order
    nodes = np.flatnonzero(index.node_type == "plant").astype(np.int64)
    weight = usual_flow(index, numbers(dry.there.network, "link", "height"), CARRIES)
    found = (
        split_cells(index, order, [Spot(-1, int(node)) for node in nodes], {}, weight) if len(nodes) else None
    )
    if found is None:
        return None
    graph, passing = found.graph, known.found.passing
    more, covariance = graph.mean.copy(), np.diag(graph.sd**2)
    measured = {one.node: one for one in known.cells.divided.splits} if known.cells.divided else {}
    pairs = [
        (split.stick + branch, measured[split.node].stick + branch)
        for split in found.splits
        if passing is not None and split.node in measured and measured[split.node].links == split.links
        for branch in range(len(split.links) - 1)
    ]
    if pairs and passing is not None:
        here, there = np.array(pairs).T
        more[here] = passing.sticks[there]
        covariance[np.ix_(here, here)] = passing.covariance[np.ix_(there, there)]
    arrived, change = graph.carried(np.zeros(1, dtype=np.complex128), more)
    row = {int(node): place for place, node in enumerate(nodes.tolist())}
    return PlantShares(
        row, found.source, found.cell, arrived[:, :, 0].real, change[:, :, :, 0].real, covariance
    )
