"""Pay, take back, correct: against accepted metres only, from a fund that has it and is for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.money import (
    ADVANCE,
    PAYMENT_KINDS,
    PROGRESS,
    REFUND,
    RETENTION,
    Contract,
    CounterEntry,
    Fund,
    Payment,
)
from wenqu.services.city_state import CityState
from wenqu.services.file_money import contract_of, fresh, fund_of, stated_day, suits, today
from wenqu.services.file_works import new_id
from wenqu.services.money_forms import MOST
from wenqu.services.money_ledger import Account, MoneyLedger, accounts_of, read_money
from wenqu.services.money_rights import demand_fund, not_the_contractor
from wenqu.services.rights import Person, demand_account
from wenqu.services.works_files import check_files
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store
from wenqu.works.money.payable import Room, advance_of, least_left, limit, released, room
from wenqu.works.money.rules import Rules, last_year

COUNTERED = ("fund", "contract", "variation", "payment")


@dataclass(frozen=True, slots=True)
class Payable:
    """What may be paid on a contract on a day."""

    room: Room  # for accepted metres
    advance: int  # [fen] of the agreed advance that is still open
    retention_due: bool


def payable(account: Account, day: str, now_: str) -> Payable:
    """Return what may be paid on a contract on a day, as things stand."""
    found = room(account.book, account.paid, account.drawn, day, now_)
    left = advance_of(account.contract) - max(
        (sum(amount for at, amount in account.drawn if at <= when) for when, _ in account.drawn), default=0
    )
    return Payable(found, max(0, left), released(account.book, day))


def file_payment(store: Store, city: str, payment: Payment, *, person: Person) -> Payment:
    """File a payment on a contract, or what came back of one.

    Raises
    ------
    Unknown
        There is no such contract or fund.
    BadInput
        The kind, the amount or the day does not hold, or no document is named.
    Refused
        It is beyond what is accepted (``money-metres``), beyond the agreed advance (``money-advance``), the
        retention is not due (``money-retention``), the fund does not have it (``fund-overdrawn``), is for
        something else (``fund-use``, ``fund-district``) or cannot be drawn on (``fund-lapsed``), a pipe
        is not accepted (``money-pipe``), more came back than was paid (``money-refund``), the id was used, or
        the person may not.
    """
    demand_account(person)
    made = payment if payment.id else replace(payment, id=new_id("P"))
    with store.change(city, who=person.account, why=f"payment {made.id}") as change:
        ledger = read_money(store, city)
        contract = contract_of(ledger, made.contract)
        project, lot = project_of(read_ledger(store, city), contract.project, contract.lot)
        demand_part(person, ("decide",), city, project, lot)
        not_the_contractor(person, project, lot, contract.contractor)
        fund = fund_of(ledger, made.fund)
        demand_fund(person, city, fund.district)
        fresh(ledger, "payment", made.id)
        made = replace(made, date=stated_day(made.date), simulated=store.city(city).simulated)
        _form(made, contract)
        check_files(store, city, project.id, made.files)
        account = accounts_of(store, CityState(store.network(city)), ledger)[contract.id]
        if made.kind == REFUND:
            check_refund(ledger, account, made, today())
        else:
            suits(ledger.rules, fund, contract, project)
            check_payment(account, made, today())
            _from_fund(ledger, fund, made)
            made = replace(made, pipes=_pipes(ledger, account, made))
        change.add_records("payment", [made])
    return made


def _form(made: Payment, contract: Contract) -> None:
    if made.kind not in PAYMENT_KINDS or not made.document.strip():
        raise BadInput("payment-form", id=made.id, kinds=", ".join(PAYMENT_KINDS))
    if not 0 < made.amount <= MOST:
        raise BadInput("money-amount", amount=made.amount / 100)
    if made.date < contract.signed:
        raise BadInput("money-before-contract", day=made.date, signed=contract.signed)


def check_payment(account: Account, made: Payment, now_: str) -> None:
    """Refuse what is beyond the accepted metres, the agreed advance or the retention that is due.

    Raises
    ------
    Refused
        ``money-metres``, ``money-advance``, ``money-retention`` or ``money-pipe``.
    """
    contract, book = account.contract, account.book
    stands = {one.pipe for one in book.pipes if one.on(made.date)}
    strange = [name for name in made.pipes if name not in stands]
    if strange:
        raise Refused("money-pipe", pipe=strange[0], day=made.date, contract=contract.number)
    if made.kind == ADVANCE:
        left = payable(account, made.date, now_).advance
        if made.amount > left:
            raise Refused(
                "money-advance", contract=contract.number, agreed=advance_of(contract) / 100,
                left=left / 100, asked=made.amount / 100,
            )  # fmt: skip
    if made.kind == RETENTION and not released(book, made.date):
        there = limit(book, made.date)
        raise Refused(
            "money-retention", contract=contract.number, day=made.date, days=contract.defect_days,
            accepted=there.accepted_mm / 1000, whole=there.whole_mm / 1000,
        )  # fmt: skip
    more = made.amount if made.kind == ADVANCE else 0
    found = room(book, account.paid, account.drawn, made.date, now_, more)
    if made.amount > found.amount:
        raise Refused("money-metres", **beyond(contract, found, made.amount))


def beyond(contract: Contract, found: Room, asked: int) -> dict[str, object]:
    """Return the facts of a refusal: how many metres are accepted, and what may be paid."""
    return {
        "contract": contract.number,
        "day": found.limit.day,
        "accepted": found.limit.accepted_mm / 1000,
        "whole": found.limit.whole_mm / 1000,
        "limit": found.limit.total / 100,
        "paid": found.paid / 100,
        "room": max(0, found.amount) / 100,
        "asked": asked / 100,
        "over": (asked - max(0, found.amount)) / 100,
    }


def _pipes(ledger: MoneyLedger, account: Account, made: Payment) -> tuple[str, ...]:
    """Return the pipes a payment is for: those named, else all accepted ones that none before was for."""
    if made.pipes or made.kind != PROGRESS:
        return made.pipes
    named = {
        name
        for one in ledger.of_contract(account.contract.id)
        if ledger.counts("payment", one.id)
        for name in one.pipes
    }
    stands = [one.pipe for one in account.book.pipes if one.on(made.date)]
    return tuple(name for name in stands if name not in named) or tuple(stands)


def _from_fund(ledger: MoneyLedger, fund: Fund, made: Payment) -> None:
    _drawable(ledger.rules, fund, made.date)
    left = least_left(fund.amount, ledger.of_fund(fund.id), made.date)
    if made.amount > left:
        raise Refused(
            "fund-overdrawn", fund=fund.name, amount=fund.amount / 100, left=max(0, left) / 100,
            asked=made.amount / 100, day=made.date,
        )  # fmt: skip


def _drawable(table: Rules, fund: Fund, day: str) -> None:
    last = last_year(table, fund.source, fund.year)
    if day < fund.date or int(day[:4]) > last:
        raise Refused("fund-lapsed", fund=fund.name, day=day, since=fund.date, last=last)


def check_refund(ledger: MoneyLedger, account: Account, made: Payment, now_: str) -> None:
    """Refuse what never was paid from that fund on the contract.

    Raises
    ------
    Refused
        ``money-refund``.
    """
    mine = ledger.entries(one for one in account_payments(ledger, account) if one.fund == made.fund)
    days = {made.date, now_, *(when for when, _ in mine if when >= made.date)}
    there = min(sum(amount for when, amount in mine if when <= day) for day in days if day >= made.date)
    if made.amount > there:
        raise Refused(
            "money-refund", contract=account.contract.number, paid=max(0, there) / 100,
            asked=made.amount / 100,
        )  # fmt: skip


def account_payments(ledger: MoneyLedger, account: Account) -> list[Payment]:
    """Return the payments on a contract."""
    return ledger.of_contract(account.contract.id)


def file_counter_entry(store: Store, city: str, given: CounterEntry, *, person: Person) -> CounterEntry:
    """File that a statement counts no more; it stays on record with the reason.

    Raises
    ------
    Unknown
        There is no such statement.
    BadInput
        No reason is given.
    Refused
        It was struck already (``counter-twice``), money hangs on it (``counter-hangs``), or it is not for
        this person to do.
    """
    demand_account(person)
    if not given.reason.strip() or given.kind not in COUNTERED:
        raise BadInput("counter-form", entry=given.entry, kinds=", ".join(COUNTERED))
    with store.change(city, who=person.account, why=f"counter-entry {given.kind} {given.entry}") as change:
        ledger = read_money(store, city)
        one = _countered(ledger, given)
        _may_counter(store, city, ledger, one, person)
        _hangs(ledger, one)
        if isinstance(one, Payment) and one.kind == REFUND:
            account = accounts_of(store, CityState(store.network(city)), ledger)[one.contract]
            check_payment(account, replace(one, kind=PROGRESS, pipes=(), date=today()), today())
        made = replace(
            given, id=given.id or new_id("N"), date=stated_day(given.date or today()), by=person.account,
            simulated=store.city(city).simulated,
        )  # fmt: skip
        stated = getattr(one, "date", getattr(one, "signed", ""))
        if made.date < stated:
            raise BadInput("money-before-entry", day=made.date, stated=stated)
        change.add_records("counter_entry", [made])
    return made


def _countered(ledger: MoneyLedger, given: CounterEntry) -> object:
    tables: Mapping[str, Mapping[str, object]] = {
        "fund": ledger.funds, "contract": ledger.contracts, "variation": ledger.variations,
        "payment": ledger.payments,
    }  # fmt: skip
    one = tables[given.kind].get(given.entry)
    if one is None:
        raise Unknown(given.kind, name=given.entry)
    if (given.kind, given.entry) in ledger.voided:
        raise Refused("counter-twice", entry=given.entry)
    return one


def _may_counter(store: Store, city: str, ledger: MoneyLedger, one: object, person: Person) -> None:
    if isinstance(one, Fund):
        demand_fund(person, city, one.district)
        return
    contract = one if isinstance(one, Contract) else ledger.contracts[str(getattr(one, "contract", ""))]
    project, lot = project_of(read_ledger(store, city), contract.project, contract.lot)
    demand_part(person, ("decide",), city, project, lot)
    not_the_contractor(person, project, lot, contract.contractor)
    if isinstance(one, Payment):
        fund = ledger.funds.get(one.fund)
        demand_fund(person, city, fund.district if fund else "")


def _hangs(ledger: MoneyLedger, one: object) -> None:
    """Refuse to strike what other money hangs on."""
    if isinstance(one, Fund):
        left = sum(amount for _, amount in ledger.of_fund(one.id))
        if left:
            raise Refused("counter-hangs", entry=one.id, paid=left / 100)
    if isinstance(one, Contract):
        left = sum(amount for _, amount in ledger.entries(ledger.of_contract(one.id)))
        if left:
            raise Refused("counter-hangs", entry=one.id, paid=left / 100)
    if isinstance(one, Payment) and one.kind != REFUND:
        mine = ledger.entries(row for row in ledger.of_contract(one.contract) if row.fund == one.fund)
        left = sum(amount for _, amount in mine)
        if left < one.amount:  # some of it came back already
            raise Refused("counter-hangs", entry=one.id, paid=(one.amount - left) / 100)
    if isinstance(one, Payment) and one.kind == REFUND:
        fund = ledger.funds[one.fund]
        if least_left(fund.amount, ledger.of_fund(fund.id), one.date) < one.amount:
            raise Refused("counter-hangs", entry=one.id, paid=one.amount / 100)
