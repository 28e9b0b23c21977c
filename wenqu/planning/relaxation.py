"""Which rules give way when no programme keeps them all?"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.demands import Demand, problem_lengths
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, share_aims
from wenqu.planning.rules import Rules, ShareRule
from wenqu.planning.weighing import load_of
from wenqu.solvers.linear import Model, Solution, Status

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def reachable(options: Options, plants: Plants, rules: Rules, lengths: Mapping[str, float]) -> Rules:
    """Return the rules with every share lowered to what could be reached if money were no object."""
    there = problem_lengths(options, mendable=True)

    def longest(scope: str, frozen: float | None) -> float:
        scopes = [name for name in lengths if name] if scope == "*" else [scope]
        whole = {name: lengths.get(name, 0.0) if frozen is None else frozen for name in scopes}
        parts = [there.get(name, 0.0) / whole[name] for name in scopes if whole[name] > 0]
        return min(parts, default=1.0)

    return replace(
        rules,
        shares=tuple(
            replace(rule, share=min(rule.share, _most(options, plants, rules, rule))) for rule in rules.shares
        ),
        lengths=tuple(
            replace(rule, share=min(rule.share, longest(rule.district, rule.of))) for rule in rules.lengths
        ),
    )


def _most(options: Options, plants: Plants, rules: Rules, rule: ShareRule) -> float:
    """Return the share of capacity that could meet a concentration if money were no object. [-]

    Of every package the option that helps its plant most is taken, if one does.
    """
    capacity = np.where(plants.counts, plants.capacity, 0.0)
    total = float(capacity.sum())
    aim, below = share_aims(plants, rules, rule), options.plant[options.package]
    loads = load_of(options, rule.pollutant)
    able = np.zeros(len(plants.ids), dtype=np.bool_)
    for row, name in enumerate(plants.ids):
        mine = np.flatnonzero(np.asarray(below == name, dtype=np.bool_))
        best = np.zeros(len(options.package_ids))
        np.maximum.at(best, options.package[mine], loads[mine] - aim[row] * options.flow[mine])
        load = float(plants.load_of(rule.pollutant)[row])
        able[row] = load - aim[row] * plants.flow[row] + best.sum() >= -1e-9 * abs(load)
    return float(capacity[able].sum()) / total if total > 0 else 0.0


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


def within_reach(
    model: Model, wanted: list[Demand], money: list[Demand], solved: Callable[[Model], Solution]
) -> Model:
    """Return the model with its targets lowered by as little as will do if money were no object.

    What is missed is weighed by the size of each row: half of one target is as bad as half of another.
    """
    even = [replace(entry, weight=1.0) for entry in wanted]
    rich = granted(model, money, np.full(len(money), np.inf))
    soft = with_slack(replace(rich, cost=np.zeros(len(rich.cost))), even)
    found = solved(soft)
    if found.status is Status.INFEASIBLE:
        return model
    slack = np.maximum(found.values[len(model.cost) :], 0.0)
    return granted(model, wanted, np.where(slack > 1e-7, slack * (1 + 1e-6) + 1e-9, 0.0))


def granted(model: Model, soft: list[Demand], slack: Floats) -> Model:
    """Return the model with its soft rows widened by the slack that was found necessary."""
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    rows = np.array([entry.row for entry in soft], dtype=np.int64)
    lower[rows] -= slack
    upper[rows] += slack
    return replace(model, row_lower=lower, row_upper=upper)
