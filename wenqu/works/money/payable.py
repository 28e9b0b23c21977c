"""How much may be paid on a contract on a day? As much as the accepted metres are worth, and the advance.

With V the price and its variations, s the accepted share of the lot, a the advance that was paid out, q the
share by whose acceptance it is worked off, and k the part of what is accepted that is payable:

    limit = V·s·k + a·max(0, 1 - s/q)

k is the agreed progress share before the settlement and 1 after it, less the retention while that is kept.
All sums are whole fen, rounded down; shares are exact fractions: no rounding ever pays a fen too much.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor, isfinite

from wenqu.records.money import Contract

PRICES, LENGTH = "prices", "length"  # by what the pipes of a lot are weighed
Spell = tuple[str, str]  # ISO dates from which, and before which; "" while it stands
Entry = tuple[str, int]  # ISO date, amount [fen]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LotPipe:
    """One pipe of a lot, as long as it was when it was taken into it."""

    pipe: str
    length_mm: int  # 0 where nobody knows it
    diameter: float  # [m] NaN where nobody knows it
    method: str
    accepted: tuple[Spell, ...] = ()

    def on(self, day: str) -> bool:
        """Tell whether it stood accepted on a day."""
        return any(since <= day and (not until or day < until) for since, until in self.accepted)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much work the days of a calendar are good for: holidays none, days of the rain season a part."""

    first: date
    sums: tuple[int, ...]  # [1/1000 d] of full days from the first day up to and with each

    def between(self, begin: date, last: date) -> int:
        """Return the work of the days from one to another, both counted. [1/1000 d]"""
        return self._until(last) - self._until(begin - DAY)

    def _until(self, day: date) -> int:
        place = min((day - self.first).days, len(self.sums) - 1)
        return self.sums[place] if place >= 0 else 0


@dataclass(frozen=True, slots=True)
class Book:
    """One contract with what was agreed since, and the pipes of its lot."""

    contract: Contract
    pipes: tuple[LotPipe, ...]
    changes: tuple[Entry, ...] = ()  # variations that count, the settlement among them
    settled: str = ""  # ISO date of the settlement
    pace: Pace | None = None  # how much of the works each day is good for; None: every day alike

    def price(self, day: str) -> int:
        """Return the price with the variations of a day. [fen]"""
        return self.contract.price + sum(amount for when, amount in self.changes if when <= day)


@dataclass(frozen=True, slots=True)
class Limit:
    """What may have been paid by a day, all in all."""

    day: str
    price: int  # [fen] with variations
    accepted_mm: int
    whole_mm: int
    share: Fraction
    basis: str  # PRICES or LENGTH
    value: int  # [fen] of the accepted metres
    earned: int  # [fen] payable for them
    advance: int  # [fen] of the advance that is not worked off yet
    released: bool  # the retention is due

    @property
    def total(self) -> int:
        """Return the limit. [fen]"""
        return self.earned + self.advance


def exact(share: float) -> Fraction:
    """Return a share as it was typed: 0.1 is one tenth."""
    return Fraction(str(share))


def weights(contract: Contract, pipes: Sequence[LotPipe]) -> tuple[list[int], str]:
    """Return what each pipe weighs in its lot, and by what: its price where all have one, else its length."""
    priced = []
    for one in pipes:
        fitting = [row.price for row in contract.prices if row.fits(one.method, one.diameter)]
        priced.append(fitting[0] if fitting else 0)
    if pipes and all(price > 0 or not one.length_mm for price, one in zip(priced, pipes, strict=True)):
        return [one.length_mm * price for one, price in zip(pipes, priced, strict=True)], PRICES
    return [one.length_mm for one in pipes], LENGTH


def limit(book: Book, day: str, drawn: int = 0) -> Limit:
    """Return what may have been paid on a contract by a day.

    Parameters
    ----------
    drawn
        Advance that was paid out by then. [fen]
    """
    contract = book.contract
    weighs, basis = weights(contract, book.pipes)
    stands = [one.on(day) for one in book.pipes]
    whole = sum(weighs)
    done = sum(weight for weight, there in zip(weighs, stands, strict=True) if there)
    share = Fraction(done, whole) if whole else Fraction(0)
    price = max(0, book.price(day)) if contract.signed <= day else 0
    due = released(book, day)
    part = Fraction(1) if book.settled and book.settled <= day else exact(contract.progress)
    if not due:
        part = min(part, 1 - exact(contract.retention))
    worked = min(Fraction(1), share / exact(contract.recovered)) if contract.recovered > 0 else Fraction(1)
    return Limit(
        day,
        price,
        sum(one.length_mm for one, there in zip(book.pipes, stands, strict=True) if there),
        sum(one.length_mm for one in book.pipes),
        share,
        basis,
        floor(price * share),
        floor(price * share * part),
        floor(min(drawn, advance_of(contract)) * (1 - worked)) if contract.signed <= day else 0,
        due,
    )


def advance_of(contract: Contract) -> int:
    """Return the advance that was agreed. [fen]"""
    return floor(contract.price * exact(contract.advance))


def released(book: Book, day: str) -> bool:
    """Tell whether the retention is due: all pipes stand accepted, and for as long as the defects period."""
    if not book.pipes or not all(one.on(day) for one in book.pipes):
        return False
    last = max(max(since for since, until in one.accepted if since <= day and (not until or day < until))
               for one in book.pipes)  # fmt: skip
    return days_after(last, book.contract.defect_days) <= day


def days_after(day: str, days: int) -> str:
    """Return the ISO date so many days after another."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def turning_days(book: Book, since: str, until: str) -> list[str]:
    """Return the days from one to another, both included, on which the limit may change."""
    found = {since, until, book.contract.signed, book.settled, *(when for when, _ in book.changes)}
    for one in book.pipes:
        for begins, ends in one.accepted:
            found |= {begins, ends, days_after(begins, book.contract.defect_days)}
    return sorted(day for day in found if since <= day <= until)


@dataclass(frozen=True, slots=True)
class Room:
    """How much more may be paid, and on which day that is least."""

    amount: int  # [fen]
    limit: Limit
    paid: int  # [fen] by that day


def room(
    book: Book, paid: Iterable[Entry], drawn: Iterable[Entry], day: str, today: str, more_drawn: int = 0
) -> Room:
    """Return how much more may be paid on a day: on no day since then may the sum be above its limit.

    Parameters
    ----------
    paid
        Every payment with its day, an amount that came back negative. [fen]
    drawn
        Those of them that were advances. [fen]
    more_drawn
        Advance that is asked for now. [fen]
    """
    payments, advances = list(paid), list(drawn)
    days = {*turning_days(book, day, max(day, today)), *(when for when, _ in payments if day <= when)}
    rooms = []
    for when in sorted(days):
        there = limit(book, when, more_drawn + sum(amount for at, amount in advances if at <= when))
        so_far = sum(amount for at, amount in payments if at <= when)
        rooms.append(Room(there.total - so_far, there, so_far))
    return min(rooms, key=lambda one: one.amount)


def least_left(amount: int, entries: Iterable[Entry], day: str) -> int:
    """Return what a fund can still give from a day on, without being overdrawn on any later one. [fen]"""
    given = sorted(entries)
    days = sorted({day, *(when for when, _ in given if when >= day)})
    return amount - max(sum(paid for when, paid in given if when <= at) for at in days)


def common(spells: Sequence[Sequence[Spell]]) -> tuple[Spell, ...]:
    """Return when several pipes stood accepted all at once: those that took the place of one."""
    if not spells:
        return ()
    found = list(spells[0])
    for more in spells[1:]:
        both = []
        for since, until in found:
            for begins, ends in more:
                start = max(since, begins)
                stop = min((end for end in (until, ends) if end), default="")
                if not stop or start < stop:
                    both.append((start, stop))
        found = both
    return tuple(sorted(found))


def millimetres(length: float) -> int:
    """Return a length in whole millimetres, 0 where nobody knows it."""
    return round(length * 1000) if isfinite(length) and length > 0 else 0
