"""Which teams has a city, and what does each do a working day?"""

from dataclasses import asdict
from typing import Any

from wenqu.records.team import Team
from wenqu.services.city_state import CityState
from wenqu.store.database import Store


def view_teams(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return every team as it was stated last with the day it was filed, those that ended last."""
    city, moment = state.network.city.code, state.network.as_of or None
    rows = store.filed(city, "team", Team, moment)
    last = {row.id: (row, filing) for row, filing in rows}
    zones = {str(name) for name in state.network.table("zone").ids}
    told = [
        {**asdict(row), "filed": filing.at[:10], "filed_by": filing.who}
        for row, filing in last.values()
        if not row.gone and (not row.district or row.district in zones)
    ]
    return sorted(told, key=lambda one: (one["rate"] == 0, one["work"], one["district"], one["id"]))
