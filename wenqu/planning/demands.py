"""What do the rules demand, as rows of a portfolio?

Options weigh in a few quantities, each summed by district, plant or package and by slot of windows; a rule is
a row over such sums. Border units throughout (yuan, d, m, m³/d, kg/d): the rows are written down with the
certificate, where people read them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, share_aims
from wenqu.planning.portfolio import Portfolio, Row
from wenqu.planning.rules import Rules, ShareRule
from wenqu.planning.weighing import load_of, open_in

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

DAY = 86400.0
CITY, DISTRICT, PLANT, PACKAGE = "", "district", "plant_id", "package_id"  # what a quantity is summed by
SPENT, DAYS, LENGTH, FLOW, SEWAGE, DONE = (
    "spent_yuan", "crew_days", "length_m", "flow_m3_per_d", "sewage_kg_per_d", "done",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """So many times the sum of a quantity over some scopes and slots."""

    quantity: str
    times: float
    slots: tuple[int, ...]
    scopes: tuple[str, ...] | None = None  # None: all there are


@dataclass(frozen=True, slots=True)
class Quantity:
    """What options weigh in a rule."""

    name: str
    by: str  # CITY, DISTRICT, PLANT, PACKAGE
    each: Floats  # (o,) of every option


@dataclass(frozen=True, slots=True)
class Share:
    """Plants with so much capacity are to comply by the end of a window."""

    scope: str  # "" for BOD5 and each plant's own threshold
    window: str
    share: float  # [-] of the capacity of all plants that count
    demand: float  # [m³/d]
    plants: dict[str, float]  # [m³/d] capacity of those of which anything is known


@dataclass(frozen=True, slots=True)
class Member:
    """A plant as it counts in one share."""

    share: int
    plant: int
    weight: float  # [m³/d] capacity
    lacks: float  # [kg/d] of its margin if money were no object

    @property
    def able(self) -> bool:
        """Tell whether it can comply at all."""
        return self.lacks <= 0


@dataclass
class Draft:
    """Rows under construction. o options, n of them in a slot, k slots."""

    options: Options
    plants: Plants
    rules: Rules
    chosen: Ints  # rows of the options that may be chosen
    slot_last: Ints  # (k,) last window of each slot
    quantities: dict[str, Quantity] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    terms: list[tuple[Term, ...]] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    @cached_property
    def placed(self) -> tuple[Ints, Ints]:
        """Option and slot of everything that may be chosen, packages together. (n,), (n,)"""
        package = self.options.package[self.chosen]
        rows = self.chosen[np.lexsort((self.chosen, package))]
        row = np.repeat(rows, self.slots)
        slot = np.tile(np.arange(self.slots), len(rows))
        may = np.ones((len(self.options), self.slots), dtype=np.bool_)
        for number in range(self.slots):
            may[:, number] = open_in(self.options, self.rules, self.span(number))
        kept = may[row, slot]
        return row[kept], slot[kept]

    @property
    def slots(self) -> int:
        """Return the number of slots."""
        return len(self.slot_last)

    def span(self, slot: int) -> tuple[str, ...]:
        """Return the windows of a slot."""
        first = int(self.slot_last[slot - 1]) + 1 if slot else 0
        return self.rules.windows[first : int(self.slot_last[slot]) + 1]

    def until(self, window: str) -> tuple[int, ...]:
        """Return the slots that end by a window."""
        return tuple(np.flatnonzero(self.slot_last <= self.rules.windows.index(window)).tolist())

    def weigh(self, name: str, by: str, each: Floats) -> str:
        """Add a quantity unless it is there; return its name."""
        self.quantities.setdefault(name, Quantity(name, by, np.asarray(each, dtype=np.float64)))
        return name

    def spent(self) -> str:
        """Return the quantity of money. [yuan]"""
        return self.weigh(SPENT, DISTRICT, self.options.cost)

    def length(self) -> str:
        """Return the quantity of bad length. [m]"""
        return self.weigh(LENGTH, DISTRICT, self.options.problem_length[self.options.package])

    def done(self) -> str:
        """Return the quantity that is 1 for every option of a package."""
        return self.weigh(DONE, PACKAGE, np.ones(len(self.options)))

    def flow(self) -> str:
        """Return the quantity of flow at the plant. [m³/d]"""
        return self.weigh(FLOW, PLANT, self.options.flow * DAY)

    def load(self, pollutant: str) -> str:
        """Return the quantity of the load of a pollutant at the plant. [kg/d]"""
        return self.weigh(f"{pollutant}_kg_per_d", PLANT, load_of(self.options, pollutant) * DAY)

    def add(self, row: Row, terms: Iterable[Term]) -> None:
        """Add: a weighed sum is at least an amount."""
        self.rows.append(row)
        self.terms.append(tuple(terms))

    def at_most(self, place: tuple[str, str, str], limit: float, term: Term) -> None:
        """Add: a sum is at most a limit."""
        each = self.quantities[term.quantity].each
        size = max(limit, float(np.abs(each).max(initial=0.0)), 1.0)
        self.add(Row(*place, -limit, size), [Term(term.quantity, -term.times, term.slots, term.scopes)])

    def never(self, place: tuple[str, str, str]) -> None:
        """Add a row that nothing keeps: a rule about what is not there, or was never measured."""
        self.add(Row(*place, 1.0, 1.0), ())

    def of_plant(self, name: str) -> npt.NDArray[np.bool_]:
        """Return which options lie above a plant. (o,)"""
        return np.asarray(self.options.plant[self.options.package] == name, dtype=np.bool_)

    def scopes(self, quantity: Quantity) -> Texts:
        """Return what a quantity is summed by, of every option. (o,)"""
        package = self.options.package
        if quantity.by == CITY:
            return np.full(len(package), "", dtype=object)
        names = {DISTRICT: "district", PLANT: "plant", PACKAGE: "package_ids"}[quantity.by]
        found: Texts = getattr(self.options, names)[package].astype(str).astype(object)
        return found


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


def problem_lengths(options: Options) -> dict[str, float]:
    """Return the bad length of the city ("") and of every district, counted over the packages. [m]"""
    lengths = {"": float(options.problem_length.sum())}
    for district in sorted({str(name) for name in options.district if name}):
        lengths[district] = float(options.problem_length[options.district == district].sum())
    return lengths


def demand_money(draft: Draft) -> None:
    """Add: budgets, crew-days and pace of every slot."""
    rules, cost = draft.rules, draft.options.cost[draft.chosen]
    years = np.diff(draft.slot_last, prepend=-1)
    every = tuple(range(draft.slots))
    for slot, last in enumerate(draft.slot_last):
        window, span = rules.windows[last], slice(last + 1 - years[slot], last + 1)
        budget, crew = sum(rules.budgets[span]), sum(rules.crew_days[span])
        if math.isfinite(budget):
            draft.at_most(("budget", "", window), budget, Term(draft.spent(), 1.0, (slot,)))
        if math.isfinite(crew):
            days = draft.weigh(DAYS, CITY, draft.options.crew_days)
            draft.at_most(("crew", "", window), crew, Term(days, 1.0, (slot,)))
        share, dearest = rules.pace * float(years[slot]), float(cost.max(initial=0.0))
        if rules.pace < 1 and share < 1 and dearest > 0:
            room, spent = dearest * float(years[slot]), draft.spent()
            row = Row("pace", "", window, -room, max(room, 1.0))
            draft.add(row, [Term(spent, share, every), Term(spent, -1.0, (slot,))])


def demand_lengths(draft: Draft, lengths: Mapping[str, float]) -> None:
    """Add: the length milestones on their frozen denominators."""
    for rule in draft.rules.lengths:
        scopes = [name for name in lengths if name] if rule.district == "*" else [rule.district]
        for scope in scopes:
            total = lengths.get(scope, 0.0) if rule.of is None else rule.of
            if total > 0:
                row = Row("length", scope, rule.by, (rule.share - 1e-9) * total, total)
                inside = (scope,) if scope else None
                draft.add(row, [Term(draft.length(), 1.0, draft.until(rule.by), inside)])


def demand_must(draft: Draft) -> None:
    """Add: what must be repaired by its date, each package by itself."""
    by = draft.rules.must_by
    for name in draft.options.package_ids[draft.options.must] if by else ():
        row = Row("must", str(name), by, 1.0, 1.0)
        draft.add(row, [Term(draft.done(), 1.0, draft.until(by), (str(name),))])


def share_scope(rule: ShareRule) -> str:
    """Return what a share of capacity is about, "" for BOD5 and each plant's own threshold."""
    if rule.usual:
        return ""
    return f"{rule.pollutant} {1000 * (rule.threshold or 0.0):g} mg/L"


def demand_shares(draft: Draft) -> None:
    """Add: margin of every plant, and the share of capacity by each date and ever after.

    Of several shares of the same at the end of one window the largest is asked.
    """
    asked: dict[tuple[str, int], tuple[ShareRule, float]] = {}
    for rule in draft.rules.shares:
        due = draft.rules.windows.index(rule.by)
        ends = [int(last) for last in draft.slot_last if last >= due]
        each = share_aims(draft.plants, draft.rules, rule)
        worth = load_of(draft.options, rule.pollutant) - _aims(draft, each) * draft.options.flow
        for last in ends if bool((worth[draft.chosen] < 0).any()) else ends[:1]:
            key = (share_scope(rule), last)
            asked[key] = max((rule, rule.share), asked.get(key, (rule, 0.0)), key=lambda pair: pair[1])
    for (scope, last), (rule, share) in asked.items():
        _demand_share(draft, rule, (scope, last, share))


def _aims(draft: Draft, aim: Floats) -> Floats:
    """Return what must be reached at the plant below every option, 0 without one. [kg/m³] (o,)"""
    of = {str(name): float(value) for name, value in zip(draft.plants.ids, aim, strict=True)}
    each = np.array([of.get(str(name), 0.0) for name in draft.options.plant], dtype=np.float64)
    return each[draft.options.package] if len(draft.options) else np.empty(0)


def _demand_share(draft: Draft, rule: ShareRule, asked: tuple[str, int, float]) -> None:
    scope, last, share = asked
    plants, window = draft.plants, draft.rules.windows[last]
    total = float(plants.capacity[plants.counts].sum()) * DAY
    if total <= 0:
        return
    aim = share_aims(plants, draft.rules, rule)
    today = (plants.load_of(rule.pollutant) - aim * plants.flow) * DAY
    until = tuple(np.flatnonzero(draft.slot_last <= last).tolist())
    load, flow = draft.load(rule.pollutant), draft.flow()
    worth = draft.quantities[load].each - _aims(draft, aim) * draft.quantities[flow].each
    place, known = len(draft.shares), {}
    for row in (int(one) for one in np.flatnonzero(plants.counts)):
        name = str(plants.ids[row])
        base = float(today[row])
        if math.isnan(base):
            continue  # what nobody measured cannot comply
        known[name] = float(plants.capacity[row]) * DAY
        size = max(abs(float(plants.load_of(rule.pollutant)[row])) * DAY, abs(base), 1e-6)
        lacks = -base - _most(draft, np.where(draft.of_plant(name), worth, 0.0), until)
        member = Row("margin", f"{name} {scope}".strip(), window, -base, size, len(draft.members))
        draft.add(member, [Term(load, 1.0, until, (name,)), Term(flow, -float(aim[row]), until, (name,))])
        draft.members.append(Member(place, row, known[name], lacks if lacks > 1e-9 * size else 0.0))
    draft.shares.append(Share(scope, window, share, share * total, known))


def _most(draft: Draft, worth: Floats, until: tuple[int, ...]) -> float:
    """Return the largest sum of a worth if money were no object."""
    option, slot = draft.placed
    early = np.isin(slot, until)
    best = np.zeros(len(draft.options.package_ids))
    np.maximum.at(best, draft.options.package[option[early]], worth[option[early]])
    return float(best.sum())


def demand_guard(draft: Draft) -> None:
    """Add: the load of sewage that reaches a plant never falls below today's."""
    sewage = draft.options.sewage_load
    for row, name in enumerate(draft.plants.ids if draft.rules.load_guard else ()):
        if not (sewage[draft.chosen][draft.of_plant(name)[draft.chosen]] < 0).any():
            continue
        size = max(float(np.nan_to_num(draft.plants.load[row])) * DAY, 1e-3)
        quantity = draft.weigh(SEWAGE, PLANT, sewage * DAY)
        for slot, last in enumerate(draft.slot_last):
            term = Term(quantity, 1.0, tuple(range(slot + 1)), (str(name),))
            draft.add(Row("guard", str(name), draft.rules.windows[last], 0.0, size), [term])


def portfolio_of(draft: Draft) -> Portfolio:
    """Return the portfolio of a draft; its options are `Draft.placed`."""
    option, slot = draft.placed
    n, count = len(option), draft.slots
    package = draft.options.package[option]
    starts = np.flatnonzero(np.diff(package, prepend=-1) != 0)
    quantity, cell, first, places = [], [], 0, {}
    for one in draft.quantities.values():
        names, where = np.unique(draft.scopes(one).astype(str), return_inverse=True)
        places[one.name] = (first, {str(name): k for k, name in enumerate(names)})
        quantity.append(one.each[option])
        cell.append(first + where[option] * count + slot)
        first += len(names) * count
    at, cells, values = [], [], []
    for number, terms in enumerate(draft.terms):
        for term in terms:
            begin, names_of = places[term.quantity]
            scopes = names_of if term.scopes is None else [one for one in term.scopes if one in names_of]
            for scope in scopes:
                cells += [begin + names_of[scope] * count + k for k in term.slots]
                values += [term.times] * len(term.slots)
                at += [number] * len(term.slots)
    of_site = {str(name): k for k, name in enumerate(draft.plants.ids)}
    able = np.array([member.able for member in draft.members], dtype=np.bool_)
    sites = np.array([member.plant for member in draft.members], dtype=np.int64)
    reached = set(sites[able].tolist())
    below = [of_site.get(str(name), -1) for name in draft.options.plant[package[starts]]]
    weight = (1 + draft.rules.discount) ** -draft.slot_last.astype(np.float64)
    return Portfolio(
        draft.options.cost[option] * weight[slot],
        np.append(starts, n).astype(np.int64),
        np.array(quantity, dtype=np.float64).reshape(len(quantity), n),
        np.array(cell, dtype=np.int32).reshape(len(cell), n),
        sparse.csr_array((values, (at, cells)), (len(draft.rows), first), dtype=np.float64),
        tuple(draft.rows),
        np.array([site if site in reached else -1 for site in below], dtype=np.int32),
        np.array([member.weight for member in draft.members], dtype=np.float64),
        np.array([share.demand for share in draft.shares], dtype=np.float64),
        able,
        sites,
        np.array([member.share for member in draft.members], dtype=np.int64),
    )
