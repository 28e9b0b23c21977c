"""What is shown of money: budget, contracts, payments against metres, curves, warnings; and one contract?"""

from collections.abc import Mapping, Sequence
from typing import Any

from wenqu.messages import told
from wenqu.records.money import PURPOSES, SOURCES, Contract, RefusedRow
from wenqu.records.project import Project
from wenqu.services.city_state import CityState
from wenqu.services.coming_values import coming_values
from wenqu.services.learned_prices import own_prices
from wenqu.services.money_ledger import kept_accounts, paid_state
from wenqu.services.money_rights import (
    may_fund,
    sees_row,
    sees_whole,
)
from wenqu.services.money_rows import (
    YUAN,
    contract_row,
    fund_row,
    payment_row,
    promised_of,
    variation_row,
)
from wenqu.services.money_sums import (
    SeenMoney,
    budget,
    by_district,
    programme_years,
    seen_money,
    totals,
    years,
)
from wenqu.services.rights import Person, reach
from wenqu.services.works_ledger import works_ledger
from wenqu.services.works_rights import has_part
from wenqu.store.database import Store
from wenqu.works.money.earned_value import curves
from wenqu.works.money.payable import Entry
from wenqu.works.money.warnings import (
    DOUBT,
    GRAVE,
    FundState,
    Warned,
    contract_warnings,
    fund_warnings,
    year_warnings,
)

LISTED = 3000  # rows of a table that are told at most


def view_money(
    store: Store,
    state: CityState,
    person: Person,
    language: str,
    district: str = "",
    most: int | None = LISTED,
) -> dict[str, Any]:
    """Return budget, contracts, payments, curves and warnings, as a person sees them. [yuan], [m]

    Parameters
    ----------
    most
        Rows of a table that are told at most, None for all.

    Raises
    ------
    Refused
        The person may see no money.
    """
    city, seen = state.network.city.code, seen_money(store, state, person, district)
    ledger, day = seen.ledger, seen.day
    contracts = [contract_row(one, day) for one in seen.accounts.values()]
    funds = [fund_row(ledger, ledger.funds[id_], city, day) for id_ in seen.funds]
    variations = [
        variation_row(ledger, one, city)
        for one in ledger.variations.values()
        if one.contract in seen.accounts
    ]
    payments = [
        payment_row(ledger, one, city) for one in ledger.payments.values() if one.contract in seen.accounts
    ]
    cost = programme_years(store, state, district) if sees_whole(person, city) else {}
    return {
        "day": day,
        "simulated": state.network.city.simulated,
        "whole": seen.whole,
        "may": {
            "city": may_fund(person, city, ""),
            "districts": [zone for zone, body in reach(person, "decide", city).places if zone and not body],
            "decide": bool(reach(person, "decide", city)),
        },
        "sources": SOURCES,
        "purposes": PURPOSES,
        "totals": totals(seen),
        "curves": curves_told(seen, coming_values(store, state, list(seen.accounts.values()), day)),
        "budget": budget(seen),
        "years": years(seen, cost),
        "districts": by_district(contracts, funds),
        "funds": funds[:most],
        "contracts": contracts[:most],
        "variations": variations[:most],
        "payments": payments[-most if most else None :],
        "counts": {"funds": len(funds), "contracts": len(contracts), "payments": len(payments)},
        "warnings": [warning_row(one, language) for one in warnings_of(seen, cost)],
        "refused": [
            refused_row(one, language)
            for one in ledger.refused.values()
            if one.state == "waiting" and sees_row(person, city, one) and district in {"", one.district}
        ],
        "methods": {one.key: {"zh": one.zh, "en": one.en} for one in own_prices(store, city).methods},
        "lots": _open_lots(store, state, person),
    }


def refused_row(one: RefusedRow, language: str) -> dict[str, Any]:
    """Return a row of a file that waits, with the reason in words."""
    return {
        "id": one.id,
        "table": one.table,
        "file": one.file,
        "row": one.row,
        "cells": dict(one.cells),
        "says": getattr(one, language),
        "code": one.code,
        "district": one.district,
    }


def curves_told(seen: SeenMoney, coming: Sequence[Entry] | None = None) -> dict[str, Any]:
    """Return the curves of what is seen, by month; ``coming`` by the schedule in fen. [yuan]"""
    accounts = list(seen.accounts.values())
    paid = [entry for one in accounts for entry in one.paid if entry[0] <= seen.day]
    made = curves([one.book for one in accounts], paid, seen.day, coming)

    def yuan(values: Sequence[int | None]) -> list[float | None]:
        return [None if value is None else value / YUAN for value in values]

    return {
        "days": list(made.days),
        "planned": yuan(made.planned),
        "contracted": yuan(made.contracted),
        "accepted": yuan(made.accepted),
        "paid": yuan(made.paid),
        "expected": yuan(made.expected),
    }


def fund_states(seen: SeenMoney) -> list[FundState]:
    """Return what became of the funds that count."""
    ledger = seen.ledger
    return [
        FundState(
            id_, ledger.funds[id_].name, ledger.funds[id_].source, ledger.funds[id_].year,
            ledger.funds[id_].amount,
            sum(amount for when, amount in ledger.of_fund(id_) if when <= seen.day), promised_of(ledger, id_),
        )
        for id_ in seen.funds
        if ledger.counts("fund", id_, seen.day)
    ]  # fmt: skip


def warnings_of(seen: SeenMoney, cost: Mapping[str, float]) -> list[Warned]:
    """Return every warning on what a person sees, the grave ones first."""
    ledger, day, table = seen.ledger, seen.day, seen.ledger.rules
    found = [
        warned
        for one in seen.accounts.values()
        for warned in contract_warnings(one.book, paid_state(ledger, one, day), day, table)
    ]
    states = fund_states(seen)
    found += [warned for one in states for warned in fund_warnings(one, day, table)]
    if seen.whole:
        found += year_warnings(cost, states)
    found += [
        Warned(
            "pending", DOUBT, "contract", one.contract,
            {"contract": ledger.contracts[one.contract].number, "amount": one.amount / YUAN,
             "since": one.date, "reason": one.reason},
        )
        for one in ledger.variations.values()
        if one.contract in seen.accounts and ledger.state_of(one) == "waiting"
    ]  # fmt: skip
    found += [
        Warned("no_lot", GRAVE, "contract", one.contract.id,
               {"contract": one.contract.number, "lot": f"{one.contract.project} / {one.contract.lot}"})
        for one in seen.accounts.values()
        if one.lot is None
    ]  # fmt: skip
    found += _doubles(seen)
    return sorted(found, key=lambda one: (one.weight != GRAVE, one.code, one.id))


def _doubles(seen: SeenMoney) -> list[Warned]:
    """Return the lots on which several contracts of the same purpose would be paid for the same metres."""
    lots: dict[tuple[str, str, str], list[Contract]] = {}
    for account in seen.accounts.values():
        one = account.contract
        lots.setdefault((one.project, one.lot, one.purpose), []).append(one)
    return [
        Warned(
            "double", GRAVE, "contract", some[-1].id,
            {"contract": some[-1].number, "lot": f"{project} / {lot}",
             "others": ", ".join(one.number for one in some[:-1])},
        )
        for (project, lot, _), some in lots.items()
        if len(some) > 1
    ]  # fmt: skip


def warning_row(one: Warned, language: str) -> dict[str, Any]:
    """Return a warning with its sentence."""
    return {
        "code": one.code, "weight": one.weight, "kind": one.kind, "id": one.id, "facts": dict(one.facts),
        "says": told(f"money.warning.{one.code}", language, one.facts),
    }  # fmt: skip


def _open_lots(store: Store, state: CityState, person: Person) -> list[dict[str, Any]]:
    """Return the lots that a person may file a contract on, and whether they have one."""
    city = state.network.city.code
    works: Mapping[str, Project] = works_ledger(store, state).projects
    taken = {(one.contract.project, one.contract.lot) for one in kept_accounts(store, state).values()}
    return [
        {
            "project": one.id, "project_name": one.name, "lot": lot.id, "lot_name": lot.name,
            "contractor": next((p.body for p in one.answerable(lot) if p.role == "contractor"), ""),
            "methods": sorted({work.method for work in lot.works}), "district": one.district,
            "contracted": (one.id, lot.id) in taken,
        }
        for one in works.values()
        for lot in one.lots
        if not state.network.as_of and has_part(person, "decide", city, one, lot)
    ][:LISTED]  # fmt: skip
