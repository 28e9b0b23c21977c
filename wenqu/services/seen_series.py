"""Which readings may a person see, and write?"""

from collections.abc import Sequence

import numpy as np

from wenqu.errors import Refused
from wenqu.series.model import Series
from wenqu.services.rights import demand, reach
from wenqu.services.seen_part import SeenPart
from wenqu.store.moments import Moment
from wenqu.store.series import Conflict, SeriesInfo, WriteCounts


class SeenSeries(SeenPart):
    """Readings, cut to the assets that a person may see."""

    def write_series(self, code: str, rows: Sequence[Series]) -> WriteCounts:
        """Add readings of assets that are theirs."""
        self._may_fill(code, rows)
        return self._store.write_series(code, rows)

    def write_flags(self, code: str, rows: Sequence[Series], keep_manual: bool = True) -> int:
        """Set the flags of readings of assets that are theirs."""
        self._may_fill(code, rows)
        return self._store.write_flags(code, rows, keep_manual)

    def _may_fill(self, code: str, rows: Sequence[Series]) -> None:
        demand(self._person, "import", code)
        if reach(self._person, "import", code).whole:
            return
        mine = self._ids(code)
        if any(row.asset not in mine for row in rows):
            raise Refused("rights-part", city=code)

    def read_series(
        self,
        code: str,
        asset: str,
        quantity: str,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Series:
        """Return readings at an asset that is seen; an empty series otherwise."""
        found = self.read_many(code, quantity, [asset], since, until)
        nothing = np.empty(0, dtype="datetime64[s]")
        simulated = self.city(code).simulated
        return found.get(asset) or Series(
            asset, quantity, nothing, np.empty(0), np.empty(0, np.uint8), simulated
        )

    def read_many(
        self,
        code: str,
        quantity: str,
        assets: Sequence[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> dict[str, Series]:
        """Return readings at the assets that are seen."""
        if not self._sight(code).whole:
            mine = self._ids(code)
            assets = sorted(mine) if assets is None else [name for name in assets if name in mine]
        return self._store.read_many(code, quantity, assets, since, until)

    def series_index(self, code: str) -> list[SeriesInfo]:
        """Return what readings there are at the assets that are seen."""
        found = self._store.series_index(code) if self._sight(code) else []
        if self._sight(code).whole:
            return found
        mine = self._ids(code)
        return [entry for entry in found if entry.asset in mine]

    def conflicts(self, code: str) -> list[Conflict]:
        """Return the doubly given readings at the assets that are seen."""
        if self._sight(code).whole:
            return self._store.conflicts(code)
        mine = self._ids(code)
        return [entry for entry in self._store.conflicts(code) if entry.asset in mine]
