"""What is expected to enter each pipe before anything was measured: the prior of the posterior."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.expected_sewage import ExpectedSewage
from wenqu.diagnosis.pipe_columns import Pipes
from wenqu.diagnosis.tree_posterior import Prior

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Balance:
    """What the outermost meters leave over after sewage: it sets the size of the clean water."""

    clean: float  # [m³/s] groundwater and river water above all outermost meters
    sewage: float  # [m³/s] sewage expected above them
    first: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # pipes above the outermost meters
    last: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    measured: float = 0.0  # [m³/s] what these meters read together


def outermost(first: Ints, last: Ints) -> npt.NDArray[np.bool_]:
    """Return which intervals lie in no other (of equal ones the first counts)."""
    inside = (first[None] <= first[:, None]) & (last[:, None] <= last[None])
    equal = (first[None] == first[:, None]) & (last[:, None] == last[None])
    earlier = np.arange(len(first))[None] < np.arange(len(first))[:, None]
    found: npt.NDArray[np.bool_] = ~(inside & (~equal | earlier)).any(axis=1)
    return found


def balance(first: Ints, last: Ints, flow: Floats, sewage: Floats) -> Balance:
    """Return how much clean water the outermost meters show, at least the least share of the sewage.

    Parameters
    ----------
    first, last, flow
        Intervals and mean dry flows of the meters. (M,) [m³/s]
    sewage
        Expected sewage by pipe. (n,) [m³/s]
    """
    chosen = outermost(first, last)
    walked = np.concatenate([[0.0], np.cumsum(sewage)])
    found = balance_of(flow[chosen], walked[last[chosen]] - walked[first[chosen]])
    return replace(found, first=first[chosen], last=last[chosen])


def balance_of(flow: Floats, expected: Floats) -> Balance:
    """Return how much clean water some meters show that have nothing in common.

    Parameters
    ----------
    flow, expected
        Mean dry flow, and sewage expected above each. [m³/s]
    """
    if not expected.sum() > 0:  # nobody knows the users' water: a share of what is measured
        expected = default("sewage_share") * flow
    least = default("clean_least")
    clean = np.maximum(flow - expected, least * np.maximum(expected, 0.3 * flow))
    return Balance(float(clean.sum()), float(expected.sum()), measured=float(flow.sum()))


def expected_inflow(
    there: Pipes, sewage: ExpectedSewage, groundwater: Floats, river: Floats, known: Balance
) -> Prior:
    """Return the prior of sewage, groundwater and river water for every pipe.

    Means: sewage by the users; groundwater and river water share what the balance leaves, by their
    weights; pipes outside every meter get the same rate for the same weight. Variances make a block of
    3 km as unsure as the default coefficients of variation say, whatever the number of its pipes; the common
    factors let the whole city be more or less than thought.

    Parameters
    ----------
    groundwater, river
        Weights by pipe. (n,)
    known
        What the outermost meters leave over.
    """
    inside = np.zeros(len(there.length), dtype=np.bool_)
    for first, last in zip(known.first, known.last, strict=True):
        inside[first:last] = True
    if not inside.any():
        inside[:] = True
    clean = known.clean or default("clean_least") * float(sewage.connected.sum())
    share = default("river_share") if river[inside].sum() > 0 else 0.0
    ground = _spread(groundwater, inside, (1 - share) * clean)
    back = _spread(river, inside, share * clean)
    foul, error = _sewage_mean(there, sewage, inside, known)
    length = float(there.length[there.counted].sum())
    variance = np.stack(
        [
            _block_variance(foul, length, default("sewage_block_cv")),
            _block_variance(ground, length, default("groundwater_block_cv")),
            _place_variance(there, back),
        ]
    )
    scale = np.array([error, default("groundwater_scale"), default("river_scale")])
    return Prior(np.stack([foul, ground, back]), variance, scale)


def _spread(weight: Floats, inside: npt.NDArray[np.bool_], total: float) -> Floats:
    known = float(weight[inside].sum())
    return weight * (total / known) if known > 0 else np.zeros(len(weight))


def _sewage_mean(
    there: Pipes, sewage: ExpectedSewage, inside: npt.NDArray[np.bool_], known: Balance
) -> tuple[Floats, float]:
    """Return sewage by pipe and how sure its total is; without water use it is as unsure as can be."""
    if sewage.connected.sum() > 0:
        return np.where(there.counted | (there.plant >= 0), sewage.connected, 0.0), default("sewage_scale")
    length = np.where(there.counted, there.length, 0.0)
    return _spread(length, inside, known.sewage), 1.0


def _place_variance(there: Pipes, mean: Floats) -> Floats:
    """Return the variance of rare inlets: few places, any of which may bring its share of the whole."""
    plants = max(1, len(np.unique(there.plant[there.plant >= 0])))
    inlet = float(mean.sum()) / (default("river_places") * plants)
    return default("river_place_cv") ** 2 * inlet * mean


def _block_variance(mean: Floats, length: float, cv: float) -> Floats:
    """Return variances ∝ means, such that a block of 3 km with its share of the total has this cv."""
    per_block = float(mean.sum()) * min(1.0, default("block_length") / length) if length > 0 else 0.0
    return cv**2 * per_block * mean
