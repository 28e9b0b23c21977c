"""How is one fund, contract, variation or payment told? In yuan and metres, as people read them."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from wenqu.records.money import Fund, Payment, Variation
from wenqu.services.file_payment import payable
from wenqu.services.money_files import fund_file_row
from wenqu.services.money_ledger import Account, MoneyLedger
from wenqu.services.works_files import file_row
from wenqu.works.money.earned_value import planned
from wenqu.works.money.payable import PRICES, advance_of, limit
from wenqu.works.money.rules import last_year

YUAN = 100  # [fen]
METRE = 1000  # [mm]


def fund_row(ledger: MoneyLedger, one: Fund, city: str, day: str) -> dict[str, Any]:
    """Return a fund with what was promised and paid of it. [yuan]"""
    paid = sum(amount for when, amount in ledger.of_fund(one.id) if when <= day)
    promised = promised_of(ledger, one.id)
    filing = ledger.filed.get(("fund", one.id))
    return {
        "id": one.id,
        "source": one.source,
        "name": one.name,
        "year": one.year,
        "last": last_year(ledger.rules, one.source, one.year),
        "district": one.district,
        "amount": one.amount / YUAN,
        "promised": promised / YUAN,
        "paid": paid / YUAN,
        "left": (one.amount - paid) / YUAN,
        "document": one.document,
        "date": one.date,
        "uses": list(one.uses),
        "note": one.note,
        "files": [fund_file_row(city, one.district, name) for name in one.files],
        "filed": filing.at[:10] if filing else "",
        "filed_by": filing.who if filing else "",
        "simulated": one.simulated,
        **countered(ledger, "fund", one.id),
    }


def promised_of(ledger: MoneyLedger, fund: str) -> int:
    """Return what contracts that count were promised from a fund. [fen]"""
    return sum(
        part.amount
        for one in ledger.contracts.values()
        if ledger.counts("contract", one.id)
        for part in one.funding
        if part.fund == fund
    )


def countered(ledger: MoneyLedger, kind: str, id_: str) -> dict[str, Any]:
    """Return since when and why a statement counts no more; empty while it does."""
    against = ledger.voided.get((kind, id_))
    if against is None:
        return {"void": "", "void_why": "", "void_by": ""}
    return {"void": against.date, "void_why": against.reason, "void_by": against.by}


def contract_row(account: Account, day: str) -> dict[str, Any]:
    """Return a contract with its money against its metres on a day. [yuan], [m]"""
    one, project = account.contract, account.project
    paid, drawn = account.paid_by(day), account.drawn_by(day)
    there, can = limit(account.book, day, drawn), payable(account, day, day)
    ideal = planned(account.book, day)
    return {
        "id": one.id,
        "number": one.number,
        "project": one.project,
        "project_name": project.name if project else one.project,
        "lot": one.lot,
        "lot_name": account.lot.name if account.lot else one.lot,
        "district": account.district,
        "contractor": one.contractor,
        "purpose": one.purpose,
        "signed": one.signed,
        "begins": one.begins,
        "ends": one.ends,
        "price": one.price / YUAN,
        "now": there.price / YUAN,
        "accepted_m": there.accepted_mm / METRE,
        "whole_m": there.whole_mm / METRE,
        "share": float(there.share),
        "basis": there.basis,
        "value": there.value / YUAN,
        "limit": there.total / YUAN,
        "paid": paid / YUAN,
        "room": max(0, can.room.amount) / YUAN,
        "over": max(0, paid - there.total) / YUAN,
        "advance_agreed": advance_of(one) / YUAN,
        "advance_open": can.advance / YUAN,
        "drawn": drawn / YUAN,
        "retention_due": can.retention_due,
        "planned": ideal / YUAN,
        "schedule_index": there.value / ideal if ideal else None,
        "money_index": there.value / paid if paid > 0 else None,
        "funded": sum(part.amount for part in one.funding) / YUAN,
        "settled": account.book.settled,
        "simulated": one.simulated,
    }


def contract_terms(account: Account, city: str) -> dict[str, Any]:
    """Return what was agreed, as written."""
    one = account.contract
    return {
        "advance": one.advance,
        "recovered": one.recovered,
        "progress": one.progress,
        "retention": one.retention,
        "defect_days": one.defect_days,
        "prices": [
            {**asdict(row), "price": row.price / YUAN, "up_to": row.up_to if isfinite(row.up_to) else None}
            for row in one.prices
        ],
        "funding": [{"fund": part.fund, "amount": part.amount / YUAN} for part in one.funding],
        "files": files(city, one.project, one.files),
        "note": one.note,
        "by_prices": limit(account.book, one.signed).basis == PRICES,
    }


def files(city: str, project: str, named: Sequence[str]) -> list[dict[str, str]]:
    """Return the files of a statement as they are opened."""
    return [file_row(city, project, name) for name in named if name]


def variation_row(ledger: MoneyLedger, one: Variation, city: str) -> dict[str, Any]:
    """Return a variation with the word on it. [yuan]"""
    word, filing = ledger.approvals.get(one.id), ledger.filed.get(("variation", one.id))
    contract = ledger.contracts[one.contract]
    return {
        "id": one.id,
        "contract": one.contract,
        "number": contract.number,
        "kind": one.kind,
        "amount": one.amount / YUAN,
        "share": one.amount / contract.price,
        "date": one.date,
        "reason": one.reason,
        "document": one.document,
        "by": one.by,
        "needs_approval": one.needs_approval,
        "state": ledger.state_of(one),
        "verdict": word.verdict if word else "",
        "decided": word.date if word else "",
        "decided_by": word.by if word else "",
        "decided_body": word.body if word else "",
        "decided_document": word.document if word else "",
        "files": files(city, contract.project, (*one.files, *(word.files if word else ()))),
        "filed": filing.at[:10] if filing else "",
        "simulated": one.simulated,
        **countered(ledger, "variation", one.id),
    }


def payment_row(ledger: MoneyLedger, one: Payment, city: str) -> dict[str, Any]:
    """Return a payment. [yuan]"""
    contract, fund = ledger.contracts[one.contract], ledger.funds.get(one.fund)
    filing = ledger.filed.get(("payment", one.id))
    return {
        "id": one.id,
        "contract": one.contract,
        "number": contract.number,
        "project": contract.project,
        "contractor": contract.contractor,
        "fund": one.fund,
        "fund_name": fund.name if fund else one.fund,
        "source": fund.source if fund else "",
        "year": fund.year if fund else 0,
        "kind": one.kind,
        "amount": one.paid / YUAN,
        "date": one.date,
        "pipes": list(one.pipes),
        "document": one.document,
        "note": one.note,
        "files": files(city, contract.project, one.files),
        "filed": filing.at[:10] if filing else "",
        "filed_by": filing.who if filing else "",
        "simulated": one.simulated,
        **countered(ledger, "payment", one.id),
    }
