"""What is the cheapest choice under linear rules? A thin typed layer over HiGHS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput, EngineFailed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Progress = Callable[[float, float, float], None]  # seconds, best value so far, proved bound

THREADS = 2  # HiGHS keeps one pool a process: the number never changes within it


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"  # within the asked gap
    FEASIBLE = "feasible"  # a solution, and the time ran out before the gap closed
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNKNOWN = "unknown"  # the time ran out before any solution was found


@dataclass(frozen=True, slots=True)
class Model:
    """Minimise cost·x with row and column bounds; rows are sparse (CSR). n columns, m rows."""

    cost: Floats  # (n,)
    lower: Floats  # (n,)
    upper: Floats  # (n,)
    integer: Bools  # (n,)
    row_lower: Floats  # (m,)
    row_upper: Floats  # (m,)
    starts: Ints  # (m + 1,) where each row begins in columns and values
    columns: Ints  # (k,)
    values: Floats  # (k,)


@dataclass(frozen=True, slots=True)
class Solution:
    """What was found, what was proved, and how long it took."""

    status: Status
    values: Floats  # (n,) NaN when there is no solution
    objective: float  # NaN when there is no solution
    bound: float  # no solution is smaller; -inf when nothing was proved
    gap: float  # [-] (objective - bound) / |objective|, inf without a solution
    seconds: float  # [s]
    row_duals: Floats  # (m,) of a continuous model; empty for one with integers
    column_duals: Floats  # (n,) reduced costs, likewise


class Rows:
    """Collects sparse rows one by one, for those who build a model."""

    def __init__(self) -> None:
        self._columns: list[Ints] = []
        self._values: list[Floats] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, columns: Ints, values: Floats, lower: float, upper: float) -> int:
        """Add one row, return its number."""
        self._columns.append(np.asarray(columns, dtype=np.int64))
        self._values.append(np.asarray(values, dtype=np.float64))
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.lower) - 1

    def model(self, cost: Floats, lower: Floats, upper: Floats, integer: Bools) -> Model:
        """Return the model of these rows and the given columns."""
        sizes = np.array([len(part) for part in self._columns], dtype=np.int64)
        return Model(
            cost,
            lower,
            upper,
            integer,
            np.array(self.lower, dtype=np.float64),
            np.array(self.upper, dtype=np.float64),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.concatenate([np.empty(0, np.int64), *self._columns]),
            np.concatenate([np.empty(0), *self._values]),
        )


def check_model(model: Model) -> None:
    """Refuse a model whose arrays do not fit or hold numbers that are none.

    Raises
    ------
    BadInput
        Shapes differ, a number is NaN, a cost or coefficient is infinite, a column does not exist.
    """
    n, m, k = len(model.cost), len(model.row_lower), len(model.columns)
    shapes = (
        len(model.lower) == n
        and len(model.upper) == n
        and len(model.integer) == n
        and len(model.row_upper) == m
        and len(model.starts) == m + 1
        and len(model.values) == k
        and int(model.starts[-1]) == k
    )
    if not shapes:
        raise BadInput("model-shape", columns=n, rows=m, entries=k)
    if k and (int(model.columns.min()) < 0 or int(model.columns.max()) >= n):
        raise BadInput("model-column", columns=n, found=int(model.columns.max()))
    if not (np.isfinite(model.cost).all() and np.isfinite(model.values).all()):
        raise BadInput("model-number", where="cost or coefficient")
    for name in ("lower", "upper", "row_lower", "row_upper"):
        if np.isnan(getattr(model, name)).any():
            raise BadInput("model-number", where=name)


def _highs_model(model: Model) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_lower)
    lp.col_cost_ = model.cost.astype(np.float64)
    lp.col_lower_, lp.col_upper_ = _bounded(model.lower), _bounded(model.upper)
    lp.row_lower_, lp.row_upper_ = _bounded(model.row_lower), _bounded(model.row_upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.starts.astype(np.int32)
    lp.a_matrix_.index_ = model.columns.astype(np.int32)
    lp.a_matrix_.value_ = model.values.astype(np.float64)
    if model.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in model.integer]
    return lp


def _bounded(values: Floats) -> Floats:
    return np.clip(values.astype(np.float64), -highspy.kHighsInf, highspy.kHighsInf)


def _engine(seconds: float, gap: float, feasibility: float) -> Any:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("log_to_console", False),  # but not output_flag: without it nobody hears of progress
        ("threads", THREADS),
        ("random_seed", 0),
        ("time_limit", float(seconds)),
        ("mip_rel_gap", float(gap)),
        ("mip_abs_gap", 0.0),
        ("mip_feasibility_tolerance", feasibility),
        ("primal_feasibility_tolerance", feasibility),
    ):
        highs.setOptionValue(name, value)
    return highs


def _read(highs: Any, model: Model, whole: bool) -> Solution:
    """Return HiGHS's answer as a Solution."""
    info = highs.getInfo()
    ended = highs.getModelStatus()
    kinds = highspy.HighsModelStatus
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible.value
    status = Status.FEASIBLE if found else Status.UNKNOWN
    if ended == kinds.kOptimal:
        status = Status.OPTIMAL
    elif ended == kinds.kInfeasible:
        status, found = Status.INFEASIBLE, False
    elif ended in {kinds.kUnbounded, kinds.kUnboundedOrInfeasible}:
        status, found = Status.UNBOUNDED, False
    solution = highs.getSolution()
    values = np.asarray(solution.col_value, dtype=np.float64) if found else np.full(len(model.cost), np.nan)
    objective = float(info.objective_function_value) if found else np.nan
    proved = objective if status is Status.OPTIMAL else -np.inf
    bound = float(info.mip_dual_bound) if whole else proved
    if abs(bound) >= highspy.kHighsInf:
        bound = -np.inf
    distance = objective - bound
    gap = max(distance, 0.0) / max(abs(objective), 1e-9) if found else np.inf
    duals = not whole and status is Status.OPTIMAL
    return Solution(
        status,
        values,
        objective,
        bound,
        gap,
        float(highs.getRunTime()),
        np.asarray(solution.row_dual, dtype=np.float64) if duals else np.empty(0),
        np.asarray(solution.col_dual, dtype=np.float64) if duals else np.empty(0),
    )


def solve(
    model: Model,
    *,
    seconds: float = 60.0,
    gap: float = 1e-4,
    start: Floats | None = None,
    feasibility: float = 1e-7,
    progress: Progress | None = None,
) -> Solution:
    """Return the smallest cost·x of a model, with the bound that was proved.

    Parameters
    ----------
    model
        The rows and columns.
    seconds
        Longest time the solver may take. [s]
    gap
        Stop when (objective - bound) / objective is below this. [-]
    start
        A known solution to start from, (n,); NaN where nothing is known.
    feasibility
        How far a row may be overstepped. [unit of the row]
    progress
        Called now and then with seconds, best value and bound.

    Raises
    ------
    BadInput
        The model's arrays do not fit (see `check_model`).
    EngineFailed
        HiGHS refused the model or ended without a statement.
    """
    check_model(model)
    whole = bool(model.integer.any())
    if not len(model.cost):
        return _empty(model)
    highs = _engine(seconds, gap, feasibility)
    if highs.passModel(_highs_model(model)) == highspy.HighsStatus.kError:
        raise EngineFailed("highs", engine="HiGHS", said="passModel")
    if start is not None:
        there = np.flatnonzero(~np.isnan(start))
        highs.setSolution(len(there), there.astype(np.int32), start[there].astype(np.float64))
    if progress is not None and whole:
        tell = progress
        highs.cbMipLogging.subscribe(
            lambda event: tell(
                float(event.data_out.running_time),
                float(event.data_out.mip_primal_bound),
                float(event.data_out.mip_dual_bound),
            )
        )
    _run(highs)
    return _read(highs, model, whole)


def _run(highs: Any) -> None:
    """Run; where presolve fails on a model that has no solution, as it now and then does, run without it."""
    if highs.run() != highspy.HighsStatus.kError:
        return
    highs.clearSolver()
    highs.setOptionValue("presolve", "off")
    if highs.run() == highspy.HighsStatus.kError:
        raise EngineFailed("highs", engine="HiGHS", said=highs.modelStatusToString(highs.getModelStatus()))


def _empty(model: Model) -> Solution:
    """Return the answer of a model without columns: its rows ask 0 to lie within their bounds."""
    holds = bool(np.all(model.row_lower <= 0) and np.all(model.row_upper >= 0))
    status = Status.OPTIMAL if holds else Status.INFEASIBLE
    value = 0.0 if holds else np.nan
    none = np.empty(0)
    return Solution(
        status, none, value, value, 0.0 if holds else np.inf, 0.0, np.zeros(len(model.row_lower)), none
    )


def relaxed(model: Model, *, seconds: float = 60.0) -> Solution:
    """Return the solution of the model without its integrality: a bound, and the price of each row.

    ``row_duals`` say by how much the cost changes for one more unit of a row's bound.
    """
    return solve(replace(model, integer=np.zeros(len(model.cost), dtype=np.bool_)), seconds=seconds)
