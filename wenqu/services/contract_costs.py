"""What do the pipes of a lot cost by its contract, with the variations that count?"""

from collections.abc import Mapping, Sequence

import numpy as np

from wenqu.network.model import link_lengths
from wenqu.records.money import Contract
from wenqu.services.city_state import CityState
from wenqu.services.money_ledger import kept_accounts
from wenqu.services.replan_asked import lot_name
from wenqu.services.standing_works import StandingPipe
from wenqu.store.database import Store
from wenqu.works.money.payable import weights

WORKS = frozenset({"renewal", "new_sewer"})  # purposes that pay for the works themselves
LAST = "9999-12-31"  # every variation that counts, whatever its day
FEN = 0.01  # [yuan]


def contract_costs(store: Store, state: CityState, pipes: Sequence[StandingPipe]) -> dict[str, float]:
    """Return what each standing pipe costs by the contracts of its lot. [yuan]

    The price with its variations is split as payments are: by the unit prices of the contract where each pipe
    has one, else by length. What took the place of one pipe shares its part by length. A pipe of a lot
    without a contract, or whose length nobody knows, is left out.

    Parameters
    ----------
    pipes
        Pipes whose works stand.
    """
    parts: dict[tuple[str, str], float] = {}
    for account in kept_accounts(store, state).values():
        contract: Contract = account.contract
        if contract.purpose not in WORKS or account.lot is None:
            continue
        shares, _ = weights(contract, account.book.pipes)
        whole = sum(shares)
        price = max(0, account.book.price(LAST)) * FEN
        name = lot_name(contract.project, contract.lot)
        for pipe, share in zip(account.book.pipes, shares, strict=True):
            if share > 0:
                key = name, pipe.pipe
                parts[key] = parts.get(key, 0.0) + price * share / whole
    return dict(_spread(state, pipes, parts)) if parts else {}


def _spread(
    state: CityState, pipes: Sequence[StandingPipe], parts: Mapping[tuple[str, str], float]
) -> list[tuple[str, float]]:
    table = state.network.table("conduit")
    long = dict(zip(map(str, table.ids.tolist()), link_lengths(table).tolist(), strict=True))
    sizes = [max(float(np.nan_to_num(long.get(one.asset, 0.0))), 1e-3) for one in pipes]
    sums: dict[tuple[str, str], float] = {}
    for one, size in zip(pipes, sizes, strict=True):
        key = one.lot, one.planned
        sums[key] = sums.get(key, 0.0) + size
    return [
        (one.asset, parts[one.lot, one.planned] * size / sums[one.lot, one.planned])
        for one, size in zip(pipes, sizes, strict=True)
        if (one.lot, one.planned) in parts
    ]
