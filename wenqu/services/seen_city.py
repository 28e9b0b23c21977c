"""How does a person's question reach only what the person may see? A store and its states, cut to them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from wenqu.errors import Refused
from wenqu.network.geometry import bounds
from wenqu.network.model import City, Network
from wenqu.network.staging import with_edits
from wenqu.series.model import Series
from wenqu.services.city_grid import PRIVATE
from wenqu.services.city_state import Cities, CityState
from wenqu.services.closed_assets import with_closed
from wenqu.services.part_import import brings_all, may_file, strange_rows
from wenqu.services.rights import EDIT, EVERYWHERE, Person, allows, demand, demand_any_read, reach
from wenqu.services.seen_change import SeenChange
from wenqu.services.seen_rows import seen_rows
from wenqu.services.sight import (
    Sight,
    belongs_to,
    ids_within,
    known_fields,
    names_only,
    references_of,
    seen,
    sight_of,
)
from wenqu.services.strange_names import every_id, without_strangers
from wenqu.services.waiting_rows import edit_from
from wenqu.store.changes import Change, OpenChange
from wenqu.store.database import Store
from wenqu.store.documents import DocumentInfo
from wenqu.store.files import Kept
from wenqu.store.keys import Key as Secret
from wenqu.store.moments import Moment
from wenqu.store.network import AssetVersion, Box
from wenqu.store.news import News
from wenqu.store.pulls import Pull
from wenqu.store.records import Filing
from wenqu.store.seals import Chain
from wenqu.store.series import Conflict, SeriesInfo, WriteCounts
from wenqu.store.standing import Touched
from wenqu.store.unnamed import Unnamed
from wenqu.store.views import Views
from wenqu.store.waiting import Sought, Waiting

Statement = TypeVar("Statement")
INSIDE = (*EDIT, "import", "share", "administer")  # who may none of these only reads
FROZEN_LISTS = "figures/lists/"  # documents: the pipes that a percentage is a share of
OFFICIAL = "official/"  # documents: drafts and issued versions, opened through their register only
TABLES_OF_ASSETS = frozenset({"posterior.parquet"})  # documents: a row for each asset, so it can be cut
OF_NO_ASSET = frozenset({"frozen", "programme_table"})  # kinds that tell totals of a city and name no asset
WRITING = ("edit_geometry", "edit_attributes", "import", "administer")


class SeenCities(Cities):
    """The cities as one person may see them. States are shared by all who see the same."""

    def __init__(self, root: Cities, person: Person) -> None:
        """See the cities with the eyes of a person."""
        self.root = root
        self.person = person
        self.store = SeenStore(root.store, person, self)
        self._hidden: dict[str, frozenset[str]] = {}  # asked once while a request lasts

    def sight(self, city: str) -> Sight:
        """Return what the person may see: registers that the city withholds are not for mere readers."""
        found = sight_of(self.person, city)
        if any(allows(self.person, action, city) for action in INSIDE):
            return found
        if city not in self._hidden:
            self._hidden[city] = self.root.store.accounts.withheld(city)
        return replace(found, hidden=self._hidden[city])

    @property
    def whole(self) -> Cities:
        """Return the cities as they are, for what has to be judged in the whole of one."""
        return self.root

    def state(self, city: str, as_of: str = "") -> CityState:
        """Return what the person may see of a city.

        Raises
        ------
        Refused
            The person may read nothing of the city, or there is none that the person may know of.
        """
        demand_any_read(self.person, city)
        sight = self.sight(city)
        whole = self.root.state(city, as_of)
        if sight.whole:
            return whole
        return whole.once(_name(sight), lambda: CityState(seen(whole.network, sight)))

    def at_hand(self, city: str, as_of: str = "") -> CityState | None:
        """Return what the person may see of a city where that takes no time.

        Raises
        ------
        Refused
            The person may read nothing of the city, or there is none that the person may know of.
        """
        demand_any_read(self.person, city)
        sight = self.sight(city)
        whole = self.root.at_hand(city, as_of)
        if whole is None or sight.whole:
            return whole
        part: CityState | None = whole.made(_name(sight))
        return part


def _name(sight: Sight) -> str:
    return f"seen {sight.geometry} {sight.attributes} {sorted(sight.hidden)}"


class SeenStore(Store):
    """A store as one person may see it. A method that is not here is not allowed: it finds no engine."""

    def __init__(self, store: Store, person: Person, cities: SeenCities) -> None:
        """Cut a store to what a person may see."""
        granted = {grant.city for grant in person.grants}
        self._store = store if EVERYWHERE in granted else store.narrowed(sorted(granted))
        self._person = person
        self._cities = cities

    def _sight(self, code: str) -> Sight:
        demand_any_read(self._person, code)
        return self._cities.sight(code)

    def _ids(self, code: str, as_of: Moment | None = None) -> set[str]:
        """Return the ids of the assets whose values the person may read."""
        sight = self._sight(code)
        whole = self._cities.root.state(code, "" if as_of is None else str(as_of))
        where, hidden = sight.attributes, sight.hidden
        return whole.once(f"ids {where} {sorted(hidden)}", lambda: ids_within(whole.network, where, hidden))

    @property
    def person(self) -> Person:
        """Return who reads."""
        return self._person

    @property
    def whole(self) -> Store:
        """Return the store as it is, for a service that asks of each row whether it may be seen."""
        return self._store

    @property
    def views(self) -> Views:
        """Return the views that accounts kept: whose they are, the service sees to."""
        return self._store.views

    def narrowed(self, cities: Iterable[str]) -> Store:  # noqa: ARG002 - it cannot get any wider
        """Return this store: it is as narrow as the person's grants."""
        return self

    def verify(self) -> list[Chain]:
        """Refuse: a proof speaks of every city."""
        raise Refused("rights-part", city="*")

    def unnamed(self, age: float = 0.0) -> list[Unnamed]:  # noqa: ARG002 - it is Store's
        """Refuse: a file without a name may be anybody's."""
        raise Refused("rights-part", city="*")

    def drop_draft(self, one: Unnamed) -> None:  # noqa: ARG002 - it is Store's
        """Refuse, as to list them."""
        raise Refused("rights-part", city="*")

    def close(self) -> None:
        """Do nothing: the store is everybody's."""

    def cities(self) -> list[City]:
        """Return the cities of which the person may see something."""
        return [city for city in self._store.cities() if sight_of(self._person, city.code)]

    def city(self, code: str) -> City:
        """Return one city."""
        self._sight(code)
        return self._store.city(code)

    def version(self, code: str) -> int:
        """Return the number of the last change of a city."""
        self._sight(code)
        return self._store.version(code)

    def network(
        self,
        code: str,
        as_of: Moment | None = None,
        types: Sequence[str] | None = None,
        box: Box | None = None,
    ) -> Network:
        """Return the assets that the person may see."""
        if self._sight(code).whole:
            return self._store.network(code, as_of, types, box)
        found = self._cities.state(code, "" if as_of is None else str(as_of)).network
        tables = {name: table for name, table in found.tables.items() if types is None or name in types}
        if box is not None:
            tables = {name: table.take(_in_box(bounds(table.shapes), box)) for name, table in tables.items()}
        return replace(found, tables={name: table for name, table in tables.items() if len(table)})

    def doubted(self, code: str, type_: str) -> set[str]:
        """Return which assets, of those whose values the person may read, a row waits about."""
        whole, found = self._sight(code).whole, self._store.doubted(code, type_)
        return found if whole or not found else found & self._ids(code)

    def news(self, code: str, since: int, most: int) -> News | None:  # noqa: ARG002 - it is Store's
        """Return nothing: what is seen is cut from the whole, which is brought up to date before."""
        self._sight(code)
        return None

    def changes(self, code: str, limit: int = 100, as_of: Moment | None = None) -> list[Change]:
        """Return the last changes; none to those who see a part, for a reason may name any asset."""
        return self._store.changes(code, limit, as_of) if self._sight(code).whole else []

    def history(self, code: str, type: str, id: str) -> list[AssetVersion]:  # noqa: A002
        """Return the versions of an asset that is seen."""
        sight = self._sight(code)
        if sight.whole:
            return self._store.history(code, type, id)
        network = self._cities.state(code).network
        if id not in set(network.table(type).ids.tolist()):
            return []
        values = id in self._ids(code)
        shape = len(network.table(type).shapes.of(network.row(type, id))) > 0
        there = {of: set(network.table(of).ids.tolist()) for ref in references_of(type) for of in ref.of}
        return [
            replace(
                entry,
                fields=known_fields(type, entry.fields, there) if values else {},
                extra=entry.extra if values else {},
                wkb=entry.wkb if shape else None,
            )
            for entry in self._store.history(code, type, id)
        ]

    def closed(self, code: str, ids: Iterable[str]) -> list[tuple[str, str, AssetVersion]]:  # noqa: ARG002
        """Return nothing: what was theirs is told by ``touched``."""
        self._sight(code)
        return []

    def touched(self, code: str, number: int) -> list[Touched]:
        """Return what one change did to assets that are seen."""
        found = self._store.touched(code, number) if self._sight(code) else []
        if self._sight(code).whole:
            return found
        mine = self._ids(code) | self._gone(code, found)
        return [entry for entry in found if entry.id in mine]

    def _gone(self, code: str, touched: Sequence[Touched]) -> set[str]:
        """Return the ids, of assets that are there no more, that were theirs while they were there."""
        sight, now_ = self._sight(code), self._cities.root.state(code).network
        back = [
            (one.type, one.id, version)
            for one in touched
            if (version := one.after or one.before) and now_.known_row(one.type, one.id) is None
        ]
        return ids_within(with_closed(now_, back), sight.attributes, sight.hidden) if back else set()

    def count_touched(self, code: str, number: int) -> int:
        """Return how many assets one change touched, theirs or not: so that half of it is known as half."""
        return self._store.count_touched(code, number) if self._sight(code) else 0

    def note_pull(self, code: str, pull: Pull) -> None:
        """Write down that the person took something that is seen."""
        self._sight(code)
        self._store.note_pull(code, pull)

    def pulls(self, code: str) -> list[Pull]:
        """Return who took what: to those who share the city."""
        demand(self._person, "share", code)
        return self._store.pulls(code)

    def make_gis_views(self, code: str, reader: str = "") -> list[str]:
        """Make the views of a city, for those who share it."""
        demand(self._person, "share", code)
        return self._store.make_gis_views(code, reader)

    def _mine(self, code: str, rows: Sequence[Waiting]) -> list[Waiting]:
        """Return the rows about assets that are seen, that the person brought, or may let in."""
        if all(row.inside for row in rows) or not allows(self._person, "import", code):
            return [row for row in rows if row.inside and row.asset in self._ids(code)]
        edits = {row.id: edit_from(row.body.get("edit")) for row in rows if not row.inside}
        before = self._cities.root.state(code).network
        ours: dict[str, set[str]] = {}
        for edit in filter(None, edits.values()):
            ours.setdefault(edit.type, set()).add(edit.id)
        whole = with_edits(before, list({(e.type, e.id): e for e in filter(None, edits.values())}.values()))
        finding = strange_rows(self._person, before, lambda some: self._store.closed(code, some))
        strange = {(one.type, one.asset) for one in finding(whole, ours)}
        mine = self._ids(code)
        return [
            row
            for row in rows
            if (
                row.asset in mine
                if row.inside
                else row.brought_by == self._person.account
                or ((one := edits[row.id]) is not None and (one.type, one.id) not in strange)
            )
        ]

    def waiting(
        self, code: str, sought: Sought | None = None, first: int = 0, most: int | None = None
    ) -> list[Waiting]:
        """Return rows that wait about assets that are seen."""
        if self._sight(code).whole:
            return self._store.waiting(code, sought, first, most)
        mine = self._mine(code, self._store.waiting(code, sought))
        return mine[first : None if most is None else first + most]

    def count_waiting(self, code: str, sought: Sought | None = None) -> list[tuple[str, str, bool, int]]:
        """Return rule, weight, whether inside, and number of the waiting rows that are seen."""
        if self._sight(code).whole:
            return self._store.count_waiting(code, sought)
        found = Counter((row.rule, row.weight, row.inside) for row in self.waiting(code, sought))
        return [(*kind, count) for kind, count in sorted(found.items())]

    def decided_in(self, code: str, number: int) -> list[int]:
        """Return the waiting rows that one change decided on and that are seen."""
        every = self._store.decided_in(code, number)
        if self._sight(code).whole:
            return every
        mine = {row.id for row in self.waiting(code, Sought(state="", ids=tuple(every)))}
        return [id_ for id_ in every if id_ in mine]

    def confirmed(self, code: str) -> list[tuple[str, str, str]]:
        """Return the confirmed findings about assets that are seen."""
        every = self._store.confirmed(code)
        if self._sight(code).whole:
            return every
        mine = self._ids(code)
        return [entry for entry in every if entry[2] in mine]

    @contextmanager
    def change(self, code: str, *, who: str, why: str) -> Iterator[OpenChange]:
        """Open a change; what is not theirs is refused when it is put."""
        if not any(allows(self._person, action, code) for action in WRITING):
            demand(self._person, "edit_attributes", code)
        with self._store.change(code, who=who, why=why) as opened:
            edits = [reach(self._person, action, code) for action in EDIT]
            if all(one.whole for one in edits):
                yield opened
            else:
                network = self._cities.root.state(code).network
                seen = self._cities.state(code).network
                yield SeenChange(opened, (network, seen), edits, self._filing(code), self._waiting_ids(code))

    def _waiting_ids(self, code: str) -> Callable[[], set[int]]:
        return lambda: {row.id for row in self.waiting(code, Sought(state=""))}

    def _filing(self, code: str) -> Callable[[str, bytes], bool]:
        """Return what tells whether a document of a delivery may be kept."""
        brings = allows(self._person, "import", code)

        def may(name: str, content: bytes) -> bool:
            return brings and may_file(self._person, name, content, self._store.document(code, name))

        return may

    def records(
        self,
        code: str,
        kind: str,
        cls: type[Statement],
        as_of: Moment | None = None,
        last_run: bool = False,
        of: Collection[str] | None = None,
    ) -> list[Statement]:
        """Return the statements about assets that are seen; those who see the whole city see all.

        Of other assets that such a statement was made from, no name is told.
        """
        rows = self._store.records(code, kind, cls, as_of, last_run, of)
        if self._sight(code).whole:
            return rows
        mine = self._ids(code, as_of)
        if kind in OF_NO_ASSET:
            every = self.every_id(code)
            return [without_strangers(row, mine, every) for row in rows]
        return self._told(code, rows, mine)

    def _told(self, code: str, rows: Iterable[Statement], mine: set[str]) -> list[Statement]:
        """Return the statements about assets that are theirs, without names of others."""
        every = self.every_id(code)
        return [without_strangers(row, mine, every) for row in rows if names_only(row, mine)]

    def every_id(self, code: str) -> frozenset[str]:
        """Return the ids of all assets of a city, for a service that blanks those that are not seen."""
        whole = self._cities.root.state(code)
        return whole.once("every id", lambda: every_id(whole.network))

    def filed(
        self, code: str, kind: str, cls: type[Statement], as_of: Moment | None = None
    ) -> list[tuple[Statement, Filing]]:
        """Return the statements that are seen with the change that filed each."""
        rows = self._store.filed(code, kind, cls, as_of)
        if self._sight(code).whole:
            return rows
        mine = self._ids(code, as_of)
        theirs = [row for row in rows if names_only(row[0], mine)]
        told = self._told(code, (row[0] for row in theirs), mine)
        return [(one, filing) for one, (_, filing) in zip(told, theirs, strict=True)]

    def sees_all(self, code: str) -> bool:
        """Tell whether the person may see all of a city."""
        return self._sight(code).whole

    def frozen_list(self, code: str, name: str) -> bytes | None:
        """Return the list behind a percentage: a district's share is a part of it."""
        self._sight(code)
        return self._store.document(code, name) if name.startswith(FROZEN_LISTS) else None

    def rows_of_assets(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return the rows of the assets whose values the person may read."""
        whole, content = self._sight(code).whole, self._store.rows_of_assets(code, name, as_of)
        if content is None or whole:
            return content
        return seen_rows(content, self._ids(code, as_of)) if name in TABLES_OF_ASSETS else None

    def secret(self, name: str, make: Callable[[], Secret]) -> Secret:  # noqa: ARG002 - it is Store's
        """Refuse: what a store signs with is asked for by those who decided that somebody may sign."""
        raise Refused("rights-part", city="*")

    def document(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return a document to those who see the whole city, or the asset that it belongs to."""
        return self._store.document(code, name, as_of) if self._may_open(code, name) else None

    def document_path(self, code: str, name: str) -> Path | None:
        """Return where a document lies, to those who may open it."""
        return self._store.document_path(code, name) if self._may_open(code, name) else None

    def keep(self, code: str, path: Path, *, ours: bool = False, digest: str = "") -> Kept:
        """Keep a content for those who may bring something in."""
        demand(self._person, "import", code)
        return self._store.keep(code, path, ours=ours, digest=digest)

    def documents(self, code: str, name: str | None = None) -> list[DocumentInfo]:
        """Return the documents that the person may open."""
        if name is not None and not self._may_open(code, name):
            return []
        return [entry for entry in self._store.documents(code, name) if self._may_open(code, entry.name)]

    def _may_open(self, code: str, name: str) -> bool:
        if name.startswith(PRIVATE):
            return reach(self._person, "import", code).whole
        if name.startswith(OFFICIAL):
            return False
        if self._sight(code).whole:
            return True
        return belongs_to(name, self._ids(code))

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


def _in_box(boxes: np.ndarray, box: Box) -> np.ndarray:
    west, south, east, north = box
    return (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)


def store_for(store: Store, person: Person, code: str) -> Store:
    """Return a store as somebody sees it who may bring in a part of a city; it itself for all of it."""
    return store if brings_all(person, code) else SeenCities(Cities(store), person).store
