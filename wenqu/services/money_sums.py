"""What of a city's money does a person see, and what does it come to: by year, source and district?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wenqu.records.money import SOURCES
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.money_ledger import Account, MoneyLedger, kept_accounts, money_ledger
from wenqu.services.money_rights import demand_money, sees_contract, sees_fund, sees_whole
from wenqu.services.money_rows import YUAN, promised_of
from wenqu.services.rights import Person
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.works.money.earned_value import Standing, planned
from wenqu.works.money.payable import limit


@dataclass(frozen=True, slots=True, eq=False)
class SeenMoney:
    """The money of a city that one person sees, in one district or all."""

    ledger: MoneyLedger
    accounts: dict[str, Account]
    funds: list[str]
    whole: bool  # the person sees all, and no district was asked for
    day: str


def seen_money(store: Store, state: CityState, person: Person, district: str = "") -> SeenMoney:
    """Return what of a city's money a person sees.

    Raises
    ------
    Refused
        None of it.
    """
    city = state.network.city.code
    demand_money(person, city)
    ledger = money_ledger(store, state)
    accounts = {
        id_: one
        for id_, one in kept_accounts(store, state).items()
        if sees_contract(person, city, one) and (not district or one.district == district)
    }
    funds = [
        one.id
        for one in ledger.funds.values()
        if sees_fund(person, city, one) and (not district or one.district == district)
    ]
    return SeenMoney(ledger, accounts, funds, sees_whole(person, city) and not district, day_of(state))


def totals(seen: SeenMoney) -> dict[str, Any]:
    """Return the sums of what a person sees, and the indexes. [yuan], [m]"""
    day, accounts = seen.day, list(seen.accounts.values())
    limits = [limit(one.book, day, one.drawn_by(day)) for one in accounts]
    paid = [one.paid_by(day) for one in accounts]
    ideal, value = sum(planned(one.book, day) for one in accounts), sum(one.value for one in limits)
    stand = Standing(ideal, value, sum(paid))
    mine = [seen.ledger.funds[id_] for id_ in seen.funds if seen.ledger.counts("fund", id_, day)]
    drawn = sum(amount for one in mine for when, amount in seen.ledger.of_fund(one.id) if when <= day)
    granted = sum(one.amount for one in mine)
    return {
        "funds": granted / YUAN,
        "drawn": drawn / YUAN,
        "left": (granted - drawn) / YUAN,
        "contracted": sum(one.price for one in limits) / YUAN,
        "signed": sum(one.contract.price for one in accounts) / YUAN,
        "planned": ideal / YUAN,
        "value": value / YUAN,
        "paid": sum(paid) / YUAN,
        "payable": sum(max(0, one.total - out) for one, out in zip(limits, paid, strict=True)) / YUAN,
        "over": sum(max(0, out - one.total) for one, out in zip(limits, paid, strict=True)) / YUAN,
        "accepted_m": sum(one.accepted_mm for one in limits) / 1000,
        "whole_m": sum(one.whole_mm for one in limits) / 1000,
        "schedule_index": stand.schedule,
        "money_index": stand.money,
    }


def budget(seen: SeenMoney) -> list[dict[str, Any]]:
    """Return by year, source and district what was granted, promised and paid. [yuan]"""
    ledger = seen.ledger
    found: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for id_ in seen.funds:
        one = ledger.funds[id_]
        if not ledger.counts("fund", id_, seen.day):
            continue
        sums = found[one.year, one.source, one.district]
        sums[0] += one.amount
        sums[1] += promised_of(ledger, id_)
        sums[2] += sum(amount for when, amount in ledger.of_fund(id_) if when <= seen.day)
    return [
        {
            "year": year, "source": source, "district": zone, "funds": granted / YUAN,
            "promised": promised / YUAN, "paid": paid / YUAN, "left": (granted - paid) / YUAN,
        }
        for (year, source, zone), (granted, promised, paid) in sorted(
            found.items(), key=lambda one: (one[0][0], SOURCES.index(one[0][1]), one[0][2])
        )
    ]  # fmt: skip


def programme_years(store: Store, state: CityState, district: str = "") -> dict[str, float]:
    """Return what the programme costs by year. [yuan]"""
    made = filed_records.programme(store, state)
    found: defaultdict[str, float] = defaultdict(float)
    for one in made.measures if made else ():
        if not district or one.district == district:
            found[one.window] += one.cost
    return dict(found)


def years(seen: SeenMoney, cost: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return by year what the programme costs, what was granted, signed and paid. [yuan]"""
    found: defaultdict[str, dict[str, float]] = defaultdict(
        lambda: {"programme": 0.0, "funds": 0.0, "contracted": 0.0, "paid": 0.0}
    )
    for year, amount in cost.items():
        found[year]["programme"] += amount
    for id_ in seen.funds:
        one = seen.ledger.funds[id_]
        if seen.ledger.counts("fund", id_, seen.day):
            found[str(one.year)]["funds"] += one.amount / YUAN
    for account in seen.accounts.values():
        found[account.contract.signed[:4]]["contracted"] += account.contract.price / YUAN
        for when, amount in account.paid:
            if when <= seen.day:
                found[when[:4]]["paid"] += amount / YUAN
    return [{"year": year, **sums} for year, sums in sorted(found.items())]


def by_district(
    contracts: Sequence[Mapping[str, Any]], funds: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the sums of each district. [yuan], [m]"""
    found: defaultdict[str, dict[str, float]] = defaultdict(
        lambda: {"funds": 0.0, "now": 0.0, "value": 0.0, "paid": 0.0, "accepted_m": 0.0, "whole_m": 0.0}
    )
    for row in contracts:
        for name in ("now", "value", "paid", "accepted_m", "whole_m"):
            found[row["district"]][name] += row[name]
    for row in funds:
        if not row["void"]:
            found[row["district"]]["funds"] += row["amount"]
    return [{"district": zone, **sums} for zone, sums in sorted(found.items())]
