"""A case as it is stated: options that each name their window, plants, rules. Which portfolio is it?

The contract stands in docs/guide (plan_case). SI does not enter: a case is in its own units (yuan, m, days,
m³/d, kg/d, mg/L) throughout, since every row compares like with like.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from wenqu.planning.portfolio import SLACK, Floats, Ints, Portfolio, Row

Texts = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StatedOptions:
    """Options, those of a package together. n options, p packages."""

    start: Ints  # (p + 1,)
    window: Ints  # (n,) place in the windows
    cost: Floats  # (n,) [yuan]
    crew_days: Floats  # (n,) [d]
    removed: Floats  # (n,) [m³/d] clean water kept away from the plant
    gained: Floats  # (n,) [kg/d] load brought to the plant
    length: Floats  # (p,) [m]
    district: Texts  # (p,) "" for none
    plant: Texts  # (p,) "" for none
    idle: Mapping[str, float] = field(
        default_factory=dict
    )  # [m] by district: packages without a usable option


@dataclass(frozen=True, slots=True)
class StatedPlants:
    """What each plant receives today. k plants."""

    ids: Texts  # (k,)
    capacity: Floats  # (k,) [m³/d]
    flow: Floats  # (k,) [m³/d]
    load: Floats  # (k,) [kg/d] NaN where nobody knows
    threshold: Floats  # (k,) [mg/L]


@dataclass(frozen=True, slots=True)
class Milestone:
    """By the end of a window, at least this share of the length (of a district, or of all) is mended."""

    by: str
    share: float  # [-]
    district: str = ""


@dataclass(frozen=True, slots=True)
class StatedRules:
    """What a case demands."""

    windows: tuple[str, ...]
    budget: dict[str, float]  # [yuan] by window
    district_budget: dict[str, dict[str, float]]  # [yuan] by district and window
    crew_days: dict[str, float]  # [d] by window
    milestones: tuple[Milestone, ...]
    share_by: str = ""  # window; "" when no share of capacity is asked
    share: float = 0.0  # [-]
    load_guard: bool = False


class _Draft:
    """Channels and rows under construction. Cells are numbered through all channels."""

    def __init__(self, options: StatedOptions, plants: StatedPlants, rules: StatedRules) -> None:
        self.options, self.plants, self.rules = options, plants, rules
        self.windows = len(rules.windows)
        self.per = np.diff(options.start)
        self.districts = list(lengths(options))
        self.plant = plant_rows(options, plants)
        self.of = np.repeat(self.plant, self.per)
        self.quantity: list[Floats] = []
        self.cell: list[Ints] = []
        self.cells = 0
        self.rows: list[Row] = []
        self.parts: list[tuple[Ints, float]] = []  # cells of each row, and their sign

    def channel(self, quantity: Floats, scope: Ints, scopes: int) -> int:
        """Add a quantity that counts in the cell of a scope and the option's window; return the first."""
        first = self.cells
        self.quantity.append(quantity)
        self.cell.append(first + scope * self.windows + self.options.window)
        self.cells += scopes * self.windows
        return first

    def by_district(self, quantity: Floats) -> int:
        """Add a quantity that counts in its district's window; return the first cell."""
        names = np.array(self.districts)
        scope = np.searchsorted(names, self.options.district.astype(str)).astype(np.int64)
        return self.channel(quantity, np.repeat(scope, self.per), len(names))

    def by_plant(self, quantity: Floats) -> int:
        """Add a quantity that counts in its plant's window; return the first cell."""
        inside = self.of >= 0
        scope = np.where(inside, self.of, 0)
        return self.channel(np.where(inside, quantity, 0.0), scope, max(len(self.plants.ids), 1))

    def of_districts(self, first: int, scope: str, windows: Ints) -> Ints:
        """Return the cells of a district, or of all for "", in some windows."""
        if scope and scope not in self.districts:
            return np.empty(0, np.int64)
        rows = np.arange(len(self.districts)) if not scope else np.array([self.districts.index(scope)])
        return (first + rows[:, None] * self.windows + windows).ravel()

    def at(self, window: str) -> int:
        """Return the place of a window."""
        return self.rules.windows.index(window)

    def add(self, row: Row, cells: Ints, sign: float) -> None:
        """Add a row over some cells."""
        self.rows.append(row)
        self.parts.append((cells, sign))

    def limit(self, rule: str, place: tuple[str, str], limit: float, cells: Ints) -> None:
        """Add a row: no more than a limit."""
        self.add(Row(rule, *place, -limit, _size(limit)), cells, -1.0)

    def matrix(self) -> sparse.csr_array:
        """Return the rows over the cells."""
        at = np.repeat(np.arange(len(self.rows)), [len(cells) for cells, _ in self.parts])
        cells = np.concatenate([np.empty(0, np.int64), *(cells for cells, _ in self.parts)])
        signs = np.concatenate([np.empty(0), *(np.full(len(cells), sign) for cells, sign in self.parts)])
        return sparse.csr_array((signs, (at, cells)), (len(self.rows), self.cells))


def lengths(options: StatedOptions) -> dict[str, float]:
    """Return the length of all packages ("") and of those of each district, the idle ones included. [m]"""
    found = {"": math.fsum([*options.length, *options.idle.values()])}
    for name in sorted({str(name) for name in [*options.district, *options.idle] if name}):
        found[name] = math.fsum([*options.length[options.district == name], options.idle.get(name, 0.0)])
    return found


def plant_rows(options: StatedOptions, plants: StatedPlants) -> Ints:
    """Return the row of the plant below each package, -1 for none. (p,)"""
    known = {str(name): row for row, name in enumerate(plants.ids)}
    return np.array([known.get(str(name), -1) for name in options.plant], dtype=np.int64)


def portfolio_of(options: StatedOptions, plants: StatedPlants, rules: StatedRules) -> Portfolio:
    """Return the portfolio of a case.

    A plant complies when it does at the end of the named window; the load guard holds for each plant at the
    end of each window.
    """
    draft = _Draft(options, plants, rules)
    _demand_money(draft)
    _demand_lengths(draft)
    able = _demand_plants(draft)
    _demand_guard(draft)
    count, channels = len(options.cost), len(draft.quantity)
    plant = draft.plant
    return Portfolio(
        options.cost,
        options.start,
        np.array(draft.quantity).reshape(channels, count),
        np.array(draft.cell, dtype=np.int32).reshape(channels, count),
        draft.matrix(),
        tuple(draft.rows),
        np.where((plant >= 0) & np.append(able, False)[plant], plant, -1).astype(np.int32),
        plants.capacity,
        np.array([rules.share * float(plants.capacity.sum()) if rules.share_by else 0.0]),
        able,
        np.arange(len(able)),
        np.zeros(len(able), dtype=np.int64),
    )


def _demand_money(draft: _Draft) -> None:
    """Add budgets and crew-days."""
    rules = draft.rules
    if rules.budget or rules.district_budget:
        first = draft.by_district(draft.options.cost)
        for scope, limits in {"": rules.budget, **rules.district_budget}.items():
            for window, limit in limits.items():
                cells = draft.of_districts(first, scope, np.array([draft.at(window)]))
                draft.limit("budget", (scope, window), limit, cells)
    if rules.crew_days:
        first = draft.channel(draft.options.crew_days, np.zeros(len(draft.of), np.int64), 1)
        for window, limit in rules.crew_days.items():
            draft.limit("crew", ("", window), limit, np.array([first + draft.at(window)]))


def _demand_lengths(draft: _Draft) -> None:
    """Add the milestones of length."""
    if not draft.rules.milestones:
        return
    first = draft.by_district(np.repeat(draft.options.length, draft.per))
    whole = lengths(draft.options)
    for rule in draft.rules.milestones:
        cells = draft.of_districts(first, rule.district, np.arange(draft.at(rule.by) + 1))
        total = whole.get(rule.district, 0.0)
        draft.add(Row("length", rule.district, rule.by, rule.share * total, _size(total)), cells, 1.0)


def out_of_reach(options: StatedOptions, plants: StatedPlants, rules: StatedRules) -> dict[int, float]:
    """Return the plants that no choice of options brings to their threshold, and what they lack. [g/d]

    Plants whose load is not known are not among them: of these nobody can tell.
    """
    if not rules.share_by or not len(options.start):
        return {}
    plant, due = plant_rows(options, plants), rules.windows.index(rules.share_by)
    of = np.repeat(plant, np.diff(options.start))
    allowed = np.where(options.window <= due, np.maximum(_margin(options, plants, of), 0.0), 0.0)
    best = np.maximum.reduceat(allowed, options.start[:-1]) if len(allowed) else np.empty(0)
    most = np.bincount(plant + 1, best, len(plants.ids) + 1)[1:] if len(best) else np.zeros(len(plants.ids))
    lacks = plants.threshold * plants.flow - 1000.0 * plants.load - most
    size = np.maximum(1000.0 * np.nan_to_num(plants.load), 1.0)
    return {int(row): float(lacks[row]) for row in np.flatnonzero(lacks > 1e-9 * size)}


def share_later(
    options: StatedOptions, plants: StatedPlants, rules: StatedRules, chosen: Ints
) -> dict[str, float]:
    """Return the share of capacity that complies at the end of each window from the named one on. [-]

    Parameters
    ----------
    chosen
        Options of a programme.
    """
    whole = float(plants.capacity.sum())
    if not rules.share_by or whole <= 0:
        return {}
    of = np.repeat(plant_rows(options, plants), np.diff(options.start))
    margin, of = _margin(options, plants, of)[chosen], of[chosen]
    base = 1000.0 * plants.load - plants.threshold * plants.flow
    found = {}
    for k in range(rules.windows.index(rules.share_by), len(rules.windows)):
        done = (options.window[chosen] <= k) & (of >= 0)
        reached = base + np.bincount(of[done], margin[done], len(base))
        met = reached >= -SLACK * np.maximum(1000.0 * plants.load, 1.0)  # not where the load is not known
        found[rules.windows[k]] = float(plants.capacity[met].sum()) / whole
    return found


def _demand_plants(draft: _Draft) -> Bools:
    """Add the margin of every plant at the end of the due window; return which plants can comply. (k,)"""
    options, plants, rules = draft.options, draft.plants, draft.rules
    able = np.zeros(len(plants.ids), dtype=np.bool_)
    if not rules.share_by:
        return able
    margin = _margin(options, plants, draft.of)
    first = draft.by_plant(margin)
    due = draft.at(rules.share_by)
    base = 1000.0 * plants.load - plants.threshold * plants.flow
    short = out_of_reach(options, plants, rules)
    for row, name in enumerate(plants.ids):
        able[row] = bool(np.isfinite(base[row])) and row not in short
        if able[row]:
            cells = first + row * draft.windows + np.arange(due + 1)
            size = _size(1000.0 * float(plants.load[row]))
            draft.add(Row("margin", str(name), rules.share_by, -float(base[row]), size, row), cells, 1.0)
    return able


def _demand_guard(draft: _Draft) -> None:
    """Add that no plant's load may fall, where an option could make it."""
    gained = draft.options.gained
    if not draft.rules.load_guard or not (gained < 0).any():
        return
    first = draft.by_plant(gained)
    falling = {int(row) for row in np.unique(draft.of[gained < 0])} - {-1}
    for row in sorted(falling):
        size = _size(float(np.nan_to_num(draft.plants.load[row])))
        for k, window in enumerate(draft.rules.windows):
            cells = first + row * draft.windows + np.arange(k + 1)
            draft.add(Row("guard", str(draft.plants.ids[row]), window, 0.0, size), cells, 1.0)


def _margin(options: StatedOptions, plants: StatedPlants, of: Ints) -> Floats:
    """Return what each option adds to 1000·load - threshold·flow of its plant, 0 without one. [g/d] (n,)"""
    threshold = np.append(plants.threshold, 0.0)[of]
    return np.where(of >= 0, 1000.0 * options.gained + threshold * options.removed, 0.0)


def _size(amount: float) -> float:
    return max(abs(amount), 1.0)
