"""Where does a problem lie, what would follow there, and under which number is it filed?"""

import hashlib
import math
from dataclasses import replace

import numpy as np

from wenqu.network.model import link_lengths
from wenqu.records.problem import Problem
from wenqu.services.city_state import CityState
from wenqu.services.consequences import Consequences
from wenqu.services.problem_rules import rules_of
from wenqu.services.sight import districts_of
from wenqu.store.database import Store
from wenqu.works.problem_severity import severity
from wenqu.works.problem_tables import kinds


def identity(kind: str, asset_type: str, asset: str, start: float = math.nan) -> str:
    """Return the id of a problem: the same asset, kind and stretch give the same."""
    where = "" if math.isnan(start) else f"{start:.0f}"
    digest = hashlib.sha256(f"{kind}|{asset_type}|{asset}|{where}".encode()).hexdigest()
    return f"P-{digest[:10]}"


class Places:
    """Where problems of a city lie: district, length, what would follow. Looked at once for all of them."""

    def __init__(self, store: Store, state: CityState) -> None:
        """Look at a city once for all its problems."""
        self.state = state
        self.simulated = state.network.city.simulated
        self.rules = rules_of(store, state.network.city.code, state.network.as_of or None)
        self.districts = {
            name: dict(zip(state.network.table(name).ids.tolist(), zones.tolist(), strict=True))
            for name, zones in districts_of(state.network).items()
        }
        table = state.network.table("conduit")
        self.row = {str(id_): row for row, id_ in enumerate(table.ids)}
        self.length = np.nan_to_num(link_lengths(table))
        self._follows = Consequences(store, state)

    def problem(
        self, kind: str, asset: str, grade: int, asset_type: str = "conduit", **facts: object
    ) -> Problem:
        """Return a problem of a whole asset."""
        level, reasons = severity(kind, self._follows.of(asset_type, asset, grade), self.rules)
        row = self.row.get(asset) if asset_type == "conduit" else None
        length = float(self.length[row]) if row is not None and kinds()[kind].counts_length else 0.0
        made = Problem(
            identity(kind, asset_type, asset), asset_type, asset, kind, "", "", level, reasons,
            length=length, district=str(self.districts.get(asset_type, {}).get(asset) or ""),
            simulated=self.simulated,
        )  # fmt: skip
        return replace(made, **facts)  # type: ignore[arg-type]
