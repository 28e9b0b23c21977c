"""Between which bounds of a row does its price hold?"""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from wenqu.errors import EngineFailed
from wenqu.solvers import linear
from wenqu.solvers.linear import Model, Solution, Status

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranged:
    """A linear model's solution and the range of each row's bound in which its dual stays. m rows."""

    model: Model
    solution: Solution
    low: Floats  # (m,) NaN where it is not known
    high: Floats  # (m,)


def ranged(model: Model, *, seconds: float = 60.0) -> Ranged:
    """Return the solution of a linear model and the range of each row's bound.

    Parameters
    ----------
    model
        Rows and columns without whole numbers.
    seconds
        Longest time for the solver. [s]

    Raises
    ------
    BadInput
        The model's arrays do not fit.
    EngineFailed
        HiGHS refused the model.
    """
    linear.check_model(model)
    highs = linear._engine(seconds, 0.0, 1e-7)  # noqa: SLF001 - one floor, one engine
    if highs.passModel(linear._highs_model(model)) == highspy.HighsStatus.kError:  # noqa: SLF001
        raise EngineFailed("highs", engine="HiGHS", said="passModel")
    if highs.run() == highspy.HighsStatus.kError:
        raise EngineFailed("highs", engine="HiGHS", said=highs.modelStatusToString(highs.getModelStatus()))
    solution = linear._read(highs, model, whole=False)  # noqa: SLF001
    nothing = np.full(len(model.row_lower), np.nan)
    if solution.status is not Status.OPTIMAL:
        return Ranged(model, solution, nothing, nothing)
    status, told = highs.getRanging()
    if status != highspy.HighsStatus.kOk:
        return Ranged(model, solution, nothing, nothing)
    low = np.asarray(told.row_bound_dn.value_, dtype=np.float64)
    high = np.asarray(told.row_bound_up.value_, dtype=np.float64)
    return Ranged(model, solution, _plain(low), _plain(high))


def _plain(values: Floats) -> Floats:
    return np.where(np.abs(values) >= highspy.kHighsInf, np.copysign(np.inf, values), values)
