"""Which rules give way when no programme keeps them all?"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.demands import Demand, problem_lengths
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, aims, best_concentrations
from wenqu.planning.rules import Rules
from wenqu.solvers.linear import Model

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def reachable(options: Options, plants: Plants, rules: Rules, lengths: Mapping[str, float]) -> Rules:
    """Return the rules with every target lowered to what could be reached if money were no object."""
    best = best_concentrations(options, plants, rules)
    capacity = np.where(plants.counts, plants.capacity, 0.0)
    able = best >= aims(plants, rules) * (1 - 1e-9)
    total = float(capacity.sum())
    most = float(capacity[able].sum()) / total if total > 0 else 0.0
    there = problem_lengths(options, mendable=True)

    def longest(scope: str) -> float:
        scopes = [name for name in lengths if name] if scope == "*" else [scope]
        parts = [there.get(name, 0.0) / lengths[name] for name in scopes if lengths.get(name, 0.0) > 0]
        return min(parts, default=1.0)

    return replace(
        rules,
        shares=tuple(replace(rule, share=min(rule.share, most)) for rule in rules.shares),
        lengths=tuple(replace(rule, share=min(rule.share, longest(rule.district))) for rule in rules.lengths),
    )


def with_slack(model: Model, soft: list[Demand]) -> Model:
    """Return the model with a slack column for every soft rule, far dearer than works."""
    size, count = len(model.cost), len(soft)
    extra = {entry.row: place for place, entry in enumerate(soft)}
    columns: list[Ints] = []
    values: list[Floats] = []
    for row in range(len(model.row_lower)):
        part = slice(model.starts[row], model.starts[row + 1])
        sign = [1.0 if math.isfinite(model.row_lower[row]) else -1.0] if row in extra else []
        columns.append(np.append(model.columns[part], [size + extra[row]] if row in extra else []))
        values.append(np.append(model.values[part], sign))
    starts = np.concatenate([[0], np.cumsum([len(part) for part in columns])])
    return Model(
        np.concatenate([model.cost, np.array([entry.weight for entry in soft])]),
        np.concatenate([model.lower, np.zeros(count)]),
        np.concatenate([model.upper, np.full(count, np.inf)]),
        np.concatenate([model.integer, np.zeros(count, dtype=np.bool_)]),
        model.row_lower,
        model.row_upper,
        starts.astype(np.int64),
        np.concatenate([np.empty(0, np.int64), *columns]).astype(np.int64),
        np.concatenate([np.empty(0), *values]),
    )


def granted(model: Model, soft: list[Demand], slack: Floats) -> Model:
    """Return the model with its soft rows widened by the slack that was found necessary."""
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    rows = np.array([entry.row for entry in soft], dtype=np.int64)
    lower[rows] -= slack
    upper[rows] += slack
    return replace(model, row_lower=lower, row_upper=upper)
