"""How far is what the programme counts on from what comes of all that it seals together?"""

from typing import Any

import numpy as np

from wenqu.planning.migration import stays
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.plan_city import gather_evidence
from wenqu.services.plan_packages import blocks
from wenqu.services.plan_sites import sewers
from wenqu.store.database import Store
from wenqu.units import from_si


def migration_told(store: Store, state: CityState) -> dict[str, Any] | None:
    """Return what the current programme keeps out of conduits: as it counts, and coupled.

    The assumptions are those that hold now; None without a programme or where no migration is counted.

    Returns
    -------
    dict
        share (μ), blocks (sealed in part), planned_m3_per_d, coupled_m3_per_d, more (ratio - 1).
    """
    made = filed_records.programme(store, state)
    return state.once("migration told", lambda: _told(store, state)) if made else None


def _told(store: Store, state: CityState) -> dict[str, Any] | None:
    made = filed_records.programme(store, state)
    known = gather_evidence(store, state)
    share = known.assumed.migration
    if made is None or share <= 0:
        return None
    of, whole = blocks(known, sewers(known))
    place = {str(id_): int(block) for id_, block in zip(known.network.table("conduit").ids, of, strict=True)}
    rows = [
        one
        for one in made.measures
        if one.asset_type == "conduit" and one.flow_removed > 0 and place.get(one.asset, -1) >= 0
        and not one.package.startswith(("river:", "blank:"))
    ]  # fmt: skip
    package = np.array([one.package for one in rows], dtype=object)
    block = np.array([place[one.asset] for one in rows], dtype=np.int64)
    length = np.array([one.length for one in rows], dtype=np.float64)
    planned = np.array([one.flow_removed for one in rows], dtype=np.float64)
    alone = stays(package, block, length, whole, share)
    together = stays(np.full(len(rows), "all", dtype=object), block, length, whole, share)
    coupled = planned / alone * together
    total = float(planned.sum())
    return {
        "share": share,
        "blocks": len(set(block.tolist())),
        "planned_m3_per_d": from_si(total, "m³/d"),
        "coupled_m3_per_d": from_si(float(coupled.sum()), "m³/d"),
        "more": float(coupled.sum()) / total - 1.0 if total > 0 else 0.0,
    }
