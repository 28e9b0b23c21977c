"""How do conduits get worse with the years? A Markov chain over their grades, published or fitted.

Grades run from 1 (best). A chain is homogeneous: a year at age 5 is like a year at age 50. What was
inspected is often what was suspected; a fit speaks of conduits like those inspected, unless weights say how
many each stands for (``selection``).
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 30  # inspections below which no chain is fitted
FARTHEST = 12.0  # logit beyond which a year's chance is 0 or 1 for every purpose
Z = 1.6449  # of a 90 % interval


@dataclass(frozen=True, slots=True)
class Chain:
    """A yearly Markov chain over n grades."""

    name: str
    matrix: Floats  # (n, n) row: from, column: to; rows sum to 1
    low: Floats  # (n, n) 5 % bound of each entry; the matrix itself for a published chain
    high: Floats  # (n, n) 95 % bound
    source: str
    inspections: int = 0  # it was fitted to

    def after(self, years: float, start: Floats | None = None) -> Floats:
        """Return the share of each grade after some whole or part years. (n,)

        Parameters
        ----------
        years
            Time. [a] A part of a year is mixed in linearly.
        start
            Shares at the beginning; all in grade 1 when not given. (n,)
        """
        begin = np.eye(len(self.matrix))[0] if start is None else np.asarray(start, dtype=np.float64)
        whole = int(np.floor(years))
        now = begin @ np.linalg.matrix_power(self.matrix, whole)
        return np.asarray(now + (years - whole) * (now @ self.matrix - now))

    def mean_grade(self, years: float, start: Floats | None = None) -> float:
        """Return the expected grade after some years."""
        return float(self.after(years, start) @ np.arange(1, len(self.matrix) + 1))


@cache
def published_chains() -> dict[str, Chain]:
    """Return the chains of Breda by name (single: one grade at a time; multi: leaps from grade 1).

    References
    ----------
    .. [1] Jimenez-Roa et al., Markov chains of 25,507 sewers of Breda, five severities.
    """
    text = (files("wenqu.survey") / "breda_chains.csv").read_text(encoding="utf-8")
    made: dict[str, Floats] = {}
    for row in csv.DictReader(text.splitlines()):
        matrix = made.setdefault(row["chain"], np.zeros((5, 5)))
        matrix[int(row["from"]) - 1, int(row["to"]) - 1] = float(row["probability"])
    source = "Jimenez-Roa et al., Breda"
    return {name: Chain(name, matrix, matrix, matrix, source) for name, matrix in made.items()}


def fitted_chain(ages: Floats, grades: Ints, worst: int = 4, weights: Floats | None = None) -> Chain:
    """Fit a chain that climbs one grade at a time to grades seen at known ages.

    Every conduit began in grade 1. Maximum likelihood over the chance of leaving each grade in a year; the
    bounds follow from the curvature of the likelihood at its top, taken on the logit scale.

    Parameters
    ----------
    ages
        Age at the inspection. (k,) [a]
    grades
        Grade seen, 1 to ``worst``. (k,)
    weights
        What each counts; the bounds are those of as many equal ones as tell as much. (k,)

    Raises
    ------
    NotEnoughData
        Fewer than 30 inspections with an age, or all in one grade.
    """
    known = np.isfinite(ages) & (ages >= 0) & (grades >= 1) & (grades <= worst)
    years, seen = np.round(ages[known]).astype(np.int64), grades[known]
    if len(years) < FEWEST or len(np.unique(seen)) < 2:
        raise NotEnoughData("chain", count=len(years), fewest=FEWEST)
    each = np.ones(len(years)) if weights is None else weights[known]
    each = each * (each.sum() / (each**2).sum())
    counts = np.zeros((int(years.max(initial=0)) + 1, worst))
    np.add.at(counts, (years, seen - 1), each)

    def misfit(logits: Floats) -> float:
        matrix = _matrix(_chance(logits))
        now, total = np.eye(worst)[0], 0.0
        for row in counts:
            total -= float(row @ np.log(np.maximum(now, 1e-12)))
            now = now @ matrix
        return total

    bounds = [(-FARTHEST, FARTHEST)] * (worst - 1)
    top = minimize(misfit, np.full(worst - 1, -3.5), method="L-BFGS-B", bounds=bounds).x
    spread = Z * np.sqrt(np.diag(np.linalg.pinv(_curvature(misfit, top))).clip(0))
    low, high = (_matrix(_chance(top + sign * spread)) for sign in (-1, 1))
    return Chain(
        "fitted", _matrix(_chance(top)), np.minimum(low, high), np.maximum(low, high), "maximum likelihood",
        len(years),
    )  # fmt: skip


def _curvature(misfit: Callable[[Floats], float], top: Floats, step: float = 1e-3) -> Floats:
    """Return the matrix of second derivatives at a point, by differences."""
    size = len(top)
    steps = step * np.eye(size)
    made = np.empty((size, size))
    for row in range(size):
        for column in range(size):
            corners = [
                misfit(top + one * steps[row] + other * steps[column]) * one * other
                for one in (-1, 1)
                for other in (-1, 1)
            ]
            made[row, column] = sum(corners) / (4 * step * step)
    return made


def _matrix(leaving: Floats) -> Floats:
    size = len(leaving) + 1
    made = np.diag(np.append(1.0 - leaving, 1.0))
    made[np.arange(size - 1), np.arange(1, size)] = leaving
    return made


def _chance(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))
