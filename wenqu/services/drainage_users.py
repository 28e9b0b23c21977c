"""Which registered users drain where, and how likely is each to have let in what sensors saw?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.discharge_prior import user_factors
from wenqu.diagnosis.search_tree import SearchTree
from wenqu.services.asked_network import sources_of
from wenqu.services.city_state import CityState

Floats = npt.NDArray[np.float64]
USERS = 20.0  # times likelier on a pipe that takes a registered user than on one of the same length without
NAMED = 8  # users of one place that are named


@dataclass(frozen=True, slots=True)
class DrainageUsers:
    """The users that are connected and had not closed. U users."""

    place: npt.NDArray[np.int64]  # (U,) of the search tree
    factor: Floats  # (U,) how much likelier than a user of whom nothing is known
    rows: tuple[dict[str, Any], ...]  # (U,) id, name, trade, permit_no, needs_permit

    def prior(self, tree: SearchTree) -> Floats:
        """Return the weight of each place: its pipe's length, more where users of that kind drain in. (N,)"""
        users = np.zeros(len(tree.parent))
        np.maximum.at(users, self.place, self.factor)
        found: Floats = tree.length * (1 + USERS * users)
        return found

    def at(self, place: int) -> list[dict[str, Any]]:
        """Return the users of one place, the likeliest first, with how much likelier each is."""
        mine = np.flatnonzero(self.place == place)
        mine = mine[np.argsort(-self.factor[mine], kind="stable")][:NAMED]
        return [{**self.rows[row], "times": round(float(self.factor[row]), 2)} for row in mine.tolist()]


def drainage_users(state: CityState, quantities: Sequence[str], day: str) -> DrainageUsers:
    """Return the users of a city with their chance for what departed.

    Parameters
    ----------
    quantities
        What departed.
    day
        ISO day of the discharge: who had closed before is left out, and so is who had not opened yet.
    """
    table, sources = state.network.table("source"), sources_of(state)
    closed, opened = (_days(table.column(name)) for name in ("closed_on", "opened_on"))
    there = (sources.node >= 0) & ~((closed != "") & (closed < day)) & ~(opened > day)
    mine = np.flatnonzero(there)
    topology = state.topology
    place = topology.tin[topology.group[sources.node[mine]]].astype(np.int64)
    trades = [str(value or "") for value in table.column("trade")[mine].tolist()]
    registered = {name: table.column(name)[mine].astype(float) for name in ("cod", "nh3n")}
    rows = tuple(
        {
            "id": str(table.ids[row]), "name": str(table.column("name")[row] or ""), "trade": trade,
            "permit_no": str(table.column("permit_no")[row] or ""),
            "needs_permit": bool(table.column("needs_permit")[row]),
        }
        for row, trade in zip(mine.tolist(), trades, strict=True)
    )  # fmt: skip
    return DrainageUsers(place, user_factors(trades, registered, quantities), rows)


def _days(values: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    return np.array(["" if value is None else str(value)[:10] for value in values.tolist()], dtype=str)
