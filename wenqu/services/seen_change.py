"""Does a change touch only what the person may change? Asked of every asset, whoever forgot to ask before."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import numpy as np

from wenqu.errors import Refused
from wenqu.network.id_join import rows_of
from wenqu.network.merging import amid
from wenqu.network.model import Assets, City, Column, Network
from wenqu.progress import Progress, silent
from wenqu.services.closed_assets import beyond_when_closed
from wenqu.services.rights import Reach
from wenqu.services.sight import (
    Mask,
    Names,
    are_districts,
    belongs_to,
    districts_of,
    ids_beyond,
    ids_within,
    names_only,
    references_of,
    within,
)
from wenqu.store.asset_versions import Counts
from wenqu.store.changes import OpenChange
from wenqu.store.files import Kept
from wenqu.store.network import AssetVersion
from wenqu.store.waiting import Waiting

DELIVERED = "deliveries/"  # reports as they came: who brings something in keeps what it came in
TOLD = "issue"  # the kind of record that says what was found in a delivery


class SeenChange(OpenChange):
    """A change by somebody who may edit a part; a method that is missing here finds no store."""

    def __init__(
        self,
        opened: OpenChange,
        networks: tuple[Network, Network],
        reaches: Sequence[Reach],
        filing: Callable[[str, bytes], bool],
        waiting: Callable[[], set[int]],
    ) -> None:
        """Watch over an open change of a city.

        Parameters
        ----------
        networks
            The city as it is now, and what of it may be seen.
        reaches
            Where shapes, and where values may be changed.
        filing
            Tells by name and content whether a document of a delivery may be kept.
        waiting
            Return the ids of the rows of the queue that are theirs to decide.
        """
        self._opened = opened
        self._before, self._seen = networks
        self._geometry, self._attributes = reaches
        self._filing = filing
        self._waiting = waiting
        self._strange: dict[str, set[str]] = {}  # by type: assets that are not theirs
        self._taken: set[str] | None = None  # asked once while a change lasts

    @property
    def number(self) -> int:  # type: ignore[override]
        """Return the number of the change."""
        return self._opened.number

    @property
    def at(self) -> datetime:  # type: ignore[override]
        """Return when it was begun."""
        return self._opened.at

    def put_city(self, there: City) -> None:
        """Refuse: a city is changed by those who may edit all of it."""
        self._refuse(there != self._before.city)

    def put(self, table: Assets, progress: Progress = silent) -> Counts:
        """Write assets that are theirs, before and after; nobody moves the border of their own district."""
        if table.type == "zone":
            self._refuse(bool(are_districts(table).any()))
            self._refuse(bool(amid(table, self._borders()).any()))
        table = self._kept_ends(table)
        after = {**self._before.tables, table.type: table}
        shape, value = self._mine(Network(self._before.city, after), table.type)
        old = self._before.table(table.type)
        place = {name: row for row, name in enumerate(old.ids.tolist())}
        rows = np.array([place.get(name, -1) for name in table.ids.tolist()], dtype=np.int64)
        there = rows >= 0
        if not there.all():  # what was said of theirs by its id alone would be said of the new one too
            new = [str(name) for name in table.ids[~there].tolist()]
            self._refuse(not self._beyond().isdisjoint(new))
            closed, edits = self._opened.closed(new), (self._geometry, self._attributes)
            self._refuse(bool(beyond_when_closed(self._before, closed, *edits)))
        if there.any():
            old_shape, old_value = self._mine(self._before, table.type)
            shape[there] &= old_shape[rows[there]]
            value[there] &= old_value[rows[there]]
        for row in np.flatnonzero(~(shape & value)).tolist():
            before = int(rows[row])
            self._refuse(before < 0 or not (shape[row] or _same_shape(table, row, old, before)))
            self._refuse(not (value[row] or _same_values(table, row, old, before)))
        return self._opened.put(table, progress)

    def _beyond(self) -> set[str]:
        """Return the ids that some asset of others carries, of whatever type."""
        if self._taken is None:
            self._taken = set().union(
                *(ids_beyond(self._before, one) for one in (self._geometry, self._attributes))
            )
        return self._taken

    def _borders(self) -> Names:
        """Return the zones that are districts: what lies in whose part hangs on them."""
        zones = self._before.table("zone")
        return zones.ids[are_districts(zones)]

    def _kept_ends(self, table: Assets) -> Assets:
        """Return a table whose blank references are as they were where they name what is not seen.

        Whoever may not see the other end of a pipe sees none; what they write must not cut the pipe off.
        """
        old = self._before.table(table.type)
        (rows,) = rows_of(old.ids, table.ids)
        kept: dict[str, Column] = {}
        for entry in references_of(table.type):
            was, now_ = old.fields.get(entry.name), table.column(entry.name)
            if was is None:
                continue
            gone = [row for row in np.flatnonzero(rows >= 0).tolist() if was[rows[row]] and not now_[row]]
            seen = {name for of in entry.of for name in self._seen.table(of).ids.tolist()} if gone else set()
            for row in gone:
                if was[rows[row]] not in seen:
                    kept.setdefault(entry.name, now_.copy())[row] = was[rows[row]]
        return table.replace(**kept) if kept else table

    def close(self, type_: str, ids: Sequence[str]) -> None:
        """Close assets that are theirs; nobody takes away the border of their own district."""
        self._refuse(type_ == "zone" and not set(self._borders().tolist()).isdisjoint(ids))
        shape, value = self._mine(self._before, type_)
        mine = set(self._before.table(type_).ids[shape & value].tolist())
        there = set(self._before.table(type_).ids.tolist())
        self._refuse(any(name in there and name not in mine for name in ids))
        self._opened.close(type_, ids)

    def add_records(self, kind: str, rows: Iterable[object]) -> int:
        """Add statements about assets that are theirs."""
        some = list(rows)
        if kind != TOLD:  # a delivery may have been found to hold what is not theirs: that is what it tells
            mine = ids_within(self._before, self._attributes)
            self._refuse(not all(names_only(row, mine) for row in some))
        return self._opened.add_records(kind, some)

    def write_document(self, name: str, content: bytes, media: str = "application/octet-stream") -> None:
        """Attach a document to an asset that is theirs."""
        mine = belongs_to(name, ids_within(self._before, self._attributes))
        self._refuse(not mine and not self._filing(name, content))
        self._opened.write_document(name, content, media)

    def write_kept(self, name: str, kept: Kept, media: str = "application/octet-stream") -> None:
        """Attach a kept content to an asset that is theirs."""
        mine = belongs_to(name, ids_within(self._before, self._attributes))
        self._refuse(not mine and not name.startswith(DELIVERED))
        self._opened.write_kept(name, kept, media)

    def standing(self, type_: str, ids: Iterable[str]) -> tuple[Assets, dict[str, int]]:
        """Return assets that are theirs as they stand."""
        some = list(ids)
        self._only_mine(type_, some)
        return self._opened.standing(type_, some)

    def there(self, types: Sequence[str], ids: Iterable[str]) -> dict[str, set[str]]:
        """Return by type which of the ids are there."""
        return self._opened.there(types, ids)

    def closed(self, ids: Iterable[str]) -> list[tuple[str, str, AssetVersion]]:  # noqa: ARG002
        """Return nothing: whose it was is asked by ``put``."""
        return []

    def past(self, type_: str, id_: str) -> list[AssetVersion]:
        """Return every version of an asset that is theirs."""
        self._only_mine(type_, [id_])
        return self._opened.past(type_, id_)

    def add_waiting(self, rows: Iterable[Waiting]) -> int:
        """Put rows into the queue that are about assets that are theirs, or not in the city yet."""
        some = list(rows)
        self._refuse(any(self._others(row.type, row.asset) for row in some if row.inside))
        return self._opened.add_waiting(some)

    def open_waiting(self) -> dict[tuple[str, str, str], int]:
        """Return the open rows of the queue that are theirs to decide."""
        mine = self._waiting()
        return {key: id_ for key, id_ in self._opened.open_waiting().items() if id_ in mine}

    def decide(self, ids: Sequence[int], state: str, why: str) -> int:
        """Decide on rows that are theirs."""
        self._refuse(not set(ids) <= self._waiting())
        return self._opened.decide(ids, state, why)

    def tell(self, name: str, value: str) -> None:
        """Write a word down with the counts of the change."""
        self._opened.tell(name, value)

    def _others(self, type_: str, id_: str) -> bool:
        """Tell whether an asset is in the city and not theirs."""
        if type_ not in self._strange:
            shape, value = self._mine(self._before, type_)
            self._strange[type_] = set(self._before.table(type_).ids[~(shape | value)].tolist())
        return id_ in self._strange[type_]

    def _only_mine(self, type_: str, ids: Sequence[str]) -> None:
        shape, value = self._mine(self._before, type_)
        others = set(self._before.table(type_).ids[~(shape | value)].tolist())
        self._refuse(not others.isdisjoint(ids))

    def _mine(self, network: Network, type_: str) -> tuple[Mask, Mask]:
        table = network.table(type_)
        districts = districts_of(network).get(type_, np.empty(0, dtype=object))
        return within(table, districts, self._geometry), within(table, districts, self._attributes)

    def _refuse(self, unfit: bool) -> None:
        if unfit:
            raise Refused("rights-part", city=self._before.city.code)


def _same_shape(table: Assets, row: int, old: Assets, before: int) -> bool:
    one, other = (some.shapes.take(np.array([at])) for some, at in ((table, row), (old, before)))
    return np.array_equal(one.coords, other.coords) and np.array_equal(one.parts, other.parts)


def _same_values(table: Assets, row: int, old: Assets, before: int) -> bool:
    return _values(table, row) == _values(old, before)


def _values(table: Assets, row: int) -> dict[str, object]:
    columns = {**table.extra, **table.fields}
    found = {name: column[row : row + 1].tolist()[0] for name, column in columns.items()}
    boolean = {name for name, column in table.fields.items() if column.dtype == np.int8}
    return {
        name: value
        for name, value in found.items()
        if value is not None and value == value and not (name in boolean and value == -1)  # noqa: PLR0124
    }
