"""Which money was set aside, promised and paid, as it counts? Read once for each state of a city."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wenqu.records.money import (
    ADVANCE,
    APPROVED,
    REFUND,
    SETTLEMENT,
    Approval,
    Contract,
    CounterEntry,
    Fund,
    MoneyRule,
    Payment,
    PriceDecision,
    RefusedRow,
    Variation,
)
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.services.city_state import CityState
from wenqu.services.standing_acceptances import spells
from wenqu.services.work_pace import work_pace
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.successors import heirs
from wenqu.works.money.payable import Book, Entry, LotPipe, Spell, common, millimetres
from wenqu.works.money.rules import Rules, with_own
from wenqu.works.money.warnings import Paid

KINDS: dict[str, type] = {
    "fund": Fund, "contract": Contract, "variation": Variation, "approval": Approval, "payment": Payment,
    "counter_entry": CounterEntry, "money_rule": MoneyRule, "refused_row": RefusedRow,
    "price_decision": PriceDecision,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class MoneyLedger:
    """Everything that was filed about money. The first statement of an id stands."""

    funds: dict[str, Fund] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    variations: dict[str, Variation] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)  # by variation, the last stands
    payments: dict[str, Payment] = field(default_factory=dict)
    voided: dict[tuple[str, str], CounterEntry] = field(default_factory=dict)  # kind, id
    rules: Rules = field(default_factory=dict)
    own_rules: dict[str, MoneyRule] = field(default_factory=dict)
    refused: dict[str, RefusedRow] = field(default_factory=dict)  # the last statement of each
    decisions: tuple[PriceDecision, ...] = ()
    filed: dict[tuple[str, str], Filing] = field(default_factory=dict)
    paid_on: dict[str, list[Payment]] = field(default_factory=dict)  # by contract
    varied: dict[str, list[Variation]] = field(default_factory=dict)  # by contract
    drawn_on: dict[str, list[Payment]] = field(default_factory=dict)  # by fund

    def counts(self, kind: str, id_: str, day: str = "9999-12-31") -> bool:
        """Tell whether a statement had no counter-entry by a day."""
        against = self.voided.get((kind, id_))
        return against is None or against.date > day

    def of_contract(self, id_: str) -> list[Payment]:
        """Return every payment on a contract, those that count no more too."""
        return self.paid_on.get(id_, [])

    def entries(self, payments: Iterable[Payment]) -> list[Entry]:
        """Return payments and their counter-entries with their days. [fen]"""
        found = []
        for one in payments:
            found.append((one.date, one.paid))
            against = self.voided.get(("payment", one.id))
            if against is not None:
                found.append((max(against.date, one.date), -one.paid))
        return found

    def advances(self, id_: str) -> list[Entry]:
        """Return the advances that were paid on a contract, with their days. [fen]"""
        return self.entries(one for one in self.of_contract(id_) if one.kind == ADVANCE)

    def of_fund(self, id_: str) -> list[Entry]:
        """Return what left a fund, with its days. [fen]"""
        return self.entries(self.drawn_on.get(id_, ()))

    def state_of(self, one: Variation) -> str:
        """Return where a variation stands: counts, waiting, rejected or void."""
        if not self.counts("variation", one.id):
            return "void"
        if not one.needs_approval:
            return "counts"
        word = self.approvals.get(one.id)
        if word is None:
            return "waiting"
        return "counts" if word.verdict == APPROVED else "rejected"

    def changes(self, contract: str) -> tuple[tuple[Entry, ...], str]:
        """Return the variations of a contract that count with their days, and the day of its settlement."""
        found: list[Entry] = []
        settled = ""
        for one in self.varied.get(contract, ()):
            word, against = self.approvals.get(one.id), self.voided.get(("variation", one.id))
            if one.needs_approval and (not word or word.verdict != APPROVED):
                continue
            day = max(one.date, word.date) if word and one.needs_approval else one.date
            found.append((day, one.amount))
            if against is not None:
                found.append((max(day, against.date), -one.amount))
            elif one.kind == SETTLEMENT:
                settled = max(settled, day)
        return tuple(found), settled


def read_money(store: Store, city: str, as_of: str | None = None) -> MoneyLedger:
    """Return the money of a city as it had been filed by a moment."""
    rows: dict[str, list[tuple[Any, Filing]]] = {
        kind: store.filed(city, kind, cls, as_of) for kind, cls in KINDS.items()
    }
    filed: dict[tuple[str, str], Filing] = {}
    for kind, some in rows.items():
        for row, filing in some:
            filed.setdefault((kind, row.id), filing)

    def first(kind: str) -> dict[str, Any]:
        return {row.id: row for row, _ in reversed(rows[kind])}

    def ordered(kind: str) -> dict[str, Any]:
        stands = first(kind)
        return {row.id: stands[row.id] for row, _ in rows[kind]}

    payments, variations = ordered("payment"), ordered("variation")
    own = {row.rule: row for row, _ in rows["money_rule"]}
    own = {name: row for name, row in own.items() if row.value is not None}
    return MoneyLedger(
        ordered("fund"),
        ordered("contract"),
        variations,
        {row.variation: row for row, _ in rows["approval"]},
        payments,
        {(row.kind, row.entry): row for row, _ in reversed(rows["counter_entry"])},
        with_own({name: float(row.value) for name, row in own.items()}),
        own,
        {row.id: row for row, _ in rows["refused_row"]},
        tuple(row for row, _ in rows["price_decision"]),
        filed,
        _by("contract", payments.values()),
        _by("contract", variations.values()),
        _by("fund", payments.values()),
    )


def _by(name: str, rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def money_ledger(store: Store, state: CityState) -> MoneyLedger:
    """Return the money of a city as of its state, read once for it."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once("money", lambda: read_money(store, city, moment))


@dataclass(frozen=True, slots=True)
class Account:
    """One contract with its project, lot and reckoning."""

    contract: Contract
    project: Project | None  # None when it was never filed here
    lot: Lot | None
    book: Book
    paid: list[Entry]
    drawn: list[Entry]

    @property
    def district(self) -> str:
        """Return the district that the money counts for."""
        return self.project.district if self.project else ""

    def paid_by(self, day: str) -> int:
        """Return what was paid by a day. [fen]"""
        return sum(amount for when, amount in self.paid if when <= day)

    def drawn_by(self, day: str) -> int:
        """Return the advance that was paid out by a day. [fen]"""
        return sum(amount for when, amount in self.drawn if when <= day)


def accounts_of(store: Store, state: CityState, ledger: MoneyLedger) -> dict[str, Account]:
    """Return the reckoning of every contract that counts."""
    works = works_ledger(store, state)
    stood = spells(store, state)
    diameters = diameters_of(state)
    pace = work_pace(store, state, ledger.contracts.values())
    found = {}
    for id_, one in ledger.contracts.items():
        if not ledger.counts("contract", id_):
            continue
        project = works.projects.get(one.project)
        lot = project.lot(one.lot) if project else None
        pipes = tuple(lot_pipe(work, works, stood, diameters) for work in (lot.works if lot else ()))
        changes, settled = ledger.changes(id_)
        found[id_] = Account(
            one, project, lot, Book(one, pipes, changes, settled, pace(one, lot)),
            ledger.entries(ledger.of_contract(id_)), ledger.advances(id_),
        )  # fmt: skip
    return found


def kept_accounts(store: Store, state: CityState) -> dict[str, Account]:
    """Return the reckoning of every contract, made once for a state."""
    return state.once("money accounts", lambda: accounts_of(store, state, money_ledger(store, state)))


def lot_pipe(work: PipeWork, works: Ledger, stood: Any, diameters: dict[str, float]) -> LotPipe:
    """Return a pipe of a lot as it counts: accepted while all that took its place stand accepted."""
    now_ = heirs(work.conduit, works.after)
    some: list[tuple[Spell, ...]] = [
        tuple((one.acceptance.date[:10], one.until[:10]) for one in stood.get(name, ())) for name in now_
    ]
    sizes = [diameters[name] for name in (*now_, work.conduit) if name in diameters]
    size = sizes[0] if sizes else float("nan")
    return LotPipe(work.conduit, millimetres(work.length), size, work.method, common(some))


def diameters_of(state: CityState) -> dict[str, float]:
    """Return the inner height of every conduit by id, made once for a state. [m]"""

    def read() -> dict[str, float]:
        table = state.network.table("conduit")
        if not len(table):
            return {}
        sizes = table.column("height").astype(np.float64)
        return dict(zip(map(str, table.ids.tolist()), sizes.tolist(), strict=True))

    return state.once("money diameters", read)


def paid_state(ledger: MoneyLedger, account: Account, day: str) -> Paid:
    """Return what was paid on a contract by a day, and which of its pipes stand accepted no more."""
    stands = {one.pipe for one in account.book.pipes if one.on(day)}
    named = {
        name
        for one in ledger.of_contract(account.contract.id)
        if one.kind != REFUND and one.date <= day and ledger.counts("payment", one.id, day)
        for name in one.pipes
    }
    return Paid(account.paid_by(day), account.drawn_by(day), tuple(sorted(named - stands)))
