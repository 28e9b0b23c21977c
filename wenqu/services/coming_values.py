"""What does the schedule have accepted on days to come, of contracts that run, in money?"""

from collections.abc import Sequence

from wenqu.errors import BadInput, NotEnoughData
from wenqu.services.city_state import CityState
from wenqu.services.lot_schedule import lot_schedule
from wenqu.services.money_ledger import Account
from wenqu.store.database import Store
from wenqu.works.money.payable import Entry, limit


def coming_values(
    store: Store, state: CityState, accounts: Sequence[Account], day: str
) -> list[Entry] | None:
    """Return what is still to be accepted of each contract, on the day on which the schedule has its lot so.

    None where there is no schedule, or none of the contracts stands in it; a lot that the schedule does not
    know (it is done, or its works are in no programme) brings nothing. [fen]
    """
    try:
        made = lot_schedule(store, state)
    except (NotEnoughData, BadInput):
        return None
    found: list[Entry] = []
    for one in accounts:
        lot = f"{one.contract.project}/{one.contract.lot}"
        if lot not in made.planned.tasks:
            continue
        there = limit(one.book, day, one.drawn_by(day))
        when = made.ground.days.day(made.planned.accepted(lot) - 1).isoformat()
        if when > day and there.price > there.value:
            found.append((when, there.price - there.value))
    return found or None
