"""How do a city's conduits get worse, how well is that known, and what would an order have found?"""

from typing import Any

import numpy as np

from wenqu.network.model import link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import POOR
from wenqu.services.find_chance import FindChance, find_chance
from wenqu.services.look_again import day_of
from wenqu.store.database import Store
from wenqu.survey.found_early import Lorenz, lorenz


def deterioration_answer(store: Store, state: CityState) -> dict[str, Any]:
    """Return the chain, the survival curve, calibration, and orders of inspecting side by side."""
    chance = find_chance(store, state, day_of(state))
    chain = chance.chain
    years = list(range(0, 101, 5))
    return {
        "method": chance.method(),
        "chain": {
            "name": chain.name,
            "source": chain.source,
            "inspections": chain.inspections,
            "matrix": chain.matrix.tolist(),
            "low": chain.low.tolist(),
            "high": chain.high.tolist(),
            "years": years,
            "shares": [chain.after(year).tolist() for year in years],
        },
        "survival": None if chance.curve is None else {
            "ages": chance.curve.ages.tolist(),
            "share": chance.curve.share.tolist(),
            "weibull": [float(chance.curve.bad_by(year)) for year in years],
            "shape": chance.curve.shape,
            "scale": chance.curve.scale,
            "inspections": chance.curve.inspections,
        },
        "calibration": None if chance.model is None else {
            "auc": chance.model.auc,
            "brier": chance.model.brier,
            "said": chance.model.calibration.said.tolist(),
            "seen": chance.model.calibration.seen.tolist(),
            "low": chance.model.calibration.low.tolist(),
            "high": chance.model.calibration.high.tolist(),
            "count": chance.model.calibration.count.tolist(),
        },
        "orders": _orders(state, chance),
        "simulated": state.network.city.simulated,
    }  # fmt: skip


def _orders(state: CityState, chance: FindChance) -> dict[str, dict[str, Any]]:
    """Return what each order would have found among the inspected conduits: by the trees' folds, by age."""
    seen = np.flatnonzero(chance.grade > 0)
    length = np.nan_to_num(link_lengths(state.network.table("conduit")))[seen]
    found = np.where(chance.grade[seen] >= POOR, length, 0.0)
    orders = {"age": chance.age[seen]}
    if chance.model is not None:
        orders = {"model": chance.model.chance[seen], **orders}
    return {name: _curve(lorenz(score, length, found)) for name, score in orders.items()}


def _curve(made: Lorenz) -> dict[str, Any]:
    shares = [share / 20 for share in range(21)]
    return {"inspected": shares, "found": [made.found_by(share) for share in shares], "area": made.area}
