"""What money has the example city set aside, promised and paid? All invented, and paid by the rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from wenqu.planning.costs import Catalogue, unit_price
from wenqu.records.money import (
    ADVANCE,
    APPROVED,
    CHANGE,
    PROGRESS,
    SETTLEMENT,
    Approval,
    Contract,
    Fund,
    Funding,
    Payment,
    RefusedRow,
    UnitPrice,
    Variation,
)
from wenqu.records.project import Lot, Project
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import own_prices
from wenqu.services.money_ledger import Account, accounts_of, read_money
from wenqu.store.database import Store
from wenqu.works.money.payable import Entry, advance_of, least_left, room
from wenqu.works.money.rules import rules
from wenqu.works.money.unit_costs import CLASSES

SEED = 622
BEFORE = 75  # [d] before the first pipe of a lot is built that its contract is signed
STEP = 45  # [d] between two payments
WAITS, APPROVES, GROWS = 7, 5, 3  # every so many contracts have such a variation
SITE = 1.04  # [-] what a lot costs beside its metres
# Source, district fund or the whole city's, share of all contracts, name, number
PURSES = (
    ("special_fund", False, 0.34, "中央污水管网专项资金（模拟）", "模拟财建"),
    ("bond", True, 0.40, "地方政府专项债券（模拟）", "模拟财债"),
    ("sewage_charge", False, 0.16, "污水处理费（模拟）", "模拟财综"),
    ("subsidy", False, 0.12, "省级以奖代补（模拟）", "模拟省建"),
)
OFFICE, SECOND, BODY = "sim-office", "sim-audit", "问渠市财政局"


@dataclass(frozen=True, slots=True)
class Played:
    """Everything that is filed of money before a payment."""

    funds: list[Fund] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    variations: list[Variation] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def _day(day: str, after: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=after)).isoformat()


def contracts(
    projects: Sequence[Project], built: dict[str, str], sizes: dict[str, float], book: Catalogue, today: str
) -> list[Contract]:
    """Return a contract for each lot, dearer or cheaper than the table by whose it is.

    Parameters
    ----------
    built
        ISO date on which each pipe was, or will be, finished.
    sizes
        Diameter of each pipe. [m]
    """
    noise = np.random.default_rng(SEED)
    made: list[Contract] = []
    for project in projects:
        dear = 0.98 + 0.09 * (len({one.contractor for one in made}) % 3)
        for lot in project.lots:
            builder = next(p.body for p in project.answerable(lot) if p.role == "contractor")
            factor = dear * float(noise.normal(1.0, 0.05))
            prices = _prices(lot, sizes, book, factor)
            cost = sum(
                _of(prices, work.method, sizes.get(work.conduit, 0.4)) * work.length for work in lot.works
            )
            days = [built[work.conduit] for work in lot.works]
            signed = min(_day(min(days), -BEFORE), _day(today, -20))
            number = f"WQ-{signed[:4]}-{len(made) + 1:03d}（模拟）"
            ends = max(_day(max(days), 20), _day(signed, 60))
            made.append(
                Contract(
                    f"SIM-C{len(made) + 1:03d}", number, project.id, lot.id, builder, "renewal",
                    round(cost * SITE / 100) * 100, signed, _day(signed, 15), ends, prices, 0.2, 0.6, 0.85,
                    0.03, 365, note="模拟数据", simulated=True,
                )
            )  # fmt: skip
    return made


def _prices(lot: Lot, sizes: dict[str, float], book: Catalogue, factor: float) -> tuple[UnitPrice, ...]:
    found = []
    for method in sorted({work.method for work in lot.works}):
        row = book.method(method)
        for above, up_to in CLASSES:
            mine = [
                sizes[work.conduit]
                for work in lot.works
                if work.method == method and above < sizes.get(work.conduit, 0.4) <= up_to
            ]
            if mine:
                there = float(unit_price(row, np.array([np.mean(mine)]), np.array([np.nan]))[0])
                found.append(UnitPrice(method, round(there * factor) * 100, above, up_to))
    return tuple(found)


def _of(prices: Iterable[UnitPrice], method: str, size: float) -> int:
    return next((one.price for one in prices if one.fits(method, size)), 0)


def funds(made: Sequence[Contract], zones: dict[str, str], today: str) -> list[Fund]:
    """Return funds by year, source and, where they are a district's, district.

    Parameters
    ----------
    zones
        District of each project.
    """
    years = sorted({one.signed[:4] for one in made} | {today[:4]})
    found: list[Fund] = []
    for year in years:
        mine = [one for one in made if one.signed[:4] == year]
        for source, local, share, name, number in PURSES:
            for zone in sorted({zones[one.project] for one in mine}) if local else [""]:
                some = [one for one in mine if not local or zones[one.project] == zone]
                amount = round(sum(one.price for one in some) * share * 1.06 / 1_000_000) * 1_000_000
                if amount:
                    id_ = f"SIM-F{len(found) + 1:02d}"
                    document = f"{number}〔{year}〕{len(found) + 1} 号"
                    found.append(
                        Fund(
                            id_, source, f"{year} 年{name}", int(year), amount, document, f"{year}-01-10",
                            zone, note="模拟数据", simulated=True,
                        )
                    )  # fmt: skip
    return found


def with_funding(made: Sequence[Contract], given: Sequence[Fund], zones: dict[str, str]) -> list[Contract]:
    """Return contracts with the funds that are to pay them, as long as there is any left."""
    left = {one.id: one.amount for one in given}
    found = []
    for one in made:
        parts, lacks = [], one.price
        for fund in given:
            fits = fund.district in {"", zones[one.project]} and fund.year == int(one.signed[:4])
            amount = min(left[fund.id], lacks, round(one.price * 0.45)) if fits else 0
            if amount > 0:
                parts.append(Funding(fund.id, amount))
                left[fund.id] -= amount
                lacks -= amount
        found.append(replace(one, funding=tuple(parts)))
    return found


def variations(made: Sequence[Contract], today: str) -> tuple[list[Variation], list[Approval]]:
    """Return changes of some contracts: small ones, one kind that was approved and one that waits."""
    found, words = [], []
    for number, one in enumerate(made, 1):
        share = 0.14 if number % WAITS == 0 else 0.12 if number % APPROVES == 0 else 0.04
        if number % WAITS and number % APPROVES and number % GROWS:
            continue
        day = min(_day(one.begins, 40), _day(today, -12))
        if day < one.signed:
            continue
        beyond = share > rules()["variation"].value
        vary = Variation(
            f"SIM-V{number:03d}", one.id, CHANGE, round(one.price * share / 100) * 100, day,
            "检查井与支管接口增补（模拟）" if not beyond else "管周土体加固、交通导改增加（模拟）", OFFICE,
            needs_approval=beyond, document=f"模拟变更 {number}", simulated=True,
        )  # fmt: skip
        found.append(vary)
        if beyond and number % WAITS:
            words.append(
                Approval(f"SIM-B{number:03d}", vary.id, APPROVED, _day(day, 8), SECOND, BODY,
                         f"模拟财评〔{day[:4]}〕{number} 号", simulated=True)
            )  # fmt: skip
    return found, words


def settlements(accounts: Iterable[Account], today: str) -> list[Variation]:
    """Return the settlement of each contract whose lot stands accepted whole: a little less than agreed."""
    found = []
    for number, one in enumerate(accounts, 1):
        last = max((since for pipe in one.book.pipes for since, _ in pipe.accepted), default="")
        day = _day(last, 30) if last else ""
        if day and day <= today and all(pipe.on(day) for pipe in one.book.pipes):
            amount = -round(one.contract.price * 0.012 / 100) * 100
            found.append(
                Variation(
                    f"SIM-S{number:03d}", one.contract.id, SETTLEMENT, amount, day,
                    "按验收工程量结算（模拟）", OFFICE, document=f"模拟结算 {number}", simulated=True,
                )
            )  # fmt: skip
    return found


def payments(accounts: Sequence[Account], given: Sequence[Fund], today: str) -> list[Payment]:
    """Return payments as the rules allow them on their days: the advance, then what is accepted."""
    spent: dict[str, list[Entry]] = {one.id: [] for one in given}
    made: list[Payment] = []
    for one in accounts:
        contract = one.contract
        paid: list[Entry] = []
        drawn: list[Entry] = []
        for step, day in enumerate(_pay_days(contract, today)):
            kind = PROGRESS if step else ADVANCE
            asked = advance_of(contract) if kind == ADVANCE else contract.price
            more = asked if kind == ADVANCE else 0
            free = room(one.book, paid, drawn, day, day, more).amount
            asked = max(0, min(asked, free)) // 100_00 * 100_00  # whole hundreds of yuan
            for fund, amount in _purses(contract, given, spent, day, asked, one.district):
                number = len(made) + 1
                pipes = tuple(p.pipe for p in one.book.pipes if p.on(day)) if kind == PROGRESS else ()
                made.append(
                    Payment(
                        f"SIM-P{number:04d}", contract.id, fund.id, kind, amount, day, pipes,
                        f"模拟凭证 {number:04d}", note="模拟数据", simulated=True,
                    )
                )  # fmt: skip
                spent[fund.id].append((day, amount))
                paid.append((day, amount))
                drawn += [(day, amount)] if kind == ADVANCE else []
    return made


def _pay_days(contract: Contract, today: str) -> list[str]:
    """Return the days of payment, the advance first; the last is yesterday: what lapsed today is overpaid."""
    first, last = _day(contract.signed, 12), _day(today, -1)
    days = [first]
    while _day(days[-1], STEP) < last:
        days.append(_day(days[-1], STEP))
    return [*(day for day in days if day < last), *([last] if first < last else [])]


def _purses(
    contract: Contract, given: Sequence[Fund], spent: dict[str, list[Entry]], day: str, asked: int, zone: str
) -> list[tuple[Fund, int]]:  # fmt: skip
    """Return which funds pay an amount: those that were promised first."""
    promised = {part.fund for part in contract.funding}
    found = []
    for fund in sorted(given, key=lambda one: one.id not in promised):
        usable = fund.district in {"", zone} and fund.date <= day and int(day[:4]) <= fund.year + 2
        left = least_left(fund.amount, spent[fund.id], day) if usable else 0
        amount = min(asked, left)
        if amount > 0:
            found.append((fund, amount))
            asked -= amount
    return found


def kept_row(made: Sequence[Contract]) -> list[RefusedRow]:
    """Return a row of a file that finance handed in and that could not be filed."""
    if not (made and made[0].funding):
        return []
    cells = (
        ("contract", made[0].number), ("fund", made[0].funding[0].fund), ("amount", "50,000"),
        ("date", "2026-02-30"), ("document", "模拟凭证 X"),
    )  # fmt: skip
    return [
        RefusedRow("R-sim", "payments", "付款台账（模拟）.xlsx", 14, cells, "error.bad-input.works-day",
                   "“2026-02-30”不是日期，请写成 2026-03-31。", "'2026-02-30' is no date. Write 2026-03-31.",
                   simulated=True)
    ]  # fmt: skip


def play_money(
    store: Store, city: str, projects: Sequence[Project], built: dict[str, str], who: str, today: str
) -> int:
    """File the money of the works of the example; return how many payments."""
    state = CityState(store.network(city))
    table = state.network.table("conduit")
    sizes = dict(zip(map(str, table.ids), table.column("height").astype(float).tolist(), strict=True))
    zones = {one.id: one.district for one in projects}
    agreed = contracts(projects, built, sizes, own_prices(store, city), today)
    given = funds(agreed, zones, today)
    agreed = with_funding(agreed, given, zones)
    varied, words = variations(agreed, today)
    with store.change(city, who=who, why="contracts (simulated)") as change:
        for kind, rows in (("fund", given), ("contract", agreed), ("variation", varied), ("approval", words),
                           ("refused_row", kept_row(agreed))):  # fmt: skip
            change.add_records(kind, rows)
    done = settlements(_accounts(store, city), today)
    with store.change(city, who=who, why="settlements (simulated)") as change:
        change.add_records("variation", done)
    paid = payments(_accounts(store, city), given, today)
    with store.change(city, who=who, why="payments (simulated)") as change:
        change.add_records("payment", paid)
    return len(paid)


def _accounts(store: Store, city: str) -> list[Account]:
    return list(accounts_of(store, CityState(store.network(city)), read_money(store, city)).values())
