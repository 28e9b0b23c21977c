"""What did a metre cost, by method, diameter and contractor, and what price does that propose?"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wenqu.planning.costs import Catalogue, unit_price
from wenqu.records.money import PriceDecision
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import own_prices
from wenqu.services.money_ledger import Account, MoneyLedger, kept_accounts, money_ledger
from wenqu.services.money_rights import may_fund
from wenqu.services.money_sums import seen_money
from wenqu.services.rights import Person
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.works.money.rules import Rules, price_index
from wenqu.works.money.unit_costs import Observation, Statistic, deflated, observations, statistic

BUILT = ("renewal", "new_sewer")  # purposes whose contracts say what a metre costs
METRE = "m"  # what the price of a proposal is per
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A price of the table that contracts say is another: times so much, with the interval of the median."""

    method: str
    factor: float
    low: float
    high: float
    count: int
    contracts: tuple[str, ...]
    years: tuple[int, int]
    deflated_to: int
    was: tuple[float, float, float]  # [yuan] a, b, depth
    now: tuple[float, float, float]
    edition: str

    @property
    def differs(self) -> bool:
        """Tell whether the interval leaves out the price as it is."""
        return not self.low <= 1.0 <= self.high


@dataclass(frozen=True, slots=True)
class Costs:
    """What contracts say of metres, and what they do not."""

    rows: tuple[Observation, ...]  # at the prices of one year, or as signed
    left_out: tuple[tuple[str, str], ...]  # contract, why
    deflated_to: int


def costs_of(accounts: Iterable[Account], day: str, table: Rules) -> Costs:
    """Return what a metre cost by the contracts of built works that have accepted metres."""
    rows: list[Observation] = []
    left_out = []
    for one in accounts:
        if one.contract.purpose not in BUILT:
            continue
        found, why = observations(one.book, day)
        rows += found
        if why:
            left_out.append((one.contract.id, why))
    factors, year = deflated(rows, price_index(table))
    told = [Observation(**(asdict(row) | {"price": row.price * factors[row.year]})) for row in rows]
    return Costs(tuple(told), tuple(left_out), year)


def grouped(
    rows: Sequence[Observation], key: Callable[[Observation], Key], fewest: int
) -> dict[Key, Statistic]:
    """Return the statistic of each group of observations."""
    groups: defaultdict[Key, list[tuple[str, float, float, int]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append((row.contract, row.price, row.metres, row.year))
    return {name: statistic(some, fewest) for name, some in sorted(groups.items())}


def proposals(costs: Costs, book: Catalogue, table: Rules) -> dict[str, Proposal]:
    """Return by method the price that enough contracts propose: the table's own form times one factor.

    What a contract says is compared with the table at the diameters of its pipes and the standard depth.
    """
    known = {one.key: one for one in book.methods if one.price_per == METRE}
    ratios: defaultdict[str, list[tuple[str, float, float, int]]] = defaultdict(list)
    for row in costs.rows:
        if row.method in known and row.diameter == row.diameter:
            there = unit_price(known[row.method], np.array([row.diameter]), np.array([np.nan]))
            ratios[row.method].append((row.contract, row.price / float(there[0]), row.metres, row.year))
    found = {}
    for method, some in ratios.items():
        told = statistic(some, int(table["fewest"].value))
        if told.low is None or told.high is None:
            continue
        entry = known[method]
        was = (entry.price_a, entry.price_b, entry.price_depth)
        now_ = tuple(round(value * told.median, 2) for value in was)
        found[method] = Proposal(
            method, told.median, told.low, told.high, told.count, told.contracts, told.years,
            costs.deflated_to, was, (now_[0], now_[1], now_[2]), book.edition,
        )  # fmt: skip
    return found


def city_proposals(store: Store, state: CityState) -> dict[str, Proposal]:
    """Return the proposals of a whole city as things stand."""
    ledger = money_ledger(store, state)
    accounts = kept_accounts(store, state).values()
    day = day_of(state)
    book = own_prices(store, state.network.city.code)
    return proposals(costs_of(accounts, day, ledger.rules), book, ledger.rules)


def view_unit_costs(store: Store, state: CityState, person: Person, district: str = "") -> dict[str, Any]:
    """Return unit costs by method, diameter and contractor, and the prices they propose. [yuan/m]

    Who sees a part of the money is told the statistics of that part, and no proposals.

    Raises
    ------
    Refused
        The person may see no money.
    """
    seen = seen_money(store, state, person, district)
    table = seen.ledger.rules
    fewest = int(table["fewest"].value)
    costs = costs_of(seen.accounts.values(), seen.day, table)
    book = own_prices(store, state.network.city.code)
    rows = costs.rows
    return {
        "by_method": _told(grouped(rows, lambda row: (row.method,), fewest), ("method",)),
        "by_size": _told(grouped(rows, lambda row: (row.method, row.size), fewest), ("method", "size")),
        "by_contractor": _told(
            grouped(rows, lambda row: (row.method, row.contractor), fewest), ("method", "contractor")
        ),
        "observations": [_row(row) for row in rows],
        "left_out": [
            {"contract": id_, "number": seen.accounts[id_].contract.number, "why": why}
            for id_, why in costs.left_out
        ],
        "deflated_to": costs.deflated_to,
        "fewest": fewest,
        "proposals": [told_proposal(one) for one in proposals(costs, book, table).values()]
        if seen.whole
        else [],
        "decisions": [_decision(seen.ledger, one) for one in reversed(seen.ledger.decisions)]
        if seen.whole
        else [],
        "methods": {one.key: {"zh": one.zh, "en": one.en} for one in book.methods},
        "edition": book.edition,
        "may": may_fund(person, state.network.city.code, "") and not state.network.as_of,
        "simulated": state.network.city.simulated,
    }


def told_proposal(one: Proposal) -> dict[str, Any]:
    """Return a proposal with whether its interval leaves out the price as it is."""
    return {**asdict(one), "differs": one.differs}


def _told(found: Mapping[Key, Statistic], names: Sequence[str]) -> list[dict[str, Any]]:
    rows = [{**dict(zip(names, key, strict=True)), **asdict(one)} for key, one in found.items()]
    return sorted(rows, key=lambda row: (row["method"], row["median"]))


def _row(row: Observation) -> dict[str, Any]:
    told = asdict(row)
    return told | {"diameter": row.diameter if row.diameter == row.diameter else None}


def _decision(ledger: MoneyLedger, one: PriceDecision) -> dict[str, Any]:
    filing = ledger.filed.get(("price_decision", one.id))
    return {**asdict(one), "filed": filing.at[:10] if filing else ""}
