"""What does the daily wave of an area's sewage look like when it reaches each meter?

A pipe at distance x from a meter sends its wave there after x / c. The mean of ``p(h - x / c)`` over the
pipes of an area is, harmonic by harmonic, the pattern times one complex number, so that M meters × A areas
cost a few numbers each and no pipe is visited twice.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.cell_graph import CellGraph

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
HOURS = 24
ORDERS = 5  # harmonics used: the mean and four waves; above them a sewer's day is noise


@dataclass(frozen=True, slots=True)
class Ways:
    """How far the sewage of each area is from the end of the network. A areas, M meters."""

    area: Ints  # (n,) area of each pipe
    sewage: Floats  # (n,) weight of each pipe, its expected sewage
    down: Floats  # (n,) [m] from the pipe to the end of its network
    meter_down: Floats  # (M,) [m] from the meter to the end of its network
    above: (
        npt.NDArray[np.bool_] | Floats
    )  # (M, A) which areas, or what share of them, drain through which meters
    outlet: Floats  # (A,) [m] from the lower end of the area to the end of its network
    through: Floats  # (A, A) [m] way of the water of an area (row) through areas below it (column)
    graph: CellGraph | None = None  # where the water divides or is stored; a forest has none

    @property
    def unsure(self) -> int:
        """Return how many splits and tanks are not sure."""
        return 0 if self.graph is None else self.graph.unsure


@dataclass(frozen=True, slots=True)
class Travel:
    """What the way does to each harmonic of one unit of sewage. M meters, A areas."""

    kept: Complexes  # (M, A, ORDERS) factor, 0 where the area does not pass the meter
    own: Complexes  # (M, A, ORDERS) its change per unit of the logarithm of the celerity in the area itself
    through: Floats  # (A, A) [m] as in Ways
    turn: Complexes  # (ORDERS,) [1/m] change of the logarithm of a harmonic per metre of way
    share: Floats  # (M, A) of the steady waters of each area that passes each meter
    bent: Complexes  # (X, M, A, ORDERS) change of kept with each split and tank
    bent_share: Floats  # (X, M, A) change of share

    def faster(self, sent: Complexes) -> Complexes:
        """Return the change of waves per unit of the logarithm of the celerity of each area. (M, A, ORDERS)

        Parameters
        ----------
        sent
            What each area sends, before its way: sewage times pattern. (A, ORDERS) [m³/s]
        """
        arriving = self.kept * sent
        passing = np.tensordot(arriving, self.through, axes=(1, 0)).transpose(0, 2, 1)
        passing[self.kept[:, :, 0] == 0] = 0.0
        return np.asarray(self.own * sent - self.turn * passing)


def ways_of(
    area: Ints, sewage: Floats, down: Floats, meter_down: Floats, reach: tuple[Ints, Ints], areas: Ints
) -> Ways:
    """Return the ways between areas that are what lies between meters, and one beside all meters.

    Parameters
    ----------
    area, sewage, down, meter_down
        As in Ways.
    reach
        First and last pipe (excluded) above each meter, pipes in preorder. (M,) each
    areas
        First and last pipe of each area with all above it, without double ones. (A - 1, 2)
    """
    first, last = reach
    above = np.zeros((len(first), len(areas) + 1), dtype=np.bool_)
    above[:, :-1] = (first[:, None] <= areas[:, 0]) & (areas[:, 1] <= last[:, None])
    outlet = np.zeros(len(areas) + 1)
    for place, (start, end) in enumerate(areas):
        outlet[place] = meter_down[np.flatnonzero((first == start) & (last == end))[0]]
    holds = (areas[:, 0] <= areas[:, 0][:, None]) & (areas[:, 1][:, None] <= areas[:, 1])
    np.fill_diagonal(holds, False)  # (area, below): the area below holds the one above
    through = np.zeros((len(areas) + 1, len(areas) + 1))
    size = areas[:, 1] - areas[:, 0]
    for one in range(len(areas)):
        below = np.flatnonzero(holds[one])
        below = below[np.argsort(size[below])]
        entry = outlet[np.r_[one, below[:-1]]] if len(below) else np.empty(0)
        through[one, below] = entry - outlet[below]
    return Ways(area, sewage, down, meter_down, above, outlet, through)


def ways_on(graph: CellGraph, pipes: tuple[Ints, Floats, Floats], meter_down: Floats, outlet: Floats) -> Ways:
    """Return the ways between cells of a graph.

    Parameters
    ----------
    pipes
        Area, expected sewage and way down of each pipe, as in Ways. (n,) each
    """
    share, _, through = graph.ways()
    return Ways(*pipes, meter_down, share, outlet, through, graph)


def travel(ways: Ways, celerity: float, more: Floats | None = None) -> Travel:
    """Return the factors of all areas at all meters.

    Parameters
    ----------
    celerity
        Speed of the wave. [m/s]
    more
        Splits and tanks; as thought where not given. (X,)
    """
    areas = ways.above.shape[1]
    turn = np.asarray(-2j * np.pi / (DAY * celerity) * np.arange(ORDERS), dtype=np.complex128)
    total = np.bincount(ways.area, weights=ways.sewage, minlength=areas)
    share = ways.sewage / np.where(total > 0, total, 1.0)[ways.area]
    inside = ways.down - ways.outlet[ways.area]
    sent = np.ones((areas, ORDERS), dtype=np.complex128)
    late = np.zeros((areas, ORDERS), dtype=np.complex128)
    for order in range(1, ORDERS):
        phase = np.exp(turn[order] * inside) * share
        sent[:, order] = _sums(ways.area, phase, areas)
        late[:, order] = _sums(ways.area, phase * inside, areas)
    sent[total <= 0] = 1.0
    if ways.graph is None:
        way = np.where(ways.above, ways.outlet[None, :] - ways.meter_down[:, None], 0.0)
        onward = np.where(ways.above[:, :, None], np.exp(turn * way[:, :, None]), 0.0)
        bent = np.zeros((0, *onward.shape), dtype=np.complex128)
    else:
        onward, bent = ways.graph.carried(turn, ways.graph.mean if more is None else more)
    return Travel(
        np.asarray(sent * onward), np.asarray(-turn * late * onward), ways.through, np.asarray(turn),
        np.asarray(onward[:, :, 0].real), bent * sent, bent[..., 0].real,
    )  # fmt: skip


def harmonics(days: Floats) -> Complexes:
    """Return the mean and the waves of days by the hour. (…, 24) → (…, ORDERS)"""
    return np.asarray(np.fft.rfft(days, axis=-1)[..., :ORDERS] / HOURS)


def hours_of(spectrum: Complexes) -> Floats:
    """Return the day of a mean and its waves. (…, ORDERS) → (…, 24)"""
    return np.asarray(np.fft.irfft(spectrum * HOURS, HOURS, axis=-1))


def _sums(area: Ints, values: Complexes, areas: int) -> Complexes:
    real = np.bincount(area, weights=values.real, minlength=areas)
    return np.asarray(real + 1j * np.bincount(area, weights=values.imag, minlength=areas))
