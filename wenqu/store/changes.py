"""One transaction on a city: what it writes, or that nothing happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa

from wenqu.errors import BadInput, Refused, UnknownCity
from wenqu.network.model import Assets, City
from wenqu.network.schema import asset_type
from wenqu.progress import Progress, silent
from wenqu.store.asset_versions import AssetVersions, Counts, batches
from wenqu.store.bulk import insert_rows
from wenqu.store.files import Kept, keep_file
from wenqu.store.moments import now
from wenqu.store.network import AssetVersion, city_in, read_history
from wenqu.store.records import bodies_of
from wenqu.store.seals import seal_change
from wenqu.store.standing import read_closed, read_standing, read_there
from wenqu.store.tables import asset, block, change, city, document, record
from wenqu.store.waiting import Waiting, insert_decisions, insert_waiting, open_keys

LONGEST_CODE = 200  # bytes of a city's code as the name of a folder
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a city: who did what, when and why."""

    number: int
    at: str  # ISO time
    who: str
    why: str
    counts: dict[str, Any] = field(default_factory=dict)  # by asset type, "records", "documents", "city"


class OpenChange:
    """A change while it is being made. Everything goes through one transaction."""

    def __init__(self, connection: sa.Connection, code: str, who: str, why: str, files: Path) -> None:
        self._connection = connection
        self._files = files
        self._code = code
        self._city = _known_city(connection, code)
        self._counts: dict[str, Any] = {}
        self._told: dict[str, str] = {}
        self.number, self.at = self._begin(who, why)
        self._assets = AssetVersions(connection, code, self.number)

    def _begin(self, who: str, why: str) -> tuple[int, datetime]:
        newest = self._connection.execute(
            sa.select(sa.func.max(change.c.number), sa.func.max(change.c.at)).where(
                change.c.city == self._code
            )
        ).one()
        number, last = (newest[0] or 0) + 1, newest[1]
        at = now()
        if last is not None and at <= last:  # a clock that was set back must not disorder the history
            at = last + timedelta(microseconds=1)
        self._connection.execute(
            sa.insert(change), {"city": self._code, "number": number, "at": at, "who": who, "why": why}
        )
        return number, at

    def put_city(self, there: City) -> None:
        """Create the city or change its names and its coordinate system.

        Raises
        ------
        Refused
            A real city would become simulated or the other way round, or the coordinate system would
            change under assets that have coordinates.
        BadInput
            The city has another code than the change.
        """
        if there.code != self._code:
            raise BadInput("city-other", city=there.code, change=self._code)
        before = self._city
        if before == there:
            return
        if before is not None and before.simulated != there.simulated:
            raise Refused("city-simulated", city=there.code)
        if before is not None and before.crs not in {"", there.crs} and self._has_shapes():
            raise Refused("city-crs", city=there.code, old=before.crs, new=there.crs)
        if "city" in self._counts:
            raise Refused("city-twice", city=there.code)
        self._connection.execute(
            sa.insert(city),
            {
                "city": there.code,
                "change": self.number,
                "zh": there.zh,
                "en": there.en,
                "crs": there.crs,
                "simulated": there.simulated,
            },
        )
        self._city = there
        self._counts["city"] = "new" if before is None else "changed"

    def _has_shapes(self) -> bool:
        chosen = sa.select(asset.c.id).where(asset.c.city == self._code, asset.c.west.is_not(None)).limit(1)
        held = sa.select(block.c.id).where(block.c.city == self._code, block.c.geometry.is_not(None)).limit(1)
        return any(self._connection.execute(one).first() is not None for one in (chosen, held))

    def _known(self) -> City:
        if self._city is None:
            return city_in(self._connection, self._code)  # raises UnknownCity with the known ones
        return self._city

    def put(self, table: Assets, progress: Progress = silent) -> Counts:
        """Write assets by type and id: a new content opens a new version, an equal one does nothing.

        Raises
        ------
        Cancelled
            The progress called it off; leave the change with this error and nothing was written.
        BadInput
            An id is empty or there twice, or a value or a shape cannot be kept.
        UnknownCity
            The city was not put first.
        """
        counts = self._assets.put(table, self._known().crs, progress)
        self._count(table.type, {"new": counts.new, "changed": counts.changed, "same": counts.same})
        return counts

    def close(self, type_: str, ids: Sequence[str]) -> None:
        """End the validity of assets: they are no longer there from this change on.

        Raises
        ------
        UnknownAsset
            One of them is not there (any more).
        """
        asset_type(type_)
        self._known()
        self._count(type_, {"closed": self._assets.close(type_, ids)})

    def standing(self, type_: str, ids: Iterable[str]) -> tuple[Assets, dict[str, int]]:
        """Return some assets as nobody can change them before this change ends, and who made them last."""
        self._known()
        return read_standing(self._connection, self._code, asset_type(type_).name, ids)

    def there(self, types: Sequence[str], ids: Iterable[str]) -> dict[str, set[str]]:
        """Return by type which of the ids are there."""
        return read_there(self._connection, self._code, types, ids)

    def closed(self, ids: Iterable[str]) -> list[tuple[str, str, AssetVersion]]:
        """Return type, id and last version of the assets with these ids that are there no more."""
        return read_closed(self._connection, self._code, ids)

    def past(self, type_: str, id_: str) -> list[AssetVersion]:
        """Return every version of one asset, oldest first."""
        return read_history(self._connection, self._code, type_, id_)

    def add_records(self, kind: str, rows: Iterable[object]) -> int:
        """Add statements (frozen dataclasses) of one kind; they can never be changed. Return their number.

        Raises
        ------
        BadInput
            A statement holds a value that is not of its field's type.
        Refused
            A statement about a simulated city does not say so, or one about a real city is invented.
        """
        there = self._known()
        count = 0
        for batch in batches(rows, BATCH):
            if any(getattr(row, "simulated", there.simulated) != there.simulated for row in batch):
                raise Refused("record-simulated", city=self._code, kind=kind)
            bodies = bodies_of(kind, batch)
            here = {"city": self._code, "change": self.number}
            insert_rows(self._connection, record, [{**row, **here} for row in bodies])
            count += len(bodies)
        if count:
            kinds = self._counts.setdefault("records", {})
            kinds[kind] = kinds.get(kind, 0) + count
        return count

    def add_waiting(self, rows: Iterable[Waiting]) -> int:
        """Put rows of a delivery into the queue of those to be mended and return their number."""
        self._known()
        count = insert_waiting(self._connection, self._code, self.number, rows)
        if count:
            self._count("waiting", {"new": count})
        return count

    def decide(self, ids: Sequence[int], state: str, why: str) -> int:
        """Say what becomes of waiting rows (repaired, dismissed, confirmed, replaced, open again).

        Raises
        ------
        Unknown
            The city has no such row.
        """
        self._known()
        count = insert_decisions(
            self._connection, self._code, self.number, list(dict.fromkeys(ids)), state, why
        )
        if count:
            self._count("waiting", {state: count})
        return count

    def open_waiting(self) -> dict[tuple[str, str, str], int]:
        """Return the id of each open waiting row by (rule, type, asset)."""
        return open_keys(self._connection, self._code)

    def write_document(self, name: str, content: bytes, media: str = "application/octet-stream") -> None:
        """Write a document; the same content again makes no new version.

        Raises
        ------
        BadInput
            The name is empty.
        Refused
            This change wrote the document already, with another content.
        """
        self._check_document(name)
        self._write_document(name, Kept(keep_file(self._files, content), len(content)), media)

    def write_kept(self, name: str, kept: Kept, media: str = "application/octet-stream") -> None:
        """Write a document whose content lies in the store already (``Store.keep``)."""
        self._check_document(name)
        self._write_document(name, kept, media)

    def _check_document(self, name: str) -> None:
        self._known()
        if not name.strip() or "\0" in name:
            raise BadInput("document-name", name=name)

    def _write_document(self, name: str, kept: Kept, media: str) -> None:
        newest = (
            sa.select(document)
            .where(document.c.city == self._code, document.c.name == name)
            .order_by(document.c.change.desc())
            .limit(1)
        )
        before = self._connection.execute(newest).first()
        if before is not None and (before.sha256, before.media) == (kept.sha256, media):
            return
        if before is not None and before.change == self.number:
            raise Refused("document-twice", name=name)
        row = {"name": name, "media": media, "size": kept.size, "sha256": kept.sha256}
        insert_rows(self._connection, document, [{**row, "city": self._code, "change": self.number}])
        self._counts.setdefault("documents", {})[name] = kept.size

    def tell(self, name: str, value: str) -> None:
        """Write a word down with the counts of the change; it alone makes no change."""
        self._told[name] = value

    def _count(self, type_: str, counts: dict[str, int]) -> None:
        sums = self._counts.setdefault(type_, {})
        for name, count in counts.items():
            sums[name] = sums.get(name, 0) + count

    def complete(self) -> bool:
        """Write down what was done and return True, or False when nothing was."""
        done = {
            name: counts
            for name, counts in self._counts.items()
            if not isinstance(counts, dict) or any(count for key, count in counts.items() if key != "same")
        }
        if not done:
            return False
        self._assets.finish()
        counts = orjson.dumps({**self._told, **self._counts}).decode()
        mine = sa.and_(change.c.city == self._code, change.c.number == self.number)
        self._connection.execute(sa.update(change).where(mine).values(counts=counts))
        seal_change(self._connection, self._code, self.number)
        return True


def check_code(code: str) -> None:
    """Refuse a code that cannot name a city.

    Raises
    ------
    BadInput
        It is empty, has blanks at its ends or control characters, or is too long.
    """
    unfit = not code or code != code.strip() or not code.isprintable()
    if unfit or len(quote(code, safe="")) > LONGEST_CODE:
        raise BadInput("city-code", city=code)


def _known_city(connection: sa.Connection, code: str) -> City | None:
    try:
        return city_in(connection, code)
    except UnknownCity:
        return None
