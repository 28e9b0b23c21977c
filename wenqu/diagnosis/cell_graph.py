"""Where does the water of each piece between meters go, when it may divide, be pumped across or be stored?

Pieces ("cells") are the nodes of a graph without loops. At its lower end a cell has meters, a tank, or a
place where the water divides. What arrives is computed from the bottom up: one number for each harmonic,
meter and cell, and its change with each split and each tank that is not sure.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import polygamma

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
SURE = 3.0  # readings that the guess of a split is worth: wide
LEAST = 0.03  # [-] of the water in a branch that is thought of
TANK_ERROR = 0.7  # of the logarithm of the time that water stays in a tank


@dataclass(frozen=True, slots=True)
class CellGraph:
    """A cells, M meters, E ways between cells, S sticks: a place with B branches has B - 1 of them."""

    source: Ints  # (E,) cell
    target: Ints  # (E,) cell
    length: Floats  # [m] (E,)
    split: Ints  # (E,) number of the first stick of the place where the water divides, -1 for none
    branch: Ints  # (E,) number of the branch at that place
    branches: Ints  # (E,) how many the place has
    own: Mask  # (M, A) the meter stands at the lower end of the cell
    order: Ints  # (A,) cells, each after all that lie below it
    mean: Floats  # (S + T,) of the logit of each stick, then of the logarithm of the time in each tank [s]
    sd: Floats  # (S + T,)
    tank: Ints  # (T,) cell at whose lower end the tank is

    @property
    def unsure(self) -> int:
        """Return how many numbers of the graph are not sure."""
        return len(self.mean)

    def carried(self, turn: Complexes, more: Floats) -> tuple[Complexes, Complexes]:
        """Return what arrives of each harmonic of a cell's water, and its change with what is not sure.

        Parameters
        ----------
        turn
            Change of the logarithm of a harmonic per metre of way; the first is 0. (ORDERS,)
        more
            Sticks and tanks as in ``mean``. (S + T,)

        Returns
        -------
        tuple of arrays
            (M, A, ORDERS) and (S + T, M, A, ORDERS); the first harmonic of the first is the share.
        """
        meters, cells = self.own.shape
        found = np.zeros((meters, cells, len(turn)), dtype=np.complex128)
        change = np.zeros((self.unsure, meters, cells, len(turn)), dtype=np.complex128)
        share, by_stick = self._shares(more)
        late = np.exp(turn * self.length[:, None])
        onward = np.argsort(self.source, kind="stable")
        start = np.searchsorted(self.source[onward], np.arange(cells + 1))
        held = {int(cell): place for place, cell in enumerate(self.tank)}
        for cell in self.order.tolist():
            for edge in onward[start[cell] : start[cell + 1]].tolist():
                at = self.target[edge]
                found[:, cell] += share[edge] * late[edge] * found[:, at]
                change[:, :, cell] += share[edge] * late[edge] * change[:, :, at]
                for stick, slope in by_stick[edge]:
                    change[stick, :, cell] += slope * late[edge] * found[:, at]
            if cell in held:
                self._stored(cell, held[cell], turn, more, (found, change))
            found[self.own[:, cell], cell] += 1.0
        return found, change

    def _stored(
        self, cell: int, tank: int, turn: Complexes, more: Floats, made: tuple[Complexes, Complexes]
    ) -> None:
        """Flatten what passes a tank: the mean stays, waves are 1 / (1 + iωT)."""
        found, change = made
        place = self.unsure - len(self.tank) + tank
        pulse = 1j * 2 * np.pi / 86400.0 * np.arange(len(turn)) * np.exp(more[place])
        flat = 1 / (1 + pulse)
        change[:, :, cell] *= flat
        change[place, :, cell] -= pulse * flat**2 * found[:, cell]
        found[:, cell] *= flat

    def _shares(self, more: Floats) -> tuple[Floats, list[list[tuple[int, float]]]]:
        """Return the share of each way and its slopes; a stick is what a branch takes of what is left."""
        stick = 1 / (1 + np.exp(-more[: self.unsure - len(self.tank)]))
        share = np.ones(len(self.source))
        slopes: list[list[tuple[int, float]]] = [[] for _ in share]
        for edge in np.flatnonzero(self.split >= 0).tolist():
            first, branch = int(self.split[edge]), int(self.branch[edge])
            taken = stick[first : first + branch]
            share[edge] = float(np.prod(1 - taken))
            slopes[edge] = [(first + one, 0.0) for one in range(branch)]
            if branch < self.branches[edge] - 1:
                share[edge] *= stick[first + branch]
                slopes[edge].append((first + branch, 0.0))
            slopes[edge] = [
                (at, share[edge] * (1 - stick[at] if at == first + branch else -stick[at]))
                for at, _ in slopes[edge]
            ]
        return share, slopes

    def shares(self, more: Floats) -> Floats:
        """Return the share of the water of each way's cell that takes it. (E,)"""
        return self._shares(more)[0]

    def ways(self) -> tuple[Floats, Floats, Floats]:
        """Return shares (M, A), mean ways from cell to meter (M, A) and through other cells (A, A). [m]"""
        step = 1e-6
        arrived, _ = self.carried(np.array([0.0, step], dtype=np.complex128), self.mean)
        share = arrived[:, :, 0].real
        with np.errstate(divide="ignore", invalid="ignore"):
            way = np.where(share > 0, np.log((arrived[:, :, 1] / arrived[:, :, 0]).real) / step, 0.0)
        part = self.shares(self.mean)
        cells = self.own.shape[1]
        through = np.zeros((cells, cells))
        by_source: list[list[int]] = [[] for _ in range(cells)]
        for edge, cell in enumerate(self.source.tolist()):
            by_source[cell].append(edge)
        for cell in self.order.tolist():
            for edge in by_source[cell]:
                at = self.target[edge]
                through[cell] += part[edge] * through[at]
                through[cell, at] += part[edge] * self.length[edge]
        return share, way, through


def stick_prior(weight: Floats) -> tuple[Floats, Floats]:
    """Return mean and sd of the logit of each stick, for branches that take water by these weights. (B - 1,)

    The middle is the share itself, the spread that of a Beta(a, b): its logit has the variance ψ'(a) + ψ'(b).
    """
    share = np.clip(weight / weight.sum(), LEAST, None)
    left = np.cumsum(share[::-1])[::-1]
    part = np.clip(share[:-1] / left[:-1], LEAST, 1 - LEAST)
    a, b = SURE * part, SURE * (1 - part)
    return np.log(part / (1 - part)), np.sqrt(polygamma(1, a) + polygamma(1, b))


def tree_graph(above: Mask | Floats, outlet: Floats, own: Mask) -> CellGraph:
    """Return the graph of cells on a forest.

    Parameters
    ----------
    above
        Which cells drain through which meters; cells that pass none have no way on. (M, A)
    outlet
        Way from the lower end of each cell to the end of its network. (A,) [m]
    own
        The meter stands at the lower end of the cell. (M, A)
    """
    passed = above.astype(np.bool_).astype(np.float64)
    count = passed.sum(axis=0)
    common = passed.T @ passed
    holds = (common == count[None, :]) & (count[None, :] < count[:, None]) & (count[None, :] > 0)
    below = np.where(holds, count[None, :], -1.0)
    target = below.argmax(axis=1)
    source = np.flatnonzero(holds.any(axis=1))
    target = target[source]
    none = np.full(len(source), -1, dtype=np.int64)
    return CellGraph(
        source, target, outlet[source] - outlet[target], none, np.zeros_like(none), np.ones_like(none), own,
        np.argsort(count, kind="stable"), np.empty(0), np.empty(0), np.empty(0, dtype=np.int64),
    )  # fmt: skip


def bottom_up(source: Ints, target: Ints, cells: int) -> Ints:
    """Return the cells, each after all that lie below it."""
    waiting = np.bincount(source, minlength=cells)
    above: list[list[int]] = [[] for _ in range(cells)]
    for one, other in zip(source.tolist(), target.tolist(), strict=True):
        above[other].append(one)
    ready = np.flatnonzero(waiting == 0).tolist()
    for cell in ready:  # grows as it is walked
        for one in above[cell]:
            waiting[one] -= 1
            if waiting[one] == 0:
                ready.append(one)
    return np.array(ready, dtype=np.int64)
