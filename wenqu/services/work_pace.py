"""How much of a contract's works is each day good for: the calendar that the schedule counts with?"""

from collections.abc import Callable, Collection
from datetime import date

import numpy as np

from wenqu.planning.trades import Trade, trade_of
from wenqu.planning.work_days import DESK
from wenqu.records.money import Contract
from wenqu.records.project import Lot
from wenqu.services.city_state import CityState
from wenqu.services.programme_tables import rules_of
from wenqu.store.database import Store
from wenqu.works.money.payable import Pace

BUILDS = {"renewal", "new_sewer"}  # purposes whose works stand still with the weather
THOUSAND = 1000


def work_pace(
    store: Store, state: CityState, contracts: Collection[Contract]
) -> Callable[[Contract, Lot | None], Pace | None]:
    """Return what tells how much of its works each day of a contract is good for.

    Works follow the seasons of their ground (that on which most pipes of the lot are repaired), survey,
    design and supervision the working days alone.
    """
    if not contracts:
        return lambda _contract, _lot: None
    tables = rules_of(store, state)
    first = date.fromisoformat(min(one.begins for one in contracts))
    last = max(first, date.fromisoformat(max(one.ends for one in contracts)))
    repair = tables.calendar.worth(first, last, "repair")
    trench = np.minimum(repair, tables.calendar.worth(first, last, "trench"))
    paces = {
        ground: Pace(first, tuple(np.cumsum(np.rint(worth * THOUSAND).astype(np.int64)).tolist()))
        for ground, worth in (("trenchless", repair), ("trench", trench), (DESK, (repair > 0).astype(float)))
    }

    def pace(one: Contract, lot: Lot | None) -> Pace | None:
        return paces[ground_of(lot, tables.trades) if one.purpose in BUILDS else DESK]

    return pace


def ground_of(lot: Lot | None, trades: Collection[Trade]) -> str:
    """Return on which ground most pipes of a lot are worked; trenchless for a lot that nobody knows."""
    grounds = [trade_of(work.method, tuple(trades)).ground for work in lot.works] if lot else []
    return max(sorted(set(grounds)), key=grounds.count, default="trenchless")
