"""What do the rules demand, as rows of a linear model?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, share_aims
from wenqu.planning.rules import Rules, ShareRule
from wenqu.planning.weighing import load_of
from wenqu.solvers.linear import Model, Rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY = 86400.0  # margins are weighed in kg/d, costs in 万元: numbers near 1 for the solver
TEN_THOUSAND = 1e4
WHOLE = 1 - 1e-9  # a share above this means all
OVERSPENT = 100.0  # 万元 of works that one 万元 over a budget is worth avoiding


@dataclass(frozen=True, slots=True)
class Demand:
    """One rule as one row: what it speaks of, and how much it asks in its own unit."""

    rule: str  # budget, crew, pace, share, margin, length, must, guard, once, or that of a condition
    scope: str  # plant, district or package; "" for the city
    window: str
    demanded: float
    unit: str
    row: int  # row of the model
    weight: float  # 万元 that one unit of slack of the row costs where money is relaxed; inf: never
    size: float = 1.0  # the row is divided by so many units


@dataclass(slots=True)
class Draft:
    """A model under construction: x[slot, option], then money and days a slot, y a plant and share."""

    options: Options
    plants: Plants
    rules: Rules
    chosen: Ints  # (c,) rows of the options that are columns
    slot_last: Ints  # (k,) last window of each slot
    rows: Rows = field(default_factory=Rows)
    demands: list[Demand] = field(default_factory=list)
    extra: list[bool] = field(default_factory=list)  # columns after the x: whether each is a yes or no
    forced: set[int] = field(default_factory=set)  # columns that can only be yes
    barred: npt.NDArray[np.bool_] | None = None  # (k·c,) columns of options that can only be no
    free: bool = False  # rows are to be relaxed: nothing beside them may hold a rule up

    @property
    def slots(self) -> int:
        """Return the number of slots."""
        return len(self.slot_last)

    def columns(self, mask: npt.NDArray[np.bool_], slots: Ints) -> Ints:
        """Return the columns of the chosen options under a mask, in some slots."""
        rows = np.flatnonzero(mask)
        return (slots[:, None] * len(self.chosen) + rows[None, :]).ravel()

    def column(self, *, whole: bool) -> int:
        """Return the place of one more column: a yes or no, or an amount."""
        self.extra.append(whole)
        return self.slots * len(self.chosen) + len(self.extra) - 1

    def span(self, slot: int) -> tuple[str, ...]:
        """Return the windows of a slot."""
        first = int(self.slot_last[slot - 1]) + 1 if slot else 0
        return self.rules.windows[first : int(self.slot_last[slot]) + 1]

    def until(self, window: str) -> Ints:
        """Return the slots that end by a window."""
        return np.flatnonzero(self.slot_last <= self.rules.windows.index(window))

    def add(
        self,
        demand: tuple[str, str, str, float, str],
        row: int,
        weight: float = math.inf,
        size: float = 1.0,
    ) -> None:
        """Note which rule a row stands for."""
        self.demands.append(Demand(*demand, row, weight, size))


def slots_of(rules: Rules, grouped: bool) -> Ints:
    """Return the last window of each slot: every window, or only those at which a rule is due."""
    count = len(rules.windows)
    if not grouped:
        return np.arange(count)
    dated = (rules.shares, rules.lengths, rules.margins, rules.flows, rules.must_do)
    due = {rule.by for some in dated for rule in some} | {rules.windows[-1]}
    if rules.must_by:
        due.add(rules.must_by)
    return np.array(sorted(rules.windows.index(by) for by in due), dtype=np.int64)


def problem_lengths(options: Options, *, mendable: bool = False) -> dict[str, float]:
    """Return the bad length of the city ("") and of every district, counted over the packages. [m]

    ``mendable`` leaves out packages that no method fits.
    """
    length = options.problem_length
    if mendable:
        length = np.where(np.isin(np.arange(len(length)), options.package), length, 0.0)
    lengths = {"": float(length.sum())}
    for district in sorted({str(name) for name in options.district if name}):
        lengths[district] = float(length[options.district == district].sum())
    return lengths


def demand_once(draft: Draft) -> None:
    """Add: each package is repaired at most once, by one option."""
    every = np.arange(draft.slots)
    package = draft.options.package[draft.chosen]
    for name in np.unique(package):
        columns = draft.columns(package == name, every)
        draft.add(
            ("once", str(draft.options.package_ids[name]), "", 1.0, "-"),
            draft.rows.add(columns, np.ones(len(columns)), -math.inf, 1.0),
        )


def demand_money(draft: Draft) -> None:
    """Add: budgets, crew-days and pace of every slot, on one column a slot for what it spends.

    The columns keep the matrix thin: an x stands in one row of money instead of one for each rule.
    """
    rules, cost = draft.rules, draft.options.cost[draft.chosen] / TEN_THOUSAND
    days = draft.options.crew_days[draft.chosen]
    years = np.diff(draft.slot_last, prepend=-1)
    spent = _spent(draft, cost) if len(cost) else []
    worked = _spent(draft, days) if len(cost) and any(map(math.isfinite, rules.crew_days)) else []
    for slot, last in enumerate(draft.slot_last if len(cost) else []):
        window, span = rules.windows[last], slice(last + 1 - years[slot], last + 1)
        budget, crew = sum(rules.budgets[span]), sum(rules.crew_days[span])
        if math.isfinite(budget):
            row = draft.rows.add(np.array([spent[slot]]), np.ones(1), -math.inf, budget / TEN_THOUSAND)
            draft.add(("budget", "", window, budget, "yuan"), row, OVERSPENT, TEN_THOUSAND)
        if math.isfinite(crew):
            row = draft.rows.add(np.array([worked[slot]]), np.ones(1), -math.inf, crew)
            draft.add(("crew", "", window, crew, "d"), row, 1.0)
        share = rules.pace * float(years[slot])
        if rules.pace < 1 and share < 1:
            values = np.full(len(spent), -share)
            values[slot] += 1
            room = float(cost.max() * years[slot])
            row = draft.rows.add(np.array(spent), values, -math.inf, room)
            draft.add(("pace", "", window, share, "-"), row, OVERSPENT / 10)


def _spent(draft: Draft, each: Floats) -> list[int]:
    """Return one column a slot that holds what the slot uses up."""
    everything = np.ones(len(draft.chosen), dtype=np.bool_)
    made = []
    for slot in range(draft.slots):
        column = draft.column(whole=False)
        columns = np.append(draft.columns(everything, np.array([slot])), column)
        draft.rows.add(columns, np.append(each, -1.0), 0.0, 0.0)
        made.append(column)
    return made


def demand_lengths(draft: Draft, lengths: Mapping[str, float]) -> None:
    """Add: the length milestones on their frozen denominators."""
    options = draft.options
    package = options.package[draft.chosen]
    mendable = problem_lengths(options, mendable=True)
    for rule in draft.rules.lengths:
        scopes = [name for name in lengths if name] if rule.district == "*" else [rule.district]
        for scope in scopes:
            total = lengths.get(scope, 0.0) if rule.of is None else rule.of
            inside = np.ones(len(package), dtype=np.bool_)
            if scope:
                inside = options.district[package] == scope
            there = mendable.get(scope, 0.0)
            inside &= options.problem_length[package] > 0
            columns = draft.columns(inside, draft.until(rule.by))
            each = np.tile(options.problem_length[package][inside], len(draft.until(rule.by)))
            named = ("length", scope, rule.by, rule.share * total, "m")
            if rule.share * total >= there * WHOLE and not draft.free:
                _all_of(draft, inside, rule.by)
            if total > 0:
                row = draft.rows.add(columns, each / total, rule.share - 1e-9, math.inf)
                draft.add(named, row)


def _all_of(draft: Draft, inside: npt.NDArray[np.bool_], by: str) -> None:
    """Add one row a package: it is repaired by then. Tighter than the sum of lengths."""
    package = draft.options.package[draft.chosen]
    for name in np.unique(package[inside]):
        columns = draft.columns(package == name, draft.until(by))
        draft.rows.add(columns, np.ones(len(columns)), 1.0, math.inf)


def demand_must(draft: Draft, *, elastic: bool) -> None:
    """Add: what must be repaired by its date, each package by itself; ``elastic``: if anything can be."""
    if not draft.rules.must_by:
        return
    package = draft.options.package[draft.chosen]
    until, names = draft.until(draft.rules.must_by), np.flatnonzero(draft.options.must)
    for name in names:
        columns = draft.columns(package == name, until)
        if elastic and not len(columns):
            continue
        row = draft.rows.add(columns, np.ones(len(columns)), 1.0, math.inf)
        draft.add(("must", str(draft.options.package_ids[name]), draft.rules.must_by, 1.0, "-"), row)


def demand_plants(draft: Draft) -> None:
    """Add: margin of every plant, and the share of capacity by each date and ever after."""
    for rule in draft.rules.shares:
        _demand_share(draft, rule)


def share_scope(rule: ShareRule) -> str:
    """Return what a share of capacity is about, "" for BOD5 and each plant's own threshold."""
    if rule.usual:
        return ""
    return f"{rule.pollutant} {1000 * (rule.threshold or 0.0):g} mg/L"


def _demand_share(draft: Draft, rule: ShareRule) -> None:
    options, plants, rules = draft.options, draft.plants, draft.rules
    package = options.package[draft.chosen]
    of_plant = [np.asarray(options.plant[package] == name, dtype=np.bool_) for name in plants.ids]
    aim = share_aims(plants, rules, rule)
    each = np.zeros(len(package))
    for row, mine in enumerate(of_plant):
        each[mine] = aim[row]
    chosen = draft.chosen
    worth = (load_of(options, rule.pollutant)[chosen] - each * options.flow[chosen]) * DAY
    base = (plants.load_of(rule.pollutant) - aim * plants.flow) * DAY
    total = float(plants.capacity[plants.counts].sum())
    falling = any(bool((worth[mine] < 0).any()) for mine in of_plant)
    scope = share_scope(rule)
    ends = [int(last) for last in draft.slot_last if last >= rules.windows.index(rule.by)]
    for last in ends if falling else ends[:1]:
        columns: list[int] = []
        weights: list[float] = []
        until = np.flatnonzero(draft.slot_last <= last)
        for row in (int(place) for place in np.flatnonzero(plants.counts)):
            column = draft.column(whole=True)
            named = (f"{plants.ids[row]} {scope}".strip(), rules.windows[last])
            if _meets(draft, (column, float(base[row]), named), (of_plant[row], worth), until):
                columns.append(column)
                weights.append(plants.capacity[row] / total if total > 0 else 0.0)
        added = draft.rows.add(np.array(columns, np.int64), np.array(weights), rule.share - 1e-9, math.inf)
        draft.add(("share", scope, rules.windows[last], rule.share, "-"), added)
        spare = sum(weights) - rule.share + 1e-9  # a plant larger than this cannot be done without
        if spare >= 0 and not draft.free:
            draft.forced |= {c for c, weight in zip(columns, weights, strict=True) if weight > spare}


def demand_guard(draft: Draft) -> None:
    """Add: the load of sewage that reaches a plant never falls below today's."""
    if not draft.rules.load_guard:
        return
    sewage = draft.options.sewage_load[draft.chosen] * DAY
    below = draft.options.plant[draft.options.package[draft.chosen]]
    for name in draft.plants.ids:
        mine = np.asarray(below == name, dtype=np.bool_)
        if not (sewage[mine] < 0).any():
            continue
        for slot, last in enumerate(draft.slot_last):
            until = np.arange(slot + 1)
            row = draft.rows.add(draft.columns(mine, until), np.tile(sewage[mine], len(until)), 0.0, math.inf)
            draft.add(("guard", str(name), draft.rules.windows[last], 0.0, "kg/s"), row)


def _meets(
    draft: Draft,
    plant: tuple[int, float, tuple[str, str]],
    options: tuple[npt.NDArray[np.bool_], Floats],
    until: Ints,
) -> bool:
    """Add: y = 1 only if the margin of the plant is not negative; return whether it ever can be.

    The big-M is the worst margin there is.
    """
    column, base, named = plant
    mine, worth = options
    package = draft.options.package[draft.chosen]
    worst, best = 0.0, 0.0
    if mine.any():
        _, group = np.unique(package[mine], return_inverse=True)
        low, high = np.zeros(int(group.max()) + 1), np.zeros(int(group.max()) + 1)
        np.minimum.at(low, group, worth[mine])
        np.maximum.at(high, group, worth[mine])
        worst, best = float(low.sum()), float(high.sum())
    if math.isnan(base) or base + best < -1e-9 * max(abs(base), 1.0):
        draft.rows.add(np.array([column]), np.ones(1), 0.0, 0.0)  # out of reach, or nobody knows
        return False
    depth = -(base + worst)
    if depth <= 0:
        return True  # it meets whatever is chosen
    columns = np.append(draft.columns(mine, until), column)
    values = np.append(np.tile(worth[mine], len(until)), -depth)
    # base + Σ a·x ≥ -depth·(1 - y), every number over depth
    added = draft.rows.add(columns, values / depth, -(base + depth) / depth, math.inf)
    draft.add(("margin", *named, depth, "kg/d"), added, size=depth)
    return True


def model_of(draft: Draft) -> Model:
    """Return the model: cost in 万元, later slots weighed by the discount."""
    weight = (1 + draft.rules.discount) ** -draft.slot_last.astype(np.float64)
    cost = np.outer(weight, draft.options.cost[draft.chosen] / TEN_THOUSAND).ravel()
    whole = np.array(draft.extra, dtype=np.bool_)
    lower = np.zeros(len(cost) + len(whole))
    lower[sorted(draft.forced)] = 1.0
    open_ = np.ones(len(cost)) if draft.barred is None else np.where(draft.barred, 0.0, 1.0)
    return draft.rows.model(
        np.concatenate([cost, np.zeros(len(whole))]),
        lower,
        np.concatenate([open_, np.where(whole, 1.0, np.inf)]),
        np.concatenate([np.ones(len(cost), dtype=np.bool_), whole]),
    )
