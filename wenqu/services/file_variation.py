"""File a change of what a contract costs, or its settlement, and the word on one that waits."""

from dataclasses import replace

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.money import (
    APPROVED,
    CHANGE,
    REJECTED,
    SETTLEMENT,
    VARIATION_KINDS,
    Approval,
    Variation,
)
from wenqu.services.file_money import contract_of, fresh, stated_day
from wenqu.services.file_works import new_id
from wenqu.services.money_forms import MOST
from wenqu.services.money_ledger import MoneyLedger, read_money
from wenqu.services.money_rights import not_the_contractor
from wenqu.services.rights import Person, demand_account
from wenqu.services.works_files import check_files
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store
from wenqu.works.money.payable import exact
from wenqu.works.money.rules import Rules


def file_variation(store: Store, city: str, given: Variation, *, person: Person) -> Variation:
    """File a change of what a contract costs, or its settlement; beyond a share it waits for an approval.

    Raises
    ------
    Unknown
        There is no such contract.
    BadInput
        It has no reason, another kind, an amount or a day that does not hold.
    Refused
        The person does not decide there, belongs to the contractor, the id was used, or it is settled.
    """
    demand_account(person)
    made = given if given.id else replace(given, id=new_id("V"))
    with store.change(city, who=person.account, why=f"variation {made.id}") as change:
        ledger = read_money(store, city)
        contract = contract_of(ledger, made.contract)
        project, lot = project_of(read_ledger(store, city), contract.project, contract.lot)
        demand_part(person, ("decide",), city, project, lot)
        not_the_contractor(person, project, lot, contract.contractor)
        fresh(ledger, "variation", made.id)
        if made.kind not in VARIATION_KINDS or not made.reason.strip():
            raise BadInput("variation-form", id=made.id)
        if abs(made.amount) > MOST or (made.kind == CHANGE and made.amount == 0):
            raise BadInput("money-amount", amount=made.amount / 100)
        day = stated_day(made.date)
        if day < contract.signed:
            raise BadInput("money-before-contract", day=day, signed=contract.signed)
        counting = [one for one in ledger.varied.get(contract.id, ()) if _may_count(ledger, one)]
        if any(one.kind == SETTLEMENT for one in counting):
            raise Refused("contract-settled", contract=contract.number)
        sum_ = sum(one.amount for one in counting) + made.amount
        if contract.price + sum_ < 0:
            raise BadInput("money-amount", amount=made.amount / 100)
        check_files(store, city, project.id, made.files)
        made = replace(
            made, date=day, by=person.account, simulated=store.city(city).simulated,
            needs_approval=beyond(sum_, contract.price, ledger.rules),
        )  # fmt: skip
        change.add_records("variation", [made])
    return made


def beyond(changes: int, price: int, table: Rules) -> bool:
    """Tell whether the sum of changes is beyond the share that needs no approval."""
    return abs(changes) > price * exact(table["variation"].value)


def _may_count(ledger: MoneyLedger, one: Variation) -> bool:
    return ledger.state_of(one) in {"counts", "waiting"}


def decide_variation(store: Store, city: str, word: Approval, *, person: Person) -> Approval:
    """Approve or reject a variation that waits; whoever filed it does not decide on it.

    Raises
    ------
    Unknown
        There is no such variation.
    BadInput
        No document or body is named, or the verdict is none.
    Refused
        It does not wait (``variation-decided``), or the person filed it (``variation-own``), belongs to the
        contractor or does not decide there.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"approval of {word.variation}") as change:
        ledger = read_money(store, city)
        found = ledger.variations.get(word.variation)
        if found is None:
            raise Unknown("variation", name=word.variation)
        contract = contract_of(ledger, found.contract)
        project, lot = project_of(read_ledger(store, city), contract.project, contract.lot)
        demand_part(person, ("decide",), city, project, lot)
        not_the_contractor(person, project, lot, contract.contractor)
        if ledger.state_of(found) != "waiting":
            raise Refused("variation-decided", variation=found.id)
        if found.by == person.account and not person.local:
            raise Refused("variation-own", variation=found.id, by=found.by)
        if word.verdict not in {APPROVED, REJECTED} or not (word.document.strip() and word.body.strip()):
            raise BadInput("approval-form", variation=found.id)
        check_files(store, city, project.id, word.files)
        made = replace(
            word, id=word.id or new_id("B"), date=stated_day(word.date), by=person.account,
            simulated=found.simulated,
        )  # fmt: skip
        change.add_records("approval", [made])
    return made
