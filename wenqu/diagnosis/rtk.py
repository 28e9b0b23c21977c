"""Which three triangles of a unit hydrograph tell best what rain adds to a flow (RTK)?

Once the times to peak T and the recessions K stand on a grid, the flow is linear in R: every way to choose a
short, a medium and a long triangle is tried, each with the R that fit best and are not negative; the best
choice is then looked for again on a finer grid around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.block_sums import Sums, block_sums, fitted, left_out, missed, spread
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.rain_kernels import answered_by_triangle, later
from wenqu.diagnosis.rain_response import Record

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SHORT = (0.5, 1.0, 1.5, 2.0, 3.0)  # [h]
MEDIUM = (2.0, 3.0, 4.0, 6.0, 8.0)
LONG = (8.0, 12.0, 16.0, 24.0, 36.0, 48.0)
RECESSIONS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)  # [-]
FINER = ((0.8, 1.0, 1.25), (0.92, 1.0, 1.08))
Shape = tuple[float, float]  # T [h], K [-]


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """Up to three triangles, the shortest first. t triangles, T steps."""

    peak: tuple[float, ...]  # T [h]
    recession: tuple[float, ...]  # K [-]
    lag: int  # steps from rain to meter
    area: Floats  # (t,) [m²] whose whole rain arrives through each
    sd: Floats  # (t,) [m²]
    total_sd: float  # [m²]
    answered: Floats  # (T,) [m³/s] what rain adds
    skill: float  # [-] of the squares that the pattern leaves, share foretold in parts not fitted
    left: float  # weighted squares that are not foretold in parts not fitted
    held: bool  # more would have fitted than falls on the ground: R was kept below 1


class _Search:
    """The answers to one rain, each triangle worked out once, and the sums of any choice of them."""

    def __init__(self, record: Record, level: Floats, weight: Floats, ground: float) -> None:
        self._record, self._level, self._weight, self._ground = record, level, weight, ground
        self._rain = np.nan_to_num(record.rain)
        self._kept: dict[Shape, Floats] = {}

    def arrived(self, shapes: Sequence[Shape], lag: int) -> Floats:
        """Return what arrives through some triangles. (t, T) [m/s]"""
        for peak, recession in shapes:
            if (peak, recession) not in self._kept:
                self._kept[peak, recession] = answered_by_triangle(
                    self._rain, peak * 3600.0, recession, self._record.step
                )
        return later(np.stack([self._kept[one] for one in shapes]), lag)

    def sums(self, shapes: Sequence[Shape], lag: int) -> Sums:
        """Return the sums of the level and of some triangles."""
        columns = np.concatenate([self._level, self.arrived(shapes, lag)])
        return block_sums(columns, self._record.flow, self._weight, self._record.part, len(self._level))

    def best(self, classes: list[list[Shape]], lag: int) -> "_Choice":
        """Return the best choice of one triangle of each class or fewer."""
        longest = default("slow_answer") / 3600.0
        classes = [[one for one in entry if one[0] * (1 + one[1]) <= longest] for entry in classes]
        shapes = list(dict.fromkeys(one for entry in classes for one in entry))
        gram, right = _without_level(self.sums(shapes, lag))
        peaks = np.array([one[0] for one in shapes])
        places = [np.array([shapes.index(one) for one in entry], dtype=np.int64) for entry in classes]
        best, freest = _Choice(0.0, [], lag, held=False), 0.0
        for size in range(1, len(places) + 1):
            for group in combinations(places, size):
                rows = np.stack(np.meshgrid(*group, indexing="ij"), axis=-1).reshape(-1, size)
                rows = rows[(np.diff(peaks[rows], axis=1) > 0).all(axis=1)]
                if not len(rows):
                    continue
                gain, total = _gains(gram, right, rows)
                freest = max(freest, float(gain.max()))
                gain = np.where(total < self._ground, gain, -np.inf)
                row = int(np.argmax(gain))
                if gain[row] > best.gain * (1 + 1e-9):
                    best = _Choice(float(gain[row]), [shapes[one] for one in rows[row]], lag, held=False)
        return _Choice(best.gain, best.shapes, lag, held=freest > best.gain * (1 + 1e-6))


@dataclass(frozen=True, slots=True)
class _Choice:
    gain: float
    shapes: list[Shape]
    lag: int
    held: bool


def fit_rtk(record: Record, level: Floats, weight: Floats, lag: int, ground: float = np.inf) -> Triangles:
    """Return the triangles that fit a record best.

    Parameters
    ----------
    level
        Columns of the flow without rain. (c, T)
    weight
        Weight of each step, 0 where it is not used. (T,)
    lag
        Steps from rain to meter at most: a triangle rises later than a memory, and wants less.
    ground
        Area above the meter: the areas add up to less, ΣR < 1. [m²]
    """
    search = _Search(record, level, weight, ground)
    classes = [
        [one for one in product(peaks, RECESSIONS) if one[0] * (1 + one[1]) >= 1.5 * record.step / 3600.0]
        for peaks in (SHORT, MEDIUM, LONG)
    ]
    lags = sorted({0, min(1, lag), lag // 4, lag // 2, lag})
    chosen = max((search.best(classes, one) for one in lags), key=lambda one: one.gain)
    for factors in FINER:
        finer = [[(t * a, k * b) for a, b in product(factors, factors)] for t, k in chosen.shapes]
        again = search.best(finer, chosen.lag) if finer else chosen
        chosen = again if again.gain > chosen.gain else chosen
    if not chosen.shapes:
        none = np.empty(0)
        return Triangles((), (), 0, none, none, 0.0, np.zeros(len(record.flow)), 0.0, np.inf, chosen.held)
    sums = search.sums(chosen.shapes, chosen.lag)
    without = left_out(sums)
    area = fitted(sums)[sums.free :]
    inside = spread(without[:, sums.free :])
    only = sums.chosen(np.empty(0, np.int64))
    plain, left = missed(only, left_out(only)), missed(sums, without)
    return Triangles(
        tuple(one[0] for one in chosen.shapes), tuple(one[1] for one in chosen.shapes), chosen.lag, area,
        np.sqrt(np.maximum(np.diagonal(inside), 0.0)), float(np.sqrt(max(inside.sum(), 0.0))),
        area @ search.arrived(chosen.shapes, chosen.lag),
        float(1.0 - left / plain if plain > 0 else 0.0), left, chosen.held,
    )  # fmt: skip


def _gains(gram: Floats, right: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """Return by how much choices reduce the squares, -inf where one is negative, and their areas' sum."""
    inside = gram[rows[:, :, None], rows[:, None, :]]
    pull = right[rows]
    size = np.sqrt(np.maximum(np.diagonal(inside, axis1=1, axis2=2), 1e-300))
    scaled = inside / (size[:, :, None] * size[:, None, :]) + 1e-9 * np.eye(rows.shape[1])
    area = np.linalg.solve(scaled, (pull / size)[..., None])[..., 0] / size
    gain = np.where((area > 0).all(axis=1), (area * pull).sum(axis=1), -np.inf)
    return gain, area.sum(axis=1)


def _without_level(sums: Sums) -> tuple[Floats, Floats]:
    """Return the sums after the free columns have taken what they can."""
    gram, right = sums.gram.sum(axis=0), sums.right.sum(axis=0)
    free = sums.free
    root = np.sqrt(np.maximum(np.diagonal(gram)[:free], 1e-300))
    own = gram[:free, :free] / (root[:, None] * root[None, :]) + 1e-9 * np.eye(free)
    beside = gram[:free, free:] / root[:, None]
    taken = np.linalg.solve(own, np.column_stack([beside, right[:free] / root]))
    return gram[free:, free:] - beside.T @ taken[:, :-1], right[free:] - beside.T @ taken[:, -1]
