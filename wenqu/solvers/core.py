"""How is a large choice with few coupling rows found soon? From a core of its columns."""

from dataclasses import replace

import numpy as np

from wenqu.solvers.linear import Floats, Model, Progress, Solution, Status, relaxed, solve

WHOLE_TIE = 1e-6  # a column above this takes part in a continuous solution


def solve_by_core(
    model: Model,
    *,
    seconds: float = 60.0,
    gap: float = 1e-4,
    start: Floats | None = None,
    progress: Progress | None = None,
    core: int = 1000,
) -> Solution:
    """Return what `solve` returns, for large models with few coupling rows, usually much sooner.

    The continuous model gives a bound and says what each column would cost if it were forced in. Only
    whole-number columns that are in its solution or cheap to force in (the core) are then chosen from.
    When that answer lies within the gap of the bound, it is the answer; otherwise the whole model is
    solved, starting from it. The bound is valid either way.

    Parameters
    ----------
    core
        Whole-number columns beyond those of the continuous solution that are chosen from.
    """
    if int(model.integer.sum()) <= 2 * core:
        return solve(model, seconds=seconds, gap=gap, start=start, progress=progress)
    free = relaxed(model, seconds=seconds)
    if free.status is not Status.OPTIMAL:
        return solve(model, seconds=seconds, gap=gap, start=start, progress=progress)
    inside = ~model.integer | (free.values > WHOLE_TIE) | (model.lower > 0)
    if start is not None:
        inside |= np.nan_to_num(start) > 0.5
    cheapest = np.argsort(np.where(inside, np.inf, np.abs(free.column_duals)), kind="stable")
    inside[cheapest[:core]] = True
    narrow = replace(model, upper=np.where(inside, model.upper, model.lower))
    first = solve(narrow, seconds=seconds / 3, gap=gap / 4, start=start, progress=progress)
    spent = free.seconds + first.seconds
    if first.status in {Status.OPTIMAL, Status.FEASIBLE}:
        distance = max(first.objective - free.objective, 0.0) / max(abs(first.objective), 1e-9)
        if distance <= gap:
            return replace(first, status=Status.OPTIMAL, bound=free.objective, gap=distance, seconds=spent)
        start = first.values
    left = max(seconds - spent, seconds / 3)
    whole = solve(model, seconds=left, gap=gap, start=start, progress=progress)
    bound = max(whole.bound, free.objective)
    better = max(whole.objective - bound, 0.0) / max(abs(whole.objective), 1e-9)
    return replace(whole, bound=bound, gap=better, seconds=spent + whole.seconds)
