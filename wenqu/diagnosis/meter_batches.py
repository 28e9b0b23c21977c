"""Which meters are inverted together when a city has too many for one solve?

The cost grows with the third power of the meters. Where a tree has more than a batch holds it is cut at a
meter: the meters above it make a batch with it, and below it stands for all of them, so that what is below
hears of what is above by its readings alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import Cells, Joint
from wenqu.diagnosis.joint_unknowns import WATERS
from wenqu.diagnosis.lost_sewage import Lost

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LOST = ("mean", "low", "high", "variance", "before", "nothing")


@dataclass(frozen=True, slots=True)
class Batch:
    """Meters of one solve."""

    own: Ints  # whose areas are answered here
    above: Ints  # that stand for the batches above them


def meter_batches(first: Ints, last: Ints, most: int) -> tuple[Batch, ...]:
    """Return the batches of meters, one when there are few.

    Parameters
    ----------
    first, last
        Interval of pipes above each meter. (M,)
    most
        Meters from which a tree is cut.
    """
    if len(first) <= most:
        return (Batch(np.arange(len(first)), np.empty(0, np.int64)),)
    found: list[Batch] = []
    # in this order whatever lies above a meter comes before it, next to it
    order = np.lexsort((-first, last))
    waiting: list[
        tuple[int, list[int], list[int]]
    ] = []  # first pipe, own meters, those that stand for others
    for place, meter in enumerate(order.tolist()):
        own, above = [meter], list[int]()
        while waiting and waiting[-1][0] >= first[meter]:
            _, more, stand = waiting.pop()
            own, above = more + own, stand + above
        after = order[place + 1] if place + 1 < len(order) else meter
        doubled = after != meter and first[after] == first[meter] and last[after] == last[meter]
        if len(own) >= most and not doubled:
            found.append(_batch(own, above))
            own, above = [], [meter]
        waiting.append((int(first[meter]), own, above))
    own, above = [], []
    for _, more, stand in waiting:
        if own and len(own) + len(more) > most:
            found.append(_batch(own, above))
            own, above = [], []
        if more:
            own, above = own + more, above + stand
    return (*found, _batch(own, above)) if own else tuple(found)


def _batch(own: list[int], above: list[int]) -> Batch:
    return Batch(np.array(sorted(own), dtype=np.int64), np.array(above, dtype=np.int64))


def joined(
    answers: Sequence[tuple[Batch, Cells, Joint]], cells: Cells, outside: tuple[Floats, Floats]
) -> Joint:
    """Return the answers of several batches as one.

    Parameters
    ----------
    cells
        What lies between all meters.
    outside
        What is expected beside all meters, and what the first batch expected beside its own. (3,) [m³/s]
    """
    count, meters = len(cells), len(cells.of_meter)
    mean, before = np.zeros((WATERS, count)), np.zeros((WATERS, count))
    covariance = np.zeros((WATERS, count, WATERS, count))
    lost, of_meters = np.zeros((len(LOST), count)), np.zeros((4, meters))
    for number, (batch, part, said) in enumerate(answers):
        here, place = np.unique(part.of_meter[: len(batch.own)], return_index=True)
        there = cells.of_meter[batch.own[place]]
        if not number:  # what lies beside all meters is told by the first batch
            here, there = np.append(here, len(part) - 1), np.append(there, count - 1)
        mean[:, there], before[:, there] = said.mean[:, here], said.prior_sd[:, here]
        kinds = np.arange(WATERS)
        covariance[np.ix_(kinds, there, kinds, there)] = said.covariance[np.ix_(kinds, here, kinds, here)]
        lost[:, there] = np.stack([getattr(said.lost, name) for name in LOST])[:, here]
        told = np.stack([said.bias, said.bias_sd, said.misfit, said.loose])
        of_meters[:, batch.own] = told[:, : len(batch.own)]
    part_of_it = outside[0] / np.where(outside[1] > 0, outside[1], 1.0)
    _scaled(part_of_it, (mean, before, covariance), lost)
    return Joint(mean, covariance, before, Lost(*lost), *of_meters)


def _scaled(scale: Floats, flows: tuple[Floats, Floats, Floats], lost: Floats) -> None:
    mean, before, covariance = flows
    mean[:, -1] *= scale
    before[:, -1] *= scale
    covariance[:, -1] *= scale[:, None, None]
    covariance[:, :, :, -1] *= scale
    lost[:3, -1] *= scale[0]
    lost[3:5, -1] *= scale[0] ** 2
