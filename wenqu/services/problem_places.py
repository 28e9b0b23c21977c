"""What would follow where an asset lies, and under which number is a problem there filed?"""

import hashlib
import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.network.model import link_lengths
from wenqu.network.traces import upstream
from wenqu.records.problem import Problem
from wenqu.services.city_state import CityState
from wenqu.services.sight import districts_of
from wenqu.works.problem_severity import Consequence, severity
from wenqu.works.problem_tables import kinds


def identity(kind: str, asset_type: str, asset: str, start: float = math.nan) -> str:
    """Return the id of a problem: the same asset, kind and stretch give the same."""
    where = "" if math.isnan(start) else f"{start:.0f}"
    digest = hashlib.sha256(f"{kind}|{asset_type}|{asset}|{where}".encode()).hexdigest()
    return f"P-{digest[:10]}"


class Places:
    """What would follow where an asset lies: importance, sewage that runs through, district, length."""

    def __init__(self, state: CityState) -> None:
        """Look at a city once for all its problems."""
        self.state = state
        self.simulated = state.network.city.simulated
        self.districts = {
            name: dict(zip(state.network.table(name).ids.tolist(), zones.tolist(), strict=True))
            for name, zones in districts_of(state.network).items()
        }
        table = state.network.table("conduit")
        self.row = {str(id_): row for row, id_ in enumerate(table.ids)}
        self.importance = table.column("importance")
        self.length = np.nan_to_num(link_lengths(table))
        self.load = _load(state)

    def of(self, conduit: str, grade: int = 0) -> Consequence:
        """Return what would follow at a conduit."""
        row = self.row.get(conduit)
        if row is None:
            return Consequence(grade)
        return Consequence(
            grade, str(self.importance[row] or ""), self.load.of(conduit) if self.load else None
        )

    def problem(self, kind: str, conduit: str, grade: int, **facts: object) -> Problem:
        """Return a problem of a whole conduit."""
        level, reasons = severity(kind, self.of(conduit, grade))
        row = self.row.get(conduit)
        length = float(self.length[row]) if row is not None and kinds()[kind].counts_length else 0.0
        made = Problem(
            identity(kind, "conduit", conduit), "conduit", conduit, kind, "", "", level, reasons,
            length=length, district=str(self.districts.get("conduit", {}).get(conduit) or ""),
            simulated=self.simulated,
        )  # fmt: skip
        return replace(made, **facts)  # type: ignore[arg-type]


def _load(state: CityState) -> "_Shares | None":
    """Return the share of all sewage that runs through each conduit; None where no use of water is filed."""
    topology, sources = state.topology, state.network.table("source")
    node = {str(id_): row for row, id_ in enumerate(topology.node_ids)}
    sewage = np.zeros(len(node))
    ratio = np.nan_to_num(np.asarray(sources.column("return_ratio"), np.float64), nan=0.85)
    water = np.nan_to_num(np.asarray(sources.column("water_use"), np.float64)) * ratio
    for flow, at in zip(water, sources.column("connects_to"), strict=True):
        if at in node:
            sewage[node[at]] += flow
    if sewage.sum() <= 0:
        return None
    return _Shares(state, sewage / sewage.sum())


class _Shares:
    """Shares by conduit, reckoned when asked for: problems are few, conduits many."""

    def __init__(self, state: CityState, share: npt.NDArray[np.float64]) -> None:
        self._topology, self._share = state.topology, share
        chosen = np.flatnonzero(state.topology.link_type == "conduit")
        self._link = {str(state.topology.link_ids[row]): row for row in chosen}

    def of(self, conduit: str) -> float | None:
        """Return the share of the sewage above the upper end of a conduit. [-]"""
        link = self._link.get(conduit)
        if link is None or self._topology.link_from[link] < 0:
            return None
        return float(self._share[upstream(self._topology, int(self._topology.link_from[link])).nodes].sum())
