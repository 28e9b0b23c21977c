"""Which works were stated, proved and accepted? Read once for each state of a city."""

from dataclasses import dataclass, field, replace
from typing import Any

from wenqu.records.acceptance import (
    ACCEPTED,
    Acceptance,
    AsBuilt,
    ClosedWaterTest,
    HiddenWork,
    MaterialSample,
)
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.services.city_state import CityState
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.successors import heirs, replaced_by

KINDS: dict[str, type] = {
    "project": Project,
    "material": MaterialSample,
    "hidden": HiddenWork,
    "closed_water": ClosedWaterTest,
    "as_built": AsBuilt,
    "acceptance": Acceptance,
}
Place = tuple[Project, Lot, PipeWork]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Everything that was filed about works, in the order in which it was filed."""

    projects: dict[str, Project] = field(default_factory=dict)  # the last statement of each
    material: tuple[MaterialSample, ...] = ()
    hidden: tuple[HiddenWork, ...] = ()
    closed_water: tuple[ClosedWaterTest, ...] = ()
    as_built: tuple[AsBuilt, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    filed: dict[tuple[str, str], Filing] = field(default_factory=dict)  # kind, id → first filing

    @property
    def after(self) -> dict[str, tuple[str, ...]]:
        """Return which pipes took the place of each pipe."""
        return replaced_by((one.asset, one.replaces) for one in self.as_built)

    @property
    def accepted(self) -> dict[str, Acceptance]:
        """Return the acceptance of each pipe that stands."""
        last = {one.asset: one for one in self.acceptances}
        return {asset: one for asset, one in last.items() if one.verdict == ACCEPTED}

    def places(self) -> dict[str, Place]:
        """Return by pipe as it lies now the work in whose lot it is; the last statement stands."""
        after = self.after
        return {
            heir: (project, lot, work)
            for project in self.projects.values()
            for lot in project.lots
            for work in lot.works
            for heir in heirs(work.conduit, after)
        }

    def built(self, asset: str) -> AsBuilt | None:
        """Return how a pipe was built last."""
        return next((one for one in reversed(self.as_built) if one.asset == asset), None)


def read_ledger(store: Store, city: str, as_of: str | None = None) -> Ledger:
    """Return the works of a city as they had been filed by a moment."""
    rows: dict[str, list[tuple[Any, Filing]]] = {
        kind: store.filed(city, kind, cls, as_of) for kind, cls in KINDS.items()
    }
    filed: dict[tuple[str, str], Filing] = {}
    for kind, some in rows.items():
        for row, filing in some:
            filed.setdefault((kind, row.id), filing)
    made = {kind: tuple(row for row, _ in some) for kind, some in rows.items()}
    return Ledger(
        {row.id: row for row in made["project"]},
        made["material"],
        made["hidden"],
        made["closed_water"],
        made["as_built"],
        made["acceptance"],
        filed,
    )


def stated_by(ledger: Ledger, day: str) -> Ledger:
    """Return a ledger without the proofs, works and words that are stated for a later ISO day."""
    return replace(
        ledger,
        material=tuple(one for one in ledger.material if one.date[:10] <= day),
        hidden=tuple(one for one in ledger.hidden if one.date[:10] <= day),
        closed_water=tuple(one for one in ledger.closed_water if one.date[:10] <= day),
        as_built=tuple(one for one in ledger.as_built if one.date[:10] <= day),
        acceptances=tuple(one for one in ledger.acceptances if one.date[:10] <= day),
    )


def works_ledger(store: Store, state: CityState) -> Ledger:
    """Return the works of a city as of its state, read once for it."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once(f"works {store.sees_all(city)}", lambda: read_ledger(store, city, moment))
