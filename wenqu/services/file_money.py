"""File funds, contracts and variations: who may, and what each must hold."""

import math
from dataclasses import replace
from datetime import date

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.money import (
    PURPOSES,
    SOURCES,
    Contract,
    Fund,
    MoneyRule,
)
from wenqu.records.project import Project
from wenqu.services.file_works import check_day, new_id
from wenqu.services.money_files import check_fund_files
from wenqu.services.money_forms import MOST
from wenqu.services.money_ledger import MoneyLedger, read_money
from wenqu.services.money_rights import demand_fund, not_the_contractor
from wenqu.services.rights import Person, demand_account, reach
from wenqu.services.works_files import check_files
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.money.payable import exact
from wenqu.works.money.rules import Rules, check_rule, may_use

DEAREST = 10**8  # [fen/m] of one unit price: a million yuan a metre


def today() -> str:
    """Return the ISO date of today."""
    return now().date().isoformat()


def fresh(ledger: MoneyLedger, kind: str, id_: str) -> None:
    """Refuse an id that was used for another statement: nothing filed is ever changed.

    Raises
    ------
    Refused
        ``money-twice``.
    """
    if (kind, id_) in ledger.filed:
        raise Refused("money-twice", id=id_)


def stated_day(day: str) -> str:
    """Return an ISO date that is not ahead of today.

    Raises
    ------
    BadInput
        It is none (``works-day``), or is yet to come (``money-ahead-of-time``).
    """
    check_day(day)
    if day[:10] > today():
        raise BadInput("money-ahead-of-time", day=day[:10])
    return day[:10]


def file_fund(store: Store, city: str, fund: Fund, *, person: Person) -> Fund:
    """File money that was set aside by one document.

    Raises
    ------
    BadInput
        It has no name or document, another source or use than there is, or an amount that is none.
    Refused
        The person may not grant money there, or the id was used.
    """
    demand_account(person)
    demand_fund(person, city, fund.district)
    made = fund if fund.id else replace(fund, id=new_id("F"))
    check_day(made.date)
    if not (made.name.strip() and made.document.strip()) or made.source not in SOURCES:
        raise BadInput("fund-form", id=made.id, sources=", ".join(SOURCES))
    if not set(made.uses) <= set(PURPOSES):
        raise BadInput("money-purpose", purpose=", ".join(made.uses), known=", ".join(PURPOSES))
    if not 0 < made.amount <= MOST:
        raise BadInput("money-amount", amount=made.amount / 100)
    if not 2000 <= made.year <= 2100 or made.date[:4] < str(made.year - 1):
        raise BadInput("fund-year", year=made.year, day=made.date[:10])
    with store.change(city, who=person.account, why=f"fund {made.id}") as change:
        fresh(read_money(store, city), "fund", made.id)
        _known_district(store, city, made.district)
        check_fund_files(store, city, made.district, made.files)
        made = replace(made, date=made.date[:10], simulated=store.city(city).simulated)
        change.add_records("fund", [made])
    return made


def _known_district(store: Store, city: str, district: str) -> None:
    if not district:
        return
    zones = {str(id_) for id_ in store.network(city, types=["zone"]).table("zone").ids}
    if district not in zones:
        raise Unknown("district", name=district)


def file_contract(store: Store, city: str, contract: Contract, *, person: Person) -> Contract:
    """File what was agreed with one body about one lot.

    Raises
    ------
    Unknown
        There is no such lot, or no such fund.
    BadInput
        An amount, a share, a day or a unit price does not hold.
    Refused
        The person does not decide there, belongs to the contractor, or the id was used; or a fund is promised
        for what it is not for.
    """
    demand_account(person)
    made = contract if contract.id else replace(contract, id=new_id("C"))
    with store.change(city, who=person.account, why=f"contract {made.id}") as change:
        ledger = read_money(store, city)
        project, lot = project_of(read_ledger(store, city), made.project, made.lot or "?")
        demand_part(person, ("decide",), city, project, lot)
        not_the_contractor(person, project, lot, made.contractor)
        fresh(ledger, "contract", made.id)
        _terms(made, ledger.rules)
        for part in made.funding:
            fund = fund_of(ledger, part.fund)
            suits(ledger.rules, fund, made, project)
            if not 0 < part.amount <= MOST:
                raise BadInput("money-amount", amount=part.amount / 100)
        check_files(store, city, project.id, made.files)
        made = replace(made, simulated=store.city(city).simulated)
        change.add_records("contract", [made])
    return made


def _terms(made: Contract, table: Rules) -> None:
    if not (made.number.strip() and made.contractor.strip()):
        raise BadInput("contract-form", id=made.id)
    if made.purpose not in PURPOSES:
        raise BadInput("money-purpose", purpose=made.purpose, known=", ".join(PURPOSES))
    if not 0 < made.price <= MOST:
        raise BadInput("money-amount", amount=made.price / 100)
    _days(made)
    for name, value, low, high in (
        ("advance", made.advance, 0.0, table["advance"].value),
        ("retention", made.retention, 0.0, table["retention"].value),
        ("progress", made.progress, table["progress_least"].value, 1.0),
        ("recovered", made.recovered, 0.01, 1.0),
        ("defect_days", made.defect_days, 0, table["defect_days"].value),
    ):
        if not (math.isfinite(value) and low <= value <= high):
            raise BadInput(f"contract-{name.replace('_', '-')}", value=value, low=low, high=high)
    kept = min(exact(made.progress), 1 - exact(made.retention))
    if exact(made.advance) > exact(made.recovered) * kept:
        raise BadInput("contract-recovery", advance=made.advance, recovered=made.recovered)
    _prices(made)


def _days(made: Contract) -> None:
    for day in (made.signed, made.begins, made.ends):
        _plain_day(day)
    stated_day(made.signed)
    if made.ends < made.begins:
        raise BadInput("contract-days", begins=made.begins, ends=made.ends)


def _prices(made: Contract) -> None:
    for row in made.prices:
        if not row.method.strip() or not 0 < row.price <= DEAREST or not 0 <= row.above < row.up_to:
            raise BadInput("contract-price", method=row.method, price=row.price / 100)


def _plain_day(day: str) -> None:
    try:
        if date.fromisoformat(day).isoformat() == day:
            return
    except ValueError:
        pass
    raise BadInput("works-day", day=day)


def fund_of(ledger: MoneyLedger, id_: str) -> Fund:
    """Return a fund that counts.

    Raises
    ------
    Unknown
        There is none, or it has a counter-entry.
    """
    found = ledger.funds.get(id_)
    if found is None or not ledger.counts("fund", id_):
        raise Unknown("fund", name=id_)
    return found


def contract_of(ledger: MoneyLedger, id_: str) -> Contract:
    """Return a contract that counts.

    Raises
    ------
    Unknown
        There is none, or it has a counter-entry.
    """
    found = ledger.contracts.get(id_)
    if found is None or not ledger.counts("contract", id_):
        raise Unknown("contract", name=id_)
    return found


def suits(table: Rules, fund: Fund, contract: Contract, project: Project) -> None:
    """Refuse money for what it is not for: another purpose, or another district.

    Raises
    ------
    Refused
        ``fund-use`` or ``fund-district``.
    """
    if not may_use(table, fund.source, contract.purpose) or (fund.uses and contract.purpose not in fund.uses):
        row = table.get(f"use.{fund.source}.{contract.purpose}")
        raise Refused(
            "fund-use", fund=fund.name, source=fund.source, purpose=contract.purpose,
            rule=row.source if row and row.value != 1.0 else fund.document,
        )  # fmt: skip
    if fund.district and fund.district != project.district:
        raise Refused("fund-district", fund=fund.name, district=fund.district, project=project.id)


def set_rule(
    store: Store, city: str, name: str, value: float | None, *, person: Person, reason: str
) -> MoneyRule:
    """Set a city's own value of a rule of money, None takes it back.

    Raises
    ------
    BadInput
        There is no such rule, its value is out of range, or no reason is given.
    Refused
        The person does not decide in the whole city.
    """
    demand_account(person)
    if not reach(person, "decide", city).whole:
        raise Refused("rights", action="decide", city=city, district="", body="")
    if not reason.strip():
        raise BadInput("money-rule-reason", rule=name)
    check_rule(name, 1.0 if value is None else value)
    with store.change(city, who=person.account, why=f"{name}: {reason}") as change:
        made = MoneyRule(new_id("G"), name, value, reason.strip(), person.account, store.city(city).simulated)
        change.add_records("money_rule", [made])
    return made
