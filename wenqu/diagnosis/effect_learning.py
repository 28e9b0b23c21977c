"""What have the works that were judged taught about each method and each contractor?

Every judged verification says how much of the expected change came. Methods and contractors are unknowns of
one linear-Gaussian model: found over expected - 1 = Σ w·δ(method) + c(contractor) + error, with the prior of
a method from its Beta(a, b) in the price table and c ~ N(0, 0.2²). The posterior of a method goes back into
the form Beta(a', b') by its moments, so that the plan reads it as it reads the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CONTRACTOR_SD = 0.2  # [-] of what one contractor reaches against another
NARROWEST = 0.02  # [-] of the mean: no verification makes an effect surer than that


@dataclass(frozen=True, slots=True)
class Judged:
    """One verification that was judged."""

    id: str
    ratio: float  # [-] change that was found over the change that was expected
    sd: float  # [-] of that ratio
    methods: Mapping[str, float]  # method → share of the expected change, sum 1
    contractor: str  # "" for nobody known


@dataclass(frozen=True, slots=True)
class Learned:
    """An effect before and after what was judged."""

    key: str
    prior: float  # [-] mean share that is kept out; of a contractor 1
    prior_sd: float
    mean: float
    sd: float
    a: float  # Beta(a, b) of a method, 0 of a contractor
    b: float
    judged: tuple[str, ...]  # verifications that speak of it


def learn(
    judged: Sequence[Judged], effects: Mapping[str, tuple[float, float]]
) -> tuple[tuple[Learned, ...], tuple[Learned, ...]]:
    """Return what is known of each method and of each contractor now.

    Parameters
    ----------
    effects
        Beta(a, b) of each method in the price table.
    """
    used = [one for one in judged if np.isfinite(one.ratio) and one.sd > 0]
    methods = sorted({name for one in used for name in one.methods if name in effects})
    contractors = sorted({one.contractor for one in used if one.contractor})
    columns = [*methods, *(f"\0{name}" for name in contractors)]
    means = {name: a / (a + b) for name, (a, b) in effects.items()}
    sds = {name: float(np.sqrt(a * b / (a + b + 1)) / (a + b)) for name, (a, b) in effects.items()}
    prior = np.array(
        [(sds[name] / means[name]) ** 2 for name in methods] + [CONTRACTOR_SD**2] * len(contractors)
    )
    rows = np.zeros((len(used), len(columns)))
    for row, one in enumerate(used):
        for name, share in one.methods.items():
            if name in effects:
                rows[row, columns.index(name)] = share
        if one.contractor:
            rows[row, columns.index(f"\0{one.contractor}")] = 1.0
    mean, covariance = _posterior(rows, prior, used)
    sd = np.sqrt(np.maximum(np.diagonal(covariance), NARROWEST**2))

    def about(name: str) -> tuple[str, ...]:
        return tuple(one.id for one in used if name in one.methods or name == one.contractor)

    made = []
    for place, name in enumerate(methods):
        middle = min(max(means[name] * (1 + float(mean[place])), 0.01), 0.99)
        spread = min(means[name] * float(sd[place]), 0.95 * np.sqrt(middle * (1 - middle)))
        size = middle * (1 - middle) / spread**2 - 1
        made.append(
            Learned(
                name,
                means[name],
                sds[name],
                middle,
                float(spread),
                middle * size,
                (1 - middle) * size,
                about(name),
            )
        )
    who = tuple(
        Learned(name, 1.0, CONTRACTOR_SD, 1 + float(mean[place]), float(sd[place]), 0.0, 0.0, about(name))
        for place, name in enumerate(contractors, start=len(methods))
    )
    return tuple(made), who


def _posterior(rows: Floats, prior: Floats, used: Sequence[Judged]) -> tuple[Floats, Floats]:
    if not len(rows):
        return np.zeros(len(prior)), np.diag(prior)
    error = np.diag([one.sd**2 for one in used])
    seen = rows * prior
    gain = np.linalg.solve(rows @ seen.T + error, seen)
    found = np.array([one.ratio - 1.0 for one in used])
    return found @ gain, np.diag(prior) - seen.T @ gain
