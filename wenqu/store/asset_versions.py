"""Which versions of assets does a change write, and which end by it?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import sqlalchemy as sa

from wenqu.errors import UnknownAsset
from wenqu.network.model import Assets
from wenqu.progress import Progress
from wenqu.store.blocks import dissolve, next_number, versions_of, write_out
from wenqu.store.bulk import insert_rows
from wenqu.store.loading import MANY, Load, load_into
from wenqu.store.packed import packed_of, sorted_by_id
from wenqu.store.rows import rows_of
from wenqu.store.tables import asset
from wenqu.store.wkb import srid_of, with_srid

BATCH = 10_000
Version = Any  # asset, id, valid_from, digest of one that is open: a row of the database, or of a block
FEW = 5_000  # up to so many assets are looked up by id, more by reading the whole type


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the assets that were put."""

    new: int = 0
    changed: int = 0
    same: int = 0


class _Sorting:
    """Which of the assets that come are new, changed or the same, and which versions end by it."""

    def __init__(self, before: Mapping[str, Version], number: int) -> None:
        self._before = before
        self._number = number
        self.new = self._changed = self._same = 0
        self._ended: list[int] = []
        self._taken_back: list[int] = []

    def is_news(self, id_: str, digest: bytes) -> bool:
        """Tell whether an asset has to be written."""
        found = self._before.get(id_)
        if found is None:
            self.new += 1
        elif bytes(found.digest) == digest:
            self._same += 1
            return False
        else:
            self._changed += 1
            (self._taken_back if found.valid_from == self._number else self._ended).append(found.id)
        return True

    def gone(self) -> tuple[list[int], list[int]]:
        """Return, once, the rows that end and those that this same change wrote before."""
        told = self._ended, self._taken_back
        self._ended, self._taken_back = [], []
        return told

    def counts(self) -> Counts:
        """Return what became of all."""
        return Counts(self.new, self._changed, self._same)


class AssetVersions:
    """The assets of a city as one change writes them."""

    def __init__(self, connection: sa.Connection, code: str, number: int) -> None:
        """Write under the number of a change."""
        self._connection = connection
        self._code = code
        self._number = number
        self._load: Load | None = None

    def put(self, table: Assets, crs: str, progress: Progress) -> Counts:
        """Write assets by type and id: a new content opens a new version, an equal one does nothing."""
        srid = srid_of(crs) if self._connection.dialect.name == "postgresql" else 0
        before = self._open_versions(table.type, [str(name) for name in table.ids.tolist()])
        progress(0.0)
        if len(table) < MANY and self._load is None:
            counts = self._put_rows(table, before, srid)
        else:
            counts = self._put_columns(table, before, srid, progress)
        progress(1.0)
        return counts

    def close(self, type_: str, ids: Sequence[str]) -> int:
        """End the validity of assets and return how many they are.

        Raises
        ------
        UnknownAsset
            One of them is not there (any more).
        """
        wanted = list(dict.fromkeys(str(name) for name in ids))
        before = self._open_versions(type_, wanted)
        gone = [name for name in wanted if name not in before]
        if gone:
            raise UnknownAsset(type=type_, id=gone[0], nearest="")
        found = [before[name] for name in wanted]
        self._end(
            [row.id for row in found if row.valid_from != self._number],
            [row.id for row in found if row.valid_from == self._number],
        )
        return len(found)

    def finish(self) -> None:
        """Write what waits to be written together."""
        if self._load is not None:
            self._load.finish()

    def _put_rows(self, table: Assets, before: Mapping[str, Version], srid: int) -> Counts:
        """Write a few assets, one by one."""
        sorting = _Sorting(before, self._number)
        for batch in batches(rows_of(table), BATCH):
            written: list[dict[str, Any]] = []
            for row in batch:
                if sorting.is_news(row["asset"], row["digest"]):
                    row["geometry"] = with_srid(row["geometry"], srid)
                    added = {"city": self._code, "type": table.type, "valid_from": self._number}
                    written.append({**row, **added})
            self._end(*sorting.gone())
            if self._connection.dialect.name == "sqlite":  # it would give numbers that blocks keep
                free = next_number(self._connection)
                written = [{"id": free + place, **row} for place, row in enumerate(written)]
            insert_rows(self._connection, asset, written)
        return sorting.counts()

    def _put_columns(
        self, table: Assets, before: Mapping[str, Version], srid: int, progress: Progress
    ) -> Counts:
        """Write many assets, a chunk of columns at a time."""
        ordered = sorted_by_id(table)
        if self._load is None:
            self._load = load_into(self._connection, len(table), srid)
        sorting = _Sorting(before, self._number)
        done = 0
        for packed in packed_of(ordered):
            done += len(packed)
            news = packed
            if before:
                pairs = zip(packed.ids.texts(), packed.digests, strict=True)
                rows = np.array([sorting.is_news(str(id_), digest) for id_, digest in pairs], dtype=bool)
                news = packed if rows.all() else packed.take(np.flatnonzero(rows))
                self._end(*sorting.gone())
            else:
                sorting.new += len(packed)
            if len(news):  # of a delivery that changes nothing of this type there is nothing to write
                self._load.write(self._code, table.type, self._number, news)
            progress(done / len(table))
        return sorting.counts()

    def _open_versions(self, type_: str, ids: Sequence[str]) -> dict[str, Version]:
        """Return asset → (id, valid_from, digest) of the versions that are valid now."""
        chosen = sa.select(asset.c.asset, asset.c.id, asset.c.valid_from, asset.c.digest).where(
            asset.c.city == self._code, asset.c.type == type_, asset.c.valid_to.is_(None)
        )
        many = len(ids) > FEW
        found: dict[str, Version] = {}
        for few in [()] if many else batches(ids, 500):
            asked = chosen if many else chosen.where(asset.c.asset.in_(few))
            found.update((row[0], row) for row in self._connection.execute(asked))
        held = versions_of(self._connection, self._code, type_, None if many else ids)
        found.update((one.asset, one) for one in held)
        return found

    def _end(self, ended: list[int], taken_back: list[int]) -> None:
        written = write_out(self._connection, ended, self._number)
        for few in batches([one for one in ended if one not in written], 1000):
            self._connection.execute(
                sa.update(asset).where(asset.c.id.in_(few)).values(valid_to=self._number)
            )
        dissolve(self._connection, taken_back)  # written earlier in this same change
        for few in batches(taken_back, 1000):
            self._connection.execute(sa.delete(asset).where(asset.c.id.in_(few)))


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield lists of so many items, the last with what is left."""
    running = iter(items)
    while batch := list(islice(running, size)):
        yield batch
