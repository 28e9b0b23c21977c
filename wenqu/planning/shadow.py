"""What is each rule worth at the margin, and what does each option bring for its price?

The linear programme over option and window, with the plants that the programme lets meet held to meeting.
Its duals price money, crews, dates and kilograms; with them an option has a worth, and its net price is what
it costs above that worth in its best window. A package of the programme has a negative net price, one left
out a positive: by so much it would have to be cheaper.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options, unbeaten
from wenqu.planning.plants import Plants, aims, margins, option_aims
from wenqu.planning.rules import Rules
from wenqu.planning.shadow_conditions import ASKED, LIMITS, wanted_rows
from wenqu.planning.verify import Choice, outlook
from wenqu.planning.weighing import further_respects, open_in
from wenqu.solvers.linear import Model, Rows, Status
from wenqu.solvers.ranging import Ranged, ranged

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY = 86400.0
TEN_THOUSAND = 1e4
KNOWN = frozenset({"budget", "crew", "pace", "length", "must", "share", "guard", "once", *LIMITS, *ASKED})
WORTHS = ("margin", "length", "must", "guard", "order", "least")  # what an option may bring
PRICED = frozenset({"budget", "crew", "length", "margin", *LIMITS})  # rules whose price is told


@dataclass(frozen=True, slots=True)
class RulePrice:
    """One rule at the margin: what one more unit of its bound saves, and between which bounds that holds."""

    rule: str  # of PRICED
    scope: str
    window: str
    bound: float  # what the rule asks or allows: yuan, d, share, kg/s
    worth: float  # [yuan per unit] saved by one unit more room; 0 where the rule does not bind
    low: float  # bound from which
    high: float  # bound to which that price holds


@dataclass(frozen=True, slots=True)
class Shadow:
    """The prices of the rules, and what they say of every option. o options."""

    prices: tuple[RulePrice, ...]
    cost: float  # [yuan] of the linear programme
    worth: Floats  # (o,) [yuan] of what it brings in its best window: kilograms, metres, dates
    parts: Mapping[str, Floats]  # the same by rule: WORTHS
    net: Floats  # (o,) [yuan] price with the rent of money and crews, less the worth; inf where it is closed
    window: Ints  # (o,) the best window


@dataclass(slots=True)
class _Draft:
    rows: Rows = field(default_factory=Rows)
    named: list[tuple[int, str, str, str, float, float]] = field(default_factory=list)  # row … bound, scale

    def add(self, entries: tuple[Ints, Floats], low: float, high: float, name: tuple[str, str, str]) -> None:
        """Add a row in the units of its rule; the model sees it over its largest number."""
        columns, values = entries
        if not len(columns):
            return
        scale = float(np.abs(values).max()) or 1.0
        row = self.rows.add(columns, values / scale, low / scale, high / scale)
        bound = low if math.isfinite(low) else high
        self.named.append((row, *name, bound, scale))


def shadow(
    options: Options,
    plants: Plants,
    rules: Rules,
    choice: Choice,
    lengths: Mapping[str, float],
    *,
    seconds: float = 60.0,
    held: bool = False,
) -> Shadow | None:
    """Return the prices of the rules and the net price of every option; None where no price can be had.

    Parameters
    ----------
    options, plants
        As the programme was chosen from (their margins lowered, where a probability was asked for).
    rules
        The rules; prices speak of ``KNOWN`` ones alone.
    choice
        The programme: the plants that meet in it are held to meeting.
    lengths
        Frozen denominators. [m]
    seconds
        Longest time for the solver. [s]
    held
        Rules that the programme misses are held to what it reaches, so that it has prices all the same.
    """
    if not len(options):
        return None
    keep = np.union1d(
        unbeaten(options, option_aims(options, plants, rules), further_respects(options, plants, rules)),
        choice.options,
    )
    case = _Case(options, plants, rules, keep.astype(np.int64), choice if held else None)
    model = case.model(choice, lengths)
    found = ranged(model, seconds=seconds)
    if found.solution.status is not Status.OPTIMAL:
        return None
    return case.read(found)


class _Case:
    def __init__(
        self, options: Options, plants: Plants, rules: Rules, keep: Ints, held: Choice | None
    ) -> None:
        """Take what the rows are made of; columns are x[window, option], then what is spent."""
        self.options, self.plants, self.rules, self.keep = options, plants, rules, keep
        self.held = held  # the programme, where rules are held to what it reaches
        self.windows = len(rules.windows)
        self.package = options.package[keep]
        self.open = np.array([open_in(options, rules, (window,))[keep] for window in rules.windows])  # (k, o)
        if held is not None:
            self.open[held.windows, np.searchsorted(keep, held.options)] = True
        self.draft = _Draft()

    def reached(self, each: Floats, until: int, *, since: int = 0) -> float:
        """Return what the programme has of something by a window, nothing where rules are not held to it."""
        if self.held is None:
            return 0.0
        done = (self.held.windows <= until) & (self.held.windows >= since)
        return float(each[self.held.options[done]].sum())

    def columns(self, mask: Bools, windows: Ints) -> Ints:
        """Return the columns of some kept options in some windows."""
        found: Ints = (windows[:, None] * len(self.keep) + np.flatnonzero(mask)[None, :]).ravel()
        return found

    def until(self, window: str) -> Ints:
        """Return the windows up to one."""
        return np.arange(self.rules.windows.index(window) + 1)

    def model(self, choice: Choice, lengths: Mapping[str, float]) -> Model:
        """Return the linear programme."""
        self._once()
        self._money(float(self.options.cost[choice.options].sum()))
        self._lengths(lengths)
        self._must()
        self._plants(choice)
        self._conditions(choice, lengths)
        cost = self.options.cost[self.keep] / TEN_THOUSAND
        weight = (1 + self.rules.discount) ** -np.arange(self.windows, dtype=np.float64)
        size = self.windows * len(self.keep)
        return self.draft.rows.model(
            np.concatenate([np.outer(weight, cost).ravel(), np.zeros(self.windows)]),
            np.zeros(size + self.windows),
            np.concatenate([np.where(self.open, np.inf, 0.0).ravel(), np.full(self.windows, np.inf)]),
            np.zeros(size + self.windows, dtype=np.bool_),
        )

    def _once(self) -> None:
        every = np.arange(self.windows)
        order = np.argsort(self.package, kind="stable")
        heads = np.flatnonzero(np.diff(self.package[order], prepend=-1))
        for members in np.split(order, heads[1:]):
            columns = (every[:, None] * len(self.keep) + members[None, :]).ravel()
            name = ("once", str(self.options.package_ids[self.package[members[0]]]), "")
            self.draft.add((columns, np.ones(len(columns))), -math.inf, 1.0, name)

    def _money(self, total: float) -> None:
        """Add money, crews and pace, this of what the programme costs: nothing is bought to loosen it."""
        rules, keep = self.rules, self.keep
        everything = np.ones(len(keep), dtype=np.bool_)
        spent = self.windows * len(keep) + np.arange(self.windows)
        cost, days = self.options.cost[keep], self.options.crew_days[keep]
        most = rules.pace * total + float(self.options.cost.max())
        for k, window in enumerate(rules.windows):
            mine = self.columns(everything, np.array([k]))
            columns = np.append(mine, spent[k])
            self.draft.add((columns, np.append(cost, -TEN_THOUSAND)), 0.0, 0.0, ("spent", "", window))
            if math.isfinite(rules.budgets[k]):
                money = (spent[k : k + 1], np.array([TEN_THOUSAND]))
                limit = max(rules.budgets[k], self.reached(self.options.cost, k, since=k))
                self.draft.add(money, -math.inf, limit, ("budget", "", window))
            if math.isfinite(rules.crew_days[k]) and days.max(initial=0.0) > 0:
                limit = max(rules.crew_days[k], self.reached(self.options.crew_days, k, since=k))
                self.draft.add((mine, days), -math.inf, limit, ("crew", "", window))
            if rules.pace < 1:
                money = (spent[k : k + 1], np.array([TEN_THOUSAND]))
                limit = max(most, self.reached(self.options.cost, k, since=k))
                self.draft.add(money, -math.inf, limit, ("pace", "", window))

    def _lengths(self, lengths: Mapping[str, float]) -> None:
        length, district = self.options.problem_length[self.package], self.options.district[self.package]
        for rule in self.rules.lengths:
            scopes = [name for name in lengths if name] if rule.district == "*" else [rule.district]
            for scope in scopes:
                total = lengths.get(scope, 0.0) if rule.of is None else rule.of
                inside = length > 0
                if scope:
                    inside &= np.asarray(district == scope, dtype=np.bool_)
                if total > 0:
                    until = self.until(rule.by)
                    _, first = np.unique(self.package[inside], return_index=True)
                    most = float(length[inside][first].sum()) / total  # what a relaxed rule can still reach
                    if self.held is not None:
                        each = np.zeros(len(self.options))
                        each[self.keep[inside]] = length[inside] / total
                        most = self.reached(each, int(until[-1]))
                    entries = (self.columns(inside, until), np.tile(length[inside] / total, len(until)))
                    self.draft.add(
                        entries, min(rule.share, most) * (1 - 1e-9), math.inf, ("length", scope, rule.by)
                    )

    def _must(self) -> None:
        if not self.rules.must_by:
            return
        until = self.until(self.rules.must_by)
        done = np.ones(len(self.options.package_ids), dtype=np.bool_)
        if self.held is not None:
            done[:] = False
            done[self.options.package[self.held.options[self.held.windows <= until[-1]]]] = True
        for name in np.flatnonzero(self.options.must & done):
            columns = self.columns(self.package == name, until)
            scope = str(self.options.package_ids[name])
            self.draft.add(
                (columns, np.ones(len(columns))), 1.0, math.inf, ("must", scope, self.rules.must_by)
            )

    def _conditions(self, choice: Choice, lengths: Mapping[str, float]) -> None:
        """Add limits of districts, methods and funds, the order of packages, must-do and least work."""
        for one in wanted_rows(self.options, self.rules, lengths):
            done = float(one.weight[choice.windows, choice.options].sum())
            # a rule that the programme misses is held to what it reaches
            low, high = min(one.low, done), max(one.high, done)
            weight = one.weight[:, self.keep].ravel()
            columns = np.flatnonzero(weight)
            self.draft.add((columns, weight[columns]), low, high, (one.rule, one.scope, one.window))

    def _plants(self, choice: Choice) -> None:
        """Add a margin row a plant and date where the programme lets it meet; and the guard of its load."""
        usual = [self.rules.windows.index(rule.by) for rule in self.rules.shares if rule.usual]
        due = min(usual, default=None)
        meets = outlook(self.options, self.plants, self.rules, choice).meets
        worth = margins(self.options, self.plants, self.rules)[self.keep]
        sewage = self.options.sewage_load[self.keep]
        below = self.options.plant[self.package]
        base = self.plants.load - aims(self.plants, self.rules) * self.plants.flow
        for row, name in enumerate(self.plants.ids):
            mine = np.asarray(below == name, dtype=np.bool_)
            below_plant = self.options.plant[self.options.package] == name
            for k in range(self.windows):
                until, window = np.arange(k + 1), self.rules.windows[k]
                needed = due is not None and k >= due and meets[row, k] and self.plants.counts[row]
                if needed and (k == due or (worth[mine] < 0).any()):
                    entries = (self.columns(mine, until), np.tile(worth[mine], k + 1))
                    lack = -float(base[row]) * (1 - 1e-9)
                    self.draft.add(entries, lack, math.inf, ("margin", str(name), window))
                if self.rules.load_guard and (sewage[mine] < 0).any():
                    entries = (self.columns(mine, until), np.tile(sewage[mine], k + 1))
                    there = self.reached(np.where(below_plant, self.options.sewage_load, 0.0), k)
                    self.draft.add(entries, min(there, 0.0), math.inf, ("guard", str(name), window))

    def read(self, found: Ranged) -> Shadow:
        """Return prices and net prices from the duals. Costs are in 万元, rows over their scale."""
        duals = found.solution.row_duals
        size, count = self.windows * len(self.keep), len(self.options)
        weight = (1 + self.rules.discount) ** -np.arange(self.windows, dtype=np.float64)
        price = np.outer(weight, self.options.cost[self.keep])
        worth = {name: np.zeros(size) for name in WORTHS}
        rent, prices = np.zeros(size), []
        for row, rule, scope, window, bound, scale in self.draft.named:
            part = slice(found.model.starts[row], found.model.starts[row + 1])
            columns = found.model.columns[part]
            mine = columns < size
            each = duals[row] * found.model.values[part][mine] * TEN_THOUSAND
            if rule in worth:
                worth[rule][columns[mine]] += each
            elif rule != "once":  # money, crews and pace: what is spent has a rent
                rent[columns[mine]] -= each
            if rule in PRICED:
                saved = abs(float(duals[row])) * TEN_THOUSAND / scale
                low, high = found.low[row] * scale, found.high[row] * scale
                prices.append(RulePrice(rule, scope, window, bound, saved, low, high))
        shape = (self.windows, len(self.keep))
        total = sum(worth.values(), np.zeros(size)).reshape(shape)
        free = price + rent.reshape(shape) - total
        net = np.where(self.open, free, np.inf)
        best = np.argmin(np.where(self.open.any(axis=0), net, free), axis=0)
        at = np.arange(len(self.keep))
        told = {
            name: _spread(values.reshape(shape)[best, at], self.keep, count, 0.0)
            for name, values in worth.items()
        }
        return Shadow(
            tuple(prices),
            found.solution.objective * TEN_THOUSAND,
            _spread(total[best, at], self.keep, count, 0.0),
            told,
            _spread(net[best, at], self.keep, count, np.nan),
            _spread(best.astype(np.float64), self.keep, count, 0.0).astype(np.int64),
        )


def _spread(values: Floats, keep: Ints, count: int, missing: float) -> Floats:
    found = np.full(count, missing)
    found[keep] = values
    return found
