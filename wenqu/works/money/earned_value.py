"""How does money stand against metres? Curves of what was planned, agreed, accepted and paid; two indexes.

- PV, planned value: the price at signing, spread over the agreed days from begin to end by the work that each
  is good for in the calendar of the schedule (holidays, rain season); evenly where no calendar is given. It
  does not move when the schedule is made again: a baseline that follows the delays would hide them.
- EV, earned value: the price with its variations times the accepted share of the lot, while that stands.
- AC, here the money paid: what the owner laid out, not what the contractor spent.
- Expected: what is accepted today, and the rest of each lot on the day on which the schedule has it accepted.
- SPI = EV / PV: below 1 metres come later than agreed.  MPI = EV / AC: below 1 money is ahead of metres.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from wenqu.works.money.payable import Book, Entry, weights

MOST = 360  # months of a curve


@dataclass(frozen=True, slots=True)
class Curves:
    """Sums over contracts at the end of each month. [fen]; None where the day has not come."""

    days: tuple[str, ...]
    planned: tuple[int, ...]
    contracted: tuple[int | None, ...]
    accepted: tuple[int | None, ...]
    paid: tuple[int | None, ...]
    expected: tuple[int | None, ...] = ()  # None before today, and everywhere where no schedule tells


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contract, or some of them, stand on a day. [fen]"""

    planned: int
    accepted: int
    paid: int

    @property
    def schedule(self) -> float | None:
        """Return SPI, None before anything was planned. [-]"""
        return self.accepted / self.planned if self.planned else None

    @property
    def money(self) -> float | None:
        """Return MPI, None before anything was paid. [-]"""
        return self.accepted / self.paid if self.paid > 0 else None


def planned(book: Book, day: str) -> int:
    """Return what should have been built by a day at the price of signing. [fen]"""
    contract = book.contract
    if day < contract.begins:
        return 0
    if day >= contract.ends:
        return contract.price
    begins, ends = date.fromisoformat(contract.begins), date.fromisoformat(contract.ends)
    whole = book.pace.between(begins, ends) if book.pace else 0
    if book.pace and whole:
        return contract.price * book.pace.between(begins, date.fromisoformat(day)) // whole
    return contract.price * ((date.fromisoformat(day) - begins).days + 1) // ((ends - begins).days + 1)


def accepted_steps(book: Book, today: str) -> tuple[list[str], list[int]]:
    """Return the days on which the accepted value changes, and what it is from each on. [fen]"""
    weighs, _ = weights(book.contract, book.pipes)
    whole, signed = sum(weighs), book.contract.signed
    turns = {signed, *(when for when, _ in book.changes)}
    turns |= {day for one in book.pipes for spell in one.accepted for day in spell if day}
    days = sorted(day for day in turns if signed <= day <= today)
    values = []
    for day in days:
        done = sum(weight for one, weight in zip(book.pipes, weighs, strict=True) if one.on(day))
        values.append(max(0, book.price(day)) * done // whole if whole else 0)
    return days, values


def month_ends(first: str, last: str) -> list[str]:
    """Return the last day of each month from that of one day to that of another."""
    year, month = int(first[:4]), int(first[5:7])
    found: list[str] = []
    while len(found) < MOST:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        found.append(date.fromordinal(date(year, month, 1).toordinal() - 1).isoformat())
        if found[-1] >= last:
            break
    return found


def curves(
    books: Sequence[Book], paid: Iterable[Entry], today: str, coming: Sequence[Entry] | None = None
) -> Curves:
    """Return the curves of some contracts by month; today stands among the days.

    Parameters
    ----------
    coming
        What the schedule has accepted on days to come, None where there is no schedule. [fen]
    """
    payments = sorted(paid)
    starts = [min(one.contract.signed, one.contract.begins) for one in books]
    if not starts:
        return Curves((), (), (), (), ())
    first = min(*starts, *(when for when, _ in payments[:1]), today)
    last = max(today, *(one.contract.ends for one in books), *(when for when, _ in coming or ()))
    days = sorted({*month_ends(first, last), today})
    known = [day for day in days if day <= today]
    steps = [accepted_steps(one, today) for one in books]
    agreed = [(one.contract.signed, one.contract.price) for one in books]
    agreed += [(max(when, one.contract.signed), amount) for one in books for when, amount in one.changes]
    signed, spent = _summed(agreed), _summed(payments)
    more, there = _summed(coming or ()), sum(_at(some, today) for some in steps)
    ahead: tuple[None, ...] = (None,) * (len(days) - len(known))
    return Curves(
        tuple(days),
        tuple(sum(planned(one, day) for one in books) for day in days),
        (*(_at(signed, day) for day in known), *ahead),
        (*(sum(_at(some, day) for some in steps) for day in known), *ahead),
        (*(_at(spent, day) for day in known), *ahead),
        tuple(None if coming is None or day < today else there + _at(more, day) for day in days),
    )


def _summed(entries: Iterable[Entry]) -> tuple[list[str], list[int]]:
    """Return the days of entries, and what they come to by each."""
    given = sorted(entries)
    return [day for day, _ in given], list(accumulate(amount for _, amount in given))


def _at(steps: tuple[list[str], list[int]], day: str) -> int:
    days, values = steps
    place = bisect_right(days, day)
    return values[place - 1] if place else 0
