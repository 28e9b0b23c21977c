"""Where is money ahead of metres, short, idle or growing? Each warning with its facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wenqu.works.money.earned_value import planned
from wenqu.works.money.payable import Book, limit
from wenqu.works.money.rules import Rules, last_year

GRAVE, DOUBT = "grave", "doubt"
LAST_QUARTER = "-10-01"  # from here on what is left of a year's money is worth a warning
BEGUN = 0.1  # [-] of the planned value from which lateness can be told


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: code of its sentence, what it is about, and its facts. Money in yuan, lengths in m."""

    code: str  # money.warning.<code>
    weight: str
    kind: str  # contract, fund, year, lot, variation
    id: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid on a contract by a day. [fen]"""

    whole: int
    drawn: int  # as advance
    lost: tuple[str, ...] = ()  # pipes that payments name and that stand accepted no more


def contract_warnings(book: Book, paid: Paid, day: str, table: Rules) -> list[Warned]:
    """Return what is wrong with one contract on a day."""
    contract, found = book.contract, list[Warned]()
    facts: dict[str, object]
    there = limit(book, day, paid.drawn)
    name: dict[str, object] = {"contract": contract.number or contract.id}
    over = paid.whole - there.total
    if over > 0:
        facts = {
            "paid": paid.whole / 100,
            "allowed": there.total / 100,
            "over": over / 100,
            "accepted": there.accepted_mm / 1000,
            "whole": there.whole_mm / 1000,
            "days": int(table["refund_days"].value),
        }
        found.append(Warned("overpaid", GRAVE, "contract", contract.id, name | facts))
    if paid.lost:
        facts = {"count": len(paid.lost), "pipes": ", ".join(paid.lost[:5])}
        found.append(Warned("lost", GRAVE, "contract", contract.id, name | facts))
    price, ideal = there.price, planned(book, day)
    share = float(there.share)
    if price and over <= 0 and paid.whole / price - share > table["ahead"].value:
        due = ideal / contract.price if contract.price else 0.0
        if due >= paid.whole / price:  # by the agreed days the metres should be there
            facts = {"money": 100 * paid.whole / price, "metres": 100 * share, "due": 100 * due}
            found.append(Warned("ahead", DOUBT, "contract", contract.id, name | facts))
    if contract.price and ideal / contract.price > BEGUN and there.value < table["late"].value * ideal:
        facts = {"index": there.value / ideal, "least": table["late"].value, "metres": 100 * share,
                 "due": 100 * ideal / contract.price}  # fmt: skip
        found.append(Warned("late", DOUBT, "contract", contract.id, name | facts))
    grown = book.price(day) - contract.price
    if contract.price and grown / contract.price > table["growth"].value:
        facts = {"share": 100 * grown / contract.price, "more": grown / 100}
        found.append(Warned("growth", DOUBT, "contract", contract.id, name | facts))
    funded = sum(one.amount for one in contract.funding)
    if funded < book.price(day):
        facts = {"funded": funded / 100, "price": book.price(day) / 100,
                 "lacks": (book.price(day) - funded) / 100}  # fmt: skip
        found.append(Warned("unfunded", DOUBT, "contract", contract.id, name | facts))
    return found


@dataclass(frozen=True, slots=True)
class FundState:
    """What became of one fund by a day. [fen]"""

    id: str
    name: str
    source: str
    year: int
    amount: int
    paid: int
    promised: int  # to contracts


def fund_warnings(one: FundState, day: str, table: Rules) -> list[Warned]:
    """Return what is wrong with one fund on a day."""
    found = []
    left, last = one.amount - one.paid, last_year(table, one.source, one.year)
    facts = {"fund": one.name, "year": one.year, "left": left / 100, "last": last,
             "share": 100 * left / one.amount if one.amount else 0.0}  # fmt: skip
    if left > 0 and int(day[:4]) > last:
        found.append(Warned("lapsed", GRAVE, "fund", one.id, facts))
    elif one.amount and left / one.amount > table["unspent"].value and day >= f"{one.year}{LAST_QUARTER}":
        found.append(Warned("unspent", DOUBT, "fund", one.id, facts))
    if one.promised > one.amount:
        more = {"promised": one.promised / 100, "over": (one.promised - one.amount) / 100}
        found.append(Warned("overcommitted", GRAVE, "fund", one.id, facts | more))
    return found


def year_warnings(cost: Mapping[str, float], funds: Sequence[FundState]) -> list[Warned]:
    """Return the years of the programme that cost more than was set aside for them.

    Parameters
    ----------
    cost
        Of the programme by year. [yuan]
    """
    found = []
    for year, asked in sorted(cost.items()):
        there = sum(one.amount for one in funds if str(one.year) == year) / 100
        if asked > there:
            facts = {"year": year, "cost": asked, "funds": there, "lacks": asked - there}
            found.append(Warned("unfunded_year", DOUBT, "year", year, facts))
    return found
