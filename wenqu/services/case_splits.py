"""How does the water of a case divide where it has two ways, and is that measured or only thought?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve

from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.split_cells import Split
from wenqu.issues import Issue, Place, Weight

Floats = npt.NDArray[np.float64]
DRAWS = 4000
NOWHERE = Place()
MEASURED = 0.2  # [-] width of the interval of a share from which it is a guess


@dataclass(frozen=True, slots=True)
class Branch:
    """One way that the water of a place takes."""

    conduit: str
    share: float  # [-]
    low: float  # of 90 %
    high: float


@dataclass(frozen=True, slots=True)
class Divided:
    """A place where the water divides."""

    node: str
    branches: tuple[Branch, ...]
    measured: bool  # by the meters; else it is a guess from the bores


def divided(splits: Sequence[Split], found: Inversion) -> tuple[Divided, ...]:
    """Return the share of every branch at the places where water divides, with its interval."""
    if not splits:
        return ()
    more = found.layout.more
    unit = np.eye(found.layout.size)[:, more]
    covariance = cho_solve((found.factor, True), unit)[more]
    drawn = np.random.default_rng(1).standard_normal((DRAWS, found.layout.unsure))
    sticks = found.theta[more] + drawn @ np.linalg.cholesky(covariance).T
    told = []
    for split in splits:
        here = slice(split.stick, split.stick + len(split.links) - 1)
        low, high = np.quantile(_shares(sticks[:, here]), (0.05, 0.95), axis=0)
        best = _shares(found.theta[more][None, here])[0]
        branches = tuple(
            Branch(link, float(share), float(min(a, share)), float(max(b, share)))
            for link, share, a, b in zip(split.links, best, low, high, strict=True)
        )
        told.append(Divided(split.node, branches, bool((high - low).max() < MEASURED)))
    return tuple(told)


def _shares(sticks: Floats) -> Floats:
    """Return the share of each branch. (R, B - 1) → (R, B)"""
    taken = 1 / (1 + np.exp(-sticks))
    left = np.cumprod(np.concatenate([np.ones((len(taken), 1)), 1 - taken], axis=1), axis=1)
    return np.asarray(left * np.concatenate([taken, np.ones((len(taken), 1))], axis=1))


def split_issues(found: Sequence[Divided], place: Place = NOWHERE) -> list[Issue]:
    """Return the places where nobody measured how the water divides."""
    told = []
    for one in found:
        if not one.measured:
            widest = max(one.branches, key=lambda branch: branch.share)
            facts: dict[str, object] = {
                "node": one.node, "branches": len(one.branches), "conduit": widest.conduit,
                "share": 100 * widest.share, "low": 100 * widest.low, "high": 100 * widest.high,
            }  # fmt: skip
            told.append(Issue("case.split-not-measured", Weight.DOUBT, "manhole", one.node, place, facts))
    return told
