"""Bring funds, contracts, variations and payments in: good rows are filed, bad ones kept and named."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wenqu.errors import BadInput, Refused, Unknown, WenquError
from wenqu.records.money import RefusedRow
from wenqu.services.file_money import file_contract, file_fund
from wenqu.services.file_payment import file_payment
from wenqu.services.file_variation import file_variation
from wenqu.services.money_ledger import MoneyLedger, read_money
from wenqu.services.money_rights import sees_row
from wenqu.services.read_money_file import form_of, rows_of
from wenqu.services.rights import Person, demand, demand_account
from wenqu.services.wording import sentence
from wenqu.services.works_ledger import read_ledger
from wenqu.store.database import Store

WAITING, FILED, DROPPED = "waiting", "filed", "dropped"
LETTER = {"funds": "F", "contracts": "C", "variations": "V", "payments": "P"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file."""

    table: str
    filed: tuple[str, ...]  # ids
    known: int  # rows that had been filed from the same words before
    refused: tuple[RefusedRow, ...]


def take_money(store: Store, city: str, table: str, name: str, content: bytes, *, person: Person) -> Taken:
    """File the rows of a table; what cannot be filed is kept with the reason, as its own statement.

    A row without an id gets one from its words: handed in again it is known and filed no second time.

    Parameters
    ----------
    table
        funds, contracts, variations or payments.
    content
        An Excel workbook or a table of text, with headings as the template has them in either language.

    Raises
    ------
    BadInput
        There is no such table, or the file lacks a column that every row needs.
    FileUnreadable
        It is no table.
    Refused
        The person decides nowhere in the city.
    """
    demand_account(person)
    demand(person, "decide", city)
    filed, refused, known = [], [], 0
    for number, cells in list(rows_of(table, name, content)):
        own = cells.get("id", "")
        words = named(store, city, table, cells | {"id": own or id_of(table, cells)})
        try:
            filed.append(_file(store, city, table, words, person))
        except WenquError as error:
            if not own and error.reason == "money-twice":
                known += 1
            else:
                refused.append(_refused(store, city, table, (name, number), cells, error))
    if refused:
        with store.change(city, who=person.account, why=f"{name}: {len(refused)} refused") as change:
            change.add_records("refused_row", refused)
    return Taken(table, tuple(filed), known, tuple(refused))


def id_of(table: str, cells: Mapping[str, str]) -> str:
    """Return the id of a row that names none: the same for the same words."""
    words = "\n".join(f"{name}={cells[name].strip()}" for name in sorted(cells) if cells[name].strip())
    return f"{LETTER[table]}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def named(store: Store, city: str, table: str, cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells in which contract and fund are named by their ids, where number or name is given."""
    made = dict(cells)
    if table not in {"variations", "payments"}:
        return made
    ledger = read_money(store, city)
    contract, fund = made.get("contract", ""), made.get("fund", "")
    if contract not in ledger.contracts:
        called = [one.id for one in ledger.contracts.values() if one.number == contract]
        made["contract"] = _only(ledger, "contract", called) or contract
    if table == "payments" and fund not in ledger.funds:
        called = [one.id for one in ledger.funds.values() if fund in {one.name, one.document}]
        made["fund"] = _only(ledger, "fund", called) or fund
    return made


def _only(ledger: MoneyLedger, kind: str, ids: Sequence[str]) -> str:
    standing = [id_ for id_ in ids if ledger.counts(kind, id_)]
    return standing[0] if len(standing) == 1 else ""


def _file(store: Store, city: str, table: str, cells: Mapping[str, str], person: Person) -> str:
    made = form_of(table, cells).made()
    if table == "funds":
        return file_fund(store, city, made, person=person).id
    if table == "contracts":
        return file_contract(store, city, made, person=person).id
    if table == "variations":
        return file_variation(store, city, made, person=person).id
    return file_payment(store, city, made, person=person).id


def _refused(
    store: Store, city: str, table: str, place: tuple[str, int], cells: Mapping[str, str], error: WenquError
) -> RefusedRow:
    file, row = place
    zh, en = (sentence(error, language) for language in ("zh", "en"))
    return RefusedRow(
        f"R-{id_of(table, cells)[2:]}", table, file, row, tuple(cells.items()), error.key, zh, en,
        _district(store, city, table, named(store, city, table, cells)), simulated=store.city(city).simulated,
    )  # fmt: skip


def _district(store: Store, city: str, table: str, cells: Mapping[str, str]) -> str:
    """Return the district of what a row is about, "" where it cannot be told."""
    if table == "funds":
        return cells.get("district", "")
    project = cells.get("project", "")
    if table != "contracts":
        contract = read_money(store, city).contracts.get(cells.get("contract", ""))
        project = contract.project if contract else ""
    found = read_ledger(store, city).projects.get(project)
    return found.district if found else ""


def settle_row(
    store: Store,
    city: str,
    id_: str,
    *,
    person: Person,
    why: str,
    cells: Mapping[str, str] | None = None,
) -> str:
    """File a kept row after all, with cells put right where they are given; return the id it was filed under.

    Raises
    ------
    Unknown
        No such row waits for this person.
    Refused
        It has been dealt with.
    WenquError
        It still cannot be filed.
    """
    row = _waiting(store, city, id_, person)
    given = dict(cells or row.cells)
    given["id"] = given.get("id", "") or row.id
    made = _file(store, city, row.table, named(store, city, row.table, given), person)
    _decided(store, city, row, (FILED, person.account, why or made))
    return made


def drop_row(store: Store, city: str, id_: str, *, person: Person, why: str) -> None:
    """Say of a kept row that it will not be filed; it stays on record.

    Raises
    ------
    Unknown, Refused
        As ``settle_row``.
    BadInput
        No reason is given.
    """
    if not why.strip():
        raise BadInput("counter-form", entry=id_, kinds="-")
    row = _waiting(store, city, id_, person)
    _decided(store, city, row, (DROPPED, person.account, why.strip()))


def _waiting(store: Store, city: str, id_: str, person: Person) -> RefusedRow:
    demand_account(person)
    demand(person, "decide", city)
    row = read_money(store, city).refused.get(id_)
    if row is None or not sees_row(person, city, row):
        raise Unknown("refused-row", name=id_)
    if row.state != WAITING:
        raise Refused("row-decided", row=row.row)
    return row


def _decided(store: Store, city: str, row: RefusedRow, word: tuple[str, str, str]) -> None:
    state, who, why = word
    with store.change(city, who=who, why=f"row {row.id}: {state}") as change:
        change.add_records("refused_row", [replace(row, state=state, by=who, why=why)])
