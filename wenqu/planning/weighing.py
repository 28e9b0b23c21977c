"""How much does each option weigh in a rule, and which packages does a rule name?"""

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.planning.conditions import Moratorium
from wenqu.planning.options import Options
from wenqu.planning.particulars import Particulars
from wenqu.planning.plants import Plants, share_aims
from wenqu.planning.rules import Rules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def particulars_of(options: Options) -> Particulars:
    """Return what the options are made of; where nobody said, each is its leading method alone."""
    if options.particulars is not None:
        return options.particulars
    packages = len(options.package_ids)
    return Particulars(
        np.full(packages, "", dtype=object),
        ((),) * packages,
        np.arange(len(options) + 1),
        np.array([str(name).rpartition(":")[2] for name in options.ids], dtype=object),
        options.cost,
        options.crew_days,
    )


def load_of(options: Options, pollutant: str) -> Floats:
    """Return the change of the load of a pollutant at the plant. [kg/s] (o,)

    Raises
    ------
    BadInput
        Nobody said what the options do to that pollutant.
    """
    if pollutant == "bod5":
        return options.load
    loads = particulars_of(options).loads
    if pollutant not in loads:
        raise BadInput("options-pollutant", pollutant=pollutant)
    return loads[pollutant]


def owners(options: Options) -> Ints:
    """Return the option of every share. (k,)"""
    return np.repeat(np.arange(len(options)), np.diff(particulars_of(options).start))


def cost_within(options: Options, shares: Bools) -> Floats:
    """Return what each option costs in some of its shares. [yuan] (o,)"""
    cost = particulars_of(options).cost
    return np.bincount(owners(options)[shares], cost[shares], len(options)).astype(np.float64)


def days_by(options: Options, method: str) -> Floats:
    """Return the crew-days of each option by one method. [d] (o,)"""
    made = particulars_of(options)
    mine = made.method == method
    return np.bincount(owners(options)[mine], made.days[mine], len(options)).astype(np.float64)


def uses(options: Options, methods: tuple[str, ...]) -> Bools:
    """Return which options use any of some methods; all where none is named. (o,)"""
    if not methods:
        return np.ones(len(options), dtype=np.bool_)
    mine = np.isin(particulars_of(options).method.astype(str), methods)
    return np.bincount(owners(options)[mine], minlength=len(options)) > 0


def packages_named(options: Options, name: str) -> Ints:
    """Return the package of that name, or else those that an asset of that name is in."""
    mine = np.flatnonzero(options.package_ids == name)
    if len(mine):
        return mine
    assets = particulars_of(options).assets
    return np.array([row for row, members in enumerate(assets) if name in members], dtype=np.int64)


def packages_at(options: Options, rule: Moratorium) -> Bools:
    """Return the packages that a moratorium speaks of. (p,)"""
    if rule.of == "city":
        return np.ones(len(options.package_ids), dtype=np.bool_)
    if rule.of == "district":
        return np.asarray(options.district == rule.name, dtype=np.bool_)
    if rule.of == "street":
        return np.asarray(particulars_of(options).street == rule.name, dtype=np.bool_)
    return np.isin(np.arange(len(options.package_ids)), packages_named(options, rule.name))


def open_in(options: Options, rules: Rules, span: tuple[str, ...]) -> Bools:
    """Return which options may be finished in some windows: neither left alone nor closed in all. (o,)"""
    open_ = np.ones(len(options), dtype=np.bool_)
    for left in rules.must_not:
        open_ &= ~np.isin(options.package, packages_named(options, left.name))
    for closed in rules.moratoria:
        first = rules.windows.index(closed.since) if closed.since else 0
        last = rules.windows.index(closed.until) if closed.until else len(rules.windows) - 1
        if set(span) <= set(rules.windows[first : last + 1]):
            open_ &= ~(packages_at(options, closed)[options.package] & uses(options, closed.methods))
    return open_


def payers(options: Options, rules: Rules) -> Ints:
    """Return for every share which funds may pay for it: bit f is fund f. (k,)"""
    made = particulars_of(options)
    district = options.district[options.package[owners(options)]]
    bits = np.zeros(len(made.method), dtype=np.int64)
    for place, fund in enumerate(rules.funds):
        mine = np.ones(len(bits), dtype=np.bool_)
        if fund.districts:
            mine &= np.isin(district.astype(str), fund.districts)
        if fund.methods:
            mine &= np.isin(made.method.astype(str), fund.methods)
        bits |= mine.astype(np.int64) << place
    return bits


def tight_sets(bits: Ints) -> list[int]:
    """Return the sets of funds whose money may bind: unions of those that may pay for something.

    What only funds of a set may pay for must fit into their money; if this holds for every such set the
    works can be paid (Gale's theorem on flows).
    """
    found = {0} if (bits == 0).any() else set()
    for one in sorted({int(entry) for entry in bits} - {0}):
        found |= {one} | {one | other for other in found}
    return sorted(found)


def further_respects(options: Options, plants: Plants, rules: Rules) -> Floats:
    """Return in what else one option may be better than another of its package: less is better. (o, r)"""
    below = options.plant[options.package]
    columns: list[Floats] = [days_by(options, rule.method) for rule in rules.method_days]
    columns += [uses(options, rule.methods).astype(np.float64) for rule in rules.moratoria if rule.methods]
    if rules.flows:
        columns.append(options.flow)
    for margin in rules.margins:
        lack = margin.aim * options.flow - load_of(options, margin.pollutant)
        columns.append(-lack if margin.most else lack)
    for share in rules.shares:
        if not share.usual:
            aim = dict(zip(plants.ids, share_aims(plants, rules, share), strict=True))
            each = np.array([aim.get(name, 0.0) for name in below], dtype=np.float64)
            columns.append(each * options.flow - load_of(options, share.pollutant))
    if rules.funds:
        bits = payers(options, rules)
        columns += [cost_within(options, (bits | tight) == tight) for tight in tight_sets(bits)]
    if any(rule.unit == "wan_yuan" for rule in rules.least):
        columns.append(-options.cost)
    return np.column_stack(columns) if columns else np.empty((len(options), 0))
